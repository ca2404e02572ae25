//! Earlier registers and commits, read from the journal.
//!
//! A commit may change a few records or a million. Whoever wants some of its changes gets those alone: of a large one it is known
//! where they stand ([`Outline`]), so that only that part of its entry is read.

pub mod feed;
mod flights;
mod snapshots;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use self::flights::Flights;
use self::snapshots::{Log, SnapshotCache};
use crate::commit::error::CommitError;
use crate::journal;
use crate::journal::disk::Folder;
use crate::journal::frame::Hash;
use crate::model::{Key, Kind};
use crate::register::{Change, Register, Revision};
use crate::store::codec::outline::{Outline, Range};
use crate::store::codec::{self, Commit, Entry, Indexed};
use crate::work;

/// How many commits that were read are kept.
const COMMITS: usize = 64;
/// How many changes those have together: so that many who follow do not each read a large import.
const COMMITS_CHANGES: usize = 64_000;
/// A commit with more changes is read in parts.
const WHOLE: u64 = 256;
/// How many bytes the outlines take that are kept.
const OUTLINES_BYTES: usize = 16 << 20;
/// How many heads of commits are kept.
const HEADS: usize = 10_000;
/// How many bytes the head of a commit takes at most.
const HEAD_BYTES: u64 = 64 << 10;
/// What it costs to read a frame, in records looked at.
const FRAME_STEPS: u64 = 25_000;

/// What is known of the past.
pub struct History {
    disk: Folder,
    index: RwLock<Vec<Indexed>>,
    snapshots: SnapshotCache,
    read: Mutex<Read>,
    outlining: Flights<Revision>,
    /// The revision whose chain was asked for last, or that was committed last, and its chain.
    chain: Mutex<Option<(Revision, Hash)>>,
}

/// What was read, and may be asked for again.
#[derive(Default)]
struct Read {
    commits: VecDeque<Arc<Commit>>,
    outlines: VecDeque<(Revision, Option<Arc<Outline>>)>,
    heads: HashMap<Revision, (Arc<Commit>, u32)>,
}

impl History {
    /// The past of a journal with that index.
    pub fn new(disk: Folder, index: Vec<Indexed>) -> Self {
        Self {
            disk,
            index: RwLock::new(index),
            snapshots: SnapshotCache::default(),
            read: Mutex::default(),
            outlining: Flights::new(2),
            chain: Mutex::default(),
        }
    }

    /// Takes note of a commit that ends with that hash, before anybody can know its revision.
    pub fn note(&self, indexed: Indexed, chain: Hash) {
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        index.push(indexed);
        *self.chain.lock().unwrap_or_else(PoisonError::into_inner) = Some((index.len() as Revision, chain));
    }

    /// Takes the register that a commit replaced by these changes; gives the registers that are no longer at hand.
    pub fn keep(&self, replaced: Arc<Register>, changes: &[Change]) -> Vec<Arc<Register>> {
        self.snapshots.keep(self, replaced, changes)
    }

