//! `/graphql`: GraphQL over HTTP.

use std::panic::AssertUnwindSafe;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use async_graphql::Value as Input;
use serde_json::Value as Json;

use crate::commit::access::Identity;
use crate::graphql::{Allowed, GraphqlRequest};
use crate::http::negotiate::Form;
use crate::http::{BODY_BYTES_MAX, Shared, refuse};

/// Answers a POST.
pub async fn post(
    http: HttpRequest,
    body: Result<web::Bytes, actix_web::Error>,
    shared: web::Data<Shared>,
) -> HttpResponse {
    let Some(form) = form(&http) else { return not_acceptable() };
    if !is_json(&http) {
        return refuse(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "UNSUPPORTED_MEDIA_TYPE",
            "a request is `application/json` in UTF-8",
            "send the header `Content-Type: application/json`",
        );
    }
    let body = match body {
        Ok(body) => body,
        Err(error) if error.as_response_error().status_code() == StatusCode::PAYLOAD_TOO_LARGE => {
            return refuse(
                StatusCode::PAYLOAD_TOO_LARGE,
                "LIMIT_EXCEEDED",
                &format!("the body has more than {BODY_BYTES_MAX} bytes"),
                "send less in one request",
            );
        }
        Err(error) => return bad_request(&format!("the body cannot be read: {error}"), "send it again"),
    };
    match serde_json::from_slice(&body) {
        Ok(json) => match from_json(json) {
            Ok(request) => answer(&shared, request, form, Identity::anonymous(), Allowed::All),
            Err((message, hint)) => bad_request(&message, hint),
        },
        Err(error) => {
            bad_request(&format!("the body is no JSON: {error}"), "send {\"query\": \"…\", \"variables\": {…}}")
        }
    }
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
            "variables" | "extensions" => match serde_json::from_str(&text) {
                Ok(value) => value,
                Err(error) => return bad_request(&format!("`{name}` is no JSON: {error}"), "send an object as JSON"),
            },
            _ => Json::String(text),
        };
        fields.insert(name, value);
    }
    match from_json(Json::Object(fields)) {
        Ok(request) => answer(&shared, request, form, Identity::anonymous(), Allowed::Queries),
        Err((message, hint)) => bad_request(&message, hint),
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

fn answer(shared: &Shared, request: GraphqlRequest, form: Form, identity: Identity, allowed: Allowed) -> HttpResponse {
    let operation = request.operation_name.clone();
    // A fault of ours must cost one answer, not the server.
    let Ok(answer) = std::panic::catch_unwind(AssertUnwindSafe(|| shared.api.execute(request, &identity, allowed)))
    else {
        tracing::error!(operation, "answering a request failed; the panic is above");
        return refuse(
            StatusCode::INTERNAL_SERVER_ERROR,
            "INTERNAL_SERVER_ERROR",
            "the server failed to answer",
            "report this; the server's log has the cause",
        );
    };
    tracing::debug!(operation, errors = answer.errors.len(), revision = answer.revision, "answered");
    let understood = answer.data.is_some() || form == Form::Json;
    HttpResponse::build(if understood { StatusCode::OK } else { StatusCode::BAD_REQUEST })
        .insert_header((header::CONTENT_TYPE, form.content_type()))
        .insert_header(("Boordtabel-Revision", answer.revision.to_string()))
        .insert_header((header::VARY, "Accept"))
        .body(answer.to_json())
}
