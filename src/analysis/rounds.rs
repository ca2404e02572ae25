//! Rounds of reporting: which figures a round expects, which came, and when; what changed since the round before.

use crate::analysis::walk::{self, RecordRef};
use crate::model::indicator::{Frequency, ValueState};
use crate::model::vocabulary::vocabulary;
use crate::model::{
    Date, Edition, FigureStatus, Indicator, Key, Kind, Measure, Observation, OperationalGoal, Period, Plan, Risk, Round,
};
use crate::register::relation::Relation;
use crate::register::{Node, Register};
use crate::work;

/// What it takes to look for the figure of a period, in records looked at.
const PERIOD_STEPS: u64 = 10;

vocabulary! {
    /// How it stands with a figure that a round expects.
    DueState {
        /// It came by the deadline.
        InTime = "IN_TIME",
        /// It came after the deadline.
        Late = "LATE",
        /// It came; nobody said on which day.
        Undated = "UNDATED",
        /// It has not come, and the deadline is over.
        Missing = "MISSING",
        /// It has not come, and there is still time.
        NotYet = "NOT_YET",
    }
}

/// A figure that a round expects.
#[derive(Clone, Debug)]
pub struct Due<'r> {
    /// The indicator.
    pub indicator: RecordRef<'r, Indicator>,
    /// The period.
    pub period: Period,
    /// The observation that came, if one did.
    pub observation: Option<RecordRef<'r, Observation>>,
    /// How it stands.
    pub state: DueState,
}

/// How many months a frequency has.
fn months(frequency: Frequency) -> i32 {
    match frequency {
        Frequency::Monthly => 1,
        Frequency::Quarterly => 3,
        Frequency::HalfYearly => 6,
        Frequency::Yearly => 12,
    }
}

/// The periods of a frequency that end after one day, up to another, in years that begin in that month.
pub fn periods(frequency: Frequency, first_month: i32, after: Date, until: Date) -> Vec<Period> {
    let length = months(frequency);
    let mut periods = Vec::new();
    for year in after.year() - 1..=until.year() {
        for part in 0..12 / length {
            let month = |at: i32| format!("{:04}-{:02}", year + at / 12, at % 12 + 1);
            let from = first_month - 1 + part * length;
            let code = if length == 1 { month(from) } else { format!("{}/{}", month(from), month(from + length - 1)) };
            let period = Period::parse(&code).ok().map(|period| period.in_one_form());
            periods.extend(period.filter(|period| period.end() > after && period.end() <= until));
        }
    }
    periods
}

/// The day before a year that begins in that month.
fn eve(year: i32, first_month: i32) -> Option<Date> {
    let (year, month) = if first_month == 1 { (year - 1, 12) } else { (year, first_month - 1) };
    Period::parse(&format!("{year:04}-{month:02}")).ok().map(|month| month.end())
}

/// The rounds of a plan, in the order of their reference dates.
pub fn rounds<'r>(register: &'r Register, plan: &Key) -> Vec<RecordRef<'r, Round>> {
    let mut rounds = walk::sources::<Round, Plan>(register, plan);
    work::step(rounds.len() as u64);
    rounds.sort_by_key(|(node, round)| (round.reference_date, &node.key));
    rounds
}

/// The round before a round of the same plan.
pub fn before<'r>(register: &'r Register, of: RecordRef<'r, Round>) -> Option<RecordRef<'r, Round>> {
    rounds(register, of.1.plan_key.key())
        .into_iter()
        .take_while(|(node, _)| node.key != of.0.key)
        .filter(|(_, round)| round.reference_date < of.1.reference_date)
        .last()
}

/// The rounds of a plan, each with the day after which its periods end: that of the round before; of the first one the eve of the plan's
/// year, as the body counts years.
pub fn spans<'r>(register: &'r Register, (node, plan): RecordRef<'r, Plan>) -> Vec<(RecordRef<'r, Round>, Date)> {
    let first = eve(plan.year, walk::first_month(register, node));
    let (mut before, mut last) = (first, None);
    let span = |of: RecordRef<'r, Round>| {
        let day = of.1.reference_date;
        // Rounds of one day have the same round before them.
        if last.is_some_and(|last| last < day) {
            before = last;
        }
        last = Some(day);
        (of, before.unwrap_or(day))
    };
    rounds(register, &node.key).into_iter().map(span).collect()
}

