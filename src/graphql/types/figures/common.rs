//! What the figures have in common: which tables they read, their arguments, and the objects that several of them give.

use std::borrow::Cow;

use crate::analysis::attainment::{Attainment, AttainmentLevel, AttainmentReading, NormChange, Summary, Which};
pub use crate::analysis::tables::{BUDGETS, INDICATORS, INSPECTIONS, LADDER, MILESTONES, NORMS};
use crate::analysis::target::Judgement;
use crate::analysis::total::{Change, Total};
use crate::analysis::trend::{Point, Trend};
use crate::graphql::core::args::Args;
use crate::graphql::core::definition::{ArgDef, FieldDef, Ty, function};
use crate::graphql::core::error::FieldError;
use crate::graphql::core::payload::payload;
use crate::graphql::core::value::record;
use crate::graphql::core::value::{ObjectKind, ObjectRef, Value};
use crate::graphql::core::value::{int, text};
use crate::graphql::types::computed::{FIGURE, figure};
use crate::model::norm::{NormBasis, ResultSource, Table};
use crate::model::text::shortened;
use crate::model::{Date, Figure, Kind, Period};
use crate::register::{Node, Register, TableSet};

/// What staff is read from.
pub const STAFF: TableSet =
    TableSet::of(&[Kind::Organisation, Kind::StaffFigure, Kind::Category, Kind::Plan, Kind::Claim]);

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

payload! {
    /// A sum of figures. Those that are said not to apply are left out. `coverage` of each figure says of how many parts it is.
    TotalObject as "Total" {
        /// The sum; without a value when a part is unknown.
        sum: "Figure!",
        /// The sum of the parts that are known.
        known: "Figure!",
        /// How many parts are known.
        known_count: "Int!",
        /// How many parts are unknown.
        unknown_count: "Int!",
    }
}

/// A total as an object.
pub fn total<'r>(register: &'r Register, of: Total<'r>) -> Value<'r> {
    let (known, unknown) = (of.known.coverage.known, of.known.coverage.unknown);
    TotalObject {
        sum: figure(register, of.sum),
        known: figure(register, of.known),
        known_count: int(known as u64),
        unknown_count: int(unknown as u64),
    }
    .object(register)
}

payload! {
    /// How a figure changed, like for like: over those parts that have it in both periods. `coverage` says how many these are.
    FigureChange {
        /// The difference.
        absolute: "Figure!",
        /// The change relative to the earlier figure.
        relative: "Figure!",
    }
}

/// A change as an object.
pub fn change<'r>(register: &'r Register, of: Change<'r>) -> Value<'r> {
    FigureChange { absolute: figure(register, of.absolute), relative: figure(register, of.relative) }.object(register)
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
pub fn table(args: &Args) -> Option<Table<'_>> {
    let listed = || args.text("table").and_then(ResultSource::from_word).map(Table::Listed);
    args.text("tableWord").map(Table::Named).or_else(listed)
}

/// The arguments that name a table.
pub fn table_args(doc: &str) -> [ArgDef; 2] {
    let word = "The same by its word, for a table of any document; then `table` is not looked at.";
    [
        ArgDef::new("table", Ty::named(ResultSource::VOCABULARY.name), doc),
        ArgDef::new("tableWord", Ty::named("String"), word),
    ]
}

/// What the arguments that name a table do for one norm.
pub const WHOSE_RESULTS: &str =
    "The table whose results count; without it the overview's, or else the fact table's, or else another's.";

/// The period of a point.
pub fn period_of<'r>(register: &'r Register, point: Option<Point<'r>>) -> Value<'r> {
    a_period(register, point.map(|point| *point.period))
}

/// A period, if there is one.
pub fn a_period(register: &Register, period: Option<Period>) -> Value<'_> {
    period.map_or(Value::Null, |period| Value::Object(ObjectRef { register, of: ObjectKind::Period(period) }))
}

