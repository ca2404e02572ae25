//! Predicates of plain values: what the operators of the API come to.

use rust_decimal::Decimal;

use super::schema::Leaf;
use super::text::fold;
use super::{Budget, QueryError};
use crate::model::value::read_word;
use crate::model::{Date, Period, Problems, Tree, Value, View};
use crate::work;

/// A condition on a plain value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Predicate {
    /// Whether there is none.
    Null(bool),
    /// One of these, which are sorted.
    In(Vec<Scalar>),
    /// None of these, or no value at all.
    NotIn(Vec<Scalar>),
    /// Before it; or up to it.
    Below(Scalar, bool),
    /// After it; or from it on.
    Above(Scalar, bool),
    /// A folded text with this in it.
    Contains(String),
    /// A folded text that begins so.
    StartsWith(String),
    /// A key that begins so, letter by letter.
    KeyStartsWith(String),
    /// A key with this in it, letter by letter.
    KeyContains(String),
    /// A period that lies within one calendar year, of which this holds.
    Year(Box<Predicate>),
}

/// A plain value to compare with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scalar {
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A decimal.
    Decimal(Decimal),
    /// A folded text.
    Folded(String),
    /// A key or word, as it is.
    Exact(String),
    /// A day.
    Date(Date),
    /// A period by its first and last day.
    Days(Date, Date),
}

impl Predicate {
    /// Whether a value matches. An absent value matches `NotIn` and `Null(true)` only.
    pub fn matches(&self, view: &View<'_>) -> bool {
        match (self, view) {
            (Self::Null(wanted), view) => matches!(view, View::Null) == *wanted,
            (Self::NotIn(_), View::Null) => true,
            (_, View::Null) => false,
            (Self::In(values), view) => is_one_of(view, values),
            (Self::NotIn(values), view) => !is_one_of(view, values),
            (Self::Below(bound, including), view) => match (view, bound) {
                (View::Period(period), Scalar::Days(start, end)) => {
                    if *including {
                        period.end() <= *end
                    } else {
                        period.end() < *start
                    }
                }
                _ => scalar(view, bound).is_some_and(|value| if *including { value <= *bound } else { value < *bound }),
            },
            (Self::Above(bound, including), view) => match (view, bound) {
                (View::Period(period), Scalar::Days(start, end)) => {
                    if *including {
                        period.start() >= *start
                    } else {
                        period.start() > *end
                    }
                }
                _ => scalar(view, bound).is_some_and(|value| if *including { value >= *bound } else { value > *bound }),
            },
            (Self::Contains(part), View::Text(text)) => folded(text).contains(part.as_str()),
            (Self::StartsWith(part), View::Text(text)) => folded(text).starts_with(part.as_str()),
            (Self::KeyStartsWith(part), View::Text(text)) => text.starts_with(part.as_str()),
            (Self::KeyContains(part), View::Text(text)) => text.contains(part.as_str()),
            (Self::Year(predicate), View::Period(period)) => {
                let (start, end) = (period.start().year(), period.end().year());
                predicate.matches(&if start == end { View::Int(start.into()) } else { View::Null })
            }
            _ => false,
        }
    }
}

/// The text without case and accents, for a predicate of it.
fn folded(text: &str) -> String {
    work::step(text.len() as u64 / 8);
    fold(text)
}

fn is_one_of(view: &View<'_>, values: &[Scalar]) -> bool {
    let Some(first) = values.first() else { return false };
    scalar(view, first).is_some_and(|value| values.binary_search(&value).is_ok())
}

/// A value in the form of what it is compared with.
fn scalar(view: &View<'_>, like: &Scalar) -> Option<Scalar> {
    Some(match (view, like) {
        (View::Bool(value), Scalar::Bool(_)) => Scalar::Bool(*value),
        (View::Int(value), Scalar::Int(_)) => Scalar::Int(*value),
        (View::Decimal(value), Scalar::Decimal(_)) => Scalar::Decimal(*value),
        (View::Text(text), Scalar::Folded(_)) => Scalar::Folded(folded(text)),
        (View::Text(text), Scalar::Exact(_)) => Scalar::Exact(text.clone().into_owned()),
        (View::Enum(word), Scalar::Exact(_)) => Scalar::Exact((*word).to_owned()),
        (View::Date(date), Scalar::Date(_)) => Scalar::Date(*date),
        (View::Period(period), Scalar::Days(..)) => Scalar::Days(period.start(), period.end()),
        _ => return None,
    })
}

