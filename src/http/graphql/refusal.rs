//! Why a request is not taken.

use actix_web::http::StatusCode;

use crate::graphql::core::error::{ErrorCode, FieldError};

/// Why a request is not taken. Unlike the answer that says so, it can come from another thread.
#[derive(Debug)]
pub struct Refusal {
    /// The status.
    pub status: StatusCode,
    /// What is wrong.
    pub error: FieldError,
}

/// Refuses what is malformed.
pub fn bad_request(message: impl Into<String>, hint: &str) -> Refusal {
    Refusal { status: StatusCode::BAD_REQUEST, error: FieldError::new(ErrorCode::BadRequest, message, hint) }
}
