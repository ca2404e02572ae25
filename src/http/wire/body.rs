//! Reading a request's body: bounded in size and time, refused as soon as either is exceeded.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::http::{StatusCode, header};
use actix_web::rt::time::sleep;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, web};
use futures_util::{StreamExt as _, stream};
use tokio::runtime::Handle;
use tokio::time::timeout_at;

use crate::commit::access::{Identity, Role};
use crate::graphql::core::error::{ErrorCode, FieldError};
use crate::graphql::core::limits::Limits;
use crate::http::wire::connections::CLOSING_TIMEOUT;
use crate::http::wire::refusal::{refuse, refuse_with};
use crate::http::wire::share::Part;

/// Reads a body whole.
///
/// # Errors
/// With the answer that refuses it.
pub async fn read(
    http: &HttpRequest,
    payload: web::Payload,
    identity: &Identity,
    limits: &Limits,
) -> Result<Vec<u8>, HttpResponse> {
    let imports = identity.role >= Role::Import;
    let (most, ms) =
        if imports { (limits.import_bytes, limits.import_ms) } else { (limits.body_bytes, limits.body_ms) };
    match announced(http) {
        Some(length) if length > most => Err(too_large(most, length)),
        _ => match actix_web::rt::time::timeout(Duration::from_millis(ms as u64), collect(payload, most)).await {
            Ok(body) => body,
            Err(_) => Err(too_slow(ms)),
        },
    }
}

async fn collect(mut payload: web::Payload, limit: usize) -> Result<Vec<u8>, HttpResponse> {
    let mut body = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| broken(&error))?;
        if body.len() + chunk.len() > limit {
            return Err(too_large(limit, body.len() + chunk.len()));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// A body that is read in pieces, bounded as a whole in bytes and time.
pub struct Pieces {
    payload: web::Payload,
    most: usize,
    ms: usize,
    deadline: Instant,
    announced: usize,
    taken: usize,
}

impl Pieces {
    /// Reads the body of a request that imports.
    ///
    /// # Errors
    /// With the answer that refuses it: when it says itself that it is too large.
    pub fn new(http: &HttpRequest, payload: web::Payload, limits: &Limits) -> Result<Self, HttpResponse> {
        let (most, ms) = (limits.import_bytes, limits.import_ms);
        match announced(http) {
            Some(length) if length > most => Err(too_large(most, length)),
            announced => {
                let deadline = Instant::now() + Duration::from_millis(ms as u64);
                Ok(Self { payload, most, ms, deadline, announced: announced.unwrap_or_default(), taken: 0 })
            }
        }
    }

    /// How many bytes are to come, as far as that is said.
    pub fn announced(&self) -> usize {
        self.announced
    }

    /// How many bytes were taken so far.
    pub fn taken(&self) -> usize {
        self.taken
    }

    /// The next piece, of about that size; the last may be smaller.
    ///
    /// # Errors
    /// With the answer that refuses it: when it is too large or too slow, or the client stops sending.
    pub async fn next(&mut self, bytes: usize) -> Result<Option<Vec<u8>>, HttpResponse> {
        let mut piece = Vec::new();
        while piece.len() < bytes {
            let Ok(chunk) = timeout_at(self.deadline.into(), self.payload.next()).await else {
                return Err(too_slow(self.ms));
            };
            let Some(chunk) = chunk else { break };
            let chunk = chunk.map_err(|error| broken(&error))?;
            self.taken += chunk.len();
            if self.taken > self.most {
                return Err(too_large(self.most, self.taken));
            }
            piece.extend_from_slice(&chunk);
        }
        Ok(if piece.is_empty() { None } else { Some(piece) })
    }
}

fn announced(http: &HttpRequest) -> Option<usize> {
    http.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok())
}

fn too_large(limit: usize, found: usize) -> HttpResponse {
    let hint = "send less in one request; rows go as JSON Lines to /import, in several if need be";
    refuse_with(StatusCode::PAYLOAD_TOO_LARGE, FieldError::limit("bytes of a body", limit, found, hint))
}

fn too_slow(ms: usize) -> HttpResponse {
    let message = format!("the body did not come within {ms} milliseconds");
    let hint = "send it again, faster or in smaller pieces";
    refuse(StatusCode::REQUEST_TIMEOUT, ErrorCode::RequestTimeout, &message, hint)
}

fn broken(error: &dyn std::fmt::Display) -> HttpResponse {
    refuse(
        StatusCode::BAD_REQUEST,
        ErrorCode::BadRequest,
        &format!("the body cannot be read: {error}"),
        "send it again",
    )
}

/// A body's stream that is kept until the answer is sent. What a handler leaves unread would be read to its end otherwise, be it
/// endless, only to keep the connection; as it is, the connection closes.
pub struct HeldBody(Option<Rc<Unread>>);

/// The stream, and whether it has come to its end.
struct Unread {
    payload: RefCell<Payload>,
    ended: Cell<bool>,
}

impl HeldBody {
    /// Keeps the body of a request.
    pub fn of(request: &mut ServiceRequest) -> Self {
        let payload = request.take_payload();
        if matches!(payload, Payload::None) {
            return Self(None);
        }
        let kept = Rc::new(Unread { payload: RefCell::new(payload), ended: Cell::new(false) });
        let read = Rc::clone(&kept);
        let payload = stream::poll_fn(move |context| {
            let polled = read.payload.borrow_mut().poll_next_unpin(context);
            read.ended.set(matches!(polled, Poll::Ready(None)));
            polled
        });
        request.set_payload(Payload::Stream { payload: Box::pin(payload) });
        Self(Some(kept))
    }

    /// The body of an answer, which keeps that of the request until it is sent.
    pub fn until_sent(self, body: BoxBody, connection: Waker, running: Option<Part>) -> Answering {
        Answering { body, kept: self.0, connection, _running: running }
    }
}

/// The body of an answer.
pub struct Answering {
    body: BoxBody,
    kept: Option<Rc<Unread>>,
    connection: Waker,
    /// Its place among what runs of its client.
    _running: Option<Part>,
}

impl MessageBody for Answering {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<web::Bytes, Self::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_next(context)
    }
}

impl Drop for Answering {
    /// A client whose body was left unread has [`CLOSING_TIMEOUT`] to close. actix counts from a clock that may be late by more
    /// than that, and never looks again at a time that was over before it began: so the connection is woken to look.
    fn drop(&mut self) {
        let is_unread = self.kept.as_ref().is_some_and(|kept| !kept.ended.get());
        if let (true, Ok(runtime)) = (is_unread, Handle::try_current()) {
            let connection = self.connection.clone();
            runtime.spawn(async move {
                sleep(2 * CLOSING_TIMEOUT).await;
                connection.wake();
            });
        }
    }
}
