//! A value on its way out.

use std::borrow::Cow;

use rust_decimal::Decimal;

use super::types::CompositeInfo;
use crate::model::date::Date;
use crate::model::period::Period;

/// A value on its way out.
#[derive(Clone, Debug)]
pub enum View<'a> {
    /// Absent.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// An exact decimal.
    Decimal(Decimal),
    /// Text.
    Text(Cow<'a, str>),
    /// A word of a vocabulary.
    Enum(&'static str),
    /// A calendar day.
    Date(Date),
    /// A period.
    Period(&'a Period),
    /// A list.
    List(Vec<View<'a>>),
    /// A value of several fields.
    Composite(&'a dyn AnyComposite),
}

impl View<'_> {
    /// The value as one text, as a file's cell holds it; `None` when absent. Lists are joined by ` | `.
    pub fn text(&self) -> Option<String> {
        Some(match self {
            Self::Null => return None,
            Self::Bool(value) => value.to_string(),
            Self::Int(value) => value.to_string(),
            Self::Decimal(value) => value.to_string(),
            Self::Text(text) => text.clone().into_owned(),
            Self::Enum(word) => (*word).to_owned(),
            Self::Date(date) => date.to_string(),
            Self::Period(period) => period.to_string(),
            Self::List(items) => items.iter().filter_map(Self::text).collect::<Vec<_>>().join(" | "),
            Self::Composite(_) => return None,
        })
    }
}

/// A [`Composite`](super::Composite) without its type: what a [`View`] can hold.
pub trait AnyComposite: Sync {
    /// Name, documentation, fields.
    fn describe(&self) -> &'static CompositeInfo;
    /// The value of the field at that position.
    fn field(&self, index: usize) -> View<'_>;
}

impl std::fmt::Debug for dyn AnyComposite + '_ {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.describe().name)
    }
}
