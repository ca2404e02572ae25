//! The data folder: lock, format, and why it does not open.

pub mod copy;
pub(super) mod log;
pub(super) mod open;
pub mod replay;
pub mod salvage;
pub mod verify;

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::error::CommitError;
use crate::journal::anchor;
use crate::journal::disk::{is_same, sync_folder, write_whole};

/// Number of the layout of a data folder. A program refuses a folder of a later one. 1 had tokens in a file, and no groups of
/// entries in the journal; such a folder is read as it is, and becomes one of 2 when something is written to it.
pub const FORMAT: u32 = 2;
/// The file that tells it.
pub const FORMAT_FILE: &str = "FORMAT";
/// The file that tells how far the journal was acknowledged.
pub const ANCHOR: &str = "ANCHOR";
/// The store's folder.
pub const STORE: &str = "store";

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
pub fn read_anchor(folder: &Path) -> Result<Option<anchor::AnchorRecord>, CommitError> {
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
        Ok(later) if later > FORMAT => {
            Err(CommitError::Newer { folder: folder.to_owned(), found: later, known: FORMAT })
        }
        _ => Err(CommitError::Format { path, found: found.escape_default().to_string(), known: FORMAT }),
    }
}
