//! Natural keys: how people and files name a record. They sort as people count: `goal-2` before `goal-10`.

use std::cmp::Ordering;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::model::RecordType;

/// Longest key, in bytes.
pub const KEY_BYTES_MAX: usize = 250;

/// The natural key of a record, unique within its kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key(Arc<str>);

impl Key {
    /// Takes a text as a key.
    ///
    /// # Errors
    /// Says why not, in a few words: empty, too long, or a character that keys do not have.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("it is empty".into());
        }
        if text.len() > KEY_BYTES_MAX {
            return Err(format!("it has {} bytes, at most {KEY_BYTES_MAX} are allowed", text.len()));
        }
        match text.chars().find(|letter| letter.is_whitespace() || letter.is_control() || *letter == '|') {
            Some(letter) => Err(format!("it holds {letter:?}")),
            None => Ok(Self(text.into())),
        }
    }

    /// Builds a key from parts that are keys, periods or words themselves, joined by `/`.
    pub fn join(parts: &[&dyn std::fmt::Display]) -> Self {
        let mut text = String::new();
        for (index, part) in parts.iter().enumerate() {
            use std::fmt::Write as _;
            let separator = if index == 0 { "" } else { "/" };
            write!(text, "{separator}{part}").expect("a String takes everything");
        }
        Self(text.into())
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        natural_order(&self.0, &other.0).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Compares texts with runs of digits taken as numbers of any length; leading zeros do not count.
pub fn natural_order(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left.as_bytes(), right.as_bytes());
    loop {
        match (left.first(), right.first()) {
            (Some(a), Some(b)) if a.is_ascii_digit() && b.is_ascii_digit() => {
                let (a, left_rest) = split_number(left);
                let (b, right_rest) = split_number(right);
                match a.len().cmp(&b.len()).then_with(|| a.cmp(b)) {
                    Ordering::Equal => (left, right) = (left_rest, right_rest),
                    unequal => return unequal,
                }
            }
            (Some(a), Some(b)) if a == b => (left, right) = (&left[1..], &right[1..]),
            (a, b) => return a.cmp(&b),
        }
    }
}

/// Splits the leading digits off, without their leading zeros.
fn split_number(text: &[u8]) -> (&[u8], &[u8]) {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let zeros = text[..digits].iter().take_while(|byte| **byte == b'0').count();
    (&text[zeros..digits], &text[digits..])
}

/// The key of a record of kind `T`: a reference.
pub struct Link<T>(Key, PhantomData<fn() -> T>);

impl<T: RecordType> Link<T> {
    /// A reference to the record of that key.
    pub fn new(key: Key) -> Self {
        Self(key, PhantomData)
    }
    /// The key referred to.
    pub fn key(&self) -> &Key {
        &self.0
    }
    /// The key referred to, as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

// Written by hand because a derive would ask the same of `T`, which only says the kind.
impl<T> Clone for Link<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), PhantomData)
    }
}
impl<T> PartialEq for Link<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Link<T> {}
impl<T> std::fmt::Debug for Link<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
impl<T> std::fmt::Display for Link<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn counts_as_people_do() {
        let mut keys = ["goal-10", "goal-2", "goal-1.10", "goal-1.9", "goals-1", "a007", "a7", "a8"]
            .map(|key| Key::parse(key).unwrap());
        keys.sort();
        assert_eq!(
            keys.map(|key| key.to_string()),
            ["a007", "a7", "a8", "goal-1.9", "goal-1.10", "goal-2", "goal-10", "goals-1"]
        );
    }

    #[test]
    fn refuses_what_is_no_key() {
        for (text, reason) in [("", "empty"), ("a b", "' '"), ("a|b", "'|'"), ("a\u{7}", "\\u{7}")] {
            assert!(Key::parse(text).unwrap_err().contains(reason), "{text:?}");
        }
        assert!(Key::parse(&"x".repeat(KEY_BYTES_MAX + 1)).is_err());
    }

    proptest! {
        #[test]
        fn order_is_total(a in "[a-c0-2.]{1,6}", b in "[a-c0-2.]{1,6}", c in "[a-c0-2.]{1,6}") {
            let [a, b, c] = [a, b, c].map(|key| Key::parse(&key).unwrap());
            prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
            prop_assert_eq!(a == b, a.cmp(&b) == Ordering::Equal);
            if a <= b && b <= c {
                prop_assert!(a <= c);
            }
        }

        #[test]
        fn numbers_compare_by_value(a: u64, b: u64, zeros in 0usize..4) {
            let left = Key::parse(&format!("k{}{a}", "0".repeat(zeros))).unwrap();
            let right = Key::parse(&format!("k{b}")).unwrap();
            if a != b {
                prop_assert_eq!(left.cmp(&right), a.cmp(&b));
            }
        }
    }
}
