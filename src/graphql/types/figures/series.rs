//! Series in the graph: every period along the line of a record through the plans.

use crate::analysis::line::{self, Line};
use crate::analysis::series::{self, Point, Print, Series, SeriesKind, Vintage, is_restated};
use crate::graphql::core::args::Args;
use crate::graphql::core::definition::{ArgDef, FieldDef, ObjectDef, Ty};
use crate::graphql::core::payload::payload;
use crate::graphql::core::value::{Value, record, text};
use crate::graphql::types::figures::common::{of_node, recorded};
use crate::model::lineage::Succession;
use crate::model::{Citation, Kind};
use crate::register::Register;

fn vintage_arg() -> ArgDef {
    let latest = async_graphql::Value::Enum(async_graphql::Name::new(Vintage::Latest.word()));
    let doc = "Which print counts where several documents print a period: the first, or the last.";
    ArgDef { default: Some(latest), ..ArgDef::new("vintage", Ty::required(Vintage::VOCABULARY.name), doc) }
}

/// The argument that names the day on which targets are judged.
pub fn on_arg() -> ArgDef {
    let doc = "The day on which targets of single periods are judged: before their period ends they are NOT_YET. Without it the closing day of the \
               plan; never the clock.";
    ArgDef::new("on", Ty::named("Date"), doc)
}

fn vintage(args: &Args) -> Vintage {
    args.text("vintage").and_then(Vintage::from_word).unwrap_or(Vintage::Latest)
}

/// The field `series` of what has figures itself.
pub fn field() -> FieldDef {
    let doc = "Its figures of every period, along CONTINUES through the plans: each with the document that prints it, and with what other documents \
               print of the same period.";
    of_node("series", Ty::required("Series"), doc, vec![vintage_arg()], |register, node, args| {
        Ok(series_of(register, series::series(register, node), vintage(args)))
    })
}

/// The field `series` of measures and goals.
pub fn field_below(kind: Kind) -> FieldDef {
    let doc = format!(
        "The series of the indicators, norms, budget lines and inspected processes of this {} and of what it continues: one for each line through \
         the plans, by its last record.",
        if kind == Kind::Measure { "measure" } else { "goal" }
    );
    let kinds = ArgDef::new(
        "kinds",
        Ty::List(Box::new(Ty::required(SeriesKind::VOCABULARY.name))),
        "Only series of these; without it all.",
    );
    of_node("series", Ty::list("Series"), &doc, vec![kinds, vintage_arg()], |register, node, args| {
        let words = match args.get("kinds") {
            Some(async_graphql::Value::List(words)) => words.as_slice(),
            _ => &[],
        };
        let word = |value: &async_graphql::Value| match value {
            async_graphql::Value::Enum(word) => SeriesKind::from_word(word),
            async_graphql::Value::String(word) => SeriesKind::from_word(word),
            _ => None,
        };
        let kinds: Vec<SeriesKind> = words.iter().filter_map(word).collect();
        let all = series::all_series(register, node, &kinds).into_iter();
        Ok(Value::List(all.map(|it| series_of(register, it, vintage(args))).collect()))
    })
}

payload! {
    /// The figures of a record through the plans, along CONTINUES. Where it was split or merged the line ends, and `turns` tell it:
    /// nothing is added up silently.
    SeriesObject as "Series" {
        /// The last record of the line.
        of: "Node!",
        /// The records of the line, the earliest first.
        records: "[Node!]!",
        /// Its points, by period.
        points: "[SeriesPoint!]!",
        /// How many points a later document restates.
        restated: "Int!",
        /// Where other records were split off, merged or came in.
        turns: "[SeriesTurn!]!",
    }
}

payload! {
    /// A place where a line through the plans meets another.
    SeriesTurn {
        /// How the later record follows from the earlier.
        relation: "Succession!",
        /// The earlier record.
        from: "Node!",
        /// The later record.
        to: "Node!",
    }
}

fn series_of<'r>(register: &'r Register, of: Series<'r>, vintage: Vintage) -> Value<'r> {
    let Series { line: Line { nodes, turns }, points } = of;
    let last = nodes.last().map_or(Value::Null, |node| record(register, node));
    let turns = turns.into_iter().map(|turn| {
        let (from, to) = (record(register, turn.from), record(register, turn.to));
        SeriesTurn { relation: text(turn.relation.word()), from, to }.object(register)
    });
    let turns = Value::List(turns.collect());
    let restated = points.iter().filter(|point| point.is_restated()).count();
    let points = points.iter().map(|point| point_of(register, point, vintage)).collect();
    let records = nodes.into_iter().map(|node| record(register, node)).collect();
    SeriesObject {
        of: last,
        records: Value::List(records),
        points: Value::List(points),
        restated: Value::Int(i64::try_from(restated).unwrap_or(i64::MAX)),
        turns,
    }
    .object(register)
}

