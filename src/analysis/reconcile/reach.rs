//! Whose findings may be others after a change. Says so rather of too many than of too few; tests change any field of any record by
//! chance, and compare with what is found without an earlier list.
//!
//! What a rule reads of a figure's record hangs on what the figure is of: an indicator, a norm, a line of the budget, an inspected
//! process; on the records of its line through the plans; and on the measures that these share.

use std::collections::HashSet;

use crate::analysis::walk;
use crate::model::indicator::IndicatorKind;
use crate::model::{BudgetLine, Indicator, InspectedProcess, Key, Kind, Lineage, Record};
use crate::register::relation::{Relation, homes};
use crate::register::{Node, Register, Step};
use crate::work;

/// The kinds of record whose findings are kept for each. All others state in words what may be about anything.
pub const KEPT: [Kind; 4] = [Kind::Observation, Kind::NormResult, Kind::BudgetAmount, Kind::Inspection];

/// What their figures are of.
const OWNERS: [Kind; 4] = [Kind::Indicator, Kind::Norm, Kind::BudgetLine, Kind::InspectedProcess];

/// The records of the kept kinds whose findings may be others after these steps; none where that may be any, or more than so many.
pub fn reached(register: &Register, steps: &[(Kind, Step)], most: usize) -> Option<HashSet<(Kind, Key)>> {
    let mut reach = Reach { register, open: Vec::new(), found: HashSet::new() };
    for (kind, step) in steps {
        reach.begin(*kind, step)?;
    }
    let mut seen = HashSet::new();
    while let Some((kind, key)) = reach.open.pop() {
        work::step(10);
        if seen.insert((kind, key.clone())) {
            reach.go_on(kind, &key);
        }
        if seen.len() + reach.found.len() > most {
            return None;
        }
    }
    Some(reach.found)
}

struct Reach<'r> {
    register: &'r Register,
    /// Owners and measures that are still to be looked at.
    open: Vec<(Kind, Key)>,
    found: HashSet<(Kind, Key)>,
}

impl Reach<'_> {
    fn begin(&mut self, kind: Kind, step: &Step) -> Option<()> {
        let both = || [&step.before, &step.after].into_iter().flatten();
        match kind {
            Kind::Observation | Kind::NormResult | Kind::BudgetAmount | Kind::Inspection => {
                self.found.insert((kind, step.key.clone()));
                both().for_each(|node| self.targets(&node.record, &OWNERS));
            }
            Kind::Claim | Kind::Lineage => both().for_each(|node| self.targets(&node.record, &OWNERS)),
            Kind::Measure => self.open.push((kind, step.key.clone())),
            kind if OWNERS.contains(&kind) => {
                self.open.push((kind, step.key.clone()));
                both().for_each(|node| self.targets(&node.record, &[Kind::Measure]));
            }
            // What others belong to: which plan, and of which year.
            _ => {
                let (Some(before), Some(after)) = (&step.before, &step.after) else { return Some(()) };
                let is_other = match kind {
                    Kind::Plan | Kind::Organisation => before.record != after.record,
                    _ => homes(kind).into_iter().any(|home| targets(home, before) != targets(home, after)),
                };
                return (!is_other).then_some(());
            }
        }
        Some(())
    }

    /// What a record names of these kinds.
    fn targets(&mut self, record: &Record, kinds: &[Kind]) {
        for relation in Relation::of(record.kind()).filter(|it| kinds.contains(&it.target)) {
            relation.for_each_target(record, |key| self.open.push((relation.target, key)));
        }
    }

    /// The records of these kinds that name one.
    fn sources(&mut self, kind: Kind, key: &Key, kinds: &[Kind]) {
        for relation in Relation::to(kind).filter(|it| kinds.contains(&it.source)) {
            let named = self.register.sources(relation, key);
            self.open.extend(named.iter().map(|node| (relation.source, node.key.clone())));
        }
    }

    fn go_on(&mut self, kind: Kind, key: &Key) {
        if kind == Kind::Measure {
            return self.sources(kind, key, &OWNERS);
        }
        for relation in Relation::to(kind) {
            let named = self.register.sources(relation, key);
            if KEPT.contains(&relation.source) {
                self.found.extend(named.iter().map(|node| (relation.source, node.key.clone())));
            } else if relation.source == Kind::Lineage {
                for (_, it) in named.iter().filter_map(|node| walk::of::<Lineage>(node)) {
                    self.open.extend([&it.predecessor_key.0, &it.successor_key.0].map(|key| (kind, key.clone())));
                }
            }
        }
        let Some(node) = self.register.get(kind, key) else { return };
        // What is realised is compared along the measures that lines share, what was inspected with the fact tables.
        if let Some((_, it)) = walk::of::<Indicator>(node)
            && matches!(it.kind, IndicatorKind::Vak | IndicatorKind::Vek)
        {
            it.measure_key.iter().for_each(|measure| self.sources(Kind::Measure, measure.key(), &[Kind::BudgetLine]));
        }
        if let Some((_, it)) = walk::of::<BudgetLine>(node) {
            it.measure_keys.iter().for_each(|measure| self.sources(Kind::Measure, measure.key(), &[Kind::BudgetLine]));
        }
        if let Some((_, it)) = walk::of::<InspectedProcess>(node) {
            it.measure_keys.iter().for_each(|measure| self.sources(Kind::Measure, measure.key(), &[Kind::Indicator]));
        }
    }
}

fn targets(relation: &Relation, node: &Node) -> Vec<Key> {
    let mut keys = Vec::new();
    relation.for_each_target(&node.record, |key| keys.push(key));
    keys
}
