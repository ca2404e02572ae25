//! The one way to change the register: a submission, validated, made durable, published, and then applied to the store.

pub mod access;
mod applier;
mod bounds;
mod edit;
mod feed;
mod flights;
mod folder;
mod log;
mod open;
mod past;
mod scope;
mod snapshots;
pub mod state;
mod submission;
pub mod tokens;
mod validate;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;

use crate::journal::disk::Folder;
use crate::journal::{JournalError, TornTail};
use crate::model::problem::Warning;
use crate::model::{Key, Kind, Problem, ProblemCode, Problems};
use crate::register::{Change, Register, Revision};
use crate::store::codec::{self, Indexed, Receipt};
pub use crate::store::codec::{CodecError, Commit, Counts};
use crate::store::{Applied, Mark};
use crate::work;
use applier::Applier;
pub use edit::{Edit, PutMode, Source};
pub use feed::{Changes, Feed};
pub use folder::CommitError;
use log::Log;
use open::receipt_of;
use past::Past;
pub use scope::Scope;
pub use submission::Submission;
use tokens::Tokens;
pub use validate::{Atomicity, RowOutcome, Validated, validate};

/// Most records that one commit may change.
pub const CHANGES_MAX: usize = 2_000_000;
/// Longest author, reason or idempotency key, in bytes.
pub const NOTE_BYTES_MAX: usize = 2_000;

crate::model::macros::vocabulary! {
    /// What became of a submission.
    Status {
        /// It was committed: there is a new revision.
        Committed = "COMMITTED",
        /// It was a dry run, and would have been committed.
        WouldCommit = "WOULD_COMMIT",
        /// Everything was there already: there is no new revision.
        Unchanged = "UNCHANGED",
        /// It was refused; the register is as it was. `problems` says why.
        Rejected = "REJECTED",
    }
}

/// What a submission came to.
#[derive(Clone, Debug)]
pub struct Report {
    /// What became of it.
    pub status: Status,
    /// Whether this is the answer to an earlier request with the same key.
    pub replayed: bool,
    /// The revision that it was checked against.
    pub base_revision: Revision,
    /// The revision afterwards.
    pub revision: Revision,
    /// Digest of the base state and the effects.
    pub digest: String,
    /// How many rows came to what.
    pub counts: Counts,
    /// What became of each row.
    pub rows: Vec<RowOutcome>,
    /// What changes, record by record.
    pub changes: Arc<Vec<Change>>,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// What is taken, but should be looked at.
    pub warnings: Vec<Warning>,
}

/// An open data folder: journal, store and the register that they give.
pub struct Ledger {
    current: ArcSwap<Register>,
    writer: Mutex<Writer>,
    past: Past,
    feed: feed::Publisher,
    torn: Option<TornTail>,
    tokens: Arc<Tokens>,
    folder: PathBuf,
}

struct Writer {
    log: Log,
    receipts: HashMap<(String, String), Receipt>,
    applier: Applier,
    /// A commit was written, or begun to be, and the register does not have it yet. When this is found at the next commit, the
    /// one before ended in a panic: what the journal has is then not what the register says, and nothing more may be written.
    between: bool,
    /// Does what a fault of ours would do, at the worst moment.
    #[cfg(test)]
    fault: Option<fn()>,
}

impl Ledger {
    /// Opens a data folder, making it when it does not exist.
    ///
    /// # Errors
    /// See [`CommitError`]; a folder that does not open is left as it was.
    pub fn open(folder: &Path) -> Result<Self, CommitError> {
        let opened = open::open(folder)?;
        if let Some(TornTail { file, offset, bytes }) = &opened.torn {
            tracing::warn!(file, offset, bytes, "an unfinished commit was cut off the journal");
        }
        let receipts =
            opened.receipts.into_iter().map(|receipt| ((receipt.author.clone(), receipt.key.clone()), receipt));
        Ok(Self {
            feed: feed::Publisher::new(opened.register.revision()),
            current: ArcSwap::new(opened.register),
            writer: Mutex::new(Writer {
                log: opened.log,
                receipts: receipts.collect(),
                applier: opened.applier,
                between: false,
                #[cfg(test)]
                fault: None,
            }),
            past: Past::new(Folder::existing(&folder::journal_of(folder)), opened.index),
            torn: opened.torn,
            tokens: opened.tokens,
            folder: folder.to_owned(),
        })
    }

