//! Writing where several nodes share a log: that has an entry first, and then the journal of each node.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::Writer;
use super::turn::Fact;
use crate::cluster::{Entry, LogError};
use crate::commit::error::CommitError;
use crate::commit::link::Link;
use crate::commit::planted;
use crate::commit::receipts::receipt_of;
use crate::journal::frame::chained;
use crate::journal::{JournalError, Position};
use crate::register::Revision;
use crate::store::{Applied, Checkpoint, codec};

/// An entry of the shared log, read.
pub struct Came {
    sequence: u64,
    chain: [u8; 32],
    payload: Vec<u8>,
    says: codec::Entry,
}

/// Reads an entry of the shared log.
///
/// # Errors
/// When it does not read.
pub fn read(entry: Entry) -> Result<Came, CommitError> {
    let Entry { sequence, chain, payload, .. } = entry;
    let says = codec::decode_entry(&payload).map_err(|cause| CommitError::Entry { sequence, cause })?;
    Ok(Came { sequence, chain, payload, says })
}

/// Whether what has that number comes next.
fn follows(number: u64, next: u64) -> bool {
    number == next || planted::has(planted::FOLLOW_WITHOUT_ORDER)
}

impl Writer {
    /// From now on it writes to that log first, as soon as that is joined.
    pub fn link(&mut self, link: Arc<Link>) {
        self.link = Some(link);
    }

    /// The link to that log, when there is one.
    pub fn linked(&self) -> Option<Arc<Link>> {
        self.link.clone()
    }

