//! The data folder: lock, format, and why it does not open.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::commit::access::{Identity, Role};
use crate::journal::JournalError;
use crate::journal::disk::Folder;
use crate::store::StoreError;
use crate::store::codec::CodecError;

/// Number of the layout of a data folder. A program refuses a folder of a later one.
const FORMAT: u32 = 1;

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
    /// The register has moved on since the edits were made.
    #[error("the register has moved on")]
    Stale,
    /// Another process has the folder open.
    #[error("`{0}` is in use by another process")]
    Locked(PathBuf),
    /// The folder was written by a later version of the program.
    #[error("`{folder}` has format {found}, this program knows formats up to {FORMAT}")]
    Newer {
        /// The folder.
        folder: PathBuf,
        /// Its format.
        found: String,
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
            Self::Stale => "make the edits again",
            Self::Locked(_) => "stop the other `boordtabel` first, or give another folder with --data",
            Self::Newer { .. } => "use the version of the program that wrote it, or a later one; nothing was changed",
            Self::Files { .. } => "check that the folder exists, has room and belongs to the user who runs the program",
            Self::Journal(JournalError::Damaged { .. }) | Self::Entry { .. } => {
                "restore the whole data folder from a backup, or keep it and ask for help: nothing was deleted in it. \
                 If only `store` was put back, delete that: it is rebuilt from the journal"
            }
            Self::Journal(JournalError::Truncated { .. }) => {
                "restore the whole data folder from a backup. If you know that these commits are gone for good and want to go \
                 on without them, delete the file `ANCHOR` in it; nothing was changed"
            }
            Self::Journal(JournalError::Full) => "make room on the disk; reading goes on, writing resumes by itself",
            Self::Journal(JournalError::Disk { .. } | JournalError::Stopped(_)) => {
                "check the disk, then start the program again; nothing that was acknowledged is lost"
            }
            Self::Journal(JournalError::TooLarge { .. }) => "send the rows in several commits",
            Self::Store(_) => "check the disk, then start the program again: the store is rebuilt from the journal",
        }
    }
}

/// Makes the folder when it does not exist, takes its lock and checks its format.
///
/// # Errors
/// When it is in use, of a later format, or cannot be written.
pub fn prepare(folder: &Path) -> Result<File, CommitError> {
    fs::create_dir_all(folder).map_err(files("make", folder))?;
    let lock = take_lock(folder)?;
    check_format(folder)?;
    Ok(lock)
}

/// Opens the journal's folder.
///
/// # Errors
/// When it cannot be made.
pub fn open_journal(folder: &Path) -> Result<Folder, CommitError> {
    Folder::open(folder).map_err(files("open", folder))
}

fn files(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> CommitError {
    let path = path.to_owned();
    move |cause| CommitError::Files { doing, path, cause }
}

fn take_lock(folder: &Path) -> Result<File, CommitError> {
    let path = folder.join("LOCK");
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(files("open", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(CommitError::Locked(folder.to_owned())),
        Err(TryLockError::Error(cause)) => Err(files("lock", &path)(cause)),
    }
}

/// A new folder gets the format; an old one must have one that this program knows.
fn check_format(folder: &Path) -> Result<(), CommitError> {
    let path = folder.join("FORMAT");
    match fs::read_to_string(&path) {
        Ok(text) => match text.trim().parse::<u32>() {
            Ok(FORMAT) => Ok(()),
            _ => Err(CommitError::Newer { folder: folder.to_owned(), found: text.trim().to_owned() }),
        },
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
            fs::write(&path, format!("{FORMAT}\n")).map_err(files("write", &path))?;
            File::open(&path).and_then(|file| file.sync_all()).map_err(files("sync", &path))
        }
        Err(cause) => Err(files("read", &path)(cause)),
    }
}
