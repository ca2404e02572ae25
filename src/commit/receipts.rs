//! What was answered to requests with an idempotency key, for whoever asks again: of the last [`AGE_MAX_MS`], and at most
//! [`RECEIPTS_MAX`] of them, so that memory stays bounded.

use std::collections::{HashMap, VecDeque};

use crate::register::Revision;
use crate::store::codec::{Commit, Counts, Indexed, Receipt};

/// So long a key is good, in milliseconds of the register's own time: 30 days.
pub const AGE_MAX_MS: i64 = 30 * 24 * 60 * 60 * 1000;
/// So many keys are good, those used last.
pub const RECEIPTS_MAX: usize = 250_000;

/// What is kept of an answer. Everything else stands in the journal.
#[derive(Clone, Debug)]
pub struct Answered {
    /// Hash of the request's body.
    pub body: [u8; 32],
    /// The revision that answered: the new one, or the one at which nothing changed.
    pub revision: Revision,
    /// Whether that revision was made by the request.
    pub committed: bool,
    /// How many rows came to what.
    pub counts: Counts,
}

/// Author and key, in few bytes.
type Name = [u8; 16];

/// The receipts that are kept.
#[derive(Default)]
pub struct Receipts {
    by_name: HashMap<Name, Answered, foldhash::fast::RandomState>,
    /// From the oldest to the newest, each with its time.
    in_order: VecDeque<(i64, Name)>,
}

/// The name of a key: keys of one author are not those of another.
pub fn name_of(author: &str, key: &str) -> Name {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&(author.len() as u64).to_le_bytes());
    hasher.update(author.as_bytes());
    hasher.update(key.as_bytes());
    let mut name = Name::default();
    name.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    name
}

/// What is kept of a commit's answer, for whoever asks again with the same key.
pub fn receipt_of(commit: &Commit) -> Option<Receipt> {
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

impl Receipts {
    /// The receipts of a folder, with the index of its commits: what is too old is left out.
    pub fn load(mut receipts: Vec<Receipt>, index: &[Indexed]) -> Self {
        receipts.sort_by_key(|receipt| (receipt.revision, !receipt.committed));
        let newest = index.last().map_or(0, |indexed| indexed.committed_at_ms);
        let mut kept = Self::default();
        for receipt in receipts {
            // Of one that changed nothing, no more is known than that the next commit came later.
            let at = usize::try_from(receipt.revision).unwrap_or(usize::MAX) - usize::from(receipt.committed);
            let at_ms = index.get(at).map_or(newest, |indexed| indexed.committed_at_ms);
            kept.insert(&receipt, at_ms);
        }
        kept.forget(newest);
        kept
    }

    /// What was answered to a key of an author.
    pub fn get(&self, author: &str, key: &str) -> Option<&Answered> {
        self.by_name.get(&name_of(author, key))
    }

    /// Keeps a receipt, and forgets what is too old or too much.
    pub fn insert(&mut self, receipt: &Receipt, at_ms: i64) {
        let Receipt { author, key, body, revision, committed, counts } = receipt;
        let name = name_of(author, key);
        let answered = Answered { body: *body, revision: *revision, committed: *committed, counts: *counts };
        self.by_name.insert(name, answered);
        self.in_order.push_back((at_ms, name));
        self.forget(at_ms);
    }

    fn forget(&mut self, now_ms: i64) {
        while let Some((at_ms, name)) = self.in_order.front() {
            if self.in_order.len() <= RECEIPTS_MAX && now_ms - at_ms <= AGE_MAX_MS {
                break;
            }
            self.by_name.remove(name);
            self.in_order.pop_front();
        }
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.by_name.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt(key: usize) -> Receipt {
        Receipt {
            author: "a".into(),
            key: key.to_string(),
            body: [0; 32],
            revision: key as Revision,
            committed: true,
            counts: Counts::default(),
        }
    }

    /// What the documentation says of memory is what the code does.
    #[test]
    fn the_documentation_states_the_bounds() {
        let text = include_str!("../../docs/reference.md");
        let row = |what: &str| text.lines().find(|line| line.starts_with(&format!("| {what}"))).unwrap();
        let grouped = |number: usize| format!("{} {:03}", number / 1_000, number % 1_000);
        assert!(row("idempotency keys").contains(&grouped(RECEIPTS_MAX)));
        assert_eq!(AGE_MAX_MS, 30 * 24 * 60 * 60 * 1_000, "{}", row("idempotency keys"));
        let each = size_of::<(Name, Answered)>() + size_of::<(i64, Name)>();
        assert!(each <= 160, "{each}: {}", row("idempotency keys"));
        assert!(row("deleted keys").contains(&grouped(crate::register::TOMBSTONES_MAX)));
        let mebibytes = format!("{} MiB", crate::register::TRAIL_BYTES_MAX >> 20);
        assert!(row("latest changes of each kind").contains(&mebibytes));
        assert!(row("the way to each commit").contains(&size_of::<Indexed>().to_string()));
    }

    #[test]
    fn keeps_the_newest_for_thirty_days() {
        let mut receipts = Receipts::default();
        for key in 0..RECEIPTS_MAX + 10 {
            receipts.insert(&receipt(key), 1);
        }
        assert_eq!(receipts.len(), RECEIPTS_MAX);
        let known = |receipts: &Receipts, key: usize| receipts.get("a", &key.to_string()).is_some();
        assert!(!known(&receipts, 9) && known(&receipts, 10) && known(&receipts, RECEIPTS_MAX + 9));
        assert!(receipts.get("b", "10").is_none(), "another author's key");
        receipts.insert(&receipt(1), AGE_MAX_MS + 1);
        assert_eq!(receipts.len(), RECEIPTS_MAX, "exactly thirty days are not too old");
        receipts.insert(&receipt(2), AGE_MAX_MS + 2);
        assert_eq!(receipts.len(), 2);
    }
}
