//! What groupings of records and of computed values have in common: how many groups, their order, and what their numbers come to.

use std::cmp::Ordering;

use async_graphql::Value as Input;
use rust_decimal::Decimal;

use crate::graphql::core::args::Args;
use crate::graphql::core::collector::TypeCollector;
use crate::graphql::core::definition::{ArgDef, FieldDef, ObjectDef, Ty, function};
use crate::graphql::core::error::{ErrorCode, FieldError};
use crate::graphql::core::limits::Limits;
use crate::graphql::core::value::{ObjectKind, ObjectRef, Value, from_view};
use crate::graphql::types::filter::{self, Inputs, put};
use crate::graphql::types::having::{AGGREGATE, AggregateField, Grouping};
use crate::model::{View, Vocabulary};
use crate::register::query::dimension::TOLD;
use crate::register::query::group::{TooLong, Total};
use crate::register::query::order::OrderDirection;
use crate::register::query::schema::Leaf;
use crate::register::{Register, TableSet};

/// How many groups are asked for, by so many dimensions; none when nothing is said.
///
/// # Errors
/// When these are too many dimensions, or it is no number of groups.
pub fn how_many(args: &Args, dimensions: usize, limits: &Limits) -> Result<Option<usize>, FieldError> {
    let limit = limits.dimensions;
    if dimensions > limit {
        let error = FieldError::limit("dimensions of a grouping", limit, dimensions, "group by fewer");
        return Err(error.raised_by("dimensions"));
    }
    let number = |first| {
        usize::try_from(first)
            .map_err(|_| FieldError::input(format!("`first` cannot be {first}"), "give a number from 0 on"))
    };
    args.int("first").map(number).transpose()
}

/// How many of the groups found are shown.
///
/// # Errors
/// When that is more than may be.
pub fn shown_of(found: usize, first: Option<usize>, hint: &str, limits: &Limits) -> Result<usize, FieldError> {
    let (limit, size) = (limits.groups, first.unwrap_or(limits.groups));
    if size > limit || (first.is_none() && found > limit) {
        let found = first.unwrap_or(found);
        return Err(FieldError::limit("groups of one grouping", limit, found, hint).raised_by("groups"));
    }
    Ok(size)
}

/// The word that an argument gives.
pub fn word(input: &Input) -> Option<&str> {
    match input {
        Input::Enum(word) => Some(word.as_str()),
        Input::String(word) => Some(word),
        _ => None,
    }
}

/// What groups are ordered by: the place of the word in its vocabulary, and whether down.
pub fn order(args: &Args, words: &Vocabulary) -> Vec<(usize, bool)> {
    let Some(Input::List(items)) = args.get("orderBy") else { return Vec::new() };
    let by = items.iter().filter_map(|item| {
        let Input::Object(fields) = item else { return None };
        let field = fields.get("field").and_then(word)?;
        let at = words.words.iter().position(|(known, _)| *known == field)?;
        Some((at, fields.get("direction").and_then(word) == Some(OrderDirection::Descending.word())))
    });
    by.collect()
}

/// Puts groups in an order; those that agree keep their places.
pub fn sort(shown: &mut [usize], groups: &(impl Grouping + ?Sized), order: &[(usize, bool)]) {
    /// The unit first, so that amounts of different units are never compared.
    type Key = Option<(u32, Option<String>, Decimal)>;
    let key = |at: usize, word: usize| -> Key {
        let Some(told) = word.checked_sub(1) else { return Some((0, None, groups.count(at).into())) };
        let (number, told) = (told / TOLD.len(), told % TOLD.len());
        let totals = groups.totals(number, at);
        let told = [AggregateField::Sum, AggregateField::Avg, AggregateField::Min, AggregateField::Max][told];
        totals.iter().find_map(|total| match told.of(total) {
            Ok(View::Decimal(value)) => Some((total.unit_order, total.code.clone(), value)),
            _ => None,
        })
    };
    let compare = |a: &Key, b: &Key, down: bool| match (a, b) {
        (Some(a), Some(b)) => {
            let values = if down { b.2.cmp(&a.2) } else { a.2.cmp(&b.2) };
            (a.0, &a.1).cmp(&(b.0, &b.1)).then(values)
        }
        // What has no value comes last.
        _ => b.is_some().cmp(&a.is_some()),
    };
    if order.is_empty() {
        return;
    }
    let keyed = |at: &usize| (order.iter().map(|(word, _)| key(*at, *word)).collect::<Vec<Key>>(), *at);
    let mut keys: Vec<(Vec<Key>, usize)> = shown.iter().map(keyed).collect();
    keys.sort_by(|(a, _), (b, _)| {
        let mut by = a.iter().zip(b).zip(order).map(|((a, b), (_, down))| compare(a, b, *down));
        by.find(|order| *order != Ordering::Equal).unwrap_or(Ordering::Equal)
    });
    shown.iter_mut().zip(keys).for_each(|(shown, (_, at))| *shown = at);
}

