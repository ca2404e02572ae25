//! A register of as many observations as one likes, for the benches of what grows with it.

use std::time::Duration;

use boordtabel::commit::access::{Identity, Role};
use boordtabel::commit::{Edit, Ledger, Status, Submission};
use boordtabel::model::indicator::IndicatorKind;
use boordtabel::model::{
    Figure, FigureStatus, Indicator, Key, Link, Measure, Observation, Organisation, Period, Plan, Record, Unit,
};

fn key(text: String) -> Key {
    Key::parse(&text).expect("a key")
}

/// What observations need: a body, a plan, measures, and twelve indicators of each; so many in all.
pub fn base(indicators: usize) -> Vec<Record> {
    let mut records: Vec<Record> = vec![
        Organisation {
            key: key("o".into()),
            name: "O".into(),
            abbreviation: None,
            printed: None,
            namespace: None,
            parent_key: None,
            year_start: None,
        }
        .into(),
        Plan {
            key: key("p".into()),
            organisation_key: Link::new(key("o".into())),
            year: 2021,
            evaluated_year: None,
            title: "P".into(),
            document_key: None,
            closing_date: None,
            met_from: None,
            nearly_met_from: None,
            partly_met_from: None,
        }
        .into(),
    ];
    for measure in 0..indicators / 12 {
        records.push(
            Measure {
                description: None,
                lifecycle_word: None,
                key: key(format!("m-{measure}")),
                plan_key: Link::new(key("p".into())),
                name: format!("M {measure}"),
                operational_goal_key: None,
                operator: None,
                lifecycle: None,
                position: None,
                printed: None,
                lifecycle_printed: None,
                owner: None,
                process_type: None,
            }
            .into(),
        );
        for indicator in 0..12 {
            let kind = if indicator % 2 == 0 { IndicatorKind::Volume } else { IndicatorKind::Received };
            records.push(
                Indicator {
                    kind_word: None,
                    key: key(format!("m-{measure}/i-{indicator}")),
                    measure_key: Some(Link::new(key(format!("m-{measure}")))),
                    position: indicator,
                    label: format!("I {indicator}"),
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
                .into(),
            );
        }
    }
    records
}

/// The observation of that number: month by month, of so many indicators in turn.
pub fn observation(indicators: usize, number: usize, value: u64) -> Record {
    let indicator = number % indicators;
    let period = format!("{}-{:02}", 1990 + number / indicators / 12, number / indicators % 12 + 1);
    Observation {
        indicator_key: Link::new(key(format!("m-{}/i-{}", indicator / 12, indicator % 12))),
        period: Period::parse(&period).expect("a period"),
        figure: Figure {
            value: Some(value.into()),
            status: FigureStatus::Reported,
            unit: Unit::Count,
            printed: None,
            unit_code: None,
        },
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

/// Commits records, and says how much CPU time that took.
pub fn commit(ledger: &Ledger, records: impl IntoIterator<Item = Record>) -> Duration {
    let edits = records.into_iter().map(Edit::put).collect();
    let submission = Submission::new(Identity::local("bench"), Role::Import, "bench", edits);
    let start = Clock::now();
    let report = ledger.submit(submission, 0).expect("it commits");
    assert_eq!(report.status, Status::Committed, "{:?}", report.problems);
    start.elapsed()
}

/// Counts the CPU time of this thread: other work on the machine does not count. (Waiting for the disk does not either.)
pub struct Clock(Duration);

impl Clock {
    pub fn now() -> Self {
        Self(Self::read())
    }
    fn read() -> Duration {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux tells it");
        Duration::from_nanos(text.split(' ').next().and_then(|number| number.parse().ok()).expect("a number"))
    }
    pub fn elapsed(&self) -> Duration {
        Self::read() - self.0
    }
}

/// In milliseconds.
pub fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
