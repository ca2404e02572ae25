//! Pages of a list of records: which part of it, in which order, and what stands before and after.

use std::sync::Arc;

use crate::graphql::core::args::Args;
pub use crate::graphql::core::cursor::pins;
use crate::graphql::core::cursor::{Size, Window, fingerprint};
use crate::graphql::core::definition::{ArgDef, Ty};
use crate::graphql::core::error::FieldError;
use crate::graphql::core::execution::ExecutionContext;
use crate::graphql::core::limits::Limits;
use crate::graphql::core::list_query::ListQuery;
use crate::graphql::core::value::{Value, record};
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
pub const ENTRY_STEPS: u64 = 10;

/// Part of a list.
#[derive(Debug)]
pub struct Page<'r> {
    /// The entries, each with its place.
    pub entries: Vec<(OrderKey, Value<'r>)>,
    /// How many the whole list has.
    pub total: usize,
    /// Whether entries follow.
    pub has_next: bool,
    /// Whether entries stand before.
    pub has_previous: bool,
}

impl<'r> Page<'r> {
    fn of(
        register: &'r Register,
        nodes: impl Iterator<Item = &'r Arc<Node>>,
        total: usize,
        (has_next, has_previous): (bool, bool),
    ) -> Self {
        let entries: Vec<_> = nodes.map(|node| (node.place(), record(register, node))).collect();
        work::step(ENTRY_STEPS * entries.len() as u64);
        Self { entries, total, has_next, has_previous }
    }
}

impl Listed {
    /// The list.
    pub fn source(&self) -> Source<'_> {
        match &self.of {
            None => Source::All(self.kind),
            Some((relation, key)) => Source::Sources(relation, key),
        }
    }
}

impl Source<'_> {
    /// The kind of its entries.
    pub fn kind(&self) -> Kind {
        match self {
            Self::All(kind) => *kind,
            Self::Sources(relation, _) => relation.source,
        }
    }

    /// Names the list with what is asked of it.
    pub fn fingerprint(&self, query: Option<&ListQuery>) -> String {
        let list = match self {
            Self::All(kind) => kind.name().to_owned(),
            Self::Sources(relation, key) => format!("{} {key} {}", relation.target.name(), relation.reverse),
        };
        fingerprint(&list, query)
    }

    /// What it is and what is asked of it.
    pub fn listed(&self, args: &Args) -> Listed {
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

/// The part of a list that a window shows.
///
/// # Errors
/// When a cursor names what does not stand in the list.
pub fn page<'r>(
    context: &ExecutionContext<'r>,
    register: &'r Register,
    listed: &Listed,
    window: &Window,
) -> Result<Page<'r>, FieldError> {
    let source = &listed.source();
    if let Some(query) = &listed.query {
        return asked(context, register, source, query, window);
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
        _ => match (window.size, window.after.clone(), window.before.clone()) {
            (Size::Last(_), after, Some(before)) if after.as_ref().is_none_or(|after| *after < before) => {
                (true, more(None, Some(before)))
            }
            (Size::Last(_), None, _) => (false, more(None, None)),
            (_, after, _) => (more(after.clone(), None), after.is_some()),
        },
    };
    Ok(Page::of(register, nodes.into_iter(), source.count(register), (has_next, has_previous)))
}

/// A page of what is asked of a list.
fn asked<'r>(
    context: &ExecutionContext<'r>,
    register: &'r Register,
    source: &Source<'_>,
    query: &ListQuery,
    window: &Window,
) -> Result<Page<'r>, FieldError> {
    let matcher = context.matchers.get(query, register);
    let list = if source.count(register) <= LOOKED_THROUGH {
        query.of(matcher.as_deref(), source.between(register, None, None))
    } else {
        // A condition that names records begins at those; any other is told by columns.
        let named = matcher.as_ref().and_then(|matcher| matcher.found(source.kind()));
        let Some(named) = named else { return selected(context, register, source, query, window) };
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
    let (total, more) = (list.len(), (end < list.len(), start > 0));
    Ok(Page::of(register, list[start..end].iter().copied(), total, more))
}

/// The same of a long list.
fn selected<'r>(
    context: &ExecutionContext<'r>,
    register: &'r Register,
    source: &Source<'_>,
    query: &ListQuery,
    window: &Window,
) -> Result<Page<'r>, FieldError> {
    let selection = source.select(register, Some(query));
    let find = |place: &OrderKey| selection.find(place).ok_or_else(|| not_here(place));
    let after = window.after.as_ref().map(find).transpose()?;
    let before = window.before.as_ref().map(find).transpose()?;
    let (size, from_end) = match window.size {
        Size::First(size) => (size, false),
        Size::Last(size) => (size, true),
    };
    let part = selection.part(after, before, size, from_end);
    let rows = context.registers.keep(&selection.rows);
    let nodes = part.rows.iter().map(|at| &rows.0[*at as usize]);
    Ok(Page::of(register, nodes, selection.len(), (part.has_next, part.has_previous)))
}

fn not_here(place: &OrderKey) -> FieldError {
    let message = format!("`{}`, which a cursor names, does not stand in this list", place.1);
    FieldError::input(message, "use a cursor of this list")
}
