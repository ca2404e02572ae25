//! How each milestone stands.

use crate::analysis::askable::made::{Counts, Making, Numbers, reached};
use crate::analysis::askable::progress::closing;
use crate::analysis::tables::PROGRESS;
use crate::analysis::walk::{self, RecordRef};
use crate::model::macros::composite;
use crate::model::round::CommonStatus;
use crate::model::{Link, Milestone, Period, Plan, Project, RecordType as _, Unit};
use crate::register::Register;

composite! {
    /// How a milestone stands: every status that its cell has, and whether it is late. Parts of milestones have no cell of their own and no
    /// entry.
    MilestoneStanding {
        /// Key of the milestone.
        milestone_key: Link<Milestone>,
        /// Key of its project.
        project_key: Link<Project>,
        /// Key of the plan that it belongs to.
        plan_key: Option<Link<Plan>>,
        /// The year it is evaluated or planned for.
        year: i32,
        /// The table it stands in, in a word.
        table_word: Option<String>,
        /// How it stands, in words: its status, or all those of a cell with several. Empty when nothing is said.
        status_words: Vec<String>,
        /// How it stands, in words that all bodies share; null where its own words say it, or nothing does.
        common_status: Option<CommonStatus>,
        /// Whether nothing more is to come of it: done, stopped, or turned to another aim.
        settled: bool,
        /// When it is due: as its footnote has it, or else as its timing has it; null when neither gives a period.
        due_now: Option<Period>,
        /// Whether it is overdue on the closing day of the plan (else the date of its document, or the end of the year that it looks back
        /// on): due before it, and not settled. Null when that cannot be told.
        overdue: Option<bool>,
        /// By how many days it is overdue then; null when it is not, or when that cannot be told.
        days_overdue: Option<i32>,
        /// Whether a footnote, or a remark in its title, changes what its status says.
        amended: bool,
        /// Why, in a word, such as `COVID_19`; null where the footnote does not say it.
        cause_word: Option<String>,
        /// Why it cannot be told whether it is overdue; null when it can.
        reason: Option<String>,
    }
}

/// The numbers that groups tell of.
pub const NUMBERS: Numbers = &[("daysOverdue", Counts::rate(Unit::Days))];

/// How all milestones stand, in the order of the milestones.
pub static STANDINGS: Making<Milestone, MilestoneStanding> = Making {
    tables: PROGRESS,
    make: |register, milestone, _| standing(register, milestone).into_iter().collect(),
    reached: reached::<Milestone>,
};

fn standing(register: &Register, (_, it): RecordRef<'_, Milestone>) -> Option<MilestoneStanding> {
    if it.part_of_key.is_some() {
        return None;
    }
    let project = walk::follow::<Project>(register, &it.project_key).map(|(_, project)| project);
    let (settled, due, day) = (it.is_settled(), it.due_now(), project.and_then(|it| closing(register, it)));
    let late = match (settled, due, day) {
        (true, ..) => Ok(None),
        (false, None, _) => Err("no period is given in which it is due"),
        (false, _, None) => Err("its plan is not there, so that no day is known to judge it by"),
        (false, Some(due), Some(day)) => Ok((due.end() < day).then(|| due.end().days_to(day))),
    };
    Some(MilestoneStanding {
        milestone_key: Link::new(it.key()),
        project_key: it.project_key.clone(),
        plan_key: project.map(|project| project.plan_key.clone()),
        year: it.year,
        table_word: it.table_word.clone(),
        status_words: it.standing_words().map(|(_, word)| word.to_owned()).collect(),
        common_status: it.common_status,
        settled,
        due_now: due.copied(),
        overdue: late.ok().map(|days| days.is_some()),
        days_overdue: late.ok().flatten(),
        amended: it.amendment.is_some(),
        cause_word: it.amendment.as_ref().and_then(|amendment| amendment.cause_word.clone()),
        reason: late.err().map(str::to_owned),
    })
}
