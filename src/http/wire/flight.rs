//! Answers in flight: those that are made, or wait in the server until their clients have taken them. All of them together take a
//! bounded number of bytes, so that clients who ask for much and read nothing do not fill the memory.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::body::{BodySize, MessageBody};
use actix_web::rt::time::timeout;
use actix_web::web::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::graphql::core::error::FieldError;
use crate::graphql::core::limits::Limits;
use crate::http::wire::pace::PIECE_BYTES;

/// What is counted as one.
const UNIT_BYTES: usize = 1024;

/// The room for all answers.
pub struct Flight {
    room: Arc<Semaphore>,
    bytes_max: usize,
    answer_bytes: usize,
    wait: Duration,
    /// Whether the log says already that there is none left.
    is_full: AtomicBool,
}

/// Room that an answer takes; it is free again when this is dropped.
#[derive(Debug, Default)]
pub struct Held(Option<OwnedSemaphorePermit>);

impl Flight {
    /// Nothing is in flight.
    pub fn new(limits: &Limits) -> Self {
        let bytes_max = limits.flight_bytes.max(PIECE_BYTES);
        Self {
            room: Arc::new(Semaphore::new(bytes_max / UNIT_BYTES)),
            bytes_max,
            answer_bytes: limits.answer_bytes.min(bytes_max),
            wait: Duration::from_millis(limits.wait_ms as u64),
            is_full: AtomicBool::new(false),
        }
    }

    /// How many bytes are taken.
    pub fn bytes(&self) -> usize {
        self.bytes_max.saturating_sub(self.room.available_permits() * UNIT_BYTES)
    }

    /// Waits for room for an answer that is not made yet: as much as one may have.
    ///
    /// # Errors
    /// When there is none in time.
    pub async fn reserve(&self) -> Result<Held, FieldError> {
        let room = Arc::clone(&self.room).acquire_many_owned(units(self.answer_bytes));
        match timeout(self.wait, room).await {
            Ok(Ok(permit)) => Ok(Held(Some(permit))),
            _ => Err(self.full(self.answer_bytes)),
        }
    }

    /// Takes room for an answer that is made. What is shorter than a piece a connection may have in hand anyway.
    ///
    /// # Errors
    /// When there is none.
    pub fn hold(&self, bytes: usize) -> Result<Held, FieldError> {
        if bytes <= PIECE_BYTES {
            return Ok(Held::default());
        }
        let room = Arc::clone(&self.room).try_acquire_many_owned(units(bytes));
        room.map(|permit| Held(Some(permit))).map_err(|_| self.full(bytes))
    }

    /// The room of an answer that turned out to have so many bytes.
    ///
    /// # Errors
    /// When it needs more, and there is none.
    pub fn settle(&self, mut held: Held, bytes: usize) -> Result<Held, FieldError> {
        let has = held.0.as_ref().map_or(PIECE_BYTES, |permit| permit.num_permits() * UNIT_BYTES);
        if bytes > has {
            drop(held);
            return self.hold(bytes);
        }
        held.shrink_to(bytes);
        Ok(held)
    }

    /// Waits for room for an answer that is made, however long that takes.
    pub async fn wait_for(&self, bytes: usize) -> Held {
        if bytes <= PIECE_BYTES {
            return Held::default();
        }
        let room = Arc::clone(&self.room).acquire_many_owned(units(bytes.min(self.bytes_max)));
        Held(room.await.ok())
    }

    fn full(&self, wanted: usize) -> FieldError {
        let found = self.bytes_max - self.room.available_permits() * UNIT_BYTES + wanted;
        if !self.is_full.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                flight_bytes = self.bytes_max,
                "requests are refused, because clients do not take their answers; this is said once"
            );
        }
        let hint = "send it again in some seconds; --limit flight_bytes=… gives more room";
        FieldError::limit("bytes of answers that clients have not taken yet", self.bytes_max, found, hint)
    }
}

fn units(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(UNIT_BYTES)).unwrap_or(u32::MAX)
}

impl Held {
    /// Gives back what is not needed for so many bytes.
    pub fn shrink_to(&mut self, bytes: usize) {
        let needed = if bytes <= PIECE_BYTES { 0 } else { units(bytes) as usize };
        if let Some(permit) = &mut self.0
            && needed < permit.num_permits()
        {
            self.0 = permit.split(needed).filter(|_| needed > 0);
        }
    }
}

/// A body that goes out piece by piece, so that no connection has a copy of all of it; after each piece others have their turn. Else a
/// client that takes what it gets at once would have the thread until all of it is sent.
pub struct Pieces {
    rest: Bytes,
    /// While others have their turn.
    turn: Option<Pin<Box<dyn Future<Output = ()>>>>,
    _held: Held,
}

impl Pieces {
    /// Of these bytes, which have room.
    pub fn new(bytes: Bytes, held: Held) -> Self {
        Self { rest: bytes, turn: None, _held: held }
    }
}

impl MessageBody for Pieces {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.rest.len() as u64)
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if let Some(turn) = &mut self.turn {
            ready!(turn.as_mut().poll(context));
            self.turn = None;
        }
        let length = self.rest.len().min(PIECE_BYTES);
        if length == 0 {
            return Poll::Ready(None);
        }
        let piece = self.rest.split_to(length);
        if !self.rest.is_empty() {
            self.turn = Some(Box::pin(tokio::task::yield_now()));
        }
        Poll::Ready(Some(Ok(piece)))
    }

    fn try_into_bytes(self) -> Result<Bytes, Self> {
        // What is short needs no pieces.
        if self.rest.len() <= PIECE_BYTES { Ok(self.rest) } else { Err(self) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: usize = 1 << 20;

    fn flight(flight_bytes: usize, answer_bytes: usize) -> Flight {
        Flight::new(&Limits { flight_bytes, answer_bytes, wait_ms: 0, ..Limits::default() })
    }

    #[test]
    fn answers_share_the_room_and_give_it_back() {
        let flight = flight(4 * MIB, MIB);
        let three: Vec<Held> = (0..4).map_while(|_| flight.hold(MIB + 1).ok()).collect();
        assert_eq!(three.len(), 3, "a unit more than one MiB each");
        assert!(flight.hold(PIECE_BYTES).is_ok(), "what is short is always taken");
        let refused = flight.hold(2 * MIB).unwrap_err();
        assert!(refused.limit.is_some_and(|(limit, found)| limit < found) && refused.hint.contains("flight_bytes"));
        drop(three);
        let mut held = flight.hold(4 * MIB).unwrap();
        assert!(flight.hold(MIB).is_err());
        held.shrink_to(3 * MIB);
        let other = flight.hold(MIB).unwrap();
        held.shrink_to(4 * MIB);
        assert!(flight.hold(MIB).is_err(), "it does not grow");
        held.shrink_to(PIECE_BYTES);
        drop(other);
        assert!(flight.hold(4 * MIB).is_ok());
    }

    #[test]
    fn what_is_not_made_yet_has_room_for_all_that_it_may_become() {
        actix_web::rt::System::new().block_on(async {
            let larger = flight(2 * MIB, MIB);
            let (first, _second) = (larger.reserve().await.unwrap(), larger.reserve().await.unwrap());
            assert!(larger.reserve().await.is_err());
            drop(first);
            assert!(larger.reserve().await.is_ok());
            assert!(flight(MIB, 64 * MIB).reserve().await.is_ok(), "one answer goes whatever the limits are");
        });
    }
}
