//! Staff: heads per level, rank and contract; and heads to save.

use crate::model::figure::{self, Figure};
use crate::model::macros::record;
use crate::model::source::Citation;
use crate::model::unit::Unit;
use crate::model::vocabulary::vocabulary;
use crate::model::{Category, Date, Key, Link, Organisation, Plan, key};

vocabulary! {
    /// How somebody is employed.
    Contract {
        /// By appointment (*statutair*).
        Statutory = "STATUTORY",
        /// By contract (*contractueel*).
        Contractual = "CONTRACTUAL",
    }
}

record! {
    /// Number of staff of one rank and contract at a date (*personeelsplan*).
    StaffFigure(|it| it.own_key(), order: |it| Key::join(&[&it.organisation_key, &it.date, &it.level, &it.rank, &(it.contract as u8)]),
        check: |it, problems| {
        figure::check_unit("figure", &it.figure, Unit::Persons, problems);
    }) {
        /// The body.
        organisation_key: Link<Organisation> => staffFigures: "Heads by level, rank and contract, at each date reported.",
        /// The date at which heads were counted.
        date: Date,
        /// Level (*niveau*).
        level: String,
        /// Rank (*rang*).
        rank: String,
        /// Contract type.
        contract: Contract,
        /// Heads.
        figure: Figure,
        /// The same in full-time equivalents; null when it is not told.
        fte: Option<Figure>,
        /// The categories that it is of, where staff is broken down further; empty for all. They are part of the key.
        category_keys: Vec<Link<Category>> => staffFigures: "The staff of this category.",
    }
}

impl StaffFigure {
    /// Body, date, rank and contract; and where staff is broken down further, the categories. The level is no part of it: a rank has one.
    fn own_key(&self) -> Key {
        let rank = key::part(&self.rank);
        let contract = self.contract.word().to_lowercase();
        let mut marks: Vec<String> = self.category_keys.iter().map(|category| key::mark(category.as_str())).collect();
        marks.sort();
        if marks.is_empty() {
            return Key::of_parts(&self.organisation_key, &[&self.date, &rank, &contract]);
        }
        let marks = format!("+{}", marks.join("+"));
        Key::of_parts(&self.organisation_key, &[&self.date, &rank, &contract, &marks])
    }
}

record! {
    /// A target for staff: heads to save (*koppenbesparing*), a share to reach.
    StaffTarget(|target| target.key.clone()) {
        /// Natural key.
        key: Key,
        /// The body.
        organisation_key: Link<Organisation> => staffTargets: "What the body aims at for its staff.",
        /// What is aimed at, in words.
        title: String,
        /// What is to be reached.
        target: Figure,
        /// By when.
        due: Option<Date>,
        /// What is reached so far; null when the document does not say.
        achieved: Option<Figure>,
        /// At which date that was.
        achieved_at: Option<Date>,
        /// Where the aim is printed.
        printed: Option<Citation>,
        /// The plan that sets it; null for one that is of the plan whose document prints it, or of the body whatever the plan.
        plan_key: Option<Link<Plan>> => staffTargets: "What the plan aims at for staff, where the targets say so.",
    }
}
