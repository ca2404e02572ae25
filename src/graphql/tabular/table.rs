//! Answers as tables: the one list with pages that a document asks for, its entries as rows, the fields selected of them as
//! columns. Nothing is left out silently: a document that has no such list, or several, is refused, and so is one that says
//! nothing of the page's size where the list is longer than a page.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::export::cell::Cell;
use crate::graphql::core::args::Args;
use crate::graphql::core::context::RequestContext;
use crate::graphql::core::definition::Graph;
use crate::graphql::core::error::{ErrorCode, FieldError, GraphqlError};
use crate::graphql::execute::api::one;
use crate::graphql::prepare::ast::OperationKind;
use crate::graphql::prepare::bound::{Bound, BoundRef};
use crate::graphql::prepare::operation::{FieldKind, Selected, SelectedField, SelectionSet, Slot};
use crate::graphql::{AllowedOperations, Api, GraphqlRequest};
use crate::model::Date;
use crate::model::value::parse_decimal;
use crate::register::{Register, Revision};

/// Under which name the answer says whether the list goes on: one that no document can use.
const MORE: &str = "__more";

/// A table: what an answer holds of one list.
pub struct Table {
    /// The revision that was read.
    pub revision: Revision,
    columns: Vec<Column>,
    /// The names that lead to the list.
    route: Vec<String>,
    /// The answer's data.
    json: Vec<u8>,
}

/// A field selected of the entries.
struct Column {
    /// The names that lead to it from the entry.
    path: Vec<String>,
    /// Whether an entry may have several, because a list stands on the way.
    many: bool,
    /// Its type.
    ty: String,
    /// What leads to the unit of the figure that it is the value of, where that is selected too.
    unit: Option<Vec<String>>,
}

impl Api {
    /// Answers a query with a table; `pay` is told what it costs before anything is looked up.
    ///
    /// # Errors
    /// When the request is refused or not paid, anything of it fails, or it is none for a table.
    pub fn table(
        &self,
        register: Arc<Register>,
        request: GraphqlRequest,
        context: &RequestContext,
        pay: impl FnOnce(usize) -> Result<(), FieldError>,
    ) -> Result<Table, Vec<GraphqlError>> {
        let mut bound = self.prepare(&register, request)?;
        pay(bound.cost).map_err(one)?;
        if bound.operation.kind != OperationKind::Query {
            return Err(one(refused("only what a query gives is a table", "send it with `Accept: application/json`")));
        }
        let list = List::find(bound.view()).map_err(one)?;
        let columns = list.prepare(&mut bound, &self.graph).map_err(one)?;
        let answer = self.answer(&bound, register, context, AllowedOperations::Queries)?;
        let (Some(json), true) = (answer.data, answer.errors.is_empty()) else { return Err(answer.errors) };
        let table = Table { revision: answer.revision, columns, route: list.route, json };
        let (rows, goes_on) = table.walk(&mut |_| ());
        if list.is_open && goes_on {
            let hint = format!(
                "say how many: `first` (at most {}) and `after`; whole tables are at /export/KIND.csv, whole computed lists at /export/trends.csv and the like",
                self.limits.page_max
            );
            return Err(one(FieldError::limit("entries without `first`", rows, rows + 1, hint)));
        }
        Ok(table)
    }
}

/// Where a document asks for a list with pages.
struct List {
    /// Places of the fields that lead to it, and of their selection sets.
    steps: Vec<(usize, usize)>,
    /// Names that lead to its entries.
    route: Vec<String>,
    /// Whether the document leaves the size of the page open.
    is_open: bool,
    /// Whether it stands in another list.
    in_list: bool,
}

fn refused(message: impl Into<String>, hint: &str) -> FieldError {
    FieldError::new(ErrorCode::BadRequest, message, hint)
}

/// Whether it is a page of a list.
fn is_page(set: &SelectionSet) -> bool {
    set.object.field("pageInfo").is_some()
}

impl List {
    /// The one list of a document.
    fn find(bound: BoundRef<'_>) -> Result<Self, FieldError> {
        const HINT: &str = "a table is made of one list with pages: { measures(first: 1000) { nodes { key name } } }";
        let mut found = Vec::new();
        let root = &bound.operation.root;
        lists(bound, root, &Self { steps: Vec::new(), route: Vec::new(), is_open: false, in_list: false }, &mut found)?;
        let named = |list: &Self| format!("`{}`", list.route.join("."));
        match found.as_slice() {
            [] => Err(refused("the document asks for no list with pages", HINT)),
            [list] if list.in_list => Err(refused(format!("{} stands in another list", named(list)), HINT)),
            [_] => Ok(found.remove(0)),
            _ => {
                let all: Vec<String> = found.iter().map(named).collect();
                Err(refused(format!("the document asks for several lists: {}", all.join(", ")), HINT))
            }
        }
    }

