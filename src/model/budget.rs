//! The budget: articles, lines, and the amounts on each line by year, phase and credit.

use crate::model::currency::is_currency;
use crate::model::figure::Figure;
use crate::model::macros::record;
use crate::model::source::Citation;
use crate::model::unit::Unit;
use crate::model::vocabulary::vocabulary;
use crate::model::{
    Key, Link, Measure, OperationalGoal, Organisation, Plan, PolicyField, ProblemCode, Problems, StructuralElement,
    key, open_word, period,
};

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
    BudgetSection else Other {
        /// A measure or another effort under an operational goal.
        Measure = "MEASURE",
        /// The organisation's own pay and working costs (*apparaat*).
        Apparatus = "APPARATUS",
        /// Money set aside (*provisie*).
        Provision = "PROVISION",
        /// Something else: `sectionWord` says what.
        Other = "OTHER",
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
    BudgetLine(|line| line.key.clone(), position: |line| i64::from(line.position),
        settle: |it| open_word::settle(&mut it.section, &mut it.section_word), check: |it, problems| {
        open_word::check("sectionWord", Some(it.section), it.section_word.as_deref(), problems);
        if it.homes() > 1 {
            problems.within("operationalGoalKey", |problems| {
                let hint = "give one of `operationalGoalKey`, `structuralElementKey` and `policyFieldKey`: the lowest level that it stands under";
                problems.push(ProblemCode::Inconsistent, format!("the line stands under {} things", it.homes()), hint);
            });
        }
    }) {
        /// Natural key.
        key: Key,
        /// The plan whose budget it is.
        plan_key: Link<Plan> => budgetLines: "The lines of the plan's budget table.",
        /// Place in the table, from 1.
        position: i32,
        /// Name as printed.
        name: String,
        /// What it pays for; OTHER for anything else.
        section: BudgetSection; deprecated: "Since 2026-11. Ask `sectionWord`, which has the words of every document.",
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
        /// What it pays for, in a word: one of `BudgetSection`, or the document's own, such as `Transfers`; null where it has none.
        section_word: Option<String>,
        /// The chapter under whose heading it stands, where that is not divided by goals.
        structural_element_key: Option<Link<StructuralElement>> => budgetLines: "The budget lines right under this chapter.",
        /// The policy field under whose heading it stands, where that is not divided further.
        policy_field_key: Option<Link<PolicyField>> => budgetLines: "The budget lines right under this policy field.",
    }
}

impl BudgetLine {
    /// Of a goal, a chapter and a policy field, how many it says that it stands under.
    pub fn homes(&self) -> usize {
        let homes = [
            self.operational_goal_key.is_some(),
            self.structural_element_key.is_some(),
            self.policy_field_key.is_some(),
        ];
        homes.into_iter().filter(|home| *home).count()
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
    /// Which print of a budget it is, where the document says so.
    BudgetStage {
        /// As it was first decided (*begrotingsopmaak, BO*).
        Initial = "INITIAL",
        /// As it was adjusted in the course of the year (*begrotingsaanpassing, BA*).
        Adjusted = "ADJUSTED",
        /// As it stood in the end, with what the administration moved itself (*BA-JR, eindkrediet*).
        Final = "FINAL",
    }
}

vocabulary! {
    /// The credits of a budget: the two that most documents print, and others by their kind.
    Credit {
        /// Commitment appropriation (*vastleggingskrediet, VAK*): what may be committed.
        Vak = "VAK",
        /// Payment appropriation (*vereffeningskrediet, VEK*): what may be paid.
        Vek = "VEK",
        /// Another one: `creditKind` says which.
        Other = "OTHER",
    }
}

vocabulary! {
    /// Credits that are neither commitment nor payment appropriations.
    CreditKind {
        /// A plain amount, of a body that does not tell commitments from payments.
        Amount = "AMOUNT",
        /// Variable credit (*variabel krediet, VRK*): fed by revenue that is set aside for it.
        Variable = "VARIABLE",
        /// Authorisation to enter into obligations that others pay (*machtiging, MAC*).
        Authorisation = "AUTHORISATION",
        /// Undivided credit (*niet-gesplitst krediet, NGK*): committed and paid in the same year.
        Undivided = "UNDIVIDED",
        /// General revenue (*algemene ontvangsten, AO*).
        GeneralRevenue = "GENERAL_REVENUE",
        /// Revenue set aside for a purpose (*toegewezen ontvangsten, TO*).
        AssignedRevenue = "ASSIGNED_REVENUE",
        /// Revenue from loans (*leningontvangsten, LO*).
        LoanRevenue = "LOAN_REVENUE",
        /// What is committed and not paid at the end of the year (*encours*).
        OpenCommitments = "OPEN_COMMITMENTS",
    }
}

record! {
    /// One amount of a budget line: for a year, a phase and a credit; and, where the document says so, a stage of the budget, or what changed it.
    BudgetAmount(|it| it.own_key(), order: |it| it.own_order(), check: |it, problems| it.check_words(problems)) {
        /// The line.
        budget_line_key: Link<BudgetLine> => amounts: "The amounts of the line, by year, phase and credit.",
        /// The budget year.
        year: i32,
        /// Planned or spent.
        phase: Phase,
        /// Commitment or payment appropriation, or another credit.
        credit: Credit,
        /// The amount, in euro or in the currency that its `unitCode` says.
        figure: Figure,
        /// Which print of the budget it is; null where the document does not say so, and for what was realised.
        stage: Option<BudgetStage>,
        /// Which credit it is, where `credit` is OTHER; null for the two.
        credit_kind: Option<CreditKind>,
        /// What changed the budget, in the document's own word, such as `Index`: then the figure is that change, and part of no sum. Null for
        /// the amount itself.
        adjustment: Option<String>,
    }
}

impl BudgetAmount {
    /// The amount of a credit, whatever changed it left out: so words that documents of before do not have change no key.
    fn own_key(&self) -> Key {
        let stage = self.stage.map_or(self.phase.word(), BudgetStage::word).to_lowercase();
        let credit = self.credit_kind.map_or(self.credit.word(), CreditKind::word).to_lowercase();
        match &self.adjustment {
            None => Key::join(&[&self.budget_line_key, &self.year, &stage, &credit]),
            // No credit begins with a plus.
            Some(word) => {
                let word = format!("+{}", key::part(word));
                Key::of_parts(&self.budget_line_key, &[&self.year, &stage, &credit, &word])
            }
        }
    }

