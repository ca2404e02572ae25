//! How far budgets were used, line by line and year by year.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use crate::analysis::askable::made::{Counts, Making, Numbers, known, reached, reasons, why};
use crate::analysis::budget::{self, Asked, Budget, Line, LineShare};
use crate::analysis::computed::MissingCode;
use crate::analysis::line;
use crate::analysis::tables::BUDGETS;
use crate::analysis::walk::{self, RecordRef};
use crate::model::budget::Direction;
use crate::model::macros::composite;
use crate::model::{BudgetAmount, BudgetLine, Key, Link, OperationalGoal, Plan, Unit};
use crate::register::{Node, Register};

composite! {
    /// How far the budget of a line was used in a year.
    BudgetExecution {
        /// Key of the line and the year.
        key: Key,
        /// Key of the line.
        budget_line_key: Link<BudgetLine>,
        /// Key of the plan whose budget it is.
        plan_key: Link<Plan>,
        /// Key of the operational goal under whose heading it stands; null for apparatus and provisions.
        operational_goal_key: Option<Link<OperationalGoal>>,
        /// The budget year.
        year: i32,
        /// Expenditure or revenue.
        direction: Direction,
        /// Commitment appropriations, of the print of the budget that `budget` takes by itself; null when that is not known.
        vak_budgeted: Option<Decimal>,
        /// Commitments made; null when that is not known.
        vak_realised: Option<Decimal>,
        /// The share of the commitment appropriations that was used, as a ratio; null when it cannot be computed.
        vak_execution: Option<Decimal>,
        /// How the commitments changed since the year before, as a ratio; null when it cannot be computed.
        vak_change: Option<Decimal>,
        /// Payment appropriations, of the same print; null when that is not known.
        vek_budgeted: Option<Decimal>,
        /// Payments made; null when that is not known.
        vek_realised: Option<Decimal>,
        /// The share of the payment appropriations that was used, as a ratio; null when it cannot be computed.
        vek_execution: Option<Decimal>,
        /// How the payments changed since the year before, as a ratio; null when it cannot be computed.
        vek_change: Option<Decimal>,
        /// Payments as a ratio of commitments; null when it cannot be computed.
        vek_per_vak: Option<Decimal>,
        /// Why the share of the payment appropriations is not known; null when it is.
        missing: Option<MissingCode>,
        /// The same in words, with what it is about.
        reason: Option<String>,
        /// Why amounts, shares and changes are not known, a line for each that is not, with its name before: `vekChange: …`.
        reasons: Vec<String>,
        /// Key of the entry that tells the same money again: that of the line in a later plan which continues this one, in the same year. Groups
        /// that have both count the later one. Null when there is none.
        again_key: Option<Key>,
        /// What the amounts count: euro, or OTHER for another currency.
        unit: Unit,
        /// The code of another currency, such as `CAD`.
        unit_code: Option<String>,
    }
}

/// The numbers that groups tell of.
pub const NUMBERS: Numbers = &[
    ("vakBudgeted", Counts::OWN),
    ("vakRealised", Counts::OWN),
    ("vakExecution", Counts::rate_of(Unit::Ratio, "vakRealised", "vakBudgeted")),
    ("vakChange", Counts::rate(Unit::Ratio)),
    ("vekBudgeted", Counts::OWN),
    ("vekRealised", Counts::OWN),
    ("vekExecution", Counts::rate_of(Unit::Ratio, "vekRealised", "vekBudgeted")),
    ("vekChange", Counts::rate(Unit::Ratio)),
    ("vekPerVak", Counts::rate_of(Unit::Ratio, "vekRealised", "vakRealised")),
];

/// The execution of all budget lines in all years of which they have amounts, in the order of the lines and then of the years.
pub static EXECUTIONS: Making<BudgetLine, BudgetExecution> =
    Making { tables: BUDGETS, make: |register, line, _| of_line(register, line), reached: reached::<BudgetLine> };

/// What is asked of the budget of a line in a year.
pub fn asked<'r>(line: RecordRef<'r, BudgetLine>, year: i32) -> ([Line<'r>; 1], Asked) {
    ([Line { line, share: LineShare::Own }], Asked { year, direction: line.1.direction, against: None })
}

fn of_line(register: &Register, line: RecordRef<'_, BudgetLine>) -> Vec<BudgetExecution> {
    let amounts = walk::sources::<BudgetAmount, BudgetLine>(register, &line.0.key);
    let years: BTreeSet<i32> = amounts.iter().map(|(_, it)| it.year).collect();
    years.into_iter().map(|year| of_year(register, line, year)).collect()
}

/// The entry of the nearest later line that has amounts of the year too.
fn again(register: &Register, line: &Node, year: i32) -> Option<Key> {
    let of_year = |line: &&Node| {
        walk::sources::<BudgetAmount, BudgetLine>(register, &line.key).iter().any(|(_, it)| it.year == year)
    };
    line::later(register, line).into_iter().find(of_year).map(|line| Key::of_parts(&line.key, &[&year]))
}

fn of_year(register: &Register, line: RecordRef<'_, BudgetLine>, year: i32) -> BudgetExecution {
    let (lines, asked) = asked(line, year);
    let Budget { vak, vek, vek_per_vak_realised, currency, .. } = budget::budget(register, &lines, asked);
    let (missing, reason) = why(&vek.execution);
    let (node, line) = line;
    BudgetExecution {
        key: Key::of_parts(&node.key, &[&year]),
        budget_line_key: Link::new(node.key.clone()),
        plan_key: line.plan_key.clone(),
        operational_goal_key: line.operational_goal_key.clone(),
        year,
        direction: line.direction,
        vak_budgeted: known(&vak.budgeted.sum),
        vak_realised: known(&vak.realised.sum),
        vak_execution: known(&vak.execution),
        vak_change: known(&vak.realised_change.relative),
        vek_budgeted: known(&vek.budgeted.sum),
        vek_realised: known(&vek.realised.sum),
        vek_execution: known(&vek.execution),
        vek_change: known(&vek.realised_change.relative),
        vek_per_vak: known(&vek_per_vak_realised),
        missing,
        reason,
        reasons: reasons(&[
            ("vakBudgeted", &vak.budgeted.sum),
            ("vakRealised", &vak.realised.sum),
            ("vakExecution", &vak.execution),
            ("vakChange", &vak.realised_change.relative),
            ("vekBudgeted", &vek.budgeted.sum),
            ("vekRealised", &vek.realised.sum),
            ("vekExecution", &vek.execution),
            ("vekChange", &vek.realised_change.relative),
            ("vekPerVak", &vek_per_vak_realised),
        ]),
        again_key: again(register, node, year),
        unit: vek.realised.sum.unit,
        unit_code: currency,
    }
}
