//! What the figures have in common: which tables they read, their arguments, and the objects that several of them give.

use std::borrow::Cow;

use crate::analysis::attainment::{Attainment, AttainmentLevel, AttainmentReading, NormChange, Summary, Which};
use crate::analysis::target::Judgement;
use crate::analysis::total::{Change, Total};
use crate::analysis::trend::{Point, Trend};
use crate::graphql::core::args::Args;
use crate::graphql::core::definition::{ArgDef, FieldDef, Ty, function};
use crate::graphql::core::error::FieldError;
use crate::graphql::core::value::record;
use crate::graphql::core::value::{ObjectKind, ObjectRef, Value};
use crate::graphql::core::value::{int, object, text};
use crate::graphql::types::computed::{FIGURE, figure};
use crate::model::norm::{NormBasis, ResultSource};
use crate::model::text::shortened;
use crate::model::{Date, Figure, Kind, Period};
use crate::register::{Node, Register, TableSet};

/// What lies between a plan and its measures.
pub const LADDER: TableSet = TableSet::of(&[
    Kind::Plan,
    Kind::PolicyField,
    Kind::StructuralElement,
    Kind::StrategicGoal,
    Kind::OperationalGoal,
    Kind::Measure,
    Kind::Project,
]);

/// What lines through the plans, and the years of bodies, are read from.
const LINES: TableSet = TableSet::of(&[Kind::Lineage, Kind::Measure, Kind::Plan, Kind::Organisation]);
/// What norms and how far they are attained are read from.
pub const NORMS: TableSet = TableSet::of(&[Kind::Norm, Kind::NormResult, Kind::Target, Kind::Document]).with(LINES);

/// What trends of indicators are read from.
pub const INDICATORS: TableSet = TableSet::of(&[Kind::Indicator, Kind::Observation]).with(LINES);

/// What budgets are read from, besides what they are of.
pub const BUDGETS: TableSet = TableSet::of(&[
    Kind::BudgetLine,
    Kind::BudgetAmount,
    Kind::BudgetArticle,
    Kind::ArticlePart,
    Kind::ArticleTerm,
    Kind::Organisation,
    Kind::Plan,
    Kind::Lineage,
]);

/// What inspections are read from, besides what they are of.
pub const INSPECTIONS: TableSet = TableSet::of(&[Kind::InspectedProcess, Kind::Inspection]);

/// What milestones are read from, besides what they are of.
pub const MILESTONES: TableSet = TableSet::of(&[Kind::Project, Kind::Milestone]);

/// What staff is read from.
pub const STAFF: TableSet = TableSet::of(&[Kind::Organisation, Kind::StaffFigure, Kind::Plan, Kind::Claim]);

/// A field that a record computes.
pub fn of_node(
    name: &'static str,
    ty: Ty,
    doc: &str,
    args: Vec<ArgDef>,
    resolve: impl for<'r> Fn(&'r Register, &'r Node, &Args) -> Result<Value<'r>, FieldError> + Send + Sync + 'static,
) -> FieldDef {
    let resolve = function(move |_, object, args| match &object.of {
        ObjectKind::Node(node) => resolve(object.register, node, args),
        _ => Ok(Value::Null),
    });
    FieldDef::new(name, ty, doc, resolve).with_args(args)
}

/// A type that is a figure.
pub fn a_figure() -> Ty {
    Ty::required(FIGURE)
}

/// A recorded figure, if there is one.
pub fn recorded<'r>(register: &'r Register, figure: Option<&'r Figure>) -> Value<'r> {
    figure.map_or(Value::Null, |figure| Value::Object(ObjectRef { register, of: ObjectKind::Composite(figure) }))
}

/// A total as an object.
pub fn total<'r>(register: &'r Register, of: Total<'r>) -> Value<'r> {
    let (known, unknown) = (of.known.coverage.known, of.known.coverage.unknown);
    object(register, vec![figure(register, of.sum), figure(register, of.known), int(known as u64), int(unknown as u64)])
}

/// A change as an object.
pub fn change<'r>(register: &'r Register, of: Change<'r>) -> Value<'r> {
    object(register, vec![figure(register, of.absolute), figure(register, of.relative)])
}

/// A word of a vocabulary, if there is one.
pub fn word<'r>(word: Option<&'static str>) -> Value<'r> {
    word.map_or(Value::Null, |word| Value::Text(Cow::Borrowed(word)))
}

