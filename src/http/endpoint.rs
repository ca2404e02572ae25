//! `/graphql`: GraphQL over HTTP.

use std::panic::AssertUnwindSafe;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use async_graphql::Value as Input;
use serde_json::Value as Json;

use crate::commit::access::Identity;
use crate::graphql::error::{ErrorCode, FieldError, GraphqlError};
use crate::graphql::{Allowed, GraphqlRequest};
use crate::http::negotiate::Form;
use crate::http::{Shared, body, json, refuse};
use crate::register::Revision;

/// A longer body is answered on a thread of its own.
const LONG_BODY_BYTES: usize = 128 * 1024;

/// Answers a POST.
pub async fn post(http: HttpRequest, payload: web::Payload, shared: web::Data<Shared>) -> HttpResponse {
    let Some(form) = form(&http) else { return not_acceptable() };
    if !is_json(&http) {
        return refuse(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "UNSUPPORTED_MEDIA_TYPE",
            "a request is `application/json` in UTF-8",
            "send the header `Content-Type: application/json`",
        );
    }
    let identity = match identity(&http, &shared) {
        Ok(identity) => identity,
        Err(refusal) => return refusal,
    };
    let body = match body::read(&http, payload, &identity).await {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    // What takes long must not keep others waiting who share this thread.
    let replied = if body.len() <= LONG_BODY_BYTES {
        from_body(&body).map(|request| answer(&shared, request, form, &identity, Allowed::All))
    } else {
        let work = move || from_body(&body).map(|request| answer(&shared, request, form, &identity, Allowed::All));
        match web::block(work).await {
            Ok(replied) => replied,
            Err(_) => {
                let hint = "send it again later; a write with the same idempotency key is done once";
                return refuse(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", "the server is stopping", hint);
            }
        }
    };
    replied.map_or_else(|(message, hint)| bad_request(&message, hint), Reply::into_response)
}

fn from_body(body: &[u8]) -> Result<GraphqlRequest, (String, &'static str)> {
    let json = json::parse(body)
        .map_err(|error| (format!("the body is no JSON: {error}"), "send {\"query\": \"…\", \"variables\": {…}}"))?;
    from_json(json)
}

/// Answers a GET.
pub async fn get(http: HttpRequest, shared: web::Data<Shared>) -> HttpResponse {
    let Some(form) = form(&http) else { return not_acceptable() };
    let Ok(parameters) = web::Query::<Vec<(String, String)>>::from_query(http.query_string()) else {
        return bad_request("the address does not read", "encode its parameters");
    };
    let mut fields = serde_json::Map::new();
    for (name, text) in parameters.into_inner() {
        let value = match name.as_str() {
            "variables" | "extensions" => match json::parse(text.as_bytes()) {
                Ok(value) => value,
                Err(error) => return bad_request(&format!("`{name}` is no JSON: {error}"), "send an object as JSON"),
            },
            _ => Json::String(text),
        };
        fields.insert(name, value);
    }
    from_json(Json::Object(fields))
        .map(|request| answer(&shared, request, form, &Identity::anonymous(), Allowed::Queries))
        .map_or_else(|(message, hint)| bad_request(&message, hint), Reply::into_response)
}

/// Who asks: nobody in particular without a token; with one that is not good, nobody at all.
///
/// # Errors
/// With the answer that refuses.
pub fn identity(http: &HttpRequest, shared: &Shared) -> Result<Identity, HttpResponse> {
    let Some(header) = http.headers().get(header::AUTHORIZATION) else { return Ok(Identity::anonymous()) };
    let secret = header.to_str().ok().and_then(|text| {
        let (scheme, secret) = text.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(secret.trim())
    });
    match secret.map(|secret| shared.ledger.tokens().identify(secret)) {
        Some(Ok(Some(identity))) => Ok(identity),
        Some(Err(error)) => {
            tracing::error!(reason = %error, "the tokens cannot be read");
            let hint = "report this; the server's log has the cause";
            Err(refuse(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_SERVER_ERROR", "the tokens cannot be read", hint))
        }
        _ => {
            let hint = "send `Authorization: Bearer` with a token that is good; `boordtabel token create` makes one";
            let mut refusal = refuse(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", "the token is not good", hint);
            refusal.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            Err(refusal)
        }
    }
}

fn form(http: &HttpRequest) -> Option<Form> {
    let accept = http.headers().get(header::ACCEPT).map(|value| value.to_str().unwrap_or_default());
    Form::preferred(accept)
}

/// Anything else a browser would send to another site without asking first.
fn is_json(http: &HttpRequest) -> bool {
    let Some(Ok(text)) = http.headers().get(header::CONTENT_TYPE).map(HeaderValue::to_str) else { return false };
    let mut parts = text.split(';').map(|part| part.trim().to_ascii_lowercase());
    let charset = |part: &str| part.strip_prefix("charset=").is_none_or(|name| matches!(name, "utf-8" | "\"utf-8\""));
    parts.next().as_deref() == Some("application/json") && parts.all(|part| charset(&part))
}

fn not_acceptable() -> HttpResponse {
    refuse(
        StatusCode::NOT_ACCEPTABLE,
        "NOT_ACCEPTABLE",
        "answers are `application/graphql-response+json` or `application/json`",
        "name one of them in `Accept`",
    )
}

fn bad_request(message: &str, hint: &str) -> HttpResponse {
    refuse(StatusCode::BAD_REQUEST, "BAD_REQUEST", message, hint)
}

fn from_json(json: Json) -> Result<GraphqlRequest, (String, &'static str)> {
    let Json::Object(mut fields) = json else {
        return Err(("the body is no JSON object".into(), "send one request as an object; batches are not taken"));
    };
    let mut take = |name: &str| fields.remove(name).filter(|value| !value.is_null());
    let query = match take("query") {
        Some(Json::String(query)) => query,
        Some(_) => return Err(("`query` is no text".into(), "send the document as a JSON string")),
        None => return Err(("there is no `query`".into(), "send {\"query\": \"…\"}")),
    };
    let operation_name = match take("operationName") {
        None => None,
        Some(Json::String(name)) => Some(name).filter(|name| !name.is_empty()),
        Some(_) => return Err(("`operationName` is no text".into(), "send it as a JSON string, or leave it out")),
    };
    let variables = match take("variables").map(Input::from_json) {
        None => Default::default(),
        Some(Ok(Input::Object(variables))) => variables,
        Some(_) => return Err(("`variables` is no object".into(), "send {\"variables\": {…}}")),
    };
    match take("extensions") {
        None | Some(Json::Object(_)) => Ok(GraphqlRequest { query, operation_name, variables }),
        Some(_) => Err(("`extensions` is no object".into(), "leave it out")),
    }
}

/// An answer on its way from the thread that made it.
struct Reply {
    status: StatusCode,
    form: Form,
    revision: Option<Revision>,
    body: Vec<u8>,
}

impl Reply {
    fn into_response(self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            response.insert_header((header::ALLOW, "POST"));
        }
        if let Some(revision) = self.revision {
            response.insert_header(("Boordtabel-Revision", revision.to_string()));
        }
        response
            .insert_header((header::CONTENT_TYPE, self.form.content_type()))
            .insert_header((header::VARY, "Accept"))
            .body(self.body)
    }
}

fn answer(shared: &Shared, request: GraphqlRequest, form: Form, identity: &Identity, allowed: Allowed) -> Reply {
    let operation = request.operation_name.clone();
    // A fault of ours must cost one answer, not the server.
    let Ok(answer) = std::panic::catch_unwind(AssertUnwindSafe(|| shared.api.execute(request, identity, allowed)))
    else {
        tracing::error!(operation, "answering a request failed; the panic is above");
        let hint = "report this; the server's log has the cause";
        let error = FieldError::new(ErrorCode::Internal, "the server failed to answer", hint);
        let body = serde_json::json!({ "errors": [GraphqlError::from(error).to_json()] }).to_string().into_bytes();
        return Reply { status: StatusCode::INTERNAL_SERVER_ERROR, form, revision: None, body };
    };
    tracing::debug!(operation, errors = answer.errors.len(), revision = answer.revision, "answered");
    let status = match answer.errors.first().map(|error| error.error.code) {
        Some(ErrorCode::MethodNotAllowed) => StatusCode::METHOD_NOT_ALLOWED,
        Some(_) if answer.data.is_none() && form == Form::Response => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    };
    Reply { status, form, revision: Some(answer.revision), body: answer.to_json() }
}
