//! The rows of a version of a table as rows of a later one: which stay, and where, which are gone, which are new.

use super::rows::{NONE, Rows, row};
use crate::register::trail::Step;

/// How the rows of a table changed. A record that was written anew counts as gone and new.
#[derive(Debug)]
pub struct Delta {
    /// Rows of the earlier version that are gone, in order.
    gone: Vec<u32>,
    /// Rows of the later version that are new, in order.
    new: Vec<u32>,
    /// Of records that are there before and after: both rows, in the order of the earlier.
    rewritten: Vec<(u32, u32)>,
    /// From which row of the earlier version on rows moved by how much.
    moves: Vec<(u32, i64)>,
    /// How many rows the later version has.
    count: usize,
}

impl Delta {
    /// What these steps do to the rows of the earlier version, and the later version; none when they are so many that it is
    /// better to begin anew.
    pub fn of(earlier: &Rows, steps: &[Step]) -> Option<(Self, Rows)> {
        /// Each row put into the middle costs about as much as making so many anew.
        const ROWS_PER_STEP: usize = 500;
        if steps.len().saturating_mul(ROWS_PER_STEP) > earlier.0.len() + 20 * ROWS_PER_STEP {
            return None;
        }
        let row_of = |node| earlier.0.binary_search_by(|other| other.cmp_place(node)).ok().map(row);
        let mut gone = Vec::new();
        for step in steps {
            if let Some(before) = &step.before {
                gone.push((row_of(before)?, &step.key));
            }
        }
        gone.sort_unstable_by_key(|(at, _)| *at);
        let mut added: Vec<_> = steps.iter().filter_map(|step| step.after.as_ref()).collect();
        added.sort_unstable_by(|a, b| a.cmp_place(b));
        let mut later = earlier.0.clone();
        let (mut new, mut ends) = (Vec::new(), Vec::new());
        for (index, node) in added.iter().enumerate() {
            let at = match earlier.0.binary_search_by(|other| other.cmp_place(node)) {
                Ok(at) | Err(at) => row(at),
            };
            let gone_before = gone.partition_point(|(other, _)| *other < at);
            new.push(row(at as usize - gone_before + index));
            ends.push((at, 1));
        }
        ends.extend(gone.iter().map(|(at, _)| (at + 1, -1)));
        ends.sort_unstable();
        let mut moves: Vec<(u32, i64)> = Vec::new();
        let mut by = 0;
        for (at, change) in ends {
            by += change;
            match moves.last_mut() {
                Some(last) if last.0 == at => last.1 = by,
                _ => moves.push((at, by)),
            }
        }
        let in_place = gone.iter().map(|(at, _)| at).eq(new.iter());
        if in_place {
            moves.clear();
            new.iter().zip(&added).for_each(|(at, node)| drop(later.set(*at as usize, (*node).clone())));
        } else {
            gone.iter().rev().for_each(|(at, _)| drop(later.remove(*at as usize)));
            new.iter().zip(&added).for_each(|(at, node)| later.insert(*at as usize, (*node).clone()));
        }
        let mut by_key: Vec<_> = added.iter().zip(&new).map(|(node, at)| (&node.key, *at)).collect();
        by_key.sort_unstable();
        let again = |(before, key): &(u32, &_)| {
            let found = by_key.binary_search_by(|(other, _)| other.cmp(key)).ok()?;
            Some((*before, by_key[found].1))
        };
        let rewritten = gone.iter().filter_map(again).collect();
        let gone = gone.into_iter().map(|(at, _)| at).collect();
        Some((Self { gone, new, rewritten, moves, count: later.len() }, Rows(later)))
    }

    /// The rows of the earlier version that are gone.
    pub fn gone(&self) -> &[u32] {
        &self.gone
    }

    /// The rows of the later version that are new.
    pub fn new_rows(&self) -> &[u32] {
        &self.new
    }

    /// The rows of the later version whose records were not there before.
    pub fn created(&self) -> impl Iterator<Item = u32> {
        self.new.iter().copied().filter(|at| !self.rewritten.iter().any(|(_, again)| again == at))
    }

    /// Whether each row that stays is where it was.
    pub fn is_in_place(&self) -> bool {
        self.moves.is_empty()
    }

    /// Where a row is whose record is the very same; none when it is not.
    pub fn stays(&self, at: u32) -> Option<u32> {
        if self.gone.binary_search(&at).is_ok() {
            return None;
        }
        let moved = self.moves.partition_point(|(from, _)| *from <= at).checked_sub(1);
        let by = moved.map_or(0, |index| self.moves[index].1);
        Some(u32::try_from(i64::from(at) + by).expect("a row that stays has a place"))
    }

    /// Where the record of a row is, perhaps written anew; none when it is not there any more.
    pub fn leads(&self, at: u32) -> Option<u32> {
        self.stays(at).or_else(|| {
            let found = self.rewritten.binary_search_by_key(&at, |(before, _)| *before).ok()?;
            Some(self.rewritten[found].1)
        })
    }

    /// What each row had, for the rows as they are now; `missing` for those that are new.
    pub fn carried<T: Copy>(&self, old: &[T], missing: T) -> Vec<T> {
        let mut all = Vec::with_capacity(self.count);
        let (mut at, mut gone) = (0, self.gone.iter().map(|at| *at as usize).chain([old.len()]).peekable());
        let ends = self.new.iter().map(|at| *at as usize).chain([self.count]);
        for end in ends {
            while all.len() < end {
                let stop = *gone.peek().expect("the end is the last of them");
                if at == stop {
                    (at, _) = (at + 1, gone.next());
                    continue;
                }
                let count = (stop - at).min(end - all.len());
                all.extend_from_slice(&old[at..at + count]);
                at += count;
            }
            if end < self.count {
                all.push(missing);
            }
        }
        all
    }

    /// Numbers of rows as they are now: of those that are the very same, or wherever the record is.
    pub fn renumber(&self, rows: &mut [u32], where_is: impl Fn(&Self, u32) -> Option<u32>) {
        for at in rows.iter_mut().filter(|at| **at != NONE) {
            *at = where_is(self, *at).unwrap_or(NONE);
        }
    }
}
