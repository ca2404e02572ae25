//! What may be used so much of within a minute: a bucket that fills up again evenly.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

/// So much within a minute.
pub struct Bucket {
    /// As much as there is at once.
    most: NonZeroU32,
    limiter: DefaultDirectRateLimiter,
}

impl Bucket {
    /// So much within a minute, none for no bound; a tenth of it at once, or that much where that is more.
    pub fn new(most: usize, at_once: usize) -> Option<Self> {
        let count = |count: usize| NonZeroU32::new(u32::try_from(count).unwrap_or(u32::MAX));
        let minute = count(most)?;
        let most = count((most / 10).max(at_once).min(most))?;
        Some(Self { most, limiter: RateLimiter::direct(Quota::per_minute(minute).allow_burst(most)) })
    }

    /// Takes so much, at most all that there can be at once.
    ///
    /// # Errors
    /// With the time after which there is as much.
    pub fn take(&self, count: usize) -> Result<(), Duration> {
        let count = u32::try_from(count).unwrap_or(u32::MAX).min(self.most.get());
        let Some(count) = NonZeroU32::new(count) else { return Ok(()) };
        match self.limiter.check_n(count) {
            Ok(Err(not_yet)) => Err(not_yet.wait_time_from(DefaultClock::default().now())),
            _ => Ok(()),
        }
    }
}

/// In whole seconds, rounded up.
pub fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}
