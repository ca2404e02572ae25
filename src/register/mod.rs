//! The register: all records at one revision, as an immutable value with its indexes.
//!
//! A new revision is made from the old one by [`Register::with`]; both go on existing and share what did not change. Readers
//! hold an `Arc` of one register from beginning to end.

mod cache;
mod derived;
mod handed_on;
mod map;
mod memo;
pub mod namespaces;
mod node;
mod noted;
mod placed;
pub mod query;
pub mod relation;
mod snapshot;
mod tables;
mod tombstones;
mod trail;
mod words;

pub use cache::CacheEntry;
pub use handed_on::Earlier;
pub use node::{Change, Node, OrderKey, Revision};
pub use noted::Footprint;
pub use snapshot::Register;
pub use tables::TableSet;
pub use tombstones::TOMBSTONES_MAX;
pub use trail::{Step, TRAIL_BYTES_MAX};

#[cfg(test)]
mod tests;
