//! `/graphql`: GraphQL over HTTP.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::rt::time::timeout;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};

use crate::graphql::core::error::{ErrorCode, FieldError};
use crate::graphql::{AllowedOperations, Answer, Cacheability};
use crate::http::graphql::execution::{Rest, finish};
use crate::http::graphql::incoming::{Asked, form, in_address, in_body};
use crate::http::graphql::table;
use crate::http::state::cache::{CachedBody, Key, Tag};
use crate::http::state::refusals;
use crate::http::state::shared::{REVISION, Shared};
use crate::http::wire::background::run_blocking;
use crate::http::wire::encoding::{self, Body, Coding};
use crate::http::wire::flight::Held;
use crate::http::wire::negotiate::Form;
use crate::http::wire::refusal::{later, refuse, refuse_with};
use crate::register::Revision;

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
    reply(http, shared, asked, AllowedOperations::All, form).await
}

/// Answers a GET.
pub async fn get(http: HttpRequest, shared: web::Data<Shared>) -> HttpResponse {
    got(&http, &shared).await.unwrap_or_else(|refusal| refusal)
}

async fn got(http: &HttpRequest, shared: &web::Data<Shared>) -> Result<HttpResponse, HttpResponse> {
    let form = form(http)?;
    reply(http, shared, in_address(http, shared)?, AllowedOperations::Queries, form).await
}

/// Answers what is asked: from memory if it can be.
///
/// # Errors
/// With the answer that refuses it.
pub async fn reply(
    http: &HttpRequest,
    shared: &web::Data<Shared>,
    asked: Asked,
    allowed: AllowedOperations,
    form: Form,
) -> Result<HttpResponse, HttpResponse> {
    wait_for_revision(http, shared).await?;
    if let Form::Table(form) = form {
        return table::answer(shared, asked, form, table::dialect(http)?).await;
    }
    let register = shared.api.register_for(&asked.identity).map_err(later)?;
    let key = (!asked.is_long).then(|| Key::of(&asked.request, &asked.identity, &shared.api.public()));
    // A journal that does not read is nothing to name answers by.
    let tag_at = |revision| Some(key?.in_state(&shared.ledger.chain(revision).ok()?));
    // Only of a GET does HTTP say what this means.
    let known = |tag: &Tag| allowed == AllowedOperations::Queries && tag.is_known(http);
    let reply = Reply::to(http, form);
    let kept = key.and_then(|key| shared.answers.get(key));
    let rest = match kept {
        Some(CachedBody { body, revision, tag, tables })
            if tables.is_none_or(|tables| tag_at(register.changed_at(tables)) == Some(tag)) =>
        {
            let reply = reply.lasting(tag, tables.is_none());
            if known(&tag) {
                return Ok(reply.not_modified(revision));
            }
            let held = shared.flight.hold(body.plain().len()).map_err(later)?;
            return reply.send(body, revision, held).await;
        }
        _ if asked.is_long => Rest::Request(asked.request),
        _ => Rest::prepare(shared, asked.request, &asked.payer),
    };
    // What the client has may be current although nothing is kept, or something older.
    let tables = rest.tables();
    if let Some(revision) = tables.map(|tables| register.changed_at(tables))
        && let Some(tag) = tag_at(revision).filter(known)
    {
        return Ok(reply.lasting(tag, false).not_modified(revision));
    }
    let (answer, mut held) =
        finish(shared, register, rest, (asked.identity, asked.payer), allowed).await.map_err(later)?;
    let tables = match answer.cacheability {
        Cacheability::Once => None,
        Cacheability::UntilChanged => Some(Some(answer.tables)),
        Cacheability::Forever => Some(None),
    };
    let body = Body::new(answer.to_json());
    held.shrink_to(body.plain().len());
    let (status, revision, within) = (status(&answer, form), answer.revision, refusals::within(&answer.errors));
    // Its data stands in the body too.
    drop(answer);
    let mut reply = reply.status(status);
    if let Some(within) = within {
        reply.response.extensions_mut().insert(within);
    }
    if let (Some(key), Some(tables), Some(tag)) = (key, tables, tag_at(revision)) {
        // With room for its compressed forms.
        let bytes = body.plain().len() + body.plain().len() / 2;
        shared.answers.put(key, CachedBody { body: body.clone(), revision, tag, tables }, bytes);
        reply = reply.lasting(tag, tables.is_none());
        if known(&tag) {
            return Ok(reply.not_modified(revision));
        }
    }
    reply.send(body, revision, held).await
}

