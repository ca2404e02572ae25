//! Introspection: what the graph's own tables say, as objects like all others. So what asks for it is validated, priced and
//! answered on the one path of a query.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use async_graphql::Value as Input;

use super::directives::{DIRECTIVE_LOCATION, DIRECTIVES, TYPE_KIND};
use super::meta::{Meta, MetaValue, description_of, kind_of, name_of, named, reason_of, will_go_for};
use crate::graphql::core::args::Args;
use crate::graphql::core::definition::{
    ArgDef, FieldDef, Graph, MUTATION, NODE, ObjectDef, OfGraph, QUERY, Resolve, SUBSCRIPTION, Ty,
};
use crate::graphql::core::error::FieldError;
use crate::graphql::core::execution::ExecutionContext;
use crate::graphql::core::value::{ObjectValue, Value, value};
use crate::model::Vocabulary;
use crate::register::{Register, TableSet};

/// The objects by name, what the query root has besides its fields, and the words.
pub type Tables =
    (BTreeMap<Cow<'static, str>, Arc<ObjectDef>>, Arc<ObjectDef>, BTreeMap<&'static str, &'static Vocabulary>);

/// A resolver of a part of the schema.
type Resolver = for<'r> fn(&'r Graph, Meta<'r>) -> MetaValue<'r>;

/// A part of the schema as an object.
#[derive(Debug)]
struct Part<'r> {
    graph: &'r Graph,
    meta: Meta<'r>,
}

impl<'r> ObjectValue<'r> for Part<'r> {
    fn field(
        &self,
        index: usize,
        _: &ExecutionContext<'r>,
        register: &'r Register,
        args: &Args,
    ) -> Result<Value<'r>, FieldError> {
        let (_, _, fields) = &TYPES[self.meta.type_index()];
        let mut value = (fields[index].resolver)(self.graph, self.meta);
        let hides = !matches!(args.get("includeDeprecated"), Some(Input::Boolean(true)));
        if let (MetaValue::Many(all), true) = (&mut value, hides) {
            all.retain(|meta| will_go_for(*meta).is_none());
        }
        Ok(out(self.graph, register, value))
    }
}

fn out<'r>(graph: &'r Graph, register: &'r Register, given: MetaValue<'r>) -> Value<'r> {
    let object = |meta| value(register, Part { graph, meta });
    match given {
        MetaValue::Null => Value::Null,
        MetaValue::Bool(value) => Value::Bool(value),
        MetaValue::Text(text) => Value::Text(text),
        MetaValue::One(meta) => object(meta),
        MetaValue::Many(all) => Value::List(all.into_iter().map(object).collect()),
        MetaValue::Words(words) => Value::List(words.into_iter().map(|word| Value::Text(word.into())).collect()),
    }
}

/// A field of a type of introspection.
struct MetaField {
    name: &'static str,
    doc: &'static str,
    ty: Ty,
    args: Vec<ArgDef>,
    resolver: Resolver,
}

impl MetaField {
    fn with_args(self, args: Vec<ArgDef>) -> Self {
        Self { args, ..self }
    }
}

/// A type of introspection: name, documentation, fields.
type MetaType = (&'static str, &'static str, Vec<MetaField>);

/// The objects of introspection.
pub fn objects() -> Tables {
    let object = |(name, doc, fields): &MetaType| {
        let fields = fields.iter().enumerate().map(|(index, field)| {
            FieldDef::new(field.name, field.ty.clone(), field.doc, Resolve::Value(index))
                .with_args(field.args.clone())
                .reading(TableSet::NONE)
        });
        let fields = fields.collect();
        (Cow::from(*name), Arc::new(ObjectDef { name: (*name).into(), doc: (*doc).into(), is_node: false, fields }))
    };
    let enums = [&TYPE_KIND, &DIRECTIVE_LOCATION].map(|vocabulary| (vocabulary.name, vocabulary));
    (TYPES.iter().map(object).collect(), Arc::new(root_fields()), enums.into_iter().collect())
}

static TYPES: LazyLock<[MetaType; 6]> = LazyLock::new(types);

impl Meta<'_> {
    /// Its type's place in [`types`].
    fn type_index(self) -> usize {
        match self {
            Self::Schema => 0,
            Self::Named(_) | Self::Ty(_) => 1,
            Self::Field(_) => 2,
            Self::Argument(_) => 3,
            Self::Word(..) => 4,
            Self::Directive(_) => 5,
        }
    }
}

