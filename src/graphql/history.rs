//! History in the graph: commits, what they changed, the past of a record, states compared.

use async_graphql::Value as Input;

use crate::commit::{Commit, Counts};
use crate::graphql::cursor::{Size, Window, fingerprint};
use crate::graphql::definition::{ArgDef, Args, FieldDef, Obj, ObjectDef, Of, Out, Resolve, Ty, function, revision_of};
use crate::graphql::error::{ErrorCode, FieldError};
use crate::graphql::limits::Limits;
use crate::graphql::page::{self, page};
use crate::graphql::run::record;
use crate::graphql::scope::{Scope, named};
use crate::graphql::types::Id;
use crate::model::value::{Difference, differences};
use crate::model::{Key, Kind};
use crate::register::{Change, Place, Register, Revision};
use crate::work;

/// Milliseconds since 1970 as an instant.
pub fn instant(ms: i64) -> Out<'static> {
    jiff::Timestamp::from_millisecond(ms).map_or(Out::Null, |instant| Out::Text(instant.to_string().into()))
}

/// An object whose fields are these values.
pub fn object<'r>(register: &'r Register, values: Vec<Out<'r>>) -> Out<'r> {
    Out::Object(Obj { register, of: Of::Fields(values) })
}

/// A text.
pub fn text(text: impl Into<String>) -> Out<'static> {
    Out::Text(text.into().into())
}

/// A count.
pub fn int(value: u64) -> Out<'static> {
    Out::Int(i64::try_from(value).unwrap_or(i64::MAX))
}

/// The counts of a submission.
pub fn counts<'r>(register: &'r Register, counts: &Counts) -> Out<'r> {
    let Counts { received, created, updated, unchanged, deleted, rejected } = *counts;
    object(register, [received, created, updated, unchanged, deleted, rejected].map(int).to_vec())
}

/// Fields that differ.
pub fn field_changes(register: &Register, differences: Vec<Difference>) -> Out<'_> {
    let fields = differences.into_iter().map(|difference| {
        let side = |side: Option<String>| side.map_or(Out::Null, text);
        object(register, vec![text(difference.path), side(difference.before), side(difference.after)])
    });
    Out::List(fields.collect())
}

/// A change.
pub fn change<'r>(register: &'r Register, change: &Change) -> Out<'r> {
    let (before, after) = (change.before.as_ref(), change.after.as_ref());
    let outcome = match (before, after) {
        (None, _) => "CREATED",
        (Some(_), Some(_)) => "UPDATED",
        (Some(_), None) => "DELETED",
    };
    let fields = differences(before.map(|node| &node.record), after.map(|node| &node.record));
    let node = register.get(change.kind, &change.key).map_or(Out::Null, |node| record(register, node));
    let id = Id { kind: change.kind, key: change.key.clone(), past: None }.encode();
    let head = [text(change.kind.word()), text(change.key.as_str()), text(outcome)];
    let rest = [field_changes(register, fields), node, text(&id)];
    object(register, head.into_iter().chain(rest).collect())
}

fn unreadable(error: &crate::commit::CommitError) -> FieldError {
    tracing::error!(reason = %error, "the log cannot be read");
    FieldError::new(ErrorCode::Internal, "the log cannot be read", "report this; the server's log has the cause")
}

/// A commit, with the changes of these kinds, at most so many.
fn commit<'r>(
    scope: &Scope<'r>,
    register: &'r Register,
    revision: Revision,
    kinds: &[Kind],
) -> Result<Out<'r>, FieldError> {
    let Some(commit) = scope.ledger.commit(revision).map_err(|error| unreadable(&error))? else { return Ok(Out::Null) };
    Ok(commit_object(scope, register, &commit, kinds))
}

fn commit_object<'r>(scope: &Scope<'r>, register: &'r Register, commit: &Commit, kinds: &[Kind]) -> Out<'r> {
    work::step(commit.changes.len() as u64 / 8);
    let wanted = commit.changes.iter().filter(|change| kinds.is_empty() || kinds.contains(&change.kind));
    let shown = wanted.clone().take(scope.context.limits.page_max).inspect(|_| work::step(20));
    let changes: Vec<Out<'r>> = shown.map(|it| change(register, it)).collect();
    let values = vec![
        Out::Revision(commit.revision),
        instant(commit.committed_at_ms),
        text(&commit.author),
        text(&commit.reason),
        counts(register, &commit.counts),
        int(wanted.count() as u64),
        Out::List(changes),
    ];
    object(register, values)
}

/// The kinds that an argument names.
pub fn kinds(args: &Args) -> Vec<Kind> {
    let Some(Input::List(words)) = args.get("kinds") else { return Vec::new() };
    words
        .iter()
        .filter_map(|word| match word {
            Input::Enum(word) => Kind::from_word(word),
            _ => None,
        })
        .collect()
}

