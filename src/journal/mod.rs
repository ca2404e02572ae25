//! The journal: the truth. Entries are appended, made durable, and never changed.
//!
//! An entry is a run of bytes with a sequence number, cut into frames (see [`frame`]) in segment files named by the first
//! sequence number in them. Appending returns when the bytes are on the medium. On opening, an entry without its end at the
//! very end is a torn tail (the process or the machine stopped while writing; nobody was told that it was written) and is cut
//! off; anything else that does not verify is damage, and the journal refuses to open and names the place.

pub mod disk;
pub mod frame;

use std::io;

use disk::Disk;
use frame::{HEADER_BYTES, Hash, Header, PAYLOAD_BYTES_MAX};

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
    #[error("the disk is full: the commit was not written")]
    Full,
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

/// An open journal.
pub struct Journal<D> {
    disk: D,
    segment_bytes: u64,
    segments: Vec<u64>,
    end: Position,
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

impl<D: Disk> Journal<D> {
    /// Opens the journal, checks every entry from `from` on and hands it to `each` with where it begins and where the next one
    /// would, then cuts off a torn tail.
    ///
    /// # Errors
    /// When the disk refuses, or when something other than the tail is damaged, or with an error of `each`.
    pub fn open<E: From<JournalError>>(
        disk: D,
        from: &Position,
        each: impl FnMut(&Position, &Position, Vec<u8>) -> Result<(), E>,
    ) -> Result<Self, E> {
        Self::open_with(disk, SEGMENT_BYTES, from, each)
    }

    fn open_with<E: From<JournalError>>(
        disk: D,
        segment_bytes: u64,
        from: &Position,
        mut each: impl FnMut(&Position, &Position, Vec<u8>) -> Result<(), E>,
    ) -> Result<Self, E> {
        let names = disk.list().map_err(failed("list", "journal"))?;
        let mut segments: Vec<u64> = names.iter().filter_map(|name| segment_of(name)).collect();
        segments.sort_unstable();
        let mut journal = Self { disk, segment_bytes, segments, end: from.clone(), stopped: None, torn: None };
        journal.check_beginning(from)?;
        while let Some((payload, end)) = journal.read_entry(&journal.end.clone())? {
            let begin = std::mem::replace(&mut journal.end, end);
            each(&begin, &journal.end, payload)?;
        }
        journal.cut_torn_tail()?;
        Ok(journal)
    }

    /// The segment that `from` names must be there, unless the journal is empty.
    fn check_beginning(&self, from: &Position) -> Result<(), JournalError> {
        let name = file_name(from.segment);
        if self.segments.is_empty() && *from == Position::START {
            return Ok(());
        }
        // A journal may begin a new file only after the position that the store knows.
        let what = if !self.segments.contains(&from.segment) {
            "the file is missing"
        } else if self.disk.length(&name).map_err(failed("measure", &name))? < from.offset {
            "the file ends before what the store has from it"
        } else {
            return Ok(());
        };
        Err(damaged(from, what))
    }

    /// Reads the entry at that position, and says where the next one begins; nothing at the end and at a torn tail.
    ///
    /// # Errors
    /// When the disk refuses, or when bytes before the tail are damaged.
    pub fn read_entry(&self, at: &Position) -> Result<Option<(Vec<u8>, Position)>, JournalError> {
        let mut at = at.clone();
        let mut payload = Vec::new();
        for part in 0.. {
            match self.read_frame(&at)? {
                Frame::Whole { header, hash, bytes } if header.part == part => {
                    payload.extend(bytes);
                    at.offset += (HEADER_BYTES + header.length) as u64;
                    at.previous = hash;
                    if header.last {
                        at.sequence += 1;
                        return Ok(Some((payload, self.next_segment_of(at)?)));
                    }
                }
                Frame::Whole { .. } => return Err(damaged(&at, "a part of an entry is missing")),
                Frame::End if self.segments.last().is_none_or(|last| *last <= at.segment) => return Ok(None),
                Frame::End => return Err(damaged(&at, "the entry that follows is missing")),
                Frame::Broken => {
                    return if self.is_tail(&at)? { Ok(None) } else { Err(damaged(&at, "the checksum does not hold")) };
                }
            }
        }
        unreachable!("an entry of 2^32 parts is larger than entries may be")
    }

