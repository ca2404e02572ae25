//! Records and rows as lines of JSON Lines: what the import takes, in files and through the API alike.

use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::{Map, Number, Value};

use crate::import::field::core;
use crate::model::{CompositeInfo, Kind, Record, Tree, Type, View};

/// A record as `{"measure": {…}}`: decimals, dates and periods as strings, absent fields left out.
pub struct RowJson<'r>(pub &'r Record);

/// The same as a value.
pub fn row_json(record: &Record) -> Value {
    serde_json::to_value(RowJson(record)).unwrap_or_default()
}

fn wrap(kind: Kind, body: Value) -> Value {
    Value::Object(Map::from_iter([(kind.one().to_owned(), body)]))
}

impl Serialize for RowJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut row = serializer.serialize_map(Some(1))?;
        row.serialize_entry(self.0.kind().one(), &FieldsJson { info: self.0.info(), get: &|at| self.0.get(at) })?;
        row.end()
    }
}

/// The fields of a record, or of a value in it.
struct FieldsJson<'v> {
    info: &'static CompositeInfo,
    get: &'v dyn Fn(usize) -> View<'v>,
}

impl Serialize for FieldsJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_map(None)?;
        for (at, field) in self.info.fields.iter().enumerate() {
            match (self.get)(at) {
                View::Null => {}
                View::List(items) if items.is_empty() => {}
                value => fields.serialize_entry(&field.name, &ValueJson(value))?,
            }
        }
        fields.end()
    }
}

/// What stands in a field, or a whole value with its fields.
pub struct ValueJson<'v>(pub View<'v>);

impl Serialize for ValueJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            View::Null => serializer.serialize_unit(),
            View::Bool(value) => serializer.serialize_bool(*value),
            View::Int(value) => serializer.serialize_i64(*value),
            View::Decimal(value) => serializer.collect_str(value),
            View::Text(text) => serializer.serialize_str(text),
            View::Enum(word) => serializer.serialize_str(word),
            View::Date(date) => serializer.collect_str(date),
            View::Period(period) => serializer.serialize_str(&period.code()),
            View::List(items) => {
                serializer.collect_seq(items.iter().filter(|item| !matches!(item, View::Null)).cloned().map(ValueJson))
            }
            View::Composite(value) => {
                FieldsJson { info: value.describe(), get: &|at| value.field(at) }.serialize(serializer)
            }
        }
    }
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
