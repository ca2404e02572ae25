//! Filtered and ordered pages and groups of a large register, in process and as a request is answered:
//! `cargo bench --bench ask [OBSERVATIONS]` (default 240 000).
//!
//! Prints the CPU time of each question: the first time after a commit, when columns and orders have yet to be made, and the
//! mean of those after it.

mod large;

use std::sync::Arc;

use boordtabel::commit::Ledger;
use boordtabel::commit::access::Identity;
use boordtabel::graphql::core::limits::Limits;
use boordtabel::graphql::{AllowedOperations, Api, GraphqlRequest};
use large::{Clock, base, commit, ms, observation};

const INDICATORS: usize = 24_000;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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

/// Looks random and is the same every time.
fn scattered(number: usize) -> u64 {
    (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40 & 0xF_FFFF
}

fn main() {
    let count: usize = std::env::args().filter_map(|argument| argument.parse().ok()).next().unwrap_or(240_000);
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = Arc::new(Ledger::open(folder.path()).expect("it opens"));
    commit(&ledger, base(INDICATORS));
    for at in (0..count).step_by(50_000) {
        commit(&ledger, (at..count.min(at + 50_000)).map(|number| observation(INDICATORS, number, scattered(number))));
    }
    let api = Api::new(Arc::clone(&ledger), Limits::default(), || 0);
    println!("{count} observations; CPU time in ms: first after a commit, then mean of {ROUNDS}");
    for (round, (name, query)) in QUESTIONS.into_iter().enumerate() {
        commit(&ledger, [observation(INDICATORS, round, 1_000_000 + round as u64)]);
        let ask = || {
            let request = GraphqlRequest { query: query.into(), ..GraphqlRequest::default() };
            let answer = api.execute(request, &Identity::local("bench"), AllowedOperations::Queries);
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
