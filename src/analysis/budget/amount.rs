//! Which of a line's amounts counts: its own or that of its line through the plans, and of several prints the last.

use std::collections::BTreeMap;

use crate::analysis::computed::{Computed, Input};
use crate::analysis::line::{earlier, later};
use crate::analysis::walk::{self, RecordRef};
use crate::model::budget::{BudgetStage, Credit, CreditKind, Phase};
use crate::model::{BudgetAmount, BudgetLine, Key, Plan, Unit};
use crate::register::{Node, Register};

/// Which of a line's amounts.
#[derive(Clone, Copy, Debug)]
pub struct Amount {
    /// The budget year.
    pub year: i32,
    /// Realised or budgeted.
    pub phase: Phase,
    /// Which credit.
    pub credit: Credit,
    /// Which other credit.
    pub kind: Option<CreditKind>,
    /// Of what was budgeted, the print that counts; none for the last one.
    pub against: Option<BudgetStage>,
    /// What the amounts count.
    pub unit: Unit,
}

impl Amount {
    /// The amount of a line: its own, or else that of the line that it continues or that continues it, the nearest one that has it. What
    /// was realised of one plan's budget is printed in the next plan. Of several prints of the budget the one that is asked counts, or else
    /// the last one, wherever on the line it stands.
    pub fn of<'r>(self, register: &'r Register, line: &'r Node) -> Input<'r> {
        match self.found(register, line) {
            Some((_, (node, it))) => Input::recorded("part", node, "figure", &it.figure),
            None => Input::optional("part", line, "amounts", None),
        }
    }

    /// The amount that counts; of what was budgeted with its print.
    fn found<'r>(self, register: &'r Register, line: &'r Node) -> Option<(Option<Print>, RecordRef<'r, BudgetAmount>)> {
        let others = earlier(register, line).into_iter().chain(later(register, line));
        // A blank says nothing beside a print that does.
        type Found<'r> = (bool, Option<Print>, RecordRef<'r, BudgetAmount>);
        let mut found: Option<Found<'r>> = None;
        for of in std::iter::once(line).chain(others) {
            let amounts = walk::sources::<BudgetAmount, BudgetLine>(register, &of.key).into_iter();
            for amount in amounts.filter(|(_, it)| self.fits(it)) {
                // Of what was realised the nearest print counts.
                let print = (self.phase == Phase::Budgeted).then(|| Print::of(register, of, amount.1));
                let says = !amount.1.figure.is_blank();
                if found.is_none_or(|(best_says, best, _)| (says, print) > (best_says, best)) {
                    found = Some((says, print, amount));
                }
            }
        }
        found.map(|(_, print, amount)| (print, amount))
    }

    fn fits(self, it: &BudgetAmount) -> bool {
        let is_it =
            it.year == self.year && it.phase == self.phase && it.credit == self.credit && it.credit_kind == self.kind;
        let is_asked = self.phase != Phase::Budgeted || self.against.is_none() || it.stage == self.against;
        is_it && is_asked && it.adjustment.is_none()
    }

    /// What it is, in words.
    pub fn words(self) -> String {
        let credit = self.kind.map_or(self.credit.word(), CreditKind::word);
        let stage = self.against.filter(|_| self.phase == Phase::Budgeted).map_or(self.phase.word(), BudgetStage::word);
        format!("{credit} of {}, {stage}", self.year)
    }
}

/// A print of a budget, as far as lines are read from it.
#[derive(Clone, Debug)]
pub struct PrintUsed<'r> {
    /// The plan that prints it; none when it is not there.
    pub plan: Option<&'r Node>,
    /// The stage of the budget; none where the plan does not say which it is.
    pub stage: Option<BudgetStage>,
    /// The amounts that are read from it.
    pub amounts: Computed<'r>,
}

/// The prints that an amount of those lines is read from: several, where a later plan tells again of some lines only.
pub fn prints<'r>(register: &'r Register, lines: impl Iterator<Item = &'r Node>, of: Amount) -> Vec<PrintUsed<'r>> {
    type Used<'r> = (Option<&'r Node>, Option<BudgetStage>, Vec<&'r Node>);
    let mut found: BTreeMap<(Option<Print>, Option<&Key>), Used<'r>> = BTreeMap::new();
    for (print, (node, it)) in lines.filter_map(|line| of.found(register, line)) {
        let line = walk::follow::<BudgetLine>(register, &it.budget_line_key);
        let plan = line.and_then(|(_, line)| walk::follow::<Plan>(register, &line.plan_key)).map(|(plan, _)| plan);
        let used = found.entry((print, plan.map(|plan| &plan.key))).or_insert((plan, it.stage, Vec::new()));
        used.2.push(node);
    }
    let used = found.into_values();
    used.map(|(plan, stage, amounts)| PrintUsed { plan, stage, amounts: Computed::count(amounts) }).collect()
}

/// A print of a budget, in the order in which they follow each other: a later plan tells of a later state of the budget. Within a plan
/// what does not say which print it is is the budget itself, and comes after those that do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Print {
    /// The year of the plan that prints it.
    plan: i32,
    /// The stage, from the first on.
    stage: usize,
}

impl Print {
    fn of(register: &Register, line: &Node, amount: &BudgetAmount) -> Self {
        let plan = walk::of::<BudgetLine>(line).and_then(|(_, line)| register.follow(&line.plan_key));
        Self {
            plan: plan.map_or(i32::MIN, |plan| plan.year),
            stage: amount.stage.map_or(usize::MAX, |stage| stage as usize),
        }
    }
}
