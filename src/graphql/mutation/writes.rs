//! The writes that say what is to be done with records: each makes a submission of its arguments.

use std::sync::Arc;

use async_graphql::Name;
use async_graphql::Value as Input;

use crate::commit::access::{Identity, Role};
use crate::commit::{Atomicity, EDIT_STEPS, Edit, Ledger, PutMode, Scope, Source, Submission};
use crate::graphql::core::args::{Args, revision_of};
use crate::graphql::core::error::FieldError;
use crate::graphql::core::input::tree;
use crate::import::edit::{ImportMode, edit};
use crate::model::indicator::ValueState;
use crate::model::milestone::MilestoneStatus;
use crate::model::round::CommonStatus;
use crate::model::{
    Date, Edition, Figure, FigureStatus, Key, Kind, Link, Observation, Period, ProblemCode, Problems, Record, Tree,
    Value,
};
use crate::register::{Change, Register};
use crate::work;

use super::input::{Fields, checked, from_commit, input, read_key, submission, text};

/// Imports rows.
///
/// # Errors
/// When the arguments say nothing that can be done.
pub fn import_rows(_: &Ledger, args: &Args, identity: &Identity) -> Result<Submission, FieldError> {
    let fields = input(args);
    let rows: &[Input] = match fields.get("rows") {
        Some(Input::List(rows)) => rows,
        _ => &[],
    };
    let mode = text(fields, "mode").and_then(|word| ImportMode::from_word(&word)).unwrap_or(ImportMode::Upsert);
    work::step(EDIT_STEPS * rows.len() as u64);
    let edits = rows.iter().enumerate();
    let edits = edits.map(|(row, value)| edit(&tree(value), mode, Source::of(vec!["rows".into(), row.to_string()])));
    let mut submission = submission(identity, Role::Import, "importRows", fields, edits.collect());
    submission.moves = fields.get("allowMoves") == Some(&Input::Boolean(true));
    submission.organisation = organisation(fields)?;
    if fields.get("atomicity") == Some(&Input::Enum(Name::new(Atomicity::GoodRows.word()))) {
        submission.atomicity = Atomicity::GoodRows;
    }
    submission.scope = match (mode, fields.get("scope")) {
        (ImportMode::ReplaceScope, Some(Input::Object(scope))) => Some(read_scope(scope)?),
        (ImportMode::ReplaceScope, _) => {
            return Err(FieldError::input(
                "the mode REPLACE_SCOPE has no `scope`",
                "say which kinds are replaced, and within what",
            ));
        }
        (_, Some(Input::Object(_))) => {
            return Err(FieldError::input(
                "`scope` is given without the mode REPLACE_SCOPE",
                "set the mode, or leave it out",
            ));
        }
        _ => None,
    };
    Ok(submission)
}

/// The body whose rows they are, where one is named.
fn organisation(fields: &Fields) -> Result<Option<Key>, FieldError> {
    text(fields, "organisationKey").map(|_| read_key(fields, "organisationKey")).transpose()
}

fn read_scope(fields: &Fields) -> Result<Scope, FieldError> {
    let kinds = match fields.get("kinds") {
        Some(Input::List(words)) => words.iter().filter_map(kind_of).collect(),
        _ => Vec::new(),
    };
    let within = match fields.get("within") {
        Some(Input::Object(record)) => Some(read_target(record)?),
        _ => None,
    };
    Ok(Scope { kinds, within })
}

fn kind_of(word: &Input) -> Option<Kind> {
    match word {
        Input::Enum(word) => Kind::from_word(word),
        _ => None,
    }
}

fn read_target(fields: &Fields) -> Result<(Kind, Key), FieldError> {
    let key = read_key(fields, "key")?;
    let kind = fields.get("kind").and_then(kind_of);
    kind.map(|kind| (kind, key)).ok_or_else(|| FieldError::input("`kind` is no kind", "use a word of `Kind`"))
}

/// Deletes records.
///
/// # Errors
/// When the arguments say nothing that can be done.
pub fn delete_records(_: &Ledger, args: &Args, identity: &Identity) -> Result<Submission, FieldError> {
    let fields = input(args);
    let Some(Input::List(records)) = fields.get("records") else {
        return Err(FieldError::input("`records` is no list", "name the records"));
    };
    let edits = records.iter().enumerate().map(|(row, record)| {
        let Input::Object(record) = record else {
            return Err(FieldError::input("a record is no object", "give kind and key"));
        };
        let (kind, key) = read_target(record)?;
        Ok(Edit::Delete { kind, key, at: Source::of(vec!["records".into(), row.to_string()]) })
    });
    let edits = edits.collect::<Result<_, _>>()?;
    Ok(submission(identity, Role::Import, "deleteRecords", fields, edits))
}

