//! Which figures rounds of reporting expect, and which came.

use crate::analysis::askable::made::{Counts, Making, Numbers, reached};
use crate::analysis::rounds::{self, Due, DueState, ReportingBy};
use crate::analysis::walk::{self, RecordRef};
use crate::analysis::{line, tables};
use crate::model::macros::composite;
use crate::model::{
    Date, Indicator, Key, Kind, Link, Measure, Observation, Period, Plan, RecordType as _, Round, Unit,
};
use crate::register::Register;

composite! {
    /// A figure that a round of reporting expects of an indicator, and whether it came: completeness is the mean of `delivered`, timeliness
    /// that of `inTime`.
    Delivery {
        /// Key of the entry: round, indicator and period.
        key: Key,
        /// Key of the round.
        round_key: Link<Round>,
        /// Key of the indicator.
        indicator_key: Link<Indicator>,
        /// Key of its measure; null where it hangs on something else.
        measure_key: Option<Link<Measure>>,
        /// Key of the plan of the round.
        plan_key: Link<Plan>,
        /// Who answers for it: the owner of the indicator, or else of its measure.
        owner: Option<String>,
        /// The period.
        period: Period,
        /// The last day on which it is in time.
        deadline: Date,
        /// 1 when it came, whenever; 0 when it has not come. A blank has not come; that there is no value is an answer.
        delivered: i32,
        /// 1 when it came by the deadline, 0 when it came later or has not come; null when it came and nobody said on which day.
        in_time: Option<i32>,
        /// The day on which it came; null when that is not said, or when it has not come.
        delivered_on: Option<Date>,
        /// Key of what came; null when nothing did.
        observation_key: Option<Link<Observation>>,
    }
}

/// The numbers that groups tell of.
pub const NUMBERS: Numbers = &[("delivered", Counts::things(Unit::Count)), ("inTime", Counts::things(Unit::Count))];

/// What all rounds expect, in the order of the indicators.
pub static DELIVERIES: Making<Indicator, Delivery> = Making {
    tables: tables::DELIVERIES,
    make: |register, indicator, _| deliveries(register, indicator),
    // A round, or what says whose a plan is, says of all indicators what is expected.
    reached: |register, tables, steps, most| {
        let of_all = steps.iter().any(|(kind, _)| matches!(kind, Kind::Round | Kind::Organisation | Kind::Plan));
        if of_all { None } else { reached::<Indicator>(register, tables, steps, most) }
    },
};

fn deliveries(register: &Register, indicator: RecordRef<'_, Indicator>) -> Vec<Delivery> {
    if indicator.1.frequency.is_none() {
        return Vec::new();
    }
    let Some(plan) = line::plan_of(register, indicator.0) else { return Vec::new() };
    let first_month = walk::first_month(register, plan.0);
    let owner = rounds::group_of(register, indicator, ReportingBy::Owner);
    let of_round = |((_, round), start): (RecordRef<'_, Round>, Date)| {
        let due = rounds::due_of(register, round, indicator, (first_month, start), round.deadline);
        due.into_iter().map(|due| delivery(&due, round, owner.clone())).collect::<Vec<_>>()
    };
    rounds::spans(register, plan).into_iter().flat_map(of_round).collect()
}

fn delivery(of: &Due<'_>, round: &Round, owner: Option<String>) -> Delivery {
    let (node, indicator) = of.indicator;
    Delivery {
        key: Key::join(&[&round.key, &node.key, &of.period]),
        round_key: Link::new(round.key.clone()),
        indicator_key: Link::new(indicator.key()),
        measure_key: indicator.measure_key.clone(),
        plan_key: round.plan_key.clone(),
        owner,
        period: of.period,
        deadline: round.deadline,
        delivered: i32::from(of.observation.is_some()),
        in_time: match of.state {
            DueState::Undated => None,
            state => Some(i32::from(state == DueState::InTime)),
        },
        delivered_on: of.observation.and_then(|(_, it)| it.delivered),
        observation_key: of.observation.map(|(_, it)| Link::new(it.key())),
    }
}
