//! The discrepancies of a register: found once for each.

use std::collections::HashMap;
use std::sync::Arc;

use super::checks::{RULES, RuleDef};
use super::discrepancy::Discrepancy;
use super::finding::Finding;
use super::rule::DiscrepancyRule;
use super::slips::{self, Trace};
use super::trends;
use crate::model::{Key, Kind};
use crate::register::Register;
use crate::register::query::rows::row;
use crate::register::query::values::{Kept, Values};
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

/// All discrepancies of a register, in the order of the rules and of the records.
#[derive(Debug)]
pub struct Discrepancies {
    list: Kept<Discrepancy>,
    faults: Vec<Fault>,
    by_key: HashMap<Key, u32>,
}

impl Discrepancies {
    /// Those of a register; made once for each.
    pub fn of(register: &Register) -> &Self {
        // What is made once for a register cannot be made while something else is: so what the rules ask for comes first.
        trends::prepare(register);
        register.memo(|register| Self::find(register, RULES))
    }

    fn find(register: &Register, rules: &[RuleDef]) -> Self {
        let (mut told, mut faults) = (Vec::new(), Vec::new());
        for rule in rules {
            for kind in rule.kinds {
                for node in register.all(*kind) {
                    work::step(RECORD_STEPS);
                    let found = work::try_out(|| {
                        let mut found = Vec::new();
                        (rule.check)(register, node, &mut found);
                        let told = |it: &Finding<'_>| (it.discrepancy(register), Trace::of(register, it));
                        found.iter().map(told).collect::<Vec<_>>()
                    });
                    match found {
                        Ok(found) => told.extend(found),
                        Err(_) => faults.push(Fault { rule: rule.code, kind: *kind, key: node.key.clone() }),
                    }
                }
            }
        }
        let traces: Vec<(&Discrepancy, &Trace)> = told.iter().map(|(it, trace)| (it, trace)).collect();
        let slips = slips::slips(register, &traces);
        let keys: Vec<Key> = told.iter().map(|(it, _)| it.key.clone()).collect();
        let list: Vec<Discrepancy> = told
            .into_iter()
            .zip(slips)
            .enumerate()
            .map(|(at, ((it, _), slip))| Discrepancy {
                consequence_of_key: (slip != at).then(|| keys[slip].clone()),
                ..it
            })
            .collect();
        let by_key = list.iter().enumerate().map(|(at, it): (usize, &Discrepancy)| (it.key.clone(), row(at))).collect();
        Self { list: Kept::new(register, list), faults, by_key }
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
    use crate::register::Node;

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
        let found = Discrepancies::find(&register, &rules);
        assert_eq!(found.all().len(), 2);
        assert_eq!(found.faults(), [Fault { rule: DiscrepancyRule::Trend, kind: Kind::Organisation, key: key("bad") }]);
    }
}
