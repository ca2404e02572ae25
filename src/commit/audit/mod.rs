//! The audit log: who wrote, or was refused, or managed the server, from where, when, and what came of it.
//!
//! The journal says what was committed. This says also what was not, and whence it all came. It lies beside the journal, in `audit/`,
//! as JSON Lines that an operator can read and move elsewhere. Each line names the one before by its hash, so that a line that was
//! changed, taken out or put in is noticed. Neither tokens nor what was sent stand in it. A disk that takes no line of it stops nobody.
//! A server and commands beside it may write to it at the same time: whoever writes has its last file locked.

mod file;
#[cfg(test)]
mod tests;
mod verify;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

pub use file::Note;
use file::{FOLDER, Open};
pub use verify::{Whole, verify};

/// The audit log of a data folder.
pub struct Audit {
    folder: PathBuf,
    open: Mutex<Option<Open>>,
    failed: AtomicU64,
    is_off: AtomicBool,
}

impl Audit {
    /// That of a data folder; nothing is made or read before the first note.
    pub fn of(folder: &Path) -> Self {
        Self {
            folder: folder.join(FOLDER),
            open: Mutex::default(),
            failed: AtomicU64::new(0),
            is_off: AtomicBool::new(false),
        }
    }

    /// Notes nothing: the folder is only read.
    pub fn turn_off(&self) {
        self.is_off.store(true, Ordering::Relaxed);
    }

    /// How many notes the disk did not take.
    pub fn failed(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes down what happened at that time.
    pub fn note(&self, note: &Note<'_>, now_ms: i64) {
        if self.is_off.load(Ordering::Relaxed) {
            return;
        }
        let mut open = self.lock();
        let written = Open::alone(open.take(), &self.folder).and_then(|mut it| {
            it.write(&self.folder, note, now_ms)?;
            it.file.unlock()?;
            Ok(it)
        });
        match written {
            Ok(it) => *open = Some(it),
            Err(cause) => {
                // It is opened again with the next note.
                if self.failed.fetch_add(1, Ordering::Relaxed) == 0 {
                    tracing::error!(%cause, "the audit log takes no more notes; this is said once");
                }
            }
        }
    }

    /// Writes down what an administrator of this machine did, or was refused, and brings that onto the disk.
    pub fn note_act(&self, what: &str, outcome: &str, about: String, now_ms: i64) {
        let note = Note { who: "administrator", origin: "this machine", what, outcome, about, revision: None };
        self.note(&note, now_ms);
        if let Err(cause) = self.sync() {
            tracing::warn!(%cause, "the audit log is not on the disk yet");
        }
    }

    /// Brings what was noted onto the disk.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn sync(&self) -> io::Result<()> {
        self.lock().as_ref().map_or(Ok(()), |open| open.file.sync_data())
    }
}
