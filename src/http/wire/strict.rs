//! What HTTP lets a client say in two ways is refused: whichever of the two were taken, something between might have taken the other.

use std::collections::HashSet;

use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::de::IgnoredAny;

use crate::graphql::core::error::ErrorCode;
use crate::http::wire::refusal::refuse;
use crate::model::text::shortened;

/// Headers that say one thing.
const SINGLE: [HeaderName; 11] = [
    header::AUTHORIZATION,
    header::CONTENT_ENCODING,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::HOST,
    header::IF_MODIFIED_SINCE,
    header::ORIGIN,
    header::SEC_WEBSOCKET_KEY,
    header::SEC_WEBSOCKET_VERSION,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];
/// And those of our own, and of the protocols that we speak.
const SINGLE_TOO: [&str; 3] = ["boordtabel-min-revision", "last-event-id", "x-graphql-event-stream-token"];

/// The refusal of a request that says something twice, or packs its body. `takes_several` says at which addresses a parameter may be
/// there several times.
pub fn refusal(http: &HttpRequest, takes_several: fn(&str, &str) -> bool) -> Option<HttpResponse> {
    let headers = http.headers();
    let is_twice = |name: &str| headers.get_all(name).nth(1).is_some();
    let names = SINGLE.iter().map(HeaderName::as_str).chain(SINGLE_TOO);
    if let Some(name) = names.into_iter().find(|name| is_twice(name)) {
        let message = format!("the header `{name}` is there twice");
        return Some(refuse(StatusCode::BAD_REQUEST, ErrorCode::BadRequest, &message, "send it once"));
    }
    if let Some(name) = repeated(http, takes_several) {
        let message = format!("the parameter `{}` is there twice", shortened(&name, NAME_CHARS_MAX));
        return Some(refuse(StatusCode::BAD_REQUEST, ErrorCode::BadRequest, &message, "send it once"));
    }
    let coding = headers.get(header::CONTENT_ENCODING)?;
    if http.method() == Method::GET || coding.as_bytes().eq_ignore_ascii_case(b"identity") {
        return None;
    }
    let message = format!("a body packed as `{}` is not taken", String::from_utf8_lossy(coding.as_bytes()));
    let hint = "send it as it is, without `Content-Encoding`";
    let mut refusal = refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, ErrorCode::UnsupportedMediaType, &message, hint);
    refusal.headers_mut().insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    Some(refusal)
}

/// So many letters of a parameter's name are shown.
const NAME_CHARS_MAX: usize = 40;

/// A parameter that is there twice although its address takes one. What does not read is refused where it is read.
fn repeated(http: &HttpRequest, takes_several: fn(&str, &str) -> bool) -> Option<String> {
    if http.query_string().is_empty() {
        return None;
    }
    let parameters = web::Query::<Vec<(String, IgnoredAny)>>::from_query(http.query_string()).ok()?.into_inner();
    let mut seen = HashSet::new();
    let path = http.match_info().as_str();
    parameters.into_iter().map(|(name, _)| name).find(|name| !seen.insert(name.clone()) && !takes_several(path, name))
}
