//! Reading a part of an entry: what lies before and after it stays where it is.

use super::disk::Disk;
use super::frame::{self, HEADER_BYTES};
use super::{JournalError, Position, damaged, failed, file_name};

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
