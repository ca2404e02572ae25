//! Filtered and ordered pages of computed values, in process and as a request is answered:
//! `cargo bench --bench computed [VALUES]` (default 100 000).
//!
//! Prints the CPU time of each question: the first time that anybody asks it, the first time with another value in its condition, the mean
//! of those with still others, of the next page, and the first time after a commit of one observation.

mod large;

use std::sync::Arc;
use std::time::Duration;

use boordtabel::commit::Ledger;
use boordtabel::commit::access::Identity;
use boordtabel::graphql::core::limits::Limits;
use boordtabel::graphql::{AllowedOperations, Api, GraphqlRequest};
use large::{Clock, base, commit, ms, observation};
use serde_json::Value;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: u32 = 200;

/// What is asked, with `$` in the place of a number that is another each time.
const QUESTIONS: [(&str, &str, &str); 6] = [
    ("by one value, in its order", "relative: {gt: \"0.$\"}", "{field: RELATIVE}"),
    ("by one value, in another order", "absolute: {lt: \"$\"}", "{field: RELATIVE, direction: DESC}"),
    ("by two values", "relative: {gt: \"0.$\"}, comparable: {eq: true}", "{field: ABSOLUTE}"),
    (
        "by two values, in an order of two",
        "relative: {gt: \"0.$\"}, planKey: {eq: \"p\"}",
        "{field: UNIT}, {field: RELATIVE}",
    ),
    ("by what the measure is called", "measure: {name: {startsWith: \"m $\"}}", "{field: RELATIVE}"),
    ("by a text", "indicatorKey: {startsWith: \"m-$\"}", "{field: ABSOLUTE, direction: DESC}"),
];

struct Bench {
    api: Api,
}

impl Bench {
    /// The time of an answer, and the cursor of the next page.
    fn ask(&self, question: (&str, &str, &str), number: u32, after: Option<&str>) -> (Duration, String) {
        let (name, filter, order) = question;
        let filter = filter.replace('$', &number.to_string());
        let after = after.map(|cursor| format!(", after: \"{cursor}\"")).unwrap_or_default();
        let query = format!(
            "{{ trends(first: 50{after}, where: {{{filter}}}, orderBy: [{order}]) {{
               totalCount pageInfo {{ endCursor }} nodes {{ indicatorKey relative absolute }} }} }}"
        );
        let request = GraphqlRequest { query, ..GraphqlRequest::default() };
        let start = Clock::now();
        let answer = self.api.execute(request, &Identity::local("bench"), AllowedOperations::Queries);
        let time = start.elapsed();
        assert!(answer.errors.is_empty(), "{name}: {:?}", answer.errors);
        let data: Value = serde_json::from_slice(&answer.data.unwrap_or_default()).expect("an answer");
        let cursor = data["trends"]["pageInfo"]["endCursor"].as_str().unwrap_or_default().to_owned();
        assert!(!cursor.is_empty(), "{name}: {data}");
        (time, cursor)
    }
}

/// The mean of several.
fn mean(ask: impl Fn(u32) -> Duration) -> Duration {
    (0..ROUNDS).map(ask).sum::<Duration>() / ROUNDS
}

/// Looks random and is the same every time.
fn scattered(number: usize) -> u64 {
    (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40 & 0xF_FFFF
}

fn main() {
    let count: usize = std::env::args().filter_map(|argument| argument.parse().ok()).next().unwrap_or(100_000);
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = Arc::new(Ledger::open(folder.path()).expect("it opens"));
    let count = count / 12 * 12;
    commit(&ledger, base(count));
    // A month, and the same one of the year after, which is what it is compared with.
    for first in [0, 12 * count] {
        for at in (0..count).step_by(50_000) {
            let numbers = (at..count.min(at + 50_000)).map(|number| first + number);
            commit(&ledger, numbers.map(|number| observation(count, number, scattered(number))));
        }
    }
    let limits = Limits { time_ms: 600_000, ..Limits::default() };
    let bench = Bench { api: Api::new(Arc::clone(&ledger), limits, || 0) };
    let (all, _) = bench.ask(("all", "", ""), 0, None);
    println!("{count} computed values, made in {:.0} ms; CPU time in ms", ms(all));
    println!("{:36} {:>9} {:>9} {:>9} {:>9} {:>12}", "", "first", "another", "mean", "next page", "after commit");
    for question in QUESTIONS {
        let (first, _) = bench.ask(question, 101, None);
        let (another, cursor) = bench.ask(question, 102, None);
        let others = mean(|round| bench.ask(question, 110 + round, None).0);
        let next = mean(|_| bench.ask(question, 102, Some(&cursor)).0);
        commit(&ledger, [observation(count, count / 2, 1_000_001 + u64::from(first.subsec_nanos()))]);
        let (after, _) = bench.ask(question, 103, None);
        let times = [first, another, others, next, after].map(ms);
        let [first, another, others, next, after] = times;
        println!("{:36} {first:9.3} {another:9.3} {others:9.3} {next:9.3} {after:12.3}", question.0);
    }
    let resident = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = resident.lines().find(|line| line.starts_with("VmRSS")).unwrap_or_default();
    println!("{line}");
}
