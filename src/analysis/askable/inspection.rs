//! What controls led to, process by process and year by year.

use std::collections::HashSet;
use std::sync::Arc;

use rust_decimal::Decimal;

use crate::analysis::askable::made::{Counts, Making, Numbers, Wholes, known, reached, reasons, why};
use crate::analysis::computed::MissingCode;
use crate::analysis::inspection::{self, Inspected};
use crate::analysis::line;
use crate::analysis::tables::INSPECTIONS;
use crate::analysis::walk::{self, RecordRef};
use crate::model::macros::composite;
use crate::model::{InspectedProcess, Inspection, Key, Kind, Link, Plan, RecordType as _, Unit};
use crate::register::{Register, Step, TableSet};

composite! {
    /// What the controls of a process led to in a year, as computed from its counts.
    InspectionRate {
        /// Key of the inspections of that year.
        inspection_key: Link<Inspection>,
        /// Key of the process.
        inspected_process_key: Link<InspectedProcess>,
        /// Key of its plan; null when the process is not there.
        plan_key: Option<Link<Plan>>,
        /// The year.
        year: i32,
        /// Controls, as its plan prints them, or else the nearest plan on its line; null when the number is not known.
        controls: Option<Decimal>,
        /// Warnings and official reports; null when the number is not known.
        sanctions: Option<Decimal>,
        /// Recoveries proposed, in euro; null when the amount is not known.
        proposed_recovery: Option<Decimal>,
        /// Sanctions per control, as a ratio; null when it cannot be computed.
        sanction_rate: Option<Decimal>,
        /// Euro of proposed recovery per control; null when it cannot be computed.
        recovery_per_control: Option<Decimal>,
        /// The share of all controls in the plan's processes that are known, as a ratio; null when it cannot be computed.
        share_of_controls: Option<Decimal>,
        /// How the controls changed since the year before, as a ratio; null when it cannot be computed.
        controls_change: Option<Decimal>,
        /// How the sanctions changed since the year before, as a ratio; null when it cannot be computed.
        sanctions_change: Option<Decimal>,
        /// How the recoveries proposed changed since the year before, as a ratio; null when it cannot be computed.
        recovery_change: Option<Decimal>,
        /// Why there is no sanction rate; null when there is one.
        missing: Option<MissingCode>,
        /// The same in words, with what it is about.
        reason: Option<String>,
        /// Why rates, shares and changes are not known, a line for each that is not, with its name before: `controlsChange: …`.
        reasons: Vec<String>,
        /// Key of the entry that tells the same again: that of the process in a later plan which continues this one, in the same year. Groups
        /// that have both count the later one. Null when there is none.
        again_key: Option<Key>,
    }
}

/// The numbers that groups tell of.
pub const NUMBERS: Numbers = &[
    ("controls", Counts::things(Unit::Count)),
    ("sanctions", Counts::things(Unit::Count)),
    ("proposedRecovery", Counts::things(Unit::Euro)),
    ("sanctionRate", Counts::rate_of(Unit::Ratio, "sanctions", "controls")),
    ("recoveryPerControl", Counts::rate_of(Unit::Euro, "proposedRecovery", "controls")),
    ("shareOfControls", Counts::rate(Unit::Ratio)),
    ("controlsChange", Counts::rate(Unit::Ratio)),
    ("sanctionsChange", Counts::rate(Unit::Ratio)),
    ("recoveryChange", Counts::rate(Unit::Ratio)),
];

/// What all controls led to, in the order of the inspections.
pub static RATES: Making<Inspection, InspectionRate> =
    Making { tables: INSPECTIONS, make: of_inspection, reached: of_the_same_plans };