/// How many entries are asked for.
///
/// # Errors
/// When that is more than a page may have.
pub fn first(args: &Args, limits: &Limits) -> Result<usize, FieldError> {
    let given = args.int("first").unwrap_or_default();
    let size = usize::try_from(given)
        .map_err(|_| FieldError::input(format!("`first` cannot be {given}"), "give a number from 0 on"))?;
    if size > limits.page_max {
        return Err(FieldError::limit("entries of a page (`first`)", limits.page_max, size, "ask for smaller pages"));
    }
    Ok(size)
}

/// The argument that says how many entries are asked for.
pub fn first_arg(default: i64, doc: &str) -> ArgDef {
    ArgDef { default: Some(Input::from(default)), ..ArgDef::new("first", Ty::required("Int"), doc) }
}

fn kinds_arg() -> ArgDef {
    let ty = Ty::List(Box::new(Ty::required("Kind")));
    ArgDef::new("kinds", ty, "Only changes of these kinds; all when it is absent or empty.")
}

/// A part of the log, oldest first: the commits after `from` up to `to`.
fn log<'r>(scope: &Scope<'r>, register: &'r Register, args: &Args) -> Result<Out<'r>, FieldError> {
    let from = args.revision("from").unwrap_or_default();
    let to = args.revision("to").unwrap_or(register.revision()).min(register.revision());
    let size = first(args, &scope.context.limits)? as u64;
    let end = to.min(from.saturating_add(size));
    let kinds = kinds(args);
    let commits = (from.saturating_add(1)..=end).map(|revision| commit(scope, register, revision, &kinds));
    let commits = commits.collect::<Result<Vec<_>, _>>()?;
    let next = end.max(from.min(to));
    Ok(object(register, vec![Out::List(commits), Out::Revision(next), Out::Bool(next < to)]))
}

/// The commits, newest first: a connection like those of records.
fn commits<'r>(scope: &Scope<'r>, register: &'r Register, args: &Args) -> Result<Out<'r>, FieldError> {
    let print = fingerprint("commits", None);
    let window = Window::read(args, &scope.context.limits, &print)?;
    let register = scope.paged(register, window.pinned);
    let head = register.revision();
    // The newest comes first: a commit's place is its revision, counted down.
    let revision = |place: &Place| Revision::try_from(-place.0).unwrap_or_default();
    let newest = window.after.as_ref().map_or(head, |after| revision(after).saturating_sub(1)).min(head);
    let oldest = window.before.as_ref().map_or(1, |before| revision(before) + 1);
    let list = (oldest..=newest).rev();
    // A page of nothing stands somewhere too: where it would begin, or end.
    let nothing = match window.size {
        Size::First(_) => newest,
        Size::Last(_) => oldest.saturating_sub(1).min(newest),
    };
    let revisions: Vec<Revision> = match window.size {
        Size::First(first) => list.take(first).collect(),
        Size::Last(last) => {
            let mut revisions: Vec<Revision> = list.rev().take(last).collect();
            revisions.reverse();
            revisions
        }
    };
    let (has_next, has_previous) =
        (revisions.last().map_or(nothing, |last| last - 1) > 0, revisions.first().copied().unwrap_or(nothing) < head);
    let key = Key::join(&[&"commit"]);
    let entries = revisions.into_iter().map(|revision| {
        let place = (-i64::try_from(revision).unwrap_or(i64::MAX), key.clone());
        commit_summary(scope, register, revision).map(|summary| (place, summary))
    });
    let entries = entries.collect::<Result<Vec<_>, FieldError>>()?;
    Ok(page(register, entries, usize::try_from(head).unwrap_or(usize::MAX), has_next, has_previous, &print))
}

fn commit_summary<'r>(scope: &Scope<'r>, register: &'r Register, revision: Revision) -> Result<Out<'r>, FieldError> {
    let head = scope.ledger.commit_head(revision).map_err(|error| unreadable(&error))?;
    let Some((commit, changes)) = head else { return Ok(Out::Null) };
    let values = vec![
        Out::Revision(commit.revision),
        instant(commit.committed_at_ms),
        text(&commit.author),
        text(&commit.reason),
        counts(register, &commit.counts),
        int(changes.into()),
    ];
    Ok(object(register, values))
}

