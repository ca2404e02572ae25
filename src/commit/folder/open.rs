//! What an open data folder holds: taken from the store, then from what the journal has beyond it; from the journal alone where
//! the store cannot be used.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use super::log::Log;
use super::{self as folder, DataFolder};
use crate::commit::error::CommitError;
use crate::commit::receipts::receipt_of;
use crate::commit::tokens::Tokens;
use crate::journal::anchor::AnchorRecord as Anchored;
use crate::journal::disk::Folder;
use crate::journal::frame::Hash;
use crate::journal::{self, Journal, JournalError, Position, TornTail};
use crate::register::{Node, Register, Revision};
use crate::store::checkpoint::{Begin, CheckpointWriter, Snapshot, TokensNow};
use crate::store::codec::{self, CodecError, Entry, Indexed, Receipt};
use crate::store::{Applied, Checkpoint, PendingWrites, Store, StoreError};

/// So many records are handed over together while the store is read.
const BATCH: usize = 1000;
/// So many batches may be read before they are indexed.
const READ_AHEAD: usize = 8;

/// What a data folder holds, and what goes on in it.
pub struct Opened {
    pub log: Log,
    pub register: Arc<Register>,
    pub index: Vec<Indexed>,
    pub receipts: Vec<Receipt>,
    pub checkpoints: CheckpointWriter,
    pub tokens: Arc<Tokens>,
    pub torn: Option<TornTail>,
}

/// Opens a data folder for writing.
pub fn open(path: &Path, with_store: bool) -> Result<Opened, CommitError> {
    let folder = DataFolder::open(path)?;
    let tokens = Arc::new(Tokens::of(path));
    let (read, kept) = if with_store {
        read(path, &tokens)?
    } else {
        let anchor = folder::read_anchor(path)?;
        (read_journal(&folder::journal_of(path), anchor.as_ref(), &tokens)?, None)
    };
    tokens.read_file();
    let Read { journal, register, index, receipts } = read;
    let (revision, committed_at_ms) = (register.revision(), register.committed_at_ms());
    let checkpoint = Checkpoint { revision, committed_at_ms, next: journal.end().clone() };
    let log = Log::begin(journal, revision, folder, Arc::clone(&tokens)).map_err(CommitError::Journal)?;
    let torn = log.torn_tail().cloned();
    let register = Arc::new(register);
    let begin = match kept {
        Some((store, pending)) => Begin::With(store, pending),
        None => {
            let snapshot = Snapshot {
                register: Arc::clone(&register),
                index: index.clone(),
                receipts: receipts.clone(),
                checkpoint,
            };
            Begin::Anew(path.join(folder::STORE), snapshot)
        }
    };
    let checkpoints = CheckpointWriter::start(begin, in_journal(&tokens));
    Ok(Opened { log, register, index, receipts, checkpoints, tokens, torn })
}

fn in_journal(tokens: &Arc<Tokens>) -> TokensNow {
    let tokens = Arc::clone(tokens);
    Box::new(move || tokens.in_journal())
}

/// Opens a data folder for reading, whoever else has it open.
pub fn open_read_only(path: &Path) -> Result<Opened, CommitError> {
    folder::read_format(path)?;
    let journal_folder = folder::journal_of(path);
    if !journal_folder.is_dir() {
        return Err(CommitError::NoJournal(path.to_owned()));
    }
    let tokens = Arc::new(Tokens::of(path));
    let anchor = folder::read_anchor(path)?;
    let Read { journal, register, index, receipts } = read_journal(&journal_folder, anchor.as_ref(), &tokens)?;
    tokens.look_at_file();
    let register = Arc::new(register);
    let log = Log::for_reading(journal, register.revision(), Arc::clone(&tokens));
    let checkpoints = CheckpointWriter::start(Begin::Without, in_journal(&tokens));
    Ok(Opened { log, register, index, receipts, checkpoints, tokens, torn: None })
}

/// The register that the store and the rest of the journal give; none where the store is not used.
pub fn register_by_store(path: &Path) -> Option<Register> {
    let anchor = folder::read_anchor(path).ok()?;
    let by_store = catch_unwind(AssertUnwindSafe(|| {
        let store = Store::open_trusted(&path.join(folder::STORE)).ok()??;
        let journal = folder::journal_of(path);
        let read = read_from_store(&journal, store, anchor.as_ref(), &Tokens::of(path), &mut StoreContents::default());
        let (read, kept) = read.ok()??;
        if let Some((store, _)) = kept {
            // Looked at only: the next start trusts it as before.
            store.close().ok()?;
        }
        Some(read.register)
    }));
    by_store.ok()?
}

