//! An open journal: how it is read from beginning to end, and a torn tail told from damage.

use super::disk::Disk;
use super::entry::{Frame, read_frame};
use super::error::{JournalError, damaged, failed};
use super::frame::{self, HEADER_BYTES, Header};
use super::position::{Position, file_name, segment_of};

/// A segment is closed when it has grown past this.
pub const SEGMENT_BYTES: u64 = 64 << 20;

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
pub(super) struct Sizes {
    /// A segment is closed when it has grown past this.
    pub(super) segment: u64,
    /// Most payload of one frame.
    pub(super) frame: usize,
    /// A group that has written so much more is synced on the way: what is not synced must be told by a frame's three bytes.
    pub(super) unsynced: u64,
}

pub(super) const SIZES: Sizes = Sizes { segment: SEGMENT_BYTES, frame: frame::PAYLOAD_BYTES_MAX, unsynced: 4 << 20 };

/// An open journal.
pub struct Journal<D> {
    pub(super) disk: D,
    pub(super) sizes: Sizes,
    pub(super) segments: Vec<u64>,
    pub(super) end: Position,
    /// Whether it may be written: its end is whole and on the medium.
    pub(super) ready: bool,
    /// Frames say nothing of what was on the medium: see [`Journal::write_alike`].
    pub(super) alike: bool,
    /// The segment whose last group was written, and is not on the medium yet: see [`Journal::append_group_unsynced`].
    pub(super) unsynced: Option<u64>,
    /// Why nothing more may be written.
    pub(super) stopped: Option<String>,
    pub(super) torn: Option<TornTail>,
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

