//! What somebody wants committed, what it means for a register, and what became of it.

use std::borrow::Cow;
use std::sync::Arc;

use super::access::{Identity, Role};
use super::error::CommitError;
use super::validate::bodies;
use super::validate::edit::Edit;
use super::validate::outcome::{Digest, Effects, RowOutcome, Validated};
use super::validate::scope::{self, Scope};
use super::validate::{Atomicity, validate};
use crate::model::problem::Warning;
use crate::model::{Key, Kind, Problem, ProblemCode, Problems};
use crate::register::{Change, Footprint, Node, Register, Revision};
use crate::store::codec::Counts;
use crate::work;

/// So many records a scope may lose without being told how many.
const FREE_DELETES: u64 = 1_000;
/// Longest author, reason or idempotency key, in bytes.
pub const NOTE_BYTES_MAX: usize = 2_000;

/// Makes edits from the register as it is when the turn comes.
#[derive(Clone)]
pub struct Make(Arc<Making>);

type Making = dyn Fn(&Register) -> Vec<Edit> + Send + Sync;

impl std::fmt::Debug for Make {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Make")
    }
}

/// What somebody wants committed.
#[derive(Clone, Debug)]
pub struct Submission {
    /// Who.
    pub identity: Identity,
    /// What the identity must be allowed for this.
    pub needs: Role,
    /// Why.
    pub reason: String,
    /// What it does, in any order.
    pub edits: Vec<Edit>,
    /// Makes what it does, in place of `edits`, where that depends on what the register has.
    pub make: Option<Make>,
    /// The part of the register that it replaces, if it does.
    pub scope: Option<Scope>,
    /// What becomes of the good rows when others are bad.
    pub atomicity: Atomicity,
    /// Only say what would happen.
    pub dry_run: bool,
    /// Of a dry run only so many changes are told.
    pub told_max: Option<usize>,
    /// Refuse unless the register is at this revision.
    pub expect_revision: Option<Revision>,
    /// Refuse unless the outcome has this digest, from a dry run.
    pub expect_digest: Option<String>,
    /// Refuse unless so many records are deleted.
    pub expect_deletes: Option<u64>,
    /// So many records of a replaced scope may be deleted without saying how many; more only when they are at most a tenth.
    pub free_deletes: u64,
    /// Whether records may go over to another plan or body.
    pub moves: bool,
    /// The body whose rows they are, where they do not say it: its namespace is that of their bare keys.
    pub organisation: Option<Key>,
    /// Key and hash of the request's body: the same again gives the same answer.
    pub idempotency: Option<(String, [u8; 32])>,
}

impl Submission {
    /// A submission of edits, all or nothing.
    pub fn new(identity: Identity, needs: Role, reason: impl Into<String>, edits: Vec<Edit>) -> Self {
        Self {
            identity,
            needs,
            reason: reason.into(),
            edits,
            make: None,
            scope: None,
            atomicity: Atomicity::All,
            dry_run: false,
            told_max: None,
            expect_revision: None,
            expect_digest: None,
            expect_deletes: None,
            free_deletes: FREE_DELETES,
            moves: false,
            organisation: None,
            idempotency: None,
        }
    }

    /// A submission of edits that are made from the register: from an earlier one first, and again when what was looked at
    /// in it has changed since.
    #[must_use]
    pub fn made(self, make: impl Fn(&Register) -> Vec<Edit> + Send + Sync + 'static) -> Self {
        Self { make: Some(Make(Arc::new(make))), ..self }
    }

    /// Whether examining it takes so little time that others may wait for it.
    pub fn is_examined_quickly(&self, edits_max: usize) -> bool {
        self.make.is_none() && self.scope.is_none() && self.edits.len() <= edits_max
    }

    /// The role that it takes to do these edits, and all that they may touch: rows, and what a scope has beyond them.
    fn needs_at_least(&self, edits: &[Edit]) -> Role {
        let rows = edits.iter().filter_map(Edit::kind);
        let scope = self.scope.iter().flat_map(|scope| scope.kinds.iter().copied());
        rows.chain(scope).map(Role::for_kind).fold(self.needs, Role::max)
    }

    fn authorise(&self, edits: &[Edit]) -> Result<(), CommitError> {
        let needs = self.needs_at_least(edits);
        if self.identity.role < needs {
            return Err(CommitError::Forbidden { identity: self.identity.clone(), needs });
        }
        Ok(())
    }

    /// What its edits come to in a register.
    pub fn validated(&self, register: &Register, edits: &[Edit]) -> Validated {
        let resolved = match bodies::resolve(register, edits, self.organisation.as_ref()) {
            Ok(resolved) => resolved,
            Err(problems) => return Validated::refused(edits.len(), problems),
        };
        let edits = resolved.as_deref().unwrap_or(edits);
        // Whose changes are looked through needs all of them.
        let told_max = self.told_max.filter(|_| self.dry_run && self.identity.bodies.is_empty());
        validate(register, edits, self.scope.as_ref(), self.atomicity, self.moves, told_max)
    }

    /// Whether its identity may do it. Of edits that are still to be made, that is told when they are.
    ///
    /// # Errors
    /// [`CommitError::Forbidden`] when it may not.
    pub fn authorised(&self) -> Result<(), CommitError> {
        self.authorise(&self.edits)
    }
}

