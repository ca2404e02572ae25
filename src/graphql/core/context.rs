//! What goes with a request from its beginning to its end: who asks, what it may take, until when, and whether anybody still waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::commit::access::Identity;
use crate::graphql::core::error::{ErrorCode, FieldError};
use crate::graphql::core::limits::Limits;
use crate::graphql::core::public::Sight;
use crate::work::{Stopped, Work};

/// So many steps are quick: half a millisecond, seldom more than two.
pub const QUICK_STEPS: u64 = 25_000;

/// What goes with a request.
#[derive(Clone, Debug)]
pub struct RequestContext {
    /// Its number in the life of this program, for the log.
    pub id: u64,
    /// Who asks.
    pub identity: Identity,
    /// How much it may ask and take.
    pub limits: Arc<Limits>,
    /// What it may see.
    pub sight: Sight,
    /// What is done for it: until when, and whether anybody waits.
    pub work: Work,
    /// How many milliseconds that may take.
    time_ms: usize,
}

impl RequestContext {
    /// A request that begins now.
    pub fn new(identity: Identity, limits: &Arc<Limits>) -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let id = LAST.fetch_add(1, Ordering::Relaxed) + 1;
        let time_ms = limits.time_ms;
        let work = Work::within(Duration::from_millis(time_ms as u64));
        Self { id, identity, limits: Arc::clone(limits), sight: Sight::default(), work, time_ms }
    }

    /// The same for somebody who may see that.
    pub fn seeing(self, sight: Sight) -> Self {
        Self { sight, ..self }
    }

    /// The same for the file of an export, which may take longer.
    pub fn exporting(&self) -> Self {
        let time_ms = self.limits.export_ms;
        Self { work: self.work.lasting(Duration::from_millis(time_ms as u64)), time_ms, ..self.clone() }
    }

    /// The same for what is done where others wait: it ends before it takes more than a few milliseconds.
    pub fn quick(&self) -> Self {
        Self { work: self.work.quick(QUICK_STEPS), ..self.clone() }
    }

    /// The same for what is done to its end also when the client has gone: a write that it sent.
    pub fn insisting(&self) -> Self {
        Self { work: self.work.insisting(), ..self.clone() }
    }

    /// Does something of the request.
    ///
    /// # Errors
    /// When its time is over, or nobody waits for it any more.
    pub fn run<T>(&self, work: impl FnOnce() -> T) -> Result<T, FieldError> {
        self.work.run(work).map_err(|stopped| self.stopped(stopped))
    }

    /// The error of a request that is to end, if it is.
    pub fn ended(&self) -> Option<FieldError> {
        self.work.stopped().map(|stopped| self.stopped(stopped))
    }

    fn stopped(&self, stopped: Stopped) -> FieldError {
        tracing::debug!(id = self.id, ?stopped, steps = self.work.steps(), "a request ended before it was answered");
        match stopped {
            Stopped::Late(late) => {
                let limit = self.time_ms;
                // Of a limit that is exceeded more is found than is allowed.
                let found = limit.saturating_add(usize::try_from(late.as_millis()).unwrap_or(usize::MAX).max(1));
                let setting = if limit == self.limits.time_ms { "time_ms" } else { "export_ms" };
                FieldError::limit("milliseconds of a request", limit, found, "ask for smaller pages or fewer fields")
                    .raised_by(setting)
            }
            Stopped::TooMuch => {
                let message = "this takes longer than what is done at once";
                FieldError::new(ErrorCode::Unavailable, message, "send the request again")
            }
            Stopped::GivenUp => FieldError::new(
                ErrorCode::Unavailable,
                "nobody waits for the answer any more",
                "send the request again",
            ),
        }
    }
}
