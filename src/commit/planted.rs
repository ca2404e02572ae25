//! Faults on purpose, so that the tests of several nodes see that such a fault would be found. Only builds with debug assertions have
//! them, and of those only one that is asked for by `BOORDTABEL_PLANTED`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::cluster::Entry;

/// Whoever writes is told before the log has it.
pub const ACKNOWLEDGE_FIRST: &str = "acknowledge-first";
/// What got no answer is written again without a look at what became of it.
pub const BLIND_RETRY: &str = "blind-retry";
/// What others wrote is taken in whatever order it comes.
pub const FOLLOW_WITHOUT_ORDER: &str = "follow-without-order";

/// One in so many appends gets no answer.
const UNANSWERED: u64 = 5;

/// Whether that fault is planted.
pub fn has(fault: &str) -> bool {
    static ASKED: OnceLock<Option<String>> = OnceLock::new();
    cfg!(debug_assertions) && ASKED.get_or_init(|| std::env::var("BOORDTABEL_PLANTED").ok()).as_deref() == Some(fault)
}

/// Keeps entries, and gives those that were kept before.
pub fn put_off(entries: Vec<Entry>) -> Vec<Entry> {
    static KEPT: Mutex<Vec<Entry>> = Mutex::new(Vec::new());
    std::mem::replace(&mut *KEPT.lock().unwrap_or_else(PoisonError::into_inner), entries)
}

/// Gives entries two by two, the later one first.
pub fn in_disorder(mut entries: Vec<Entry>) -> Vec<Entry> {
    static KEPT: Mutex<Vec<Entry>> = Mutex::new(Vec::new());
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    kept.append(&mut entries);
    if kept.len() < 2 {
        return Vec::new();
    }
    kept.reverse();
    std::mem::take(&mut *kept)
}

/// Whether this answer is lost.
pub fn is_unanswered() -> bool {
    static APPENDS: AtomicU64 = AtomicU64::new(0);
    APPENDS.fetch_add(1, Ordering::Relaxed) % UNANSWERED == UNANSWERED - 1
}
