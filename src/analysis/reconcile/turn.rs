//! The turn of a year: what was open before it, with what was committed since, less what was paid, is what is open then.

use crate::analysis::budget;
use crate::analysis::computed::{Computed, Input, Rule};
use crate::analysis::reconcile::{Counterpart, DiscrepancyRule, Finding, Severity, compare, words};
use crate::model::budget::{Credit, CreditKind, Phase};
use crate::model::{AsRecord as _, BudgetAmount, Figure, Kind};
use crate::register::{Node, Register};

/// Open commitments at the end of a year follow from those at the end of the year before.
pub fn open_commitments<'r>(register: &'r Register, node: &'r Node, found: &mut Vec<Finding<'r>>) {
    let Some(closing) = BudgetAmount::of(&node.record) else { return };
    // What was to be open is a plan, and contradicts nothing.
    let is_open = closing.credit_kind == Some(CreditKind::OpenCommitments) && closing.phase == Phase::Realised;
    if !is_open || closing.adjustment.is_some() {
        return;
    }
    let Some(line) = register.get(Kind::BudgetLine, closing.budget_line_key.key()) else { return };
    let unit = closing.figure.unit;
    let part =
        |name, year, credit, kind| Input { name, ..budget::realised(register, line, year, (credit, kind), unit) };
    let inputs = vec![
        part("opening", closing.year.saturating_sub(1), Credit::Other, closing.credit_kind),
        part("vak", closing.year, Credit::Vak, None),
        part("vek", closing.year, Credit::Vek, None),
    ];
    let figures: Vec<&Figure> = inputs.iter().filter_map(Input::figure).collect();
    let digits: Vec<_> = figures.into_iter().map(compare::digit).collect();
    let computed = Computed::in_one_unit(Rule::OpenCommitments, unit, inputs);
    let Ok(value) = computed.value else { return };
    let Some(gap) = compare::cut_off(&closing.figure, value, digits.into_iter()) else { return };
    found.push(Finding {
        rule: DiscrepancyRule::TurnOfYear,
        node,
        field: "figure",
        stated: &closing.figure,
        found: Counterpart::Computed(computed),
        gap: Some(gap),
        severity: Severity::of(&gap),
        explanation: format!(
            "{}: {} is open at the end of {}, but what was open a year before, and was committed and paid since, gives {}.",
            words::subject(register, node),
            words::figure(&closing.figure),
            closing.year,
            words::number(value, unit),
        ),
    });
}
