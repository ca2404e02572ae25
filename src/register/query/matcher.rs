//! Whether rows fulfil a filter, one after the other: for lists that are too short to be asked by columns.
//!
//! A filter may lead from record to record and back again, level by level, and the ways double with each. So a condition meets a
//! record once and remembers what it found; and one that has followed [`LINKS`] links is asked of its whole table, by columns.
//! The work grows with the conditions and the tables, never with the ways through them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use super::Row;
use super::bits::Bits;
use super::filter::{Filter, Quantifier};
use super::rows::{Rows, row};
use super::schema::Link;
use super::select::linked_rows;
use super::table::Table;
use crate::model::{Key, View};
use crate::register::{Node, Register};
use crate::work;

/// So many links of one condition are followed one by one.
pub const LINKS: usize = 1_000;

type HashOf<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// Rows of a table, and which of them fulfil a condition.
struct LinkedRows {
    rows: Arc<Rows>,
    bits: Bits,
}

/// A filter on rows of one register, with what it has met so far.
pub struct Matcher<'r> {
    pub(super) filter: Arc<Filter>,
    pub(super) register: &'r Register,
    links: usize,
    /// Whether a record fulfils the condition at the end of a link.
    met: RefCell<HashOf<(*const Filter, *const Node), bool>>,
    /// How many links each condition has followed.
    followed: RefCell<HashOf<*const Filter, usize>>,
    /// The conditions that have followed too many: which rows of their own table fulfil them.
    told: RefCell<HashOf<*const Filter, Arc<LinkedRows>>>,
}

impl<'r> Matcher<'r> {
    /// A filter that has met nothing yet.
    pub fn new(filter: &Arc<Filter>, register: &'r Register) -> Self {
        Self::following(filter, register, LINKS)
    }

    /// The same, that follows so many links of one condition one by one.
    pub(super) fn following(filter: &Arc<Filter>, register: &'r Register, links: usize) -> Self {
        Self {
            links,
            filter: Arc::clone(filter),
            register,
            met: RefCell::default(),
            followed: RefCell::default(),
            told: RefCell::default(),
        }
    }

    /// Whether a row fulfils the filter. A record must be one of the register.
    pub fn matches(&self, row: Row<'_>) -> bool {
        work::step(1);
        self.fulfils(&self.filter, row)
    }

    /// Whether a record fulfils a part of the filter.
    pub(super) fn matches_part(&self, filter: &Filter, node: &Node) -> bool {
        self.fulfils(filter, Row::Node(node))
    }

    fn fulfils(&self, filter: &Filter, row: Row<'_>) -> bool {
        match filter {
            Filter::All(filters) => filters.iter().all(|filter| self.fulfils(filter, row)),
            Filter::Any(filters) => filters.iter().any(|filter| self.fulfils(filter, row)),
            Filter::Not(filter) => !self.fulfils(filter, row),
            Filter::Linked { path, link: Link::Inner(index, kind), how, filter } => {
                let target = match row.get(&[path.as_slice(), &[*index]].concat()) {
                    View::Text(key) => Key::parse(&key).ok().and_then(|key| self.register.get(*kind, &key)),
                    _ => None,
                };
                how.holds(target, |node| self.meets(filter, node))
            }
            Filter::Linked { link: Link::To(_) | Link::From(_), .. } => match row {
                Row::Node(node) => self.follow(filter, node),
                Row::Value(_) => false,
            },
            own => own.of_itself(row).unwrap_or_default(),
        }
    }

    /// Whether a record fulfils the condition at the end of a link.
    fn meets(&self, filter: &Filter, node: &Node) -> bool {
        let pair = (std::ptr::from_ref(filter), std::ptr::from_ref(node));
        if let Some(known) = self.met.borrow().get(&pair) {
            return *known;
        }
        let found = self.fulfils(filter, Row::Node(node));
        self.met.borrow_mut().insert(pair, found);
        found
    }

    /// Whether some, every or none of the records that one is related to fulfil a condition.
    fn follow(&self, linked: &Filter, node: &Node) -> bool {
        let Filter::Linked { path, link, how, filter } = linked else { return false };
        if let Some(told) = self.told(linked, node) {
            return told;
        }
        let mut targets = Vec::new();
        let targets: &[Arc<Node>] = match link {
            Link::From(relation) => self.register.sources(relation, &node.key),
            Link::To(relation) => {
                relation.for_each_target(&node.record, |key| {
                    targets.extend(self.register.get(relation.target, &key).cloned());
                });
                &targets
            }
            Link::Inner(..) => &[],
        };
        for target in targets {
            work::step(8);
            if self.count(linked) > self.links {
                let table = Table::new(self.register, node.kind());
                let told =
                    LinkedRows { rows: table.rows(), bits: linked_rows(path, *link, *how, filter, table).bits() };
                self.told.borrow_mut().insert(std::ptr::from_ref(linked), Arc::new(told));
                return self.told(linked, node).unwrap_or_default();
            }
            match (how, self.meets(filter, target)) {
                (Quantifier::Some, true) => return true,
                (Quantifier::Every, false) | (Quantifier::None, true) => return false,
                _ => {}
            }
        }
        *how != Quantifier::Some
    }

    /// How many links the condition has followed, with this one.
    fn count(&self, linked: &Filter) -> usize {
        let mut followed = self.followed.borrow_mut();
        let count = followed.entry(std::ptr::from_ref(linked)).or_default();
        *count += 1;
        *count
    }

    /// Whether a record fulfils a condition that was asked of the whole table; none when it was not.
    fn told(&self, linked: &Filter, node: &Node) -> Option<bool> {
        let told = self.told.borrow().get(&std::ptr::from_ref(linked)).cloned()?;
        let at = told.rows.0.binary_search_by(|other| other.cmp_place(node)).ok();
        Some(at.is_some_and(|at| told.bits.has(row(at))))
    }

    /// How often a condition met a record, or followed a link: the work that was done.
    #[cfg(test)]
    pub fn work(&self) -> usize {
        self.met.borrow().len() + self.followed.borrow().values().sum::<usize>()
    }
}
