//! WebSockets at `/graphql`: `graphql-transport-ws`, as the npm package `graphql-ws` speaks it in its PROTOCOL.md.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use actix_http::body::{BodyStream, MessageBody as _};
use actix_http::ws;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::rt::{self, task::JoinHandle, time};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::Value as Json;
use tokio::sync::watch;

use crate::commit::access::Identity;
use crate::graphql::core::error::{ErrorCode, FieldError};
use crate::graphql::{AllowedOperations, GraphqlRequest};
use crate::http::graphql::incoming::{self, Asked};
use crate::http::live::frames::{self, Closing, Frames, Incoming};
use crate::http::live::message::{errors, invalid, message, token};
use crate::http::live::operation::{self, Operation};
use crate::http::state::auth::{self, Ended};
use crate::http::state::refusals;
use crate::http::state::sender::{Disconnected, ResponseSender};
use crate::http::state::shared::Shared;
use crate::http::wire::origin;
use crate::http::wire::refusal::refuse;
use crate::model::problem::at_most;
use crate::register::Revision;

/// The protocol.
const PROTOCOL: &str = "graphql-transport-ws";
/// The time for which [`crate::graphql::core::limits::Limits::socket_messages`] counts.
const RATE: Duration = Duration::from_secs(10);
/// The code of a client that closes, given back to it.
const NORMAL: u16 = 1000;
/// How long a client may take to agree that the socket is closed.
const GOODBYE: Duration = Duration::from_secs(2);
/// A longer message is answered on a thread of its own.
const LONG_MESSAGE_BYTES: usize = 128 * 1024;
/// Longest part of an id that a reason repeats, in characters.
const ID_CHARS_MAX: usize = 60;

/// Opens a socket.
pub async fn get(http: HttpRequest, payload: web::Payload, shared: web::Data<Shared>) -> HttpResponse {
    match open(&http, payload, &shared) {
        Ok(response) | Err(response) => response,
    }
}

fn open(http: &HttpRequest, payload: web::Payload, shared: &web::Data<Shared>) -> Result<HttpResponse, HttpResponse> {
    if !origin::is_ours(http, shared.is_encrypted) && !shared.policy().cors.lets_in(http) {
        let hint = "open the socket from a page of this server, or of an origin in --cors-origin; a proxy before it passes on `Host`";
        return Err(refuse(
            StatusCode::FORBIDDEN,
            ErrorCode::Forbidden,
            "pages of that origin may not open a socket",
            hint,
        ));
    }
    let identity = auth::identity(http);
    let token = auth::shown(http);
    let permit = shared.live.permit(&auth::payer(http, shared, &identity))?;
    let mut response = ws::handshake(http.head()).map_err(|error| {
        let hint = "connect as RFC 6455 says, version 13";
        let mut refusal = refuse(StatusCode::BAD_REQUEST, ErrorCode::BadRequest, &error.to_string(), hint);
        refusal.headers_mut().insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        refusal
    })?;
    let offered = http.headers().get_all(header::SEC_WEBSOCKET_PROTOCOL).filter_map(|offered| offered.to_str().ok());
    let speaks = offered.flat_map(|offered| offered.split(',')).any(|offered| offered.trim() == PROTOCOL);
    if speaks {
        response.insert_header((header::SEC_WEBSOCKET_PROTOCOL, PROTOCOL));
    }
    operation::follows(http);
    let (sender, body) = ResponseSender::new();
    let socket = Socket {
        shared: shared.clone(),
        http: http.clone(),
        sender,
        operations: Rc::default(),
        token,
        followed: watch::Sender::default(),
        state: State::New,
        counted_since: Instant::now(),
        counted: 0,
    };
    let frames = Frames::new(payload, shared.live.limits.socket_message_bytes);
    rt::spawn(async move {
        socket.serve(frames, speaks).await;
        drop(permit);
    });
    let response = response.message_body(BodyStream::new(body).boxed());
    response.map(Into::into).map_err(|error| HttpResponse::from_error(actix_web::Error::from(error)))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Acknowledged,
}

