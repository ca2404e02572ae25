//! What is told of a refusal: a number among the metrics, and a line of the audit log.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;

use crate::commit::audit::Note;
use crate::graphql::core::error::{ErrorCode, FieldError, GraphqlError};
use crate::http::state::auth;
use crate::http::state::shared::Shared;
use crate::http::wire::visitor::Visitor;
use crate::model::text::shortened;

/// So many letters of a path are shown.
pub const PATH_CHARS_MAX: usize = 200;

/// Why an answer refuses what was asked, where its status need not say so: it goes with the answer.
#[derive(Clone, Copy)]
pub struct Within(pub StatusCode);

/// The same of the errors of an answer; none where nobody is refused by them.
pub fn within(errors: &[GraphqlError]) -> Option<Within> {
    errors.iter().find_map(|error| status_of(error.error.code)).map(Within)
}

fn status_of(code: ErrorCode) -> Option<StatusCode> {
    match code {
        ErrorCode::Unauthenticated => Some(StatusCode::UNAUTHORIZED),
        ErrorCode::Forbidden => Some(StatusCode::FORBIDDEN),
        ErrorCode::TooManyRequests => Some(StatusCode::TOO_MANY_REQUESTS),
        _ => None,
    }
}

/// Tells of an error by which somebody is refused on a socket, where no status says so, and gives it back.
pub fn told(http: &HttpRequest, shared: &Shared, error: FieldError) -> FieldError {
    if let Some(status) = status_of(error.code) {
        shared.metrics.refused(status.as_u16());
        note(http, shared, status, "socket");
    }
    error
}

/// Writes to the audit log that a request for something was refused, where that is what the status says: so many a minute, so that
/// nobody fills it.
pub fn note(http: &HttpRequest, shared: &Shared, status: StatusCode, what: &str) {
    if !matches!(status.as_u16(), 401 | 403 | 421 | 429) || shared.noted.take(1).is_err() {
        return;
    }
    let who = auth::known(http).map(|identity| identity.name).unwrap_or_default();
    let origin = Visitor::origin(http).unwrap_or_default();
    let about = format!("{} {}", http.method(), shortened(http.path(), PATH_CHARS_MAX));
    let note = Note { who: &who, origin: &origin, what, outcome: status.as_str(), about, revision: None };
    shared.ledger.audit().note(&note, (shared.clock)());
}