/// What was read of a folder. Nothing in it was changed.
pub struct Read {
    pub journal: Journal<Folder>,
    pub register: Register,
    pub index: Vec<Indexed>,
    pub receipts: Vec<Receipt>,
}

/// What a store told before it turned out that it cannot be used.
#[derive(Default)]
struct StoreContents {
    index: Vec<Indexed>,
    /// The newest revision that a record of it has.
    newest: Revision,
    /// It was made from this journal.
    belongs: bool,
}

type OpenedStore = Option<(Store, PendingWrites)>;

/// Reads the store and the rest of the journal, or else all of the journal. The store is a cache: nothing that is wrong with it
/// stops a start, and it is believed only as far as it was made from this very journal.
fn read(path: &Path, tokens: &Tokens) -> Result<(Read, OpenedStore), CommitError> {
    let anchor = folder::read_anchor(path)?;
    let journal_folder = folder::journal_of(path);
    let mut told = StoreContents::default();
    let store = path.join(folder::STORE);
    // `sled` answers some damage with a panic.
    let from_store = catch_unwind(AssertUnwindSafe(|| -> Result<Option<(Read, OpenedStore)>, CommitError> {
        let Some(store) = Store::open_trusted(&store)? else { return Ok(None) };
        read_from_store(&journal_folder, store, anchor.as_ref(), tokens, &mut told)
    }));
    match from_store {
        Ok(Ok(Some(read))) => return Ok(read),
        Ok(Ok(None)) => {}
        Ok(Err(error)) => tracing::warn!(reason = %error, "the store is not used: it is made again from the journal"),
        Err(_) => tracing::warn!("the store is damaged: it is made again from the journal"),
    }
    tokens.forget();
    let read = read_journal(&journal_folder, anchor.as_ref(), tokens)?;
    told.check(&read)?;
    Ok((read, None))
}

/// Reads all of the journal, and nothing else.
pub fn read_journal(journal_folder: &Path, anchor: Option<&Anchored>, tokens: &Tokens) -> Result<Read, CommitError> {
    let mut state = State::default();
    let journal = state.read_on(journal_folder, &Position::START, anchor, tokens, |_, _| Ok(()))?;
    Ok(state.with(journal))
}

fn read_from_store(
    journal_folder: &Path,
    store: Store,
    anchor: Option<&Anchored>,
    tokens: &Tokens,
    told: &mut StoreContents,
) -> Result<Option<(Read, OpenedStore)>, CommitError> {
    let Some(checkpoint) = store.checkpoint()? else { return Ok(None) };
    let damaged = |what: &str| CommitError::Store(CodecError::Damaged(what.into()).into());
    let mut index = store.index()?;
    // Beyond the checkpoint: the program stopped before it was written.
    index.truncate(usize::try_from(checkpoint.revision).unwrap_or(usize::MAX));
    told.index.clone_from(&index);
    if index.len() as u64 != checkpoint.revision {
        return Err(damaged("its index lacks revisions"));
    }
    let last = index.last().map_or(Position::START, |indexed| indexed.position.clone());
    if !journal::leads_to(&Folder::existing(journal_folder), &last, &checkpoint.next).map_err(CommitError::Journal)? {
        return Err(damaged("it was made from another journal"));
    }
    told.belongs = true;
    let (register, newest) = load(&store, &checkpoint)?;
    told.newest = newest;
    tokens.learn(store.tokens()?);
    let mut state = State { register, index, receipts: store.receipts()? };
    let mut pending = PendingWrites::default();
    let journal = state.read_on(journal_folder, &checkpoint.next, anchor, tokens, |applied, checkpoint| {
        pending.push(applied, checkpoint);
        if pending.is_full() {
            pending.write(&store, &tokens.in_journal())?;
        }
        Ok(())
    })?;
    if newest > state.register.revision() {
        return Err(ahead(state.register.revision(), newest, journal.end()));
    }
    Ok(Some((state.with(journal), Some((store, pending)))))
}

fn ahead(revision: Revision, newest: Revision, end: &Position) -> CommitError {
    let what = format!("it ends at revision {revision}, but the store has records of {newest}");
    let file = format!("{:020}.journal", end.segment);
    CommitError::Journal(JournalError::Damaged { file, offset: end.offset, what })
}

