//! The arguments of a field.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_graphql::Value as Input;

use crate::graphql::core::list_query::ListQuery;

/// The arguments of a field, coerced, with defaults filled in.
#[derive(Clone, Debug, Default)]
pub struct Args(
    /// The values by name.
    pub BTreeMap<&'static str, Arc<Input>>,
    /// What `where` and `orderBy` ask, where the field takes them.
    pub Option<Arc<ListQuery>>,
);

impl Args {
    /// The value given, unless it is absent or null.
    pub fn get(&self, name: &str) -> Option<&Input> {
        self.0.get(name).map(|value| &**value).filter(|value| **value != Input::Null)
    }
    /// A text given.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            Some(Input::String(text)) => Some(text),
            Some(Input::Enum(word)) => Some(word),
            _ => None,
        }
    }
    /// The argument as a revision.
    pub fn revision(&self, name: &str) -> Option<u64> {
        revision_of(self.get(name)?)
    }
    /// A whole number given.
    pub fn int(&self, name: &str) -> Option<i64> {
        match self.get(name) {
            Some(Input::Number(number)) => number.as_i64(),
            _ => None,
        }
    }
}

/// A revision as the scalar has it.
pub fn revision_of(value: &Input) -> Option<u64> {
    match value {
        Input::Number(number) => number.as_u64(),
        _ => None,
    }
}
