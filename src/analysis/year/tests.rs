use rust_decimal::Decimal;

use super::*;
use crate::analysis::coverage::Coverage;
use crate::analysis::trend::observations;
use crate::analysis::walk;
use crate::model::indicator::IndicatorKind;
use crate::model::{Figure, FigureStatus, Key, Link, Observation, Record, Unit};
use crate::register::{Node, Register};

/// An indicator whose values come together in that way, with these; none for a value that is not reported.
fn register(aggregation: Aggregation, values: &[(&str, Option<i64>)]) -> Register {
    let indicator = Indicator {
        kind_word: None,
        key: Key::parse("files").unwrap(),
        measure_key: Some(Link::new(Key::parse("measure").unwrap())),
        position: 1,
        label: "Files".into(),
        kind: IndicatorKind::Received,
        unit: Unit::Count,
        printed: None,
        aim: None,
        aggregation: Some(aggregation),
        definition: None,
        domain: None,
        frequency: None,
        method: None,
        owner: None,
        source: None,
        subject_key: None,
        subject_kind: None,
    };
    let observation = |(period, value): &(&str, Option<i64>)| {
        let status = if value.is_some() { FigureStatus::Reported } else { FigureStatus::NotReported };
        let figure =
            Figure { value: value.map(Decimal::from), status, unit: Unit::Count, printed: None, unit_code: None };
        Record::from(Observation {
            indicator_key: Link::new(Key::parse("files").unwrap()),
            period: Period::parse(period).unwrap(),
            figure,
            change: None,
            change_from: None,
            period_written: None,
            category_keys: Vec::new(),
            delivered: None,
            explanation: None,
            state: None,
            year_to_date: None,
        })
    };
    let records = std::iter::once(Record::from(indicator)).chain(values.iter().map(observation));
    Register::load(records.map(|record| Node::new(record, 1)), [], 1, 0)
}

/// What 2024 comes to: of all parts, of the known ones, of how many, and the change since 2023 with what it covers.
type Told = (Option<String>, String, Coverage, Option<String>, Coverage);

fn told(aggregation: Aggregation, values: &[(&str, Option<i64>)]) -> Option<Told> {
    let register = register(aggregation, values);
    let key = Key::parse("files").unwrap();
    let points = observations(&register, &key);
    let year = Year::of(&points, walk::get(&register, &key).unwrap(), 2024, 1)?;
    let value = |of: &Computed<'_>| of.value.as_ref().ok().map(ToString::to_string);
    let trend = year.trend(&points, 1);
    let known = value(&year.known).unwrap_or_default();
    Some((value(&year.all), known, year.all.coverage, value(&trend.absolute), trend.absolute.coverage))
}

fn of(known: usize, unknown: usize) -> Coverage {
    Coverage { known, unknown }
}

fn text(text: &str) -> Option<String> {
    Some(text.into())
}

const QUARTERS: [(&str, Option<i64>); 8] = [
    ("2023-Q1", Some(100)),
    ("2023-Q2", Some(200)),
    ("2023-Q3", Some(300)),
    ("2023-Q4", Some(400)),
    ("2024-Q1", Some(110)),
    ("2024-Q2", Some(220)),
    ("2024-Q3", Some(330)),
    ("2024-Q4", Some(440)),
];

#[test]
fn quarters_add_up_to_their_year_and_are_averaged_where_that_is_said() {
    assert_eq!(told(Aggregation::Sum, &QUARTERS), Some((text("1100"), "1100".into(), of(4, 0), text("100"), of(4, 0))));
    assert_eq!(
        told(Aggregation::Average, &QUARTERS),
        Some((text("275"), "275".into(), of(4, 0), text("25"), of(4, 0)))
    );
    for nothing in [Aggregation::Last, Aggregation::None] {
        assert_eq!(told(nothing, &QUARTERS), None);
    }
}

#[test]
fn what_is_not_all_known_says_so_and_is_compared_like_for_like() {
    // The second quarter is not reported, of the fourth there is no record.
    let mut values = QUARTERS.to_vec();
    values[5].1 = None;
    values.pop();
    let expected = (None, "440".into(), of(2, 2), text("40"), of(2, 2));
    assert_eq!(told(Aggregation::Sum, &values), Some(expected));
    assert_eq!(told(Aggregation::Average, &values), Some((None, "220".into(), of(2, 2), text("20"), of(2, 2))));
    let register = register(Aggregation::Sum, &values);
    let key = Key::parse("files").unwrap();
    let year = Year::of(&observations(&register, &key), walk::get(&register, &key).unwrap(), 2024, 1).unwrap();
    let missing = year.all.value.clone().unwrap_err();
    assert_eq!(missing.text, "2 of 4 parts have no value: 2024-Q2, 2024-Q4");
    // Nothing of the year before, and the year before alone.
    let (.., change, _) = told(Aggregation::Sum, &QUARTERS[4..]).unwrap();
    assert_eq!(change, None);
    let printed = [&[("2023", Some(1000))], &QUARTERS[4..]].concat();
    assert_eq!(told(Aggregation::Sum, &printed).unwrap().3, text("100"));
    assert_eq!(told(Aggregation::Sum, &printed[..4]).unwrap().3, None);
}

#[test]
fn parts_of_any_length_make_up_a_year() {
    let sum = |values: &[(&str, Option<i64>)]| told(Aggregation::Sum, values).map(|it| (it.0, it.2));
    let halves = [("2024-01/2024-06", Some(1)), ("2024-Q3", Some(2)), ("2024-Q4", Some(4)), ("2024-10", Some(8))];
    assert_eq!(sum(&halves), Some((text("7"), of(3, 0))), "the fewest that make it up");
    let months: Vec<String> = (1..=12).map(|month| format!("2024-{month:02}")).collect();
    let months: Vec<(&str, Option<i64>)> = months.iter().map(|month| (month.as_str(), Some(1))).collect();
    assert_eq!(sum(&months), Some((text("12"), of(12, 0))));
    assert_eq!(sum(&months[..7]), Some((None, of(7, 5))));
    assert_eq!(sum(&[("2024-05/2024-12", Some(3))]), None, "no part of a year that is cut evenly");
    assert_eq!(sum(&[("2024-12-31", Some(3))]), None);
}