impl StoreContents {
    /// A store that was made from this journal and knows more of it than there is: then the journal has lost something.
    fn check(&self, read: &Read) -> Result<(), CommitError> {
        let (there, end) = (read.index.len(), read.journal.end());
        let known = self.newest.max(self.index.len() as u64);
        if known <= there as u64 {
            return Ok(());
        }
        let same_until = |index: usize| match (self.index.get(index), read.index.get(index)) {
            (Some(told), Some(read)) => told.position.previous == read.position.previous,
            _ => false,
        };
        let same = match self.index.get(there) {
            _ if self.belongs => true,
            Some(next) if next.position.sequence == end.sequence => next.position.previous == end.previous,
            Some(next) => next.position.sequence > end.sequence && (there == 0 || same_until(there - 1)),
            None => false,
        };
        if same { Err(ahead(read.register.revision(), known, end)) } else { Ok(()) }
    }
}

/// The register and what goes with it, on the way through the journal.
struct State {
    register: Register,
    index: Vec<Indexed>,
    receipts: Vec<Receipt>,
}

impl Default for State {
    fn default() -> Self {
        Self { register: Register::empty(), index: Vec::new(), receipts: Vec::new() }
    }
}

impl State {
    fn with(self, journal: Journal<Folder>) -> Read {
        let Self { register, index, receipts } = self;
        Read { journal, register, index, receipts }
    }

    /// Reads the journal from there to its end, and compares with the anchor.
    fn read_on(
        &mut self,
        journal_folder: &Path,
        from: &Position,
        anchor: Option<&Anchored>,
        tokens: &Tokens,
        mut each: impl FnMut(Applied, Checkpoint) -> Result<(), CommitError>,
    ) -> Result<Journal<Folder>, CommitError> {
        let known = |at: &Position| anchor.is_some_and(|anchor| anchor.end.sequence == at.sequence);
        let mut hash_there: Option<Hash> = known(from).then_some(from.previous);
        let journal = Journal::read(Folder::existing(journal_folder), from, |at, end, payload| {
            if known(end) {
                hash_there = Some(end.previous);
            }
            let broken = |cause| CommitError::Entry { sequence: at.sequence, cause };
            let applied = self.take(at, codec::decode_entry(&payload).map_err(broken)?, tokens).map_err(broken)?;
            let (revision, committed_at_ms) = (self.register.revision(), self.register.committed_at_ms());
            each(applied, Checkpoint { revision, committed_at_ms, next: end.clone() })
        })?;
        if let Some(anchor) = anchor {
            anchor.check(journal.end(), hash_there).map_err(CommitError::Journal)?;
        }
        Ok(journal)
    }

    fn take(&mut self, at: &Position, entry: Entry, tokens: &Tokens) -> Result<Applied, CodecError> {
        let applied = match entry {
            Entry::Tokens(changed) => {
                tokens.learn(changed);
                Applied { commit: None, receipt: None }
            }
            Entry::Receipt(receipt) => Applied { commit: None, receipt: Some(receipt) },
            Entry::Commit(commit) => {
                let expected = self.register.revision() + 1;
                if commit.revision != expected {
                    let found = format!("it makes revision {} in place of {expected}", commit.revision);
                    return Err(CodecError::Damaged(found));
                }
                let before = self.index.last().map_or(0, |indexed| indexed.changes_so_far);
                let indexed = Indexed {
                    position: at.clone(),
                    committed_at_ms: commit.committed_at_ms,
                    changes_so_far: before + commit.changes.len() as u64,
                };
                self.index.push(indexed.clone());
                let receipt = receipt_of(&commit);
                self.register = self.register.with(&commit.changes, commit.revision, commit.committed_at_ms);
                Applied { commit: Some((indexed, Arc::new(commit.changes))), receipt }
            }
        };
        self.receipts.extend(applied.receipt.clone());
        Ok(applied)
    }
}

/// The register of the store's records, and the newest revision among them. One thread reads while another indexes.
fn load(store: &Store, checkpoint: &Checkpoint) -> Result<(Register, Revision), CommitError> {
    let tombstones = store.tombstones()?;
    std::thread::scope(|scope| {
        let (batches, loaded) = sync_channel::<Vec<Node>>(READ_AHEAD);
        let reading = scope.spawn(move || {
            let (mut nodes, mut newest) = (store.nodes(), 0);
            loop {
                let batch: Vec<Node> = nodes.by_ref().take(BATCH).collect::<Result<_, _>>()?;
                newest = batch.iter().map(|node| node.revision).fold(newest, Revision::max);
                if batch.is_empty() || batches.send(batch).is_err() {
                    return Ok::<_, StoreError>(newest);
                }
            }
        });
        let register =
            Register::load(loaded.into_iter().flatten(), tombstones, checkpoint.revision, checkpoint.committed_at_ms);
        let newest = reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        Ok((register, newest))
    })
}
