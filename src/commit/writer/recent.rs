//! The changes of the latest commits, to compare with what others looked at meanwhile.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::register::{Change, Footprint, Revision};

/// Changes that are remembered together.
const RECENT_CHANGES: usize = 20_000;

/// The latest commits.
#[derive(Default)]
pub struct Recent {
    commits: VecDeque<(Revision, Arc<Vec<Change>>)>,
    changes: usize,
}

impl Recent {
    /// Remembers a commit.
    pub fn push(&mut self, revision: Revision, changes: &Arc<Vec<Change>>) {
        self.changes += changes.len();
        self.commits.push_back((revision, Arc::clone(changes)));
        while self.changes > RECENT_CHANGES {
            self.changes -= self.commits.pop_front().map_or(self.changes, |(_, changes)| changes.len());
        }
    }

    /// Forgets the commits after that revision: they were not written.
    pub fn forget_after(&mut self, revision: Revision) {
        while self.commits.back().is_some_and(|(last, _)| *last > revision) {
            self.changes -= self.commits.pop_back().map_or(0, |(_, changes)| changes.len());
        }
    }

    /// Whether nothing that was looked at changed after that revision, as far as that is remembered.
    pub fn leaves(&self, footprint: &Footprint, base: Revision, head: Revision) -> bool {
        let since = || self.commits.iter().rev().take_while(|(revision, _)| *revision > base);
        since().count() as u64 == head - base
            && !since().any(|(_, changes)| changes.iter().any(|change| footprint.is_touched_by(change)))
    }
}
