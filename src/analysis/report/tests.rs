use rust_decimal::Decimal;

use super::*;
use crate::model::indicator::IndicatorKind;
use crate::model::{Figure, FigureStatus, Key, Kind, Link, Observation, Period, Record, Unit};

fn key(text: &str) -> Key {
    Key::parse(text).unwrap()
}

/// A measure with one indicator that has these values.
fn register(values: &[(&str, i64)]) -> Register {
    let measure = Measure {
        description: None,
        lifecycle_word: None,
        key: key("measure"),
        plan_key: Link::new(key("plan")),
        name: "Measure".into(),
        operational_goal_key: None,
        operator: None,
        lifecycle: None,
        position: None,
        printed: None,
        lifecycle_printed: None,
        owner: None,
        process_type: None,
    };
    let indicator = Indicator {
        kind_word: None,
        key: key("files"),
        measure_key: Some(Link::new(key("measure"))),
        position: 1,
        label: "Files".into(),
        kind: IndicatorKind::Received,
        unit: Unit::Count,
        printed: None,
        aim: None,
        aggregation: None,
        definition: None,
        domain: None,
        frequency: None,
        method: None,
        owner: None,
        source: None,
        subject_key: None,
        subject_kind: None,
    };
    let observation = |(period, value): &(&str, i64)| {
        let value = Some(Decimal::from(*value));
        let figure =
            Figure { value, status: FigureStatus::Reported, unit: Unit::Count, printed: None, unit_code: None };
        Record::from(Observation {
            indicator_key: Link::new(key("files")),
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
    let records = [Record::from(measure), indicator.into()].into_iter().chain(values.iter().map(observation));
    Register::load(records.map(|record| Node::new(record, 1)), [], 1, 0)
}

/// Period and change of the one indicator in a year.
fn standing(values: &[(&str, i64)], year: i32) -> (Option<String>, Option<String>) {
    let register = register(values);
    let of = indicators(&register, register.get(Kind::Measure, &key("measure")).unwrap(), year);
    let change = of[0].trend.absolute.value.as_ref().ok().map(ToString::to_string);
    (of[0].last.map(|last| last.period.to_string()), change)
}

#[test]
fn a_year_is_its_year_and_not_its_last_quarter() {
    let values = [("2019", 100), ("2020-Q1", 20), ("2020-Q2", 30), ("2020-Q3", 40), ("2020-Q4", 50), ("2020", 140)];
    assert_eq!(standing(&values, 2020), (Some("2020".into()), Some("40".into())));
    assert_eq!(standing(&values, 2019), (Some("2019".into()), None));
}

#[test]
fn a_quarter_is_compared_with_the_same_of_the_year_before() {
    let values = [("2019-Q3", 7), ("2019-Q4", 90), ("2020-Q3", 40), ("2020-Q4", 50)];
    assert_eq!(standing(&values, 2020), (Some("2020-Q4".into()), Some("-40".into())));
    // Where there is none, with no other.
    assert_eq!(standing(&values[1..3], 2020), (Some("2020-Q3".into()), None));
    assert_eq!(standing(&[("2018-2019", 5), ("2019-2020", 8)], 2020), (Some("2019-2020".into()), Some("3".into())));
}
