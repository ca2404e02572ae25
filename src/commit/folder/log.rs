//! The journal with what stands beside it in the data folder: the anchor, the format, the tokens of earlier programs. What is
//! appended goes through here, so that none of these can be forgotten.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{self as folder, DataFolder};
use crate::commit::tokens::{Token, Tokens};
use crate::journal::anchor::{self, Anchor};
use crate::journal::disk::Folder;
use crate::journal::{Journal, JournalError, Position, TornTail};
use crate::register::Revision;
use crate::store::codec;

/// The journal of a data folder, open for writing.
pub struct Log {
    journal: Journal<Folder>,
    anchor: Option<Anchor>,
    anchor_path: PathBuf,
    revision: Revision,
    /// None when it is only read.
    folder: Option<DataFolder>,
    tokens: Arc<Tokens>,
}

impl Log {
    /// Takes a journal that was read to its end, which makes that revision.
    ///
    /// # Errors
    /// When the journal cannot be made ready for writing.
    pub fn begin(
        mut journal: Journal<Folder>,
        revision: Revision,
        folder: DataFolder,
        tokens: Arc<Tokens>,
    ) -> Result<Self, JournalError> {
        journal.make_ready()?;
        let anchor_path = folder.path().join(folder::ANCHOR);
        let mut log = Self { journal, anchor: None, anchor_path, revision, folder: Some(folder), tokens };
        log.tie();
        Ok(log)
    }

    /// Takes a journal that is only read.
    pub fn for_reading(journal: Journal<Folder>, revision: Revision, tokens: Arc<Tokens>) -> Self {
        Self { journal, anchor: None, anchor_path: PathBuf::new(), revision, folder: None, tokens }
    }

    /// Whether it is only read.
    pub fn is_read_only(&self) -> bool {
        self.folder.is_none()
    }

    /// Where the next entry will begin.
    pub fn end(&self) -> &Position {
        self.journal.end()
    }

    /// What was cut off when the journal was made ready, if anything.
    pub fn torn_tail(&self) -> Option<&TornTail> {
        self.journal.torn_tail()
    }

    /// Why nothing more is written, as far as that is known.
    pub fn stopped(&self) -> Option<&str> {
        self.journal.stopped()
    }

    /// Why nothing more is written; none while it is. Looks whether the folder is the one that was opened still.
    pub fn check(&mut self) -> Option<String> {
        if self.journal.stopped().is_none() && !self.is_read_only() {
            // What they find, the journal keeps.
            let _ = self.check_lock().and_then(|()| self.journal.check());
        }
        self.journal.stopped().map(str::to_owned)
    }

    /// Appends an entry; see [`Log::append_group`].
    ///
    /// # Errors
    /// See [`Journal::append_group`].
    pub fn append(
        &mut self,
        pieces: impl Iterator<Item = Vec<u8>>,
        revision: Revision,
    ) -> Result<Position, JournalError> {
        let mut places = self.append_group(std::iter::once(pieces), revision)?;
        Ok(places.pop().expect("one entry begins at one place"))
    }

    /// Appends entries, each of which comes in pieces, and returns where each begins, when all are on the medium. `revision` is
    /// that of the register after them.
    ///
    /// # Errors
    /// See [`Journal::append_group`].
    pub fn append_group<P: Iterator<Item = Vec<u8>>>(
        &mut self,
        entries: impl IntoIterator<Item = P>,
        revision: Revision,
    ) -> Result<Vec<Position>, JournalError> {
        let places = self.append_group_unsynced(entries, revision)?;
        self.sync_rest()?;
        Ok(places)
    }

    /// The same, but they come to the medium with [`Log::sync_rest`]: for who has them elsewhere too.
    ///
    /// # Errors
    /// See [`Journal::append_group`].
    pub fn append_group_unsynced<P: Iterator<Item = Vec<u8>>>(
        &mut self,
        entries: impl IntoIterator<Item = P>,
        revision: Revision,
    ) -> Result<Vec<Position>, JournalError> {
        self.check_lock()?;
        let Some(folder) = &mut self.folder else { return Err(JournalError::ReadOnly) };
        folder.set_format().map_err(|cause| failed("write", folder::FORMAT_FILE, cause))?;
        // Tokens of an earlier program become entries with the first that is written, or all of it fails.
        let adopted = self.tokens.to_adopt().map(|tokens| codec::encode_tokens(&tokens));
        let skipped = usize::from(adopted.is_some());
        let adopted = adopted.into_iter().map(|bytes| Pieces::Adopted(Some(bytes)));
        let entries = adopted.chain(entries.into_iter().map(Pieces::Given));
        let mut places = self.journal.append_group_unsynced(entries)?;
        if skipped > 0 {
            self.journal.sync_rest()?;
            self.tokens.adopted();
        }
        self.revision = revision;
        Ok(places.split_off(skipped))
    }

