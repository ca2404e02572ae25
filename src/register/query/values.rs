//! Lists of values that were computed of a register, asked by columns as its tables are.

use std::sync::Arc;

use super::Row;
use super::bits::Bits;
use super::columnar::Columnar;
use super::delta::Delta;
use super::filter::Filter;
use super::links::Links;
use super::order::Order;
use super::rows::Listed;
use super::selection::Selection;
use crate::model::value::AnyComposite;
use crate::register::cache::{Cache, TableVersion};
use crate::register::relation::Relation;
use crate::register::{Register, Revision};
use crate::work;

/// So many earlier lists are remembered of which things may be carried over.
const EARLIER_MAX: usize = 16;

/// A list of values, in an order of its own. A later one shares those that did not change.
#[derive(Debug)]
pub struct Values<V> {
    all: imbl::Vector<Arc<V>>,
    stamp: TableVersion,
    /// The register that it was made of.
    revision: Revision,
    /// Earlier lists, the latest first, and how this one came out of each.
    trail: Vec<(TableVersion, Arc<Delta>)>,
}

/// A list as whoever made it keeps it: what is made of it, which holds it too, goes with this.
pub struct Kept<V> {
    values: Arc<Values<V>>,
    cache: Arc<Cache>,
}

impl<V> Kept<V> {
    /// A list of these.
    pub fn new(register: &Register, all: impl IntoIterator<Item = V>) -> Self {
        Self::of(register, all.into_iter().map(Arc::new).collect(), Vec::new())
    }

    /// The list that came out of an earlier one in that way, with those that are new.
    pub fn after(register: &Register, earlier: &Values<V>, delta: Delta, new: impl IntoIterator<Item = V>) -> Self {
        let (all, delta) = (delta.applied(&earlier.all, new.into_iter().map(Arc::new)), Arc::new(delta));
        // Who asks of a past state takes nothing away from those who ask of the present one.
        if register.revision() < earlier.revision {
            return Self::of(register, all, Vec::new());
        }
        let before = earlier.trail.iter().map(|(stamp, way)| (*stamp, Arc::new(way.then(&delta))));
        let trail = std::iter::once((earlier.stamp, Arc::clone(&delta))).chain(before);
        Self::of(register, all, trail.filter(|(_, way)| way.is_small()).take(EARLIER_MAX).collect())
    }

    fn of(register: &Register, all: imbl::Vector<Arc<V>>, trail: Vec<(TableVersion, Arc<Delta>)>) -> Self {
        let cache = Arc::clone(&register.cache);
        let values = Values { all, stamp: cache.stamp(), revision: register.revision(), trail };
        Self { values: Arc::new(values), cache }
    }

    /// The list.
    pub fn values(&self) -> &Arc<Values<V>> {
        &self.values
    }
}

impl<V> Drop for Kept<V> {
    fn drop(&mut self) {
        self.cache.forget(self.values.stamp);
    }
}

impl<V> std::fmt::Debug for Kept<V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} values", self.values.all.len())
    }
}

/// A type of values of which lists can be asked.
pub trait Listable: AnyComposite + Send + Sync + 'static {}
impl<V: AnyComposite + Send + Sync + 'static> Listable for V {}

impl<V: Listable> Listed for Values<V> {
    fn count(&self) -> usize {
        self.all.len()
    }
    fn row(&self, at: u32) -> Row<'_> {
        Row::Value(&*self.all[at as usize])
    }
    fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.all.iter().map(|value| Row::Value(&**value))
    }
}

impl<V: Listable> Values<V> {
    /// How many there are.
    #[expect(clippy::len_without_is_empty, reason = "nobody asks whether there are none")]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// The value of a row.
    pub fn get(&self, at: u32) -> Option<&V> {
        self.all.get(at as usize).map(|value| &**value)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &V> {
        self.all.iter().map(|value| &**value)
    }

    /// Chooses among them, and orders them. `part` has those that are looked at at all.
    pub fn select(
        self: &Arc<Self>,
        register: &Register,
        part: Option<&dyn Fn(&V) -> bool>,
        filter: Option<&Filter>,
        order: &Order,
    ) -> Selection<Self> {
        let part = part.map(|has| {
            Bits::of(self.len(), |at| {
                work::step(1);
                has(&self.all[at as usize])
            })
        });
        Selection::among(Version { register, values: self }, part.as_ref(), filter, order)
    }
}

/// A list of values with the register that it is of.
struct Version<'r, V> {
    register: &'r Register,
    values: &'r Arc<Values<V>>,
}

impl<V> Clone for Version<'_, V> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<V> Copy for Version<'_, V> {}

impl<'r, V: Listable> Columnar<'r> for Version<'r, V> {
    type List = Values<V>;

    fn register(self) -> &'r Register {
        self.register
    }
    fn stamp(self) -> TableVersion {
        self.values.stamp
    }
    fn list(self) -> Arc<Values<V>> {
        Arc::clone(self.values)
    }
    fn earlier(self) -> impl Iterator<Item = TableVersion> {
        self.values.trail.iter().map(|(stamp, _)| *stamp)
    }
    fn since(self, _: &Values<V>, stamp: TableVersion) -> Option<Arc<Delta>> {
        self.values.trail.iter().find(|(known, _)| *known == stamp).map(|(_, way)| Arc::clone(way))
    }
    fn is_past(self, stamp: TableVersion) -> bool {
        stamp != self.values.stamp
    }
    fn related(self, _: &'static Relation) -> Option<Arc<Links<Values<V>>>> {
        None
    }
}
