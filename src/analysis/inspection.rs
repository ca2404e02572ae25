//! Inspections: what controls led to, process by process and added up, in a year and against the year before.

use std::sync::Arc;

use crate::analysis::computed::{Change, Computed, Input, Rule, Total};
use crate::analysis::walk::{self, Found};
use crate::model::figure::{Figure, Unit};
use crate::model::{InspectedProcess, Inspection, Kind, Measure, Plan};
use crate::register::{Node, Register};

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
    /// How the controls changed since the year before, as far as both are known.
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
pub fn processes<'r>(register: &'r Register, node: &'r Node) -> Vec<Found<'r, InspectedProcess>> {
    match node.kind() {
        Kind::InspectedProcess => walk::of(node).into_iter().collect(),
        Kind::Plan => walk::sources::<InspectedProcess, Plan>(register, &node.key),
        _ => {
            let mut found: Vec<Found<'r, InspectedProcess>> = Vec::new();
            for (measure, _) in walk::measures(register, node) {
                for process in walk::sources::<InspectedProcess, Measure>(register, &measure.key) {
                    if found.iter().all(|(known, _)| known.key != process.0.key) {
                        found.push(process);
                    }
                }
            }
            found
        }
    }
}

/// What was inspected in those processes in a year. Sums that are compared or divided are those of what is known: the table leaves
/// places blank, and a rate over them takes only the rows that have both numbers.
pub fn inspected<'r>(register: &'r Register, processes: &[Found<'r, InspectedProcess>], year: i32) -> Inspected<'r> {
    let totals = |year| {
        let rows = rows(register, processes, year);
        [
            total(&rows, year, "controls", Unit::Count, |it| &it.controls),
            total(&rows, year, "sanctions", Unit::Count, |it| &it.sanctions),
            total(&rows, year, "proposedRecovery", Unit::Euro, |it| &it.proposed_recovery),
        ]
    };
    let [controls, sanctions, recovery] = totals(year);
    let [controls_before, sanctions_before, recovery_before] = totals(year - 1);
    let change = |before: &Total<'r>, now: &Total<'r>, unit| Change::between(&before.known, &now.known, unit);
    let rows = rows(register, processes, year);
    let rate = |rule, unit, name: &'static str, path, of: fn(&Inspection) -> &Figure, inner| {
        let both: Vec<Found<'r, Inspection>> =
            rows.iter().copied().filter(|(_, it)| it.controls.value.is_some() && of(it).value.is_some()).collect();
        let part = total(&both, year, path, inner, of).known;
        let whole = total(&both, year, "controls", Unit::Count, |it| &it.controls).known;
        Computed::new(rule, unit, vec![Input::computed(name, part), Input::computed("controls", whole)])
    };
    Inspected {
        processes: Computed::count(processes.iter().map(|(node, _)| *node)),
        controls_change: change(&controls_before, &controls, Unit::Count),
        sanctions_change: change(&sanctions_before, &sanctions, Unit::Count),
        recovery_change: change(&recovery_before, &recovery, Unit::Euro),
        sanction_rate: rate(Rule::SanctionRate, Unit::Ratio, "sanctions", "sanctions", |it| &it.sanctions, Unit::Count),
        recovery_per_control: rate(
            Rule::RecoveryPerControl,
            Unit::Euro,
            "recovery",
            "proposedRecovery",
            |it| &it.proposed_recovery,
            Unit::Euro,
        ),
        share_of_controls: share(register, processes, &controls, year),
        controls,
        sanctions,
        recovery,
    }
}

/// The share of the controls of all processes of the plan that the first process belongs to.
fn share<'r>(
    register: &'r Register,
    processes: &[Found<'r, InspectedProcess>],
    controls: &Total<'r>,
    year: i32,
) -> Computed<'r> {
    let plan = processes.first().map(|(_, process)| process.plan_key.key());
    let all = plan.map(|plan| walk::sources::<InspectedProcess, Plan>(register, plan)).unwrap_or_default();
    let rows = rows(register, &all, year);
    let whole = total(&rows, year, "controls", Unit::Count, |it| &it.controls).known;
    Computed::share(Input::computed("part", Arc::clone(&controls.known)), Input::computed("whole", whole))
}

fn rows<'r>(
    register: &'r Register,
    processes: &[Found<'r, InspectedProcess>],
    year: i32,
) -> Vec<Found<'r, Inspection>> {
    let all =
        processes.iter().flat_map(|(process, _)| walk::sources::<Inspection, InspectedProcess>(register, &process.key));
    all.filter(|(_, it)| it.year == year).collect()
}

fn total<'r>(
    rows: &[Found<'r, Inspection>],
    year: i32,
    path: &'static str,
    unit: Unit,
    figure: fn(&Inspection) -> &Figure,
) -> Total<'r> {
    let parts = rows.iter().map(|(node, it)| Input::recorded("part", node, path, figure(it)));
    Total::of(unit, parts.collect(), &format!("{path} of {year}"))
}
