//! How far norms are attained, one by one and rolled up.
//!
//! There are two readings of one result, because a document that rounds counts otherwise than its own values do: 99.6% of 100% is
//! printed as a ratio of 100% and counted as met.

use std::sync::Arc;

use rust_decimal::{Decimal, RoundingStrategy};

use crate::analysis::computed::{Computed, Input, Rule};
use crate::analysis::coverage::Coverage;
use crate::analysis::trend::{Point, Trend, between, results};
use crate::analysis::walk;
use crate::model::exact;
use crate::model::figure::{Figure, Unit};
use crate::model::macros::vocabulary;
use crate::model::norm::{NormBasis, ResultSource};
use crate::model::{Measure, Norm, NormResult, Period};
use crate::register::{Node, Register};

vocabulary! {
    /// How far a norm is attained, by the ratio of result to target.
    AttainmentLevel {
        /// 100% of the target or more.
        Met = "MET",
        /// 90% of the target or more.
        NearlyMet = "NEARLY_MET",
        /// 80% of the target or more.
        PartlyMet = "PARTLY_MET",
        /// Less than 80% of the target.
        Missed = "MISSED",
    }
}

vocabulary! {
    /// By which numbers it is judged whether a norm is met and how it changed.
    AttainmentReading {
        /// As the document counts: by the ratio and the change that stand beside the result in its own table. Where that table has no such column, by its own numbers, the ratio rounded to whole percents and the change to tenths of a percentage point. What is blank or said not to apply is unknown; no other table stands in. So 99.6% of 100% counts as met.
        Printed = "PRINTED",
        /// By the results and targets themselves. So 99.6% of 100% is not met.
        Strict = "STRICT",
    }
}

vocabulary! {
    /// How the result of a norm changed since the period before.
    NormChange {
        /// It is higher.
        Improved = "IMPROVED",
        /// It is the same.
        Unchanged = "UNCHANGED",
        /// It is lower.
        Declined = "DECLINED",
    }
}

impl AttainmentLevel {
    /// The level of a ratio.
    fn of(ratio: Decimal) -> Self {
        match ratio {
            _ if ratio >= Decimal::ONE => Self::Met,
            _ if ratio >= Decimal::new(9, 1) => Self::NearlyMet,
            _ if ratio >= Decimal::new(8, 1) => Self::PartlyMet,
            _ => Self::Missed,
        }
    }
}

/// How far a norm is attained in a period.
#[derive(Clone, Debug)]
pub struct Attainment<'r> {
    /// The norm.
    pub norm: walk::Found<'r, Norm>,
    /// The result; none when the register has none for the period.
    pub result: Option<Point<'r>>,
    /// The ratio of result to target.
    pub ratio: Arc<Computed<'r>>,
    /// That ratio as printed beside the result, if it is.
    pub printed_ratio: Option<&'r Figure>,
    /// Whether the printed ratio can be the computed one, all rounded as they are printed.
    pub agrees: Option<bool>,
    /// The change since the period before.
    pub trend: Trend<'r>,
}

/// The attainment of a norm: in a period, or else in the last one that ends by the end of the year, or else in the last one. The
/// result comes from the table that is named; without one, from the overview, or else from the fact table.
pub fn attainment<'r>(
    register: &'r Register,
    norm: walk::Found<'r, Norm>,
    period: Option<&Period>,
    year: Option<i32>,
    table: Option<ResultSource>,
) -> Attainment<'r> {
    let points = results(register, &norm.0.key, table);
    let month = walk::first_month(register, &norm.1.measure_key);
    let fits = |point: &&Point<'r>| {
        let by_year = year.is_none_or(|year| point.period.year_counted(month) <= year);
        let in_table = table.is_none_or(|table| source(point) == Some(table));
        let of_period = period.map_or(!point.of_earlier, |period| point.period.is_same_span(period));
        by_year && in_table && of_period
    };
    let result = points.iter().rev().find(fits).copied();
    let before = result.and_then(|result| points.iter().rev().find(|point| point.period < result.period).copied());
    let ratio = ratio(norm, result);
    let printed_ratio =
        result.and_then(|point| walk::of::<NormResult>(point.node)).and_then(|(_, it)| it.ratio.as_ref());
    let agrees = printed_ratio.and_then(|printed| ratio.agrees(printed));
    Attainment { norm, result, ratio: Arc::new(ratio), printed_ratio, agrees, trend: between(before, result) }
}

fn source(point: &Point<'_>) -> Option<ResultSource> {
    walk::of::<NormResult>(point.node).map(|(_, result)| result.source)
}

