//! All that hangs on a record, across the goal tree and the links between records, and what hangs on no goal. Each record once, so that
//! nothing is counted twice.

use std::collections::{BTreeMap, HashSet};

use crate::analysis::computed::{Computed, Input};
use crate::analysis::staff::each_once;
use crate::analysis::walk;
use crate::model::budget::{BudgetStage, Credit, CreditKind, Direction, Phase};
use crate::model::tie::LinkKind;
use crate::model::{
    AsRecord as _, BudgetAmount, BudgetLine, Date, Key, Kind, OperationalGoal, Plan, StaffFigure, StrategicGoal, Tie,
    Unit,
};
use crate::register::relation::Relation;
use crate::register::{Node, Register};
use crate::work;

/// What stands below something else when it refers to it.
const BELOW: [Kind; 20] = [
    Kind::PolicyField,
    Kind::StructuralElement,
    Kind::StrategicGoal,
    Kind::OperationalGoal,
    Kind::Project,
    Kind::ProjectYear,
    Kind::Milestone,
    Kind::Measure,
    Kind::Indicator,
    Kind::Observation,
    Kind::Norm,
    Kind::NormResult,
    Kind::Target,
    Kind::BudgetLine,
    Kind::BudgetAmount,
    Kind::InspectedProcess,
    Kind::Inspection,
    Kind::StaffTarget,
    Kind::Risk,
    Kind::ProgressReport,
];

/// What it takes to look at all that refers to a record, in records looked at.
const NODE_STEPS: u64 = 40;

/// All that hangs on some records: they themselves first, then what hangs on them, each once. Of two that are linked as one thing only the
/// one that is nearer to those records, or else stands first in the document, with what hangs on it.
pub fn hanging<'r>(register: &'r Register, roots: impl IntoIterator<Item = &'r Node>) -> Vec<&'r Node> {
    found(register, roots, false)
}

/// The same; with `both`, of two that are linked as one thing the other is met too.
fn found<'r>(register: &'r Register, roots: impl IntoIterator<Item = &'r Node>, both: bool) -> Vec<&'r Node> {
    let mut found: Vec<&'r Node> = Vec::new();
    let mut seen: HashSet<(Kind, &'r Key)> = HashSet::new();
    let mut same: HashSet<(Kind, Key)> = HashSet::new();
    let mut level: Vec<&'r Node> = roots.into_iter().collect();
    while !level.is_empty() {
        let mut next = Vec::new();
        for node in level {
            work::step(NODE_STEPS);
            if same.contains(&(node.kind(), node.key.clone())) || !seen.insert((node.kind(), &node.key)) {
                continue;
            }
            found.push(node);
            for relation in Relation::to(node.kind()) {
                let sources = register.sources(relation, &node.key);
                if BELOW.contains(&relation.source) {
                    next.extend(sources.iter().map(|node| &**node));
                } else if relation.source == Kind::Tie {
                    for tie in sources.iter().filter_map(|node| Tie::of(&node.record)) {
                        if both && tie.kind == LinkKind::SameAs {
                            next.extend(other_end(register, node, tie));
                        } else {
                            follow(register, node, tie, &mut next, &mut same);
                        }
                    }
                }
            }
        }
        // A step further away at a time, in the document's order: what is nearer is met first, however it is reached.
        next.sort_by(|a, b| a.kind().cmp(&b.kind()).then_with(|| a.cmp_place(b)));
        level = next;
    }
    found
}

/// The record at the other end of a link.
fn other_end<'r>(register: &'r Register, node: &Node, tie: &Tie) -> Option<&'r Node> {
    let is_from = tie.from() == (node.kind(), &node.key);
    let (kind, key) = if is_from { tie.to() } else { tie.from() };
    register.get(kind, key).map(|node| &**node)
}

/// Notes a record as known under another name, with all that are linked with it as one thing.
fn all_the_same(register: &Register, kind: Kind, key: &Key, same: &mut HashSet<(Kind, Key)>) {
    let mut next = vec![(kind, key.clone())];
    while let Some((kind, key)) = next.pop() {
        work::step(2);
        if same.insert((kind, key.clone())) {
            let ties = Relation::to(kind).filter(|it| it.source == Kind::Tie).flat_map(|it| register.sources(it, &key));
            let ties = ties.filter_map(|node| Tie::of(&node.record)).filter(|tie| tie.kind == LinkKind::SameAs);
            next.extend(ties.flat_map(|tie| [tie.from(), tie.to()]).map(|(kind, key)| (kind, key.clone())));
        }
    }
}

/// Goes on through a link, where its other end hangs on this one.
fn follow<'r>(
    register: &'r Register,
    node: &Node,
    tie: &Tie,
    next: &mut Vec<&'r Node>,
    same: &mut HashSet<(Kind, Key)>,
) {
    let is_from = tie.from() == (node.kind(), &node.key);
    let (kind, key) = if is_from { tie.to() } else { tie.from() };
    if tie.kind == LinkKind::SameAs {
        all_the_same(register, kind, key, same);
    } else if tie.kind.leads_down() == is_from && (tie.kind.leads_down() || tie.kind == LinkKind::ContributesTo) {
        next.extend(other_end(register, node, tie));
    }
}

