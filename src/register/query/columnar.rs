//! A list that is asked by columns: what is made of it, once for each version of it, or carried over from an earlier version.

use std::sync::Arc;

use super::column::Column;
use super::delta::Delta;
use super::links::Links;
use super::order::Order;
use super::rows::{Listed, Rows};
use super::schema::FieldPath;
use super::sorted::Sorted;
use super::texts::Texts;
use crate::model::Key;
use crate::register::Register;
use crate::register::cache::{CacheEntry, Name, TableVersion};
use crate::register::relation::Relation;

/// A version of a list, with the register that it is of: a table, or values that were computed of tables.
pub trait Columnar<'r>: Copy {
    /// Its rows.
    type List: Listed;

    /// The register.
    fn register(self) -> &'r Register;

    /// Names this version among all that things are kept of.
    fn stamp(self) -> TableVersion;

    /// The rows of this version.
    fn list(self) -> Arc<Self::List>;

    /// The versions before it of which things may be carried over, the latest first.
    fn earlier(self) -> impl Iterator<Item = TableVersion>;

    /// How it came out of one of them; none where it is better to begin anew.
    fn since(self, earlier: &Self::List, stamp: TableVersion) -> Option<Arc<Delta>>;

    /// Whether nobody asks any more of an earlier version. Of tables the cache knows.
    fn is_past(self, stamp: TableVersion) -> bool;

    /// The ways of a relation from its rows; none where they have no relations.
    fn related(self, relation: &'static Relation) -> Option<Arc<Links<Self::List>>>;

    /// What has that name; carried over from the latest earlier version that is kept, or else made.
    fn get<T: CacheEntry>(
        self,
        name: impl Fn(TableVersion) -> Name,
        rows: fn(&T) -> &Arc<Self::List>,
        carry: impl Fn(&T, &Arc<Self::List>, &Delta) -> Option<T>,
        make: impl FnOnce(&Arc<Self::List>) -> T,
    ) -> Arc<T> {
        let cache = &self.register().cache;
        cache.get(name(self.stamp()), || {
            let own = self.list();
            let carried = self.earlier().find_map(|stamp| {
                let earlier = cache.peek::<T>(&name(stamp))?;
                let delta = self.since(rows(&earlier), stamp)?;
                let carried = carry(&earlier, &own, &delta)?;
                cache.replaced(&name(stamp), self.is_past(stamp));
                Some(carried)
            });
            carried.unwrap_or_else(|| make(&own))
        })
    }

    /// The values at the end of a path.
    fn column(self, place: &FieldPath) -> Arc<Column<Self::List>> {
        self.get(
            |stamp| Name::Column(stamp, place.path.clone()),
            |column: &Column<Self::List>| &column.rows,
            |column, rows, delta| Some(column.carry(rows, delta, place)),
            |rows| Column::make(rows, place),
        )
    }

    /// The distinct texts at the end of a path.
    fn texts(self, place: &FieldPath) -> Arc<Texts<Self::List>> {
        self.get(
            |stamp| Name::Texts(stamp, place.path.clone()),
            |texts: &Texts<Self::List>| &texts.rows,
            |texts, _, _| texts.carry(&self.column(place)),
            |_| Texts::make(&self.column(place), place),
        )
    }

    /// Its rows in an order.
    fn sorted(self, order: &Order) -> Arc<Sorted<Self::List>> {
        let by: Vec<_> = order.0.iter().map(|by| (by.place, by.direction)).collect();
        let columns = || by.iter().map(|(place, direction)| (self.column(place), *direction)).collect::<Vec<_>>();
        self.get(
            |stamp| Name::Sorted(stamp, order.name()),
            |sorted: &Sorted<Self::List>| &sorted.of,
            |sorted, rows, delta| Some(sorted.carry(rows, delta, &columns())),
            |rows| Sorted::make(rows, &columns()),
        )
    }

    /// The ways from its rows to those of another list: carried over from the latest earlier versions of both that are kept, or else made.
    /// `target` finds where a row leads to, `sources` which rows lead to a record.
    fn ways<To: Columnar<'r, List = Rows>>(
        self,
        to: To,
        name: impl Fn(TableVersion, TableVersion) -> Name,
        target: impl Fn(&Self::List, &Rows, u32) -> Option<u32>,
        sources: impl Fn(&Self::List, &Key) -> Option<Vec<u32>>,
        make: impl FnOnce(&Arc<Self::List>, &Arc<Rows>) -> Links<Self::List>,
    ) -> Arc<Links<Self::List>> {
        let cache = &self.register().cache;
        let (own_stamp, far_stamp) = (self.stamp(), to.stamp());
        cache.get(name(own_stamp, far_stamp), || {
            let (own, far) = (self.list(), to.list());
            let own_stamps = || std::iter::once(own_stamp).chain(self.earlier());
            let mut versions =
                std::iter::once(far_stamp).chain(to.earlier()).flat_map(|far| own_stamps().map(move |own| (own, far)));
            let carried = versions.find_map(|(from, until)| {
                let earlier = cache.peek::<Links<Self::List>>(&name(from, until))?;
                let (own_delta, far_delta) = (self.since(&earlier.from, from)?, to.since(&earlier.to, until)?);
                let carried = earlier.carry(
                    (&own, &own_delta),
                    (&far, &far_delta),
                    |at| target(&own, &far, at),
                    |at| sources(&own, &far.0[at as usize].key),
                )?;
                cache.replaced(&name(from, until), self.is_past(from));
                Some(carried)
            });
            carried.unwrap_or_else(|| make(&own, &far))
        })
    }
}
