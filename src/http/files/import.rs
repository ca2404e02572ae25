//! `POST /import`: rows as JSON Lines, or a file as people have it (`file=NAME`), as one commit. The same rules and the same report as
//! `importRows`.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::rt::time::timeout;
use actix_web::{HttpRequest, HttpResponse, web};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::commit::CommitError;
use crate::commit::access::{Identity, Role};
use crate::graphql::core::error::{ErrorCode, FieldError};
use crate::graphql::mutation::from_commit;
use crate::http::state::auth;
use crate::http::state::shared::Shared;
use crate::http::wire::background::run_blocking;
use crate::http::wire::body;
use crate::http::wire::refusal::{later, refuse, refuse_with};
use crate::import::answer::Answer;
use crate::import::bulk::{Reading, Request, TooMuch};
use crate::import::upload::{Upload, UploadAnswer};
use crate::work::{Stopped, Work};

/// Bytes that are read before they are handed to another thread: parsing would keep all others waiting who share this one.
const PIECE_BYTES: usize = 256 * 1024;
/// From this size on an import is large, and others of the kind wait.
const LARGE_BYTES: usize = 1024 * 1024;
/// How long they do.
const TURN_TIMEOUT: Duration = Duration::from_secs(30);

/// So many times `import_bytes` is what an import may take in memory: a row of few letters is a record of many fields.
const MEMORY_TIMES: usize = 5;

/// One large import at a time: what one takes in memory is bounded, what many take would not be.
static TURN: Semaphore = Semaphore::const_new(1);

/// Answers the request.
pub async fn post(http: HttpRequest, payload: web::Payload, shared: web::Data<Shared>) -> HttpResponse {
    match import(&http, payload, shared).await {
        Ok(response) | Err(response) => response,
    }
}

async fn import(
    http: &HttpRequest,
    payload: web::Payload,
    shared: web::Data<Shared>,
) -> Result<HttpResponse, HttpResponse> {
    let identity = auth::identity(http);
    if identity.role < Role::Import {
        let error = CommitError::Forbidden { identity, needs: Role::Import };
        return Err(refuse(StatusCode::FORBIDDEN, ErrorCode::Forbidden, &error.to_string(), error.hint()));
    }
    let request = request(http)?;
    if request.file.is_some() {
        return upload(http, payload, shared, request, identity).await;
    }
    if !is_json_lines(http) {
        let hint = "send the header `Content-Type: application/jsonl`, or name the file that it is (`file=NAME`)";
        return Err(refuse(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ErrorCode::UnsupportedMediaType,
            "an import is JSON Lines in UTF-8",
            hint,
        ));
    }
    let changes = request.changes;
    let mut reading = Reading::new(request, memory_max(&shared))
        .map_err(|(message, hint)| refuse(StatusCode::BAD_REQUEST, ErrorCode::BadUserInput, &message, &hint))?;
    let mut pieces = body::Pieces::new(http, payload, shared.api.limits())?;
    let mut turn = None;
    // When the client goes, this is dropped, and reading ends.
    let work = Work::default();
    let _waiting = work.waiting();
    while let Some(piece) = pieces.next(PIECE_BYTES).await? {
        if turn.is_none() && pieces.taken() > LARGE_BYTES {
            turn = Some(await_turn().await?);
        }
        let read = work.clone();
        let fed = run_blocking(move || {
            read.run(|| {
                reading.feed(&piece);
                reading
            })
        });
        reading = fed.await.map_err(later)?.map_err(given_up)?;
        reading.too_much().map_or(Ok(()), |found| Err(too_much(found)))?;
    }
    let now_ms = (shared.clock)();
    // What was read whole is done, whether the client waits for it or not: the turn ends with it.
    let submitted = run_blocking(move || {
        let _turn = turn;
        let (submission, numbers) = reading.finish(identity);
        let report = shared.ledger.submit(submission, now_ms)?;
        Ok(Answer { report: &report, numbers: &numbers, changes }.to_text())
    });
    answer(submitted.await.map_err(later)?)
}