/// An edit that is wrong before anything is looked at.
pub fn broken(path: &[&str], code: ProblemCode, message: String, hint: &str) -> Edit {
    let mut problems = Problems::default();
    problems.enter(&path.iter().map(|step| (*step).to_owned()).collect::<Vec<_>>());
    problems.push(code, message, hint);
    Edit::broken(problems.into_vec())
}

/// Says how a milestone does.
///
/// # Errors
/// When the arguments say nothing that can be done.
pub fn set_milestone_status(_: &Ledger, args: &Args, identity: &Identity) -> Result<Submission, FieldError> {
    let fields = input(args);
    let key = read_key(fields, "milestoneKey")?;
    let submission = submission(identity, Role::Edit, "setMilestoneStatus", fields, Vec::new());
    let fields = fields.clone();
    Ok(submission.made(move |register| vec![milestone_status(register, &key, &fields)]))
}

fn milestone_status(register: &Register, key: &Key, fields: &Fields) -> Edit {
    match register.get(Kind::Milestone, key).map(|node| &node.record) {
        Some(Record::Milestone(milestone)) => {
            let mut milestone = Arc::clone(milestone);
            let changed = Arc::make_mut(&mut milestone);
            let status = text(fields, "status").and_then(|word| MilestoneStatus::from_word(&word));
            let common = text(fields, "commonStatus").and_then(|word| CommonStatus::from_word(&word));
            changed.set_status(status, text(fields, "statusWord"), common);
            // What was printed says the old status, and stays in the history.
            changed.outcome = None;
            changed.footnote = text(fields, "note");
            Edit::Put {
                record: Record::Milestone(milestone),
                mode: PutMode::Update,
                at: Source::of(vec!["milestoneKey".into()]),
            }
        }
        _ => broken(
            &["milestoneKey"],
            ProblemCode::NotFound,
            format!("there is no Milestone `{key}`"),
            "take the key of a milestone from an answer",
        ),
    }
}

/// Records a value of an indicator.
///
/// # Errors
/// When the arguments say nothing that can be done.
pub fn record_observation(_: &Ledger, args: &Args, identity: &Identity) -> Result<Submission, FieldError> {
    let fields = input(args);
    let key = read_key(fields, "indicatorKey")?;
    let submission = submission(identity, Role::Edit, "recordObservation", fields, Vec::new());
    let fields = fields.clone();
    Ok(submission.made(move |register| vec![observation(register, &key, &fields)]))
}

fn observation(register: &Register, key: &Key, fields: &Fields) -> Edit {
    match register.get(Kind::Indicator, key).map(|node| &node.record) {
        Some(Record::Indicator(indicator)) => {
            let mut problems = Problems::default();
            let period = problems
                .within("period", |problems| Period::read(&fields.get("period").map_or(Tree::Null, tree), problems));
            let value = match fields.get("value").filter(|value| **value != Input::Null) {
                Some(value) => problems.within("value", |problems| Value::read(&tree(value), problems)),
                None => Some(None),
            };
            match (period, value) {
                (Some(period), Some(value)) => {
                    let default = if value.is_some() { FigureStatus::Reported } else { FigureStatus::NotReported };
                    let status =
                        text(fields, "status").and_then(|word| FigureStatus::from_word(&word)).unwrap_or(default);
                    let figure = Figure { value, status, unit: indicator.unit, printed: None, unit_code: None };
                    let flag = |name| match fields.get(name) {
                        Some(Input::Boolean(value)) => Some(*value),
                        _ => None,
                    };
                    let categories = match fields.get("categoryKeys") {
                        Some(Input::List(keys)) => keys
                            .iter()
                            .filter_map(|key| match key {
                                Input::String(key) => Key::parse(key).ok().map(Link::new),
                                _ => None,
                            })
                            .collect(),
                        _ => Vec::new(),
                    };
                    let observation = Observation {
                        indicator_key: Link::new(key.clone()),
                        period,
                        figure,
                        change: None,
                        change_from: None,
                        period_written: None,
                        category_keys: categories,
                        state: text(fields, "state").and_then(|word| ValueState::from_word(&word)),
                        year_to_date: flag("yearToDate"),
                        explanation: text(fields, "explanation"),
                        delivered: text(fields, "delivered").and_then(|day| Date::parse(&day)),
                    };
                    checked(observation.into())
                }
                _ => Edit::broken(problems.into_vec()),
            }
        }
        _ => broken(
            &["indicatorKey"],
            ProblemCode::NotFound,
            format!("there is no Indicator `{key}`"),
            "take the key of an indicator from an answer, or import the indicator first",
        ),
    }
}

