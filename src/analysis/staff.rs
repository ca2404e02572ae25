//! Staff: heads added up by level, rank and contract, their shares, and how far targets are reached.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rust_decimal::Decimal;

use crate::analysis::computed::{Computed, Input, Rule};
use crate::analysis::coverage::Coverage;
use crate::analysis::line;
use crate::analysis::total::Total;
use crate::analysis::walk::{self, RecordRef};
use crate::model::claim::{ClaimKind, Metric, Qualifier};
use crate::model::staff::Contract;
use crate::model::vocabulary::vocabulary;
use crate::model::{Category, Claim, Date, FigureStatus, Key, Organisation, Plan, StaffFigure, StaffTarget, Unit};
use crate::register::{Node, Register};

vocabulary! {
    /// By what heads are told apart.
    StaffDimension {
        /// Level (*niveau*).
        Level = "LEVEL",
        /// Rank (*rang*).
        Rank = "RANK",
        /// Statutory or contractual.
        Contract = "CONTRACT",
    }
}

/// The staff targets that count for a plan: its own, and those of the body that name no plan and that no other plan's document prints,
/// unless a target of the plan continues them.
pub fn targets<'r>(register: &'r Register, (node, plan): RecordRef<'r, Plan>) -> Vec<RecordRef<'r, StaffTarget>> {
    let of_body = walk::sources::<StaffTarget, Organisation>(register, plan.organisation_key.key());
    let others: Vec<_> = walk::sources::<Plan, Organisation>(register, plan.organisation_key.key());
    let elsewhere = |target: &StaffTarget| {
        let document = target.printed.as_ref().map(|printed| &printed.document_key);
        others.iter().any(|(other, it)| {
            other.key != node.key && it.document_key.is_some() && it.document_key.as_ref() == document
        })
    };
    let counts = |(own, target): &RecordRef<'r, StaffTarget>| match &target.plan_key {
        Some(named) => *named.key() == node.key,
        None => {
            let goes_on = line::after(register, own).and_then(walk::of::<StaffTarget>);
            let in_plan = |it: &StaffTarget| it.plan_key.as_ref().is_some_and(|named| *named.key() == node.key);
            !elsewhere(target) && !goes_on.is_some_and(|(_, next)| in_plan(next))
        }
    };
    of_body.into_iter().filter(counts).collect()
}

/// Heads of a group of staff.
#[derive(Clone, Debug)]
pub struct Group<'r> {
    /// The level that all of the group have, if they are told apart by it.
    pub level: Option<&'r str>,
    /// The rank that all of the group have.
    pub rank: Option<&'r str>,
    /// The contract that all of the group have.
    pub contract: Option<(Contract, &'r str)>,
    /// Heads.
    pub heads: Total<'r>,
    /// The share of all heads that are known.
    pub share: Computed<'r>,
}

/// The staff of a body at a date.
#[derive(Clone, Debug)]
pub struct Staff<'r> {
    /// The date; none when nothing is known of the body's staff.
    pub date: Option<Date>,
    /// All heads.
    pub heads: Total<'r>,
    /// The groups, in the order of the table.
    pub groups: Vec<Group<'r>>,
}

/// The last date by that day at which the heads of a body were counted.
pub fn last_date(register: &Register, body: &Node, by: Date) -> Option<Date> {
    let all = walk::sources::<StaffFigure, Organisation>(register, &body.key);
    all.iter().map(|(_, it)| it.date).filter(|date| *date <= by).max()
}

/// Those figures that count each head once: of a rank and contract what is told of all; or, where nothing is, what is told of its parts by
/// one breakdown.
pub fn each_once<'r>(register: &'r Register, rows: Vec<RecordRef<'r, StaffFigure>>) -> Vec<RecordRef<'r, StaffFigure>> {
    let breakdown = |it: &'r StaffFigure| -> BTreeSet<&'r str> {
        let categories = it.category_keys.iter().filter_map(|key| walk::follow::<Category>(register, key));
        categories.map(|(_, category)| category.dimension.as_str()).collect()
    };
    let place = |it: &'r StaffFigure| (it.organisation_key.key(), it.date, it.rank.as_str(), it.employed());
    let mut first = BTreeMap::new();
    for (_, it) in &rows {
        let by = breakdown(it);
        let least = first.entry(place(it)).or_insert_with(|| by.clone());
        if by < *least {
            *least = by;
        }
    }
    rows.into_iter().filter(|(_, it)| first.get(&place(it)).is_some_and(|least| *least == breakdown(it))).collect()
}

/// The staff of a body at a date, or else at the last date that there is.
pub fn staff<'r>(register: &'r Register, body: &Node, date: Option<Date>, by: &[StaffDimension]) -> Staff<'r> {
    let all = walk::sources::<StaffFigure, Organisation>(register, &body.key);
    let date = date.or_else(|| all.iter().map(|(_, it)| it.date).max());
    let rows = each_once(register, all.into_iter().filter(|(_, it)| Some(it.date) == date).collect());
    let none = proven_none(register, &body.key, &rows);
    let total = |rows: &[RecordRef<'r, StaffFigure>]| total(rows, &none);
    let heads = total(&rows);
    let key = |it: &'r StaffFigure| {
        let has = |dimension| by.contains(&dimension);
        (
            has(StaffDimension::Level).then_some(it.level.as_str()),
            has(StaffDimension::Rank).then_some(it.rank.as_str()),
            has(StaffDimension::Contract).then_some((it.contract, it.employed())),
        )
    };
    let mut keys = Vec::new();
    for (_, it) in &rows {
        if !by.is_empty() && !keys.contains(&key(it)) {
            keys.push(key(it));
        }
    }
    let groups = keys.into_iter().map(|of| {
        let rows: Vec<RecordRef<'r, StaffFigure>> = rows.iter().copied().filter(|(_, it)| key(it) == of).collect();
        let of_group = total(&rows);
        let share = Computed::share(
            Input::computed("part", Arc::clone(&of_group.known)),
            Input::computed("whole", Arc::clone(&heads.known)),
        );
        Group { level: of.0, rank: of.1, contract: of.2, heads: of_group, share }
    });
    let groups = groups.collect();
    Staff { date, heads, groups }
}

