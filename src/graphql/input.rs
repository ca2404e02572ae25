//! Coercion of input: variables and arguments become values of their declared types, or an error that names them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use async_graphql::Value as Input;
use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{BaseType, Type, VariableDefinition};
use async_graphql::{Name, Positioned, parser::types::OperationDefinition};
use async_graphql_value::Value as Literal;

use crate::graphql::definition::{Graph, Ty};
use crate::graphql::error::FieldError;
use crate::model::Tree;

/// The variables of a request, by name, coerced. Shared: an import's rows are large.
pub type Variables = BTreeMap<String, Arc<Input>>;

/// Coerces the variables that an operation declares.
///
/// # Errors
/// When one is missing, or has a value that its type does not have.
pub fn variables(
    graph: &Graph,
    operation: &OperationDefinition,
    mut given: IndexMap<Name, Input>,
) -> Result<Variables, FieldError> {
    let mut coerced = Variables::new();
    for Positioned { node: VariableDefinition { name, var_type, default_value, .. }, .. } in
        &operation.variable_definitions
    {
        let name = name.node.as_str();
        let ty = from_document(&var_type.node);
        let value = match (given.swap_remove(name), default_value) {
            (Some(value), _) => value,
            (None, Some(default)) => default.node.clone(),
            (None, None) if matches!(ty, Ty::NonNull(_)) => {
                return Err(FieldError::input(
                    format!("the variable `${name}` of type `{}` has no value", var_type.node),
                    "send it in `variables`",
                ));
            }
            (None, None) => continue,
        };
        let value = coerce(graph, &ty, value, &mut vec![format!("${name}")])?;
        coerced.insert(name.to_owned(), Arc::new(value));
    }
    Ok(coerced)
}

fn from_document(ty: &Type) -> Ty {
    let base = match &ty.base {
        BaseType::Named(name) => Ty::named(name.to_string()),
        BaseType::List(inner) => Ty::List(Box::new(from_document(inner))),
    };
    if ty.nullable { base } else { base.non_null() }
}

/// Puts the variables into a literal; `None` when it is a variable that has no value.
pub fn fill(literal: &Literal, variables: &Variables) -> Option<Input> {
    Some(match literal {
        Literal::Variable(name) => return variables.get(name.as_str()).map(|value| Input::clone(value)),
        Literal::List(items) => {
            Input::List(items.iter().map(|item| fill(item, variables).unwrap_or(Input::Null)).collect())
        }
        Literal::Object(fields) => {
            let filled = fields.iter().filter_map(|(name, value)| Some((name.clone(), fill(value, variables)?)));
            Input::Object(filled.collect())
        }
        other => other.clone().into_const().expect("only a variable is not constant"),
    })
}

/// A value on its way in as the import reads it.
pub fn tree(value: &Input) -> Tree<'_> {
    match value {
        Input::Null | Input::Binary(_) => Tree::Null,
        Input::Boolean(value) => Tree::Bool(*value),
        Input::Number(number) => Tree::Number(Cow::Owned(number.to_string())),
        Input::String(text) => Tree::Text(Cow::Borrowed(text)),
        Input::Enum(word) => Tree::Text(Cow::Borrowed(word)),
        Input::List(items) => Tree::List(items.iter().map(tree).collect()),
        Input::Object(fields) => {
            Tree::Map(fields.iter().map(|(name, value)| (Cow::Borrowed(name.as_str()), tree(value))).collect())
        }
    }
}

/// Makes a value one of that type.
///
/// # Errors
/// When it is none; the message names the place and the value.
pub fn coerce(graph: &Graph, ty: &Ty, value: Input, path: &mut Vec<String>) -> Result<Input, FieldError> {
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
        (Ty::Named(name), value) => coerce_named(graph, name, value, path),
    }
}

fn coerce_named(graph: &Graph, name: &str, value: Input, path: &mut Vec<String>) -> Result<Input, FieldError> {
    if let Some(input) = graph.inputs.get(name) {
        if input.raw {
            return Ok(value);
        }
        return coerce_object(graph, name, input, value, path);
    }
    if let Some(vocabulary) = graph.enums.get(name) {
        let word = match &value {
            Input::Enum(word) => Some(word.as_str()),
            Input::String(word) => Some(word.as_str()),
            _ => None,
        };
        return match word.filter(|word| vocabulary.words.iter().any(|(known, _)| known == word)) {
            Some(word) => Ok(Input::Enum(Name::new(word))),
            None => {
                let known: Vec<&str> = vocabulary.words.iter().map(|(word, _)| *word).collect();
                Err(wrong(
                    path,
                    &value.to_string(),
                    &format!("it is no {name}"),
                    &format!("use one of {}", known.join(", ")),
                ))
            }
        };
    }
    let checked = match (name, &value) {
        ("Int", Input::Number(number)) if number.as_i64().is_some_and(|number| i32::try_from(number).is_ok()) => Ok(()),
        ("Int", _) => Err("it is no whole number of 32 bits".to_owned()),
        ("Boolean", Input::Boolean(_)) | ("String", Input::String(_)) | ("Float", Input::Number(_)) => Ok(()),
        ("ID", Input::String(_)) => Ok(()),
        ("ID", Input::Number(number)) if number.as_i64().is_some() => return Ok(Input::String(number.to_string())),
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
    input: &crate::graphql::definition::InputDef,
    value: Input,
    path: &mut Vec<String>,
) -> Result<Input, FieldError> {
    let Input::Object(mut given) = value else {
        return Err(wrong(path, &value.to_string(), &format!("it is no {name}"), "give an object"));
    };
    if input.one_of && (given.len() != 1 || given.values().any(|value| *value == Input::Null)) {
        return Err(wrong(
            path,
            &format!("{} fields", given.len()),
            "exactly one field must be given",
            "leave the others out",
        ));
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
            (None, None) if matches!(field.ty, Ty::NonNull(_)) => {
                return Err(wrong(path, "nothing", "it is required", "give it a value"));
            }
            (None, None) => {}
        }
        path.pop();
    }
    match given.keys().next() {
        Some(unknown) => Err(wrong(path, unknown, &format!("{name} has no such field"), "leave it out")),
        None => Ok(Input::Object(coerced)),
    }
}

fn wrong(path: &[String], found: &str, reason: &str, hint: &str) -> FieldError {
    let shown: String = found.chars().take(100).collect();
    FieldError::input(format!("`{}` cannot be `{shown}`: {reason}", path.join(".")), hint)
}
