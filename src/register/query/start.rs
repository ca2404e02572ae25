//! Where a condition begins: at the records that it names by their keys, or that those lead to. So a list that is asked for what
//! belongs to one record looks at that record's own, however long it is.

use std::sync::Arc;

use super::KEY;
use super::filter::{Filter, Quantifier};
use super::matcher::Matcher;
use super::predicate::{Predicate, Scalar};
use super::schema::{Leaf, Link};
use crate::model::{Key, Kind};
use crate::register::Node;
use crate::register::relation::Relation;
use crate::work;

/// So many records are looked at one by one; or of a longer list one of so many.
const LOOKED_THROUGH: usize = 1_000;
const ONE_OF: usize = 128;

type Nodes<'r> = Vec<&'r Arc<Node>>;

impl<'r> Matcher<'r> {
    /// All records of a kind that fulfil the filter, in their default order, where it begins at records that it names; none when
    /// it does not, or when too many would have to be looked at.
    pub fn found(&self, kind: Kind) -> Option<Nodes<'r>> {
        let mut found = self.begin(&self.filter, kind)?;
        found.sort_by(|a, b| a.cmp_place(b));
        Some(found)
    }

    fn begin(&self, filter: &Filter, kind: Kind) -> Option<Nodes<'r>> {
        let most = LOOKED_THROUGH.max(self.register.count(kind) / ONE_OF);
        let mut found = match filter {
            Filter::All(filters) => {
                let begun = filters.iter().enumerate().filter_map(|(at, filter)| Some((at, self.begin(filter, kind)?)));
                let (first, mut found) = begun.min_by_key(|(_, found)| found.len())?;
                let others = || filters.iter().enumerate().filter(|(at, _)| *at != first);
                found.retain(|node| others().all(|(_, filter)| self.matches_part(filter, node)));
                found
            }
            Filter::Any(filters) => {
                let found: Option<Vec<_>> = filters.iter().map(|filter| self.begin(filter, kind)).collect();
                once(found?.concat())
            }
            Filter::Leaf { path, leaf: Leaf::Key, predicate: Predicate::In(keys) } => match path.as_slice() {
                [KEY] => keys.iter().filter_map(key).filter_map(|key| self.register.get(kind, &key)).collect(),
                [field] if kind.info().fields[*field].name == "key" => {
                    keys.iter().filter_map(key).filter_map(|key| self.register.get(kind, &key)).collect()
                }
                [field] => self.referring(relation(kind, *field)?, keys, most)?,
                _ => return None,
            },
            Filter::Leaves { path, how: Quantifier::Some, predicates } => {
                match (path.as_slice(), predicates.as_slice()) {
                    ([field], [Predicate::In(keys)]) => once(self.referring(relation(kind, *field)?, keys, most)?),
                    _ => return None,
                }
            }
            Filter::Linked { link: Link::To(relation), how: Quantifier::Some, filter, .. } => {
                let mut found = Vec::new();
                for target in self.begin(filter, relation.target)? {
                    found.extend(self.register.sources(relation, &target.key));
                    within(found.len(), most)?;
                }
                if relation.many { once(found) } else { found }
            }
            Filter::Linked { link: Link::From(relation), how: Quantifier::Some, filter, .. } => {
                let mut found = Vec::new();
                for source in self.begin(filter, relation.source)? {
                    relation.for_each_target(&source.record, |key| found.extend(self.register.get(kind, &key)));
                }
                once(found)
            }
            Filter::Linked { .. }
            | Filter::Leaf { .. }
            | Filter::Leaves { .. }
            | Filter::Not(_)
            | Filter::Absent(..) => {
                return None;
            }
        };
        work::step(found.len() as u64);
        within(found.len(), most)?;
        found.shrink_to_fit();
        Some(found)
    }

    fn referring(&self, relation: &Relation, keys: &[Scalar], most: usize) -> Option<Nodes<'r>> {
        let mut found = Vec::new();
        for key in keys.iter().filter_map(key) {
            found.extend(self.register.sources(relation, &key));
            within(found.len(), most)?;
        }
        Some(found)
    }
}

fn within(found: usize, most: usize) -> Option<()> {
    (found <= most).then_some(())
}

fn key(scalar: &Scalar) -> Option<Key> {
    match scalar {
        Scalar::Exact(text) => Key::parse(text).ok(),
        _ => None,
    }
}

/// The relation of a field that leads to records of one kind.
fn relation(kind: Kind, field: usize) -> Option<&'static Relation> {
    Relation::of(kind).find(|relation| relation.field == field && relation.by_kind.is_none())
}

/// Each record once.
fn once(mut nodes: Nodes<'_>) -> Nodes<'_> {
    nodes.sort_by_key(|node| Arc::as_ptr(node));
    nodes.dedup_by_key(|node| Arc::as_ptr(node));
    nodes
}
