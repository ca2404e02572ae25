//! What an open data folder holds: taken from the store, then from what the journal has beyond it.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use super::{Commit, CommitError, folder};
use crate::journal::disk::Folder;
use crate::journal::{Journal, JournalError, Position};
use crate::register::{Node, Register, Revision};
use crate::store::codec::{self, CodecError, Entry, Indexed, Receipt};
use crate::store::{Applied, Behind, Mark, Store, StoreError};

/// So many records are handed over together while the store is read.
const BATCH: usize = 1000;
/// So many batches may be read before they are indexed.
const READ_AHEAD: usize = 8;

/// What a data folder holds.
pub(super) struct Opened {
    pub(super) journal: Journal<Folder>,
    pub(super) register: Register,
    pub(super) index: Vec<Indexed>,
    pub(super) receipts: Vec<Receipt>,
    /// What the store still lacks.
    pub(super) behind: Behind,
}

impl Opened {
    /// Takes what the store has, then what the journal has beyond it, which the store is still to have.
    pub(super) fn read_up(journal_folder: &Path, store: &Store) -> Result<Self, CommitError> {
        let mark = store.mark()?;
        let from = mark.as_ref().map_or(Position::START, |mark| mark.next.clone());
        let (mut register, newest) = match &mark {
            Some(mark) => load(store, mark)?,
            None => (Register::empty(), 0),
        };
        let (mut index, mut receipts) =
            if mark.is_some() { (store.index()?, store.receipts()?) } else { Default::default() };
        // Beyond the mark: the program stopped before it was written.
        index.truncate(usize::try_from(register.revision()).unwrap_or(usize::MAX));
        if index.len() as u64 != register.revision() {
            return Err(CommitError::Store(CodecError::Damaged("its index lacks revisions".into()).into()));
        }
        let mut behind = Behind::default();
        let mut journal = Journal::read(folder::open_journal(journal_folder)?, &from, |at, end, payload| {
            let broken = |cause| CommitError::Entry { sequence: at.sequence, cause };
            let applied = match codec::decode_entry(&payload).map_err(broken)? {
                Entry::Receipt(receipt) => Applied { commit: None, receipt: Some(receipt) },
                Entry::Commit(commit) => {
                    if commit.revision != register.revision() + 1 {
                        let found = format!("it makes revision {} after {}", commit.revision, register.revision());
                        return Err(broken(CodecError::Damaged(found)));
                    }
                    let before = index.last().map_or(0, |indexed: &Indexed| indexed.changes_so_far);
                    let indexed = Indexed {
                        position: at.clone(),
                        committed_at_ms: commit.committed_at_ms,
                        changes_so_far: before + commit.changes.len() as u64,
                    };
                    index.push(indexed.clone());
                    let receipt = receipt_of(&commit);
                    register = register.with(&commit.changes, commit.revision, commit.committed_at_ms);
                    Applied { commit: Some((indexed, Arc::new(commit.changes))), receipt }
                }
            };
            let mark =
                Mark { revision: register.revision(), committed_at_ms: register.committed_at_ms(), next: end.clone() };
            receipts.extend(applied.receipt.clone());
            behind.push(applied, mark);
            if behind.is_full() {
                behind.write(store)?;
            }
            Ok::<_, CommitError>(())
        })?;
        if newest > register.revision() {
            let end = journal.end();
            let what = format!("it ends at revision {}, but the store has records of {newest}", register.revision());
            let file = format!("{:020}.journal", end.segment);
            return Err(CommitError::Journal(JournalError::Damaged { file, offset: end.offset, what }));
        }
        journal.make_ready()?;
        Ok(Self { journal, register, index, receipts, behind })
    }
}

/// The register of the store's records, and the newest revision among them. One thread reads while another indexes.
fn load(store: &Store, mark: &Mark) -> Result<(Register, Revision), CommitError> {
    let graves = store.graves()?;
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
        let register = Register::load(loaded.into_iter().flatten(), graves, mark.revision, mark.committed_at_ms);
        let newest = reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        Ok((register, newest))
    })
}

/// What is kept of a commit's answer, for whoever asks again with the same key.
pub(super) fn receipt_of(commit: &Commit) -> Option<Receipt> {
    let (key, body) = commit.idempotency.clone()?;
    Some(Receipt {
        author: commit.author.clone(),
        key,
        body,
        revision: commit.revision,
        committed: true,
        counts: commit.counts,
    })
}
