//! Values as a document writes them: whether they have the form of their type, and what they are once variables have values.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::indexmap::IndexMap;
use async_graphql::{Name, Number, Value as Input};

use super::ast::{Value, ValueKind};
use super::lexer::shown;
use crate::graphql::core::definition::{Graph, Ty};
use crate::graphql::core::error::FieldError;

/// The variables of a request, by name, coerced. Shared: an import's rows are large.
pub type Variables = HashMap<Arc<str>, Arc<Input>>;

/// A value as it is written, kept after its document.
#[derive(Clone, Debug)]
pub enum Literal {
    /// `$name`
    Variable(Arc<str>),
    /// A number without fraction and exponent: it may be longer than numbers are.
    Int(String),
    /// Any other value without parts.
    Plain(Input),
    /// `[…]`
    List(Vec<Literal>),
    /// `{…}`
    Object(Vec<(Name, Literal)>),
}

impl Literal {
    /// A value of a document.
    pub fn of(value: &Value<'_>) -> Self {
        match &value.kind {
            ValueKind::Variable(name) => Self::Variable((*name).into()),
            ValueKind::Int(text) => Self::Int((*text).to_owned()),
            ValueKind::Float(text) => Self::Plain(float(text)),
            ValueKind::Text(text, _) => Self::Plain(Input::String(text.clone().into_owned())),
            ValueKind::Boolean(value) => Self::Plain(Input::Boolean(*value)),
            ValueKind::Null => Self::Plain(Input::Null),
            ValueKind::Enum(word) => Self::Plain(Input::Enum(Name::new(word))),
            ValueKind::List(items) => Self::List(items.iter().map(Self::of).collect()),
            ValueKind::Object(fields) => {
                Self::Object(fields.iter().map(|field| (Name::new(field.name.text), Self::of(&field.value))).collect())
            }
        }
    }

    /// Whether it uses no variable.
    pub fn is_constant(&self) -> bool {
        match self {
            Self::Variable(_) => false,
            Self::Int(_) | Self::Plain(_) => true,
            Self::List(items) => items.iter().all(Self::is_constant),
            Self::Object(fields) => fields.iter().all(|(_, value)| value.is_constant()),
        }
    }

    /// Whether it is a variable that has no value.
    pub fn is_absent(&self, variables: &Variables) -> bool {
        matches!(self, Self::Variable(name) if !variables.contains_key(name))
    }

    /// As it stands, without regard to its type.
    fn plain(&self, variables: &Variables) -> Input {
        match self {
            Self::Variable(name) => variables.get(name).map_or(Input::Null, |value| Input::clone(value)),
            Self::Int(text) => int(text),
            Self::Plain(value) => value.clone(),
            Self::List(items) => Input::List(items.iter().map(|item| item.plain(variables)).collect()),
            Self::Object(fields) => {
                let given = fields.iter().filter(|(_, value)| !value.is_absent(variables));
                Input::Object(given.map(|(name, value)| (name.clone(), value.plain(variables))).collect())
            }
        }
    }
}

/// A whole number; one that is longer than numbers are stays a text.
fn int(text: &str) -> Input {
    match (text.parse::<i64>(), text.parse::<u64>()) {
        (Ok(number), _) => Input::Number(number.into()),
        (_, Ok(number)) => Input::Number(number.into()),
        _ => Input::String(text.to_owned()),
    }
}

fn float(text: &str) -> Input {
    let number = text.parse::<f64>().ok().and_then(Number::from_f64);
    number.map_or_else(|| Input::String(text.to_owned()), Input::Number)
}

/// A value in words, for messages.
pub fn in_words(value: &Value<'_>) -> String {
    match &value.kind {
        ValueKind::Variable(name) => format!("`${}`", shown(name)),
        ValueKind::Int(text) | ValueKind::Float(text) | ValueKind::Enum(text) => format!("`{}`", shown(text)),
        ValueKind::Text(text, _) => format!("`\"{}\"`", shown(text)),
        ValueKind::Boolean(value) => format!("`{value}`"),
        ValueKind::Null => "`null`".into(),
        ValueKind::List(_) => "a list".into(),
        ValueKind::Object(_) => "an object".into(),
    }
}

