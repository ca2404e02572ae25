//! Coercion of what is sent as variables: each becomes a value of its declared type, or an error that names it.

use std::sync::Arc;

use async_graphql::indexmap::IndexMap;
use async_graphql::{Name, Number, Value as Input};

use super::operation::Variable;
use super::values::Variables;
use crate::graphql::core::definition::{Graph, InputDef, Ty};
use crate::graphql::core::error::FieldError;
use crate::graphql::core::error::near;
use crate::model::Vocabulary;
use crate::model::text::shortened;

/// Coerces the variables that an operation declares; others are left.
///
/// # Errors
/// When one is missing, or has a value that its type does not have.
pub fn coerced(
    graph: &Graph,
    declared: &[Variable],
    mut given: IndexMap<Name, Input>,
) -> Result<Variables, FieldError> {
    let mut variables = Variables::with_capacity(declared.len());
    for Variable { name, ty, default } in declared {
        let value = match (given.swap_remove(&**name), default) {
            (Some(value), _) => Arc::new(coerce(graph, ty, value, &mut vec![format!("${name}")])?),
            (None, Some(default)) => Arc::clone(default),
            (None, None) if ty.is_required() => {
                let message = format!("the variable `${name}` of type `{ty}` has no value");
                return Err(FieldError::input(message, "send it in `variables`"));
            }
            (None, None) => continue,
        };
        variables.insert(Arc::clone(name), value);
    }
    Ok(variables)
}

fn coerce(graph: &Graph, ty: &Ty, value: Input, path: &mut Vec<String>) -> Result<Input, FieldError> {
    match (ty, value) {
        (Ty::NonNull(_), Input::Null) => Err(wrong(path, "null", "it is required", "give it a value")),
        (Ty::NonNull(inner), value) => coerce(graph, inner, value, path),
        (_, Input::Null) => Ok(Input::Null),
        (Ty::List(inner), Input::List(items)) => {
            let mut coerced = Vec::with_capacity(items.len());
            for (index, item) in items.into_iter().enumerate() {
                path.push(index.to_string());
                coerced.push(coerce(graph, inner, item, path)?);
                path.pop();
            }
            Ok(Input::List(coerced))
        }
        // The specification takes one value for a list of it.
        (Ty::List(inner), value) => Ok(Input::List(vec![coerce(graph, inner, value, path)?])),
        (Ty::Named(name), value) => match graph.inputs.get(name) {
            // The import reads these itself, and shows every problem of every row.
            Some(input) if input.raw => Ok(value),
            Some(input) => coerce_object(graph, name, input, value, path),
            None => match graph.vocabulary(name) {
                Some(vocabulary) => coerce_word(vocabulary, value, path),
                None => coerce_scalar(graph, name, value, path),
            },
        },
    }
}

fn coerce_word(vocabulary: &Vocabulary, value: Input, path: &[String]) -> Result<Input, FieldError> {
    let words = || vocabulary.words.iter().map(|(word, _)| *word);
    let text = match &value {
        Input::String(text) => text,
        _ => "",
    };
    if words().any(|word| word == text) {
        return Ok(Input::Enum(Name::new(text)));
    }
    let hint = format!("{}Use one of {}", near(text, words()), words().collect::<Vec<_>>().join(", "));
    Err(wrong(path, &value.to_string(), &format!("it is no {}", vocabulary.name), &hint))
}

/// A number that is whole, whatever its form: JSON does not tell 1 from 1.0.
fn whole(number: &Number) -> Option<Number> {
    if number.is_i64() || number.is_u64() {
        return Some(number.clone());
    }
    let number = number.as_f64().filter(|number| number.fract() == 0.0)?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Checked: it is whole, and in range.
    if number.abs() < i64::MAX as f64 {
        Some((number as i64).into())
    } else if (0.0..u64::MAX as f64).contains(&number) {
        Some((number as u64).into())
    } else {
        None
    }
}

fn coerce_scalar(graph: &Graph, name: &str, value: Input, path: &[String]) -> Result<Input, FieldError> {
    let value = match value {
        Input::Number(number) if name != "Float" => Input::Number(whole(&number).unwrap_or(number)),
        other => other,
    };
    let checked = match (name, &value) {
        ("Int", Input::Number(number)) if number.as_i64().is_some_and(|number| i32::try_from(number).is_ok()) => Ok(()),
        ("Int", _) => Err("it is no whole number of 32 bits".to_owned()),
        ("Boolean", Input::Boolean(_)) | ("String", Input::String(_)) | ("Float", Input::Number(_)) => Ok(()),
        ("ID", Input::String(_)) => Ok(()),
        ("ID", Input::Number(number)) if number.as_f64().is_some_and(|number| number.fract() == 0.0) => {
            return Ok(Input::String(number.to_string()));
        }
        _ => match graph.scalars.get(name) {
            Some(scalar) => (scalar.check)(&value),
            None => Err(format!("it is no {name}")),
        },
    };
    checked.map_err(|reason| wrong(path, &value.to_string(), &reason, &format!("give a value of type {name}")))?;
    Ok(value)
}

fn coerce_object(
    graph: &Graph,
    name: &str,
    input: &InputDef,
    value: Input,
    path: &mut Vec<String>,
) -> Result<Input, FieldError> {
    let Input::Object(mut given) = value else {
        return Err(wrong(path, &value.to_string(), &format!("it is no {name}"), "give an object"));
    };
    if input.one_of && (given.len() != 1 || given.values().any(|value| *value == Input::Null)) {
        let found = format!("{} fields", given.len());
        return Err(wrong(path, &found, "exactly one field must be given", "leave the others out"));
    }
    let mut coerced = IndexMap::with_capacity(given.len());
    for field in &input.fields {
        path.push(field.name.to_owned());
        match (given.swap_remove(field.name), &field.default) {
            (Some(value), _) => {
                coerced.insert(Name::new(field.name), coerce(graph, &field.ty, value, path)?);
            }
            (None, Some(default)) => {
                coerced.insert(Name::new(field.name), default.clone());
            }
            (None, None) if field.ty.is_required() => {
                return Err(wrong(path, "nothing", "it is required", "give it a value"));
            }
            (None, None) => {}
        }
        path.pop();
    }
    match given.keys().next() {
        Some(unknown) => {
            let known = || input.fields.iter().map(|field| field.name);
            let hint = format!("{}There are {}", near(unknown, known()), known().collect::<Vec<_>>().join(", "));
            Err(wrong(path, unknown, &format!("{name} has no such field"), &hint))
        }
        None => Ok(Input::Object(coerced)),
    }
}

fn wrong(path: &[String], found: &str, reason: &str, hint: &str) -> FieldError {
    let shown = shortened(found, 100);
    FieldError::input(format!("`{}` cannot be `{shown}`: {reason}", path.join(".")), hint)
}