/// Takes a file: it is read here, whatever form it has, so that who sends it needs nothing for that.
async fn upload(
    http: &HttpRequest,
    payload: web::Payload,
    shared: web::Data<Shared>,
    request: Request,
    identity: Identity,
) -> Result<HttpResponse, HttpResponse> {
    let changes = request.changes;
    let name = request.file.clone().unwrap_or_default();
    let mut pieces = body::Pieces::new(http, payload, shared.api.limits())?;
    let mut bytes = Vec::with_capacity(pieces.announced());
    let mut turn = None;
    let memory_max = memory_max(&shared);
    while let Some(piece) = pieces.next(PIECE_BYTES).await? {
        if turn.is_none() && pieces.taken() > LARGE_BYTES {
            turn = Some(await_turn().await?);
        }
        bytes.extend_from_slice(&piece);
    }
    // What a workbook unpacks to is many times its size: there is one at a time, whatever it says of itself.
    let turn = match turn {
        Some(turn) => turn,
        None => await_turn().await?,
    };
    let now_ms = (shared.clock)();
    // When the client goes, this is dropped, and reading ends; its turn with it.
    let work = Work::default();
    let _waiting = work.waiting();
    let upload = run_blocking(move || {
        let read = work.run(|| Upload::read(request, &name, &bytes, memory_max));
        read.map(|upload| upload.map(|upload| (upload, turn)))
    });
    let (upload, turn) = upload
        .await
        .map_err(later)?
        .map_err(given_up)?
        .map_err(|(message, hint)| refuse(StatusCode::BAD_REQUEST, ErrorCode::BadUserInput, &message, &hint))?;
    upload.too_much().map_or(Ok(()), |found| Err(too_much(found)))?;
    let submitted = run_blocking(move || {
        let _turn = turn;
        let (submission, numbers, found) = upload.finish(identity);
        let report = shared.ledger.submit(submission, now_ms)?;
        let answer = Answer { report: &report, numbers: &numbers, changes };
        Ok(UploadAnswer { answer, found: &found }.to_text())
    });
    answer(submitted.await.map_err(later)?)
}

/// The answer that tells what came of it.
fn answer(submitted: Result<String, CommitError>) -> Result<HttpResponse, HttpResponse> {
    submitted.map(|report| HttpResponse::Ok().content_type("application/json").body(report)).map_err(|error| {
        let status = match &error {
            CommitError::Forbidden { .. } | CommitError::OtherBody { .. } => StatusCode::FORBIDDEN,
            _ => StatusCode::SERVICE_UNAVAILABLE,
        };
        let error = from_commit(error);
        refuse(status, error.code, &error.message, &error.hint)
    })
}

/// What the rows of one import may take in memory, beyond the register that they change.
fn memory_max(shared: &Shared) -> usize {
    shared.api.limits().import_bytes.saturating_mul(MEMORY_TIMES)
}

/// Rows take more memory than they may.
fn too_much(TooMuch { most, found, rows }: TooMuch) -> HttpResponse {
    let hint = format!(
        "send fewer rows in one request: the first {rows} take that much; or let whoever runs the server set `--limit import_bytes=…`, \
         of which an import may take {MEMORY_TIMES} times in memory"
    );
    let error = FieldError::limit("bytes of memory for the rows of an import", most, found, hint);
    refuse_with(StatusCode::PAYLOAD_TOO_LARGE, error)
}

/// Nobody waits for what was read.
fn given_up(_: Stopped) -> HttpResponse {
    let hint = "send it again; with the same idempotency key it is done once";
    refuse(StatusCode::SERVICE_UNAVAILABLE, ErrorCode::Unavailable, "the client has gone", hint)
}

async fn await_turn() -> Result<SemaphorePermit<'static>, HttpResponse> {
    match timeout(TURN_TIMEOUT, TURN.acquire()).await {
        Ok(Ok(turn)) => Ok(turn),
        _ => {
            let hint = "send it again later; with the same idempotency key it is done once";
            let message = "another large import is being taken";
            Err(refuse(StatusCode::TOO_MANY_REQUESTS, ErrorCode::Unavailable, message, hint))
        }
    }
}

fn is_json_lines(http: &HttpRequest) -> bool {
    let text = http.headers().get(header::CONTENT_TYPE).map(HeaderValue::to_str);
    let Some(Ok(text)) = text else { return false };
    let media = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(media.as_str(), "application/jsonl" | "application/x-ndjson" | "application/jsonlines")
}

fn request(http: &HttpRequest) -> Result<Request, HttpResponse> {
    web::Query::from_query(http.query_string()).map(web::Query::into_inner).map_err(|error| {
        let hint = "give reason and idempotencyKey, and if need be mode, scope, within, atomicity, dryRun, expectRevision, \
                    expectDigest, expectDeletes, allowMoves, organisationKey, changes, file, kind, decimal";
        refuse(StatusCode::BAD_REQUEST, ErrorCode::BadUserInput, &format!("the address does not hold: {error}"), hint)
    })
}
