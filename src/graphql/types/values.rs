//! Lists of values that the register computes: filtered, ordered and paged as lists of records are.

use std::sync::Arc;

use crate::graphql::core::args::Args;
use crate::graphql::core::cursor::{Size, Window, fingerprint};
use crate::graphql::core::error::FieldError;
use crate::graphql::core::execution::ExecutionContext;
use crate::graphql::core::value::{ObjectKind, ObjectRef, Value};
use crate::graphql::types::connection;
use crate::graphql::types::page::{ENTRY_STEPS, Page};
use crate::model::Key;
use crate::register::query::Order;
use crate::register::query::selection::Selection;
use crate::register::query::values::{Listable, Values};
use crate::register::{OrderKey, Register};
use crate::work;

/// A list of values of a state of the register, each with a key of its own.
pub struct List<'r, V> {
    /// Its name.
    pub name: &'static str,
    /// The key of a value.
    pub key: fn(&V) -> &Key,
    /// All of a state, in the list's order.
    pub all: fn(&'r Register) -> &'r Arc<Values<V>>,
}

/// Which values of a list are looked at, besides what `where` asks.
pub trait Part<'r, V> {
    /// Whether all are.
    fn is_all(&self) -> bool;
    /// Whether a value is in it.
    fn has(&self, register: &'r Register, value: &V) -> bool;
}

/// The whole list.
pub struct All;

impl<'r, V> Part<'r, V> for All {
    fn is_all(&self) -> bool {
        true
    }
    fn has(&self, _: &'r Register, _: &V) -> bool {
        true
    }
}

/// What is chosen of a list: what its connection shares with those who group it.
pub type Chosen<V> = Selection<Values<V>>;

/// A page of a list.
///
/// # Errors
/// When the arguments ask for no page.
pub fn list<'r, V: Listable>(
    context: &ExecutionContext<'r>,
    of: &ObjectRef<'r>,
    args: &Args,
    list: &List<'r, V>,
    part: &impl Part<'r, V>,
) -> Result<Value<'r>, FieldError> {
    let query = args.1.as_deref();
    let fingerprint = fingerprint(list.name, query);
    let window = Window::read(args, &context.request.limits, &fingerprint)?;
    let register = context.paged(of.register, window.pinned);
    let all = (list.all)(register);
    let has = |value: &V| part.has(register, value);
    let part: Option<&dyn Fn(&V) -> bool> = if part.is_all() { None } else { Some(&has) };
    let (filter, none) = (query.and_then(|query| query.filter.as_deref()), Order(Vec::new()));
    let chosen = all.select(register, part, filter, query.map_or(&none, |query| &query.order));
    let row = |place: &OrderKey| {
        let at = u32::try_from(place.0).ok();
        let stands = |at: &u32| all.get(*at).is_some_and(|it| *(list.key)(it) == place.1) && chosen.has(*at);
        at.filter(stands).ok_or_else(|| {
            let message = format!("`{}`, which a cursor names, does not stand in this list", place.1);
            FieldError::input(message, "use a cursor of this list")
        })
    };
    let (after, before) = (window.after.as_ref().map(row).transpose()?, window.before.as_ref().map(row).transpose()?);
    let shown = match window.size {
        Size::First(first) => chosen.part(after, before, first, false),
        Size::Last(last) => chosen.part(after, before, last, true),
    };
    let entry = |at: u32| {
        work::step(ENTRY_STEPS);
        let it = all.get(at)?;
        let value = Value::Object(ObjectRef { register, of: ObjectKind::Composite(it) });
        Some(((i64::from(at), (list.key)(it).clone()), value))
    };
    let entries = shown.rows.into_iter().filter_map(entry).collect();
    let page = Page { entries, total: chosen.len(), has_next: shown.has_next, has_previous: shown.has_previous };
    Ok(connection::ready(context, register, page, &fingerprint, Some(Arc::new(chosen))))
}
