//! Event streams that were reserved, or are open, by their tokens.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::task::AbortHandle;

use super::permit::ConnectionPermit;
use super::sender::{Body, ResponseSender};

/// Streams that were reserved, by their tokens.
#[derive(Default)]
pub struct Reservations(Mutex<HashMap<String, Arc<Reserved>>>);

/// A stream for all operations of one client.
pub struct Reserved {
    /// The way out.
    pub sender: ResponseSender,
    /// Its other end, until the client opens it.
    pub body: Mutex<Option<Body>>,
    /// What runs, by its id.
    pub operations: Mutex<HashMap<String, Option<AbortHandle>>>,
    /// The token with which it was reserved.
    pub secret: Option<String>,
    /// Its place among the connections.
    pub _permit: ConnectionPermit,
}

/// What a lock guards: nothing in it can be left half done.
pub fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Reservations {
    /// The streams by their tokens.
    pub fn all(&self) -> MutexGuard<'_, HashMap<String, Arc<Reserved>>> {
        locked(&self.0)
    }
}
