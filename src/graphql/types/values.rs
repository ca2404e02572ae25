//! Lists of values that the register computes: filtered, ordered and paged as lists of records are.

use std::sync::Arc;

use crate::graphql::core::args::Args;
use crate::graphql::core::cursor::{Size, Window, fingerprint};
use crate::graphql::core::error::FieldError;
use crate::graphql::core::execution::ExecutionContext;
use crate::graphql::core::value::{ObjectKind, ObjectRef, Value};
use crate::graphql::types::connection;
use crate::graphql::types::page::{ENTRY_STEPS, LOOKED_THROUGH, Page};
use crate::model::Key;
use crate::model::value::AnyComposite;
use crate::register::query::Row;
use crate::register::query::chosen::Chosen;
use crate::register::{OrderKey, Register};
use crate::work;

/// A list of values of a state of the register, each with a key of its own.
pub struct List<'r, V> {
    /// Its name.
    pub name: &'static str,
    /// The key of a value.
    pub key: fn(&V) -> &Key,
    /// All of a state, in the list's order.
    pub all: fn(&'r Register) -> &'r [V],
}

/// Which values of a list are looked at, besides what `where` asks.
pub trait Part<'r, V> {
    /// Names the part, the same for the same values.
    fn name(&self) -> String;
    /// Whether a value is in it.
    fn has(&self, register: &'r Register, value: &V) -> bool;
}

/// The whole list.
pub struct All;

impl<'r, V> Part<'r, V> for All {
    fn name(&self) -> String {
        String::new()
    }
    fn has(&self, _: &'r Register, _: &V) -> bool {
        true
    }
}

/// A page of a list. The connection shares what was chosen with those who group it.
///
/// # Errors
/// When the arguments ask for no page.
pub fn list<'r, V: AnyComposite + 'r>(
    context: &ExecutionContext<'r>,
    of: &ObjectRef<'r>,
    args: &Args,
    list: &List<'r, V>,
    part: &impl Part<'r, V>,
) -> Result<Value<'r>, FieldError> {
    let fingerprint = fingerprint(list.name, args.1.as_deref());
    let window = Window::read(args, &context.request.limits, &fingerprint)?;
    let register = context.paged(of.register, window.pinned);
    let all = (list.all)(register);
    let chosen = if all.len() <= LOOKED_THROUGH {
        Arc::new(choose(context, register, all, args, part))
    } else {
        let asked = args.1.as_ref().map(|query| query.digest.to_hex());
        let question = format!("{} {} {}", list.name, part.name(), asked.as_deref().unwrap_or_default());
        let question = *blake3::hash(question.as_bytes()).as_bytes();
        Chosen::of(register, question, || choose(context, register, all, args, part))
    };
    let at = |place: &OrderKey| {
        let at = usize::try_from(place.0).ok().filter(|at| all.get(*at).is_some_and(|it| *(list.key)(it) == place.1));
        at.and_then(|at| chosen.rank(at)).ok_or_else(|| {
            let message = format!("`{}`, which a cursor names, does not stand in this list", place.1);
            FieldError::input(message, "use a cursor of this list")
        })
    };
    let count = chosen.rows.len();
    let start = window.after.as_ref().map(at).transpose()?.map_or(0, |at| at + 1);
    let end = window.before.as_ref().map(at).transpose()?.unwrap_or(count).max(start);
    let (start, end) = match window.size {
        Size::First(first) => (start, end.min(start + first)),
        Size::Last(last) => (start.max(end.saturating_sub(last)), end),
    };
    let entry = |at: &u32| {
        let it = &all[*at as usize];
        let value = Value::Object(ObjectRef { register, of: ObjectKind::Composite(it) });
        ((i64::from(*at), (list.key)(it).clone()), value)
    };
    let entries = chosen.rows[start..end].iter().inspect(|_| work::step(ENTRY_STEPS)).map(entry).collect();
    let page = Page { entries, total: count, has_next: end < count, has_previous: start > 0 };
    Ok(connection::ready(context, register, page, &fingerprint, Some(chosen)))
}

/// The positions of what is asked for, in the order asked for.
fn choose<'r, V: AnyComposite + 'r>(
    context: &ExecutionContext<'r>,
    register: &'r Register,
    all: &'r [V],
    args: &Args,
    part: &impl Part<'r, V>,
) -> Chosen {
    let query = args.1.as_deref();
    let matcher = query.and_then(|query| context.matchers.get(query, register));
    let mut rows: Vec<u32> = (0_u32..)
        .zip(all)
        .inspect(|_| work::step(1))
        .filter(|(_, it)| part.has(register, it))
        .filter(|(_, it)| matcher.as_ref().is_none_or(|matcher| matcher.matches(Row::Value(*it))))
        .map(|(at, _)| at)
        .collect();
    if let Some(query) = query {
        query.order.sort(&mut rows, |at| Row::Value(&all[*at as usize]));
    }
    Chosen::new(rows, all.len())
}
