//! How far norms are attained, one by one and rolled up.
//!
//! There are two readings of one result, because a document that rounds counts otherwise than its own values do: 99.6% of 100% is
//! printed as a ratio of 100% and counted as met.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rust_decimal::{Decimal, RoundingStrategy};

use crate::analysis::computed::{Computed, Input, Rule};
use crate::analysis::coverage::Coverage;
pub use crate::analysis::judge::AttainmentLevel;
use crate::analysis::judge::{Bands, Goal};
use crate::analysis::target::{self, Judgement};
use crate::analysis::trend::{self, Point, Trend, results};
use crate::analysis::{line, walk};
use crate::model::exact;
use crate::model::norm::{NormBasis, Table};
use crate::model::target::Aim;
use crate::model::vocabulary::vocabulary;
use crate::model::{Date, Figure, Key, Norm, NormResult, Period, Target, Unit};
use crate::register::{Node, Register};
use crate::work;

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
    /// How the result of a norm changed since the period before: of a part of a year since the same part of the year before.
    NormChange {
        /// It is better: higher, or nearer to the aim where that is not AT_LEAST.
        Improved = "IMPROVED",
        /// It is the same.
        Unchanged = "UNCHANGED",
        /// It is worse: lower, or farther from the aim.
        Declined = "DECLINED",
    }
}

/// How far a norm is attained in a period.
#[derive(Clone, Debug)]
pub struct Attainment<'r> {
    /// The norm.
    pub norm: walk::RecordRef<'r, Norm>,
    /// The result; none when the register has none for the period.
    pub result: Option<Point<'r>>,
    /// What it is judged by: the target in force for the period of the result, or else the norm's own.
    pub goal: Option<Goal<'r>>,
    /// The target in force, where one is set for the period.
    pub set: Option<walk::RecordRef<'r, Target>>,
    /// Whether the period of that target has not ended on the day on which it is judged.
    pub not_yet: bool,
    /// The bands of its plan.
    pub bands: Bands,
    /// The ratio of result to target.
    pub ratio: Arc<Computed<'r>>,
    /// That ratio as printed beside the result, if it is.
    pub printed_ratio: Option<&'r Figure>,
    /// Whether the printed ratio can be the computed one, all rounded as they are printed.
    pub agrees: Option<bool>,
    /// The change since the period before: of a part of a year since the same part of the year before.
    pub trend: Trend<'r>,
}

/// The attainment of a norm: in a period, or else in the last one that ends by the end of the year, or else in the last one. The
/// result comes from the table that is named; without one, from the overview, or else from the fact table, or else from another.
pub fn attainment<'r>(
    register: &'r Register,
    norm: walk::RecordRef<'r, Norm>,
    period: Option<&Period>,
    year: Option<i32>,
    table: Option<Table<'_>>,
    on: Option<Date>,
) -> Attainment<'r> {
    work::step(250);
    let points = results(register, &norm.0.key, table);
    let month = walk::first_month(register, norm.0);
    let fits = |point: &&Point<'r>| {
        let by_year = year.is_none_or(|year| point.period.year_counted(month) <= year);
        let in_table = table.is_none_or(|table| result_of(point).is_some_and(|result| table.prints(result)));
        let of_period = period.map_or(!point.of_earlier, |period| point.period.is_same_span(period));
        by_year && in_table && of_period
    };
    let result = trend::last(points.iter().filter(fits));
    let (goal, set) = target::goal_of_norm(register, norm, result.map(|result| result.period));
    let plan = line::plan_of(register, norm.0).map(|(_, plan)| plan);
    let day = on.or_else(|| plan.and_then(|plan| target::closing_day(register, plan)));
    let not_yet = set.zip(day).is_some_and(|((_, set), day)| set.period.end() > day);
    let ratio = ratio(norm, goal, result);
    let printed_ratio =
        result.and_then(|point| walk::of::<NormResult>(point.node)).and_then(|(_, it)| it.ratio.as_ref());
    let agrees = printed_ratio.and_then(|printed| ratio.agrees(printed));
    let bands = plan.map_or_else(Bands::default, Bands::of);
    let (ratio, trend) = (Arc::new(ratio), trend::trend_to(&points, None, result));
    Attainment { norm, result, goal, set, not_yet, bands, ratio, printed_ratio, agrees, trend }
}