payload! {
    /// A figure of a series in a period.
    SeriesPoint {
        /// The period, as it is written.
        period: "String!",
        /// The calendar year that it lies in; null when it lies in several.
        year: "Int",
        /// Which of several figures of the period it is: stage and credit of an amount (`BUDGETED VAK`), the column of an inspection
        /// (`controls`); null where there is one.
        what: "String",
        /// The figure, as the print that counts has it.
        figure: "Figure!",
        /// Whether a later document prints another value, by more than printing explains.
        restated: "Boolean!",
        /// The record of the line that it belongs to, such as the indicator in that plan.
        of: "Node!",
        /// The record that holds the figure, such as an observation.
        record: "Node!",
        /// The plan of that record.
        plan: "Plan",
        /// The document that prints it; null when it comes from none.
        document: "Document",
        /// What other documents print of the same figure, the first one first.
        others: "[SeriesPrint!]!",
    }
}

fn point_of<'r>(register: &'r Register, of: &Point<'r>, vintage: Vintage) -> Value<'r> {
    let print = of.print(vintage);
    let others = of.prints.iter().filter(|it| it.node.key != print.node.key || it.node.kind() != print.node.kind());
    let others = others.map(|it| print_of(register, it, is_restated(print.figure, it.figure))).collect();
    let (start, end) = (of.period.start(), of.period.end());
    let year = if start.year() == end.year() { Value::Int(start.year().into()) } else { Value::Null };
    SeriesPoint {
        period: Value::Text(of.period.to_string().into()),
        year,
        what: if of.what.is_empty() { Value::Null } else { Value::Text(of.what.clone().into()) },
        figure: recorded(register, Some(print.figure)),
        restated: Value::Bool(of.is_restated()),
        of: record(register, print.of),
        record: record(register, print.node),
        plan: plan_of(register, &print),
        document: document_of(register, &print),
        others: Value::List(others),
    }
    .object(register)
}

payload! {
    /// A figure of a period as another document prints it.
    SeriesPrint {
        /// The figure.
        figure: "Figure!",
        /// Whether it differs from the one that counts, by more than printing explains.
        differs: "Boolean!",
        /// The record of the line that it belongs to, such as the indicator in that plan.
        of: "Node!",
        /// The record that holds the figure, such as an observation.
        record: "Node!",
        /// The plan of that record.
        plan: "Plan",
        /// The document that prints it; null when it comes from none.
        document: "Document",
    }
}

fn print_of<'r>(register: &'r Register, print: &Print<'r>, differs: bool) -> Value<'r> {
    SeriesPrint {
        figure: recorded(register, Some(print.figure)),
        differs: Value::Bool(differs),
        of: record(register, print.of),
        record: record(register, print.node),
        plan: plan_of(register, print),
        document: document_of(register, print),
    }
    .object(register)
}

fn plan_of<'r>(register: &'r Register, print: &Print<'r>) -> Value<'r> {
    line::plan_of(register, print.of).map_or(Value::Null, |(node, _)| record(register, node))
}

/// The document that prints a figure: the cell's own, or else that of its plan.
fn document_of<'r>(register: &'r Register, print: &Print<'r>) -> Value<'r> {
    let cited = print.figure.printed.as_deref().map(|it: &Citation| it.document_key.key());
    let of_plan =
        || line::plan_of(register, print.of).and_then(|(_, plan)| plan.document_key.as_ref().map(|it| it.key()));
    let found = cited.or_else(of_plan).and_then(|key| register.get(Kind::Document, key));
    found.map_or(Value::Null, |node| record(register, node))
}

/// The vocabularies that only series use.
pub fn vocabularies() -> [&'static crate::model::vocabulary::Vocabulary; 3] {
    [&Vintage::VOCABULARY, &SeriesKind::VOCABULARY, &Succession::VOCABULARY]
}

/// The objects of series.
pub fn objects() -> Vec<ObjectDef> {
    vec![SeriesObject::definition(), SeriesPoint::definition(), SeriesPrint::definition(), SeriesTurn::definition()]
}
