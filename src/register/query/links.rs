//! The ways from the rows of a table to rows of another one.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::Row;
use super::column::before;
use super::delta::Delta;
use super::rows::{Listed, NONE, Rows, row};
use crate::model::View;
use crate::register::cache::CacheEntry;
use crate::register::relation::Relation;
use crate::work;

/// The ways from rows to rows of another table.
pub struct Links<L = Rows> {
    /// The rows that they lead from.
    pub from: Arc<L>,
    /// The rows that they lead to.
    pub to: Arc<Rows>,
    /// Where the targets of each row begin, and where the last ones end; without it each row has one, or [`NONE`].
    starts: Option<Vec<u32>>,
    targets: Vec<u32>,
    before: OnceLock<Vec<usize>>,
}

impl<L: Listed> CacheEntry for Links<L> {
    fn bytes(&self) -> usize {
        (self.starts.as_ref().map_or(0, Vec::len) + self.targets.len()) * 4 + self.to.count() * 8 + 64
    }
}

impl Links {
    /// The ways of a relation.
    pub fn make(from: &Arc<Rows>, to: &Arc<Rows>, relation: &Relation) -> Self {
        let by_key = by_key(to);
        let mut starts = Vec::with_capacity(from.0.len() + 1);
        let mut found = Vec::with_capacity(from.0.len());
        for node in &from.0 {
            work::step(5);
            starts.push(row(found.len()));
            relation.for_each_text(&node.record, |key| found.extend(by_key.get(key)));
            // A target that is not there leaves a gap where there is one target for each row.
            if !relation.many && found.len() == starts[starts.len() - 1] as usize {
                found.push(NONE);
            }
        }
        starts.push(row(found.len()));
        Self {
            from: Arc::clone(from),
            to: Arc::clone(to),
            starts: relation.many.then_some(starts),
            targets: found,
            before: OnceLock::new(),
        }
    }
}

impl<L: Listed> Links<L> {
    /// The ways of a key in a value.
    pub fn make_inner(from: &Arc<L>, to: &Arc<Rows>, path: &[usize]) -> Self {
        let by_key = by_key(to);
        let target = |row: Row<'_>| {
            work::step(5);
            match row.get(path) {
                View::Text(key) => by_key.get(key.as_ref()).copied().unwrap_or(NONE),
                _ => NONE,
            }
        };
        let targets = from.rows().map(target).collect();
        Self { from: Arc::clone(from), to: Arc::clone(to), starts: None, targets, before: OnceLock::new() }
    }

    /// The same ways between later versions of the tables, where each row leads to one at most; none where that is to be made
    /// anew. `target` finds where a row leads to, `sources` which rows lead to one that was not there before.
    pub fn carry(
        &self,
        from: (&Arc<L>, &Delta),
        to: (&Arc<Rows>, &Delta),
        target: impl Fn(u32) -> Option<u32>,
        sources: impl Fn(u32) -> Option<Vec<u32>>,
    ) -> Option<Self> {
        if self.starts.is_some() {
            return None;
        }
        work::step(from.0.count() as u64 / 32);
        let mut targets = from.1.carried(&self.targets, NONE);
        if !to.1.is_in_place() || !to.1.gone().is_empty() {
            to.1.renumber(&mut targets, Delta::leads);
        }
        for created in to.1.created() {
            sources(created)?.into_iter().for_each(|at| targets[at as usize] = created);
        }
        for &at in from.1.new_rows() {
            targets[at as usize] = target(at).unwrap_or(NONE);
        }
        Some(Self { from: Arc::clone(from.0), to: Arc::clone(to.0), starts: None, targets, before: OnceLock::new() })
    }

    /// The rows that a row leads to.
    pub fn of(&self, row: u32) -> &[u32] {
        let row = row as usize;
        match &self.starts {
            Some(starts) => &self.targets[starts[row] as usize..starts[row + 1] as usize],
            None if self.targets[row] == NONE => &[],
            None => &self.targets[row..=row],
        }
    }

    /// For each row of the other table how many rows lead to a lesser one; then how many lead to any, and how many ways there are.
    pub fn before(&self) -> &[usize] {
        self.before.get_or_init(|| before(&self.targets, self.to.count()))
    }

    /// The one row that each row leads to, or [`NONE`]; none when a row may lead to several.
    pub fn single(&self) -> Option<&[u32]> {
        self.starts.is_none().then_some(&self.targets)
    }
}

fn by_key(rows: &Rows) -> HashMap<&str, u32, foldhash::fast::RandomState> {
    rows.0.iter().enumerate().map(|(index, node)| (node.key.as_str(), row(index))).collect()
}