fn result_of<'r>(point: &Point<'r>) -> Option<&'r NormResult> {
    walk::of::<NormResult>(point.node).map(|(_, result)| result)
}

fn ratio<'r>(norm: walk::RecordRef<'r, Norm>, goal: Option<Goal<'r>>, result: Option<Point<'r>>) -> Computed<'r> {
    let result = result.map(|point| Input::recorded("result", point.node, "figure", point.figure));
    let target = match goal {
        Some(goal) => Input::recorded("target", goal.node, goal.path, goal.figure),
        None => Input::optional("target", norm.0, "target", None),
    };
    Computed::in_units_alike(Rule::RatioToTarget, Unit::Ratio, result.into_iter().chain([target]).collect())
}

impl<'r> Attainment<'r> {
    /// How the result is to stand to the target.
    pub fn aim(&self) -> Aim {
        self.goal.map(|goal| goal.aim).or(self.norm.1.aim).unwrap_or(Aim::AtLeast)
    }

    /// How far the norm is attained; none when that is not known, and then the ratio says why, and while the period of its target lasts.
    pub fn level(&self, reading: AttainmentReading) -> Option<AttainmentLevel> {
        if self.not_yet {
            return None;
        }
        // A document prints ratios of one bound; by the others it is the values that tell.
        if reading == AttainmentReading::Strict || matches!(self.aim(), Aim::Within | Aim::Exactly) {
            return self.strict(self.result);
        }
        let ratio = match self.printed_ratio {
            Some(printed) => printed.value?,
            None if self.has_no_share() => return self.strict(self.result),
            None => whole_percent(self.ratio.value.as_ref().ok().copied()?),
        };
        self.level_of(ratio)
    }

    /// Whether a share of the target tells nothing: it is zero or negative, or the result is negative.
    fn has_no_share(&self) -> bool {
        let target = self.goal.and_then(|goal| goal.figure.value);
        let result = self.result.and_then(|result| result.figure.value);
        target.is_some_and(|target| target <= Decimal::ZERO) || result.is_some_and(|result| result < Decimal::ZERO)
    }

    /// The level of a ratio of result to target: of an upper bound, the less the better.
    fn level_of(&self, ratio: Decimal) -> Option<AttainmentLevel> {
        match self.aim() {
            Aim::AtMost if ratio <= Decimal::ONE => Some(AttainmentLevel::Met),
            Aim::AtMost => Decimal::ONE.checked_div(ratio).map(|share| self.bands.level(share)),
            _ => Some(self.bands.level(ratio)),
        }
    }

    /// By multiplication, so that no quotient's rounding decides.
    fn strict(&self, result: Option<Point<'r>>) -> Option<AttainmentLevel> {
        self.goal?.level(result?.figure)
    }

    /// What is said of it on the day on which it is judged.
    pub fn judgement(&self, reading: AttainmentReading) -> Option<Judgement> {
        if self.not_yet { Some(Judgement::NotYet) } else { self.level(reading).map(Judgement::from) }
    }

    /// How far it was attained in the period before, against the same target. As printed, that is told by the result's own table: by an
    /// earlier result there, or else by the change printed beside it.
    pub fn level_before(&self, reading: AttainmentReading) -> Option<AttainmentLevel> {
        if reading == AttainmentReading::Strict || matches!(self.aim(), Aim::Within | Aim::Exactly) {
            return self.strict(self.trend.from);
        }
        let own = self.own_before().map(|point| point.figure.value).unwrap_or_else(|| {
            let printed = self.trend.printed.filter(|change| change.unit == Unit::RatioPoints);
            exact::sub(self.result?.figure.value?, printed?.value?)
        })?;
        let result = self.result?.figure;
        let target = self.goal.filter(|goal| goal.is_alike(result))?.figure.value?;
        own.checked_div(target).map(whole_percent).and_then(|ratio| self.level_of(ratio))
    }

