//! What a commit may do: rules over the register that would result.

use std::collections::HashMap;

use crate::model::problem::nearest;
use crate::model::{Key, Kind, Problem, ProblemCode, Problems, Record};
use crate::register::relation::Relation;
use crate::register::{Change, Register, Revision};

/// Where an edit comes from, for its problems: a file and line, a row index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source(pub Vec<String>);

/// One edit of a draft.
#[derive(Clone, Debug)]
pub enum Edit {
    /// Writes the record, whole, in place of the one of the same kind and key, if there is one.
    Put {
        /// The record.
        record: Record,
        /// Where it comes from.
        at: Source,
    },
    /// Deletes the record.
    Delete {
        /// Its kind.
        kind: Kind,
        /// Its key.
        key: Key,
        /// Where the wish comes from.
        at: Source,
    },
}

impl Edit {
    fn target(&self) -> (Kind, Key) {
        match self {
            Self::Put { record, .. } => (record.kind(), record.key()),
            Self::Delete { kind, key, .. } => (*kind, key.clone()),
        }
    }
    fn source(&self) -> &Source {
        match self {
            Self::Put { at, .. } | Self::Delete { at, .. } => at,
        }
    }
}

/// A commit before it is validated.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Who wants it.
    pub author: String,
    /// Why.
    pub reason: String,
    /// What it does, in any order.
    pub edits: Vec<Edit>,
}

/// What a commit did, or would do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The revision after it: unchanged when nothing changed.
    pub revision: Revision,
    /// Records that are new.
    pub created: usize,
    /// Records that changed.
    pub updated: usize,
    /// Records written as they already were.
    pub unchanged: usize,
    /// Records deleted.
    pub deleted: usize,
}

/// A draft that holds.
#[derive(Debug)]
pub struct Validated {
    /// What really changes, in the order of the kinds and keys.
    pub changes: Vec<Change>,
    /// The counts.
    pub outcome: Outcome,
}

/// Checks a draft against the register that it would change.
///
/// # Errors
/// Every problem of every edit.
pub fn validate(register: &Register, draft: &Draft) -> Result<Validated, Vec<Problem>> {
    let mut found = Vec::new();
    check_notes(draft, &mut found);
    let mut outcome = Outcome { revision: register.revision(), ..Outcome::default() };
    let mut planned: HashMap<(Kind, Key), &Edit> = HashMap::with_capacity(draft.edits.len());
    let mut changes = Vec::new();
    for edit in &draft.edits {
        let (kind, key) = edit.target();
        if let Some(first) = planned.insert((kind, key.clone()), edit) {
            let mut problems = problems_at(edit);
            problems.push(
                ProblemCode::DuplicateKey,
                format!("{kind} `{key}` stands twice: also at {}", first.source().0.join(":")),
                "leave one of the two",
            );
            found.extend(problems.into_vec());
            continue;
        }
        let before = register.get(kind, &key).map(|node| node.record.clone());
        let after = match edit {
            Edit::Put { record, .. } => Some(record.clone()),
            Edit::Delete { .. } => None,
        };
        match (&before, &after) {
            (None, Some(_)) => outcome.created += 1,
            (Some(old), Some(new)) if old == new => {
                outcome.unchanged += 1;
                continue;
            }
            (Some(_), Some(_)) => outcome.updated += 1,
            (Some(_), None) => outcome.deleted += 1,
            (None, None) => {
                let mut problems = problems_at(edit);
                problems.push_near(
                    ProblemCode::UnknownReference,
                    format!("there is no {kind} `{key}` to delete"),
                    "correct the key, or leave it out",
                    near_keys(register, kind, &key),
                );
                found.extend(problems.into_vec());
            }
        }
        changes.push(Change { kind, key, before, after });
    }
    for edit in &draft.edits {
        match edit {
            Edit::Put { record, .. } => check_links(register, &planned, record, edit, &mut found),
            Edit::Delete { kind, key, .. } => check_unreferenced(register, &planned, *kind, key, edit, &mut found),
        }
    }
    if !found.is_empty() {
        return Err(found);
    }
    changes.sort_by(|a, b| (a.kind, &a.key).cmp(&(b.kind, &b.key)));
    Ok(Validated { changes, outcome })
}