    /// The register as it is now. It stays as it is while others commit.
    pub fn register(&self) -> Arc<Register> {
        self.current.load_full()
    }

    /// The register as it was at that revision; none when there is no such revision yet.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn register_at(&self, revision: Revision) -> Result<Option<Arc<Register>>, CommitError> {
        self.past.register_at(&self.register(), revision)
    }

    /// The last revision that was committed at or before that instant; 0 when there is none.
    pub fn revision_at(&self, instant_ms: i64) -> Revision {
        // The index has a commit a moment before the register does.
        self.past.revision_at(instant_ms).min(self.register().revision())
    }

    /// How many records were changed by all commits up to that revision.
    pub fn changes_at(&self, revision: Revision) -> u64 {
        self.past.changes_at(revision)
    }

    /// Names a state and all that led to it: the hash of the journal's frame that ends its commit. Two data folders have the
    /// same one only where they have the same commits.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn chain(&self, revision: Revision) -> Result<[u8; 32], CommitError> {
        self.past.chain(revision)
    }

    /// A commit with its changes; none when there is no such revision.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn commit(&self, revision: Revision) -> Result<Option<Arc<Commit>>, CommitError> {
        self.past.commit(revision)
    }

    /// Who made a commit, when and why, without its changes, and how many those are.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn commit_head(&self, revision: Revision) -> Result<Option<(Arc<Commit>, u32)>, CommitError> {
        self.past.commit_head(revision)
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
        self.past.change(revision, kind, key)
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
        self.past.changes(revision, kinds, first)
    }

    /// Who may write.
    pub fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// What was cut off the journal on opening, if anything.
    pub fn torn_tail(&self) -> Option<&TornTail> {
        self.torn.as_ref()
    }

    /// Follows the commits after that revision: those that are there, then those that come.
    pub fn follow(self: &Arc<Self>, after: Revision) -> Feed {
        self.feed.follow(Arc::clone(self), after)
    }

    /// Waits until the register has that revision.
    pub async fn reached(&self, revision: Revision) {
        self.feed.reached(revision).await;
    }

    /// Checks a submission against the current register and, when it holds and changes anything, commits it.
    ///
    /// # Errors
    /// When the identity may not, or the disk refuses. What the data has wrong stands in the report. In all these cases the
    /// register stays as it is.
    pub fn submit(&self, mut submission: Submission, now_ms: i64) -> Result<Report, CommitError> {
        submission.authorised()?;
        let _undisturbed = work::undisturbed();
        let mut writer = self.writer();
        if let Some(report) = self.answered_before(&writer, &submission)? {
            return Ok(report);
        }
        if writer.between {
            return Err(between().into());
        }
        let register = self.register();
        if submission.made_on.is_some_and(|made_on| made_on != register.revision()) {
            return Err(CommitError::Stale);
        }
        let edits = std::mem::take(&mut submission.edits);
        let validated = validate(&register, edits, submission.scope.as_ref(), submission.atomicity);
        let mut report = report(&register, &submission, validated);
        if report.status == Status::WouldCommit && !submission.dry_run {
            self.write(&mut writer, &register, &submission, &mut report, now_ms)?;
        } else if report.status == Status::Unchanged && !submission.dry_run && report.counts.rejected == 0 {
            Self::keep_receipt(&mut writer, &register, &submission, &report)?;
        }
        Ok(report)
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        // A panic while holding the lock cannot leave the register half changed: it is published whole, last. What it leaves
        // of the journal is told by `Writer::between`.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(
        &self,
        writer: &mut Writer,
        register: &Register,
        submission: &Submission,
        report: &mut Report,
        now_ms: i64,
    ) -> Result<(), CommitError> {
        let mut commit = Commit {
            revision: register.revision() + 1,
            // Time never runs backwards in the journal, whatever the clock does.
            committed_at_ms: now_ms.max(register.committed_at_ms()),
            author: submission.identity.name.clone(),
            reason: submission.reason.clone(),
            counts: report.counts,
            idempotency: submission.idempotency.clone(),
            changes: std::mem::take(Arc::make_mut(&mut report.changes)),
        };
        writer.between = true;
        let appended = writer.log.append(codec::commit_pieces(&commit), commit.revision);
        // What could not be written was taken back, or the journal has stopped.
        let position = appended.inspect_err(|_| writer.between = false)?;
        #[cfg(test)]
        writer.fault.into_iter().for_each(|fault| fault());
        let chain = writer.log.end().previous;
        report.changes = Arc::new(std::mem::take(&mut commit.changes));
        let next = register.with(&report.changes, commit.revision, commit.committed_at_ms);
        let receipt = receipt_of(&commit);
        if let Some(receipt) = &receipt {
            writer.receipts.insert((receipt.author.clone(), receipt.key.clone()), receipt.clone());
        }
        let changes_so_far = self.past.changes_at(register.revision()) + report.changes.len() as u64;
        let indexed = Indexed { position, committed_at_ms: commit.committed_at_ms, changes_so_far };
        let mark =
            Mark { revision: commit.revision, committed_at_ms: commit.committed_at_ms, next: writer.log.end().clone() };
        writer.applier.apply(Applied { commit: Some((indexed.clone(), Arc::clone(&report.changes))), receipt }, mark);
        (report.status, report.revision) = (Status::Committed, commit.revision);
        register.superseded_by(&next);
        // Whoever sees the register may ask for its revision at once.
        self.past.note(indexed, chain);
        let replaced = self.current.swap(Arc::new(next));
        writer.between = false;
        self.feed.publish(commit.revision);
        // Freeing a large register takes longer than a small commit: whoever waits for the commit need not wait for that.
        writer.applier.free(self.past.keep(replaced));
        Ok(())
    }

    /// The answer to an earlier request of the same author with the same key.
    fn answered_before(&self, writer: &Writer, submission: &Submission) -> Result<Option<Report>, CommitError> {
        // A dry run is no repetition: it says what would happen now.
        let Some((key, body)) = submission.idempotency.as_ref().filter(|_| !submission.dry_run) else {
            return Ok(None);
        };
        let name = (submission.identity.name.clone(), key.clone());
        let Some(receipt) = writer.receipts.get(&name) else { return Ok(None) };
        let register = self.register();
        if receipt.body != *body {
            let mut problems = Problems::at("idempotencyKey");
            let message =
                format!("`{key}` was used before, for another request, answered at revision {}", receipt.revision);
            problems.push(ProblemCode::IdempotencyMismatch, message, "use a new key for a new request");
            return Ok(Some(Report::refused(&register, problems.into_vec())));
        }
        let commit = if receipt.committed { self.past.commit(receipt.revision)? } else { None };
        let changes: Arc<Vec<Change>> = Arc::new(commit.map_or_else(Vec::new, |commit| commit.changes.clone()));
        let base_revision = receipt.revision - u64::from(receipt.committed);
        // What was told of each row is not kept: the same rows on the same register give it again. Edits that were made from
        // a register are others by now.
        let told = match (submission.made_on, self.register_at(base_revision)?) {
            (None, Some(base)) => {
                validate(&base, submission.edits.clone(), submission.scope.as_ref(), submission.atomicity)
            }
            _ => Validated::default(),
        };
        Ok(Some(Report {
            status: if receipt.committed { Status::Committed } else { Status::Unchanged },
            replayed: true,
            base_revision,
            revision: receipt.revision,
            digest: digest(base_revision, &changes),
            counts: receipt.counts,
            rows: told.rows,
            changes,
            problems: told.problems,
            warnings: told.warnings,
        }))
    }

    /// A request that changes nothing makes no revision, but its answer must stand when it is asked again.
    fn keep_receipt(
        writer: &mut Writer,
        register: &Register,
        submission: &Submission,
        report: &Report,
    ) -> Result<(), CommitError> {
        let Some((key, body)) = &submission.idempotency else { return Ok(()) };
        let receipt = Receipt {
            author: submission.identity.name.clone(),
            key: key.clone(),
            body: *body,
            revision: report.revision,
            committed: false,
            counts: report.counts,
        };
        writer.log.append([codec::encode_receipt(&receipt)].into_iter(), register.revision())?;
        writer.receipts.insert((receipt.author.clone(), receipt.key.clone()), receipt.clone());
        let mark = Mark {
            revision: register.revision(),
            committed_at_ms: register.committed_at_ms(),
            next: writer.log.end().clone(),
        };
        writer.applier.apply(Applied { commit: None, receipt: Some(receipt) }, mark);
        Ok(())
    }

    /// Closes the folder so that the next start need not rebuild anything. What is committed after that is read from the journal
    /// then.
    ///
    /// # Errors
    /// When the disk refuses; nothing is lost, the next start rebuilds the store.
    pub fn close(&self) -> Result<(), CommitError> {
        let writer = self.writer();
        writer.log.rest();
        writer.applier.close()
    }
}

