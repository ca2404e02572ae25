//! Work that takes long gives way to what is answered at once: its threads get processor time when the others leave some.

use std::cell::Cell;
use std::time::Duration;

use actix_web::web;

use crate::graphql::core::error::{ErrorCode, FieldError};
use crate::work;

/// How much less of the processor such a thread gets: a tenth of what another one has.
#[cfg(unix)]
const NICE: i32 = 10;

thread_local! {
    static GIVES_WAY: Cell<bool> = const { Cell::new(false) };
}

/// How long this thread has worked since it began. Not the time of the clock: while others have the processor, nobody waits because of what this
/// thread does.
#[cfg(unix)]
pub fn worked() -> Duration {
    let worked = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(worked.tv_sec.unsigned_abs(), u32::try_from(worked.tv_nsec).unwrap_or_default())
}

/// Elsewhere it is the time of the clock.
#[cfg(not(unix))]
pub fn worked() -> Duration {
    static BEGAN: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    BEGAN.elapsed()
}

/// From now on this thread gives way to others. Only for threads of long work: there is no way back, so that after a while all of them do,
/// whoever it is that they work for.
pub fn give_way() {
    if GIVES_WAY.replace(true) {
        return;
    }
    work::give_way();
    // On Linux this is of the thread that asks, not of the whole process.
    #[cfg(target_os = "linux")]
    if let Err(cause) = rustix::process::setpriority_process(None, NICE) {
        tracing::debug!(%cause, "work that takes long does not give way");
    }
}

/// Does work on a thread of its own.
///
/// # Errors
/// When the server is stopping.
pub async fn run_blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, FieldError> {
    web::block(work).await.map_err(|_| {
        let hint = "send it again later; a write with the same idempotency key is done once";
        FieldError::new(ErrorCode::Unavailable, "the server is stopping", hint)
    })
}
