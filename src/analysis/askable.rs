//! Computed figures as values that can be asked: filtered, ordered, counted. Made when somebody asks for the first time; a later register
//! shares those that nothing changed for.

pub mod delivery;
pub mod execution;
pub mod inspection;
pub mod made;
pub mod progress;
mod reach;
pub mod standing;

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use crate::analysis::askable::made::{Counts, Making, Numbers, known, reached, why};
use crate::analysis::attainment::{self, Attainment, AttainmentLevel, AttainmentReading, NormChange};
use crate::analysis::computed::MissingCode;
use crate::analysis::tables::{INDICATORS, NORMS};
use crate::analysis::target::Judgement;
use crate::analysis::trend::{self, Point, Trend};
use crate::analysis::year::{self, Year};
use crate::analysis::{line, walk};
use crate::model::indicator::{Aggregation, SubjectKind, SubjectLink};
use crate::model::macros::composite;
use crate::model::norm::{NormBasis, ResultSource};
use crate::model::period::PeriodKind;
use crate::model::target::Aim;
use crate::model::vocabulary::vocabulary;
use crate::model::{Indicator, Key, Link, Measure, Norm, NormResult, Period, Plan, RecordType as _, Unit};
use crate::register::{Node, Register};

vocabulary! {
    /// In which form a trend tells most.
    TrendForm {
        /// As a relative change: what is counted, and money.
        Relative = "RELATIVE",
        /// In percentage points: shares.
        Points = "POINTS",
        /// As a difference: what starts from zero or less, so that there is no relative change.
        Absolute = "ABSOLUTE",
    }
}

composite! {
    /// How an indicator changed last, in periods of one length: to its last one, from the same part of the year before; of a year where that is
    /// not known from the last before it that is comparable, or else from the last. An indicator has one for its last period (`latest`), and
    /// one for each other kind and length of period of which there are two to compare: of years beside quarters.
    IndicatorTrend {
        /// Key of the indicator.
        indicator_key: Link<Indicator>,
        /// Key of its measure.
        measure_key: Option<Link<Measure>>,
        /// What its values count.
        unit: Unit,
        /// Kind of the later period, such as `YEAR` or `SCHOOL_YEAR`; null when the indicator has no value at all.
        span: Option<PeriodKind>,
        /// The earlier period; null when there is none.
        from: Option<Period>,
        /// The later period; null when there is none.
        to: Option<Period>,
        /// Whether the change tells something by itself: the periods are equally long, or the figures are shares.
        comparable: bool,
        /// In which form it tells most.
        form: TrendForm,
        /// The relative change, as a ratio; null when it cannot be computed.
        relative: Option<Decimal>,
        /// The difference, in the indicator's unit; of shares in percentage points, as a ratio. Null when it cannot be computed.
        absolute: Option<Decimal>,
        /// The change as printed, as a ratio where it is one; null when none is printed.
        printed: Option<Decimal>,
        /// Whether the printed change can be the computed one; null when there is nothing to compare.
        agrees: Option<bool>,
        /// Why there is no relative change; null when there is one.
        missing: Option<MissingCode>,
        /// The same in words, with what it is about.
        reason: Option<String>,
        /// The kind of what it hangs on, where that is no measure.
        subject_kind: Option<SubjectKind>,
        /// Key of what it hangs on, where that is no measure.
        subject_key: Option<SubjectLink>,
        /// Key of the plan that it belongs to.
        plan_key: Option<Link<Plan>>,
        /// The code of what its values count, where `unit` is OTHER.
        unit_code: Option<String>,
        /// How many months the later period has: 12 are a year, a school year, or a year of a body that begins in another month. Null for one
        /// day, and when there is no value at all.
        months: Option<i32>,
        /// Whether it is of the last period of all that the indicator has. Each indicator has one such entry.
        latest: bool,
        /// Key of the entry: that of the indicator for its last period; for other periods with their kind and their months behind.
        key: Key,
        /// How many parts of the year the change leaves out on both sides, because they are not known in both years; 0 for a whole change.
        left_out: i32,
    }
}

/// The numbers of trends that groups tell of.
pub const TREND_NUMBERS: Numbers = &[("relative", Counts::rate(Unit::Ratio)), ("absolute", Counts::OWN)];

