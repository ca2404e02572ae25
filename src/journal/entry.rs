//! Reading entries one by one where they stand, also while the journal is being written.

use super::disk::Disk;
use super::error::{JournalError, damaged, failed};
use super::frame::{self, HEADER_BYTES, Hash, Header};
use super::position::{Position, file_name};

/// What stands at a place where a frame may begin.
pub(super) enum Frame {
    Whole { header: Header, hash: Hash, bytes: Vec<u8> },
    End,
    Broken,
}

pub(super) fn read_frame(disk: &impl Disk, at: &Position) -> Result<Frame, JournalError> {
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

/// The bytes of an entry from one offset in its payload to another, or to its end. Each frame that holds some of them is checked;
/// the others are passed over by their headers.
///
/// # Errors
/// When the disk refuses, or a frame does not hold.
pub fn read_part(disk: &impl Disk, at: &Position, from: u64, to: u64) -> Result<Vec<u8>, JournalError> {
    let name = file_name(at.segment);
    let (mut offset, mut begin, mut bytes) = (at.offset, 0_u64, Vec::new());
    for part in 0.. {
        let mut head = [0; HEADER_BYTES];
        disk.read_at(&name, offset, &mut head).map_err(failed("read", &name))?;
        let header = frame::read_header(&head).filter(|it| it.sequence == at.sequence && it.part == part);
        let Some(header) = header else { return Err(damaged(at, "there is no whole entry")) };
        let end = begin + header.length as u64;
        if from < end {
            let mut payload = vec![0; header.length];
            disk.read_at(&name, offset + HEADER_BYTES as u64, &mut payload).map_err(failed("read", &name))?;
            if frame::verify(&header, &head, &payload).is_none() {
                return Err(damaged(at, "the checksum does not hold"));
            }
            let within = |at: u64| usize::try_from(at.clamp(begin, end) - begin).unwrap_or(header.length);
            bytes.extend_from_slice(&payload[within(from)..within(to)]);
        }
        if header.last || to <= end {
            break;
        }
        begin = end;
        offset += (HEADER_BYTES + header.length) as u64;
    }
    Ok(bytes)
}

/// The hash of the last frame of the entry that begins there: it names the entry and all that stands before it.
///
/// # Errors
/// When the disk refuses, or there is no whole entry.
pub fn hash_of_entry(disk: &impl Disk, at: &Position) -> Result<Hash, JournalError> {
    let mut at = at.clone();
    let name = file_name(at.segment);
    loop {
        let mut head = [0; HEADER_BYTES];
        disk.read_at(&name, at.offset, &mut head).map_err(failed("read", &name))?;
        let header = frame::read_header(&head).filter(|header| header.sequence == at.sequence);
        let Some(header) = header else { return Err(damaged(&at, "there is no whole entry")) };
        at.previous = header.previous;
        if header.last {
            return match read_frame(disk, &at)? {
                Frame::Whole { hash, .. } => Ok(hash),
                Frame::End | Frame::Broken => Err(damaged(&at, "there is no whole entry")),
            };
        }
        at.offset += (HEADER_BYTES + header.length) as u64;
    }
}

/// Whether the journal leads from the entry that begins at `from` to what would begin at `to`: whether the frame before that has
/// the hash that `to` names. Only headers are read on the way.
///
/// # Errors
/// When the disk refuses.
pub fn leads_to(disk: &impl Disk, from: &Position, to: &Position) -> Result<bool, JournalError> {
    if from.sequence == to.sequence {
        return Ok(from.previous == to.previous);
    }
    let mut at = from.clone();
    let names = disk.list().map_err(failed("list", "journal"))?;
    loop {
        if at.segment != at.sequence && names.contains(&file_name(at.sequence)) {
            (at.segment, at.offset) = (at.sequence, 0);
        }
        let name = file_name(at.segment);
        if !names.contains(&name) {
            return Ok(false);
        }
        let length = disk.length(&name).map_err(failed("measure", &name))?;
        let mut head = [0; HEADER_BYTES];
        if length.saturating_sub(at.offset) < HEADER_BYTES as u64 {
            return Ok(false);
        }
        disk.read_at(&name, at.offset, &mut head).map_err(failed("read", &name))?;
        let Some(header) = frame::read_header(&head).filter(|header| header.sequence == at.sequence) else {
            return Ok(false);
        };
        at.previous = header.previous;
        if header.last && header.sequence + 1 == to.sequence {
            return Ok(matches!(read_frame(disk, &at)?, Frame::Whole { hash, .. } if hash == to.previous));
        }
        at.offset += (HEADER_BYTES + header.length) as u64;
        at.sequence += u64::from(header.last);
    }
}
