//! Budgets and the codes of their articles in the graph.

use crate::analysis::article;
use crate::analysis::budget::amount::PrintUsed;
use crate::analysis::budget::{self, Appropriation, Asked, Line, LineShare};
use crate::analysis::walk;
use crate::graphql::core::args::Args;
use crate::graphql::core::definition::{ArgDef, FieldDef, ObjectDef, Ty};
use crate::graphql::core::payload::payload;
use crate::graphql::core::value::Value;
use crate::graphql::core::value::record;
use crate::graphql::core::value::text;
use crate::graphql::types::computed::figure;
use crate::graphql::types::figures::common::{BUDGETS, LADDER, change, of_node, total, year};
use crate::model::budget::{BudgetStage, Direction};
use crate::model::{BudgetArticle, BudgetLine, Kind, Unit};
use crate::register::Register;

/// The field `budget` of a kind of record.
pub fn field(kind: Kind) -> FieldDef {
    let doc = match kind {
        Kind::BudgetLine => "Its amounts of a year with what follows from them. It flows as the line does.",
        Kind::Measure => {
            "What the lines that pay for it come to in a year. Lines that it shares with other measures count whole, because the document \
             does not divide them: so adding up measures counts them more than once, while goals, policy fields and plans count each once."
        }
        Kind::BudgetArticle | Kind::ArticleTerm => {
            "What the lines booked on it come to in a year. Lines that are booked elsewhere too count whole, because the document does not \
             divide them."
        }
        _ => "What the budget lines below it come to in a year; each line counts once.",
    };
    let mut args = vec![ArgDef::new("year", Ty::required("Int"), "The budget year."), against_arg()];
    if kind != Kind::BudgetLine {
        let expenditure = async_graphql::Value::Enum(async_graphql::Name::new(Direction::Expenditure.word()));
        let direction = ArgDef::new(
            "direction",
            Ty::required(Direction::VOCABULARY.name),
            "Which way the money flows: the two are never added up.",
        );
        args.push(ArgDef { default: Some(expenditure), ..direction });
        let only = "Only lines that belong to it alone, or only those that it shares; without it both.";
        args.push(ArgDef::new("only", Ty::named(LineShare::VOCABULARY.name), only));
    }
    of_node("budget", Ty::required("Budget"), doc, args, |register, node, args| {
        let own = walk::of::<BudgetLine>(node).map(|(_, line)| line.direction);
        let given = args.text("direction").and_then(Direction::from_word);
        let direction = given.or(own).unwrap_or(Direction::Expenditure);
        let only = args.text("only").and_then(LineShare::from_word);
        let lines = budget::lines(register, node).into_iter().filter(|line| only.is_none_or(|only| line.share == only));
        let year = year(args, "year").unwrap_or_default();
        let asked = Asked { year, direction, against: against(args) };
        Ok(budget_of(register, &lines.collect::<Vec<_>>(), asked))
    })
    // A measure's lines name it.
    .reading(if kind == Kind::Measure { BUDGETS } else { LADDER.with(BUDGETS) })
}

/// The argument that names the print of the budget that counts.
pub fn against_arg() -> ArgDef {
    let doc = "Which print of the budget counts as what was budgeted, where documents print several: so execution is told against the first or \
               the adjusted budget. Without it one that does not say which it is, or else the last one that there is; then a change may lead from \
               an adjusted budget to a first one.";
    ArgDef::new("against", Ty::named(BudgetStage::VOCABULARY.name), doc)
}

/// The print that it names.
pub fn against(args: &Args) -> Option<BudgetStage> {
    args.text("against").and_then(BudgetStage::from_word)
}

payload! {
    /// A part of the code of a budget article.
    CodePart {
        /// Which part.
        part: "ArticlePart!",
        /// Its letters; null when the code has not the form that such codes have.
        code: "String",
        /// What they mean; null when the register does not know.
        term: "ArticleTerm",
        /// Whether the register knows what they mean.
        known: "Boolean!",
    }
}

/// The field that takes the code of an article apart.
pub fn article_field() -> FieldDef {
    let doc = "Its code taken apart, by what the register knows of such codes; empty when it knows nothing of them.";
    of_node("codeParts", Ty::list("CodePart"), doc, Vec::new(), |register, node, _| {
        let article = walk::of::<BudgetArticle>(node);
        let parts = article.map(|article| article::parts(register, article)).unwrap_or_default().into_iter();
        Ok(Value::List(
            parts
                .map(|it| {
                    let term = it.term.map_or(Value::Null, |(node, _)| record(register, node));
                    let known = Value::Bool(it.term.is_some());
                    let code = it.code.map_or(Value::Null, text);
                    CodePart { part: record(register, it.part.0), code, term, known }.object(register)
                })
                .collect(),
        ))
    })
    .reading(BUDGETS)
}

/// The field of an article that leads to what its code's parts mean.
pub fn article_terms_field() -> FieldDef {
    let doc = "What the parts of its code mean, as far as it is known: the terms that have its letters.";
    of_node("terms", Ty::list("ArticleTerm"), doc, Vec::new(), |register, node, _| {
        let article = walk::of::<BudgetArticle>(node);
        let parts = article.map(|article| article::parts(register, article)).unwrap_or_default();
        let terms = parts.into_iter().filter_map(|part| part.term);
        Ok(Value::List(terms.map(|(node, _)| record(register, node)).collect()))
    })
    .reading(BUDGETS)
}

