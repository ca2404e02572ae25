//! Brings the store up with the journal, beside the commits: they need not wait for it, because the journal is the truth and
//! what the store lacks is read from there at the next start.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::commit::CommitError;
use crate::commit::tokens::Tokens;
use crate::model::Kind;
use crate::register::{Node, Register, Revision};
use crate::store::codec::{Indexed, Receipt};
use crate::store::{Applied, Behind, Mark, Store, StoreError};

/// Commits that may wait for the store; further ones wait for a place.
const QUEUE: usize = 1024;
/// The store is written when nothing was committed for so long: what is committed in quick succession goes in together.
const QUIET: Duration = Duration::from_millis(500);
/// While the store is filled, after so many records what was committed meanwhile is taken off the queue.
const FILLED_BETWEEN: usize = 1_000;

enum Task {
    Apply(Box<(Applied, Mark)>),
    Free(Vec<Arc<Register>>),
}

/// With what the store begins.
pub enum Begin {
    /// It was used at the start, and lacks this.
    With(Store, Behind),
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
    pub mark: Mark,
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

#[derive(Default)]
struct Shared(AtomicU8);

impl Shared {
    fn set(&self, state: StoreState) {
        self.0.store(state as u8, Ordering::Relaxed);
    }
}

/// A thread that owns the store.
pub struct Applier {
    queue: Mutex<Option<SyncSender<Task>>>,
    thread: Mutex<Option<JoinHandle<Option<Store>>>>,
    state: Arc<Shared>,
}

impl Applier {
    /// Starts the thread.
    pub fn start(begin: Begin, tokens: Arc<Tokens>) -> Self {
        let (queue, tasks) = sync_channel(QUEUE);
        let state = Arc::new(Shared::default());
        let told = Told(Arc::clone(&state));
        let run = move || run(begin, &tokens, &tasks, &told);
        let thread = std::thread::Builder::new().name("store".into()).spawn(run);
        if let Err(cause) = &thread {
            tracing::error!(%cause, "the store's thread does not start: the next start reads the journal instead");
        }
        Self { queue: Mutex::new(Some(queue)), thread: Mutex::new(thread.ok()), state }
    }

    /// Hands over what an entry of the journal says.
    pub fn apply(&self, applied: Applied, mark: Mark) {
        self.send(Task::Apply(Box::new((applied, mark))));
    }

    /// Takes registers that nobody needs any more, to free them.
    pub fn free(&self, registers: Vec<Arc<Register>>) {
        if !registers.is_empty() {
            self.send(Task::Free(registers));
        }
    }

    fn send(&self, task: Task) {
        if let Some(queue) = &*self.queue.lock().unwrap_or_else(PoisonError::into_inner) {
            // A thread that ended said why; what it lacks is read from the journal at the next start.
            let _ = queue.send(task);
        }
    }

    /// How the store does.
    pub fn state(&self) -> StoreState {
        match self.state.0.load(Ordering::Relaxed) {
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
    pub fn close(&self) -> Result<(), CommitError> {
        match self.finish() {
            Some(store) => {
                self.state.set(StoreState::Closed);
                Ok(store.close()?)
            }
            None => Ok(()),
        }
    }

    fn finish(&self) -> Option<Store> {
        drop(self.queue.lock().unwrap_or_else(PoisonError::into_inner).take());
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        thread?.join().ok().flatten()
    }
}

impl Drop for Applier {
    fn drop(&mut self) {
        self.finish();
    }
}

/// Says that the store failed when the thread ends otherwise than by closing it, also by a panic of `sled`.
struct Told(Arc<Shared>);

impl Drop for Told {
    fn drop(&mut self) {
        if self.0.0.load(Ordering::Relaxed) != StoreState::Closed as u8 {
            self.0.set(StoreState::Failed);
        }
    }
}

fn run(begin: Begin, tokens: &Tokens, tasks: &Receiver<Task>, told: &Told) -> Option<Store> {
    let failed = |error: StoreError| {
        tracing::error!(reason = %error, "the store failed: it stays behind, the next start reads the journal");
    };
    let (store, mut behind) = match begin {
        Begin::Without => {
            told.0.set(StoreState::Closed);
            return None;
        }
        Begin::With(store, behind) => (store, behind),
        Begin::Anew(folder, snapshot) => fill(folder, snapshot, tokens, tasks).map_err(failed).ok()?,
    };
    told.0.set(StoreState::Following);
    loop {
        let task = match tasks.recv_timeout(QUIET) {
            Err(RecvTimeoutError::Timeout) if behind.is_empty() => tasks.recv().ok(),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => break,
            Ok(task) => Some(task),
        };
        match task {
            Some(Task::Free(registers)) => drop(registers),
            Some(Task::Apply(entry)) => behind.push(entry.0, entry.1),
            None => behind.write(&store, &tokens.in_journal()).map_err(failed).ok()?,
        }
        if behind.is_full() {
            behind.write(&store, &tokens.in_journal()).map_err(failed).ok()?;
        }
    }
    behind.write(&store, &tokens.in_journal()).map_err(failed).ok()?;
    told.0.set(StoreState::Closed);
    Some(store)
}

/// Makes the store anew. Meanwhile the register answers and commits go on; those wait here.
fn fill(
    folder: PathBuf,
    snapshot: Snapshot,
    tokens: &Tokens,
    tasks: &Receiver<Task>,
) -> Result<(Store, Behind), StoreError> {
    let store = Store::create(&folder)?;
    let mut behind = Behind::default();
    let Snapshot { register, index, receipts, mark } = snapshot;
    for kind in Kind::ALL {
        // In the order of the store's own keys it goes quicker.
        let mut nodes: Vec<&Arc<Node>> = register.all(*kind).collect();
        nodes.sort_unstable_by(|a, b| a.key.as_str().cmp(b.key.as_str()));
        for some in nodes.chunks(FILLED_BETWEEN) {
            some.iter().try_for_each(|node| store.put(node))?;
            while let Ok(task) = tasks.try_recv() {
                if let Task::Apply(entry) = task {
                    behind.push(entry.0, entry.1);
                }
            }
        }
    }
    for (kind, key, revision) in register.graves() {
        store.bury(kind, key, revision)?;
    }
    for (revision, indexed) in (1 as Revision..).zip(&index) {
        store.put_index(revision, indexed)?;
    }
    for receipt in &receipts {
        store.put_receipt(receipt)?;
    }
    store.set_mark(&mark, &tokens.in_journal())?;
    // Of a folder that is new there was nothing to make again.
    if mark.revision > 0 {
        tracing::info!(revision = mark.revision, "the store was made again from the journal");
    }
    Ok((store, behind))
}