    /// Makes entries of tokens that an earlier program kept in a file: others are to have them too.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn adopt_tokens(&mut self) -> Result<(), CommitError> {
        self.log.adopt(self.head.revision())?;
        self.skip();
        Ok(())
    }

    /// The log is joined: from now on the journal is the same on every node.
    pub fn joined(&mut self) {
        self.log.write_alike();
    }

    /// Nothing may be written, for that reason, unless it is linked.
    pub fn keep_apart(&mut self, reason: String) {
        self.apart = Some(reason);
    }

    /// The next entry, and the hash before it.
    pub fn end(&self) -> &Position {
        self.log.end()
    }

    /// The revision of its register.
    pub fn revision(&self) -> Revision {
        self.head.revision()
    }

    /// Writes entries to the shared log, and then to the journal; gives where each begins. What is left is
    /// [`Writer::sync_shared`].
    pub(super) fn append_shared(
        &mut self,
        link: &Link,
        payloads: Vec<Vec<u8>>,
        revision: Revision,
    ) -> Result<Vec<Position>, CommitError> {
        let mut end = self.log.end().clone();
        let entries = payloads.into_iter().map(|payload| {
            let mut id = [0; 16];
            getrandom::fill(&mut id).map_err(|cause| CommitError::Cluster(LogError::Away(cause.to_string())))?;
            let sequence = end.sequence;
            end.previous = chained(&end.previous, sequence, &payload);
            end.sequence += 1;
            Ok(Entry { sequence, id, chain: end.previous, payload })
        });
        let entries = entries.collect::<Result<Vec<_>, CommitError>>()?;
        link.append(&entries)?;
        // From here on they are facts, whatever this machine does.
        let pieces = entries.into_iter().map(|entry| std::iter::once(entry.payload));
        let written = self.log.append_group_unsynced(pieces, revision);
        written.map_err(|error| match error {
            JournalError::Full => {
                let reason = "the log has it, but there is no room on this node's disk".to_owned();
                CommitError::Cluster(LogError::Unknown(reason))
            }
            error => CommitError::Journal(error),
        })
    }

    /// Puts on the medium of this machine what a majority of the shared log's members has on theirs already. Nobody waits for
    /// it: after a power cut in between, this node takes it from there. Only then the node says that it has it, so the log
    /// keeps it until then.
    pub(super) fn sync_shared(&mut self) -> Result<(), CommitError> {
        let Some(link) = self.link.clone().filter(|_| self.log.is_unsynced()) else { return Ok(()) };
        let synced = self.log.sync_rest();
        if let Some(reason) = self.log.stopped() {
            self.stopped.get_or_insert_with(|| reason.to_owned());
        }
        synced?;
        link.applied(self.log.end().sequence - 1);
        Ok(())
    }

    /// Tells the store how far the journal goes, where the last entry is not of the register.
    pub fn skip(&self) {
        let (revision, committed_at_ms) = (self.head.revision(), self.head.committed_at_ms());
        let checkpoint = Checkpoint { revision, committed_at_ms, next: self.log.end().clone() };
        self.checkpoints.apply(Applied { commit: None, receipt: None }, checkpoint);
    }

    /// Takes what other nodes have written, as far as it is there; whether that worked.
    pub fn take_what_came(&mut self) -> bool {
        let Some(link) = self.link.clone() else { return false };
        let came = link.log().read(self.log.end().sequence).map_err(CommitError::Cluster);
        let came = came.and_then(|entries| entries.into_iter().map(read).collect());
        match came.and_then(|came| self.take(came)) {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(reason = %error, "what other nodes wrote is not taken");
                false
            }
        }
    }

    /// Takes entries of the shared log that follow its own: as the next start would, when it reads them in the journal.
    ///
    /// # Errors
    /// When they do not follow, or the disk refuses.
    pub fn take(&mut self, came: Vec<Came>) -> Result<(), CommitError> {
        if let Some(reason) = &self.stopped {
            return Err(super::stopped(reason));
        }
        let next = self.log.end().sequence;
        let came: Vec<Came> = if planted::has(planted::FOLLOW_WITHOUT_ORDER) {
            came
        } else {
            came.into_iter().skip_while(|came| came.sequence < next).collect()
        };
        if came.first().is_none_or(|first| !follows(first.sequence, next)) {
            return Ok(());
        }
        let taken = catch_unwind(AssertUnwindSafe(|| self.take_in_order(came)));
        let taken = taken.unwrap_or_else(|_| Err(self.fault()));
        if let Some(reason) = self.log.stopped() {
            self.stopped.get_or_insert_with(|| reason.to_owned());
        }
        if self.stopped.is_none() {
            self.forget_staged();
        }
        if let (Err(CommitError::Cluster(error)), Some(link)) = (&taken, &self.link) {
            link.failed(error);
        }
        taken
    }

    fn take_in_order(&mut self, came: Vec<Came>) -> Result<(), CommitError> {
        let mut chain = self.log.end().previous;
        for came in &came {
            chain = chained(&chain, came.sequence, &came.payload);
            if chain != came.chain && !planted::has(planted::FOLLOW_WITHOUT_ORDER) {
                let what = format!("entry {} follows another history than this node has", came.sequence);
                return Err(CommitError::Cluster(LogError::Lost(what)));
            }
        }
        let (mut facts, mut payloads, mut tokens, mut head) = (Vec::new(), Vec::new(), Vec::new(), self.head.clone());
        for Came { sequence, payload, says, .. } in came {
            payloads.push(payload);
            let (mut commit, mut receipt) = (None, None);
            match says {
                codec::Entry::Tokens(changed) => tokens.extend(changed),
                codec::Entry::Receipt(told) => receipt = Some(told),
                codec::Entry::Commit(mut made) if follows(made.revision, head.revision() + 1) => {
                    let changes = Arc::new(std::mem::take(&mut made.changes));
                    head = Arc::new(head.with(&changes, made.revision, made.committed_at_ms));
                    receipt = receipt_of(&made);
                    commit = Some((made, changes, Arc::clone(&head)));
                }
                codec::Entry::Commit(made) => {
                    let what = format!("entry {sequence} makes revision {} after {}", made.revision, head.revision());
                    return Err(CommitError::Cluster(LogError::Damaged(what)));
                }
            }
            facts.push((commit, receipt, head.committed_at_ms(), head.revision()));
        }
        self.between = true;
        let pieces = payloads.into_iter().map(std::iter::once);
        let mut places = self.log.append_group(pieces, head.revision()).map_err(CommitError::Journal)?;
        places.push(self.log.end().clone());
        self.log.learn(tokens);
        for ((commit, receipt, at_ms, revision), place) in facts.into_iter().zip(places.windows(2)) {
            if let Some((_, changes, _)) = &commit {
                self.recent.push(revision, changes);
            }
            let place = (place[0].clone(), place[1].clone());
            self.publish(Fact { commit, receipt, place, at_ms, revision });
        }
        self.between = false;
        if let Some(link) = &self.link {
            link.applied(self.log.end().sequence - 1);
        }
        Ok(())
    }
}
