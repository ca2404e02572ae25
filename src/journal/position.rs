//! Where an entry stands: in which segment, at which offset, after which frame.

use super::frame::Hash;

/// Hash before the first frame.
pub(super) const NO_HASH: Hash = [0; 32];

/// Where an entry begins, and what stands before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// Sequence number of the entry.
    pub sequence: u64,
    /// Number that names the segment.
    pub segment: u64,
    /// Offset in the segment.
    pub offset: u64,
    /// Hash of the frame before.
    pub previous: Hash,
}

impl Position {
    /// Where the very first entry begins.
    pub const START: Self = Self { sequence: 1, segment: 1, offset: 0, previous: NO_HASH };
}

pub(super) fn file_name(segment: u64) -> String {
    format!("{segment:020}.journal")
}

pub(super) fn segment_of(name: &str) -> Option<u64> {
    name.strip_suffix(".journal")?.parse().ok()
}