/// The period that an argument names.
///
/// # Errors
/// When it is none.
pub fn period(args: &Args, name: &str) -> Result<Option<Period>, FieldError> {
    let parse = |text: &str| {
        Period::parse(text).map_err(|reason| {
            let message = format!("`{name}`: `{}` is no period: {reason}", shortened(text, 80));
            FieldError::input(message, "write it as `2020`, `2019-2020`, `2020-Q1`, `2020-09` or `2020-09/2020-12`")
        })
    };
    args.text(name).map(parse).transpose()
}

/// A year given as an argument.
pub fn year(args: &Args, name: &str) -> Option<i32> {
    args.int(name).and_then(|year| year.try_into().ok())
}

/// A day given as an argument.
pub fn day(args: &Args, name: &str) -> Option<Date> {
    args.text(name).and_then(Date::parse)
}

/// The argument that names a period.
pub fn period_arg(name: &'static str, doc: &str) -> ArgDef {
    ArgDef::new(name, Ty::named("String"), doc)
}

/// The table that an argument names.
pub fn table(args: &Args) -> Option<ResultSource> {
    args.text("table").and_then(ResultSource::from_word)
}

/// The argument that names a table.
pub fn table_arg() -> ArgDef {
    let doc = "The table whose results count; without it the overview's, or else the fact table's.";
    ArgDef::new("table", Ty::named(ResultSource::VOCABULARY.name), doc)
}

/// The period of a point.
pub fn period_of<'r>(register: &'r Register, point: Option<Point<'r>>) -> Value<'r> {
    point.map_or(Value::Null, |point| Value::Object(ObjectRef { register, of: ObjectKind::Period(point.period) }))
}

/// A trend as an object.
pub fn trend_of<'r>(register: &'r Register, of: Trend<'r>) -> Value<'r> {
    let Trend { from: _, since, to, comparable, absolute, relative, printed, agrees } = of;
    object(
        register,
        vec![
            since.map_or(Value::Null, |period| Value::Object(ObjectRef { register, of: ObjectKind::Period(period) })),
            period_of(register, to),
            Value::Bool(comparable),
            figure(register, absolute),
            figure(register, relative),
            recorded(register, printed),
            agrees.map_or(Value::Null, Value::Bool),
        ],
    )
}

/// An attainment as an object.
pub fn attainment_of<'r>(register: &'r Register, of: Attainment<'r>) -> Value<'r> {
    let level = |reading| word(of.level(reading).map(AttainmentLevel::word));
    let change = |reading| word(of.change(reading).map(NormChange::word));
    let (printed, strict) = (AttainmentReading::Printed, AttainmentReading::Strict);
    object(
        register,
        vec![
            record(register, of.norm.0),
            period_of(register, of.result),
            recorded(register, of.result.map(|point| point.figure)),
            of.result.map_or(Value::Null, |point| record(register, point.node)),
            recorded(register, of.goal.map(|goal| goal.figure)),
            text(of.norm.1.basis.word()),
            level(printed),
            level(strict),
            change(printed),
            change(strict),
            figure(register, of.ratio.clone()),
            recorded(register, of.printed_ratio),
            of.agrees.map_or(Value::Null, Value::Bool),
            trend_of(register, of.trend.clone()),
            text(of.aim().word()),
            recorded(register, of.goal.and_then(|goal| goal.upper)),
            of.set.map_or(Value::Null, |(node, _)| record(register, node)),
            word(of.judgement(printed).map(Judgement::word)),
            word(of.judgement(strict).map(Judgement::word)),
        ],
    )
}

/// Which norms the arguments ask for.
pub fn which(args: &Args) -> Which {
    Which {
        year: year(args, "year"),
        table: table(args),
        basis: args.text("basis").and_then(NormBasis::from_word),
        reading: reading(args),
        on: day(args, "on"),
    }
}

/// How an argument says that norms are read.
pub fn reading(args: &Args) -> AttainmentReading {
    args.text("reading").and_then(AttainmentReading::from_word).unwrap_or(AttainmentReading::Printed)
}

/// A summary as an object.
pub fn summary_of<'r>(register: &'r Register, of: Summary<'r>) -> Value<'r> {
    let Summary { norms, measures, levels, unknown, not_yet, changes, met_in_both, met_unchanged, share_met } = of;
    let mut values = vec![figure(register, norms), figure(register, measures)];
    values.extend(levels.into_iter().map(|level| figure(register, level)));
    values.push(figure(register, unknown));
    values.extend(changes.into_iter().map(|change| figure(register, change)));
    values.extend([met_in_both, met_unchanged, share_met, not_yet].map(|it| figure(register, it)));
    object(register, values)
}

/// The argument for the year that a report or a scoreboard is about.
pub fn year_arg() -> ArgDef {
    ArgDef::new("year", Ty::named("Int"), "The year; without it the one that the plan looks back on.")
}
