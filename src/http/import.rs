//! `POST /import`: rows as JSON Lines, of any number, as one commit. The same rules and the same report as `importRows`.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use crate::commit::access::Role;
use crate::commit::{Atomicity, CommitError, Edit, Report, Submission};
use crate::graphql::error::ErrorCode;
use crate::graphql::mutation::from_commit;
use crate::http::{Shared, body, endpoint, refuse};
use crate::import::draft::{ImportMode, record_edit};
use crate::import::jsonl::Lines;
use crate::import::rows::{Options, Reject, Row};
use crate::model::Problem;
use crate::model::problem::Warning;
use crate::register::Revision;

/// Most problems that an answer tells; `problemCount` counts them all.
const PROBLEMS_MAX: usize = 10_000;

/// What stands in the address.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Parameters {
    reason: String,
    idempotency_key: String,
    mode: Option<String>,
    atomicity: Option<String>,
    #[serde(default)]
    dry_run: bool,
    expect_revision: Option<Revision>,
    expect_digest: Option<String>,
}

/// Answers the request.
pub async fn post(http: HttpRequest, payload: web::Payload, shared: web::Data<Shared>) -> HttpResponse {
    match import(&http, payload, shared).await {
        Ok(response) | Err(response) => response,
    }
}

async fn import(
    http: &HttpRequest,
    mut payload: web::Payload,
    shared: web::Data<Shared>,
) -> Result<HttpResponse, HttpResponse> {
    let identity = endpoint::identity(http, &shared)?;
    if identity.role < Role::Import {
        let error = CommitError::Forbidden { identity, needs: Role::Import };
        return Err(refuse(StatusCode::FORBIDDEN, ErrorCode::Forbidden, &error.to_string(), error.hint()));
    }
    if !is_json_lines(http) {
        let hint = "send the header `Content-Type: application/jsonl`";
        return Err(refuse(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ErrorCode::UnsupportedMediaType,
            "an import is JSON Lines in UTF-8",
            hint,
        ));
    }
    let parameters = parameters(http)?;
    let mode = word(parameters.mode.as_deref(), "mode", ImportMode::Upsert, ImportMode::from_word)?;
    if mode == ImportMode::ReplaceScope {
        let hint = "send it as the mutation `importRows`, which names the scope";
        return Err(refuse(StatusCode::BAD_REQUEST, ErrorCode::BadUserInput, "REPLACE_SCOPE needs a scope", hint));
    }
    let atomicity = word(parameters.atomicity.as_deref(), "atomicity", Atomicity::All, Atomicity::from_word)?;

    let options = Options::default();
    let mut lines = Lines::new("body", &options);
    let mut edits = Vec::new();
    let mut hasher = blake3::Hasher::new();
    hasher.update(format!("{mode} {atomicity}\n").as_bytes());
    let mut each = |row: Result<Row, Reject>| edits.push(edit(row, mode));
    while let Some(chunk) = body::next(&mut payload, shared.api.limits()).await? {
        hasher.update(&chunk);
        lines.feed(&chunk, &mut each);
    }
    lines.finish(&mut each);
    let submission = Submission {
        atomicity,
        dry_run: parameters.dry_run,
        expect_revision: parameters.expect_revision,
        expect_digest: parameters.expect_digest,
        idempotency: Some((parameters.idempotency_key, *hasher.finalize().as_bytes())),
        ..Submission::new(identity, Role::Import, parameters.reason, edits)
    };
    let now_ms = (shared.clock)();
    let submitted = web::block(move || shared.ledger.submit(submission, now_ms)).await;
    match submitted {
        Ok(Ok(report)) => Ok(HttpResponse::Ok().json(report_json(&report))),
        Ok(Err(error)) => {
            let status = match &error {
                CommitError::Forbidden { .. } => StatusCode::FORBIDDEN,
                _ => StatusCode::SERVICE_UNAVAILABLE,
            };
            let error = from_commit(error);
            Err(refuse(status, error.code, &error.message, &error.hint))
        }
        Err(_) => {
            let hint = "send it again later; with the same idempotency key it is done once";
            Err(refuse(StatusCode::SERVICE_UNAVAILABLE, ErrorCode::Unavailable, "the server is stopping", hint))
        }
    }
}

fn is_json_lines(http: &HttpRequest) -> bool {
    let text = http.headers().get(header::CONTENT_TYPE).map(HeaderValue::to_str);
    let Some(Ok(text)) = text else { return false };
    let media = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(media.as_str(), "application/jsonl" | "application/x-ndjson" | "application/jsonlines")
}

fn parameters(http: &HttpRequest) -> Result<Parameters, HttpResponse> {
    web::Query::from_query(http.query_string()).map(web::Query::into_inner).map_err(|error| {
        let hint =
            "give reason and idempotencyKey, and if need be mode, atomicity, dryRun, expectRevision, expectDigest";
        refuse(StatusCode::BAD_REQUEST, ErrorCode::BadUserInput, &format!("the address does not hold: {error}"), hint)
    })
}

fn word<T>(given: Option<&str>, name: &str, default: T, read: fn(&str) -> Option<T>) -> Result<T, HttpResponse> {
    let Some(given) = given else { return Ok(default) };
    read(given).ok_or_else(|| {
        let message = format!("`{name}` cannot be `{given}`");
        refuse(StatusCode::BAD_REQUEST, ErrorCode::BadUserInput, &message, "see the schema for its words")
    })
}

fn edit(row: Result<Row, Reject>, mode: ImportMode) -> Edit {
    match row {
        Ok(row) => record_edit(row.kind, &row.tree, mode, row.at.0),
        Err(reject) => {
            let (kind, keys) = reject.target();
            Edit::Broken { kind, keys, problems: reject.problems }
        }
    }
}

fn report_json(report: &Report) -> serde_json::Value {
    let counts = report.counts;
    let problem = |problem: &Problem| {
        serde_json::json!({
            "code": problem.code.word(), "path": problem.path, "message": problem.message,
            "hint": problem.hint, "candidates": problem.candidates,
        })
    };
    let warning = |warning: &Warning| {
        serde_json::json!({
            "code": warning.code.word(), "path": warning.path, "message": warning.message, "hint": warning.hint,
        })
    };
    serde_json::json!({
        "status": report.status.word(),
        "replayed": report.replayed,
        "baseRevision": report.base_revision,
        "revision": report.revision,
        "digest": report.digest,
        "counts": {
            "received": counts.received, "created": counts.created, "updated": counts.updated,
            "unchanged": counts.unchanged, "deleted": counts.deleted, "rejected": counts.rejected,
        },
        "warnings": report.warnings.iter().map(warning).collect::<Vec<_>>(),
        "problemCount": report.problems.len(),
        "problems": report.problems.iter().take(PROBLEMS_MAX).map(problem).collect::<Vec<_>>(),
    })
}
