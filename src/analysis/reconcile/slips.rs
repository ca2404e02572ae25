//! One slip, one finding: what follows from a discrepancy that is told already is its consequence.
//!
//! Two findings tell of one slip when they are about the same printed cell, or about what the share in it leaves; when they state the same
//! value against the same records; when both compare sums of the same records in which the same places are blank; or when they stand in the
//! same phrase and have nothing to be compared with. The first of them, in the order of the rules and records, is the slip.

use std::collections::{BTreeSet, HashMap};

use rust_decimal::Decimal;

use crate::analysis::computed::{Computed, InputKind, Rule};
use crate::analysis::reconcile::{Counterpart, Finding};
use crate::model::{Figure, Key, Kind, Unit};

/// What identifies a slip.
#[derive(PartialEq, Eq, Hash)]
enum SlipIdentity {
    /// The cell that states the figure, which another finding may find printed a second time.
    Cell(*const Figure),
    /// The figure of a record.
    Field(Kind, Key, &'static str),
    /// A value stated against records.
    Stated(Vec<(Kind, Key)>, Unit, Decimal),
    /// Records with blanks among them.
    Blanks(Vec<(Kind, Key)>),
    /// A phrase of a section.
    Phrase(Option<String>, String),
}

/// The slips told so far, by what identifies them.
#[derive(Default)]
pub struct Slips(HashMap<SlipIdentity, Key>);

impl Slips {
    /// The key of the discrepancy that a finding follows from; none when it is told for the first time, under this key.
    pub fn told(&mut self, finding: &Finding<'_>, key: &Key) -> Option<Key> {
        let marks = marks(finding);
        let first = marks.iter().find_map(|mark| self.0.get(mark)).cloned();
        let slip = first.as_ref().unwrap_or(key);
        for mark in marks {
            self.0.entry(mark).or_insert_with(|| slip.clone());
        }
        first
    }
}

fn marks(finding: &Finding<'_>) -> Vec<SlipIdentity> {
    let node = finding.node;
    let mut marks = vec![
        SlipIdentity::Field(node.kind(), node.key.clone(), finding.field),
        SlipIdentity::Cell(std::ptr::from_ref(finding.stated)),
    ];
    match &finding.found {
        Counterpart::Printed(figure) => marks.push(SlipIdentity::Cell(std::ptr::from_ref(*figure))),
        Counterpart::Computed(computed) => {
            let mut from = BTreeSet::new();
            sources(computed, &mut from);
            let from: Vec<(Kind, Key)> = from.into_iter().collect();
            if computed.coverage.unknown > 0 {
                marks.push(SlipIdentity::Blanks(from.clone()));
            }
            if computed.rule == Rule::Remainder
                && let Some(InputKind::Recorded(_, share)) = computed.inputs.first().map(|input| &input.of)
            {
                marks.push(SlipIdentity::Cell(std::ptr::from_ref(*share)));
            }
            if let Some(value) = finding.stated.value {
                marks.push(SlipIdentity::Stated(from, finding.stated.unit, value.normalize()));
            }
        }
        Counterpart::Nothing => {
            let printed = finding.stated.printed.as_ref();
            if let Some((section, text)) = printed.and_then(|it| Some((it.section.clone(), it.text.clone()?))) {
                let claimed = (node.kind() == Kind::Claim).then_some(SlipIdentity::Phrase(section, text));
                marks.extend(claimed);
            }
        }
    }
    marks
}

/// The records that a figure was computed from, down to the last.
fn sources(computed: &Computed<'_>, found: &mut BTreeSet<(Kind, Key)>) {
    for input in &computed.inputs {
        if let InputKind::Computed(inner) = &input.of {
            sources(inner, found);
        } else if let Some(node) = input.node {
            found.insert((node.kind(), node.key.clone()));
        }
    }
}
