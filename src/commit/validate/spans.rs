//! One span, one period: `2024`, `2024-01/2024-12` and `2024-Q1/2024-Q4` are the same twelve months. Rows come in one form, and may
//! meet a record of before that has another.

use std::sync::Arc;

use super::after::After;
use crate::model::period::PeriodKind;
use crate::model::{Date, Key, Kind, Period, ProblemCode, Problems, Record};
use crate::register::relation::Relation;
use crate::register::{Node, Register};

/// What is told of which stretch of time.
type Span<'r> = (Kind, &'r Key, String, Date, Date);

/// The period that a record's key is made of.
fn period_of(record: &Record) -> Option<&Period> {
    match record {
        Record::Observation(it) => Some(&it.period),
        Record::NormResult(it) => Some(&it.period),
        _ => None,
    }
}

/// The span of a record whose key is made of its period. A school year is a form of its own, and a day is no span.
fn span(record: &Record) -> Option<(Span<'_>, &Period)> {
    let period = period_of(record)?;
    let (of, source): (&Key, _) = match record {
        Record::Observation(it) => (it.indicator_key.key(), it.marks()),
        Record::NormResult(it) => (it.norm_key.key(), it.table().to_owned()),
        _ => return None,
    };
    let is_form = matches!(period.kind(), PeriodKind::SchoolYear | PeriodKind::Day);
    (!is_form).then(|| ((record.kind(), of, source, period.start(), period.end()), period))
}

/// Adds that a new record is of a stretch of time of which there is one already, or of one that may be two.
pub(super) fn check(record: &Record, key: &Key, register: &Register, after: After<'_, '_>, problems: &mut Problems) {
    let Some((name, period)) = span(record) else { return };
    if period.is_ambiguous() {
        problems.within("period", |problems| {
            let message = format!("`{period}` may mean a school year or two calendar years");
            let (from, to) = (period.start().year(), period.end().year());
            let hint = format!("write `{from}-{to}` for the school year, `{from}-01/{to}-12` for both years");
            problems.push(ProblemCode::AmbiguousPeriod, message, hint);
        });
        return;
    }
    let others = begun_in_the_year(record, name.1, period.start().year(), register);
    let other =
        others.iter().find(|node| is_other(node, key, &name, period) && after(node.kind(), &node.key).is_some());
    if let Some((_, theirs)) = other.and_then(|node| span(&node.record)) {
        problems.within("period", |problems| {
            let message = format!(
                "`{period}` is the same stretch of time as `{theirs}`, which was stored before periods had one form"
            );
            let hint = format!("write the period as `{theirs}`, or delete that {} in the same commit", record.kind());
            problems.push(ProblemCode::SameSpan, message, hint);
        });
    }
}

/// Whether a stored record is another one of that span. What is cheap to look at comes first.
fn is_other(node: &Node, key: &Key, name: &Span<'_>, period: &Period) -> bool {
    period_of(&node.record).is_some_and(|it| it.is_same_span(period))
        && node.key != *key
        && span(&node.record).is_some_and(|(it, _)| it == *name)
}

/// The stored records beside one that begin in a year. They stand in the order of their keys, and these go on with the period after
/// the key of what they are of, which every form begins with its first year: so they stand together, and an indicator may have
/// thousands of others.
fn begun_in_the_year<'r>(record: &Record, of: &Key, year: i32, register: &'r Register) -> &'r [Arc<Node>] {
    let Some(relation) = Relation::of(record.kind()).find(|relation| !relation.optional && !relation.many) else {
        return &[];
    };
    let all = register.sources(relation, of);
    let before = |year: i32| {
        let place = (record.position(), Key::join(&[of, &year]));
        all.partition_point(|node| node.cmp_to(&place).is_lt())
    };
    &all[before(year)..before(year + 1)]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{Figure, FigureStatus, Link, Observation, Unit};

    fn observation(indicator: &str, period: Period, year_to_date: bool) -> Record {
        let figure = Figure {
            value: Some(1.into()),
            status: FigureStatus::Reported,
            unit: Unit::Count,
            printed: None,
            unit_code: None,
        };
        Record::from(Observation {
            indicator_key: Link::new(Key::parse(indicator).unwrap()),
            period,
            figure,
            change: None,
            change_from: None,
            period_written: None,
            category_keys: Vec::new(),
            delivered: None,
            explanation: None,
            state: None,
            year_to_date: year_to_date.then_some(true),
        })
    }

    /// An observation of one of some indicators whose keys are as alike as can be, in a period of any form.
    fn any_observation() -> impl Strategy<Value = Record> {
        let indicators = proptest::sample::select(vec!["i", "i-2", "i/2024", "i/2024-01", "2024"]);
        let periods = proptest::sample::select(vec![
            "2023",
            "2024",
            "2024-01/2024-12",
            "2024-Q1/2024-Q4",
            "2024-01-01/2024-12-31",
            "2024-Q1/2024-12",
            "2024-Q2",
            "2024-04/2024-06",
            "2024-04-01/2024-06",
            "2024-02",
            "2024-02-01/2024-02-29",
            "2024-03-05",
            "2024-03-05/2024-03-05",
            "2023-2024",
            "2023-09/2024-08",
            "2024/2026",
            "2024-01/2026-12",
            "2024-10/2025-03",
            "2024-Q4/2025-Q1",
            "2025",
        ]);
        (indicators, periods, any::<bool>())
            .prop_map(|(indicator, period, flag)| observation(indicator, Period::parse(period).unwrap(), flag))
    }

    proptest! {
        #[test]
        fn finds_what_a_look_at_all_finds(
            stored in proptest::collection::vec(any_observation(), 0..60), fresh in any_observation(), gone in any::<u8>(),
        ) {
            let register = Register::load(stored.into_iter().map(|record| Node::new(record, 1)), [], 1, 0);
            let key = fresh.key();
            let stays = |key: &Key| !gone.is_multiple_of(3) || key.as_str().len().is_multiple_of(2);
            let after = |kind, key: &Key| register.get(kind, key).filter(|it| stays(&it.key)).map(|node| &node.record);
            let mut problems = Problems::default();
            check(&fresh, &key, &register, &after, &mut problems);
            let told: Vec<String> = problems.into_vec().into_iter().map(|problem| problem.message).collect();
            let plain = register.all(Kind::Observation).find(|node| {
                let names = span(&node.record).zip(span(&fresh));
                names.is_some_and(|((one, _), (other, _))| one == other) && node.key != key && stays(&node.key)
            });
            match plain.and_then(|node| period_of(&node.record)) {
                Some(period) => prop_assert!(told.len() == 1 && told[0].contains(&format!("as `{period}`")), "{:?}", told),
                None => prop_assert!(told.is_empty(), "{:?}", told),
            }
        }
    }
}
