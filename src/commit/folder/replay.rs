//! A history that is written down again, commit by commit, as it was: with its revisions, times and authors, and without asking
//! whether a new commit might do the same.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::copy::{Whole, beside, check_target, give_place, remove, tie};
use super::verify::digest_of;
use super::{self as folder, files};
use crate::commit::error::CommitError;
use crate::commit::validate::edit::Edit;
use crate::journal::disk::{Folder, write_whole};
use crate::journal::{Journal, Position};
use crate::register::{Change, Node, Register};
use crate::store::codec::{self, CodecError, Commit};

/// Commits go to the medium together when they have so many bytes.
const GROUP_BYTES: usize = 4 << 20;

/// A data folder that grows beside its place until it is whole.
pub struct Rewriting {
    to: PathBuf,
    aside: PathBuf,
    journal: Journal<Folder>,
    register: Register,
    waiting: Vec<Vec<Vec<u8>>>,
    bytes: usize,
}

impl Rewriting {
    /// Begins a folder that must not be there yet, or be empty.
    ///
    /// # Errors
    /// When it is not, or the disk refuses.
    pub fn begin(to: &Path) -> Result<Self, CommitError> {
        check_target(to)?;
        let aside = beside(to);
        remove(&aside)?;
        let path = folder::journal_of(&aside);
        let disk = Folder::open(&path).map_err(files("make", &path))?;
        let mut journal = Journal::read(disk, &Position::START, |_, _, _| Ok::<_, CommitError>(()))?;
        journal.make_ready()?;
        let (to, register) = (to.to_owned(), Register::empty());
        Ok(Self { to, aside, journal, register, waiting: Vec::new(), bytes: 0 })
    }

    /// Writes a commit: who, when and why as given, and what it puts and deletes.
    ///
    /// # Errors
    /// When it does not follow the one before, deletes what is not there, or the disk refuses.
    pub fn commit(&mut self, mut commit: Commit, edits: Vec<Edit>) -> Result<(), CommitError> {
        let revision = self.register.revision() + 1;
        let broken = |what: String| CommitError::Entry { sequence: revision, cause: CodecError::Damaged(what) };
        if commit.revision != revision {
            return Err(broken(format!("it says that it is revision {}", commit.revision)));
        }
        commit.changes = edits
            .into_iter()
            .map(|edit| match edit {
                Edit::Put { record, .. } => {
                    let (kind, key) = (record.kind(), record.key());
                    let before = self.register.get(kind, &key).cloned();
                    let deleted_at = if before.is_some() { None } else { self.register.deleted_at(kind, &key) };
                    Ok(Change { kind, key, before, deleted_at, after: Some(Arc::new(Node::new(record, revision))) })
                }
                Edit::Delete { kind, key, .. } => match self.register.get(kind, &key).cloned() {
                    Some(before) => Ok(Change { kind, key, before: Some(before), deleted_at: None, after: None }),
                    None => Err(broken(format!("it deletes {kind} `{key}`, which is not there"))),
                },
                Edit::Broken { .. } => Err(broken("a record of it does not read".into())),
            })
            .collect::<Result<_, _>>()?;
        let pieces: Vec<Vec<u8>> = codec::commit_pieces(&commit).collect();
        self.bytes += pieces.iter().map(Vec::len).sum::<usize>();
        self.waiting.push(pieces);
        self.register = self.register.with(&commit.changes, revision, commit.committed_at_ms);
        if self.bytes > GROUP_BYTES { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> Result<(), CommitError> {
        let waiting = std::mem::take(&mut self.waiting);
        self.bytes = 0;
        self.journal.append_group(waiting.into_iter().map(Vec::into_iter))?;
        Ok(())
    }

    /// The digest of the register as it is now: see [`digest_of`].
    pub fn digest(&self) -> String {
        digest_of(&self.register)
    }

    /// Gives the folder its place.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn finish(mut self) -> Result<Whole, CommitError> {
        self.write()?;
        let format = self.aside.join(folder::FORMAT_FILE);
        write_whole(&format, format!("{}\n", folder::FORMAT).as_bytes(), false).map_err(files("write", &format))?;
        let end = self.journal.end().clone();
        let revision = self.register.revision();
        tie(&self.aside, &end, revision)?;
        give_place(&self.aside, &self.to)?;
        Ok(Whole { revision, entries: end.sequence - 1, end })
    }
}

impl Drop for Rewriting {
    fn drop(&mut self) {
        // Nothing is left of one that was not finished; a finished one has moved away.
        let _ = remove(&self.aside);
    }
}
