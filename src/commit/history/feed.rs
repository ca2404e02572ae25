//! Following the register: the log is read, then awaited. A reader takes commits from the journal at its own speed, so that
//! none is missed or told twice, and a slow one costs nobody else anything.

use std::sync::Arc;

use tokio::sync::watch;

use super::History;
use crate::commit::error::CommitError;
use crate::model::Kind;
use crate::register::{Change, Revision};
use crate::store::codec::Commit;

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

    /// Waits until there is that revision.
    pub async fn reached(&self, revision: Revision) {
        // It fails only when this publisher is gone, with which the wait would be too.
        let _ = self.head.subscribe().wait_for(|head| *head >= revision).await;
    }

    /// Follows from that revision on.
    pub fn follow(&self, history: Arc<History>, after: Revision) -> Feed {
        Feed { history, next: after + 1, head: self.head.subscribe() }
    }
}

/// The commits after a revision, in order, without gap or double.
pub struct Feed {
    history: Arc<History>,
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
    /// Waits until the next commit is there; whether it will be. Dropping the wait loses nothing.
    pub async fn ready(&mut self) -> bool {
        self.head.wait_for(|head| *head >= self.next).await.is_ok()
    }

    /// The revision of the next commit.
    pub fn at(&self) -> Revision {
        self.next
    }

    /// How many records the next commit changed.
    pub fn next_changes(&self) -> u64 {
        self.history.changes_at(self.next).saturating_sub(self.history.changes_at(self.next - 1))
    }

    /// The next commit, which is [ready](Self::ready); none when it is not.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn take(&mut self) -> Result<Option<Changes>, CommitError> {
        let behind = self.head.borrow().saturating_sub(self.next);
        let Some(commit) = self.history.commit(self.next)? else { return Ok(None) };
        self.next += 1;
        Ok(Some(Changes { commit, behind }))
    }
}
