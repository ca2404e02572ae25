//! Copies of a data folder: of its journal up to a moment, with the anchor of that moment, read whole before anybody relies on it.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::{self as folder, files};
use crate::commit::error::CommitError;
use crate::journal::anchor::{self, AnchorRecord};
use crate::journal::disk::{Folder, sync_folder, write_whole};
use crate::journal::{Journal, Position};
use crate::register::Revision;
use crate::store::codec;

/// So many bytes are copied at once.
const PIECE_BYTES: usize = 1 << 20;

/// What a journal holds, when all of it was read and every hash holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    /// The last revision.
    pub revision: Revision,
    /// Where it ends.
    pub end: Position,
    /// How many entries.
    pub entries: u64,
}

/// Copies a data folder, also one that a server is writing to, into one that must not be there yet or be empty. The copy has
/// everything that was acknowledged when it began; it is read whole before it gets its place.
///
/// # Errors
/// When the folder's journal is damaged or cut short, the target is not empty, or the disk refuses. There is no copy then.
pub fn copy(from: &Path, to: &Path, mut told: impl FnMut(u64)) -> Result<Whole, CommitError> {
    check_target(to)?;
    let journal = folder::journal_of(from);
    if !journal.is_dir() {
        return Err(CommitError::NoJournal(from.to_owned()));
    }
    // First of all: the journal is only ever added to, so what is copied after this has all of it.
    let anchored = folder::read_anchor(from)?;
    let aside = beside(to);
    let mut copied = || -> Result<Whole, CommitError> {
        remove(&aside)?;
        let target = folder::journal_of(&aside);
        fs::create_dir_all(&target).map_err(files("make", &target))?;
        let mut bytes = 0;
        for name in segments(&journal)? {
            copy_file(&journal.join(&name), &target.join(&name), |more| {
                bytes += more;
                told(bytes);
            })?;
        }
        let whole = read_whole(&aside, anchored.as_ref())?;
        finish(from, &aside, &whole)?;
        Ok(whole)
    };
    let whole = copied().inspect_err(|_| drop(remove(&aside)))?;
    give_place(&aside, to)?;
    Ok(whole)
}

/// The names of a journal's segments, in order.
pub(super) fn segments(journal: &Path) -> Result<Vec<String>, CommitError> {
    let entries = fs::read_dir(journal).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let names = entries.map_err(files("list", journal))?.into_iter().filter_map(|it| it.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".journal")).collect();
    names.sort();
    Ok(names)
}

/// Where a copy grows until it is whole.
pub(super) fn beside(to: &Path) -> PathBuf {
    let mut name = to.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    to.with_file_name(name)
}

pub(super) fn remove(folder: &Path) -> Result<(), CommitError> {
    match fs::remove_dir_all(folder) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(files("delete", folder)(cause)),
        _ => Ok(()),
    }
}

/// Nothing that is there is written over.
pub(super) fn check_target(to: &Path) -> Result<(), CommitError> {
    match fs::read_dir(to).map(|mut entries| entries.next().is_some()) {
        Ok(true) => Err(CommitError::NotEmpty(to.to_owned())),
        Ok(false) => Ok(()),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(cause) => Err(files("read", to)(cause)),
    }
}

pub(super) fn copy_file(from: &Path, to: &Path, mut told: impl FnMut(u64)) -> Result<(), CommitError> {
    let mut source = File::open(from).map_err(files("open", from))?;
    let mut target = File::create(to).map_err(files("make", to))?;
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let length = source.read(&mut piece).map_err(files("read", from))?;
        if length == 0 {
            return target.sync_all().map_err(files("sync", to));
        }
        target.write_all(&piece[..length]).map_err(files("write", to))?;
        told(length as u64);
    }
}

/// Reads a journal whole: every checksum, every hash, and against the anchor. An unfinished end is cut off.
fn read_whole(folder: &Path, anchored: Option<&AnchorRecord>) -> Result<Whole, CommitError> {
    let disk = Folder::existing(&folder::journal_of(folder));
    let (mut revision, mut entries) = (0, 0);
    let mut hash_there = None;
    let mut journal = Journal::read(disk, &Position::START, |at, end, payload| {
        entries += 1;
        if anchored.is_some_and(|anchored| anchored.end.sequence == end.sequence) {
            hash_there = Some(end.previous);
        }
        let head = codec::decode_revision(&payload);
        revision = head.map_err(|cause| CommitError::Entry { sequence: at.sequence, cause })?.unwrap_or(revision);
        Ok::<_, CommitError>(())
    })?;
    if let Some(anchored) = anchored {
        anchored.check(journal.end(), hash_there).map_err(CommitError::Journal)?;
    }
    journal.make_ready().map_err(CommitError::Journal)?;
    if let Some(torn) = journal.torn_tail() {
        // Somebody was writing it.
        let aside = folder::journal_of(folder).join(&torn.file).with_extension("torn");
        fs::remove_file(&aside).map_err(files("delete", &aside))?;
    }
    Ok(Whole { revision, end: journal.end().clone(), entries })
}

/// What stands beside the journal.
fn finish(from: &Path, to: &Path, whole: &Whole) -> Result<(), CommitError> {
    for name in [folder::FORMAT_FILE, "tokens.json"] {
        let source = from.join(name);
        match fs::read(&source) {
            Ok(bytes) => write_whole(&to.join(name), &bytes, true).map_err(files("write", &to.join(name)))?,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
            Err(cause) => return Err(files("read", &source)(cause)),
        }
    }
    tie(to, &whole.end, whole.revision)
}

pub(super) fn tie(folder: &Path, end: &Position, revision: Revision) -> Result<(), CommitError> {
    let path = folder.join(folder::ANCHOR);
    anchor::write(&path, &AnchorRecord { end: end.clone(), revision }).map_err(files("write", &path))
}

/// A copy that is whole gets its place.
pub(super) fn give_place(aside: &Path, to: &Path) -> Result<(), CommitError> {
    sync_folder(&folder::journal_of(aside)).map_err(files("sync", aside))?;
    sync_folder(aside).map_err(files("sync", aside))?;
    // An empty folder makes room; one that is not empty any more stays.
    match fs::remove_dir(to) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(files("replace", to)(cause)),
        _ => {}
    }
    fs::rename(aside, to).map_err(files("rename", to))?;
    let parent = to.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    sync_folder(parent).map_err(files("sync", parent))
}
