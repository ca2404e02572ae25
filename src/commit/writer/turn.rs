//! What waits for its turn to write, and what a turn came to.

use std::sync::Arc;

use tokio::sync::oneshot;

use crate::commit::error::CommitError;
use crate::commit::submission::{Examined, Report, Submission};
use crate::journal::Position;
use crate::register::{Register, Revision};
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
    /// Where it stands, once it is durable, and where the next one begins.
    pub place: Option<(Position, Position)>,
    /// When it was made: milliseconds since 1970.
    pub at_ms: i64,
    pub revision: Revision,
}

impl Entry {
    pub fn pieces(&self) -> Box<dyn Iterator<Item = Vec<u8>> + '_> {
        match (&self.commit, &self.receipt) {
            (Some((commit, _)), _) => Box::new(codec::pieces(commit, &self.report.changes)),
            (None, receipt) => Box::new(receipt.iter().map(codec::encode_receipt)),
        }
    }
}
