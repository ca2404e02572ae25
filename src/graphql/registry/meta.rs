//! The parts that a schema has, and what each says of itself.

use std::borrow::Cow;

use super::directives::Directive;
use crate::graphql::core::definition::{ArgDef, FieldDef, Graph, NODE, OWN_SCALARS, Sort, Ty};

/// What the schema as a whole is, for those who read it.
pub const SCHEMA_DOC: &str = "The register of a public body's business plan: what was planned, what became of it, and where each figure is printed.";

/// A part of the schema.
#[derive(Clone, Copy, Debug)]
pub(super) enum Meta<'r> {
    /// The schema as a whole.
    Schema,
    /// A type by its name.
    Named(&'r str),
    /// A type as it stands behind a field or argument.
    Ty(&'r Ty),
    /// A field of an object.
    Field(&'r FieldDef),
    /// An argument, or a field of an input.
    Argument(&'r ArgDef),
    /// A word of an enum with its meaning.
    Word(&'r str, &'r str),
    /// A directive.
    Directive(&'static Directive),
}

/// A value of introspection.
pub(super) enum MetaValue<'r> {
    Null,
    Bool(bool),
    Text(Cow<'r, str>),
    One(Meta<'r>),
    Many(Vec<Meta<'r>>),
    Words(Vec<&'r str>),
}

/// Why something will go, if it will.
pub(super) fn will_go_for(meta: Meta<'_>) -> Option<&'static str> {
    if let Meta::Field(field) = meta { field.deprecated } else { None }
}

pub(super) fn reason_of(meta: Meta<'_>) -> MetaValue<'_> {
    will_go_for(meta).map_or(MetaValue::Null, |reason| MetaValue::Text(reason.into()))
}

/// The name of a type that is not made of another.
pub(super) fn named(meta: Meta<'_>) -> Option<&str> {
    match meta {
        Meta::Named(name) => Some(name),
        Meta::Ty(Ty::Named(name)) => Some(name),
        _ => None,
    }
}

pub(super) fn name_of(meta: Meta<'_>) -> MetaValue<'_> {
    let name = match meta {
        Meta::Field(field) => Some(&*field.name),
        Meta::Argument(arg) => Some(arg.name),
        Meta::Word(word, _) => Some(word),
        Meta::Directive(directive) => Some(directive.name),
        other => named(other),
    };
    name.map_or(MetaValue::Null, |name| MetaValue::Text(name.into()))
}

pub(super) fn description_of<'r>(graph: &'r Graph, meta: Meta<'r>) -> MetaValue<'r> {
    let doc = match meta {
        Meta::Schema => SCHEMA_DOC,
        Meta::Field(field) => &field.doc,
        Meta::Argument(arg) => &arg.doc,
        Meta::Word(_, doc) => doc,
        Meta::Directive(directive) => directive.doc,
        Meta::Named(_) | Meta::Ty(_) => match named(meta).and_then(|name| description_of_type(graph, name)) {
            Some(doc) => doc,
            None => return MetaValue::Null,
        },
    };
    MetaValue::Text(doc.trim().into())
}

pub(super) fn description_of_type<'r>(graph: &'r Graph, name: &str) -> Option<&'r str> {
    if let Some(object) = graph.composite(name) {
        return Some(&object.doc);
    }
    let input = graph.inputs.get(name).map(|input| input.doc.as_str());
    let words = || graph.vocabulary(name).map(|vocabulary| vocabulary.doc);
    let scalar = || graph.scalars.get(name).map(|scalar| scalar.doc);
    let own = || OWN_SCALARS.iter().find(|(known, _)| *known == name).map(|(_, doc)| *doc);
    input.or_else(words).or_else(scalar).or_else(own)
}

pub(super) fn kind_of(graph: &Graph, meta: Meta<'_>) -> &'static str {
    match meta {
        Meta::Ty(Ty::NonNull(_)) => "NON_NULL",
        Meta::Ty(Ty::List(_)) => "LIST",
        _ => match named(meta).and_then(|name| graph.sort(name)) {
            Some(Sort::Composite) if named(meta) == Some(NODE) => "INTERFACE",
            Some(Sort::Composite) => "OBJECT",
            Some(Sort::Input) => "INPUT_OBJECT",
            Some(Sort::Enum) => "ENUM",
            _ => "SCALAR",
        },
    }
}
