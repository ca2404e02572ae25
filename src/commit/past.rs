//! Earlier registers and commits.
//!
//! A past register is the nearest one at hand with commits undone or done again. At hand are the current one, some of those
//! that were current while the program ran (every [`KEPT_EVERY`]th), and those asked for last. Registers share what they have
//! in common, so that keeping one costs no more than what changed since.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use crate::commit::CommitError;
use crate::journal;
use crate::journal::disk::Folder;
use crate::register::{Register, Revision};
use crate::store::codec::{self, Commit, Entry, Indexed};

/// Every so many revisions a register is kept.
const KEPT_EVERY: Revision = 256;
/// How many of those are kept.
const KEPT: usize = 64;
/// How many registers that were asked for are kept, and latest ones besides.
const ASKED: usize = 16;
/// How many commits that were read are kept, when they are small.
const COMMITS: usize = 64;
/// Changes of a commit that is small.
const SMALL: usize = 1_000;

/// What is known of the past.
pub struct Past {
    disk: Folder,
    index: RwLock<Vec<Indexed>>,
    at_hand: Mutex<AtHand>,
}

#[derive(Default)]
struct AtHand {
    kept: VecDeque<Arc<Register>>,
    asked: VecDeque<Arc<Register>>,
    commits: VecDeque<Arc<Commit>>,
}

fn push_bounded<T>(queue: &mut VecDeque<T>, item: T, bound: usize) {
    if queue.len() == bound {
        queue.pop_front();
    }
    queue.push_back(item);
}

impl Past {
    /// The past of a journal with that index.
    pub fn new(disk: Folder, index: Vec<Indexed>) -> Self {
        Self { disk, index: RwLock::new(index), at_hand: Mutex::default() }
    }

    /// Takes note of a commit, and of the register that it replaced.
    pub fn push(&self, indexed: Indexed, replaced: Arc<Register>) {
        self.index.write().unwrap_or_else(PoisonError::into_inner).push(indexed);
        let mut at_hand = self.at_hand();
        if replaced.revision().is_multiple_of(KEPT_EVERY) {
            push_bounded(&mut at_hand.kept, Arc::clone(&replaced), KEPT);
        }
        push_bounded(&mut at_hand.asked, replaced, ASKED);
    }

    fn at_hand(&self) -> MutexGuard<'_, AtHand> {
        self.at_hand.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn indexed(&self, revision: Revision) -> Option<Indexed> {
        let at = usize::try_from(revision.checked_sub(1)?).ok()?;
        self.index.read().unwrap_or_else(PoisonError::into_inner).get(at).cloned()
    }

    /// See [`super::Ledger::revision_at`].
    pub fn revision_at(&self, instant_ms: i64) -> Revision {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        index.partition_point(|indexed| indexed.committed_at_ms <= instant_ms) as Revision
    }

    /// See [`super::Ledger::commit`].
    pub fn commit(&self, revision: Revision) -> Result<Option<Arc<Commit>>, CommitError> {
        if let Some(commit) = self.at_hand().commits.iter().find(|commit| commit.revision == revision) {
            return Ok(Some(Arc::clone(commit)));
        }
        let Some(indexed) = self.indexed(revision) else { return Ok(None) };
        let payload = journal::read_entry(&self.disk, &indexed.position).map_err(CommitError::Journal)?;
        let broken = |cause| CommitError::Entry { sequence: indexed.position.sequence, cause };
        let Entry::Commit(commit) = codec::decode_entry(&payload).map_err(broken)? else { return Ok(None) };
        let commit = Arc::new(commit);
        if commit.changes.len() <= SMALL {
            push_bounded(&mut self.at_hand().commits, Arc::clone(&commit), COMMITS);
        }
        Ok(Some(commit))
    }

    /// See [`super::Ledger::commit_head`].
    pub fn commit_head(&self, revision: Revision) -> Result<Option<(Commit, u32)>, CommitError> {
        let Some(indexed) = self.indexed(revision) else { return Ok(None) };
        let payload = journal::read_entry(&self.disk, &indexed.position).map_err(CommitError::Journal)?;
        let head = codec::decode_commit_head(&payload);
        head.map(Some).map_err(|cause| CommitError::Entry { sequence: indexed.position.sequence, cause })
    }

    /// See [`super::Ledger::register_at`].
    pub fn register_at(
        &self,
        current: Arc<Register>,
        revision: Revision,
    ) -> Result<Option<Arc<Register>>, CommitError> {
        if revision > current.revision() {
            return Ok(None);
        }
        let nearest = {
            let at_hand = self.at_hand();
            let all = at_hand.kept.iter().chain(&at_hand.asked).chain([&current]);
            all.min_by_key(|register| register.revision().abs_diff(revision)).map_or(current.clone(), Arc::clone)
        };
        if nearest.revision() == revision {
            return Ok(Some(nearest));
        }
        let mut register = Register::clone(&nearest);
        while register.revision() < revision {
            let next = register.revision() + 1;
            let Some(commit) = self.commit(next)? else { return Ok(None) };
            register = register.with(&commit.changes, next, commit.committed_at_ms);
        }
        while register.revision() > revision {
            let Some(commit) = self.commit(register.revision())? else { return Ok(None) };
            let previous = register.revision() - 1;
            let committed_at_ms = self.indexed(previous).map_or(0, |indexed| indexed.committed_at_ms);
            register = register.without(&commit.changes, previous, committed_at_ms);
        }
        let register = Arc::new(register);
        push_bounded(&mut self.at_hand().asked, Arc::clone(&register), ASKED);
        Ok(Some(register))
    }
}
