//! The record store: current records in `sled`, the only home of that crate.
//!
//! It saves replaying the journal from its beginning at every start, and nothing more: the journal is the truth, and a store
//! that cannot be trusted is deleted and filled again. It cannot be trusted when the machine (not only the process) may have
//! stopped while it was open, because `sled`'s `flush` is no fsync; when it fails to open; or when its checkpoint is not one that
//! the journal knows. Changes go in key by key and the checkpoint that says how far they go is written last: after a crash in
//! between, replaying the same entry again gives the same records. (Batches would be atomic but take gigabytes of memory.)

pub mod checkpoint;
pub mod codec;
mod db;
mod error;
mod pending;
mod trust;

pub use codec::Checkpoint;
pub use db::{Store, Tombstone};
pub use error::StoreError;
pub use pending::{Applied, PendingWrites};

#[cfg(test)]
mod tests;
