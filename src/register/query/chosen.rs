//! What is chosen of a list that was computed of a register: made once for a question, so that its pages cost no more than they show.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::rows::row;
use crate::register::Register;
use crate::register::cache::{CacheEntry, Name};
use crate::work;

/// Positions in a list, in the order asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The positions.
    pub rows: Vec<u32>,
    /// Where each position of the list stands among them; `u32::MAX` for those that were not chosen.
    ranks: Vec<u32>,
}

/// Names a register for what is kept of it.
struct State(AtomicU64);

impl Chosen {
    /// These positions of a list of so many.
    pub fn new(rows: Vec<u32>, of: usize) -> Self {
        let mut ranks = vec![u32::MAX; of];
        work::step(rows.len() as u64 / 4);
        for (rank, at) in rows.iter().enumerate() {
            ranks[*at as usize] = row(rank);
        }
        Self { rows, ranks }
    }

    /// What was chosen for that question, whose whole hash it is; made by whoever asks first, and kept while there is room.
    pub fn of(register: &Register, question: [u8; 32], make: impl FnOnce() -> Self) -> Arc<Self> {
        register.cache.get(Name::Chosen(Self::state(register).load(Ordering::Relaxed), question), make)
    }

    /// Has everybody who asks from now on choose anew: for those who measure what that takes.
    pub fn forget(register: &Register) {
        Self::state(register).store(register.cache.stamp(), Ordering::Relaxed);
    }

    fn state(register: &Register) -> &AtomicU64 {
        let State(state) = register.memo(|register| State(register.cache.stamp().into()));
        state
    }

    /// Where a position of the list stands among those chosen; none when it was not chosen.
    pub fn rank(&self, at: usize) -> Option<usize> {
        self.ranks.get(at).filter(|rank| **rank != u32::MAX).map(|rank| *rank as usize)
    }
}

impl CacheEntry for Chosen {
    fn bytes(&self) -> usize {
        size_of::<Self>() + (self.rows.capacity() + self.ranks.capacity()) * size_of::<u32>()
    }
}
