//! The only home of async-graphql's engine: it builds the schema from the graph and writes it in its own language. It reads,
//! validates and answers nothing: see [`crate::graphql::prepare`] and [`crate::graphql::execute::run`].

use async_graphql::dynamic::{
    Enum, EnumItem, Field, FieldFuture, InputObject, InputValue, Interface, InterfaceField, Object, Scalar, Schema,
    Subscription, SubscriptionField, SubscriptionFieldFuture, TypeRef,
};
use async_graphql::futures_util::stream;
use async_graphql::{Error, SDLExportOptions, Value};

use crate::graphql::core::definition::{
    ArgDef, FieldDef, Graph, MUTATION, ObjectDef, PAGE_INFO, QUERY, SUBSCRIPTION, Ty,
};
use crate::graphql::registry::meta::SCHEMA_DOC;

/// The engine with the schema of our graph.
pub struct Engine {
    schema: Schema,
    /// Whether the schema is written as part of a larger one.
    is_subgraph: bool,
}

impl Engine {
    /// The engine for that graph.
    pub fn new(graph: &Graph) -> Self {
        Self::build(graph, false)
    }

    /// The engine for that graph as part of a larger one: with the keys by which a gateway names records.
    pub fn of_subgraph(graph: &Graph) -> Self {
        Self::build(graph, true)
    }

    fn build(graph: &Graph, is_subgraph: bool) -> Self {
        let mut builder = Schema::build(QUERY, Some(MUTATION), Some(SUBSCRIPTION));
        for scalar in graph.scalars.values() {
            let check = scalar.check;
            builder = builder.register(
                Scalar::new(scalar.name)
                    .description(scalar.doc)
                    .specified_by_url(scalar.specified_by)
                    .validator(move |value| check(value).is_ok()),
            );
        }
        for vocabulary in graph.enums.values() {
            let items = vocabulary.words.iter().map(|(word, doc)| EnumItem::new(*word).description(doc.trim()));
            builder = builder.register(Enum::new(vocabulary.name).description(vocabulary.doc.trim()).items(items));
        }
        for (name, input) in &graph.inputs {
            let mut object = InputObject::new(name.clone()).description(input.doc.trim());
            for field in &input.fields {
                object = object.field(argument(field));
            }
            builder = builder.register(if input.one_of { object.oneof() } else { object });
        }
        let mut node = Interface::new(graph.node.name.clone()).description(graph.node.doc.clone());
        for field in &graph.node.fields {
            let field = InterfaceField::new(field.name.clone(), type_ref(&field.ty)).description(field.doc.clone());
            node = node.field(field);
        }
        builder = builder.register(node);
        for definition in graph.objects.values() {
            if definition.name == SUBSCRIPTION {
                builder = builder.register(subscription(definition));
                continue;
            }
            let mut object = Object::new(definition.name.clone()).description(definition.doc.trim());
            if definition.is_node {
                object = object.implement(graph.node.name.clone());
                if is_subgraph {
                    object = object.key("key").key("id");
                }
            }
            // Every service has pages, and a gateway puts those of all together.
            let is_shared = is_subgraph && definition.name == PAGE_INFO;
            for field in &definition.fields {
                let field = field_of(field);
                object = object.field(if is_shared { field.shareable() } else { field });
            }
            builder = builder.register(object);
        }
        Self { schema: builder.finish().expect("the graph is sound: its tables are made together"), is_subgraph }
    }

    /// The schema in its own language, sorted, so that two versions compare line by line.
    pub fn sdl(&self) -> String {
        let options = SDLExportOptions::new()
            .sorted_fields()
            .sorted_arguments()
            .sorted_enum_items()
            .include_specified_by()
            .prefer_single_line_descriptions()
            .use_space_ident()
            .indent_width(2);
        let options = if self.is_subgraph { options.federation() } else { options };
        let sdl = self.schema.sdl_with_options(options);
        let mut lines: Vec<&str> = Vec::new();
        for line in sdl.lines().map(str::trim_end) {
            // What puts graphs together does not know the newest of GraphQL's own.
            let is_unknown = self.is_subgraph && line.starts_with("directive @oneOf");
            if line.starts_with("directive @") && !is_unknown {
                // GraphQL's own: whoever reads a schema knows them, and may not take a second definition.
                lines.pop_if(|line| line.starts_with('"'));
            } else {
                lines.push(line);
            }
        }
        format!("{}\n", lines.join("\n").trim().replace("\nschema {", &format!("\n\"{SCHEMA_DOC}\"\nschema {{")))
    }
}

fn type_ref(ty: &Ty) -> TypeRef {
    match ty {
        Ty::Named(name) => TypeRef::named(name.clone()),
        Ty::NonNull(inner) => TypeRef::NonNull(Box::new(type_ref(inner))),
        Ty::List(inner) => TypeRef::List(Box::new(type_ref(inner))),
    }
}

fn argument(definition: &ArgDef) -> InputValue {
    let value = InputValue::new(definition.name, type_ref(&definition.ty)).description(definition.doc.trim());
    match &definition.default {
        Some(default) => value.default_value(default.clone()),
        None => value,
    }
}

fn subscription(definition: &ObjectDef) -> Subscription {
    let root = Subscription::new(definition.name.clone()).description(definition.doc.trim());
    definition.fields.iter().fold(root, |root, field| {
        // As with fields: what is told is made by our own executor.
        let defined = SubscriptionField::new(field.name.clone(), type_ref(&field.ty), |_| {
            SubscriptionFieldFuture::new(async { Ok(stream::empty::<Result<Value, Error>>()) })
        })
        .description(field.doc.trim());
        root.field(field.args.iter().fold(defined, |defined, arg| defined.argument(argument(arg))))
    })
}

fn field_of(definition: &FieldDef) -> Field {
    // Never resolved: our own executor answers.
    let mut field = Field::new(definition.name.clone(), type_ref(&definition.ty), |_| FieldFuture::Value(None))
        .description(definition.doc.trim());
    for arg in &definition.args {
        field = field.argument(argument(arg));
    }
    match definition.deprecated {
        Some(reason) => field.deprecation(Some(reason)),
        None => field,
    }
}
