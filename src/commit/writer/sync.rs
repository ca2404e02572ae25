//! What the queue waits with. A test puts those of a model checker in their place, which tries the orders of threads.

pub use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
