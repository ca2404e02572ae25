//! A set of rows.

use super::rows::row;
use crate::work;

/// A set of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bits {
    words: Vec<u64>,
    count: usize,
}

impl Bits {
    /// The rows of which this holds, of so many.
    pub fn of(count: usize, holds: impl Fn(u32) -> bool) -> Self {
        let word = |first: usize| {
            work::step(2);
            let rows = first..count.min(first + 64);
            rows.fold(0, |word, at| word | (u64::from(holds(row(at))) << (at - first)))
        };
        Self { words: (0..count).step_by(64).map(word).collect(), count }
    }

    /// No row of so many.
    pub fn none(count: usize) -> Self {
        Self { words: vec![0; count.div_ceil(64)], count }
    }

    /// Whether a row is in it.
    pub fn has(&self, row: u32) -> bool {
        self.words[row as usize / 64] >> (row % 64) & 1 == 1
    }

    /// Puts a row into it.
    pub fn set(&mut self, row: u32) {
        self.words[row as usize / 64] |= 1 << (row % 64);
    }

    /// How many rows are in it.
    pub fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether no row is in it.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// The rows in it.
    pub fn rows(&self) -> impl Iterator<Item = u32> {
        self.words.iter().enumerate().flat_map(|(index, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let at = (left != 0).then(|| left.trailing_zeros())?;
                left &= left - 1;
                Some(row(index * 64) + at)
            })
        })
    }

    /// The rows that are in both.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word &= other);
        self
    }

    /// The rows that are in any.
    #[must_use]
    pub fn or(mut self, other: &Self) -> Self {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word |= other);
        self
    }

    /// The rows that are not in it.
    #[must_use]
    pub fn not(mut self) -> Self {
        self.words.iter_mut().for_each(|word| *word = !*word);
        if let (Some(last), rest @ 1..) = (self.words.last_mut(), self.count % 64) {
            *last &= (1 << rest) - 1;
        }
        self
    }
}
