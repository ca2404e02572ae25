//! Money on the pages: the credits that a budget has, whatever the body calls them, and what stands under each.

use std::borrow::Borrow;

use crate::pages::at::{At, Place};
use crate::pages::html::{Html, escape};
use crate::pages::page::Page;

/// The two credits that a budget has by itself, and where it has them.
const TWO: [(&str, &str); 2] = [("VAK", "vak"), ("VEK", "vek")];

/// Which columns a table of money has: those of which it knows anything. Where it knows nothing it has all.
pub struct Columns {
    /// What was budgeted.
    pub budgeted: bool,
    /// What was realised.
    pub realised: bool,
    /// How much of what was budgeted was realised.
    pub execution: bool,
    /// What was realised, against the year before.
    pub change: bool,
}

impl Columns {
    /// What each credit has amounts of.
    pub fn phases(&self) -> Vec<&'static str> {
        let all = [("BUDGETED", self.budgeted), ("REALISED", self.realised)];
        all.into_iter().filter(|(_, is_there)| *is_there).map(|(phase, _)| phase).collect()
    }

    /// How many amounts each credit has.
    pub fn amounts(&self) -> usize {
        self.phases().len()
    }
}

impl Page<'_> {
    /// The columns of a table about a budget, or the parts of it.
    pub fn money_columns<'a>(&self, budget: impl Place<'a>) -> Columns {
        let budget = budget.place();
        let others = budget.maybe("others").entries().into_iter().map(|it| it.maybe("amounts"));
        let all: Vec<At<'_>> = TWO.iter().map(|(_, place)| budget.maybe(place)).chain(others).collect();
        let is_known = |steps: &[&str]| {
            let value = |of: &At<'a>| steps.iter().fold(of.clone(), |there, step| there.maybe(step)).maybe("value");
            all.iter().any(|of| !value(of).is_nothing())
        };
        let [budgeted, realised] = ["budgeted", "realised"].map(|phase| is_known(&[phase, "known"]));
        if !budgeted && !realised {
            return Columns { budgeted: true, realised: true, execution: true, change: false };
        }
        let change = is_known(&["realisedChange", "relative"]);
        Columns { budgeted, realised, execution: is_known(&["execution"]), change }
    }

    /// The credits of a budget that tables show: commitments and payments, and others that it has. Where it has but others, these alone.
    pub fn credits<'a>(&self, budget: impl Place<'a>) -> Vec<String> {
        let budget = budget.place();
        let others = budget.maybe("others").entries();
        let others: Vec<String> = others.iter().map(|other| other.text("kind")).collect();
        let is_known = |place: &str| {
            let amounts = budget.maybe(place);
            let known = |phase: &str| !amounts.maybe(phase).maybe("known").maybe("value").is_nothing();
            ["budgeted", "realised"].iter().any(|phase| known(phase))
        };
        let has_two = others.is_empty() || TWO.iter().any(|(_, place)| is_known(place));
        let two = TWO.iter().filter(|_| has_two).map(|(credit, _)| (*credit).to_owned());
        two.chain(others).collect()
    }

    /// What a budget says of a credit; nothing where it has none of it.
    pub fn of_credit<'a>(&self, budget: impl Place<'a>, credit: &str) -> At<'a> {
        let budget = budget.place();
        if let Some((_, place)) = TWO.iter().find(|(name, _)| *name == credit) {
            return budget.at(place);
        }
        let others = budget.maybe("others");
        let other = others.entries().into_iter().find(|other| other.text("kind") == credit);
        other.map_or_else(|| others.maybe("amounts"), |other| other.at("amounts"))
    }

    /// A credit by its name, and what an abbreviation stands for.
    pub fn credit(&self, credit: &str) -> Html {
        let long = match credit {
            "VAK" => self.t("vastleggingskrediet", "commitment appropriation"),
            "VEK" => self.t("vereffeningskrediet", "payment appropriation"),
            other => return Html(escape(&self.language.word(other))),
        };
        Html(format!("<abbr title=\"{long}\">{credit}</abbr>"))
    }

    /// Whether a line's name says anything besides the names of the measures that it pays for.
    pub fn is_named<'a>(&self, line: impl Place<'a>, measures: &[At<'_>]) -> bool {
        let name = line.place().text("name");
        !matches!(measures, [only] if only.text("name") == name)
    }

    /// Whether what was budgeted is read from other prints than the one of a plan.
    pub fn is_read_elsewhere(&self, prints: &[At<'_>], plan: &str) -> bool {
        prints.len() > 1 || prints.iter().any(|print| print.text("plan.key") != plan)
    }

    /// The amount of a budget line in a year.
    pub fn amount<'a>(&self, line: impl Place<'a>, year: impl Borrow<i64>, credit: &str, phase: &str) -> Html {
        let all = line.place().list("amounts");
        let is_it = |one: &&At<'_>| {
            let is_amount = one.maybe("adjustment").own_text().is_empty();
            let is_credit = [one.text("credit"), one.text("creditKind")].iter().any(|it| it == credit);
            one.int("year") == *year.borrow() && is_credit && one.text("phase") == phase && is_amount
        };
        // Of several prints of the budget the last one.
        all.iter().rfind(is_it).map_or_else(|| Html("<span class=none>–</span>".into()), |one| one.figure("figure"))
    }
}