composite! {
    /// How far a norm is attained, by its last result: the overview's, or else the fact table's, or else another's.
    NormAttainment {
        /// Key of the norm.
        norm_key: Link<Norm>,
        /// Key of its measure.
        measure_key: Option<Link<Measure>>,
        /// Legal rule or internal norm; OTHER for anything else.
        basis: NormBasis; deprecated: "Since 2026-11. Ask `basisWord`, which has the words of every document.",
        /// The period of the result; null when there is none.
        period: Option<Period>,
        /// The table that prints the result; null when there is none, OTHER for any but the first document's two.
        table: Option<ResultSource>; deprecated: "Since 2026-11. Ask `tableWord`, which has the words of every document.",
        /// How far it is attained, as the document counts; null when that is not known.
        level: Option<AttainmentLevel>,
        /// How far it is attained by its values themselves; null when that is not known.
        strict_level: Option<AttainmentLevel>,
        /// How it changed since the period before (of a part of a year since the same part of the year before), as the document counts; null
        /// when that is not known.
        change: Option<NormChange>,
        /// How it changed by its values themselves; null when that is not known.
        strict_change: Option<NormChange>,
        /// The ratio of result to target; null when it cannot be computed.
        ratio: Option<Decimal>,
        /// What is missing of the target, in the unit of the result, of shares as a ratio; negative beyond it. Null when it cannot be computed.
        distance: Option<Decimal>,
        /// The change of the result since the period before (of a part of a year since the same part of the year before), in percentage
        /// points, as a ratio; null when it cannot be computed.
        points: Option<Decimal>,
        /// Why there is no ratio; null when there is one.
        missing: Option<MissingCode>,
        /// The same in words, with what it is about.
        reason: Option<String>,
        /// How the result is to stand to the target.
        aim: Aim,
        /// What is said of it on the closing day of its plan, as the document counts: NOT_YET while the period of its target lasts; null when
        /// that is not known.
        judgement: Option<Judgement>,
        /// The kind of what it hangs on, where that is no measure.
        subject_kind: Option<SubjectKind>,
        /// Key of what it hangs on, where that is no measure.
        subject_key: Option<SubjectLink>,
        /// Where the norm comes from, in a word.
        basis_word: Option<String>,
        /// The table that prints the result, in a word; null when there is none.
        table_word: Option<String>,
        /// Key of the plan that it belongs to.
        plan_key: Option<Link<Plan>>,
        /// What the result counts, or else the target; null where there is neither.
        unit: Option<Unit>,
        /// The code of that, where `unit` is OTHER.
        unit_code: Option<String>,
    }
}

/// The numbers of attainments that groups tell of.
pub const ATTAINMENT_NUMBERS: Numbers =
    &[("ratio", Counts::rate(Unit::Ratio)), ("distance", Counts::OWN_RATE), ("points", Counts::OWN_RATE)];

/// The trends of all indicators, in the order of the indicators.
pub static TRENDS: Making<Indicator, IndicatorTrend> = Making {
    tables: INDICATORS,
    make: |register, indicator, _| indicator_trends(register, indicator),
    reached: reached::<Indicator>,
};

/// The attainments of all norms, in the order of the norms.
pub static ATTAINMENTS: Making<Norm, NormAttainment> =
    Making { tables: NORMS, make: |register, norm, _| vec![norm_attainment(register, norm)], reached: reached::<Norm> };

/// The trend of an indicator that an entry of the list tells: the one to that period.
pub fn trend_to<'r>(
    register: &'r Register,
    indicator: walk::RecordRef<'r, Indicator>,
    to: Option<&Period>,
) -> Option<Trend<'r>> {
    let points = trend::observations(register, &indicator.0.key);
    let latest = trend_of(register, indicator, &points, last_own(&points));
    if latest.until.as_ref() == to {
        return Some(latest);
    }
    trends(register, indicator).into_iter().find(|it| it.until.as_ref() == to)
}

/// The attainment of a norm by its last result.
pub fn attainment_of<'r>(register: &'r Register, norm: walk::RecordRef<'r, Norm>) -> Attainment<'r> {
    attainment::attainment(register, norm, None, None, None, None)
}

