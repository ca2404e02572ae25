//! What was computed of several tables, kept for all registers that come of one another.

use std::any::{Any, TypeId};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::cache::TableVersion;
use super::node::Revision;
use crate::model::Kind;

/// So many are kept of a type: that of the newest register, and of one that somebody still reads while it comes.
const KEPT_MAX: usize = 2;

/// Tables, as they were when something was computed of them.
pub type Tables = Vec<(Kind, TableVersion)>;

struct Entry {
    of: TypeId,
    revision: Revision,
    tables: Tables,
    value: Arc<dyn Any + Send + Sync>,
}

/// What was computed last. Shared by all registers that come of one another.
#[derive(Default)]
pub struct Derived(Mutex<Vec<Entry>>);

impl Derived {
    fn entries(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What there is of a type, the latest first.
    pub fn of<T: Any + Send + Sync>(&self) -> Vec<(Tables, Arc<T>)> {
        let of = |entry: &Entry| Some((entry.tables.clone(), Arc::clone(&entry.value).downcast().ok()?));
        self.entries().iter().filter(|entry| entry.of == TypeId::of::<T>()).filter_map(of).collect()
    }

    /// Keeps what was computed of these tables of a register, as one of the latest.
    pub fn keep<T: Any + Send + Sync>(&self, revision: Revision, tables: Tables, value: Arc<T>) {
        let (of, mut left) = (TypeId::of::<T>(), KEPT_MAX);
        let new = Entry { of, revision, tables, value };
        let mut entries = self.entries();
        entries.retain(|entry| entry.of != of || entry.tables != new.tables);
        entries.insert(0, new);
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.revision));
        let gone: Vec<Entry> = entries
            .extract_if(.., |entry| {
                let is_kept = entry.of != of || left > 0;
                left -= usize::from(entry.of == of && is_kept);
                !is_kept
            })
            .collect();
        // What goes may have much to tidy up: not while others wait.
        drop(entries);
        drop(gone);
    }
}
