//! What can go wrong with the store.

use std::io;
use std::path::PathBuf;

use super::codec::CodecError;

/// What went wrong with the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// `sled` refused.
    #[error("the store failed: {0}")]
    Sled(#[from] sled::Error),
    /// Its bytes do not read.
    #[error("{0}")]
    Codec(#[from] CodecError),
    /// The file system refused.
    #[error("the store cannot {doing} `{path}`: {cause}")]
    Files {
        /// What was being done.
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
}
