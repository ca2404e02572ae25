//! How long a submission is tried that is sent back from its turn.

use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::commit::error::CommitError;
use crate::commit::submission::Report;
use crate::commit::writer::turn::Turn;

/// So often it is tried at least where other nodes come first.
const TRIES_MIN: u32 = 8;
/// So long it is tried at least where other nodes come first.
const TRIES_FOR: Duration = Duration::from_secs(2);

/// Where what a turn comes to is awaited.
pub type Answer = oneshot::Receiver<Result<Turn, CommitError>>;

/// What it came to so far.
#[derive(Default)]
pub struct Patience {
    is_examined_at_its_turn: bool,
    overtaken: Option<(u32, Instant)>,
}

impl Patience {
    /// Whether it may be sent back to be examined beside the queue.
    pub fn may_return(&self) -> bool {
        !self.is_examined_at_its_turn
    }

    /// What a turn told; none when it is to be tried again. It is always answered, unless the writer's thread is gone.
    ///
    /// # Errors
    /// What the turn says; [`CommitError::Overtaken`] where others came first too often.
    pub fn told(
        &mut self,
        turn: Result<Result<Turn, CommitError>, oneshot::error::RecvError>,
    ) -> Result<Option<Report>, CommitError> {
        match turn.unwrap_or(Err(CommitError::Fault))? {
            Turn::Done(report) => return Ok(Some(report.sealed())),
            // At the next turn it is examined where it stands, so that it is never sent back for ever.
            Turn::Moved => self.is_examined_at_its_turn = true,
            Turn::AnsweredBefore => {}
            Turn::Overtaken => {
                let (tries, since) = self.overtaken.get_or_insert_with(|| (0, Instant::now()));
                *tries += 1;
                if *tries >= TRIES_MIN && since.elapsed() >= TRIES_FOR {
                    return Err(CommitError::Overtaken);
                }
            }
        }
        Ok(None)
    }
}