/// The figures that a round expects: of each indicator with a frequency, those of its periods that ended since the round before. What has
/// not come is missing when `on` is after the deadline.
pub fn due<'r>(register: &'r Register, of: RecordRef<'r, Round>, on: Date) -> Vec<Due<'r>> {
    let (_, round) = of;
    let Some(plan) = walk::follow::<Plan>(register, &round.plan_key) else { return Vec::new() };
    let first_month = walk::first_month(register, plan.0);
    let mut spans = spans(register, plan).into_iter();
    let Some((_, start)) = spans.find(|((node, _), _)| node.key == of.0.key) else { return Vec::new() };
    let indicators = walk::followed::<Indicator>(register, plan.0).into_iter();
    indicators.flat_map(|indicator| due_of(register, round, indicator, (first_month, start), on)).collect()
}

/// The figures of one indicator that a round expects, of a body whose years begin in that month, after the day on which the round before ended.
pub fn due_of<'r>(
    register: &'r Register,
    round: &Round,
    indicator: RecordRef<'r, Indicator>,
    (first_month, start): (i32, Date),
    on: Date,
) -> Vec<Due<'r>> {
    let Some(frequency) = indicator.1.frequency else { return Vec::new() };
    let observations = walk::sources::<Observation, Indicator>(register, &indicator.0.key);
    let due = |period| {
        work::step(PERIOD_STEPS + observations.len() as u64);
        let observation = observations.iter().copied().find(|(_, it)| is_of(it, &period));
        let state = match observation {
            Some((_, it)) => match it.delivered {
                Some(day) if day <= round.deadline => DueState::InTime,
                Some(_) => DueState::Late,
                None => DueState::Undated,
            },
            None if on > round.deadline => DueState::Missing,
            None => DueState::NotYet,
        };
        Due { indicator, period, observation, state }
    };
    periods(frequency, first_month, start, round.reference_date).into_iter().map(due).collect()
}

/// Whether an observation is what is expected of a period: counted, of the whole, in the period or since the beginning of the year.
fn is_of(it: &Observation, period: &Period) -> bool {
    let spans = it.period.start() == period.start() || it.is_year_to_date();
    // A blank has not come; that something is not available or does not apply is an answer.
    let came = it.figure.status != FigureStatus::NotReported;
    let whole = it.category_keys.is_empty() && it.state != Some(ValueState::Forecast);
    came && whole && spans && it.period.end() == period.end()
}

/// How reporting goes: how many figures are expected, and how many came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reporting {
    /// Expected.
    pub expected: usize,
    /// Came, whenever.
    pub delivered: usize,
    /// Came by the deadline.
    pub in_time: usize,
    /// Came after the deadline, or did not come although it is over.
    pub late: usize,
}

impl Reporting {
    /// Counts.
    pub fn of<'a, 'r: 'a>(due: impl IntoIterator<Item = &'a Due<'r>>) -> Self {
        let mut of = Self::default();
        for it in due {
            of.expected += 1;
            of.delivered += usize::from(it.observation.is_some());
            of.in_time += usize::from(it.state == DueState::InTime);
            of.late += usize::from(matches!(it.state, DueState::Late | DueState::Missing));
        }
        of
    }
}

vocabulary! {
    /// By what it is told how reporting goes.
    ReportingBy {
        /// By who answers for the indicator: its owner, or else its measure's.
        Owner = "OWNER",
        /// By measure.
        Measure = "MEASURE",
        /// By operational goal.
        Goal = "GOAL",
    }
}

