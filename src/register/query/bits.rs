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
            let mut held = [0; 64];
            for (held, at) in held.iter_mut().zip(first..count) {
                *held = u8::from(holds(row(at)));
            }
            packed(&held)
        };
        Self { words: (0..count).step_by(64).map(word).collect(), count }
    }

    /// The rows whose number is one of so many from one on. It takes a quarter of the time, because no row waits for the one before it.
    pub fn within(numbers: &[u32], start: u32, length: u32) -> Self {
        let word = |rows: &[u32]| {
            work::step(1);
            let mut holds = [0; 64];
            for (holds, number) in holds.iter_mut().zip(rows) {
                *holds = u8::from(number.wrapping_sub(start) < length);
            }
            packed(&holds)
        };
        Self { words: numbers.chunks(64).map(word).collect(), count: numbers.len() }
    }

    /// The same with one row more, which is in it or not.
    #[must_use]
    pub fn with_one_more(mut self, is_in: bool) -> Self {
        self.count += 1;
        self.words.resize(self.count.div_ceil(64), 0);
        if is_in {
            self.set(row(self.count - 1));
        }
        self
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

    /// How many rows there are, in it or not.
    pub fn count(&self) -> usize {
        self.count
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

    /// Those of its rows of which this holds.
    #[must_use]
    pub fn filtered(mut self, holds: impl Fn(u32) -> bool) -> Self {
        for (index, word) in self.words.iter_mut().enumerate() {
            let mut left = *word;
            while left != 0 {
                let bit = left.trailing_zeros();
                left &= left - 1;
                work::step(1);
                *word &= !(u64::from(!holds(row(index * 64) + bit)) << bit);
            }
        }
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

/// Sixty-four bytes, each one or nothing, as bits.
fn packed(holds: &[u8; 64]) -> u64 {
    let (eights, _) = holds.as_chunks::<8>();
    let word = |(index, eight): (usize, &[u8; 8])| {
        // Each byte comes to stand at its bit of the highest one.
        let bits = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        bits << (8 * index)
    };
    eights.iter().enumerate().map(word).fold(0, std::ops::BitOr::bitor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rows_are_told_many_at_a_time_as_they_are_one_by_one(
            numbers in prop::collection::vec(prop_oneof![0..9u32, Just(u32::MAX)], 0..200),
            start in 0..9u32,
            length in 0..9u32,
            odd in any::<bool>(),
        ) {
            let holds = |at: u32| (start..start + length).contains(&numbers[at as usize]);
            let all = Bits::of(numbers.len(), holds);
            prop_assert_eq!(&Bits::within(&numbers, start, length), &all);
            let some = |at: u32| (at % 2 == 1) == odd;
            let both = Bits::of(numbers.len(), |at| holds(at) && some(at));
            prop_assert_eq!(all.filtered(some), both);
        }
    }
}
