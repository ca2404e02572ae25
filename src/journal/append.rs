//! Writing a journal: groups of entries, each group on the medium before anybody is told of it.

use std::io;

use super::disk::Disk;
use super::error::JournalError;
use super::frame::{self, ENTRY_BYTES_MAX, HEADER_BYTES, PartHead};
use super::position::{Position, file_name};
use super::read::Journal;

/// So many bytes of frames are written in one go.
const WRITE_BYTES: usize = 1 << 20;

/// A group of entries on its way to the medium.
struct Group {
    /// Where it begins.
    begin: Position,
    end: Position,
    /// The bytes before this offset of the segment are on the medium.
    synced: u64,
    /// Frames that are not handed to the disk yet.
    bytes: Vec<u8>,
}

impl<D: Disk> Journal<D> {
    /// Appends an entry, which comes in pieces, and returns where it begins, when its bytes are on the medium.
    ///
    /// # Errors
    /// See [`Journal::append_group`].
    pub fn append(&mut self, pieces: impl Iterator<Item = Vec<u8>>) -> Result<Position, JournalError> {
        let mut places = self.append_group(std::iter::once(pieces))?;
        Ok(places.pop().expect("one entry begins at one place"))
    }

    /// Appends entries, each of which comes in pieces, and returns where each begins, when all are on the medium: with one sync,
    /// unless they are large. All of them are written or none.
    ///
    /// # Errors
    /// [`JournalError::Full`] when there is no room, [`JournalError::TooLarge`] for an entry that is: nothing was written and a
    /// later try may succeed. Any other failure leaves it unknown what the medium holds, so the journal writes nothing more until
    /// it is opened again.
    pub fn append_group<P: Iterator<Item = Vec<u8>>>(
        &mut self,
        entries: impl IntoIterator<Item = P>,
    ) -> Result<Vec<Position>, JournalError> {
        let places = self.append_group_unsynced(entries)?;
        self.sync_rest()?;
        Ok(places)
    }

    /// The same, but the last of it comes to the medium with [`Journal::sync_rest`], or before the next group is written: for who
    /// has the entries elsewhere too, so that a power cut in between loses nothing.
    ///
    /// # Errors
    /// See [`Journal::append_group`].
    pub fn append_group_unsynced<P: Iterator<Item = Vec<u8>>>(
        &mut self,
        entries: impl IntoIterator<Item = P>,
    ) -> Result<Vec<Position>, JournalError> {
        if !self.ready {
            return Err(JournalError::ReadOnly);
        }
        if let Some(reason) = &self.stopped {
            return Err(JournalError::Stopped(reason.clone()));
        }
        // So that at most one group is not on the medium.
        self.sync_rest()?;
        // What we would write there is read by nobody, or destroys what others wrote.
        self.check()?;
        let mut begin = self.end.clone();
        if begin.offset >= self.sizes.segment {
            // A group stands in one segment: when it is taken back, the next one begins with the same name.
            (begin.segment, begin.offset) = (begin.sequence, 0);
        }
        let mut group = Group { end: begin.clone(), synced: begin.offset, begin, bytes: Vec::new() };
        let mut places = Vec::new();
        for pieces in entries {
            places.push(group.end.clone());
            self.write_entry(&mut group, pieces)?;
            if group.end.offset - group.synced > self.sizes.unsynced {
                self.sync(&mut group)?;
            }
        }
        if self.has(group.end.segment) {
            self.hand_over(&mut group)?;
        } else {
            // A segment that is new comes with its first group.
            self.sync(&mut group)?;
        }
        self.check_ours(&group.end)?;
        self.unsynced = (group.synced < group.end.offset).then_some(group.end.segment);
        self.end = group.end;
        Ok(places)
    }

    /// Whether the last group is not on the medium yet.
    pub fn is_unsynced(&self) -> bool {
        self.unsynced.is_some()
    }

    /// Puts on the medium what was written and is not there yet.
    ///
    /// # Errors
    /// When the disk refuses: then nothing more is written.
    pub fn sync_rest(&mut self) -> Result<(), JournalError> {
        match self.unsynced.take() {
            Some(segment) => self.sync_segment(segment),
            None => Ok(()),
        }
    }

