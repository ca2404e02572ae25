//! The only home of async-graphql's engine: it parses, validates, introspects and writes the schema. It runs nothing of ours:
//! plans do (see [`super::run`]), because the engine takes nine times as long for a large answer and, in 7.2, answers fields in
//! the order in which they complete.

use std::sync::Arc;

use async_graphql::dynamic::{
    Enum, EnumItem, Field, FieldFuture, InputObject, InputValue, Interface, InterfaceField, Object, Scalar, Schema,
    Subscription, SubscriptionField, SubscriptionFieldFuture, TypeRef,
};
use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute};
use async_graphql::futures_util::{FutureExt as _, stream};
use async_graphql::parser::types::ExecutableDocument;
use async_graphql::{Error, Request, Response, SDLExportOptions, ServerError, Value, Variables};

use crate::graphql::definition::{ArgDef, FieldDef, Graph, MUTATION, ObjectDef, QUERY, SUBSCRIPTION, Ty};
use crate::graphql::error::{ErrorCode, FieldError, GraphqlError};
use crate::graphql::types;
use crate::model::problem::nearest;

/// What the schema as a whole is, for those who read it.
const SCHEMA_DOC: &str = "The register of a public body's business plan: what was planned, what became of it, and where each figure is printed.";

/// The engine with the schema of our graph.
pub struct Engine {
    schema: Schema,
}

/// Lets a request through to the engine's own execution only when it asks for introspection.
struct OnlyIntrospection;

#[derive(Clone, Copy)]
struct Introspect;

impl ExtensionFactory for OnlyIntrospection {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_graphql::async_trait::async_trait]
impl Extension for OnlyIntrospection {
    async fn execute(&self, ctx: &ExtensionContext<'_>, operation: Option<&str>, next: NextExecute<'_>) -> Response {
        if ctx.data::<Introspect>().is_ok() { next.run(ctx, operation).await } else { Response::default() }
    }
}

impl Engine {
    /// The engine for that graph.
    pub fn new(graph: &Graph) -> Self {
        let mut builder = Schema::build(QUERY, Some(MUTATION), Some(SUBSCRIPTION))
            .extension(OnlyIntrospection)
            .limit_recursive_depth(100)
            // It compares with every name for every error, however long: see `near_fields`.
            .disable_suggestions();
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
        let (name, doc) = types::node_interface();
        let mut node = Interface::new(name).description(doc);
        for field in types::identity() {
            node = node.field(InterfaceField::new(field.name.clone(), type_ref(&field.ty)).description(field.doc));
        }
        builder = builder.register(node);
        for definition in graph.objects.values() {
            if definition.name == SUBSCRIPTION {
                builder = builder.register(subscription(definition));
                continue;
            }
            let mut object = Object::new(definition.name.clone()).description(definition.doc.trim());
            if definition.is_node {
                object = object.implement(name);
            }
            for field in &definition.fields {
                object = object.field(field_of(field));
            }
            builder = builder.register(object);
        }
        Self { schema: builder.finish().expect("the graph is sound: its tables are made together") }
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
        let sdl = self.schema.sdl_with_options(options);
        let mut lines: Vec<&str> = Vec::new();
        for line in sdl.lines().map(str::trim_end) {
            if line.starts_with("directive @") {
                // GraphQL's own: whoever reads a schema knows them, and may not take a second definition.
                lines.pop_if(|line| line.starts_with('"'));
            } else {
                lines.push(line);
            }
        }
        format!("{}\n", lines.join("\n").trim().replace("\nschema {", &format!("\n\"{SCHEMA_DOC}\"\nschema {{")))
    }

    /// Parses a document.
    ///
    /// # Errors
    /// When it is no GraphQL.
    pub fn parse(document: &str) -> Result<ExecutableDocument, GraphqlError> {
        async_graphql::parser::parse_query(document).map_err(|error| {
            let text = error.to_string();
            // The parser also draws the line that it stopped in, which may be the whole document; `locations` says where.
            let reason = text.rsplit_once("\n  = ").map_or(text.as_str(), |(_, reason)| reason);
            GraphqlError {
                error: Box::new(FieldError::new(ErrorCode::ParseFailed, reason, "correct the document")),
                locations: error.positions().collect(),
                path: Vec::new(),
            }
        })
    }

