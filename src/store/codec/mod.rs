//! The bytes of records and commits: the only home of `bincode`.
//!
//! A record is stored as a version, its kind, the revision that wrote it and its field values in the order of the model, each
//! with a tag that says what it is. So a field may be added at the end (older bytes lack it, and it is read as absent) and
//! renamed, but never removed, moved or given another type without a new version. The bytes of every version are kept in
//! `fixtures/store/`.

pub mod outline;
mod token;

use std::borrow::Cow;
use std::sync::Arc;

use bincode::de::{BorrowDecoder, read::Reader as _};
use bincode::enc::Encoder;
use bincode::enc::write::Writer as _;
use bincode::error::{DecodeError, EncodeError};
use bincode::{BorrowDecode, Decode, Encode};
use rust_decimal::Decimal;

use crate::journal::Position;
use crate::model::{Key, Kind, Problems, Record, Tree, View};
use crate::register::{Change, Node, Revision};
use crate::store::Checkpoint;
use crate::work;

pub use token::{Token, decode_tokens, encode_tokens};

/// Version of the stored form.
const VERSION: u16 = 1;
/// Most bytes that decoding may claim: bincode without a limit aborts the process on a corrupt length.
const LIMIT_BYTES: usize = 1 << 30;
/// Deepest nesting of values: a record, its figure, the citation, and room.
const DEPTH_MAX: usize = 8;
/// What it costs to read a change, in records looked at.
const CHANGE_STEPS: u64 = 20;

fn configuration() -> impl bincode::config::Config {
    bincode::config::standard().with_limit::<LIMIT_BYTES>()
}

/// Why bytes could not be read.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// The bytes are not what was written.
    #[error("the stored bytes are damaged: {0}")]
    Damaged(String),
    /// The bytes were written by a later version of the program.
    #[error("the stored bytes have version {found}, this program knows versions up to {VERSION}")]
    Newer {
        /// The version found.
        found: u16,
    },
}

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
const TOKENS: u8 = 3;

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
        TOKENS => Entry::Tokens(take(&mut rest)?),
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
fn take_commit_head(bytes: &[u8]) -> Result<(Commit, u32, &[u8]), CodecError> {
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

fn take_change(rest: &mut &[u8], revision: Revision) -> Result<Change, CodecError> {
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

/// Where a revision stands in the journal, and when it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Indexed {
    /// Where its entry begins.
    pub position: Position,
    /// When it was committed: milliseconds since 1970, UTC.
    pub committed_at_ms: i64,
    /// How many records were changed up to and with it, by all commits together: what the way from one state to another costs.
    pub changes_so_far: u64,
}

/// The bytes of an index entry.
pub fn encode_indexed(indexed: &Indexed) -> Vec<u8> {
    to_bytes(&(VERSION, stored_position(&indexed.position), indexed.committed_at_ms, indexed.changes_so_far))
}

/// Reads an index entry back.
///
/// # Errors
/// When the bytes are damaged, or of a later version.
pub fn decode_indexed(bytes: &[u8]) -> Result<Indexed, CodecError> {
    check_version(bytes)?;
    let (_, position, committed_at_ms, changes_so_far): (u16, StoredPosition, i64, u64) = take(&mut &*bytes)?;
    Ok(Indexed { position: read_position(position), committed_at_ms, changes_so_far })
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

type StoredPosition = (u64, u64, u64, [u8; 32]);

fn stored_position(position: &Position) -> StoredPosition {
    (position.sequence, position.segment, position.offset, position.previous)
}

fn read_position((sequence, segment, offset, previous): StoredPosition) -> Position {
    Position { sequence, segment, offset, previous }
}

/// The bytes of a record and the revision that wrote it.
pub fn encode_record(record: &Record, revision: Revision) -> Vec<u8> {
    let mut bytes = to_bytes(&(VERSION, record.kind() as u8, revision));
    append(&mut bytes, &Fields(record));
    bytes
}

/// Reads a record back.
///
/// # Errors
/// When the bytes are damaged, or of a later version.
pub fn decode_record(bytes: &[u8]) -> Result<(Record, Revision), CodecError> {
    check_version(bytes)?;
    let mut rest = bytes;
    let (_, kind, revision): (u16, u8, u64) = take(&mut rest)?;
    let tree: Stored<'_> = take(&mut rest)?;
    if !rest.is_empty() {
        return Err(CodecError::Damaged(format!("{} bytes follow the record", rest.len())));
    }
    Ok((read_record(kind_of(kind)?, &tree.0)?, revision))
}

/// The bytes of the store's checkpoint.
pub fn encode_checkpoint(checkpoint: &Checkpoint) -> Vec<u8> {
    to_bytes(&(VERSION, checkpoint.revision, checkpoint.committed_at_ms, stored_position(&checkpoint.next)))
}

/// Reads the store's checkpoint back.
///
/// # Errors
/// When the bytes are damaged, or of a later version.
pub fn decode_checkpoint(bytes: &[u8]) -> Result<Checkpoint, CodecError> {
    check_version(bytes)?;
    let (_, revision, committed_at_ms, next): (u16, u64, i64, StoredPosition) = take(&mut &*bytes)?;
    Ok(Checkpoint { revision, committed_at_ms, next: read_position(next) })
}

fn read_record(kind: Kind, tree: &Tree<'_>) -> Result<Record, CodecError> {
    let mut problems = Problems::default();
    let record = kind.read(tree, &mut problems);
    match (record, problems.into_vec().first()) {
        (Some(record), None) => Ok(record),
        (_, problem) => Err(CodecError::Damaged(
            problem.map_or_else(|| format!("no {kind}"), |problem| format!("no {kind}: {problem}")),
        )),
    }
}

fn kind_of(number: u8) -> Result<Kind, CodecError> {
    Kind::from_number(number).ok_or_else(|| CodecError::Damaged(format!("there is no kind {number}")))
}

/// The version stands first, so that bytes of a later form are told from damaged ones.
fn check_version(bytes: &[u8]) -> Result<(), CodecError> {
    let mut rest = bytes;
    match take::<u16>(&mut rest)? {
        VERSION => Ok(()),
        found if found > VERSION => Err(CodecError::Newer { found }),
        found => Err(CodecError::Damaged(format!("there is no version {found}"))),
    }
}

fn to_bytes(value: &impl Encode) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    append(&mut bytes, value);
    bytes
}

fn append(bytes: &mut Vec<u8>, value: &impl Encode) {
    bincode::encode_into_std_write(value, bytes, bincode::config::standard()).expect("a Vec takes everything");
}

fn take<'a, T: BorrowDecode<'a, ()>>(rest: &mut &'a [u8]) -> Result<T, CodecError> {
    let (value, used) = bincode::borrow_decode_from_slice(rest, configuration())
        .map_err(|error| CodecError::Damaged(error.to_string()))?;
    *rest = &rest[used..];
    Ok(value)
}

/// Tags of stored values.
mod tag {
    pub const NULL: u8 = 0;
    pub const FALSE: u8 = 1;
    pub const TRUE: u8 = 2;
    pub const INT: u8 = 3;
    pub const DECIMAL: u8 = 4;
    pub const TEXT: u8 = 5;
    pub const LIST: u8 = 6;
    pub const FIELDS: u8 = 7;
}

struct Fields<'a>(&'a Record);

