//! What somebody looked at in a register, so that it can be told later whether what was concluded from it still holds.

use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher};
use std::sync::{Mutex, PoisonError};

use crate::model::{Key, Kind, Record};
use crate::register::relation::{Relation, for_each_inner};
use crate::register::{Change, TableSet};

/// Names of records by their hashes: a large import looks at each of its records. Two names that share one are taken for each other,
/// which says yes rather too often.
#[derive(Debug, Default)]
struct Names {
    by: foldhash::quality::RandomState,
    hashes: HashSet<u64, BuildHasherDefault<AsItIs>>,
}

impl Names {
    fn insert(&mut self, kind: Kind, key: &Key) {
        self.hashes.insert(self.by.hash_one((kind, key)));
    }

    fn contains(&self, kind: Kind, key: &Key) -> bool {
        self.hashes.contains(&self.by.hash_one((kind, key)))
    }

    fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }
}

/// What is a hash already is not hashed again.
#[derive(Debug, Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
    fn finish(&self) -> u64 {
        self.0
    }
}

/// What was looked at.
#[derive(Debug, Default)]
pub struct Footprint {
    /// Records, and keys that had none.
    records: Names,
    /// Records of which it was asked who refers to them.
    referred: Names,
    /// Kinds of which all records were looked at.
    kinds: Vec<Kind>,
    /// All that there is.
    everything: bool,
    /// The tables that any of it stands in.
    tables: TableSet,
}

impl Footprint {
    /// The tables that were looked at.
    pub fn tables(&self) -> TableSet {
        if self.everything { TableSet::EVERYTHING } else { self.tables }
    }

    /// Whether a change alters anything that was looked at. Says yes rather too often than too seldom.
    pub fn is_touched_by(&self, change: &Change) -> bool {
        let refers = |record: &Record| {
            let mut found = false;
            for relation in Relation::of(change.kind) {
                relation.for_each_target(record, |key| found |= self.referred.contains(relation.target, &key));
            }
            for_each_inner(record, &mut |_, kind, key| found |= self.referred.contains(kind, &key));
            found
        };
        self.everything
            || self.kinds.contains(&change.kind)
            || self.records.contains(change.kind, &change.key)
            || !self.referred.is_empty()
                && [&change.before, &change.after].into_iter().flatten().any(|node| refers(&node.record))
    }
}

/// The notes of a register that takes any: a copy that is looked at instead of the register itself.
#[derive(Default)]
pub struct Notes(Option<Mutex<Footprint>>);

/// A copy is another register, and takes no notes.
impl Clone for Notes {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Notes {
    /// Takes notes from now on.
    pub fn begin() -> Self {
        Self(Some(Mutex::default()))
    }

    fn note(&self, what: impl FnOnce(&mut Footprint)) {
        if let Some(footprint) = &self.0 {
            what(&mut footprint.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    /// A record, or that there is none.
    pub fn record(&self, kind: Kind, key: &Key) {
        self.note(|footprint| {
            footprint.records.insert(kind, key);
            footprint.tables = footprint.tables.with(TableSet::of(&[kind]));
        });
    }

    /// Which records of these kinds refer to a record.
    pub fn referred(&self, kind: Kind, key: &Key, from: impl IntoIterator<Item = Kind>) {
        self.note(|footprint| {
            footprint.referred.insert(kind, key);
            from.into_iter().for_each(|kind| footprint.tables = footprint.tables.with(TableSet::of(&[kind])));
        });
    }

    /// All records of a kind.
    pub fn kind(&self, kind: Kind) {
        self.note(|footprint| {
            footprint.tables = footprint.tables.with(TableSet::of(&[kind]));
            if !footprint.kinds.contains(&kind) {
                footprint.kinds.push(kind);
            }
        });
    }

    /// All that there is.
    pub fn everything(&self) {
        self.note(|footprint| footprint.everything = true);
    }

    /// What was noted.
    pub fn into_footprint(self) -> Footprint {
        let everything = || Footprint { everything: true, ..Footprint::default() };
        self.0.map_or_else(everything, |notes| notes.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}
