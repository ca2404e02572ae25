//! The way out to a reader who follows: one piece waits, the next when it was taken. So that one who does not read costs two answers
//! of memory: one that waits, one that is on its way.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_web::rt::time;
use actix_web::web::Bytes;
use futures_util::Stream;
use tokio::sync::mpsc;

use crate::http::wire::flight::Held;

/// What goes out to a reader, piece by piece. The next waits until the one before was taken.
#[derive(Clone)]
pub struct ResponseSender {
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
pub struct Disconnected;

impl ResponseSender {
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
    pub async fn room(&self) -> Result<SendPermit<'_>, Disconnected> {
        self.pieces.reserve().await.map(SendPermit).map_err(|_| Disconnected)
    }

    /// Sends a piece once the one before was taken.
    ///
    /// # Errors
    /// When the reader is gone.
    pub async fn send(&self, piece: impl Into<Bytes>) -> Result<(), Disconnected> {
        self.pieces.send((piece.into(), Held::default())).await.map_err(|_| Disconnected)
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

/// SendPermit for a piece.
pub struct SendPermit<'o>(mpsc::Permit<'o, (Bytes, Held)>);

impl SendPermit<'_> {
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
