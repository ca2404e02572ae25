//! Following the register: the log is read, then awaited. A reader takes commits from the journal at its own speed, so that
//! none is missed or told twice, and a slow one costs nobody else anything.

use std::sync::Arc;

use tokio::sync::watch;

use crate::commit::{Commit, CommitError, Ledger};
use crate::model::Kind;
use crate::register::{Change, Revision};

/// Tells those who follow that there is a new revision.
pub struct Publisher {
    head: watch::Sender<Revision>,
}

impl Publisher {
    /// Begins at that revision.
    pub fn new(revision: Revision) -> Self {
        Self { head: watch::Sender::new(revision) }
    }

    /// Says that there is a new revision.
    pub fn publish(&self, revision: Revision) {
        self.head.send_replace(revision);
    }

    /// Follows from that revision on.
    pub fn follow(&self, ledger: Arc<Ledger>, after: Revision) -> Feed {
        Feed { ledger, next: after + 1, head: self.head.subscribe() }
    }
}

/// The commits after a revision, in order, without gap or double.
pub struct Feed {
    ledger: Arc<Ledger>,
    next: Revision,
    head: watch::Receiver<Revision>,
}

/// The changes of a commit that a follower asked for.
#[derive(Clone, Debug)]
pub struct Changes {
    /// The commit.
    pub commit: Arc<Commit>,
    /// How many revisions the follower is behind.
    pub behind: u64,
}

impl Changes {
    /// The changes of these kinds; all of them when none is named.
    pub fn of<'a>(&'a self, kinds: &'a [Kind]) -> impl Iterator<Item = &'a Change> {
        self.commit.changes.iter().filter(move |change| kinds.is_empty() || kinds.contains(&change.kind))
    }
}

impl Feed {
    /// The next commit: waits for it when it is not there yet. Dropping the wait loses nothing.
    ///
    /// # Errors
    /// When the journal cannot be read. `None` when the ledger is closed.
    pub async fn next(&mut self) -> Result<Option<Changes>, CommitError> {
        if self.head.wait_for(|head| *head >= self.next).await.is_err() {
            return Ok(None);
        }
        let behind = self.head.borrow().saturating_sub(self.next);
        let commit = self.ledger.commit(self.next)?;
        self.next += 1;
        Ok(commit.map(|commit| Changes { commit, behind }))
    }
}
