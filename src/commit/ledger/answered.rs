//! What was answered before, to whoever asks again with the same key.

use std::sync::{Arc, PoisonError};

use super::Ledger;
use crate::commit::error::CommitError;
use crate::commit::planted;
use crate::commit::submission::{Report, Status, Submission, digest};
use crate::commit::validate::outcome::{Effects, Validated, count, outcomes};
use crate::model::{ProblemCode, Problems};
use crate::register::Change;

impl Ledger {
    /// The answer to an earlier request of the same author with the same key.
    pub(super) fn answered_before(&self, submission: &Submission) -> Result<Option<Report>, CommitError> {
        // A dry run is no repetition: it says what would happen now.
        let is_asked = !submission.dry_run && !planted::has(planted::BLIND_RETRY);
        let Some((key, body)) = submission.idempotency.as_ref().filter(|_| is_asked) else {
            return Ok(None);
        };
        let receipts = self.shared.receipts.read().unwrap_or_else(PoisonError::into_inner);
        let Some(answered) = receipts.get(&submission.identity.name, key).cloned() else { return Ok(None) };
        drop(receipts);
        let register = self.register();
        if answered.body != *body {
            let mut problems = Problems::at("idempotencyKey");
            let message =
                format!("`{key}` was used before, for another request, answered at revision {}", answered.revision);
            problems.push(ProblemCode::IdempotencyMismatch, message, "use a new key for a new request");
            return Ok(Some(Report::refused(&register, problems.into_vec())));
        }
        let commit = if answered.committed { self.commit(answered.revision)? } else { None };
        let changes: Arc<Vec<Change>> = Arc::new(commit.map_or_else(Vec::new, |commit| commit.changes.clone()));
        let base_revision = answered.revision - u64::from(answered.committed);
        // What was told of each row is not kept. Where nothing was refused, the changes give it again; else the same rows on
        // the same register do. Edits that were made from a register are others by now.
        let told = if submission.make.is_some() {
            Validated::default()
        } else if answered.counts.rejected == 0 && submission.scope.is_none() {
            Validated { rows: outcomes(&submission.edits, &changes), ..Validated::default() }
        } else {
            let base = self.register_at(base_revision)?.unwrap_or(register);
            submission.validated(&base, &submission.edits)
        };
        let mut effects = Effects::new();
        changes.iter().for_each(|change| count(&mut effects, change));
        Ok(Some(Report {
            status: if answered.committed { Status::Committed } else { Status::Unchanged },
            replayed: true,
            base_revision,
            revision: answered.revision,
            digest: digest(base_revision, &changes),
            counts: answered.counts,
            rows: told.rows,
            changes,
            effects,
            problem_count: told.problem_count,
            problems: told.problems,
            warnings: told.warnings,
        }))
    }
}
