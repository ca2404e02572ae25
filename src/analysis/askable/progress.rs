//! How far projects are, by their milestones.

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::analysis::askable::made::{Counts, Making, Numbers, known, reached};
use crate::analysis::computed::{Computed, Input};
use crate::analysis::milestone::{self, Milestones, Which};
use crate::analysis::walk::{self, RecordRef};
use crate::analysis::{tables, target};
use crate::model::macros::composite;
use crate::model::milestone::MilestoneStatus;
use crate::model::{Date, Link, Milestone, Plan, Project, RecordType as _, Unit};
use crate::register::Register;

composite! {
    /// How far a project is, by its milestones; parts of milestones are not counted besides them.
    ProjectProgress {
        /// Key of the project.
        project_key: Link<Project>,
        /// Key of its plan.
        plan_key: Link<Plan>,
        /// How many milestones it has.
        milestones: i32,
        /// How many of them are done: in the document's words, or where these are a body's own, in those that all bodies share.
        realised: i32,
        /// Of how many it is not said, in words that all bodies share, how they stand: those planned for a year of which no plan tells yet, and
        /// those of which a body says it in a word of its own alone.
        without_status: i32,
        /// The share that is done of those of which it is said, in words that all bodies share, how they stand; as a ratio. Null when there are
        /// none.
        realised_share: Option<Decimal>,
        /// How many the document says to be late.
        delayed: i32,
        /// How many the document says to be on hold.
        on_hold: i32,
        /// How many are overdue on the closing day of the plan (else the date of its document, or the end of the year that it looks back on):
        /// due before it, and neither done, stopped nor turned to another aim. `milestoneCounts(overdueAt:)` of a project tells it of another
        /// day. Null when the plan is not there.
        overdue: Option<i32>,
        /// How many are open and have no period in which they are due.
        without_due: i32,
        /// How many have a footnote that changes what their status says.
        amended: i32,
    }
}

/// The numbers that groups tell of.
pub const NUMBERS: Numbers = &[
    ("milestones", Counts::things(Unit::Count)),
    ("realised", Counts::things(Unit::Count)),
    ("withoutStatus", Counts::things(Unit::Count)),
    ("realisedShare", Counts::rate_less(Unit::Ratio, "realised", "milestones", "withoutStatus")),
    ("delayed", Counts::things(Unit::Count)),
    ("onHold", Counts::things(Unit::Count)),
    ("overdue", Counts::things(Unit::Count)),
    ("withoutDue", Counts::things(Unit::Count)),
    ("amended", Counts::things(Unit::Count)),
];

/// The progress of all projects, in the order of the projects.
pub static PROGRESS: Making<Project, ProjectProgress> = Making {
    tables: tables::PROGRESS,
    make: |register, project, _| vec![progress(register, project)],
    reached: reached::<Project>,
};

/// The milestones of a project, and how they stand on the closing day of its plan.
pub fn standing_of<'r>(
    register: &'r Register,
    project: RecordRef<'r, Project>,
) -> (Vec<RecordRef<'r, Milestone>>, Milestones<'r>) {
    let of = milestone::milestones(register, &[project], Which::default());
    let standing = milestone::standing(&of, closing(register, project.1));
    (of, standing)
}

/// The day on which the milestones of a project are judged: the closing day of its plan.
pub fn closing(register: &Register, project: &Project) -> Option<Date> {
    walk::follow::<Plan>(register, &project.plan_key).and_then(|(_, plan)| target::closing_day(register, plan))
}

fn progress(register: &Register, project: RecordRef<'_, Project>) -> ProjectProgress {
    let (milestones, standing) = standing_of(register, project);
    let count = |fits: &dyn Fn(&Milestone) -> bool| whole(milestones.iter().filter(|(_, it)| fits(it)).count());
    let stands = |status| count(&|it| it.standings().any(|own| own == status));
    // Of a body's own word the status that all bodies share tells whether it means done; without that nothing does.
    let nodes = |fits: &dyn Fn(&Milestone) -> bool| {
        Arc::new(Computed::count(milestones.iter().filter(|(_, it)| fits(it)).map(|(node, _)| *node)))
    };
    let (done, told) = (nodes(&Milestone::is_realised), nodes(&Milestone::is_told));
    let (realised, without_status) = (whole(done.inputs.len()), whole(milestones.len() - told.inputs.len()));
    let share = Computed::share(Input::computed("part", done), Input::computed("whole", told));
    ProjectProgress {
        project_key: Link::new(project.1.key()),
        plan_key: project.1.plan_key.clone(),
        milestones: whole(milestones.len()),
        realised,
        without_status,
        realised_share: known(&share),
        delayed: stands(MilestoneStatus::Delayed),
        on_hold: stands(MilestoneStatus::OnHold),
        overdue: standing.overdue.as_ref().map(|it| whole(it.inputs.len())),
        without_due: whole(standing.without_due.inputs.len()),
        amended: count(&|it| it.amendment.is_some()),
    }
}

fn whole(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
