//! Which plan a report is about, what stands below it, and how indicators stand at the end of a year.

use crate::analysis::budget::{Line, LineShare};
use crate::analysis::trend::{Point, Trend, observations, trend};
use crate::analysis::walk::{self, RecordRef};
use crate::analysis::year::{Year, of_printed};
use crate::model::indicator::Aggregation;
use crate::model::vocabulary::vocabulary;
use crate::model::{BudgetLine, Indicator, Measure, Period, Plan};
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

vocabulary! {
    /// Of what the value of an indicator is that stands on a scoreboard.
    StandingBasis {
        /// A period as long as a year, as it was printed or reported. What its parts come to stands beside it (`computed`).
        Year = "YEAR",
        /// The year, computed of its parts as the indicator says (`aggregation`: SUM or AVERAGE).
        Aggregated = "AGGREGATED",
        /// The last value of the year, of what is a stock (`aggregation`: LAST).
        Last = "LAST",
        /// The last of the longest periods of the year, and not the year: the indicator does not say how its values come together
        /// (`aggregation` is null), or that they do not (NONE).
        Period = "PERIOD",
    }
}

/// An indicator as it stands at the end of a year.
#[derive(Clone, Debug)]
pub struct Standing<'r> {
    /// The indicator.
    pub indicator: RecordRef<'r, Indicator>,
    /// Of what its value is; none when there is none.
    pub basis: Option<StandingBasis>,
    /// The recorded value, where it is one.
    pub last: Option<Point<'r>>,
    /// What the parts of the year come to, where the indicator says that they come together.
    pub year: Option<Year<'r>>,
    /// How it changed since the year before, or since the same part of it.
    pub trend: Trend<'r>,
}

impl Standing<'_> {
    /// The period of its value.
    pub fn period(&self) -> Option<Period> {
        let computed = || self.year.as_ref().map(|year| year.period);
        self.last.map(|last| *last.period).or_else(computed)
    }
}

/// The indicators of a measure as they stand at the end of a year, in the order of its fact table.
pub fn indicators<'r>(register: &'r Register, measure: &Node, year: i32) -> Vec<Standing<'r>> {
    let indicators = walk::sources::<Indicator, Measure>(register, &measure.key).into_iter();
    indicators.map(|indicator| standing(register, indicator, year)).collect()
}

/// An indicator at the end of a year, or of the last one before of which it has a value itself.
fn standing<'r>(register: &'r Register, indicator: RecordRef<'r, Indicator>, year: i32) -> Standing<'r> {
    let month = walk::first_month(register, indicator.0);
    let mut points = observations(register, &indicator.0.key);
    points.retain(|point| point.period.year_counted(month) <= year);
    let own: Vec<Point<'r>> = points.iter().filter(|point| !point.of_earlier).copied().collect();
    let Some(year) = own.iter().map(|point| point.period.year_counted(month)).max() else {
        return Standing { indicator, basis: None, last: None, year: None, trend: trend(&points, None, None) };
    };
    let own: Vec<Point<'r>> = own.into_iter().filter(|point| point.period.year_counted(month) == year).collect();
    let last = match indicator.1.aggregation {
        Some(Aggregation::Last) => own.iter().max_by_key(|point| (point.period.end(), months(point))),
        _ => own.iter().max_by_key(|point| (months(point), point.period.end())),
    };
    let whole = last.filter(|last| months(last) == 12);
    let parts = Year::of(&points, indicator, year, month);
    let (basis, last, trend) = match (whole, &parts) {
        (None, Some(parts)) => (StandingBasis::Aggregated, None, parts.trend(&points, month)),
        (Some(whole), _) => (StandingBasis::Year, Some(*whole), of_printed(&points, indicator, whole, month)),
        (None, None) => {
            let is_stock = indicator.1.aggregation == Some(Aggregation::Last);
            let basis = if is_stock { StandingBasis::Last } else { StandingBasis::Period };
            (basis, last.copied(), trend(&points, None, last.map(|last| last.period)))
        }
    };
    Standing { indicator, basis: Some(basis), last, year: parts, trend }
}

/// How many months a period has; of longer ones a year.
fn months(point: &Point<'_>) -> i32 {
    point.period.months().unwrap_or(1).min(12)
}

#[cfg(test)]
mod tests;