/// A running operation.
struct Running {
    task: JoinHandle<()>,
    /// The revision that was told last.
    told: Rc<Cell<Option<Revision>>>,
}

struct Socket {
    shared: web::Data<Shared>,
    /// The request that opened it, for what it tells of the client.
    http: HttpRequest,
    sender: ResponseSender,
    operations: Rc<RefCell<HashMap<String, Running>>>,
    token: Option<String>,
    /// Once it has begun, the token that it began with, if any: for whoever looks after it.
    followed: watch::Sender<Option<Option<String>>>,
    state: State,
    counted_since: Instant,
    counted: usize,
}

impl Socket {
    /// Serves it to its end.
    async fn serve(mut self, mut frames: Frames, speaks: bool) {
        let shared = self.shared.clone();
        let (sender, http) = (self.sender.clone(), self.http.clone());
        let stall = shared.live.stall();
        let mut followed = self.followed.subscribe();
        let over = async {
            // Until it begins it may read nothing.
            let began = followed.wait_for(Option::is_some).await.ok().and_then(|began| began.clone());
            auth::until_over(&http, &shared, began.flatten()).await
        };
        let closing = if speaks {
            tokio::select! {
                ended = over => Some(match ended {
                    Ended::Token => Closing::new(4403, "Forbidden: the token is not good any more"),
                    Ended::Policy => self.changed(),
                }),
                ended = self.converse(&mut frames) => ended.err(),
                () = sender.gone() => None,
                () = sender.stalled(stall) => Some(self.too_slow()),
                () = shared.live.stopping() => Some(self.stopping()),
            }
        } else {
            Some(Closing::new(4406, format!("Subprotocol not acceptable: speak {PROTOCOL}")))
        };
        for (_, running) in self.operations.borrow_mut().drain() {
            running.task.abort();
        }
        let Some(closing) = closing else { return };
        tracing::debug!(code = closing.code, reason = closing.reason, "closing a socket");
        // What was sent before is read before. Who still reads nothing is cut off by the system (see `cut_off_after`).
        let said = async {
            time::timeout(stall, sender.send(frames::close(&closing))).await.is_ok_and(|sent| sent.is_ok())
                && closing.code != NORMAL
                && time::timeout(GOODBYE, frames.until_closed()).await.is_ok()
        };
        let stopped = async {
            shared.live.stopping().await;
            time::sleep(GOODBYE).await;
        };
        tokio::select! {
            _ = said => {}
            () = sender.gone() => {}
            () = stopped => {}
        }
    }

