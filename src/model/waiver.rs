//! Waivers: contradictions of a document that somebody has looked at and lets stand.

use crate::model::macros::record;
use crate::model::{Date, Key, ProblemCode};

record! {
    /// A discrepancy that somebody has looked at and lets stand, for a reason. Who and when is told by the commit that wrote it.
    Waiver(|waiver| waiver.key.clone(), check: |waiver, problems| {
        if waiver.reason.trim().is_empty() {
            problems.within("reason", |problems| {
                problems.push(ProblemCode::Missing, "the reason is empty", "say why the discrepancy may stand");
            });
        }
    }) {
        /// Key of the discrepancy.
        key: Key,
        /// Why it may stand.
        reason: String,
        /// The last day on which the waiver counts; null when it counts until it is deleted.
        until: Option<Date>,
    }
}

impl Waiver {
    /// Whether it counts on that day.
    pub fn counts_on(&self, day: Date) -> bool {
        self.until.is_none_or(|until| day <= until)
    }
}
