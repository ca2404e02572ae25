//! The words of a register: the index of its texts, made when it is first asked for.
//!
//! It comes from the index of an earlier register, when there is one, and the keys that changed since. So a commit only notes
//! keys, and only where somebody searches.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::model::{Key, Kind};
use crate::register::{Change, Node};
use crate::search::{Index, fields};
use crate::work;

/// More changes than this, and than a quarter of what is there, are not made up for: the index is made anew.
const CHANGES_MAX: usize = 256;
/// What it costs to read the words of a record, in records looked at.
const RECORD_STEPS: u64 = 500;

/// The index of a register, or what it will be made of.
#[derive(Default)]
pub struct Words {
    index: OnceLock<Index>,
    earlier: Mutex<Option<Earlier>>,
}

/// The index of an earlier register, and which records may differ since.
#[derive(Clone)]
struct Earlier {
    index: Index,
    changed: imbl::Vector<(Kind, Key)>,
}

impl Words {
    /// What the register has that differs from this one's by these changes.
    pub fn after(&self, changes: &[Change]) -> Self {
        let earlier = match self.index.get() {
            Some(index) => Some(Earlier { index: index.clone(), changed: imbl::Vector::new() }),
            None => self.earlier.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        };
        let Some(mut earlier) = earlier else { return Self::default() };
        let searched = changes.iter().filter(|change| fields::is_searched(change.kind));
        for change in searched {
            if earlier.changed.len() >= CHANGES_MAX.max(earlier.index.len() / 4) {
                return Self::default();
            }
            earlier.changed.push_back((change.kind, change.key.clone()));
        }
        Self { index: OnceLock::new(), earlier: Mutex::new(Some(earlier)) }
    }

    /// The index of the register whose words these are: `record` gives one of its records, `all` those of a kind.
    pub fn of<'r, I: Iterator<Item = &'r Arc<Node>>>(
        &self,
        record: impl Fn(Kind, &Key) -> Option<&'r Arc<Node>>,
        all: impl Fn(Kind) -> I,
    ) -> &Index {
        if self.index.get().is_none() {
            work::long();
        }
        let mut made = false;
        let index = self.index.get_or_init(|| {
            made = true;
            let earlier = self.earlier.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let Some(Earlier { mut index, changed }) = earlier else { return anew(all) };
            for (kind, key) in changed {
                work::step(RECORD_STEPS);
                match record(kind, &key) {
                    Some(node) => index.put(&key, &node.record),
                    None => index.remove(kind, &key),
                }
            }
            index
        });
        if made {
            *self.earlier.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
        index
    }
}

fn anew<'r, I: Iterator<Item = &'r Arc<Node>>>(all: impl Fn(Kind) -> I) -> Index {
    let mut index = Index::default();
    for kind in Kind::ALL.iter().filter(|kind| fields::is_searched(**kind)) {
        for node in all(*kind) {
            work::step(RECORD_STEPS);
            index.put(&node.key, &node.record);
        }
    }
    index
}
