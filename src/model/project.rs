//! Projects, and what is said of each of them for each year.

use crate::model::goal::Scope;
use crate::model::macros::record;
use crate::model::source::Citation;
use crate::model::vocabulary::vocabulary;
use crate::model::{Key, Link, OperationalGoal, Plan, StrategicGoal, open_word, period};

record! {
    /// A strategic project (*beleidsproject, organisatieproject*), usually over several years.
    Project(|project| project.key.clone(), settle: |it| open_word::settle(&mut it.scope, &mut it.scope_word), check: |it, problems| {
        open_word::check("scopeWord", Some(it.scope), it.scope_word.as_deref(), problems);
    }) {
        /// Natural key.
        key: Key,
        /// The plan it belongs to.
        plan_key: Link<Plan> => projects: "The projects of the plan.",
        /// Policy or organisation project; OTHER for any other.
        scope: Scope; deprecated: "Since 2026-11. Ask `scopeWord`, which has the words of every document.",
        /// Number in the document's list of projects of that scope.
        number: i32,
        /// Title as in the list of projects.
        title: String,
        /// The operational goal that it carries out; null for organisation projects.
        operational_goal_key: Option<Link<OperationalGoal>> => projects: "The projects that carry this goal out.",
        /// The strategic goals that the list of projects names.
        strategic_goal_keys: Vec<Link<StrategicGoal>> => projects: "The projects that the list of projects puts under this goal.",
        /// Description (*omschrijving*); null when it was not taken over.
        description: Option<String>,
        /// Where its title is printed.
        printed: Option<Citation>,
        /// Who answers for it.
        owner: Option<String>,
        /// What it serves, in a word: one of `Scope`, or the document's own; null where the body does not tell projects apart.
        scope_word: Option<String>,
    }
}

vocabulary! {
    /// Whether a project runs in a year.
    Running {
        /// It runs.
        Yes = "YES",
        /// It runs in part: printed in brackets.
        Partly = "PARTLY",
        /// It does not run: the place is blank.
        No = "NO",
    }
}

record! {
    /// A project in one year: whether it runs, and how far it is said to be.
    ProjectYear(|it| Key::join(&[&it.project_key, &it.year]), check: |it, problems| {
        period::check_year("year", it.year, problems);
    }) {
        /// The project.
        project_key: Link<Project> => years: "What is said of the project year by year.",
        /// The year.
        year: i32,
        /// Whether it runs in that year.
        running: Option<Running>,
        /// Where the document says whether it runs.
        running_printed: Option<Citation>,
        /// The global progress statement (*globale voortgangsstatus*) as printed.
        progress: Option<String>,
        /// Where the progress statement is printed.
        progress_printed: Option<Citation>,
        /// How stakeholders were involved (*stakeholdersbetrokkenheid*); null when it was not taken over.
        stakeholders: Option<String>,
        /// The evaluation in words (*evaluatietekst*); null when it was not taken over.
        evaluation: Option<String>,
    }
}
