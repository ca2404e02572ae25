//! Files on their way out, piece by piece, and the answers where there is none.

use std::io;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, HttpResponseBuilder, web};
use futures_util::stream;

use crate::export::{ExportError, Pieces};
use crate::graphql::core::error::{ErrorCode, FieldError};
use crate::http::wire::background::run_blocking;
use crate::http::wire::refusal::{refuse, refuse_with};
use crate::http::wire::share::Payer;

/// Sends what comes piece by piece, as fast as the client takes it. Each is made beside, so that nobody waits who shares this thread, and
/// not before the client has taken the one before.
pub fn send(mut answer: HttpResponseBuilder, pieces: Pieces, payer: Payer) -> HttpResponse {
    answer.streaming(stream::unfold(Some(pieces), move |pieces| {
        let payer = payer.clone();
        async move {
            let mut pieces = pieces?;
            let next = move || {
                payer.work_beside();
                let piece = pieces.next();
                (piece, pieces)
            };
            match run_blocking(next).await {
                Ok((piece, pieces)) => piece.map(|piece| (piece.map(web::Bytes::from), Some(pieces))),
                // What is not made any more is not whole: the client is to notice.
                Err(error) => Some((Err(io::Error::other(error.message)), None)),
            }
        }
    }))
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
