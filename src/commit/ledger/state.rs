//! How an open data folder does: for whoever watches over it.

use std::path::Path;
use std::sync::TryLockError;

use super::Ledger;
use crate::commit::folder::journal_of;
pub use crate::commit::link::LinkState;
pub use crate::store::checkpoint::StoreState;

/// With less room than this, a commit of ordinary size may be refused.
pub const ROOM_BYTES_MIN: u64 = 16 << 20;

/// How a data folder does.
#[derive(Clone, Debug)]
pub struct State {
    /// Why nothing is written any more; none while commits are taken.
    pub stopped: Option<String>,
    /// Whether it is open for reading only, as it was asked to be.
    pub read_only: bool,
    /// Why nobody's token is good; none when they are known.
    pub tokens: Option<String>,
    /// How the store does. It costs time at the next start at most.
    pub store: StoreState,
    /// Bytes that may still be written on the disk; none where the system does not tell.
    pub free_bytes: Option<u64>,
    /// How it stands to the log that it shares with other nodes; none when it is for itself.
    pub link: Option<LinkState>,
}

impl State {
    /// Whether there is room for commits, if there are to be any.
    pub fn has_room(&self) -> bool {
        self.read_only || self.free_bytes.is_none_or(|free| free >= ROOM_BYTES_MIN)
    }
}

impl Ledger {
    /// Bytes of its journal.
    pub fn journal_bytes(&self) -> u64 {
        let files = std::fs::read_dir(journal_of(&self.folder)).into_iter().flatten().flatten();
        files.filter_map(|file| file.metadata().ok()).map(|about| about.len()).sum()
    }

    /// How it does. Waits for no commit that is under way.
    pub fn state(&self) -> State {
        let mut read_only = false;
        let (stopped, store) = match self.writer.try_lock() {
            Ok(mut writer) => {
                read_only = writer.is_read_only();
                (writer.check(), Some(writer.store_state()))
            }
            // Somebody commits: then it is written.
            Err(TryLockError::WouldBlock) => (None, None),
            Err(TryLockError::Poisoned(writer)) => (writer.into_inner().check(), None),
        };
        let store = store.unwrap_or(StoreState::Following);
        let tokens = self.tokens.all().err().map(|error| error.to_string());
        State { stopped, read_only, tokens, store, free_bytes: free_bytes(&self.folder), link: self.link_state() }
    }
}

/// Bytes that this user may still write below a folder.
fn free_bytes(folder: &Path) -> Option<u64> {
    #[cfg(unix)]
    {
        let of = rustix::fs::statvfs(folder).ok()?;
        Some(of.f_bavail.saturating_mul(of.f_frsize))
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        None
    }
}
