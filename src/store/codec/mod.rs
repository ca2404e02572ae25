//! The bytes of records and commits: the only home of `bincode`.
//!
//! A record is stored as a version, its kind, the revision that wrote it and its field values in the order of the model, each
//! with a tag that says what it is. So a field may be added at the end (older bytes lack it, and it is read as absent) and
//! renamed, but never removed, moved or given another type without a new version. The bytes of every version are kept in
//! `fixtures/store/`.

use std::borrow::Cow;

use bincode::de::{BorrowDecoder, read::Reader as _};
use bincode::enc::Encoder;
use bincode::enc::write::Writer as _;
use bincode::error::{DecodeError, EncodeError};
use bincode::{BorrowDecode, Decode, Encode};
use rust_decimal::Decimal;

use crate::journal::Position;
use crate::model::{Key, Kind, Problems, Record, Tree, View};
use crate::register::{Change, Revision};
use crate::store::Mark;

/// Version of the stored form.
const VERSION: u16 = 1;
/// Most bytes that decoding may claim: bincode without a limit aborts the process on a corrupt length.
const LIMIT_BYTES: usize = 1 << 30;
/// Deepest nesting of values: a record, its figure, the citation, and room.
const DEPTH_MAX: usize = 8;

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
    /// What it does, record by record.
    pub changes: Vec<Change>,
}

#[derive(Encode, Decode)]
struct CommitHead {
    version: u16,
    revision: u64,
    committed_at_ms: i64,
    author: String,
    reason: String,
    changes: u32,
}

/// The bytes of a commit.
pub fn encode_commit(commit: &Commit) -> Vec<u8> {
    let head = CommitHead {
        version: VERSION,
        revision: commit.revision,
        committed_at_ms: commit.committed_at_ms,
        author: commit.author.clone(),
        reason: commit.reason.clone(),
        changes: u32::try_from(commit.changes.len()).expect("the commit path limits the number of changes"),
    };
    let mut bytes = to_bytes(&head);
    for change in &commit.changes {
        append(&mut bytes, &(change.kind as u8, change.key.as_str()));
        append(&mut bytes, &change.before.as_ref().map(Fields));
        append(&mut bytes, &change.after.as_ref().map(Fields));
    }
    bytes
}

/// Reads a commit back.
///
/// # Errors
/// When the bytes are damaged, or of a later version.
pub fn decode_commit(bytes: &[u8]) -> Result<Commit, CodecError> {
    check_version(bytes)?;
    let mut rest = bytes;
    let head: CommitHead = take(&mut rest)?;
    let mut changes = Vec::with_capacity((head.changes as usize).min(rest.len()));
    for _ in 0..head.changes {
        let (kind, key): (u8, &str) = take(&mut rest)?;
        let kind = kind_of(kind)?;
        let key = Key::parse(key).map_err(CodecError::Damaged)?;
        let [before, after] = [take_record(&mut rest, kind)?, take_record(&mut rest, kind)?];
        changes.push(Change { kind, key, before, after });
    }
    if !rest.is_empty() {
        return Err(CodecError::Damaged(format!("{} bytes follow the commit", rest.len())));
    }
    let CommitHead { revision, committed_at_ms, author, reason, .. } = head;
    Ok(Commit { revision, committed_at_ms, author, reason, changes })
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

#[derive(Encode, Decode)]
struct StoredMark {
    version: u16,
    revision: u64,
    committed_at_ms: i64,
    next: (u64, u64, u64, [u8; 32]),
}

/// The bytes of the store's mark.
pub fn encode_mark(mark: &Mark) -> Vec<u8> {
    let Position { sequence, segment, offset, previous } = mark.next;
    to_bytes(&StoredMark {
        version: VERSION,
        revision: mark.revision,
        committed_at_ms: mark.committed_at_ms,
        next: (sequence, segment, offset, previous),
    })
}

/// Reads the store's mark back.
///
/// # Errors
/// When the bytes are damaged, or of a later version.
pub fn decode_mark(bytes: &[u8]) -> Result<Mark, CodecError> {
    check_version(bytes)?;
    let stored: StoredMark = take(&mut &*bytes)?;
    let (sequence, segment, offset, previous) = stored.next;
    Ok(Mark {
        revision: stored.revision,
        committed_at_ms: stored.committed_at_ms,
        next: Position { sequence, segment, offset, previous },
    })
}

fn take_record(rest: &mut &[u8], kind: Kind) -> Result<Option<Record>, CodecError> {
    let tree: Option<Stored<'_>> = take(rest)?;
    tree.map(|tree| read_record(kind, &tree.0)).transpose()
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
