//! Computed figures as values that can be asked: filtered, ordered, counted. Made when somebody asks for the first time; a later register
//! shares those that nothing changed for.

pub mod execution;
pub mod inspection;
pub mod made;
pub mod progress;
mod reach;

use rust_decimal::Decimal;

use crate::analysis::askable::made::{Counts, Making, Numbers, reached, why};
use crate::analysis::attainment::{self, Attainment, AttainmentLevel, AttainmentReading, NormChange};
use crate::analysis::computed::MissingCode;
use crate::analysis::tables::{INDICATORS, NORMS};
use crate::analysis::target::Judgement;
use crate::analysis::trend::{self, Trend};
use crate::analysis::{line, walk};
use crate::model::indicator::{SubjectKind, SubjectLink};
use crate::model::macros::composite;
use crate::model::norm::{NormBasis, ResultSource};
use crate::model::period::PeriodKind;
use crate::model::target::Aim;
use crate::model::vocabulary::vocabulary;
use crate::model::{Indicator, Link, Measure, Norm, NormResult, Period, Plan, RecordType as _, Unit};
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
    /// How an indicator changed last: to its last period from the one before that is comparable, or else from the one before.
    IndicatorTrend {
        /// Key of the indicator.
        indicator_key: Link<Indicator>,
        /// Key of its measure.
        measure_key: Option<Link<Measure>>,
        /// What its values count.
        unit: Unit,
        /// Kind of its last period, such as `YEAR` or `SCHOOL_YEAR`; null when it has no value at all.
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
        /// How it changed since the period before, as the document counts; null when that is not known.
        change: Option<NormChange>,
        /// How it changed by its values themselves; null when that is not known.
        strict_change: Option<NormChange>,
        /// The ratio of result to target; null when it cannot be computed.
        ratio: Option<Decimal>,
        /// What is missing of the target, in the unit of the result, of shares as a ratio; negative beyond it. Null when it cannot be computed.
        distance: Option<Decimal>,
        /// The change of the result since the period before, in percentage points, as a ratio; null when it cannot be computed.
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
    make: |register, indicator, _| vec![indicator_trend(register, indicator)],
    reached: reached::<Indicator>,
};

/// The attainments of all norms, in the order of the norms.
pub static ATTAINMENTS: Making<Norm, NormAttainment> =
    Making { tables: NORMS, make: |register, norm, _| vec![norm_attainment(register, norm)], reached: reached::<Norm> };

/// The last trend of an indicator.
pub fn trend_of<'r>(register: &'r Register, indicator: &Node) -> Trend<'r> {
    trend::trend(&trend::observations(register, &indicator.key), None, None)
}

/// The attainment of a norm by its last result.
pub fn attainment_of<'r>(register: &'r Register, norm: walk::RecordRef<'r, Norm>) -> Attainment<'r> {
    attainment::attainment(register, norm, None, None, None, None)
}

fn plan_of(register: &Register, node: &Node) -> Option<Link<Plan>> {
    line::plan_of(register, node).map(|(plan, _)| Link::new(plan.key.clone()))
}

fn indicator_trend(register: &Register, (node, indicator): walk::RecordRef<'_, Indicator>) -> IndicatorTrend {
    let of = trend_of(register, node);
    let form = match (indicator.unit, &of.relative.value, &of.absolute.value) {
        (Unit::Ratio, ..) => TrendForm::Points,
        (_, Err(_), Ok(_)) => TrendForm::Absolute,
        _ => TrendForm::Relative,
    };
    let (missing, reason) = why(&of.relative);
    IndicatorTrend {
        indicator_key: Link::new(indicator.key()),
        measure_key: indicator.measure_key.clone(),
        unit: indicator.unit,
        span: of.to.map(|to| to.period.kind()),
        from: of.since,
        to: of.until,
        comparable: of.comparable,
        form,
        relative: of.relative.value.ok(),
        absolute: of.absolute.value.ok(),
        printed: of.printed.and_then(|printed| printed.value),
        agrees: of.agrees,
        missing,
        reason,
        subject_kind: indicator.subject_kind,
        subject_key: indicator.subject_key.clone(),
        plan_key: plan_of(register, node),
        unit_code: of.to.and_then(|to| to.figure.unit_code.clone()),
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