/// Waits until the register has the revision that the client has seen elsewhere.
///
/// # Errors
/// With the answer that says so, when it does not come in time.
async fn wait_for_revision(http: &HttpRequest, shared: &Shared) -> Result<(), HttpResponse> {
    let Some(header) = http.headers().get("Boordtabel-Min-Revision") else { return Ok(()) };
    let text = header.to_str().map(str::trim).unwrap_or_default();
    let wait = Duration::from_millis(shared.api.limits().wait_ms as u64);
    let here = shared.ledger.register().revision();
    let message = if text == "latest" {
        match timeout(wait, reach_latest(shared)).await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(reason)) => {
                format!("what was committed elsewhere is not known; the register is at {here}: {reason}")
            }
            Err(_) => format!("what was committed elsewhere is not here yet; the register is at {here}"),
        }
    } else {
        let Ok(revision) = text.parse() else {
            let message = "`Boordtabel-Min-Revision` is no revision";
            let hint = "send the number of a revision, or `latest`";
            return Err(refuse(StatusCode::BAD_REQUEST, ErrorCode::BadRequest, message, hint));
        };
        if timeout(wait, shared.ledger.reached(revision)).await.is_ok() {
            return Ok(());
        }
        format!("revision {revision} is not here yet; the register is at {here}")
    };
    let error = FieldError::new(ErrorCode::RevisionUnavailable, message, "send the request again later");
    let mut refusal = refuse_with(StatusCode::SERVICE_UNAVAILABLE, error);
    refusal.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    Err(refusal)
}

/// Waits until the register has all that was committed at any node before this is called.
async fn reach_latest(shared: &Shared) -> Result<(), String> {
    /// A pause before it is looked again.
    const LOOKS: Duration = Duration::from_millis(2);
    let ledger = Arc::clone(&shared.ledger);
    let asked = run_blocking(move || ledger.latest_entry()).await.map_err(|error| error.message)?;
    let entry = asked.map_err(|error| error.to_string())?;
    while shared.ledger.link_state().is_some_and(|link| link.applied < entry) {
        actix_web::rt::time::sleep(LOOKS).await;
    }
    Ok(())
}

fn status(answer: &Answer, form: Form) -> StatusCode {
    match answer.errors.first().map(|error| error.error.code) {
        Some(ErrorCode::MethodNotAllowed) => StatusCode::METHOD_NOT_ALLOWED,
        Some(ErrorCode::TooManyRequests) if answer.data.is_none() => StatusCode::TOO_MANY_REQUESTS,
        Some(ErrorCode::Internal) if answer.data.is_none() => StatusCode::INTERNAL_SERVER_ERROR,
        Some(_) if answer.data.is_none() && form == Form::Response => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    }
}

/// An answer of GraphQL on its way out.
struct Reply {
    response: HttpResponseBuilder,
    coding: Option<Coding>,
}

impl Reply {
    fn to(http: &HttpRequest, form: Form) -> Self {
        let mut response = HttpResponse::Ok();
        response
            .insert_header((header::CONTENT_TYPE, form.content_type()))
            .insert_header((header::VARY, "Accept, Accept-Encoding, Authorization"))
            .insert_header((header::CACHE_CONTROL, "no-store"));
        Self { response, coding: Coding::asked(http) }
    }

    fn status(mut self, status: StatusCode) -> Self {
        self.response.status(status);
        if status == StatusCode::METHOD_NOT_ALLOWED {
            self.response.insert_header((header::ALLOW, "POST"));
        }
        self
    }

    /// It stays as it is until something of it changes, or for ever.
    fn lasting(mut self, tag: Tag, forever: bool) -> Self {
        // Of who shows a token, the door makes it private.
        let caching = if forever { "public, max-age=31536000, immutable" } else { "public, no-cache" };
        self.response.insert_header(tag.etag()).insert_header((header::CACHE_CONTROL, caching));
        self
    }

    fn not_modified(mut self, revision: Revision) -> HttpResponse {
        self.response.status(StatusCode::NOT_MODIFIED).insert_header((REVISION, revision.to_string())).finish()
    }

    async fn send(mut self, body: Body, revision: Revision, held: Held) -> Result<HttpResponse, HttpResponse> {
        self.response.insert_header((REVISION, revision.to_string()));
        encoding::send(self.response, body, self.coding, held).await
    }
}
