//! How a table became what it is: the versions before it, and what changed from each to the next. What was made of one of them is
//! carried over to the table as it is, instead of being made anew.

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::Key;
use crate::register::Node;
use crate::register::cache::TableVersion;

/// Things are carried over from so many versions before.
const VERSIONS_MAX: usize = 64;
/// So many changed records of all versions together are remembered.
const STEPS_MAX: usize = 4_096;
/// Bytes of records that are kept alive for it.
pub const TRAIL_BYTES_MAX: usize = 2 << 20;

/// The versions of a table before the one that it is, the latest last.
#[derive(Clone, Default)]
pub struct Trail {
    versions: imbl::Vector<Version>,
    steps: usize,
    bytes: usize,
}

#[derive(Clone)]
struct Version {
    stamp: TableVersion,
    /// What changed from it to the next.
    steps: Arc<[Step]>,
    /// What the records before take.
    bytes: usize,
}

/// What happened to a record.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its key.
    pub key: Key,
    /// The record before, if there was one.
    pub before: Option<Arc<Node>>,
    /// The record after, if there is one.
    pub after: Option<Arc<Node>>,
}

impl Trail {
    /// Goes on from the version of that stamp by these steps.
    pub fn push(&mut self, stamp: TableVersion, steps: Vec<Step>) {
        if steps.len() > STEPS_MAX {
            *self = Self::default();
            return;
        }
        let bytes = steps.iter().filter_map(|step| step.before.as_ref()).map(|node| node.bytes()).sum();
        self.steps += steps.len();
        self.bytes += bytes;
        self.versions.push_back(Version { stamp, steps: steps.into(), bytes });
        while self.steps > STEPS_MAX || self.bytes > TRAIL_BYTES_MAX {
            let Some(oldest) = self.versions.pop_front() else { return };
            self.steps -= oldest.steps.len();
            self.bytes -= oldest.bytes;
        }
    }

    /// The latest versions that it leads back to, the last one first.
    pub fn stamps(&self) -> impl Iterator<Item = TableVersion> {
        self.versions.iter().rev().take(VERSIONS_MAX).map(|version| version.stamp)
    }

    /// How many versions after that one this trail has; none when it does not lead back there.
    pub fn back_to(&self, stamp: TableVersion) -> Option<usize> {
        // Later versions have later stamps.
        let at = self.versions.binary_search_by_key(&stamp, |version| version.stamp).ok()?;
        Some(self.versions.len() - at)
    }

    /// What changed in all since that version, record by record; nothing when the trail does not lead back there.
    pub fn since(&self, stamp: TableVersion) -> Vec<Step> {
        type Ends<'n> = (Option<&'n Arc<Node>>, Option<&'n Arc<Node>>);
        let mut all: HashMap<&Key, Ends<'_>, foldhash::fast::RandomState> = HashMap::default();
        let versions = self.back_to(stamp).unwrap_or_default();
        for step in self.versions.iter().skip(self.versions.len() - versions).flat_map(|version| version.steps.iter()) {
            let (before, after) = (step.before.as_ref(), step.after.as_ref());
            all.entry(&step.key).and_modify(|known| known.1 = after).or_insert((before, after));
        }
        let steps = all.into_iter().map(|(key, (before, after))| Step {
            key: key.clone(),
            before: before.cloned(),
            after: after.cloned(),
        });
        let same = |step: &Step| match (&step.before, &step.after) {
            (None, None) => true,
            (Some(before), Some(after)) => Arc::ptr_eq(before, after),
            _ => false,
        };
        steps.filter(|step| !same(step)).collect()
    }
}
