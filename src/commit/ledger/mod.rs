//! An open data folder: what is there, and what is submitted to it.

mod answered;
mod nodes;
mod noting;
mod patience;
pub mod state;
mod tokens;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::thread::JoinHandle;

use arc_swap::ArcSwap;
use tokio::sync::oneshot;

use self::noting::Noting;
use self::patience::Patience;
use super::audit::Audit;
use super::error::CommitError;
use super::folder::{journal_of, open};
use super::history::History;
use super::history::feed::{Feed, Publisher};
use super::link::{self, Link};
use super::receipts::Receipts;
use super::submission::{Report, Submission, examine};
use super::tokens::Tokens;
use super::writer::queue::Queue;
use super::writer::turn::Job;
use super::writer::{Shared, Writer};
use crate::journal::TornTail;
use crate::journal::disk::Folder;
use crate::model::{Key, Kind};
use crate::register::{Change, Register, Revision};
use crate::store::codec::Commit;
use crate::work::Work;

/// An open data folder: journal, store and the register that they give.
pub struct Ledger {
    shared: Arc<Shared>,
    queue: Arc<Queue<Job>>,
    /// Locked for each group of turns.
    writer: Arc<Mutex<Writer>>,
    /// Gives the turns.
    thread: Option<JoinHandle<()>>,
    torn: Option<TornTail>,
    tokens: Arc<Tokens>,
    audit: Audit,
    folder: PathBuf,
    /// The log that it shares with other nodes, when it is one of several.
    link: Option<Arc<Link>>,
}

impl Ledger {
    /// Opens a data folder, making it when it does not exist.
    ///
    /// # Errors
    /// See [`CommitError`]; a folder that does not open is left as it was.
    pub fn open(folder: &Path) -> Result<Self, CommitError> {
        Self::of(folder, open::open(folder, true)?)
    }

    /// The same, without looking at the store, which is made again.
    ///
    /// # Errors
    /// See [`CommitError`].
    pub fn open_without_store(folder: &Path) -> Result<Self, CommitError> {
        Self::of(folder, open::open(folder, false)?)
    }

    /// Opens a data folder to read it: also one that another process has open, or that cannot be written. Nothing in it is
    /// changed, and every submission is refused.
    ///
    /// # Errors
    /// See [`CommitError`].
    pub fn open_read_only(folder: &Path) -> Result<Self, CommitError> {
        let ledger = Self::of(folder, open::open_read_only(folder)?)?;
        ledger.audit.turn_off();
        Ok(ledger)
    }

    fn of(folder: &Path, opened: open::Opened) -> Result<Self, CommitError> {
        if let Some(TornTail { file, offset, bytes }) = &opened.torn {
            tracing::warn!(file, offset, bytes, "an unfinished commit was cut off the journal");
        }
        let shared = Arc::new(Shared {
            feed: Publisher::new(opened.register.revision()),
            current: ArcSwap::new(opened.register),
            receipts: RwLock::new(Receipts::load(opened.receipts, &opened.index)),
            history: Arc::new(History::new(Folder::existing(&journal_of(folder)), opened.index)),
            #[cfg(test)]
            fault: Mutex::default(),
        });
        let mut writer = Writer::new(Arc::clone(&shared), opened.log, opened.checkpoints);
        if link::id_in(folder)?.is_some() {
            writer.keep_apart("its folder belongs to a cluster, and it was started without --cluster".into());
        }
        let writer = Arc::new(Mutex::new(writer));
        let queue = Arc::new(Queue::new());
        let (jobs, turns) = (Arc::clone(&queue), Arc::clone(&writer));
        let run = move || {
            jobs.run(|| {
                let lock = || turns.lock().unwrap_or_else(PoisonError::into_inner);
                let link = lock().linked();
                link.iter().for_each(|link| link.give_way());
                lock()
            });
        };
        let thread = std::thread::Builder::new().name("writer".into()).spawn(run);
        let doing = "start the writer of";
        let thread = thread.map_err(|cause| CommitError::Files { doing, path: folder.to_owned(), cause })?;
        let (torn, tokens) = (opened.torn, opened.tokens);
        Ok(Self {
            shared,
            queue,
            writer,
            thread: Some(thread),
            torn,
            tokens,
            audit: Audit::of(folder),
            folder: folder.to_owned(),
            link: None,
        })
    }

    /// The register as it is now. It stays as it is while others commit.
    pub fn register(&self) -> Arc<Register> {
        self.shared.current.load_full()
    }

