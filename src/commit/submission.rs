//! What somebody wants committed.

use super::access::{Identity, Role};
use super::{Atomicity, CommitError, Edit, Scope};
use crate::register::Revision;

/// So many records a scope may lose without being told how many.
const FREE_DELETES: u64 = 1_000;

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
    /// The part of the register that it replaces, if it does.
    pub scope: Option<Scope>,
    /// What becomes of the good rows when others are bad.
    pub atomicity: Atomicity,
    /// Only say what would happen.
    pub dry_run: bool,
    /// Refuse unless the register is at this revision.
    pub expect_revision: Option<Revision>,
    /// Refuse unless the outcome has this digest, from a dry run.
    pub expect_digest: Option<String>,
    /// Refuse unless so many records are deleted.
    pub expect_deletes: Option<u64>,
    /// So many records of a replaced scope may be deleted without saying how many; more only when they are at most a tenth.
    pub free_deletes: u64,
    /// The edits were made from the register at this revision; when it has moved on, they must be made again.
    pub made_on: Option<Revision>,
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
            scope: None,
            atomicity: Atomicity::All,
            dry_run: false,
            expect_revision: None,
            expect_digest: None,
            expect_deletes: None,
            free_deletes: FREE_DELETES,
            made_on: None,
            idempotency: None,
        }
    }

    /// The role that it takes, by what it is and by all that it may touch: rows, and what a scope has beyond them.
    fn needs_at_least(&self) -> Role {
        let rows = self.edits.iter().filter_map(Edit::kind);
        let scope = self.scope.iter().flat_map(|scope| scope.kinds.iter().copied());
        rows.chain(scope).map(Role::for_kind).fold(self.needs, Role::max)
    }

    /// Whether its identity may do it.
    ///
    /// # Errors
    /// [`CommitError::Forbidden`] when it may not.
    pub fn authorised(&self) -> Result<(), CommitError> {
        let needs = self.needs_at_least();
        if self.identity.role < needs {
            return Err(CommitError::Forbidden { identity: self.identity.clone(), needs });
        }
        Ok(())
    }
}
