//! The register as the edits that are still in would make it: what will be there, what is near, who refers to what.

use std::cell::Cell;
use std::collections::HashMap;
use std::hash::BuildHasher as _;
use std::sync::Arc;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::after::Going;
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

/// Which row is about which record. Their names stand in the rows: here are their numbers, found by hash.
struct Planned {
    by: foldhash::quality::RandomState,
    rows: HashTable<u32>,
    /// The rows that may mean one of several records, by all but the first of these.
    others: HashMap<(Kind, Key), usize>,
}

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
    planned: Planned,
    /// What the scope has beyond the edits.
    pub(super) beyond: Beyond,
    pub(super) duplicates: Vec<(usize, usize)>,
    citing: Citing<'a>,
    pub(super) bodies: Bodies,
}

impl Planned {
    fn row(&self, edits: &[Edit], keys: &[Option<Key>], kind: Kind, key: &Key) -> Option<usize> {
        let is_it = |row: &u32| {
            let row = *row as usize;
            edits[row].kind() == Some(kind) && keys[row].as_ref() == Some(key)
        };
        let found = self.rows.find(self.by.hash_one((kind, key)), is_it).map(|row| *row as usize);
        found.or_else(|| if self.others.is_empty() { None } else { self.others.get(&(kind, key.clone())).copied() })
    }
}

impl<'a> Round<'a> {
    pub(super) fn new(
        register: &'a Register,
        edits: &'a [Edit],
        keys: &'a [Option<Key>],
        scope: Option<&'a Scope>,
        rejected: Vec<bool>,
    ) -> Self {
        let mut planned = Planned {
            by: foldhash::quality::RandomState::default(),
            rows: HashTable::with_capacity(edits.len()),
            others: HashMap::new(),
        };
        let name = |row: u32| Some((edits[row as usize].kind()?, keys[row as usize].as_ref()?));
        let mut duplicates = Vec::new();
        for row in (0_u32..).take(edits.len()).filter(|row| !rejected[*row as usize]) {
            let Some(about) = name(row) else { continue };
            let hash = |row: &u32| name(*row).map_or(0, |name| planned.by.hash_one(name));
            match planned.rows.entry(planned.by.hash_one(about), |row| name(*row) == Some(about), hash) {
                Entry::Occupied(first) => duplicates.push((row as usize, *first.get() as usize)),
                Entry::Vacant(entry) => drop(entry.insert(row)),
            }
        }
        // A row that may mean one of several records has each of them spoken for.
        for (row, edit) in edits.iter().enumerate().filter(|(row, _)| !rejected[*row]) {
            for (kind, key) in edit.kind().into_iter().flat_map(|kind| edit.others().iter().map(move |key| (kind, key)))
            {
                planned.others.entry((kind, key.clone())).or_insert(row);
            }
        }
        let beyond = scope.map(|scope| {
            let refused = edits.iter().zip(&rejected).filter(|(_, rejected)| **rejected).map(|(edit, _)| edit);
            let is_unclear = |(edit, key): &(&Edit, &Option<Key>)| edit.kind().is_none() || key.is_none();
            let unclear = edits.iter().zip(keys).filter(is_unclear).map(|(edit, _)| edit);
            scope.beyond(register, |kind, key| planned.row(edits, keys, kind, key).is_some(), refused, unclear)
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

    /// The row that is about a record.
    fn row(&self, kind: Kind, key: &Key) -> Option<usize> {
        self.planned.row(self.edits, self.keys, kind, key)
    }

    pub(super) fn live(&self) -> impl Iterator<Item = (usize, &'a Edit)> + '_ {
        self.edits.iter().enumerate().filter(|(row, _)| !self.rejected[*row])
    }

    pub(super) fn before(&self, kind: Kind, key: &Key) -> Option<&Arc<Node>> {
        self.register.get(kind, key)
    }

    pub(super) fn will_be_there(&self, kind: Kind, key: &Key, going: &Going<'_>) -> bool {
        match self.row(kind, key) {
            Some(row) => !matches!(self.edits[row], Edit::Delete { .. }),
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
        self.row(kind, key).is_some()
    }

    /// What the scope has beyond the edits; the rest is not needed any more.
    pub(super) fn into_beyond(self) -> Beyond {
        self.beyond
    }

    /// A record as the edits will have it.
    pub(super) fn after(&self, kind: Kind, key: &Key) -> Option<&'a Record> {
        match self.row(kind, key).map(|row| &self.edits[row]) {
            Some(Edit::Put { record, .. }) => Some(record),
            Some(_) => None,
            None => self.register.get(kind, key).map(|node| &node.record),
        }
    }

    fn near_planned(&self, kind: Kind, key: &Key) -> Vec<String> {
        let keys = self.live().filter_map(|(row, edit)| match edit {
            Edit::Put { record, .. } if record.kind() == kind => self.keys[row].as_ref(),
            _ => None,
        });
        let mut near = nearest(key.as_str(), keys.map(Key::as_str));
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
