//! A large table by columns.

use std::sync::Arc;

use super::columnar::Columnar;
use super::delta::Delta;
use super::links::Links;
use super::rows::{Listed, Rows, row};
use crate::model::{Key, Kind, View};
use crate::register::cache::{Name, TableVersion};
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

    fn steps_since(self, rows: &Rows, stamp: TableVersion) -> Option<(Delta, Rows)> {
        Delta::of(rows, &self.register.trail(self.kind).since(stamp))
    }

    /// Its rows.
    pub fn rows(self) -> Arc<Rows> {
        let cache = &self.register.cache;
        cache.get(Name::Rows(self.stamp()), || {
            let carried = self.earlier().find_map(|stamp| {
                let earlier = cache.peek::<Rows>(&Name::Rows(stamp))?;
                let (_, rows) = self.steps_since(&earlier, stamp)?;
                cache.replaced(&Name::Rows(stamp), false);
                Some(rows)
            });
            carried.unwrap_or_else(|| Rows(self.register.all(self.kind).cloned().collect()))
        })
    }

    /// The ways of a relation that begins here.
    pub fn links(self, relation: &'static Relation) -> Arc<Links> {
        let to = Table::new(self.register, relation.target);
        let target = |own: &Rows, far: &Rows, at: u32| {
            let mut found = None;
            relation.for_each_target(&own.0[at as usize].record, |key| found = to.row_of(far, &key));
            found
        };
        let sources = |rows: &Rows, key: &Key| {
            let all = self.register.sources(relation, key).iter();
            all.map(|node| self.row_of(rows, &node.key)).collect()
        };
        let name = |from, to| Name::Links(from, to, relation.number);
        self.ways(to, name, target, sources, |from, to| Links::make(from, to, relation))
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

impl<'r> Columnar<'r> for Table<'r> {
    type List = Rows;

    fn register(self) -> &'r Register {
        self.register
    }
    fn stamp(self) -> TableVersion {
        self.register.stamp(self.kind)
    }
    fn list(self) -> Arc<Rows> {
        self.rows()
    }
    fn earlier(self) -> impl Iterator<Item = TableVersion> {
        self.register.trail(self.kind).stamps()
    }
    fn since(self, earlier: &Rows, stamp: TableVersion) -> Option<Arc<Delta>> {
        self.steps_since(earlier, stamp).map(|(delta, _)| Arc::new(delta))
    }
    fn is_past(self, _: TableVersion) -> bool {
        false
    }
    fn related(self, relation: &'static Relation) -> Option<Arc<Links>> {
        Some(self.links(relation))
    }
}

/// The ways of a key in a value, from a list to the table of a kind.
pub fn ways_of_a_key<'r, L: Columnar<'r>>(from: L, path: &[usize], kind: Kind) -> Arc<Links<L::List>> {
    let to = Table::new(from.register(), kind);
    let target = |own: &L::List, far: &Rows, at: u32| match own.row(at).get(path) {
        View::Text(key) => to.row_of(far, &Key::parse(&key).ok()?),
        _ => None,
    };
    let name = |from, to| Name::Inner(from, to, path.to_vec());
    // Nobody keeps which values name a record.
    from.ways(to, name, target, |_, _| None, |from, to| Links::make_inner(from, to, path))
}
