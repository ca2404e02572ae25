//! What is computed of several tables: a register shares it with the one before as long as these are the same, and else makes its own of it
//! and of what changed since.

use std::any::Any;
use std::sync::Arc;

use super::derived::Tables;
use super::trail::Step;
use super::{Register, TableSet};
use crate::model::Kind;

/// What was computed of an earlier state of the tables.
pub struct Earlier<T> {
    /// What it was.
    pub value: Arc<T>,
    /// What happened to the records since, each once.
    pub steps: Vec<(Kind, Step)>,
}

impl Register {
    /// What is computed of these tables: once for each state of them, of an earlier one where it is known what changed since.
    pub fn derived<T: Any + Send + Sync>(
        &self,
        tables: TableSet,
        make: impl FnOnce(&Self, Option<Earlier<T>>) -> T,
    ) -> &Arc<T> {
        struct Own<T>(Arc<T>);
        let own = self.memo(|register| {
            let known = register.derived.of::<T>();
            let earlier =
                known.into_iter().find_map(|(then, value)| Some(Earlier { steps: register.since(&then)?, value }));
            let value = match earlier {
                Some(earlier) if earlier.steps.is_empty() => earlier.value,
                earlier => Arc::new(make(register, earlier)),
            };
            let tables = tables.kinds().into_iter().flatten().map(|kind| (kind, register.stamp(kind))).collect();
            register.derived.keep(register.revision(), tables, Arc::clone(&value));
            Own(value)
        });
        &own.0
    }

    /// What happened to the records of these tables since they were as they were then; none when that is not known any more.
    fn since(&self, then: &Tables) -> Option<Vec<(Kind, Step)>> {
        let mut steps = Vec::new();
        for (kind, stamp) in then.iter().filter(|(kind, stamp)| self.stamp(*kind) != *stamp) {
            self.trail(*kind).back_to(*stamp)?;
            steps.extend(self.trail(*kind).since(*stamp).into_iter().map(|step| (*kind, step)));
        }
        Some(steps)
    }
}
