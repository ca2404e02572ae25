//! The rows that were left out while others went in: a file to be corrected and imported as it is.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::cli::import::batch::Batch;
use crate::cli::import::told::Finding;
use crate::import::format::jsonl::PROBLEMS;

/// The rejected rows, a line each, with their reasons first. Complete whatever their number: where the server told no reason
/// for a row any more, it says so.
pub fn lines(batch: &Batch, report: &Json, findings: &[Finding]) -> Vec<String> {
    let mut rows: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let stretch = |it: &Json| Some((it[0].as_u64()?, it[1].as_u64()?));
    for (first, last) in report["rejectedLines"].as_array().into_iter().flatten().filter_map(stretch) {
        let rejected = (first..=last).filter_map(|line| usize::try_from(line.checked_sub(1)?).ok());
        rows.extend(rejected.map(|row| (row, Vec::new())));
    }
    for finding in findings {
        if let Some(row) = finding.row {
            rows.entry(row).or_default().push(finding.line());
        }
    }
    let line = |(row, reasons): (usize, Vec<String>)| {
        let reasons = if reasons.is_empty() {
            vec![format!(
                "{}: the server found more problems than it tells: import this file to see this one",
                batch.place(row, "")
            )]
        } else {
            reasons
        };
        // Reasons first: by them the file is known for what it is.
        let (reasons, row) = (Json::from(reasons).to_string(), batch.row(row)?.to_string());
        Some(format!("{{\"{PROBLEMS}\":{reasons},{}\n", row.strip_prefix('{')?))
    };
    rows.into_iter().filter_map(line).collect()
}
