//! What the prose counts and divides: the claim says what, and it is counted here.

use crate::analysis::computed::{Computed, Input, Rule};
use crate::analysis::reconcile::claims::{Cell, cell, observed};
use crate::analysis::reconcile::finding::related;
use crate::analysis::reconcile::totals::{counting, inspected, inspection, of_plan, processes_of, push, sum};
use crate::analysis::reconcile::{DiscrepancyRule, Finding};
use crate::analysis::walk;
use crate::model::claim::{ChangeDirection, ClaimKind, Counted, Metric};
use crate::model::project::Running;
use crate::model::{
    AsRecord as _, Claim, Key, Kind, Measure, Norm, NormResult, Project, ProjectYear, StrategicGoal, Unit,
};
use crate::register::{Node, Register};

/// What a claim counts or adds up; none when it does neither.
pub fn made<'r>(register: &'r Register, node: &'r Node) -> Option<Computed<'r>> {
    if let Some((claim, counted)) = counting(node, &[ClaimKind::Count, ClaimKind::NormCount]) {
        return things(register, claim, counted).map(Computed::count);
    }
    let (claim, counted) = counting(node, &[ClaimKind::Value, ClaimKind::Sum])?;
    sum(register, claim, counted, claim.period.as_ref()?)
}

/// A number of things that the text states is the number that there are.
pub fn count<'r>(register: &'r Register, node: &'r Node, found: &mut Vec<Finding<'r>>) {
    let Some((claim, counted)) = counting(node, &[ClaimKind::Count, ClaimKind::NormCount]) else { return };
    let Some(nodes) = things(register, claim, counted) else { return };
    push(DiscrepancyRule::ClaimCount, node, claim, Computed::count(nodes), "there are", None, found);
}

/// A share follows from the part and the whole; what a share leaves follows from it.
pub fn share<'r>(register: &'r Register, node: &'r Node, found: &mut Vec<Finding<'r>>) {
    const KINDS: [ClaimKind; 3] = [ClaimKind::Share, ClaimKind::Value, ClaimKind::ChangePoints];
    let Some((claim, counted)) = counting(node, &KINDS) else { return };
    let computed = match (counted.metric, claim.kind) {
        (Metric::Portion | Metric::Remainder, _) => of_share(register, claim, counted.metric),
        (Metric::Controls | Metric::Sanctions | Metric::ProposedRecovery, ClaimKind::Share) => {
            claim.period.as_ref().and_then(|period| {
                let all = claim.plan_key.key();
                let whole = inspected(register, processes_of(register, all), counted.metric, period)?;
                let part = sum(register, claim, counted, period)?;
                Some(Computed::share(Input::computed("part", part), Input::computed("whole", whole)))
            })
        }
        (Metric::Measures | Metric::Norms, ClaimKind::Share) => {
            let unrestricted =
                Counted { at_least: None, below: None, change: None, bases: Vec::new(), ..counted.clone() };
            things(register, claim, counted).zip(things(register, claim, &unrestricted)).map(|(part, whole)| {
                let input = |name, nodes| Input::computed(name, Computed::count(nodes));
                Computed::share(input("part", part), input("whole", whole))
            })
        }
        _ => None,
    };
    if let Some(computed) = computed {
        push(DiscrepancyRule::ClaimShare, node, claim, computed, "the figures give", None, found);
    }
}

/// The things that a claim counts; none when it counts no things.
fn things<'r>(register: &'r Register, claim: &Claim, counted: &Counted) -> Option<Vec<&'r Node>> {
    let plan = claim.plan_key.key();
    Some(match counted.metric {
        Metric::Measures => of_plan::<Measure>(register, plan)
            .filter(|(_, measure)| {
                let goal = measure.operational_goal_key.as_ref();
                (claim.operational_goal_key.is_none() || goal == claim.operational_goal_key.as_ref())
                    && (counted.operator.is_none() || measure.operator == counted.operator)
                    && (counted.lifecycles.is_empty()
                        || measure.lifecycle.is_some_and(|lifecycle| counted.lifecycles.contains(&lifecycle)))
            })
            .filter(|(node, _)| {
                let has_norm = || !related(register, Kind::Norm, "measure", &node.key).is_empty();
                counted.with_norm.is_none_or(|with_norm| has_norm() == with_norm)
            })
            .map(|(node, _)| node)
            .collect(),
        Metric::Norms => norms(register, claim, counted),
        Metric::Projects => {
            let year = claim.period.as_ref()?.start().year();
            of_plan::<Project>(register, plan)
                .filter(|(_, project)| counted.is_of_scope(project.scope, project.scope_word.as_deref()))
                .filter(|(node, _)| {
                    let said = register.get(Kind::ProjectYear, &Key::join(&[&node.key, &year]));
                    let said = said.and_then(|node| ProjectYear::of(&node.record));
                    said.is_some_and(|said| said.running == Some(Running::Yes))
                })
                .map(|(node, _)| node)
                .collect()
        }
        Metric::StrategicGoals => of_plan::<StrategicGoal>(register, plan)
            .filter(|(_, goal)| counted.is_of_scope(goal.scope, goal.scope_word.as_deref()))
            .map(|(node, _)| node)
            .collect(),
        Metric::OperationalGoals => {
            let goals = walk::goals(register, register.get(Kind::Plan, plan)?);
            goals.into_iter().map(|(node, _)| node).collect()
        }
        Metric::Processes => {
            let period = claim.period.as_ref()?;
            processes_of(register, plan)
                .into_iter()
                .filter_map(|process| inspection(register, process, period))
                .filter(|(_, it)| it.controls.value.is_some_and(|controls| !controls.is_zero()))
                .map(|(node, _)| node)
                .collect()
        }
        _ => return None,
    })
}

