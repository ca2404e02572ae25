//! Codes in an order of the rows that they are of.

use std::ops::Range;

use super::bits::Bits;
use super::rows::Listed;
use super::sorted::Sorted;
use crate::register::cache::CacheEntry;
use crate::work;

/// So many rows are told together.
const TOGETHER: u32 = 1 << 12;

/// Codes in an order of the rows that they are of. Rows that follow each other in an order stand anywhere in a column, so that going through them
/// there waits for memory at each; here they follow each other.
pub struct Ranked(Vec<u32>);

impl CacheEntry for Ranked {
    fn bytes(&self) -> usize {
        self.0.len() * 4 + 64
    }
}

impl Ranked {
    /// The codes of rows in that order.
    pub fn make<L: Listed>(codes: &[u32], sorted: &Sorted<L>) -> Self {
        work::step(codes.len() as u64 / 8);
        Self(sorted.rows.iter().map(|at| codes[*at as usize]).collect())
    }

    /// The first or the last so many of these ranks whose code is chosen, in order.
    pub fn pick(&self, ranks: Range<u32>, size: usize, from_end: bool, chosen: impl Fn(&[u32]) -> Bits) -> Vec<u32> {
        let mut found: Vec<u32> = Vec::new();
        let Range { mut start, mut end } = ranks;
        while start < end && found.len() < size {
            let part =
                if from_end { start.max(end.saturating_sub(TOGETHER))..end } else { start..end.min(start + TOGETHER) };
            if from_end {
                end = part.start
            } else {
                start = part.end
            }
            let bits = chosen(&self.0[part.start as usize..part.end as usize]);
            let left = size - found.len();
            if from_end {
                let mut all: Vec<u32> = bits.rows().collect();
                all.drain(..all.len().saturating_sub(left));
                found.extend(all.iter().rev().map(|at| part.start + at));
            } else {
                found.extend(bits.rows().take(left).map(|at| part.start + at));
            }
        }
        if from_end {
            found.reverse();
        }
        found
    }
}
