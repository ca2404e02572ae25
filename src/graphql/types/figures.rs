//! The figures that the register computes, as fields of the records that they are about.

pub mod askable;
pub mod bodies;
mod budget;
pub mod common;
mod counts;
mod levels;
pub mod report;
mod rolled_up;
pub mod rounds;
pub mod scoreboard;
pub mod series;
mod targets;
pub mod tree;

use common::*;

use crate::analysis::attainment::{self, AttainmentLevel, AttainmentReading, NormChange, attainments};
use crate::analysis::budget::LineShare;
use crate::analysis::coverage::CoverageBasis;
use crate::analysis::report::StandingBasis;
use crate::analysis::staff::StaffDimension;
use crate::analysis::target::Judgement;
use crate::analysis::trend::{self, Point};
use crate::analysis::walk;
use crate::graphql::core::args::Args;
use crate::graphql::core::definition::{ArgDef, FieldDef, ObjectDef, Ty};
use crate::graphql::core::value::Value;
use crate::model::norm::NormBasis;
use crate::model::{Kind, Norm, Vocabulary};
use crate::register::{Node, Register};

/// The vocabularies that only computed figures use.
pub fn vocabularies() -> [&'static Vocabulary; 10] {
    let [due, by] = rounds::vocabularies();
    [
        &Judgement::VOCABULARY,
        &CoverageBasis::VOCABULARY,
        &AttainmentLevel::VOCABULARY,
        &AttainmentReading::VOCABULARY,
        &NormChange::VOCABULARY,
        &LineShare::VOCABULARY,
        &StaffDimension::VOCABULARY,
        &StandingBasis::VOCABULARY,
        due,
        by,
    ]
}

/// The computed fields of a kind of record.
pub fn fields(kind: Kind) -> Vec<FieldDef> {
    let mut fields = own_fields(kind);
    fields.extend(tree::label_field(kind));
    fields.extend((kind == Kind::OperationalGoal).then(report::in_plan_field));
    fields.extend((kind == Kind::Plan).then(report::goals_field));
    if has_something_hanging(kind) {
        fields.push(tree::field());
    }
    fields
}

/// Whether others hang on records of that kind.
fn has_something_hanging(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Plan
            | Kind::PolicyField
            | Kind::StructuralElement
            | Kind::StrategicGoal
            | Kind::OperationalGoal
            | Kind::Project
            | Kind::Measure
    )
}

fn own_fields(kind: Kind) -> Vec<FieldDef> {
    match kind {
        Kind::Round => rounds::fields(),
        Kind::Indicator => {
            vec![
                trend_field("How its values changed between two periods.", Vec::new(), |register, node, _| {
                    trend::observations(register, &node.key)
                })
                .reading(INDICATORS),
                series::field(),
                targets::field(),
            ]
        }
        Kind::Norm => vec![
            trend_field(
                "How its results changed between two periods.",
                table_args(WHOSE_RESULTS).into(),
                |register, node, args| trend::results(register, &node.key, table(args)),
            )
            .reading(NORMS),
            attainment_field(),
            series::field(),
            targets::field(),
        ],
        Kind::BudgetLine => vec![budget::field(kind), series::field()],
        Kind::BudgetArticle => vec![budget::article_field(), budget::article_terms_field(), budget::field(kind)],
        Kind::ArticleTerm => vec![budget::term_field(), budget::field(kind)],
        Kind::Measure
        | Kind::OperationalGoal
        | Kind::StructuralElement
        | Kind::PolicyField
        | Kind::StrategicGoal
        | Kind::Plan => {
            let mut fields =
                vec![summary_field(), budget::field(kind), counts::inspected_field(), targets::field_below()];
            fields.extend([levels::budget_field(), levels::inspected_field()]);
            if kind != Kind::Measure {
                fields.extend([counts::milestones_field(), levels::milestones_field()]);
            }
            if matches!(kind, Kind::Measure | Kind::OperationalGoal | Kind::StrategicGoal) {
                fields.push(series::field_below(kind));
            }
            fields
        }
        Kind::InspectedProcess => vec![counts::inspected_field(), series::field()],
        Kind::Project => vec![counts::milestones_field()],
        Kind::Organisation => vec![counts::staff_field()],
        Kind::StaffTarget => vec![counts::progress_field()],
        _ => Vec::new(),
    }
}

