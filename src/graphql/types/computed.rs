//! Computed figures in the graph: a `Figure` like any other, whose `computed` says how it came about.

use std::sync::Arc;

use crate::analysis::computed::{self, Computed, Input, Rule};
use crate::analysis::coverage::Coverage;
use crate::graphql::core::args::Args;
use crate::graphql::core::arguments::{first, first_arg};
use crate::graphql::core::definition::{FieldDef, ObjectDef, Ty, function};
use crate::graphql::core::error::FieldError;
use crate::graphql::core::execution::ExecutionContext;
use crate::graphql::core::payload::payload;
use crate::graphql::core::value::record;
use crate::graphql::core::value::{ObjectKind, ObjectRef, Value};
use crate::graphql::core::value::{int, text};
use crate::model::View;
use crate::register::{Register, TableSet};

/// Name of the type of all figures.
pub const FIGURE: &str = "Figure";

/// A computed figure as a `Figure`.
pub fn figure<'r>(register: &'r Register, figure: impl Into<Arc<Computed<'r>>>) -> Value<'r> {
    Value::Object(ObjectRef { register, of: ObjectKind::Computed(figure.into()) })
}

/// What a computed figure has as the field of `Figure` at that position.
pub fn field<'r>(figure: &Computed<'r>, index: usize) -> View<'r> {
    match index {
        0 => figure.value.as_ref().map_or(View::Null, |value| View::Decimal(*value)),
        1 => View::Enum(figure.status().word()),
        2 => View::Enum(figure.unit.word()),
        4 => figure.code().map_or(View::Null, |code| View::Text(code.into())),
        _ => View::Null,
    }
}

/// The field `computed` of a figure.
pub fn field_of_figure() -> FieldDef {
    let resolve = function(|_, object, _| {
        Ok(match &object.of {
            ObjectKind::Computed(_) => Value::Object(object.clone()),
            _ => Value::Null,
        })
    });
    let doc = "How the register computed it; null for what was printed or reported.";
    FieldDef::new("computed", Ty::named("Computed"), doc, resolve).reading(TableSet::NONE)
}

payload! {
    /// Of how much a figure is. What is said not to apply is no part of anything.
    CoverageObject as "Coverage" {
        /// Of all, or of what is known; null for a figure without a value.
        basis: "CoverageBasis",
        /// How many parts have what the figure needs. What is compared or divided is like for like: a part counts where both of its
        /// numbers are known.
        known: "Int!",
        /// How many parts lack it, and are left out: never taken for zero.
        unknown: "Int!",
    }
}

/// The field `coverage` of a figure.
pub fn coverage_of_figure() -> FieldDef {
    let resolve = function(|_, object, _| {
        let ObjectKind::Computed(figure) = &object.of else { return Ok(Value::Null) };
        let Coverage { known, unknown } = figure.coverage;
        let basis = figure.value.as_ref().map_or(Value::Null, |_| text(figure.coverage.basis().word()));
        Ok(CoverageObject { basis, known: int(known as u64), unknown: int(unknown as u64) }.object(object.register))
    });
    let doc = "Of how much the register computed it: of all that there is, or of what is known; null for what was printed or reported.";
    FieldDef::new("coverage", Ty::named("Coverage"), doc, resolve).reading(TableSet::NONE)
}

fn inputs<'r>(context: &ExecutionContext<'r>, of: &ObjectRef<'r>, args: &Args) -> Result<Value<'r>, FieldError> {
    let ObjectKind::Computed(figure) = &of.of else { return Ok(Value::Null) };
    let size = first(args, &context.request.limits)?;
    Ok(Value::List(figure.inputs.iter().take(size).map(|it| input(of.register, it)).collect()))
}

payload! {
    /// What a figure was computed from: a figure of a record, another computed figure, or a record that was counted.
    ComputedInput {
        /// Its name in the formula.
        name: "String!",
        /// The record that it belongs to, if one.
        record: "Node",
        /// Which of the record's figures it is, such as `figure`; null for a computed figure, and for a record that was counted.
        path: "String",
        /// The figure; null for a record that was counted, and for a figure that the record does not have.
        figure: "Figure",
    }
}

fn input<'r>(register: &'r Register, of: &Input<'r>) -> Value<'r> {
    let (path, figure) = match &of.of {
        computed::InputKind::Recorded(path, figure) => {
            (text(*path), Value::Object(ObjectRef { register, of: ObjectKind::Composite(*figure) }))
        }
        computed::InputKind::Absent(path) => (text(*path), Value::Null),
        computed::InputKind::Computed(it) => (Value::Null, self::figure(register, Arc::clone(it))),
        computed::InputKind::Counted => (Value::Null, Value::Null),
    };
    let record = of.node.map_or(Value::Null, |node| record(register, node));
    ComputedInput { name: text(of.name), record, path, figure }.object(register)
}

payload! {
    /// Why a figure could not be computed.
    Missing {
        /// The reason, of a closed list.
        code: "MissingCode!",
        /// The reason in words, with what it is about.
        text: "String!",
    }
}

/// The objects of computed figures.
pub fn objects() -> Vec<ObjectDef> {
    let of = |name: &'static str, ty, doc: &str, resolve: for<'r> fn(&'r Register, &Computed<'r>) -> Value<'r>| {
        let resolve = function(move |_, object, _| match &object.of {
            ObjectKind::Computed(figure) => Ok(resolve(object.register, figure)),
            _ => Ok(Value::Null),
        });
        // What it was made of it holds already.
        FieldDef::new(name, ty, doc, resolve).reading(TableSet::NONE)
    };
    let all = "How many inputs to show at most; `inputCount` counts all.";
    vec![
        ObjectDef {
            name: "Computed".into(),
            doc: "How the register computed a figure: rule, formula, and what went in. Quotients are rounded to 12 decimals.".into(),
            is_node: false,
            fields: vec![
                of("rule", Ty::required(Rule::VOCABULARY.name), "The rule.", |_, it| text(it.rule.word())),
                of("explanation", Ty::required("String"), "What the rule does, in words.", |_, it| text(it.rule.doc())),
                of(
                    "formula",
                    Ty::required("String"),
                    "The rule's formula over the names of the inputs, such as `(to - from) / from`.",
                    |_, it| text(it.rule.formula()),
                ),
                of(
                    "expression",
                    Ty::required("String"),
                    "The formula with its numbers, such as `(2246 - 2821) / 2821`; `?` stands for a number that is missing.",
                    |_, it| text(it.expression()),
                ),
                of(
                    "missing",
                    Ty::named("Missing"),
                    "Why there is no value; null when there is one.",
                    |register, it| {
                        it.value.as_ref().err().map_or(Value::Null, |missing| {
                            Missing { code: text(missing.code.word()), text: text(&missing.text) }.object(register)
                        })
                    },
                ),
                FieldDef::new(
                    "inputs",
                    Ty::list("ComputedInput"),
                    "What it was computed from, down to the printed cells.",
                    function(inputs),
                )
                .with_args(vec![first_arg(100, all)])
                .reading(TableSet::NONE),
                of(
                    "inputCount",
                    Ty::required("Int"),
                    "How many inputs there are.",
                    |_, it| int(it.inputs.len() as u64),
                ),
            ],
        },
        CoverageObject::definition(),
        Missing::definition(),
        ComputedInput::definition(),
    ]
}