/// An operator of the API: its name, what it takes, what it means.
#[derive(Clone, Copy, Debug)]
pub struct Operator {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub takes: Takes,
    /// What it means.
    pub doc: &'static str,
}

/// What an operator takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// One value.
    One,
    /// A list of values.
    Several,
    /// The ends of a range.
    Range,
    /// Yes or no.
    Flag,
    /// The predicate of a whole number.
    Number,
}

const fn operator(name: &'static str, takes: Takes, doc: &'static str) -> Operator {
    Operator { name, takes, doc }
}

const IS_NULL: Operator =
    operator("isNull", Takes::Flag, "With `true`: there is no value. With `false`: there is one.");
const EQUAL: [Operator; 4] = [
    operator("eq", Takes::One, "It is this value."),
    operator("ne", Takes::One, "It is not this value, or there is none."),
    operator("in", Takes::Several, "It is one of these values; never, when the list is empty."),
    operator("notIn", Takes::Several, "It is none of these values, or there is none."),
];
const COMPARED: [Operator; 5] = [
    operator("lt", Takes::One, "It is less, or earlier."),
    operator("lte", Takes::One, "It is less or equal, or no later."),
    operator("gt", Takes::One, "It is more, or later."),
    operator("gte", Takes::One, "It is more or equal, or no earlier."),
    operator("between", Takes::Range, "It lies in this range, both ends included."),
];
const SEARCHED: [Operator; 2] = [
    operator("contains", Takes::One, "This stands in it."),
    operator("startsWith", Takes::One, "It begins with this."),
];
const YEAR: Operator =
    operator("year", Takes::Number, "The calendar year that it lies in; none, when it lies in several.");

impl Leaf {
    /// The operators that fit it.
    pub fn operators(self) -> Vec<Operator> {
        let mut operators = EQUAL.to_vec();
        match self {
            Self::Text | Self::Key => operators.extend(SEARCHED),
            Self::Int | Self::Decimal | Self::Date => operators.extend(COMPARED),
            Self::Period => {
                operators.extend(COMPARED);
                operators.push(YEAR);
            }
            Self::Boolean => operators.truncate(2),
            Self::Enum(_) => {}
        }
        operators.push(IS_NULL);
        operators
    }
}

/// Reads the operators that are given for a value: all of them must hold.
pub fn read(
    tree: &Tree<'_>,
    leaf: Leaf,
    path: &mut Vec<String>,
    budget: &mut Budget,
) -> Result<Vec<Predicate>, QueryError> {
    let Tree::Map(given) = tree else {
        return Err(QueryError::bad(path, "no operators stand here", "give an object such as `{eq: …}`"));
    };
    let mut predicates = Vec::with_capacity(given.len());
    for (name, value) in given {
        path.push(name.to_string());
        let operators = leaf.operators();
        let Some(operator) = operators.iter().find(|operator| operator.name == name) else {
            let names: Vec<&str> = operators.iter().map(|operator| operator.name).collect();
            return Err(QueryError::bad(
                path,
                format!("there is no operator `{name}`"),
                format!("use {}", names.join(", ")),
            ));
        };
        if matches!(value, Tree::Null) {
            return Err(QueryError::bad(path, "null is no value to compare with", "leave it out, or use `isNull`"));
        }
        operator_predicates(operator, value, leaf, path, budget, &mut predicates)?;
        path.pop();
    }
    Ok(predicates)
}

