//! What the prose adds up, and how it says that these sums changed.

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::analysis::computed::{Computed, Input, Rule};
use crate::analysis::inspection::{self, Column};
use crate::analysis::reconcile::finding::related;
use crate::analysis::reconcile::{self, DiscrepancyRule, Finding, Severity, compare, words};
use crate::analysis::staff::{self, each_once};
use crate::analysis::total::Change;
use crate::analysis::walk::{self, RecordRef};
use crate::model::claim::{ClaimKind, Counted, Metric};
use crate::model::period::PeriodKind;
use crate::model::{
    AsRecord, Claim, InspectedProcess, Inspection, Key, Kind, Observation, Period, Plan, StaffFigure, StaffTarget, Unit,
};
use crate::register::{Node, Register};

/// A total that is stated, and its change, follow from the parts.
pub fn total<'r>(register: &'r Register, node: &'r Node, found: &mut Vec<Finding<'r>>) {
    const KINDS: [ClaimKind; 4] =
        [ClaimKind::Value, ClaimKind::Sum, ClaimKind::ChangeAbsolute, ClaimKind::ChangeRelative];
    let Some((claim, counted)) = counting(node, &KINDS) else { return };
    let Some(period) = &claim.period else { return };
    let relative = match claim.kind {
        ClaimKind::ChangeAbsolute => false,
        ClaimKind::ChangeRelative => true,
        _ => {
            let Some(sum) = sum(register, claim, counted, period) else { return };
            return push(DiscrepancyRule::ClaimTotal, node, claim, sum, "the parts make", None, found);
        }
    };
    let Some(base) = claim.base_period.as_ref().filter(|base| *base < period) else { return };
    let Some(change) = change(register, claim, counted, base, period) else { return };
    let of = |change: Change<'r>| if relative { change.relative } else { change.absolute };
    // Where it compares sums of which parts are unknown, the document counts these as zero.
    let coverage = change.absolute.coverage;
    let as_zero = (coverage.unknown > 0).then(|| totals_change(register, claim, counted, base, period)).flatten();
    let note = as_zero.map(of).and_then(|it| Some((it.value.ok()?, it.unit))).map(|(value, unit)| {
        format!(
            " Left out: {} of {} parts, without a figure in one of the periods or in both; counted as zero they make it {}.",
            coverage.unknown,
            coverage.known + coverage.unknown,
            words::change(value, unit)
        )
    });
    push(DiscrepancyRule::ClaimTotal, node, claim, of(change), "like for like the parts make", note, found);
}

/// Whether a finding about a change comes nearer to what it states, or to be none, when what is blank counts as zero.
pub fn counts_blanks_as_zero(register: &Register, finding: &Finding<'_>) -> bool {
    let Some((claim, counted)) = counting(finding.node, &[ClaimKind::ChangeAbsolute, ClaimKind::ChangeRelative]) else {
        return false;
    };
    let periods = claim.base_period.as_ref().zip(claim.period.as_ref());
    let change = periods.and_then(|(from, to)| totals_change(register, claim, counted, from, to));
    let as_zero = change.map(|it| if claim.kind == ClaimKind::ChangeRelative { it.relative } else { it.absolute });
    let as_zero = as_zero.and_then(|it| it.value.ok());
    finding.gap.zip(as_zero).is_some_and(|(gap, as_zero)| {
        let apart = as_zero.checked_sub(gap.stated).map(|apart| apart.round_dp(12).abs());
        apart.is_some_and(|apart| apart < gap.difference.abs())
            || compare::claimed(&claim.figure, claim.qualifier, as_zero, Decimal::ZERO, Some(Decimal::ONE)).is_none()
    })
}

/// How what a claim adds up changed between two periods: over those rows that have both figures, where the rows are the same in both.
fn change<'r>(
    register: &'r Register,
    claim: &Claim,
    counted: &Counted,
    from: &Period,
    to: &Period,
) -> Option<Change<'r>> {
    let Some(column) = column(counted.metric) else { return totals_change(register, claim, counted, from, to) };
    let year = |period: &Period| (period.kind() == PeriodKind::Year).then(|| period.start().year());
    let (from, to) = (year(from)?, year(to)?);
    let processes = named(register, claim).into_iter().filter_map(walk::of::<InspectedProcess>).collect::<Vec<_>>();
    Some(inspection::change(register, &processes, column, from, to))
}

/// The change between two sums.
fn totals_change<'r>(
    register: &'r Register,
    claim: &Claim,
    counted: &Counted,
    from: &Period,
    to: &Period,
) -> Option<Change<'r>> {
    let sum = |period: &Period| sum(register, claim, counted, period).map(Arc::new);
    let (from, to) = (sum(from)?, sum(to)?);
    let unit = to.unit;
    let inputs = || vec![Input::computed("to", Arc::clone(&to)), Input::computed("from", Arc::clone(&from))];
    Some(Change {
        absolute: Computed::new(Rule::Change, unit, inputs()),
        relative: Computed::relative_change(inputs()),
    })
}

/// The claim with what it counts, when it is of one of these kinds.
pub fn counting<'r>(node: &'r Node, kinds: &[ClaimKind]) -> Option<(&'r Claim, &'r Counted)> {
    let claim = Claim::of(&node.record).filter(|claim| kinds.contains(&claim.kind))?;
    Some((claim, claim.counted.as_ref()?))
}