/// Whether a written value has the form of a scalar.
///
/// # Errors
/// With the reason why not.
pub fn check_literal(graph: &Graph, scalar: &str, value: &Value<'_>) -> Result<(), Cow<'static, str>> {
    match (scalar, &value.kind) {
        ("Int", ValueKind::Int(text)) if text.parse::<i32>().is_ok() => Ok(()),
        ("Int", _) => Err("it is no whole number of 32 bits".into()),
        ("Float", ValueKind::Int(_) | ValueKind::Float(_)) => Ok(()),
        ("String", ValueKind::Text(..)) | ("Boolean", ValueKind::Boolean(_)) => Ok(()),
        ("ID", ValueKind::Text(..) | ValueKind::Int(_)) => Ok(()),
        _ => match graph.scalars.get(scalar) {
            Some(known) => (known.check)(&Literal::of(value).plain(&Variables::new())).map_err(Cow::from),
            None => Err(format!("it is no {scalar}").into()),
        },
    }
}

/// A value with its variables filled in, as one of its type. The document is valid, so only variables can be wrong.
///
/// # Errors
/// When a variable is null, or has no value, where one is required.
pub fn fill(graph: &Graph, ty: &Ty, literal: &Literal, variables: &Variables, at: &str) -> Result<Input, FieldError> {
    let required = || FieldError::input(format!("`{at}` has no value"), "give it a value");
    if let Literal::Variable(name) = literal {
        let value = variables.get(name).map_or(Input::Null, |value| Input::clone(value));
        return if value == Input::Null && ty.is_required() { Err(required()) } else { Ok(value) };
    }
    if matches!(literal, Literal::Plain(Input::Null)) {
        return Ok(Input::Null);
    }
    match (ty.nullable(), literal) {
        (Ty::List(inner), Literal::List(items)) => {
            let items = items.iter().enumerate();
            let items = items.map(|(place, item)| fill(graph, inner, item, variables, &format!("{at}.{place}")));
            Ok(Input::List(items.collect::<Result<_, _>>()?))
        }
        // The specification takes one value for a list of it.
        (Ty::List(inner), one) => Ok(Input::List(vec![fill(graph, inner, one, variables, at)?])),
        (Ty::Named(name), Literal::Object(fields)) => match graph.inputs.get(&**name) {
            Some(input) if !input.raw => {
                let mut filled = IndexMap::with_capacity(fields.len());
                for known in &input.fields {
                    let given = fields.iter().find(|(name, _)| *name == known.name);
                    match given.filter(|(_, value)| !value.is_absent(variables)) {
                        Some((name, value)) => {
                            let at = format!("{at}.{name}");
                            filled.insert(name.clone(), fill(graph, &known.ty, value, variables, &at)?);
                        }
                        None => match &known.default {
                            Some(default) => {
                                filled.insert(Name::new(known.name), default.clone());
                            }
                            None if known.ty.is_required() => return Err(required()),
                            None => {}
                        },
                    }
                }
                if input.one_of && (filled.len() != 1 || filled.values().any(|value| *value == Input::Null)) {
                    let message = format!("`{at}` must have exactly one field that is not null");
                    return Err(FieldError::input(message, "give one and leave the others out"));
                }
                Ok(Input::Object(filled))
            }
            _ => Ok(literal.plain(variables)),
        },
        (Ty::Named(name), Literal::Int(text)) if name == "ID" => Ok(Input::String(text.clone())),
        _ => Ok(literal.plain(variables)),
    }
}

/// A value that uses no variable, as one of its type.
pub fn constant(graph: &Graph, ty: &Ty, literal: &Literal) -> Input {
    fill(graph, ty, literal, &Variables::new(), "").expect("a valid value without variables")
}
