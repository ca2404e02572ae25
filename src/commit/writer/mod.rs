//! The one writer: a thread that gives each submission its turn on the newest state. A submission comes examined on an earlier
//! one; what it looked at is compared with what was committed since, and only if that was touched it is examined again.

mod clock;
pub mod queue;
mod recent;
pub mod shared;
mod sync;
pub mod turn;

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError, RwLock};

use self::clock::Clock;
use self::queue::{GROUP_MAX, Turns};
use self::recent::Recent;
use self::turn::{Entry, Fact, Job, Outcome, Staged, Turn, has_room_in_log};
use super::error::CommitError;
use super::folder::log::Log;
use super::history::History;
use super::history::feed::Publisher;
use super::link::Link;
use super::planted;
use super::receipts::{Receipts, name_of, receipt_of};
use super::submission::{Examined, Report, Status, Submission, examine};
use crate::journal::JournalError;
use crate::register::Register;
use crate::store::checkpoint::{CheckpointWriter, StoreState};
use crate::store::codec::{Commit, Indexed, Receipt};
use crate::store::{Applied, Checkpoint};
use arc_swap::ArcSwap;

/// A submission of more changes is made durable alone.
const LARGE_CHANGES: usize = 2_000;
/// A submission of more edits is examined again beside the queue, once, before it is examined in it.
const SMALL_EDITS: usize = 1_000;

/// What readers and writers have in common.
pub struct Shared {
    /// The register as it is now.
    pub current: ArcSwap<Register>,
    /// Earlier ones.
    pub history: Arc<History>,
    /// Those who follow.
    pub feed: Publisher,
    /// What was answered to keys.
    pub receipts: RwLock<Receipts>,
    /// Does what a fault of ours would do, at the worst moment.
    #[cfg(test)]
    pub fault: std::sync::Mutex<Option<fn()>>,
}

#[cfg(test)]
impl Shared {
    fn fail(&self) {
        let fault = *self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        fault.into_iter().for_each(|fault| fault());
    }
}

/// The writer's own state. Nobody else has it.
pub struct Writer {
    shared: Arc<Shared>,
    log: Log,
    /// The log that it shares with other nodes, when it is one of several.
    link: Option<Arc<Link>>,
    /// Why only that log may be written to, where there is none.
    apart: Option<String>,
    checkpoints: CheckpointWriter,
    /// The newest register, which may not be durable yet.
    head: Arc<Register>,
    recent: Recent,
    /// Keys whose answers are staged.
    staged_keys: HashSet<[u8; 16]>,
    /// The journal may have commits that the register does not have. A panic that leaves this is followed by no other write:
    /// it would have the number of one that is there already.
    between: bool,
    /// Why nothing is written any more.
    stopped: Option<String>,
    clock: Clock,
}

fn stopped(reason: &str) -> CommitError {
    CommitError::Journal(JournalError::Stopped(reason.to_owned()))
}

impl Writer {
    /// A writer that goes on from the current register.
    pub fn new(shared: Arc<Shared>, log: Log, checkpoints: CheckpointWriter) -> Self {
        let head = shared.current.load_full();
        Self {
            shared,
            log,
            link: None,
            apart: None,
            checkpoints,
            head,
            recent: Recent::default(),
            staged_keys: HashSet::new(),
            between: false,
            stopped: None,
            clock: Clock::default(),
        }
    }

    /// See [`super::ledger::Ledger::trust_clock`].
    pub fn trust_clock(&mut self) {
        self.clock.trust();
    }

    /// Makes durable what need not be at once, and closes the store, so that the next start trusts it.
    ///
    /// # Errors
    /// When the disk refuses; nothing is lost, the next start rebuilds the store.
    pub fn close(&self) -> Result<(), CommitError> {
        self.log.rest();
        Ok(self.checkpoints.close()?)
    }

    /// Why nothing is written any more; none while it is. Looks whether the folder is the one that was opened still.
    pub fn check(&mut self) -> Option<String> {
        if self.stopped.is_none() {
            self.stopped = self.log.check();
        }
        self.stopped.clone()
    }

    /// Whether the folder is only read.
    pub fn is_read_only(&self) -> bool {
        self.log.is_read_only()
    }

    /// How the store does.
    pub fn store_state(&self) -> StoreState {
        self.checkpoints.state()
    }

    /// Writes an entry that changes nothing in the register.
    ///
    /// # Errors
    /// See [`Log::append_group`].
    pub fn append(&mut self, entry: Vec<u8>) -> Result<(), CommitError> {
        self.check_writable()?;
        match self.link.clone() {
            Some(link) => {
                self.append_shared(&link, vec![entry], self.head.revision())?;
                self.sync_shared()
            }
            None => Ok(self.log.append([entry].into_iter(), self.head.revision()).map(|_| ())?),
        }
    }

