//! What writes answer.

use async_graphql::Value as Input;

use crate::commit::Report;
use crate::graphql::core::args::Args;
use crate::graphql::core::definition::{ArgDef, FieldDef, ObjectDef, Ty, function};
use crate::graphql::core::payload::payload;
use crate::graphql::core::value::{ObjectKind, Value};
use crate::graphql::types::history::{change, counts};
use crate::model::Problem;
use crate::model::problem::Warning;
use crate::register::Register;

fn text<'r>(text: &str) -> Value<'r> {
    Value::Text(text.to_owned().into())
}

fn texts<'r>(texts: &[String]) -> Value<'r> {
    Value::List(texts.iter().map(|it| text(it)).collect())
}

/// The index of the row that a path leads to.
fn row<'r>(path: &[String]) -> Value<'r> {
    match path.first().map(String::as_str) {
        Some("rows" | "records") => path.get(1).and_then(|row| row.parse().ok()).map_or(Value::Null, Value::Int),
        _ => Value::Null,
    }
}

payload! {
    /// Something that is taken, but that a person should look at.
    WarningObject as "Warning" {
        /// What kind of warning.
        code: "WarningCode!",
        /// Index of the row, from 0; null when it is not about one row.
        row: "Int",
        /// Where, step by step.
        path: "[String!]!",
        /// One sentence that names what was found.
        message: "String!",
        /// What to do when it is not what was meant.
        hint: "String!",
    }
}

fn warning<'r>(register: &'r Register, warning: &Warning) -> Value<'r> {
    WarningObject {
        code: text(warning.code.word()),
        row: row(&warning.path),
        path: texts(&warning.path),
        message: text(&warning.message),
        hint: text(&warning.hint),
    }
    .object(register)
}

payload! {
    /// One thing that is wrong with the data.
    ProblemObject as "Problem" {
        /// What kind of problem.
        code: "ProblemCode!",
        /// Index of the row, from 0; null when it is not about one row.
        row: "Int",
        /// Where, step by step.
        path: "[String!]!",
        /// One sentence that names the offending value.
        message: "String!",
        /// What to do.
        hint: "String!",
        /// Near values that exist, nearest first.
        candidates: "[String!]!",
    }
}

fn problem<'r>(register: &'r Register, problem: &Problem) -> Value<'r> {
    ProblemObject {
        code: text(problem.code.word()),
        row: row(&problem.path),
        path: texts(&problem.path),
        message: text(&problem.message),
        hint: text(&problem.hint),
        candidates: texts(&problem.candidates),
    }
    .object(register)
}

/// A field of what a write came to.
fn of_report(
    name: &'static str,
    ty: Ty,
    doc: &str,
    get: for<'r> fn(&'r Register, &'r Report, &Args) -> Value<'r>,
) -> FieldDef {
    let resolve = function(move |_, object, args| match &object.of {
        ObjectKind::Report(report) => Ok(get(object.register, report, args)),
        _ => Ok(Value::Null),
    });
    FieldDef::new(name, ty, doc, resolve)
}

/// What every write answers.
pub fn payload() -> ObjectDef {
    let first = ArgDef {
        default: Some(Input::from(100)),
        ..ArgDef::new("first", Ty::required("Int"), "How many to show at most; `counts` counts them all.")
    };
    ObjectDef {
        name: "WritePayload".into(),
        doc: "What a write came to.".into(),
        is_node: false,
        fields: vec![
            of_report("status", Ty::required("Status"), "What became of it.", |_, report, _| {
                Value::Text(report.status.word().into())
            }),
            of_report(
                "replayed",
                Ty::required("Boolean"),
                "Whether this is the answer to an earlier request with the same idempotency key, which was not done again.",
                |_, report, _| Value::Bool(report.replayed),
            ),
            of_report(
                "baseRevision",
                Ty::required("Revision"),
                "The revision that it was checked against.",
                |_, report, _| Value::Revision(report.base_revision),
            ),
            of_report(
                "revision",
                Ty::required("Revision"),
                "The revision afterwards; the same when nothing was committed.",
                |_, report, _| Value::Revision(report.revision),
            ),
            of_report(
                "digest",
                Ty::required("String"),
                "Names the base revision and all effects. Give it as `expectDigest` to commit exactly what a dry run told.",
                |_, report, _| Value::Text(report.digest.as_str().into()),
            ),
            of_report("counts", Ty::required("Counts"), "How many rows came to what.", |register, report, _| {
                counts(register, &report.counts)
            }),
            of_report(
                "rows",
                Ty::list("RowOutcome"),
                "What became of each row, in the order sent; empty when a change by hand is replayed.",
                |_, report, _| Value::List(report.rows.iter().map(|row| Value::Text(row.word().into())).collect()),
            ),
            of_report(
                "changes",
                Ty::list("Change"),
                "What changes, or would, record by record, with the fields before and after.",
                |register, report, args| {
                    let first = usize::try_from(args.int("first").unwrap_or_default()).unwrap_or_default();
                    Value::List(report.changes.iter().take(first).map(|it| change(register, it)).collect())
                },
            )
            .with_args(vec![first]),
            of_report(
                "problems",
                Ty::list("Problem"),
                "Everything that is wrong with every row.",
                |register, report, _| Value::List(report.problems.iter().map(|it| problem(register, it)).collect()),
            ),
            of_report(
                "warnings",
                Ty::list("Warning"),
                "What is taken, but should be looked at.",
                |register, report, _| Value::List(report.warnings.iter().map(|it| warning(register, it)).collect()),
            ),
        ],
    }
}
