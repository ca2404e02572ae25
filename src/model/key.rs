//! Natural keys: how people and files name a record. They sort as people count: `goal-2` before `goal-10`.

use std::cmp::Ordering;
use std::sync::Arc;

use icu_normalizer::ComposingNormalizerBorrowed;

use crate::model::period::Period;

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
        Self::check(text).map(|()| Self(text.into()))
    }

    /// Whether a text is a key.
    ///
    /// # Errors
    /// As [`Key::parse`].
    pub fn check(text: &str) -> Result<(), String> {
        if text.is_empty() {
            return Err("it is empty".into());
        }
        if text.len() > KEY_BYTES_MAX {
            return Err(format!("it has {} bytes, at most {KEY_BYTES_MAX} are allowed", text.len()));
        }
        match text.chars().find(|letter| is_unfit(*letter)) {
            Some(letter) => Err(format!("it holds {letter:?}")),
            None => Ok(()),
        }
    }

    /// Whether it may be the key of a new record. Keys of before stay what they are.
    ///
    /// # Errors
    /// Says why not, in a few words: a letter that cannot be seen, or an accent that stands beside its letter.
    pub fn check_new(&self) -> Result<(), String> {
        if self.0.is_ascii() {
            return Ok(());
        }
        match self.0.chars().find(|letter| is_unseen(*letter)) {
            Some(letter) => Err(format!("it holds U+{:04X}, which cannot be seen", u32::from(letter))),
            None if !ComposingNormalizerBorrowed::new_nfc().is_normalized(&self.0) => {
                Err("an accent stands beside its letter (it is not in NFC)".into())
            }
            None => Ok(()),
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

    /// The key of a record that is told by a head and some tails: two that differ in a part have different keys.
    ///
    /// They are joined by `/`. Where the joined text reads as other parts, because one of them holds a `/` itself, the key says at its
    /// end how many each tail holds: `a/2020-09/2020-12` is `a` in a range of months, `a/2020-09/2020-12~0` is `a/2020-09` in December.
    pub fn of_parts(head: &dyn std::fmt::Display, tails: &[&dyn std::fmt::Display]) -> Self {
        use std::fmt::Write as _;
        const TAKEN: &str = "a String takes everything";
        let mut plain = String::with_capacity(KEY_BYTES_MAX);
        write!(plain, "{head}").expect(TAKEN);
        let mut starts = Vec::with_capacity(tails.len());
        for tail in tails {
            plain.push('/');
            starts.push(plain.len());
            write!(plain, "{tail}").expect(TAKEN);
        }
        Self::told_apart(&plain, reads_as(&plain, &starts), &starts)
    }

    /// The joined text of parts, with how many `/` each of those that begin at `starts` holds where it does not read as these by itself.
    pub(super) fn told_apart(plain: &str, reads_so: bool, starts: &[usize]) -> Self {
        if reads_so && !ends_as_told(plain) {
            return Self(plain.into());
        }
        let ends = starts.iter().skip(1).map(|next| next - 1).chain([plain.len()]);
        let counts = starts.iter().zip(ends).map(|(start, end)| plain[*start..end].matches('/').count().to_string());
        Self(format!("{plain}~{}", counts.collect::<Vec<_>>().join(".")).into())
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Letters without a width, marks of direction, variants, tags, and what Unicode leaves to private use.
fn is_unseen(letter: char) -> bool {
    matches!(u32::from(letter),
        0xad | 0x34f | 0x61c | 0x115f | 0x1160 | 0x17b4 | 0x17b5 | 0x180b..=0x180f | 0x200b..=0x200f | 0x202a..=0x202e
        | 0x2060..=0x206f | 0x3164 | 0xe000..=0xf8ff | 0xfe00..=0xfe0f | 0xfeff | 0xffa0 | 0xfff0..=0xfff8
        | 0xe0000..=0xe0fff | 0xf0000..)
}

/// A map of keys is asked by their texts.
impl std::borrow::Borrow<str> for Key {
    fn borrow(&self) -> &str {
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

/// Whether the last parts of a joined text, read by themselves, are those that begin at these places.
fn reads_as(plain: &str, starts: &[usize]) -> bool {
    let mut rest = plain;
    starts.iter().rev().all(|start| {
        let reads = natural_start(rest) == Some(*start);
        rest = &rest[..start - 1];
        reads
    })
}

/// Where the last part of a joined text begins as it reads by itself: it is one step, but two where these are a range of time.
fn natural_start(joined: &str) -> Option<usize> {
    let last = joined.bytes().rposition(|byte| byte == b'/')?;
    let before = joined[..last].bytes().rposition(|byte| byte == b'/').map(|at| at + 1);
    let is_range = |from: &usize| joined.as_bytes()[*from].is_ascii_digit() && Period::parse(&joined[*from..]).is_ok();
    Some(before.filter(is_range).unwrap_or(last + 1))
}

/// Whether a text ends as keys do that say how many `/` their parts hold.
fn ends_as_told(text: &str) -> bool {
    let digits = |number: &str| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    text.rsplit_once('~').is_some_and(|(_, counts)| counts.split('.').all(digits))
}

/// A printed text as a part of a key: what keys cannot hold is written as in addresses, a blank as `%20`. Two texts give two parts.
pub fn part(text: &str) -> String {
    let is_code =
        |at: usize| text.as_bytes().get(at + 1..at + 3).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit));
    escaped(text, |at, letter| is_unfit(letter) || (letter == '%' && is_code(at)))
}

/// A text as one of several marks in a key: what parts these is written as in addresses too.
pub fn mark(text: &str) -> String {
    escaped(text, |_, letter| is_unfit(letter) || "%/+=~".contains(letter))
}

/// Whether a key cannot hold a letter.
fn is_unfit(letter: char) -> bool {
    letter.is_whitespace() || letter.is_control() || letter == '|'
}

fn escaped(text: &str, is_written: impl Fn(usize, char) -> bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (at, letter) in text.char_indices() {
        if is_written(at, letter) {
            for byte in letter.encode_utf8(&mut [0; 4]).bytes() {
                use std::fmt::Write as _;
                write!(escaped, "%{byte:02X}").expect("a String takes everything");
            }
        } else {
            escaped.push(letter);
        }
    }
    escaped
}

/// Compares texts with runs of digits taken as numbers of any length; leading zeros do not count.
pub fn natural_order(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left.as_bytes(), right.as_bytes());
    // Keys of one kind begin alike, and what is the same up to a number need not be read as numbers.
    let same = left.iter().zip(right).take_while(|(a, b)| a == b).count();
    let digits = left[..same].iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    (left, right) = (&left[same - digits..], &right[same - digits..]);
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
    fn new_keys_are_what_they_look_like() {
        for (text, good) in [
            ("goal-1", true),
            ("één", true),
            ("e\u{301}e\u{301}n", false),
            ("goal\u{200b}-1", false),
            ("\u{feff}a", false),
        ] {
            assert_eq!(Key::parse(text).unwrap().check_new().is_ok(), good, "{text:?}");
        }
    }

    #[test]
    fn refuses_what_is_no_key() {
        for (text, reason) in [("", "empty"), ("a b", "' '"), ("a|b", "'|'"), ("a\u{7}", "\\u{7}")] {
            assert!(Key::parse(text).unwrap_err().contains(reason), "{text:?}");
        }
        assert!(Key::parse(&"x".repeat(KEY_BYTES_MAX + 1)).is_err());
    }

    /// What a key of that many tails was made of.
    fn read(key: &str, count: usize) -> (String, Vec<String>) {
        let (mut rest, slashes): (&str, Vec<usize>) = match key.rsplit_once('~') {
            Some((plain, counts)) if ends_as_told(key) => {
                (plain, counts.split('.').map(|count| count.parse().unwrap()).collect())
            }
            _ => {
                let mut end = key.len();
                let mut counts: Vec<usize> = Vec::new();
                for _ in 0..count {
                    let start = natural_start(&key[..end]).unwrap();
                    counts.push(key[start..end].matches('/').count());
                    end = start - 1;
                }
                counts.reverse();
                (key, counts)
            }
        };
        let mut tails = Vec::new();
        for slashes in slashes.into_iter().rev() {
            let (at, _) = rest.rmatch_indices('/').nth(slashes).unwrap();
            tails.push(rest[at + 1..].to_owned());
            rest = &rest[..at];
        }
        tails.reverse();
        (rest.to_owned(), tails)
    }

    #[test]
    fn keys_of_today_stay_and_others_are_told_apart() {
        for (head, tail, key) in [
            ("a", "2020", "a/2020"),
            ("a", "2020-09/2020-12", "a/2020-09/2020-12"),
            ("a/2020-09", "2020-12", "a/2020-09/2020-12~0"),
            ("a/b", "c", "a/b/c"),
            ("a", "b/c", "a/b/c~1"),
            ("a", "b~1", "a/b~1~0"),
        ] {
            assert_eq!(Key::of_parts(&head, &[&tail]).as_str(), key);
        }
        assert_eq!(
            [part("A2"), part("Ploegbaas ploeg 1"), part("5%20"), part("5%")],
            ["A2", "Ploegbaas%20ploeg%201", "5%2520", "5%"]
        );
    }

    proptest! {
        #[test]
        fn two_that_differ_in_a_part_never_share_a_key(
            head in "[a~]{1,2}(/(2020|2020-09|[01~.]{1,3})){0,3}",
            tails in proptest::collection::vec("(2020-12|2020-09/2020-12|a|[01~./]{1,4})", 1..4),
        ) {
            let shown: Vec<&dyn std::fmt::Display> = tails.iter().map(|tail| tail as _).collect();
            let key = Key::of_parts(&head, &shown);
            prop_assert_eq!(read(key.as_str(), tails.len()), (head, tails));
        }

        #[test]
        fn two_texts_are_two_parts(a in "[a%2056 |]{0,6}", b in "[a%2056 |]{0,6}") {
            prop_assert_eq!(a == b, part(&a) == part(&b));
            prop_assert!(a.is_empty() || Key::parse(&part(&a)).is_ok());
        }

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