/// A printed total, and the rows that it is the total of.
type PrintedTotal<'r> = (RecordRef<'r, Claim>, Vec<&'r Key>);

/// The blank rows of those that printed totals other than that claim prove to be nobody.
pub fn proven_nobody<'r>(
    register: &'r Register,
    body: &Key,
    rows: &[RecordRef<'r, StaffFigure>],
    but: &Key,
) -> BTreeSet<&'r Key> {
    let blank: BTreeSet<&Key> =
        rows.iter().filter(|(_, it)| it.figure.value.is_none()).map(|(node, _)| &node.key).collect();
    if blank.is_empty() {
        return blank;
    }
    let totals = proven_none(register, body, rows).into_iter().filter(|(claim, _)| claim.0.key != *but);
    totals.flat_map(|(_, of)| of).filter(|key| blank.contains(key)).collect()
}

/// The printed totals of heads that come to the same as the rows that have a value: the others, blank, are none.
fn proven_none<'r>(register: &'r Register, body: &Key, rows: &[RecordRef<'r, StaffFigure>]) -> Vec<PrintedTotal<'r>> {
    let plans = walk::sources::<Plan, Organisation>(register, body);
    let claims = plans.iter().flat_map(|(plan, _)| walk::sources::<Claim, Plan>(register, &plan.key));
    let total = |claim: RecordRef<'r, Claim>| {
        let counted = claim.1.counted.as_ref().filter(|it| it.metric == Metric::Staff)?;
        let (period, value) = (claim.1.period.as_ref()?, claim.1.figure.value?);
        let exact = claim.1.kind == ClaimKind::Sum && claim.1.qualifier == Qualifier::Exact;
        let of: Vec<&RecordRef<'r, StaffFigure>> = rows
            .iter()
            .filter(|(_, it)| period.start() == it.date && period.end() == it.date)
            .filter(|(_, it)| counted.is_of_staff(it))
            .collect();
        let none_is_less = of.iter().all(|(_, it)| it.figure.value.is_none_or(|value| !value.is_sign_negative()));
        let known = of.iter().filter_map(|(_, it)| it.figure.value).try_fold(Decimal::ZERO, Decimal::checked_add)?;
        (exact && none_is_less && !of.is_empty() && known == value)
            .then(|| (claim, of.iter().map(|(node, _)| &node.key).collect()))
    };
    claims.filter_map(total).collect()
}

fn total<'r>(rows: &[RecordRef<'r, StaffFigure>], none: &[PrintedTotal<'r>]) -> Total<'r> {
    let input = |(node, it): &RecordRef<'r, StaffFigure>| Input::recorded("part", node, "figure", &it.figure);
    let of = Total::of(Unit::Persons, rows.iter().map(input).collect(), "number of heads");
    let is_blank = |it: &StaffFigure| it.figure.value.is_none() && it.figure.status != FigureStatus::NotApplicable;
    let blank = rows.iter().filter(|(_, it)| is_blank(it)).map(|(node, _)| &node.key);
    // One printed total for each blank, the narrowest.
    let narrowest = |blank: &'r Key| none.iter().filter(|(_, of)| of.contains(&blank)).min_by_key(|(_, of)| of.len());
    let mut proof: Vec<&PrintedTotal<'r>> = blank.filter_map(narrowest).collect();
    if proof.is_empty() || of.known.value.is_err() {
        return of;
    }
    let Coverage { known, unknown } = of.known.coverage;
    let coverage = Coverage { known: known + proof.len(), unknown: unknown - proof.len() };
    let mut told = BTreeSet::new();
    proof.retain(|(claim, _)| told.insert(&claim.0.key));
    let totals = proof.iter().map(|(claim, _)| Input::recorded("total", claim.0, "figure", &claim.1.figure));
    let inputs = of.known.inputs.iter().cloned().chain(totals).collect();
    let rule = if coverage.unknown == 0 { Rule::SumByTotal } else { Rule::SumOfKnown };
    let known = Arc::new(Computed::new(rule, Unit::Persons, inputs).covering(coverage));
    if coverage.unknown > 0 {
        return Total { sum: Arc::new(Computed::clone(&of.sum).covering(coverage)), known };
    }
    Total { sum: Arc::clone(&known), known }
}

/// How far a target is reached.
#[derive(Clone, Debug)]
pub struct Progress<'r> {
    /// What is reached as a share of the target.
    pub share: Computed<'r>,
    /// What is left to reach.
    pub left: Computed<'r>,
}

/// How far a target for staff is reached.
pub fn progress<'r>((node, target): RecordRef<'r, StaffTarget>) -> Progress<'r> {
    let unit = target.target.unit;
    let inputs = || {
        vec![
            Input::optional("achieved", node, "achieved", target.achieved.as_ref()),
            Input::recorded("target", node, "target", &target.target),
        ]
    };
    Progress {
        share: Computed::in_one_unit(Rule::TargetProgress, unit, inputs()).counting(Unit::Ratio),
        left: Computed::in_one_unit(Rule::TargetLeft, unit, inputs()),
    }
}
