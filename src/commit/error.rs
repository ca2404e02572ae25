//! Why a data folder does not open, or a submission is not taken.

use std::io;
use std::path::PathBuf;

use super::access::{Identity, Role};
use crate::cluster::LogError;
use crate::journal::JournalError;
use crate::store::StoreError;
use crate::store::codec::CodecError;

/// Why a data folder does not open, or a submission is not taken.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// The identity may not do this.
    #[error("`{}` has the role {}, this needs {needs}", .identity.name, .identity.role)]
    Forbidden {
        /// Who asked.
        identity: Identity,
        /// What is needed.
        needs: Role,
    },
    /// The identity may do this, but not to records of that body.
    #[error("`{}` may write records of {} only, this is of {}", .identity.name, .identity.bodies.join(", "), .body.as_deref().unwrap_or("no body"))]
    OtherBody {
        /// Who asked.
        identity: Identity,
        /// The body, when there is one.
        body: Option<String>,
    },
    /// A fault of the program. Nothing was written.
    #[error("the program failed to do this")]
    Fault,
    /// Another process has the folder open.
    #[error("`{0}` is in use by another process")]
    Locked(PathBuf),
    /// The folder was written by a later version of the program.
    #[error("`{folder}` has format {found}, this program knows formats up to {known}")]
    Newer {
        /// The folder.
        folder: PathBuf,
        /// Its format.
        found: u32,
        /// The latest one that this program knows.
        known: u32,
    },
    /// The file that tells the format does not.
    #[error("`{path}` says `{found}` in place of a format from 1 to {known}: it is damaged")]
    Format {
        /// The file.
        path: PathBuf,
        /// What it says.
        found: String,
        /// The latest one that this program knows.
        known: u32,
    },
    /// The log that the nodes share did not take it, or nobody knows whether it did.
    #[error("{0}")]
    Cluster(LogError),
    /// This node does not write now.
    #[error("this node does not write: {0}")]
    Apart(String),
    /// Other nodes came first, again and again.
    #[error("other nodes wrote at the same moment, again and again; nothing was written")]
    Overtaken,
    /// The machine's clock cannot be right.
    #[error("the clock of this machine may be wrong: {0}; nothing was written")]
    Clock(String),
    /// The folder has everything but its journal.
    #[error("`journal` is missing in `{0}`, where there was a register")]
    NoJournal(PathBuf),
    /// What is to be made is there already.
    #[error("`{0}` is not empty")]
    NotEmpty(PathBuf),
    /// The anchor does not read.
    #[error("`{path}` does not read, so that nobody can say whether the journal is whole: {cause}")]
    Anchor {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// The file system refused.
    #[error("cannot {doing} `{path}`: {cause}")]
    Files {
        /// What was being done.
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// The journal refused.
    #[error("{0}")]
    Journal(JournalError),
    /// An entry of the journal does not read, although its checksum holds.
    #[error("entry {sequence} of the journal does not read: {cause}")]
    Entry {
        /// Its number.
        sequence: u64,
        /// What does not.
        cause: CodecError,
    },
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl CommitError {
    /// The same for others who waited for what failed.
    pub(super) fn for_others(&self) -> Self {
        match self {
            Self::Journal(JournalError::TooLarge { found }) => Self::Journal(JournalError::TooLarge { found: *found }),
            Self::Journal(JournalError::Full) => Self::Journal(JournalError::Full),
            Self::Cluster(error) => Self::Cluster(error.clone()),
            Self::Apart(reason) => Self::Apart(reason.clone()),
            Self::Overtaken => Self::Overtaken,
            _ => Self::Fault,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Forbidden { .. } => {
                "send `Authorization: Bearer …` with a token that has the role; `boordtabel token create` makes one"
            }
            Self::OtherBody { .. } => {
                "send rows of these bodies only, or use a token for the other one; `boordtabel token create --body` makes one"
            }
            Self::Fault => "report this; the log has the cause",
            Self::Locked(_) => "stop the other `boordtabel` first, or give another folder with --data",
            Self::Newer { .. } => "use the version of the program that wrote it, or a later one; nothing was changed",
            Self::Format { .. } => "restore the file from a backup; nothing was changed",
            Self::Clock(_) => {
                "set the clock right; when it is right, start the server with `--trust-clock`, or load with it. A wrong time would \
                 date all later commits"
            }
            Self::Cluster(LogError::Unknown(_)) => {
                "send it again with the same idempotency key, to any node: it is done once. Reading goes on"
            }
            Self::Cluster(LogError::Lost(_)) => {
                "see what to do when the log is lost in docs/cluster.md; nothing was written"
            }
            Self::Cluster(LogError::Truncated { .. }) => {
                "give this node a backup of another one: `boordtabel cluster join --from DIR`"
            }
            Self::Cluster(LogError::Newer(_)) => {
                "use the version of the program that the other nodes have; nothing was written"
            }
            Self::Cluster(LogError::Refused(_)) => {
                "`boordtabel cluster check` says more; nothing was written. Reading goes on"
            }
            Self::Cluster(_) => "send it again in a moment, to any node; nothing was written. Reading goes on",
            Self::Apart(_) => "`/readyz?verbose` and docs/cluster.md say more; nothing was written. Reading goes on",
            Self::Overtaken => "send it again",
            Self::NotEmpty(_) => "give another folder, or move what is in it away; nothing was changed",
            Self::NoJournal(_) => "restore the whole data folder from a backup; nothing was changed",
            Self::Anchor { .. } => {
                "check the disk; when you know that the journal is whole, delete the file: it is made again. Nothing was changed"
            }
            Self::Files { cause, .. } if cause.kind() == io::ErrorKind::ReadOnlyFilesystem => {
                "it cannot be written: `boordtabel serve --read-only` shows what is in it"
            }
            Self::Files { .. } => "check that the folder exists, has room and belongs to the user who runs the program",
            Self::Journal(JournalError::Damaged { .. }) | Self::Entry { .. } => {
                "restore the whole data folder from a backup, or keep it and ask for help: nothing was deleted in it. \
                 If only `store` was put back, delete that: it is rebuilt from the journal"
            }
            Self::Journal(JournalError::Truncated { .. }) => {
                "restore the whole data folder from a backup. If you know that these commits are gone for good and want to go \
                 on without them, delete the file `ANCHOR` in it; nothing was changed"
            }
            Self::Journal(JournalError::ReadOnly) => "write to the server that has the register itself",
            Self::Journal(JournalError::Full) => "make room on the disk; reading goes on, writing resumes by itself",
            Self::Journal(JournalError::Disk { .. } | JournalError::Stopped(_)) => {
                "check the disk, then start the program again; nothing that was acknowledged is lost"
            }
            Self::Journal(JournalError::TooLarge { .. }) => "send the rows in several commits",
            Self::Store(_) => "check the disk, then start the program again: the store is rebuilt from the journal",
        }
    }
}

impl From<JournalError> for CommitError {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}
