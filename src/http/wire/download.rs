//! Files on their way out, piece by piece, and the answers where there is none.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, HttpResponseBuilder, web};
use futures_util::stream;

use crate::export::{ExportError, Pieces};
use crate::graphql::core::error::{ErrorCode, FieldError};
use crate::http::wire::refusal::{refuse, refuse_with};

/// Sends what comes piece by piece, as fast as the client takes it.
pub fn send(mut answer: HttpResponseBuilder, pieces: Pieces) -> HttpResponse {
    answer.streaming(stream::iter(pieces.map(|piece| piece.map(web::Bytes::from))))
}

/// The answer to what cannot be written in the form asked for.
pub fn not_made(error: &ExportError) -> HttpResponse {
    match error {
        ExportError::File(_) | ExportError::Workbook(_) => {
            tracing::error!(reason = %error, "an export failed");
            refuse(StatusCode::SERVICE_UNAVAILABLE, ErrorCode::Unavailable, &error.to_string(), error.hint())
        }
        ExportError::TooManyRows { limit, found, .. } => {
            let limit = FieldError::limit("records of a sheet", *limit, *found, error.hint());
            refuse_with(StatusCode::BAD_REQUEST, limit)
        }
        ExportError::TooLong { .. } => {
            let error = FieldError::new(ErrorCode::LimitExceeded, error.to_string(), error.hint());
            refuse_with(StatusCode::BAD_REQUEST, error)
        }
    }
}

/// The answer when the server stops before it is made.
pub fn stopping() -> HttpResponse {
    let hint = "send it again later";
    refuse(StatusCode::SERVICE_UNAVAILABLE, ErrorCode::Unavailable, "the server is stopping", hint)
}
