//! Lists of values that the register computes: filtered, ordered and paged as lists of records are.

use crate::graphql::core::args::Args;
use crate::graphql::core::cursor::{Size, Window, fingerprint};
use crate::graphql::core::error::FieldError;
use crate::graphql::core::scope::Scope;
use crate::graphql::core::value::{Obj, Of, Out};
use crate::graphql::types::page;
use crate::model::Key;
use crate::model::value::AnyComposite;
use crate::register::query::Row;
use crate::register::{Place, Register};
use crate::work;
use std::sync::Arc;

/// A page of values of the list of that name. Each has a key of its own; `all` gives those of a state of the register, in the list's order; the
/// connection shares the keys of those asked for.
///
/// # Errors
/// When the arguments ask for no page.
pub fn list<'r, V: AnyComposite + 'r, I: Iterator<Item = &'r V>>(
    scope: &Scope<'r>,
    of: &Obj<'r>,
    args: &Args,
    name: &str,
    key: fn(&V) -> &Key,
    all: impl FnOnce(&'r Register) -> I,
) -> Result<Out<'r>, FieldError> {
    let print = fingerprint(name, args.1.as_deref());
    let window = Window::read(args, &scope.context.limits, &print)?;
    let register = scope.paged(of.register, window.pinned);
    let ask = args.1.as_deref();
    let matcher = ask.and_then(|ask| scope.matchers.get(ask, register));
    let mut asked: Vec<(Place, &'r V)> = all(register)
        .enumerate()
        .inspect(|_| work::step(3))
        .filter(|(_, it)| matcher.as_ref().is_none_or(|matcher| matcher.matches(Row::Value(*it))))
        .map(|(at, it)| ((i64::try_from(at).unwrap_or(i64::MAX), key(it).clone()), it))
        .collect();
    if let Some(ask) = ask {
        ask.order.sort(&mut asked, |(_, it)| Row::Value(*it));
    }
    let at = |place: &Place| {
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
    let value = |it: &'r V| Out::Object(Obj { register, of: Of::Composite(it) });
    let entries: Vec<(Place, Out<'r>)> =
        asked[start..end].iter().map(|(place, it)| (place.clone(), value(it))).collect();
    let more = (end < asked.len(), start > 0);
    let all = Arc::new(asked.iter().map(|(_, it)| key(it).clone()).collect::<Vec<Key>>());
    Ok(page::page_with(scope, register, entries, asked.len(), more, &print, all))
}
