//! Lists of values that the register computes: filtered, ordered and paged as lists of records are.

use crate::graphql::core::args::Args;
use crate::graphql::core::cursor::{Size, Window, fingerprint};
use crate::graphql::core::error::FieldError;
use crate::graphql::core::execution::ExecutionContext;
use crate::graphql::core::value::{ObjectKind, ObjectRef, Value};
use crate::graphql::types::page;
use crate::model::Key;
use crate::model::value::AnyComposite;
use crate::register::query::Row;
use crate::register::{OrderKey, Register};
use crate::work;
use std::sync::Arc;

/// A page of values of the list of that name. Each has a key of its own; `all` gives those of a state of the register, in the list's order; the
/// connection shares the keys of those asked for.
///
/// # Errors
/// When the arguments ask for no page.
pub fn list<'r, V: AnyComposite + 'r, I: Iterator<Item = &'r V>>(
    context: &ExecutionContext<'r>,
    of: &ObjectRef<'r>,
    args: &Args,
    name: &str,
    key: fn(&V) -> &Key,
    all: impl FnOnce(&'r Register) -> I,
) -> Result<Value<'r>, FieldError> {
    let fingerprint = fingerprint(name, args.1.as_deref());
    let window = Window::read(args, &context.request.limits, &fingerprint)?;
    let register = context.paged(of.register, window.pinned);
    let query = args.1.as_deref();
    let matcher = query.and_then(|query| context.matchers.get(query, register));
    let mut asked: Vec<(OrderKey, &'r V)> = all(register)
        .enumerate()
        .inspect(|_| work::step(3))
        .filter(|(_, it)| matcher.as_ref().is_none_or(|matcher| matcher.matches(Row::Value(*it))))
        .map(|(at, it)| ((i64::try_from(at).unwrap_or(i64::MAX), key(it).clone()), it))
        .collect();
    if let Some(query) = query {
        query.order.sort(&mut asked, |(_, it)| Row::Value(*it));
    }
    let at = |place: &OrderKey| {
        asked.iter().position(|(other, _)| other == place).ok_or_else(|| {
            let message = format!("`{}`, which a cursor names, does not stand in this list", place.1);
            FieldError::input(message, "use a cursor of this list")
        })
    };
    let start = window.after.as_ref().map(at).transpose()?.map_or(0, |at| at + 1);
    let end = window.before.as_ref().map(at).transpose()?.unwrap_or(asked.len()).max(start);
    let (start, end) = match window.size {
        Size::First(first) => (start, end.min(start + first)),
        Size::Last(last) => (start.max(end.saturating_sub(last)), end),
    };
    let value = |it: &'r V| Value::Object(ObjectRef { register, of: ObjectKind::Composite(it) });
    let entries: Vec<(OrderKey, Value<'r>)> =
        asked[start..end].iter().map(|(place, it)| (place.clone(), value(it))).collect();
    let more = (end < asked.len(), start > 0);
    let all = Arc::new(asked.iter().map(|(_, it)| key(it).clone()).collect::<Vec<Key>>());
    Ok(page::page_with(context, register, entries, asked.len(), more, &fingerprint, all))
}