    /// Whether anything can be written, as far as that is known.
    fn check_writable(&self) -> Result<(), CommitError> {
        if self.is_read_only() {
            return Err(CommitError::Journal(JournalError::ReadOnly));
        }
        if let Some(reason) = &self.stopped {
            return Err(stopped(reason));
        }
        match (&self.link, &self.apart) {
            (Some(link), _) => link.writable().map(|_| ()),
            (None, Some(reason)) => Err(CommitError::Apart(reason.clone())),
            (None, None) => Ok(()),
        }
    }

    fn turn(
        &mut self,
        submission: &Submission,
        mut examined: Examined,
        now_ms: i64,
        may_return: bool,
    ) -> Result<Outcome, CommitError> {
        self.check_writable()?;
        if self.is_answered(submission) {
            return Ok(Outcome::Told(Turn::AnsweredBefore));
        }
        if self.holds(submission, &examined) {
            examined.report.rebase(&self.head);
        } else if may_return && !submission.is_examined_quickly(SMALL_EDITS) {
            return Ok(Outcome::Told(Turn::Moved));
        } else {
            examined = examine(&self.head, submission)?;
        }
        let report = examined.report;
        Ok(match report.status {
            _ if !report.leaves_a_trace(submission) => Outcome::Told(Turn::Done(report)),
            Status::WouldCommit => {
                self.clock.check(now_ms, self.head.committed_at_ms())?;
                self.commit(submission, report, now_ms)
            }
            _ => self.receipt(submission, report),
        })
    }

    fn is_answered(&self, submission: &Submission) -> bool {
        !planted::has(planted::BLIND_RETRY)
            && submission.idempotency.as_ref().is_some_and(|(key, _)| {
                let author = &submission.identity.name;
                self.staged_keys.contains(&name_of(author, key))
                    || self.shared.receipts.read().unwrap_or_else(PoisonError::into_inner).get(author, key).is_some()
            })
    }

    /// Whether what a submission came to on an earlier state is what it comes to now.
    fn holds(&self, submission: &Submission, examined: &Examined) -> bool {
        let (base, head) = (examined.report.base_revision, self.head.revision());
        // The guards name a state: they hold on no other.
        let is_guarded = submission.expect_revision.is_some() || submission.expect_digest.is_some();
        base == head || !is_guarded && self.recent.leaves(&examined.footprint, base, head)
    }

    /// A commit, which makes a revision.
    fn commit(&mut self, submission: &Submission, mut report: Box<Report>, now_ms: i64) -> Outcome {
        let commit = Commit {
            revision: self.head.revision() + 1,
            // Time never runs backwards in the journal, whatever the clock does.
            committed_at_ms: now_ms.max(self.head.committed_at_ms()),
            author: submission.identity.name.clone(),
            reason: submission.reason.clone(),
            counts: report.counts,
            idempotency: submission.idempotency.clone(),
            changes: Vec::new(),
        };
        (report.status, report.revision) = (Status::Committed, commit.revision);
        let next = Arc::new(self.head.with(&report.changes, commit.revision, commit.committed_at_ms));
        let receipt = receipt_of(&commit);
        self.recent.push(commit.revision, &report.changes);
        self.stage_entry(report, Some((commit, Arc::clone(&next))), receipt, next)
    }

    /// A request that changes nothing makes no revision, but its answer must stand when it is asked again.
    fn receipt(&mut self, submission: &Submission, report: Box<Report>) -> Outcome {
        let (key, body) = submission.idempotency.clone().unwrap_or_default();
        let author = submission.identity.name.clone();
        let receipt = Receipt { author, key, body, revision: report.revision, committed: false, counts: report.counts };
        self.stage_entry(report, None, Some(receipt), Arc::clone(&self.head))
    }

    fn stage_entry(
        &mut self,
        report: Box<Report>,
        commit: Option<(Commit, Arc<Register>)>,
        receipt: Option<Receipt>,
        head: Arc<Register>,
    ) -> Outcome {
        self.staged_keys.extend(receipt.as_ref().map(|receipt| name_of(&receipt.author, &receipt.key)));
        let (at_ms, revision) = (head.committed_at_ms(), head.revision());
        self.head = head;
        let mut entry = Entry { report, commit, receipt, payload: None, place: None, at_ms, revision };
        if self.link.is_some() {
            entry.payload = Some(entry.pieces().flatten().collect());
        }
        Outcome::Write(Box::new(entry))
    }

    /// Writes the entries of a group, all or none.
    fn write(&mut self, group: &mut [Staged]) -> Result<(), CommitError> {
        let entries = || {
            group.iter().filter_map(|staged| match &staged.outcome {
                Ok(Outcome::Write(entry)) => Some(entry),
                _ => None,
            })
        };
        if entries().next().is_none() {
            return Ok(());
        }
        self.between = true;
        let head = self.head.revision();
        let mut places = match self.link.clone() {
            Some(link) => {
                let payloads = entries().filter_map(|entry| entry.payload.clone()).collect();
                self.append_shared(&link, payloads, head)?
            }
            None => self.log.append_group(entries().map(|entry| entry.pieces()), head)?,
        };
        places.push(self.log.end().clone());
        let mut places = places.windows(2);
        for staged in group {
            if let Ok(Outcome::Write(entry)) = &mut staged.outcome
                && let Some([place, next]) = places.next()
            {
                entry.place = Some((place.clone(), next.clone()));
            }
        }
        #[cfg(test)]
        self.shared.fail();
        Ok(())
    }