impl Encode for Fields<'_> {
    fn encode<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        let count = self.0.info().fields.len();
        encode_head(tag::FIELDS, count, encoder)?;
        (0..count).try_for_each(|index| encode_view(&self.0.get(index), encoder))
    }
}

fn encode_head<E: Encoder>(tag: u8, count: usize, encoder: &mut E) -> Result<(), EncodeError> {
    tag.encode(encoder)?;
    u32::try_from(count).map_err(|_| EncodeError::Other("too many values"))?.encode(encoder)
}

fn encode_view<E: Encoder>(view: &View<'_>, encoder: &mut E) -> Result<(), EncodeError> {
    let text = |text: &str, encoder: &mut E| {
        tag::TEXT.encode(encoder)?;
        text.encode(encoder)
    };
    match view {
        View::Null => tag::NULL.encode(encoder),
        View::Bool(false) => tag::FALSE.encode(encoder),
        View::Bool(true) => tag::TRUE.encode(encoder),
        View::Int(value) => {
            tag::INT.encode(encoder)?;
            value.encode(encoder)
        }
        View::Decimal(value) => {
            tag::DECIMAL.encode(encoder)?;
            encoder.writer().write(&value.serialize())
        }
        View::Text(value) => text(value, encoder),
        View::Enum(word) => text(word, encoder),
        View::Date(date) => text(&date.to_string(), encoder),
        View::Period(period) => text(period.code(), encoder),
        View::List(items) => {
            encode_head(tag::LIST, items.len(), encoder)?;
            items.iter().try_for_each(|item| encode_view(item, encoder))
        }
        View::Composite(value) => {
            let count = value.describe().fields.len();
            encode_head(tag::FIELDS, count, encoder)?;
            (0..count).try_for_each(|index| encode_view(&value.field(index), encoder))
        }
    }
}

struct Stored<'a>(Tree<'a>);

impl<'a, C> BorrowDecode<'a, C> for Stored<'a> {
    fn borrow_decode<D: BorrowDecoder<'a, Context = C>>(decoder: &mut D) -> Result<Self, DecodeError> {
        decode_tree(decoder, 0).map(Self)
    }
}

fn decode_tree<'a, D: BorrowDecoder<'a>>(decoder: &mut D, depth: usize) -> Result<Tree<'a>, DecodeError> {
    if depth > DEPTH_MAX {
        return Err(DecodeError::OtherString(format!("values are nested deeper than {DEPTH_MAX}")));
    }
    let items = |decoder: &mut D| {
        let count = u32::decode(decoder)?;
        // Not `with_capacity(count)`: a corrupt count must not allocate before the bytes are there.
        (0..count).map(|_| decode_tree(decoder, depth + 1)).collect::<Result<Vec<_>, _>>()
    };
    Ok(match u8::decode(decoder)? {
        tag::NULL => Tree::Null,
        tag::FALSE => Tree::Bool(false),
        tag::TRUE => Tree::Bool(true),
        tag::INT => Tree::Number(Cow::Owned(i64::decode(decoder)?.to_string())),
        tag::DECIMAL => {
            let mut bytes = [0; 16];
            decoder.claim_bytes_read(bytes.len())?;
            decoder.reader().read(&mut bytes)?;
            Tree::Decimal(decimal(bytes)?)
        }
        tag::TEXT => Tree::Text(Cow::Borrowed(<&str>::borrow_decode(decoder)?)),
        tag::LIST => Tree::List(items(decoder)?),
        tag::FIELDS => Tree::Positional(items(decoder)?),
        other => return Err(DecodeError::OtherString(format!("there is no value of tag {other}"))),
    })
}

/// `rust_decimal`'s 16 bytes: flags (scale in the third byte, sign in the top bit) and a 96-bit number.
fn decimal(bytes: [u8; 16]) -> Result<Decimal, DecodeError> {
    let valid = bytes[0] == 0 && bytes[1] == 0 && bytes[2] <= 28 && matches!(bytes[3], 0 | 0x80);
    if !valid {
        return Err(DecodeError::OtherString("no decimal has these flags".into()));
    }
    Ok(Decimal::deserialize(bytes))
}

#[cfg(test)]
mod tests;
