//! The graph as a part of a larger one (Apollo Federation 2): what a gateway asks that puts the graphs of several services together.
//! Only a server that is told to offers it, for it means something to gateways alone.
//!
//! A record is an entity by its `key`, and by its `id`. The specification has `_entities` give a union of all entities; here it gives
//! the interface that all records have, which answers the same documents.

use std::sync::{Arc, OnceLock};

use async_graphql::Value as Input;
use async_graphql::indexmap::IndexMap;

use crate::graphql::core::definition::{
    ArgDef, FieldDef, Graph, NODE, ObjectDef, QUERY, Resolve, ScalarDef, Ty, function,
};
use crate::graphql::core::error::FieldError;
use crate::graphql::core::execution::ExecutionContext;
use crate::graphql::core::id::Id;
use crate::graphql::core::limits::Limits;
use crate::graphql::core::value::{Value, object, record};
use crate::graphql::registry::engine::Engine;
use crate::graphql::types::query::by_id;
use crate::model::{Key, Kind};
use crate::register::{Register, TableSet};

/// Names the entity that is meant: its type, and one of the keys that its type has.
const ANY: &str = "_Any";
const SERVICE: &str = "_Service";

/// Adds what a gateway asks to a graph that nobody else holds yet.
pub fn offer(graph: &mut Graph, limits: &Limits) {
    let sdl: Arc<str> = Engine::of_subgraph(graph).sdl().into();
    let root = graph.objects.get_mut(QUERY).and_then(Arc::get_mut).expect("nobody else holds the graph yet");
    root.fields.extend([entities(limits.ids), service(sdl)]);
    let sdl =
        FieldDef::new("sdl", Ty::required("String"), "The schema with its keys, for composition.", Resolve::Value(0));
    let doc = "What this service is to a gateway.";
    let object = ObjectDef { name: SERVICE.into(), doc: doc.into(), is_node: false, fields: vec![sdl] };
    graph.objects.insert(SERVICE.into(), Arc::new(object));
    graph.scalars.insert(
        ANY,
        ScalarDef {
            name: ANY,
            doc: "Names a record to a gateway: `{__typename: \"Measure\", key: \"…\"}`, or with `id` in place of `key`.",
            specified_by: "https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/subgraph-spec",
            check: |_| Ok(()),
        },
    );
    graph.sizes = OnceLock::new();
}

fn service(sdl: Arc<str>) -> FieldDef {
    let resolve = function(move |_, root, _| Ok(object(root.register, vec![Value::Text(sdl.to_string().into())])));
    FieldDef::new("_service", Ty::required(SERVICE), "What this service is to a gateway.", resolve)
        .reading(TableSet::NONE)
}

fn entities(max: usize) -> FieldDef {
    let resolve = function(move |context, object, args| {
        let Some(Input::List(named)) = args.get("representations") else { return Ok(Value::List(Vec::new())) };
        if named.len() > max {
            let hint = "ask for them in several requests";
            return Err(FieldError::limit("entities of one lookup", max, named.len(), hint).raised_by("ids"));
        }
        let found = named.iter().map(|named| entity(context, object.register, named));
        found.collect::<Result<_, _>>().map(Value::List)
    });
    let doc =
        format!("The records that a gateway names, in its order, null for those that are not there. At most {max}.");
    let representations = ArgDef::new("representations", Ty::list(ANY), "The type of each, and its key or id.");
    FieldDef::new("_entities", Ty::List(Box::new(Ty::named(NODE))).non_null(), doc, resolve)
        .with_args(vec![representations])
}

fn entity<'r>(context: &ExecutionContext<'r>, register: &'r Register, named: &Input) -> Result<Value<'r>, FieldError> {
    let text = |fields: &IndexMap<_, Input>, name: &str| match fields.get(name) {
        Some(Input::String(text)) => Some(text.clone()),
        _ => None,
    };
    let read = match named {
        Input::Object(fields) => text(fields, "__typename").map(|ty| (ty, text(fields, "key"), text(fields, "id"))),
        _ => None,
    };
    let kind = |name: &str| Kind::ALL.iter().copied().find(|kind| kind.name() == name);
    let unknown = |message: String| FieldError::input(message, "name its type, and its `key` or `id`");
    let (ty, key, id) = read.ok_or_else(|| unknown("a representation has no `__typename`".into()))?;
    let kind = kind(&ty).ok_or_else(|| unknown(format!("`{ty}` is no type of records")))?;
    let found = match (key, id) {
        (Some(key), _) => Key::parse(&key).ok().and_then(|key| register.resolve(kind, &key)),
        (None, Some(id)) if Id::decode(&id).is_some_and(|id| id.kind != kind) => {
            return Err(unknown(format!("`{id}` is the id of no `{ty}`")));
        }
        (None, Some(id)) => return by_id(context, register, &id),
        (None, None) => return Err(unknown(format!("a representation of `{ty}` has neither `key` nor `id`"))),
    };
    Ok(found.map_or(Value::Null, |node| record(register, node)))
}
