//! What commands say in the same way: problems, counts, that something takes its time; and what time it is.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use indicatif::{ProgressBar, ProgressStyle};

use crate::commit::audit::Audit;
use crate::model::Problem;

/// Problems on stderr, as many as a person reads.
pub fn print_problems(problems: &[Problem]) {
    const SHOWN: usize = 100;
    for problem in problems.iter().take(SHOWN) {
        eprintln!("{problem}\n    {}", problem.hint);
    }
    if problems.len() > SHOWN {
        eprintln!("… and {} more", problems.len() - SHOWN);
    }
}

/// Now, in milliseconds since 1970, UTC.
pub fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// "1 problem", "2 problems".
pub fn count_of(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// A spinner for long work, on a terminal only.
pub fn progress(message: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}").expect("the template is sound");
    let bar = ProgressBar::new_spinner().with_style(style).with_message(message);
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

/// To the audit log of a data folder: what was done with it on this machine. A server may have it open.
pub fn note_act(data: &Path, what: &str, about: String) {
    Audit::of(data).note_act(what, "DONE", about, now_ms());
}
