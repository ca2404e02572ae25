//! Earlier registers at hand, and how another one is made of them.
//!
//! At hand are the current one, some of those that were current while the program ran (one for each [`KEPT_EVERY`] changes), and
//! those asked for last. Registers share what they have in common: one costs what changed between it and the others, and that is
//! what bounds them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::commit::CommitError;
use crate::commit::flights::Flights;
use crate::register::{Register, Revision};
use crate::store::codec::Commit;

/// After so many changes a register is kept.
const KEPT_EVERY: u64 = 2_000;
/// How many of those are kept.
const KEPT: usize = 64;
/// How many registers that were asked for are kept, and latest ones besides.
const RECENT: usize = 16;
/// How many changes lie between all of them together: at about a KiB each, a quarter of a GiB. The latest one stays in any case.
const CHANGES: u64 = 256 << 10;
/// So many registers are made at once.
const AT_ONCE: usize = 2;

/// A register at hand.
struct Held {
    register: Arc<Register>,
    /// How many changes lie between it and what it was made of.
    changes: u64,
}

#[derive(Default)]
struct AtHand {
    kept: VecDeque<Held>,
    recent: VecDeque<Held>,
}

impl AtHand {
    fn registers(&self) -> impl Iterator<Item = &Arc<Register>> {
        self.kept.iter().chain(&self.recent).map(|held| &held.register)
    }

    /// Takes the oldest away where there are too many; gives them.
    fn trim(&mut self) -> Vec<Arc<Register>> {
        let mut changes: u64 = self.kept.iter().chain(&self.recent).map(|held| held.changes).sum();
        let mut evicted = Vec::new();
        loop {
            let oldest = if self.kept.len() > KEPT || (changes > CHANGES && !self.kept.is_empty()) {
                self.kept.pop_front()
            } else if self.recent.len() > RECENT || (changes > CHANGES && self.recent.len() > 1) {
                self.recent.pop_front()
            } else {
                return evicted;
            };
            let Some(oldest) = oldest else { return evicted };
            changes -= oldest.changes;
            evicted.push(oldest.register);
        }
    }
}

/// The registers at hand, and those that are being made.
pub struct Snapshots {
    at_hand: Mutex<AtHand>,
    flights: Flights<Revision>,
}

/// What there is to know about the commits between two registers.
pub trait Log {
    /// How many records were changed by all commits up to that revision.
    fn changes_at(&self, revision: Revision) -> u64;
    /// When that revision was committed: milliseconds since 1970.
    fn committed_at_ms(&self, revision: Revision) -> i64;
    /// The commit that made a revision.
    ///
    /// # Errors
    /// When the journal cannot be read.
    fn commit(&self, revision: Revision) -> Result<Option<Arc<Commit>>, CommitError>;
}

impl Default for Snapshots {
    fn default() -> Self {
        Self { at_hand: Mutex::default(), flights: Flights::new(AT_ONCE) }
    }
}

impl Snapshots {
    fn at_hand(&self) -> MutexGuard<'_, AtHand> {
        self.at_hand.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the register that a commit replaced; gives those that are no longer at hand.
    pub fn keep(&self, log: &impl Log, replaced: Arc<Register>) -> Vec<Arc<Register>> {
        let (before, after) = (replaced.revision(), replaced.revision() + 1);
        let changes_so_far = log.changes_at(after);
        let changes = changes_so_far - log.changes_at(before);
        let mut at_hand = self.at_hand();
        let last_kept = at_hand.kept.back().map_or(0, |held| log.changes_at(held.register.revision()));
        if changes_so_far - last_kept >= KEPT_EVERY {
            at_hand.kept.push_back(Held { register: Arc::clone(&replaced), changes });
        }
        at_hand.recent.push_back(Held { register: replaced, changes });
        at_hand.trim()
    }

    /// The register of a revision up to the current one: made once for all who ask for it, from the nearest that is at hand, by
    /// the number of changes between. Where that takes longer than somebody's time, the way so far is kept: whoever asks next
    /// goes on from there.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn make(
        &self,
        log: &impl Log,
        current: &Arc<Register>,
        revision: Revision,
    ) -> Result<Option<Arc<Register>>, CommitError> {
        if revision >= current.revision() {
            return Ok((revision == current.revision()).then(|| Arc::clone(current)));
        }
        let at_hand = |register: &&Arc<Register>| register.revision() == revision;
        let find = || self.at_hand().registers().find(at_hand).map(|found| Some(Arc::clone(found)));
        self.flights.once(&revision, find, || Way::begin(self, log, current, revision).go(log, revision))
    }
}

/// A register on its way to another revision; what is reached is put at hand, also when the way ends early.
struct Way<'s> {
    snapshots: &'s Snapshots,
    begin: Arc<Register>,
    reached: Option<Arc<Register>>,
    changes: u64,
}

impl<'s> Way<'s> {
    fn begin(snapshots: &'s Snapshots, log: &impl Log, current: &Arc<Register>, revision: Revision) -> Self {
        let goal = log.changes_at(revision);
        let at_hand = snapshots.at_hand();
        let all = at_hand.registers().chain([current]);
        let nearest = all.min_by_key(|register| log.changes_at(register.revision()).abs_diff(goal));
        let begin = Arc::clone(nearest.unwrap_or(current));
        drop(at_hand);
        Self { snapshots, begin, reached: None, changes: 0 }
    }

    fn go(mut self, log: &impl Log, revision: Revision) -> Result<Option<Arc<Register>>, CommitError> {
        loop {
            let at = Arc::clone(self.reached.as_ref().unwrap_or(&self.begin));
            let step = match at.revision().cmp(&revision) {
                std::cmp::Ordering::Equal => return Ok(Some(at)),
                std::cmp::Ordering::Less => at.revision() + 1,
                std::cmp::Ordering::Greater => at.revision(),
            };
            let Some(commit) = log.commit(step)? else { return Ok(None) };
            let next = if step > at.revision() {
                at.with(&commit.changes, step, commit.committed_at_ms)
            } else {
                let previous = step - 1;
                at.without(&commit.changes, previous, log.committed_at_ms(previous))
            };
            self.changes += commit.changes.len() as u64;
            self.reached = Some(Arc::new(next));
        }
    }
}

impl Drop for Way<'_> {
    fn drop(&mut self) {
        if let Some(reached) = self.reached.take() {
            let mut at_hand = self.snapshots.at_hand();
            at_hand.recent.push_back(Held { register: reached, changes: self.changes });
            let evicted = at_hand.trim();
            // To free a large register takes its time: others need not wait for that.
            drop(at_hand);
            drop(evicted);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_at_hand_is_bounded_by_what_changed_between() {
        let mut at_hand = AtHand::default();
        let held = |changes| Held { register: Arc::new(Register::empty()), changes };
        for _ in 0..200 {
            at_hand.kept.push_back(held(10));
            at_hand.recent.push_back(held(10));
            at_hand.trim();
        }
        assert_eq!((at_hand.kept.len(), at_hand.recent.len()), (KEPT, RECENT));
        at_hand.recent.push_back(held(CHANGES - 100));
        at_hand.trim();
        assert_eq!((at_hand.kept.len(), at_hand.recent.len()), (0, 11));
        at_hand.recent.push_back(held(CHANGES * 2));
        assert_eq!(at_hand.trim().len(), 11);
        assert_eq!(at_hand.recent.len(), 1, "the latest one stays");
    }
}
