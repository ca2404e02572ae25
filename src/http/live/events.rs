//! Server-Sent Events, as the npm package `graphql-sse` speaks them in its PROTOCOL.md: a stream for each operation at `/graphql`
//! and `/graphql/stream`, or one reserved stream for all of them at `/graphql/stream`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use actix_web::guard::GuardContext;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::rt::{self, time};
use actix_web::{HttpRequest, HttpResponse, web};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::Value as Json;
use tokio::task::AbortHandle;

use crate::graphql::core::error::{ErrorCode, FieldError};
use crate::graphql::{AllowedOperations, Answer};
use crate::http::graphql::endpoint;
use crate::http::graphql::incoming::{self, Asked};
use crate::http::live::operation::{self, Operation};
use crate::http::state::auth::{self, Ended};
use crate::http::state::reservations::{Reserved, locked};
use crate::http::state::sender::{Body, ResponseSender};
use crate::http::state::shared::Shared;
use crate::http::wire::refusal::{refuse, refuse_method, refuse_with};
use crate::register::Revision;

/// Where a client that has reserved a stream says so; in an address it is `token`.
const TOKEN: &str = "X-GraphQL-Event-Stream-Token";
/// Bytes of randomness of such a token.
const TOKEN_BYTES: usize = 16;
/// What a browser's `EventSource` does when the stream ends: it comes back after a second.
const OPENING: &str = "retry: 1000\n\n";
/// A sign of life.
const PING: &str = ":\n\n";

/// Whether a request takes a stream of events.
pub fn is_asked(http: &GuardContext<'_>) -> bool {
    let accept = http.head().headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.to_ascii_lowercase().contains("text/event-stream"))
}

/// Answers a POST that takes a stream of events.
pub async fn post(http: HttpRequest, payload: web::Payload, shared: web::Data<Shared>) -> HttpResponse {
    match incoming::in_body(&http, payload, &shared).await {
        Ok(asked) => stream_or_answer(&http, &shared, asked, AllowedOperations::All).await,
        Err(refusal) => refusal,
    }
}

/// Answers a GET that takes a stream of events: that of a browser's `EventSource`.
pub async fn get(http: HttpRequest, shared: web::Data<Shared>) -> HttpResponse {
    match incoming::in_address(&http, &shared) {
        Ok(asked) => stream_or_answer(&http, &shared, asked, AllowedOperations::Queries).await,
        Err(refusal) => refusal,
    }
}

/// Who takes JSON too gets that, unless it asks to follow something.
async fn stream_or_answer(
    http: &HttpRequest,
    shared: &web::Data<Shared>,
    asked: Asked,
    allowed: AllowedOperations,
) -> HttpResponse {
    let done = match incoming::form(http) {
        Ok(form) if !shared.api.is_subscription(&asked.request) => {
            endpoint::reply(http, shared, asked, allowed, form).await
        }
        _ => follow(http, shared, asked, allowed),
    };
    done.unwrap_or_else(|refusal| refusal)
}

/// Answers one operation as a stream of its own.
fn follow(
    http: &HttpRequest,
    shared: &web::Data<Shared>,
    asked: Asked,
    allowed: AllowedOperations,
) -> Result<HttpResponse, HttpResponse> {
    let permit = shared.live.permit(&asked.payer)?;
    let resume = resume(http)?;
    let (sender, body) = ResponseSender::new();
    let shared = shared.clone();
    let (asking, secret) = (http.clone(), auth::shown(http));
    rt::spawn(async move {
        let work = async {
            let mut operation = Operation::begin(shared.clone(), asked, allowed, resume).await;
            send_all(&mut operation, &sender, None).await;
        };
        tokio::select! {
            () = work => {}
            () = keep(&asking, &shared, &sender, secret) => {}
        }
        drop(permit);
    });
    Ok(stream(http, body))
}

/// The revision that a client that comes back has already.
fn resume(http: &HttpRequest) -> Result<Option<Revision>, HttpResponse> {
    let Some(header) = http.headers().get("Last-Event-ID") else { return Ok(None) };
    let text = String::from_utf8_lossy(header.as_bytes());
    let revision = text.trim().parse().map(Some);
    revision.map_err(|_| {
        bad_request(&format!("`Last-Event-ID: {text}` is no revision"), "send the id of an event, or none")
    })
}

fn bad_request(message: &str, hint: &str) -> HttpResponse {
    refuse(StatusCode::BAD_REQUEST, ErrorCode::BadRequest, message, hint)
}

fn stream(http: &HttpRequest, body: Body) -> HttpResponse {
    operation::follows(http);
    HttpResponse::Ok()
        .content_type("text/event-stream; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store, no-transform"))
        // What stands between, a compression or a proxy, must not wait for more before it passes something on.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(body)
}

