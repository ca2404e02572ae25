//! The rows of a table, and their numbers.

use std::sync::Arc;

use crate::register::Node;
use crate::register::cache::CacheEntry;

/// Stands for no value, or no row.
pub const NONE: u32 = u32::MAX;

/// The rows of a table, in its default order. A later version shares what did not change.
#[derive(Debug)]
pub struct Rows(pub imbl::Vector<Arc<Node>>);

impl CacheEntry for Rows {
    fn bytes(&self) -> usize {
        self.0.len() * 8 + 64
    }
}
/// A number of rows, which are never so many that it does not fit.
pub fn row(index: usize) -> u32 {
    u32::try_from(index).expect("a table has fewer than 2^32 rows")
}
