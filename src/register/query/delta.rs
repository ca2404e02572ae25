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
        if !is_few(steps.len(), earlier.0.len()) {
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
        let mut moves = moves(ends);
        let in_place = gone.iter().map(|(at, _)| at).eq(new.iter());
        if in_place {
            moves.clear();
        }
        let mut by_key: Vec<_> = added.iter().zip(&new).map(|(node, at)| (&node.key, *at)).collect();
        by_key.sort_unstable();
        let again = |(before, key): &(u32, &_)| {
            let found = by_key.binary_search_by(|(other, _)| other.cmp(key)).ok()?;
            Some((*before, by_key[found].1))
        };
        let rewritten = gone.iter().filter_map(again).collect();
        let gone: Vec<u32> = gone.into_iter().map(|(at, _)| at).collect();
        let count = earlier.0.len() - gone.len() + new.len();
        let delta = Self { gone, new, rewritten, moves, count };
        let later = delta.applied(&earlier.0, added.into_iter().cloned());
        Some((delta, Rows(later)))
    }

    /// How a list of so many rows came out of an earlier one, of which these rows are gone while these are new, both in order.
    pub fn between(gone: Vec<u32>, new: Vec<u32>, count: usize) -> Self {
        let mut passed = 0;
        let entered = new.iter().enumerate().map(|(index, at)| {
            // Before which row of the earlier list it stands: as many that stay stand before it in both.
            let stay = *at as usize - index;
            while gone.get(passed).is_some_and(|gone| *gone as usize <= stay + passed) {
                passed += 1;
            }
            (row(stay + passed), 1)
        });
        let ends = entered.chain(gone.iter().map(|at| (at + 1, -1))).collect();
        let moves = if gone == new { Vec::new() } else { moves(ends) };
        Self { gone, new, rewritten: Vec::new(), moves, count }
    }

    /// How a still later list came out of the earlier one, by this way and then by that.
    pub fn then(&self, next: &Self) -> Self {
        let is_new = |at: &u32| self.new.binary_search(at).is_ok();
        let mut gone = self.gone.clone();
        gone.extend(next.gone.iter().filter(|at| !is_new(at)).map(|at| self.came_from(*at)));
        gone.sort_unstable();
        let mut new = next.new.clone();
        new.extend(self.new.iter().filter_map(|at| next.stays(*at)));
        new.sort_unstable();
        Self::between(gone, new, next.count)
    }

    /// The row of the earlier list that stands at a row which is not new.
    fn came_from(&self, at: u32) -> u32 {
        let stay = at - row(self.new.partition_point(|new| *new < at));
        self.nth_that_stays(stay)
    }

    /// The row of the earlier list before which so many stand that stay, and that stays itself.
    fn nth_that_stays(&self, stay: u32) -> u32 {
        self.gone.iter().fold(stay, |at, gone| if *gone <= at { at + 1 } else { at })
    }

    /// Whether it is so little that what was made of the earlier list is better carried over than made anew.
    pub fn is_small(&self) -> bool {
        is_few(self.gone.len().max(self.new.len()), self.count)
    }

    /// The later list: the earlier one with what is new in it, in its order.
    pub fn applied<T: Clone>(&self, earlier: &imbl::Vector<T>, new: impl IntoIterator<Item = T>) -> imbl::Vector<T> {
        let mut later = earlier.clone();
        let places = self.new.iter().map(|at| *at as usize);
        if self.gone == self.new {
            places.zip(new).for_each(|(at, it)| drop(later.set(at, it)));
        } else {
            self.gone.iter().rev().for_each(|at| drop(later.remove(*at as usize)));
            places.zip(new).for_each(|(at, it)| later.insert(at, it));
        }
        later
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

/// Whether so many changes of so many rows are better carried over one by one.
fn is_few(changes: usize, rows: usize) -> bool {
    /// Each row put into the middle costs about as much as making so many anew.
    const ROWS_PER_CHANGE: usize = 500;
    changes.saturating_mul(ROWS_PER_CHANGE) <= rows + 20 * ROWS_PER_CHANGE
}

/// From which row on rows moved by how much, where rows came and went before these.
fn moves(mut ends: Vec<(u32, i64)>) -> Vec<(u32, i64)> {
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
    moves
}