/// What stops writing after a panic between an append and its publication.
fn between() -> JournalError {
    JournalError::Stopped("a commit ended in a fault of the program, see the log".into())
}

impl Report {
    /// The report of a submission that was not written.
    pub fn refused(register: &Register, problems: Vec<Problem>) -> Self {
        Self {
            status: Status::Rejected,
            replayed: false,
            base_revision: register.revision(),
            revision: register.revision(),
            digest: digest(register.revision(), &[]),
            counts: Counts::default(),
            rows: Vec::new(),
            changes: Arc::default(),
            problems,
            warnings: Vec::new(),
        }
    }
}

/// What validation means for a submission, before anything is written.
fn report(register: &Register, submission: &Submission, validated: Validated) -> Report {
    let mut problems = note_problems(submission);
    let noted = !problems.is_empty();
    problems.extend(validated.problems);
    let digest = digest(register.revision(), &validated.changes);
    let mut guards = Problems::default();
    if let Some(expected) = submission.expect_revision.filter(|expected| *expected != register.revision()) {
        guards.within("expectRevision", |problems| {
            let message = format!("revision {expected} was expected, the register is at {}", register.revision());
            problems.push(ProblemCode::RevisionMismatch, message, "read what changed since, and send again");
        });
    }
    if let Some(expected) = submission.expect_digest.as_ref().filter(|expected| **expected != digest) {
        guards.within("expectDigest", |problems| {
            let message = format!("the outcome has the digest `{digest}`, not `{expected}`");
            problems.push(ProblemCode::DigestMismatch, message, "make a new dry run: the register or the rows changed");
        });
    }
    let free = submission.scope.as_ref().map(|_| submission.free_deletes);
    scope::check_deletes(submission.expect_deletes, free, &validated.counts, &mut guards);
    let guarded = !guards.is_empty();
    problems.extend(guards.into_vec());
    let status = if noted || guarded || validated.fatal {
        Status::Rejected
    } else if validated.counts.rejected > 0 && validated.counts.rejected == validated.counts.received {
        // Nothing was good.
        Status::Rejected
    } else if validated.changes.is_empty() {
        Status::Unchanged
    } else {
        Status::WouldCommit
    };
    Report {
        status,
        replayed: false,
        base_revision: register.revision(),
        revision: register.revision(),
        digest,
        counts: validated.counts,
        rows: validated.rows,
        changes: Arc::new(validated.changes),
        problems,
        warnings: validated.warnings,
    }
}

