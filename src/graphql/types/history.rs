//! History in the graph: what was changed, the past of a record, states compared.

use crate::graphql::core::arguments::{first, first_arg, kinds, kinds_arg};
use crate::graphql::core::payload::payload;
use crate::graphql::core::value::{instant, int, text};
use std::sync::Arc;

use async_graphql::Value as Input;

use crate::commit::Counts;
use crate::graphql::core::args::Args;
use crate::graphql::core::as_of::named;
use crate::graphql::core::definition::{ArgDef, FieldDef, ObjectDef, Ty, function};
use crate::graphql::core::error::{ErrorCode, FieldError};
use crate::graphql::core::execution::ExecutionContext;
use crate::graphql::core::id::Id;
use crate::graphql::core::value::record;
use crate::graphql::core::value::{ObjectKind, ObjectRef, Value};
use crate::model::difference::{Difference, differences};
use crate::model::{Key, Kind, Record};
use crate::register::{Change, Register, Revision, TableSet};
use crate::work;

payload! {
    /// How many rows of a write came to what.
    CountsObject as "Counts" {
        /// Rows received.
        received: "Int!",
        /// Records that are new.
        created: "Int!",
        /// Records that changed.
        updated: "Int!",
        /// Rows whose record was there already, as it is.
        unchanged: "Int!",
        /// Records deleted.
        deleted: "Int!",
        /// Rows refused.
        rejected: "Int!",
    }
}

/// The counts of a submission.
pub fn counts<'r>(register: &'r Register, counts: &Counts) -> Value<'r> {
    let Counts { received, created, updated, unchanged, deleted, rejected } = *counts;
    CountsObject {
        received: int(received),
        created: int(created),
        updated: int(updated),
        unchanged: int(unchanged),
        deleted: int(deleted),
        rejected: int(rejected),
    }
    .object(register)
}

payload! {
    /// A field of a record before and after, as text.
    FieldChange {
        /// Path of the field, such as `figure.value`.
        field: "String!",
        /// Its value before; null when it was absent.
        before: "String",
        /// Its value after; null when it is absent.
        after: "String",
    }
}

/// Fields that differ.
pub fn field_changes(register: &Register, differences: Vec<Difference>) -> Value<'_> {
    let fields = differences.into_iter().map(|difference| {
        let side = |side: Option<String>| side.map_or(Value::Null, text);
        let (before, after) = (side(difference.before), side(difference.after));
        FieldChange { field: text(difference.path), before, after }.object(register)
    });
    Value::List(fields.collect())
}

payload! {
    /// What happens, or happened, to a record.
    ChangeObject as "Change" {
        /// Its kind.
        kind: "Kind!",
        /// Its natural key.
        key: "String!",
        /// Whether it is created, updated or deleted.
        outcome: "RowOutcome!",
        /// The fields that differ.
        fields: "[FieldChange!]!",
        /// The record as the answer's register has it, for an event that of its commit; null when it has none.
        node: "Node",
        /// The record's current id, also when it is gone: what a cache is to forget or to ask for anew.
        node_id: "ID!",
    }
}

/// A change.
pub fn change<'r>(register: &'r Register, change: &Change) -> Value<'r> {
    let (before, after) = (change.before.as_ref(), change.after.as_ref());
    let outcome = match (before, after) {
        (None, _) => "CREATED",
        (Some(_), Some(_)) => "UPDATED",
        (Some(_), None) => "DELETED",
    };
    let fields = differences(before.map(|node| &node.record), after.map(|node| &node.record));
    let node = register.get(change.kind, &change.key).map_or(Value::Null, |node| record(register, node));
    let id = Id { kind: change.kind, key: change.key.clone(), past: None }.encode();
    ChangeObject {
        kind: text(change.kind.word()),
        key: text(change.key.as_str()),
        outcome: text(outcome),
        fields: field_changes(register, fields),
        node,
        node_id: text(&id),
    }
    .object(register)
}

/// The error of a log that cannot be read.
pub fn unreadable(error: &crate::commit::CommitError) -> FieldError {
    tracing::error!(reason = %error, "the log cannot be read");
    FieldError::new(ErrorCode::Internal, "the log cannot be read", "report this; the server's log has the cause")
}

payload! {
    /// A step of a record's past.
    HistoryEntry {
        /// The revision that it made.
        revision: "Revision!",
        /// When.
        committed_at: "DateTime!",
        /// Who: the name of the token or command.
        author: "String!",
        /// Why, in the author's words.
        reason: "String!",
        /// What it changed in this record.
        change: "Change!",
    }
}

/// What a step of a record's past takes, in steps of work.
const CHANGE_STEPS: u64 = 250;

/// The past of a record, newest first: each revision that wrote it, back from the one that the register has.
fn history<'r>(
    context: &ExecutionContext<'r>,
    object_of: &ObjectRef<'r>,
    args: &Args,
) -> Result<Value<'r>, FieldError> {
    let ObjectKind::Node(node) = &object_of.of else { return Ok(Value::Null) };
    let size = first(args, &context.request.limits)?;
    let before = args.revision("before").unwrap_or(Revision::MAX);
    let mut entries = Vec::new();
    let mut at = Some(node.revision);
    let mut key = node.key.clone();
    while let Some(revision) = at.filter(|_| entries.len() < size) {
        let found = context.ledger.change(revision, node.kind(), &key).map_err(|error| unreadable(&error))?;
        let Some((commit, found)) = found else { break };
        work::step(CHANGE_STEPS);
        if revision < before {
            let entry = HistoryEntry {
                revision: Value::Revision(revision),
                committed_at: instant(commit.committed_at_ms),
                author: text(context.request.sight.author(&commit.author)),
                reason: text(&commit.reason),
                change: change(object_of.register, &found),
            };
            entries.push(entry.object(object_of.register));
        }
        at = found.before.as_ref().map(|node| node.revision).or(found.deleted_at);
        if found.before.is_none()
            && let Some((former, before)) = renamed_from(context, revision, node.kind(), &key)?
        {
            (key, at) = (former, Some(before));
        }
    }
    Ok(Value::List(entries))
}

