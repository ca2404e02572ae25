//! The bytes of the journal's entries: commits, receipts, tokens.

use std::sync::Arc;

use bincode::{Decode, Encode};

use super::bytes::{CodecError, VERSION, append, check_version, take, to_bytes};
use super::record::{Fields, Stored, kind_of, read_record};
use super::token::{TOKENS, TOKENS_BOUND, Token, take_tokens};
use crate::model::{Key, Tree};
use crate::register::{Change, Node, Revision};
use crate::work;

/// What it costs to read a change, in records looked at.
pub(super) const CHANGE_STEPS: u64 = 100;

/// An entry of the journal.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A commit: makes a revision.
    Commit(Commit),
    /// The answer to a request that changed nothing, kept for whoever asks again with the same key.
    Receipt(Receipt),
    /// Tokens as they are from here on.
    Tokens(Vec<Token>),
}

/// A commit as it stands in the journal.
#[derive(Clone, Debug)]
pub struct Commit {
    /// The revision that it makes.
    pub revision: Revision,
    /// When: milliseconds since 1970, UTC.
    pub committed_at_ms: i64,
    /// Who.
    pub author: String,
    /// Why.
    pub reason: String,
    /// How many rows came to what.
    pub counts: Counts,
    /// The request's idempotency key, and the hash of its body.
    pub idempotency: Option<(String, [u8; 32])>,
    /// What it does, record by record.
    pub changes: Vec<Change>,
}

/// What is kept of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Receipt {
    /// Who asked.
    pub author: String,
    /// With which idempotency key.
    pub key: String,
    /// Hash of the request's body.
    pub body: [u8; 32],
    /// The revision that answered: the new one, or the one at which nothing changed.
    pub revision: Revision,
    /// Whether that revision was made by the request.
    pub committed: bool,
    /// How many rows came to what.
    pub counts: Counts,
}

/// How many rows of a request came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Counts {
    /// Rows received.
    pub received: u64,
    /// Records that are new.
    pub created: u64,
    /// Records that changed.
    pub updated: u64,
    /// Rows that were there already, as they are.
    pub unchanged: u64,
    /// Records deleted.
    pub deleted: u64,
    /// Rows refused.
    pub rejected: u64,
}

const COMMIT: u8 = 1;
const RECEIPT: u8 = 2;

#[derive(Encode, Decode)]
struct CommitHead {
    revision: u64,
    committed_at_ms: i64,
    author: String,
    reason: String,
    counts: Counts,
    idempotency: Option<(String, [u8; 32])>,
    changes: u32,
}

/// The bytes of a commit, in pieces: a large one is never in memory whole.
pub fn commit_pieces(commit: &Commit) -> impl Iterator<Item = Vec<u8>> + '_ {
    pieces(commit, &commit.changes)
}

/// The same of a commit whose changes stand elsewhere.
pub fn pieces<'a>(commit: &Commit, changes: &'a [Change]) -> impl Iterator<Item = Vec<u8>> + use<'a> {
    /// Changes in a piece.
    const PIECE: usize = 1_000;
    let mut head = to_bytes(&(VERSION, COMMIT));
    append(
        &mut head,
        &CommitHead {
            revision: commit.revision,
            committed_at_ms: commit.committed_at_ms,
            author: commit.author.clone(),
            reason: commit.reason.clone(),
            counts: commit.counts,
            idempotency: commit.idempotency.clone(),
            changes: u32::try_from(changes.len()).expect("the commit path limits the number of changes"),
        },
    );
    std::iter::once(head).chain(changes.chunks(PIECE).map(|changes| {
        let mut bytes = Vec::with_capacity(changes.len() * 128);
        for change in changes {
            append(&mut bytes, &(change.kind as u8, change.key.as_str()));
            append(&mut bytes, &change.before.as_ref().map(|node| (node.revision, Fields(&node.record))));
            append(&mut bytes, &change.deleted_at);
            append(&mut bytes, &change.after.as_ref().map(|node| Fields(&node.record)));
        }
        bytes
    }))
}

/// The bytes of a receipt.
pub fn encode_receipt(receipt: &Receipt) -> Vec<u8> {
    to_bytes(&(VERSION, RECEIPT, receipt.clone()))
}

