//! A value on its way in.

use std::borrow::Cow;

use rust_decimal::Decimal;

use crate::model::text::shortened;

/// A value on its way in, before it is known whether it fits.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree<'a> {
    /// Absent or null.
    Null,
    /// A truth value.
    Bool(bool),
    /// A number as written.
    Number(Cow<'a, str>),
    /// A text of a typed format (JSON, GraphQL): taken as it is.
    Text(Cow<'a, str>),
    /// A cell of an untyped format (CSV, spreadsheet): its text is read as whatever the field is.
    Cell(Cow<'a, str>),
    /// An exact decimal (from stored bytes).
    Decimal(Decimal),
    /// A list.
    List(Vec<Tree<'a>>),
    /// Named fields.
    Map(Vec<(Cow<'a, str>, Tree<'a>)>),
    /// Fields by position (from stored bytes); shorter than the field list when stored before a field was added.
    Positional(Vec<Tree<'a>>),
}

impl Tree<'_> {
    /// In a few words, for a message.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Null => "null".into(),
            Self::Bool(value) => format!("`{value}`"),
            Self::Number(text) | Self::Text(text) | Self::Cell(text) => format!("`{}`", shorten(text)),
            Self::Decimal(value) => format!("`{value}`"),
            Self::List(items) => format!("a list of {}", items.len()),
            Self::Map(_) | Self::Positional(_) => "an object".into(),
        }
    }

    /// The field of that name, when this is an object.
    pub fn field(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Map(fields) => fields.iter().find(|(found, _)| found == name).map(|(_, tree)| tree),
            _ => None,
        }
    }
}

/// The beginning of a text, as a message shows it.
pub(crate) fn shorten(text: &str) -> String {
    shortened(text, 80)
}
