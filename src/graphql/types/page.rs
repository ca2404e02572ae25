//! Connections: pages of a list in a fixed order, with cursors that pin the revision, so that pages agree while others write.

use crate::graphql::core::value::{ObjectValue, value};
use std::any::Any;
use std::sync::Arc;

use crate::graphql::core::args::Args;
pub use crate::graphql::core::cursor::pins;
use crate::graphql::core::cursor::{Size, Window, fingerprint};
use crate::graphql::core::definition::{ArgDef, FieldDef, ObjectDef, PAGE_INFO, Resolve, Ty};
use crate::graphql::core::error::FieldError;
use crate::graphql::core::execution::ExecutionContext;
use crate::graphql::core::limits::Limits;
use crate::graphql::core::list_query::ListQuery;
use crate::graphql::core::value::record;
use crate::graphql::core::value::{ObjectKind, ObjectRef, Value};
use crate::model::{Key, Kind};
use crate::register::query::Order;
use crate::register::query::selection::Selection;
use crate::register::relation::Relation;
use crate::register::{Node, OrderKey, Register};
use crate::work;

/// The list that is paged through.
pub enum Source<'a> {
    /// All records of a kind.
    All(Kind),
    /// The records that refer to one.
    Sources(&'static Relation, &'a Key),
}

/// The list behind a connection, for those who group it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The kind of its entries.
    pub kind: Kind,
    /// The record that they refer to, and how.
    pub of: Option<(&'static Relation, Key)>,
    /// What is asked of it.
    pub query: Option<Arc<ListQuery>>,
}

/// A filtered or ordered list of up to so many entries is looked through entry by entry, a longer one by columns.
pub const LOOKED_THROUGH: usize = 1_000;

/// What the place of an entry takes, in steps of work.
const ENTRY_STEPS: u64 = 10;

impl Source<'_> {
    /// The kind of its entries.
    pub fn kind(&self) -> Kind {
        match self {
            Self::All(kind) => *kind,
            Self::Sources(relation, _) => relation.source,
        }
    }

    /// Names the list with what is asked of it.
    fn fingerprint(&self, query: Option<&ListQuery>) -> String {
        let list = match self {
            Self::All(kind) => kind.name().to_owned(),
            Self::Sources(relation, key) => format!("{} {key} {}", relation.target.name(), relation.reverse),
        };
        fingerprint(&list, query)
    }

    /// What it is and what is asked of it.
    fn listed(&self, args: &Args) -> Listed {
        let of = match self {
            Self::All(_) => None,
            Self::Sources(relation, key) => Some((*relation, (*key).clone())),
        };
        Listed { kind: self.kind(), of, query: args.1.clone() }
    }

    /// What is asked of it, by columns.
    pub fn select(&self, register: &Register, query: Option<&ListQuery>) -> Selection {
        let of = match self {
            Self::All(_) => None,
            Self::Sources(relation, key) => Some((*relation, *key)),
        };
        static IN_PLACE: Order = Order(Vec::new());
        let order = query.map_or(&IN_PLACE, |query| &query.order);
        Selection::new(register, self.kind(), of, query.and_then(|query| query.filter.as_ref()), order)
    }

    fn count(&self, register: &Register) -> usize {
        match self {
            Self::All(kind) => register.count(*kind),
            Self::Sources(relation, key) => register.sources(relation, key).len(),
        }
    }

    /// Whether a record of its kind is one of its entries.
    fn has(&self, node: &Node) -> bool {
        match self {
            Self::All(_) => true,
            Self::Sources(relation, key) => {
                let mut found = false;
                relation.for_each_target(&node.record, |target| found |= target == **key);
                found
            }
        }
    }

    fn between<'r>(
        &self,
        register: &'r Register,
        after: Option<OrderKey>,
        before: Option<OrderKey>,
    ) -> Box<dyn DoubleEndedIterator<Item = &'r Arc<Node>> + 'r> {
        match self {
            Self::All(kind) => Box::new(register.between(*kind, after, before)),
            Self::Sources(relation, key) => {
                let list = register.sources(relation, key);
                let start = after.map_or(0, |after| list.partition_point(|node| node.place() <= after));
                let end = before.map_or(list.len(), |before| list.partition_point(|node| node.place() < before));
                Box::new(list[start.min(end)..end].iter())
            }
        }
    }
}

