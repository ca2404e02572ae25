//! Keeps the store up with the journal, on a thread of its own: commits need not wait for it, because the journal is the truth
//! and what the store lacks is read from there at the next start.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::codec::{Checkpoint, Indexed, Receipt, Token};
use super::db::Store;
use super::error::StoreError;
use super::pending::{Applied, PendingWrites};
use crate::model::Kind;
use crate::register::{Node, Register, Revision};

/// The store is written when nothing was committed for so long: what is committed in quick succession goes in together.
const QUIET: Duration = Duration::from_millis(500);
/// So many changes and entries may wait for the store; with more, commits wait for it too.
const WAITING_MAX: usize = if cfg!(test) { 5_000 } else { 500_000 };

/// With what the store begins.
pub enum Begin {
    /// It was used at the start, and lacks this.
    With(Store, PendingWrites),
    /// It could not be used: it is made again in that folder, of that state.
    Anew(PathBuf, Snapshot),
    /// There is to be none: the folder is only read.
    Without,
}

/// All that the store is to hold.
pub struct Snapshot {
    /// The records.
    pub register: Arc<Register>,
    /// Where each revision stands.
    pub index: Vec<Indexed>,
    /// What was answered.
    pub receipts: Vec<Receipt>,
    /// How far that goes.
    pub checkpoint: Checkpoint,
}

/// How the store does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum StoreState {
    /// It is being filled from the register.
    Filling = 0,
    /// It follows the journal.
    Following = 1,
    /// It cannot be written; the next start reads the journal instead.
    Failed = 2,
    /// It was closed.
    Closed = 3,
}

/// Gives the tokens of the journal as they are.
pub type TokensNow = Box<dyn Fn() -> Arc<Vec<Token>> + Send>;

/// What is handed to the thread.
#[derive(Default)]
struct Inbox {
    pending: PendingWrites,
    /// Registers that nobody needs any more.
    unneeded: Vec<Arc<Register>>,
    /// Nothing more is taken.
    closed: bool,
}

#[derive(Default)]
struct Shared {
    inbox: Mutex<Inbox>,
    /// Something came where there was nothing, or enough to be written at once.
    came: Condvar,
    /// There is room again.
    room: Condvar,
    state: AtomicU8,
}

impl Shared {
    fn inbox(&self) -> MutexGuard<'_, Inbox> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, state: StoreState) {
        self.state.store(state as u8, Ordering::Relaxed);
    }

    /// Waits for what is to be written: until nothing came for a while, or much did. None when no more will come.
    fn next(&self) -> Option<PendingWrites> {
        let mut inbox = self.inbox();
        loop {
            let unneeded = std::mem::take(&mut inbox.unneeded);
            let waiting = inbox.pending.len();
            if !unneeded.is_empty() {
                drop(inbox);
                // This takes its time: nobody waits for it.
                drop(unneeded);
                inbox = self.inbox();
            } else if inbox.closed || inbox.pending.is_full() {
                break;
            } else if waiting == 0 {
                inbox = self.came.wait(inbox).unwrap_or_else(PoisonError::into_inner);
            } else {
                let (after, time) = self.came.wait_timeout(inbox, QUIET).unwrap_or_else(PoisonError::into_inner);
                inbox = after;
                if time.timed_out() && inbox.pending.len() == waiting {
                    break;
                }
            }
        }
        let pending = std::mem::take(&mut inbox.pending);
        self.room.notify_all();
        (!pending.is_empty()).then_some(pending)
    }
}

/// A thread that owns the store.
pub struct CheckpointWriter {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<Option<Store>>>>,
}

impl CheckpointWriter {
    /// Starts the thread.
    pub fn start(begin: Begin, tokens: TokensNow) -> Self {
        let shared = Arc::new(Shared::default());
        let ending = Ending(Arc::clone(&shared));
        let run = move || run(begin, &tokens, &ending);
        let thread = std::thread::Builder::new().name("store".into()).spawn(run);
        if let Err(cause) = &thread {
            tracing::error!(%cause, "the store's thread does not start: the next start reads the journal instead");
        }
        Self { shared, thread: Mutex::new(thread.ok()) }
    }

    /// Hands over what an entry of the journal says. Waits where much is waiting already.
    pub fn apply(&self, applied: Applied, checkpoint: Checkpoint) {
        let mut inbox = self.shared.inbox();
        while inbox.pending.len() >= WAITING_MAX && !inbox.closed {
            inbox = self.shared.room.wait(inbox).unwrap_or_else(PoisonError::into_inner);
        }
        // A thread that ended said why; what the store lacks is read from the journal at the next start.
        if inbox.closed {
            return;
        }
        let was_full = inbox.pending.is_full();
        let was_empty = inbox.pending.is_empty();
        inbox.pending.push(applied, checkpoint);
        // Between these two it looks by itself: to wake it for each commit would cost more than the commit.
        if was_empty || was_full != inbox.pending.is_full() {
            self.shared.came.notify_one();
        }
    }

    /// Takes registers that nobody needs any more, to free them.
    pub fn free(&self, registers: Vec<Arc<Register>>) {
        if !registers.is_empty() {
            self.shared.inbox().unneeded.extend(registers);
            self.shared.came.notify_one();
        }
    }

    /// How the store does.
    pub fn state(&self) -> StoreState {
        match self.shared.state.load(Ordering::Relaxed) {
            0 => StoreState::Filling,
            1 => StoreState::Following,
            2 => StoreState::Failed,
            _ => StoreState::Closed,
        }
    }

