//! The query root: lookups by key and id, a connection for each kind, and the state of the register.

use crate::graphql::core::payload::payload;
use crate::graphql::core::value::{int, object};
use crate::model::text::shortened;
use async_graphql::Value as Input;

use crate::graphql::core::args::Args;
use crate::graphql::core::as_of::as_of;
use crate::graphql::core::definition::{ArgDef, FieldDef, ObjectDef, QUERY, Resolve, Ty, function};
use crate::graphql::core::error::FieldError;
use crate::graphql::core::execution::ExecutionContext;
use crate::graphql::core::id::Id;
use crate::graphql::core::limits::Limits;
use crate::graphql::core::value::instant;
use crate::graphql::core::value::record;
use crate::graphql::core::value::{ObjectKind, ObjectRef, Value};
use crate::graphql::types::commits;
use crate::graphql::types::connection::connection;
use crate::graphql::types::discrepancies;
use crate::graphql::types::figures;
use crate::graphql::types::history::{self};
use crate::graphql::types::page::{self, Source};
use crate::graphql::types::plans;
use crate::graphql::types::search;
use crate::graphql::types::viewer;
use crate::model::value::camel_case;
use crate::model::{Key, Kind};
use crate::register::query::FilterSchema;
use crate::register::{Register, TableSet};

/// Name of the type that a state of the register answers with.
const SNAPSHOT: &str = "Snapshot";

/// The query root and the objects that only it has.
pub fn objects(limits: &Limits) -> Vec<ObjectDef> {
    let mut fields = state_fields(limits);
    fields.push(at_field());
    fields.push(limits_field());
    fields.push(viewer::root_field());
    fields.extend(commits::query_fields(limits));
    fields.extend(history::query_fields());
    let query = ObjectDef {
        name: QUERY.into(),
        doc: "What can be asked. Every answer reads one state of the register from beginning to end; \
              `extensions.revision` names the last revision that changed any of what the query can read."
            .into(),
        is_node: false,
        fields,
    };
    let snapshot = ObjectDef {
        name: SNAPSHOT.into(),
        doc: "The register as it was: the same fields as the root, and everything below them, of that state.".into(),
        is_node: false,
        fields: state_fields(limits),
    };
    let mut objects = state_objects();
    objects.extend([query, snapshot, limits_object(), viewer::viewer()]);
    objects
}

/// What can be asked of any state of the register.
fn state_fields(limits: &Limits) -> Vec<FieldDef> {
    let mut fields = vec![register_field(), node_field(), nodes_field(limits), plans::compare_field()];
    fields.push(search::field(limits));
    fields.extend([figures::scoreboard::root_field(), figures::report::root_field()]);
    fields.push(figures::bodies::root_field());
    fields.push(figures::tree::root_field());
    fields.extend(figures::askable::root_fields(limits));
    for &kind in Kind::ALL {
        fields.push(one(kind));
        fields.push(many(kind, limits));
    }
    fields.extend(discrepancies::state_fields(limits));
    fields
}

fn at_field() -> FieldDef {
    let resolve = function(|context, _, args| {
        let revision = as_of(context.ledger, &context.registers.current, args)?;
        let register = revision.and_then(|revision| context.at(revision));
        Ok(register.map_or(Value::Null, |register| Value::Object(ObjectRef { register, of: ObjectKind::Root })))
    });
    let doc = "The register as it was at a revision, an instant or an edition. Two states side by side are two aliases of this field; \
               records of different states have different ids.";
    FieldDef::new("at", Ty::required(SNAPSHOT), doc, resolve).with_args(vec![ArgDef::new(
        "asOf",
        Ty::required("AsOf"),
        "Which state.",
    )])
}

fn limits_field() -> FieldDef {
    let resolve = function(|context, root, _| {
        let values = Limits::ALL.iter().map(|limit| int((limit.get)(&context.request.limits) as u64));
        Ok(object(root.register, values.collect()))
    });
    let doc =
        "The limits of this server. A request over one is refused with `LIMIT_EXCEEDED`, which tells limit and found.";
    FieldDef::new("limits", Ty::required("Limits"), doc, resolve).reading(TableSet::NONE)
}

fn limits_object() -> ObjectDef {
    let fields = Limits::ALL.iter().enumerate().map(|(index, limit)| {
        FieldDef::new(camel_case(limit.name), Ty::required("Int"), limit.doc.trim(), Resolve::Value(index))
    });
    ObjectDef {
        name: "Limits".into(),
        doc: "How much one request may ask of this server.".into(),
        is_node: false,
        fields: fields.collect(),
    }
}

