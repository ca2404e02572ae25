//! What is asked of a large table: the rows chosen, their order, and pages of them.

use std::sync::Arc;

use super::bits::Bits;
use super::columnar::Columnar;
use super::filter::Filter;
use super::matcher::Matcher;
use super::order::Order;
use super::rows::{Listed, Rows, row};
use super::schema::FieldPath as Field;
use super::select::{Passing, select};
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
}

/// Which rows are chosen.
enum Chosen<L> {
    All,
    /// Told by one column, without looking at each row.
    Passing(Passing<L>),
    These(Bits),
}

impl<L: Listed> Chosen<L> {
    /// Those that fulfil a condition.
    fn by_columns<'r>(filter: &Filter, list: impl Columnar<'r, List = L>) -> Self {
        match filter {
            Filter::Leaf { path, leaf, predicate } => {
                Self::Passing(Passing::of(&Field { path: path.clone(), leaf: *leaf }, predicate, list))
            }
            filter => Self::These(select(filter, list)),
        }
    }

    fn has(&self, at: u32) -> bool {
        match self {
            Self::All => true,
            Self::Passing(passing) => passing.has(at),
            Self::These(bits) => bits.has(at),
        }
    }
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
        let chosen = match (filter, of) {
            (None, None) => Chosen::All,
            (None, Some(of)) => Chosen::These(referring(of, table, &rows)),
            (Some(filter), of) => match (named(filter, table, &rows), of) {
                (Some(named), None) => Chosen::These(named),
                (Some(named), Some(of)) => Chosen::These(named.and(&referring(of, table, &rows))),
                (None, Some(of)) => Chosen::These(select(filter, table).and(&referring(of, table, &rows))),
                (None, None) => Chosen::by_columns(filter, table),
            },
        };
        Self::of(table, chosen, order)
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
            (None, None) => Chosen::All,
            (None, Some(part)) => Chosen::These(part.clone()),
            (Some(filter), None) => Chosen::by_columns(filter, list),
            (Some(filter), Some(part)) => Chosen::These(select(filter, list).and(part)),
        };
        Self::of(list, chosen, order)
    }

    fn of<'r>(list: impl Columnar<'r, List = L>, chosen: Chosen<L>, order: &Order) -> Self {
        let rows = list.list();
        let count = match &chosen {
            Chosen::All => rows.count(),
            Chosen::Passing(passing) => passing.len(),
            Chosen::These(bits) => bits.len(),
        };
        let sorted = (!order.0.is_empty()).then(|| list.sorted(order));
        Self { rows, chosen, count, sorted }
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
            Chosen::These(bits) => bits.rows().collect(),
            chosen => {
                work::step(self.rows.count() as u64 / 64);
                (0..row(self.rows.count())).filter(|at| chosen.has(*at)).collect()
            }
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
        let end = row(self.rows.count());
        let start = after.map_or(0, |after| self.rank(after) + 1);
        let stop = before.map_or(end, |before| self.rank(before)).max(start);
        if self.count.saturating_mul(SPARSE) < self.rows.count() {
            return self.sparse(start, stop, size, from_end);
        }
        let chosen = |rank: &u32| self.chosen.has(self.at(*rank));
        let mut ranks: Vec<u32> = if from_end {
            (start..stop).rev().filter(chosen).take(size).collect()
        } else {
            (start..stop).filter(chosen).take(size).collect()
        };
        if from_end {
            ranks.reverse();
        }
        // At worst all were looked at.
        let span = ranks.first().zip(ranks.last()).map_or(0, |(first, last)| last.abs_diff(*first));
        let looked_at = if ranks.len() < size { stop - start } else { span };
        work::step(u64::from(looked_at) / 8 + 10 * ranks.len() as u64);
        // A part of nothing stands somewhere too: where it would begin, or end.
        let nothing = if from_end { stop } else { start };
        let (first, next) =
            ranks.first().zip(ranks.last()).map_or((nothing, nothing), |(first, last)| (*first, last + 1));
        Part {
            has_next: (next..end).any(|rank| chosen(&rank)),
            has_previous: (0..first).rev().any(|rank| chosen(&rank)),
            rows: ranks.into_iter().map(|rank| self.at(rank)).collect(),
        }
    }

    /// The same where few rows are chosen; from one rank to another.
    fn sparse(&self, start: u32, stop: u32, size: usize, from_end: bool) -> Part {
        let mut ranks: Vec<u32> = self.chosen().into_iter().map(|at| self.rank(at)).collect();
        ranks.sort_unstable();
        let (start, stop) = (ranks.partition_point(|rank| *rank < start), ranks.partition_point(|rank| *rank < stop));
        let (first, next) = if from_end {
            (start.max(stop.saturating_sub(size)), stop)
        } else {
            (start, stop.min(start.saturating_add(size)))
        };
        Part {
            has_next: next < ranks.len(),
            has_previous: first > 0,
            rows: ranks[first..next].iter().map(|rank| self.at(*rank)).collect(),
        }
    }
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