    /// Waits until the store has everything, and closes it so that the next start trusts it. What comes after that is read from
    /// the journal at the next start.
    ///
    /// # Errors
    /// When the store cannot be closed; the next start rebuilds it.
    pub fn close(&self) -> Result<(), StoreError> {
        match self.finish() {
            Some(store) => {
                self.shared.set(StoreState::Closed);
                store.close()
            }
            None => Ok(()),
        }
    }

    fn finish(&self) -> Option<Store> {
        self.shared.inbox().closed = true;
        self.shared.came.notify_one();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        thread?.join().ok().flatten()
    }
}

impl Drop for CheckpointWriter {
    fn drop(&mut self) {
        self.finish();
    }
}

/// Says that the store failed when the thread ends otherwise than by closing it, also by a panic of `sled`; and that nothing more
/// is taken.
struct Ending(Arc<Shared>);

impl Drop for Ending {
    fn drop(&mut self) {
        if self.0.state.load(Ordering::Relaxed) != StoreState::Closed as u8 {
            self.0.set(StoreState::Failed);
        }
        let mut inbox = self.0.inbox();
        *inbox = Inbox { closed: true, ..Inbox::default() };
        self.0.room.notify_all();
    }
}

fn run(begin: Begin, tokens: &TokensNow, Ending(shared): &Ending) -> Option<Store> {
    let failed = |error: StoreError| {
        tracing::error!(reason = %error, "the store failed: it stays behind, the next start reads the journal");
    };
    let (store, mut pending) = match begin {
        Begin::Without => {
            shared.set(StoreState::Closed);
            return None;
        }
        Begin::With(store, pending) => (store, pending),
        Begin::Anew(folder, snapshot) => {
            (fill(folder, snapshot, &tokens()).map_err(failed).ok()?, PendingWrites::default())
        }
    };
    shared.set(StoreState::Following);
    loop {
        pending.write(&store, &tokens()).map_err(failed).ok()?;
        let Some(next) = shared.next() else { break };
        pending = next;
    }
    shared.set(StoreState::Closed);
    Some(store)
}

/// Makes the store anew. Meanwhile the register answers and commits go on; those wait.
fn fill(folder: PathBuf, snapshot: Snapshot, tokens: &[Token]) -> Result<Store, StoreError> {
    let store = Store::create(&folder)?;
    let Snapshot { register, index, receipts, checkpoint } = snapshot;
    for kind in Kind::ALL {
        // In the order of the store's own keys it goes quicker.
        let mut nodes: Vec<&Arc<Node>> = register.all(*kind).collect();
        nodes.sort_unstable_by(|a, b| a.key.as_str().cmp(b.key.as_str()));
        nodes.into_iter().try_for_each(|node| store.put(node))?;
    }
    for (kind, key, revision) in register.tombstones() {
        store.put_tombstone(kind, key, revision)?;
    }
    for (revision, indexed) in (1 as Revision..).zip(&index) {
        store.put_index(revision, indexed)?;
    }
    for receipt in &receipts {
        store.put_receipt(receipt)?;
    }
    store.set_checkpoint(&checkpoint, tokens)?;
    // Of a folder that is new there was nothing to make again.
    if checkpoint.revision > 0 {
        tracing::info!(revision = checkpoint.revision, "the store was made again from the journal");
    }
    Ok(store)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Position;

    fn begin(folder: &std::path::Path) -> CheckpointWriter {
        let checkpoint = Checkpoint { revision: 0, committed_at_ms: 0, next: Position::START };
        let register = Arc::new(Register::empty());
        let snapshot = Snapshot { register, index: Vec::new(), receipts: Vec::new(), checkpoint };
        CheckpointWriter::start(Begin::Anew(folder.join("store"), snapshot), Box::new(Arc::default))
    }

    fn entry(revision: Revision) -> (Applied, Checkpoint) {
        let next = Position { sequence: revision + 1, ..Position::START };
        (Applied { commit: None, receipt: None }, Checkpoint { revision, committed_at_ms: 0, next })
    }

    /// More than may wait, and more than is written at once: all of it arrives, in order, and nobody waits for ever.
    #[test]
    fn all_that_is_handed_over_arrives_whatever_the_haste() {
        let folder = tempfile::tempdir().unwrap();
        let writer = begin(folder.path());
        let last = WAITING_MAX as Revision + 10;
        for revision in 1..=last {
            let (applied, checkpoint) = entry(revision);
            writer.apply(applied, checkpoint);
        }
        writer.close().unwrap();
        assert_eq!(writer.state(), StoreState::Closed);
        let store = Store::open_trusted(&folder.path().join("store")).unwrap().unwrap();
        assert_eq!(store.checkpoint().unwrap().unwrap().revision, last);
        drop(store);
        // What comes after it was closed is for the next start.
        let (applied, checkpoint) = entry(last + 1);
        writer.apply(applied, checkpoint);
    }

    #[test]
    fn a_store_that_fails_holds_up_nobody() {
        let folder = tempfile::tempdir().unwrap();
        // A file where its folder would be.
        std::fs::write(folder.path().join("store"), "").unwrap();
        let writer = begin(folder.path());
        for revision in 0..WAITING_MAX as Revision * 2 {
            let (applied, checkpoint) = entry(revision);
            writer.apply(applied, checkpoint);
        }
        writer.close().unwrap();
        assert_eq!(writer.state(), StoreState::Failed);
    }
}
