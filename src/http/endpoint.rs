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
    let asked = in_body(http, payload, shared).await?;
    Ok(response(&answer(shared, asked, Allowed::All).await?, form))
}

/// Answers a GET.
pub async fn get(http: HttpRequest, shared: web::Data<Shared>) -> HttpResponse {
    got(&http, &shared).await.unwrap_or_else(|refusal| refusal)
}

async fn got(http: &HttpRequest, shared: &web::Data<Shared>) -> Result<HttpResponse, HttpResponse> {
    let form = form(http)?;
    Ok(response(&answer(shared, in_address(http, shared)?, Allowed::Queries).await?, form))
}

/// A request, and who sends it.
pub struct Asked {
    /// The request.
    pub request: GraphqlRequest,
    /// Who sends it.
    pub identity: Identity,
    /// Whether it is too long to be answered on a thread that others share.
    pub is_long: bool,
}

/// The body of a POST, and who sends it.
///
/// # Errors
/// With the answer that refuses it.
pub async fn body_of(
    http: &HttpRequest,
    payload: web::Payload,
    shared: &Shared,
) -> Result<(Vec<u8>, Identity), HttpResponse> {
    if !is_json(http) {
        return Err(refuse(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "UNSUPPORTED_MEDIA_TYPE",
            "a request is `application/json` in UTF-8",
            "send the header `Content-Type: application/json`",
        ));
    }
    let identity = identity(http, shared)?;
    Ok((body::read(http, payload, &identity, shared.api.limits()).await?, identity))
}

/// The request in the body of a POST.
///
/// # Errors
/// With the answer that refuses it.
pub async fn in_body(http: &HttpRequest, payload: web::Payload, shared: &Shared) -> Result<Asked, HttpResponse> {
    let (body, identity) = body_of(http, payload, shared).await?;
    let values_max = if identity.role >= Role::Import { usize::MAX } else { shared.api.limits().json_values };
    let is_long = body.len() > LONG_BODY_BYTES;
    let read = if is_long {
        beside(move || request::from_body(&body, values_max)).await?
    } else {
        request::from_body(&body, values_max)
    };
    Ok(Asked { request: read.map_err(refused)?, identity, is_long })
}

/// The request in the parameters of a GET's address.
///
/// # Errors
/// With the answer that refuses it.
pub fn in_address(http: &HttpRequest, shared: &Shared) -> Result<Asked, HttpResponse> {
    let parameters = web::Query::<Vec<(String, String)>>::from_query(http.query_string()).map_err(|_| {
        refuse(StatusCode::BAD_REQUEST, "BAD_REQUEST", "the address does not read", "encode its parameters")
    })?;
    let request = request::from_parameters(parameters.into_inner(), shared.api.limits().json_values);
    Ok(Asked { request: request.map_err(refused)?, identity: identity(http, shared)?, is_long: false })
}

/// Answers a request: here when that is quick, else beside, so that nobody waits who shares this thread.
///
/// # Errors
/// With the answer that refuses it, when the server is stopping.
pub async fn answer(shared: &web::Data<Shared>, asked: Asked, allowed: Allowed) -> Result<Answer, HttpResponse> {
    let Asked { request, identity, is_long } = asked;
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
pub fn failed(shared: &Shared) -> Answer {
    tracing::error!("answering a request failed; the panic is above");
    let hint = "report this; the server's log has the cause";
    let error = FieldError::new(ErrorCode::Internal, "the server failed to answer", hint);
    Answer::refused(vec![error.into()], shared.ledger.register().revision())
}

/// The answer that refuses a request.
pub fn refused(Refusal { status, error }: Refusal) -> HttpResponse {
    refuse_with(status, error)
}

/// Who asks: nobody in particular without a token; with one that is not good, nobody at all.
///
/// # Errors
/// With the answer that refuses it.
pub fn identity(http: &HttpRequest, shared: &Shared) -> Result<Identity, HttpResponse> {
    let Some(header) = http.headers().get(header::AUTHORIZATION) else { return Ok(Identity::anonymous()) };
    let secret = header.to_str().ok().and_then(secret).unwrap_or_default();
    identify(shared, secret).map_err(|error| {
        if error.code != ErrorCode::Unauthenticated {
            return refuse_with(StatusCode::INTERNAL_SERVER_ERROR, error);
        }
        let mut refusal = refuse_with(StatusCode::UNAUTHORIZED, error);
        refusal.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        refusal
    })
}

/// The token in `Bearer …`.
pub fn secret(authorization: &str) -> Option<&str> {
    let (scheme, secret) = authorization.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(secret.trim())
}

/// Whose token that is.
///
/// # Errors
/// When it is nobody's, or the tokens cannot be read.
pub fn identify(shared: &Shared, secret: &str) -> Result<Identity, FieldError> {
    match shared.ledger.tokens().identify(secret) {
        Ok(Some(identity)) => Ok(identity),
        Ok(None) => {
            let hint = "send `Authorization: Bearer` with a token that is good; `boordtabel token create` makes one";
            Err(FieldError::new(ErrorCode::Unauthenticated, "the token is not good", hint))
        }
        Err(error) => {
            tracing::error!(reason = %error, "the tokens cannot be read");
            let hint = "report this; the server's log has the cause";
            Err(FieldError::new(ErrorCode::Internal, "the tokens cannot be read", hint))
        }
    }
}

/// The form of answer that a client prefers.
///
/// # Errors
/// With the answer that refuses it, when it takes none of ours.
pub fn form(http: &HttpRequest) -> Result<Form, HttpResponse> {
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

/// An answer in that form.
pub fn response(answer: &Answer, form: Form) -> HttpResponse {
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