/// The arguments of every connection.
pub fn arguments(limits: &Limits) -> Vec<ArgDef> {
    let size = |name, which: &str| {
        ArgDef::new(
            name,
            Ty::named("Int"),
            format!(
                "How many entries to give from the {which}; at most {}. Without `first` and `last` the first {} are given.",
                limits.page_max, limits.page_default
            ),
        )
    };
    let cursor = |name, which: &str| {
        ArgDef::new(
            name,
            Ty::named("String"),
            format!("Give the entries {which} this cursor, at the revision that it was made at."),
        )
    };
    vec![size("first", "beginning"), cursor("after", "after"), size("last", "end"), cursor("before", "before")]
}

/// Resolves a connection.
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
    let listed = (source.listed(args), fingerprint);
    if let Some(query) = &args.1 {
        return asked(context, register, source, query, &window, listed);
    }
    let range = source.between(register, window.after.clone(), window.before.clone());
    let nodes: Vec<&Arc<Node>> = match window.size {
        Size::Last(last) => {
            let mut nodes: Vec<_> = range.rev().take(last).collect();
            nodes.reverse();
            nodes
        }
        Size::First(first) => range.take(first).collect(),
    };
    let more = |after, before| source.between(register, after, before).next().is_some();
    let (has_next, has_previous) = match (nodes.first(), nodes.last()) {
        (Some(first), Some(last)) => (more(Some(last.place()), None), more(None, Some(first.place()))),
        // A page of nothing stands somewhere too: where it would begin, or end.
        _ => match (window.size, window.after, window.before) {
            (Size::Last(_), after, Some(before)) if after.as_ref().is_none_or(|after| *after < before) => {
                (true, more(None, Some(before)))
            }
            (Size::Last(_), None, _) => (false, more(None, None)),
            (_, after, _) => (more(after.clone(), None), after.is_some()),
        },
    };
    let entries = nodes.iter().map(|node| (node.place(), record(register, node))).collect();
    Ok(page_of(context, register, entries, source.count(register), has_next, has_previous, listed))
}

/// A page of what is asked of a list.
fn asked<'r>(
    context: &ExecutionContext<'r>,
    register: &'r Register,
    source: &Source<'_>,
    query: &ListQuery,
    window: &Window,
    listed: (Listed, String),
) -> Result<Value<'r>, FieldError> {
    let matcher = context.matchers.get(query, register);
    let list = if source.count(register) <= LOOKED_THROUGH {
        query.of(matcher.as_deref(), source.between(register, None, None))
    } else {
        // A condition that names records begins at those; any other is told by columns.
        let named = matcher.as_ref().and_then(|matcher| matcher.found(source.kind()));
        let Some(named) = named else { return selected(context, register, source, query, window, listed) };
        query.in_order(named.into_iter().filter(|node| source.has(node)).collect())
    };
    let at = |place: &OrderKey| {
        let found = list.iter().position(|node| node.place() == *place);
        found.ok_or_else(|| not_here(place))
    };
    let start = window.after.as_ref().map(at).transpose()?.map_or(0, |at| at + 1);
    let end = window.before.as_ref().map(at).transpose()?.unwrap_or(list.len()).max(start);
    let (start, end) = match window.size {
        Size::First(first) => (start, end.min(start + first)),
        Size::Last(last) => (start.max(end.saturating_sub(last)), end),
    };
    let entries: Vec<_> = list[start..end].iter().map(|node| (node.place(), record(register, node))).collect();
    Ok(page_of(context, register, entries, list.len(), end < list.len(), start > 0, listed))
}

/// The same of a long list.
fn selected<'r>(
    context: &ExecutionContext<'r>,
    register: &'r Register,
    source: &Source<'_>,
    query: &ListQuery,
    window: &Window,
    listed: (Listed, String),
) -> Result<Value<'r>, FieldError> {
    let selection = source.select(register, Some(query));
    let find = |place: &OrderKey| selection.find(place).ok_or_else(|| not_here(place));
    let after = window.after.as_ref().map(find).transpose()?;
    let before = window.before.as_ref().map(find).transpose()?;
    let (size, from_end) = match window.size {
        Size::First(size) => (size, false),
        Size::Last(size) => (size, true),
    };
    let part = selection.part(after, before, size, from_end);
    let kind = source.kind();
    // The selection holds the rows of the register's own table; what is given lives as long as the register.
    let nodes = part.rows.iter().filter_map(|at| register.get(kind, &selection.rows.0[*at as usize].key));
    let entries = nodes.map(|node| (node.place(), record(register, node))).collect();
    Ok(page_of(context, register, entries, selection.len(), part.has_next, part.has_previous, listed))
}