/// What the whole of a plan comes to in a year is added up once, not again for each of its processes.
fn of_inspection<'r>(
    register: &'r Register,
    (_, inspection): RecordRef<'r, Inspection>,
    wholes: &mut Wholes<'r>,
) -> Vec<InspectionRate> {
    let process = walk::follow::<InspectedProcess>(register, &inspection.process_key);
    let (plan, year) = (process.map(|(_, process)| process.plan_key.key()), inspection.year);
    let of_plan =
        wholes.entry((plan, year)).or_insert_with(|| inspection::controls_of_plans(register, plan.as_slice(), year));
    let of = inspection::inspected_among(register, process.as_slice(), year, Arc::clone(of_plan));
    vec![InspectionRate { again_key: again(register, process, year), ..rate(inspection, process, &of) }]
}

/// The inspections of that year of the nearest later process of its line that has any.
fn again(register: &Register, process: Option<RecordRef<'_, InspectedProcess>>, year: i32) -> Option<Key> {
    let later = process.map(|(node, _)| line::later(register, node)).unwrap_or_default();
    let keys = later.iter().map(|node| Key::join(&[&node.key, &year]));
    keys.into_iter().find(|key| walk::get::<Inspection>(register, key).is_some())
}

/// Each is a share of what its plan has, and may be told along a line: a process that changed changes all of the plans of its line.
fn of_the_same_plans(
    register: &Register,
    tables: TableSet,
    steps: &[(Kind, Step)],
    most: usize,
) -> Option<HashSet<Key>> {
    let mut plans: HashSet<&Key> = HashSet::new();
    let processes = reached::<InspectedProcess>(register, tables, steps, most)?;
    for (_, process) in processes.iter().filter_map(|key| walk::get::<InspectedProcess>(register, key)) {
        plans.insert(process.plan_key.key());
    }
    let own = steps.iter().filter(|(kind, _)| *kind == Kind::Inspection);
    let mut all: HashSet<Key> = own.map(|(_, step)| step.key.clone()).collect();
    for node in steps.iter().flat_map(|(_, step)| [&step.before, &step.after]).flatten() {
        plans.extend(walk::of::<InspectedProcess>(node).map(|(_, process)| process.plan_key.key()));
    }
    for plan in plans {
        for (process, _) in walk::sources::<InspectedProcess, Plan>(register, plan) {
            let inspections = walk::sources::<Inspection, InspectedProcess>(register, &process.key);
            all.extend(inspections.into_iter().map(|(node, _)| node.key.clone()));
        }
        if all.len() > most {
            return None;
        }
    }
    Some(all)
}

/// What was inspected in the process of an inspection, in its year.
pub fn inspected_of<'r>(register: &'r Register, inspection: &Inspection) -> Inspected<'r> {
    let process = walk::follow::<InspectedProcess>(register, &inspection.process_key);
    inspection::inspected(register, process.as_slice(), inspection.year)
}

fn rate(
    inspection: &Inspection,
    process: Option<RecordRef<'_, InspectedProcess>>,
    of: &Inspected<'_>,
) -> InspectionRate {
    let (missing, reason) = why(&of.sanction_rate);
    InspectionRate {
        inspection_key: Link::new(inspection.key()),
        inspected_process_key: inspection.process_key.clone(),
        plan_key: process.map(|(_, process)| process.plan_key.clone()),
        year: inspection.year,
        controls: known(&of.controls.known),
        sanctions: known(&of.sanctions.known),
        proposed_recovery: known(&of.recovery.known),
        sanction_rate: known(&of.sanction_rate),
        recovery_per_control: known(&of.recovery_per_control),
        share_of_controls: known(&of.share_of_controls),
        controls_change: known(&of.controls_change.relative),
        sanctions_change: known(&of.sanctions_change.relative),
        recovery_change: known(&of.recovery_change.relative),
        missing,
        reason,
        reasons: reasons(&[
            ("sanctionRate", &of.sanction_rate),
            ("recoveryPerControl", &of.recovery_per_control),
            ("shareOfControls", &of.share_of_controls),
            ("controlsChange", &of.controls_change.relative),
            ("sanctionsChange", &of.sanctions_change.relative),
            ("recoveryChange", &of.recovery_change.relative),
        ]),
        again_key: None,
    }
}

#[cfg(test)]
mod tests;
