//! Budgets and the codes of their articles in the graph.

use crate::analysis::article;
use crate::analysis::budget::{self, Appropriation, Asked, Line, LineShare};
use crate::analysis::walk;
use crate::graphql::core::args::Args;
use crate::graphql::core::definition::{ArgDef, FieldDef, ObjectDef, Ty, define};
use crate::graphql::core::value::Value;
use crate::graphql::core::value::record;
use crate::graphql::core::value::{object, text};
use crate::graphql::types::computed::figure;
use crate::graphql::types::figures::common::{BUDGETS, LADDER, a_figure, change, of_node, total, year};
use crate::model::budget::{BudgetStage, CreditKind, Direction};
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
fn against_arg() -> ArgDef {
    let doc = "Which print of the budget counts as what was budgeted, where documents print several: so execution is told against the first or \
               the adjusted budget. Without it one that does not say which it is, or else the last one that there is; then a change may lead from \
               an adjusted budget to a first one.";
    ArgDef::new("against", Ty::named(BudgetStage::VOCABULARY.name), doc)
}

fn against(args: &Args) -> Option<BudgetStage> {
    args.text("against").and_then(BudgetStage::from_word)
}

/// The field that tells how the budgets of measures come to that of what they are below.
pub fn parts_field() -> FieldDef {
    let doc = "How the budgets of the measures below it come to its own: each of its lines stands in exactly one of the parts, and the parts \
               make up the whole.";
    let expenditure = async_graphql::Value::Enum(async_graphql::Name::new(Direction::Expenditure.word()));
    let direction = ArgDef::new("direction", Ty::required(Direction::VOCABULARY.name), "Which way the money flows.");
    let args = vec![
        ArgDef::new("year", Ty::required("Int"), "The budget year."),
        ArgDef { default: Some(expenditure), ..direction },
        against_arg(),
    ];
    of_node("budgetParts", Ty::required("BudgetParts"), doc, args, |register, node, args| {
        let direction = args.text("direction").and_then(Direction::from_word).unwrap_or(Direction::Expenditure);
        let year = year(args, "year").unwrap_or_default();
        let asked = Asked { year, direction, against: against(args) };
        let lines = budget::lines(register, node);
        let of = |measures: &dyn Fn(usize) -> bool| {
            let lines: Vec<_> = lines.iter().filter(|it| measures(it.line.1.measure_keys.len())).copied().collect();
            budget_of(register, &lines, asked)
        };
        Ok(object(
            register,
            vec![of(&|_| true), of(&|count| count == 1), of(&|count| count > 1), of(&|count| count == 0)],
        ))
    })
    .reading(LADDER.with(BUDGETS))
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
                    object(register, vec![record(register, it.part.0), it.code.map_or(Value::Null, text), term, known])
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

/// The budget of lines as an object.
pub fn budget_of<'r>(register: &'r Register, lines: &[Line<'r>], asked: Asked) -> Value<'r> {
    let Asked { year, direction, .. } = asked;
    let of = budget::budget(register, lines, asked);
    let figures = [of.vek_per_vak_realised, of.vek_per_vak_budgeted, of.commitments_growth, of.open_commitments];
    let mut values = vec![
        Value::Int(year.into()),
        text(direction.word()),
        figure(register, of.lines),
        figure(register, of.shared),
        appropriation(register, of.vak),
        appropriation(register, of.vek),
    ];
    values.extend(figures.map(|it| figure(register, it)));
    let others =
        of.others.into_iter().map(|(kind, of)| object(register, vec![text(kind.word()), appropriation(register, of)]));
    values.push(Value::List(others.collect()));
    values.push(text(of.currency.unwrap_or_else(|| Unit::Euro.word().to_owned())));
    object(register, values)
}

fn appropriation<'r>(register: &'r Register, of: Appropriation<'r>) -> Value<'r> {
    let changes = [of.realised_change, of.budgeted_change, of.budgeted_since_realised];
    let mut values = vec![total(register, of.realised), total(register, of.budgeted), figure(register, of.execution)];
    values.extend(changes.map(|it| change(register, it)));
    object(register, values)
}

/// The objects of budgets.
pub fn objects() -> Vec<ObjectDef> {
    let appropriation = || Ty::required("Appropriation");
    let change = || Ty::required("FigureChange");
    let count = || Ty::required("Int");
    vec![
        define(
            "Budget",
            "What budget lines come to in a year, in one direction, in one currency.",
            vec![
                ("year", count(), "The budget year."),
                (
                    "direction",
                    Ty::required(Direction::VOCABULARY.name),
                    "Spent or received: the two are never added up.",
                ),
                ("lines", a_figure(), "How many lines there are; they are its inputs."),
                ("sharedLines", a_figure(), "How many of them are shared with others; they are its inputs."),
                ("vak", appropriation(), "Commitment appropriations (*vastleggingskrediet*)."),
                ("vek", appropriation(), "Payment appropriations (*vereffeningskrediet*)."),
                ("vekPerVakRealised", a_figure(), "Payments realised as a ratio of commitments realised."),
                ("vekPerVakBudgeted", a_figure(), "Payments budgeted as a ratio of commitments budgeted."),
                ("commitmentsGrowth", a_figure(), "By how much what was committed in the year exceeds what was paid."),
                (
                    "openCommitments",
                    a_figure(),
                    "Open commitments at the end of the year (*encours*); without a value as long as the register does not hold what was open \
                     at its beginning: the amount of the kind OPEN_COMMITMENTS of the year before.",
                ),
                (
                    "others",
                    Ty::list("OtherCredit"),
                    "Credits that are neither of the two, those that the lines have of the year.",
                ),
                (
                    "currency",
                    Ty::required("String"),
                    "What the amounts count, by its code of ISO 4217; of lines in several currencies that of the first, and then sums have no value.",
                ),
            ],
        ),
        define(
            "OtherCredit",
            "What lines come to in a credit that is neither commitment nor payment appropriation.",
            vec![
                ("kind", Ty::required(CreditKind::VOCABULARY.name), "Which credit."),
                ("amounts", appropriation(), "What they come to."),
            ],
        ),
        define(
            "BudgetParts",
            "A budget and the parts that make it up.",
            vec![
                ("whole", Ty::required("Budget"), "All lines."),
                (
                    "own",
                    Ty::required("Budget"),
                    "Lines that pay for one measure: what the measures have alone comes to this.",
                ),
                (
                    "shared",
                    Ty::required("Budget"),
                    "Lines that several measures share, each once. Each of these measures shows them whole, so adding up measures counts them \
                     more than once.",
                ),
                ("withoutMeasure", Ty::required("Budget"), "Lines that pay for no measure of the plan."),
            ],
        ),
        define(
            "Appropriation",
            "One credit of a budget in a year.",
            vec![
                ("realised", Ty::required("Total"), "What was realised (*gerealiseerd*)."),
                ("budgeted", Ty::required("Total"), "What was budgeted (*budget*)."),
                ("execution", a_figure(), "The share of the budget that was realised (*uitvoeringsgraad*)."),
                ("realisedChange", change(), "What was realised, against what was realised in the year before."),
                ("budgetedChange", change(), "What was budgeted, against what was budgeted in the year before."),
                ("budgetedSinceRealised", change(), "What was budgeted, against what was realised in the year before."),
            ],
        ),
        define(
            "CodePart",
            "A part of the code of a budget article.",
            vec![
                ("part", Ty::required("ArticlePart"), "Which part."),
                ("code", Ty::named("String"), "Its letters; null when the code has not the form that such codes have."),
                ("term", Ty::named("ArticleTerm"), "What they mean; null when the register does not know."),
                ("known", Ty::required("Boolean"), "Whether the register knows what they mean."),
            ],
        ),
    ]
}