/// The records of a plan that hang on none of its goals: what stands below the plan, but for the levels above the goals.
pub fn unattached<'r>(register: &'r Register, plan: &'r Node) -> Vec<&'r Node> {
    let goals = walk::goals(register, plan).into_iter().map(|(goal, _): (_, &OperationalGoal)| goal);
    let strategic = walk::sources::<StrategicGoal, Plan>(register, &plan.key).into_iter().map(|(goal, _)| goal);
    // What a goal leads to, it leads to under both of its names.
    let attached: HashSet<(Kind, &Key)> =
        found(register, goals.chain(strategic), true).into_iter().map(|node| (node.kind(), &node.key)).collect();
    let levels = [Kind::Plan, Kind::PolicyField, Kind::StructuralElement];
    let mut all = hanging(register, [plan]);
    all.retain(|node| !levels.contains(&node.kind()) && !attached.contains(&(node.kind(), &node.key)));
    all
}

/// What money is told apart by: amounts that differ in any of it are never added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Purse<'r> {
    /// Which way it flows.
    pub direction: Direction,
    /// The year.
    pub year: i32,
    /// Planned or spent.
    pub phase: Phase,
    /// Which print of the budget it is.
    pub stage: Option<BudgetStage>,
    /// Which of the two credits.
    pub credit: Credit,
    /// Which other one.
    pub credit_kind: Option<CreditKind>,
    /// What it counts: euro, or the code of another currency.
    pub counts: &'r str,
    unit: Unit,
}

/// The amounts among records: one sum for each purse. What changed a budget is part of no sum.
pub fn money<'r>(register: &'r Register, nodes: &[&'r Node], year: Option<i32>) -> Vec<(Purse<'r>, Computed<'r>)> {
    let mut purses: BTreeMap<Purse<'r>, Vec<Input<'r>>> = BTreeMap::new();
    for &node in nodes {
        let Some(it) = BudgetAmount::of(&node.record) else { continue };
        let Some((_, line)) = walk::follow::<BudgetLine>(register, &it.budget_line_key) else { continue };
        if it.adjustment.is_none() && year.is_none_or(|year| it.year == year) {
            let purse = Purse {
                direction: line.direction,
                year: it.year,
                phase: it.phase,
                stage: it.stage,
                credit: it.credit,
                credit_kind: it.credit_kind,
                counts: it.figure.counts(),
                unit: it.figure.unit,
            };
            purses.entry(purse).or_default().push(Input::recorded("part", node, "figure", &it.figure));
        }
    }
    purses.into_iter().map(|(purse, parts)| (purse, Computed::sum(purse.unit, parts))).collect()
}

/// The budget lines among records that others pay from too: a measure or a goal that is not among them.
pub fn shared_lines<'r>(nodes: &[&'r Node]) -> Vec<&'r Node> {
    let among: HashSet<(Kind, &Key)> = nodes.iter().map(|node| (node.kind(), &node.key)).collect();
    let is_shared = |line: &BudgetLine| {
        let goal = line.operational_goal_key.as_ref();
        match line.measure_keys.as_slice() {
            [] => goal.is_some_and(|goal| !among.contains(&(Kind::OperationalGoal, goal.key()))),
            measures => measures.iter().any(|measure| !among.contains(&(Kind::Measure, measure.key()))),
        }
    };
    nodes.iter().copied().filter(|node| BudgetLine::of(&node.record).is_some_and(is_shared)).collect()
}

/// Heads and full-time equivalents among records: of each body those of its last date, each once.
pub fn staff<'r>(register: &'r Register, nodes: &[&'r Node]) -> (Computed<'r>, Computed<'r>) {
    let all = nodes.iter().filter_map(|node| Some((*node, StaffFigure::of(&node.record)?))).collect();
    let all = each_once(register, all);
    let figures = || all.iter().copied();
    let mut last: BTreeMap<&Key, Date> = BTreeMap::new();
    for (_, figure) in figures() {
        let date = last.entry(figure.organisation_key.key()).or_insert(figure.date);
        *date = figure.date.max(*date);
    }
    let counted = || figures().filter(|(_, it)| last.get(it.organisation_key.key()) == Some(&it.date));
    let heads = counted().map(|(node, it)| Input::recorded("part", node, "figure", &it.figure)).collect();
    let equivalents: Vec<_> =
        counted().filter_map(|(node, it)| Some(Input::recorded("part", node, "fte", it.fte.as_ref()?))).collect();
    (Computed::sum(Unit::Persons, heads), Computed::sum(Unit::Other, equivalents))
}

/// How many records of each kind there are.
pub fn kinds(nodes: &[&Node]) -> Vec<(Kind, usize)> {
    let count = |kind: Kind| nodes.iter().filter(|node| node.kind() == kind).count();
    Kind::ALL.iter().map(|kind| (*kind, count(*kind))).filter(|(_, count)| *count > 0).collect()
}
