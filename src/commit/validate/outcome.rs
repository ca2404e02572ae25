//! What a list of edits comes to: the changes, and what became of each row.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::edit::Edit;
use crate::model::problem::Warning;
use crate::model::vocabulary::vocabulary;
use crate::model::{Key, Kind, Problem};
use crate::register::{Change, Node, Register, Revision};
use crate::store::codec::{self, Counts};

vocabulary! {
    /// What became of a row.
    RowOutcome {
        /// The record is new.
        Created = "CREATED",
        /// The record changed.
        Updated = "UPDATED",
        /// The record was there already, as the row has it.
        Unchanged = "UNCHANGED",
        /// The record was deleted.
        Deleted = "DELETED",
        /// The row was refused.
        Rejected = "REJECTED",
    }
}

/// What a list of edits comes to.
#[derive(Debug, Default)]
pub struct Validated {
    /// What really changes, in the order of the kinds and keys; only the first of it, where no more is to be told.
    pub changes: Vec<Change>,
    /// How much that is, by kind.
    pub effects: Effects,
    /// The digest of all of it, where not all of it is there.
    pub digest: Option<String>,
    /// What became of each edit, in their order.
    pub rows: Vec<RowOutcome>,
    /// How many rows came to what.
    pub counts: Counts,
    /// What is wrong: of very much the first.
    pub problems: Vec<Problem>,
    /// How much is wrong.
    pub problem_count: u64,
    /// What holds, but should be looked at.
    pub warnings: Vec<Warning>,
    /// Whether nothing may be committed: something is wrong and all or nothing was asked for.
    pub fatal: bool,
}

impl Validated {
    /// What rows come to that are refused as a whole.
    pub fn refused(rows: usize, problems: Vec<Problem>) -> Self {
        let counts = Counts { received: rows as u64, rejected: rows as u64, ..Counts::default() };
        let problem_count = problems.len() as u64;
        Self { rows: vec![RowOutcome::Rejected; rows], counts, problems, problem_count, fatal: true, ..Self::default() }
    }
}

/// How much of each kind is created, updated and deleted.
pub type Effects = BTreeMap<Kind, [u64; 3]>;

/// Counts a change.
pub fn count(effects: &mut Effects, change: &Change) {
    let [created, updated, deleted] = effects.entry(change.kind).or_default();
    match (&change.before, &change.after) {
        (None, _) => *created += 1,
        (_, Some(_)) => *updated += 1,
        (_, None) => *deleted += 1,
    }
}

/// What somebody changes, by its row or by what the scope has beyond the rows.
#[derive(Clone, Copy)]
enum Effect {
    Row(u32),
    Missing(u32),
}

