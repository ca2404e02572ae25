//! The bytes of a record: its values by position, each with a tag that says what it is.

use std::borrow::Cow;

use bincode::de::{BorrowDecoder, read::Reader as _};
use bincode::enc::Encoder;
use bincode::enc::write::Writer as _;
use bincode::error::{DecodeError, EncodeError};
use bincode::{BorrowDecode, Decode, Encode};
use rust_decimal::Decimal;

use super::bytes::{CodecError, VERSION, append, check_version, take, to_bytes};
use crate::model::{Kind, Problems, Record, Tree, View};
use crate::register::Revision;

/// Deepest nesting of values: a record, its figure, the citation, and room.
const DEPTH_MAX: usize = 8;

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

pub(super) fn read_record(kind: Kind, tree: &Tree<'_>) -> Result<Record, CodecError> {
    let mut problems = Problems::default();
    let record = kind.read(tree, &mut problems);
    match (record, problems.into_vec().first()) {
        (Some(record), None) => Ok(record),
        (_, problem) => Err(CodecError::Damaged(
            problem.map_or_else(|| format!("no {kind}"), |problem| format!("no {kind}: {problem}")),
        )),
    }
}

pub(super) fn kind_of(number: u8) -> Result<Kind, CodecError> {
    Kind::from_number(number).ok_or_else(|| CodecError::Damaged(format!("there is no kind {number}")))
}

/// Tags of stored values.
pub(super) mod tag {
    pub const NULL: u8 = 0;
    pub const FALSE: u8 = 1;
    pub const TRUE: u8 = 2;
    pub const INT: u8 = 3;
    pub const DECIMAL: u8 = 4;
    pub const TEXT: u8 = 5;
    pub const LIST: u8 = 6;
    pub const FIELDS: u8 = 7;
}

/// A record's values, as they are written.
pub(super) struct Fields<'a>(pub(super) &'a Record);

impl Encode for Fields<'_> {
    fn encode<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        let count = self.0.info().fields.len();
        encode_head(tag::FIELDS, count, encoder)?;
        (0..count).try_for_each(|index| encode_view(&self.0.get(index), encoder))
    }
}

pub(super) fn encode_head<E: Encoder>(tag: u8, count: usize, encoder: &mut E) -> Result<(), EncodeError> {
    tag.encode(encoder)?;
    u32::try_from(count).map_err(|_| EncodeError::Other("too many values"))?.encode(encoder)
}

pub(super) fn encode_view<E: Encoder>(view: &View<'_>, encoder: &mut E) -> Result<(), EncodeError> {
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
        View::Period(period) => text(&period.code(), encoder),
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

/// A record's values, as they are read.
pub(super) struct Stored<'a>(pub(super) Tree<'a>);

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
