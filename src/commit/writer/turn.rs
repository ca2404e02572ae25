//! What waits for its turn to write, and what a turn came to.

use std::sync::Arc;

use tokio::sync::oneshot;

use crate::cluster::{APPEND_BYTES_MAX, APPEND_MAX, INLINE_BYTES_MAX};
use crate::commit::error::CommitError;
use crate::commit::submission::{Examined, Report, Submission};
use crate::journal::Position;
use crate::register::{Change, Register, Revision};
use crate::store::codec::{self, Commit, Receipt};

/// A submission that waits for its turn.
pub struct Job {
    /// What is wanted.
    pub submission: Arc<Submission>,
    /// What it came to on an earlier state.
    pub examined: Examined,
    /// The time, in milliseconds since 1970.
    pub now_ms: i64,
    /// Whether it may be sent back once more to be examined beside the queue.
    pub may_return: bool,
    /// Who waits.
    pub answer: oneshot::Sender<Result<Turn, CommitError>>,
}

/// What a turn came to.
pub enum Turn {
    /// It is done.
    Done(Box<Report>),
    /// What it looked at has changed: it is to be examined again.
    Moved,
    /// Its key has been answered in the meantime.
    AnsweredBefore,
    /// Another node has written first: it is to be examined again.
    Overtaken,
}

/// What a turn came to, before it is durable.
pub struct Staged {
    pub outcome: Result<Outcome, CommitError>,
    pub answer: oneshot::Sender<Result<Turn, CommitError>>,
}

pub enum Outcome {
    /// There is nothing to write.
    Told(Turn),
    /// There is, and then something to publish.
    Write(Box<Entry>),
}

/// An entry of the journal on its way.
pub struct Entry {
    pub report: Box<Report>,
    /// The commit, without its changes, and the register that it makes.
    pub commit: Option<(Commit, Arc<Register>)>,
    pub receipt: Option<Receipt>,
    /// What it says, where nodes share a log: that takes it whole.
    pub payload: Option<Vec<u8>>,
    /// Where it stands, once it is durable, and where the next one begins.
    pub place: Option<(Position, Position)>,
    /// When it was made: milliseconds since 1970.
    pub at_ms: i64,
    pub revision: Revision,
}

/// What an entry of the journal comes to, when it is durable.
pub struct Fact {
    /// The commit, what it changes, and the register that it makes.
    pub commit: Option<(Commit, Arc<Vec<Change>>, Arc<Register>)>,
    pub receipt: Option<Receipt>,
    /// Where it stands, and where the next one begins.
    pub place: (Position, Position),
    /// When it was made: milliseconds since 1970.
    pub at_ms: i64,
    pub revision: Revision,
}

impl Entry {
    /// The entry as a fact, and what was to be told of it; none when it is not durable.
    pub fn into_fact(self) -> Option<(Fact, Box<Report>)> {
        let Self { report, commit, receipt, place, at_ms, revision, .. } = self;
        let commit = commit.map(|(commit, next)| (commit, Arc::clone(&report.changes), next));
        Some((Fact { commit, receipt, place: place?, at_ms, revision }, report))
    }

    pub fn pieces(&self) -> Box<dyn Iterator<Item = Vec<u8>> + '_> {
        match (&self.commit, &self.receipt) {
            (Some((commit, _)), _) => Box::new(codec::pieces(commit, &self.report.changes)),
            (None, receipt) => Box::new(receipt.iter().map(codec::encode_receipt)),
        }
    }
}

/// Whether another entry has room beside these in what the log takes together, whatever that says.
pub fn has_room_in_log(group: &[Staged]) -> bool {
    let payloads = group.iter().filter_map(|staged| match &staged.outcome {
        Ok(Outcome::Write(entry)) => entry.payload.as_ref().map(Vec::len),
        _ => None,
    });
    // What is large stands beside the log.
    let bytes: usize = payloads.filter(|bytes| *bytes <= INLINE_BYTES_MAX).sum();
    group.len() < APPEND_MAX && bytes + INLINE_BYTES_MAX <= APPEND_BYTES_MAX
}
