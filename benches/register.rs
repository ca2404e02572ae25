//! Commits and earlier states of a large register, in process: `cargo bench --bench register [OBSERVATIONS]`.
//!
//! Prints the CPU time of a commit of one record and of ten thousand with that many observations present (default one million),
//! the time to get the state 1 000 commits ago, and the time to open the folder again.

use std::time::Duration;

use boordtabel::commit::access::{Identity, Role};
use boordtabel::commit::{Edit, Ledger, Status, Submission};
use boordtabel::model::indicator::IndicatorKind;
use boordtabel::model::{
    Figure, FigureStatus, Indicator, Key, Link, Measure, Observation, Organisation, Period, Plan, Record, Unit,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const INDICATORS: usize = 24_000;

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
                name: "M".into(),
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
            records.push(
                Indicator {
                    key: key(format!("m-{measure}/i-{indicator}")),
                    measure_key: Some(Link::new(key(format!("m-{measure}")))),
                    position: indicator,
                    label: "I".into(),
                    kind: IndicatorKind::Volume,
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

fn observation(number: usize, value: u32) -> Record {
    let indicator = number % INDICATORS;
    Observation {
        indicator_key: Link::new(key(format!("m-{}/i-{}", indicator / 12, indicator % 12))),
        period: Period::parse(&format!("{}-{:02}", 1990 + number / INDICATORS / 12, number / INDICATORS % 12 + 1))
            .expect("a period"),
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

fn commit(ledger: &Ledger, records: impl IntoIterator<Item = Record>) -> Duration {
    let edits = records.into_iter().map(Edit::put).collect();
    let submission = Submission::new(Identity::local("bench"), Role::Import, "bench", edits);
    let start = Clock::now();
    let report = ledger.submit(submission, 0).expect("it commits");
    assert_eq!(report.status, Status::Committed, "{:?}", report.problems);
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn main() {
    let count: usize = std::env::args().filter_map(|argument| argument.parse().ok()).next().unwrap_or(1_000_000);
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = Ledger::open(folder.path()).expect("it opens");
    commit(&ledger, base());
    let start = Clock::now();
    for at in (0..count).step_by(50_000) {
        commit(&ledger, (at..count.min(at + 50_000)).map(|number| observation(number, 1)));
    }
    let rate = count as f64 / start.elapsed().as_secs_f64();
    println!("{count} observations in commits of 50 000: {rate:.0} rows/s");
    let mut next = count;
    let many: Vec<Duration> = (0..9)
        .map(|_| {
            next += 10_000;
            commit(&ledger, (next - 10_000..next).map(|number| observation(number, 1)))
        })
        .collect();
    println!("10 000 new in one commit: {:.0} rows/s (median of 9)", 10_000.0 / median(many).as_secs_f64());
    let many: Vec<Duration> =
        (0..9).map(|round| commit(&ledger, (0..10_000).map(|number| observation(number * 7, 2 + round)))).collect();
    println!("10 000 changed in one commit: {:.0} rows/s (median of 9)", 10_000.0 / median(many).as_secs_f64());
    let singles: Vec<Duration> =
        (0..1_000).map(|round| commit(&ledger, [observation(round * 37, 100 + round as u32)])).collect();
    let slowest = singles.iter().max().copied().unwrap_or_default();
    println!("1 changed in one commit: median {:.3} ms, slowest {:.3} ms", ms(median(singles)), ms(slowest));
    let head = ledger.register().revision();
    for back in [1, 10, 100, 1_000, 1_001, 999, 500] {
        let start = Clock::now();
        let register = ledger.register_at(head - back).expect("it reads").expect("it is there");
        assert_eq!(register.revision(), head - back);
        println!("the state {back} commits ago: {:.1} ms", ms(start.elapsed()));
    }
    let start = Clock::now();
    ledger.close().expect("it closes");
    println!("closed in {:.0} ms", ms(start.elapsed()));
    let start = Clock::now();
    let ledger = Ledger::open(folder.path()).expect("it opens");
    println!("opened again in {:.0} ms", ms(start.elapsed()));
    let start = Clock::now();
    ledger.register_at(head - 1_000).expect("it reads").expect("it is there");
    println!("the state 1000 commits ago, nothing at hand: {:.1} ms", ms(start.elapsed()));
}

/// Counts the CPU time of this thread: other work on the machine does not count. (Waiting for the disk does not either.)
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
