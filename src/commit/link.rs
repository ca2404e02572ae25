//! The link from a node to the log that several nodes share: what it knows of that log, and what is written to it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::error::CommitError;
use super::planted;
use crate::cluster::{Appended, Entry, LogError, LogId, Room, SharedLog};
use crate::journal::disk::write_whole;

/// The file in the data folder of a node that names the log that it belongs to.
pub const FILE: &str = "CLUSTER";
const TITLE: &str = "boordtabel cluster 1";
/// When so much of the log's room is taken, nothing more is written.
pub const FULL_PERCENT: u64 = 80;
/// When so much of it is taken, that is said.
pub const NEARLY_FULL_PERCENT: u64 = 50;
/// A node that has not heard the log for so long says so.
const UNHEARD_TOLD: Duration = Duration::from_secs(3);
/// So long a node gives way to a large entry that another one has announced, at most.
const GIVES_WAY: Duration = Duration::from_secs(30);
/// A pause before it looks again.
const LOOKS: Duration = Duration::from_millis(25);
/// A node that has not heard the log for so long is not ready.
pub const UNHEARD: Duration = Duration::from_secs(10);

/// How a node stands to the log.
#[derive(Clone, Debug)]
pub struct LinkState {
    /// The node's name.
    pub name: String,
    /// For how long the log has not been heard.
    pub unheard: Duration,
    /// The last entry of the log, as far as it is known.
    pub head: u64,
    /// The last entry that this node has.
    pub applied: u64,
    /// How much room the log has left; none where nobody tells.
    pub room: Option<Room>,
    /// Why this node does not follow, and does not write.
    pub broken: Option<String>,
}

impl LinkState {
    /// Whether the log has so little room left that nothing is written.
    pub fn is_full(&self) -> bool {
        self.room.is_some_and(|room| room.percent() >= FULL_PERCENT)
    }

    /// For how many seconds it has not heard of the others, when that is worth a word: what it answers may be that old.
    pub fn aged_s(&self) -> Option<u64> {
        (self.unheard >= UNHEARD_TOLD).then_some(self.unheard.as_secs())
    }

    /// Whether the node does all that it is there for.
    pub fn is_well(&self) -> bool {
        self.broken.is_none() && !self.is_full() && self.unheard < UNHEARD
    }
}

struct Known {
    id: Option<LogId>,
    heard: Instant,
    head: u64,
    applied: u64,
    room: Option<Room>,
    /// A write got no answer, and nothing was heard since.
    is_away: bool,
    /// Until when this node gives way to a large entry that another one has announced; none when there was none.
    gives_way_until: Option<Instant>,
    broken: Option<String>,
}

/// The link.
pub struct Link {
    log: Box<dyn SharedLog>,
    name: String,
    folder: PathBuf,
    known: Mutex<Known>,
    is_ended: AtomicBool,
}

impl Link {
    /// A link of the node of that name, with that data folder, which is not joined yet.
    pub fn new(log: Box<dyn SharedLog>, name: String, folder: &Path) -> Self {
        let known = Known {
            id: None,
            heard: Instant::now(),
            head: 0,
            applied: 0,
            room: None,
            is_away: false,
            gives_way_until: None,
            broken: None,
        };
        Self { log, name, folder: folder.to_owned(), known: Mutex::new(known), is_ended: AtomicBool::new(false) }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The log.
    pub fn log(&self) -> &dyn SharedLog {
        &*self.log
    }

    /// The node's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The log that the folder belongs to, as its file says.
    ///
    /// # Errors
    /// When the file does not read.
    pub fn id_in_folder(&self) -> Result<Option<LogId>, CommitError> {
        id_in(&self.folder)
    }

    /// The node belongs to that log from now on; the folder says so too.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn joined(&self, id: LogId) -> Result<(), CommitError> {
        if id_in(&self.folder)? != Some(id) {
            write_id(&self.folder, id)?;
        }
        let mut known = self.known();
        (known.id, known.broken) = (Some(id), None);
        Ok(())
    }

