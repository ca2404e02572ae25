//! Earlier registers and commits.
//!
//! A past register is the nearest one at hand with commits undone or done again; nearest by how many records lie between. At
//! hand are the current one, some of those that were current while the program ran (one for each [`KEPT_EVERY`] changes), and
//! those asked for last. Registers share what they have in common, so that keeping one costs no more than what changed since.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use crate::commit::CommitError;
use crate::journal;
use crate::journal::disk::Folder;
use crate::journal::frame::Hash;
use crate::register::{Register, Revision};
use crate::store::codec::{self, Commit, Entry, Indexed};

/// After so many changes a register is kept.
const KEPT_EVERY: u64 = 2_000;
/// How many of those are kept.
const KEPT: usize = 64;
/// How many registers that were asked for are kept, and latest ones besides.
const ASKED: usize = 16;
/// How many commits that were read are kept.
const COMMITS: usize = 64;
/// How many changes those have together: so that many who follow do not each read a large import.
const COMMITS_CHANGES: usize = 64_000;

/// What is known of the past.
pub struct Past {
    disk: Folder,
    index: RwLock<Vec<Indexed>>,
    at_hand: Mutex<AtHand>,
    /// The revision whose chain was asked for last, or that was committed last, and its chain.
    chain: Mutex<Option<(Revision, Hash)>>,
}

#[derive(Default)]
struct AtHand {
    kept: VecDeque<Arc<Register>>,
    asked: VecDeque<Arc<Register>>,
    commits: VecDeque<Arc<Commit>>,
}

/// Adds to a queue and gives what no longer fits.
fn push_bounded<T>(queue: &mut VecDeque<T>, item: T, bound: usize) -> Option<T> {
    let evicted = if queue.len() == bound { queue.pop_front() } else { None };
    queue.push_back(item);
    evicted
}

impl Past {
    /// The past of a journal with that index.
    pub fn new(disk: Folder, index: Vec<Indexed>) -> Self {
        Self { disk, index: RwLock::new(index), at_hand: Mutex::default(), chain: Mutex::default() }
    }

    /// Takes note of a commit that ends with that hash, before anybody can know its revision.
    pub fn note(&self, indexed: Indexed, chain: Hash) {
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        index.push(indexed);
        *self.chain.lock().unwrap_or_else(PoisonError::into_inner) = Some((index.len() as Revision, chain));
    }

    /// Takes the register that a commit replaced; gives the registers that are no longer at hand.
    pub fn keep(&self, replaced: Arc<Register>) -> Vec<Arc<Register>> {
        let changes_so_far = self.changes_at(replaced.revision() + 1);
        let mut at_hand = self.at_hand();
        let last_kept = at_hand.kept.back().map_or(0, |register| self.changes_at(register.revision()));
        let mut evicted = Vec::new();
        if changes_so_far - last_kept >= KEPT_EVERY {
            evicted.extend(push_bounded(&mut at_hand.kept, Arc::clone(&replaced), KEPT));
        }
        evicted.extend(push_bounded(&mut at_hand.asked, replaced, ASKED));
        evicted
    }

    /// See [`super::Ledger::chain`].
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
        if commit.changes.len() <= COMMITS_CHANGES {
            let commits = &mut self.at_hand().commits;
            push_bounded(commits, Arc::clone(&commit), COMMITS);
            let mut changes: usize = commits.iter().map(|commit| commit.changes.len()).sum();
            while changes > COMMITS_CHANGES {
                changes -= commits.pop_front().map_or(changes, |commit| commit.changes.len());
            }
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
            let goal = self.changes_at(revision);
            let way = |register: &&Arc<Register>| self.changes_at(register.revision()).abs_diff(goal);
            all.min_by_key(way).map_or_else(|| Arc::clone(&current), Arc::clone)
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
