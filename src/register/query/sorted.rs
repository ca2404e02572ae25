//! The rows of a table in an order.

use std::cmp::Ordering;
use std::sync::Arc;

use super::column::Column;
use super::delta::Delta;
use super::order::OrderDirection;
use super::rows::{Listed, NONE, Rows, row};
use crate::register::cache::CacheEntry;
use crate::work;

/// The columns that rows are ordered by, each up or down.
pub type By<L> = [(Arc<Column<L>>, OrderDirection)];

/// The rows of a table in an order.
pub struct Sorted<L = Rows> {
    /// The rows that it is of.
    pub of: Arc<L>,
    /// The rows.
    pub rows: Vec<u32>,
    /// For each row its place among them.
    pub ranks: Vec<u32>,
}

impl<L: Listed> CacheEntry for Sorted<L> {
    fn bytes(&self) -> usize {
        (self.rows.len() + self.ranks.len()) * 4 + 64
    }
}

impl<L: Listed> Sorted<L> {
    /// All rows in that order; those that agree keep the order in which they stand.
    pub fn make(of: &Arc<L>, by: &By<L>) -> Self {
        let mut rows: Vec<u32> = (0..row(of.count())).collect();
        // From the last field to the first: each pass keeps what the one before it made.
        for (column, direction) in by.iter().rev() {
            rows = arranged(column, &rows, *direction);
        }
        Self::ranked(of, rows)
    }

    /// The same order of a later version of the table.
    pub fn carry(&self, of: &Arc<L>, delta: &Delta, by: &By<L>) -> Self {
        work::step(of.count() as u64 / 16);
        let compare = |a: u32, b: u32| {
            let of_columns =
                by.iter().map(|(column, direction)| bucket(column, a, *direction).cmp(&bucket(column, b, *direction)));
            of_columns.fold(Ordering::Equal, Ordering::then).then(a.cmp(&b))
        };
        let place_of = |at: &u32| self.ranks[*at as usize] as usize;
        let mut left: Vec<usize> = delta.gone().iter().map(place_of).collect();
        left.sort_unstable();
        let mut stays = Vec::with_capacity(self.rows.len());
        let mut done = 0;
        for place in &left {
            stays.extend_from_slice(&self.rows[done..*place]);
            done = place + 1;
        }
        stays.extend_from_slice(&self.rows[done..]);
        if !delta.is_in_place() {
            delta.renumber(&mut stays, Delta::stays);
        }
        let mut new = delta.new_rows().to_vec();
        new.sort_unstable_by(|a, b| compare(*a, *b));
        let mut rows = Vec::with_capacity(of.count());
        let mut entered = Vec::with_capacity(new.len());
        let mut done = 0;
        for at in new {
            let place = done + stays[done..].partition_point(|other| compare(*other, at) == Ordering::Less);
            rows.extend_from_slice(&stays[done..place]);
            entered.push(rows.len());
            rows.push(at);
            done = place;
        }
        rows.extend_from_slice(&stays[done..]);
        if !delta.is_in_place() {
            return Self::ranked(of, rows);
        }
        // Only between the first place that changed and the last did any row move.
        let mut ranks = self.ranks.clone();
        let changed = || left.iter().chain(&entered).copied();
        for rank in changed().min().unwrap_or_default()..changed().max().map_or(0, |last| last + 1) {
            ranks[rows[rank] as usize] = row(rank);
        }
        Self { of: Arc::clone(of), rows, ranks }
    }

    fn ranked(of: &Arc<L>, rows: Vec<u32>) -> Self {
        let mut ranks = vec![0; rows.len()];
        for (rank, at) in rows.iter().enumerate() {
            ranks[*at as usize] = row(rank);
        }
        Self { of: Arc::clone(of), rows, ranks }
    }
}

/// Where a row's value stands in that direction; what has none stands last in both.
fn bucket<L: Listed>(column: &Column<L>, at: u32, direction: OrderDirection) -> usize {
    let distinct = column.examples.len();
    match column.codes[at as usize] {
        NONE => distinct,
        code if direction == OrderDirection::Descending => distinct - 1 - code as usize,
        code => code as usize,
    }
}

/// Rows arranged by their values; those that agree keep their places, those without one come last.
fn arranged<L: Listed>(column: &Column<L>, rows: &[u32], direction: OrderDirection) -> Vec<u32> {
    work::step(rows.len() as u64 / 4);
    let mut next = vec![0; column.examples.len() + 2];
    for at in rows {
        next[bucket(column, *at, direction) + 1] += 1;
    }
    for index in 1..next.len() {
        next[index] += next[index - 1];
    }
    let mut arranged = vec![0; rows.len()];
    for at in rows {
        let place = &mut next[bucket(column, *at, direction)];
        arranged[*place] = *at;
        *place += 1;
    }
    arranged
}
