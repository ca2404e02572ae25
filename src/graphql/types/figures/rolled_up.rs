//! What is worked out for a record and a year when it is asked for: reports and scoreboards are made of it.

use crate::analysis::attainment::{self, AttainmentReading, Which, attainments};
use crate::analysis::budget::Asked;
use crate::analysis::{budget, inspection};
use crate::graphql::core::args::Args;
use crate::graphql::core::definition::{FieldDef, ObjectDef, Resolve, Ty, function};
use crate::graphql::core::error::FieldError;
use crate::graphql::core::value::{ObjectKind, ObjectRef, Value, object, record};
use crate::graphql::types::figures::budget::budget_of;
use crate::graphql::types::figures::common::{BUDGETS, INSPECTIONS, LADDER, NORMS, summary_of};
use crate::graphql::types::figures::counts;
use crate::model::budget::Direction;
use crate::model::problem::nearest;
use crate::model::text::shortened;
use crate::model::{Key, Kind};
use crate::register::{Node, Register};

/// An object about a record and a year, its first two values.
pub fn about_a_year(
    name: &'static str,
    doc: &str,
    (subject, ty, says): (&'static str, Ty, &str),
    more: Vec<FieldDef>,
) -> ObjectDef {
    let year = FieldDef::new("year", Ty::required("Int"), "The year that it is about.", Resolve::Value(1));
    let fields = [FieldDef::new(subject, ty, says, Resolve::Value(0)), year].into_iter().chain(more).collect();
    ObjectDef { name: name.into(), doc: doc.into(), is_node: false, fields }
}

/// The record of that key.
///
/// # Errors
/// When there is none.
pub fn find<'r>(register: &'r Register, kind: Kind, key: &str) -> Result<&'r Node, FieldError> {
    let found = Key::parse(key).ok().and_then(|key| register.get(kind, &key));
    found.map(|node| &**node).ok_or_else(|| {
        let near = nearest(key, register.all(kind).map(|node| node.key.as_str()));
        let hint = if near.is_empty() { "correct the key".to_owned() } else { format!("near are {}", near.join(", ")) };
        FieldError::input(format!("there is no {kind} `{}`", shortened(key, 80)), hint)
    })
}

/// An object of such a type.
pub fn subject_and_year<'r>(register: &'r Register, node: &'r Node, year: i32) -> Value<'r> {
    object(register, vec![record(register, node), Value::Int(year.into())])
}

/// The record and the year that such an object is about.
fn about<'r>(of: &ObjectRef<'r>) -> Option<(&'r Node, i32)> {
    match &of.of {
        ObjectKind::Fields(values) => match values.as_slice() {
            [Value::Object(ObjectRef { of: ObjectKind::Node(node), .. }), Value::Int(year), ..] => {
                Some((node, i32::try_from(*year).ok()?))
            }
            _ => None,
        },
        _ => None,
    }
}

/// A field that is worked out when it is asked for, from record and year.
pub fn lazy(
    name: &'static str,
    ty: Ty,
    doc: &str,
    resolve: impl for<'r> Fn(&'r Register, &'r Node, i32, &Args) -> Value<'r> + Send + Sync + 'static,
) -> FieldDef {
    let resolve = function(move |_, object, args| {
        Ok(about(object).map_or(Value::Null, |(node, year)| resolve(object.register, node, year, args)))
    });
    FieldDef::new(name, ty, doc, resolve)
}

fn budget<'r>(register: &'r Register, node: &'r Node, year: i32, direction: Direction) -> Value<'r> {
    budget_of(register, &budget::lines(register, node), Asked { year, direction, against: None })
}

/// The norms of a year, as the document counts.
pub fn which(year: i32) -> Which<'static> {
    Which {
        year: Some(year),
        table: None,
        basis: None,
        basis_word: None,
        reading: AttainmentReading::Printed,
        on: None,
    }
}

/// What is computed of anything that has measures, lines and projects below it.
pub fn rolled_up_fields() -> Vec<FieldDef> {
    let budget_type = || Ty::required("Budget");
    vec![
        lazy(
            "attainment",
            Ty::required("AttainmentSummary"),
            "Its norms, by the last results of periods that end by the end of the year, as the document counts.",
            |register, node, year, _| {
                let all = attainments(register, node, which(year));
                summary_of(register, attainment::summary(register, &all, AttainmentReading::Printed))
            },
        )
        .reading(LADDER.with(NORMS)),
        lazy("budget", budget_type(), "What is spent.", |register, node, year, _| {
            budget(register, node, year, Direction::Expenditure)
        })
        .reading(LADDER.with(BUDGETS)),
        lazy("revenue", budget_type(), "What is received (*ontvangsten*).", |register, node, year, _| {
            budget(register, node, year, Direction::Revenue)
        })
        .reading(LADDER.with(BUDGETS)),
        lazy("inspected", Ty::required("Inspected"), "What was inspected in the year.", |register, node, year, _| {
            let processes = inspection::processes(register, node);
            counts::inspected_of(register, inspection::inspected(register, &processes, year))
        })
        .reading(LADDER.with(INSPECTIONS)),
    ]
}

/// Values as a list.
pub fn list<'r>(items: impl IntoIterator<Item = Value<'r>>) -> Value<'r> {
    Value::List(items.into_iter().collect())
}
