//! Which plan a report is about, and what stands below it.

use crate::analysis::budget::{Line, LineShare};
use crate::analysis::trend::{Point, Trend, observations, trend};
use crate::analysis::walk::{self, RecordRef};
use crate::model::{BudgetLine, Date, Indicator, Measure, Period, Plan};
use crate::register::{Node, Register};

/// The plans that look back on a year, or else those that plan it.
pub fn plans_of(register: &Register, year: i32) -> Vec<RecordRef<'_, Plan>> {
    let of = |fits: &dyn Fn(&Plan) -> bool| walk::all::<Plan>(register).filter(|(_, it)| fits(it)).collect::<Vec<_>>();
    let evaluating = of(&|plan| plan.evaluated_year == Some(year));
    if evaluating.is_empty() { of(&|plan| plan.year == year) } else { evaluating }
}

/// The year that a plan reports on: the one that it looks back on, or else the one that it plans.
pub fn year_of(plan: &Plan) -> i32 {
    plan.evaluated_year.unwrap_or(plan.year)
}

/// The lines of a plan that stand under no goal, chapter or policy field, such as its own pay and working costs.
pub fn lines_without_goal<'r>(register: &'r Register, plan: &Node) -> Vec<Line<'r>> {
    let lines = walk::sources::<BudgetLine, Plan>(register, &plan.key).into_iter();
    lines.filter(|(_, line)| line.homes() == 0).map(|line| Line { line, share: LineShare::Own }).collect()
}

/// An indicator as it stands at the end of a year.
#[derive(Clone, Debug)]
pub struct Standing<'r> {
    /// The indicator.
    pub indicator: RecordRef<'r, Indicator>,
    /// Its value of the year: of the longest period that ends in it; or else its last value before; none when there is none.
    pub last: Option<Point<'r>>,
    /// How it changed since the same part of the year before, or else since the period before.
    pub trend: Trend<'r>,
}

/// The indicators of a measure as they stand at the end of a year, in the order of its fact table.
pub fn indicators<'r>(register: &'r Register, measure: &Node, year: i32) -> Vec<Standing<'r>> {
    let indicators = walk::sources::<Indicator, Measure>(register, &measure.key).into_iter();
    indicators
        .map(|indicator| {
            let month = walk::first_month(register, indicator.0);
            let mut points = observations(register, &indicator.0.key);
            points.retain(|point| point.period.year_counted(month) <= year);
            let own: Vec<Point<'r>> = points.iter().filter(|point| !point.of_earlier).copied().collect();
            let last = of_year(&own, year, month).or_else(|| own.last().copied());
            let before = last.and_then(|last| a_year_before(&points, &last));
            let to = last.map(|last| last.period);
            let trend = trend(&points, before.map(|before| before.period), to);
            Standing { indicator, last, trend }
        })
        .collect()
}

/// The value of the year itself: of the longest period that ends in it, the latest of those. A quarter is not the year.
fn of_year<'r>(points: &[Point<'r>], year: i32, first_month: i32) -> Option<Point<'r>> {
    let of_year = points.iter().filter(|point| point.period.year_counted(first_month) == year);
    of_year.max_by_key(|point| (months(point.period).min(12), point.period.end())).copied()
}

/// The value of the same part of the year before: of a quarter the same quarter, not the one before it.
fn a_year_before<'r>(points: &[Point<'r>], to: &Point<'r>) -> Option<Point<'r>> {
    let (start, end) = (to.period.start(), to.period.end());
    let same = |point: &&Point<'r>| {
        let (from, until) = (point.period.start(), point.period.end());
        let earlier = |now: Date, then: Date| (now.year() - 1, now.month()) == (then.year(), then.month());
        point.period.kind() == to.period.kind() && earlier(start, from) && earlier(end, until)
    };
    points.iter().find(same).copied()
}

/// How many months a period has, counting those that it begins.
fn months(period: &Period) -> i32 {
    let (start, end) = (period.start(), period.end());
    (end.year() - start.year()) * 12 + end.month() - start.month() + 1
}

#[cfg(test)]
mod tests;