fn trend_field(
    doc: &str,
    mut args: Vec<ArgDef>,
    points: for<'r> fn(&'r Register, &'r Node, &Args) -> Vec<Point<'r>>,
) -> FieldDef {
    let from = "The earlier period, such as `2019`; without it the same part of the year before where `to` is a part of a year, such as a quarter \
                or a month; else the last one before `to` that is comparable, else the last one before it.";
    args.insert(0, period_arg("from", from));
    args.insert(1, period_arg("to", "The later period; without it the last one."));
    of_node("trend", Ty::required("Trend"), doc, args, move |register, node, args| {
        let points = points(register, node, args);
        let (from, to) = (period(args, "from")?, period(args, "to")?);
        Ok(trend_of(register, trend::trend(&points, from.as_ref(), to.as_ref())))
    })
}

fn attainment_field() -> FieldDef {
    let doc = "How far it is attained in a period: result against target.";
    let mut args = vec![period_arg("period", "The period; without it the last one that the table has.")];
    args.extend(table_args(WHOSE_RESULTS));
    args.push(series::on_arg());
    of_node("attainment", Ty::required("Attainment"), doc, args, |register, node, args| {
        let period = period(args, "period")?;
        let norm = walk::of::<Norm>(node);
        let of = norm
            .map(|norm| attainment::attainment(register, norm, period.as_ref(), None, table(args), day(args, "on")));
        Ok(of.map_or(Value::Null, |of| attainment_of(register, of)))
    })
    .reading(NORMS)
}

fn summary_field() -> FieldDef {
    let doc = "How many of the norms below it are attained, and how far.";
    let reading = ArgDef {
        default: Some(async_graphql::Value::Enum(async_graphql::Name::new(AttainmentReading::Printed.word()))),
        ..ArgDef::new("reading", Ty::required(AttainmentReading::VOCABULARY.name), "By which numbers norms are judged.")
    };
    let year =
        "Counts the last result of a period that ends by the end of this year; without it the last one that there is.";
    let table = "Only norms whose result this table prints; without it all, with the overview's result or else the fact table's, or else another's.";
    let mut args = vec![ArgDef::new("year", Ty::named("Int"), year), reading];
    args.extend(table_args(table));
    args.extend([
        ArgDef::new("basis", Ty::named(NormBasis::VOCABULARY.name), "Only norms that come from there."),
        ArgDef::new("basisWord", Ty::named("String"), "Only norms that come from there, by its word."),
        series::on_arg(),
    ]);
    of_node("attainment", Ty::required("AttainmentSummary"), doc, args, |register, node, args| {
        let which = which(args);
        let all = attainments(register, node, which);
        Ok(summary_of(register, attainment::summary(register, &all, which.reading)))
    })
    .reading(LADDER.with(NORMS))
}

/// The objects of these figures.
pub fn objects() -> Vec<ObjectDef> {
    let mut objects = vec![
        TrendObject::definition(),
        AttainmentObject::definition(),
        AttainmentSummary::definition(),
        TotalObject::definition(),
        FigureChange::definition(),
    ];
    objects.extend(budget::objects());
    objects.extend(counts::objects());
    objects.extend(levels::objects());
    objects.extend(scoreboard::objects());
    objects.extend(report::objects());
    objects.extend(series::objects());
    objects.push(targets::object_def());
    objects.extend(bodies::objects());
    objects.extend(tree::objects());
    objects.extend(rounds::objects());
    objects
}
