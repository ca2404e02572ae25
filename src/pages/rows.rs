//! A list of an answer as rows: a column for each plain value, named by what leads to it.

use std::borrow::Cow;

use serde_json::Value;

use crate::export::cell::Cell;
use crate::export::csv::{Csv, Dialect};
use crate::model::value::parse_decimal;
use crate::pages::path;

/// The rows as CSV: for programs, or for Excel with Belgian settings.
pub fn csv(list: &[Value], excel: bool) -> Vec<u8> {
    let mut names: Vec<String> = Vec::new();
    let mut rows: Vec<Vec<(usize, &Value)>> = Vec::new();
    for entry in list {
        let mut row = Vec::new();
        flatten(entry, "", &mut |name, value| {
            let column = names.iter().position(|it| it == name).unwrap_or_else(|| {
                names.push(name.to_owned());
                names.len() - 1
            });
            row.push((column, value));
        });
        rows.push(row);
    }
    let mut out = Vec::new();
    let dialect = if excel { Dialect::ExcelBe } else { Dialect::Standard };
    // Numbers of the API always have a point, or none: so there is no doubt about what is a decimal mark.
    let mut csv = Csv::new(dialect, true);
    csv.header(names.iter().map(String::as_str), &mut out);
    for row in rows {
        let mut cells = vec![Cell::Empty; names.len()];
        for (column, value) in row {
            cells[column] = cell(&names[column], value);
        }
        csv.row(&cells, &mut out);
    }
    out
}

fn cell<'v>(name: &str, value: &'v Value) -> Cell<'v> {
    match value {
        Value::String(text) => {
            // Only what is a number by its meaning: a code of digits stays text.
            let is_number = ["value", "relative", "absolute", "printed", "ratio", "points", "distance", "difference"]
                .iter()
                .any(|it| name.rsplit('.').next() == Some(it));
            match parse_decimal(text).filter(|_| is_number) {
                Some(decimal) => Cell::Decimal(decimal, None),
                None => Cell::Text(Cow::Borrowed(text)),
            }
        }
        Value::Number(number) => number.as_i64().map_or(Cell::Empty, Cell::Int),
        Value::Bool(flag) => Cell::Bool(*flag),
        _ => Cell::Empty,
    }
}

/// Calls with the name and value of each plain value. Entries of lists are told apart by their periods, keys or places.
fn flatten<'v>(value: &'v Value, name: &str, each: &mut dyn FnMut(&str, &'v Value)) {
    let below = |part: &str| if name.is_empty() { part.to_owned() } else { format!("{name}.{part}") };
    match value {
        Value::Object(fields) => fields.iter().for_each(|(field, inner)| flatten(inner, &below(field), each)),
        Value::Array(entries) => {
            for (place, entry) in entries.iter().enumerate() {
                let period = entry.get("period").and_then(|it| it.get("code")).and_then(Value::as_str);
                let known = period.or_else(|| path::key_of(entry)).map_or_else(|| place.to_string(), str::to_owned);
                flatten(entry, &below(&known), each);
            }
        }
        plain => each(if name.is_empty() { "value" } else { name }, plain),
    }
}
