//! What the fact tables say was realised, against the budget table.
//!
//! A measure may have several lines and a line several measures. Those that hang together are compared together: what the measures
//! realised is what the lines say, each amount counted once.

use std::collections::BTreeSet;

use crate::analysis::computed::{Computed, Input, Rule};
use crate::analysis::reconcile::finding::related;
use crate::analysis::reconcile::{Counterpart, DiscrepancyRule, Finding, Severity, compare, words};
use crate::model::budget::{BudgetLine, Credit, Direction, Phase};
use crate::model::indicator::IndicatorKind;
use crate::model::{AsRecord as _, BudgetAmount, Figure, Indicator, Key, Kind, Observation, Period};
use crate::register::{Node, Register};

/// What is realised is the same in the fact tables and in the budget table.
pub fn budget<'r>(register: &'r Register, node: &'r Node, found: &mut Vec<Finding<'r>>) {
    let Some(amount) = BudgetAmount::of(&node.record) else { return };
    if amount.phase != Phase::Realised || amount.credit == Credit::Other || amount.adjustment.is_some() {
        return;
    }
    let Some((lines, measures)) = together(register, amount.budget_line_key.key()) else { return };
    // Told once: with the first of the lines.
    if lines.first() != Some(&amount.budget_line_key.key()) {
        return;
    }
    let others: Option<Vec<_>> =
        lines[1..].iter().map(|line| amount_of(register, line, amount.year, amount.credit)).collect();
    let facts: Option<Vec<_>> =
        measures.iter().map(|measure| fact_of(register, measure, amount.year, amount.credit)).collect();
    let (Some(others), Some(facts), Some(_)) = (others, facts, amount.figure.value) else { return };
    let figures = || others.iter().chain(&facts).map(|(_, figure)| *figure);
    if figures().any(|figure| figure.counts() != amount.figure.counts()) {
        return;
    }
    let digits: Vec<_> = figures().map(compare::digit).collect();
    let rule = if others.is_empty() { Rule::Sum } else { Rule::Rest };
    let input = |name| move |(node, figure): (&'r Node, &'r Figure)| Input::recorded(name, node, "figure", figure);
    let inputs = facts.iter().copied().map(input("part")).chain(others.iter().copied().map(input("other"))).collect();
    let unit = amount.figure.unit;
    let computed = Computed::new(rule, unit, inputs);
    let Ok(value) = computed.value else { return };
    let Some(gap) = compare::cut_off(&amount.figure, value, digits.into_iter()) else { return };
    // A line that several measures share may pay for more than these.
    let may_hold_more = measures.len() > 1 && gap.difference.is_sign_negative();
    let credit = amount.credit.word();
    let all = if measures.len() > 1 { " together" } else { "" };
    let mut explanation = format!(
        "{}: the budget table has {} for {credit} {}, but the fact tables of {}{all} have {}.",
        words::subject(register, node),
        words::figure(&amount.figure),
        amount.year,
        measures.iter().map(|key| words::measure(register, key)).collect::<Vec<_>>().join(" and "),
        words::number(value, unit),
    );
    if may_hold_more {
        explanation.push_str(" The line may pay for more than these measures; the document does not say so.");
    }
    found.push(Finding {
        rule: DiscrepancyRule::BudgetTwice,
        node,
        field: "figure",
        stated: &amount.figure,
        found: Counterpart::Computed(computed),
        gap: Some(gap),
        severity: Severity::of(&gap),
        explanation,
    });
}

/// The lines and measures that hang together with a line of expenditure, each in the order of the register; none when the line pays
/// for no measure.
fn together<'r>(register: &'r Register, line: &'r Key) -> Option<(Vec<&'r Key>, Vec<&'r Key>)> {
    let mut lines = BTreeSet::new();
    let mut measures = BTreeSet::new();
    let mut to_see = vec![line];
    while let Some(key) = to_see.pop() {
        let node = register.get(Kind::BudgetLine, key)?;
        let line = BudgetLine::of(&node.record)?;
        if line.direction != Direction::Expenditure || !lines.insert((line.position, &node.key)) {
            continue;
        }
        for measure in &line.measure_keys {
            if measures.insert(measure.key()) {
                to_see.extend(related(register, Kind::BudgetLine, "measures", measure.key()).iter().map(|it| &it.key));
            }
        }
    }
    (!measures.is_empty()).then(|| (lines.into_iter().map(|(_, key)| key).collect(), measures.into_iter().collect()))
}

fn amount_of<'r>(register: &'r Register, line: &Key, year: i32, credit: Credit) -> Option<(&'r Node, &'r Figure)> {
    let phase = Phase::Realised.word().to_lowercase();
    let key = Key::join(&[line, &year, &phase, &credit.word().to_lowercase()]);
    let node = register.get(Kind::BudgetAmount, &key)?;
    let amount = BudgetAmount::of(&node.record)?;
    amount.figure.value.map(|_| (&**node, &amount.figure))
}

fn fact_of<'r>(register: &'r Register, measure: &Key, year: i32, credit: Credit) -> Option<(&'r Node, &'r Figure)> {
    let kind = if credit == Credit::Vak { IndicatorKind::Vak } else { IndicatorKind::Vek };
    let mut rows = related(register, Kind::Indicator, "measure", measure)
        .iter()
        .filter(|node| Indicator::of(&node.record).is_some_and(|indicator| indicator.kind == kind));
    let (Some(row), None) = (rows.next(), rows.next()) else { return None };
    let node = register.get(Kind::Observation, &Observation::plain_key(&row.key, &Period::year(year)?))?;
    let observation = Observation::of(&node.record)?;
    observation.figure.value.map(|_| (&**node, &observation.figure))
}
