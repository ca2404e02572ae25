//! Milestones: what a project set out to do, or took on, and how that stands.

use crate::model::macros::{composite, record};
use crate::model::round::CommonStatus;
use crate::model::source::Citation;
use crate::model::vocabulary::vocabulary;
use crate::model::{Key, Link, Period, ProblemCode, Problems, Project, key, open_word, period};

vocabulary! {
    /// Which table of a project a milestone stands in.
    MilestoneTable else Other {
        /// Planned beforehand (*mijlpalen*).
        Planned = "PLANNED",
        /// Added during the year (*bijkomende mijlpalen*).
        Additional = "ADDITIONAL",
        /// Extra task because of the COVID-19 pandemic (*extra taken i.k.v. COVID-19*).
        Covid19 = "COVID_19",
        /// Another table: `tableWord` says which.
        Other = "OTHER",
    }
}

vocabulary! {
    /// How a milestone stands, in the document's closed list of words.
    MilestoneStatus else Other {
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
        /// In another word: `statusWord` has it, and `commonStatus` may say what it means.
        Other = "OTHER",
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

vocabulary! {
    /// How a footnote, or a remark in the title, changes what the status of a milestone says.
    MilestoneChange {
        /// The timing moved (*timing verschoven, aangepast*).
        Postponed = "POSTPONED",
        /// It turned to another aim (*geheroriënteerd*).
        Reoriented = "REORIENTED",
        /// It came in another form than the one named (*non-paper, conceptnota*).
        OtherForm = "OTHER_FORM",
        /// What came of it was not taken up (*niet weerhouden*).
        NotRetained = "NOT_RETAINED",
        /// It goes on: it is not done yet (*is lopende*).
        Ongoing = "ONGOING",
        /// It was given more to do (*uitbreiding opdracht*).
        Extended = "EXTENDED",
    }
}

vocabulary! {
    /// Why a milestone changed, as the document says it.
    ChangeCause else Other {
        /// The COVID-19 pandemic.
        Covid19 = "COVID_19",
        /// Legislation or an approval that took longer.
        Legislation = "LEGISLATION",
        /// Others, on whom it depends.
        Others = "OTHERS",
        /// Another choice of one's own.
        Choice = "CHOICE",
        /// Something else: the word beside it says what.
        Other = "OTHER",
    }
}

composite! {
    /// What the footnote of a milestone, or a remark in its title, changes of what its status says.
    MilestoneAmendment {
        /// What changes.
        change: MilestoneChange,
        /// The part of the milestone that it is about, as printed; null for the whole.
        part: Option<String>,
        /// When it is due now; null when no period is given.
        due: Option<Period>,
        /// Why, where the footnote says so; OTHER for a cause that is not in the list.
        cause: Option<ChangeCause>; deprecated: "Since 2026-11. Ask `causeWord`, which has the words of every document.",
        /// Why, in a word: one of `ChangeCause`, or another, such as `Strike`.
        cause_word: Option<String>,
    }
}

record! {
    /// A milestone (*mijlpaal*) of a project in a year. Evaluated years give a status, planned years a timing.
    Milestone(
        |it| Key::join(&[&it.project_key, &it.year, &open_word::part(it.table, it.table_word.as_deref()), &it.number]),
        order: |it| it.own_order(),
        settle: |it| it.settle_words(),
        check: |it, problems| {
            open_word::check_required("tableWord", it.table, it.table_word.as_deref(), problems);
            // Beside a status of the list the document's own word may stand; without one it must.
            if it.status == Some(MilestoneStatus::Other) {
                open_word::check_required("statusWord", MilestoneStatus::Other, it.status_word.as_deref(), problems);
            }
            if let Some(amendment) = &it.amendment {
                problems.within("amendment", |problems| {
                    open_word::check("causeWord", amendment.cause, amendment.cause_word.as_deref(), problems);
                });
            }
            period::check_year("year", it.year, problems);
            check_statuses(it, problems);
        }
    ) {
        /// The project.
        project_key: Link<Project> => milestones: "The milestones of the project, of all years and tables.",
        /// The year it is evaluated or planned for.
        year: i32,
        /// The table it stands in; OTHER for any but the first document's three.
        table: MilestoneTable; deprecated: "Since 2026-11. Ask `tableWord`, which has the words of every document.",
        /// Place in that table, from 1.
        number: i32,
        /// Headings above it within the table, outermost first.
        groups: Vec<String>,
        /// The milestone in words, as printed.
        title: String,
        /// How it stands, from the printed words; null for planned years, blank cells, and cells with two statuses: `statuses` has these;
        /// OTHER for a word that is not in the list. A condition on it passes over cells with two; `statusWords` of `milestoneStandings` has all.
        status: Option<MilestoneStatus>; deprecated: "Since 2026-11. Ask `statusWord`, which has the words of every document.",
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
        /// The milestone that this one is a part of, where it is a point below another and has no cell of its own; null for a milestone
        /// of its own. Parts are not counted as milestones unless that is asked for.
        part_of_key: Option<Link<Milestone>> => parts: "The parts of the milestone: points below it without a cell of their own.",
        /// All statuses of a cell that has several, as printed; empty for a cell with one or none.
        statuses: Vec<MilestoneStatus>,
        /// What its footnote, or a remark in its title, changes of what the status says; null when neither changes anything.
        amendment: Option<MilestoneAmendment>,
        /// How it stands, in a word: one of `MilestoneStatus`, or the document's own; null where it has none, or several.
        status_word: Option<String>,
        /// How it stands, in words that all bodies share; null where `status` says it, or nothing does.
        common_status: Option<CommonStatus>,
        /// Who answers for it.
        owner: Option<String>,
        /// The table it stands in, in a word: one of `MilestoneTable`, or the document's own, such as its title. It is part of the key.
        table_word: Option<String>,
    }
}

/// Several statuses are two or more, and none of them is the status.
fn check_statuses(milestone: &Milestone, problems: &mut Problems) {
    let several = &milestone.statuses;
    if several.len() == 1 || (!several.is_empty() && milestone.status.is_some()) {
        problems.within("statuses", |problems| {
            let words: Vec<&str> = several.iter().map(|status| status.word()).collect();
            problems.push(
                ProblemCode::Inconsistent,
                format!(
                    "`{}` stands beside the status {}",
                    words.join(" | "),
                    milestone.status.map_or("null", MilestoneStatus::word)
                ),
                "give one status as `status`, or several as `statuses`",
            );
        });
    }
}

impl Milestone {
    /// As it stands in the document: by project, year, table and number.
    fn own_order(&self) -> Key {
        let table = &(self.table as u8);
        match self.table_word.as_deref().filter(|_| self.table == MilestoneTable::Other) {
            Some(word) => Key::join(&[&self.project_key, &self.year, table, &key::mark(word), &self.number]),
            None => Key::join(&[&self.project_key, &self.year, table, &self.number]),
        }
    }

    fn settle_words(&mut self) {
        open_word::settle(&mut self.table, &mut self.table_word);
        open_word::settle_optional(&mut self.status, &mut self.status_word);
        if let Some(amendment) = &mut self.amendment {
            open_word::settle_optional(&mut amendment.cause, &mut amendment.cause_word);
        }
    }

    /// Says how it stands now.
    pub fn set_status(&mut self, status: Option<MilestoneStatus>, word: Option<String>, common: Option<CommonStatus>) {
        (self.status, self.status_word, self.common_status) = (status, word, common);
        self.settle_words();
    }

    /// Whether nothing more is to come of it: it is done, stopped, or turned to another aim. Where the word is the document's own, the
    /// common status tells.
    pub fn is_settled(&self) -> bool {
        use MilestoneStatus::{Other, Realised, Reoriented, Stopped};
        let common =
            matches!(self.common_status, Some(CommonStatus::Met | CommonStatus::NotMet | CommonStatus::Stopped));
        let settled = |status| match status {
            Realised | Reoriented | Stopped => true,
            Other => common,
            _ => false,
        };
        if self.standings().next().is_none() { common } else { self.standings().all(settled) }
    }

    /// Whether it is done: in a word of the list, or, where its word is the document's own or it has none, in the one that all bodies share.
    pub fn is_realised(&self) -> bool {
        let by_common = self.common_status == Some(CommonStatus::Met);
        self.standings().any(|status| status == MilestoneStatus::Realised) || (by_common && !self.is_listed())
    }

    /// Whether it is said how it stands, in words that tell the same of all bodies.
    pub fn is_told(&self) -> bool {
        self.is_listed() || self.common_status.is_some()
    }

    fn is_listed(&self) -> bool {
        self.standings().any(|status| status != MilestoneStatus::Other)
    }

    /// How it stands, each with its word: its status, or those of a cell with several.
    pub fn standing_words(&self) -> impl Iterator<Item = (MilestoneStatus, &str)> {
        let own = self.status_word.as_deref().filter(|_| self.status == Some(MilestoneStatus::Other));
        self.standings().map(move |status| (status, open_word::said(status, own)))
    }

    /// How it stands: its status, or those of a cell with several.
    pub fn standings(&self) -> impl Iterator<Item = MilestoneStatus> {
        self.status.into_iter().chain(self.statuses.iter().copied())
    }

    /// When it is due: as its footnote has it, or else as its timing has it.
    pub fn due_now(&self) -> Option<&Period> {
        self.amendment.as_ref().and_then(|amendment| amendment.due.as_ref()).or(self.due.as_ref())
    }
}
