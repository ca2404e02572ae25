//! What can be saved of a damaged journal: its history up to the damage, in a folder of its own, and a list of what is not in it.

use std::fs::{self, File, OpenOptions};
use std::io::Read as _;
use std::path::Path;

use super::copy::{beside, check_target, copy_file, give_place, remove, segments, tie};
use super::{self as folder, files};
use crate::commit::error::CommitError;
use crate::journal::disk::{Folder, write_whole};
use crate::journal::frame::{self, HEADER_BYTES};
use crate::journal::{Journal, JournalError, Position};
use crate::register::Revision;
use crate::store::codec::{self, Commit};

/// So many lost commits are told one by one.
const TOLD_MAX: usize = 1_000;

/// What was saved, and what was not.
#[derive(Debug)]
pub struct Salvaged {
    /// The last revision that was saved.
    pub revision: Revision,
    /// What is wrong there; none when nothing is.
    pub damage: Option<String>,
    /// The last revision that is known to have been acknowledged; none where nothing tells.
    pub known: Option<Revision>,
    /// Commits whose beginning still reads behind the damage, without their changes.
    pub lost: Vec<Commit>,
}

/// Copies the history of a folder up to the first damage into a new one. The damaged folder stays as it is.
///
/// # Errors
/// When the target is not empty, or the disk refuses.
pub fn salvage(from: &Path, to: &Path) -> Result<Salvaged, CommitError> {
    check_target(to)?;
    let journal = folder::journal_of(from);
    if !journal.is_dir() {
        return Err(CommitError::NoJournal(from.to_owned()));
    }
    let known = folder::read_anchor(from).ok().flatten().map(|mark| (mark.revision, mark.end.sequence));
    let (mut end, mut revision) = (Position::START, 0);
    let read = Journal::read(Folder::existing(&journal), &Position::START, |at, next, payload| {
        let head = codec::decode_entry(&payload);
        let entry = head.map_err(|cause| CommitError::Entry { sequence: at.sequence, cause })?;
        if let codec::Entry::Commit(commit) = entry {
            revision = commit.revision;
        }
        end = next.clone();
        Ok::<_, CommitError>(())
    });
    let damage = match read {
        Ok(_) if known.is_some_and(|(_, next)| next > end.sequence) => Some("the journal ends here".to_owned()),
        Ok(_) => None,
        Err(error @ (CommitError::Journal(JournalError::Damaged { .. }) | CommitError::Entry { .. })) => {
            Some(error.to_string())
        }
        Err(error) => return Err(error),
    };
    let aside = beside(to);
    let saved = || -> Result<(), CommitError> {
        remove(&aside)?;
        let target = folder::journal_of(&aside);
        fs::create_dir_all(&target).map_err(files("make", &target))?;
        let last = format!("{:020}.journal", end.segment);
        for name in segments(&journal)?.into_iter().filter(|name| *name <= last) {
            copy_file(&journal.join(&name), &target.join(&name), |_| {})?;
            if name == last {
                let path = target.join(&name);
                let cut = OpenOptions::new().write(true).open(&path).and_then(|file| {
                    file.set_len(end.offset)?;
                    file.sync_all()
                });
                cut.map_err(files("cut", &path))?;
            }
        }
        let tokens = from.join("tokens.json");
        if tokens.exists() {
            copy_file(&tokens, &aside.join("tokens.json"), |_| {})?;
        }
        let format = aside.join(folder::FORMAT_FILE);
        let number = folder::read_format(from)?.unwrap_or(folder::FORMAT);
        write_whole(&format, format!("{number}\n").as_bytes(), false).map_err(files("write", &format))?;
        tie(&aside, &end, revision)
    };
    saved().inspect_err(|_| drop(remove(&aside)))?;
    give_place(&aside, to)?;
    let lost = if damage.is_some() { behind(&journal, &end, revision)? } else { Vec::new() };
    Ok(Salvaged { revision, damage, known: known.map(|(revision, _)| revision), lost })
}

/// The commits whose first frame still reads behind a place.
fn behind(journal: &Path, end: &Position, revision: Revision) -> Result<Vec<Commit>, CommitError> {
    let mut lost = Vec::new();
    let first = format!("{:020}.journal", end.segment);
    for name in segments(journal)?.into_iter().filter(|name| *name >= first) {
        let path = journal.join(&name);
        let mut bytes = Vec::new();
        File::open(&path).and_then(|mut file| file.read_to_end(&mut bytes)).map_err(files("read", &path))?;
        let mut at = if name == first { usize::try_from(end.offset).unwrap_or(usize::MAX) } else { 0 };
        while let Some(head) = bytes.get(at..at.saturating_add(HEADER_BYTES)) {
            let header = head.try_into().ok().and_then(frame::read_header);
            let payload = header.and_then(|header| bytes.get(at + HEADER_BYTES..at + HEADER_BYTES + header.length));
            let whole = header.zip(payload).filter(|(header, payload)| {
                head.try_into().is_ok_and(|head| frame::verify(header, head, payload).is_some())
            });
            let Some((header, payload)) = whole else {
                at += 1;
                continue;
            };
            let head = (header.part == 0).then(|| codec::decode_commit_head(payload).ok()).flatten();
            lost.extend(head.map(|(commit, _)| commit).filter(|commit| commit.revision > revision));
            lost.truncate(TOLD_MAX);
            at += HEADER_BYTES + header.length;
        }
    }
    Ok(lost)
}
