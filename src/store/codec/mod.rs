//! The bytes of records and commits: the only home of `bincode`.
//!
//! A record is stored as a version, its kind, the revision that wrote it and its field values in the order of the model, each
//! with a tag that says what it is. So a field may be added at the end (older bytes lack it, and it is read as absent) and
//! renamed, but never removed, moved or given another type without a new version. The bytes of every version are kept in
//! `fixtures/store/`.

mod bytes;
mod entry;
pub mod outline;
mod place;
mod record;
mod token;

pub use bytes::CodecError;
pub use entry::{
    Commit, Counts, Entry, Receipt, commit_pieces, decode_commit_head, decode_entry, decode_receipt, decode_revision,
    decode_tokens, encode_receipt, pieces,
};
pub use place::{Checkpoint, Indexed, decode_checkpoint, decode_indexed, encode_checkpoint, encode_indexed};
pub use record::{decode_record, encode_record};
pub use token::{Token, encode_tokens};

#[cfg(test)]
mod tests;
