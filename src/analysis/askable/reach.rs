//! Whose values are others after a change. Says so rather of too many than of too few.

use std::collections::HashSet;

use crate::analysis::walk;
use crate::model::{Key, Kind, Lineage, Record};
use crate::register::relation::{Relation, homes};
use crate::register::{Register, Step, TableSet};
use crate::work;

/// What a change reaches, from record to record, among those of some tables.
pub struct Reach<'r> {
    register: &'r Register,
    /// The kind of the records that have values.
    kind: Kind,
    tables: TableSet,
    /// The kinds that these records belong to, up to their body: what they say counts for all that belongs to them.
    above: Vec<Kind>,
    /// The ways down from those.
    down: Vec<&'static Relation>,
    seen: HashSet<(Kind, Key)>,
}

impl<'r> Reach<'r> {
    /// What reaches records of a kind whose values are made of these tables.
    pub fn new(register: &'r Register, kind: Kind, tables: TableSet) -> Self {
        let (mut above, mut down, mut next) = (Vec::new(), Vec::new(), vec![kind]);
        while let Some(below) = next.pop() {
            let printed_in = Relation::of(below).find(|it| below == Kind::Plan && it.target == Kind::Document);
            for home in homes(below).into_iter().chain(printed_in).filter(|it| tables.holds(TableSet::of(&[it.target])))
            {
                down.push(home);
                if !above.contains(&home.target) {
                    above.push(home.target);
                    next.push(home.target);
                }
            }
        }
        Self { register, kind, tables, above, down, seen: HashSet::new() }
    }

    /// The records of the kind whose values may be others after these steps; none when they are more than so many.
    pub fn of(mut self, steps: &[(Kind, Step)], most: usize) -> Option<HashSet<Key>> {
        let mut open: Vec<(Kind, Key)> = Vec::new();
        for (kind, step) in steps {
            if *kind == self.kind || self.above.contains(kind) && tells_otherwise(*kind, step) {
                open.push((*kind, step.key.clone()));
            } else if !self.above.contains(kind) {
                [&step.before, &step.after].into_iter().flatten().for_each(|node| self.up(&node.record, &mut open));
            }
        }
        while let Some((kind, key)) = open.pop() {
            work::step(10);
            if !self.seen.insert((kind, key.clone())) {
                continue;
            }
            if self.seen.len() > most {
                return None;
            }
            if kind == self.kind {
                self.along(&key, &mut open);
            } else if self.above.contains(&kind) {
                for way in self.down.iter().filter(|way| way.target == kind) {
                    open.extend(self.register.sources(way, &key).iter().map(|node| (way.source, node.key.clone())));
                }
            } else if let Some(node) = self.register.get(kind, &key) {
                self.up(&node.record, &mut open);
            }
        }
        Some(self.seen.into_iter().filter(|(kind, _)| *kind == self.kind).map(|(_, key)| key).collect())
    }

    /// What a record is of.
    fn up(&self, record: &Record, open: &mut Vec<(Kind, Key)>) {
        let is_below = |kind: Kind| self.tables.holds(TableSet::of(&[kind])) && !self.above.contains(&kind);
        for relation in Relation::of(record.kind()).filter(|it| is_below(it.target)) {
            relation.for_each_target(record, |key| open.push((relation.target, key)));
        }
    }

    /// The line of a record through the plans, and those that meet it: what is on a line is read from everywhere on it.
    fn along(&self, key: &Key, open: &mut Vec<(Kind, Key)>) {
        if !self.tables.holds(TableSet::of(&[Kind::Lineage])) {
            return;
        }
        for lineage in Relation::to(self.kind).filter(|relation| relation.source == Kind::Lineage) {
            for (_, it) in self.register.sources(lineage, key).iter().filter_map(|node| walk::of::<Lineage>(node)) {
                open.extend([&it.predecessor_key.0, &it.successor_key.0].map(|key| (self.kind, key.clone())));
            }
        }
    }
}

/// Whether a record that others belong to tells something else of them: it belongs to something else itself, or came or went; of plans,
/// documents and bodies anything may count.
fn tells_otherwise(kind: Kind, step: &Step) -> bool {
    let (Some(before), Some(after)) = (&step.before, &step.after) else { return true };
    if matches!(kind, Kind::Plan | Kind::Document | Kind::Organisation) {
        return before.record != after.record;
    }
    homes(kind).into_iter().any(|home| {
        let targets = |record: &Record| {
            let mut keys = Vec::new();
            home.for_each_target(record, |key| keys.push(key));
            keys
        };
        targets(&before.record) != targets(&after.record)
    })
}
