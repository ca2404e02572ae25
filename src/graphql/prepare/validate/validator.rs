//! What the rules have in common: what is looked at, and what was found wrong.

use std::collections::{HashMap, HashSet};

use super::super::ast::{Document, Name, OperationKind, TypeRef};
use super::super::lexer::shown;
use crate::graphql::core::definition::{Graph, MUTATION, QUERY, SUBSCRIPTION, Ty};
use crate::graphql::core::error::{ErrorCode, FieldError, GraphqlError, locate, near};

/// The name of the root type of an operation.
pub fn root_of(kind: OperationKind) -> &'static str {
    match kind {
        OperationKind::Query => QUERY,
        OperationKind::Mutation => MUTATION,
        OperationKind::Subscription => SUBSCRIPTION,
    }
}

/// Of so many errors near names are looked for.
pub(super) const SUGGESTED_MAX: usize = 5;

/// What was found wrong so far.
pub(super) struct Errors<'v> {
    pub(super) text: &'v str,
    pub(super) errors: Vec<GraphqlError>,
    pub(super) errors_max: usize,
}

impl Errors<'_> {
    pub(super) fn error(&mut self, at: u32, message: impl Into<String>, hint: impl Into<String>) {
        if self.errors.len() < self.errors_max {
            self.errors.push(GraphqlError {
                error: Box::new(FieldError::new(ErrorCode::ValidationFailed, message, hint)),
                locations: vec![locate(self.text, at)],
                path: Vec::new(),
            });
        }
    }

    /// Names near a wrong one, to be put before a hint; nothing after the first errors.
    pub(super) fn near<'a>(&self, name: &str, known: impl Iterator<Item = &'a str>) -> String {
        if self.errors.len() < SUGGESTED_MAX { near(name, known) } else { String::new() }
    }

    /// All that there is, to be put into a hint; nothing after the first errors.
    pub(super) fn all<'a>(&self, known: impl Iterator<Item = &'a str>) -> String {
        if self.errors.len() >= SUGGESTED_MAX {
            return "The schema is at /schema.graphql".into();
        }
        format!("There are {}", known.collect::<Vec<_>>().join(", "))
    }
}

/// Where a variable is used.
pub(super) struct Usage<'v, 'd> {
    pub(super) name: &'d str,
    pub(super) at: u32,
    /// What the place takes; none when nobody knows.
    pub(super) place: Option<ExpectedType<'v>>,
}

/// What a place for a value takes.
#[derive(Clone, Copy)]
pub(super) struct ExpectedType<'v> {
    pub(super) ty: &'v Ty,
    /// Whether it has a value when none is given.
    pub(super) has_default: bool,
}

impl<'v> ExpectedType<'v> {
    pub(super) fn of(ty: &'v Ty) -> Self {
        Self { ty, has_default: false }
    }
}

/// What an operation or fragment uses itself.
#[derive(Default)]
pub(super) struct Uses<'v, 'd> {
    pub(super) variables: Vec<Usage<'v, 'd>>,
    pub(super) fragments: Vec<usize>,
}

pub(super) struct Validator<'v, 'd> {
    pub(super) graph: &'v Graph,
    pub(super) document: &'v Document<'d>,
    /// The place of each fragment by its name.
    pub(super) fragments: HashMap<&'d str, usize>,
    pub(super) found: Errors<'v>,
    pub(super) uses: Uses<'v, 'd>,
}

/// Reports each name that stands again.
pub(super) fn once<'d>(
    found: &mut Errors<'_>,
    names: impl Iterator<Item = Name<'d>>,
    message: impl Fn(String) -> String,
) {
    let mut seen = HashSet::new();
    for name in names {
        if !seen.insert(name.text) {
            found.error(name.at, message(shown(name.text)), "keep one, or give one of them another name");
        }
    }
}

/// A type of a document as one of the graph.
pub fn from_document(ty: &TypeRef<'_>) -> Ty {
    match ty {
        TypeRef::Named(name) => Ty::named(name.text.to_owned()),
        TypeRef::List(inner) => Ty::List(Box::new(from_document(inner))),
        TypeRef::NonNull(inner) => from_document(inner).non_null(),
    }
}