    /// The log that it has joined.
    pub fn id(&self) -> Option<LogId> {
        self.known().id
    }

    /// Whether it is joined.
    pub fn is_joined(&self) -> bool {
        self.id().is_some()
    }

    /// The log answered: its last entry, where that was told.
    pub fn heard(&self, head: Option<u64>) {
        let mut known = self.known();
        (known.heard, known.is_away) = (Instant::now(), false);
        known.head = known.head.max(head.unwrap_or_default());
    }

    /// The node has that entry.
    pub fn applied(&self, sequence: u64) {
        let mut known = self.known();
        known.applied = sequence;
        known.head = known.head.max(sequence);
    }

    /// How much room the log has.
    pub fn measured(&self, room: Room) {
        let before = self.known().room.replace(room).unwrap_or_default().percent();
        if before < NEARLY_FULL_PERCENT && room.percent() >= NEARLY_FULL_PERCENT {
            tracing::warn!(
                percent = room.percent(),
                "the cluster's log takes much of the room that etcd gives; see docs/cluster.md"
            );
        }
    }

    /// Something is wrong that does not pass by itself: it is joined anew, if it can be.
    pub fn broke(&self, reason: String) {
        let mut known = self.known();
        if known.broken.as_ref() != Some(&reason) {
            tracing::error!(reason, "this node does not follow the cluster's log");
        }
        (known.id, known.broken) = (None, Some(reason));
    }

    /// Takes an error of the log for what it means for the link.
    pub fn failed(&self, error: &LogError) {
        match error {
            LogError::Away(_) | LogError::Unknown(_) | LogError::Refused(_) | LogError::TooLarge { .. } => {}
            _ => self.broke(error.to_string()),
        }
    }

    /// How it stands.
    pub fn state(&self) -> LinkState {
        let known = self.known();
        LinkState {
            name: self.name.clone(),
            unheard: known.heard.elapsed(),
            head: known.head,
            applied: known.applied,
            room: known.room,
            broken: known.broken.clone(),
        }
    }

    /// Which log is written to, when it can be.
    ///
    /// # Errors
    /// Why nothing can be written.
    pub fn writable(&self) -> Result<LogId, CommitError> {
        let known = self.known();
        if let Some(reason) = &known.broken {
            return Err(CommitError::Apart(reason.clone()));
        }
        if let Some(room) = known.room.filter(|room| room.percent() >= FULL_PERCENT) {
            let reason = format!("the cluster's log takes {} % of the room that etcd gives", room.percent());
            return Err(CommitError::Apart(reason));
        }
        match known.id {
            Some(id) if !known.is_away => Ok(id),
            _ => Err(CommitError::Cluster(LogError::Away("nothing was heard since it was asked last".into()))),
        }
    }

    /// Appends entries, all or none.
    ///
    /// # Errors
    /// When they are not there: [`CommitError::Overtaken`] where others are; or when nobody knows.
    pub fn append(&self, entries: &[Entry]) -> Result<(), CommitError> {
        let id = self.writable()?;
        if planted::has(planted::ACKNOWLEDGE_FIRST) {
            let _ = self.log.append_if(&id, &planted::put_off(entries.to_vec()), false);
            return Ok(());
        }
        let yields = self.known().gives_way_until.is_none_or(|until| Instant::now() < until);
        let outcome = match self.log.append_if(&id, entries, yields) {
            Err(LogError::Unknown(cause)) => self.find_out(entries, cause),
            outcome => outcome,
        };
        match outcome {
            Ok(appended) => {
                let last = entries.last().filter(|_| appended == Appended::Done);
                self.heard(last.map(|entry| entry.sequence));
                if planted::has(planted::BLIND_RETRY) && planted::is_unanswered() {
                    return Err(CommitError::Overtaken);
                }
                if appended == Appended::Announced {
                    self.known().gives_way_until.get_or_insert_with(|| Instant::now() + GIVES_WAY);
                }
                if appended == Appended::Done { Ok(()) } else { Err(CommitError::Overtaken) }
            }
            Err(error) => {
                self.failed(&error);
                self.known().is_away |= error.is_passing();
                Err(CommitError::Cluster(error))
            }
        }
    }

