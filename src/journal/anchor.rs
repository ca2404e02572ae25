//! The anchor: how far the journal was acknowledged, kept outside it, so that a journal that was cut short is noticed.
//!
//! A file of two slots that are written in turn, each after its entries are on the medium and before anybody is told of them. It
//! is not synced each time: after a kill it is exact, after a power cut it may be some commits behind, and it is never ahead. A
//! slot that was half written does not verify; then the other one counts.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::disk::write_whole;
use super::error::JournalError;
use super::position::Position;

const SLOT_BYTES: usize = 256;
const TITLE: &str = "boordtabel anchor 1";

/// What an anchor says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnchorRecord {
    /// Where the journal ends.
    pub end: Position,
    /// The revision of the register there.
    pub revision: u64,
}

/// An anchor that is kept.
pub struct Anchor {
    path: PathBuf,
    file: File,
    /// The slot that is written next.
    next: usize,
}

impl AnchorRecord {
    fn to_slot(&self) -> Vec<u8> {
        let Position { sequence, segment, offset, previous } = &self.end;
        let hash = blake3::Hash::from(*previous).to_hex();
        let revision = self.revision;
        let text = format!("{TITLE}\nnext {sequence} revision {revision} file {segment} byte {offset}\nhash {hash}\n");
        let check = &blake3::hash(text.as_bytes()).to_hex()[..16];
        let mut slot = format!("{text}check {check}").into_bytes();
        slot.resize(SLOT_BYTES - 1, b' ');
        slot.push(b'\n');
        slot
    }

    fn from_slot(slot: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(slot).ok()?;
        let (told, check) = text.split_at(text.find("check ")?);
        let check = check.strip_prefix("check ")?.trim();
        if check != &blake3::hash(told.as_bytes()).to_hex()[..16] {
            return None;
        }
        let words: Vec<&str> = told.strip_prefix(TITLE)?.split_ascii_whitespace().collect();
        let ["next", sequence, "revision", revision, "file", segment, "byte", offset, "hash", hash] = words[..] else {
            return None;
        };
        let previous = *blake3::Hash::from_hex(hash).ok()?.as_bytes();
        let number = |text: &str| text.parse().ok();
        let end =
            Position { sequence: number(sequence)?, segment: number(segment)?, offset: number(offset)?, previous };
        Some(Self { end, revision: number(revision)? })
    }

    /// Whether a journal that ends there, and had this hash where the anchor points (none when that was not read), has
    /// everything that was acknowledged.
    ///
    /// # Errors
    /// When it has not, or is another journal.
    pub fn check(&self, end: &Position, hash_there: Option<[u8; 32]>) -> Result<(), JournalError> {
        if end.sequence < self.end.sequence {
            let (found, known) = (end.sequence, self.end.sequence - 1);
            return Err(JournalError::Truncated { found, known, revision: self.revision });
        }
        if hash_there.is_some_and(|hash| hash != self.end.previous) {
            return Err(super::error::damaged(&self.end, "the journal is another one than that of the file `ANCHOR`"));
        }
        Ok(())
    }
}

/// Reads the anchor at that path; none when there is no file.
///
/// # Errors
/// When the file cannot be read, or no slot in it verifies.
pub fn read(path: &Path) -> io::Result<Option<AnchorRecord>> {
    read_slots(path).map(|found| found.map(|(mark, _)| mark))
}

fn read_slots(path: &Path) -> io::Result<Option<(AnchorRecord, usize)>> {
    let bytes = match std::fs::read(path) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
        read => read?,
    };
    let slots = bytes.chunks_exact(SLOT_BYTES).take(2).enumerate();
    let marks = slots.filter_map(|(slot, bytes)| Some((AnchorRecord::from_slot(bytes)?, slot)));
    let newest = marks.max_by_key(|(mark, _)| mark.end.sequence);
    newest.map(Some).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "neither of its two parts reads"))
}

/// Writes an anchor whole and durably, for a copy of a journal.
///
/// # Errors
/// When the file cannot be written.
pub fn write(path: &Path, mark: &AnchorRecord) -> io::Result<()> {
    write_whole(path, &mark.to_slot().repeat(2), false)
}

impl Anchor {
    /// Opens the anchor at that path for keeping, and sets it to that mark durably.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn keep(path: &Path, mark: &AnchorRecord) -> io::Result<Self> {
        match read_slots(path) {
            Ok(Some((there, slot))) if std::fs::metadata(path)?.len() == 2 * SLOT_BYTES as u64 => {
                let file = OpenOptions::new().write(true).open(path)?;
                let mut anchor = Self { path: path.to_owned(), file, next: 1 - slot };
                if there != *mark {
                    anchor.set(mark)?;
                }
                anchor.sync()?;
                Ok(anchor)
            }
            _ => {
                write(path, mark)?;
                Ok(Self { path: path.to_owned(), file: OpenOptions::new().write(true).open(path)?, next: 0 })
            }
        }
    }

    /// Says how far the journal was acknowledged.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn set(&mut self, mark: &AnchorRecord) -> io::Result<()> {
        self.write_at((self.next * SLOT_BYTES) as u64, &mark.to_slot())?;
        self.next = 1 - self.next;
        Ok(())
    }

    #[cfg(unix)]
    fn write_at(&mut self, offset: u64, slot: &[u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::write_all_at(&self.file, slot, offset)
    }

    #[cfg(not(unix))]
    fn write_at(&mut self, offset: u64, slot: &[u8]) -> io::Result<()> {
        use std::io::{Seek as _, Write as _};
        self.file.seek(io::SeekFrom::Start(offset))?;
        self.file.write_all(slot)
    }

    /// Returns when what it says is on the medium.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(sequence: u64) -> AnchorRecord {
        let previous = *blake3::hash(&sequence.to_le_bytes()).as_bytes();
        AnchorRecord {
            end: Position { sequence, segment: 1, offset: sequence * 100, previous },
            revision: sequence / 2,
        }
    }

    #[test]
    fn the_newest_whole_slot_counts_whatever_bit_flips() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ANCHOR");
        assert_eq!(read(&path).unwrap(), None);
        let mut anchor = Anchor::keep(&path, &mark(1)).unwrap();
        for sequence in 2..9 {
            anchor.set(&mark(sequence)).unwrap();
            assert_eq!(read(&path).unwrap(), Some(mark(sequence)));
        }
        drop(anchor);
        let whole = std::fs::read(&path).unwrap();
        for bit in 0..whole.len() * 8 {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            std::fs::write(&path, &bytes).unwrap();
            let found = read(&path).unwrap().unwrap();
            assert!(found == mark(8) || found == mark(7), "bit {bit}: {found:?}");
        }
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            assert!(
                read(&path).is_err() || read(&path).unwrap().is_some_and(|found| found == mark(8) || found == mark(7))
            );
        }
        std::fs::write(&path, &whole[..3]).unwrap();
        Anchor::keep(&path, &mark(9)).unwrap();
        assert_eq!(read(&path).unwrap(), Some(mark(9)));
    }
}