/// The norms that a claim counts: those of its measure, or of the whole plan. Where a result decides, the result is what is counted.
fn norms<'r>(register: &'r Register, claim: &Claim, counted: &Counted) -> Vec<&'r Node> {
    let (kind, key) = match &claim.measure_key {
        Some(measure) => (Kind::Measure, measure.key()),
        None => (Kind::Plan, claim.plan_key.key()),
    };
    let norms = register.get(kind, key).map_or_else(Vec::new, |node| walk::followed::<Norm>(register, node));
    let is_of_basis = |norm: &Norm| counted.bases.is_empty() || counted.bases.contains(&norm.basis);
    let of_basis = norms.into_iter().filter(|(_, norm)| is_of_basis(norm)).map(|(node, _)| node);
    let Some(table) = counted.table() else { return of_basis.collect() };
    let last_result = |norm: &'r Node| {
        let results = related(register, Kind::NormResult, "norm", &norm.key).iter();
        let results = results.filter_map(|node| Some((&**node, NormResult::of(&node.record)?)));
        results.filter(|(_, result)| table.prints(result)).max_by(|(_, a), (_, b)| a.period.cmp(&b.period))
    };
    of_basis
        .filter_map(last_result)
        .filter(|(_, result)| counted.status.is_none_or(|status| result.figure.status == status))
        .filter(|(_, result)| {
            let ratio = result.ratio.as_ref().and_then(|ratio| ratio.value);
            counted.at_least.is_none_or(|least| ratio.is_some_and(|ratio| ratio >= least))
                && counted.below.is_none_or(|below| ratio.is_some_and(|ratio| ratio < below))
        })
        .filter(|(_, result)| {
            let change = result.change.as_ref().and_then(|change| change.value);
            counted.change.is_none_or(|direction| change.is_some_and(|change| goes(change) == direction))
        })
        .map(|(node, _)| node)
        .collect()
}

fn goes(change: rust_decimal::Decimal) -> ChangeDirection {
    if change.is_zero() {
        ChangeDirection::Same
    } else if change.is_sign_negative() {
        ChangeDirection::Down
    } else {
        ChangeDirection::Up
    }
}

/// A part of a whole by a share that a table prints, or what that share leaves.
fn of_share<'r>(register: &'r Register, claim: &Claim, metric: Metric) -> Option<Computed<'r>> {
    let period = claim.period.as_ref()?;
    let input = |name, (node, figure): Cell<'r>| Input::recorded(name, node, "figure", figure);
    let share = input("share", cell(register, claim, period)?);
    let whole = claim.of_indicator_key.as_ref().map(|whole| observed(register, whole.key(), period));
    Some(match (metric, whole, &claim.base_period) {
        (Metric::Remainder, None, Some(base)) => {
            let to = input("to", cell(register, claim, period)?);
            let from = input("from", cell(register, claim, base)?);
            Computed::new(Rule::RemainderChange, claim.figure.unit, vec![to, from])
        }
        (Metric::Remainder, None, None) => Computed::new(Rule::Remainder, Unit::Ratio, vec![share]),
        (Metric::Remainder, Some(whole), _) => {
            Computed::new(Rule::RemainderOf, claim.figure.unit, vec![share, input("whole", whole?)]).in_whole_things()
        }
        (_, Some(whole), _) => {
            Computed::new(Rule::Portion, claim.figure.unit, vec![share, input("whole", whole?)]).in_whole_things()
        }
        _ => return None,
    })
}
