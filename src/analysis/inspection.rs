//! Inspections: what controls led to, process by process and added up, in a year and against the year before.

use std::collections::HashSet;
use std::sync::Arc;

use crate::analysis::computed::{Computed, Input, Rule};
use crate::analysis::line::{self, earlier, later};
use crate::analysis::pairs::Pairs;
use crate::analysis::total::{Change, Total};
use crate::analysis::walk::{self, RecordRef};
use crate::model::{Figure, FigureStatus, InspectedProcess, Inspection, Key, Kind, Measure, Plan, Unit};
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

/// The processes without those that another of them continues: it has their numbers too, and nothing is counted twice.
pub fn last_of_each<'r>(
    register: &'r Register,
    processes: Vec<RecordRef<'r, InspectedProcess>>,
) -> Vec<RecordRef<'r, InspectedProcess>> {
    line::last_of_each(register, processes, |(node, _)| node)
}

/// What was inspected in those processes in a year. What is compared or divided is like for like: a process counts only where both of its
/// numbers are known, for the table leaves places blank. A process of which nothing is told is as unknown as one with a blank.
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
    let [now, before] = [year, year.saturating_sub(1)].map(|year| Told::of(register, processes, year));
    let [controls, sanctions, recovery] = [Column::Controls, Column::Sanctions, Column::ProposedRecovery];
    let change = |of: Column| change_between(&before, &now, of, [year.saturating_sub(1), year]);
    let per_control = |rule, name, of: Column, unit| {
        let pair = |told: &Told<'r>| [of, controls].map(|column| told.number(column));
        let pairs = Pairs::of(now.iter().map(pair), &format!("{} and {} of {year}", of.path(), controls.path()));
        pairs.figure([name, "controls"], rule, [of.unit(), controls.unit()], unit)
    };
    let total = |of: Column| total(&now, of, year);
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
    /// All of them, in the order of the table.
    pub const ALL: [Self; 3] = [Self::Controls, Self::Sanctions, Self::ProposedRecovery];

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

    fn is_told(self, row: &Inspection) -> bool {
        let figure = self.figure(row);
        figure.value.is_some() || figure.status == FigureStatus::NotApplicable
    }
}

/// What is told of a process in a year.
struct Told<'r> {
    process: &'r Node,
    /// Its own row, if it has one.
    own: Option<RecordRef<'r, Inspection>>,
    /// Where its own does not tell all, those of the processes that it continues and that continue it, the nearest first.
    along: Vec<RecordRef<'r, Inspection>>,
}

impl<'r> Told<'r> {
    fn of(register: &'r Register, processes: &[RecordRef<'r, InspectedProcess>], year: i32) -> Vec<Self> {
        let row = |of: &Node| walk::get::<Inspection>(register, &Key::join(&[&of.key, &year]));
        let told = |process: &'r Node| {
            let own = row(process);
            let is_whole = own.is_some_and(|(_, it)| Column::ALL.into_iter().all(|column| column.is_told(it)));
            let line = || earlier(register, process).into_iter().chain(later(register, process));
            Self { process, own, along: if is_whole { Vec::new() } else { line().filter_map(row).collect() } }
        };
        processes.iter().map(|(process, _)| told(process)).collect()
    }

    /// A number: its own, or else that of the nearest process of its line that tells it. A later plan need not print again what an earlier
    /// one has.
    fn number(&self, of: Column) -> Input<'r> {
        let tells = |(_, it): &RecordRef<'r, Inspection>| of.is_told(it);
        match self.own.into_iter().chain(self.along.iter().copied()).find(tells).or(self.own) {
            Some((node, row)) => Input::recorded("part", node, of.path(), of.figure(row)),
            None => Input::optional("part", self.process, of.path(), None),
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
    let [before, now] = [from, to].map(|year| Told::of(register, processes, year));
    change_between(&before, &now, of, [from, to])
}

fn change_between<'r>(before: &[Told<'r>], now: &[Told<'r>], of: Column, [from, to]: [i32; 2]) -> Change<'r> {
    let pairs = before.iter().zip(now).map(|(before, now)| [before.number(of), now.number(of)]);
    Pairs::of(pairs, &format!("{} of {from} and {to}", of.path())).change(of.unit())
}

/// The controls of all processes of some plans in a year that are known.
pub fn controls_of_plans<'r>(register: &'r Register, plans: &[&Key], year: i32) -> Arc<Computed<'r>> {
    let all: Vec<_> = plans.iter().flat_map(|plan| walk::sources::<InspectedProcess, Plan>(register, plan)).collect();
    let all = if plans.len() > 1 { last_of_each(register, all) } else { all };
    total(&Told::of(register, &all, year), Column::Controls, year).known
}

fn total<'r>(told: &[Told<'r>], of: Column, year: i32) -> Total<'r> {
    Total::of(of.unit(), told.iter().map(|it| it.number(of)).collect(), &format!("{} of {year}", of.path()))
}

#[cfg(test)]
mod tests;