/// The key that a record had before the commit that renamed it, and the revision that wrote it there.
fn renamed_from(
    context: &ExecutionContext<'_>,
    revision: Revision,
    kind: Kind,
    key: &Key,
) -> Result<Option<(Key, Revision)>, FieldError> {
    let changes =
        context.ledger.changes(revision, &[Kind::FormerKey], usize::MAX).map_err(|error| unreadable(&error))?;
    let former = changes.into_iter().flat_map(|(changes, _)| changes).find_map(|change| match &change.after?.record {
        Record::FormerKey(it) if it.of_kind == kind.word() && it.current_key == *key => Some(it.old_key.clone()),
        _ => None,
    });
    let Some(former) = former else { return Ok(None) };
    let change = context.ledger.change(revision, kind, &former).map_err(|error| unreadable(&error))?;
    Ok(change.and_then(|(_, change)| Some((former, change.before?.revision))))
}

payload! {
    /// What two states differ in.
    Comparison {
        /// The earlier state.
        from: "Revision!",
        /// The later state.
        to: "Revision!",
        /// How many records differ.
        total_count: "Int!",
        /// The records that differ, by kind and key.
        changes: "[Change!]!",
    }
}

/// What two states differ in.
fn compare<'r>(context: &ExecutionContext<'r>, register: &'r Register, args: &Args) -> Result<Value<'r>, FieldError> {
    let state = |name: &str| -> Result<&'r Register, FieldError> {
        let Some(Input::Object(as_of)) = args.get(name) else { return Ok(register) };
        let revision = named(context.ledger, &context.registers.current, as_of)?;
        Ok(context.at(revision).unwrap_or(register))
    };
    let (from, to) = (state("from")?, state("to")?);
    let kinds = kinds(args);
    let wanted = Kind::ALL.iter().filter(|kind| kinds.is_empty() || kinds.contains(kind));
    let mut changes = Vec::new();
    for &kind in wanted {
        changes.extend(differing(from, to, kind));
    }
    changes.sort_by(|a, b| {
        work::step(1);
        (a.kind, &a.key).cmp(&(b.kind, &b.key))
    });
    let size = first(args, &context.request.limits)?;
    let total = int(changes.len() as u64);
    let shown = changes.iter().take(size).map(|it| change(to, it)).collect();
    let comparison = Comparison {
        from: Value::Revision(from.revision()),
        to: Value::Revision(to.revision()),
        total_count: total,
        changes: Value::List(shown),
    };
    Ok(comparison.object(to))
}

fn differing(from: &Register, to: &Register, kind: Kind) -> Vec<Change> {
    let there = to.all(kind).filter_map(|after| {
        let before = from.get(kind, &after.key);
        let same = before.is_some_and(|before| Arc::ptr_eq(before, after) || before.record == after.record);
        (!same).then(|| Change {
            kind,
            key: after.key.clone(),
            deleted_at: None,
            before: before.cloned(),
            after: Some(after.clone()),
        })
    });
    let gone = from.all(kind).filter(|before| to.get(kind, &before.key).is_none());
    let gone = gone.map(|before| Change {
        kind,
        key: before.key.clone(),
        deleted_at: None,
        before: Some(before.clone()),
        after: None,
    });
    there.chain(gone).collect()
}

/// The revisions that the arguments of `compare` name.
///
/// # Errors
/// When one is named that does not exist.
pub fn named_by_compare(
    ledger: &crate::commit::Ledger,
    current: &Register,
    args: &Args,
) -> Result<Vec<Revision>, FieldError> {
    let names = ["from", "to"].into_iter().filter_map(|name| match args.get(name) {
        Some(Input::Object(as_of)) => Some(named(ledger, current, as_of)),
        _ => None,
    });
    names.collect()
}

/// The history field of every record.
pub fn history_field() -> FieldDef {
    FieldDef::new(
        "history",
        Ty::list("HistoryEntry"),
        "The revisions that wrote this record, newest first, with what each changed.",
        function(history),
    )
    .with_args(vec![
        first_arg(20, "How many entries at most."),
        ArgDef::new("before", Ty::named("Revision"), "Only revisions before this one: for the next page."),
    ])
}

/// Fields of the query root about states.
pub fn query_fields() -> Vec<FieldDef> {
    let as_of = |name, doc: &str| ArgDef::new(name, Ty::required("AsOf"), doc);
    vec![
        FieldDef::new(
            "compare",
            Ty::required("Comparison"),
            "What two states of the register differ in, record by record and field by field.",
            function(|context, object, args| compare(context, object.register, args)),
        )
        .with_args(vec![
            as_of("from", "The earlier state."),
            as_of("to", "The later state."),
            kinds_arg(),
            first_arg(100, "How many changes to show at most; `totalCount` counts them all."),
        ]),
    ]
}

/// The objects of history.
pub fn objects() -> Vec<ObjectDef> {
    // Whoever made the change looked its record up.
    let change = ChangeObject::definition().with_reads("node", TableSet::of(Kind::ALL));
    vec![
        CountsObject::definition(),
        FieldChange::definition(),
        change,
        HistoryEntry::definition(),
        Comparison::definition(),
    ]
}
