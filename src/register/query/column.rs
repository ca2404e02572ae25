//! A column of a table: for each row the place of its value among the distinct values, which are sorted. So a condition is tested
//! once for each distinct value, an order needs no comparison, and a group is a number.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::delta::Delta;
use super::order::SortKey;
use super::rows::{Listed, NONE, Rows, row};
use super::schema::{FieldPath, Leaf};
use crate::model::{Period, View};
use crate::register::cache::CacheEntry;
use crate::work;

/// A value that may stand in many rows.
#[derive(PartialEq, Eq, Hash)]
enum Word<'r> {
    Text(Cow<'r, str>),
    Period(Period),
}

type HashOf<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// So few values that came or went are few.
const FEW: usize = 8;

/// The values at the end of a path, row by row.
pub struct Column<L = Rows> {
    /// The rows that it is of.
    pub rows: Arc<L>,
    /// For each row the place of its value among the distinct values, or [`NONE`].
    pub codes: Vec<u32>,
    /// For each distinct value, in order, the first row that has it.
    pub examples: Vec<u32>,
    /// Tells the distinct values of a version from those of another: it is the same one where no value came and none went.
    pub distinct: Arc<()>,
    before: OnceLock<Vec<usize>>,
}

/// For each of so many numbers how many have a lesser one; then how many have any, and how many there are.
pub fn before(codes: &[u32], distinct: usize) -> Vec<usize> {
    work::step(codes.len() as u64 / 16);
    let mut before = vec![0; distinct + 2];
    codes.iter().for_each(|code| before[(*code as usize).min(distinct) + 1] += 1);
    for at in 1..before.len() {
        before[at] += before[at - 1];
    }
    before
}

impl<L: Listed> CacheEntry for Column<L> {
    fn bytes(&self) -> usize {
        self.codes.len() * 4 + self.examples.len() * 12 + 64
    }
}

impl<L: Listed> Column<L> {
    /// The values at that place of these rows.
    pub fn make(rows: &Arc<L>, place: &FieldPath) -> Self {
        let (codes, examples) = Self::read(rows, place);
        Self { rows: Arc::clone(rows), codes, examples, distinct: Arc::new(()), before: OnceLock::new() }
    }

    fn read(rows: &L, place: &FieldPath) -> (Vec<u32>, Vec<u32>) {
        let views = rows.rows().inspect(|_| work::step(6)).map(|row| row.get(&place.path));
        match place.leaf {
            Leaf::Decimal => Self::of_numbers(views.map(|view| match view {
                View::Decimal(value) => Some(value),
                _ => None,
            })),
            Leaf::Int => Self::of_numbers(views.map(|view| match view {
                View::Int(value) => Some(value),
                _ => None,
            })),
            Leaf::Date => Self::of_numbers(views.map(|view| match view {
                View::Date(value) => Some(value),
                _ => None,
            })),
            Leaf::Text | Leaf::Key | Leaf::Period | Leaf::Enum(_) | Leaf::Boolean => Self::of_words(views, place.leaf),
        }
    }

    /// Numbers are mostly different: all of them are sorted.
    fn of_numbers<T: Ord + Copy>(values: impl Iterator<Item = Option<T>>) -> (Vec<u32>, Vec<u32>) {
        let mut codes = Vec::new();
        let mut sorted = Vec::new();
        for (index, value) in values.enumerate() {
            codes.push(NONE);
            sorted.extend(value.map(|value| (value, row(index))));
        }
        sorted.sort_unstable();
        let mut examples: Vec<u32> = Vec::new();
        let mut last = None;
        for (value, at) in sorted {
            if last.replace(value) != Some(value) {
                examples.push(at);
            }
            codes[at as usize] = row(examples.len() - 1);
        }
        (codes, examples)
    }

