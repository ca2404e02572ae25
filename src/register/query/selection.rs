//! What is asked of a large table: the rows chosen, their order, and pages of them.

use std::ops::Range;
use std::sync::Arc;

use super::bits::Bits;
use super::columnar::Columnar;
use super::filter::Filter;
use super::matcher::Matcher;
use super::order::Order;
use super::ranked::Ranked;
use super::rows::{Listed, Rows, row};
use super::select::{Chosen, select, span};
use super::sorted::Sorted;
use super::table::Table;
use crate::model::{Key, Kind};
use crate::register::relation::Relation;
use crate::register::{OrderKey, Register};
use crate::work;

/// The rows chosen, and their order.
pub struct Selection<L = Rows> {
    /// The rows of the table.
    pub rows: Arc<L>,
    chosen: Chosen<L>,
    count: usize,
    sorted: Option<Arc<Sorted<L>>>,
    /// Between which places in the order all that are chosen stand.
    span: Range<u32>,
    /// By what they are chosen, in the order, where they stand anywhere in it.
    ranked: Option<Arc<Ranked>>,
}

/// A part of a selection.
pub struct Part {
    /// The rows.
    pub rows: Vec<u32>,
    /// Whether more follow in the whole list.
    pub has_next: bool,
    /// Whether more stand before them.
    pub has_previous: bool,
}

impl Selection {
    /// Chooses among the records of a kind, or among those that refer to one, and orders them.
    pub fn new(
        register: &Register,
        kind: Kind,
        of: Option<(&'static Relation, &Key)>,
        filter: Option<&Arc<Filter>>,
        order: &Order,
    ) -> Self {
        let table = Table::new(register, kind);
        let rows = table.rows();
        let named = filter.and_then(|filter| named(filter, table, &rows));
        let by_columns = if named.is_none() { filter.map(|filter| &**filter) } else { None };
        let found = named.map(Chosen::These).or_else(|| Some(select(by_columns?, table)));
        let chosen = match (found, of) {
            (None, None) => Chosen::All(rows.count()),
            (None, Some(of)) => Chosen::These(referring(of, table, &rows)),
            (Some(found), None) => found,
            (Some(found), Some(of)) => Chosen::These(found.bits().and(&referring(of, table, &rows))),
        };
        Self::of(table, chosen, by_columns, order)
    }

    /// The row of a record, when it is chosen.
    pub fn find(&self, place: &OrderKey) -> Option<u32> {
        let found = self.rows.0.binary_search_by(|node| node.cmp_to(place)).ok().map(row)?;
        self.chosen.has(found).then_some(found)
    }
}

impl<L: Listed> Selection<L> {
    /// Chooses among the rows of a list by columns, those only that are in a part of it if one is given, and orders them.
    pub fn among<'r>(
        list: impl Columnar<'r, List = L>,
        part: Option<&Bits>,
        filter: Option<&Filter>,
        order: &Order,
    ) -> Self {
        let chosen = match (filter, part) {
            (None, None) => Chosen::All(list.list().count()),
            (None, Some(part)) => Chosen::These(part.clone()),
            (Some(filter), None) => select(filter, list),
            (Some(filter), Some(part)) => Chosen::These(select(filter, list).bits().and(part)),
        };
        Self::of(list, chosen, filter, order)
    }