/// Names a revision.
///
/// # Errors
/// When the arguments say nothing that can be done.
pub fn tag_edition(_: &Ledger, args: &Args, identity: &Identity) -> Result<Submission, FieldError> {
    let fields = input(args);
    let key = read_key(fields, "name")?;
    let submission = submission(identity, Role::Admin, "tagEdition", fields, Vec::new());
    let fields = fields.clone();
    Ok(submission.made(move |register| {
        // Where no revision is given it names this one, whatever else there is in it.
        register.note_everything();
        vec![edition(register, &key, &fields)]
    }))
}

/// The edit that names a state.
pub fn edition(register: &Register, key: &Key, fields: &Fields) -> Edit {
    let revision = fields.get("revision").and_then(revision_of).unwrap_or(register.revision());
    let known = (1..=register.revision()).contains(&revision);
    match i32::try_from(revision) {
        Ok(tagged_revision) if known => {
            let title = text(fields, "title").unwrap_or_else(|| key.to_string());
            let edition: Record = Edition { key: key.clone(), title, tagged_revision }.into();
            let same = register.get(Kind::Edition, key).is_some_and(|node| node.record == edition);
            // An edition, once named, stays what it is: others have cited it.
            let mode = if same { PutMode::Upsert } else { PutMode::Create };
            Edit::Put { record: edition, mode, at: Source::of(vec!["name".into()]) }
        }
        _ => broken(
            &["revision"],
            ProblemCode::OutOfRange,
            format!("there is no revision {revision}; the register is at {}", register.revision()),
            "name a revision from 1 on",
        ),
    }
}

/// Takes back what a revision did.
///
/// # Errors
/// When the arguments say nothing that can be done.
pub fn revert_revision(ledger: &Ledger, args: &Args, identity: &Identity) -> Result<Submission, FieldError> {
    let fields = input(args);
    let revision = fields.get("revision").and_then(revision_of).unwrap_or_default();
    let commit = ledger.commit(revision).map_err(from_commit)?;
    let submission = submission(identity, Role::Admin, "revertRevision", fields, Vec::new());
    Ok(submission.made(move |register| match &commit {
        None => vec![broken(
            &["revision"],
            ProblemCode::NotFound,
            format!("there is no revision {revision}; the register is at {}", register.revision()),
            "name a revision from 1 on",
        )],
        Some(commit) => commit.changes.iter().filter_map(|change| undo(register, change)).collect(),
    }))
}

/// Undoes a change, by what the record holds: where that is what the change left, it becomes what it was before; where it is
/// that already, it stays. Nothing to do where there is no record, and was none.
fn undo(register: &Register, change: &Change) -> Option<Edit> {
    let now = register.get(change.kind, &change.key);
    let [before, after] = [&change.before, &change.after].map(|node| node.as_ref().map(|node| &node.record));
    let record = now.map(|node| &node.record);
    if record != before && record != after {
        let by = now.map_or("deleted".to_owned(), |now| format!("written by revision {}", now.revision));
        let message = format!("{} `{}` was changed since: it is {by}", change.kind, change.key);
        let hint = "undo the later revision first, or correct the record by hand";
        let mut problems = Problems::at("revision");
        problems.push(ProblemCode::ChangedSince, message, hint);
        // With its name, so that nothing is said of those that refer to it.
        let (kind, keys) = (Some(change.kind), [change.key.clone()].into());
        return Some(Edit::Broken { kind, keys, problems: problems.into_vec().into() });
    }
    match (before, record) {
        (Some(before), _) => Some(Edit::Put { record: before.clone(), mode: PutMode::Restore, at: Source::default() }),
        (None, Some(_)) => {
            Some(Edit::Delete { kind: change.kind, key: change.key.clone(), at: Source::of(vec!["revision".into()]) })
        }
        (None, None) => None,
    }
}
