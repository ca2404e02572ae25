//! Which plan a report is about, and what stands below it.

use crate::analysis::budget::{Line, LineShare};
use crate::analysis::trend::{Point, Trend, observations, trend};
use crate::analysis::walk::{self, Found};
use crate::model::{BudgetLine, Indicator, Measure, Plan};
use crate::register::{Node, Register};

/// The plans that look back on a year, or else those that plan it.
pub fn plans_of(register: &Register, year: i32) -> Vec<Found<'_, Plan>> {
    let of = |fits: &dyn Fn(&Plan) -> bool| walk::all::<Plan>(register).filter(|(_, it)| fits(it)).collect::<Vec<_>>();
    let evaluating = of(&|plan| plan.evaluated_year == Some(year));
    if evaluating.is_empty() { of(&|plan| plan.year == year) } else { evaluating }
}

/// The year that a plan reports on: the one that it looks back on, or else the one that it plans.
pub fn year_of(plan: &Plan) -> i32 {
    plan.evaluated_year.unwrap_or(plan.year)
}

/// The lines of a plan that stand under no goal, such as its own pay and working costs.
pub fn lines_without_goal<'r>(register: &'r Register, plan: &Node) -> Vec<Line<'r>> {
    let lines = walk::sources::<BudgetLine, Plan>(register, &plan.key).into_iter();
    lines
        .filter(|(_, line)| line.operational_goal_key.is_none())
        .map(|line| Line { line, share: LineShare::Own })
        .collect()
}

/// An indicator as it stands at the end of a year.
#[derive(Clone, Debug)]
pub struct Standing<'r> {
    /// The indicator.
    pub indicator: Found<'r, Indicator>,
    /// Its last value of a period that ends by the end of the year; none when there is none.
    pub last: Option<Point<'r>>,
    /// How it changed since the period before.
    pub trend: Trend<'r>,
}

/// The indicators of a measure as they stand at the end of a year, in the order of its fact table.
pub fn indicators<'r>(register: &'r Register, measure: &Node, year: i32) -> Vec<Standing<'r>> {
    let indicators = walk::sources::<Indicator, Measure>(register, &measure.key).into_iter();
    indicators
        .map(|indicator| {
            let mut points = observations(register, &indicator.0.key);
            points.retain(|point| point.period.end().year() <= year);
            Standing { indicator, last: points.last().copied(), trend: trend(&points, None, None) }
        })
        .collect()
}
