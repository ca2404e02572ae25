//! Staff: heads per level, rank and contract; and heads to save.

use crate::model::figure::{self, Figure};
use crate::model::macros::record;
use crate::model::source::Citation;
use crate::model::unit::Unit;
use crate::model::vocabulary::vocabulary;
use crate::model::{Category, Date, Key, Link, Organisation, Plan, key, open_word};

vocabulary! {
    /// How somebody is employed.
    Contract else Other {
        /// By appointment (*statutair*).
        Statutory = "STATUTORY",
        /// By contract (*contractueel*).
        Contractual = "CONTRACTUAL",
        /// In another way: `contractWord` says how.
        Other = "OTHER",
    }
}

record! {
    /// Number of staff of one rank and contract at a date (*personeelsplan*).
    StaffFigure(|it| it.own_key(), order: |it| it.own_order(),
        settle: |it| open_word::settle(&mut it.contract, &mut it.contract_word), check: |it, problems| {
        open_word::check_required("contractWord", it.contract, it.contract_word.as_deref(), problems);
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
        /// Contract type; OTHER for any but the first document's two.
        contract: Contract; deprecated: "Since 2026-11. Ask `contractWord`, which has the words of every document.",
        /// Heads.
        figure: Figure,
        /// The same in full-time equivalents; null when it is not told.
        fte: Option<Figure>,
        /// The categories that it is of, where staff is broken down further; empty for all. They are part of the key.
        category_keys: Vec<Link<Category>> => staffFigures: "The staff of this category.",
        /// How they are employed, in a word: one of `Contract`, or the body's own, such as `Temporary`. It is part of the key.
        contract_word: Option<String>,
    }
}

impl StaffFigure {
    fn own_order(&self) -> Key {
        let of = Key::join(&[&self.organisation_key, &self.date, &self.level, &self.rank, &(self.contract as u8)]);
        let of = match self.contract_word.as_deref().filter(|_| self.contract == Contract::Other) {
            Some(word) => Key::join(&[&of, &key::mark(word)]),
            None => of,
        };
        // Its parts after the whole, each at a place of its own.
        match self.marks() {
            Some(marks) => Key::join(&[&of, &marks]),
            None => of,
        }
    }

    /// What tells the categories that it is of; none for the whole.
    fn marks(&self) -> Option<String> {
        let mut marks: Vec<String> = self.category_keys.iter().map(|category| key::mark(category.as_str())).collect();
        marks.sort();
        (!marks.is_empty()).then(|| format!("+{}", marks.join("+")))
    }

    /// How they are employed, in a word.
    pub fn employed(&self) -> &str {
        open_word::said(self.contract, self.contract_word.as_deref())
    }

    /// Body, date, rank and contract; and where staff is broken down further, the categories. The level is no part of it: a rank has one.
    fn own_key(&self) -> Key {
        let rank = key::part(&self.rank);
        let contract = open_word::part(self.contract, self.contract_word.as_deref());
        match self.marks() {
            Some(marks) => Key::of_parts(&self.organisation_key, &[&self.date, &rank, &contract, &marks]),
            None => Key::of_parts(&self.organisation_key, &[&self.date, &rank, &contract]),
        }
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