/// Who answers for an indicator, its measure, or its goal, by key or name; none where it has none.
pub fn group_of(register: &Register, of: RecordRef<'_, Indicator>, by: ReportingBy) -> Option<String> {
    let measure = of.1.measure_key.as_ref().and_then(|measure| walk::follow::<Measure>(register, measure));
    match by {
        ReportingBy::Owner => of.1.owner.clone().or_else(|| measure?.1.owner.clone()),
        ReportingBy::Measure => measure.map(|(node, _)| node.key.to_string()),
        ReportingBy::Goal => match (of.1.subject_kind, &of.1.subject_key) {
            (Some(kind), Some(key)) if kind.kind() == Kind::OperationalGoal => Some(key.0.to_string()),
            _ => {
                let goal = measure?.1.operational_goal_key.as_ref()?;
                walk::follow::<OperationalGoal>(register, goal).map(|(node, _)| node.key.to_string())
            }
        },
    }
}

/// The revision at which a round was closed.
pub fn closed_at(register: &Register, round: &Round) -> Option<u64> {
    let (_, edition) = walk::follow::<Edition>(register, round.edition_key.as_ref()?)?;
    u64::try_from(edition.tagged_revision).ok()
}

/// What was written in a plan since the round before was closed, up to the close of this one; none when the round before is not closed,
/// or there is none.
pub fn changed<'r>(register: &'r Register, of: RecordRef<'r, Round>) -> Option<Vec<&'r Node>> {
    let since = closed_at(register, before(register, of)?.1)?;
    let until = closed_at(register, of.1).unwrap_or(u64::MAX);
    let (plan, _) = walk::follow::<Plan>(register, &of.1.plan_key)?;
    let mut all = super::tree::hanging(register, [plan]);
    all.retain(|node| node.revision > since && node.revision <= until);
    Some(all)
}

/// What threatens the goals, projects, milestones and measures of a round's plan: open ones first, the gravest of each state first. One
/// whose likelihood or impact is not said comes after those of which both are.
pub fn risks<'r>(register: &'r Register, of: RecordRef<'r, Round>) -> Vec<RecordRef<'r, Risk>> {
    let Some((plan, _)) = walk::follow::<Plan>(register, &of.1.plan_key) else { return Vec::new() };
    let is_of_plan = |risk: &'r Node| {
        let mut found = false;
        for relation in Relation::of(Kind::Risk) {
            relation.for_each_target(&risk.record, |key| {
                let threatened = register.get(relation.target, &key);
                let home = threatened.and_then(|node| super::line::plan_of(register, node));
                found |= home.is_some_and(|(home, _)| home.key == plan.key);
            });
        }
        found
    };
    let all = register.all(Kind::Risk).map(|node| &**node);
    let mut risks: Vec<RecordRef<'r, Risk>> = all.filter(|risk| is_of_plan(risk)).filter_map(walk::of).collect();
    let weight = |risk: &Risk| risk.likelihood.zip(risk.impact).map_or(0, |(likelihood, impact)| likelihood * impact);
    risks.sort_by_key(|(node, risk)| (risk.state, std::cmp::Reverse(weight(risk)), &node.key));
    risks
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn rounds_divide_the_year_without_a_gap(
            cuts in proptest::collection::btree_set(1..12i32, 0..5), frequency in 0..4usize, first_month in 1..13i32,
        ) {
            let frequency = Frequency::VOCABULARY.words.get(frequency).and_then(|(word, _)| Frequency::from_word(word)).unwrap();
            let day = |months: i32| {
                let at = first_month - 2 + months + 12;
                Period::parse(&format!("{}-{:02}", 2021 + at / 12, at % 12 + 1)).unwrap().end()
            };
            let (first, last) = (eve(2022, first_month).unwrap(), eve(2023, first_month).unwrap());
            prop_assert_eq!((day(0), day(12)), (first, last));
            let mut ends: Vec<Date> = std::iter::once(first).chain(cuts.into_iter().map(day)).collect();
            ends.push(last);
            let of = |after, until| periods(frequency, first_month, after, until);
            let parts: Vec<Period> = ends.windows(2).flat_map(|pair| of(pair[0], pair[1])).collect();
            prop_assert_eq!(&parts, &of(first, last));
            prop_assert_eq!(parts.len() as i32, 12 / months(frequency));
        }
    }
}
