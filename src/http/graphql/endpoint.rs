//! `/graphql`: GraphQL over HTTP.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use futures_util::FutureExt as _;

use crate::commit::access::{Identity, Role};
use crate::graphql::core::error::{ErrorCode, FieldError};
use crate::graphql::{Allowed, Answer, GraphqlRequest, Lasts, Left, Prepared, Written};
use crate::http::REVISION;
use crate::http::Shared;
use crate::http::beside;
use crate::http::files::table;
use crate::http::graphql::cache::{Kept, Key, Tag};
use crate::http::graphql::refusal::Refusal;
use crate::http::graphql::request::{self};
use crate::http::later;
use crate::http::refuse;
use crate::http::refuse_with;
use crate::http::wire::auth;
use crate::http::wire::body;
use crate::http::wire::encoding::{self, Body, Coding};
use crate::http::wire::flight::Held;
use crate::http::wire::negotiate::Form;
use crate::http::wire::share::Payer;
use crate::register::{Register, Revision, TableSet};

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
    reply(http, shared, asked, Allowed::All, form).await
}

/// Answers a GET.
pub async fn get(http: HttpRequest, shared: web::Data<Shared>) -> HttpResponse {
    got(&http, &shared).await.unwrap_or_else(|refusal| refusal)
}

async fn got(http: &HttpRequest, shared: &web::Data<Shared>) -> Result<HttpResponse, HttpResponse> {
    let form = form(http)?;
    reply(http, shared, in_address(http, shared)?, Allowed::Queries, form).await
}

/// A request, and who sends it.
pub struct Asked {
    /// The request.
    pub request: GraphqlRequest,
    /// Who sends it.
    pub identity: Identity,
    /// Who pays for it.
    pub payer: Payer,
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
            ErrorCode::UnsupportedMediaType,
            "a request is `application/json` in UTF-8",
            "send the header `Content-Type: application/json`",
        ));
    }
    let identity = auth::identity(http, shared)?;
    Ok((body::read(http, payload, &identity, shared.api.limits()).await?, identity))
}

/// The request in the body of a POST.
///
/// # Errors
/// With the answer that refuses it.
pub async fn in_body(
    http: &HttpRequest,
    payload: web::Payload,
    shared: &web::Data<Shared>,
) -> Result<Asked, HttpResponse> {
    let (body, identity) = body_of(http, payload, shared).await?;
    let values_max = if identity.role >= Role::Import { usize::MAX } else { shared.api.limits().json_values };
    let is_long = body.len() > LONG_BODY_BYTES;
    let read = if is_long {
        let shared = shared.clone();
        beside(move || request::from_body(&body, &shared.documents, values_max)).await.map_err(later)?
    } else {
        request::from_body(&body, &shared.documents, values_max)
    };
    let payer = auth::payer(http, shared, &identity);
    Ok(Asked { request: read.map_err(refused)?, identity, payer, is_long })
}

/// The request in the parameters of a GET's address.
///
/// # Errors
/// With the answer that refuses it.
pub fn in_address(http: &HttpRequest, shared: &Shared) -> Result<Asked, HttpResponse> {
    let parameters = web::Query::<Vec<(String, String)>>::from_query(http.query_string()).map_err(|_| {
        refuse(StatusCode::BAD_REQUEST, ErrorCode::BadRequest, "the address does not read", "encode its parameters")
    })?;
    let request = request::from_parameters(parameters.into_inner(), &shared.documents, shared.api.limits().json_values);
    let identity = auth::identity(http, shared)?;
    let payer = auth::payer(http, shared, &identity);
    Ok(Asked { request: request.map_err(refused)?, identity, payer, is_long: false })
}

