//! The discrepancies of a register: found once for each state, with what is kept of those of an earlier one.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::checks::{RULES, RuleDef};
use super::discrepancy::Discrepancy;
use super::finding::Finding;
use super::reach::{KEPT, reached};
use super::rule::DiscrepancyRule;
use super::slips::{self, Trace};
use super::trends::{self, Conventions};
use crate::model::{Key, Kind};
use crate::register::query::rows::row;
use crate::register::query::values::{Kept, Values};
use crate::register::{Earlier, Node, Register, TableSet};
use crate::work;

/// What a rule costs for a record, in records looked at.
const RECORD_STEPS: u64 = 50;

/// A record that a rule failed at, which is a fault of ours. It costs what the rule would have found there, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The rule.
    pub rule: DiscrepancyRule,
    /// The record's kind.
    pub kind: Kind,
    /// Its key.
    pub key: Key,
}

/// What the rules say of a record.
#[derive(Debug)]
struct Looked {
    node: Arc<Node>,
    /// What they find, each with the place of its rule.
    told: Vec<(usize, Discrepancy, Trace)>,
    /// The places of those that failed.
    failed: Vec<usize>,
}

impl Looked {
    /// Looks at a record by all rules; none where they say nothing.
    fn at(register: &Register, rules: &[RuleDef], node: &Arc<Node>) -> Option<Arc<Self>> {
        let mut looked = Self { node: Arc::clone(node), told: Vec::new(), failed: Vec::new() };
        for (place, rule) in rules.iter().enumerate().filter(|(_, rule)| rule.kinds.contains(&node.kind())) {
            work::step(RECORD_STEPS);
            let found = work::try_out(|| {
                let mut found = Vec::new();
                (rule.check)(register, node, &mut found);
                let told = |it: &Finding<'_>| (place, it.discrepancy(register), Trace::of(register, it));
                found.iter().map(told).collect::<Vec<_>>()
            });
            match found {
                Ok(found) => looked.told.extend(found),
                Err(_) => looked.failed.push(place),
            }
        }
        (!looked.told.is_empty() || !looked.failed.is_empty()).then(|| Arc::new(looked))
    }
}

/// All discrepancies of a register, in the order of the rules and of the records.
#[derive(Debug)]
pub struct Discrepancies {
    list: Kept<Discrepancy>,
    faults: Vec<Fault>,
    by_key: HashMap<Key, u32>,
    /// What was said of each figure's record, for a later register.
    kept: HashMap<(Kind, Key), Arc<Looked>>,
    /// How the documents print trends.
    conventions: Arc<Conventions>,
}

/// Everything that rules read.
pub const TABLES: TableSet = TableSet::of(&[
    Kind::Observation,
    Kind::NormResult,
    Kind::BudgetAmount,
    Kind::Inspection,
    Kind::Claim,
    Kind::Statement,
    Kind::Indicator,
    Kind::Norm,
    Kind::BudgetLine,
    Kind::InspectedProcess,
    Kind::Measure,
    Kind::Lineage,
    Kind::Plan,
    Kind::Document,
    Kind::Organisation,
    Kind::PolicyField,
    Kind::StructuralElement,
    Kind::StrategicGoal,
    Kind::OperationalGoal,
    Kind::Project,
    Kind::ProjectYear,
    Kind::Milestone,
    Kind::StaffFigure,
    Kind::StaffTarget,
    Kind::Category,
]);

/// So many records are few, whatever the number of all.
const FEW: usize = 100;

impl Discrepancies {
    /// Those of a register; made once for each state of what the rules read.
    pub fn of(register: &Register) -> &Self {
        // What is made once for a register cannot be made while something else is: so what the rules ask for comes first.
        trends::prepare(register);
        register.derived::<Self>(TABLES, |register, earlier| Self::find(register, RULES, earlier))
    }

    /// The same, without an earlier list.
    pub fn alone(register: &Register) -> Self {
        trends::prepare(register);
        Self::find(register, RULES, None)
    }

    fn find(register: &Register, rules: &[RuleDef], earlier: Option<Earlier<Self>>) -> Self {
        let look = |node: &Arc<Node>| Looked::at(register, rules, node);
        let conventions = Conventions::of(register);
        let kept = earlier.and_then(|Earlier { value, steps }| {
            // Whether a trend is printed as others are is said of all of them.
            let is_same = value.conventions.is_same(conventions);
            let most = FEW + KEPT.iter().map(|kind| register.count(*kind)).sum::<usize>() / 8;
            let reached = reached(register, &steps, most).filter(|_| is_same)?;
            let mut kept = value.kept.clone();
            for at in reached {
                let looked = register.get(at.0, &at.1).and_then(look);
                drop(match looked {
                    Some(looked) => kept.insert(at, looked),
                    None => kept.remove(&at),
                });
            }
            Some(kept)
        });
        let kept = kept.unwrap_or_else(|| {
            let all = KEPT.into_iter().flat_map(|kind| register.all(kind)).filter_map(look);
            all.map(|it| ((it.node.kind(), it.node.key.clone()), it)).collect()
        });
        let kinds: BTreeSet<Kind> = rules.iter().flat_map(|rule| rule.kinds).copied().collect();
        let others = kinds.into_iter().filter(|kind| !KEPT.contains(kind)).flat_map(|kind| register.all(kind));
        let mut looked: Vec<Arc<Looked>> = kept.values().cloned().chain(others.filter_map(look)).collect();
        looked.sort_by(|a, b| a.node.cmp_place(&b.node));
        Self::told(register, rules, &looked, kept, Arc::clone(conventions))
    }

