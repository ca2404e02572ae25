//! What came of an import, as JSON: written as it goes, so that an answer takes no more memory than its text.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Value as Json, json};

use crate::commit::{PROBLEMS_MAX, Report, RowOutcome};
use crate::import::bulk::CHANGES_TOLD;
use crate::import::lines::Numbers;
use crate::model::difference::differences;
use crate::model::problem::Warning;
use crate::model::{Kind, Problem};
use crate::register::Change;

/// What came of rows.
pub struct Answer<'r> {
    /// What came of them.
    pub report: &'r Report,
    /// The line of each.
    pub numbers: &'r Numbers,
    /// How many changes are told.
    pub changes: Option<usize>,
}

impl Answer<'_> {
    /// As text.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// As a value.
    pub fn json(&self) -> Json {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// What every answer has. Each problem is told as `problem` does; the lines of refused rows only where lines say where they are.
    pub(super) fn entries<M: SerializeMap>(
        &self,
        map: &mut M,
        problem: impl Fn(&Problem) -> Json,
        has_lines: bool,
    ) -> Result<(), M::Error> {
        let Self { report, numbers, changes } = self;
        let (counts, untold) = (report.counts, numbers.untold());
        map.serialize_entry("status", report.status.word())?;
        map.serialize_entry("replayed", &report.replayed)?;
        map.serialize_entry("baseRevision", &report.base_revision)?;
        map.serialize_entry("revision", &report.revision)?;
        map.serialize_entry("digest", &report.digest)?;
        let counts = json!({
            "received": counts.received + untold, "created": counts.created, "updated": counts.updated,
            "unchanged": counts.unchanged, "deleted": counts.deleted, "rejected": counts.rejected + untold,
        });
        map.serialize_entry("counts", &counts)?;
        let kind = |(kind, [created, updated, deleted]): (&Kind, &[u64; 3])| json!({ "kind": kind.word(), "created": created, "updated": updated, "deleted": deleted });
        map.serialize_entry("kinds", &Each(|| report.effects.iter().map(kind)))?;
        let told = changes.unwrap_or(CHANGES_TOLD);
        map.serialize_entry("changes", &Each(|| report.changes.iter().take(told).map(change)))?;
        let is_rejected = |(_, outcome): &(usize, &RowOutcome)| **outcome == RowOutcome::Rejected;
        let rejected = || report.rows.iter().enumerate().filter(is_rejected).map(|(row, _)| row);
        let lines = has_lines.then(|| numbers.stretches(rejected()));
        map.serialize_entry("rejectedLines", &lines)?;
        map.serialize_entry("warnings", &Each(|| report.warnings.iter().map(warning)))?;
        map.serialize_entry("problemCount", &(report.problem_count + untold))?;
        map.serialize_entry("problems", &Each(|| report.problems.iter().take(PROBLEMS_MAX).map(&problem)))
    }
}

impl Serialize for Answer<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.entries(&mut map, problem, true)?;
        map.end()
    }
}

/// A list whose entries are made one by one.
struct Each<F>(F);

impl<F: Fn() -> I, I: Iterator<Item: Serialize>> Serialize for Each<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

fn change(change: &Change) -> Json {
    let (before, after) = (change.before.as_ref(), change.after.as_ref());
    let outcome = match (before, after) {
        (None, _) => RowOutcome::Created,
        (_, Some(_)) => RowOutcome::Updated,
        (_, None) => RowOutcome::Deleted,
    };
    let fields = differences(before.map(|node| &node.record), after.map(|node| &node.record)).into_iter();
    let fields = fields.map(|it| json!({ "field": it.path, "before": it.before, "after": it.after }));
    json!({
        "kind": change.kind.word(), "key": change.key.as_str(), "outcome": outcome.word(), "fields": fields.collect::<Json>(),
    })
}

/// The line that a path leads to.
fn line(path: &[String]) -> Option<usize> {
    path.get(1)?.strip_prefix("line ")?.parse().ok()
}

fn problem(problem: &Problem) -> Json {
    json!({
        "code": problem.code.word(), "line": line(&problem.path), "path": problem.path, "message": problem.message,
        "hint": problem.hint, "candidates": problem.candidates, "otherLine": line(&problem.other),
    })
}

fn warning(warning: &Warning) -> Json {
    json!({
        "code": warning.code.word(), "line": line(&warning.path), "path": warning.path, "message": warning.message,
        "hint": warning.hint,
    })
}
