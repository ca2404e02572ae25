//! Reading a request's body: bounded in size and time, refused as soon as either is exceeded.

use std::time::Duration;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::StreamExt as _;

use crate::commit::access::{Identity, Role};
use crate::http::refuse;

/// Most bytes of a body.
pub const BODY_BYTES_MAX: usize = 1 << 20;
/// Most bytes of a body that holds rows, from somebody who may import.
pub const IMPORT_BYTES_MAX: usize = 64 << 20;
/// How long a body may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long a body of rows may take.
const IMPORT_TIMEOUT: Duration = Duration::from_secs(60);

/// Reads a body whole.
///
/// # Errors
/// With the answer that refuses it.
pub async fn read(http: &HttpRequest, payload: web::Payload, identity: &Identity) -> Result<Vec<u8>, HttpResponse> {
    let imports = identity.role >= Role::Import;
    let (limit, timeout) = if imports { (IMPORT_BYTES_MAX, IMPORT_TIMEOUT) } else { (BODY_BYTES_MAX, TIMEOUT) };
    let announced = http.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: usize| length > limit) {
        return Err(too_large(limit));
    }
    match actix_web::rt::time::timeout(timeout, collect(payload, limit)).await {
        Ok(body) => body,
        Err(_) => Err(too_slow(timeout)),
    }
}

async fn collect(mut payload: web::Payload, limit: usize) -> Result<Vec<u8>, HttpResponse> {
    let mut body = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| broken(&error))?;
        if body.len() + chunk.len() > limit {
            return Err(too_large(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The next chunk of a body that is read as a stream.
///
/// # Errors
/// With the answer that refuses it: when the client stops sending.
pub async fn next(payload: &mut web::Payload) -> Result<Option<web::Bytes>, HttpResponse> {
    match actix_web::rt::time::timeout(TIMEOUT, payload.next()).await {
        Ok(None) => Ok(None),
        Ok(Some(chunk)) => chunk.map(Some).map_err(|error| broken(&error)),
        Err(_) => Err(too_slow(TIMEOUT)),
    }
}

fn too_large(limit: usize) -> HttpResponse {
    refuse(
        StatusCode::PAYLOAD_TOO_LARGE,
        "LIMIT_EXCEEDED",
        &format!("the body has more than {limit} bytes"),
        "send less in one request, or rows as JSON Lines to /import",
    )
}

fn too_slow(timeout: Duration) -> HttpResponse {
    refuse(
        StatusCode::REQUEST_TIMEOUT,
        "REQUEST_TIMEOUT",
        &format!("the body did not come within {} seconds", timeout.as_secs()),
        "send it again, faster or in smaller pieces",
    )
}

fn broken(error: &dyn std::fmt::Display) -> HttpResponse {
    refuse(StatusCode::BAD_REQUEST, "BAD_REQUEST", &format!("the body cannot be read: {error}"), "send it again")
}
