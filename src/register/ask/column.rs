//! A large table by columns: for each row the place of its value among the distinct values, which are sorted. So a condition is
//! tested once for each distinct value, an order needs no comparison, and a group is a number.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::Row;
use super::cache::{Kept, Name};
use super::order::{Order, OrderDirection, SortKey};
use super::shape::{Leaf, Place};
use crate::model::{Key, Kind, View};
use crate::register::relation::Relation;
use crate::register::{Node, Register};
use crate::work;

/// Stands for no value, or no row.
pub const NONE: u32 = u32::MAX;

type HashOf<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// The rows of a table, in its default order.
pub struct Rows(pub Vec<Arc<Node>>);

/// The values at the end of a path, row by row.
pub struct Column {
    /// For each row the place of its value among the distinct values, or [`NONE`].
    pub codes: Vec<u32>,
    /// For each distinct value, in order, a row that has it.
    pub examples: Vec<u32>,
}

/// The ways from rows to rows of another table.
pub struct Links {
    /// Where the targets of each row begin, and where the last ones end; without it each row has one, or [`NONE`].
    starts: Option<Vec<u32>>,
    targets: Vec<u32>,
}

/// The rows of a table in an order.
pub struct Sorted {
    /// The rows.
    pub rows: Vec<u32>,
    /// For each row its place among them.
    pub ranks: Vec<u32>,
}

impl Kept for Rows {
    fn bytes(&self) -> usize {
        self.0.len() * 8 + 64
    }
}
impl Kept for Column {
    fn bytes(&self) -> usize {
        (self.codes.len() + self.examples.len()) * 4 + 64
    }
}
impl Kept for Links {
    fn bytes(&self) -> usize {
        (self.starts.as_ref().map_or(0, Vec::len) + self.targets.len()) * 4 + 64
    }
}
impl Kept for Sorted {
    fn bytes(&self) -> usize {
        (self.rows.len() + self.ranks.len()) * 4 + 64
    }
}

/// A number of rows, which are never so many that it does not fit.
pub fn row(index: usize) -> u32 {
    u32::try_from(index).expect("a table has fewer than 2^32 rows")
}

/// A table of a register, by columns.
#[derive(Clone, Copy)]
pub struct Table<'r> {
    /// The register.
    pub register: &'r Register,
    /// The kind of its records.
    pub kind: Kind,
}

impl<'r> Table<'r> {
    /// The table of that kind.
    pub fn new(register: &'r Register, kind: Kind) -> Self {
        Self { register, kind }
    }

    fn get<T: Kept>(self, name: Name, make: impl FnOnce() -> T) -> Arc<T> {
        self.register.cache.get(name, make)
    }

    /// Its rows.
    pub fn rows(self) -> Arc<Rows> {
        let stamp = self.register.stamp(self.kind);
        self.get(Name::Rows(stamp), || Rows(self.register.all(self.kind).cloned().collect()))
    }

    /// The values at the end of a path.
    pub fn column(self, place: &Place) -> Arc<Column> {
        let name = Name::Column(self.register.stamp(self.kind), place.path.clone());
        self.get(name, || Column::make(&self.rows(), place))
    }

    /// The ways of a relation that begins here.
    pub fn links(self, relation: &'static Relation) -> Arc<Links> {
        let (from, to) = (self.register.stamp(self.kind), self.register.stamp(relation.target));
        self.get(Name::Links(from, to, relation.number), || {
            let (rows, targets) = (self.rows(), Table::new(self.register, relation.target).rows());
            let by_key = by_key(&targets);
            let mut starts = Vec::with_capacity(rows.0.len() + 1);
            let mut found = Vec::with_capacity(rows.0.len());
            for node in &rows.0 {
                work::step(2);
                starts.push(row(found.len()));
                relation.for_each_text(&node.record, |key| found.extend(by_key.get(key)));
                // A target that is not there leaves a gap where there is one target for each row.
                if !relation.many && found.len() == starts[starts.len() - 1] as usize {
                    found.push(NONE);
                }
            }
            starts.push(row(found.len()));
            Links { starts: relation.many.then_some(starts), targets: found }
        })
    }

    /// The ways of a key in a value.
    pub fn inner_links(self, path: &[usize], kind: Kind) -> Arc<Links> {
        let (from, to) = (self.register.stamp(self.kind), self.register.stamp(kind));
        self.get(Name::Inner(from, to, path.to_vec()), || {
            let (rows, targets) = (self.rows(), Table::new(self.register, kind).rows());
            let by_key = by_key(&targets);
            let target = |node: &Arc<Node>| {
                work::step(2);
                match Row::Node(node).get(path) {
                    View::Text(key) => by_key.get(key.as_ref()).copied().unwrap_or(NONE),
                    _ => NONE,
                }
            };
            Links { starts: None, targets: rows.0.iter().map(target).collect() }
        })
    }

    /// Its rows in an order.
    pub fn sorted(self, order: &Order) -> Arc<Sorted> {
        let by = order.0.iter().map(|by| (by.place.path.clone(), by.direction == OrderDirection::Descending));
        let name = Name::Sorted(self.register.stamp(self.kind), by.collect());
        self.get(name, || {
            let count = self.register.count(self.kind);
            let mut rows: Vec<u32> = (0..row(count)).collect();
            // From the last field to the first: each pass keeps what the one before it made.
            for by in order.0.iter().rev() {
                rows = self.column(by.place).arranged(&rows, by.direction);
            }
            let mut ranks = vec![0; count];
            for (rank, at) in rows.iter().enumerate() {
                ranks[*at as usize] = row(rank);
            }
            Sorted { rows, ranks }
        })
    }