/// The past of a record, newest first: each revision that wrote it, back from the one that the register has.
fn history<'r>(scope: &Scope<'r>, object_of: &Obj<'r>, args: &Args) -> Result<Out<'r>, FieldError> {
    let Of::Node(node) = &object_of.of else { return Ok(Out::Null) };
    let size = first(args, &scope.context.limits)?;
    let before = args.revision("before").unwrap_or(Revision::MAX);
    let mut entries = Vec::new();
    let mut at = Some(node.revision);
    while let Some(revision) = at.filter(|_| entries.len() < size) {
        let Some(commit) = scope.ledger.commit(revision).map_err(|error| unreadable(&error))? else { break };
        let of_record = |change: &&Change| change.kind == node.kind() && change.key == node.key;
        let Some(found) = commit.changes.iter().find(of_record) else { break };
        if revision < before {
            let head =
                [Out::Revision(revision), instant(commit.committed_at_ms), text(&commit.author), text(&commit.reason)];
            let entry = head.into_iter().chain([change(object_of.register, found)]).collect();
            entries.push(object(object_of.register, entry));
        }
        at = found.before.as_ref().map(|node| node.revision).or(found.deleted_at);
    }
    Ok(Out::List(entries))
}

/// What two states differ in.
fn compare<'r>(scope: &Scope<'r>, register: &'r Register, args: &Args) -> Result<Out<'r>, FieldError> {
    let state = |name: &str| -> Result<&'r Register, FieldError> {
        let Some(Input::Object(as_of)) = args.get(name) else { return Ok(register) };
        let revision = named(scope.ledger, &scope.registers.current, as_of)?;
        Ok(scope.at(revision).unwrap_or(register))
    };
    let (from, to) = (state("from")?, state("to")?);
    let kinds = kinds(args);
    let wanted = Kind::ALL.iter().filter(|kind| kinds.is_empty() || kinds.contains(kind));
    let mut changes = Vec::new();
    for &kind in wanted {
        changes.extend(differing(from, to, kind));
    }
    changes.sort_by(|a, b| (a.kind, &a.key).cmp(&(b.kind, &b.key)));
    let size = first(args, &scope.context.limits)?;
    let total = int(changes.len() as u64);
    let shown = changes.iter().take(size).map(|it| change(to, it)).collect();
    Ok(object(to, vec![Out::Revision(from.revision()), Out::Revision(to.revision()), total, Out::List(shown)]))
}

