//! Brings the store up with the journal, beside the commits: they need not wait for it, because the journal is the truth and
//! what the store lacks is read from there at the next start.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::commit::CommitError;
use crate::register::Register;
use crate::store::{Applied, Behind, Mark, Store};

/// Commits that may wait for the store; further ones wait for a place.
const QUEUE: usize = 1024;
/// The store is written when nothing was committed for so long: what is committed in quick succession goes in together.
const QUIET: Duration = Duration::from_millis(500);

enum Task {
    Apply(Box<(Applied, Mark)>),
    Free(Vec<Arc<Register>>),
}

/// A thread that owns the store.
pub struct Applier {
    queue: Option<SyncSender<Task>>,
    thread: Option<JoinHandle<Option<Store>>>,
}

impl Applier {
    /// Starts the thread, with what the store lacks from before.
    pub fn start(store: Store, behind: Behind) -> Self {
        let (queue, tasks) = sync_channel(QUEUE);
        let thread = std::thread::Builder::new().name("store".into()).spawn(move || run(store, behind, &tasks));
        if let Err(cause) = &thread {
            tracing::error!(%cause, "the store's thread does not start: the next start reads the journal instead");
        }
        Self { queue: Some(queue), thread: thread.ok() }
    }

    /// Hands over what an entry of the journal says.
    pub fn apply(&self, applied: Applied, mark: Mark) {
        if let Some(queue) = &self.queue {
            // A thread that ended said why; what it lacks is read from the journal at the next start.
            let _ = queue.send(Task::Apply(Box::new((applied, mark))));
        }
    }

    /// Takes registers that nobody needs any more, to free them.
    pub fn free(&self, registers: Vec<Arc<Register>>) {
        if let Some(queue) = self.queue.as_ref().filter(|_| !registers.is_empty()) {
            let _ = queue.send(Task::Free(registers));
        }
    }

    /// Waits until the store has everything, and closes it so that the next start trusts it.
    ///
    /// # Errors
    /// When the store cannot be closed; the next start rebuilds it.
    pub fn close(mut self) -> Result<(), CommitError> {
        match self.finish() {
            Some(store) => Ok(store.close()?),
            None => Ok(()),
        }
    }

    fn finish(&mut self) -> Option<Store> {
        self.queue = None;
        self.thread.take()?.join().ok().flatten()
    }
}

impl Drop for Applier {
    fn drop(&mut self) {
        self.finish();
    }
}

fn run(store: Store, mut behind: Behind, tasks: &Receiver<Task>) -> Option<Store> {
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
            None => write(&mut behind, &store)?,
        }
        if behind.is_full() {
            write(&mut behind, &store)?;
        }
    }
    write(&mut behind, &store)?;
    Some(store)
}

/// `None` ends the thread.
fn write(behind: &mut Behind, store: &Store) -> Option<()> {
    let failed =
        |error| tracing::error!(reason = %error, "the store failed: it stays behind, the next start reads the journal");
    behind.write(store).map_err(failed).ok()
}