    /// Takes messages until the client closes, or we must.
    async fn converse(&mut self, frames: &mut Frames) -> Result<(), Closing> {
        let began = Instant::now();
        // When the client was asked whether it is there, while it has not said anything since.
        let mut asked: Option<Instant> = None;
        let ping = self.shared.live.ping();
        let mut beat = time::interval_at(time::Instant::now() + ping, ping);
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let init = self.shared.live.init().saturating_sub(began.elapsed());
            tokio::select! {
                incoming = frames.next() => {
                    asked = None;
                    self.count()?;
                    match incoming? {
                        None => return Ok(()),
                        Some(Incoming::Close) => return Err(Closing::new(NORMAL, "")),
                        Some(Incoming::Pong) => {}
                        Some(Incoming::Ping(payload)) => self.send(frames::pong(&payload)).await,
                        Some(Incoming::Text(text)) => self.take(&text).await?,
                    }
                }
                () = time::sleep(init), if self.state == State::New => {
                    return Err(Closing::new(4408, "Connection initialisation timeout"));
                }
                _ = beat.tick() => {
                    if self.sender.is_empty() && asked.is_some_and(|at| at.elapsed() > self.shared.live.stall()) {
                        return Err(self.too_slow());
                    }
                    asked.get_or_insert_with(Instant::now);
                    self.send(frames::ping()).await;
                }
            }
        }
    }

    /// Who is gone is noticed elsewhere.
    async fn send(&self, frame: web::Bytes) {
        let _ = self.sender.send(frame).await;
    }

    async fn send_json(&self, message: &Json) {
        self.send(frames::text(message.to_string().as_bytes())).await;
    }

    /// Counts a message.
    fn count(&mut self) -> Result<(), Closing> {
        if self.counted_since.elapsed() > RATE {
            (self.counted_since, self.counted) = (Instant::now(), 0);
        }
        self.counted += 1;
        let limit = self.shared.live.limits.socket_messages;
        if self.counted <= limit {
            return Ok(());
        }
        let error = FieldError::limit("messages over one socket within 10 s", limit, self.counted, "");
        Err(Closing::new(1008, format!("{}: {}", error.code, error.message)))
    }

    async fn take(&mut self, text: &str) -> Result<(), Closing> {
        let values_max = self.shared.live.limits.json_values;
        let parsed = incoming::parse(text.as_bytes(), "it", "", values_max)
            .map_err(|refusal| invalid(&refusal.error.message))?;
        let Json::Object(mut sent) = parsed else { return Err(invalid("it is no JSON object")) };
        let payload = sent.remove("payload").filter(|payload| !payload.is_null());
        let id = match sent.get("id") {
            Some(Json::String(id)) if !id.is_empty() => Some(id.clone()),
            _ => None,
        };
        let kind = sent.get("type").and_then(Json::as_str).unwrap_or_default();
        match (kind, id, payload) {
            ("connection_init", _, payload @ (None | Some(Json::Object(_)))) => self.begin(payload.as_ref()).await,
            ("ping", _, payload @ (None | Some(Json::Object(_)))) => {
                let mut pong = serde_json::json!({ "type": "pong" });
                if let Some(payload) = payload {
                    pong["payload"] = payload;
                }
                self.send_json(&pong).await;
                Ok(())
            }
            ("pong", _, None | Some(Json::Object(_))) => Ok(()),
            ("subscribe", Some(_), Some(Json::Object(_))) if self.state == State::New => {
                Err(Closing::new(4401, "Unauthorized"))
            }
            ("subscribe", Some(id), Some(payload @ Json::Object(_))) => {
                let read = incoming::from_json(payload, &self.shared.policy().documents);
                match read {
                    Ok(request) => self.subscribe(id, request, text.len() > LONG_MESSAGE_BYTES).await,
                    Err(refusal) if refusal.error.code == ErrorCode::BadRequest => Err(invalid(&refusal.error.message)),
                    // The request names a document that is not known: the client sends it along then.
                    Err(refusal) => {
                        self.send(message(&id, "error", &errors(&[refusal.error.into()]))).await;
                        Ok(())
                    }
                }
            }
            ("complete", Some(id), _) => {
                if let Some(running) = self.operations.borrow_mut().remove(&id) {
                    running.task.abort();
                }
                Ok(())
            }
            ("connection_init" | "ping" | "pong", ..) => Err(invalid("its `payload` is no object")),
            ("subscribe" | "complete", None, _) => Err(invalid("it has no `id`")),
            ("subscribe", ..) => Err(invalid("its `payload` is no object")),
            (other, ..) => Err(invalid(&format!("`{}` is no type", at_most(ID_CHARS_MAX, other.to_owned())))),
        }
    }

    /// `connection_init`
    async fn begin(&mut self, payload: Option<&Json>) -> Result<(), Closing> {
        if self.state == State::Acknowledged {
            return Err(Closing::new(4429, "Too many initialisation requests"));
        }
        if let Some(token) = payload.and_then(token) {
            self.token = Some(token);
        }
        let identity = self.identity().map_err(|error| Closing::new(4403, format!("Forbidden: {}", error.message)))?;
        if self.shared.policy().needs_token && identity.is_anonymous() {
            let error = FieldError::new(ErrorCode::Unauthenticated, "reading this takes a token", "");
            let error = refusals::told(&self.http, &self.shared, error);
            return Err(Closing::new(4403, format!("Forbidden: {}", error.message)));
        }
        self.state = State::Acknowledged;
        self.followed.send_replace(Some(self.token.clone()));
        self.send_json(&serde_json::json!({ "type": "connection_ack" })).await;
        Ok(())
    }

    /// Who asks now: a token may have been revoked since.
    fn identity(&self) -> Result<Identity, FieldError> {
        self.token
            .as_ref()
            .map_or_else(|| Ok(auth::nobody(&self.http)), |token| auth::identify(&self.http, &self.shared, token))
            .map_err(|error| refusals::told(&self.http, &self.shared, error))
    }

    async fn subscribe(&self, id: String, request: GraphqlRequest, is_long: bool) -> Result<(), Closing> {
        if self.operations.borrow().contains_key(&id) {
            let id = at_most(ID_CHARS_MAX, id);
            return Err(Closing::new(4409, format!("Subscriber for {id} already exists")));
        }
        let (limit, found) = (self.shared.live.limits.live_operations, self.operations.borrow().len() + 1);
        let allowed = if found > limit {
            let hint = "complete one, or open another socket";
            Err(FieldError::limit("operations at once on one socket", limit, found, hint))
        } else {
            self.identity()
        };
        let identity = match allowed {
            Ok(identity) => identity,
            Err(error) => {
                self.send(message(&id, "error", &errors(&[error.into()]))).await;
                return Ok(());
            }
        };
        let told = Rc::new(Cell::new(None));
        let operations = Rc::clone(&self.operations);
        let payer = auth::payer(&self.http, &self.shared, &identity);
        let asked = Asked { request, identity, payer, is_long };
        let work = run(self.shared.clone(), self.sender.clone(), operations, id.clone(), asked, told.clone());
        // It is listed before it runs: a task begins when this one waits.
        let task = rt::spawn(work);
        self.operations.borrow_mut().insert(id, Running { task, told });
        Ok(())
    }

    fn resume(&self) -> String {
        let told = self.operations.borrow().values().filter_map(|running| running.told.get()).min();
        told.map(|revision| format!("; go on after revision {revision}")).unwrap_or_default()
    }

    fn too_slow(&self) -> Closing {
        let seconds = self.shared.live.stall().as_secs_f32();
        Closing::new(1013, format!("nothing was read for {seconds} s{}", self.resume()))
    }

    fn changed(&self) -> Closing {
        Closing::new(1012, format!("what readers without a token get has changed{}", self.resume()))
    }

    fn stopping(&self) -> Closing {
        Closing::new(1001, format!("the server is stopping{}", self.resume()))
    }
}