    /// Whether something was appended that is not on the medium yet.
    pub fn is_unsynced(&self) -> bool {
        self.journal.is_unsynced()
    }

    /// Puts on the medium what was appended and is not there yet, and says so in the anchor, which is never ahead.
    ///
    /// # Errors
    /// When the disk refuses: then nothing more is written.
    pub fn sync_rest(&mut self) -> Result<(), JournalError> {
        self.journal.sync_rest()?;
        self.mark();
        Ok(())
    }

    /// Makes entries of the tokens of an earlier program, if there are any.
    ///
    /// # Errors
    /// See [`Journal::append_group`].
    pub fn adopt(&mut self, revision: Revision) -> Result<(), JournalError> {
        if self.tokens.to_adopt().is_some() {
            self.append_group(std::iter::empty::<std::iter::Empty<Vec<u8>>>(), revision)?;
        }
        Ok(())
    }

    /// From now on what is written is the same on every node; see [`Journal::write_alike`].
    pub fn write_alike(&mut self) {
        self.journal.write_alike();
        // What only this node has in a file is no entry, and becomes none here.
        if self.tokens.to_adopt().is_some() {
            tracing::warn!("the tokens of an earlier program in this folder do not count: those of the cluster do");
            self.tokens.adopted();
            self.tokens.forget();
        }
    }

    /// Takes tokens that an entry tells.
    pub fn learn(&self, tokens: Vec<Token>) {
        if !tokens.is_empty() {
            self.tokens.learn(tokens);
        }
    }

    /// The lock that keeps others out must be the one in the folder still.
    fn check_lock(&mut self) -> Result<(), JournalError> {
        let Some(folder) = self.folder.as_ref().filter(|folder| !folder.is_ours()) else { return Ok(()) };
        let reason = format!("`{}` was replaced while it was open", folder.path().display());
        self.journal.stop_for(reason.clone());
        Err(JournalError::Stopped(reason))
    }

    fn here(&self) -> anchor::AnchorRecord {
        anchor::AnchorRecord { end: self.journal.end().clone(), revision: self.revision }
    }

    /// Says how far the journal was acknowledged, before anybody is told.
    fn mark(&mut self) {
        let here = self.here();
        match &mut self.anchor {
            Some(anchor) => {
                if let Err(cause) = anchor.set(&here) {
                    warn(&self.anchor_path, &cause);
                    self.anchor = None;
                }
            }
            None => self.tie(),
        }
    }

    /// Without an anchor everything works, and a journal that is cut short later is not noticed: no reason not to start.
    fn tie(&mut self) {
        match Anchor::keep(&self.anchor_path, &self.here()) {
            Ok(anchor) => self.anchor = Some(anchor),
            Err(cause) => warn(&self.anchor_path, &cause),
        }
    }

    /// Makes the anchor durable: nothing more is written for a while.
    pub fn rest(&self) {
        if let Some(Err(cause)) = self.anchor.as_ref().map(Anchor::sync) {
            warn(&self.anchor_path, &cause);
        }
    }
}

fn warn(path: &Path, cause: &std::io::Error) {
    tracing::warn!(path = %path.display(), %cause, "the anchor is not written: a journal that is cut short will not be noticed");
}

fn failed(doing: &'static str, file: &str, cause: std::io::Error) -> JournalError {
    if cause.kind() == std::io::ErrorKind::StorageFull {
        return JournalError::Full;
    }
    JournalError::Disk { doing, file: file.to_owned(), cause }
}

/// The pieces of an entry: one of ours, or a given one.
enum Pieces<P> {
    Adopted(Option<Vec<u8>>),
    Given(P),
}

impl<P: Iterator<Item = Vec<u8>>> Iterator for Pieces<P> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        match self {
            Self::Adopted(bytes) => bytes.take(),
            Self::Given(pieces) => pieces.next(),
        }
    }
}