    /// Goes back to what is published: what was staged beyond it is not written.
    fn forget_staged(&mut self) {
        self.head = self.shared.current.load_full();
        self.recent.forget_after(self.head.revision());
        self.between = false;
    }

    fn publish(&self, Fact { commit, receipt, place, at_ms, revision }: Fact) {
        let (position, next_position) = place;
        let mut applied = Applied { commit: None, receipt: receipt.clone() };
        if let Some((commit, changes, next)) = commit {
            let replaced = self.shared.current.load_full();
            let changes_so_far = self.shared.history.changes_at(replaced.revision()) + changes.len() as u64;
            let indexed = Indexed { position, committed_at_ms: commit.committed_at_ms, changes_so_far };
            applied.commit = Some((indexed.clone(), Arc::clone(&changes)));
            replaced.superseded_by(&next);
            // Whoever sees the register may ask for its revision at once.
            self.shared.history.note(indexed, next_position.previous);
            self.shared.current.store(next);
            self.shared.feed.publish(revision);
            // Freeing a large register takes longer than a small commit: whoever waits for that need not wait for this.
            self.checkpoints.free(self.shared.history.keep(replaced, &changes));
        }
        if let Some(receipt) = receipt {
            self.shared.receipts.write().unwrap_or_else(PoisonError::into_inner).insert(&receipt, at_ms);
        }
        self.checkpoints.apply(applied, Checkpoint { revision, committed_at_ms: at_ms, next: next_position });
    }

    /// A panic of ours: costs one answer when nothing was written, else all writing.
    fn fault(&mut self) -> CommitError {
        if !self.between {
            return CommitError::Fault;
        }
        let reason = "a commit ended in a fault of the program; the log has it";
        tracing::error!("{reason}: nothing more is written until the program starts again");
        stopped(self.stopped.insert(reason.to_owned()))
    }
}

impl Turns for Writer {
    type Job = Job;
    type Staged = Staged;

    fn stage(&mut self, job: Job) -> Staged {
        let Job { submission, examined, now_ms, may_return, answer } = job;
        let turn = AssertUnwindSafe(|| self.turn(&submission, examined, now_ms, may_return));
        let outcome = catch_unwind(turn).unwrap_or_else(|_| Err(self.fault()));
        Staged { outcome, answer }
    }

    fn is_large(&self, job: &Job) -> bool {
        job.examined.report.changes.len() > LARGE_CHANGES
    }

    fn has_room(&self, group: &[Staged]) -> bool {
        if self.link.is_some() { has_room_in_log(group) } else { group.len() < GROUP_MAX }
    }

    fn sync(&mut self, group: &mut [Staged]) {
        let written = catch_unwind(AssertUnwindSafe(|| self.write(group))).unwrap_or_else(|_| Err(self.fault()));
        self.staged_keys.clear();
        let Err(error) = written else { return };
        if let Some(reason) = self.log.stopped() {
            self.stopped.get_or_insert_with(|| reason.to_owned());
        }
        if self.stopped.is_none() {
            self.forget_staged();
        }
        if matches!(error, CommitError::Overtaken) && self.take_what_came() {
            for staged in group.iter_mut().filter(|staged| staged.outcome.is_ok()) {
                staged.outcome = Ok(Outcome::Told(Turn::Overtaken));
            }
            return;
        }
        // What was concluded from a state that is lost is as good as never said.
        for staged in group.iter_mut().filter(|staged| staged.outcome.is_ok()) {
            staged.outcome = Err(self.stopped.as_deref().map_or_else(|| error.for_others(), stopped));
        }
    }

    fn settle(&mut self, Staged { outcome, answer }: Staged) {
        let outcome = match (outcome, &self.stopped) {
            (Err(error), _) => Err(error),
            (Ok(Outcome::Told(turn)), _) => Ok(turn),
            // One before it was not published: nothing that comes after can be.
            (Ok(Outcome::Write(_)), Some(reason)) => Err(stopped(reason)),
            (Ok(Outcome::Write(entry)), None) => {
                let publish = || {
                    let (fact, report) = entry.into_fact()?;
                    self.publish(fact);
                    Some(report)
                };
                let published = catch_unwind(AssertUnwindSafe(publish)).ok().flatten();
                let is_last = published.is_some() && self.shared.current.load().revision() == self.head.revision();
                self.between &= !is_last;
                published.map(Turn::Done).ok_or_else(|| self.fault())
            }
        };
        // Who does not wait any more is told nothing; what was committed stays.
        let _ = answer.send(outcome);
    }

    fn rest(&mut self) {
        // That the disk refuses is told by the log from now on.
        let _ = self.sync_shared();
    }
}
