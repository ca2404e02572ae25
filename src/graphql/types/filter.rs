//! Filters and orders in the graph: the inputs `…Where` and `…Order` of every type, made from its [`FilterSchema`].

use std::borrow::Cow;
use std::collections::BTreeMap;

use async_graphql::Value as Input;

use crate::graphql::core::collector::TypeCollector;
use crate::graphql::core::definition::{ArgDef, InputDef, Ty};
use crate::model::CompositeInfo;
use crate::register::query::FilterSchema;
use crate::register::query::filter::Quantifier;
use crate::register::query::order::OrderDirection;
use crate::register::query::predicate::Takes;
use crate::register::query::schema::{Leaf, TermKind};

/// The input types by name.
pub type Inputs = BTreeMap<Cow<'static, str>, InputDef>;

/// Puts what can be asked of a type among the inputs, with everything that it needs.
pub fn define(info: &'static CompositeInfo, inputs: &mut Inputs, found: &mut TypeCollector) {
    let schema = FilterSchema::of(info);
    condition(schema, inputs, found);
    found.enums([&schema.order, &OrderDirection::VOCABULARY]);
    let field = ArgDef::new("field", Ty::required(schema.order.name), "What to order by.");
    let doc = "A field to order by. Codes and keys sort as people count, texts as in a Dutch list, words as they stand in their list, \
               periods by their first day.";
    put(inputs, format!("{}Order", schema.name), doc.into(), || vec![field, direction()]);
}

/// The field that says which way something is ordered.
pub fn direction() -> ArgDef {
    ArgDef {
        default: Some(Input::Enum(async_graphql::Name::new(OrderDirection::Ascending.word()))),
        ..ArgDef::new("direction", Ty::required("OrderDirection"), "Which way. Absent values come last either way.")
    }
}

/// Puts an input among the others, unless it is there.
pub fn put(inputs: &mut Inputs, name: String, doc: String, fields: impl FnOnce() -> Vec<ArgDef>) {
    let define = || InputDef { doc, raw: false, one_of: false, fields: fields() };
    inputs.entry(name.into()).or_insert_with(define);
}

/// The input `…Where` of a type.
fn condition(schema: &'static FilterSchema, inputs: &mut Inputs, found: &mut TypeCollector) {
    let name = format!("{}Where", schema.name);
    if inputs.contains_key(name.as_str()) {
        return;
    }
    let itself = || Ty::named(name.clone());
    let list = || Ty::List(Box::new(Ty::required(name.clone())));
    let mut fields = vec![
        ArgDef::new("and", list(), "All of these hold."),
        ArgDef::new("or", list(), "At least one of these holds; never, when the list is empty."),
        ArgDef::new("not", itself(), "This does not hold."),
    ];
    if schema.kind.is_none() {
        fields.push(ArgDef::new(
            "isNull",
            Ty::named("Boolean"),
            "With `true`: there is none. With `false`: there is one.",
        ));
    }
    let doc = format!(
        "Conditions on {}: all that are given must hold. What is absent fulfils only `isNull`, `ne` and `notIn`.",
        schema.name
    );
    // The name is taken before what it refers to is defined: that may refer back.
    inputs.insert(name.clone().into(), InputDef { doc, raw: false, one_of: false, fields: Vec::new() });
    for term in &schema.terms {
        let ty = match term.what {
            TermKind::Leaf(_, leaf) => leaf_filter(leaf, inputs, found),
            TermKind::Leaves(_, leaf) => {
                let inner = leaf_filter(leaf, inputs, found);
                quantified(&inner.replace("Filter", "ListFilter"), &inner, inputs)
            }
            TermKind::Composite(_, info) => {
                condition(FilterSchema::of(info), inputs, found);
                format!("{}Where", info.name)
            }
            TermKind::One(link) => {
                condition(FilterSchema::of(link.kind().info()), inputs, found);
                format!("{}Where", link.kind())
            }
            TermKind::Many(link) => {
                condition(FilterSchema::of(link.kind().info()), inputs, found);
                quantified(&format!("{}ListWhere", link.kind()), &format!("{}Where", link.kind()), inputs)
            }
        };
        fields.push(ArgDef::new(term.name, Ty::named(ty), term.doc));
    }
    inputs.get_mut(name.as_str()).expect("it was put there").fields = fields;
}

/// The input that says how many of several fulfil a condition.
fn quantified(name: &str, inner: &str, inputs: &mut Inputs) -> String {
    put(
        inputs,
        name.to_owned(),
        "How many of several fulfil a condition: all that are given must hold.".into(),
        || {
            let fields = Quantifier::ALL.into_iter();
            fields.map(|(_, name, doc)| ArgDef::new(name, Ty::named(inner.to_owned()), doc)).collect()
        },
    );
    name.to_owned()
}

/// The input with the operators of a plain value.
pub fn leaf_filter(leaf: Leaf, inputs: &mut Inputs, found: &mut TypeCollector) -> String {
    let (ty, name, more): (&'static str, Cow<'static, str>, &str) = match leaf {
        Leaf::Text => ("String", "Text".into(), " Case and accents do not count."),
        Leaf::Key => ("String", "Key".into(), " Each letter counts."),
        Leaf::Int => ("Int", "Int".into(), ""),
        Leaf::Boolean => ("Boolean", "Boolean".into(), ""),
        Leaf::Decimal => ("Decimal", "Decimal".into(), ""),
        Leaf::Date => ("Date", "Date".into(), ""),
        Leaf::Period => (
            "String",
            "Period".into(),
            " Periods compare by their days: `lt` ends before the other begins, `gte` begins no earlier than the other, `lte` ends no later; \
             `between: {from: \"2020\", to: \"2020\"}` is all that lies within 2020.",
        ),
        Leaf::Enum(vocabulary) => {
            found.enums([vocabulary]);
            (vocabulary.name, vocabulary.name.into(), "")
        }
    };
    let shown = match leaf {
        Leaf::Text => "text".into(),
        Leaf::Key => "natural key".into(),
        Leaf::Int => "whole number".into(),
        Leaf::Boolean => "yes or no".into(),
        Leaf::Decimal => "decimal".into(),
        Leaf::Date => "date".into(),
        Leaf::Period => "period".into(),
        Leaf::Enum(vocabulary) => format!("word of {}", vocabulary.name),
    };
    let doc = format!("Conditions on a {shown}: all that are given must hold.{more}");
    let operators = leaf.operators();
    if operators.iter().any(|operator| operator.takes == Takes::Range) {
        let end = |name, doc: &str| ArgDef::new(name, Ty::required(ty), doc);
        put(inputs, format!("{name}Range"), "A range, both ends included.".into(), || {
            vec![end("from", "Its beginning."), end("to", "Its end.")]
        });
    }
    if operators.iter().any(|operator| operator.takes == Takes::Number) {
        leaf_filter(Leaf::Int, inputs, found);
    }
    put(inputs, format!("{name}Filter"), doc, || {
        let fields = operators.into_iter().map(|operator| {
            let ty = match operator.takes {
                Takes::One => Ty::named(ty),
                Takes::Several => Ty::List(Box::new(Ty::required(ty))),
                Takes::Range => Ty::named(format!("{name}Range")),
                Takes::Flag => Ty::named("Boolean"),
                Takes::Number => Ty::named("IntFilter"),
            };
            ArgDef::new(operator.name, ty, operator.doc)
        });
        fields.collect()
    });
    format!("{name}Filter")
}
