//! What stands where in a large commit, so that a few of its changes can be read without the others.

use super::bytes::CodecError;
use super::entry::{CHANGE_STEPS, Commit, take_change, take_commit_head};
use crate::model::{Key, Kind};
use crate::register::Change;
use crate::work;

/// Between so many changes there is a mark.
const BETWEEN_MARKS: u32 = 64;

/// A commit without its changes, and where they stand.
#[derive(Debug)]
pub struct Outline {
    /// Its head.
    pub head: Commit,
    /// How many changes it has.
    pub count: u32,
    /// Changes in their order, one of each [`BETWEEN_MARKS`], and the first of each kind.
    marks: Vec<OutlineEntry>,
}

#[derive(Debug)]
struct OutlineEntry {
    kind: Kind,
    key: Key,
    /// Place among the changes.
    number: u32,
    /// Where it begins in the entry.
    at: u64,
}

/// Some changes that stand together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// Where they begin in the entry.
    pub from: u64,
    /// Where they end at the latest.
    pub to: u64,
}

impl Outline {
    /// Reads where the changes of an entry stand; none when they are not in the order of their kinds and keys, in which every
    /// commit writes them.
    ///
    /// # Errors
    /// When the bytes are damaged, of a later version, or no commit.
    pub fn of(bytes: &[u8]) -> Result<Option<Self>, CodecError> {
        let (head, count, mut rest) = take_commit_head(bytes)?;
        let mut marks: Vec<OutlineEntry> = Vec::new();
        let mut last: Option<(Kind, Key)> = None;
        for number in 0..count {
            work::step(CHANGE_STEPS);
            let at = (bytes.len() - rest.len()) as u64;
            let Change { kind, key, .. } = take_change(&mut rest, head.revision)?;
            if last.as_ref().is_some_and(|last| (last.0, &last.1) >= (kind, &key)) {
                return Ok(None);
            }
            if number % BETWEEN_MARKS == 0 || last.as_ref().is_some_and(|last| last.0 != kind) {
                marks.push(OutlineEntry { kind, key: key.clone(), number, at });
            }
            last = Some((kind, key));
        }
        Ok(Some(Self { head, count, marks }))
    }

    /// How many bytes it takes, about.
    pub fn bytes(&self) -> usize {
        self.marks.iter().map(|mark| size_of::<OutlineEntry>() + mark.key.as_str().len()).sum::<usize>() + 1_024
    }

    /// How many changes are of these kinds; all when none is named.
    pub fn count_of(&self, kinds: &[Kind]) -> u32 {
        self.runs(kinds).map(|(first, end)| end - first).sum()
    }

    /// For each of these kinds the numbers of its first change and of the one after its last.
    fn runs(&self, kinds: &[Kind]) -> impl Iterator<Item = (u32, u32)> {
        let of_kind = |kind: &Kind| {
            let first = self.marks.partition_point(|mark| mark.kind < *kind);
            let after = self.marks.partition_point(|mark| mark.kind <= *kind);
            let number = |at: usize| self.marks.get(at).map_or(self.count, |mark| mark.number);
            (number(first), number(after))
        };
        let mut kinds = if kinds.is_empty() { Kind::ALL.to_vec() } else { kinds.to_vec() };
        kinds.sort_unstable();
        kinds.dedup();
        kinds.into_iter().map(move |kind| of_kind(&kind))
    }

    /// Where the change of a record stands, if there is one: among a few.
    pub fn find(&self, kind: Kind, key: &Key) -> Option<Range> {
        let after = self.marks.partition_point(|mark| (mark.kind, &mark.key) <= (kind, key));
        let mark = self.marks.get(after.checked_sub(1)?)?;
        Some(Range { from: mark.at, to: self.at(after) })
    }

    /// Where the first changes of these kinds stand, at least so many of them.
    pub fn first_of(&self, kinds: &[Kind], count: u32) -> Vec<Range> {
        let mut left = count;
        let mut ranges: Vec<Range> = Vec::new();
        for (first, end) in self.runs(kinds) {
            let end = end.min(first.saturating_add(left));
            if first >= end {
                continue;
            }
            left -= end - first;
            let begin = self.marks.partition_point(|mark| mark.number < first);
            let after = self.marks.partition_point(|mark| mark.number < end);
            let range = Range { from: self.at(begin), to: self.at(after) };
            match ranges.last_mut() {
                Some(last) if last.to == range.from => last.to = range.to,
                _ => ranges.push(range),
            }
        }
        ranges
    }

