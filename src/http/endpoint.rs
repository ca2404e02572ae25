//! `/graphql`: GraphQL over HTTP.

use std::panic::AssertUnwindSafe;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};

use crate::commit::access::{Identity, Role};
use crate::graphql::error::{ErrorCode, FieldError};
use crate::graphql::{Allowed, Answer, GraphqlRequest};
use crate::http::negotiate::Form;
use crate::http::request::{self, Refusal};
use crate::http::{Shared, body, refuse, refuse_with};

/// A longer body is read, and answered, on a thread of its own.
const LONG_BODY_BYTES: usize = 128 * 1024;

/// Answers a POST.
pub async fn post(http: HttpRequest, payload: web::Payload, shared: web::Data<Shared>) -> HttpResponse {
    posted(&http, payload, &shared).await.unwrap_or_else(|refusal| refusal)
}

async fn posted(
    http: &HttpRequest,
    payload: web::Payload,
    shared: &web::Data<Shared>,
) -> Result<HttpResponse, HttpResponse> {
    let form = form(http)?;
    if !is_json(http) {
        return Err(refuse(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "UNSUPPORTED_MEDIA_TYPE",
            "a request is `application/json` in UTF-8",
            "send the header `Content-Type: application/json`",
        ));
    }
    let identity = identity(http, shared)?;
    let limits = shared.api.limits();
    let body = body::read(http, payload, &identity, limits).await?;
    let values_max = if identity.role >= Role::Import { usize::MAX } else { limits.json_values };
    let is_long = body.len() > LONG_BODY_BYTES;
    let read = if is_long {
        beside(move || request::from_body(&body, values_max)).await?
    } else {
        request::from_body(&body, values_max)
    };
    let answer = answer(shared, read.map_err(refused)?, identity, Allowed::All, is_long).await?;
    Ok(response(&answer, form))
}

/// Answers a GET.
pub async fn get(http: HttpRequest, shared: web::Data<Shared>) -> HttpResponse {
    got(&http, &shared).await.unwrap_or_else(|refusal| refusal)
}

async fn got(http: &HttpRequest, shared: &web::Data<Shared>) -> Result<HttpResponse, HttpResponse> {
    let form = form(http)?;
    let parameters = web::Query::<Vec<(String, String)>>::from_query(http.query_string()).map_err(|_| {
        refuse(StatusCode::BAD_REQUEST, "BAD_REQUEST", "the address does not read", "encode its parameters")
    })?;
    let request = request::from_parameters(parameters.into_inner(), shared.api.limits().json_values);
    let answer = answer(shared, request.map_err(refused)?, identity(http, shared)?, Allowed::Queries, false).await?;
    Ok(response(&answer, form))
}

/// Answers a request: here when that is quick, else beside, so that nobody waits who shares this thread.
async fn answer(
    shared: &web::Data<Shared>,
    request: GraphqlRequest,
    identity: Identity,
    allowed: Allowed,
    is_long: bool,
) -> Result<Answer, HttpResponse> {
    let operation = request.operation_name.clone();
    let register = shared.ledger.register();
    let quick = if is_long {
        None
    } else {
        let execute = || shared.api.execute_if_quick(register.clone(), request.clone(), &identity, allowed);
        std::panic::catch_unwind(AssertUnwindSafe(execute)).unwrap_or_else(|_| Some(failed(shared)))
    };
    let answer = match quick {
        Some(answer) => answer,
        None => {
            let shared = shared.clone();
            beside(move || {
                let execute = || shared.api.execute_on(register, request, &identity, allowed);
                std::panic::catch_unwind(AssertUnwindSafe(execute)).unwrap_or_else(|_| failed(&shared))
            })
            .await?
        }
    };
    tracing::debug!(operation, errors = answer.errors.len(), revision = answer.revision, "answered");
    Ok(answer)
}

/// Does work on a thread of its own.
async fn beside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, HttpResponse> {
    web::block(work).await.map_err(|_| {
        let hint = "send it again later; a write with the same idempotency key is done once";
        refuse(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", "the server is stopping", hint)
    })
}

/// A fault of ours must cost one answer, not the server.
fn failed(shared: &Shared) -> Answer {
    tracing::error!("answering a request failed; the panic is above");
    let hint = "report this; the server's log has the cause";
    let error = FieldError::new(ErrorCode::Internal, "the server failed to answer", hint);
    Answer::refused(vec![error.into()], shared.ledger.register().revision())
}

fn refused(Refusal { status, error }: Refusal) -> HttpResponse {
    refuse_with(status, error)
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

fn form(http: &HttpRequest) -> Result<Form, HttpResponse> {
    let accept = http.headers().get(header::ACCEPT).map(|value| value.to_str().unwrap_or_default());
    Form::preferred(accept).ok_or_else(not_acceptable)
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

fn response(answer: &Answer, form: Form) -> HttpResponse {
    let status = match answer.errors.first().map(|error| error.error.code) {
        Some(ErrorCode::MethodNotAllowed) => StatusCode::METHOD_NOT_ALLOWED,
        Some(ErrorCode::Internal) if answer.data.is_none() => StatusCode::INTERNAL_SERVER_ERROR,
        Some(_) if answer.data.is_none() && form == Form::Response => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    };
    let mut response = HttpResponse::build(status);
    if status == StatusCode::METHOD_NOT_ALLOWED {
        response.insert_header((header::ALLOW, "POST"));
    }
    response
        .insert_header(("Boordtabel-Revision", answer.revision.to_string()))
        .insert_header((header::CONTENT_TYPE, form.content_type()))
        .insert_header((header::VARY, "Accept"))
        .body(answer.to_json())
}
