//! Which rows of a large table fulfil a condition, told by columns; and pages of them.

use std::sync::Arc;

use super::Row;
use super::column::{NONE, Rows, Sorted, Table, row};
use super::filter::{Filter, Quantifier};
use super::order::{NaturalText, Order, SortKey};
use super::shape::{Leaf, Link, Place};
use super::test::{Scalar, Test};
use crate::model::{Key, Kind, View};
use crate::register::Register;
use crate::register::relation::Relation;
use crate::work;

/// A set of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bits {
    words: Vec<u64>,
    count: usize,
}

impl Bits {
    /// The rows of which this holds, of so many.
    pub fn of(count: usize, holds: impl Fn(u32) -> bool) -> Self {
        let word = |first: usize| {
            work::step(1);
            let rows = first..count.min(first + 64);
            rows.fold(0, |word, at| word | (u64::from(holds(row(at))) << (at - first)))
        };
        Self { words: (0..count).step_by(64).map(word).collect(), count }
    }

    /// No row of so many.
    pub fn none(count: usize) -> Self {
        Self { words: vec![0; count.div_ceil(64)], count }
    }

    /// Whether a row is in it.
    pub fn has(&self, row: u32) -> bool {
        self.words[row as usize / 64] >> (row % 64) & 1 == 1
    }

    /// Puts a row into it.
    pub fn set(&mut self, row: u32) {
        self.words[row as usize / 64] |= 1 << (row % 64);
    }

    /// How many rows are in it.
    pub fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether no row is in it.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// The rows in it.
    pub fn rows(&self) -> impl Iterator<Item = u32> {
        self.words.iter().enumerate().flat_map(|(index, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let at = (left != 0).then(|| left.trailing_zeros())?;
                left &= left - 1;
                Some(row(index * 64) + at)
            })
        })
    }

    fn and(mut self, other: &Self) -> Self {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word &= other);
        self
    }

    fn or(mut self, other: &Self) -> Self {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word |= other);
        self
    }

    fn not(mut self) -> Self {
        self.words.iter_mut().for_each(|word| *word = !*word);
        if let (Some(last), rest @ 1..) = (self.words.last_mut(), self.count % 64) {
            *last &= (1 << rest) - 1;
        }
        self
    }
}

/// The rows that fulfil a condition.
pub fn select(filter: &Filter, table: Table<'_>) -> Bits {
    let count = table.register.count(table.kind);
    match filter {
        Filter::All(filters) => {
            let mut filters = filters.iter();
            let Some(first) = filters.next() else { return Bits::none(count).not() };
            filters.fold(
                select(first, table),
                |found, filter| {
                    if found.is_empty() { found } else { found.and(&select(filter, table)) }
                },
            )
        }
        Filter::Any(filters) => {
            filters.iter().fold(Bits::none(count), |found, filter| found.or(&select(filter, table)))
        }
        Filter::Not(filter) => select(filter, table).not(),
        Filter::Leaf { path, leaf, test } => leaf_rows(&Place { path: path.clone(), leaf: *leaf }, test, table),
        Filter::Linked { path, link, how, filter } => linked_rows(path, *link, *how, filter, table),
        // Lists of plain values are short, and seldom asked about.
        Filter::Leaves { .. } | Filter::Absent(..) => {
            let rows = table.rows();
            Bits::of(count, |at| filter.of_itself(Row::Node(&rows.0[at as usize])).unwrap_or_default())
        }
    }
}

/// The rows whose value passes a test.
fn leaf_rows(place: &Place, test: &Test, table: Table<'_>) -> Bits {
    if let Test::NotIn(values) = test {
        return leaf_rows(place, &Test::In(values.clone()), table).not();
    }
    let (column, rows) = (table.column(place), table.rows());
    let view = |code: usize| Row::Node(&rows.0[column.examples[code] as usize]).get(&place.path);
    let distinct = column.examples.len();
    let ranges = ranges(test, place.leaf, distinct, |code| SortKey::of(&view(code), place.leaf));
    if let Some([range]) = ranges.as_deref() {
        let (start, length) = (row(range.start), row(range.len()));
        // What has no value has the largest code, which no range reaches.
        return Bits::of(column.codes.len(), |at| column.codes[at as usize].wrapping_sub(start) < length);
    }
    let passing: Vec<bool> = match ranges {
        Some(ranges) => {
            let mut passing = vec![false; distinct + 1];
            ranges.into_iter().for_each(|range| passing[range].fill(true));
            passing
        }
        None => (0..distinct).map(|code| test.passes(&view(code))).chain([test.passes(&View::Null)]).collect(),
    };
    Bits::of(column.codes.len(), |at| passing[(column.codes[at as usize] as usize).min(distinct)])
}

