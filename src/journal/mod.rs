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
pub mod frame;
mod part;
mod read;

use std::io;

use frame::Hash;
pub use part::read_part;
pub use read::{hash_of_entry, leads_to, read_entry};

/// A segment is closed when it has grown past this.
pub const SEGMENT_BYTES: u64 = 64 << 20;
/// Most bytes of one entry.
pub const ENTRY_BYTES_MAX: usize = 1 << 30;

/// Hash before the first frame.
const NO_HASH: Hash = [0; 32];

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

/// What was cut off on opening.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TornTail {
    /// The file.
    pub file: String,
    /// Where it was cut.
    pub offset: u64,
    /// How many bytes were cut off.
    pub bytes: u64,
}

/// When what is written is cut.
#[derive(Clone, Copy)]
struct Sizes {
    /// A segment is closed when it has grown past this.
    segment: u64,
    /// Most payload of one frame.
    frame: usize,
    /// A group that has written so much more is synced on the way: what is not synced must be told by a frame's three bytes.
    unsynced: u64,
}

const SIZES: Sizes = Sizes { segment: SEGMENT_BYTES, frame: frame::PAYLOAD_BYTES_MAX, unsynced: 4 << 20 };

/// An open journal.
pub struct Journal<D> {
    disk: D,
    sizes: Sizes,
    segments: Vec<u64>,
    end: Position,
    /// Whether it may be written: its end is whole and on the medium.
    ready: bool,
    /// Why nothing more may be written.
    stopped: Option<String>,
    torn: Option<TornTail>,
}

fn file_name(segment: u64) -> String {
    format!("{segment:020}.journal")
}

fn segment_of(name: &str) -> Option<u64> {
    name.strip_suffix(".journal")?.parse().ok()
}

fn failed(doing: &'static str, file: &str) -> impl FnOnce(io::Error) -> JournalError {
    let file = file.to_owned();
    move |cause| JournalError::Disk { doing, file, cause }
}

fn damaged(at: &Position, what: &str) -> JournalError {
    JournalError::Damaged { file: file_name(at.segment), offset: at.offset, what: what.into() }
}

impl<D> Journal<D> {
    /// What was cut off when it was made ready for writing, if anything.
    pub fn torn_tail(&self) -> Option<&TornTail> {
        self.torn.as_ref()
    }

    /// Where the next entry will begin.
    pub fn end(&self) -> &Position {
        &self.end
    }

    /// Writes nothing more, for that reason.
    pub fn stop_for(&mut self, reason: String) {
        self.stopped = Some(reason);
    }

    /// Why it writes nothing more; none while it does.
    pub fn stopped(&self) -> Option<&str> {
        self.stopped.as_deref()
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod twin;