    /// Waits while another node writes a large entry that it has announced, for a while.
    pub fn give_way(&self) {
        let Some(until) = self.known().gives_way_until else { return };
        while Instant::now() < until && !self.is_ended() && self.log.is_announced() == Ok(true) {
            std::thread::sleep(LOOKS);
        }
        if self.log.is_announced() != Ok(true) {
            self.known().gives_way_until = None;
        }
    }

    /// Whether entries stand in the log of which nobody said so: never is anything written again under another number before
    /// that is known.
    fn find_out(&self, entries: &[Entry], cause: String) -> Result<Appended, LogError> {
        let Some(first) = entries.first() else { return Ok(Appended::Done) };
        match self.log.at(first.sequence) {
            Ok(Some(found)) if found.id == first.id => Ok(Appended::Done),
            Ok(Some(_)) => Ok(Appended::Overtaken),
            Ok(None) | Err(_) => Err(LogError::Unknown(cause)),
        }
    }

    /// Nobody follows any more.
    pub fn end(&self) {
        self.is_ended.store(true, Ordering::Relaxed);
    }

    /// Whether nobody follows any more.
    pub fn is_ended(&self) -> bool {
        self.is_ended.load(Ordering::Relaxed)
    }
}

/// The log that a data folder belongs to; none of one that is for itself.
///
/// # Errors
/// When the file that says it does not read.
pub fn id_in(folder: &Path) -> Result<Option<LogId>, CommitError> {
    let path = folder.join(FILE);
    let text = match std::fs::read_to_string(&path) {
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        read => read.map_err(super::folder::files("read", &path))?,
    };
    let id = text.lines().nth(1).and_then(|line| line.strip_prefix("log ")).and_then(|hex| {
        let bytes: Option<Vec<u8>> =
            (0..16).map(|at| u8::from_str_radix(hex.get(2 * at..2 * at + 2)?, 16).ok()).collect();
        bytes.filter(|_| hex.len() == 32)?.try_into().ok()
    });
    match id.filter(|_| text.starts_with(TITLE)) {
        Some(id) => Ok(Some(id)),
        None => Err(CommitError::Apart(format!("`{}` does not say which log the folder belongs to", path.display()))),
    }
}

/// Says in a data folder which log it belongs to.
///
/// # Errors
/// When the file cannot be written.
pub fn write_id(folder: &Path, id: LogId) -> Result<(), CommitError> {
    let path = folder.join(FILE);
    let hex: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
    let text = format!("{TITLE}\nlog {hex}\n");
    write_whole(&path, text.as_bytes(), false).map_err(super::folder::files("write", &path))
}

/// A data folder belongs to no log any more.
///
/// # Errors
/// When the file that says otherwise cannot be deleted.
pub fn forget(folder: &Path) -> Result<(), CommitError> {
    let path = folder.join(FILE);
    match std::fs::remove_file(&path) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => Err(super::folder::files("delete", &path)(cause)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_says_which_log_it_belongs_to() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(id_in(folder.path()).unwrap(), None);
        let id: LogId = std::array::from_fn(|at| at as u8 * 17);
        write_id(folder.path(), id).unwrap();
        assert_eq!(id_in(folder.path()).unwrap(), Some(id));
        forget(folder.path()).unwrap();
        forget(folder.path()).unwrap();
        assert_eq!(id_in(folder.path()).unwrap(), None);
        for spoilt in
            ["", "boordtabel cluster 1\nlog 00\n", "boordtabel cluster 2\nlog 00112233445566778899aabbccddeeff\n"]
        {
            std::fs::write(folder.path().join(FILE), spoilt).unwrap();
            assert!(id_in(folder.path()).is_err(), "{spoilt}");
        }
    }
}
