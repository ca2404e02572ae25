//! Like for like: two figures of each of several rows, set against each other over the rows that have both.
//!
//! A sum of what is known grows when more is known. So sums are never compared with each other: a row that lacks one of its two
//! figures is left out of both sides, and counted as unknown.

use std::sync::Arc;

use crate::analysis::computed::{Computed, Input, MissingCode, Rule};
use crate::analysis::coverage::Coverage;
use crate::analysis::total::{Change, is_absent};
use crate::model::Unit;

/// Two figures of each of several rows: of one year and the next, or of a part and what it is a part of.
#[derive(Clone, Debug)]
pub struct Pairs<'r> {
    both: Vec<[Input<'r>; 2]>,
    /// How the figures of a side come together.
    rule: Rule,
    /// What the rows have, where no row has both.
    coverage: Coverage,
    missing: (MissingCode, String),
}

impl<'r> Pairs<'r> {
    /// The pairs of those rows; `what` says what they are, such as `controls of 2019 and 2020`. Rows where both figures are said not to
    /// apply are none.
    pub fn of(rows: impl IntoIterator<Item = [Input<'r>; 2]>, what: &str) -> Self {
        let rows: Vec<[Input<'r>; 2]> = rows.into_iter().filter(|row| !row.iter().all(Input::does_not_apply)).collect();
        let nothing = rows.iter().flatten().all(is_absent);
        let all = rows.len();
        let both: Vec<_> = rows.into_iter().filter(|row| row.iter().all(|input| input.value().is_some())).collect();
        let missing = if nothing {
            (MissingCode::NoInput, format!("the register has no {what}"))
        } else {
            (MissingCode::InputMissing, format!("none of {all} rows has both: {what}"))
        };
        Self { coverage: Coverage { known: both.len(), unknown: all - both.len() }, both, rule: Rule::Sum, missing }
    }

    /// The same pairs, of which each side is the mean and not the sum.
    pub fn averaged(self) -> Self {
        Self { rule: Rule::Average, ..self }
    }

    /// How much the first figures became when they turned into the second.
    pub fn change(&self, unit: Unit) -> Change<'r> {
        Change {
            absolute: self.compute(["from", "to"], Rule::Change, unit, unit),
            relative: self.compute(["from", "to"], Rule::ChangeRelative, unit, Unit::Ratio),
        }
    }

    /// What a rule makes of the two sums, by their names in its formula; `units` are those of the figures, in their order.
    pub fn figure(&self, names: [&'static str; 2], rule: Rule, units: [Unit; 2], unit: Unit) -> Computed<'r> {
        if self.both.is_empty() {
            return Computed::missing(rule, unit, Vec::new(), self.missing.0, self.missing.1.as_str())
                .covering(self.coverage);
        }
        let sum = |side: usize| {
            let parts = self.both.iter().map(|row| Input { name: "part", ..row[side].clone() }).collect();
            Input::computed(names[side], Arc::new(Computed::in_one_unit(self.rule, units[side], parts)))
        };
        let inputs = vec![sum(0), sum(1)];
        let figure = match rule {
            Rule::Change => Computed::in_units_alike(rule, unit, inputs),
            Rule::ChangeRelative => Computed::relative_change_alike(inputs),
            _ => Computed::new(rule, unit, inputs),
        };
        figure.covering(self.coverage)
    }

    fn compute(&self, names: [&'static str; 2], rule: Rule, of: Unit, unit: Unit) -> Computed<'r> {
        self.figure(names, rule, [of, of], unit)
    }
}
