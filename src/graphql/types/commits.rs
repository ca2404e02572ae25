//! The log in the graph: commits, and what they changed, for those who read it and those who follow it.

use crate::graphql::core::payload::payload;
use crate::graphql::core::value::{ObjectValue, value};
use std::sync::Arc;

use crate::commit::Commit;
use crate::graphql::core::args::{Args, revision_of};
use crate::graphql::core::arguments::{first, first_arg, kinds, kinds_arg};
use crate::graphql::core::cursor::{Size, Window, fingerprint};
use crate::graphql::core::definition::{ArgDef, FieldDef, ObjectDef, Resolve, SUBSCRIPTION, Ty, function};
use crate::graphql::core::error::{ErrorCode, FieldError};
use crate::graphql::core::execution::ExecutionContext;
use crate::graphql::core::limits::Limits;
use crate::graphql::core::value::Value;
use crate::graphql::core::value::{instant, int, text};
use crate::graphql::types::connection;
use crate::graphql::types::history::{change, counts, unreadable};
use crate::graphql::types::page::{self, ENTRY_STEPS, Page};
use crate::model::{Key, Kind};
use crate::register::{Change, OrderKey, Register, Revision};
use crate::work;

/// What it takes to show a change, and to read the head of a commit, in steps of work.
const CHANGE_STEPS: u64 = 150;
const HEAD_STEPS: u64 = 25;

/// A commit, for those who show it: its changes are read when they are.
#[derive(Debug)]
struct Logged<'r> {
    /// See [`head`].
    fields: [Value<'r>; 5],
    revision: Revision,
    /// Those of these kinds; all when there is none.
    kinds: Arc<[Kind]>,
    /// The commit, where an event tells it.
    told: Option<Arc<Commit>>,
}

impl Logged<'_> {
    /// The first of them, and how many there are.
    fn changes(&self, context: &ExecutionContext<'_>, first: usize) -> Result<(Vec<Change>, u64), FieldError> {
        if let Some(commit) = &self.told {
            work::step(commit.changes.len() as u64 / 8);
            let wanted = commit.changes.iter().filter(|it| self.kinds.is_empty() || self.kinds.contains(&it.kind));
            return Ok((wanted.clone().take(first).cloned().collect(), wanted.count() as u64));
        }
        let found = context.ledger.changes(self.revision, &self.kinds, first).map_err(|error| unreadable(&error))?;
        Ok(found.unwrap_or_default())
    }

    fn count(&self, context: &ExecutionContext<'_>) -> Result<u64, FieldError> {
        if !self.kinds.is_empty() {
            return Ok(self.changes(context, 0)?.1);
        }
        let head = context.ledger.commit_head(self.revision).map_err(|error| unreadable(&error))?;
        Ok(head.map_or(0, |(_, count)| count.into()))
    }
}

impl<'r> ObjectValue<'r> for Logged<'r> {
    /// The head, how many changes, the changes.
    fn field(
        &self,
        index: usize,
        context: &ExecutionContext<'r>,
        register: &'r Register,
        _: &Args,
    ) -> Result<Value<'r>, FieldError> {
        Ok(match index {
            ..5 => self.fields[index].clone(),
            5 => int(self.count(context)?),
            _ => {
                let (found, _) = self.changes(context, context.request.limits.page_max)?;
                let shown = found.iter().inspect(|_| work::step(CHANGE_STEPS));
                Value::List(shown.map(|it| change(register, it)).collect())
            }
        })
    }
}

/// A commit, with the changes of these kinds.
fn commit<'r>(
    context: &ExecutionContext<'r>,
    register: &'r Register,
    revision: Revision,
    kinds: &Arc<[Kind]>,
) -> Result<Value<'r>, FieldError> {
    work::step(HEAD_STEPS);
    let head = context.ledger.commit_head(revision).map_err(|error| unreadable(&error))?;
    Ok(head.map_or(Value::Null, |(head, _)| commit_object(context, register, &head, kinds, None)))
}

fn commit_object<'r>(
    context: &ExecutionContext<'r>,
    register: &'r Register,
    commit: &Commit,
    kinds: &Arc<[Kind]>,
    told: Option<Arc<Commit>>,
) -> Value<'r> {
    let fields = head(context, register, commit);
    value(register, Logged { fields, revision: commit.revision, kinds: Arc::clone(kinds), told })
}

/// What every commit begins with: the fields of [`CommitSummary`] but the last.
fn head<'r>(context: &ExecutionContext<'r>, register: &'r Register, commit: &Commit) -> [Value<'r>; 5] {
    [
        Value::Revision(commit.revision),
        instant(commit.committed_at_ms),
        text(context.request.sight.author(&commit.author)),
        text(&commit.reason),
        counts(register, &commit.counts),
    ]
}

payload! {
    /// A part of the log, oldest first.
    ChangeLog {
        /// The commits with their changes.
        commits: "[Commit!]!",
        /// The last revision told: give it as `from` to go on.
        next: "Revision!",
        /// Whether more follows.
        has_next: "Boolean!",
    }
}