    /// At the end of a segment that another one follows, the next entry begins there.
    fn next_segment_of(&self, mut at: Position) -> Result<Position, JournalError> {
        if self.segments.binary_search(&at.sequence).is_ok() && at.segment != at.sequence {
            let name = file_name(at.segment);
            if self.disk.length(&name).map_err(failed("measure", &name))? != at.offset {
                return Err(damaged(&at, "entries follow that belong into the next file"));
            }
            (at.segment, at.offset) = (at.sequence, 0);
        }
        Ok(at)
    }

    fn read_frame(&self, at: &Position) -> Result<Frame, JournalError> {
        if self.segments.contains(&at.segment) { read_frame(&self.disk, at) } else { Ok(Frame::End) }
    }

    /// Whether nothing valid follows: no later segment, and no whole frame further on in this one.
    fn is_tail(&self, at: &Position) -> Result<bool, JournalError> {
        if self.segments.last() != Some(&at.segment) {
            return Ok(false);
        }
        let name = file_name(at.segment);
        let length = self.disk.length(&name).map_err(failed("measure", &name))?;
        let mut rest = vec![0; usize::try_from(length - at.offset).unwrap_or(usize::MAX)];
        self.disk.read_at(&name, at.offset, &mut rest).map_err(failed("read", &name))?;
        let whole_frame_at = |start: usize| {
            let head: &[u8; HEADER_BYTES] = rest.get(start..start + HEADER_BYTES)?.try_into().ok()?;
            let header = frame::read_header(head)?;
            let payload = rest.get(start + HEADER_BYTES..start + HEADER_BYTES + header.length)?;
            frame::verify(&header, head, payload)
        };
        Ok((1..rest.len()).all(|start| whole_frame_at(start).is_none()))
    }

    fn cut_torn_tail(&mut self) -> Result<(), JournalError> {
        if !self.segments.contains(&self.end.segment) {
            return Ok(());
        }
        let name = file_name(self.end.segment);
        let length = self.disk.length(&name).map_err(failed("measure", &name))?;
        if length > self.end.offset {
            // What is cut off is put aside: whoever doubts that it was a torn tail can look at it.
            let mut tail = vec![0; usize::try_from(length - self.end.offset).unwrap_or(usize::MAX)];
            self.disk.read_at(&name, self.end.offset, &mut tail).map_err(failed("read", &name))?;
            let aside = format!("{:020}.torn", self.end.segment);
            self.disk.append(&aside, &tail).map_err(failed("write", &aside))?;
            self.disk.sync(&aside).map_err(failed("sync", &aside))?;
            self.disk.truncate(&name, self.end.offset).map_err(failed("cut", &name))?;
            self.disk.sync(&name).map_err(failed("sync", &name))?;
            self.torn = Some(TornTail { file: name, offset: self.end.offset, bytes: length - self.end.offset });
        }
        Ok(())
    }

    /// What was cut off on opening, if anything.
    pub fn torn_tail(&self) -> Option<&TornTail> {
        self.torn.as_ref()
    }

    /// Where the next entry will begin.
    pub fn end(&self) -> &Position {
        &self.end
    }

    /// Appends an entry, which comes in pieces, and returns where it begins, when its bytes are on the medium.
    ///
    /// # Errors
    /// [`JournalError::Full`] when there is no room: nothing was written and a later try may succeed. Any other failure
    /// leaves it unknown what the medium holds, so the journal writes nothing more until it is opened again.
    pub fn append(&mut self, pieces: impl Iterator<Item = Vec<u8>>) -> Result<Position, JournalError> {
        if let Some(reason) = &self.stopped {
            return Err(JournalError::Stopped(reason.clone()));
        }
        let mut begin = self.end.clone();
        if begin.offset >= self.segment_bytes {
            (begin.segment, begin.offset) = (begin.sequence, 0);
        }
        let mut end = begin.clone();
        let mut part = 0;
        let mut rest = Vec::new();
        for piece in pieces {
            rest.extend(piece);
            // One frame is always left for the end: only the last one says that the entry ends.
            while rest.len() > PAYLOAD_BYTES_MAX {
                let next = rest.split_off(PAYLOAD_BYTES_MAX);
                self.write_frame(&begin, &mut end, part, false, &rest)?;
                (part, rest) = (part + 1, next);
            }
        }
        self.write_frame(&begin, &mut end, part, true, &rest)?;
        self.sync(&begin)?;
        end.sequence += 1;
        self.end = end;
        Ok(begin)
    }