/// The distinct values that pass, where they stand together because these values sort as they compare.
fn ranges(
    test: &Test,
    leaf: Leaf,
    distinct: usize,
    key: impl Fn(usize) -> Option<SortKey>,
) -> Option<Vec<std::ops::Range<usize>>> {
    let sorts = |scalar: &Scalar| {
        Some(match (scalar, leaf) {
            (Scalar::Int(value), _) => SortKey::Int(*value),
            (Scalar::Decimal(value), _) => SortKey::Decimal(*value),
            (Scalar::Date(value), _) => SortKey::Date(*value),
            (Scalar::Exact(text), Leaf::Key) => SortKey::Key(NaturalText(text.clone())),
            _ => return None,
        })
    };
    let first = |passes: &dyn Fn(SortKey) -> bool| {
        let (mut low, mut high) = (0, distinct);
        while low < high {
            let middle = low.midpoint(high);
            if key(middle).is_some_and(passes) { high = middle } else { low = middle + 1 }
        }
        low
    };
    let around = |scalar: &Scalar| {
        let bound = sorts(scalar)?;
        Some((first(&|key| key >= bound), first(&|key| key > bound)))
    };
    let range = |range: std::ops::Range<usize>| Vec::from([range]);
    match test {
        Test::In(values) => values.iter().map(|value| around(value).map(|(start, end)| start..end)).collect(),
        Test::Below(bound, true) => around(bound).map(|(_, end)| range(0..end)),
        Test::Below(bound, false) => around(bound).map(|(start, _)| range(0..start)),
        Test::Above(bound, true) => around(bound).map(|(start, _)| range(start..distinct)),
        Test::Above(bound, false) => around(bound).map(|(_, end)| range(end..distinct)),
        _ => None,
    }
}

/// The rows of whose related records some, every or none fulfil a condition.
pub(super) fn linked_rows(path: &[usize], link: Link, how: Quantifier, filter: &Filter, table: Table<'_>) -> Bits {
    let count = table.register.count(table.kind);
    let found = select(filter, Table::new(table.register, link.kind()));
    let (links, back) = match link {
        Link::To(relation) => (table.links(relation), false),
        Link::Inner(index, kind) => (table.inner_links(&[path, &[index]].concat(), kind), false),
        Link::From(relation) => (Table::new(table.register, relation.source).links(relation), true),
    };
    if back {
        let leading = |found: &Bits| {
            let mut reached = Bits::none(count);
            found.rows().for_each(|at| links.of(at).iter().for_each(|target| reached.set(*target)));
            reached
        };
        return match how {
            Quantifier::Some => leading(&found),
            Quantifier::Every => leading(&found.not()).not(),
            Quantifier::None => leading(&found).not(),
        };
    }
    match (links.single(), how) {
        (Some(single), Quantifier::Some) => Bits::of(count, |at| {
            let target = single[at as usize];
            target != NONE && found.has(target)
        }),
        _ => Bits::of(count, |at| how.holds(links.of(at), |target| found.has(*target))),
    }
}

/// What is asked of a large table: the rows chosen, and their order.
pub struct Selection {
    /// The rows of the table.
    pub rows: Arc<Rows>,
    /// Those that are chosen.
    pub chosen: Bits,
    sorted: Option<Arc<Sorted>>,
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
        filter: Option<&Filter>,
        order: &Order,
    ) -> Self {
        let table = Table::new(register, kind);
        let rows = table.rows();
        let chosen = filter.map(|filter| select(filter, table));
        let within = of.map(|(relation, key)| {
            let targets = Table::new(register, relation.target);
            let target = targets.row_of(&targets.rows(), key);
            let links = table.links(relation);
            Bits::of(rows.0.len(), |at| target.is_some_and(|target| links.of(at).contains(&target)))
        });
        let chosen = match (chosen, within) {
            (Some(chosen), Some(within)) => chosen.and(&within),
            (Some(chosen), None) | (None, Some(chosen)) => chosen,
            (None, None) => Bits::none(rows.0.len()).not(),
        };
        let sorted = (!order.0.is_empty()).then(|| table.sorted(order));
        Self { rows, chosen, sorted }
    }

    /// The row of a record, when it is chosen.
    pub fn find(&self, place: &crate::register::Place) -> Option<u32> {
        let found = self.rows.0.binary_search_by(|node| node.cmp_to(place)).ok().map(row)?;
        self.chosen.has(found).then_some(found)
    }

    /// The part strictly between two rows: the first or the last so many of it.
    pub fn part(&self, after: Option<u32>, before: Option<u32>, size: usize, from_end: bool) -> Part {
        let rank = |at: u32| self.sorted.as_ref().map_or(at, |sorted| sorted.ranks[at as usize]);
        let at = |rank: u32| self.sorted.as_ref().map_or(rank, |sorted| sorted.rows[rank as usize]);
        let chosen = |rank: &u32| self.chosen.has(at(*rank));
        let end = row(self.rows.0.len());
        let start = after.map_or(0, |after| rank(after) + 1);
        let stop = before.map_or(end, rank).max(start);
        let mut ranks: Vec<u32> = if from_end {
            (start..stop).rev().filter(chosen).take(size).collect()
        } else {
            (start..stop).filter(chosen).take(size).collect()
        };
        if from_end {
            ranks.reverse();
        }
        // A part of nothing stands somewhere too: where it would begin, or end.
        let nothing = if from_end { stop } else { start };
        let (first, next) =
            ranks.first().zip(ranks.last()).map_or((nothing, nothing), |(first, last)| (*first, last + 1));
        Part {
            has_next: (next..end).any(|rank| chosen(&rank)),
            has_previous: (0..first).rev().any(|rank| chosen(&rank)),
            rows: ranks.into_iter().map(at).collect(),
        }
    }
}
