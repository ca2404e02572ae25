//! What a list of edits comes to: the changes, and what became of each row.

use std::collections::HashMap;
use std::sync::Arc;

use super::edit::Edit;
use crate::model::problem::Warning;
use crate::model::vocabulary::vocabulary;
use crate::model::{Key, Kind, Problem};
use crate::register::{Change, Node, Register};
use crate::store::codec::Counts;

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
    /// What really changes, in the order of the kinds and keys.
    pub changes: Vec<Change>,
    /// What became of each edit, in their order.
    pub rows: Vec<RowOutcome>,
    /// How many rows came to what.
    pub counts: Counts,
    /// Everything that is wrong.
    pub problems: Vec<Problem>,
    /// What holds, but should be looked at.
    pub warnings: Vec<Warning>,
    /// Whether nothing may be committed: something is wrong and all or nothing was asked for.
    pub fatal: bool,
}

/// What the edits come to that are not rejected, together with the deletion of what the scope has beyond them.
pub fn outcome(
    register: &Register,
    edits: &[Edit],
    keys: &[Option<Key>],
    rejected: &[bool],
    missing: Vec<Arc<Node>>,
) -> Validated {
    let mut counts = Counts { received: edits.len() as u64, ..Counts::default() };
    let mut changes = Vec::with_capacity(edits.len());
    let revision = register.revision() + 1;
    let rows = edits.iter().zip(keys).zip(rejected).map(|((edit, key), rejected)| {
        let (kind, after) = match edit {
            _ if *rejected => return RowOutcome::Rejected,
            Edit::Put { record, .. } => (record.kind(), Some(record)),
            Edit::Delete { kind, .. } => (*kind, None),
            Edit::Broken { .. } => return RowOutcome::Rejected,
        };
        let Some(key) = key.clone() else { return RowOutcome::Rejected };
        let before = register.get(kind, &key);
        let outcome = match (before, &after) {
            (None, _) => RowOutcome::Created,
            (Some(node), Some(record)) if node.record == **record => return RowOutcome::Unchanged,
            (Some(_), Some(_)) => RowOutcome::Updated,
            (Some(_), None) => RowOutcome::Deleted,
        };
        let after = after.map(|record| Arc::new(Node::named(key.clone(), record.clone(), revision)));
        let deleted_at = if before.is_none() { register.deleted_at(kind, &key) } else { None };
        changes.push(Change { kind, key, before: before.cloned(), deleted_at, after });
        outcome
    });
    let rows: Vec<RowOutcome> = rows.collect();
    for row in &rows {
        match row {
            RowOutcome::Created => counts.created += 1,
            RowOutcome::Updated => counts.updated += 1,
            RowOutcome::Unchanged => counts.unchanged += 1,
            RowOutcome::Deleted => counts.deleted += 1,
            RowOutcome::Rejected => counts.rejected += 1,
        }
    }
    for node in missing {
        counts.deleted += 1;
        changes.push(Change {
            kind: node.kind(),
            key: node.key.clone(),
            deleted_at: None,
            before: Some(node),
            after: None,
        });
    }
    changes.sort_by(|a, b| (a.kind, &a.key).cmp(&(b.kind, &b.key)));
    Validated { changes, rows, counts, ..Validated::default() }
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