    fn write_entry(&mut self, group: &mut Group, pieces: impl Iterator<Item = Vec<u8>>) -> Result<(), JournalError> {
        let (mut part, mut found) = (0, 0);
        let mut rest = Vec::new();
        for piece in pieces {
            found += piece.len();
            if found > ENTRY_BYTES_MAX {
                self.take_back(group).map_err(|cause| self.stop("cut", group.end.segment, cause))?;
                return Err(JournalError::TooLarge { found });
            }
            rest.extend(piece);
            // One frame is always left for the end: only the last one says that the entry ends.
            while rest.len() > self.sizes.frame {
                let next = rest.split_off(self.sizes.frame);
                self.write_frame(group, part, false, &rest)?;
                (part, rest) = (part + 1, next);
            }
        }
        if part > 0 {
            // So that a last frame on the medium proves that all the others are there too.
            self.sync(group)?;
        }
        self.write_frame(group, part, true, &rest)?;
        group.end.sequence += 1;
        Ok(())
    }

    fn write_frame(&mut self, group: &mut Group, part: u32, last: bool, payload: &[u8]) -> Result<(), JournalError> {
        let Group { end, synced, bytes, .. } = group;
        let unsynced = if self.alike { frame::UNSYNCED_MAX.into() } else { end.offset - *synced };
        let place = PartHead { sequence: end.sequence, part, last, unsynced };
        end.previous = frame::write(bytes, place, &end.previous, payload);
        end.offset += (HEADER_BYTES + payload.len()) as u64;
        if bytes.len() >= WRITE_BYTES { self.hand_over(group) } else { Ok(()) }
    }

    /// Hands frames to the disk.
    fn hand_over(&mut self, group: &mut Group) -> Result<(), JournalError> {
        let bytes = std::mem::take(&mut group.bytes);
        if bytes.is_empty() {
            return Ok(());
        }
        let Err(cause) = self.disk.append(&file_name(group.end.segment), &bytes) else { return Ok(()) };
        let full = matches!(
            cause.kind(),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
        );
        if full && self.take_back(group).is_ok() {
            return Err(JournalError::Full);
        }
        Err(self.stop("write", group.end.segment, cause))
    }

    fn sync(&mut self, group: &mut Group) -> Result<(), JournalError> {
        self.hand_over(group)?;
        if group.synced < group.end.offset {
            self.sync_segment(group.end.segment)?;
            group.synced = group.end.offset;
        }
        Ok(())
    }

    fn sync_segment(&mut self, segment: u64) -> Result<(), JournalError> {
        // A failed sync may have dropped the bytes, and a second one would then report success: never try again.
        self.disk.sync(&file_name(segment)).map_err(|cause| self.stop("sync", segment, cause))?;
        if !self.has(segment) {
            self.disk.sync_folder().map_err(|cause| self.stop("sync", segment, cause))?;
            self.segments.push(segment);
        }
        Ok(())
    }

    /// Takes back all that the group has written: nobody was told of it, and it must not come back after a power cut.
    fn take_back(&mut self, group: &Group) -> io::Result<()> {
        let name = file_name(group.begin.segment);
        if self.disk.list()?.contains(&name) {
            self.disk.truncate(&name, group.begin.offset)?;
            self.disk.sync(&name)?;
        }
        Ok(())
    }

    /// Whether the file that it writes is the one in the folder still, as it left it. If not, it writes nothing more.
    ///
    /// # Errors
    /// When it is not, or the disk refuses.
    pub fn check(&mut self) -> Result<(), JournalError> {
        self.check_ours(&self.end.clone())
    }

    fn check_ours(&mut self, end: &Position) -> Result<(), JournalError> {
        let name = file_name(end.segment);
        match self.disk.is_ours(&name, end.offset) {
            Ok(true) => Ok(()),
            Ok(false) => {
                let reason = format!("`{name}` was replaced or written to by somebody else while it was open");
                self.stopped = Some(reason.clone());
                Err(JournalError::Stopped(reason))
            }
            Err(cause) => {
                self.stopped = Some(format!("it could not measure `{name}`: {cause}"));
                Err(JournalError::Disk { doing: "measure", file: name, cause })
            }
        }
    }

    fn stop(&mut self, doing: &'static str, segment: u64, cause: io::Error) -> JournalError {
        let file = file_name(segment);
        self.stopped = Some(format!("it could not {doing} `{file}`: {cause}"));
        JournalError::Disk { doing, file, cause }
    }
}
