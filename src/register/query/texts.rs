//! The distinct texts of a column in one piece, so that one is sought in all of them at once.

use std::borrow::Cow;
use std::sync::Arc;

use memchr::memmem::Finder;

use super::bits::Bits;
use super::column::Column;
use super::predicate::{Predicate, Scalar};
use super::rows::{Listed, Rows, row};
use super::schema::{FieldPath, Leaf};
use super::text::fold;
use crate::model::View;
use crate::register::cache::CacheEntry;
use crate::work;

/// What stands before each text, and behind the last.
const BETWEEN: u8 = 0;

/// Longer texts together are looked at one by one, so that what is kept for a question stays small.
const BYTES_MAX: usize = 64 << 20;

/// So few texts that one may be equal to are sought one after the other.
const FEW: usize = 4;

/// The distinct texts of a column, as they are compared.
pub struct Texts<L = Rows> {
    /// The rows that it is of.
    pub rows: Arc<L>,
    /// The distinct values of the column that they are.
    distinct: Arc<()>,
    /// The texts; none where they are too long together.
    all: Option<Arc<Joined>>,
}

/// Texts one behind the other, in the order of their codes.
struct Joined {
    text: Vec<u8>,
    /// Where each begins, with what stands before it; then where the last ends.
    starts: Vec<u32>,
}

/// Where in a text what is sought stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Anywhere,
    Beginning,
    Whole,
}

impl<L: Listed> CacheEntry for Texts<L> {
    fn bytes(&self) -> usize {
        self.all.as_ref().map_or(0, |all| all.text.len() + all.starts.len() * 4) + 64
    }
}

/// Texts are compared without case and accents, keys letter by letter.
fn compared<'t>(text: &'t str, leaf: Leaf) -> Cow<'t, str> {
    if matches!(leaf, Leaf::Key) { Cow::Borrowed(text) } else { Cow::Owned(fold(text)) }
}

impl<L: Listed> Texts<L> {
    /// Those of a column.
    pub fn make(column: &Column<L>, place: &FieldPath) -> Self {
        let texts = column.examples.iter().map(|at| match column.rows.row(*at).get(&place.path) {
            View::Text(text) => Cow::Owned(compared(&text, place.leaf).into_owned()),
            _ => Cow::Borrowed(""),
        });
        let distinct = Arc::clone(&column.distinct);
        Self { rows: Arc::clone(&column.rows), distinct, all: Joined::of(texts).map(Arc::new) }
    }

    /// Those of a later version of the column, where it has the same texts.
    pub fn carry(&self, column: &Column<L>) -> Option<Self> {
        let is_same = Arc::ptr_eq(&self.distinct, &column.distinct);
        is_same.then(|| Self {
            rows: Arc::clone(&column.rows),
            distinct: Arc::clone(&self.distinct),
            all: self.all.clone(),
        })
    }

    /// Which of the texts match, and at last whether having none does; none where that is not told by seeking.
    pub fn matching<'p>(&self, predicate: &'p Predicate) -> Option<Bits> {
        let all = self.all.as_ref()?;
        match predicate {
            Predicate::Contains(part) | Predicate::KeyContains(part) => all.seek([part], Place::Anywhere),
            Predicate::StartsWith(part) | Predicate::KeyStartsWith(part) => all.seek([part], Place::Beginning),
            Predicate::In(values) | Predicate::NotIn(values) if values.len() <= FEW => {
                let folded = |value: &'p Scalar| if let Scalar::Folded(text) = value { Some(text) } else { None };
                let texts: Option<Vec<&String>> = values.iter().map(folded).collect();
                let found = all.seek(texts?, Place::Whole)?;
                Some(if matches!(predicate, Predicate::In(_)) { found } else { found.not() })
            }
            _ => None,
        }
    }
}

