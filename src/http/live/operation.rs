//! Following the register over the network: what sockets and event streams have in common. An operation becomes answers, one
//! after the other. Each is made when there is room for it, so that one who does not read costs two answers of memory: one that
//! waits, one that is on its way.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::rt::time;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::Stream;
use tokio::sync::{Semaphore, mpsc, watch};

use crate::graphql::core::error::{ErrorCode, FieldError};
use crate::graphql::core::limits::Limits;
use crate::graphql::{Allowed, Answer, Subscription};
use crate::http::graphql::endpoint::{self, Asked};
use crate::http::live::events::Reservations;
use crate::http::wire::flight::Held;
use crate::http::wire::pace::Use;
use crate::http::wire::share::{Part, Payer};
use crate::http::{Shared, later, refuse_with};
use crate::register::Revision;

/// How many events that take long are made at once, so that many who follow a large import do not fill the memory.
const LONG_AT_ONCE: usize = 2;

/// What all who follow share.
pub struct Live {
    /// The limits.
    pub limits: Limits,
    /// Event streams that were reserved or are open.
    pub reservations: Reservations,
    open: AtomicUsize,
    stopping: watch::Sender<bool>,
    long: Semaphore,
}

impl Live {
    /// Nobody follows yet.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            reservations: Reservations::default(),
            open: AtomicUsize::new(0),
            stopping: watch::Sender::new(false),
            long: Semaphore::new(LONG_AT_ONCE),
        }
    }

    /// How many are open.
    pub fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    /// Ends all that is open, so that the server can stop.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Waits until the server stops.
    pub async fn stopping(&self) {
        // The sender lives as long as `self`: there is no error to wait for.
        let _ = self.stopping.subscribe().wait_for(|stopping| *stopping).await;
    }

    /// How long a reader may read nothing.
    pub fn stall(&self) -> Duration {
        Duration::from_millis(self.limits.live_stall_ms as u64)
    }

    /// Time between two signs of life.
    pub fn ping(&self) -> Duration {
        Duration::from_millis(self.limits.live_ping_ms as u64)
    }

    /// How long a client may take to begin.
    pub fn init(&self) -> Duration {
        Duration::from_millis(self.limits.live_init_ms as u64)
    }
}

/// A place among the connections that may be open; given back when it is dropped.
pub struct Place(web::Data<Shared>, #[expect(dead_code, reason = "given back when dropped")] Vec<Part>);

impl Place {
    /// Takes one.
    ///
    /// # Errors
    /// With the answer that refuses it, when all are taken, or all of whoever asks.
    pub fn take(shared: &web::Data<Shared>, payer: &Payer) -> Result<Self, HttpResponse> {
        let parts = payer.follow(&shared.live.limits).map_err(later)?;
        let place = Self(shared.clone(), parts);
        let (limit, found) =
            (shared.live.limits.live_connections, shared.live.open.fetch_add(1, Ordering::Relaxed) + 1);
        if found <= limit {
            return Ok(place);
        }
        let hint = "close one, or try again later";
        let error = FieldError::limit("sockets and event streams that are open", limit, found, hint);
        let mut refusal = refuse_with(StatusCode::SERVICE_UNAVAILABLE, error);
        refusal.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
        Err(refusal)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.live.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Says of a connection that the register is followed over it.
pub fn follows(http: &HttpRequest) {
    http.conn_data::<Rc<Use>>().inspect(|used| used.follow());
}

/// What goes out to a reader, piece by piece. The next waits until the one before was taken.
#[derive(Clone)]
pub struct Outlet {
    pieces: mpsc::Sender<(Bytes, Held)>,
    taken: Arc<Taken>,
}

/// The other end: the body of the answer.
pub struct Body {
    pieces: mpsc::Receiver<(Bytes, Held)>,
    taken: Arc<Taken>,
    /// The room of the piece that is on its way.
    _held: Held,
}

/// When the last piece was taken.
struct Taken {
    since: Instant,
    after_ms: AtomicU64,
}

/// There is nobody to read any more.
#[derive(Debug)]
pub struct Gone;

impl Outlet {
    /// A way out and its other end.
    pub fn new() -> (Self, Body) {
        let (sender, receiver) = mpsc::channel(1);
        let taken = Arc::new(Taken { since: Instant::now(), after_ms: AtomicU64::new(0) });
        (Self { pieces: sender, taken: Arc::clone(&taken) }, Body { pieces: receiver, taken, _held: Held::default() })
    }

    /// Waits until there is room for a piece.
    ///
    /// # Errors
    /// When the reader is gone.
    pub async fn room(&self) -> Result<Room<'_>, Gone> {
        self.pieces.reserve().await.map(Room).map_err(|_| Gone)
    }

    /// Sends a piece once the one before was taken.
    ///
    /// # Errors
    /// When the reader is gone.
    pub async fn send(&self, piece: impl Into<Bytes>) -> Result<(), Gone> {
        self.pieces.send((piece.into(), Held::default())).await.map_err(|_| Gone)
    }

    /// Waits until the reader is gone.
    pub async fn gone(&self) {
        self.pieces.closed().await;
    }

    /// Whether everything was taken so far.
    pub fn is_empty(&self) -> bool {
        self.pieces.capacity() > 0
    }

    /// Waits until a piece has waited that long.
    pub async fn stalled(&self, limit: Duration) {
        loop {
            time::sleep(limit / 4).await;
            let waited =
                self.taken.since.elapsed() - Duration::from_millis(self.taken.after_ms.load(Ordering::Relaxed));
            if !self.is_empty() && waited >= limit {
                return;
            }
        }
    }
}

/// Room for a piece.
pub struct Room<'o>(mpsc::Permit<'o, (Bytes, Held)>);

impl Room<'_> {
    /// Sends the piece.
    pub fn send(self, piece: impl Into<Bytes>, held: Held) {
        self.0.send((piece.into(), held));
    }
}

