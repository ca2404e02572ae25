//! What the audit log is told of a submission.

use std::sync::Arc;

use crate::commit::audit::{Audit, Note};
use crate::commit::error::CommitError;
use crate::commit::submission::{Report, Submission};

/// A submission on its way. When nobody waits for its outcome any more, that is noted; the journal says then what became of it.
pub struct Noting<'a> {
    audit: &'a Audit,
    submission: Arc<Submission>,
    now_ms: i64,
    is_told: bool,
}

impl<'a> Noting<'a> {
    /// Begins. Of a dry run nothing is noted but that somebody may not do it.
    pub fn begin(audit: &'a Audit, submission: &Arc<Submission>, now_ms: i64) -> Self {
        Self { audit, submission: Arc::clone(submission), now_ms, is_told: submission.dry_run }
    }

    /// It is nothing that was done here.
    pub fn nothing(&mut self) {
        self.is_told = true;
    }

    /// Notes what came of it.
    pub fn end(mut self, outcome: Result<Report, CommitError>) -> Result<Report, CommitError> {
        match &outcome {
            Ok(report) => {
                let counts = report.counts;
                let about = format!(
                    "{} rows: {} created, {} updated, {} deleted, {} unchanged, {} rejected{}: {}",
                    counts.received,
                    counts.created,
                    counts.updated,
                    counts.deleted,
                    counts.unchanged,
                    counts.rejected,
                    if report.replayed { "; answered before" } else { "" },
                    self.submission.reason
                );
                self.note(report.status.word(), about, Some(report.revision));
            }
            Err(error) => {
                let may_not = matches!(error, CommitError::Forbidden { .. } | CommitError::OtherBody { .. });
                let is_tried = self.submission.dry_run && may_not;
                self.is_told &= !is_tried;
                let how = if is_tried { "dry run: " } else { "" };
                self.note("REFUSED", format!("{how}{error}"), None);
            }
        }
        outcome
    }

    fn note(&mut self, outcome: &str, about: String, revision: Option<u64>) {
        if std::mem::replace(&mut self.is_told, true) {
            return;
        }
        let who = &self.submission.identity;
        let origin = who.origin.as_deref().unwrap_or("this machine");
        self.audit.note(&Note { who: &who.name, origin, what: "write", outcome, about, revision }, self.now_ms);
    }
}

impl Drop for Noting<'_> {
    fn drop(&mut self) {
        self.note("UNTOLD", "nobody waited for the outcome: the journal has it".into(), None);
    }
}
