//! What a rule finds about a record.

use std::sync::Arc;

use super::compare::Gap;
use super::rule::{DiscrepancyRule, Severity};
use crate::analysis::computed::Computed;
use crate::model::{Figure, FigureStatus, Key, Kind};
use crate::register::relation::Relation;
use crate::register::{Node, Register};
use crate::work;

/// What a rule finds about a record.
#[derive(Clone, Debug)]
pub struct Finding<'r> {
    /// The rule.
    pub rule: DiscrepancyRule,
    /// The record that states the figure.
    pub node: &'r Node,
    /// Which of its figures.
    pub field: &'static str,
    /// The figure stated.
    pub stated: &'r Figure,
    /// What the others give.
    pub found: Counterpart<'r>,
    /// How the two differ.
    pub gap: Option<Gap>,
    /// How much it misleads.
    pub severity: Severity,
    /// What is the matter.
    pub explanation: String,
}

/// What stands against a stated figure.
#[derive(Clone, Debug)]
pub enum Counterpart<'r> {
    /// Nothing: what is stated cannot be.
    Nothing,
    /// A figure printed in another place: the record, and the name of its figure.
    Printed(&'r Node, &'static str, &'r Figure),
    /// A figure computed from others.
    Computed(Computed<'r>),
}

impl Counterpart<'_> {
    /// The figure that it comes to, if any.
    pub(super) fn figure(&self) -> Option<Figure> {
        match self {
            Self::Nothing => None,
            Self::Printed(_, _, figure) => Some((*figure).clone()),
            Self::Computed(computed) => {
                let value = computed.value.as_ref().ok().copied();
                let status = if value.is_some() { FigureStatus::Computed } else { FigureStatus::NotComputable };
                Some(Figure { value, status, unit: computed.unit, printed: None, unit_code: None })
            }
        }
    }
}

/// The records of a kind whose field of that name leads to the record of that key.
pub(super) fn related<'r>(register: &'r Register, source: Kind, field: &str, key: &Key) -> &'r [Arc<Node>] {
    let relation = Relation::of(source).find(|relation| relation.name == field);
    let nodes = register.sources(relation.expect("the rules name relations of the model"), key);
    work::step(nodes.len() as u64);
    nodes
}