fn problems_at(edit: &Edit) -> Problems {
    let mut problems = Problems::default();
    problems.enter(&edit.source().0);
    problems
}

fn check_notes(draft: &Draft, found: &mut Vec<Problem>) {
    let mut problems = Problems::default();
    for (name, text) in [("author", &draft.author), ("reason", &draft.reason)] {
        problems.within(name, |problems| {
            if text.trim().is_empty() {
                problems.push(ProblemCode::Missing, format!("a commit needs its {name}"), "say it in a few words");
            } else if text.len() > super::NOTE_BYTES_MAX {
                let message =
                    format!("the {name} has {} bytes, at most {} are allowed", text.len(), super::NOTE_BYTES_MAX);
                problems.push(ProblemCode::TooLong, message, "shorten it");
            }
        });
    }
    if draft.edits.len() > super::CHANGES_MAX {
        let message =
            format!("the commit has {} records, at most {} are allowed", draft.edits.len(), super::CHANGES_MAX);
        problems.push(ProblemCode::TooLong, message, "send them in several commits");
    }
    found.extend(problems.into_vec());
}

/// Every reference leads to a record that will be there.
fn check_links(
    register: &Register,
    planned: &HashMap<(Kind, Key), &Edit>,
    record: &Record,
    edit: &Edit,
    found: &mut Vec<Problem>,
) {
    for relation in Relation::of(record.kind()) {
        relation.for_each_target(record, |target| {
            let kind = relation.target;
            let there = match planned.get(&(kind, target.clone())) {
                Some(Edit::Put { .. }) => true,
                Some(Edit::Delete { .. }) => false,
                None => register.get(kind, &target).is_some(),
            };
            if !there {
                let field = &record.info().fields[relation.field];
                let mut problems = problems_at(edit);
                let candidates = near_planned(planned, kind, &target)
                    .into_iter()
                    .chain(near_keys(register, kind, &target))
                    .take(5)
                    .collect();
                problems.within(field.name.as_str(), |problems| {
                    problems.push_near(
                        ProblemCode::UnknownReference,
                        format!("there is no {kind} `{target}`"),
                        format!("correct the key, or send the {} too", kind.one()),
                        candidates,
                    );
                });
                found.extend(problems.into_vec());
            }
        });
    }
}

fn near_keys(register: &Register, kind: Kind, key: &Key) -> Vec<String> {
    nearest(key.as_str(), register.all(kind).map(|node| node.key.as_str()))
}

fn near_planned(planned: &HashMap<(Kind, Key), &Edit>, kind: Kind, key: &Key) -> Vec<String> {
    let put = |(target, edit): (&(Kind, Key), &&Edit)| target.0 == kind && matches!(edit, Edit::Put { .. });
    let keys: Vec<&str> =
        planned.iter().filter(|entry| put((entry.0, entry.1))).map(|(target, _)| target.1.as_str()).collect();
    nearest(key.as_str(), keys.into_iter())
}

/// Nobody who stays refers to a record that goes.
fn check_unreferenced(
    register: &Register,
    planned: &HashMap<(Kind, Key), &Edit>,
    kind: Kind,
    key: &Key,
    edit: &Edit,
    found: &mut Vec<Problem>,
) {
    for relation in Relation::to(kind) {
        // Whoever is written or deleted by this draft too is judged by what it will be, not by what it was.
        let left: Vec<&str> = register
            .sources(relation, key)
            .iter()
            .filter(|source| !planned.contains_key(&(source.kind(), source.key.clone())))
            .map(|source| source.key.as_str())
            .collect();
        if let Some(first) = left.first() {
            let mut problems = problems_at(edit);
            problems.push_near(
                ProblemCode::StillReferenced,
                format!(
                    "{kind} `{key}` cannot go: {} {} refer to it, first `{first}`",
                    left.len(),
                    relation.source.many()
                ),
                "delete those too, or let them refer to something else",
                left.iter().take(5).map(|key| (*key).to_owned()).collect(),
            );
            found.extend(problems.into_vec());
        }
    }
}
