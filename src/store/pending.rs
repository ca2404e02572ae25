//! What the journal has and the store does not have yet. The store takes it in one go, in the order of its own keys: a page
//! of `sled` that many commits touch is then read and written once, and a record that changed twice is written once.

use std::sync::Arc;

use super::codec::{self, Checkpoint, Indexed, Receipt, Token};
use super::db::{Store, name};
use super::error::StoreError;
use crate::register::{Change, Revision};

/// With so many changes and entries it is time to write them: a start after a crash reads them from the journal.
const FULL: usize = 100_000;

/// What an entry of the journal means for the store.
#[derive(Clone, Debug)]
pub struct Applied {
    /// Where its commit stands, if it is one, and what that changes.
    pub commit: Option<(Indexed, Arc<Vec<Change>>)>,
    /// The receipt that it leaves, if any.
    pub receipt: Option<Receipt>,
}

/// Entries of the journal that wait for the store.
#[derive(Default)]
pub struct PendingWrites {
    entries: Vec<(Applied, Checkpoint)>,
    waiting: usize,
}

impl PendingWrites {
    /// Takes what an entry says, and where the journal goes on after it.
    pub fn push(&mut self, applied: Applied, checkpoint: Checkpoint) {
        self.waiting += 1 + applied.commit.as_ref().map_or(0, |(_, changes)| changes.len());
        self.entries.push((applied, checkpoint));
    }

    /// Whether the store has everything.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many changes and entries wait.
    pub fn len(&self) -> usize {
        self.waiting
    }

    /// Whether it is time to write them.
    pub fn is_full(&self) -> bool {
        self.waiting >= FULL
    }

    /// Writes everything into the store, the checkpoint last: after a crash in between the journal is read from the old one, and
    /// writing the same again gives the same records.
    ///
    /// # Errors
    /// When `sled` refuses; the store is then behind, and the next start brings it up again.
    pub fn write(&mut self, store: &Store, tokens: &[Token]) -> Result<(), StoreError> {
        let Some((_, checkpoint)) = self.entries.last() else { return Ok(()) };
        self.write_records(store)?;
        for (applied, checkpoint) in &self.entries {
            if let Some((indexed, _)) = &applied.commit {
                store.put_index(checkpoint.revision, indexed)?;
            }
            if let Some(receipt) = &applied.receipt {
                store.put_receipt(receipt)?;
            }
        }
        store.set_checkpoint(checkpoint, tokens)?;
        *self = Self::default();
        Ok(())
    }

    fn write_records(&self, store: &Store) -> Result<(), StoreError> {
        let commits = self.entries.iter().filter_map(|(applied, at)| Some((at.revision, &applied.commit.as_ref()?.1)));
        let mut changes: Vec<(Vec<u8>, Revision, &Change)> = commits
            .flat_map(|(revision, changes)| {
                changes.iter().map(move |change| (name(change.kind, &change.key), revision, change))
            })
            .collect();
        // Stable: of one record's changes the last stays last.
        changes.sort_by(|a, b| a.0.cmp(&b.0));
        for same in changes.chunk_by(|a, b| a.0 == b.0) {
            let Some((name, revision, last)) = same.last() else { continue };
            match &last.after {
                Some(node) => {
                    store.records.insert(&**name, codec::encode_record(&node.record, *revision))?;
                    // Only what was deleted before has a tombstone.
                    if same.iter().any(|(_, _, change)| change.deleted_at.is_some() || change.after.is_none()) {
                        store.tombstones.remove(name)?;
                    }
                }
                None => {
                    store.records.remove(name)?;
                    store.tombstones.insert(&**name, &revision.to_be_bytes())?;
                }
            }
        }
        Ok(())
    }
}
