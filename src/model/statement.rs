//! Statements: what prose says of projects, milestones and measures besides numbers. The reconciliation compares those of one thing.

use crate::model::figure::Figure;
use crate::model::macros::record;
use crate::model::milestone::ChangeCause;
use crate::model::vocabulary::vocabulary;
use crate::model::{
    InspectedProcess, Key, Link, Measure, Milestone, Norm, Period, Plan, ProblemCode, Project, open_word,
};

vocabulary! {
    /// What a statement says.
    StatementKind {
        /// Something happened, or is to happen.
        Event = "EVENT",
        /// Why something was late, put on hold or changed.
        Cause = "CAUSE",
        /// Who was or is involved.
        Involved = "INVOLVED",
        /// What was decided for a later time.
        Decision = "DECISION",
        /// How things stand, or how many there are.
        State = "STATE",
        /// The milestones named are one and the same, printed more than once.
        Same = "SAME",
    }
}

record! {
    /// What the text of a plan says in words, in words of our own and typed, so that it can be asked for. The text itself is cited,
    /// not taken over.
    Statement(|it| it.key.clone(), settle: |it| open_word::settle_several(&mut it.causes, &mut it.cause_words), check: |it, problems| {
        open_word::check_several("causeWords", &it.causes, &it.cause_words, problems);
        let mut lacks = |field, what: &str, cure: &str| {
            problems.within(field, |problems| problems.push(ProblemCode::Missing, what, cure));
        };
        if it.text.trim().is_empty() {
            lacks("text", "the text is empty", "say in a sentence what the document states");
        }
        match it.kind {
            StatementKind::Cause if it.causes.is_empty() => {
                lacks("causes", "a statement of a cause names none", "give one or more causes, or another kind");
            }
            StatementKind::Involved if it.parties.is_empty() => {
                lacks("parties", "a statement of who was involved names nobody", "name one or more parties, or give another kind");
            }
            StatementKind::Same if it.milestone_keys.len() < 2 => {
                lacks("milestoneKeys", "one milestone is not the same as another", "name two or more milestones");
            }
            _ => {}
        }
    }) {
        /// Natural key.
        key: Key,
        /// The plan that states it.
        plan_key: Link<Plan> => statements: "What the text of the plan states in words.",
        /// What it says.
        kind: StatementKind,
        /// What is stated, in a sentence of our own.
        text: String,
        /// The number stated, and where the statement is printed. A statement without a number has the status `NOT_APPLICABLE`.
        figure: Figure,
        /// When it happened, happens or is to happen; null when the statement gives no time.
        period: Option<Period>,
        /// Whether it is so: true for what is told as done or true, false for what is denied or still to come; null when neither.
        holds: Option<bool>,
        /// An earlier statement of the same thing, printed in another place. What both say should agree.
        again_key: Option<Link<Statement>> => repeats: "The statements of the same thing in other places.",
        /// The causes named, for a cause; OTHER for one that is not in the list.
        causes: Vec<ChangeCause>; deprecated: "Since 2026-11. Ask `causeWords`, which has the words of every document.",
        /// Who was involved, as the document names them.
        parties: Vec<String>,
        /// The project that it is about.
        project_key: Option<Link<Project>> => statements: "What the text states of the project in words.",
        /// The milestones that it is about.
        milestone_keys: Vec<Link<Milestone>> => statements: "What the text states of the milestone in words: why it moved, what came of it.",
        /// The measure that it is about.
        measure_key: Option<Link<Measure>> => statements: "What the text states of the measure in words.",
        /// The inspected process that it is about.
        process_key: Option<Link<InspectedProcess>> => statements: "What the text states of the process in words.",
        /// The causes named, in words: of `ChangeCause`, or others, such as `Strike`.
        cause_words: Vec<String>,
        /// The norm that it is about.
        norm_key: Option<Link<Norm>> => statements: "What the text states of the norm in words: that it was just missed, where a table has it as met.",
    }
}

impl Statement {
    /// Whether another statement of the same thing says otherwise, and of what: a time that does not overlap, another number, the
    /// opposite. What only one of them says is no contradiction.
    pub fn contradicts(&self, other: &Self) -> Option<&'static str> {
        let apart = |a: &Period, b: &Period| a.end() < b.start() || b.end() < a.start();
        let numbers = self.figure.value.zip(other.figure.value).filter(|_| self.figure.unit == other.figure.unit);
        if self.period.as_ref().zip(other.period.as_ref()).is_some_and(|(a, b)| apart(a, b)) {
            Some("period")
        } else if numbers.is_some_and(|(a, b)| a != b) {
            Some("figure")
        } else if self.holds.zip(other.holds).is_some_and(|(a, b)| a != b) {
            Some("holds")
        } else {
            None
        }
    }
}