    /// The result of the period before, where the same table prints it.
    fn own_before(&self) -> Option<Point<'r>> {
        let table = result_of(&self.result?)?.table();
        let is_own = |point: &Point<'r>| result_of(point).is_some_and(|result| result.table() == table);
        self.trend.from.filter(|point| is_own(point) && !point.of_earlier)
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
        let better = match self.aim() {
            Aim::AtLeast => change,
            Aim::AtMost => -change,
            // Nearer to the bounds, or within them with more room.
            Aim::Within | Aim::Exactly => {
                let distance = |point: Option<Point<'r>>| self.goal?.distance(point?.figure);
                exact::sub(distance(self.trend.from)?, distance(self.result)?)?
            }
        };
        Some(match better.cmp(&Decimal::ZERO) {
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
pub struct Which<'a> {
    /// Results of periods that end by the end of this year.
    pub year: Option<i32>,
    /// Only norms whose result this table prints.
    pub table: Option<Table<'a>>,
    /// Only norms of this basis.
    pub basis: Option<NormBasis>,
    /// Only norms of the basis of this word.
    pub basis_word: Option<&'a str>,
    /// By which numbers they are judged.
    pub reading: AttainmentReading,
    /// The day on which targets of single periods are judged; none for the closing day of their plan.
    pub on: Option<Date>,
}

/// The attainments of all norms below a record: a measure, a goal, a chapter, a policy field, a plan.
pub fn attainments<'r>(register: &'r Register, node: &'r Node, which: Which<'_>) -> Vec<Attainment<'r>> {
    walk::followed::<Norm>(register, node)
        .into_iter()
        .filter(|(_, norm)| which.basis.is_none_or(|basis| norm.basis == basis))
        .filter(|(_, norm)| which.basis_word.is_none_or(|word| norm.basis_word.as_deref() == Some(word)))
        .map(|norm| attainment(register, norm, None, which.year, which.table, which.on))
        .filter(|attainment| which.table.is_none() || attainment.result.is_some())
        .collect()
}

/// One of each line of norms: that with the last result, and where several plans have that, as the last of these judges it.
pub fn one_of_each<'r>(register: &'r Register, all: Vec<Attainment<'r>>) -> Vec<Attainment<'r>> {
    let place = |it: &Attainment<'r>| {
        let later = line::later(register, it.norm.0);
        let result = it.result.filter(|result| result.figure.value.is_some()).map(|result| result.period.end());
        let line = later.last().map_or(&it.norm.0.key, |last| &last.key);
        (line, (result, std::cmp::Reverse(later.len())))
    };
    let places: Vec<_> = all.iter().map(place).collect();
    let mut best: HashMap<&Key, _> = HashMap::new();
    for (line, place) in &places {
        let known = best.entry(*line).or_insert(*place);
        *known = (*place).max(*known);
    }
    let chosen = all.into_iter().zip(places).filter(|(_, (line, place))| best.get(line) == Some(place));
    chosen.map(|(it, _)| it).collect()
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
    /// Norms of which it is not known how far they are attained.
    pub unknown: Computed<'r>,
    /// Norms whose target's period has not ended yet.
    pub not_yet: Computed<'r>,
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
    work::step(300 + 50 * all.len() as u64);
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
    let mut known: HashSet<&Key> = HashSet::new();
    let mut measures: Vec<&'r Node> = Vec::new();
    for (node, _) in all.iter().filter_map(|it| walk::follow(register, it.norm.1.measure_key.as_ref()?)) {
        if known.insert(&node.key) {
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
        unknown: count(&any, &|it| !leveled(it) && !it.not_yet),
        not_yet: count(&any, &|it| it.not_yet),
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
