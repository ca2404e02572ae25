//! A record as the register holds it, and what a commit does to one.

use std::sync::Arc;

use crate::model::{Key, Kind, Record};

/// Number of a commit; 0 is the empty register before the first one.
pub type Revision = u64;

/// A record in the register, with what is asked of it most.
#[derive(Debug)]
pub struct Node {
    /// Its natural key.
    pub key: Key,
    /// The record.
    pub record: Record,
    /// The revision that wrote it.
    pub revision: Revision,
    pub(super) position: i64,
    order: Option<Box<Key>>,
}

impl Node {
    /// Wraps a record that the revision wrote.
    pub fn new(record: Record, revision: Revision) -> Self {
        Self::named(record.key(), record, revision)
    }
    /// The same where the key of the record is known.
    pub fn named(key: Key, record: Record, revision: Revision) -> Self {
        Self { key, position: record.position(), order: record.order().map(Box::new), record, revision }
    }
    /// Its kind.
    pub fn kind(&self) -> Kind {
        self.record.kind()
    }
    /// About how many bytes of memory it takes.
    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>() + self.key.as_str().len() + self.record.bytes()
    }
    /// Whether it stands before another in the default order, or after it.
    pub fn cmp_place(&self, other: &Self) -> std::cmp::Ordering {
        self.position.cmp(&other.position).then_with(|| self.in_order().cmp(other.in_order()))
    }
    /// Its place in the default order: the document's order, then the key.
    pub fn place(&self) -> OrderKey {
        (self.position, self.in_order().clone())
    }
    /// Where it stands from a place.
    pub fn cmp_to(&self, place: &OrderKey) -> std::cmp::Ordering {
        self.position.cmp(&place.0).then_with(|| self.in_order().cmp(&place.1))
    }
    pub(super) fn in_order(&self) -> &Key {
        self.order.as_deref().unwrap_or(&self.key)
    }
}

/// Place in the default order.
pub type OrderKey = (i64, Key);

/// What a commit does to one record.
#[derive(Clone, Debug)]
pub struct Change {
    /// Its kind.
    pub kind: Kind,
    /// Its key.
    pub key: Key,
    /// The record before; none when it is created.
    pub before: Option<Arc<Node>>,
    /// When it is created anew: the revision that deleted the one of that key.
    pub deleted_at: Option<Revision>,
    /// The record after; none when it is deleted.
    pub after: Option<Arc<Node>>,
}

/// What a change costs that is done or undone, in records looked at.
pub(super) const CHANGE_STEPS: u64 = 50;

impl Change {
    /// About how many bytes of memory the record before takes, or where there was none the one after, with its places in the
    /// indexes.
    pub fn bytes(&self) -> usize {
        /// What a place in the maps and lists takes, with the copies of the way there.
        const PLACES: usize = 300;
        let node = self.before.as_ref().or(self.after.as_ref());
        PLACES + node.map_or(0, |node| node.bytes())
    }
}
