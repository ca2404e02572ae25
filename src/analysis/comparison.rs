//! Two plans compared by lineage: what went on, what changed on the way, what was dropped and what is new.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::analysis::rollover::{members, moved, said_of, successors};
use crate::model::difference::{Difference, differences};
use crate::model::lineage::{CarriedKind, Succession};
use crate::model::{Key, Kind};
use crate::register::relation::Relation;
use crate::register::{Node, Register};
use crate::work;

/// What became of the records of a kind.
#[derive(Debug)]
pub struct KindComparison<'r> {
    /// The kind.
    pub kind: CarriedKind,
    /// Records of the earlier plan.
    pub earlier: usize,
    /// Records of the later plan.
    pub later: usize,
    /// Records of the earlier plan that a record of the later one continues.
    pub continued: usize,
    /// Records of the earlier plan that were split.
    pub split: usize,
    /// Records of the earlier plan that were merged with others.
    pub merged: usize,
    /// Those continued whose content differs.
    pub changed: Vec<Changed<'r>>,
    /// Records of the earlier plan without a successor in the later one.
    pub dropped: Vec<&'r Arc<Node>>,
    /// Records of the later plan without a predecessor in the earlier one.
    pub new: Vec<&'r Arc<Node>>,
}

/// A record that goes on and differs from what it was.
#[derive(Debug)]
pub struct Changed<'r> {
    /// The record of the earlier plan.
    pub before: &'r Arc<Node>,
    /// Its continuation.
    pub after: &'r Arc<Node>,
    /// What differs. Keys and citations do not count; a link counts when it leads to something else than the continuation of
    /// what it led to, and is shown by the later plan's keys as far as there are any.
    pub fields: Vec<Difference>,
}

/// Compares two plans, kind by kind.
pub fn compare<'r>(register: &'r Register, from: &'r Key, to: &'r Key) -> Vec<KindComparison<'r>> {
    let (earlier, later) = (members(register, from), members(register, to));
    let by_key: HashMap<(Kind, &Key), &'r Arc<Node>> =
        later.iter().map(|node| ((node.kind(), &node.key), *node)).collect();
    let mut followed: Vec<(&'r Arc<Node>, &'r Arc<Node>, Succession)> = Vec::new();
    for &node in &earlier {
        work::step(50);
        for lineage in successors(register, node) {
            if let Some(after) = by_key.get(&(node.kind(), &lineage.successor_key.0)) {
                followed.push((node, after, lineage.relation));
            }
        }
    }
    let mut continued: Continued<'r> = HashMap::from([((Kind::Plan, from), vec![to])]);
    let mut preceded: HashSet<(Kind, &Key)> = HashSet::new();
    for (before, after, relation) in &followed {
        preceded.insert((after.kind(), &after.key));
        if *relation == Succession::Continues {
            continued.entry((before.kind(), &before.key)).or_default().push(&after.key);
        }
    }
    let count = |kind: Kind, relation| {
        let of_kind = followed.iter().filter(|(before, _, found)| before.kind() == kind && *found == relation);
        of_kind.map(|(before, ..)| &before.key).collect::<HashSet<_>>().len()
    };
    let has_successor: HashSet<(Kind, &Key)> =
        followed.iter().map(|(before, ..)| (before.kind(), &before.key)).collect();
    let all = CarriedKind::all().map(|carried| {
        let kind = carried.kind();
        let of_kind = |nodes: &[&'r Arc<Node>], known: &HashSet<(Kind, &Key)>| -> (usize, Vec<&'r Arc<Node>>) {
            let of_kind: Vec<&'r Arc<Node>> = nodes.iter().copied().filter(|node| node.kind() == kind).collect();
            let unknown = of_kind.iter().copied().filter(|node| !known.contains(&(kind, &node.key)));
            (of_kind.len(), unknown.collect())
        };
        let (earlier, dropped) = of_kind(&earlier, &has_successor);
        let (later, new) = of_kind(&later, &preceded);
        let pairs =
            followed.iter().filter(|(before, _, relation)| before.kind() == kind && *relation == Succession::Continues);
        let pairs = pairs.inspect(|_| work::step(100));
        let changed = pairs.filter_map(|(before, after, _)| changed(before, after, (from, to), &continued)).collect();
        KindComparison {
            kind: carried,
            earlier,
            later,
            continued: count(kind, Succession::Continues),
            split: count(kind, Succession::SplitFrom),
            merged: count(kind, Succession::MergedInto),
            changed,
            dropped,
            new,
        }
    });
    all.collect()
}

/// What continues each record of the earlier plan: one record, unless the lineage says so of several.
type Continued<'r> = HashMap<(Kind, &'r Key), Vec<&'r Key>>;

/// What differs between a record and its continuation: both are put under one key, with links as the later plan has them.
fn changed<'r>(
    before: &'r Arc<Node>,
    after: &'r Arc<Node>,
    (from, to): (&Key, &Key),
    continued: &Continued<'r>,
) -> Option<Changed<'r>> {
    let later = said_of(&after.record, to);
    // Of several continuations the one that the later record names.
    let lead = |kind: Kind, key: &Key| {
        let all = continued.get(&(kind, key)).map_or(&[] as &[_], Vec::as_slice);
        let named = |other: &Key| {
            let mut found = false;
            for relation in Relation::of(after.kind()).filter(|relation| relation.target == kind) {
                relation.for_each_target(&later, |target| found |= target == *other);
            }
            found
        };
        let named = all.iter().filter(|_| all.len() > 1).find(|other| named(other));
        Some(named.or(all.last()).map_or_else(|| key.clone(), |key| (*key).clone()))
    };
    let carried = moved(&said_of(&before.record, from), after.key.clone(), &lead);
    let found = moved(&later, after.key.clone(), &|_, key| Some(key.clone()));
    let fields = differences(carried.as_ref(), found.as_ref());
    (!fields.is_empty()).then_some(Changed { before, after, fields })
}
