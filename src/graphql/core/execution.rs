//! What a request reads from: one register from beginning to end, and others only where the request names them, by a cursor
//! or by `at(asOf:)`. All of them are fetched before anything is answered.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use elsa::FrozenVec;

use crate::commit::{Ledger, Report};
use crate::graphql::core::context::RequestContext;
use crate::graphql::core::error::{ErrorCode, FieldError, Step};
use crate::graphql::core::list_query::Matchers;
use crate::model::Kind;
use crate::model::problem::nearest;
use crate::register::query::Rows;
use crate::register::{Register, Revision, TableSet};
use crate::work;

/// The registers that a request reads.
pub struct Registers {
    /// The one that everything is read from unless said otherwise.
    pub current: Arc<Register>,
    /// The revision since which the current one has all that the request can read as it is.
    pub since: Revision,
    named: Vec<Arc<Register>>,
    /// The same revisions as they were.
    past: Vec<Register>,
    /// Rows of tables that the answer has entries of.
    rows: FrozenVec<Arc<Rows>>,
}

impl Registers {
    /// Fetches the current register and those of the revisions that a request names which can read these tables.
    ///
    /// # Errors
    /// When there is no such revision.
    pub fn fetch(
        ledger: &Ledger,
        current: Arc<Register>,
        tables: TableSet,
        named: &[Revision],
    ) -> Result<Self, FieldError> {
        let since = current.changed_at(tables);
        let mut registers = Self { current, since, named: Vec::new(), past: Vec::new(), rows: FrozenVec::new() };
        for &revision in named {
            if registers.paged(revision).is_none() {
                registers.named.push(fetch(ledger, revision)?);
            }
            if registers.at(revision).is_none() {
                // A copy shares all that it holds.
                registers.past.extend(registers.paged(revision).cloned());
            }
        }
        Ok(registers)
    }

    /// The same after the register has moved on: what was fetched stays.
    pub fn moved_on(mut self, current: Arc<Register>) -> Self {
        self.since = current.revision();
        self.named.push(std::mem::replace(&mut self.current, current));
        self
    }

    /// Keeps rows of a table as long as the registers.
    pub fn keep(&self, rows: &Arc<Rows>) -> &Rows {
        self.rows.push_get(Arc::clone(rows))
    }

    /// The latest revision that the request names.
    pub fn latest_named(&self) -> Option<Revision> {
        self.past.iter().map(Register::revision).max()
    }

    fn at(&self, revision: Revision) -> Option<&Register> {
        self.past.iter().find(|register| register.revision() == revision)
    }

    fn paged(&self, revision: Revision) -> Option<&Register> {
        // What can be read is the same in all of these.
        if (self.since..=self.current.revision()).contains(&revision) {
            return Some(&self.current);
        }
        self.named.iter().find(|register| register.revision() == revision).map(|register| &**register)
    }
}

/// The register of a revision.
///
/// # Errors
/// When there is none, or it cannot be read.
pub fn fetch(ledger: &Ledger, revision: Revision) -> Result<Arc<Register>, FieldError> {
    match ledger.register_at(revision) {
        Ok(Some(register)) => Ok(register),
        Ok(None) => Err(FieldError::new(
            ErrorCode::RevisionUnavailable,
            format!("there is no revision {revision}; the register is at {}", ledger.register().revision()),
            "name a revision that there is; cursors are good in the register that made them",
        )),
        Err(error) => {
            tracing::error!(revision, reason = %error, "an earlier register cannot be read");
            Err(FieldError::new(
                ErrorCode::Internal,
                format!("revision {revision} cannot be read"),
                "report this; the server's log has the cause",
            ))
        }
    }
}

/// What a write of the request came to, by its response key.
pub type Effect = (String, Result<Report, FieldError>);

/// Something that an answer says besides its data: a key that nothing has, with near ones.
#[derive(Clone, Debug, Default)]
pub struct Hint {
    /// Where in the answer.
    pub path: Vec<Step>,
    /// One sentence that names the key.
    pub message: String,
    /// Keys that there are, nearest first.
    pub near: Vec<String>,
}

/// Most hints of one answer, and most records of a kind among which near keys are looked for: it looks at each.
const HINTS_MAX: usize = 5;
const HINTED_RECORDS_MAX: usize = 5_000;
/// Longest key for which near ones are looked for, in bytes.
const HINTED_BYTES_MAX: usize = 100;

/// What it takes to compare two keys, in steps of work.
const NEAR_STEPS: u64 = 25;

/// What resolvers see of the request that is executed.
pub struct ExecutionContext<'r> {
    /// The registers.
    pub registers: &'r Registers,
    /// The log.
    pub ledger: &'r Ledger,
    /// Who asks, what it may take, until when.
    pub request: &'r RequestContext,
    /// What the writes of the request came to.
    pub effects: &'r [Effect],
    /// The commit that a subscription tells of.
    pub event: Option<&'r crate::commit::Changes>,
    /// What is asked of its lists.
    pub matchers: Matchers<'r>,
    /// What the answer says besides its data.
    pub hints: RefCell<Vec<Hint>>,
    /// Whether the answer is for whoever asked alone.
    pub is_personal: Cell<bool>,
}

impl<'r> ExecutionContext<'r> {
    /// The register as it was at a revision that was fetched.
    pub fn at(&self, revision: Revision) -> Option<&'r Register> {
        self.registers.at(revision)
    }

    /// Says that there is no record of that key, and which keys are near.
    pub fn no_such_key(&self, register: &Register, kind: Kind, key: &str) {
        let mut hints = self.hints.borrow_mut();
        if hints.len() < HINTS_MAX && key.len() <= HINTED_BYTES_MAX && register.count(kind) <= HINTED_RECORDS_MAX {
            work::step(NEAR_STEPS * register.count(kind) as u64);
            let near = nearest(key, register.all(kind).map(|node| node.key.as_str()));
            let message = format!("there is no {kind} `{key}`");
            hints.push(Hint { path: Vec::new(), message, near });
        }
    }

    /// The revision of a register that is read as it was.
    pub fn past(&self, register: &Register) -> Option<Revision> {
        self.registers.past.iter().find(|past| std::ptr::eq(*past, register)).map(Register::revision)
    }

    /// The revision that a register's cursors name: the first that has all that the request can read as it is.
    pub fn revision_of(&self, register: &Register) -> Revision {
        let current = &self.registers.current;
        if std::ptr::eq(register, &**current) { self.registers.since } else { register.revision() }
    }

    /// The register for a page whose cursor was made at that revision.
    pub fn paged(&self, register: &'r Register, cursor: Option<Revision>) -> &'r Register {
        let found = cursor.and_then(|revision| match self.past(register) {
            Some(_) => self.registers.at(revision),
            None => self.registers.paged(revision),
        });
        found.unwrap_or(register)
    }
}