/// Answers what is asked: from memory if it can be.
///
/// # Errors
/// With the answer that refuses it.
pub async fn reply(
    http: &HttpRequest,
    shared: &web::Data<Shared>,
    asked: Asked,
    allowed: Allowed,
    form: Form,
) -> Result<HttpResponse, HttpResponse> {
    wait_for_revision(http, shared).await?;
    if let Form::Table(form) = form {
        return table::answer(shared, asked, form).await;
    }
    let register = shared.api.register_for(&asked.identity).map_err(later)?;
    let key = (!asked.is_long).then(|| Key::of(&asked.request, &asked.identity, shared.api.public()));
    // A journal that does not read is nothing to name answers by.
    let tag_at = |revision| Some(key?.in_state(&shared.ledger.chain(revision).ok()?));
    // Only of a GET does HTTP say what this means.
    let known = |tag: &Tag| allowed == Allowed::Queries && tag.is_known(http);
    let reply = Reply::to(http, form);
    let kept = key.and_then(|key| shared.answers.get(key));
    let rest = match kept {
        Some(Kept { body, revision, tag, tables })
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
    let tables = match answer.lasts {
        Lasts::Once => None,
        Lasts::UntilChanged => Some(Some(answer.tables)),
        Lasts::Forever => Some(None),
    };
    let body = Body::new(answer.to_json());
    held.shrink_to(body.plain().len());
    let (status, revision) = (status(&answer, form), answer.revision);
    // Its data stands in the body too.
    drop(answer);
    let mut reply = reply.status(status);
    if let (Some(key), Some(tables), Some(tag)) = (key, tables, tag_at(revision)) {
        // With room for its compressed forms.
        let bytes = body.plain().len() + body.plain().len() / 2;
        shared.answers.put(key, Kept { body: body.clone(), revision, tag, tables }, bytes);
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
    let Some(revision) = header.to_str().ok().and_then(|text| text.trim().parse().ok()) else {
        let message = "`Boordtabel-Min-Revision` is no revision";
        return Err(refuse(StatusCode::BAD_REQUEST, ErrorCode::BadRequest, message, "send the number of a revision"));
    };
    let wait = Duration::from_millis(shared.api.limits().wait_ms as u64);
    if actix_web::rt::time::timeout(wait, shared.ledger.reached(revision)).await.is_ok() {
        return Ok(());
    }
    let message =
        format!("revision {revision} is not here yet; the register is at {}", shared.ledger.register().revision());
    let error = FieldError::new(ErrorCode::RevisionUnavailable, message, "send the request again later");
    let mut refusal = refuse_with(StatusCode::SERVICE_UNAVAILABLE, error);
    refusal.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    Err(refusal)
}

/// Answers a request: here when that is quick, else beside, so that nobody waits who shares this thread.
///
/// # Errors
/// When there is no room for its answer, or the server is stopping.
pub async fn answer(shared: &web::Data<Shared>, asked: Asked, allowed: Allowed) -> Result<(Answer, Held), FieldError> {
    execute(shared, shared.api.register_for(&asked.identity)?, asked, allowed).await
}

/// The same, read from that register.
///
/// # Errors
/// When there is no room for its answer, or the server is stopping.
pub async fn execute(
    shared: &web::Data<Shared>,
    register: Arc<Register>,
    Asked { request, identity, payer, is_long }: Asked,
    allowed: Allowed,
) -> Result<(Answer, Held), FieldError> {
    let rest = if is_long { Rest::Request(request) } else { Rest::prepare(shared, request, &payer) };
    finish(shared, register, rest, (identity, payer), allowed).await
}

/// What is left to do of a request.
enum Rest {
    /// All.
    Request(GraphqlRequest),
    /// It was prepared.
    Prepared(Box<Prepared>),
    /// It has written, and is to be answered.
    Written(Box<Written>),
}

impl From<Left> for Rest {
    fn from(left: Left) -> Self {
        match left {
            Left::All(bound) => Self::Prepared(Box::new(Ok(bound))),
            Left::Answer(written) => Self::Written(Box::new(written)),
        }
    }
}

impl Rest {
    /// Prepares it here, unless it gives way to others: then that is done beside too.
    fn prepare(shared: &Shared, request: GraphqlRequest, payer: &Payer) -> Self {
        if payer.gives_way() {
            return Self::Request(request);
        }
        let began = Instant::now();
        let prepare = || shared.api.prepare(&shared.ledger.register(), request);
        let prepared = std::panic::catch_unwind(AssertUnwindSafe(prepare));
        payer.spend(began.elapsed());
        Self::Prepared(Box::new(prepared.unwrap_or_else(|_| Err(failed(shared).errors))))
    }

    /// The tables that it can read, as far as that is known.
    fn tables(&self) -> Option<TableSet> {
        match self {
            Self::Prepared(prepared) => prepared.as_ref().as_ref().ok().map(|bound| bound.tables),
            Self::Request(_) | Self::Written(_) => None,
        }
    }
}

/// Answers a request from that register: here when that is quick, else beside, so that nobody waits who shares this thread.
///
/// # Errors
/// When there is no room for its answer, or the server is stopping.
async fn finish(
    shared: &web::Data<Shared>,
    register: Arc<Register>,
    rest: Rest,
    (identity, payer): (Identity, Payer),
    allowed: Allowed,
) -> Result<(Answer, Held), FieldError> {
    let limits = shared.api.limits();
    if let Rest::Prepared(prepared) = &rest {
        payer.pay(prepared.as_ref().as_ref().map_or(1, |bound| bound.cost), limits)?;
    }
    let context = shared.api.context(&identity);
    let id = context.id;
    // When the client goes, this is dropped, and what is done for it ends.
    let _waiting = context.work.waiting();
    // What cannot be answered here is answered beside: as it came, or as far as it was prepared.
    let quick = match rest {
        Rest::Prepared(prepared) if prepared.is_err() || !payer.gives_way() => {
            let began = Instant::now();
            let execute = async {
                let quick = shared.api.execute_if_quick(register.clone(), *prepared, &context, allowed);
                payer.spend(began.elapsed());
                match quick {
                    Ok(answer) => Ok((shared.flight.hold(answer.data.as_ref().map_or(0, Vec::len)), answer)),
                    Err(bound) => {
                        let written = shared.api.execute_small_write(&register, bound, &context, allowed).await;
                        // What was written is answered, whatever others do.
                        written.map(|answer| (Ok(Held::default()), answer)).map_err(Rest::from)
                    }
                }
            };
            let executed = AssertUnwindSafe(execute).catch_unwind().await;
            executed.unwrap_or_else(|_| Ok((Ok(Held::default()), failed(shared))))
        }
        rest => Err(rest),
    };
    let (mut answer, held) = match quick {
        Ok((held, answer)) => (answer, held?),
        Err(rest) => {
            // Who may write is known; and what was written is answered, whatever others do.
            let held = if identity.role > Role::Read { Held::default() } else { shared.flight.reserve().await? };
            let turn = match &rest {
                // What was written is answered, whatever share is left.
                Rest::Written(_) => None,
                _ => Some(payer.turn(limits).await?),
            };
            tracing::debug!(id, "is answered beside");
            let shared = shared.clone();
            let answer = beside(move || {
                let _turn = turn;
                payer.work_beside();
                let execute = || {
                    let prepared = match rest {
                        Rest::Request(request) => shared.api.prepare(&register, request).and_then(|bound| {
                            let paid = payer.pay(bound.cost, shared.api.limits());
                            paid.map(|()| bound).map_err(|error| vec![error.into()])
                        }),
                        Rest::Prepared(prepared) => *prepared,
                        Rest::Written(written) => return shared.api.answer_written(&written, &context),
                    };
                    shared.api.execute_on(register, prepared, &context, allowed)
                };
                std::panic::catch_unwind(AssertUnwindSafe(execute)).unwrap_or_else(|_| failed(&shared))
            })
            .await?;
            (answer, held)
        }
    };
    shared.api.redact(&identity, &mut answer);
    tracing::debug!(id, errors = answer.errors.len(), revision = answer.revision, "answered");
    Ok((answer, held))
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
        ErrorCode::NotAcceptable,
        "answers are `application/graphql-response+json`, `application/json`, or tables: `text/csv` and XLSX",
        "name one of them in `Accept`",
    )
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
    /// Whether it is for nobody else: what others may get without a token is not asked here.
    is_private: bool,
}

impl Reply {
    fn to(http: &HttpRequest, form: Form) -> Self {
        let mut response = HttpResponse::Ok();
        response
            .insert_header((header::CONTENT_TYPE, form.content_type()))
            .insert_header((header::VARY, "Accept, Accept-Encoding, Authorization"))
            .insert_header((header::CACHE_CONTROL, "no-store"));
        let is_private = http.headers().contains_key(header::AUTHORIZATION);
        Self { response, coding: Coding::asked(http), is_private }
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
        let caching = match (self.is_private, forever) {
            (false, true) => "public, max-age=31536000, immutable",
            (true, true) => "private, max-age=31536000, immutable",
            (false, false) => "public, no-cache",
            (true, false) => "private, no-cache",
        };
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