fn differing(from: &Register, to: &Register, kind: Kind) -> Vec<Change> {
    let there = to.all(kind).filter_map(|after| {
        let before = from.get(kind, &after.key);
        let same = before.is_some_and(|before| std::sync::Arc::ptr_eq(before, after) || before.record == after.record);
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

/// The event that a subscription tells.
fn event<'r>(scope: &Scope<'r>, register: &'r Register, args: &Args) -> Out<'r> {
    let Some(event) = scope.event else { return Out::Null };
    let commit = commit_object(scope, register, &event.commit, &kinds(args));
    object(register, vec![commit, int(event.behind)])
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

/// Fields of the query root about history.
pub fn query_fields(limits: &Limits) -> Vec<FieldDef> {
    let as_of = |name, doc: &str| ArgDef::new(name, Ty::required("AsOf"), doc);
    vec![
        FieldDef::new(
            "commits",
            Ty::required("CommitSummaryConnection"),
            "The commits, newest first.",
            function(|scope, object, args| commits(scope, object.register, args)),
        )
        .with_args(page::arguments(limits)),
        FieldDef::new(
            "changes",
            Ty::required("ChangeLog"),
            "The log: what each commit after `from` up to `to` changed, oldest first. Go on from `next` while `hasNext`.",
            function(|scope, object, args| log(scope, object.register, args)),
        )
        .with_args(vec![
            ArgDef::new("from", Ty::required("Revision"), "The revision that the reader has already; 0 for the beginning."),
            ArgDef::new("to", Ty::named("Revision"), "The last revision to tell; the newest when it is absent."),
            kinds_arg(),
            first_arg(20, "How many commits at most."),
        ]),
        FieldDef::new(
            "compare",
            Ty::required("Comparison"),
            "What two states of the register differ in, record by record and field by field.",
            function(|scope, object, args| compare(scope, object.register, args)),
        )
        .with_args(vec![
            as_of("from", "The earlier state."),
            as_of("to", "The later state."),
            kinds_arg(),
            first_arg(100, "How many changes to show at most; `totalCount` counts them all."),
        ]),
    ]
}

/// The subscription root.
pub fn subscription() -> ObjectDef {
    ObjectDef {
        name: crate::graphql::definition::SUBSCRIPTION.into(),
        doc: "What can be followed.".into(),
        is_node: false,
        fields: vec![
            FieldDef::new(
                "changes",
                Ty::required("ChangeEvent"),
                "Every commit after `after`: those that are there at once, then each as it comes, without gap or double. \
                 A reader that was cut off goes on from the last revision that it got.",
                function(|scope, object, args| Ok(event(scope, object.register, args))),
            )
            .with_args(vec![
                ArgDef::new("after", Ty::named("Revision"), "The revision that the reader has already; the current one when it is absent."),
                kinds_arg(),
            ]),
        ],
    }
}

/// The objects of history.
pub fn objects() -> Vec<ObjectDef> {
    let field = |name: &'static str, ty, doc: &str, index| FieldDef::new(name, ty, doc, Resolve::Value(index));
    let define = |name: &'static str, doc: &str, fields| ObjectDef {
        name: name.into(),
        doc: doc.into(),
        is_node: false,
        fields,
    };
    let head = || {
        vec![
            field("revision", Ty::required("Revision"), "The revision that it made.", 0),
            field("committedAt", Ty::required("DateTime"), "When.", 1),
            field("author", Ty::required("String"), "Who: the name of the token or command.", 2),
            field("reason", Ty::required("String"), "Why, in the author's words.", 3),
        ]
    };
    let summary = || {
        let mut fields = head();
        fields.push(field("counts", Ty::required("Counts"), "How many rows came to what.", 4));
        fields.push(field("changeCount", Ty::required("Int"), "How many records it changed.", 5));
        fields
    };
    let count = |name, doc: &str, index| field(name, Ty::required("Int"), doc, index);
    let mut commit = summary();
    commit.push(field(
        "changes",
        Ty::list("Change"),
        "What it changed, record by record, of the kinds asked for: the first 1000.",
        6,
    ));
    let mut entry = head();
    entry.push(field("change", Ty::required("Change"), "What it changed in this record.", 4));
    vec![
        define(
            "Counts",
            "How many rows of a write came to what.",
            vec![
                count("received", "Rows received.", 0),
                count("created", "Records that are new.", 1),
                count("updated", "Records that changed.", 2),
                count("unchanged", "Rows whose record was there already, as it is.", 3),
                count("deleted", "Records deleted.", 4),
                count("rejected", "Rows refused.", 5),
            ],
        ),
        define(
            "FieldChange",
            "A field of a record before and after, as text.",
            vec![
                field("field", Ty::required("String"), "Path of the field, such as `figure.value`.", 0),
                field("before", Ty::named("String"), "Its value before; null when it was absent.", 1),
                field("after", Ty::named("String"), "Its value after; null when it is absent.", 2),
            ],
        ),
        define(
            "Change",
            "What happens, or happened, to a record.",
            vec![
                field("kind", Ty::required("Kind"), "Its kind.", 0),
                field("key", Ty::required("String"), "Its natural key.", 1),
                field("outcome", Ty::required("RowOutcome"), "Whether it is created, updated or deleted.", 2),
                field("fields", Ty::list("FieldChange"), "The fields that differ.", 3),
                field(
                    "node",
                    Ty::named("Node"),
                    "The record as the answer's register has it, for an event that of its commit; null when it has none.",
                    4,
                ),
                field(
                    "nodeId",
                    Ty::required("ID"),
                    "The record's current id, also when it is gone: what a cache is to forget or to ask for anew.",
                    5,
                ),
            ],
        ),
        define("CommitSummary", "A commit without its changes.", summary()),
        define("Commit", "A commit: one step of the register.", commit),
        define("HistoryEntry", "A step of a record's past.", entry),
        define(
            "ChangeLog",
            "A part of the log, oldest first.",
            vec![
                field("commits", Ty::list("Commit"), "The commits with their changes.", 0),
                field("next", Ty::required("Revision"), "The last revision told: give it as `from` to go on.", 1),
                field("hasNext", Ty::required("Boolean"), "Whether more follows.", 2),
            ],
        ),
        define(
            "Comparison",
            "What two states differ in.",
            vec![
                field("from", Ty::required("Revision"), "The earlier state.", 0),
                field("to", Ty::required("Revision"), "The later state.", 1),
                field("totalCount", Ty::required("Int"), "How many records differ.", 2),
                field("changes", Ty::list("Change"), "The records that differ, by kind and key.", 3),
            ],
        ),
        define(
            "ChangeEvent",
            "A commit as a subscription tells it.",
            vec![
                field("commit", Ty::required("Commit"), "The commit, with the changes of the kinds asked for.", 0),
                field(
                    "behind",
                    Ty::required("Int"),
                    "How many further commits the reader has not got yet: a slow reader sees it grow.",
                    1,
                ),
            ],
        ),
    ]
}

/// The revision that a subscription begins after: the one that a reader who was cut off has already, else that of the argument.
pub fn begin_after(resume: Option<Revision>, args: &Args, current: Revision) -> Result<Revision, FieldError> {
    match resume.or_else(|| args.get("after").and_then(revision_of)) {
        None => Ok(current),
        Some(after) if after <= current => Ok(after),
        Some(after) => Err(FieldError::new(
            ErrorCode::RevisionUnavailable,
            format!("there is no revision {after}; the register is at {current}"),
            "begin at a revision that there is",
        )),
    }
}
