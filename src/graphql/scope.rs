//! What a request reads from: one register from beginning to end, and others only where a cursor pins them.

use std::sync::Arc;

use crate::commit::Ledger;
use crate::graphql::error::{ErrorCode, FieldError};
use crate::graphql::limits::Limits;
use crate::register::{Register, Revision};

/// Where registers of earlier revisions come from.
pub trait History: Send + Sync {
    /// The register as it is now.
    fn current(&self) -> Arc<Register>;
    /// The register at that revision, if it is at hand.
    fn at(&self, revision: Revision) -> Option<Arc<Register>>;
}

impl History for Ledger {
    fn current(&self) -> Arc<Register> {
        self.register()
    }
    fn at(&self, revision: Revision) -> Option<Arc<Register>> {
        self.register_at(revision).unwrap_or_else(|error| {
            tracing::error!(revision, reason = %error, "an earlier register cannot be read");
            None
        })
    }
}

/// The registers that a request reads, fetched before it runs.
pub struct Registers {
    /// The one that everything is read from unless said otherwise.
    pub current: Arc<Register>,
    pinned: Vec<Arc<Register>>,
}

impl Registers {
    /// Fetches the current register, and those of the revisions that cursors pin.
    ///
    /// # Errors
    /// When a revision is not at hand.
    pub fn fetch(history: &dyn History, pins: &[Revision]) -> Result<Self, FieldError> {
        let current = history.current();
        let mut pinned: Vec<Arc<Register>> = Vec::new();
        for &pin in pins {
            let there = |registers: &[Arc<Register>]| registers.iter().any(|register| register.revision() == pin);
            if pin == current.revision() || there(&pinned) {
                continue;
            }
            pinned.push(history.at(pin).ok_or_else(|| {
                FieldError::new(
                    ErrorCode::RevisionUnavailable,
                    format!(
                        "revision {pin}, which the cursor names, is not at hand; the current one is {}",
                        current.revision()
                    ),
                    "begin again from the first page",
                )
            })?);
        }
        Ok(Self { current, pinned })
    }
}

/// What resolvers see of a request.
pub struct Scope<'r> {
    /// The registers.
    pub registers: &'r Registers,
    /// The limits.
    pub limits: &'r Limits,
}

impl<'r> Scope<'r> {
    /// The register at a revision that was fetched.
    pub fn at(&self, revision: Revision) -> Option<&'r Register> {
        std::iter::once(&self.registers.current)
            .chain(&self.registers.pinned)
            .find(|register| register.revision() == revision)
            .map(|register| &**register)
    }
}