/// The field of a term that names its articles.
pub fn term_field() -> FieldDef {
    let doc = "The articles whose code has these letters in that part.";
    of_node("articles", Ty::list("BudgetArticle"), doc, Vec::new(), |register, node, _| {
        let articles = article::articles(register, node);
        Ok(Value::List(articles.into_iter().map(|(node, _)| record(register, node)).collect()))
    })
}

payload! {
    /// What budget lines come to in a year, in one direction, in one currency.
    Budget {
        /// The budget year.
        year: "Int!",
        /// Spent or received: the two are never added up.
        direction: "Direction!",
        /// How many lines there are; they are its inputs.
        lines: "Figure!",
        /// How many of them are shared with others; they are its inputs.
        shared_lines: "Figure!",
        /// Commitment appropriations (*vastleggingskrediet*).
        vak: "Appropriation!",
        /// Payment appropriations (*vereffeningskrediet*).
        vek: "Appropriation!",
        /// Payments realised as a ratio of commitments realised.
        vek_per_vak_realised: "Figure!",
        /// Payments budgeted as a ratio of commitments budgeted.
        vek_per_vak_budgeted: "Figure!",
        /// By how much what was committed in the year exceeds what was paid.
        commitments_growth: "Figure!",
        /// Open commitments at the end of the year (*encours*); without a value as long as the register does not hold what was open
        /// at its beginning: the amount of the kind OPEN_COMMITMENTS of the year before.
        open_commitments: "Figure!",
        /// Credits that are neither of the two, those that the lines have of the year.
        others: "[OtherCredit!]!",
        /// What the amounts count, by its code of ISO 4217; of lines in several currencies that of the first, and then sums have no
        /// value.
        currency: "String!",
    }
}

payload! {
    /// What lines come to in a credit that is neither commitment nor payment appropriation.
    OtherCredit {
        /// Which credit.
        kind: "CreditKind!",
        /// What they come to.
        amounts: "Appropriation!",
    }
}

/// The budget of lines as an object.
pub fn budget_of<'r>(register: &'r Register, lines: &[Line<'r>], asked: Asked) -> Value<'r> {
    let Asked { year, direction, .. } = asked;
    let of = budget::budget(register, lines, asked);
    let others = of.others.into_iter().map(|(kind, of)| {
        OtherCredit { kind: text(kind.word()), amounts: appropriation(register, of) }.object(register)
    });
    Budget {
        year: Value::Int(year.into()),
        direction: text(direction.word()),
        lines: figure(register, of.lines),
        shared_lines: figure(register, of.shared),
        vak: appropriation(register, of.vak),
        vek: appropriation(register, of.vek),
        vek_per_vak_realised: figure(register, of.vek_per_vak_realised),
        vek_per_vak_budgeted: figure(register, of.vek_per_vak_budgeted),
        commitments_growth: figure(register, of.commitments_growth),
        open_commitments: figure(register, of.open_commitments),
        others: Value::List(others.collect()),
        currency: text(of.currency.unwrap_or_else(|| Unit::Euro.word().to_owned())),
    }
    .object(register)
}

payload! {
    /// One credit of a budget in a year.
    AppropriationObject as "Appropriation" {
        /// What was realised (*gerealiseerd*).
        realised: "Total!",
        /// What was budgeted (*budget*).
        budgeted: "Total!",
        /// The share of the budget that was realised (*uitvoeringsgraad*).
        execution: "Figure!",
        /// What was realised, against what was realised in the year before.
        realised_change: "FigureChange!",
        /// What was budgeted, against what was budgeted in the year before.
        budgeted_change: "FigureChange!",
        /// What was budgeted, against what was realised in the year before.
        budgeted_since_realised: "FigureChange!",
        /// Which prints of the budget the amounts of what was budgeted come from, in the order in which they follow each other. Several where a
        /// later plan tells again of some lines only: then the sum has amounts of an adjusted and of a first budget, and `against` asks
        /// for one of them.
        budgeted_prints: "[BudgetPrint!]!",
    }
}

fn appropriation<'r>(register: &'r Register, of: Appropriation<'r>) -> Value<'r> {
    AppropriationObject {
        realised: total(register, of.realised),
        budgeted: total(register, of.budgeted),
        execution: figure(register, of.execution),
        realised_change: change(register, of.realised_change),
        budgeted_change: change(register, of.budgeted_change),
        budgeted_since_realised: change(register, of.budgeted_since_realised),
        budgeted_prints: Value::List(of.prints.into_iter().map(|it| print(register, it)).collect()),
    }
    .object(register)
}

payload! {
    /// A print of a budget, as far as amounts are read from it.
    BudgetPrint {
        /// The plan that prints it.
        plan: "Plan",
        /// The stage of the budget; null where the plan does not say which it is.
        stage: "BudgetStage",
        /// How many amounts are read from it; they are its inputs.
        amounts: "Figure!",
    }
}

fn print<'r>(register: &'r Register, of: PrintUsed<'r>) -> Value<'r> {
    BudgetPrint {
        plan: of.plan.map_or(Value::Null, |plan| record(register, plan)),
        stage: of.stage.map_or(Value::Null, |stage| text(stage.word())),
        amounts: figure(register, of.amounts),
    }
    .object(register)
}

/// The objects of budgets.
pub fn objects() -> Vec<ObjectDef> {
    vec![
        Budget::definition(),
        OtherCredit::definition(),
        AppropriationObject::definition(),
        BudgetPrint::definition(),
        CodePart::definition(),
    ]
}
