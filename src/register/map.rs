//! The maps of a register: a later state shares with the one before what did not change.

use crate::model::Key;

/// A map that shares with its copies.
pub type Map<V, K = Key> = imbl::GenericHashMap<K, V, foldhash::fast::RandomState, imbl::shared_ptr::DefaultSharedPtr>;
