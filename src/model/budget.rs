//! The budget: articles, lines, and the amounts on each line by year, phase and credit.

use crate::model::figure::{self, Citation, Figure, Unit};
use crate::model::macros::{record, vocabulary};
use crate::model::{Key, Link, Measure, OperationalGoal, Organisation, Plan, period};

record! {
    /// A budget article (*begrotingsartikel*). One line may name several, one article may serve many lines.
    BudgetArticle(|article| article.code.clone()) {
        /// The code as printed: the natural key.
        code: Key,
        /// Name, when the document gives one.
        name: Option<String>,
        /// The body whose article it is; null for one of before bodies had articles of their own.
        organisation_key: Option<Link<Organisation>> => budgetArticles: "The articles of the body's budget.",
        /// The code exactly as printed, where a key cannot hold it; null when it is `code`.
        printed_code: Option<String>,
    }
}

record! {
    /// A part of the codes of budget articles, such as the programme: which places of the code it takes. What the parts of a code are
    /// is data, because every body has codes of its own.
    ArticlePart(|part| part.key.clone(), position: |part| i64::from(part.position)) {
        /// Natural key.
        key: Key,
        /// The body whose articles have such codes.
        organisation_key: Link<Organisation> => articleParts: "What the parts of the codes of its budget articles are.",
        /// Place among the parts, from 1.
        position: i32,
        /// Name.
        name: String,
        /// The form of the codes: `X` for a letter or digit of this part, `.` for one of another part, anything else as it stands. Without an `X` the part has no letters.
        mask: String,
        /// What the part tells.
        description: Option<String>,
        /// Where this is said.
        source: Option<String>,
    }
}

/// Stands in a mask for a letter or digit of the part.
pub const PART: char = 'X';
/// Stands in a mask for a letter or digit of another part.
pub const OTHER_PART: char = '.';

record! {
    /// What a part of the codes of budget articles means where it has certain letters.
    ArticleTerm(|it| Key::of_parts(&it.part_key, &[&it.code])) {
        /// The part.
        part_key: Link<ArticlePart> => terms: "What the letters of this part mean, as far as it is known.",
        /// The letters or digits.
        code: Key,
        /// What they mean.
        meaning: String,
        /// Where this is said.
        source: Option<String>,
    }
}

vocabulary! {
    /// What a budget line pays for.
    BudgetSection {
        /// A measure or another effort under an operational goal.
        Measure = "MEASURE",
        /// The organisation's own pay and working costs (*apparaat*).
        Apparatus = "APPARATUS",
        /// Money set aside (*provisie*).
        Provision = "PROVISION",
    }
}

vocabulary! {
    /// Which way the money flows.
    Direction {
        /// Spent (*uitgaven*).
        Expenditure = "EXPENDITURE",
        /// Received (*ontvangsten*).
        Revenue = "REVENUE",
    }
}

record! {
    /// A line of the budget table.
    BudgetLine(|line| line.key.clone(), position: |line| i64::from(line.position)) {
        /// Natural key.
        key: Key,
        /// The plan whose budget it is.
        plan_key: Link<Plan> => budgetLines: "The lines of the plan's budget table.",
        /// Place in the table, from 1.
        position: i32,
        /// Name as printed.
        name: String,
        /// What it pays for.
        section: BudgetSection,
        /// Expenditure or revenue.
        direction: Direction,
        /// The operational goal under whose heading it stands; null for apparatus and provisions.
        operational_goal_key: Option<Link<OperationalGoal>> => budgetLines: "The budget lines under this goal.",
        /// The measures that it pays for: none, one, or several that share it.
        measure_keys: Vec<Link<Measure>> => budgetLines: "The budget lines that pay for this measure; a line may be shared with others.",
        /// The articles that it is booked on.
        article_keys: Vec<Link<BudgetArticle>> => budgetLines: "The lines booked on this article.",
        /// Where its name is printed.
        printed: Option<Citation>,
        /// Where its articles are printed.
        articles_printed: Option<Citation>,
    }
}

vocabulary! {
    /// Whether an amount was planned or spent.
    Phase {
        /// Spent (*gerealiseerd*).
        Realised = "REALISED",
        /// Planned (*budget*).
        Budgeted = "BUDGETED",
    }
}

vocabulary! {
    /// The two credits of a Flemish budget.
    Credit {
        /// Commitment appropriation (*vastleggingskrediet, VAK*): what may be committed.
        Vak = "VAK",
        /// Payment appropriation (*vereffeningskrediet, VEK*): what may be paid.
        Vek = "VEK",
    }
}

record! {
    /// One amount of a budget line: for a year, a phase and a credit.
    BudgetAmount(|it| Key::join(&[&it.budget_line_key, &it.year, &it.phase.word().to_lowercase(), &it.credit.word().to_lowercase()]), order: |it| Key::join(&[&it.budget_line_key, &it.year, &(it.phase as u8), &(it.credit as u8)]),
        check: |it, problems| {
        figure::check_unit("figure", &it.figure, Unit::Euro, problems);
        period::check_year("year", it.year, problems);
    }) {
        /// The line.
        budget_line_key: Link<BudgetLine> => amounts: "The amounts of the line, by year, phase and credit.",
        /// The budget year.
        year: i32,
        /// Planned or spent.
        phase: Phase,
        /// Commitment or payment appropriation.
        credit: Credit,
        /// The amount in euro.
        figure: Figure,
    }
}