/// What a number comes to, as objects.
pub fn totals(register: &Register, totals: Vec<Total>) -> Value<'_> {
    let object = |total| Value::Object(ObjectRef { register, of: ObjectKind::Total(Box::new(total)) });
    Value::List(totals.into_iter().map(object).collect())
}

/// The type of a plain value in the graph.
pub fn leaf_type(leaf: Leaf) -> &'static str {
    match leaf {
        Leaf::Text | Leaf::Key => "String",
        Leaf::Int => "Int",
        Leaf::Boolean => "Boolean",
        Leaf::Decimal => "Decimal",
        Leaf::Date => "Date",
        Leaf::Period => "Period",
        Leaf::Enum(vocabulary) => vocabulary.name,
    }
}

fn too_long() -> FieldError {
    FieldError::new(
        ErrorCode::LimitExceeded,
        "the sum has more digits than the 28 that a decimal holds exactly",
        "group by more, or leave the longest values out",
    )
}

/// The object that tells what a number comes to.
pub fn aggregate_object() -> ObjectDef {
    let fields = AGGREGATE.iter().map(|(told, name, leaf, doc)| {
        let ty = match told {
            AggregateField::Unit | AggregateField::Valued | AggregateField::Missing => Ty::required(leaf_type(*leaf)),
            _ => Ty::named(leaf_type(*leaf)),
        };
        let resolve = function(|_, object, _| match &object.of {
            ObjectKind::Total(total) => {
                told.of(total).map(|view| from_view(object.register, view)).map_err(|TooLong| too_long())
            }
            _ => Ok(Value::Null),
        });
        FieldDef::new(*name, ty, *doc, resolve).reading(TableSet::NONE)
    });
    ObjectDef {
        name: "Aggregate".into(),
        doc: "What the values of one unit, and of one kind of period, come to. Missing values are counted, never taken for zero.".into(),
        is_node: false,
        fields: fields.collect(),
    }
}

/// The inputs of the groupings of a type: conditions on groups and their order.
pub fn define(
    name: &str,
    order: &'static str,
    numbers: impl Iterator<Item = &'static str>,
    inputs: &mut Inputs,
    found: &mut TypeCollector,
) {
    put(
        inputs,
        "AggregateHaving".into(),
        "Conditions on what the values of one unit come to: one entry must fulfil all that are given.".into(),
        Vec::new,
    );
    let fields = AGGREGATE.iter().map(|(_, field, leaf, doc)| (*field, *leaf, *doc));
    let fields: Vec<ArgDef> = fields
        .map(|(field, leaf, doc)| ArgDef::new(field, Ty::named(filter::leaf_filter(leaf, inputs, found)), doc))
        .collect();
    inputs.get_mut("AggregateHaving").expect("it was put there").fields = fields;
    put(
        inputs,
        format!("{name}Having"),
        format!("Conditions on groups of {name}: all that are given must hold."),
        || {
            let count = ArgDef::new("count", Ty::named("IntFilter"), "How many entries the group has.");
            let numbers =
                numbers.map(|it| ArgDef::new(it, Ty::named("AggregateHaving"), format!("What `{it}` comes to.")));
            std::iter::once(count).chain(numbers).collect()
        },
    );
    put(inputs, format!("{name}GroupOrder"), format!("What groups of {name} are ordered by."), || {
        vec![ArgDef::new("field", Ty::required(order), "What to order by."), filter::direction()]
    });
}
