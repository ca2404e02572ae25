//! Which rows of a large table fulfil a condition, told by columns.

use std::ops::Range;

use super::bits::Bits;
use super::columnar::Columnar;
use super::filter::{Filter, Quantifier};
use super::order::Order;
use super::passing::Passing;
use super::rows::{Listed, Rows, row};
use super::schema::{FieldPath, Link};
use super::table::{Table, ways_of_a_key};
use crate::register::cache::Name;
use crate::register::relation::Relation;
use crate::work;

/// Rows that are chosen.
pub enum Chosen<L = Rows> {
    /// All, which are so many.
    All(usize),
    /// Those that one column tells, without a look at each row.
    Passing(Passing<L>),
    /// These.
    These(Bits),
}

impl<L: Listed> Chosen<L> {
    /// Whether a row is chosen.
    pub fn has(&self, at: u32) -> bool {
        match self {
            Self::All(count) => (at as usize) < *count,
            Self::Passing(passing) => passing.has(at),
            Self::These(bits) => bits.has(at),
        }
    }

    /// Whether none is chosen.
    fn is_empty(&self) -> bool {
        match self {
            Self::All(count) => *count == 0,
            Self::Passing(passing) => passing.is_empty(),
            Self::These(bits) => bits.is_empty(),
        }
    }

    /// How many are chosen.
    #[expect(clippy::len_without_is_empty, reason = "nobody else asks whether none is")]
    pub fn len(&self) -> usize {
        match self {
            Self::All(count) => *count,
            Self::Passing(passing) => passing.len(),
            Self::These(bits) => bits.len(),
        }
    }

    /// The rows as a set.
    pub fn bits(self) -> Bits {
        match self {
            Self::All(count) => Bits::none(count).not(),
            Self::Passing(passing) => passing.bits(),
            Self::These(bits) => bits,
        }
    }

    /// The rows that are chosen here and there.
    fn and(self, other: Self) -> Self {
        /// Where a set has fewer rows than one of so many, these are looked up one by one.
        const SPARSE: usize = 32;
        match (self, other) {
            (Self::All(_), it) | (it, Self::All(_)) => it,
            (Self::These(bits), Self::Passing(passing)) | (Self::Passing(passing), Self::These(bits))
                if bits.len() * SPARSE < bits.count() =>
            {
                Self::These(bits.filtered(|at| passing.has(at)))
            }
            (one, other) => Self::These(one.bits().and(&other.bits())),
        }
    }
}

/// The rows that fulfil a condition.
pub fn select<'r, C: Columnar<'r>>(filter: &Filter, list: C) -> Chosen<C::List> {
    let rows = list.list();
    let count = rows.count();
    let found = match filter {
        Filter::All(filters) => {
            // What one column tells takes the least, and may leave nothing for the others to find.
            let (columns, rest): (Vec<_>, Vec<_>) =
                filters.iter().partition(|filter| matches!(filter, Filter::Leaf { .. }));
            return columns.into_iter().chain(rest).fold(Chosen::All(count), |found, filter| {
                if found.is_empty() { found } else { found.and(select(filter, list)) }
            });
        }
        Filter::Leaf { path, leaf, predicate } => {
            let passing = Passing::of(&FieldPath { path: path.clone(), leaf: *leaf }, predicate, list);
            return if passing.is_all() { Chosen::All(count) } else { Chosen::Passing(passing) };
        }
        Filter::Any(filters) => {
            filters.iter().fold(Bits::none(count), |found, filter| found.or(&select(filter, list).bits()))
        }
        Filter::Not(filter) => select(filter, list).bits().not(),
        Filter::Linked { path, link, how, filter } => return linked_rows(path, *link, *how, filter, list),
        // Lists of plain values are short, and seldom asked about.
        Filter::Leaves { .. } | Filter::Absent(..) => Bits::of(count, |at| {
            work::step(2);
            filter.of_itself(rows.row(at)).unwrap_or_default()
        }),
    };
    Chosen::These(found)
}

/// Between which places in an order all rows stand that fulfil a condition, as far as a part of it tells that is about what comes first in
/// the order.
pub fn span<'r, C: Columnar<'r>>(filter: &Filter, order: &Order, list: C) -> Range<u32> {
    let whole = 0..row(list.list().count());
    let Some(by) = order.0.first() else { return whole };
    let parts = if let Filter::All(parts) = filter { parts.as_slice() } else { std::slice::from_ref(filter) };
    let spans = parts.iter().filter_map(|part| match part {
        Filter::Leaf { path, leaf, predicate } if *path == by.place.path => {
            let place = FieldPath { path: path.clone(), leaf: *leaf };
            Passing::<C::List>::of(&place, predicate, list).span(by.direction)
        }
        _ => None,
    });
    spans.fold(whole, |all, span| all.start.max(span.start)..all.end.min(span.end))
}

/// Where so many rows lead to each of another table, they are told and counted by what they lead to.
const MANY_TO_ONE: usize = if cfg!(test) { 1 } else { 4 };

/// The rows of whose related records some, every or none fulfil a condition.
pub(super) fn linked_rows<'r, C: Columnar<'r>>(
    path: &[usize],
    link: Link,
    how: Quantifier,
    filter: &Filter,
    list: C,
) -> Chosen<C::List> {
    let count = list.list().count();
    let far = Table::new(list.register(), link.kind());
    let found = select(filter, far).bits();
    let (links, name) = match link {
        Link::From(relation) => {
            return Chosen::These(match how {
                Quantifier::Some => reached(relation, far, &found, count),
                Quantifier::Every => reached(relation, far, &found.not(), count).not(),
                Quantifier::None => reached(relation, far, &found, count).not(),
            });
        }
        Link::To(relation) => (list.related(relation), Name::Links(list.stamp(), far.stamp(), relation.number)),
        Link::Inner(index, kind) => {
            let path = [path, &[index]].concat();
            (Some(ways_of_a_key(list, &path, kind)), Name::Inner(list.stamp(), far.stamp(), path))
        }
    };
    // What has no relations is related to nothing.
    let Some(links) = links else { return Chosen::These(Bits::of(count, |_| how.holds([], |(): ()| true))) };
    if links.single().is_some() && found.count() < count / MANY_TO_ONE {
        let found = if how == Quantifier::None { found.not() } else { found };
        return Chosen::Passing(Passing::leading(links, name, found, how != Quantifier::Some));
    }
    Chosen::These(Bits::of(count, |at| how.holds(links.of(at), |target| found.has(*target))))
}

/// The rows to which those that are found lead.
fn reached(relation: &'static Relation, far: Table<'_>, found: &Bits, count: usize) -> Bits {
    let links = far.links(relation);
    let mut reached = Bits::none(count);
    for at in found.rows() {
        let targets = links.of(at);
        work::step(targets.len() as u64 / 8);
        targets.iter().for_each(|target| reached.set(*target));
    }
    reached
}
