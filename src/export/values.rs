//! Computed values that go out, in the order in which they do.

use std::sync::Arc;

use crate::analysis::listing::Rows;
use crate::model::value::AnyComposite;
use crate::work;

/// What it costs to write a value into a file, in records looked at.
const VALUE_STEPS: u64 = 100;

/// Values of a list, one after the other.
#[derive(Clone)]
pub struct Computed {
    /// The list.
    pub rows: Arc<dyn Rows>,
    /// Which of its rows, in which order; all in the list's own where nothing is said.
    pub chosen: Option<Arc<[u32]>>,
}

impl Computed {
    /// How many values go out.
    pub fn count(&self) -> usize {
        self.chosen.as_ref().map_or_else(|| self.rows.count(), |chosen| chosen.len())
    }

    /// The value at a place.
    pub fn get(&self, at: usize) -> Option<&dyn AnyComposite> {
        work::step(VALUE_STEPS);
        match &self.chosen {
            Some(chosen) => self.rows.row(*chosen.get(at)?),
            None => self.rows.row(u32::try_from(at).ok()?),
        }
    }

    /// All of them, in their order.
    pub fn all(&self) -> impl Iterator<Item = &dyn AnyComposite> {
        (0..self.count()).filter_map(|at| self.get(at))
    }
}
