//! What is worked out of a large register once and kept for the next question: columns, ways, orders. Shared by all registers
//! that share the tables they were made of, made when they are first needed, and dropped when they are too much or too old.

use std::any::Any;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::work;

/// Bytes that all of it may take together.
const BYTES_MAX: usize = 256 << 20;

/// Names a table as it was between two changes of it.
pub type Stamp = u64;

/// What is kept, by what it was made of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Name {
    /// The rows of a table.
    Rows(Stamp),
    /// The values at the end of a path.
    Column(Stamp, Vec<usize>),
    /// The ways of a relation, by its number.
    Links(Stamp, Stamp, usize),
    /// The ways of a field of a value.
    Inner(Stamp, Stamp, Vec<usize>),
    /// An order: paths, each up or down.
    Sorted(Stamp, Vec<(Vec<usize>, bool)>),
    /// The numbers at the end of a path, ready to be added.
    Numbers(Stamp, Vec<usize>),
}

impl Name {
    fn is_of(&self, stamp: Stamp) -> bool {
        match self {
            Self::Rows(of) | Self::Column(of, _) | Self::Sorted(of, _) | Self::Numbers(of, _) => *of == stamp,
            Self::Links(from, to, _) | Self::Inner(from, to, _) => *from == stamp || *to == stamp,
        }
    }
}

/// Something that is kept.
pub trait Kept: Any + Send + Sync {
    /// How many bytes it takes, about.
    fn bytes(&self) -> usize;
}

#[derive(Default)]
struct Slot {
    made: Arc<OnceLock<Arc<dyn Any + Send + Sync>>>,
    bytes: usize,
    used: u64,
}

#[derive(Default)]
struct Slots {
    by_name: HashMap<Name, Slot, foldhash::fast::RandomState>,
    bytes: usize,
    uses: u64,
}

/// What is kept.
#[derive(Default)]
pub struct Cache {
    slots: Mutex<Slots>,
    stamps: AtomicU64,
}

impl Cache {
    /// A stamp that no table has.
    pub fn stamp(&self) -> Stamp {
        self.stamps.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn slots(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What has that name; made when it is not there. Who asks while somebody else makes it waits for that.
    pub fn get<T: Kept>(&self, name: Name, make: impl FnOnce() -> T) -> Arc<T> {
        let made = {
            let slots = &mut *self.slots();
            slots.uses += 1;
            let slot = slots.by_name.entry(name.clone()).or_default();
            slot.used = slots.uses;
            Arc::clone(&slot.made)
        };
        if made.get().is_none() {
            work::long();
        }
        let mut bytes = 0;
        let found = made.get_or_init(|| {
            let value = make();
            bytes = value.bytes();
            Arc::new(value)
        });
        let found = Arc::clone(found).downcast::<T>().expect("a name says what is kept under it");
        if bytes > 0 {
            self.keep(&name, bytes);
        }
        found
    }

    /// Counts what was made, and makes room for it: what was not used for longest goes.
    fn keep(&self, name: &Name, bytes: usize) {
        let slots = &mut *self.slots();
        let Some(slot) = slots.by_name.get_mut(name) else { return };
        slot.bytes = bytes;
        slots.bytes += bytes;
        while slots.bytes > BYTES_MAX {
            let made = slots.by_name.iter().filter(|(_, slot)| slot.bytes > 0);
            let Some(oldest) = made.min_by_key(|(_, slot)| slot.used).map(|(name, _)| name.clone()) else { return };
            slots.forget(&oldest);
        }
    }

    /// Drops what was made of these tables.
    pub fn forget(&self, stamps: &[Stamp]) {
        let slots = &mut *self.slots();
        let names = slots.by_name.keys().filter(|name| stamps.iter().any(|stamp| name.is_of(*stamp)));
        for name in names.cloned().collect::<Vec<_>>() {
            slots.forget(&name);
        }
    }
}

impl Slots {
    fn forget(&mut self, name: &Name) {
        if let Some(slot) = self.by_name.remove(name) {
            self.bytes -= slot.bytes;
        }
    }
}