fn plan_of(register: &Register, node: &Node) -> Option<Link<Plan>> {
    line::plan_of(register, node).map(|(plan, _)| Link::new(plan.key.clone()))
}

/// The trends of an indicator: first to its last period, then to the last of each other kind and length that can be compared with an earlier one. A
/// year is made of its parts where the indicator says how.
fn trends<'r>(register: &'r Register, of: walk::RecordRef<'r, Indicator>) -> Vec<Trend<'r>> {
    let points = trend::observations(register, &of.0.key);
    let latest = trend_of(register, of, &points, last_own(&points));
    let mut seen: Vec<_> = latest.until.as_ref().map(shape).into_iter().collect();
    let mut others = Vec::new();
    for point in points.iter().rev().filter(|point| !point.of_earlier) {
        if !seen.contains(&shape(point.period)) {
            seen.push(shape(point.period));
            others.extend(Some(trend_of(register, of, &points, Some(*point))).filter(|it| it.comparable));
        }
    }
    if let Some(year) = whole_year(register, of, &points) {
        let alike = |it: &Trend<'_>| it.until.as_ref().map(shape) == year.until.as_ref().map(shape);
        // A year of which parts are left out stands only where no year is known as a whole.
        let is_later = |it: &Trend<'_>| left_out(&year) == 0 && it.until < year.until;
        if !alike(&latest) && others.iter().all(|it| !alike(it) || is_later(it)) {
            others.retain(|it| !alike(it));
            others.push(year);
        }
    }
    std::iter::once(latest).chain(others).collect()
}

/// The last of the points that are of the record itself.
fn last_own<'r>(points: &[Point<'r>]) -> Option<Point<'r>> {
    trend::last(points.iter().filter(|point| !point.of_earlier))
}

/// The trend to a point; to a printed year also from what the parts of the year before come to.
fn trend_of<'r>(
    register: &'r Register,
    of: walk::RecordRef<'r, Indicator>,
    points: &[Point<'r>],
    to: Option<Point<'r>>,
) -> Trend<'r> {
    match to {
        Some(to) if to.period.months() == Some(12) && to.figure.value.is_some() => {
            year::of_printed(points, of, &to, walk::first_month(register, of.0))
        }
        to => trend::trend_to(points, None, to),
    }
}

fn indicator_trends(register: &Register, of: walk::RecordRef<'_, Indicator>) -> Vec<IndicatorTrend> {
    let all = trends(register, of).into_iter();
    all.enumerate().map(|(at, it)| entry(register, of, &it, at == 0)).collect()
}

/// The code of what the parts of a year count, where it is none of the list.
fn code_of(register: &Register, node: &Node, year: &Period) -> Option<String> {
    let points = trend::observations(register, &node.key).into_iter();
    let mut parts = points.filter(|point| point.figure.unit == Unit::Other && point.period.place_in(year).is_some());
    parts.find_map(|part| part.figure.unit_code.clone())
}

/// What tells periods that are compared from others: kind and length.
fn shape(period: &Period) -> (PeriodKind, Option<i32>) {
    (period.kind(), period.months())
}

/// How many parts of a year a change leaves out.
fn left_out(of: &Trend<'_>) -> usize {
    if of.absolute.value.is_ok() { of.absolute.coverage.unknown } else { 0 }
}

/// The trend of the last year of which all parts are known, where those of the year before are known too; where there is none, that of the
/// last one, over the parts that are known in both. Of a stock that of the last year whose end is known, and that of the year before.
fn whole_year<'r>(
    register: &'r Register,
    of: walk::RecordRef<'r, Indicator>,
    points: &[Point<'r>],
) -> Option<Trend<'r>> {
    let is_stock = match of.1.aggregation {
        Some(Aggregation::Sum | Aggregation::Average) => false,
        Some(Aggregation::Last) => true,
        Some(Aggregation::None) | None => return None,
    };
    let month = walk::first_month(register, of.0);
    let tells = |it: &Period| it.is_part_of_year() || (is_stock && it.months().is_none_or(|months| months == 12));
    let own = points.iter().filter(|point| !point.of_earlier && tells(point.period));
    let years: BTreeSet<i32> = own.map(|point| point.period.year_counted(month)).collect();
    if is_stock {
        return years.iter().rev().find_map(|year| year::of_stock(points, Period::of_year(*year, month)?));
    }
    let made = |year| Year::of(points, of, year, month);
    let whole = years.iter().rev().filter_map(|year| made(*year)).find(|year| year.all.value.is_ok());
    let whole = whole.map(|year| year.trend(points, month));
    let is_whole = |it: &Trend<'_>| it.comparable && it.absolute.coverage.unknown == 0;
    let like_for_like = || {
        let all = years.iter().rev().filter_map(|year| made(*year)).map(|year| year.trend(points, month));
        all.into_iter().find(|it| it.comparable)
    };
    whole.filter(is_whole).or_else(like_for_like)
}