    /// The record of a row.
    pub fn node(self, row: u32) -> Option<&'r Arc<Node>> {
        self.register.get(self.kind, &self.rows().0.get(row as usize)?.key)
    }

    /// The row of a record of this kind.
    pub fn row_of(self, rows: &Rows, key: &Key) -> Option<u32> {
        let node = self.register.get(self.kind, key)?;
        rows.0.binary_search_by(|other| other.cmp_place(node)).ok().map(row)
    }
}

fn by_key(rows: &Rows) -> HashOf<&str, u32> {
    rows.0.iter().enumerate().map(|(index, node)| (node.key.as_str(), row(index))).collect()
}

impl Links {
    /// The rows that a row leads to.
    pub fn of(&self, row: u32) -> &[u32] {
        let row = row as usize;
        match &self.starts {
            Some(starts) => &self.targets[starts[row] as usize..starts[row + 1] as usize],
            None if self.targets[row] == NONE => &[],
            None => &self.targets[row..=row],
        }
    }

    /// The one row that each row leads to, or [`NONE`]; none when a row may lead to several.
    pub fn single(&self) -> Option<&[u32]> {
        self.starts.is_none().then_some(&self.targets)
    }
}

impl Column {
    fn make(rows: &Rows, place: &Place) -> Self {
        let views = rows.0.iter().inspect(|_| work::step(2)).map(|node| Row::Node(node).get(&place.path));
        match place.leaf {
            Leaf::Decimal => Self::of_numbers(views.map(|view| match view {
                View::Decimal(value) => Some(value),
                _ => None,
            })),
            Leaf::Int => Self::of_numbers(views.map(|view| match view {
                View::Int(value) => Some(value),
                _ => None,
            })),
            Leaf::Date => Self::of_numbers(views.map(|view| match view {
                View::Date(value) => Some(value),
                _ => None,
            })),
            Leaf::Text | Leaf::Key | Leaf::Period | Leaf::Enum(_) | Leaf::Boolean => Self::of_words(views, place.leaf),
        }
    }

    /// Numbers are mostly different: all of them are sorted.
    fn of_numbers<T: Ord + Copy>(values: impl Iterator<Item = Option<T>>) -> Self {
        let mut codes = Vec::new();
        let mut sorted = Vec::new();
        for (index, value) in values.enumerate() {
            codes.push(NONE);
            sorted.extend(value.map(|value| (value, row(index))));
        }
        sorted.sort_unstable();
        let mut examples: Vec<u32> = Vec::new();
        let mut last = None;
        for (value, at) in sorted {
            if last.replace(value) != Some(value) {
                examples.push(at);
            }
            codes[at as usize] = row(examples.len() - 1);
        }
        Self { codes, examples }
    }

    /// Texts mostly repeat: each different one is sorted once.
    fn of_words<'r>(values: impl Iterator<Item = View<'r>>, leaf: Leaf) -> Self {
        let mut known: HashOf<Cow<'r, str>, u32> = HashOf::default();
        let mut codes = Vec::new();
        let mut distinct: Vec<(Option<SortKey>, u32, u32)> = Vec::new();
        for (index, view) in values.enumerate() {
            let word = match &view {
                View::Text(text) => text.clone(),
                View::Enum(word) => Cow::Borrowed(*word),
                View::Period(period) => Cow::Borrowed(period.code()),
                View::Bool(value) => Cow::Borrowed(if *value { "true" } else { "false" }),
                _ => {
                    codes.push(NONE);
                    continue;
                }
            };
            codes.push(*known.entry(word).or_insert_with(|| {
                let code = row(distinct.len());
                distinct.push((SortKey::of(&view, leaf), code, row(index)));
                code
            }));
        }
        distinct.sort();
        let mut places = vec![0; distinct.len()];
        for (place, (_, code, _)) in distinct.iter().enumerate() {
            places[*code as usize] = row(place);
        }
        for code in codes.iter_mut().filter(|code| **code != NONE) {
            *code = places[*code as usize];
        }
        Self { codes, examples: distinct.into_iter().map(|(_, _, example)| example).collect() }
    }

    /// Rows arranged by their values; those that agree keep their places, those without one come last.
    fn arranged(&self, rows: &[u32], direction: OrderDirection) -> Vec<u32> {
        work::step(rows.len() as u64 / 8);
        let distinct = self.examples.len();
        let bucket = |at: u32| match self.codes[at as usize] {
            NONE => distinct,
            code if direction == OrderDirection::Descending => distinct - 1 - code as usize,
            code => code as usize,
        };
        let mut next = vec![0; distinct + 2];
        for at in rows {
            next[bucket(*at) + 1] += 1;
        }
        for index in 1..next.len() {
            next[index] += next[index - 1];
        }
        let mut arranged = vec![0; rows.len()];
        for at in rows {
            let place = &mut next[bucket(*at)];
            arranged[*place] = *at;
            *place += 1;
        }
        arranged
    }
}
