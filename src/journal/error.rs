//! What can go wrong with a journal.

use std::io;

use super::frame::ENTRY_BYTES_MAX;
use super::position::{Position, file_name};

/// What went wrong with the journal.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The disk refused.
    #[error("the journal cannot {doing} `{file}`: {cause}")]
    Disk {
        /// What was being done.
        doing: &'static str,
        /// The file.
        file: String,
        /// What the system says.
        cause: io::Error,
    },
    /// There is no room; what was half written was taken back, and the journal can go on when there is room again.
    #[error(
        "there is no room on the disk (or a quota or a limit of file sizes is reached): the commit was not written"
    )]
    Full,
    /// Entries that were acknowledged are not there.
    #[error(
        "the journal ends before entry {found}, but entry {known} (revision {revision}) was acknowledged: its end is missing"
    )]
    Truncated {
        /// The entry that would be next.
        found: u64,
        /// The last one that was acknowledged.
        known: u64,
        /// The revision of the register then.
        revision: u64,
    },
    /// Bytes in the middle do not verify.
    #[error("the journal is damaged: `{file}` at byte {offset}: {what}")]
    Damaged {
        /// The file.
        file: String,
        /// Where in it.
        offset: u64,
        /// What does not hold.
        what: String,
    },
    /// It was opened to be read.
    #[error("the register is open for reading only")]
    ReadOnly,
    /// An earlier failure left it unknown what is on the medium.
    #[error("the journal stopped writing after a failure: {0}")]
    Stopped(String),
    /// The entry is larger than entries may be.
    #[error("the commit has {found} bytes, at most {ENTRY_BYTES_MAX} are allowed")]
    TooLarge {
        /// Its size.
        found: usize,
    },
}

pub(super) fn failed(doing: &'static str, file: &str) -> impl FnOnce(io::Error) -> JournalError {
    let file = file.to_owned();
    move |cause| JournalError::Disk { doing, file, cause }
}

pub(super) fn damaged(at: &Position, what: &str) -> JournalError {
    JournalError::Damaged { file: file_name(at.segment), offset: at.offset, what: what.into() }
}
