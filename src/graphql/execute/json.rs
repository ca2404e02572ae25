//! Plain values as JSON, without going by way of a formatter: an answer is mostly these.

use std::io::Write as _;

use rust_decimal::Decimal;

use crate::graphql::core::cursor::Cursor;
use crate::graphql::core::value::Value;
use crate::work;

/// No byte of a text takes more than this: `\u001f`.
pub const BYTES_MAX_OF_A_LETTER: usize = 6;
/// No number, word of a vocabulary or day takes more than this.
pub const BYTES_MAX_OF_A_NUMBER: usize = 128;

/// So many bytes of a text take a step of work.
const TEXT_BYTES_A_STEP: u64 = 16;

/// Writes a value that is neither absent nor made of others.
pub fn scalar(json: &mut Vec<u8>, value: Value<'_>) {
    let write = match value {
        Value::Bool(value) => write!(json, "{value}"),
        Value::Int(value) => return whole(json, value),
        Value::Revision(value) => return whole(json, value),
        Value::Decimal(value) => return decimal(json, &value),
        Value::Date(value) => write!(json, "\"{value}\""),
        Value::Text(value) => return text(json, &value),
        Value::Cursor(list, place) => return text(json, &Cursor::at(list.0, &list.1, place).encode()),
        Value::Null | Value::Object(_) | Value::List(_) | Value::Nodes(..) => {
            unreachable!("these are written by the runner")
        }
    };
    write.expect("a Vec takes everything");
}

/// Writes a whole number.
pub fn whole(json: &mut Vec<u8>, value: impl itoa::Integer) {
    json.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Writes a decimal as the text that it shows as: exact, with all of its decimals.
pub fn decimal(json: &mut Vec<u8>, value: &Decimal) {
    let mut buffer = itoa::Buffer::new();
    let mantissa = value.mantissa().unsigned_abs();
    // Most are short, and long ones are slow to write.
    let digits = match u64::try_from(mantissa) {
        Ok(short) => buffer.format(short).as_bytes(),
        Err(_) => buffer.format(mantissa).as_bytes(),
    };
    let scale = value.scale() as usize;
    json.push(b'"');
    if value.is_sign_negative() {
        json.push(b'-');
    }
    let (whole, decimals) = digits.split_at(digits.len().saturating_sub(scale));
    json.extend_from_slice(if whole.is_empty() { b"0" } else { whole });
    if scale > 0 {
        json.push(b'.');
        json.extend(std::iter::repeat_n(b'0', scale - decimals.len()));
        json.extend_from_slice(decimals);
    }
    json.push(b'"');
}

/// Writes a text.
pub fn text(json: &mut Vec<u8>, text: &str) {
    work::step(text.len() as u64 / TEXT_BYTES_A_STEP);
    // Names, codes and words have nothing to escape.
    let is_plain = |byte: u8| (byte >= b' ') & (byte != b'"') & (byte != b'\\');
    if text.bytes().fold(true, |plain, byte| plain & is_plain(byte)) {
        json.push(b'"');
        json.extend_from_slice(text.as_bytes());
        json.push(b'"');
    } else {
        serde_json::to_writer(json, text).expect("a Vec takes everything");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut json = Vec::new();
        write(&mut json);
        String::from_utf8(json).unwrap()
    }

    proptest! {
        #[test]
        fn decimals_are_written_as_they_show(mantissa in -(1_i128 << 95)..(1_i128 << 95), scale in 0..29_u32, short in any::<i16>()) {
            for value in [mantissa, mantissa >> 64, short.into(), 0] {
                let value = Decimal::from_i128_with_scale(value, scale);
                for value in [value, -value] {
                    prop_assert_eq!(written(|json| decimal(json, &value)), format!("\"{value}\""));
                }
            }
        }

        #[test]
        fn texts_are_written_as_json_has_them(value in any::<String>(), plain in "[a-zé \"\\\\\n]{0,9}") {
            for value in [value, plain] {
                prop_assert_eq!(written(|json| text(json, &value)), serde_json::to_string(&value).unwrap());
            }
        }
    }
}
