//! What the inspectorate did, process by process and year by year.

use crate::model::figure::{self, Figure};
use crate::model::macros::record;
use crate::model::source::Citation;
use crate::model::unit::Unit;
use crate::model::{Key, Link, Measure, Plan, period};

record! {
    /// A process that the inspectorate controls (a row of its table). Most are measures of the plan, some belong to others.
    InspectedProcess(|process| process.key.clone(), position: |process| i64::from(process.position)) {
        /// Natural key.
        key: Key,
        /// The plan whose table lists it.
        plan_key: Link<Plan> => inspectedProcesses: "The processes in the inspectorate's table.",
        /// Place in the table, from 1.
        position: i32,
        /// Name as printed.
        name: String,
        /// The measures of the plan that it covers; empty when it is none of them.
        measure_keys: Vec<Link<Measure>> => inspectedProcesses: "The rows of the inspectorate's table that cover this measure.",
        /// Where its name is printed.
        printed: Option<Citation>,
    }
}

record! {
    /// Controls, sanctions and proposed recoveries in one process and year.
    Inspection(|it| Key::join(&[&it.process_key, &it.year]), check: |it, problems| {
        period::check_year("year", it.year, problems);
        figure::check_unit("proposedRecovery", &it.proposed_recovery, Unit::Euro, problems);
    }) {
        /// The process.
        process_key: Link<InspectedProcess> => inspections: "What was done in this process, by year.",
        /// The year.
        year: i32,
        /// Number of controls (*controles*).
        controls: Figure,
        /// Number of warnings and official reports (*waarschuwingen en PV's*).
        sanctions: Figure,
        /// Recoveries proposed, in euro (*voorgestelde terugvordering*).
        proposed_recovery: Figure,
        /// Change of the controls since the year before as printed.
        controls_change: Option<Figure>,
        /// Change of the sanctions since the year before as printed.
        sanctions_change: Option<Figure>,
        /// Change of the proposed recoveries since the year before as printed.
        proposed_recovery_change: Option<Figure>,
    }
}