    /// From now on frames say nothing of what was on the medium when they were written. That is different on every machine; without
    /// it journals with the same entries are the same, hash by hash.
    pub fn write_alike(&mut self) {
        self.alike = true;
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

impl<D: Disk> Journal<D> {
    /// Reads the journal, checks every entry from `from` on and hands it to `each` with where it begins and where the next one
    /// would. Nothing is changed on the disk: [`Journal::make_ready`] does that.
    ///
    /// # Errors
    /// When the disk refuses, or when something other than the tail is damaged, or with an error of `each`.
    pub fn read<E: From<JournalError>>(
        disk: D,
        from: &Position,
        each: impl FnMut(&Position, &Position, Vec<u8>) -> Result<(), E>,
    ) -> Result<Self, E> {
        Self::read_with(disk, SIZES, from, each)
    }

    pub(super) fn read_with<E: From<JournalError>>(
        disk: D,
        sizes: Sizes,
        from: &Position,
        mut each: impl FnMut(&Position, &Position, Vec<u8>) -> Result<(), E>,
    ) -> Result<Self, E> {
        let names = disk.list().map_err(failed("list", "journal"))?;
        let mut segments: Vec<u64> = names.iter().filter_map(|name| segment_of(name)).collect();
        segments.sort_unstable();
        let mut journal = Self {
            disk,
            sizes,
            segments,
            end: from.clone(),
            ready: false,
            alike: false,
            unsynced: None,
            stopped: None,
            torn: None,
        };
        journal.check_beginning(from)?;
        // Whoever read up to the end of a segment goes on in the one that follows, also when that is empty still.
        journal.end = journal.next_segment_of(from.clone())?;
        while let Some((payload, end)) = journal.read_entry(&journal.end.clone())? {
            let begin = std::mem::replace(&mut journal.end, end);
            each(&begin, &journal.end, payload)?;
        }
        Ok(journal)
    }

    /// The segment that `from` names must be there, unless the journal is empty.
    fn check_beginning(&self, from: &Position) -> Result<(), JournalError> {
        let name = file_name(from.segment);
        if self.segments.is_empty() && *from == Position::START {
            return Ok(());
        }
        // A journal may begin a new file only after the position that the store knows.
        let what = if !self.has(from.segment) {
            "the file is missing"
        } else if self.disk.length(&name).map_err(failed("measure", &name))? < from.offset {
            "the file ends before what the store has from it"
        } else {
            return Ok(());
        };
        Err(damaged(from, what))
    }

    pub(super) fn has(&self, segment: u64) -> bool {
        self.segments.binary_search(&segment).is_ok()
    }

    /// Reads the entry at that position, and says where the next one begins; nothing at the end and at a torn tail.
    ///
    /// # Errors
    /// When the disk refuses, or when bytes before the tail are damaged.
    pub fn read_entry(&self, at: &Position) -> Result<Option<(Vec<u8>, Position)>, JournalError> {
        let mut at = at.clone();
        let mut payload = Vec::new();
        let (mut part, mut looked_again) = (0, false);
        loop {
            match self.read_frame(&at)? {
                Frame::Whole { header, hash, bytes } if header.part == part => {
                    payload.extend(bytes);
                    at.offset += (HEADER_BYTES + header.length) as u64;
                    at.previous = hash;
                    (part, looked_again) = (part + 1, false);
                    if header.last {
                        at.sequence += 1;
                        return Ok(Some((payload, self.next_segment_of(at)?)));
                    }
                }
                Frame::Whole { .. } => return Err(damaged(&at, "a part of an entry is missing")),
                Frame::End if self.segments.last().is_none_or(|last| *last <= at.segment) => return Ok(None),
                Frame::End => return Err(damaged(&at, "the entry that follows is missing")),
                Frame::Broken if self.is_tail(&at)? => return Ok(None),
                // Whoever is writing it may have finished this frame, and others, since it was looked at.
                Frame::Broken if !looked_again => looked_again = true,
                Frame::Broken => return Err(damaged(&at, "the checksum does not hold")),
            }
        }
    }

    /// At the end of a segment that another one follows, the next entry begins there.
    fn next_segment_of(&self, mut at: Position) -> Result<Position, JournalError> {
        if self.has(at.sequence) && at.segment != at.sequence {
            let name = file_name(at.segment);
            if self.disk.length(&name).map_err(failed("measure", &name))? != at.offset {
                return Err(damaged(&at, "entries follow that belong into the next file"));
            }
            (at.segment, at.offset) = (at.sequence, 0);
        }
        Ok(at)
    }

    fn read_frame(&self, at: &Position) -> Result<Frame, JournalError> {
        if self.has(at.segment) { read_frame(&self.disk, at) } else { Ok(Frame::End) }
    }

    /// Whether what is broken there may never have been on the medium whole: no later segment, and no frame further on in this
    /// one that was written when the bytes at this place were synced.
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
            frame::verify(&header, head, payload).map(|_| header)
        };
        let proves = |start: usize, header: &Header| {
            // A part says nothing of the others of its entry: only the last one is written when they are synced.
            let of_same = header.sequence == at.sequence && !header.last;
            // `start` is counted from the broken place: all up to `start - unsynced` was on the medium.
            !of_same && header.unsynced < frame::UNSYNCED_MAX && start > header.unsynced as usize
        };
        Ok((1..rest.len()).all(|start| !whole_frame_at(start).is_some_and(|header| proves(start, &header))))
    }

    /// Cuts off a torn tail, and makes sure that all that was read is on the medium: from here on entries may be appended.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn make_ready(&mut self) -> Result<(), JournalError> {
        if self.has(self.end.segment) {
            let name = file_name(self.end.segment);
            let length = self.disk.length(&name).map_err(failed("measure", &name))?;
            if length > self.end.offset {
                self.cut(&name, length)?;
            }
            // A process that was killed may have left what it wrote in memory only, and readers are about to be told of it.
            self.disk.sync(&name).map_err(failed("sync", &name))?;
        }
        self.disk.sync_folder().map_err(failed("sync", "journal"))?;
        self.ready = true;
        Ok(())
    }

    /// What is cut off is put aside: whoever doubts that it was a torn tail can look at it.
    fn cut(&mut self, name: &str, length: u64) -> Result<(), JournalError> {
        let mut tail = vec![0; usize::try_from(length - self.end.offset).unwrap_or(usize::MAX)];
        self.disk.read_at(name, self.end.offset, &mut tail).map_err(failed("read", name))?;
        let aside = format!("{:020}.torn", self.end.segment);
        self.disk.append(&aside, &tail).map_err(failed("write", &aside))?;
        self.disk.sync(&aside).map_err(failed("sync", &aside))?;
        self.disk.truncate(name, self.end.offset).map_err(failed("cut", name))?;
        self.torn = Some(TornTail { file: name.to_owned(), offset: self.end.offset, bytes: length - self.end.offset });
        Ok(())
    }
}
