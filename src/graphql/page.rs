//! Connections: pages of a list in a fixed order, with cursors that pin the revision, so that pages agree while others write.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::graphql::ask::Ask;
use crate::graphql::definition::{ArgDef, Args, FieldDef, Obj, ObjectDef, Of, Out, Resolve, Ty};
use crate::graphql::error::FieldError;
use crate::graphql::group::Listed;
use crate::graphql::limits::Limits;
use crate::graphql::run::record;
use crate::graphql::scope::Scope;
use crate::model::{Key, Kind};
use crate::register::ask::Order;
use crate::register::ask::select::Selection;
use crate::register::relation::Relation;
use crate::register::{Node, Place, Register, Revision};

/// Where a page begins or ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The revision that is paged through.
    pub revision: Revision,
    /// Names the filter and the order of the list; empty when it has none.
    pub print: String,
    /// The place in the list.
    pub place: Place,
}

impl Cursor {
    /// As the API shows it: opaque.
    pub fn encode(&self) -> String {
        let list = if self.print.is_empty() { String::new() } else { format!("~{}", self.print) };
        BASE64_URL_SAFE_NO_PAD.encode(format!("{}{list}.{}.{}", self.revision, self.place.0, self.place.1))
    }

    /// Reads a cursor.
    ///
    /// # Errors
    /// When it is none of ours.
    pub fn decode(text: &str) -> Result<Self, FieldError> {
        let parse = || {
            let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
            let [revision, position, key] = text.splitn(3, '.').collect::<Vec<_>>().try_into().ok()?;
            let (revision, print) = revision.split_once('~').unwrap_or((revision, ""));
            let place = (position.parse().ok()?, Key::parse(key).ok()?);
            Some(Self { revision: revision.parse().ok()?, print: print.to_owned(), place })
        };
        parse().ok_or_else(|| {
            FieldError::input(
                format!("`{}` is no cursor", text.chars().take(80).collect::<String>()),
                "take a cursor from `edges.cursor` or `pageInfo` of an earlier page, unchanged",
            )
        })
    }
}

/// The list that is paged through.
pub enum Source<'a> {
    /// All records of a kind.
    All(Kind),
    /// The records that refer to one.
    Sources(&'static Relation, &'a Key),
}

/// A filtered or ordered list of up to so many entries is looked through entry by entry, a longer one by columns.
const LOOKED_THROUGH: usize = 1_000;

impl Source<'_> {
    /// The kind of its entries.
    pub fn kind(&self) -> Kind {
        match self {
            Self::All(kind) => *kind,
            Self::Sources(relation, _) => relation.source,
        }
    }

    /// What it is and what is asked of it.
    fn listed(&self, args: &Args) -> Listed {
        let of = match self {
            Self::All(_) => None,
            Self::Sources(relation, key) => Some((*relation, (*key).clone())),
        };
        Listed { kind: self.kind(), of, ask: args.1.clone() }
    }

    /// What is asked of it, by columns.
    pub fn select(&self, register: &Register, ask: Option<&Ask>) -> Selection {
        let of = match self {
            Self::All(_) => None,
            Self::Sources(relation, key) => Some((*relation, *key)),
        };
        static IN_PLACE: Order = Order(Vec::new());
        let order = ask.map_or(&IN_PLACE, |ask| &ask.order);
        Selection::new(register, self.kind(), of, ask.and_then(|ask| ask.filter.as_deref()), order)
    }

    fn count(&self, register: &Register) -> usize {
        match self {
            Self::All(kind) => register.count(*kind),
            Self::Sources(relation, key) => register.sources(relation, key).len(),
        }
    }

    fn between<'r>(
        &self,
        register: &'r Register,
        after: Option<Place>,
        before: Option<Place>,
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

/// The revisions that the cursors among these arguments pin.
///
/// # Errors
/// When a cursor is none of ours.
pub fn pins(args: &Args) -> Result<impl Iterator<Item = Revision>, FieldError> {
    let cursors: Result<Vec<Cursor>, FieldError> =
        ["after", "before"].iter().filter_map(|name| args.text(name)).map(Cursor::decode).collect();
    Ok(cursors?.into_iter().map(|cursor| cursor.revision))
}

