//! Milestones: what a project set out to do, or took on, and how that stands.

use crate::model::figure::Citation;
use crate::model::macros::{record, vocabulary};
use crate::model::{Key, Link, Period, Project, period};

vocabulary! {
    /// Which table of a project a milestone stands in.
    MilestoneTable {
        /// Planned beforehand (*mijlpalen*).
        Planned = "PLANNED",
        /// Added during the year (*bijkomende mijlpalen*).
        Additional = "ADDITIONAL",
        /// Extra task because of the COVID-19 pandemic (*extra taken i.k.v. COVID-19*).
        Covid19 = "COVID_19",
    }
}

vocabulary! {
    /// How a milestone stands, in the document's closed list of words.
    MilestoneStatus {
        /// Done (*gerealiseerd*).
        Realised = "REALISED",
        /// On schedule (*loopt op schema*).
        OnSchedule = "ON_SCHEDULE",
        /// Being prepared (*in voorbereiding*).
        InPreparation = "IN_PREPARATION",
        /// Not started yet (*nog niet gestart*).
        NotStarted = "NOT_STARTED",
        /// Late (*vertraging*).
        Delayed = "DELAYED",
        /// On hold (*on hold*).
        OnHold = "ON_HOLD",
        /// Stopped (*stopgezet*).
        Stopped = "STOPPED",
        /// Turned to another aim (*geheroriënteerd*).
        Reoriented = "REORIENTED",
    }
}

vocabulary! {
    /// How the timing of a planned milestone is given.
    Timing {
        /// Within the period `due`.
        Within = "WITHIN",
        /// All the time (*doorlopend*).
        Continuous = "CONTINUOUS",
        /// Again and again (*jaarlijks, min. 2x/jaar*).
        Recurring = "RECURRING",
        /// Said in words that give no period; `outcome` has them.
        Other = "OTHER",
    }
}

record! {
    /// A milestone (*mijlpaal*) of a project in a year. Evaluated years give a status, planned years a timing.
    Milestone(
        |it| Key::join(&[&it.project_key, &it.year, &it.table.word().to_lowercase().replace('_', "-"), &it.number]),
        order: |it| Key::join(&[&it.project_key, &it.year, &(it.table as u8), &it.number]),
        check: |it, problems| period::check_year("year", it.year, problems)
    ) {
        /// The project.
        project_key: Link<Project> => milestones: "The milestones of the project, of all years and tables.",
        /// The year it is evaluated or planned for.
        year: i32,
        /// The table it stands in.
        table: MilestoneTable,
        /// Place in that table, from 1.
        number: i32,
        /// Headings above it within the table, outermost first.
        groups: Vec<String>,
        /// The milestone in words, as printed.
        title: String,
        /// How it stands, from the printed words; null for planned years, blank cells, and cells with two statuses.
        status: Option<MilestoneStatus>,
        /// How its timing is given; null for evaluated years and blank cells.
        timing: Option<Timing>,
        /// When it is due, from the printed timing; null when the words give no period.
        due: Option<Period>,
        /// The printed cell with the status or the timing, footnote marks included.
        outcome: Option<Citation>,
        /// The footnote that its mark refers to, as printed.
        footnote: Option<String>,
        /// Where its title is printed.
        printed: Option<Citation>,
    }
}
