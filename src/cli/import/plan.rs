//! Plans: rows and the digest of what they came to, kept for somebody else to agree with.

use std::io::Write as _;
use std::path::Path;

use serde_json::{Value as Json, json};

use crate::cli::failure::Failure;
use crate::cli::import::batch::Batch;
use crate::cli::import::files::{self, Own, cannot_read, cannot_write};
use crate::import::bulk::Request;

/// Writes a plan. A row a line, as they were sent.
///
/// # Errors
/// When the disk refuses.
pub fn write(path: &Path, request: &Request, report: &Json, batch: &Batch) -> Result<(), Failure> {
    let head = json!({
        "mode": request.mode, "reason": request.reason, "atomicity": request.atomicity, "scope": request.scope,
        "within": request.within, "expectDeletes": request.expect_deletes, "allowMoves": request.allow_moves, "organisationKey": request.organisation_key, "expectDigest": report["digest"],
    });
    let head = files::marked(Own::Plan, &head);
    let mut out =
        std::fs::File::create(path).map(std::io::BufWriter::new).map_err(|cause| cannot_write(path, &cause))?;
    let head = head.trim_end().trim_end_matches("\n}");
    let mut written = write!(out, "{head},\n  \"rows\": [");
    for row in 0..batch.len() {
        let json = batch.sent(row).unwrap_or_default();
        let comma = if row == 0 { "" } else { "," };
        written = written.and_then(|()| write!(out, "{comma}\n    {json}"));
    }
    written
        .and_then(|()| writeln!(out, "\n  ]\n}}"))
        .and_then(|()| out.flush())
        .map_err(|cause| cannot_write(path, &cause))
}

/// Reads a plan.
///
/// # Errors
/// When it is none.
pub fn read(path: &Path) -> Result<(Batch, Request), Failure> {
    let text = std::fs::read_to_string(path).map_err(|cause| cannot_read(path, &cause))?;
    let refuse =
        |cause: &str| Failure::usage(format!("`{}` is no plan: {cause}", path.display()), "make it with --plan");
    let plan: Json = serde_json::from_str(&text).map_err(|cause| refuse(&cause.to_string()))?;
    let field = |name: &str| plan[name].as_str().map(str::to_owned);
    let rows = plan["rows"].as_array().ok_or_else(|| refuse("it has no rows"))?;
    let digest = field("expectDigest").ok_or_else(|| refuse("it does not say what was agreed to"))?;
    let request = Request {
        reason: field("reason").unwrap_or_default(),
        mode: field("mode"),
        atomicity: field("atomicity"),
        scope: field("scope"),
        within: field("within"),
        expect_deletes: plan["expectDeletes"].as_u64(),
        allow_moves: plan["allowMoves"] == true,
        organisation_key: field("organisationKey"),
        expect_digest: Some(digest),
        changes: Some(1_000),
        ..Request::default()
    };
    Ok((Batch::of_rows(path, rows)?, request))
}