fn types() -> [MetaType; 6] {
    let many = |name: &'static str| Ty::List(Box::new(Ty::required(name)));
    let field = |name: &'static str, ty: Ty, doc: &'static str, resolver: Resolver| MetaField {
        name,
        doc,
        ty,
        args: Vec::new(),
        resolver,
    };
    let deprecated = || {
        vec![ArgDef {
            default: Some(Input::Boolean(false)),
            ..ArgDef::new("includeDeprecated", Ty::named("Boolean"), "Whether to give those too that will go.")
        }]
    };
    let define = |name: &'static str, doc: &'static str, fields: Vec<MetaField>| (name, doc, fields);
    let text = || Ty::named("String");
    let name = || field("name", Ty::required("String"), "Its name.", |_, meta| name_of(meta));
    let description = || field("description", text(), "What it is.", description_of);
    let will_go = || {
        [
            field("isDeprecated", Ty::required("Boolean"), "Whether it will go.", |_, it| {
                MetaValue::Bool(will_go_for(it).is_some())
            }),
            field("deprecationReason", text(), "Why it will go, and what to use instead.", |_, meta| reason_of(meta)),
        ]
    };
    let with = |mut fields: Vec<MetaField>| {
        fields.extend(will_go());
        fields
    };
    let ty = || {
        field("type", Ty::required("__Type"), "Its type.", |_, meta| match meta {
            Meta::Field(field) => MetaValue::One(Meta::Ty(&field.ty)),
            Meta::Argument(arg) => MetaValue::One(Meta::Ty(&arg.ty)),
            _ => MetaValue::Null,
        })
    };
    let args = |resolver| field("args", many("__InputValue").non_null(), "Its arguments.", resolver);
    [
        define(
            "__Schema",
            "The schema.",
            vec![
                description(),
                field("types", many("__Type").non_null(), "All types.", |graph, _| {
                    MetaValue::Many(graph.type_names().map(Meta::Named).collect())
                }),
                field("queryType", Ty::required("__Type"), "The root of queries.", |_, _| {
                    MetaValue::One(Meta::Named(QUERY))
                }),
                field("mutationType", Ty::named("__Type"), "The root of writes.", |_, _| {
                    MetaValue::One(Meta::Named(MUTATION))
                }),
                field("subscriptionType", Ty::named("__Type"), "The root of what can be followed.", |_, _| {
                    MetaValue::One(Meta::Named(SUBSCRIPTION))
                }),
                field("directives", many("__Directive").non_null(), "The directives.", |_, _| {
                    MetaValue::Many(DIRECTIVES.iter().map(Meta::Directive).collect())
                }),
            ],
        ),
        define(
            "__Type",
            "A type.",
            vec![
                field("kind", Ty::required("__TypeKind"), "What sort of type it is.", |graph, meta| {
                    MetaValue::Text(kind_of(graph, meta).into())
                }),
                field("name", text(), "Its name; null for what is made of another type.", |_, meta| name_of(meta)),
                description(),
                field("specifiedByURL", text(), "Where the form of a scalar is specified.", |graph, meta| match named(
                    meta,
                )
                .and_then(|name| graph.scalars.get(name))
                {
                    Some(scalar) => MetaValue::Text(scalar.specified_by.into()),
                    None => MetaValue::Null,
                }),
                field("fields", many("__Field"), "The fields of an object or interface.", |graph, meta| {
                    match named(meta).and_then(|name| graph.composite(name)) {
                        Some(object) => MetaValue::Many(object.fields.iter().map(Meta::Field).collect()),
                        None => MetaValue::Null,
                    }
                })
                .with_args(deprecated()),
                field("interfaces", many("__Type"), "The interfaces of an object.", |graph, meta| {
                    match named(meta).and_then(|name| graph.composite(name)) {
                        Some(object) if object.is_node => MetaValue::Many(vec![Meta::Named(NODE)]),
                        Some(_) => MetaValue::Many(Vec::new()),
                        None => MetaValue::Null,
                    }
                }),
                field("possibleTypes", many("__Type"), "The objects that have an interface.", |graph, meta| {
                    if named(meta) != Some(NODE) {
                        return MetaValue::Null;
                    }
                    let nodes = graph.objects.values().filter(|object| object.is_node);
                    MetaValue::Many(nodes.map(|object| Meta::Named(&object.name)).collect())
                }),
                field("enumValues", many("__EnumValue"), "The words of an enum.", |graph, meta| {
                    match named(meta).and_then(|name| graph.vocabulary(name)) {
                        Some(vocabulary) => {
                            MetaValue::Many(vocabulary.words.iter().map(|(word, doc)| Meta::Word(word, doc)).collect())
                        }
                        None => MetaValue::Null,
                    }
                })
                .with_args(deprecated()),
                field("inputFields", many("__InputValue"), "The fields of an input.", |graph, meta| {
                    match named(meta).and_then(|name| graph.inputs.get(name)) {
                        Some(input) => MetaValue::Many(input.fields.iter().map(Meta::Argument).collect()),
                        None => MetaValue::Null,
                    }
                })
                .with_args(deprecated()),
                field(
                    "ofType",
                    Ty::named("__Type"),
                    "The type that a list, or a type without null, is made of.",
                    |_, meta| match meta {
                        Meta::Ty(Ty::NonNull(inner) | Ty::List(inner)) => MetaValue::One(Meta::Ty(inner)),
                        _ => MetaValue::Null,
                    },
                ),
                field(
                    "isOneOf",
                    Ty::named("Boolean"),
                    "Whether exactly one field of an input is given.",
                    |graph, meta| match named(meta).and_then(|name| graph.inputs.get(name)) {
                        Some(input) => MetaValue::Bool(input.one_of),
                        None => MetaValue::Null,
                    },
                ),
            ],
        ),
        define(
            "__Field",
            "A field.",
            with(vec![
                name(),
                description(),
                args(|_, meta| match meta {
                    Meta::Field(field) => MetaValue::Many(field.args.iter().map(Meta::Argument).collect()),
                    _ => MetaValue::Null,
                })
                .with_args(deprecated()),
                ty(),
            ]),
        ),
        define(
            "__InputValue",
            "An argument, or a field of an input.",
            with(vec![
                name(),
                description(),
                ty(),
                field("defaultValue", text(), "Its value when none is given, as GraphQL writes it.", |_, meta| {
                    match meta {
                        Meta::Argument(ArgDef { default: Some(default), .. }) => {
                            MetaValue::Text(default.to_string().into())
                        }
                        _ => MetaValue::Null,
                    }
                }),
            ]),
        ),
        define("__EnumValue", "A word of an enum.", with(vec![name(), description()])),
        define(
            "__Directive",
            "A directive.",
            vec![
                name(),
                description(),
                field("isRepeatable", Ty::required("Boolean"), "Whether it may stand twice in one place.", |_, _| {
                    MetaValue::Bool(false)
                }),
                field(
                    "locations",
                    many("__DirectiveLocation").non_null(),
                    "Where it may stand.",
                    |_, meta| match meta {
                        Meta::Directive(directive) => MetaValue::Words(directive.places.to_vec()),
                        _ => MetaValue::Null,
                    },
                ),
                args(|_, meta| match meta {
                    Meta::Directive(directive) => MetaValue::Many(directive.args.iter().map(Meta::Argument).collect()),
                    _ => MetaValue::Null,
                })
                .with_args(deprecated()),
            ],
        ),
    ]
}

/// What the query root has besides its fields.
fn root_fields() -> ObjectDef {
    let schema: OfGraph = |graph, register, _| out(graph, register, MetaValue::One(Meta::Schema));
    let by_name: OfGraph = |graph, register, args| {
        let wanted = args.text("name").unwrap_or_default();
        let found = graph.type_names().find(|name| *name == wanted);
        out(graph, register, found.map_or(MetaValue::Null, |name| MetaValue::One(Meta::Named(name))))
    };
    let (schema, by_name) = (Resolve::OfGraph(schema), Resolve::OfGraph(by_name));
    ObjectDef {
        name: "__Root".into(),
        doc: String::new(),
        is_node: false,
        fields: vec![
            FieldDef::new("__schema", Ty::required("__Schema"), "The schema.", schema),
            FieldDef::new("__type", Ty::named("__Type"), "The type of that name.", by_name)
                .with_args(vec![ArgDef::new("name", Ty::required("String"), "Its name.")]),
        ],
    }
}

/// What clients ask to know the whole schema.
pub const INTROSPECTION: &str = include_str!("introspection.graphql");