payload! {
    /// How a figure changed between two periods (*trend*), beside what is printed of it.
    TrendObject as "Trend" {
        /// The earlier period: that of the earlier figure or, where the register has none, the one that the printed change names;
        /// null when there is none.
        from: "Period",
        /// The later period; null when there is none.
        to: "Period",
        /// Whether the change tells something by itself: the periods are equally long, or the figures are shares. Otherwise a part of
        /// the change comes from the length of the periods.
        comparable: "Boolean!",
        /// The difference; of two shares in percentage points (*ppt.*), as a ratio.
        absolute: "Figure!",
        /// The change relative to the earlier figure.
        relative: "Figure!",
        /// The change between these periods as printed; null when none is printed.
        printed: "Figure",
        /// Whether the printed change can be the computed one, figures and change rounded as they are printed. A change printed in
        /// percents is held against the relative one, any other against the difference. Null when there is nothing to compare.
        agrees: "Boolean",
    }
}

/// A trend as an object.
pub fn trend_of<'r>(register: &'r Register, of: Trend<'r>) -> Value<'r> {
    let Trend { from: _, since, to: _, until, comparable, absolute, relative, printed, agrees } = of;
    TrendObject {
        from: a_period(register, since),
        to: a_period(register, until),
        comparable: Value::Bool(comparable),
        absolute: figure(register, absolute),
        relative: figure(register, relative),
        printed: recorded(register, printed),
        agrees: agrees.map_or(Value::Null, Value::Bool),
    }
    .object(register)
}

payload! {
    /// How far a norm is attained in a period.
    AttainmentObject as "Attainment" {
        /// The norm.
        norm: "Norm!",
        /// The period of the result; null when there is no result.
        period: "Period",
        /// The share reached; null when the register has none for the period.
        result: "Figure",
        /// The record that holds the result; null when there is none.
        result_record: "NormResult",
        /// What is to be reached (*streefdoel*): the target in force for the period, or else the norm's own; null when neither is
        /// there.
        target: "Figure",
        /// Legal rule or internal norm.
        basis: "NormBasis!",
        /// How far it is attained, as the document counts; null when there is no ratio, and `ratio.computed.missing` says why.
        level: "AttainmentLevel",
        /// How far it is attained by its values themselves; null when there is no ratio, and `ratio.computed.missing` says why.
        strict_level: "AttainmentLevel",
        /// How it changed since the period before (of a part of a year since the same part of the year before), as the document counts; null
        /// when it is not known.
        change: "NormChange",
        /// How it changed by its values themselves; null when it is not known.
        strict_change: "NormChange",
        /// The ratio of result to target.
        ratio: "Figure!",
        /// That ratio as printed (*resultaat/streefdoel*); null when none is printed.
        printed_ratio: "Figure",
        /// Whether the printed ratio can be the computed one, all rounded as they are printed; null when there is nothing to compare.
        ratio_agrees: "Boolean",
        /// The change since the period before: of a part of a year since the same part of the year before.
        trend: "Trend!",
        /// How the result is to stand to the target.
        aim: "Aim!",
        /// Where the aim is WITHIN, the upper bound; null else.
        upper: "Figure",
        /// The target that is set for the period and in force; null when the norm's own counts.
        target_record: "Target",
        /// What is said of it on the day, as the document counts: as `level`, and NOT_YET while the period of its target lasts.
        judgement: "Judgement",
        /// The same by its values themselves.
        strict_judgement: "Judgement",
        /// Where the norm comes from, in a word, which documents have of their own.
        basis_word: "String",
    }
}

