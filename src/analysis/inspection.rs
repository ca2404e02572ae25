//! Inspections: what controls led to, process by process and added up, in a year and against the year before.

use std::collections::HashSet;
use std::sync::Arc;

use crate::analysis::computed::{Computed, Input, Rule};
use crate::analysis::pairs::Pairs;
use crate::analysis::total::{Change, Total};
use crate::analysis::walk::{self, RecordRef};
use crate::model::{Figure, InspectedProcess, Inspection, Key, Kind, Measure, Plan, Unit};
use crate::register::{Node, Register};
use crate::work;

/// What was inspected in a year.
#[derive(Clone, Debug)]
pub struct Inspected<'r> {
    /// The processes.
    pub processes: Computed<'r>,
    /// Controls.
    pub controls: Total<'r>,
    /// Warnings and official reports.
    pub sanctions: Total<'r>,
    /// Recoveries proposed, in euro.
    pub recovery: Total<'r>,
    /// How the controls changed since the year before, over the processes that have both.
    pub controls_change: Change<'r>,
    /// How the sanctions changed.
    pub sanctions_change: Change<'r>,
    /// How the recoveries changed.
    pub recovery_change: Change<'r>,
    /// Sanctions per control.
    pub sanction_rate: Computed<'r>,
    /// Euro of proposed recovery per control.
    pub recovery_per_control: Computed<'r>,
    /// The share of all controls of the plan's processes.
    pub share_of_controls: Computed<'r>,
}

/// The processes of a process itself, a measure, a goal, a chapter, a policy field or a plan. Each once.
pub fn processes<'r>(register: &'r Register, node: &'r Node) -> Vec<RecordRef<'r, InspectedProcess>> {
    match node.kind() {
        Kind::InspectedProcess => walk::of(node).into_iter().collect(),
        Kind::Plan => walk::sources::<InspectedProcess, Plan>(register, &node.key),
        _ => {
            let (mut known, mut found) = (HashSet::new(), Vec::new());
            for (measure, _) in walk::measures(register, node) {
                for process in walk::sources::<InspectedProcess, Measure>(register, &measure.key) {
                    if known.insert(&process.0.key) {
                        found.push(process);
                    }
                }
            }
            found
        }
    }
}

/// What was inspected in those processes in a year. What is compared or divided is like for like: a process counts only where both of its
/// numbers are known, for the table leaves places blank.
pub fn inspected<'r>(
    register: &'r Register,
    processes: &[RecordRef<'r, InspectedProcess>],
    year: i32,
) -> Inspected<'r> {
    let mut plans: Vec<&Key> = Vec::new();
    for (_, process) in processes {
        if !plans.contains(&process.plan_key.key()) {
            plans.push(process.plan_key.key());
        }
    }
    inspected_among(register, processes, year, controls_of_plans(register, &plans, year))
}

/// The same where the controls of the whole plans in that year are known already: they are the same for all of their processes.
pub fn inspected_among<'r>(
    register: &'r Register,
    processes: &[RecordRef<'r, InspectedProcess>],
    year: i32,
    of_plan: Arc<Computed<'r>>,
) -> Inspected<'r> {
    work::step(200 + 100 * processes.len() as u64);
    let rows = rows(register, processes, year);
    let [controls, sanctions, recovery] = [Column::Controls, Column::Sanctions, Column::ProposedRecovery];
    let change = |of: Column| change(register, processes, of, year.saturating_sub(1), year);
    let per_control = |rule, name, of: Column, unit| {
        let pair = |process: &RecordRef<'r, InspectedProcess>| {
            [of, controls].map(|column| column.of(register, process.0, year))
        };
        let pairs = Pairs::of(processes.iter().map(pair), &format!("{} and {} of {year}", of.path(), controls.path()));
        pairs.figure([name, "controls"], rule, [of.unit(), controls.unit()], unit)
    };
    let total = |of: Column| total(&rows, year, of);
    let all = total(controls);
    Inspected {
        processes: Computed::count(processes.iter().map(|(node, _)| *node)),
        controls_change: change(controls),
        sanctions_change: change(sanctions),
        recovery_change: change(recovery),
        sanction_rate: per_control(Rule::SanctionRate, "sanctions", sanctions, Unit::Ratio),
        recovery_per_control: per_control(Rule::RecoveryPerControl, "recovery", recovery, Unit::Euro),
        share_of_controls: Computed::share(
            Input::computed("part", Arc::clone(&all.known)),
            Input::computed("whole", of_plan),
        ),
        controls: all,
        sanctions: total(sanctions),
        recovery: total(recovery),
    }
}

/// A column of the inspectorate's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Controls.
    Controls,
    /// Warnings and official reports.
    Sanctions,
    /// Recoveries proposed, in euro.
    ProposedRecovery,
}

impl Column {
    /// Where a record has it.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Controls => "controls",
            Self::Sanctions => "sanctions",
            Self::ProposedRecovery => "proposedRecovery",
        }
    }

    /// What it counts.
    pub const fn unit(self) -> Unit {
        match self {
            Self::Controls | Self::Sanctions => Unit::Count,
            Self::ProposedRecovery => Unit::Euro,
        }
    }

    /// The figure of a row.
    pub fn figure(self, row: &Inspection) -> &Figure {
        match self {
            Self::Controls => &row.controls,
            Self::Sanctions => &row.sanctions,
            Self::ProposedRecovery => &row.proposed_recovery,
        }
    }

    fn of<'r>(self, register: &'r Register, process: &'r Node, year: i32) -> Input<'r> {
        let row = walk::get::<Inspection>(register, &Key::join(&[&process.key, &year]));
        match row {
            Some((node, row)) => Input::recorded("part", node, self.path(), self.figure(row)),
            None => Input::optional("part", process, self.path(), None),
        }
    }
}

/// How a column changed from one year to another in those processes, like for like.
pub fn change<'r>(
    register: &'r Register,
    processes: &[RecordRef<'r, InspectedProcess>],
    of: Column,
    from: i32,
    to: i32,
) -> Change<'r> {
    let pair = |process: &RecordRef<'r, InspectedProcess>| [from, to].map(|year| of.of(register, process.0, year));
    Pairs::of(processes.iter().map(pair), &format!("{} of {from} and {to}", of.path())).change(of.unit())
}

/// The controls of all processes of some plans in a year that are known.
pub fn controls_of_plans<'r>(register: &'r Register, plans: &[&Key], year: i32) -> Arc<Computed<'r>> {
    let all: Vec<_> = plans.iter().flat_map(|plan| walk::sources::<InspectedProcess, Plan>(register, plan)).collect();
    total(&rows(register, &all, year), year, Column::Controls).known
}

fn rows<'r>(
    register: &'r Register,
    processes: &[RecordRef<'r, InspectedProcess>],
    year: i32,
) -> Vec<RecordRef<'r, Inspection>> {
    let all =
        processes.iter().flat_map(|(process, _)| walk::sources::<Inspection, InspectedProcess>(register, &process.key));
    all.filter(|(_, it)| it.year == year).collect()
}

fn total<'r>(rows: &[RecordRef<'r, Inspection>], year: i32, of: Column) -> Total<'r> {
    let parts = rows.iter().map(|(node, it)| Input::recorded("part", node, of.path(), of.figure(it)));
    Total::of(of.unit(), parts.collect(), &format!("{} of {year}", of.path()))
}