/// A part of the log, oldest first: the commits after `from` up to `to`.
fn log<'r>(context: &ExecutionContext<'r>, register: &'r Register, args: &Args) -> Result<Value<'r>, FieldError> {
    let from = args.revision("from").unwrap_or_default();
    let to = args.revision("to").unwrap_or(register.revision()).min(register.revision());
    let size = first(args, &context.request.limits)? as u64;
    let end = to.min(from.saturating_add(size));
    let kinds = kinds(args).into();
    let commits = (from.saturating_add(1)..=end).map(|revision| commit(context, register, revision, &kinds));
    let commits = commits.collect::<Result<Vec<_>, _>>()?;
    let next = end.max(from.min(to));
    let log =
        ChangeLog { commits: Value::List(commits), next: Value::Revision(next), has_next: Value::Bool(next < to) };
    Ok(log.object(register))
}

/// The commits, newest first: a connection like those of records.
fn commits<'r>(context: &ExecutionContext<'r>, register: &'r Register, args: &Args) -> Result<Value<'r>, FieldError> {
    let fingerprint = fingerprint("commits", None);
    let window = Window::read(args, &context.request.limits, &fingerprint)?;
    let register = context.paged(register, window.pinned);
    let head = register.revision();
    // The newest comes first: a commit's place is its revision, counted down.
    let revision = |place: &OrderKey| Revision::try_from(-place.0).unwrap_or_default();
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
        commit_summary(context, register, revision).map(|summary| (place, summary))
    });
    let entries = entries.collect::<Result<Vec<_>, FieldError>>()?;
    work::step(ENTRY_STEPS * entries.len() as u64);
    let page = Page { entries, total: usize::try_from(head).unwrap_or(usize::MAX), has_next, has_previous };
    Ok(connection::ready(context, register, page, &fingerprint, None))
}

payload! {
    /// A commit without its changes.
    CommitSummary {
        /// The revision that it made.
        revision: "Revision!",
        /// When.
        committed_at: "DateTime!",
        /// Who: the name of the token or command.
        author: "String!",
        /// Why, in the author's words.
        reason: "String!",
        /// How many rows came to what.
        counts: "Counts!",
        /// How many records it changed.
        change_count: "Int!",
    }
}

fn commit_summary<'r>(
    context: &ExecutionContext<'r>,
    register: &'r Register,
    revision: Revision,
) -> Result<Value<'r>, FieldError> {
    let found = context.ledger.commit_head(revision).map_err(|error| unreadable(&error))?;
    let Some((commit, changes)) = found else { return Ok(Value::Null) };
    let [revision, committed_at, author, reason, counts] = head(context, register, &commit);
    let change_count = int(changes.into());
    Ok(CommitSummary { revision, committed_at, author, reason, counts, change_count }.object(register))
}

payload! {
    /// A commit as a subscription tells it.
    ChangeEvent {
        /// The commit, with the changes of the kinds asked for.
        commit: "Commit!",
        /// How many further commits the reader has not got yet: a slow reader sees it grow.
        behind: "Int!",
    }
}

/// The event that a subscription tells.
fn event<'r>(context: &ExecutionContext<'r>, register: &'r Register, args: &Args) -> Value<'r> {
    let Some(event) = context.event else { return Value::Null };
    let told = Some(Arc::clone(&event.commit));
    let commit = commit_object(context, register, &event.commit, &kinds(args).into(), told);
    ChangeEvent { commit, behind: int(event.behind) }.object(register)
}

/// Fields of the query root about the log.
pub fn query_fields(limits: &Limits) -> Vec<FieldDef> {
    vec![
        FieldDef::new(
            "commits",
            Ty::required("CommitSummaryConnection"),
            "The commits, newest first.",
            function(|context, object, args| commits(context, object.register, args)),
        )
        .with_args(page::arguments(limits)),
        FieldDef::new(
            "changes",
            Ty::required("ChangeLog"),
            "The log: what each commit after `from` up to `to` changed, oldest first. Go on from `next` while `hasNext`.",
            function(|context, object, args| log(context, object.register, args)),
        )
        .with_args(vec![
            ArgDef::new("from", Ty::required("Revision"), "The revision that the reader has already; 0 for the beginning."),
            ArgDef::new("to", Ty::named("Revision"), "The last revision to tell; the newest when it is absent."),
            kinds_arg(),
            first_arg(20, "How many commits at most."),
        ]),
    ]
}

/// The subscription root.
pub fn subscription() -> ObjectDef {
    ObjectDef {
        name: SUBSCRIPTION.into(),
        doc: "What can be followed.".into(),
        is_node: false,
        fields: vec![
            FieldDef::new(
                "changes",
                Ty::required("ChangeEvent"),
                "Every commit after `after`: those that are there at once, then each as it comes, without gap or double. \
                 A reader that was cut off goes on from the last revision that it got.",
                function(|context, object, args| Ok(event(context, object.register, args))),
            )
            .with_args(vec![
                ArgDef::new("after", Ty::named("Revision"), "The revision that the reader has already; the current one when it is absent."),
                kinds_arg(),
            ]),
        ],
    }
}

/// The objects of the log.
pub fn objects() -> Vec<ObjectDef> {
    // A commit begins as its summary does. What it changed is read when it is shown: from the log, on which the field above them
    // depends.
    let mut commit = CommitSummary::definition();
    let doc = "What it changed, record by record, of the kinds asked for: the first 1000.";
    commit.fields.push(FieldDef::new("changes", Ty::list("Change"), doc, Resolve::Value(commit.fields.len())));
    let commit = ObjectDef { name: "Commit".into(), doc: "A commit: one step of the register.".into(), ..commit };
    vec![CommitSummary::definition(), commit, ChangeLog::definition(), ChangeEvent::definition()]
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
