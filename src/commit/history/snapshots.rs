//! Earlier registers at hand, and how another one is made of them.
//!
//! At hand are the current one, some of those that were current while the program ran (one for each [`KEPT_EVERY`] changes), and
//! those asked for last. Registers share what they have in common: one costs what changed between it and the others, and that is
//! what bounds them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::flights::Flights;
use crate::commit::error::CommitError;
use crate::register::{Change, Register, Revision};
use crate::store::codec::Commit;

/// After so many changes a register is kept.
const KEPT_EVERY: u64 = 2_000;
/// How many of those are kept.
const KEPT: usize = 64;
/// How many registers that were asked for are kept, and latest ones besides.
const RECENT: usize = 16;
/// How many bytes all of them take together beyond the current one, about: those of what lies between. One that somebody asks for
/// stays in any case, until the next commit.
const BYTES: u64 = 64 << 20;
/// A register of so many bytes of its own is freed in less time than it takes to let another thread do it.
const FREED_AT_ONCE: u64 = 64 << 10;
/// So many changes of a commit are looked at to judge its size.
const SAMPLES: usize = 64;
/// So many registers are made at once.
const AT_ONCE: usize = 2;

/// A register at hand.
struct Held {
    register: Arc<Register>,
    /// About how many bytes it does not share with what it was made of, or what was made of it.
    bytes: u64,
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

    /// Takes the oldest away where there are too many, down to so many of the latest; gives them.
    fn trim(&mut self, stay: usize) -> Vec<Held> {
        let mut bytes: u64 = self.kept.iter().chain(&self.recent).map(|held| held.bytes).sum();
        let mut evicted = Vec::new();
        loop {
            let oldest = if self.kept.len() > KEPT || (bytes > BYTES && !self.kept.is_empty()) {
                self.kept.pop_front()
            } else if self.recent.len() > RECENT || (bytes > BYTES && self.recent.len() > stay) {
                self.recent.pop_front()
            } else {
                return evicted;
            };
            let Some(oldest) = oldest else { return evicted };
            bytes -= oldest.bytes;
            evicted.push(oldest);
        }
    }
}

/// The registers at hand, and those that are being made.
pub struct SnapshotCache {
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

impl Default for SnapshotCache {
    fn default() -> Self {
        Self { at_hand: Mutex::default(), flights: Flights::new(AT_ONCE) }
    }
}

impl SnapshotCache {
    fn at_hand(&self) -> MutexGuard<'_, AtHand> {
        self.at_hand.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the register that a commit replaced by these changes; gives those that are no longer at hand, and that it takes
    /// a while to free.
    pub fn keep(&self, log: &impl Log, replaced: Arc<Register>, changes: &[Change]) -> Vec<Arc<Register>> {
        let bytes = bytes_of(changes);
        let mut at_hand = self.at_hand();
        let last_kept = at_hand.kept.back().map_or(0, |held| log.changes_at(held.register.revision()));
        if log.changes_at(replaced.revision() + 1) - last_kept >= KEPT_EVERY {
            at_hand.kept.push_back(Held { register: Arc::clone(&replaced), bytes });
        }
        at_hand.recent.push_back(Held { register: replaced, bytes });
        let evicted = at_hand.trim(0);
        drop(at_hand);
        evicted.into_iter().filter(|held| held.bytes > FREED_AT_ONCE).map(|held| held.register).collect()
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
    snapshots: &'s SnapshotCache,
    begin: Arc<Register>,
    reached: Option<Arc<Register>>,
    bytes: u64,
}

impl<'s> Way<'s> {
    fn begin(snapshots: &'s SnapshotCache, log: &impl Log, current: &Arc<Register>, revision: Revision) -> Self {
        let goal = log.changes_at(revision);
        let at_hand = snapshots.at_hand();
        let all = at_hand.registers().chain([current]);
        let nearest = all.min_by_key(|register| log.changes_at(register.revision()).abs_diff(goal));
        let begin = Arc::clone(nearest.unwrap_or(current));
        drop(at_hand);
        Self { snapshots, begin, reached: None, bytes: 0 }
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
            self.bytes += bytes_of(&commit.changes);
            self.reached = Some(Arc::new(next));
        }
    }
}

impl Drop for Way<'_> {
    fn drop(&mut self) {
        if let Some(reached) = self.reached.take() {
            let mut at_hand = self.snapshots.at_hand();
            at_hand.recent.push_back(Held { register: reached, bytes: self.bytes });
            let evicted = at_hand.trim(1);
            // To free a large register takes its time: others need not wait for that.
            drop(at_hand);
            drop(evicted);
        }
    }
}

