//! The records of an export, one after the other: a register of any size is walked through piece by piece.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::model::Kind;
use crate::register::{Node, OrderKey, Register};
use crate::work;

/// How many records are looked up at a time.
const BATCH: usize = 256;

/// Records in order.
#[derive(Clone)]
pub enum Rows {
    /// All of these kinds.
    All {
        /// Where they are.
        register: Arc<Register>,
        /// The kinds that are not done, the current one first.
        kinds: VecDeque<Kind>,
        /// The place of the last record that was looked up.
        after: Option<OrderKey>,
        /// What was looked up and not given yet.
        batch: VecDeque<Arc<Node>>,
    },
    /// These, from that one on.
    Listed(Arc<[Arc<Node>]>, usize),
}

impl Rows {
    /// All records of these kinds, kind by kind.
    pub fn all(register: Arc<Register>, kinds: &[Kind]) -> Self {
        Self::All { register, kinds: kinds.iter().copied().collect(), after: None, batch: VecDeque::new() }
    }

    /// These records.
    pub fn listed(nodes: Arc<[Arc<Node>]>) -> Self {
        Self::Listed(nodes, 0)
    }
}

/// What it costs to write a record into a file, in records looked at.
const ROW_STEPS: u64 = 100;

impl Iterator for Rows {
    type Item = Arc<Node>;

    fn next(&mut self) -> Option<Arc<Node>> {
        work::step(ROW_STEPS);
        match self {
            Self::Listed(nodes, next) => {
                *next += 1;
                nodes.get(*next - 1).cloned()
            }
            Self::All { register, kinds, after, batch } => loop {
                if let Some(node) = batch.pop_front() {
                    return Some(node);
                }
                let kind = *kinds.front()?;
                batch.extend(register.between(kind, after.take(), None).take(BATCH).cloned());
                match batch.back() {
                    Some(last) => *after = Some(last.place()),
                    None => drop(kinds.pop_front()),
                }
            },
        }
    }
}
