//! What all who follow the register share: how many they are, how long each may take, and that the server stops.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use tokio::sync::{Semaphore, watch};

use super::permit::ConnectionPermit;
use super::reservations::Reservations;
use crate::graphql::core::error::FieldError;
use crate::graphql::core::limits::Limits;
use crate::http::wire::refusal::{later, refuse_with};
use crate::http::wire::share::Payer;

/// How many events that take long are made at once, so that many who follow a large import do not fill the memory.
const LONG_AT_ONCE: usize = 2;

/// What all who follow share.
pub struct Live {
    /// The limits.
    pub limits: Limits,
    /// Event streams that were reserved or are open.
    pub reservations: Reservations,
    open: Arc<AtomicUsize>,
    stopping: watch::Sender<bool>,
    /// How often it has changed what readers without a token get.
    public: watch::Sender<u64>,
    /// Turns to make an event that takes long.
    pub long: Semaphore,
}

impl Live {
    /// Nobody follows yet.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            reservations: Reservations::default(),
            open: Arc::default(),
            stopping: watch::Sender::new(false),
            public: watch::Sender::new(0),
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

    /// Ends what those follow who show no token: they get something else from now on.
    pub fn change_public(&self) {
        self.public.send_modify(|times| *times += 1);
    }

    /// How often it has changed what readers without a token get.
    pub fn public(&self) -> u64 {
        *self.public.borrow()
    }

    /// Waits until they get something else than they did then.
    pub async fn public_changed(&self, since: u64) {
        let _ = self.public.subscribe().wait_for(|times| *times != since).await;
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

    /// Lets one more follow.
    ///
    /// # Errors
    /// With the answer that refuses it, when all places are taken, or all of whoever asks.
    pub fn permit(&self, payer: &Payer) -> Result<ConnectionPermit, HttpResponse> {
        let parts = payer.follow(&self.limits).map_err(later)?;
        let (limit, found) = (self.limits.live_connections, self.open.fetch_add(1, Ordering::Relaxed) + 1);
        let permit = ConnectionPermit { open: Arc::clone(&self.open), parts };
        if found <= limit {
            return Ok(permit);
        }
        let hint = "close one, or try again later";
        let error = FieldError::limit("sockets and event streams that are open", limit, found, hint);
        let mut refusal = refuse_with(StatusCode::SERVICE_UNAVAILABLE, error);
        refusal.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
        Err(refusal)
    }
}