fn size(args: &Args, name: &str, limits: &Limits) -> Result<Option<usize>, FieldError> {
    let Some(given) = args.int(name) else { return Ok(None) };
    let size = usize::try_from(given)
        .map_err(|_| FieldError::input(format!("`{name}` cannot be {given}"), "give a number from 0 on"))?;
    if size > limits.page_max {
        return Err(FieldError::limit(
            &format!("entries of a page (`{name}`)"),
            limits.page_max,
            size,
            "ask for smaller pages and follow `pageInfo.endCursor`",
        ));
    }
    Ok(Some(size))
}

/// Resolves a connection.
///
/// # Errors
/// When the arguments contradict each other or exceed the limits.
pub fn connection<'r>(
    scope: &Scope<'r>,
    register: &'r Register,
    source: &Source<'_>,
    args: &Args,
) -> Result<Out<'r>, FieldError> {
    let window = Window::read(args, &scope.context.limits)?;
    // The engine fetched every pinned revision, or refused.
    let register = scope.paged(register, window.pinned);
    let listed = source.listed(args);
    if let Some(ask) = &args.1 {
        return asked(scope, register, source, ask, &window, listed);
    }
    let range = source.between(register, window.after, window.before);
    let nodes: Vec<&Arc<Node>> = match window.size {
        Size::Last(last) => {
            let mut nodes: Vec<_> = range.rev().take(last).collect();
            nodes.reverse();
            nodes
        }
        Size::First(first) => range.take(first).collect(),
    };
    let more = |after, before| source.between(register, after, before).next().is_some();
    let has_next = nodes.last().is_some_and(|node| more(Some(node.place()), None));
    let has_previous = nodes.first().is_some_and(|node| more(None, Some(node.place())));
    let entries = nodes.iter().map(|node| (node.place(), record(register, node))).collect();
    Ok(page_of(register, entries, source.count(register), has_next, has_previous, listed))
}

/// A page of what is asked of a list.
fn asked<'r>(
    scope: &Scope<'r>,
    register: &'r Register,
    source: &Source<'_>,
    ask: &Ask,
    window: &Window,
    listed: Listed,
) -> Result<Out<'r>, FieldError> {
    if source.count(register) > LOOKED_THROUGH {
        return selected(register, source, ask, window, listed);
    }
    let matcher = scope.matchers.get(ask, register);
    let list = ask.of(matcher.as_deref(), source.between(register, None, None));
    let at = |place: &Place| {
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
    let some = !entries.is_empty();
    Ok(page_of(register, entries, list.len(), some && end < list.len(), some && start > 0, listed))
}

/// The same of a long list.
fn selected<'r>(
    register: &'r Register,
    source: &Source<'_>,
    ask: &Ask,
    window: &Window,
    listed: Listed,
) -> Result<Out<'r>, FieldError> {
    let selection = source.select(register, Some(ask));
    let find = |place: &Place| selection.find(place).ok_or_else(|| not_here(place));
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
    Ok(page_of(register, entries, selection.chosen.len(), part.has_next, part.has_previous, listed))
}

fn not_here(place: &Place) -> FieldError {
    let message = format!("`{}`, which a cursor names, does not stand in this list", place.1);
    FieldError::input(message, "use a cursor of this list")
}

/// How many entries, and from which end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// From the beginning.
    First(usize),
    /// From the end.
    Last(usize),
}

/// What part of a list the arguments of a connection ask for.
#[derive(Clone, Debug)]
pub struct Window {
    /// The revision that the cursors pin.
    pub pinned: Option<Revision>,
    /// Entries after this place.
    pub after: Option<Place>,
    /// Entries before this place.
    pub before: Option<Place>,
    /// How many.
    pub size: Size,
}

