//! What is worked out of a large register once and kept for the next question: columns, ways, orders. Shared by all registers
//! that share the tables they were made of, made when they are first needed, and dropped when they are too much or too old.

use std::any::{Any, TypeId};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::work;

/// Bytes that all of it may take together.
const BYTES_MAX: usize = 256 << 20;

/// Names a table as it was between two changes of it.
pub type TableVersion = u64;

/// What is kept, by what it was made of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Name {
    /// The rows of a table.
    Rows(TableVersion),
    /// The values at the end of a path.
    Column(TableVersion, Vec<usize>),
    /// The ways of a relation, by its number.
    Links(TableVersion, TableVersion, usize),
    /// The ways of a field of a value.
    Inner(TableVersion, TableVersion, Vec<usize>),
    /// An order: paths, each up or down.
    Sorted(TableVersion, Vec<(Vec<usize>, bool)>),
    /// The distinct texts at the end of a path.
    Texts(TableVersion, Vec<usize>),
    /// What has that name, in an order.
    Ranked(Box<Name>, Vec<(Vec<usize>, bool)>),
    /// Which of the distinct values at the end of a path match a predicate, by what that says.
    Passing(TableVersion, Vec<usize>, String),
    /// The numbers at the end of a path, ready to be added.
    Numbers(TableVersion, Vec<usize>),
    /// A value that was computed of the records of one table, by its type.
    Computed(TableVersion, TypeId),
}

impl Name {
    fn stamps(&self) -> [TableVersion; 2] {
        match self {
            Self::Rows(of)
            | Self::Column(of, _)
            | Self::Sorted(of, _)
            | Self::Texts(of, _)
            | Self::Passing(of, _, _)
            | Self::Numbers(of, _)
            | Self::Computed(of, _) => [*of; 2],
            Self::Ranked(of, _) => of.stamps(),
            Self::Links(from, to, _) | Self::Inner(from, to, _) => [*from, *to],
        }
    }
}

/// Something that is kept.
pub trait CacheEntry: Any + Send + Sync {
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
    /// How often something was carried over from one version of a table to a later one.
    #[cfg(test)]
    carried: AtomicU64,
    /// Versions of tables that the newest register does not have any more, but leads back to.
    old: Mutex<HashSet<TableVersion>>,
}

impl Cache {
    /// A stamp that no table has.
    pub fn stamp(&self) -> TableVersion {
        self.stamps.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn slots(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What has that name; made when it is not there. Who asks while somebody else makes it waits for that.
    pub fn get<T: CacheEntry>(&self, name: Name, make: impl FnOnce() -> T) -> Arc<T> {
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

    /// How often something was carried over.
    #[cfg(test)]
    pub fn carried(&self) -> u64 {
        self.carried.load(Ordering::Relaxed)
    }

    /// What has that name, if it is made.
    pub fn peek<T: CacheEntry>(&self, name: &Name) -> Option<Arc<T>> {
        let made = Arc::clone(&self.slots().by_name.get(name)?.made);
        Arc::clone(made.get()?).downcast().ok()
    }

    /// The newest register has other versions of these tables. What was made of them stays until it is carried over, as long as
    /// the newest register leads back to them.
    pub fn superseded(&self, stamps: &[TableVersion], leads_back_to: impl FnOnce() -> HashSet<TableVersion>) {
        let mut old = self.old.lock().unwrap_or_else(PoisonError::into_inner);
        old.extend(stamps);
        // Mostly nothing was asked of a table between two commits of it.
        let kept: HashSet<TableVersion> = self.slots().by_name.keys().flat_map(Name::stamps).collect();
        old.retain(|stamp| kept.contains(stamp));
        if old.is_empty() {
            return;
        }
        let there = leads_back_to();
        let gone: Vec<TableVersion> = old.iter().copied().filter(|stamp| !there.contains(stamp)).collect();
        old.retain(|stamp| there.contains(stamp));
        drop(old);
        let slots = &mut *self.slots();
        let of_gone = |name: &&Name| name.stamps().iter().any(|stamp| gone.contains(stamp));
        let names: Vec<Name> = slots.by_name.keys().filter(of_gone).cloned().collect();
        names.iter().for_each(|name| slots.forget(name));
    }

    /// Nobody keeps the list of that stamp any more.
    pub fn forget(&self, stamp: TableVersion) {
        let slots = &mut *self.slots();
        let names: Vec<Name> = slots.by_name.keys().filter(|name| name.stamps().contains(&stamp)).cloned().collect();
        names.iter().for_each(|name| slots.forget(name));
    }

    /// What has that name was carried over to a later version: it goes, unless it is of the newest register. What is known
    /// to be past goes in any case.
    pub fn replaced(&self, name: &Name, is_past: bool) {
        #[cfg(test)]
        self.carried.fetch_add(1, Ordering::Relaxed);
        let old = self.old.lock().unwrap_or_else(PoisonError::into_inner);
        if is_past || name.stamps().iter().any(|stamp| old.contains(stamp)) {
            self.slots().forget(name);
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
