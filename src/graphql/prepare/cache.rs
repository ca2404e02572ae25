//! Compiled operations, kept by their document and name, bounded in bytes; those of documents that the server was given stay.
//! Documents that are refused are not kept: refusing takes a time that their length bounds.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::operation::Operation;

/// Names a document and the operation of it that is meant.
type Key = [u8; 32];

/// Compiled operations of documents that the server was given.
#[derive(Default)]
pub struct Given(HashMap<Key, Arc<Operation>>);

impl Given {
    /// Adds an operation of a document.
    pub fn add(&mut self, text: &str, name: Option<&str>, operation: Operation) {
        self.0.insert(key(text, name), Arc::new(operation));
    }
}

/// The compiled operations of late, and those that stay.
pub struct Operations {
    /// Those of documents that the server was given.
    given: ArcSwap<Given>,
    /// None when nothing is to be kept.
    kept: Option<Cache<Key, Arc<Operation>, Bytes>>,
}

#[derive(Clone)]
struct Bytes;

impl Weighter<Key, Arc<Operation>> for Bytes {
    fn weight(&self, _: &Key, operation: &Arc<Operation>) -> u64 {
        operation.bytes as u64
    }
}

/// About how many bytes an operation takes: for how many there is room is only a beginning.
const USUAL_BYTES: usize = 8 * 1024;

impl Operations {
    /// Keeps at most so many bytes of them.
    pub fn new(bytes_max: usize) -> Self {
        let count = (bytes_max / USUAL_BYTES).max(16);
        let kept = (bytes_max > 0).then(|| Cache::with_weighter(count, bytes_max as u64, Bytes));
        Self { given: ArcSwap::default(), kept }
    }

    /// From now on these stay, and no others.
    pub fn give(&self, given: Given) {
        self.given.store(Arc::new(given));
    }

    /// The operation of that document and name: the kept one, or the one that `compile` makes.
    ///
    /// # Errors
    /// Those of `compile`.
    pub fn get<E>(
        &self,
        text: &str,
        name: Option<&str>,
        compile: impl FnOnce() -> Result<Operation, E>,
    ) -> Result<Arc<Operation>, E> {
        let key = key(text, name);
        if let Some(operation) = self.given.load().0.get(&key).cloned().or_else(|| self.kept.as_ref()?.get(&key)) {
            return Ok(operation);
        }
        let operation = Arc::new(compile()?);
        if let Some(kept) = &self.kept {
            kept.insert(key, Arc::clone(&operation));
        }
        Ok(operation)
    }
}

fn key(text: &str, name: Option<&str>) -> Key {
    let mut hasher = blake3::Hasher::new();
    hasher.update(name.unwrap_or_default().as_bytes());
    // No name holds it, and none is empty.
    hasher.update(&[0]);
    hasher.update(text.as_bytes());
    *hasher.finalize().as_bytes()
}