/// Reads an entry of the journal back.
///
/// # Errors
/// When the bytes are damaged, or of a later version.
pub fn decode_entry(bytes: &[u8]) -> Result<Entry, CodecError> {
    let mut rest = bytes;
    let entry = match take_tag(&mut rest)? {
        COMMIT => {
            let head: CommitHead = take(&mut rest)?;
            let mut changes = Vec::with_capacity((head.changes as usize).min(rest.len()));
            for _ in 0..head.changes {
                work::step(CHANGE_STEPS);
                changes.push(take_change(&mut rest, head.revision)?);
            }
            let CommitHead { revision, committed_at_ms, author, reason, counts, idempotency, .. } = head;
            Entry::Commit(Commit { revision, committed_at_ms, author, reason, counts, idempotency, changes })
        }
        RECEIPT => Entry::Receipt(take(&mut rest)?),
        tag @ (TOKENS | TOKENS_BOUND) => Entry::Tokens(take_tokens(tag, &mut rest)?),
        other => return Err(CodecError::Damaged(format!("there is no entry of tag {other}"))),
    };
    if !rest.is_empty() {
        return Err(CodecError::Damaged(format!("{} bytes follow the entry", rest.len())));
    }
    Ok(entry)
}

/// Reads which revision an entry makes; none when it is no commit.
///
/// # Errors
/// When the bytes are damaged, or of a later version.
pub fn decode_revision(bytes: &[u8]) -> Result<Option<Revision>, CodecError> {
    let mut rest = bytes;
    let tag = take_tag(&mut rest)?;
    if tag == COMMIT { Ok(Some(take::<u64>(&mut rest)?)) } else { Ok(None) }
}

/// Reads who made a commit, when and why, without its changes.
///
/// # Errors
/// When the bytes are damaged, of a later version, or no commit.
pub fn decode_commit_head(bytes: &[u8]) -> Result<(Commit, u32), CodecError> {
    take_commit_head(bytes).map(|(commit, changes, _)| (commit, changes))
}

/// The same, with what follows.
pub(super) fn take_commit_head(bytes: &[u8]) -> Result<(Commit, u32, &[u8]), CodecError> {
    let mut rest = bytes;
    if take_tag(&mut rest)? != COMMIT {
        return Err(CodecError::Damaged("the entry is no commit".into()));
    }
    let CommitHead { revision, committed_at_ms, author, reason, counts, idempotency, changes } = take(&mut rest)?;
    let commit = Commit { revision, committed_at_ms, author, reason, counts, idempotency, changes: Vec::new() };
    Ok((commit, changes, rest))
}

fn take_tag(rest: &mut &[u8]) -> Result<u8, CodecError> {
    check_version(rest)?;
    take::<(u16, u8)>(rest).map(|(_, tag)| tag)
}

pub(super) fn take_change(rest: &mut &[u8], revision: Revision) -> Result<Change, CodecError> {
    let (kind, key): (u8, &str) = take(rest)?;
    let kind = kind_of(kind)?;
    let key = Key::parse(key).map_err(CodecError::Damaged)?;
    let node = |tree: &Tree<'_>, revision| read_record(kind, tree).map(|record| Arc::new(Node::new(record, revision)));
    let before: Option<(Revision, Stored<'_>)> = take(rest)?;
    let before = before.map(|(revision, tree)| node(&tree.0, revision)).transpose()?;
    let deleted_at: Option<Revision> = take(rest)?;
    let after: Option<Stored<'_>> = take(rest)?;
    let after = after.map(|tree| node(&tree.0, revision)).transpose()?;
    Ok(Change { kind, key, before, deleted_at, after })
}

/// Reads a receipt back from its own bytes.
///
/// # Errors
/// When the bytes are damaged, of a later version, or no receipt.
pub fn decode_receipt(bytes: &[u8]) -> Result<Receipt, CodecError> {
    match decode_entry(bytes)? {
        Entry::Receipt(receipt) => Ok(receipt),
        _ => Err(CodecError::Damaged("the entry is no receipt".into())),
    }
}

/// Reads tokens back from their own bytes.
///
/// # Errors
/// When the bytes are damaged, of a later version, or no tokens.
pub fn decode_tokens(bytes: &[u8]) -> Result<Vec<Token>, CodecError> {
    match decode_entry(bytes)? {
        Entry::Tokens(tokens) => Ok(tokens),
        _ => Err(CodecError::Damaged("the entry holds no tokens".into())),
    }
}
