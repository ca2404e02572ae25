//! Types as they stand behind fields and arguments.

use std::borrow::Cow;

/// A type as it stands behind a field or argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ty {
    /// A type by name, nullable.
    Named(Cow<'static, str>),
    /// Never null.
    NonNull(Box<Ty>),
    /// A list.
    List(Box<Ty>),
}

impl std::fmt::Display for Ty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Named(name) => f.write_str(name),
            Self::NonNull(inner) => write!(f, "{inner}!"),
            Self::List(inner) => write!(f, "[{inner}]"),
        }
    }
}

impl Ty {
    /// This type where null is allowed.
    pub fn nullable(&self) -> &Self {
        match self {
            Self::NonNull(inner) => inner,
            other => other,
        }
    }
    /// Whether null is not allowed.
    pub fn is_required(&self) -> bool {
        matches!(self, Self::NonNull(_))
    }
    /// Whether it is a list.
    pub fn is_list(&self) -> bool {
        matches!(self.nullable(), Self::List(_))
    }
    /// Whether every value of this type is one of the other.
    pub fn is_subtype_of(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::NonNull(own), Self::NonNull(other)) => own.is_subtype_of(other),
            (_, Self::NonNull(_)) => false,
            (Self::NonNull(own), other) => own.is_subtype_of(other),
            (Self::List(own), Self::List(other)) => own.is_subtype_of(other),
            (own, other) => own == other,
        }
    }
    /// `Name`
    pub fn named(name: impl Into<Cow<'static, str>>) -> Self {
        Self::Named(name.into())
    }
    /// `Name!`
    pub fn required(name: impl Into<Cow<'static, str>>) -> Self {
        Self::named(name).non_null()
    }
    /// `[Name!]!`
    pub fn list(name: impl Into<Cow<'static, str>>) -> Self {
        Self::List(Box::new(Self::required(name))).non_null()
    }
    /// A type as the schema writes it, such as `[Plan!]!`.
    pub fn written(text: &'static str) -> Self {
        if let Some(nullable) = text.strip_suffix('!') {
            return Self::written(nullable).non_null();
        }
        match text.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')) {
            Some(inner) => Self::List(Box::new(Self::written(inner))),
            None => Self::named(text),
        }
    }
    /// This type, never null.
    pub fn non_null(self) -> Self {
        match self {
            Self::NonNull(_) => self,
            other => Self::NonNull(Box::new(other)),
        }
    }
    /// The innermost name.
    pub fn name(&self) -> &str {
        match self {
            Self::Named(name) => name,
            Self::NonNull(inner) | Self::List(inner) => inner.name(),
        }
    }
}
