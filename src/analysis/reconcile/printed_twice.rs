//! The same figure printed in two places.

use crate::analysis::inspection::Column;
use crate::analysis::reconcile::compare::{self, Gap};
use crate::analysis::reconcile::finding::related;
use crate::analysis::reconcile::{Counterpart, DiscrepancyRule, Finding, Severity, words};
use crate::analysis::walk;
use crate::model::indicator::IndicatorKind;
use crate::model::norm::ResultSource;
use crate::model::text::shortened;
use crate::model::{Figure, FigureStatus, Inspection, Key, Kind, NormResult, Record};
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
    /// Where the second print stands.
    at: (&'r Node, &'static str),
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
        found: Counterpart::Printed(pair.at.0, pair.at.1, pair.second),
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
    let same = same.filter_map(|node| walk::of::<NormResult>(node)).filter(|(_, it)| it.period == own.period);
    let first = same.min_by_key(|(_, it)| place(it)).filter(|(_, first)| place(first) < place(own));
    let Some((at, first)) = first else { return };
    let names = [own, first].map(|it| match it.source {
        ResultSource::Overview => "the overview".to_owned(),
        ResultSource::FactTable => "the fact table".to_owned(),
        ResultSource::Other => format!("the table “{}”", shortened(it.table(), 80)),
    });
    let tables = [names[0].as_str(), names[1].as_str()];
    let rule = DiscrepancyRule::NormTwice;
    let pair = Pair { field: "figure", stated: &own.figure, second: &first.figure, at: (at, "figure") };
    push(rule, register, node, &pair, tables, found);
    if let (Some(stated), Some(second)) = (&own.change, &first.change) {
        push(rule, register, node, &Pair { field: "change", stated, second, at: (at, "change") }, tables, found);
    }
}

/// What a fact table says of inspections is what the inspectorate's table says.
pub fn inspections<'r>(register: &'r Register, node: &'r Node, found: &mut Vec<Finding<'r>>) {
    let Record::Observation(observation) = &node.record else { return };
    let Some(indicator) = register.follow(&observation.indicator_key) else { return };
    if !matches!(indicator.kind, IndicatorKind::Controls | IndicatorKind::Sanctions | IndicatorKind::ProposedRecovery) {
        return;
    }
    let column = match indicator.kind {
        IndicatorKind::Controls => Column::Controls,
        IndicatorKind::Sanctions => Column::Sanctions,
        _ => Column::ProposedRecovery,
    };
    // Only where a row of the inspectorate's table is about this measure alone, and no other row is.
    let Some(measure) = &indicator.measure_key else { return };
    let [row] = related(register, Kind::InspectedProcess, "measures", measure.key()) else { return };
    if !matches!(&row.record, Record::InspectedProcess(process) if process.measure_keys.len() == 1) {
        return;
    }
    let inspection = register.get(Kind::Inspection, &Key::join(&[&row.key, &observation.period]));
    let Some((at, inspection)) = inspection.and_then(|node| walk::of::<Inspection>(node)) else { return };
    let tables = ["the fact table", "the inspectorate's table"];
    let rule = DiscrepancyRule::InspectionTwice;
    let second = column.figure(inspection);
    let pair = Pair { field: "figure", stated: &observation.figure, second, at: (at, column.path()) };
    push(rule, register, node, &pair, tables, found);
    if let (Some(stated), (path, Some(second))) = (&observation.change, change_of(inspection, column)) {
        push(rule, register, node, &Pair { field: "change", stated, second, at: (at, path) }, tables, found);
    }
}

/// The printed trend of a column of the inspectorate's table, by its name.
fn change_of(it: &Inspection, column: Column) -> (&'static str, Option<&Figure>) {
    match column {
        Column::Controls => ("controlsChange", it.controls_change.as_ref()),
        Column::Sanctions => ("sanctionsChange", it.sanctions_change.as_ref()),
        Column::ProposedRecovery => ("proposedRecoveryChange", it.proposed_recovery_change.as_ref()),
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
            (it.period != *period && it.period.is_same_span(period)).then_some((&**other, &it.period, &it.figure))
        }
        (Record::NormResult(own), Record::NormResult(it)) => {
            let same = it.table() == own.table() && it.period != *period && it.period.is_same_span(period);
            same.then_some((&**other, &it.period, &it.figure))
        }
        _ => None,
    });
    let Some((at, form, second)) = other else { return };
    let gap = compare::same(figure, second);
    found.push(Finding {
        rule: DiscrepancyRule::SameSpan,
        node,
        field: "figure",
        stated: figure,
        found: Counterpart::Printed(at, "figure", second),
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
