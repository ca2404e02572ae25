//! JSON as it comes over the wire. A name that stands twice in one object is refused: whichever of the two were taken, the
//! other would be lost without a word. Values are counted while they are read: a few bytes make one that takes many in memory.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::model::problem::at_most;

/// Longest name that an error repeats, in characters.
const NAME_CHARS_MAX: usize = 80;

/// Why a text is not read.
#[derive(Debug, PartialEq, Eq)]
pub enum JsonError {
    /// It is no JSON, or names something twice.
    Malformed(String),
    /// It has more values than are allowed.
    TooMany,
}

/// Reads a whole text of at most so many values.
///
/// # Errors
/// When it is no JSON, names something twice, or has more.
pub fn parse(bytes: &[u8], values_max: usize) -> Result<Value, JsonError> {
    let left = Cell::new(Some(values_max));
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let read = Strict(&left).deserialize(&mut json).and_then(|value| json.end().map(|()| value));
    read.map_err(|error| match left.get() {
        None => JsonError::TooMany,
        Some(_) => JsonError::Malformed(error.to_string()),
    })
}

/// Holds how many more values may come; nothing when one came too many.
#[derive(Clone, Copy)]
struct Strict<'l>(&'l Cell<Option<usize>>);

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        self.0.set(self.0.get().and_then(|left| left.checked_sub(1)));
        if self.0.get().is_none() {
            return Err(D::Error::custom("too many values"));
        }
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(name) = object.next_key::<String>()? {
            if fields.contains_key(&name) {
                let name = at_most(NAME_CHARS_MAX, name);
                return Err(A::Error::custom(format!("`{name}` stands twice in one object")));
            }
            fields.insert(name, object.next_value_seed(self)?);
        }
        Ok(Value::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(bytes: &[u8]) -> Result<Value, JsonError> {
        super::parse(bytes, usize::MAX)
    }

    #[test]
    fn reads_what_serde_json_reads_but_no_name_twice() {
        for text in [
            "null",
            "true",
            "-1",
            "18446744073709551615",
            "1.5e3",
            "\"\\u00e9\"",
            "[1,[],{}]",
            "{\"a\":{\"a\":[{\"a\":1}]}}",
        ] {
            assert_eq!(parse(text.as_bytes()).unwrap(), serde_json::from_str::<Value>(text).unwrap(), "{text}");
        }
        for text in ["", "nul", "[1,]", "{\"a\":1", "1 2", "\"\u{1}\"", "[1e999]"] {
            assert!(parse(text.as_bytes()).is_err() && serde_json::from_str::<Value>(text).is_err(), "{text}");
        }
        for text in ["{\"a\":1,\"a\":1}", "[{\"b\":{\"a\":1,\"b\":2,\"\\u0061\":3}}]"] {
            let Err(JsonError::Malformed(told)) = parse(text.as_bytes()) else { panic!("{text} is read") };
            assert!(told.starts_with("`a` stands twice in one object"), "{told}");
        }
        assert!(parse("[".repeat(1_000_000).as_bytes()).is_err());
    }

    #[test]
    fn values_are_counted() {
        let text = b"{\"a\":[1,{\"b\":null}]}";
        assert!(super::parse(text, 5).is_ok());
        assert_eq!(super::parse(text, 4), Err(JsonError::TooMany));
        assert_eq!(super::parse(&b"[".repeat(1_000_000), 100), Err(JsonError::TooMany));
        assert!(matches!(super::parse(b"[1,", 2), Err(JsonError::Malformed(_))));
    }
}