impl Window {
    /// Reads the arguments.
    ///
    /// # Errors
    /// When they contradict each other or exceed the limits.
    pub fn read(args: &Args, limits: &Limits) -> Result<Self, FieldError> {
        let [after, before] = ["after", "before"].map(|name| args.text(name).map(Cursor::decode).transpose());
        let (after, before) = (after?, before?);
        let print = args.1.as_ref().map_or("", |ask| ask.print.as_str());
        if [&after, &before].into_iter().flatten().any(|cursor| cursor.print != print) {
            return Err(FieldError::input(
                "the cursor was made with another `where` or `orderBy` than this list has",
                "ask with the same `where` and `orderBy` as the page that gave the cursor, or begin without one",
            ));
        }
        let size = match (size(args, "first", limits)?, size(args, "last", limits)?) {
            (Some(_), Some(_)) => {
                return Err(FieldError::input("`first` and `last` are both given", "give one of the two"));
            }
            (None, Some(last)) => Size::Last(last),
            (first, None) => Size::First(first.unwrap_or(limits.page_default)),
        };
        let pinned = after.as_ref().or(before.as_ref()).map(|cursor| cursor.revision);
        if let (Some(after), Some(before)) = (&after, &before)
            && after.revision != before.revision
        {
            let (after, before) = (after.revision, before.revision);
            let message = format!("`after` is of revision {after}, `before` of revision {before}");
            return Err(FieldError::input(message, "use cursors of one list"));
        }
        Ok(Self { pinned, after: after.map(|cursor| cursor.place), before: before.map(|cursor| cursor.place), size })
    }
}

/// A page as the object of a connection. `print` names what is asked of the list.
pub fn page<'r>(
    register: &'r Register,
    entries: Vec<(Place, Out<'r>)>,
    total: usize,
    has_next: bool,
    has_previous: bool,
    print: &str,
) -> Out<'r> {
    object_of(register, entries, total, (has_next, has_previous), print, Out::Null)
}

/// The same of a list that can be grouped: `listed` is what the groups are made of.
pub fn page_with<'r>(
    register: &'r Register,
    entries: Vec<(Place, Out<'r>)>,
    total: usize,
    more: (bool, bool),
    print: &str,
    listed: Out<'r>,
) -> Out<'r> {
    object_of(register, entries, total, more, print, listed)
}

/// The same of the records of a kind.
fn page_of<'r>(
    register: &'r Register,
    entries: Vec<(Place, Out<'r>)>,
    total: usize,
    has_next: bool,
    has_previous: bool,
    listed: Listed,
) -> Out<'r> {
    let print = listed.ask.as_ref().map(|ask| ask.print.clone()).unwrap_or_default();
    let listed = Out::Object(Obj { register, of: Of::Listed(listed) });
    object_of(register, entries, total, (has_next, has_previous), &print, listed)
}

fn object_of<'r>(
    register: &'r Register,
    entries: Vec<(Place, Out<'r>)>,
    total: usize,
    (has_next, has_previous): (bool, bool),
    print: &str,
    listed: Out<'r>,
) -> Out<'r> {
    let object = |values| Out::Object(Obj { register, of: Of::Fields(values) });
    let cursor = |place: &Place| {
        Cursor { revision: register.revision(), print: print.to_owned(), place: place.clone() }.encode()
    };
    let text = |entry: Option<&(Place, Out<'r>)>| entry.map_or(Out::Null, |(place, _)| Out::Text(cursor(place).into()));
    let page_info =
        object(vec![Out::Bool(has_next), Out::Bool(has_previous), text(entries.first()), text(entries.last())]);
    let edges = entries.iter().map(|(place, node)| object(vec![Out::Text(cursor(place).into()), node.clone()]));
    let edges = Out::List(edges.collect());
    let nodes = Out::List(entries.into_iter().map(|(_, node)| node).collect());
    object(vec![nodes, edges, Out::Int(i64::try_from(total).unwrap_or(i64::MAX)), page_info, listed])
}

/// `PageInfo`, and connection and edge types for a kind.
pub fn page_info() -> ObjectDef {
    let field = |name, ty, doc: &str, index| FieldDef::new(name, ty, doc, Resolve::Value(index));
    ObjectDef {
        name: "PageInfo".into(),
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
                field("pageInfo", Ty::required("PageInfo"), "Where this page stands in the list.".into(), 3),
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
