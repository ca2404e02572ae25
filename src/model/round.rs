//! The working year: rounds of reporting, what is said in them of goals, projects and measures, and risks.

use crate::model::macros::{link_by_kind, record};
use crate::model::source::Citation;
use crate::model::vocabulary::vocabulary;
use crate::model::{Date, Edition, Key, Link, Period, Plan, ProblemCode};

vocabulary! {
    /// How something stands, in words that all bodies can map theirs to.
    CommonStatus {
        /// Reached, done.
        Met = "MET",
        /// As planned.
        Green = "GREEN",
        /// In danger, late, on hold.
        Amber = "AMBER",
        /// Will not be reached as things stand.
        Red = "RED",
        /// Not reached, and over.
        NotMet = "NOT_MET",
        /// Not begun yet.
        NotStarted = "NOT_STARTED",
        /// Given up or turned to another aim.
        Stopped = "STOPPED",
    }
}

vocabulary! {
    /// What is reported on, and what risks threaten.
    ReportedKind {
        /// A strategic goal.
        StrategicGoal = "STRATEGIC_GOAL",
        /// An operational goal.
        OperationalGoal = "OPERATIONAL_GOAL",
        /// A project.
        Project = "PROJECT",
        /// A milestone.
        Milestone = "MILESTONE",
        /// A measure.
        Measure = "MEASURE",
    }
}

link_by_kind! {
    /// The key of a record of the kind that stands beside it.
    ReportedLink: ReportedKind, said by "kind"
}

record! {
    /// A round of reporting within the working year of a plan (*plandag, rapporteringsronde*): which figures are due follows from the
    /// frequencies of the indicators.
    Round(|round| round.key.clone(), check: |it, problems| {
        if it.deadline < it.reference_date {
            problems.within("deadline", |problems| {
                let message = format!("{} is before {}, up to which is reported", it.deadline, it.reference_date);
                problems.push(ProblemCode::Inconsistent, message, "give a day on or after the reference date");
            });
        }
    }) {
        /// Natural key.
        key: Key,
        /// The plan that is reported on.
        plan_key: Link<Plan> => rounds: "The rounds of reporting of the plan.",
        /// Name, such as `First quarter`.
        label: String,
        /// The day up to which is reported.
        reference_date: Date,
        /// The last day on which figures are in time.
        deadline: Date,
        /// For whom: the board, the minister.
        audience: Option<String>,
        /// The edition as which it was closed; null while it is open.
        edition_key: Option<Link<Edition>> => rounds: "The rounds that were closed as this edition.",
    }
}

record! {
    /// What is said in a round of how a goal, a project, a milestone or a measure goes.
    ProgressReport(|it| Key::of_parts(&it.round_key, &[&it.kind.word().to_lowercase().replace('_', "-"), &it.record_key.0])) {
        /// The round.
        round_key: Link<Round> => progressReports: "What is said in this round of goals, projects and measures.",
        /// The kind of what is reported on.
        kind: ReportedKind,
        /// What is reported on.
        record_key: ReportedLink => progressReports: "What was said of it, round by round.",
        /// How it stands, in the words of the body.
        status: Option<String>,
        /// How it stands, in words that all bodies share.
        common_status: Option<CommonStatus>,
        /// The judgement in a few words.
        judgement: Option<String>,
        /// Why it stands so, and what is done about it.
        explanation: Option<String>,
        /// Who reports.
        reported_by: Option<String>,
        /// On which day.
        reported_on: Option<Date>,
        /// Where it is printed.
        printed: Option<Citation>,
    }
}

vocabulary! {
    /// Where a risk is in its life.
    RiskState {
        /// It may come.
        Open = "OPEN",
        /// It came.
        Occurred = "OCCURRED",
        /// It is over.
        Closed = "CLOSED",
    }
}

record! {
    /// A risk for a goal, a project, a milestone or a measure.
    Risk(|risk| risk.key.clone(), check: |it, problems| {
        for (name, value) in [("likelihood", it.likelihood), ("impact", it.impact)] {
            if let Some(value) = value.filter(|value| !(1..=5).contains(value)) {
                problems.within(name, |problems| {
                    let message = format!("{value} is not on the scale from 1 to 5");
                    problems.push(ProblemCode::OutOfRange, message, "give 1 (least) to 5 (most)");
                });
            }
        }
    }) {
        /// Natural key.
        key: Key,
        /// The kind of what it threatens.
        kind: ReportedKind,
        /// What it threatens.
        record_key: ReportedLink => risks: "What threatens it.",
        /// The risk in words.
        title: String,
        /// How likely it is, from 1 (least) to 5 (most).
        likelihood: Option<i32>,
        /// How much it would hurt, from 1 (least) to 5 (most).
        impact: Option<i32>,
        /// What is done about it.
        answer: Option<String>,
        /// Who looks after it.
        owner: Option<String>,
        /// Where it is in its life.
        state: RiskState,
        /// Where it is printed.
        printed: Option<Citation>,
    }
}

impl Round {
    /// The days that it reports on, from the day after an earlier round's.
    pub fn covers(&self, period: &Period, before: Option<Date>) -> bool {
        period.end() <= self.reference_date && before.is_none_or(|before| period.end() > before)
    }
}