fn ratio<'r>(norm: walk::Found<'r, Norm>, result: Option<Point<'r>>) -> Computed<'r> {
    let result = result.map(|point| Input::recorded("result", point.node, "figure", point.figure));
    let target = Input::optional("target", norm.0, "target", norm.1.target.as_ref());
    Computed::in_one_unit(Rule::RatioToTarget, Unit::Ratio, result.into_iter().chain([target]).collect())
}

impl<'r> Attainment<'r> {
    /// How far the norm is attained; none when there is no ratio, and then the ratio says why.
    pub fn level(&self, reading: AttainmentReading) -> Option<AttainmentLevel> {
        let ratio = match (reading, self.printed_ratio) {
            (AttainmentReading::Printed, Some(printed)) => printed.value?,
            (AttainmentReading::Printed, None) => whole_percent(self.ratio.value.as_ref().ok().copied()?),
            (AttainmentReading::Strict, _) => return self.strict(self.result),
        };
        Some(AttainmentLevel::of(ratio))
    }

    /// By multiplication, so that no quotient's rounding decides.
    fn strict(&self, result: Option<Point<'r>>) -> Option<AttainmentLevel> {
        let target = self.norm.1.target.as_ref()?;
        let result = result?.figure;
        let (result, target) = (result.value?, target.value.filter(|_| target.unit == result.unit)?);
        let least = |tenths| exact::mul(target, Decimal::new(tenths, 1));
        (!target.is_zero()).then_some(match result {
            _ if result >= target => AttainmentLevel::Met,
            _ if result >= least(9)? => AttainmentLevel::NearlyMet,
            _ if result >= least(8)? => AttainmentLevel::PartlyMet,
            _ => AttainmentLevel::Missed,
        })
    }

    /// How far it was attained in the period before, against the same target. As printed, that is told by the result's own table: by an
    /// earlier result there, or else by the change printed beside it.
    pub fn level_before(&self, reading: AttainmentReading) -> Option<AttainmentLevel> {
        if reading == AttainmentReading::Strict {
            return self.strict(self.trend.from);
        }
        let own = self.own_before().map(|point| point.figure.value).unwrap_or_else(|| {
            let printed = self.trend.printed.filter(|change| change.unit == Unit::RatioPoints);
            exact::sub(self.result?.figure.value?, printed?.value?)
        })?;
        let target = self.norm.1.target.as_ref().filter(|target| target.unit == Unit::Ratio)?.value?;
        own.checked_div(target).map(whole_percent).map(AttainmentLevel::of)
    }

    /// The result of the period before, where the same table prints it.
    fn own_before(&self) -> Option<Point<'r>> {
        let table = source(&self.result?);
        self.trend.from.filter(|point| source(point) == table && !point.of_earlier)
    }

    /// Whether the result comes from no table, but from a system: then nothing printed stands beside it, and values themselves count.
    fn is_printed_nowhere(&self) -> bool {
        self.result.is_some_and(|result| result.figure.printed.is_none())
    }

    /// How the result changed; none when there is nothing to compare, and then the trend says why.
    pub fn change(&self, reading: AttainmentReading) -> Option<NormChange> {
        let computed = || self.trend.absolute.value.as_ref().ok().copied();
        let change = match (reading, self.trend.printed) {
            (AttainmentReading::Printed, Some(printed)) => printed.value?,
            (AttainmentReading::Printed, None) => {
                let before =
                    self.own_before().or(self.trend.from.filter(|point| point.of_earlier && self.is_printed_nowhere()));
                before.and_then(|_| computed())?.round_dp(3)
            }
            (AttainmentReading::Strict, _) => computed()?,
        };
        Some(match change.cmp(&Decimal::ZERO) {
            std::cmp::Ordering::Greater => NormChange::Improved,
            std::cmp::Ordering::Equal => NormChange::Unchanged,
            std::cmp::Ordering::Less => NormChange::Declined,
        })
    }

    /// The norm as what was counted, with the ratio that it was judged by.
    fn counted(&self, reading: AttainmentReading) -> Input<'r> {
        match (reading, self.printed_ratio, self.result) {
            (AttainmentReading::Printed, Some(printed), Some(result)) => {
                Input::recorded("record", result.node, "ratio", printed)
            }
            _ => Input::computed("record", Arc::clone(&self.ratio)).about(self.norm.0),
        }
    }
}

