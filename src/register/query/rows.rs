//! The rows of a table, and their numbers.

use std::sync::Arc;

use super::Row;
use crate::register::Node;
use crate::register::cache::CacheEntry;

/// Stands for no value, or no row.
pub const NONE: u32 = u32::MAX;

/// A list that can be asked by columns: its rows, by their numbers.
pub trait Listed: Send + Sync + 'static {
    /// How many there are.
    fn count(&self) -> usize;
    /// One of them.
    fn row(&self, at: u32) -> Row<'_>;
    /// All of them, in their order.
    fn rows(&self) -> impl Iterator<Item = Row<'_>>;
}

/// The rows of a table, in its default order. A later version shares what did not change.
#[derive(Debug)]
pub struct Rows(pub imbl::Vector<Arc<Node>>);

impl CacheEntry for Rows {
    fn bytes(&self) -> usize {
        self.0.len() * 8 + 64
    }
}

impl Listed for Rows {
    fn count(&self) -> usize {
        self.0.len()
    }
    fn row(&self, at: u32) -> Row<'_> {
        Row::Node(&self.0[at as usize])
    }
    fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.0.iter().map(|node| Row::Node(node))
    }
}

/// A number of rows, which are never so many that it does not fit.
pub fn row(index: usize) -> u32 {
    u32::try_from(index).expect("a table has fewer than 2^32 rows")
}