    fn of<'r>(list: impl Columnar<'r, List = L>, chosen: Chosen<L>, filter: Option<&Filter>, order: &Order) -> Self {
        let rows = list.list();
        let count = chosen.len();
        let whole = 0..row(rows.count());
        if order.0.is_empty() {
            return Self { rows, chosen, count, sorted: None, span: whole, ranked: None };
        }
        let sorted = list.sorted(order);
        let span = filter.map_or(whole.clone(), |filter| span(filter, order, list));
        let ranked = match &chosen {
            Chosen::Passing(passing) if span == whole => Some(passing.ranked(list, order, &sorted)),
            _ => None,
        };
        Self { rows, chosen, count, sorted: Some(sorted), span, ranked }
    }

    /// Whether a row is chosen.
    pub fn has(&self, at: u32) -> bool {
        (at as usize) < self.rows.count() && self.chosen.has(at)
    }

    /// How many rows are chosen.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The rows chosen, in the table's own order.
    pub fn chosen(&self) -> Vec<u32> {
        match &self.chosen {
            Chosen::All(count) => (0..row(*count)).collect(),
            Chosen::Passing(passing) => passing.bits().rows().collect(),
            Chosen::These(bits) => bits.rows().collect(),
        }
    }

    fn rank(&self, at: u32) -> u32 {
        self.sorted.as_ref().map_or(at, |sorted| sorted.ranks[at as usize])
    }

    fn at(&self, rank: u32) -> u32 {
        self.sorted.as_ref().map_or(rank, |sorted| sorted.rows[rank as usize])
    }

    /// The part strictly between two rows: the first or the last so many of it.
    pub fn part(&self, after: Option<u32>, before: Option<u32>, size: usize, from_end: bool) -> Part {
        /// Of a table that has more rows than so many for each that is chosen, these are put in order; else all are gone
        /// through in order.
        const SPARSE: usize = 32;
        let Range { start: low, end: high } = self.span.clone();
        let start = after.map_or(low, |after| self.rank(after) + 1).clamp(low, high.max(low));
        let stop = before.map_or(high, |before| self.rank(before)).clamp(start, high.max(start));
        if self.count.saturating_mul(SPARSE) < (high.saturating_sub(low)) as usize {
            return self.sparse(start, stop, size, from_end);
        }
        let ranks = self.pick(start..stop, size, from_end);
        // At worst all were looked at.
        let span = ranks.first().zip(ranks.last()).map_or(0, |(first, last)| last.abs_diff(*first));
        let looked_at = if ranks.len() < size { stop - start } else { span };
        work::step(u64::from(looked_at) / 8 + 10 * ranks.len() as u64);
        // A part of nothing stands somewhere too: where it would begin, or end.
        let nothing = if from_end { stop } else { start };
        let (first, next) =
            ranks.first().zip(ranks.last()).map_or((nothing, nothing), |(first, last)| (*first, last + 1));
        Part {
            has_next: !self.pick(next..high, 1, false).is_empty(),
            has_previous: !self.pick(low..first, 1, true).is_empty(),
            rows: ranks.into_iter().map(|rank| self.at(rank)).collect(),
        }
    }

    /// The first or the last so many of the chosen among these ranks, in order.
    fn pick(&self, ranks: Range<u32>, size: usize, from_end: bool) -> Vec<u32> {
        match (&self.chosen, &self.ranked) {
            (Chosen::All(_), _) => self.pick_by(ranks, size, from_end, |_| true),
            (Chosen::Passing(passing), Some(ranked)) => {
                ranked.pick(ranks, size, from_end, |codes| passing.among(codes))
            }
            (Chosen::Passing(passing), None) => self.pick_by(ranks, size, from_end, |at| passing.has(at)),
            (Chosen::These(bits), _) => self.pick_by(ranks, size, from_end, |at| bits.has(at)),
        }
    }

    /// The same where that tells which are chosen: a loop for each way, as a million ranks may have to be looked at.
    fn pick_by(&self, ranks: Range<u32>, size: usize, from_end: bool, has: impl Fn(u32) -> bool) -> Vec<u32> {
        if ranks.is_empty() {
            return Vec::new();
        }
        let Some(sorted) = &self.sorted else { return first_of(ranks.clone().zip(ranks), size, from_end, has) };
        let rows = &sorted.rows[ranks.start as usize..ranks.end as usize];
        first_of(ranks.zip(rows.iter().copied()), size, from_end, has)
    }

    /// The same where few rows are chosen; from one rank to another. Only those of the part are put in order.
    fn sparse(&self, start: u32, stop: u32, size: usize, from_end: bool) -> Part {
        work::step(self.count as u64 / 2);
        let mut ranks: Vec<u32> = self.chosen().into_iter().map(|at| self.rank(at)).collect();
        let all = ranks.len();
        let earlier = ranks.iter().filter(|rank| **rank < start).count();
        ranks.retain(|rank| (start..stop).contains(rank));
        let left_out = ranks.len().saturating_sub(size);
        let (before, after) = if from_end { (earlier + left_out, 0) } else { (earlier, left_out) };
        if left_out > 0 && from_end {
            ranks.select_nth_unstable(left_out);
            ranks.drain(..left_out);
        } else if left_out > 0 {
            ranks.select_nth_unstable(size);
            ranks.truncate(size);
        }
        ranks.sort_unstable();
        let later = all - before - after - ranks.len();
        Part {
            has_next: after + later > 0,
            has_previous: before > 0,
            rows: ranks.into_iter().map(|rank| self.at(rank)).collect(),
        }
    }
}

/// The first or the last so many ranks of whose rows this holds, in order.
fn first_of(
    ranked: impl DoubleEndedIterator<Item = (u32, u32)> + ExactSizeIterator,
    size: usize,
    from_end: bool,
    has: impl Fn(u32) -> bool,
) -> Vec<u32> {
    let chosen = |(rank, at): (u32, u32)| has(at).then_some(rank);
    if !from_end {
        return ranked.filter_map(chosen).take(size).collect();
    }
    let mut ranks: Vec<u32> = ranked.rev().filter_map(chosen).take(size).collect();
    ranks.reverse();
    ranks
}

/// The rows that fulfil a condition, where that names records by key, or leads to such: then it begins there.
fn named(filter: &Arc<Filter>, table: Table<'_>, rows: &Rows) -> Option<Bits> {
    let matcher = Matcher::new(filter, table.register);
    let mut found = Bits::none(rows.0.len());
    for node in matcher.found(table.kind)? {
        found.set(rows.0.binary_search_by(|other| other.cmp_place(node)).ok().map(row)?);
    }
    Some(found)
}

/// The rows that refer to a record.
fn referring((relation, key): (&'static Relation, &Key), table: Table<'_>, rows: &Rows) -> Bits {
    let mut found = Bits::none(rows.0.len());
    for node in table.register.sources(relation, key) {
        if let Ok(at) = rows.0.binary_search_by(|other| other.cmp_place(node)) {
            found.set(row(at));
        }
    }
    found
}