    /// The register as it was at that revision; none when there is no such revision yet.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn register_at(&self, revision: Revision) -> Result<Option<Arc<Register>>, CommitError> {
        self.shared.history.register_at(&self.register(), revision)
    }

    /// The last revision that was committed at or before that instant; 0 when there is none.
    pub fn revision_at(&self, instant_ms: i64) -> Revision {
        // The index has a commit a moment before the register does.
        self.shared.history.revision_at(instant_ms).min(self.register().revision())
    }

    /// How many records were changed by all commits up to that revision.
    pub fn changes_at(&self, revision: Revision) -> u64 {
        self.shared.history.changes_at(revision)
    }

    /// Names a state and all that led to it: the hash of the journal's frame that ends its commit. Two data folders have the
    /// same one only where they have the same commits.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn chain(&self, revision: Revision) -> Result<[u8; 32], CommitError> {
        self.shared.history.chain(revision)
    }

    /// A commit with its changes; none when there is no such revision.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn commit(&self, revision: Revision) -> Result<Option<Arc<Commit>>, CommitError> {
        self.shared.history.commit(revision)
    }

    /// Who made a commit, when and why, without its changes, and how many those are.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn commit_head(&self, revision: Revision) -> Result<Option<(Arc<Commit>, u32)>, CommitError> {
        self.shared.history.commit_head(revision)
    }

    /// What a commit changed in one record, beside who made it, when and why; none when it changed nothing there.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn change(
        &self,
        revision: Revision,
        kind: Kind,
        key: &Key,
    ) -> Result<Option<(Arc<Commit>, Change)>, CommitError> {
        self.shared.history.change(revision, kind, key)
    }

    /// The first changes of these kinds (all when none is named) that a commit made, and how many it made.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn changes(
        &self,
        revision: Revision,
        kinds: &[Kind],
        first: usize,
    ) -> Result<Option<(Vec<Change>, u64)>, CommitError> {
        self.shared.history.changes(revision, kinds, first)
    }

    /// Who may write.
    pub fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// What is noted of those who write, are refused, or manage it.
    pub fn audit(&self) -> &Audit {
        &self.audit
    }

    /// What was cut off the journal on opening, if anything.
    pub fn torn_tail(&self) -> Option<&TornTail> {
        self.torn.as_ref()
    }

    /// Follows the commits after that revision: those that are there, then those that come.
    pub fn follow(&self, after: Revision) -> Feed {
        self.shared.feed.follow(Arc::clone(&self.shared.history), after)
    }

    /// Waits until the register has that revision.
    pub async fn reached(&self, revision: Revision) {
        self.shared.feed.reached(revision).await;
    }

    /// Checks a submission against the current register and, when it holds and changes anything, commits it.
    ///
    /// Who only looks waits for nobody: a dry run, a request that was answered before, and one that changes nothing or is
    /// refused are answered from the register as it is. Who writes is examined beside the queue, and waits there for its turn.
    ///
    /// # Errors
    /// When the identity may not, or the disk refuses. What the data has wrong stands in the report. In all these cases the
    /// register stays as it is.
    pub fn submit(&self, submission: Submission, now_ms: i64) -> Result<Report, CommitError> {
        let submission = Arc::new(submission);
        let noting = Noting::begin(&self.audit, &submission, now_ms);
        let come = || {
            submission.authorised()?;
            let mut patience = Patience::default();
            loop {
                let turn = match self.attempt(&submission, now_ms, patience.may_return())? {
                    Attempt::Done(report) => return Ok(*report),
                    Attempt::Waits(turn) => turn.blocking_recv(),
                };
                if let Some(report) = patience.told(turn)? {
                    return Ok(report);
                }
            }
        };
        noting.end(come())
    }

    /// The same on a thread that others share: what is to be done there is done as that quick work, and its turn is awaited.
    /// None when it turns out to be more; then nothing was done.
    pub async fn submit_if_quick(
        &self,
        submission: Submission,
        now_ms: i64,
        quick: &Work,
    ) -> Option<Result<Report, CommitError>> {
        let submission = Arc::new(submission);
        let mut noting = Noting::begin(&self.audit, &submission, now_ms);
        let mut patience = Patience::default();
        loop {
            let attempt = || {
                submission.authorised()?;
                self.attempt(&submission, now_ms, patience.may_return())
            };
            let Ok(attempted) = quick.run(attempt) else {
                noting.nothing();
                return None;
            };
            let turn = match attempted {
                Err(error) => return Some(noting.end(Err(error))),
                Ok(Attempt::Done(report)) => return Some(noting.end(Ok(*report))),
                Ok(Attempt::Waits(turn)) => turn.await,
            };
            if let Some(told) = patience.told(turn).transpose() {
                return Some(noting.end(told));
            }
        }
    }

    /// Answers a submission, or lets it wait in the queue.
    fn attempt(&self, submission: &Arc<Submission>, now_ms: i64, may_return: bool) -> Result<Attempt, CommitError> {
        if let Some(report) = self.answered_before(submission)? {
            return Ok(Attempt::Done(Box::new(report)));
        }
        let examined = examine(&self.register(), submission)?;
        if !examined.report.leaves_a_trace(submission) {
            return Ok(Attempt::Done(Box::new(examined.report.sealed())));
        }
        let (answer, turn) = oneshot::channel();
        let job = Job { submission: Arc::clone(submission), examined, now_ms, may_return, answer };
        self.queue.push(job).map_err(|_| CommitError::Fault)?;
        Ok(Attempt::Waits(turn))
    }

    /// For who has to do with the writer beside the queue, between its turns.
    fn writer(&self) -> MutexGuard<'_, Writer> {
        // The writer knows itself what a panic leaves.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The machine's clock is right, whatever the journal says: an administrator has looked at it.
    pub fn trust_clock(&self) {
        self.writer().trust_clock();
    }

    /// Closes the folder so that the next start need not rebuild anything. What is committed after that is read from the journal
    /// then.
    ///
    /// # Errors
    /// When the disk refuses; nothing is lost, the next start rebuilds the store.
    pub fn close(&self) -> Result<(), CommitError> {
        self.writer().close()
    }
}

/// What became of a submission so far.
enum Attempt {
    Done(Box<Report>),
    /// It has its turn in the queue, and then the disk.
    Waits(patience::Answer),
}

impl Drop for Ledger {
    /// Lets nobody else in, and waits for those who are.
    fn drop(&mut self) {
        self.queue.close();
        self.link.iter().for_each(|link| link.end());
        if let Some(thread) = self.thread.take() {
            // A panic of its own is in the log already.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests;