/// Sends answers as they come, then that there are no more.
async fn send_all(operation: &mut Operation, sender: &ResponseSender, id: Option<&str>) {
    let is_followed = operation.is_followed();
    loop {
        let is_ready = tokio::select! {
            is_ready = operation.ready() => is_ready,
            () = sender.gone() => return,
        };
        if !is_ready {
            break;
        }
        let Ok(room) = sender.room().await else { return };
        let Some((answer, held)) = operation.take().await else { break };
        room.send(next(&answer, is_followed, id), held);
    }
    let _ = sender.send(complete(id)).await;
}

fn next(answer: &Answer, is_followed: bool, id: Option<&str>) -> Vec<u8> {
    let mut event = b"event: next\n".to_vec();
    if is_followed && answer.data.is_some() {
        event.extend(format!("id: {}\n", answer.revision).as_bytes());
    }
    event.extend(b"data: ");
    match id {
        None => event.extend(answer.to_json()),
        Some(id) => {
            event.extend(format!("{{\"id\":{},\"payload\":", Json::from(id)).as_bytes());
            event.extend(answer.to_json());
            event.push(b'}');
        }
    }
    event.extend(b"\n\n");
    event
}

fn complete(id: Option<&str>) -> String {
    let data = id.map(|id| serde_json::json!({ "id": id }).to_string()).unwrap_or_default();
    format!("event: complete\ndata: {data}\n\n")
}

/// Gives signs of life until the stream must end. It then ends without `complete`, so that the client comes back.
async fn keep(http: &HttpRequest, shared: &Shared, sender: &ResponseSender, secret: Option<String>) {
    let beats = async {
        let mut piece = OPENING;
        while sender.send(piece).await.is_ok() {
            piece = PING;
            time::sleep(shared.live.ping()).await;
        }
    };
    let why = tokio::select! {
        () = beats => return,
        () = sender.gone() => return,
        () = shared.live.stopping() => "the server is stopping",
        ended = auth::until_over(http, shared, secret) => match ended {
            Ended::Token => "the token is not good any more",
            Ended::Policy => "what readers without a token get has changed",
        },
        () = sender.stalled(shared.live.stall()) => "nothing was read for too long",
    };
    let farewell = sender.send(format!(": {why}; go on after the id of the last event\n\n"));
    let _ = time::timeout(shared.live.ping(), farewell).await;
}

/// The token of a reserved stream that a request names, and that stream, if there is one.
fn reserved(http: &HttpRequest, shared: &Shared) -> Option<(String, Option<Arc<Reserved>>)> {
    let token = match http.headers().get(TOKEN) {
        Some(token) => token.to_str().unwrap_or_default().to_owned(),
        None => parameter(http, "token")?,
    };
    let found = shared.live.reservations.all().get(&token).cloned();
    Some((token, found))
}

fn parameter(http: &HttpRequest, name: &str) -> Option<String> {
    let parameters = web::Query::<HashMap<String, String>>::from_query(http.query_string()).ok()?;
    parameters.into_inner().remove(name)
}

/// `/graphql/stream`: a stream for one operation, or what concerns a reserved one.
pub async fn any(http: HttpRequest, payload: web::Payload, shared: web::Data<Shared>) -> HttpResponse {
    let found = reserved(&http, &shared);
    let handled = match (http.method().as_str(), found) {
        ("PUT", _) => reserve(&http, &shared),
        ("GET", None) => Ok(get(http, shared).await),
        ("POST", None) => Ok(post(http, payload, shared).await),
        ("GET" | "POST" | "DELETE", Some((_, None))) => Err(no_stream()),
        ("DELETE", None) => Err(no_stream()),
        ("GET", Some((token, Some(reserved)))) => open(&http, &shared, token, reserved),
        ("POST", Some((_, Some(reserved)))) => execute(&http, payload, &shared, reserved).await,
        ("DELETE", Some((_, Some(reserved)))) => stop(&http, &reserved),
        _ => Err(refuse_method("GET, POST, PUT, DELETE")),
    };
    handled.unwrap_or_else(|refusal| refusal)
}

fn no_stream() -> HttpResponse {
    let hint = "reserve a stream with PUT, and send its token as `X-GraphQL-Event-Stream-Token`";
    refuse(StatusCode::NOT_FOUND, ErrorCode::NotFound, "no stream has that token", hint)
}