/// A ratio as documents print it: in whole percents, halves rounded up.
fn whole_percent(ratio: Decimal) -> Decimal {
    ratio.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

/// Which norms are counted, and how.
#[derive(Clone, Copy, Debug)]
pub struct Which {
    /// Results of periods that end by the end of this year.
    pub year: Option<i32>,
    /// Only norms whose result this table prints.
    pub table: Option<ResultSource>,
    /// Only norms of this basis.
    pub basis: Option<NormBasis>,
    /// By which numbers they are judged.
    pub reading: AttainmentReading,
}

/// The attainments of all norms below a record: a measure, a goal, a chapter, a policy field, a plan.
pub fn attainments<'r>(register: &'r Register, node: &'r Node, which: Which) -> Vec<Attainment<'r>> {
    let measures = walk::measures(register, node);
    let norms = measures.iter().flat_map(|(measure, _)| walk::sources::<Norm, Measure>(register, &measure.key));
    norms
        .filter(|(_, norm)| which.basis.is_none_or(|basis| norm.basis == basis))
        .map(|norm| attainment(register, norm, None, which.year, which.table))
        .filter(|attainment| which.table.is_none() || attainment.result.is_some())
        .collect()
}

/// How many norms are attained how far; each count has its norms as inputs, with the ratio that they were judged by.
#[derive(Debug)]
pub struct Summary<'r> {
    /// How many norms there are.
    pub norms: Arc<Computed<'r>>,
    /// How many measures they belong to.
    pub measures: Computed<'r>,
    /// Norms at each level, in the order of the levels.
    pub levels: [Arc<Computed<'r>>; 4],
    /// Norms without a ratio.
    pub unknown: Computed<'r>,
    /// Norms by their change, in the order of the words.
    pub changes: [Computed<'r>; 3],
    /// Norms met now and in the period before.
    pub met_in_both: Computed<'r>,
    /// Norms met, with an unchanged result.
    pub met_unchanged: Computed<'r>,
    /// The share of the norms met among those with a ratio.
    pub share_met: Computed<'r>,
}

/// Rolls attainments up.
pub fn summary<'r>(register: &'r Register, all: &[Attainment<'r>], reading: AttainmentReading) -> Summary<'r> {
    // A count says of how many norms it could be told whether they belong to it.
    let count = |told: &dyn Fn(&Attainment<'r>) -> bool, fits: &dyn Fn(&Attainment<'r>) -> bool| {
        let inputs = all.iter().filter(|it| fits(it)).map(|it| it.counted(reading)).collect();
        let known = all.iter().filter(|it| told(it)).count();
        Computed::new(Rule::Count, Unit::Count, inputs).covering(Coverage { known, unknown: all.len() - known })
    };
    let (any, leveled) = (|_: &Attainment<'r>| true, |it: &Attainment<'r>| it.level(reading).is_some());
    let changed = |it: &Attainment<'r>| it.change(reading).is_some();
    let (both_levels, level_and_change) = (
        |it: &Attainment<'r>| leveled(it) && it.level_before(reading).is_some(),
        |it: &Attainment<'r>| leveled(it) && changed(it),
    );
    let mut measures: Vec<&'r Node> = Vec::new();
    for (node, _) in all.iter().filter_map(|it| walk::follow(register, &it.norm.1.measure_key)) {
        if measures.iter().all(|known| known.key != node.key) {
            measures.push(node);
        }
    }
    let met = |it: &Attainment<'r>| it.level(reading) == Some(AttainmentLevel::Met);
    let levels =
        [AttainmentLevel::Met, AttainmentLevel::NearlyMet, AttainmentLevel::PartlyMet, AttainmentLevel::Missed]
            .map(|level| Arc::new(count(&leveled, &|it| it.level(reading) == Some(level))));
    let known = count(&leveled, &leveled);
    Summary {
        norms: Arc::new(count(&any, &any)),
        measures: Computed::count(measures),
        unknown: count(&any, &|it| !leveled(it)),
        changes: [NormChange::Improved, NormChange::Unchanged, NormChange::Declined]
            .map(|change| count(&changed, &|it| it.change(reading) == Some(change))),
        met_in_both: count(&both_levels, &|it| met(it) && it.level_before(reading) == Some(AttainmentLevel::Met)),
        met_unchanged: count(&level_and_change, &|it| met(it) && it.change(reading) == Some(NormChange::Unchanged)),
        share_met: Computed::share(Input::computed("part", Arc::clone(&levels[0])), Input::computed("whole", known)),
        levels,
    }
}

#[cfg(test)]
mod tests;