    /// Gives the columns, and asks besides whether the list goes on.
    fn prepare(&self, bound: &mut Bound, graph: &Graph) -> Result<Vec<Column>, FieldError> {
        let mut columns = Vec::new();
        let view = bound.view();
        let mut page = &view.operation.root;
        for (field, of) in &self.steps {
            page = &page.fields[*field].selected().expect("a list was found there").sets[*of];
        }
        let entries = view.fields(page).find(|field| entry_set(field).is_some()).expect("the list has entries");
        let root = Column { path: Vec::new(), many: false, ty: String::new(), unit: None };
        add_columns(view, entry_set(entries).expect("it was found"), &root, &mut columns)?;
        let at = entries.at;
        let info = graph.field(&page.object, "pageInfo").expect("a page has it");
        let object = graph.composite(info.ty.name()).expect("it is an object");
        let next = graph.field(object, "hasNextPage").expect("every page says whether others follow");

        // This request's own: the operation that is kept stays as it is.
        let operation = Arc::make_mut(&mut bound.operation);
        operation.slots.push(Slot::Fixed(Arc::new(Args::default())));
        let slot = operation.slots.len() - 1;
        let field = |selected: Selected| {
            SelectedField::new(MORE.into(), at, usize::MAX, Vec::new(), FieldKind::Field(selected))
        };
        let next = field(Selected { field: next, slot, sets: Vec::new() });
        let below = SelectionSet { object: Arc::clone(object), fields: vec![next], order: None, questions: Vec::new() };
        let mut page = &mut operation.root;
        for (step, of) in &self.steps {
            match &mut page.fields[*step].kind {
                FieldKind::Field(selected) => page = &mut selected.sets[*of],
                FieldKind::Typename => unreachable!("a list was found there"),
            }
        }
        page.fields.push(field(Selected { field: info, slot, sets: vec![below] }));
        let (order, place) = (page.order, page.fields.len() - 1);
        bound.show(order, place);
        Ok(columns)
    }
}

/// What is selected of a page's entries, when the field gives them.
fn entry_set(field: &SelectedField) -> Option<&SelectionSet> {
    field.selected().filter(|selected| selected.field.ty.is_list()).and_then(|selected| selected.sets.first())
}

/// The lists with pages below a selection.
fn lists(bound: BoundRef<'_>, set: &SelectionSet, above: &List, found: &mut Vec<List>) -> Result<(), FieldError> {
    for (place, field) in bound.places(set) {
        let Some(selected) = field.selected() else { continue };
        let is_sized = |args: &Args| args.get("first").is_some() || args.get("last").is_some();
        let is_open = !bound.args(selected.slot).is_ok_and(is_sized);
        for (of, inner) in selected.sets.iter().enumerate() {
            let list = List {
                steps: above.steps.iter().copied().chain([(place, of)]).collect(),
                route: above.route.iter().cloned().chain([field.key.to_string()]).collect(),
                is_open,
                in_list: above.in_list || selected.field.ty.is_list(),
            };
            if is_page(inner) {
                page(bound, inner, list, found)?;
            } else {
                lists(bound, inner, &list, found)?;
            }
        }
    }
    Ok(())
}

/// A list with pages, and those that its entries have.
fn page(bound: BoundRef<'_>, set: &SelectionSet, mut list: List, found: &mut Vec<List>) -> Result<(), FieldError> {
    let entries: Vec<(&SelectedField, &SelectionSet)> =
        bound.fields(set).filter_map(|field| Some((field, entry_set(field)?))).collect();
    let [(field, inner)] = entries.as_slice() else {
        let message = format!("the entries of `{}` are selected {} times", list.route.join("."), entries.len());
        return Err(refused(message, "select either `nodes { … }` or `edges { … }`, once"));
    };
    list.route.push(field.key.to_string());
    let below = List { steps: Vec::new(), route: list.route.clone(), is_open: false, in_list: true };
    found.push(list);
    lists(bound, inner, &below, found)
}

