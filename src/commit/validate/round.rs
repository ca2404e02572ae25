//! The register as the edits that are still in would make it: what will be there, what is near, who refers to what.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::Arc;

use super::bodies::Bodies;
use super::citing::Citing;
use super::edit::Edit;
use super::scope::{Beyond, Scope};
use crate::model::problem::nearest;
use crate::model::{Key, Kind, Record};
use crate::register::relation::Relation;
use crate::register::{Node, Register};

/// In larger collections nobody looks for near keys: it would take longer than the import.
const NEAR_KEYS_MAX: usize = 50_000;
/// So many problems of one import are told with near keys.
const NEAR_SEARCHES_MAX: usize = 100;

/// The row that is about a record.
type Planned = HashMap<(Kind, Key), usize, foldhash::quality::RandomState>;

/// The edits that are still in, and what they come to.
pub(super) struct Round<'a> {
    pub(super) register: &'a Register,
    pub(super) edits: &'a [Edit],
    /// The key that each edit is about.
    pub(super) keys: &'a [Option<Key>],
    pub(super) scope: Option<&'a Scope>,
    /// How many problems may still look for near keys.
    near_left: Cell<usize>,
    rejected: Vec<bool>,
    pub(super) planned: Planned,
    /// What the scope has beyond the edits.
    pub(super) beyond: Beyond,
    pub(super) duplicates: Vec<(usize, usize)>,
    citing: Citing<'a>,
    pub(super) bodies: Bodies,
}

impl<'a> Round<'a> {
    pub(super) fn new(
        register: &'a Register,
        edits: &'a [Edit],
        keys: &'a [Option<Key>],
        scope: Option<&'a Scope>,
        rejected: Vec<bool>,
    ) -> Self {
        let mut planned = Planned::with_capacity_and_hasher(edits.len(), Default::default());
        let mut duplicates = Vec::new();
        for (row, (edit, key)) in edits.iter().zip(keys).enumerate() {
            if let (Some(kind), Some(key), false) = (edit.kind(), key, rejected[row]) {
                match planned.entry((kind, key.clone())) {
                    std::collections::hash_map::Entry::Occupied(first) => duplicates.push((row, *first.get())),
                    std::collections::hash_map::Entry::Vacant(entry) => {
                        entry.insert(row);
                    }
                }
            }
        }
        // A row that may mean one of several records has each of them spoken for.
        for (row, edit) in edits.iter().enumerate().filter(|(row, _)| !rejected[*row]) {
            for (kind, key) in edit.kind().into_iter().flat_map(|kind| edit.others().iter().map(move |key| (kind, key)))
            {
                planned.entry((kind, key.clone())).or_insert(row);
            }
        }
        let beyond = scope.map(|scope| {
            let refused = edits.iter().zip(&rejected).filter(|(_, rejected)| **rejected).map(|(edit, _)| edit);
            let is_unclear = |(edit, key): &(&Edit, &Option<Key>)| edit.kind().is_none() || key.is_none();
            let unclear = edits.iter().zip(keys).filter(is_unclear).map(|(edit, _)| edit);
            scope.beyond(register, |kind, key| planned.contains_key(&(kind, key.clone())), refused, unclear)
        });
        let beyond = beyond.unwrap_or_default();
        Self {
            register,
            edits,
            keys,
            scope,
            near_left: Cell::new(NEAR_SEARCHES_MAX),
            planned,
            beyond,
            duplicates,
            citing: Citing::default(),
            bodies: Bodies::new(register, live_puts(edits, &rejected)),
            rejected,
        }
    }

    pub(super) fn live(&self) -> impl Iterator<Item = (usize, &'a Edit)> + '_ {
        self.edits.iter().enumerate().filter(|(row, _)| !self.rejected[*row])
    }

    pub(super) fn before(&self, kind: Kind, key: &Key) -> Option<&Arc<Node>> {
        self.register.get(kind, key)
    }

    pub(super) fn will_be_there(&self, kind: Kind, key: &Key, going: &HashMap<(Kind, &Key), ()>) -> bool {
        match self.planned.get(&(kind, key.clone())) {
            Some(row) => !matches!(self.edits[*row], Edit::Delete { .. }),
            None => self.before(kind, key).is_some() && !going.contains_key(&(kind, key)),
        }
    }

    /// Near keys, for the first problems that ask for them: a person needs no more, and each takes a look at all keys there are.
    pub(super) fn near(&self, kind: Kind, key: &Key, planned_too: bool) -> Vec<String> {
        if let Some(now) = self.register.renamed(kind, key) {
            return vec![now.to_string()];
        }
        let Some(left) = self.near_left.get().checked_sub(1) else { return Vec::new() };
        self.near_left.set(left);
        let mut near = if planned_too { self.near_planned(kind, key) } else { Vec::new() };
        let stored = near_keys(self.register, kind, key);
        near.extend(stored.into_iter().filter(|key| !near.contains(key)).collect::<Vec<_>>());
        near.truncate(5);
        near
    }

    /// Follows a relation of a kind to itself as it will be.
    pub(super) fn leads_back(&self, relation: &Relation, goal: &Key, from: &Key) -> bool {
        let mut seen = vec![from.clone()];
        let mut next = 0;
        while let Some(key) = seen.get(next).cloned() {
            if key == *goal {
                return true;
            }
            next += 1;
            if let Some(record) = self.after(relation.target, &key) {
                relation.for_each_target(record, |key| {
                    if !seen.contains(&key) {
                        seen.push(key);
                    }
                });
            }
        }
        false
    }

    pub(super) fn is_planned(&self, kind: Kind, key: &Key) -> bool {
        self.planned.contains_key(&(kind, key.clone()))
    }

    /// A record as the edits will have it.
    pub(super) fn after(&self, kind: Kind, key: &Key) -> Option<&'a Record> {
        match self.planned.get(&(kind, key.clone())).map(|row| &self.edits[*row]) {
            Some(Edit::Put { record, .. }) => Some(record),
            Some(_) => None,
            None => self.register.get(kind, key).map(|node| &node.record),
        }
    }

    fn near_planned(&self, kind: Kind, key: &Key) -> Vec<String> {
        let keys = self
            .planned
            .iter()
            .filter(|(target, row)| target.0 == kind && matches!(self.edits[**row], Edit::Put { .. }));
        let mut near = nearest(key.as_str(), keys.map(|(target, _)| target.1.as_str()));
        near.sort();
        near
    }

    /// The records whose values refer to one that goes.
    pub(super) fn citing(&self, kind: Kind, key: &Key) -> &[&'a Arc<Node>] {
        let deleted = || {
            self.live().filter_map(|(_, edit)| match edit {
                Edit::Delete { kind, key, .. } => Some((*kind, key)),
                _ => None,
            })
        };
        let missing = || self.beyond.missing.iter().map(|node| (node.kind(), &node.key));
        self.citing.of(self.register, kind, key, || deleted().chain(missing()))
    }
}

/// The records of the rows that are not refused.
fn live_puts<'a>(edits: &'a [Edit], rejected: &[bool]) -> impl Iterator<Item = &'a Record> {
    edits.iter().zip(rejected).filter_map(|(edit, rejected)| match edit {
        Edit::Put { record, .. } if !rejected => Some(record),
        _ => None,
    })
}

fn near_keys(register: &Register, kind: Kind, key: &Key) -> Vec<String> {
    if register.count(kind) > NEAR_KEYS_MAX {
        return Vec::new();
    }
    nearest(key.as_str(), register.all(kind).map(|node| node.key.as_str()))
}
