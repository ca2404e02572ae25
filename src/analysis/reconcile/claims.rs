//! What the prose states of one figure, against that figure.

use rust_decimal::Decimal;

use crate::analysis::computed::{Computed, Input, Rule};
use crate::analysis::reconcile::finding::related;
use crate::analysis::reconcile::{Counterpart, DiscrepancyRule, Finding, Severity, compare, words};
use crate::model::claim::{ClaimKind, Metric, Qualifier};
use crate::model::exact;
use crate::model::{AsRecord as _, Claim, Figure, Indicator, Key, Kind, Norm, NormResult, Observation, Period, Unit};
use crate::register::{Node, Register};

/// A cell of a table: the record and its figure.
pub type Cell<'r> = (&'r Node, &'r Figure);

/// The cell that a claim is about in a period: its indicator's observation, or its norm's result, in the fact table first.
pub fn cell<'r>(register: &'r Register, claim: &Claim, period: &Period) -> Option<Cell<'r>> {
    if let Some(indicator) = &claim.indicator_key {
        return observed(register, indicator.key(), period);
    }
    let norm = claim.norm_key.as_ref()?;
    let of_period = related(register, Kind::NormResult, "norm", norm.key()).iter().filter_map(|node| {
        NormResult::of(&node.record).filter(|result| result.period == *period).map(|result| (&**node, result))
    });
    of_period.min_by_key(|(_, result)| (result.source, result.table())).map(|(node, result)| (node, &result.figure))
}

/// The observation of an indicator in a period.
pub fn observed<'r>(register: &'r Register, indicator: &Key, period: &Period) -> Option<Cell<'r>> {
    let node = register.get(Kind::Observation, &Observation::plain_key(indicator, period))?;
    Observation::of(&node.record).map(|observation| (&**node, &observation.figure))
}

/// The claim, unless it counts something: then its metric has a rule of its own.
fn plain(node: &Node) -> Option<&Claim> {
    Claim::of(&node.record).filter(|claim| claim.counted.is_none())
}

/// Whether a claim says exactly how many there are of something, or how much.
pub fn states_a_sum(claim: &Claim) -> bool {
    let is_sum = matches!(claim.kind, ClaimKind::Count | ClaimKind::NormCount | ClaimKind::Value | ClaimKind::Sum);
    is_sum && claim.qualifier == Qualifier::Exact
}

/// A value that the text states is the one of the table.
pub fn value<'r>(register: &'r Register, node: &'r Node, found: &mut Vec<Finding<'r>>) {
    let Some(claim) = plain(node) else { return };
    if !matches!(claim.kind, ClaimKind::Value | ClaimKind::Share | ClaimKind::NormResult | ClaimKind::Sum) {
        return;
    }
    let Some((at, figure)) = claim.period.as_ref().and_then(|period| cell(register, claim, period)) else { return };
    let Some(value) = figure.value.filter(|_| figure.counts() == claim.figure.counts()) else { return };
    let gap = match claim.qualifier {
        Qualifier::Exact => compare::same(&claim.figure, figure),
        other => compare::claimed(&claim.figure, other, value, compare::rounding(figure), None),
    };
    let Some(gap) = gap else { return };
    found.push(Finding {
        rule: DiscrepancyRule::ClaimValue,
        node,
        field: "figure",
        stated: &claim.figure,
        found: Counterpart::Printed(at, "figure", figure),
        gap: Some(gap),
        severity: Severity::of(&gap),
        explanation: format!(
            "{}, but {} has {} in the table.",
            words::claim(claim),
            words::subject(register, at),
            words::quoted(figure)
        ),
    });
}

/// A change that the text states follows from the values of the table.
pub fn change<'r>(register: &'r Register, node: &'r Node, found: &mut Vec<Finding<'r>>) {
    let Some(claim) = plain(node) else { return };
    let (Some(period), Some(base)) = (&claim.period, &claim.base_period) else { return };
    if base >= period {
        return;
    }
    let (Some(to), Some(from)) = (cell(register, claim, period), cell(register, claim, base)) else { return };
    if to.1.counts() != from.1.counts() {
        return;
    }
    let inputs = vec![Input::recorded("to", to.0, "figure", to.1), Input::recorded("from", from.0, "figure", from.1)];
    let computed = match claim.kind {
        ClaimKind::ChangeAbsolute if claim.figure.counts() == to.1.counts() => {
            Computed::new(Rule::Change, claim.figure.unit, inputs)
        }
        ClaimKind::ChangePoints if to.1.unit == Unit::Ratio => Computed::new(Rule::Change, Unit::RatioPoints, inputs),
        ClaimKind::ChangeRelative => Computed::relative_change(inputs),
        _ => return,
    };
    let unit = computed.unit;
    let Ok(value) = computed.value else { return };
    let start = if computed.rule == Rule::ChangeRelative { Some(Decimal::ONE) } else { from.1.value };
    let level = claim.figure.value.zip(start).and_then(|(change, start)| exact::add(start, change));
    let gap = compare::claimed(&claim.figure, claim.qualifier, value, compare::slack(&computed), level);
    let Some(gap) = gap.map(|gap| gap.of_change(&computed)) else { return };
    found.push(Finding {
        rule: DiscrepancyRule::ClaimChange,
        node,
        field: "figure",
        stated: &claim.figure,
        found: Counterpart::Computed(computed),
        gap: Some(gap),
        severity: Severity::of(&gap),
        explanation: format!(
            "{} ({}), but {} goes from {} to {} in the table, which is {}.",
            words::claim(claim),
            claim.figure.value.map_or_else(String::new, |value| words::change(value, unit)),
            words::subject(register, to.0),
            words::figure(from.1),
            words::figure(to.1),
            words::change(value, unit),
        ),
    });
}

