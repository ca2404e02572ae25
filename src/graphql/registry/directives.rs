//! The directives, and the words that introspection uses.

use std::sync::LazyLock;

use async_graphql::Value as Input;

use crate::graphql::core::definition::{ArgDef, Ty};
use crate::model::Vocabulary;

/// A directive of GraphQL.
#[derive(Debug)]
pub struct Directive {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// Where it may stand.
    pub places: &'static [&'static str],
    /// Its arguments.
    pub args: Vec<ArgDef>,
}

/// The directives.
pub static DIRECTIVES: LazyLock<Vec<Directive>> = LazyLock::new(|| {
    let condition = |doc: &str| vec![ArgDef::new("if", Ty::required("Boolean"), doc)];
    const SELECTIONS: &[&str] = &["FIELD", "FRAGMENT_SPREAD", "INLINE_FRAGMENT"];
    let reason = ArgDef {
        default: Some(Input::String("No longer supported".into())),
        ..ArgDef::new("reason", Ty::named("String"), "Why, and what to use instead.")
    };
    vec![
        Directive {
            name: "deprecated",
            doc: "Marks what will go.",
            places: &["FIELD_DEFINITION", "ARGUMENT_DEFINITION", "INPUT_FIELD_DEFINITION", "ENUM_VALUE"],
            args: vec![reason],
        },
        Directive {
            name: "include",
            doc: "Answers the field, or fragment, only if the condition is true.",
            places: SELECTIONS,
            args: condition("Whether to answer it."),
        },
        Directive {
            name: "oneOf",
            doc: "Of the fields of an input, exactly one is given.",
            places: &["INPUT_OBJECT"],
            args: Vec::new(),
        },
        Directive {
            name: "skip",
            doc: "Leaves the field, or fragment, out if the condition is true.",
            places: SELECTIONS,
            args: condition("Whether to leave it out."),
        },
        Directive {
            name: "specifiedBy",
            doc: "Says where the form of a scalar is specified.",
            places: &["SCALAR"],
            args: vec![ArgDef::new("url", Ty::required("String"), "The address of the specification.")],
        },
    ]
});

/// The sorts of types.
pub static TYPE_KIND: Vocabulary = Vocabulary {
    name: "__TypeKind",
    doc: "What sort of type it is.",
    words: &[
        ("SCALAR", "A plain value."),
        ("OBJECT", "An object with fields."),
        ("INTERFACE", "What several objects have in common."),
        ("UNION", "One of several objects."),
        ("ENUM", "A word of a closed list."),
        ("INPUT_OBJECT", "An object that is sent."),
        ("LIST", "A list."),
        ("NON_NULL", "Never null."),
    ],
};

/// Where directives may stand.
pub static DIRECTIVE_LOCATION: Vocabulary = Vocabulary {
    name: "__DirectiveLocation",
    doc: "Where a directive may stand.",
    words: &[
        ("QUERY", "On a query."),
        ("MUTATION", "On a mutation."),
        ("SUBSCRIPTION", "On a subscription."),
        ("FIELD", "On a field."),
        ("FRAGMENT_DEFINITION", "On the definition of a fragment."),
        ("FRAGMENT_SPREAD", "On a fragment that is used by its name."),
        ("INLINE_FRAGMENT", "On a fragment without a name."),
        ("VARIABLE_DEFINITION", "On the declaration of a variable."),
        ("SCHEMA", "On the schema."),
        ("SCALAR", "On a scalar."),
        ("OBJECT", "On an object type."),
        ("FIELD_DEFINITION", "On the definition of a field."),
        ("ARGUMENT_DEFINITION", "On the definition of an argument."),
        ("INTERFACE", "On an interface."),
        ("UNION", "On a union."),
        ("ENUM", "On an enum."),
        ("ENUM_VALUE", "On a word of an enum."),
        ("INPUT_OBJECT", "On an input."),
        ("INPUT_FIELD_DEFINITION", "On a field of an input."),
    ],
};