    /// Texts mostly repeat: each different one is sorted once.
    fn of_words<'r>(values: impl Iterator<Item = View<'r>>, leaf: Leaf) -> (Vec<u32>, Vec<u32>) {
        let mut known: HashOf<Word<'r>, u32> = HashOf::default();
        let mut codes = Vec::new();
        let mut distinct: Vec<(Option<SortKey>, u32, u32)> = Vec::new();
        for (index, view) in values.enumerate() {
            let word = match &view {
                View::Text(text) => Word::Text(text.clone()),
                View::Enum(word) => Word::Text(Cow::Borrowed(*word)),
                View::Period(period) => Word::Period(**period),
                View::Bool(value) => Word::Text(Cow::Borrowed(if *value { "true" } else { "false" })),
                _ => {
                    codes.push(NONE);
                    continue;
                }
            };
            codes.push(*known.entry(word).or_insert_with(|| {
                let code = row(distinct.len());
                distinct.push((SortKey::of(&view, leaf), code, row(index)));
                code
            }));
        }
        distinct.sort();
        let mut places = vec![0; distinct.len()];
        for (place, (_, code, _)) in distinct.iter().enumerate() {
            places[*code as usize] = row(place);
        }
        for code in codes.iter_mut().filter(|code| **code != NONE) {
            *code = places[*code as usize];
        }
        (codes, distinct.into_iter().map(|(_, _, example)| example).collect())
    }

    /// For each distinct value how many rows have a lesser one; then how many have any, and how many rows there are.
    pub fn before(&self) -> &[usize] {
        self.before.get_or_init(|| before(&self.codes, self.examples.len()))
    }

    /// The same column of a later version of the table.
    pub fn carry(&self, rows: &Arc<L>, delta: &Delta, place: &FieldPath) -> Self {
        work::step(rows.count() as u64 / 32);
        let key = |at: u32| SortKey::of(&rows.row(at).get(&place.path), place.leaf);
        let mut codes = delta.carried(&self.codes, NONE);
        let mut examples = self.examples.clone();
        if !delta.is_in_place() {
            delta.renumber(&mut examples, Delta::stays);
        }
        // A value whose example is gone has another one, or is gone too.
        let mut lost: Vec<u32> = Vec::new();
        for at in delta.gone() {
            let code = self.codes[*at as usize];
            if code != NONE && self.examples[code as usize] == *at {
                examples[code as usize] = NONE;
                lost.push(code);
            }
        }
        for code in &lost {
            examples[*code as usize] = codes.iter().position(|other| other == code).map_or(NONE, row);
        }
        lost.retain(|code| examples[*code as usize] == NONE);
        lost.sort_unstable();
        examples.retain(|at| *at != NONE);
        // The values of new rows: those that others have, and those that are new, each with its place among the others.
        let (mut known, mut fresh) = (Vec::new(), Vec::new());
        for &at in delta.new_rows() {
            let Some(value) = key(at) else { continue };
            let place = examples.partition_point(|example| key(*example).is_some_and(|other| other < value));
            match examples.get(place) {
                Some(example) if key(*example).as_ref() == Some(&value) => {
                    examples[place] = at.min(*example);
                    known.push((at, place));
                }
                _ => fresh.push((place, value, at)),
            }
        }
        fresh.sort_by(|a, b| (&a.1, a.2).cmp(&(&b.1, b.2)));
        let mut placed: Vec<(u32, u32)> = Vec::with_capacity(delta.new_rows().len());
        let mut starts: Vec<usize> = Vec::new();
        let mut all = Vec::with_capacity(examples.len() + fresh.len());
        let mut done = 0;
        let mut last: Option<&SortKey> = None;
        for (place, value, at) in &fresh {
            if last != Some(value) {
                all.extend_from_slice(&examples[done..*place]);
                all.push(*at);
                starts.push(*place);
                (done, last) = (*place, Some(value));
            }
            placed.push((*at, row(all.len() - 1)));
        }
        all.extend_from_slice(&examples[done..]);
        // Where a value stands now: without those that are gone, with those that are new.
        let stands = |kept: usize| row(kept + starts.partition_point(|start| *start <= kept));
        placed.extend(known.into_iter().map(|(at, place)| (at, stands(place))));
        if lost.len() + starts.len() <= FEW {
            // A pass over all codes for each is faster than a look into a table for each code.
            for gone in lost.iter().rev() {
                codes.iter_mut().for_each(|code| *code -= u32::from(*code != NONE && *code > *gone));
            }
            for start in starts.iter().rev().map(|start| row(*start)) {
                codes.iter_mut().for_each(|code| *code += u32::from(*code != NONE && *code >= start));
            }
        } else {
            let (mut kept, mut lost) = (0, lost.iter().peekable());
            let number = |code: u32| match lost.next_if(|lost| **lost == code) {
                Some(_) => NONE,
                None => {
                    kept += 1;
                    stands(kept - 1)
                }
            };
            let numbers: Vec<u32> = (0..row(self.examples.len())).map(number).collect();
            let valued = codes.iter_mut().filter(|code| **code != NONE);
            valued.for_each(|code| *code = numbers[*code as usize]);
        }
        placed.into_iter().for_each(|(at, code)| codes[at as usize] = code);
        let is_same = lost.is_empty() && starts.is_empty();
        let distinct = if is_same { Arc::clone(&self.distinct) } else { Arc::new(()) };
        Self { rows: Arc::clone(rows), codes, examples: all, distinct, before: OnceLock::new() }
    }
}