impl Joined {
    /// None where they are too long together.
    fn of<'t>(texts: impl ExactSizeIterator<Item = Cow<'t, str>>) -> Option<Self> {
        let mut text = Vec::new();
        let mut starts = Vec::with_capacity(texts.len() + 1);
        for found in texts {
            work::step(4 + found.len() as u64 / 8);
            starts.push(row(text.len()));
            text.push(BETWEEN);
            text.extend_from_slice(found.as_bytes());
            if text.len() > BYTES_MAX {
                return None;
            }
        }
        starts.push(row(text.len()));
        text.push(BETWEEN);
        Some(Self { text, starts })
    }

    /// Which texts have one of these at that place; none where one has what stands between texts.
    fn seek<'p>(&self, parts: impl IntoIterator<Item = &'p String>, place: Place) -> Option<Bits> {
        let mut found = Bits::none(self.starts.len());
        for part in parts {
            if part.as_bytes().contains(&BETWEEN) {
                return None;
            }
            let mut sought = Vec::with_capacity(part.len() + 2);
            sought.extend((place != Place::Anywhere).then_some(BETWEEN));
            sought.extend_from_slice(part.as_bytes());
            sought.extend((place == Place::Whole).then_some(BETWEEN));
            self.find(&sought, place, &mut found);
        }
        Some(found)
    }

    fn find(&self, sought: &[u8], place: Place, found: &mut Bits) {
        let finder = Finder::new(sought);
        let end = self.starts[self.starts.len() - 1] as usize;
        let (mut from, mut code) = (0, 0);
        while let Some(at) = finder.find(&self.text[from..]).map(|at| from + at) {
            work::step(2 + (at - from) as u64 / 128);
            if at >= end {
                return;
            }
            code = self.code_at(at, code);
            let (start, next) = (self.starts[code] as usize, self.starts[code + 1] as usize);
            // A text that has what stands between texts in it begins at one place only, and ends at one.
            let is_there = match place {
                Place::Anywhere => at > start || sought.is_empty(),
                Place::Beginning => at == start,
                Place::Whole => at == start && at + sought.len() == next + 1,
            };
            if is_there {
                found.set(row(code));
            }
            from = if is_there { next } else { at + 1 };
        }
        work::step((self.text.len() - from) as u64 / 128);
    }

    /// The text in which a byte stands, from one on that is not after it: mostly it is near.
    fn code_at(&self, at: usize, from: usize) -> usize {
        let is_before = |start: &u32| *start as usize <= at;
        let mut reach = 1;
        while self.starts.get(from + reach).is_some_and(is_before) {
            reach *= 2;
        }
        let near = &self.starts[from..self.starts.len().min(from + reach)];
        from + near.partition_point(is_before) - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Texts of few letters, so that they are in each other, with what stands between texts among them.
    fn texts() -> impl Strategy<Value = String> {
        prop_oneof![9 => "[ab]{0,4}", 1 => "[ab\0]{0,5}"]
    }

    proptest! {
        #[test]
        fn what_is_sought_in_all_is_found_as_in_each(
            all in prop::collection::vec(texts(), 0..20),
            sought in prop::collection::vec("[ab]{0,3}", 1..4),
        ) {
            let joined = Joined::of(all.iter().map(|text| Cow::Borrowed(text.as_str()))).unwrap();
            type Holds = fn(&str, &str) -> bool;
            let places: [(Place, Holds); 3] = [
                (Place::Anywhere, |text, part| text.contains(part)),
                (Place::Beginning, |text, part| text.starts_with(part)),
                (Place::Whole, |text, part| text == part),
            ];
            for (place, holds) in places {
                let each = |code: u32| all.get(code as usize).is_some_and(|text| sought.iter().any(|part| holds(text, part)));
                prop_assert_eq!(joined.seek(&sought, place), Some(Bits::of(all.len() + 1, each)));
            }
            prop_assert_eq!(joined.seek([&"\0".to_owned()], Place::Anywhere), None, "it is looked for in each");
        }
    }
}