/// About how many bytes two registers do not share, between which these changes lie: judged by some of them.
fn bytes_of(changes: &[Change]) -> u64 {
    let looked = changes.iter().step_by(changes.len().div_ceil(SAMPLES).max(1));
    let (count, sum) = looked.fold((0, 0), |(count, sum), change| (count + 1, sum + change.bytes()));
    (sum * changes.len()).checked_div(count).unwrap_or_default() as u64
}

#[cfg(test)]
mod tests {
    use std::sync::Weak;

    use super::*;
    use crate::model::{Key, Kind, Organisation, Record};
    use crate::register::Node;

    #[test]
    fn what_is_at_hand_is_bounded_by_what_lies_between() {
        let mut at_hand = AtHand::default();
        let held = |bytes| Held { register: Arc::new(Register::empty()), bytes };
        for _ in 0..200 {
            at_hand.kept.push_back(held(10));
            at_hand.recent.push_back(held(10));
            at_hand.trim(0);
        }
        assert_eq!((at_hand.kept.len(), at_hand.recent.len()), (KEPT, RECENT));
        at_hand.recent.push_back(held(BYTES - 100));
        at_hand.trim(0);
        assert_eq!((at_hand.kept.len(), at_hand.recent.len()), (0, 11));
        at_hand.recent.push_back(held(BYTES * 2));
        assert_eq!(at_hand.trim(1).len(), 11);
        assert_eq!(at_hand.recent.len(), 1, "the latest one that was asked for stays");
        assert_eq!(at_hand.trim(0).len(), 1);
    }

    /// Commits of so many changes each.
    struct Equal(u64);

    impl Log for Equal {
        fn changes_at(&self, revision: Revision) -> u64 {
            revision * self.0
        }
        fn committed_at_ms(&self, _: Revision) -> i64 {
            0
        }
        fn commit(&self, _: Revision) -> Result<Option<Arc<Commit>>, CommitError> {
            Ok(None)
        }
    }

    fn record(number: usize, round: usize) -> Record {
        let key = Key::parse(&format!("o-{number}")).unwrap();
        // As long as a text may be, so that few records are many bytes.
        let name = format!("{round} {}", "n".repeat(16_000));
        Organisation {
            key,
            name,
            abbreviation: None,
            printed: None,
            namespace: None,
            parent_key: None,
            year_start: None,
        }
        .into()
    }

    /// However often everything is written anew, what is left of earlier states is bounded in bytes, and given back.
    #[test]
    fn nine_updates_of_everything_leave_little_behind() {
        const RECORDS: usize = 1_300;
        let (snapshots, log) = (SnapshotCache::default(), Equal(RECORDS as u64));
        let mut current = Arc::new(Register::empty());
        let mut written: Vec<Weak<Node>> = Vec::new();
        let mut one = 0;
        for round in 0..10 {
            let revision = current.revision() + 1;
            let change = |number| {
                let after = Arc::new(Node::new(record(number, round), revision));
                let before = current.get(Kind::Organisation, &after.key).cloned();
                Change {
                    kind: Kind::Organisation,
                    key: after.key.clone(),
                    before,
                    deleted_at: None,
                    after: Some(after),
                }
            };
            let changes: Vec<Change> = (0..RECORDS).map(change).collect();
            written.extend(changes.iter().filter_map(|change| change.after.as_ref().map(Arc::downgrade)));
            one = bytes_of(&changes);
            let next = Arc::new(current.with(&changes, revision, 0));
            drop(snapshots.keep(&log, current, &changes));
            current = next;
        }
        assert!(one > 20 << 20, "the rounds are too small to prove anything: {one} bytes");
        let left = written.iter().filter(|node| node.strong_count() > 0).count();
        // Trees in order hold some records longer, as signposts between their branches.
        let most = RECORDS * (1 + usize::try_from(BYTES / one).unwrap()) + RECORDS / 4;
        assert!((RECORDS..=most).contains(&left), "{left} of {} are left, at most {most} may be", written.len());
    }
}
