//! Whether the machine's clock can be right: a commit under a wrong one would date all that follow, because time never runs
//! backwards in the journal.

use std::time::Instant;

use crate::commit::error::CommitError;

/// So much may a clock be set while the program runs, or be behind the last commit.
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// A register may rest for so long; after that somebody should look at the clock.
const REST_MS: i64 = 400 * DAY_MS;
/// A time before this (9 September 2001) was told by a clock that nobody had set: it says nothing of later ones.
const SET_MS: i64 = 1_000_000_000_000;

/// What the clock said last, and when that was.
#[derive(Default)]
pub struct Clock {
    seen: Option<(i64, Instant)>,
    trusted: bool,
}

impl Clock {
    /// An administrator has looked at it: it is right.
    pub fn trust(&mut self) {
        self.trusted = true;
    }

    /// Whether a commit may have that time, after one of `last_ms`.
    ///
    /// # Errors
    /// When the clock has jumped by more than a day, is more than a day behind the last commit, or more than 400 days after it.
    pub fn check(&mut self, now_ms: i64, last_ms: i64) -> Result<(), CommitError> {
        self.check_at(now_ms, last_ms, Instant::now())
    }

    fn check_at(&mut self, now_ms: i64, last_ms: i64, now: Instant) -> Result<(), CommitError> {
        let jump = self.seen.filter(|(seen_ms, _)| *seen_ms >= SET_MS).map_or(0, |(seen_ms, seen)| {
            let passed = i64::try_from(now.saturating_duration_since(seen).as_millis()).unwrap_or(i64::MAX);
            now_ms.saturating_sub(seen_ms.saturating_add(passed))
        });
        let since = if last_ms < SET_MS { 0 } else { now_ms.saturating_sub(last_ms) };
        let what = if jump.abs() > DAY_MS {
            format!("it was set by {} days while the program ran", jump / DAY_MS)
        } else if since < -DAY_MS {
            format!("it is {} days behind the last commit", -since / DAY_MS)
        } else if since > REST_MS {
            format!("it is {} days after the last commit", since / DAY_MS)
        } else {
            self.seen = Some((now_ms, now));
            return Ok(());
        };
        if self.trusted {
            tracing::warn!("the clock is trusted, although {what}");
            self.seen = Some((now_ms, now));
            return Ok(());
        }
        Err(CommitError::Clock(what))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_clock_that_cannot_be_right_is_believed_only_when_somebody_says_so() {
        let begun = Instant::now();
        let noon = 1_795_000_000_000;
        let mut clock = Clock::default();
        let mut at =
            |now_ms: i64, last_ms: i64, passed: Duration| clock.check_at(now_ms, last_ms, begun + passed).is_ok();
        let hours = |hours: i64| hours * DAY_MS / 24;
        assert!(at(noon, 0, Duration::ZERO), "the first commit");
        assert!(at(noon + hours(20), noon, Duration::from_secs(60)), "less than a day");
        assert!(at(noon + hours(20) - 1_000, noon + hours(20), Duration::from_secs(60)), "a second back");
        let year = Duration::from_secs(365 * 86_400);
        assert!(at(noon + hours(24 * 365), noon, year), "a year's rest, which passed");
        for wrong in [noon + hours(24 * 26_500), noon, 0] {
            assert!(!at(wrong, noon + hours(24 * 365), year), "{wrong}");
        }
        let mut clock = Clock::default();
        assert!(clock.check_at(noon + hours(24 * 401), noon, begun).is_err(), "too long a rest");
        assert!(clock.check_at(noon - hours(25), noon, begun).is_err(), "behind the last commit");
        clock.trust();
        assert!(clock.check_at(noon + hours(24 * 401), noon, begun).is_ok());
        assert!(clock.check_at(noon + hours(24 * 401) + 1, noon, begun).is_ok());
    }
}