    fn own_order(&self) -> Key {
        let place = Key::join(&[&self.budget_line_key, &self.year, &(self.phase as u8), &(self.credit as u8)]);
        match (self.credit_kind, self.stage, &self.adjustment) {
            (None, None, None) => place,
            (kind, stage, word) => {
                let number = |place: Option<u8>| place.map_or(0, |place| place + 1);
                let word = word.as_deref().map(key::part).unwrap_or_default();
                Key::join(&[&place, &number(kind.map(|it| it as u8)), &number(stage.map(|it| it as u8)), &word])
            }
        }
    }

    /// Its place among the amounts of its line and year: what was realised first, then the stages as they follow each other.
    pub fn place(&self) -> usize {
        let stage = self.stage.map_or(0, |stage| stage as usize + 1);
        (self.phase as usize * 10 + stage) * 100 + self.credit as usize
    }

    /// What tells it among the amounts of its line and year, such as `BUDGETED VAK` or `ADJUSTED AUTHORISATION`.
    pub fn words(&self) -> String {
        let stage = self.stage.map_or(self.phase.word(), BudgetStage::word);
        let credit = self.credit_kind.map_or(self.credit.word(), CreditKind::word);
        let adjustment = self.adjustment.as_ref().map(|word| format!(" {word}")).unwrap_or_default();
        format!("{stage} {credit}{adjustment}")
    }

    fn check_words(&self, problems: &mut Problems) {
        period::check_year("year", self.year, problems);
        let mut tell = |field: &'static str, code: ProblemCode, message: &str, hint: &str| {
            problems.within(field, |problems| problems.push(code, message, hint));
        };
        if self.phase == Phase::Realised && self.stage.is_some() {
            tell(
                "stage",
                ProblemCode::Inconsistent,
                "what was realised has no stage",
                "leave it out, or give BUDGETED",
            );
        }
        match (self.credit, self.credit_kind) {
            (Credit::Other, None) => {
                tell("creditKind", ProblemCode::Missing, "nothing says which other credit it is", "say which");
            }
            (Credit::Vak | Credit::Vek, Some(_)) => {
                let hint = "leave it out, or give the credit OTHER";
                tell("creditKind", ProblemCode::Inconsistent, "VAK and VEK are no other credit", hint);
            }
            _ => {}
        }
        let is_money = self.figure.unit == Unit::Euro
            || (self.figure.unit == Unit::Other && self.figure.unit_code.as_deref().is_some_and(is_currency));
        if !is_money {
            let message = format!("it counts {}, which is no money", self.figure.counts());
            problems.within("figure", |problems| {
                problems.within("unit", |problems| {
                    let hint =
                        "give EUR, or OTHER with the code of the currency in `unitCode`, one of ISO 4217 such as CAD";
                    problems.push(ProblemCode::OutOfRange, message, hint);
                });
            });
        }
        if self.figure.unit_code.as_deref() == Some(Unit::Euro.word()) {
            problems.within("figure", |problems| {
                let hint = "give the unit EUR, without a code";
                problems.push(ProblemCode::Inconsistent, "EUR is a unit of its own", hint);
            });
        }
    }
}