fn not_here(place: &OrderKey) -> FieldError {
    let message = format!("`{}`, which a cursor names, does not stand in this list", place.1);
    FieldError::input(message, "use a cursor of this list")
}

/// A page as the object of a connection. `print` names the list and what is asked of it.
pub fn page<'r>(
    context: &ExecutionContext<'r>,
    register: &'r Register,
    entries: Vec<(OrderKey, Value<'r>)>,
    total: usize,
    has_next: bool,
    has_previous: bool,
    fingerprint: &str,
) -> Value<'r> {
    object_of(context, register, entries, total, (has_next, has_previous), fingerprint, None)
}

/// The same of a list that can be grouped: `listed` is what the groups are made of.
pub fn page_with<'r>(
    context: &ExecutionContext<'r>,
    register: &'r Register,
    entries: Vec<(OrderKey, Value<'r>)>,
    total: usize,
    more: (bool, bool),
    fingerprint: &str,
    listed: Grouped,
) -> Value<'r> {
    object_of(context, register, entries, total, more, fingerprint, Some(listed))
}

/// The same of the records of a kind.
fn page_of<'r>(
    context: &ExecutionContext<'r>,
    register: &'r Register,
    entries: Vec<(OrderKey, Value<'r>)>,
    total: usize,
    has_next: bool,
    has_previous: bool,
    (listed, fingerprint): (Listed, String),
) -> Value<'r> {
    object_of(context, register, entries, total, (has_next, has_previous), &fingerprint, Some(Arc::new(listed)))
}

fn object_of<'r>(
    context: &ExecutionContext<'r>,
    register: &'r Register,
    entries: Vec<(OrderKey, Value<'r>)>,
    total: usize,
    (has_next, has_previous): (bool, bool),
    fingerprint: &str,
    listed: Option<Grouped>,
) -> Value<'r> {
    work::step(ENTRY_STEPS * entries.len() as u64);
    let object = |values| Value::Object(ObjectRef { register, of: ObjectKind::Fields(values) });
    let list = Arc::new((context.revision_of(register), fingerprint.to_owned()));
    let cursor = |place: &OrderKey| Value::Cursor(Arc::clone(&list), place.clone());
    let text = |entry: Option<&(OrderKey, Value<'r>)>| entry.map_or(Value::Null, |(place, _)| cursor(place));
    let page_info =
        object(vec![Value::Bool(has_next), Value::Bool(has_previous), text(entries.first()), text(entries.last())]);
    let edges = entries.iter().map(|(place, node)| object(vec![cursor(place), node.clone()]));
    let edges = Value::List(edges.collect());
    let nodes = Value::List(entries.into_iter().map(|(_, node)| node).collect());
    let fields = [nodes, edges, Value::Int(i64::try_from(total).unwrap_or(i64::MAX)), page_info];
    value(register, Connection { fields, listed })
}

/// What the groups of a list are made of.
pub type Grouped = Arc<dyn Any + Send + Sync>;

/// A page with its list.
#[derive(Debug)]
struct Connection<'r> {
    /// In the order of the fields of `connection_types`.
    fields: [Value<'r>; 4],
    listed: Option<Grouped>,
}

impl<'r> ObjectValue<'r> for Connection<'r> {
    fn field(
        &self,
        index: usize,
        _: &ExecutionContext<'r>,
        _: &'r Register,
        _: &Args,
    ) -> Result<Value<'r>, FieldError> {
        Ok(self.fields[index].clone())
    }

    fn shared(&self) -> Option<&dyn Any> {
        self.listed.as_deref().map(|listed| listed as &dyn Any)
    }
}

/// `PageInfo`, and connection and edge types for a kind.
pub fn page_info() -> ObjectDef {
    let field = |name, ty, doc: &str, index| FieldDef::new(name, ty, doc, Resolve::Value(index));
    ObjectDef {
        name: PAGE_INFO.into(),
        doc: "Where a page stands in its list.".into(),
        is_node: false,
        fields: vec![
            field("hasNextPage", Ty::required("Boolean"), "Whether entries follow this page.", 0),
            field("hasPreviousPage", Ty::required("Boolean"), "Whether entries stand before this page.", 1),
            field("startCursor", Ty::named("String"), "Cursor of the first entry; null for an empty page.", 2),
            field(
                "endCursor",
                Ty::named("String"),
                "Cursor of the last entry; null for an empty page. Give it as `after` for the next page.",
                3,
            ),
        ],
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
