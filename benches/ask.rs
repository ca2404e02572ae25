//! Filtered and ordered pages and groups of a large register, in process and as a request is answered:
//! `cargo bench --bench ask [OBSERVATIONS]` (default 240 000).
//!
//! Prints the CPU time of each question: the first time after a commit, when columns and orders have yet to be made, and the
//! mean of those after it.

use std::sync::Arc;
use std::time::Duration;

use boordtabel::commit::access::{Identity, Role};
use boordtabel::commit::{Edit, Ledger, Status, Submission};
use boordtabel::graphql::core::limits::Limits;
use boordtabel::graphql::{Allowed, Api, GraphqlRequest};
use boordtabel::model::indicator::IndicatorKind;
use boordtabel::model::{
    Figure, FigureStatus, Indicator, Key, Link, Measure, Observation, Organisation, Period, Plan, Record, Unit,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const INDICATORS: usize = 24_000;
const ROUNDS: u32 = 500;

/// What is asked, and a part of the answer that shows that something was found.
const QUESTIONS: [(&str, &str); 7] = [
    (
        "a page of 50, by value",
        "{ observations(first: 50, where: {figure: {value: {gt: \"500000\"}}},
           orderBy: [{field: FIGURE_VALUE, direction: DESC}]) { totalCount nodes { key figure { value } } } }",
    ),
    (
        "a page of 50, by period and value",
        "{ observations(first: 50, where: {period: {gte: \"1990-03\"}, figure: {value: {lt: \"900000\"}}},
           orderBy: [{field: PERIOD}, {field: FIGURE_VALUE}]) { totalCount nodes { key figure { value } } } }",
    ),
    (
        "a page of 50, through relations",
        "{ observations(first: 50, where: {indicator: {kind: {eq: VOLUME}, measure: {name: {startsWith: \"m 1\"}}}},
           orderBy: [{field: FIGURE_VALUE}]) { totalCount nodes { key figure { value } } } }",
    ),
    (
        "the observations of one indicator",
        "{ observations(first: 50, where: {indicatorKey: {eq: \"m-7/i-3\"}},
           orderBy: [{field: PERIOD, direction: DESC}]) { totalCount nodes { key figure { value } } } }",
    ),
    (
        "indicators by what they observed",
        "{ indicators(first: 50, where: {observations: {some: {figure: {value: {gt: \"999000\"}}}}}) { totalCount nodes { key } } }",
    ),
    (
        "groups by measure and year, 100 of them",
        "{ observations(first: 0) { groupBy(by: [MEASURE, PERIOD_YEAR], first: 100) { keys { measure { key } periodYear } count figure { sum } } } }",
    ),
    (
        "groups by measure and year, by sum",
        "{ observations(first: 0) { groupBy(by: [MEASURE, PERIOD_YEAR], first: 100, orderBy: [{field: FIGURE_SUM, direction: DESC}]) { keys { measure { key } } count figure { sum avg min max } } } }",
    ),
];

fn key(text: String) -> Key {
    Key::parse(&text).expect("a key")
}

fn base() -> Vec<Record> {
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
    for measure in 0..INDICATORS / 12 {
        records.push(
            Measure {
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

fn observation(number: usize, value: u64) -> Record {
    let indicator = number % INDICATORS;
    let period = format!("{}-{:02}", 1990 + number / INDICATORS / 12, number / INDICATORS % 12 + 1);
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

/// Looks random and is the same every time.
fn scattered(number: usize) -> u64 {
    (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40 & 0xF_FFFF
}

fn commit(ledger: &Ledger, records: impl IntoIterator<Item = Record>) {
    let edits = records.into_iter().map(Edit::put).collect();
    let submission = Submission::new(Identity::local("bench"), Role::Import, "bench", edits);
    let report = ledger.submit(submission, 0).expect("it commits");
    assert_eq!(report.status, Status::Committed, "{:?}", report.problems);
}

fn main() {
    let count: usize = std::env::args().filter_map(|argument| argument.parse().ok()).next().unwrap_or(240_000);
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = Arc::new(Ledger::open(folder.path()).expect("it opens"));
    commit(&ledger, base());
    for at in (0..count).step_by(50_000) {
        commit(&ledger, (at..count.min(at + 50_000)).map(|number| observation(number, scattered(number))));
    }
    let api = Api::new(Arc::clone(&ledger), Limits::default(), || 0);
    println!("{count} observations; CPU time in ms: first after a commit, then mean of {ROUNDS}");
    for (round, (name, query)) in QUESTIONS.into_iter().enumerate() {
        commit(&ledger, [observation(round, 1_000_000 + round as u64)]);
        let ask = || {
            let request = GraphqlRequest { query: query.into(), ..GraphqlRequest::default() };
            let answer = api.execute(request, &Identity::local("bench"), Allowed::Queries);
            assert!(answer.errors.is_empty(), "{name}: {:?}", answer.errors);
            answer.data.map_or(0, |data| data.len())
        };
        let start = Clock::now();
        let bytes = ask();
        let first = start.elapsed();
        // The clock of the machine ticks too seldom for one of them: all together.
        let start = Clock::now();
        for _ in 0..ROUNDS {
            ask();
        }
        let later = start.elapsed() / ROUNDS;
        println!("{name:42} {:9.3} {:9.3}   {bytes} bytes", ms(first), ms(later));
    }
}

/// Counts the CPU time of this thread: other work on the machine does not count.
struct Clock(Duration);

impl Clock {
    fn now() -> Self {
        Self(Self::read())
    }
    fn read() -> Duration {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux tells it");
        Duration::from_nanos(text.split(' ').next().and_then(|number| number.parse().ok()).expect("a number"))
    }
    fn elapsed(&self) -> Duration {
        Self::read() - self.0
    }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