impl Stream for Body {
    type Item = Result<Bytes, actix_web::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let piece = self.pieces.poll_recv(context);
        if piece.is_ready() {
            let after_ms = u64::try_from(self.taken.since.elapsed().as_millis()).unwrap_or(u64::MAX);
            self.taken.after_ms.store(after_ms, Ordering::Relaxed);
        }
        piece.map(|piece| {
            let (piece, held) = piece.unzip();
            self._held = held.unwrap_or_default();
            piece.map(Ok)
        })
    }
}

/// An operation that was begun: its answers, one after the other.
pub struct Operation {
    shared: web::Data<Shared>,
    rest: Rest,
}

enum Rest {
    Nothing,
    One(Answer, Held),
    Events(Box<Subscription>),
}

impl Operation {
    /// Begins a request. A subscription goes on after the revision that the reader has, when it says one.
    pub async fn begin(shared: web::Data<Shared>, asked: Asked, allowed: Allowed, resume: Option<Revision>) -> Self {
        let rest = if shared.api.is_subscription(&asked.request) {
            let begin = || shared.api.subscribe(asked.request, &asked.identity, resume);
            let begun = catch_unwind(AssertUnwindSafe(begin));
            match begun.unwrap_or_else(|_| Err(endpoint::failed(&shared))) {
                Ok(subscription) => Rest::Events(Box::new(subscription)),
                Err(refusal) => Rest::One(refusal, Held::default()),
            }
        } else {
            match endpoint::answer(&shared, asked, allowed).await {
                Ok((answer, held)) => Rest::One(answer, held),
                Err(error) => Rest::One(refused(&shared, error), Held::default()),
            }
        };
        Self { shared, rest }
    }

    /// Whether it was refused; then the only answer says why.
    pub fn refusal(&self) -> Option<&Answer> {
        match &self.rest {
            Rest::One(answer, _) if answer.data.is_none() => Some(answer),
            _ => None,
        }
    }

    /// Whether it is a subscription.
    pub fn is_followed(&self) -> bool {
        matches!(self.rest, Rest::Events(_))
    }

    /// Waits until there is an answer to [take](Self::take); whether there will be one. Dropping the wait loses nothing.
    pub async fn ready(&mut self) -> bool {
        match &mut self.rest {
            Rest::Nothing => false,
            Rest::One(..) => true,
            Rest::Events(subscription) => subscription.ready().await,
        }
    }

    /// The next answer, which is [ready](Self::ready), and its room. One without data is the last. `None` when there is no other. A
    /// wait that is dropped ends the operation.
    pub async fn take(&mut self) -> Option<(Answer, Held)> {
        let mut subscription = match std::mem::replace(&mut self.rest, Rest::Nothing) {
            Rest::Nothing => return None,
            Rest::One(answer, held) => return Some((answer, held)),
            Rest::Events(subscription) => subscription,
        };
        let is_long = subscription.next_is_long();
        let context = subscription.context();
        let _waiting = context.work.waiting();
        let take = move || {
            let taken = catch_unwind(AssertUnwindSafe(|| subscription.take(&context)));
            taken.map(|answer| (answer, subscription))
        };
        // Until there is room for what was made in it, no other one is made.
        let turn = if is_long { self.shared.live.long.acquire().await.ok() } else { None };
        let taken = match turn {
            Some(_) => web::block(take).await,
            None => Ok(take()),
        };
        let answer = match taken {
            Ok(Ok((answer, subscription))) => {
                self.rest = Rest::Events(subscription);
                answer?
            }
            Ok(Err(_)) => endpoint::failed(&self.shared),
            Err(_) => stopped(&self.shared),
        };
        let held = self.shared.flight.wait_for(answer.data.as_ref().map_or(0, Vec::len)).await;
        Some((answer, held))
    }
}

fn stopped(shared: &Shared) -> Answer {
    let hint = "connect again later, and go on from where you were";
    refused(shared, FieldError::new(ErrorCode::Unavailable, "the server is stopping", hint))
}

fn refused(shared: &Shared, error: FieldError) -> Answer {
    Answer::refused(vec![error.into()], shared.ledger.register().revision())
}
