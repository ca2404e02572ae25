//! The figures that the register computes, as fields of the records that they are about.

pub mod askable;
pub mod bodies;
mod budget;
pub mod common;
mod counts;
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
use crate::analysis::staff::StaffDimension;
use crate::analysis::target::Judgement;
use crate::analysis::trend::{self, Point};
use crate::analysis::walk;
use crate::graphql::core::args::Args;
use crate::graphql::core::definition::{ArgDef, FieldDef, ObjectDef, Ty, define};
use crate::graphql::core::value::Value;
use crate::graphql::types::computed::FIGURE;
use crate::model::norm::{NormBasis, ResultSource};
use crate::model::target::Aim;
use crate::model::{Kind, Norm, Vocabulary};
use crate::register::{Node, Register};

/// The vocabularies that only computed figures use.
pub fn vocabularies() -> [&'static Vocabulary; 9] {
    let [due, by] = rounds::vocabularies();
    [
        &Judgement::VOCABULARY,
        &CoverageBasis::VOCABULARY,
        &AttainmentLevel::VOCABULARY,
        &AttainmentReading::VOCABULARY,
        &NormChange::VOCABULARY,
        &LineShare::VOCABULARY,
        &StaffDimension::VOCABULARY,
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
            trend_field("How its results changed between two periods.", vec![table_arg()], |register, node, args| {
                trend::results(register, &node.key, table(args))
            })
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
            if kind != Kind::Measure {
                fields.extend([counts::milestones_field(), budget::parts_field()]);
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
    let from = "The earlier period, such as `2019`; without it the last one before `to` that is comparable, else the last one before it.";
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
    let args = vec![
        period_arg("period", "The period; without it the last one that the table has."),
        table_arg(),
        series::on_arg(),
    ];
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
    let args = vec![
        ArgDef::new("year", Ty::named("Int"), year),
        reading,
        ArgDef::new(
            "table",
            Ty::named(ResultSource::VOCABULARY.name),
            "Only norms whose result this table prints; without it all, with the overview's result or else the fact table's.",
        ),
        ArgDef::new("basis", Ty::named(NormBasis::VOCABULARY.name), "Only norms that come from there."),
        series::on_arg(),
    ];
    of_node("attainment", Ty::required("AttainmentSummary"), doc, args, |register, node, args| {
        let which = which(args);
        let all = attainments(register, node, which);
        Ok(summary_of(register, attainment::summary(register, &all, which.reading)))
    })
    .reading(LADDER.with(NORMS))
}

/// The objects of these figures.
pub fn objects() -> Vec<ObjectDef> {
    let level = || Ty::named(AttainmentLevel::VOCABULARY.name);
    let norm_change = || Ty::named(NormChange::VOCABULARY.name);
    let period = || Ty::named("Period");
    let boolean = || Ty::named("Boolean");
    let no_ratio = "null when there is no ratio, and `ratio.computed.missing` says why";
    let no_change = "null when it is not known";
    let mut objects = vec![
        define(
            "Trend",
            "How a figure changed between two periods (*trend*), beside what is printed of it.",
            vec![
                (
                    "from",
                    period(),
                    "The earlier period: that of the earlier figure or, where the register has none, the one that the printed change names; \
                     null when there is none.",
                ),
                ("to", period(), "The later period; null when there is none."),
                (
                    "comparable",
                    Ty::required("Boolean"),
                    "Whether the change tells something by itself: the periods are equally long, or the figures are shares. Otherwise a part \
                     of the change comes from the length of the periods.",
                ),
                ("absolute", a_figure(), "The difference; of two shares in percentage points (*ppt.*), as a ratio."),
                ("relative", a_figure(), "The change relative to the earlier figure."),
                (
                    "printed",
                    Ty::named(FIGURE),
                    "The change between these periods as printed; null when none is printed.",
                ),
                (
                    "agrees",
                    boolean(),
                    "Whether the printed change can be the computed one, figures and change rounded as they are printed. A change printed in \
                     percents is held against the relative one, any other against the difference. Null when there is nothing to compare.",
                ),
            ],
        ),
        define(
            "Attainment",
            "How far a norm is attained in a period.",
            vec![
                ("norm", Ty::required("Norm"), "The norm."),
                ("period", period(), "The period of the result; null when there is no result."),
                ("result", Ty::named(FIGURE), "The share reached; null when the register has none for the period."),
                ("resultRecord", Ty::named("NormResult"), "The record that holds the result; null when there is none."),
                (
                    "target",
                    Ty::named(FIGURE),
                    "What is to be reached (*streefdoel*): the target in force for the period, or else the norm's own; null when neither is there.",
                ),
                ("basis", Ty::required(NormBasis::VOCABULARY.name), "Legal rule or internal norm."),
                ("level", level(), &format!("How far it is attained, as the document counts; {no_ratio}.")),
                ("strictLevel", level(), &format!("How far it is attained by its values themselves; {no_ratio}.")),
                (
                    "change",
                    norm_change(),
                    &format!("How it changed since the period before, as the document counts; {no_change}."),
                ),
                ("strictChange", norm_change(), &format!("How it changed by its values themselves; {no_change}.")),
                ("ratio", a_figure(), "The ratio of result to target."),
                (
                    "printedRatio",
                    Ty::named(FIGURE),
                    "That ratio as printed (*resultaat/streefdoel*); null when none is printed.",
                ),
                (
                    "ratioAgrees",
                    boolean(),
                    "Whether the printed ratio can be the computed one, all rounded as they are printed; null when there is nothing to compare.",
                ),
                ("trend", Ty::required("Trend"), "The change since the period before."),
                ("aim", Ty::required(Aim::VOCABULARY.name), "How the result is to stand to the target."),
                ("upper", Ty::named(FIGURE), "Where the aim is WITHIN, the upper bound; null else."),
                (
                    "targetRecord",
                    Ty::named("Target"),
                    "The target that is set for the period and in force; null when the norm's own counts.",
                ),
                (
                    "judgement",
                    Ty::named(Judgement::VOCABULARY.name),
                    "What is said of it on the day, as the document counts: as `level`, and NOT_YET while the period of its target lasts.",
                ),
                ("strictJudgement", Ty::named(Judgement::VOCABULARY.name), "The same by its values themselves."),
            ],
        ),
        define(
            "AttainmentSummary",
            "How many norms are attained how far. The inputs of each count are its norms, with the ratio that they were judged by.",
            vec![
                ("norms", a_figure(), "How many norms there are."),
                ("measures", a_figure(), "How many measures they belong to."),
                ("met", a_figure(), "How many are met: 100% of the target or more."),
                ("nearlyMet", a_figure(), "How many reach 90% of the target or more, without being met."),
                ("partlyMet", a_figure(), "How many reach 80% to 90% of the target."),
                ("missed", a_figure(), "How many reach less than 80% of the target."),
                ("unknown", a_figure(), "Of how many it is not known, because result or target is missing."),
                ("improved", a_figure(), "How many have a better result than in the period before."),
                ("unchanged", a_figure(), "How many have the same result as in the period before."),
                ("declined", a_figure(), "How many have a worse result than in the period before."),
                (
                    "metInBoth",
                    a_figure(),
                    "How many are met, and were met in the period before. As printed, the period before is told by the result's own table: by \
                     an earlier result there, or else by the change printed beside it.",
                ),
                ("metUnchanged", a_figure(), "How many are met, with the same result as in the period before."),
                ("shareMet", a_figure(), "The share of the norms met among those of which that is known."),
                ("notYet", a_figure(), "How many have a target whose period has not ended yet."),
            ],
        ),
    ];
    objects.extend([
        define(
            "Total",
            "A sum of figures. Those that are said not to apply are left out. `coverage` of each figure says of how many parts it is.",
            vec![
                ("sum", a_figure(), "The sum; without a value when a part is unknown."),
                ("known", a_figure(), "The sum of the parts that are known."),
                ("knownCount", Ty::required("Int"), "How many parts are known."),
                ("unknownCount", Ty::required("Int"), "How many parts are unknown."),
            ],
        ),
        define(
            "FigureChange",
            "How a figure changed, like for like: over those parts that have it in both periods. `coverage` says how many these are.",
            vec![
                ("absolute", a_figure(), "The difference."),
                ("relative", a_figure(), "The change relative to the earlier figure."),
            ],
        ),
    ]);
    objects.extend(budget::objects());
    objects.extend(counts::objects());
    objects.extend(scoreboard::objects());
    objects.extend(report::objects());
    objects.extend(series::objects());
    objects.push(targets::object_def());
    objects.extend(bodies::objects());
    objects.extend(tree::objects());
    objects.extend(rounds::objects());
    objects
}
