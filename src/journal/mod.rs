//! The journal: the truth. Entries are appended, made durable, and never changed.
//!
//! An entry is a run of bytes with a sequence number, cut into frames (see [`frame`]) in segment files named by the first
//! sequence number in them. Appending returns when the bytes are on the medium: entries that are written together with one sync,
//! the parts of a large entry before its last frame. On opening, what lacks its end at the very end is a torn tail (the process
//! or the machine stopped while writing; nobody was told that it was written) and is cut off; anything else that does not verify
//! is damage, and the journal refuses to open and names the place.

pub mod anchor;
mod append;
pub mod disk;
mod entry;
mod error;
pub mod frame;
mod position;
mod read;

pub use entry::{hash_of_entry, leads_to, read_entry, read_part};
pub use error::JournalError;
pub use frame::ENTRY_BYTES_MAX;
pub use position::Position;
pub use read::{Journal, SEGMENT_BYTES, TornTail};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod twin;
