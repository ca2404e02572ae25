//! A figure that a later plan prints again, with another value.

use crate::analysis::inspection::Column;
use crate::analysis::line;
use crate::analysis::reconcile::finding::related;
use crate::analysis::reconcile::{Counterpart, DiscrepancyRule, Finding, Severity, compare, words};
use crate::model::{Figure, Kind, Record};
use crate::register::{Node, Register};

/// A figure of a later plan against that of the record that it continues, of the same period: the nearest earlier print that has a value.
pub fn restated<'r>(register: &'r Register, node: &'r Node, found: &mut Vec<Finding<'r>>) {
    let (kind, key) = match &node.record {
        Record::Observation(it) => (Kind::Indicator, it.indicator_key.key()),
        Record::NormResult(it) => (Kind::Norm, it.norm_key.key()),
        Record::BudgetAmount(it) => (Kind::BudgetLine, it.budget_line_key.key()),
        Record::Inspection(it) => (Kind::InspectedProcess, it.process_key.key()),
        _ => return,
    };
    let Some(of) = register.get(kind, key) else { return };
    let earlier = line::earlier(register, of);
    if earlier.is_empty() {
        return;
    }
    let before: Vec<&'r Node> = earlier.iter().filter_map(|it| same_of(register, it, &node.record)).collect();
    for (field, own) in figures(node) {
        let mut others = before.iter().flat_map(|of| figures(of).into_iter().map(|(name, it)| (*of, name, it)));
        let Some((of, _, first)) = others.find(|(_, other, it)| *other == field && it.value.is_some()) else {
            continue;
        };
        let Some(gap) = own.value.and_then(|_| compare::same(own, first)) else { continue };
        found.push(Finding {
            rule: DiscrepancyRule::Restated,
            node,
            field,
            stated: own,
            found: Counterpart::Printed(of, field, first),
            severity: Severity::of(&gap),
            gap: Some(gap),
            explanation: format!(
                "{}: {} is printed, and in an earlier plan {}, in {}.",
                words::subject(register, node),
                words::quoted(own),
                words::quoted(first),
                words::place(first.printed.as_deref()),
            ),
        });
    }
}

/// The record below another one that tells of the same period.
fn same_of<'r>(register: &'r Register, of: &'r Node, record: &Record) -> Option<&'r Node> {
    let field = match record {
        Record::Observation(_) => "indicator",
        Record::NormResult(_) => "norm",
        Record::BudgetAmount(_) => "budgetLine",
        _ => "process",
    };
    let same = |other: &Record| match (record, other) {
        // What was expected, or told of a part, is another figure.
        (Record::Observation(a), Record::Observation(b)) => {
            a.is_plain() && b.is_plain() && a.period.is_same_span(&b.period)
        }
        (Record::NormResult(a), Record::NormResult(b)) => a.period.is_same_span(&b.period) && a.table() == b.table(),
        // An adjusted budget contradicts no first one.
        (Record::BudgetAmount(a), Record::BudgetAmount(b)) => (a.year, a.words()) == (b.year, b.words()),
        (Record::Inspection(a), Record::Inspection(b)) => a.year == b.year,
        _ => false,
    };
    related(register, record.kind(), field, &of.key).iter().map(|node| &**node).find(|node| same(&node.record))
}

/// The figures of a record that a later plan may print again.
fn figures(node: &Node) -> Vec<(&'static str, &Figure)> {
    match &node.record {
        Record::Observation(it) => vec![("figure", &it.figure)],
        Record::NormResult(it) => vec![("figure", &it.figure)],
        Record::BudgetAmount(it) => vec![("figure", &it.figure)],
        Record::Inspection(it) => [Column::Controls, Column::Sanctions, Column::ProposedRecovery]
            .map(|column| (column.path(), column.figure(it)))
            .to_vec(),
        _ => Vec::new(),
    }
}