/// Adds the columns below an object; `above` is what leads to it.
fn add_columns(
    bound: BoundRef<'_>,
    set: &SelectionSet,
    above: &Column,
    columns: &mut Vec<Column>,
) -> Result<(), FieldError> {
    let below = |name: &str| above.path.iter().cloned().chain([name.to_owned()]).collect::<Vec<String>>();
    let unit = bound.fields(set).find(|field| field.selected().is_some_and(|selected| selected.field.name == "unit"));
    for field in bound.fields(set) {
        let mut column = Column {
            path: below(&field.key),
            many: above.many,
            ty: "String".to_owned(),
            unit: unit.map(|unit| below(&unit.key)),
        };
        if let Some(selected) = field.selected() {
            column.many |= selected.field.ty.is_list();
            column.ty = selected.field.ty.name().to_owned();
            match selected.sets.as_slice() {
                [] => {}
                [inner] => {
                    add_columns(bound, inner, &column, columns)?;
                    continue;
                }
                _ => {
                    let message = format!("`{}` may be of several types", column.path.join("."));
                    return Err(refused(message, "leave it out: a table has the same columns in every row"));
                }
            }
        }
        columns.push(column);
    }
    Ok(())
}

impl Table {
    /// The names of the columns: the paths of the fields.
    pub fn names(&self) -> Vec<String> {
        self.columns.iter().map(|column| column.path.join(".")).collect()
    }

    /// Hands on the rows, one by one; gives how many there are.
    pub fn rows(&self, each: &mut dyn FnMut(&[Cell<'_>])) -> usize {
        let mut row = |entry: &Value| {
            let cells: Vec<Cell<'_>> = self.columns.iter().map(|column| column.cell(entry)).collect();
            each(&cells);
        };
        self.walk(&mut row).0
    }

    /// Hands on the entries; gives how many there are, and whether the list goes on after them.
    fn walk(&self, each: &mut dyn FnMut(&Value)) -> (usize, bool) {
        let mut walk = Walk { route: &self.route, each, rows: 0, goes_on: false };
        let mut json = serde_json::Deserializer::from_slice(&self.json);
        walk.deserialize(&mut json).expect("an answer is JSON");
        (walk.rows, walk.goes_on)
    }
}

impl Column {
    fn cell<'e>(&self, entry: &'e Value) -> Cell<'e> {
        let mut found = Vec::new();
        values(entry, &self.path, &mut found);
        if self.many {
            let texts: Vec<Cow<'_, str>> = found.into_iter().map(text).collect();
            return if texts.is_empty() { Cell::Empty } else { Cell::Text(texts.join(" | ").into()) };
        }
        match (found.first(), self.ty.as_str()) {
            (None | Some(Value::Null), _) => Cell::Empty,
            (Some(Value::Bool(value)), _) => Cell::Bool(*value),
            (Some(Value::Number(number)), _) if number.is_i64() => Cell::Int(number.as_i64().unwrap_or_default()),
            (Some(value), "Decimal") => match value.as_str().and_then(parse_decimal) {
                Some(decimal) => Cell::Decimal(decimal, self.unit(entry)),
                None => Cell::Text(text(value)),
            },
            (Some(value), "Date") => match value.as_str().and_then(Date::parse) {
                Some(date) => Cell::Date(date),
                None => Cell::Text(text(value)),
            },
            (Some(value), _) => Cell::Text(text(value)),
        }
    }

    fn unit<'e>(&self, entry: &'e Value) -> Option<&'e str> {
        let mut found = Vec::new();
        values(entry, self.unit.as_ref()?, &mut found);
        found.first()?.as_str()
    }
}

/// The values at the end of a path, of every entry of the lists on the way.
fn values<'e>(value: &'e Value, path: &[String], found: &mut Vec<&'e Value>) {
    match (value, path) {
        (Value::Array(items), _) => items.iter().for_each(|item| values(item, path, found)),
        (value, []) => found.push(value),
        (Value::Object(fields), [name, rest @ ..]) => {
            if let Some(inner) = fields.get(name) {
                values(inner, rest, found);
            }
        }
        // Nothing stands there: one cell, or one place in a list of several.
        (_, [_, ..]) => found.push(&Value::Null),
    }
}

fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => Cow::Borrowed(""),
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}

/// Reads an answer down to the entries of the list, one entry at a time.
struct Walk<'w> {
    route: &'w [String],
    each: &'w mut dyn FnMut(&Value),
    rows: usize,
    goes_on: bool,
}

impl<'de> DeserializeSeed<'de> for &mut Walk<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an answer")
    }

    /// There is nothing on the way to the list, and so no entry.
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<Cow<'de, str>>()? {
            if name == MORE {
                let page: Value = map.next_value()?;
                self.goes_on = page[MORE] == true;
            } else if self.route.first().is_some_and(|next| *next == name) {
                let below = &self.route[1..];
                let above = std::mem::replace(&mut self.route, below);
                map.next_value_seed(&mut *self)?;
                self.route = above;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while let Some(entry) = entries.next_element::<Value>()? {
            self.rows += 1;
            (self.each)(&entry);
        }
        Ok(())
    }
}
