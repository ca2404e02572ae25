//! Sums and changes: figures that come in twos, of all and of what is known, as a difference and as a ratio.

use std::sync::Arc;

use crate::analysis::computed::{Computed, Input, InputKind, MissingCode, Rule};
use crate::model::Unit;

/// A sum: whole when every part is known, and what is known of it.
#[derive(Clone, Debug)]
pub struct Total<'r> {
    /// The sum; it has a value only when every part has one.
    pub sum: Arc<Computed<'r>>,
    /// The sum of the parts that have a value.
    pub known: Arc<Computed<'r>>,
}

impl<'r> Total<'r> {
    /// The sum of parts in one unit; `what` says what they are.
    pub fn of(unit: Unit, parts: Vec<Input<'r>>, what: &str) -> Self {
        if parts.is_empty() {
            return Self::none(unit, format!("the register has no {what}"));
        }
        if parts.iter().all(Input::does_not_apply) {
            return Self::none(unit, format!("{what} does not apply, {} times", parts.len()));
        }
        if parts.iter().all(is_absent) {
            let text = format!("the register has no {what}, {} times", parts.len());
            let missing = |rule, parts| Arc::new(Computed::missing(rule, unit, parts, MissingCode::NoInput, &*text));
            return Self { sum: missing(Rule::Sum, parts.clone()), known: missing(Rule::SumOfKnown, parts) };
        }
        let known = Arc::new(Computed::sum_of_known(unit, parts.clone()));
        Self { sum: Arc::new(Computed::sum(unit, parts)), known }
    }

    /// A sum of nothing.
    pub fn none(unit: Unit, text: impl Into<String>) -> Self {
        let text = text.into();
        let missing = |rule| Arc::new(Computed::missing(rule, unit, Vec::new(), MissingCode::NoInput, text.as_str()));
        Self { sum: missing(Rule::Sum), known: missing(Rule::SumOfKnown) }
    }
}

/// Whether the record of a part has no such figure.
pub fn is_absent(part: &Input<'_>) -> bool {
    matches!(part.of, InputKind::Absent(_))
}

/// A change between two figures.
#[derive(Clone, Debug)]
pub struct Change<'r> {
    /// The difference.
    pub absolute: Computed<'r>,
    /// The relative change.
    pub relative: Computed<'r>,
}
