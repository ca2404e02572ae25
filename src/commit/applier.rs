//! Brings the store up with the journal, beside the commits: they need not wait for it, because the journal is the truth and
//! what the store lacks is read from there at the next start.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use crate::commit::CommitError;
use crate::register::Register;
use crate::store::{Applied, Mark, Store};

/// Commits that may wait for the store; further ones wait for a place.
const QUEUE: usize = 1024;

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
    /// Starts the thread.
    pub fn start(store: Store) -> Self {
        let (queue, entries) = sync_channel(QUEUE);
        let thread = std::thread::Builder::new().name("store".into()).spawn(move || run(store, &entries));
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

fn run(store: Store, tasks: &Receiver<Task>) -> Option<Store> {
    for task in tasks {
        match task {
            Task::Free(registers) => drop(registers),
            Task::Apply(entry) => {
                let (applied, mark) = *entry;
                if let Err(error) = store.apply(&applied, &mark) {
                    tracing::error!(reason = %error, "the store failed: it stays behind, the next start reads the journal");
                    return None;
                }
            }
        }
    }
    Some(store)
}