    fn at(&self, mark: usize) -> u64 {
        self.marks.get(mark).map_or(u64::MAX, |mark| mark.at)
    }

    /// Reads the changes that stand in some bytes of the entry, as a range says.
    ///
    /// # Errors
    /// When the bytes are damaged.
    pub fn changes(&self, mut bytes: &[u8]) -> Result<Vec<Change>, CodecError> {
        let mut changes = Vec::new();
        while !bytes.is_empty() {
            work::step(CHANGE_STEPS);
            changes.push(take_change(&mut bytes, self.head.revision)?);
        }
        Ok(changes)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Counts, commit_pieces};
    use super::*;
    use crate::model::{Document, Link, Organisation, Record};
    use crate::register::Node;

    fn change(kind: Kind, number: u32) -> Change {
        let key = Key::parse(&format!("r-{number:05}")).unwrap();
        let record: Record = match kind {
            Kind::Organisation => Organisation {
                key: key.clone(),
                name: "N".into(),
                abbreviation: None,
                printed: None,
                namespace: None,
                parent_key: None,
                year_start: None,
            }
            .into(),
            _ => Document {
                key: key.clone(),
                title: "T".into(),
                organisation_key: Link::new(key.clone()),
                date: None,
                pages: None,
                language: None,
                address: None,
                licence: None,
                retrieved: None,
                sha256: None,
            }
            .into(),
        };
        let after = Some(std::sync::Arc::new(Node::new(record, 7)));
        Change { kind, key, deleted_at: None, before: None, after }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn what_is_read_in_parts_is_what_stands_there(
            organisations in 0..300u32,
            documents in 0..300u32,
            picks in prop::collection::vec((any::<bool>(), 0..330u32), 0..20),
            first in 0..400u32,
        ) {
            let organisations = (0..organisations).map(|number| change(Kind::Organisation, number));
            let documents = (0..documents).map(|number| change(Kind::Document, number));
            let mut changes: Vec<Change> = organisations.chain(documents).collect();
            changes.sort_by(|a, b| (a.kind, &a.key).cmp(&(b.kind, &b.key)));
            let commit = Commit {
                revision: 7,
                committed_at_ms: 1,
                author: "a".into(),
                reason: "r".into(),
                counts: Counts::default(),
                idempotency: None,
                changes,
            };
            let bytes: Vec<u8> = commit_pieces(&commit).flatten().collect();
            let outline = Outline::of(&bytes).unwrap().unwrap();
            let read = |range: Range| {
                let end = usize::try_from(range.to).unwrap_or(usize::MAX).min(bytes.len());
                outline.changes(&bytes[usize::try_from(range.from).unwrap()..end]).unwrap()
            };
            for (of_documents, number) in picks {
                let kind = if of_documents { Kind::Document } else { Kind::Organisation };
                let wanted = change(kind, number);
                let is_it = |it: &&Change| it.kind == kind && it.key == wanted.key;
                let expected = commit.changes.iter().any(|it| is_it(&it));
                let near = outline.find(kind, &wanted.key).map(read).unwrap_or_default();
                prop_assert!(near.len() <= 64);
                prop_assert_eq!(near.iter().any(|it| is_it(&it)), expected);
            }
            for kinds in [&[][..], &[Kind::Document], &[Kind::Organisation, Kind::Document], &[Kind::Measure]] {
                let of_kinds = |it: &&Change| kinds.is_empty() || kinds.contains(&it.kind);
                let expected: Vec<&Key> = commit.changes.iter().filter(of_kinds).map(|it| &it.key).collect();
                prop_assert_eq!(outline.count_of(kinds) as usize, expected.len());
                let read: Vec<Change> = outline.first_of(kinds, first).into_iter().flat_map(read).collect();
                let found: Vec<&Key> = read.iter().filter(of_kinds).map(|it| &it.key).take(first as usize).collect();
                prop_assert_eq!(&found[..], &expected[..expected.len().min(first as usize)]);
                prop_assert!(read.len() <= first as usize + 64 * 2);
            }
        }
    }
}
