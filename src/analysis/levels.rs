//! How levels add up: of which parts a whole is made up, and what a plan has besides the rows of its report.

use std::collections::HashSet;

use crate::analysis::budget::{self, Line};
use crate::analysis::walk::{self, RecordRef};
use crate::analysis::{inspection, milestone};
use crate::model::{InspectedProcess, Key, Measure, Norm, OperationalGoal, Plan, PolicyField, Project};
use crate::register::{Node, Register};

/// The budget lines of a record, or of several plans together, and those that pay for their measures but are none of them.
pub struct LineParts<'r> {
    /// All lines.
    pub whole: Vec<Line<'r>>,
    /// Lines elsewhere.
    pub elsewhere: Vec<Line<'r>>,
}

/// The lines of those records. Of several plans the later has the lines of the earlier.
pub fn lines<'r>(register: &'r Register, nodes: &[&'r Node]) -> LineParts<'r> {
    let all: Vec<Line<'r>> = nodes.iter().flat_map(|node| budget::lines(register, node)).collect();
    let mut known: HashSet<&Key> = all.iter().map(|it| &it.line.0.key).collect();
    let far = nodes.iter().flat_map(|node| budget::elsewhere(register, node));
    let elsewhere = far.filter(|it| known.insert(&it.line.0.key)).collect();
    let whole = if nodes.len() > 1 { budget::last_of_each(register, all) } else { all };
    LineParts { whole, elsewhere }
}

type Processes<'r> = Vec<RecordRef<'r, InspectedProcess>>;

/// Inspected processes, apart by the measures that they cover.
pub struct ProcessParts<'r> {
    /// All of them.
    pub whole: Processes<'r>,
    /// Of one measure alone.
    pub own: Processes<'r>,
    /// Of several measures.
    pub shared: Processes<'r>,
    /// Of no measure.
    pub without_measure: Processes<'r>,
    /// Of the shared, those of measures too that are not below.
    pub across: Processes<'r>,
    /// No part of the whole: in the table of another plan.
    pub elsewhere: Processes<'r>,
}

/// The processes of those records.
pub fn processes<'r>(register: &'r Register, nodes: &[&'r Node]) -> ProcessParts<'r> {
    let all: Processes<'r> = nodes.iter().flat_map(|node| inspection::processes(register, node)).collect();
    let mut known: HashSet<&Key> = all.iter().map(|(node, _)| &node.key).collect();
    let measures: Vec<_> = nodes.iter().flat_map(|node| walk::measures(register, node)).collect();
    let below: HashSet<&Key> = measures.iter().map(|(node, _)| &node.key).collect();
    let far = measures.iter().flat_map(|(node, _)| walk::sources::<InspectedProcess, Measure>(register, &node.key));
    let elsewhere = far.filter(|(node, _)| known.insert(&node.key)).collect();
    let whole = if nodes.len() > 1 { inspection::last_of_each(register, all) } else { all };
    let of = |fits: &dyn Fn(&InspectedProcess) -> bool| whole.iter().copied().filter(|(_, it)| fits(it)).collect();
    ProcessParts {
        own: of(&|it| it.measure_keys.len() == 1),
        shared: of(&|it| it.measure_keys.len() > 1),
        without_measure: of(&|it| it.measure_keys.is_empty()),
        across: of(&|it| it.measure_keys.len() > 1 && it.measure_keys.iter().any(|key| !below.contains(key.key()))),
        whole,
        elsewhere,
    }
}

type Projects<'r> = Vec<RecordRef<'r, Project>>;

/// Projects, apart by the goals under which they stand.
pub struct ProjectParts<'r> {
    /// All of them.
    pub whole: Projects<'r>,
    /// Under an operational goal: none stands under two.
    pub of_goals: Projects<'r>,
    /// Under no operational goal.
    pub without_goal: Projects<'r>,
    /// Under one strategic goal.
    pub own: Projects<'r>,
    /// Under several strategic goals.
    pub shared: Projects<'r>,
    /// Under no strategic goal.
    pub without_strategic_goal: Projects<'r>,
}

/// The projects of those records.
pub fn projects<'r>(register: &'r Register, nodes: &[&'r Node]) -> ProjectParts<'r> {
    let whole: Projects<'r> = nodes.iter().flat_map(|node| milestone::projects(register, node)).collect();
    let of = |fits: &dyn Fn(&Project) -> bool| whole.iter().copied().filter(|(_, it)| fits(it)).collect();
    ProjectParts {
        of_goals: of(&|it| it.operational_goal_key.is_some()),
        without_goal: of(&|it| it.operational_goal_key.is_none()),
        own: of(&|it| it.strategic_goal_keys.len() == 1),
        shared: of(&|it| it.strategic_goal_keys.len() > 1),
        without_strategic_goal: of(&|it| it.strategic_goal_keys.is_empty()),
        whole,
    }
}

/// The rows of the report on a plan: its policy fields, and the goals right under it.
fn rows<'r>(register: &'r Register, plan: &Node) -> Vec<&'r Node> {
    let fields = walk::sources::<PolicyField, Plan>(register, &plan.key).into_iter().map(|(node, _)| node);
    fields
        .chain(walk::sources::<OperationalGoal, Plan>(register, &plan.key).into_iter().map(|(node, _)| node))
        .collect()
}

/// Those that none of the rows has.
fn besides<'r, T>(all: Vec<T>, of_rows: &[T], key: impl Fn(&T) -> &'r Key) -> Vec<T> {
    let known: HashSet<&Key> = of_rows.iter().map(&key).collect();
    all.into_iter().filter(|it| !known.contains(key(it))).collect()
}

/// The lines of a plan that none of its rows has.
pub fn lines_besides<'r>(register: &'r Register, plan: &'r Node) -> Vec<Line<'r>> {
    let rows: Vec<_> = rows(register, plan).into_iter().flat_map(|row| budget::lines(register, row)).collect();
    besides(budget::lines(register, plan), &rows, |it| &it.line.0.key)
}

/// The norms of a plan that none of its rows has.
pub fn norms_besides<'r>(register: &'r Register, plan: &'r Node) -> Vec<RecordRef<'r, Norm>> {
    let rows: Vec<_> = rows(register, plan).into_iter().flat_map(|row| walk::followed::<Norm>(register, row)).collect();
    besides(walk::followed::<Norm>(register, plan), &rows, |(node, _)| &node.key)
}

/// The projects of a plan that none of its rows has.
pub fn projects_besides<'r>(register: &'r Register, plan: &'r Node) -> Projects<'r> {
    let rows: Vec<_> = rows(register, plan).into_iter().flat_map(|row| milestone::projects(register, row)).collect();
    besides(milestone::projects(register, plan), &rows, |(node, _)| &node.key)
}

/// The processes of a plan that none of its rows has.
pub fn processes_besides<'r>(register: &'r Register, plan: &'r Node) -> Processes<'r> {
    besides(inspection::processes(register, plan), &processes_of_rows(register, plan), |(node, _)| &node.key)
}

/// The processes that several rows of a plan have, each once.
pub fn processes_shared<'r>(register: &'r Register, plan: &'r Node) -> Processes<'r> {
    let (mut seen, mut twice) = (HashSet::new(), HashSet::new());
    let all = processes_of_rows(register, plan);
    all.into_iter().filter(|(node, _)| !seen.insert(&node.key) && twice.insert(&node.key)).collect()
}

/// As often as rows have them.
fn processes_of_rows<'r>(register: &'r Register, plan: &'r Node) -> Processes<'r> {
    rows(register, plan).into_iter().flat_map(|row| inspection::processes(register, row)).collect()
}
