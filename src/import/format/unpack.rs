//! Workbooks are archives: what they unpack to is bounded before anything of them is read.

use std::collections::HashSet;
use std::io::{Cursor, Read as _};

use crate::import::form::OLD_WORKBOOK;
use crate::work;

/// Most bytes that a workbook may have when unpacked.
pub const UNPACKED_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// A workbook that unpacks to so little is read however well it was packed.
const SMALL_BYTES: u64 = 16 * 1024 * 1024;
/// How many times its size another one unpacks to at most: spreadsheet programs pack ten to thirty times.
const RATIO_MAX: u64 = 100;
/// What it takes to unpack a piece, in steps of [`work`].
const PIECE_STEPS: u64 = 5_000;
/// What a sheet has that merges cells.
const MERGED: &[u8] = b"<mergeCell ";

/// What was seen of an archive on the way.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// All parts.
    pub parts: HashSet<String>,
    /// Those that merge cells: that stands at their end, and must be known at their beginning.
    pub merging: HashSet<String>,
}

/// Unpacks everything once, without keeping it.
///
/// # Errors
/// When it is no archive, does not unpack, or unpacks to more than is allowed.
pub fn look_through(bytes: &[u8], bytes_max: u64) -> Result<Seen, String> {
    if bytes.starts_with(OLD_WORKBOOK) {
        return Err("the workbook is encrypted, or of the form before 2007 (XLS)".to_owned());
    }
    let failed = |error: zip::result::ZipError| format!("the file is no workbook: {error}");
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(failed)?;
    let most = bytes_max.min(SMALL_BYTES.max(bytes.len() as u64 * RATIO_MAX));
    let mut room = most;
    let mut piece = vec![0; 64 * 1024];
    let mut seen = Seen::default();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(failed)?;
        let name = entry.name().map_err(failed)?.into_owned();
        // A mark may lie across two pieces: the end of the last stands before the next.
        let mut kept = 0;
        let mut merges = false;
        loop {
            work::step(PIECE_STEPS);
            let read = entry.read(&mut piece[kept..]).map_err(|error| format!("`{name}` does not unpack: {error}"))?;
            if read == 0 {
                break;
            }
            room = room
                .checked_sub(read as u64)
                .ok_or_else(|| format!("the workbook unpacks to more than {most} bytes"))?;
            let all = kept + read;
            merges = merges || holds(&piece[..all], MERGED);
            let keep = all.min(MERGED.len() - 1);
            piece.copy_within(all - keep..all, 0);
            kept = keep;
        }
        if merges {
            seen.merging.insert(name.clone());
        }
        seen.parts.insert(name);
    }
    Ok(seen)
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| *byte == wanted[0]) {
        rest = &rest[at..];
        if rest.starts_with(wanted) {
            return true;
        }
        rest = &rest[1..];
    }
    false
}
