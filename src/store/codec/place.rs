//! The bytes of what says where something stands in the journal: a revision, and the store's checkpoint.

use super::bytes::{CodecError, VERSION, check_version, take, to_bytes};
use crate::journal::Position;
use crate::register::Revision;

/// Where a revision stands in the journal, and when it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Indexed {
    /// Where its entry begins.
    pub position: Position,
    /// When it was committed: milliseconds since 1970, UTC.
    pub committed_at_ms: i64,
    /// How many records were changed up to and with it, by all commits together: what the way from one state to another costs.
    pub changes_so_far: u64,
}

/// How far the store goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The last revision that is in the store whole.
    pub revision: Revision,
    /// When that revision was committed: milliseconds since 1970, UTC.
    pub committed_at_ms: i64,
    /// Where the journal's next entry begins.
    pub next: Position,
}

/// The bytes of an index entry.
pub fn encode_indexed(indexed: &Indexed) -> Vec<u8> {
    to_bytes(&(VERSION, stored_position(&indexed.position), indexed.committed_at_ms, indexed.changes_so_far))
}

/// Reads an index entry back.
///
/// # Errors
/// When the bytes are damaged, or of a later version.
pub fn decode_indexed(bytes: &[u8]) -> Result<Indexed, CodecError> {
    check_version(bytes)?;
    let (_, position, committed_at_ms, changes_so_far): (u16, StoredPosition, i64, u64) = take(&mut &*bytes)?;
    Ok(Indexed { position: read_position(position), committed_at_ms, changes_so_far })
}

/// The bytes of the store's checkpoint.
pub fn encode_checkpoint(checkpoint: &Checkpoint) -> Vec<u8> {
    to_bytes(&(VERSION, checkpoint.revision, checkpoint.committed_at_ms, stored_position(&checkpoint.next)))
}

/// Reads the store's checkpoint back.
///
/// # Errors
/// When the bytes are damaged, or of a later version.
pub fn decode_checkpoint(bytes: &[u8]) -> Result<Checkpoint, CodecError> {
    check_version(bytes)?;
    let (_, revision, committed_at_ms, next): (u16, u64, i64, StoredPosition) = take(&mut &*bytes)?;
    Ok(Checkpoint { revision, committed_at_ms, next: read_position(next) })
}

type StoredPosition = (u64, u64, u64, [u8; 32]);

fn stored_position(position: &Position) -> StoredPosition {
    (position.sequence, position.segment, position.offset, position.previous)
}

fn read_position((sequence, segment, offset, previous): StoredPosition) -> Position {
    Position { sequence, segment, offset, previous }
}