fn note_problems(submission: &Submission) -> Vec<Problem> {
    let mut problems = Problems::default();
    let key = submission.idempotency.as_ref().map(|(key, _)| key);
    for (name, text) in [("reason", Some(&submission.reason)), ("idempotencyKey", key)] {
        let Some(text) = text else { continue };
        problems.within(name, |problems| {
            if text.trim().is_empty() {
                problems.push(ProblemCode::Missing, format!("the {name} is empty"), "say it in a few words");
            } else if text.len() > NOTE_BYTES_MAX {
                let message = format!("the {name} has {} bytes, at most {NOTE_BYTES_MAX} are allowed", text.len());
                problems.push(ProblemCode::TooLong, message, "shorten it");
            } else if let Some(control) = text.chars().find(|letter| is_unfit(name, *letter)) {
                let message = format!("the {name} holds the control character U+{:04X}", u32::from(control));
                problems.push(ProblemCode::OutOfRange, message, "remove it");
            }
        });
    }
    problems.into_vec()
}

/// Reasons and keys are shown on terminals: control characters could write there what nobody said.
fn is_unfit(name: &str, letter: char) -> bool {
    let breaks_lines = name == "reason" && matches!(letter, '\n' | '\t' | '\r');
    letter.is_control() && !breaks_lines
}

/// Names a base state and what is done to it: the same records from the same revision give the same digest.
fn digest(base: Revision, changes: &[Change]) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&base.to_le_bytes());
    for change in changes {
        hasher.update(&[change.kind as u8]);
        hasher.update(change.key.as_str().as_bytes());
        let after = change.after.as_ref().map(|node| codec::encode_record(&node.record, 0)).unwrap_or_default();
        hasher.update(&(after.len() as u64).to_le_bytes());
        hasher.update(&after);
    }
    hasher.finalize().to_hex()[..32].to_owned()
}

impl From<JournalError> for CommitError {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

#[cfg(test)]
mod tests;