    fn write_frame(
        &mut self,
        begin: &Position,
        end: &mut Position,
        part: u32,
        last: bool,
        payload: &[u8],
    ) -> Result<(), JournalError> {
        let name = file_name(begin.segment);
        let found = usize::try_from(end.offset - begin.offset).unwrap_or(usize::MAX);
        if found > ENTRY_BYTES_MAX {
            self.take_back(&name, begin).map_err(|cause| self.stop("cut", &name, cause))?;
            return Err(JournalError::TooLarge { found });
        }
        let mut bytes = Vec::with_capacity(HEADER_BYTES + payload.len());
        end.previous = frame::write(&mut bytes, begin.sequence, part, last, &end.previous, payload);
        if let Err(cause) = self.disk.append(&name, &bytes) {
            let full = matches!(
                cause.kind(),
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
            );
            let taken_back = self.take_back(&name, begin);
            if full && taken_back.is_ok() {
                return Err(JournalError::Full);
            }
            return Err(self.stop("write", &name, cause));
        }
        end.offset += bytes.len() as u64;
        Ok(())
    }

    fn sync(&mut self, begin: &Position) -> Result<(), JournalError> {
        let name = file_name(begin.segment);
        // A failed sync may have dropped the bytes, and a second one would then report success: never try again.
        if let Err(cause) = self.disk.sync(&name) {
            return Err(self.stop("sync", &name, cause));
        }
        if !self.segments.contains(&begin.segment) {
            if let Err(cause) = self.disk.sync_folder() {
                return Err(self.stop("sync", &name, cause));
            }
            self.segments.push(begin.segment);
        }
        Ok(())
    }

    fn take_back(&mut self, name: &str, at: &Position) -> io::Result<()> {
        if self.disk.list()?.iter().any(|file| file == name) {
            self.disk.truncate(name, at.offset)?;
        }
        Ok(())
    }

    fn stop(&mut self, doing: &'static str, name: &str, cause: io::Error) -> JournalError {
        self.stopped = Some(format!("it could not {doing} `{name}`: {cause}"));
        JournalError::Disk { doing, file: name.to_owned(), cause }
    }
}

/// What the entry at that position says: for those who read while the journal is being written.
///
/// # Errors
/// When the disk refuses, or when there is no whole entry.
pub fn read_entry(disk: &impl Disk, at: &Position) -> Result<Vec<u8>, JournalError> {
    let mut at = at.clone();
    let mut payload = Vec::new();
    for part in 0.. {
        match read_frame(disk, &at)? {
            Frame::Whole { header, hash, bytes } if header.part == part => {
                payload.extend(bytes);
                at.offset += (HEADER_BYTES + header.length) as u64;
                at.previous = hash;
                if header.last {
                    break;
                }
            }
            _ => return Err(damaged(&at, "there is no whole entry")),
        }
    }
    Ok(payload)
}

fn damaged(at: &Position, what: &str) -> JournalError {
    JournalError::Damaged { file: file_name(at.segment), offset: at.offset, what: what.into() }
}

fn read_frame(disk: &impl Disk, at: &Position) -> Result<Frame, JournalError> {
    let name = file_name(at.segment);
    let left = disk.length(&name).map_err(failed("measure", &name))?.saturating_sub(at.offset);
    if left == 0 {
        return Ok(Frame::End);
    }
    if left < HEADER_BYTES as u64 {
        return Ok(Frame::Broken);
    }
    let mut head = [0; HEADER_BYTES];
    disk.read_at(&name, at.offset, &mut head).map_err(failed("read", &name))?;
    let Some(header) = frame::read_header(&head) else { return Ok(Frame::Broken) };
    if left < (HEADER_BYTES + header.length) as u64 {
        return Ok(Frame::Broken);
    }
    let mut bytes = vec![0; header.length];
    disk.read_at(&name, at.offset + HEADER_BYTES as u64, &mut bytes).map_err(failed("read", &name))?;
    let Some(hash) = frame::verify(&header, &head, &bytes) else { return Ok(Frame::Broken) };
    if header.sequence != at.sequence || header.previous != at.previous {
        return Err(damaged(at, "the entry does not follow the one before"));
    }
    Ok(Frame::Whole { header, hash, bytes })
}

enum Frame {
    Whole { header: Header, hash: Hash, bytes: Vec<u8> },
    End,
    Broken,
}

#[cfg(test)]
mod tests;
