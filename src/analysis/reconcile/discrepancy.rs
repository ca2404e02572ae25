//! A discrepancy: what a rule found, with its key, its plan and its measure.

use rust_decimal::Decimal;

use super::checks::RULES;
use super::finding::Finding;
use super::rule::{DiscrepancyRule, Severity};
use crate::analysis::line;
use crate::model::key::KEY_BYTES_MAX;
use crate::model::macros::composite;
use crate::model::{Date, Figure, Key, Kind, Link, Measure, Plan, Record, Waiver};
use crate::register::{Node, Register};

composite! {
    /// A contradiction of the document with itself: a figure that it states, and the one that its other figures give. Both stand; which
    /// of them is wrong, the register does not know.
    Discrepancy {
        /// Natural key, the same as long as the contradiction is there: rule, kind and key of the record that states the figure, and
        /// which of its figures it is.
        key: Key,
        /// The rule that does not hold.
        rule: DiscrepancyRule,
        /// How much it misleads.
        severity: Severity,
        /// What is the matter, in a sentence.
        explanation: String,
        /// Kind of the record that states the figure.
        kind: Kind,
        /// Key of the record that states the figure.
        record_key: Key,
        /// Which of the record's figures it is, such as `change`.
        field: String,
        /// The figure stated, with the place where it is printed.
        stated: Figure,
        /// The figure that the others give: computed, or printed in a second place. Null when there can be none.
        found: Option<Figure>,
        /// Found less stated, in the unit of the figure; null when one of them has no value.
        difference: Option<Decimal>,
        /// The difference that printing explains; null when one of them has no value.
        tolerance: Option<Decimal>,
        /// The measure that it concerns; null when it concerns none in particular.
        measure_key: Option<Link<Measure>>,
        /// The plan that it concerns.
        plan_key: Option<Link<Plan>>,
        /// Key of the discrepancy that this one follows from, because both tell of one slip; null for the slip itself.
        consequence_of_key: Option<Key>,
    }
}

impl Discrepancy {
    /// What the rule finds about the record, anew: with the inputs of what was computed.
    pub fn finding<'r>(&self, register: &'r Register) -> Option<Finding<'r>> {
        let node = register.get(self.kind, &self.record_key)?;
        let mut found = Vec::new();
        for rule in RULES.iter().filter(|rule| rule.code == self.rule) {
            (rule.check)(register, node, &mut found);
        }
        found.into_iter().find(|finding| finding.field == self.field)
    }

    /// The waiver of this discrepancy, whether it counts any more or not.
    pub fn waiver<'r>(&self, register: &'r Register) -> Option<(&'r Node, &'r Waiver)> {
        let node = register.get(Kind::Waiver, &self.key)?;
        match &node.record {
            Record::Waiver(waiver) => Some((node, waiver)),
            _ => None,
        }
    }

    /// Whether somebody lets it stand, on that day.
    pub fn waived(&self, register: &Register, day: Date) -> bool {
        self.waiver(register).is_some_and(|(_, waiver)| waiver.counts_on(day))
    }
}

impl Finding<'_> {
    /// As it is listed.
    pub(super) fn discrepancy(&self, register: &Register) -> Discrepancy {
        let measure = measure_of(register, &self.node.record);
        let plan = line::plan_of(register, self.node).map(|(plan, _)| Link::new(plan.key.clone()));
        Discrepancy {
            key: key(self.rule, self.node, self.field),
            rule: self.rule,
            severity: self.severity,
            explanation: self.explanation.clone(),
            kind: self.node.kind(),
            record_key: self.node.key.clone(),
            field: self.field.to_owned(),
            stated: self.stated.clone(),
            found: self.found.figure(),
            difference: self.gap.as_ref().map(|gap| gap.difference),
            tolerance: self.gap.as_ref().map(|gap| gap.tolerance),
            measure_key: measure.cloned(),
            plan_key: plan,
            consequence_of_key: None,
        }
    }
}

/// The one measure that a record is about, if one.
fn measure_of<'r>(register: &'r Register, record: &'r Record) -> Option<&'r Link<Measure>> {
    match record {
        Record::Observation(it) => register.follow(&it.indicator_key)?.measure_key.as_ref(),
        Record::NormResult(it) => register.follow(&it.norm_key)?.measure_key.as_ref(),
        Record::Claim(claim) => claim.measure_key.as_ref(),
        Record::Statement(statement) => statement.measure_key.as_ref(),
        Record::BudgetAmount(it) => match register.follow(&it.budget_line_key)?.measure_keys.as_slice() {
            [only] => Some(only),
            _ => None,
        },
        Record::Inspection(it) => match register.follow(&it.process_key)?.measure_keys.as_slice() {
            [only] => Some(only),
            _ => None,
        },
        _ => None,
    }
}

/// The key of a discrepancy. One that would be too long for a key ends in a hash of all of it.
fn key(rule: DiscrepancyRule, node: &Node, field: &str) -> Key {
    let rule = rule.word().to_lowercase().replace('_', "-");
    let kind = node.kind().word().to_lowercase().replace('_', "-");
    let key = Key::join(&[&rule, &kind, &node.key, &field]);
    if key.as_str().len() <= KEY_BYTES_MAX {
        return key;
    }
    let hash = blake3::hash(key.as_str().as_bytes()).to_hex();
    let kept = key.as_str().char_indices().map(|(at, _)| at).take_while(|at| *at <= KEY_BYTES_MAX - 18).last();
    Key::join(&[&&key.as_str()[..kept.unwrap_or_default()], &&hash[..16]])
}