/// Reserves a stream. Who does not open it in time loses it.
fn reserve(http: &HttpRequest, shared: &web::Data<Shared>) -> Result<HttpResponse, HttpResponse> {
    let identity = auth::identity(http);
    let permit = shared.live.permit(&auth::payer(http, shared, &identity))?;
    let mut bytes = [0; TOKEN_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| {
        tracing::error!(reason = %error, "there is no randomness");
        let hint = "report this; the server's log has the cause";
        refuse(StatusCode::INTERNAL_SERVER_ERROR, ErrorCode::Internal, "there is no randomness", hint)
    })?;
    let token = BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let (sender, body) = ResponseSender::new();
    let reserved = Reserved {
        sender,
        body: Mutex::new(Some(body)),
        operations: Mutex::default(),
        secret: auth::shown(http),
        _permit: permit,
    };
    shared.live.reservations.all().insert(token.clone(), Arc::new(reserved));
    let (shared, told) = (shared.clone(), token.clone());
    rt::spawn(async move {
        time::sleep(shared.live.init()).await;
        let mut all = shared.live.reservations.all();
        if all.get(&token).is_some_and(|reserved| locked(&reserved.body).is_some()) {
            all.remove(&token);
        }
    });
    Ok(HttpResponse::Created()
        .content_type("text/plain; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .body(told))
}

/// Opens a reserved stream, once.
fn open(
    http: &HttpRequest,
    shared: &web::Data<Shared>,
    token: String,
    reserved: Arc<Reserved>,
) -> Result<HttpResponse, HttpResponse> {
    let body = locked(&reserved.body).take().ok_or_else(|| {
        refuse(StatusCode::CONFLICT, ErrorCode::BadRequest, "the stream is open already", "reserve another with PUT")
    })?;
    let shared = shared.clone();
    let (opening, secret) = (http.clone(), reserved.secret.clone());
    rt::spawn(async move {
        keep(&opening, &shared, &reserved.sender, secret).await;
        shared.live.reservations.all().remove(&token);
        for (_, operation) in locked(&reserved.operations).drain() {
            operation.inspect(AbortHandle::abort);
        }
    });
    Ok(stream(http, body))
}

/// Begins an operation whose answers go out over a reserved stream.
async fn execute(
    http: &HttpRequest,
    payload: web::Payload,
    shared: &web::Data<Shared>,
    reserved: Arc<Reserved>,
) -> Result<HttpResponse, HttpResponse> {
    let (body, identity) = incoming::body_of(http, payload, shared).await?;
    let values_max = shared.live.limits.json_values;
    let sent = incoming::parse(&body, "the body", "send {\"query\": \"…\"}", values_max).map_err(incoming::refused)?;
    let id = sent["extensions"]["operationId"].as_str().filter(|id| !id.is_empty()).map(str::to_owned);
    let id = id.ok_or_else(|| bad_request("there is no operation id", "send it as `extensions.operationId`"))?;
    let request = incoming::from_json(sent, &shared.policy().documents).map_err(incoming::refused)?;
    incoming::alone(http, &request).map_err(incoming::refused)?;
    let payer = auth::payer(http, shared, &identity);
    let asked = Asked { request, identity, payer, is_long: false };
    let resume = resume(http)?;
    {
        let mut operations = locked(&reserved.operations);
        if operations.contains_key(&id) {
            let hint = "stop the other one with DELETE, or choose another id";
            return Err(refuse(
                StatusCode::CONFLICT,
                ErrorCode::BadRequest,
                "an operation of that id is running",
                hint,
            ));
        }
        let (limit, found) = (shared.live.limits.live_operations, operations.len() + 1);
        if found > limit {
            let hint = "stop one with DELETE, or reserve another stream";
            let error = FieldError::limit("operations at once on one event stream", limit, found, hint);
            return Err(refuse_with(StatusCode::BAD_REQUEST, error));
        }
        operations.insert(id.clone(), None);
    }
    let mut operation = Operation::begin(shared.clone(), asked, AllowedOperations::All, resume).await;
    if let Some(refusal) = operation.refusal() {
        locked(&reserved.operations).remove(&id);
        return Err(HttpResponse::BadRequest().content_type("application/json; charset=utf-8").body(refusal.to_json()));
    }
    let (kept, name) = (Arc::clone(&reserved), id.clone());
    let task = rt::spawn(async move {
        send_all(&mut operation, &reserved.sender, Some(&id)).await;
        locked(&reserved.operations).remove(&id);
    });
    match locked(&kept.operations).get_mut(&name) {
        Some(operation) => *operation = Some(task.abort_handle()),
        // It was stopped while it began.
        None => task.abort(),
    }
    Ok(HttpResponse::Accepted().finish())
}

/// Stops an operation.
fn stop(http: &HttpRequest, reserved: &Reserved) -> Result<HttpResponse, HttpResponse> {
    let id = parameter(http, "operationId")
        .ok_or_else(|| bad_request("there is no operation id", "send it in the address, as `operationId`"))?;
    if let Some(Some(task)) = locked(&reserved.operations).remove(&id) {
        task.abort();
    }
    Ok(HttpResponse::Ok().finish())
}