/// An attainment as an object.
pub fn attainment_of<'r>(register: &'r Register, of: Attainment<'r>) -> Value<'r> {
    let level = |reading| word(of.level(reading).map(AttainmentLevel::word));
    let change = |reading| word(of.change(reading).map(NormChange::word));
    let (printed, strict) = (AttainmentReading::Printed, AttainmentReading::Strict);
    AttainmentObject {
        norm: record(register, of.norm.0),
        period: period_of(register, of.result),
        result: recorded(register, of.result.map(|point| point.figure)),
        result_record: of.result.map_or(Value::Null, |point| record(register, point.node)),
        target: recorded(register, of.goal.map(|goal| goal.figure)),
        basis: text(of.norm.1.basis.word()),
        basis_word: of.norm.1.basis_word.as_deref().map_or(Value::Null, |word| Value::Text(word.into())),
        level: level(printed),
        strict_level: level(strict),
        change: change(printed),
        strict_change: change(strict),
        ratio: figure(register, of.ratio.clone()),
        printed_ratio: recorded(register, of.printed_ratio),
        ratio_agrees: of.agrees.map_or(Value::Null, Value::Bool),
        trend: trend_of(register, of.trend.clone()),
        aim: text(of.aim().word()),
        upper: recorded(register, of.goal.and_then(|goal| goal.upper)),
        target_record: of.set.map_or(Value::Null, |(node, _)| record(register, node)),
        judgement: word(of.judgement(printed).map(Judgement::word)),
        strict_judgement: word(of.judgement(strict).map(Judgement::word)),
    }
    .object(register)
}

/// Which norms the arguments ask for.
pub fn which(args: &Args) -> Which<'_> {
    Which {
        year: year(args, "year"),
        table: table(args),
        basis: args.text("basis").and_then(NormBasis::from_word),
        basis_word: args.text("basisWord"),
        reading: reading(args),
        on: day(args, "on"),
    }
}

/// How an argument says that norms are read.
pub fn reading(args: &Args) -> AttainmentReading {
    args.text("reading").and_then(AttainmentReading::from_word).unwrap_or(AttainmentReading::Printed)
}

payload! {
    /// How many norms are attained how far. The inputs of each count are its norms, with the ratio that they were judged by.
    AttainmentSummary {
        /// How many norms there are.
        norms: "Figure!",
        /// How many measures they belong to.
        measures: "Figure!",
        /// How many are met: 100% of the target or more.
        met: "Figure!",
        /// How many reach 90% of the target or more, without being met.
        nearly_met: "Figure!",
        /// How many reach 80% to 90% of the target.
        partly_met: "Figure!",
        /// How many reach less than 80% of the target.
        missed: "Figure!",
        /// Of how many it is not known, because result or target is missing.
        unknown: "Figure!",
        /// How many have a better result than in the period before.
        improved: "Figure!",
        /// How many have the same result as in the period before.
        unchanged: "Figure!",
        /// How many have a worse result than in the period before.
        declined: "Figure!",
        /// How many are met, and were met in the period before. As printed, the period before is told by the result's own table: by
        /// an earlier result there, or else by the change printed beside it.
        met_in_both: "Figure!",
        /// How many are met, with the same result as in the period before.
        met_unchanged: "Figure!",
        /// The share of the norms met among those of which that is known.
        share_met: "Figure!",
        /// How many have a target whose period has not ended yet.
        not_yet: "Figure!",
    }
}

/// A summary as an object.
pub fn summary_of<'r>(register: &'r Register, of: Summary<'r>) -> Value<'r> {
    let Summary { norms, measures, levels, unknown, not_yet, changes, met_in_both, met_unchanged, share_met } = of;
    let [met, nearly_met, partly_met, missed] = levels;
    let [improved, unchanged, declined] = changes;
    AttainmentSummary {
        norms: figure(register, norms),
        measures: figure(register, measures),
        met: figure(register, met),
        nearly_met: figure(register, nearly_met),
        partly_met: figure(register, partly_met),
        missed: figure(register, missed),
        unknown: figure(register, unknown),
        improved: figure(register, improved),
        unchanged: figure(register, unchanged),
        declined: figure(register, declined),
        met_in_both: figure(register, met_in_both),
        met_unchanged: figure(register, met_unchanged),
        share_met: figure(register, share_met),
        not_yet: figure(register, not_yet),
    }
    .object(register)
}

/// The argument for the year that a report or a scoreboard is about.
pub fn year_arg() -> ArgDef {
    ArgDef::new("year", Ty::named("Int"), "The year; without it the one that the plan looks back on.")
}