    /// Validates a document, which does not depend on the values of its variables.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn validate(&self, document: &ExecutableDocument, operation: Option<&str>) -> Result<(), Vec<GraphqlError>> {
        let mut request = Request::new("");
        request.operation_name = operation.map(str::to_owned);
        request.set_parsed_query(document.clone());
        let response = self.schema.execute(request).now_or_never().expect("nothing in it waits");
        if response.errors.is_empty() {
            return Ok(());
        }
        Err(response.errors.into_iter().map(from_engine).collect())
    }

    /// Answers `__schema` and `__type` of an operation; every other field is null.
    pub fn introspect(
        &self,
        document: &ExecutableDocument,
        operation: Option<&str>,
        variables: Variables,
    ) -> serde_json::Value {
        let mut request = Request::new("").variables(variables).only_introspection().data(Introspect);
        request.operation_name = operation.map(str::to_owned);
        request.set_parsed_query(document.clone());
        let response = self.schema.execute(request).now_or_never().expect("nothing in it waits");
        let mut answer = response.data.into_json().unwrap_or_default();
        // In place of what the schema is, the engine tells what a schema is.
        let roots = answer.as_object_mut().into_iter().flat_map(serde_json::Map::values_mut);
        for value in roots.filter_map(serde_json::Value::as_object_mut).flat_map(serde_json::Map::values_mut) {
            if value.as_str().is_some_and(|text| text.starts_with("A GraphQL Schema defines the capabilities")) {
                *value = SCHEMA_DOC.into();
            }
        }
        answer
    }
}

/// Most errors of a document for which near names are looked for, and the longest name for which that is done.
const SUGGESTED_MAX: usize = 5;
const SUGGESTED_BYTES_MAX: usize = 60;

/// Tells in the hints of the first errors which fields have names near the unknown one.
pub fn near_fields(graph: &Graph, errors: &mut [GraphqlError]) {
    for error in errors.iter_mut().take(SUGGESTED_MAX) {
        // `Unknown field "mesures" on type "Query".`
        let Some(rest) = error.error.message.strip_prefix("Unknown field \"") else { continue };
        let Some((name, rest)) = rest.split_once("\" on type \"") else { continue };
        let object = rest.split('"').next().and_then(|ty| graph.object(ty));
        let Some(object) = object.filter(|_| name.len() <= SUGGESTED_BYTES_MAX) else { continue };
        let near = nearest(name, object.fields.iter().map(|field| field.name.as_ref()));
        if !near.is_empty() {
            let near: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
            error.error.hint = format!("did you mean {}? The schema is at /schema.graphql", near.join(" or "));
        }
    }
}

fn from_engine(error: ServerError) -> GraphqlError {
    let hint = "correct the document; the schema is at /schema.graphql";
    GraphqlError {
        error: Box::new(FieldError::new(ErrorCode::ValidationFailed, error.message, hint)),
        locations: error.locations,
        path: Vec::new(),
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
    // The engine never resolves a field of ours: `OnlyIntrospection` sees to it.
    let mut field = Field::new(definition.name.clone(), type_ref(&definition.ty), |_| FieldFuture::Value(None))
        .description(definition.doc.trim());
    for arg in &definition.args {
        field = field.argument(argument(arg));
    }
    field
}

/// What clients ask to know the whole schema.
pub const INTROSPECTION: &str = "
query IntrospectionQuery {
  __schema {
    description
    queryType { name }
    mutationType { name }
    subscriptionType { name }
    types { ...FullType }
    directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } }
  }
}

fragment FullType on __Type {
  kind
  name
  description
  specifiedByURL
  isOneOf
  fields(includeDeprecated: true) {
    name
    description
    args(includeDeprecated: true) { ...InputValue }
    type { ...TypeRef }
    isDeprecated
    deprecationReason
  }
  inputFields(includeDeprecated: true) { ...InputValue }
  interfaces { ...TypeRef }
  enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
  possibleTypes { ...TypeRef }
}

fragment InputValue on __InputValue {
  name
  description
  type { ...TypeRef }
  defaultValue
  isDeprecated
  deprecationReason
}

fragment TypeRef on __Type {
  kind
  name
  ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } }
}
";
