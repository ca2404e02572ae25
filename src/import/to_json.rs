//! Records and rows as lines of JSON Lines: what the import takes, in files and through the API alike.

use serde_json::{Map, Number, Value};

use crate::import::field::core;
use crate::model::value::AnyComposite;
use crate::model::{CompositeInfo, Kind, Record, Tree, Type, View};

/// A record as `{"measure": {…}}`: decimals, dates and periods as strings, absent fields left out.
pub fn row_json(record: &Record) -> Value {
    let fields = (0..record.info().fields.len()).map(|index| record.get(index));
    wrap(record.kind(), object(record.info(), fields))
}

fn wrap(kind: Kind, body: Value) -> Value {
    Value::Object(Map::from_iter([(kind.one().to_owned(), body)]))
}

fn object<'v>(info: &CompositeInfo, values: impl Iterator<Item = View<'v>>) -> Value {
    let named =
        info.fields.iter().zip(values).filter_map(|(field, value)| Some((field.name.clone(), value_json(&value)?)));
    Value::Object(named.collect())
}

fn value_json(view: &View<'_>) -> Option<Value> {
    Some(match view {
        View::Bool(value) => Value::Bool(*value),
        View::Int(value) => Value::from(*value),
        View::List(items) if items.is_empty() => return None,
        View::List(items) => Value::Array(items.iter().filter_map(value_json).collect()),
        View::Composite(value) => composite(*value),
        other => Value::String(other.text()?),
    })
}

fn composite(value: &dyn AnyComposite) -> Value {
    let info = value.describe();
    object(info, (0..info.fields.len()).map(|index| value.field(index)))
}

/// A row that is no record yet, as it came: cells become what their field takes where they can be read as that, and stay texts
/// where not.
pub fn tree_json(kind: Kind, tree: &Tree<'_>) -> Value {
    wrap(kind, fields_json(Some(kind.info()), tree))
}

fn fields_json(info: Option<&'static CompositeInfo>, tree: &Tree<'_>) -> Value {
    let Tree::Map(fields) = tree else { return any_json(None, tree) };
    let ty = |name: &str| info.and_then(|info| Some(core(&info.fields[info.position(name)?].ty)));
    let mut object = Map::new();
    for (name, value) in fields {
        object.insert(name.clone().into_owned(), any_json(ty(name), value));
    }
    Value::Object(object)
}

fn any_json(ty: Option<&'static Type>, tree: &Tree<'_>) -> Value {
    match tree {
        Tree::Null => Value::Null,
        Tree::Bool(value) => Value::Bool(*value),
        Tree::Number(text) => number_json(text),
        Tree::Text(text) => Value::String(text.to_string()),
        Tree::Cell(text) => cell_json(ty, text),
        Tree::Decimal(value) => Value::String(value.to_string()),
        Tree::List(items) | Tree::Positional(items) => {
            let inner = match ty {
                Some(Type::List(inner)) => Some(core(inner)),
                _ => None,
            };
            Value::Array(items.iter().map(|item| any_json(inner, item)).collect())
        }
        Tree::Map(_) => match ty {
            Some(Type::Composite(info)) => fields_json(Some(info()), tree),
            _ => fields_json(None, tree),
        },
    }
}

/// A number as written; as a text when JSON's numbers would change it.
fn number_json(text: &str) -> Value {
    let whole = text.parse::<i64>().map(Number::from).ok();
    let number = whole.or_else(|| Number::from_f64(text.parse().ok()?)).filter(|number| number.to_string() == text);
    number.map_or_else(|| Value::String(text.to_owned()), Value::Number)
}

fn cell_json(ty: Option<&'static Type>, text: &str) -> Value {
    let trimmed = text.trim();
    match ty {
        Some(Type::Int) => match trimmed.parse::<i32>() {
            Ok(number) => Value::from(number),
            Err(_) => Value::String(text.to_owned()),
        },
        Some(Type::Boolean) if trimmed == "true" || trimmed == "false" => Value::Bool(trimmed == "true"),
        Some(Type::List(inner)) => {
            Value::Array(text.split('|').map(|item| cell_json(Some(core(inner)), item.trim())).collect())
        }
        _ => Value::String(text.to_owned()),
    }
}

#[cfg(test)]
mod tests;