/// Runs one operation to its end.
async fn run(
    shared: web::Data<Shared>,
    sender: ResponseSender,
    operations: Rc<RefCell<HashMap<String, Running>>>,
    id: String,
    asked: Asked,
    told: Rc<Cell<Option<Revision>>>,
) {
    // An answer is made when there is room for it; who waits for events leaves the room to others.
    let Ok(room) = sender.room().await else { return };
    let mut operation = Operation::begin(shared, asked, AllowedOperations::All, None).await;
    let is_followed = operation.is_followed();
    let mut room = Some(room).filter(|_| !is_followed);
    let mut last = None;
    while operation.ready().await {
        let room = match room.take() {
            Some(room) => room,
            None => match sender.room().await {
                Ok(room) => room,
                Err(Disconnected) => return,
            },
        };
        let Some((answer, held)) = operation.take().await else { break };
        if answer.data.is_none() {
            last = Some(message(&id, "error", &errors(&answer.errors)));
            break;
        }
        room.send(message(&id, "next", &answer.to_json()), held);
        if is_followed {
            told.set(Some(answer.revision));
        }
    }
    // From now on the client may use the id again.
    operations.borrow_mut().remove(&id);
    let last = last
        .unwrap_or_else(|| frames::text(serde_json::json!({ "id": id, "type": "complete" }).to_string().as_bytes()));
    let _ = sender.send(last).await;
}
