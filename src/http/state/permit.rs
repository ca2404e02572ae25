//! A place among the connections over which the register is followed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::http::wire::share::Part;

/// A place among the connections that may be open; given back when it is dropped.
pub struct ConnectionPermit {
    pub(super) open: Arc<AtomicUsize>,
    #[expect(dead_code, reason = "given back when dropped")]
    pub(super) parts: Vec<Part>,
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }
}
