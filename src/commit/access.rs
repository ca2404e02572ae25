//! Who may write. Checked in the commit path, so that no way to it can be forgotten.

use std::sync::Arc;

use crate::model::Kind;
use crate::model::vocabulary::vocabulary;

vocabulary! {
    /// What a token allows. Each role allows what the ones before it do.
    Role {
        /// Reading only.
        Read = "READ",
        /// Changes by hand: the status of a milestone, an observation.
        Edit = "EDIT",
        /// Imports: rows of every kind, deletions, carrying a plan over.
        Import = "IMPORT",
        /// Everything: editions, undoing a revision.
        Admin = "ADMIN",
    }
}

impl Role {
    /// What changing a record of that kind takes at least, in whatever way the change comes: naming states is an
    /// administrator's.
    pub fn for_kind(kind: Kind) -> Self {
        if kind == Kind::Edition { Self::Admin } else { Self::Edit }
    }
}

/// The name of whoever has no token; no token may have it.
pub const ANONYMOUS: &str = "anonymous";

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The name of the token, or of the command: the author of the commit.
    pub name: String,
    /// What it allows.
    pub role: Role,
    /// The bodies whose records it may write, by their keys; none for all.
    pub bodies: Arc<[String]>,
    /// From where it asks, for the audit log: an address and the number of the request.
    pub origin: Option<Arc<str>>,
}

impl Identity {
    /// Somebody of that name and role.
    pub fn new(name: impl Into<String>, role: Role) -> Self {
        Self { name: name.into(), role, bodies: Arc::default(), origin: None }
    }

    /// The same, for these bodies only.
    #[must_use]
    pub fn of_bodies(self, bodies: impl IntoIterator<Item = String>) -> Self {
        Self { bodies: bodies.into_iter().collect(), ..self }
    }

    /// The same, from there.
    #[must_use]
    pub fn asking_from(self, origin: impl Into<Arc<str>>) -> Self {
        Self { origin: Some(origin.into()), ..self }
    }

    /// A command of this machine's own administrator.
    pub fn local(name: &str) -> Self {
        Self::new(name, Role::Admin)
    }

    /// Somebody without a token.
    pub fn anonymous() -> Self {
        Self::new(ANONYMOUS, Role::Read)
    }

    /// Whether that is somebody without a token.
    pub fn is_anonymous(&self) -> bool {
        self.role == Role::Read && self.name == ANONYMOUS
    }
}
