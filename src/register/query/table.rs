//! A large table by columns: what is made of it, once for each version of it, or carried over from an earlier version.

use std::sync::Arc;

use super::column::Column;
use super::delta::Delta;
use super::links::Links;
use super::order::{Order, OrderDirection};
use super::rows::{Rows, row};
use super::schema::FieldPath;
use super::sorted::Sorted;
use crate::model::{Key, Kind, View};
use crate::register::cache::{CacheEntry, Name, TableVersion};
use crate::register::query::Row;
use crate::register::relation::Relation;
use crate::register::{Node, Register};

/// A table of a register, by columns.
#[derive(Clone, Copy)]
pub struct Table<'r> {
    /// The register.
    pub register: &'r Register,
    /// The kind of its records.
    pub kind: Kind,
}

impl<'r> Table<'r> {
    /// The table of that kind.
    pub fn new(register: &'r Register, kind: Kind) -> Self {
        Self { register, kind }
    }

    fn stamp(self) -> TableVersion {
        self.register.stamp(self.kind)
    }

    fn steps_since(self, rows: &Rows, stamp: TableVersion) -> Option<(Delta, Rows)> {
        Delta::of(rows, &self.register.trail(self.kind).since(stamp))
    }

    /// What has that name; carried over from the latest earlier version that is kept, or else made.
    pub(super) fn get<T: CacheEntry>(
        self,
        name: impl Fn(TableVersion) -> Name,
        rows: fn(&T) -> &Arc<Rows>,
        carry: impl Fn(&T, &Arc<Rows>, &Delta) -> Option<T>,
        make: impl FnOnce(&Arc<Rows>) -> T,
    ) -> Arc<T> {
        let (cache, trail) = (&self.register.cache, self.register.trail(self.kind));
        cache.get(name(self.stamp()), || {
            let own = self.rows();
            let carried = trail.stamps().find_map(|stamp| {
                let earlier = cache.peek::<T>(&name(stamp))?;
                let (delta, _) = self.steps_since(rows(&earlier), stamp)?;
                let carried = carry(&earlier, &own, &delta)?;
                cache.replaced(&name(stamp));
                Some(carried)
            });
            carried.unwrap_or_else(|| make(&own))
        })
    }

    /// Its rows.
    pub fn rows(self) -> Arc<Rows> {
        let (cache, trail) = (&self.register.cache, self.register.trail(self.kind));
        cache.get(Name::Rows(self.stamp()), || {
            let carried = trail.stamps().find_map(|stamp| {
                let earlier = cache.peek::<Rows>(&Name::Rows(stamp))?;
                let (_, rows) = self.steps_since(&earlier, stamp)?;
                cache.replaced(&Name::Rows(stamp));
                Some(rows)
            });
            carried.unwrap_or_else(|| Rows(self.register.all(self.kind).cloned().collect()))
        })
    }

    /// The values at the end of a path.
    pub fn column(self, place: &FieldPath) -> Arc<Column> {
        self.get(
            |stamp| Name::Column(stamp, place.path.clone()),
            |column: &Column| &column.rows,
            |column, rows, delta| Some(column.carry(rows, delta, place)),
            |rows| Column::make(rows, place),
        )
    }

    /// The ways of a relation that begins here.
    pub fn links(self, relation: &'static Relation) -> Arc<Links> {
        let name = |from, to| Name::Links(from, to, relation.number);
        let to = Table::new(self.register, relation.target);
        let sources = |rows: &Rows, key: &Key| {
            let all = self.register.sources(relation, key).iter();
            all.map(|node| self.row_of(rows, &node.key)).collect()
        };
        let target = |rows: &Rows, node: &Node| {
            let mut found = None;
            relation.for_each_target(&node.record, |key| found = to.row_of(rows, &key));
            found
        };
        self.get_links(to, name, sources, target, |from, to| Links::make(from, to, relation))
    }

    /// The ways of a key in a value.
    pub fn inner_links(self, path: &[usize], kind: Kind) -> Arc<Links> {
        let name = |from, to| Name::Inner(from, to, path.to_vec());
        let to = Table::new(self.register, kind);
        let target = |rows: &Rows, node: &Node| match Row::Node(node).get(path) {
            View::Text(key) => to.row_of(rows, &Key::parse(&key).ok()?),
            _ => None,
        };
        // Nobody keeps which values name a record.
        self.get_links(to, name, |_, _| None, target, |from, to| Links::make_inner(from, to, path))
    }

    fn get_links(
        self,
        to: Table<'r>,
        name: impl Fn(TableVersion, TableVersion) -> Name,
        sources: impl Fn(&Rows, &Key) -> Option<Vec<u32>>,
        target: impl Fn(&Rows, &Node) -> Option<u32>,
        make: impl FnOnce(&Arc<Rows>, &Arc<Rows>) -> Links,
    ) -> Arc<Links> {
        let cache = &self.register.cache;
        let (own_stamp, far_stamp) = (self.stamp(), to.stamp());
        cache.get(name(own_stamp, far_stamp), || {
            let (own, far) = (self.rows(), to.rows());
            let (own_trail, far_trail) = (self.register.trail(self.kind), self.register.trail(to.kind));
            let own_stamps = || std::iter::once(own_stamp).chain(own_trail.stamps());
            let mut versions = std::iter::once(far_stamp)
                .chain(far_trail.stamps())
                .flat_map(|far| own_stamps().map(move |own| (own, far)));
            let carried = versions.find_map(|(from, until)| {
                let earlier = cache.peek::<Links>(&name(from, until))?;
                let (own_delta, _) = self.steps_since(&earlier.from, from)?;
                let (far_delta, _) = to.steps_since(&earlier.to, until)?;
                let carried = earlier.carry(
                    (&own, &own_delta),
                    (&far, &far_delta),
                    |at| target(&far, &own.0[at as usize]),
                    |at| sources(&own, &far.0[at as usize].key),
                )?;
                cache.replaced(&name(from, until));
                Some(carried)
            });
            carried.unwrap_or_else(|| make(&own, &far))
        })
    }

    /// Its rows in an order.
    pub fn sorted(self, order: &Order) -> Arc<Sorted> {
        let by: Vec<_> = order.0.iter().map(|by| (by.place, by.direction)).collect();
        let name = |stamp| {
            let by = by.iter().map(|(place, direction)| (place.path.clone(), *direction == OrderDirection::Descending));
            Name::Sorted(stamp, by.collect())
        };
        let columns = || by.iter().map(|(place, direction)| (self.column(place), *direction)).collect::<Vec<_>>();
        self.get(
            name,
            |sorted: &Sorted| &sorted.of,
            |sorted, rows, delta| Some(sorted.carry(rows, delta, &columns())),
            |rows| Sorted::make(rows, &columns()),
        )
    }

    /// The record of a row.
    pub fn node(self, row: u32) -> Option<&'r Arc<Node>> {
        self.register.get(self.kind, &self.rows().0.get(row as usize)?.key)
    }

    /// The row of a record of this kind.
    pub fn row_of(self, rows: &Rows, key: &Key) -> Option<u32> {
        let node = self.register.get(self.kind, key)?;
        rows.0.binary_search_by(|other| other.cmp_place(node)).ok().map(row)
    }
}
