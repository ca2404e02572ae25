//! Nodes in the order in which a table holds them.

use std::ops::Bound;
use std::sync::Arc;

use crate::model::Key;
use crate::register::{Node, OrderKey};

/// A node in the order of its place, or a place to look for. One pointer a node: a new register copies little.
#[derive(Clone)]
pub enum Placed {
    /// A node.
    Node(Arc<Node>),
    /// A place to look for.
    Probe(Arc<OrderKey>),
}

impl Placed {
    fn place(&self) -> (i64, &Key) {
        match self {
            Self::Node(node) => (node.position, node.in_order()),
            Self::Probe(place) => (place.0, &place.1),
        }
    }
    /// Sees, in builds with debug assertions, that what stood at the place of a node was that record: another would be lost.
    pub fn check_own(stood_there: Option<Self>, node: &Node) {
        let is_own = stood_there.is_none_or(|other| other.node().key == node.key);
        debug_assert!(is_own, "`{}` and another record have one place in the order", node.key);
    }
    /// The node.
    pub fn node(&self) -> &Arc<Node> {
        match self {
            Self::Node(node) => node,
            Self::Probe(_) => unreachable!("only nodes are put into tables"),
        }
    }
}

impl Ord for Placed {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.place().cmp(&other.place())
    }
}
impl PartialOrd for Placed {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Placed {
    fn eq(&self, other: &Self) -> bool {
        self.place() == other.place()
    }
}
impl Eq for Placed {}

/// What stands strictly between two places.
pub fn between(after: Option<OrderKey>, before: Option<OrderKey>) -> (Bound<Placed>, Bound<Placed>) {
    let empty = matches!((&after, &before), (Some(after), Some(before)) if after >= before);
    let probe = |place| Placed::Probe(Arc::new(place));
    if empty {
        // An empty range that the set accepts: it refuses one that ends before it begins.
        let place = probe(after.expect("an empty range has both ends"));
        return (Bound::Included(place.clone()), Bound::Excluded(place));
    }
    let bound = |at: Option<OrderKey>| at.map_or(Bound::Unbounded, |at| Bound::Excluded(probe(at)));
    (bound(after), bound(before))
}

/// Puts a node into a list in the default order; most come in order.
pub fn insert(list: &mut Vec<Arc<Node>>, node: &Arc<Node>) {
    if list.last().is_none_or(|last| last.cmp_place(node).is_lt()) {
        list.push(Arc::clone(node));
    } else if let Err(at) = list.binary_search_by(|other| other.cmp_place(node)) {
        list.insert(at, Arc::clone(node));
    }
}