    /// The list of what was found, in its order, and what of it follows from what.
    fn told(
        register: &Register,
        rules: &[RuleDef],
        looked: &[Arc<Looked>],
        kept: HashMap<(Kind, Key), Arc<Looked>>,
        conventions: Arc<Conventions>,
    ) -> Self {
        let place = |rule: usize, node: &Node| (rule, rules[rule].kinds.iter().position(|kind| *kind == node.kind()));
        let mut told: Vec<_> = looked.iter().flat_map(|it| it.told.iter().map(move |told| (it, told))).collect();
        told.sort_by_key(|(it, (rule, ..))| place(*rule, &it.node));
        let mut failed: Vec<_> = looked.iter().flat_map(|it| it.failed.iter().map(move |rule| (it, *rule))).collect();
        failed.sort_by_key(|(it, rule)| place(*rule, &it.node));
        let fault = |(it, rule): (&Arc<Looked>, usize)| Fault {
            rule: rules[rule].code,
            kind: it.node.kind(),
            key: it.node.key.clone(),
        };
        let faults = failed.into_iter().map(fault).collect();
        let told: Vec<(&Discrepancy, &Trace)> = told.into_iter().map(|(_, (_, it, trace))| (it, trace)).collect();
        let slips = slips::slips(register, &told);
        let list = told.iter().zip(slips).enumerate().map(|(at, ((it, _), slip))| Discrepancy {
            consequence_of_key: (slip != at).then(|| told[slip].0.key.clone()),
            ..(*it).clone()
        });
        let by_key = told.iter().enumerate().map(|(at, (it, _))| (it.key.clone(), row(at))).collect();
        Self { list: Kept::new(register, list), faults, by_key, kept, conventions }
    }

    /// Where rules failed.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// All of them.
    pub fn all(&self) -> &Arc<Values<Discrepancy>> {
        self.list.values()
    }

    /// Those that follow from one.
    pub fn consequences<'r>(&'r self, of: &'r Discrepancy) -> impl Iterator<Item = &'r Discrepancy> {
        self.all().iter().filter(|it| it.consequence_of_key.as_ref() == Some(&of.key))
    }

    /// The one of that key.
    pub fn get(&self, key: &Key) -> Option<&Discrepancy> {
        self.by_key.get(key).and_then(|at| self.all().get(*at))
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Counterpart;
    use super::super::rule::Severity;
    use super::*;
    use crate::model::{Figure, FigureStatus, Organisation};

    #[test]
    fn a_rule_that_fails_takes_no_other_with_it() {
        fn fails<'r>(_: &'r Register, node: &'r Node, _: &mut Vec<Finding<'r>>) {
            assert_ne!(node.key.as_str(), "bad", "a fault of this rule");
        }
        fn finds<'r>(_: &'r Register, node: &'r Node, found: &mut Vec<Finding<'r>>) {
            const STATED: Figure = Figure {
                value: None,
                status: FigureStatus::NotReported,
                unit: crate::model::Unit::Count,
                printed: None,
                unit_code: None,
            };
            found.push(Finding {
                rule: DiscrepancyRule::ClaimBase,
                node,
                field: "figure",
                stated: &STATED,
                found: Counterpart::Nothing,
                gap: None,
                severity: Severity::Notice,
                explanation: String::new(),
            });
        }
        let rules = [(DiscrepancyRule::Trend, fails as _), (DiscrepancyRule::ClaimBase, finds as _)];
        let rules = rules.map(|(code, check)| RuleDef { code, kinds: &[Kind::Organisation], check });
        let key = |text| Key::parse(text).unwrap();
        let records = ["bad", "good"].map(|text| Organisation {
            key: key(text),
            name: text.into(),
            abbreviation: None,
            printed: None,
            namespace: None,
            parent_key: None,
            year_start: None,
        });
        let register = Register::load(records.into_iter().map(|record| Node::new(record.into(), 1)), [], 1, 0);
        let found = Discrepancies::find(&register, &rules, None);
        assert_eq!(found.all().len(), 2);
        assert_eq!(found.faults(), [Fault { rule: DiscrepancyRule::Trend, kind: Kind::Organisation, key: key("bad") }]);
    }
}