/// Pushes what is found when a claim does not agree with what was computed; `note` follows the explanation.
pub fn push<'r>(
    rule: DiscrepancyRule,
    node: &'r Node,
    claim: &'r Claim,
    computed: Computed<'r>,
    verb: &str,
    note: Option<String>,
    found: &mut Vec<Finding<'r>>,
) {
    let Ok(value) = computed.value else { return };
    let slack = compare::slack(&computed);
    let is_change = matches!(computed.rule, Rule::Change | Rule::ChangeRelative | Rule::RemainderChange);
    let level = is_change.then_some(Decimal::ONE);
    let gap = compare::claimed(&claim.figure, claim.qualifier, value, slack, level);
    let gap = gap.filter(|gap| !compare::explained_by_blanks(&computed, claim.qualifier, gap));
    let Some(gap) = gap.map(|gap| gap.of_change(&computed)) else { return };
    let shown = if is_change { words::change(value, computed.unit) } else { words::number(value, computed.unit) };
    let stated = claim.figure.value.map_or_else(String::new, |value| words::number(value, claim.figure.unit));
    found.push(Finding {
        rule,
        node,
        field: "figure",
        stated: &claim.figure,
        gap: Some(gap),
        severity: Severity::of(&gap),
        explanation: format!(
            "{} ({stated}: {}), but {verb} {shown}.{}",
            words::claim(claim),
            claim.subject,
            note.unwrap_or_default()
        ),
        found: reconcile::Counterpart::Computed(computed),
    });
}

/// The records of a kind that belong to a plan.
pub fn of_plan<'r, T: AsRecord + 'r>(
    register: &'r Register,
    plan: &Key,
) -> impl Iterator<Item = (&'r Node, &'r T)> + use<'r, T> {
    let nodes = related(register, T::KIND, "plan", plan).iter();
    nodes.filter_map(|node| Some((&**node, T::of(&node.record)?)))
}

/// What a claim adds up in a period; none when it adds nothing up.
pub fn sum<'r>(register: &'r Register, claim: &Claim, counted: &Counted, period: &Period) -> Option<Computed<'r>> {
    let plan = claim.plan_key.key();
    match counted.metric {
        Metric::Controls | Metric::Sanctions | Metric::ProposedRecovery => {
            inspected(register, named(register, claim), counted.metric, period)
        }
        Metric::Staff => {
            let plan = register.get(Kind::Plan, plan).and_then(|node| Plan::of(&node.record))?;
            let figures = related(register, Kind::StaffFigure, "organisation", plan.organisation_key.key()).iter();
            let figures = figures
                .filter_map(|node| Some((&**node, StaffFigure::of(&node.record)?)))
                .filter(|(_, it)| it.date == period.start() && period.start() == period.end());
            let rows = each_once(register, figures.collect());
            let nobody = staff::proven_nobody(register, plan.organisation_key.key(), &rows, &claim.key);
            let parts = rows
                .into_iter()
                .filter(|(node, it)| counted.is_of_staff(it) && !nobody.contains(&node.key))
                .map(|(node, it)| Input::recorded("part", node, "figure", &it.figure));
            Some(Computed::sum_of_known(Unit::Persons, parts.collect()))
        }
        Metric::StaffTargets => {
            let targets = claim.staff_target_keys.iter().filter_map(|key| register.get(Kind::StaffTarget, key.key()));
            let targets = targets.filter_map(|node| Some((&**node, StaffTarget::of(&node.record)?)));
            let parts = targets.map(|(node, it)| Input::recorded("part", node, "target", &it.target));
            Some(Computed::sum(claim.figure.unit, parts.collect()))
        }
        Metric::Observations => {
            let indicator = claim.indicator_key.as_ref()?;
            let parts = related(register, Kind::Observation, "indicator", indicator.key())
                .iter()
                .filter_map(|node| Some((&**node, Observation::of(&node.record)?)))
                .filter(|(_, it)| {
                    it.is_plain() && it.period.start() <= period.end() && period.start() <= it.period.end()
                })
                .map(|(node, it)| Input::recorded("part", node, "figure", &it.figure));
            Some(Computed::sum(claim.figure.unit, parts.collect()))
        }
        _ => None,
    }
}

/// The processes of a plan.
pub fn processes_of<'r>(register: &'r Register, plan: &Key) -> Vec<&'r Node> {
    of_plan::<InspectedProcess>(register, plan).map(|(node, _)| node).collect()
}

/// The processes that a claim names, or else all.
fn named<'r>(register: &'r Register, claim: &Claim) -> Vec<&'r Node> {
    let named = claim.process_keys.iter().filter_map(|process| register.get(Kind::InspectedProcess, process.key()));
    let named: Vec<&'r Node> = named.map(|node| &**node).collect();
    if named.is_empty() { processes_of(register, claim.plan_key.key()) } else { named }
}

/// What was done in a process in a period.
pub fn inspection<'r>(register: &'r Register, process: &Node, period: &Period) -> Option<RecordRef<'r, Inspection>> {
    walk::get(register, &Key::join(&[&process.key, period]))
}

/// The column of the inspectorate's table that a metric adds up.
fn column(metric: Metric) -> Option<Column> {
    match metric {
        Metric::Controls => Some(Column::Controls),
        Metric::Sanctions => Some(Column::Sanctions),
        Metric::ProposedRecovery => Some(Column::ProposedRecovery),
        _ => None,
    }
}

/// A column of the inspectorate's table, added up over those processes in a period.
pub fn inspected<'r>(
    register: &'r Register,
    processes: Vec<&'r Node>,
    metric: Metric,
    period: &Period,
) -> Option<Computed<'r>> {
    let column = column(metric)?;
    // A process without a row of the period is as unknown as one with a blank.
    let parts = processes.into_iter().map(|process| {
        let row = inspection(register, process, period);
        let absent = Input::optional("part", process, column.path(), None);
        row.map_or(absent, |(node, it)| Input::recorded("part", node, column.path(), column.figure(it)))
    });
    Some(Computed::sum_of_known(column.unit(), parts.collect()))
}
