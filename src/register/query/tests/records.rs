//! Records, made of the least that they need.

use super::*;

pub fn measure(number: usize, name: &str) -> Record {
    Measure {
        description: None,
        lifecycle_word: None,
        key: key(&format!("m-{number}")),
        plan_key: Link::new(key("p")),
        name: name.into(),
        operational_goal_key: None,
        operator: None,
        lifecycle: None,
        position: None,
        printed: None,
        lifecycle_printed: None,
        owner: None,
        process_type: None,
    }
    .into()
}

pub fn indicator(number: usize, measure: usize, kind: IndicatorKind) -> Record {
    Indicator {
        kind_word: None,
        key: key(&format!("i-{number}")),
        measure_key: Some(Link::new(key(&format!("m-{measure}")))),
        position: 1,
        label: format!("I {number}"),
        kind,
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
    }
    .into()
}

pub fn observation(indicator: usize, period: &str, value: Option<Decimal>, unit: Unit) -> Record {
    let status = if value.is_some() { FigureStatus::Reported } else { FigureStatus::NotAvailable };
    Observation {
        indicator_key: Link::new(key(&format!("i-{indicator}"))),
        period: Period::parse(period).unwrap(),
        figure: Figure { value, status, unit, printed: None, unit_code: None },
        change: None,
        change_from: None,
        period_written: None,
        category_keys: Vec::new(),
        delivered: None,
        explanation: None,
        state: None,
        year_to_date: None,
    }
    .into()
}
