//! Tables: which columns the records of a kind have, and what stands in their cells, whatever the file.

use std::borrow::Cow;

use rust_decimal::Decimal;

use crate::import::field::core;
use crate::model::value::AnyComposite;
use crate::model::{CompositeInfo, Date, Kind, Record, Type, View};

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell<'r> {
    /// Nothing: the field is absent.
    Empty,
    /// Text, keys, words, periods, lists.
    Text(Cow<'r, str>),
    /// A decimal, and the word of its unit where it stands in a figure.
    Decimal(Decimal, Option<&'r str>),
    /// A whole number.
    Int(i64),
    /// A truth value.
    Bool(bool),
    /// A calendar day.
    Date(Date),
}

/// A column of the table of a kind.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name: the path of the field.
    pub path: String,
    /// What its cells hold, where they hold something.
    pub ty: &'static Type,
    /// What it means.
    pub doc: &'static str,
    /// Whether every record has it.
    pub required: bool,
    /// Whether it says where something was printed.
    pub source: bool,
}

/// The columns of a kind: its key, then the fields in the order of the model. Without `sources`, those of citations are left out.
pub fn columns(kind: Kind, sources: bool) -> Vec<Column> {
    let mut columns = Vec::new();
    if kind.info().position("key").is_none() {
        let doc = "Natural key, made of other columns.";
        columns.push(Column { path: "key".to_owned(), ty: &Type::Key, doc, required: true, source: false });
    }
    columns.extend(columns_of(kind.info(), sources));
    columns
}

/// The columns of values of a type: their fields.
pub fn columns_of(info: &'static CompositeInfo, sources: bool) -> Vec<Column> {
    let mut columns = Vec::new();
    add_columns(info, "", (true, false), &mut columns);
    columns.retain(|column| sources || !column.source);
    columns
}

/// Adds the columns of fields; what holds them is `required`, and a `source`.
fn add_columns(
    info: &'static CompositeInfo,
    prefix: &str,
    (required, source): (bool, bool),
    columns: &mut Vec<Column>,
) {
    for field in &info.fields {
        let path = format!("{prefix}{}", field.name);
        let required = required && field.is_required();
        match core(&field.ty) {
            Type::Composite(inner) => {
                let source = source || is_source(inner());
                add_columns(inner(), &format!("{path}."), (required, source), columns);
            }
            ty => columns.push(Column { path, ty, doc: field.doc, required, source }),
        }
    }
}

/// Whether these fields say where something was printed.
fn is_source(info: &CompositeInfo) -> bool {
    info.name == "Citation"
}

/// Whether the records of a kind say where they were printed.
pub fn has_sources(kind: Kind) -> bool {
    columns(kind, true).iter().any(|column| column.source)
}

/// The cells of a record, one for each of its [`columns`].
pub fn cells(record: &Record, sources: bool) -> Vec<Cell<'_>> {
    let mut cells = Vec::new();
    let info = record.info();
    if info.position("key").is_none() {
        cells.push(Cell::Text(Cow::Owned(record.key().to_string())));
    }
    for (index, field) in info.fields.iter().enumerate() {
        add_cells(&field.ty, record.get(index), None, sources, &mut cells);
    }
    cells
}

/// The cells of a value, one for each of its [`columns_of`].
pub fn cells_of(value: &dyn AnyComposite, sources: bool) -> Vec<Cell<'_>> {
    let mut cells = Vec::new();
    for (index, field) in value.describe().fields.iter().enumerate() {
        add_cells(&field.ty, value.field(index), None, sources, &mut cells);
    }
    cells
}

fn add_cells<'r>(ty: &Type, view: View<'r>, unit: Option<&'r str>, sources: bool, cells: &mut Vec<Cell<'r>>) {
    match (core(ty), view) {
        (Type::Composite(info), _) if is_source(info()) && !sources => {}
        (_, View::Composite(value)) => {
            let info = value.describe();
            let unit = info.position("unit").and_then(|index| match value.field(index) {
                View::Enum(word) => Some(word),
                _ => None,
            });
            for (index, field) in info.fields.iter().enumerate() {
                add_cells(&field.ty, value.field(index), unit, sources, cells);
            }
        }
        (Type::Composite(info), _) => {
            for field in &info().fields {
                add_cells(&field.ty, View::Null, None, sources, cells);
            }
        }
        (_, view) => cells.push(leaf(view, unit)),
    }
}

fn leaf<'r>(view: View<'r>, unit: Option<&'r str>) -> Cell<'r> {
    match view {
        View::Null | View::Composite(_) => Cell::Empty,
        View::Bool(value) => Cell::Bool(value),
        View::Int(value) => Cell::Int(value),
        View::Decimal(value) => Cell::Decimal(value, unit),
        View::Text(text) => Cell::Text(text),
        View::Enum(word) => Cell::Text(Cow::Borrowed(word)),
        View::Date(date) => Cell::Date(date),
        View::Period(period) => Cell::Text(Cow::Owned(period.to_string())),
        View::List(items) => list(items.iter().filter_map(View::text).collect()),
    }
}

/// The cell of a list: its entries between bars, or as JSON where an entry could then not be told from two, or from nothing.
pub fn list<'r>(items: Vec<String>) -> Cell<'r> {
    let unclear = |item: &String| item.is_empty() || item.trim() != item || item.contains('|');
    match items.as_slice() {
        [] => Cell::Empty,
        [first, ..] if first.starts_with('[') || items.iter().any(unclear) => {
            Cell::Text(serde_json::Value::from(items).to_string().into())
        }
        _ => Cell::Text(items.join(" | ").into()),
    }
}
