//! The one way to change the register: a commit, validated, made durable, applied, published.

mod validate;

use std::collections::VecDeque;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use crate::journal::disk::Folder;
use crate::journal::{Journal, JournalError, Position, TornTail};
use crate::model::{Problem, Record};
use crate::register::{Register, Revision};
pub use crate::store::codec::Commit;
use crate::store::codec::{self, CodecError};
use crate::store::{Mark, Store, StoreError};
pub use validate::{Draft, Edit, Outcome, Source, Validated, validate};

/// Number of the layout of a data folder. A program refuses a folder of a later one.
const FORMAT: u32 = 1;
/// Most records that one commit may change.
pub const CHANGES_MAX: usize = 2_000_000;
/// How many earlier registers are kept at hand.
pub const RECENT: usize = 64;
/// Longest author or reason, in bytes.
pub const NOTE_BYTES_MAX: usize = 2_000;

/// Why a data folder does not open, or a commit is not made.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// The data breaks rules; nothing was written.
    #[error("the data has {} problems", .0.len())]
    Refused(Vec<Problem>),
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
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// An entry of the journal does not read, although its checksum holds.
    #[error("revision {revision} in the journal does not read: {cause}")]
    Entry {
        /// The revision.
        revision: Revision,
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
            Self::Refused(_) => "correct the data and send it again; nothing was written",
            Self::Locked(_) => "stop the other `boordtabel` first, or give another folder with --data",
            Self::Newer { .. } => "use the version of the program that wrote it, or a later one; nothing was changed",
            Self::Files { .. } => "check that the folder exists, has room and belongs to the user who runs the program",
            Self::Journal(JournalError::Damaged { .. }) | Self::Entry { .. } => {
                "restore the data folder from a backup, or keep it and ask for help: nothing was changed in it"
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

/// An open data folder: journal, store and the register that they give.
pub struct Ledger {
    current: ArcSwap<Register>,
    /// The registers of the latest revisions, for pages that were begun on them. They share what did not change.
    recent: Mutex<VecDeque<Arc<Register>>>,
    writer: Mutex<Writer>,
    torn: Option<TornTail>,
    /// Held as long as the folder is open.
    _lock: File,
}

struct Writer {
    journal: Journal<Folder>,
    store: Option<Store>,
}

impl Ledger {
    /// Opens a data folder, making it when it does not exist.
    ///
    /// # Errors
    /// See [`CommitError`]; a folder that does not open is left as it was.
    pub fn open(folder: &Path) -> Result<Self, CommitError> {
        fs::create_dir_all(folder).map_err(files("make", folder))?;
        let lock = take_lock(folder)?;
        check_format(folder)?;
        let store = Store::open(&folder.join("store"))?;
        let journal_folder = folder.join("journal");
        let disk = || Folder::open(&journal_folder).map_err(files("open", &journal_folder));
        let (journal, register) = match read_up(disk()?, &store) {
            Ok(read) => read,
            Err(error) if store.mark().is_ok_and(|mark| mark.is_none()) => return Err(error),
            Err(error) => {
                // The store's mark leads nowhere, or its records do not read: the journal from its beginning decides.
                tracing::warn!(reason = %error, "the store does not fit the journal: it is rebuilt");
                store.clear()?;
                read_up(disk()?, &store)?
            }
        };
        let torn = journal.torn_tail().cloned();
        if let Some(torn) = &torn {
            tracing::warn!(
                file = torn.file,
                offset = torn.offset,
                bytes = torn.bytes,
                "an unfinished commit was cut off the journal"
            );
        }
        Ok(Self {
            current: ArcSwap::from_pointee(register),
            recent: Mutex::default(),
            writer: Mutex::new(Writer { journal, store: Some(store) }),
            torn,
            _lock: lock,
        })
    }

    /// The register as it is now. It stays as it is while others commit.
    pub fn register(&self) -> Arc<Register> {
        self.current.load_full()
    }

    /// The register at that revision: the current one, or one of the latest [`RECENT`] before it.
    pub fn register_at(&self, revision: Revision) -> Option<Arc<Register>> {
        let current = self.register();
        if current.revision() == revision {
            return Some(current);
        }
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.iter().find(|register| register.revision() == revision).cloned()
    }

    fn remember(&self, register: Arc<Register>) {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.len() == RECENT {
            recent.pop_front();
        }
        recent.push_back(register);
    }

    /// What was cut off the journal on opening, if anything.
    pub fn torn_tail(&self) -> Option<&TornTail> {
        self.torn.as_ref()
    }

    /// Validates a draft against the current register and, when it holds and changes anything, commits it.
    ///
    /// # Errors
    /// [`CommitError::Refused`] with every problem of every row; or when the disk refuses. In both cases the register stays.
    pub fn commit(&self, draft: Draft, now_ms: i64) -> Result<Outcome, CommitError> {
        // A panic while holding the lock cannot leave the register half changed: it is published whole, last.
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let register = self.register();
        let Validated { changes, outcome } = validate(&register, &draft).map_err(CommitError::Refused)?;
        if changes.is_empty() {
            return Ok(outcome);
        }
        let commit = Commit {
            revision: register.revision() + 1,
            // Time never runs backwards in the journal, whatever the clock does.
            committed_at_ms: now_ms.max(register.committed_at_ms()),
            author: draft.author,
            reason: draft.reason,
            changes,
        };
        let at = writer.journal.append(&codec::encode_commit(&commit))?;
        debug_assert_eq!(at.sequence, commit.revision, "the journal counts revisions");
        let next = register.with(&commit.changes, commit.revision, commit.committed_at_ms);
        let mark = mark_after(&commit, writer.journal.end());
        // The commit is durable: a store that fails is only behind, and the next start brings it up.
        let stored = writer.store.as_ref().map_or(Ok(()), |store| store.apply(&commit.changes, &mark));
        if let Err(error) = stored {
            tracing::error!(reason = %error, "the store failed: it is left behind and rebuilt at the next start");
            writer.store = None;
        }
        self.remember(self.current.swap(Arc::new(next)));
        Ok(Outcome { revision: commit.revision, ..outcome })
    }

    /// Closes the folder so that the next start need not rebuild anything.
    ///
    /// # Errors
    /// When the disk refuses; nothing is lost, the next start rebuilds the store.
    pub fn close(self) -> Result<(), CommitError> {
        let writer = self.writer.into_inner().unwrap_or_else(PoisonError::into_inner);
        writer.store.map_or(Ok(()), Store::close).map_err(CommitError::from)
    }
}

fn mark_after(commit: &Commit, next: &Position) -> Mark {
    Mark { revision: commit.revision, committed_at_ms: commit.committed_at_ms, next: next.clone() }
}

/// Takes the store's records, then what the journal has beyond them, which the store then has too.
fn read_up(disk: Folder, store: &Store) -> Result<(Journal<Folder>, Register), CommitError> {
    let mark = store.mark()?;
    let from = mark.as_ref().map_or(Position::START, |mark| mark.next.clone());
    let mut failure = None;
    let nodes = store.nodes().map_while(|node| node.map_err(|error| failure = Some(error)).ok());
    let mut register = match &mark {
        Some(mark) => Register::load(nodes, mark.revision, mark.committed_at_ms),
        None => Register::empty(),
    };
    if let Some(error) = failure {
        return Err(error.into());
    }
    let journal = Journal::open(disk, &from, |at, end, payload| {
        let revision = at.sequence;
        let commit = codec::decode_commit(&payload).map_err(|cause| CommitError::Entry { revision, cause })?;
        if commit.revision != revision {
            let cause = CodecError::Damaged(format!("it says that it is revision {}", commit.revision));
            return Err(CommitError::Entry { revision, cause });
        }
        register = register.with(&commit.changes, commit.revision, commit.committed_at_ms);
        store.apply(&commit.changes, &mark_after(&commit, end))?;
        Ok::<_, CommitError>(())
    })?;
    Ok((journal, register))
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

/// Records to write, as a draft of a commit.
pub fn records(records: impl IntoIterator<Item = Record>) -> Vec<Edit> {
    records.into_iter().map(|record| Edit::Put { record, at: Source::default() }).collect()
}

#[cfg(test)]
mod tests;
