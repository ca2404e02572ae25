//! The data folder: lock, format, and why it does not open.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::commit::access::{Identity, Role};
use crate::journal::disk::{is_same, sync_folder, write_whole};
use crate::journal::{JournalError, anchor};
use crate::store::StoreError;
use crate::store::codec::CodecError;

/// Number of the layout of a data folder. A program refuses a folder of a later one. 1 had tokens in a file, and no groups of
/// entries in the journal; such a folder is read as it is, and becomes one of 2 when something is written to it.
pub(super) const FORMAT: u32 = 2;
/// The file that tells it.
pub const FORMAT_FILE: &str = "FORMAT";
/// The file that tells how far the journal was acknowledged.
pub const ANCHOR: &str = "ANCHOR";
/// The store's folder.
pub const STORE: &str = "store";

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
    /// A fault of the program. Nothing was written.
    #[error("the program failed to do this")]
    Fault,
    /// Another process has the folder open.
    #[error("`{0}` is in use by another process")]
    Locked(PathBuf),
    /// The folder was written by a later version of the program.
    #[error("`{folder}` has format {found}, this program knows formats up to {FORMAT}")]
    Newer {
        /// The folder.
        folder: PathBuf,
        /// Its format.
        found: u32,
    },
    /// The file that tells the format does not.
    #[error("`{path}` says `{found}` in place of a format from 1 to {FORMAT}: it is damaged")]
    Format {
        /// The file.
        path: PathBuf,
        /// What it says.
        found: String,
    },
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
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Forbidden { .. } => {
                "send `Authorization: Bearer …` with a token that has the role; `boordtabel token create` makes one"
            }
            Self::Fault => "report this; the log has the cause",
            Self::Locked(_) => "stop the other `boordtabel` first, or give another folder with --data",
            Self::Newer { .. } => "use the version of the program that wrote it, or a later one; nothing was changed",
            Self::Format { .. } => "restore the file from a backup; nothing was changed",
            Self::Clock(_) => {
                "set the clock right; when it is right, start the server with `--trust-clock`, or load with it. A wrong time would \
                 date all later commits"
            }
            Self::NotEmpty(_) => "give another folder, or move what is in it away; nothing was changed",
            Self::NoJournal(_) => "restore the whole data folder from a backup; nothing was changed",
            Self::Anchor { .. } => {
                "check the disk; when you know that the journal is whole, delete the file: it is made again. Nothing was changed"
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

/// A data folder that this process has for itself.
pub struct DataFolder {
    path: PathBuf,
    /// Held as long as the folder is open.
    lock: File,
    /// Where folders can be locked, the journal's is too: whoever removes `LOCK` must not open it twice.
    _journal: Option<File>,
    /// The layout that its file tells.
    format: u32,
}

impl DataFolder {
    /// Makes the folder when it does not exist, takes its lock and checks its format.
    ///
    /// # Errors
    /// When it is in use, of a later format, without its journal, or cannot be written.
    pub fn open(path: &Path) -> Result<Self, CommitError> {
        fs::create_dir_all(path).map_err(files("make", path))?;
        let file = path.join("LOCK");
        let lock =
            File::options().create(true).truncate(false).write(true).open(&file).map_err(files("open", &file))?;
        take(&lock, path)?;
        let found = read_format(path)?;
        let journal = journal_of(path);
        if found.is_some() && !journal.exists() && is_used(path) {
            return Err(CommitError::NoJournal(path.to_owned()));
        }
        fs::create_dir_all(&journal).map_err(files("make", &journal))?;
        let locked = if cfg!(unix) { Some(File::open(&journal).map_err(files("open", &journal))?) } else { None };
        locked.iter().try_for_each(|folder| take(folder, path))?;
        let mut folder = Self { path: path.to_owned(), lock, _journal: locked, format: found.unwrap_or(0) };
        if found.is_none() {
            // A new folder: the journal's is on the medium before the file that says that there is one.
            sync_folder(path).map_err(files("sync", path))?;
            folder.set_format().map_err(files("write", &path.join(FORMAT_FILE)))?;
        }
        Ok(folder)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Before something is written that only this version of the program reads: an earlier one is to refuse the folder.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn set_format(&mut self) -> io::Result<()> {
        if self.format != FORMAT {
            write_whole(&self.path.join(FORMAT_FILE), format!("{FORMAT}\n").as_bytes(), false)?;
            self.format = FORMAT;
        }
        Ok(())
    }

    /// Whether the lock that keeps others out is the one that they would meet.
    pub fn is_ours(&self) -> bool {
        let there = fs::metadata(self.path.join("LOCK"));
        there.is_ok_and(|there| self.lock.metadata().is_ok_and(|held| is_same(&held, &there)))
    }
}

/// The journal's folder in a data folder.
pub fn journal_of(folder: &Path) -> PathBuf {
    folder.join("journal")
}

/// How far the journal was acknowledged; none where nothing says so.
///
/// # Errors
/// When the file does not read.
pub fn read_anchor(folder: &Path) -> Result<Option<anchor::Mark>, CommitError> {
    let path = folder.join(ANCHOR);
    anchor::read(&path).map_err(|cause| CommitError::Anchor { path, cause })
}

/// Whether there was a register in a folder that has no journal.
fn is_used(folder: &Path) -> bool {
    ["tokens.json", STORE, ANCHOR].iter().any(|name| folder.join(name).exists())
}

pub(super) fn files(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> CommitError {
    let path = path.to_owned();
    move |cause| CommitError::Files { doing, path, cause }
}

fn take(lock: &File, folder: &Path) -> Result<(), CommitError> {
    match lock.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(CommitError::Locked(folder.to_owned())),
        Err(TryLockError::Error(cause)) => Err(files("lock", folder)(cause)),
    }
}

/// The number that the folder's file tells, which must be one that this program knows; none when there is none. An empty file is
/// what an earlier program left when it began on a full disk.
pub fn read_format(folder: &Path) -> Result<Option<u32>, CommitError> {
    let path = folder.join(FORMAT_FILE);
    let text = match fs::read_to_string(&path) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(cause) if cause.kind() == io::ErrorKind::InvalidData => "bytes that are no text".into(),
        read => read.map_err(files("read", &path))?,
    };
    let found = text.trim().to_owned();
    match found.parse::<u32>() {
        _ if found.is_empty() => Ok(None),
        Ok(known @ 1..=FORMAT) => Ok(Some(known)),
        Ok(later) if later > FORMAT => Err(CommitError::Newer { folder: folder.to_owned(), found: later }),
        _ => Err(CommitError::Format { path, found: found.escape_default().to_string() }),
    }
}
