//! The same figure printed in two places.

use crate::analysis::reconcile::compare::{self, Gap};
use crate::analysis::reconcile::finding::related;
use crate::analysis::reconcile::{Counterpart, DiscrepancyRule, Finding, Severity, words};
use crate::model::indicator::IndicatorKind;
use crate::model::norm::ResultSource;
use crate::model::text::shortened;
use crate::model::{AsRecord as _, Figure, FigureStatus, Key, Kind, NormResult, Record};
use crate::register::{Node, Register};

/// How two prints of one figure contradict each other: by their values, the coarser one deciding, or by one saying that there is none.
fn contradict(stated: &Figure, second: &Figure) -> Option<Option<Gap>> {
    let says_none = |figure: &Figure| {
        matches!(figure.status, FigureStatus::NotAvailable | FigureStatus::NotApplicable) && figure.value.is_none()
    };
    match (stated.value, second.value) {
        (Some(_), Some(_)) => compare::same(stated, second).map(Some),
        (Some(_), None) if says_none(second) => Some(None),
        (None, Some(_)) if says_none(stated) => Some(None),
        _ => None,
    }
}

/// A pair of prints of one figure.
struct Pair<'r> {
    field: &'static str,
    stated: &'r Figure,
    second: &'r Figure,
}

fn push<'r>(
    rule: DiscrepancyRule,
    register: &'r Register,
    node: &'r Node,
    pair: &Pair<'r>,
    tables: [&str; 2],
    found: &mut Vec<Finding<'r>>,
) {
    let Some(gap) = contradict(pair.stated, pair.second) else { return };
    let what = if pair.field == "figure" { "" } else { " as the trend" };
    let [first, second] = tables;
    found.push(Finding {
        rule,
        node,
        field: pair.field,
        stated: pair.stated,
        found: Counterpart::Printed(pair.second),
        severity: gap.as_ref().map_or(rule.severity(), Severity::of),
        gap,
        explanation: format!(
            "{}: {first} prints {}{what}, {second} prints {}.",
            words::subject(register, node),
            words::quoted(pair.stated),
            words::quoted(pair.second),
        ),
    });
}

/// A norm's result in one table is that of another: of the fact table, or else of the first by its word.
pub fn norms<'r>(register: &'r Register, node: &'r Node, found: &mut Vec<Finding<'r>>) {
    let Record::NormResult(own) = &node.record else { return };
    let place = |it: &'r NormResult| (it.source, it.table());
    let same = related(register, Kind::NormResult, "norm", own.norm_key.key()).iter();
    let same = same.filter_map(|node| NormResult::of(&node.record)).filter(|it| it.period == own.period);
    let Some(first) = same.min_by_key(|it| place(it)).filter(|first| place(first) < place(own)) else { return };
    let names = [own, first].map(|it| match it.source {
        ResultSource::Overview => "the overview".to_owned(),
        ResultSource::FactTable => "the fact table".to_owned(),
        ResultSource::Other => format!("the table “{}”", shortened(it.table(), 80)),
    });
    let tables = [names[0].as_str(), names[1].as_str()];
    let rule = DiscrepancyRule::NormTwice;
    let pair = Pair { field: "figure", stated: &own.figure, second: &first.figure };
    push(rule, register, node, &pair, tables, found);
    if let (Some(stated), Some(second)) = (&own.change, &first.change) {
        push(rule, register, node, &Pair { field: "change", stated, second }, tables, found);
    }
}

/// What a fact table says of inspections is what the inspectorate's table says.
pub fn inspections<'r>(register: &'r Register, node: &'r Node, found: &mut Vec<Finding<'r>>) {
    let Record::Observation(observation) = &node.record else { return };
    let Some(indicator) = register.follow(&observation.indicator_key) else { return };
    if !matches!(indicator.kind, IndicatorKind::Controls | IndicatorKind::Sanctions | IndicatorKind::ProposedRecovery) {
        return;
    }
    let figures = |record: &'r Record| {
        let Record::Inspection(it) = record else { return None };
        match indicator.kind {
            IndicatorKind::Controls => Some((&it.controls, &it.controls_change)),
            IndicatorKind::Sanctions => Some((&it.sanctions, &it.sanctions_change)),
            IndicatorKind::ProposedRecovery => Some((&it.proposed_recovery, &it.proposed_recovery_change)),
            _ => None,
        }
    };
    // Only where a row of the inspectorate's table is about this measure alone, and no other row is.
    let Some(measure) = &indicator.measure_key else { return };
    let [row] = related(register, Kind::InspectedProcess, "measures", measure.key()) else { return };
    if !matches!(&row.record, Record::InspectedProcess(process) if process.measure_keys.len() == 1) {
        return;
    }
    let inspection = register.get(Kind::Inspection, &Key::join(&[&row.key, &observation.period]));
    let Some((second, change)) = inspection.and_then(|it| figures(&it.record)) else { return };
    let tables = ["the fact table", "the inspectorate's table"];
    let rule = DiscrepancyRule::InspectionTwice;
    let pair = Pair { field: "figure", stated: &observation.figure, second };
    push(rule, register, node, &pair, tables, found);
    if let (Some(stated), Some(second)) = (&observation.change, change) {
        push(rule, register, node, &Pair { field: "change", stated, second }, tables, found);
    }
}

/// One stretch of time has one figure, under the one form of its period.
pub fn spans<'r>(register: &'r Register, node: &'r Node, found: &mut Vec<Finding<'r>>) {
    let (period, figure, siblings) = match &node.record {
        Record::Observation(it) => {
            (&it.period, &it.figure, related(register, Kind::Observation, "indicator", it.indicator_key.key()))
        }
        Record::NormResult(it) => {
            (&it.period, &it.figure, related(register, Kind::NormResult, "norm", it.norm_key.key()))
        }
        _ => return,
    };
    if period.in_one_form() == *period {
        return;
    }
    let other = siblings.iter().find_map(|other| match (&node.record, &other.record) {
        (Record::Observation(_), Record::Observation(it)) => {
            (it.period != *period && it.period.is_same_span(period)).then_some((&it.period, &it.figure))
        }
        (Record::NormResult(own), Record::NormResult(it)) => {
            let same = it.table() == own.table() && it.period != *period && it.period.is_same_span(period);
            same.then_some((&it.period, &it.figure))
        }
        _ => None,
    });
    let Some((form, second)) = other else { return };
    let gap = compare::same(figure, second);
    found.push(Finding {
        rule: DiscrepancyRule::SameSpan,
        node,
        field: "figure",
        stated: figure,
        found: Counterpart::Printed(second),
        severity: gap.as_ref().map_or(DiscrepancyRule::SameSpan.severity(), Severity::of),
        gap,
        explanation: format!(
            "{}: {} is stored for `{period}`, and {} for `{form}`, which is the same stretch of time; keep one of them.",
            words::subject(register, node),
            words::figure(figure),
            words::figure(second),
        ),
    });
}
