//! Connections: pages of a list in a fixed order, with cursors that pin the revision, so that pages agree while others write.

use std::any::Any;
use std::sync::{Arc, OnceLock};

use crate::graphql::core::args::Args;
use crate::graphql::core::cursor::Window;
use crate::graphql::core::definition::{FieldDef, ObjectDef, PAGE_INFO, Resolve, Ty};
use crate::graphql::core::error::FieldError;
use crate::graphql::core::execution::ExecutionContext;
use crate::graphql::core::payload::payload;
use crate::graphql::core::value::{ObjectValue, Value, int, object, value};
use crate::graphql::types::page::{Listed, Page, Source, page};
use crate::register::{OrderKey, Register, Revision};

/// A page of a list of records.
///
/// # Errors
/// When the arguments contradict each other or exceed the limits.
pub fn connection<'r>(
    context: &ExecutionContext<'r>,
    register: &'r Register,
    source: &Source<'_>,
    args: &Args,
) -> Result<Value<'r>, FieldError> {
    let fingerprint = source.fingerprint(args.1.as_deref());
    let window = Window::read(args, &context.request.limits, &fingerprint)?;
    // The engine fetched every pinned revision, or refused.
    let register = context.paged(register, window.pinned);
    let list = Arc::new((context.revision_of(register), fingerprint));
    let cursors = window.after.is_some() || window.before.is_some();
    let shown = Shown { listed: source.listed(args), window };
    let connection = Connection { list, page: OnceLock::new(), of: Of::Records(shown) };
    // A cursor that names nothing here is an error of the list, whatever is asked of it.
    if cursors {
        connection.page(context, register)?;
    }
    Ok(value(register, connection))
}

/// A page of any other list. `fingerprint` names the list with what is asked of it; those who group it are given `grouped`.
pub fn ready<'r>(
    context: &ExecutionContext<'r>,
    register: &'r Register,
    page: Page<'r>,
    fingerprint: &str,
    grouped: Option<Grouped>,
) -> Value<'r> {
    let list = Arc::new((context.revision_of(register), fingerprint.to_owned()));
    value(register, Connection { list, page: page.into(), of: Of::Values(grouped) })
}

/// What the groups of a list are made of.
pub type Grouped = Arc<dyn Any + Send + Sync>;

/// A page with its list.
#[derive(Debug)]
struct Connection<'r> {
    /// The revision and the question, for cursors.
    list: Arc<(Revision, String)>,
    /// Made when something of it is asked for: who asks for groups only needs none.
    page: OnceLock<Page<'r>>,
    of: Of,
}

/// The list behind a page.
#[derive(Debug)]
enum Of {
    Records(Shown),
    Values(Option<Grouped>),
}

/// Records, and which part of them is shown.
#[derive(Debug)]
struct Shown {
    listed: Listed,
    window: Window,
}

impl<'r> Connection<'r> {
    fn page(&self, context: &ExecutionContext<'r>, register: &'r Register) -> Result<&Page<'r>, FieldError> {
        if let (None, Of::Records(shown)) = (self.page.get(), &self.of) {
            // Nobody else holds this object meanwhile: a request is answered by one thread.
            let _ = self.page.set(page(context, register, &shown.listed, &shown.window)?);
        }
        Ok(self.page.get().expect("a list of values comes with its page"))
    }

    fn cursor(&self, place: &OrderKey) -> Value<'r> {
        Value::Cursor(Arc::clone(&self.list), place.clone())
    }
}

impl<'r> ObjectValue<'r> for Connection<'r> {
    /// In the order of the fields of `connection_types`.
    fn field(
        &self,
        index: usize,
        context: &ExecutionContext<'r>,
        register: &'r Register,
        _: &Args,
    ) -> Result<Value<'r>, FieldError> {
        let page = self.page(context, register)?;
        let entries = page.entries.iter();
        Ok(match index {
            0 => Value::List(entries.map(|(_, node)| node.clone()).collect()),
            1 => {
                let edge = |(place, node): &(_, Value<'r>)| object(register, vec![self.cursor(place), node.clone()]);
                Value::List(entries.map(edge).collect())
            }
            2 => int(page.total as u64),
            _ => {
                let cursor = |entry: Option<&(OrderKey, _)>| entry.map_or(Value::Null, |(place, _)| self.cursor(place));
                let info = PageInfo {
                    has_next_page: Value::Bool(page.has_next),
                    has_previous_page: Value::Bool(page.has_previous),
                    start_cursor: cursor(page.entries.first()),
                    end_cursor: cursor(page.entries.last()),
                };
                info.object(register)
            }
        })
    }

    fn shared(&self) -> Option<&dyn Any> {
        match &self.of {
            Of::Records(shown) => Some(&shown.listed),
            Of::Values(grouped) => grouped.as_deref().map(|grouped| grouped as &dyn Any),
        }
    }
}

payload! {
    /// Where a page stands in its list.
    PageInfo {
        /// Whether entries follow this page.
        has_next_page: "Boolean!",
        /// Whether entries stand before this page.
        has_previous_page: "Boolean!",
        /// Cursor of the first entry; null for an empty page.
        start_cursor: "String",
        /// Cursor of the last entry; null for an empty page. Give it as `after` for the next page.
        end_cursor: "String",
    }
}

/// The connection and edge types of an object type, whose list has that order.
pub fn connection_types(name: &'static str, order: &str) -> [ObjectDef; 2] {
    let field = |name: &'static str, ty, doc: String, index| FieldDef::new(name, ty, doc, Resolve::Value(index));
    [
        ObjectDef {
            name: format!("{name}Connection").into(),
            doc: format!("A page of {name}, {order}."),
            is_node: false,
            fields: vec![
                field("nodes", Ty::list(name), "The entries of this page.".into(), 0),
                field(
                    "edges",
                    Ty::list(format!("{name}Edge")),
                    "The entries of this page, each with its cursor.".into(),
                    1,
                ),
                field("totalCount", Ty::required("Int"), "How many entries the whole list has.".into(), 2),
                field("pageInfo", Ty::required(PAGE_INFO), "Where this page stands in the list.".into(), 3),
            ],
        },
        ObjectDef {
            name: format!("{name}Edge").into(),
            doc: format!("An entry of a {name}Connection, with its place in the list."),
            is_node: false,
            fields: vec![
                field(
                    "cursor",
                    Ty::required("String"),
                    "Its place: opaque, and good for the revision of this answer.".into(),
                    0,
                ),
                field("node", Ty::required(name), "The entry.".into(), 1),
            ],
        },
    ]
}