crate::model::vocabulary::vocabulary! {
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
    /// What changes, record by record; of a dry run perhaps only the first of it.
    pub changes: Arc<Vec<Change>>,
    /// How much changes, by kind.
    pub effects: Effects,
    /// What is wrong: of very much the first.
    pub problems: Vec<Problem>,
    /// How much is wrong.
    pub problem_count: u64,
    /// What is taken, but should be looked at.
    pub warnings: Vec<Warning>,
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
            effects: Effects::new(),
            problem_count: problems.len() as u64,
            problems,
            warnings: Vec::new(),
        }
    }

    /// Moves what was concluded from an earlier register to this one, where it holds too.
    pub fn rebase(&mut self, register: &Register) {
        let revision = register.revision();
        if self.base_revision == revision {
            return;
        }
        (self.base_revision, self.revision) = (revision, revision);
        self.digest.clear();
        for after in Arc::make_mut(&mut self.changes).iter_mut().filter_map(|change| change.after.as_mut()) {
            match Arc::get_mut(after) {
                Some(node) => node.revision = revision + 1,
                None => *after = Arc::new(Node::new(after.record.clone(), revision + 1)),
            }
        }
    }

    /// Whether it is more than an answer: a commit, or a receipt for whoever asks again with the same key.
    pub fn leaves_a_trace(&self, submission: &Submission) -> bool {
        !submission.dry_run
            && match self.status {
                Status::WouldCommit => true,
                Status::Unchanged => submission.idempotency.is_some() && self.counts.rejected == 0,
                _ => false,
            }
    }

    /// With its digest, which is not made while others wait.
    pub fn sealed(mut self) -> Self {
        if self.digest.is_empty() {
            self.digest = digest(self.base_revision, &self.changes);
        }
        self
    }
}

/// A submission examined on a register: what it comes to there, and what that depends on.
pub struct Examined {
    pub report: Box<Report>,
    pub footprint: Footprint,
}

/// Examines a submission on a register.
///
/// # Errors
/// When the identity may not.
pub fn examine(register: &Arc<Register>, submission: &Submission) -> Result<Examined, CommitError> {
    submission.authorised()?;
    // What is never written need not be compared with what others write.
    let noting = (!submission.dry_run).then(|| register.noting());
    let looked = noting.as_ref().unwrap_or(register);
    let edits = match &submission.make {
        Some(Make(make)) => Cow::Owned(make(looked)),
        None => Cow::Borrowed(submission.edits.as_slice()),
    };
    submission.authorise(&edits)?;
    // Whatever comes as rows was let in with its size; where others wait for the thread it is still to be quick.
    let _undisturbed = (!work::is_quick()).then(work::undisturbed);
    let validated = submission.validated(looked, &edits);
    check_bodies(looked, &submission.identity, &validated.changes)?;
    let report = Box::new(report(register, submission, validated));
    Ok(Examined { report, footprint: noting.map(Register::into_footprint).unwrap_or_default() })
}

/// Whether all that changes belongs to bodies that an identity may write for, before and after. A record of no body belongs to all
/// of them, and so to none that is named.
fn check_bodies(register: &Register, identity: &Identity, changes: &[Change]) -> Result<(), CommitError> {
    if identity.bodies.is_empty() {
        return Ok(());
    }
    // Changes stand in the order of their kinds and keys.
    let written = |kind: Kind, key: &Key| {
        let found = changes.binary_search_by(|change| (change.kind, &change.key).cmp(&(kind, key)));
        found.ok().map(|at| changes[at].after.as_ref().map(|node| &node.record))
    };
    let stored = |kind: Kind, key: &Key| register.get(kind, key).map(|node| &node.record);
    let resulting = |kind: Kind, key: &Key| written(kind, key).unwrap_or_else(|| stored(kind, key));
    for change in changes {
        let before = change.before.as_ref().map(|node| bodies::body_of(&node.record, &stored));
        let after = change.after.as_ref().map(|node| bodies::body_of(&node.record, &resulting));
        for body in before.into_iter().chain(after) {
            let is_own = |body: &Key| identity.bodies.iter().any(|own| own == body.as_str());
            if !body.as_ref().is_some_and(is_own) {
                let body = body.map(|body| body.to_string());
                return Err(CommitError::OtherBody { identity: identity.clone(), body });
            }
        }
    }
    Ok(())
}

/// What validation means for a submission, before anything is written.
fn report(register: &Register, submission: &Submission, validated: Validated) -> Report {
    let mut problems = note_problems(submission);
    let noted = !problems.is_empty();
    let mut problem_count = validated.problem_count + problems.len() as u64;
    problems.extend(validated.problems);
    let expects_digest = submission.expect_digest.is_some();
    let digest = match validated.digest {
        Some(digest) => digest,
        None if expects_digest => digest(register.revision(), &validated.changes),
        None => String::new(),
    };
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
    problem_count += guards.len() as u64;
    problems.extend(guards.into_vec());
    let status = if noted || guarded || validated.fatal {
        Status::Rejected
    } else if validated.counts.rejected > 0 && validated.counts.rejected == validated.counts.received {
        // Nothing was good.
        Status::Rejected
    } else if validated.effects.is_empty() {
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
        effects: validated.effects,
        problems,
        problem_count,
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
pub fn digest(base: Revision, changes: &[Change]) -> String {
    let mut digest = Digest::new(base);
    changes.iter().for_each(|change| digest.add(change));
    digest.finish()
}
