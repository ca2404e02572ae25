//! What is wrong with rows: all of it is counted, and the first of it is told. A million rows with one fault each must not take a
//! thousand bytes each to say so.

use crate::model::{Problem, Problems};

/// Most problems of one submission that are told; the others are counted, and their rows known.
pub const PROBLEMS_MAX: usize = 10_000;
/// Most problems that are told of what is no row, beside those.
const WHOLE_MAX: usize = 1_000;

/// What is wrong with the rows of a round.
pub(super) struct Findings {
    /// Those that are told.
    pub(super) told: Vec<Problem>,
    /// How many there are.
    pub(super) count: u64,
    /// The rows that have any, in order.
    pub(super) rows: Vec<u32>,
    /// How many are of no row.
    pub(super) whole: usize,
    left: usize,
}

impl Findings {
    /// Nothing so far, of which at most so much is told.
    pub(super) fn new(left: usize) -> Self {
        Self { told: Vec::new(), count: 0, rows: Vec::new(), whole: 0, left }
    }

    /// Adds so many problems of a row.
    pub(super) fn row(&mut self, row: usize, count: usize, problems: impl FnOnce() -> Vec<Problem>) {
        if count == 0 {
            return;
        }
        let row = u32::try_from(row).unwrap_or(u32::MAX);
        if self.rows.last() != Some(&row) {
            self.rows.push(row);
        }
        self.count += count as u64;
        if self.left > 0 {
            let took = self.told.len();
            self.told.extend(problems().into_iter().take(self.left));
            self.left -= self.told.len() - took;
        }
    }

    /// Adds problems that are of no row.
    pub(super) fn whole(&mut self, problems: Problems) {
        let left = WHOLE_MAX.saturating_sub(self.whole);
        self.count += problems.len() as u64;
        self.whole += problems.len();
        self.told.extend(problems.into_vec().into_iter().take(left));
    }
}