fn one(kind: Kind) -> FieldDef {
    let resolve = function(move |context, object, args| {
        let wanted = args.text("key").unwrap_or_default();
        let node = Key::parse(wanted).ok().and_then(|key| object.register.resolve(kind, &key));
        if node.is_none() {
            context.no_such_key(object.register, kind, wanted);
        }
        Ok(node.map_or(Value::Null, |node| record(object.register, node)))
    });
    let doc = format!(
        "The {kind} of that natural key, or that had it before it was renamed; null when there is none: then `extensions.hints` has near keys."
    );
    let key = ArgDef::new("key", Ty::required("String"), "Natural key of the record.");
    FieldDef::new(kind.one(), Ty::named(kind.name()), doc, resolve)
        .with_args(vec![key])
        .reading(TableSet::of(&[kind, Kind::FormerKey]))
}

fn many(kind: Kind, limits: &Limits) -> FieldDef {
    let resolve = function(move |context, object, args| connection(context, object.register, &Source::All(kind), args));
    let doc = format!("All records of kind {kind}, in the document's order where there is one, else by key.");
    FieldDef::new(kind.many(), Ty::required(format!("{kind}Connection")), doc, resolve)
        .with_args(page::arguments(limits))
        .filtered_by(FilterSchema::of(kind.info()))
        .reading(TableSet::of(&[kind]))
}

/// The record of that id, in the state that it names.
///
/// # Errors
/// When it is no id.
pub fn by_id<'r>(context: &ExecutionContext<'r>, register: &'r Register, id: &str) -> Result<Value<'r>, FieldError> {
    let id = Id::decode(id).ok_or_else(|| {
        FieldError::input(
            format!("`{}` is no id", shortened(id, 80)),
            "take an `id` from an earlier answer, unchanged; natural keys have lookups of their own",
        )
    })?;
    let register = id.past.and_then(|revision| context.at(revision)).unwrap_or(register);
    Ok(register.resolve(id.kind, &id.key).map_or(Value::Null, |node| record(register, node)))
}

fn node_field() -> FieldDef {
    let resolve =
        function(|context, object, args: &Args| by_id(context, object.register, args.text("id").unwrap_or_default()));
    FieldDef::new("node", Ty::named("Node"), "The record of that id; null when there is none.", resolve)
        .with_args(vec![ArgDef::new("id", Ty::required("ID"), "Id of the record.")])
}

fn nodes_field(limits: &Limits) -> FieldDef {
    let max = limits.ids;
    let resolve = function(move |context, object, args: &Args| {
        let Some(Input::List(ids)) = args.get("ids") else { return Ok(Value::List(Vec::new())) };
        if ids.len() > max {
            return Err(FieldError::limit("ids of one lookup", max, ids.len(), "ask for them in several requests")
                .raised_by("ids"));
        }
        let nodes = ids.iter().map(|id| match id {
            Input::String(id) => by_id(context, object.register, id),
            _ => Ok(Value::Null),
        });
        nodes.collect::<Result<_, _>>().map(Value::List)
    });
    let ty = Ty::List(Box::new(Ty::named("Node"))).non_null();
    let doc = format!("The records of these ids, in their order, null for those that are not there. At most {max}.");
    FieldDef::new("nodes", ty, doc, resolve).with_args(vec![ArgDef::new("ids", Ty::list("ID"), "Ids of the records.")])
}

payload! {
    /// A state of the register: all records after one commit.
    RegisterState {
        /// Its revision: the number of commits so far.
        revision: "Revision!",
        /// When that commit was made; null before the first one.
        committed_at: "DateTime",
        /// How many records of each kind it holds.
        counts: "[KindCount!]!",
    }
}

payload! {
    /// How many records of a kind there are.
    KindCount {
        /// The kind.
        kind: "Kind!",
        /// How many.
        count: "Int!",
    }
}

fn register_field() -> FieldDef {
    let resolve = function(|_, object, _| {
        let register = object.register;
        let counts = Kind::ALL.iter().map(|kind| {
            let count = i64::try_from(register.count(*kind)).unwrap_or(i64::MAX);
            KindCount { kind: Value::Text(kind.word().into()), count: Value::Int(count) }.object(register)
        });
        let committed_at = if register.revision() == 0 { Value::Null } else { instant(register.committed_at_ms()) };
        let (revision, counts) = (Value::Revision(register.revision()), Value::List(counts.collect()));
        Ok(RegisterState { revision, committed_at, counts }.object(register))
    });
    FieldDef::new(
        "register",
        Ty::required("RegisterState"),
        "The state of the register that this answer reads.",
        resolve,
    )
}

fn state_objects() -> Vec<ObjectDef> {
    vec![RegisterState::definition(), KindCount::definition()]
}