    /// See [`super::ledger::Ledger::chain`].
    pub fn chain(&self, revision: Revision) -> Result<Hash, CommitError> {
        let known = || *self.chain.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, chain)) = known().filter(|(known, _)| *known == revision) {
            return Ok(chain);
        }
        let Some(indexed) = self.indexed(revision) else { return Ok(Hash::default()) };
        // The entry that follows names it, unless that is not of the next commit.
        let next = self.indexed(revision + 1).filter(|next| next.position.sequence == indexed.position.sequence + 1);
        if let Some(next) = next {
            return Ok(next.position.previous);
        }
        let chain = journal::hash_of_entry(&self.disk, &indexed.position).map_err(CommitError::Journal)?;
        let mut known = self.chain.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_none_or(|(known, _)| known < revision) {
            *known = Some((revision, chain));
        }
        Ok(chain)
    }

    /// How many records were changed by all commits up to that revision.
    pub fn changes_at(&self, revision: Revision) -> u64 {
        self.indexed(revision).map_or(0, |indexed| indexed.changes_so_far)
    }

    fn read(&self) -> MutexGuard<'_, Read> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn indexed(&self, revision: Revision) -> Option<Indexed> {
        let at = usize::try_from(revision.checked_sub(1)?).ok()?;
        self.index.read().unwrap_or_else(PoisonError::into_inner).get(at).cloned()
    }

    /// See [`super::ledger::Ledger::revision_at`].
    pub fn revision_at(&self, instant_ms: i64) -> Revision {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        index.partition_point(|indexed| indexed.committed_at_ms <= instant_ms) as Revision
    }

    /// How many records a commit changed.
    fn changes_of(&self, revision: Revision) -> u64 {
        self.changes_at(revision).saturating_sub(self.changes_at(revision.saturating_sub(1)))
    }

    /// The part of a commit's entry from one byte to another.
    fn part(&self, indexed: &Indexed, from: u64, to: u64) -> Result<Vec<u8>, CommitError> {
        work::step(FRAME_STEPS);
        journal::read_part(&self.disk, &indexed.position, from, to).map_err(CommitError::Journal)
    }

    fn whole(&self, revision: Revision, indexed: &Indexed) -> Result<Vec<u8>, CommitError> {
        let changes = self.changes_of(revision);
        if changes > WHOLE {
            work::long();
        }
        work::step(5 * changes);
        journal::read_entry(&self.disk, &indexed.position).map_err(CommitError::Journal)
    }

    fn at_hand(&self, revision: Revision) -> Option<Arc<Commit>> {
        self.read().commits.iter().find(|commit| commit.revision == revision).map(Arc::clone)
    }

    /// See [`super::ledger::Ledger::commit`].
    pub fn commit(&self, revision: Revision) -> Result<Option<Arc<Commit>>, CommitError> {
        if let Some(commit) = self.at_hand(revision) {
            return Ok(Some(commit));
        }
        let Some(indexed) = self.indexed(revision) else { return Ok(None) };
        let entry = codec::decode_entry(&self.whole(revision, &indexed)?).map_err(broken(&indexed))?;
        let Entry::Commit(commit) = entry else { return Ok(None) };
        let commit = Arc::new(commit);
        if commit.changes.len() <= COMMITS_CHANGES {
            let commits = &mut self.read().commits;
            commits.push_back(Arc::clone(&commit));
            let mut changes: usize = commits.iter().map(|commit| commit.changes.len()).sum();
            while changes > COMMITS_CHANGES || commits.len() > COMMITS {
                changes -= commits.pop_front().map_or(changes, |commit| commit.changes.len());
            }
        }
        Ok(Some(commit))
    }

    /// See [`super::ledger::Ledger::commit_head`].
    pub fn commit_head(&self, revision: Revision) -> Result<Option<(Arc<Commit>, u32)>, CommitError> {
        if let Some((head, changes)) = self.read().heads.get(&revision) {
            return Ok(Some((Arc::clone(head), *changes)));
        }
        let Some(indexed) = self.indexed(revision) else { return Ok(None) };
        let (head, changes) = match codec::decode_commit_head(&self.part(&indexed, 0, HEAD_BYTES)?) {
            Ok(found) => found,
            // Its reason may be longer than any that is taken today.
            Err(_) => codec::decode_commit_head(&self.whole(revision, &indexed)?).map_err(broken(&indexed))?,
        };
        let head = Arc::new(head);
        let heads = &mut self.read().heads;
        if heads.len() >= HEADS {
            heads.clear();
        }
        heads.insert(revision, (Arc::clone(&head), changes));
        Ok(Some((head, changes)))
    }

    /// See [`super::ledger::Ledger::change`].
    pub fn change(
        &self,
        revision: Revision,
        kind: Kind,
        key: &Key,
    ) -> Result<Option<(Arc<Commit>, Change)>, CommitError> {
        let is_it = |change: &&Change| change.kind == kind && change.key == *key;
        let Some(outline) = self.outlined(revision)? else {
            let Some(commit) = self.commit(revision)? else { return Ok(None) };
            let change = commit.changes.iter().find(is_it).cloned();
            return Ok(change.map(|change| (commit, change)));
        };
        let Some(range) = outline.find(kind, key) else { return Ok(None) };
        let change = self.changes_in(&outline, range)?.iter().find(is_it).cloned();
        let head = self.commit_head(revision)?;
        Ok(head.zip(change).map(|((head, _), change)| (head, change)))
    }

    /// See [`super::ledger::Ledger::changes`].
    pub fn changes(
        &self,
        revision: Revision,
        kinds: &[Kind],
        first: usize,
    ) -> Result<Option<(Vec<Change>, u64)>, CommitError> {
        let of_kinds = |change: &&Change| kinds.is_empty() || kinds.contains(&change.kind);
        let Some(outline) = self.outlined(revision)? else {
            let Some(commit) = self.commit(revision)? else { return Ok(None) };
            let wanted = commit.changes.iter().filter(of_kinds);
            return Ok(Some((wanted.clone().take(first).cloned().collect(), wanted.count() as u64)));
        };
        let mut changes = Vec::new();
        for range in outline.first_of(kinds, u32::try_from(first).unwrap_or(u32::MAX)) {
            changes.extend(self.changes_in(&outline, range)?.into_iter().filter(|change| of_kinds(&change)));
        }
        changes.truncate(first);
        Ok(Some((changes, outline.count_of(kinds).into())))
    }

    fn changes_in(&self, outline: &Outline, range: Range) -> Result<Vec<Change>, CommitError> {
        let Some(indexed) = self.indexed(outline.head.revision) else { return Ok(Vec::new()) };
        let bytes = self.part(&indexed, range.from, range.to)?;
        outline.changes(&bytes).map_err(broken(&indexed))
    }

    /// Where the changes of a large commit stand; none of one that is small or at hand, or is to be read whole.
    fn outlined(&self, revision: Revision) -> Result<Option<Arc<Outline>>, CommitError> {
        let Some(indexed) = self.indexed(revision) else { return Ok(None) };
        if self.changes_of(revision) <= WHOLE || self.at_hand(revision).is_some() {
            return Ok(None);
        }
        let find = || {
            let read = self.read();
            read.outlines.iter().find(|(known, _)| *known == revision).map(|(_, outline)| outline.clone())
        };
        let make = || {
            let outline = Outline::of(&self.whole(revision, &indexed)?).map_err(broken(&indexed))?.map(Arc::new);
            let outlines = &mut self.read().outlines;
            outlines.push_back((revision, outline.clone()));
            let bytes_of = |outline: &Option<Arc<Outline>>| outline.as_ref().map_or(64, |outline| outline.bytes());
            let mut bytes: usize = outlines.iter().map(|(_, outline)| bytes_of(outline)).sum();
            while bytes > OUTLINES_BYTES && outlines.len() > 1 {
                bytes -= outlines.pop_front().map_or(bytes, |(_, outline)| bytes_of(&outline));
            }
            Ok(outline)
        };
        self.outlining.once(&revision, find, make)
    }

    /// See [`super::ledger::Ledger::register_at`].
    pub fn register_at(
        &self,
        current: &Arc<Register>,
        revision: Revision,
    ) -> Result<Option<Arc<Register>>, CommitError> {
        self.snapshots.make(self, current, revision)
    }
}

impl Log for History {
    fn changes_at(&self, revision: Revision) -> u64 {
        Self::changes_at(self, revision)
    }

    fn committed_at_ms(&self, revision: Revision) -> i64 {
        self.indexed(revision).map_or(0, |indexed| indexed.committed_at_ms)
    }

    fn commit(&self, revision: Revision) -> Result<Option<Arc<Commit>>, CommitError> {
        Self::commit(self, revision)
    }
}

fn broken(indexed: &Indexed) -> impl FnOnce(codec::CodecError) -> CommitError {
    let sequence = indexed.position.sequence;
    move |cause| CommitError::Entry { sequence, cause }
}