/// A change is counted from an earlier period.
pub fn base<'r>(_: &'r Register, node: &'r Node, found: &mut Vec<Finding<'r>>) {
    let Some(claim) = Claim::of(&node.record) else { return };
    let (Some(period), Some(base)) = (&claim.period, &claim.base_period) else { return };
    if base < period {
        return;
    }
    found.push(Finding {
        rule: DiscrepancyRule::ClaimBase,
        node,
        field: "basePeriod",
        stated: &claim.figure,
        found: Counterpart::Nothing,
        gap: None,
        severity: DiscrepancyRule::ClaimBase.severity(),
        explanation: format!(
            "{}: the change of {period} is counted from {base}, which is not earlier.",
            words::claim(claim)
        ),
    });
}

/// What the text says a norm asks for is what the norm says.
pub fn norm<'r>(register: &'r Register, node: &'r Node, found: &mut Vec<Finding<'r>>) {
    let Some(claim) = Claim::of(&node.record) else { return };
    let metric = claim.counted.as_ref().map(|counted| counted.metric);
    let Some(norm) = claim.norm_key.as_ref().and_then(|norm| register.get(Kind::Norm, norm.key())) else { return };
    let Some(record) = Norm::of(&norm.record) else { return };
    let (path, figure) = match metric {
        Some(Metric::Target) => ("target", &record.target),
        Some(Metric::Limit) => ("limit", &record.limit),
        _ => return,
    };
    let Some(figure) = figure.as_ref().filter(|figure| figure.unit == claim.figure.unit) else { return };
    let (Some(stated), Some(value)) = (claim.figure.value, figure.value) else { return };
    let Some(gap) = compare::exact(&claim.figure, value, Decimal::ZERO).filter(|_| stated != value) else {
        return;
    };
    found.push(Finding {
        rule: DiscrepancyRule::ClaimNorm,
        node,
        field: "figure",
        stated: &claim.figure,
        found: Counterpart::Printed(norm, path, figure),
        gap: Some(gap),
        severity: Severity::of(&gap),
        explanation: format!(
            "{}, but the norm is “{}” in the table: {}, not {}.",
            words::claim(claim),
            record.label,
            words::figure(figure),
            words::figure(&claim.figure),
        ),
    });
}

/// The parts that the text names make the whole of the table.
pub fn parts<'r>(register: &'r Register, node: &'r Node, found: &mut Vec<Finding<'r>>) {
    let Some(observation) = Observation::of(&node.record).filter(|it| it.is_plain()) else { return };
    let parts: Vec<(&'r Node, &'r Claim)> =
        related(register, Kind::Claim, "indicator", observation.indicator_key.key())
            .iter()
            .filter_map(|node| Some((&**node, Claim::of(&node.record)?)))
            .filter(|(_, claim)| claim.counted.as_ref().is_some_and(|counted| counted.metric == Metric::Part))
            .filter(|(_, claim)| claim.period.as_ref() == Some(&observation.period))
            .collect();
    if parts.is_empty() || parts.iter().any(|(_, claim)| claim.figure.counts() != observation.figure.counts()) {
        return;
    }
    let inputs = parts.iter().map(|(node, claim)| Input::recorded("part", node, "figure", &claim.figure)).collect();
    let computed = Computed::sum(observation.figure.unit, inputs);
    let Ok(value) = computed.value else { return };
    let Some(gap) = compare::exact(&observation.figure, value, compare::slack(&computed)) else { return };
    let terms: Vec<String> = parts.iter().map(|(_, claim)| words::figure(&claim.figure)).collect();
    let label = register.follow(&observation.indicator_key).map_or("", |indicator: &Indicator| &indicator.label);
    found.push(Finding {
        rule: DiscrepancyRule::ClaimParts,
        node,
        field: "figure",
        stated: &observation.figure,
        found: Counterpart::Computed(computed),
        gap: Some(gap),
        severity: Severity::of(&gap),
        explanation: format!(
            "{}: the parts that the text of {} names, {}, make {}, but “{label}” is {} in the table.",
            words::subject(register, node),
            words::place(parts[0].1.figure.printed.as_deref()),
            terms.join(" + "),
            words::number(value, observation.figure.unit),
            words::quoted(&observation.figure),
        ),
    });
}