fn entry(
    register: &Register,
    (node, indicator): walk::RecordRef<'_, Indicator>,
    of: &Trend<'_>,
    latest: bool,
) -> IndicatorTrend {
    let months = of.until.and_then(|until| until.months());
    let span = of.until.map(|until| until.kind());
    let behind = |span: PeriodKind| match months.filter(|_| span == PeriodKind::Range) {
        Some(months) => format!("{span}-{months}"),
        None => span.to_string(),
    };
    let key = match span.filter(|_| !latest) {
        Some(span) => Key::join(&[&node.key, &behind(span)]),
        None => node.key.clone(),
    };
    let form = match (indicator.unit, &of.relative.value, &of.absolute.value) {
        (Unit::Ratio, ..) => TrendForm::Points,
        (_, Err(_), Ok(_)) => TrendForm::Absolute,
        _ => TrendForm::Relative,
    };
    let (missing, reason) = why(&of.relative);
    IndicatorTrend {
        indicator_key: Link::new(indicator.key()),
        measure_key: indicator.measure_key.clone(),
        left_out: i32::try_from(left_out(of)).unwrap_or(i32::MAX),
        unit: indicator.unit,
        span,
        months,
        latest,
        key,
        from: of.since,
        to: of.until,
        comparable: of.comparable,
        form,
        relative: known(&of.relative),
        absolute: known(&of.absolute),
        printed: of.printed.and_then(|printed| printed.value),
        agrees: of.agrees,
        missing,
        reason,
        subject_kind: indicator.subject_kind,
        subject_key: indicator.subject_key.clone(),
        plan_key: plan_of(register, node),
        unit_code: match of.to {
            Some(to) => to.figure.unit_code.clone(),
            None if of.absolute.unit == Unit::Other => of.until.and_then(|year| code_of(register, node, &year)),
            None => None,
        },
    }
}

fn norm_attainment(register: &Register, (node, norm): walk::RecordRef<'_, Norm>) -> NormAttainment {
    let of = attainment_of(register, (node, norm));
    let result = of.result.and_then(|result| walk::of::<NormResult>(result.node)).map(|(_, result)| result);
    let (missing, reason) = why(&of.ratio);
    let figure = result.map(|result| &result.figure).or(of.goal.as_ref().map(|goal| goal.figure));
    NormAttainment {
        norm_key: Link::new(norm.key()),
        measure_key: norm.measure_key.clone(),
        basis: norm.basis,
        period: result.map(|result| result.period),
        table: result.map(|result| result.source),
        level: of.level(AttainmentReading::Printed),
        strict_level: of.level(AttainmentReading::Strict),
        change: of.change(AttainmentReading::Printed),
        strict_change: of.change(AttainmentReading::Strict),
        ratio: of.ratio.value.as_ref().ok().copied(),
        distance: of.goal.zip(result).and_then(|(goal, result)| goal.distance(&result.figure)),
        points: of.trend.absolute.value.as_ref().ok().copied(),
        missing,
        reason,
        aim: of.aim(),
        judgement: of.judgement(AttainmentReading::Printed),
        subject_kind: norm.subject_kind,
        subject_key: norm.subject_key.clone(),
        unit: figure.map(|figure| figure.unit),
        unit_code: figure.and_then(|figure| figure.unit_code.clone()),
        basis_word: norm.basis_word.clone(),
        table_word: result.map(|result| result.table().to_owned()),
        plan_key: plan_of(register, node),
    }
}