/// What the edits come to that are not rejected, together with the deletion of what the scope has beyond them. Where it is never
/// written and only so many changes are told, no more of them are made.
pub fn outcome(
    register: &Register,
    edits: &[Edit],
    keys: &[Option<Key>],
    rejected: &[bool],
    missing: &[Arc<Node>],
    told_max: Option<usize>,
) -> Validated {
    // Whether each record is there was looked up when the rows were checked, and is noted.
    let register = register.unnoted();
    let mut counts = Counts { received: edits.len() as u64, deleted: missing.len() as u64, ..Counts::default() };
    let mut effects: Vec<Effect> = Vec::new();
    let rows = (0_u32..).zip(edits.iter().zip(keys).zip(rejected)).map(|(row, ((edit, key), rejected))| {
        let outcome = match key {
            Some(key) if !rejected => row_outcome(register, edit, key),
            _ => RowOutcome::Rejected,
        };
        let count = match outcome {
            RowOutcome::Created => &mut counts.created,
            RowOutcome::Updated => &mut counts.updated,
            RowOutcome::Unchanged => &mut counts.unchanged,
            RowOutcome::Deleted => &mut counts.deleted,
            RowOutcome::Rejected => &mut counts.rejected,
        };
        *count += 1;
        if !matches!(outcome, RowOutcome::Unchanged | RowOutcome::Rejected) {
            effects.push(Effect::Row(row));
        }
        outcome
    });
    let rows: Vec<RowOutcome> = rows.collect();
    effects.extend((0_u32..).take(missing.len()).map(Effect::Missing));
    let name = |effect: &Effect| match effect {
        Effect::Row(row) => edits[*row as usize].kind().zip(keys[*row as usize].as_ref()),
        Effect::Missing(at) => missing.get(*at as usize).map(|node| (node.kind(), &node.key)),
    };
    // No two are about the same record.
    effects.sort_unstable_by(|a, b| name(a).cmp(&name(b)));
    let revision = register.revision() + 1;
    let change = |effect: &Effect| {
        let (kind, key) = name(effect)?;
        let before = register.get(kind, key).cloned();
        let deleted_at = if before.is_none() { register.deleted_at(kind, key) } else { None };
        let after = match effect {
            Effect::Row(row) => match &edits[*row as usize] {
                Edit::Put { record, .. } => Some(Arc::new(Node::named(key.clone(), record.clone(), revision))),
                _ => None,
            },
            Effect::Missing(_) => None,
        };
        Some(Change { kind, key: key.clone(), before, deleted_at, after })
    };
    let made = effects.iter().filter_map(change);
    let mut by_kind = Effects::new();
    let mut count = |change: &Change| count(&mut by_kind, change);
    let (changes, digest) = match told_max {
        None => {
            let mut changes = Vec::with_capacity(effects.len());
            changes.extend(made.inspect(&mut count));
            (changes, None)
        }
        Some(most) => {
            let mut changes = Vec::new();
            let mut digest = Digest::new(register.revision());
            for change in made.inspect(&mut count) {
                digest.add(&change);
                if changes.len() < most {
                    changes.push(change);
                }
            }
            (changes, Some(digest.finish()))
        }
    };
    Validated { changes, digest, effects: by_kind, rows, counts, ..Validated::default() }
}

/// What became of a row that is in.
fn row_outcome(register: &Register, edit: &Edit, key: &Key) -> RowOutcome {
    let (kind, after) = match edit {
        Edit::Put { record, .. } => (record.kind(), Some(record)),
        Edit::Delete { kind, .. } => (*kind, None),
        Edit::Broken { .. } => return RowOutcome::Rejected,
    };
    match (register.get(kind, key), after) {
        (None, _) => RowOutcome::Created,
        (Some(node), Some(record)) if node.record == *record => RowOutcome::Unchanged,
        (Some(_), Some(_)) => RowOutcome::Updated,
        (Some(_), None) => RowOutcome::Deleted,
    }
}

/// Names a base state and what is done to it: the same records from the same revision give the same digest.
pub struct Digest(blake3::Hasher);

impl Digest {
    /// Of a base state.
    pub fn new(base: Revision) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&base.to_le_bytes());
        Self(hasher)
    }

    /// Adds a change.
    pub fn add(&mut self, change: &Change) {
        self.0.update(&[change.kind as u8]);
        self.0.update(change.key.as_str().as_bytes());
        let after = change.after.as_ref().map(|node| codec::encode_record(&node.record, 0)).unwrap_or_default();
        self.0.update(&(after.len() as u64).to_le_bytes());
        self.0.update(&after);
    }

    /// As text.
    pub fn finish(self) -> String {
        self.0.finalize().to_hex()[..32].to_owned()
    }
}

/// What became of each edit of a commit of which nothing was refused.
pub fn outcomes(edits: &[Edit], changes: &[Change]) -> Vec<RowOutcome> {
    let changes: HashMap<(Kind, &Key), &Change> =
        changes.iter().map(|change| ((change.kind, &change.key), change)).collect();
    let outcome = |edit: &Edit| {
        Some(match changes.get(&(edit.kind()?, &edit.key()?)) {
            None => RowOutcome::Unchanged,
            Some(Change { before: None, .. }) => RowOutcome::Created,
            Some(Change { after: None, .. }) => RowOutcome::Deleted,
            Some(_) => RowOutcome::Updated,
        })
    };
    edits.iter().map(|edit| outcome(edit).unwrap_or(RowOutcome::Rejected)).collect()
}