fn operator_predicates(
    operator: &Operator,
    value: &Tree<'_>,
    leaf: Leaf,
    path: &mut Vec<String>,
    budget: &mut Budget,
    predicates: &mut Vec<Predicate>,
) -> Result<(), QueryError> {
    let one = |path: &mut Vec<String>, budget: &mut Budget| {
        budget.values(1)?;
        read_scalar(value, leaf, path)
    };
    let text = |scalar| match scalar {
        Scalar::Folded(text) | Scalar::Exact(text) => text,
        _ => unreachable!("only texts and keys are searched"),
    };
    let is_key = matches!(leaf, Leaf::Key);
    predicates.push(match operator.name {
        "eq" => Predicate::In(vec![one(path, budget)?]),
        "ne" => Predicate::NotIn(vec![one(path, budget)?]),
        "in" => Predicate::In(read_list(value, leaf, path, budget)?),
        "notIn" => Predicate::NotIn(read_list(value, leaf, path, budget)?),
        "lt" => Predicate::Below(one(path, budget)?, false),
        "lte" => Predicate::Below(one(path, budget)?, true),
        "gt" => Predicate::Above(one(path, budget)?, false),
        "gte" => Predicate::Above(one(path, budget)?, true),
        "between" => {
            for (end, name) in ["from", "to"].into_iter().enumerate() {
                path.push(name.to_owned());
                let Some(given) = value.field(name) else {
                    return Err(QueryError::bad(path, "a range has two ends", "give `from` and `to`"));
                };
                budget.values(1)?;
                let bound = read_scalar(given, leaf, path)?;
                predicates.push(if end == 0 { Predicate::Above(bound, true) } else { Predicate::Below(bound, true) });
                path.pop();
            }
            return Ok(());
        }
        "contains" if is_key => Predicate::KeyContains(text(one(path, budget)?)),
        "contains" => Predicate::Contains(text(one(path, budget)?)),
        "startsWith" if is_key => Predicate::KeyStartsWith(text(one(path, budget)?)),
        "startsWith" => Predicate::StartsWith(text(one(path, budget)?)),
        "year" => {
            let inner = read(value, Leaf::Int, path, budget)?;
            predicates.extend(inner.into_iter().map(|predicate| Predicate::Year(Box::new(predicate))));
            return Ok(());
        }
        _ => Predicate::Null(matches!(value, Tree::Bool(true))),
    });
    Ok(())
}

fn read_list(
    tree: &Tree<'_>,
    leaf: Leaf,
    path: &mut Vec<String>,
    budget: &mut Budget,
) -> Result<Vec<Scalar>, QueryError> {
    let Tree::List(items) = tree else { return Err(QueryError::bad(path, "no list stands here", "give a list")) };
    budget.values(items.len())?;
    let mut values = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        path.push(index.to_string());
        values.push(read_scalar(item, leaf, path)?);
        path.pop();
    }
    values.sort();
    values.dedup();
    Ok(values)
}

fn read_scalar(tree: &Tree<'_>, leaf: Leaf, path: &[String]) -> Result<Scalar, QueryError> {
    let mut problems = Problems::default();
    let problems_ref = &mut problems;
    let read = match leaf {
        Leaf::Text => String::read(tree, problems_ref).map(|text| Scalar::Folded(fold(&text))),
        Leaf::Key => String::read(tree, problems_ref).map(Scalar::Exact),
        Leaf::Int => i32::read(tree, problems_ref).map(|value| Scalar::Int(value.into())),
        Leaf::Boolean => bool::read(tree, problems_ref).map(Scalar::Bool),
        Leaf::Decimal => Decimal::read(tree, problems_ref).map(Scalar::Decimal),
        Leaf::Date => Date::read(tree, problems_ref).map(Scalar::Date),
        Leaf::Period => Period::read(tree, problems_ref).map(|it| Scalar::Days(it.start(), it.end())),
        Leaf::Enum(vocabulary) => read_word(tree, vocabulary, problems_ref).map(|word| Scalar::Exact(word.to_owned())),
    };
    read.ok_or_else(|| match problems.into_vec().into_iter().next() {
        Some(problem) => QueryError::bad(path, problem.message, problem.hint),
        None => QueryError::bad(path, "the value does not fit", "correct it"),
    })
}
