//! Why a request is not taken, and the answers that say so.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, guard, web};

use crate::graphql::core::error::{ErrorCode, FieldError, GraphqlError};

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

/// A refusal before anything of GraphQL was read: the same form as a GraphQL error, so that clients need one way to show it.
pub fn refuse(status: StatusCode, code: ErrorCode, message: &str, hint: &str) -> HttpResponse {
    refuse_with(status, FieldError::new(code, message, hint))
}

/// The same for an error that is there already.
pub fn refuse_with(status: StatusCode, error: FieldError) -> HttpResponse {
    let body = serde_json::json!({ "errors": [GraphqlError::from(error).to_json()] });
    HttpResponse::build(status).content_type("application/json; charset=utf-8").body(body.to_string())
}

/// The answer to what can be done later: when there is room, or when there is a share of it again.
pub fn later(error: FieldError) -> HttpResponse {
    let status = match error.code {
        ErrorCode::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::BadRequest => StatusCode::BAD_REQUEST,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    let after_s = error.retry_after_s.unwrap_or(5);
    let mut refusal = refuse_with(status, error);
    if status != StatusCode::BAD_REQUEST {
        refusal.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(after_s));
    }
    refusal
}

/// The answer where an address does not take the method.
pub fn refuse_method(allowed: &'static str) -> HttpResponse {
    let mut answer = refuse(
        StatusCode::METHOD_NOT_ALLOWED,
        ErrorCode::MethodNotAllowed,
        "this address does not take that method",
        &format!("use one of {allowed}"),
    );
    answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allowed));
    answer
}

/// A resource that is only read.
pub fn page<F, A>(path: &str, handler: F) -> actix_web::Resource
where
    F: actix_web::Handler<A>,
    A: actix_web::FromRequest + 'static,
    F::Output: actix_web::Responder + 'static,
{
    web::resource(path)
        .route(web::route().guard(guard::Any(guard::Get()).or(guard::Head())).to(handler))
        .default_service(web::to(|| async { refuse_method("GET, HEAD") }))
}

/// The answer to who shows no token that is good.
pub fn unauthenticated(message: &str) -> HttpResponse {
    let hint = "send `Authorization: Bearer` with a token that is good; `boordtabel token create` makes one";
    let mut refusal = refuse(StatusCode::UNAUTHORIZED, ErrorCode::Unauthenticated, message, hint);
    refusal.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    refusal
}
