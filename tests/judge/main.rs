//! graphql-js judges: for every document and every variables, the API's verdict is the judge's. A program in `tests/judge/`
//! makes cases from the schema and writes each with the verdict of graphql-js; here ours is compared. `tests/install`
//! installs what it needs.
//!
//! A run is the same for the same seed. `BOORDTABEL_JUDGE_CASES=200000 BOORDTABEL_JUDGE_SEED=7 cargo test --test judge --
//! --nocapture` makes as many as wished and prints what was tried.
#![allow(missing_docs, clippy::unwrap_used)]

mod answers;
mod compare;
mod program;
#[path = "../server/mod.rs"]
mod server;

use answers::Answering;
use compare::{Judged, Tally};
use program::Case;

/// How many cases a test makes, unless the environment says another number.
const DOCUMENTS: usize = 4_200;
const COERCIONS: usize = 4_000;
const ANSWERS: usize = 600;
/// With each rule so many documents are refused, and so many that come near it are taken.
const EACH: usize = 50;

fn number(name: &str, usual: usize) -> usize {
    std::env::var(name).map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
}

/// The number of cases: what the environment says, many for a long run, else the usual one.
fn count(usual: usize) -> usize {
    let long = std::env::var_os("BOORDTABEL_LONG").is_some();
    number("BOORDTABEL_JUDGE_CASES", if long { 200_000 } else { usual })
}

fn judged(what: &'static str, count: usize) -> Tally {
    let seed = number("BOORDTABEL_JUDGE_SEED", 1);
    println!("{what} with seed {seed}");
    let judged = Judged::new();
    let mut tally = Tally::new();
    program::cases(what, &judged.schema(), [seed, count], &[], |case: Case| {
        if let Some(expected) = case.json["expect"].as_str() {
            assert_eq!(case.text("verdict"), expected, "graphql-js on `{}`", case.text("trial"));
        }
        tally.note(judged.verdict(&case), &case);
    });
    tally.print();
    tally
}

#[test]
fn documents() {
    let count = count(DOCUMENTS);
    let tally = judged("documents", count);
    assert_eq!(tally.tried(), count);
    for (rule, refused, taken) in tally.rules() {
        assert!(refused >= EACH && taken >= EACH, "{rule} was tried too seldom: {refused} refused, {taken} taken");
    }
    tally.agrees();
}

#[test]
fn coercions() {
    let count = count(COERCIONS);
    let tally = judged("coercions", count);
    assert_eq!(tally.tried(), count);
    tally.agrees();
}

/// Every corner of the grammar, and what was once found to differ.
#[test]
fn corners() {
    let tally = judged("corners", 0);
    assert!(tally.tried() > 500);
    tally.agrees();
}

/// Queries on the real plan, pages from either end, and cursors where they do not belong: letter by letter what an executor
/// answers that reads the CSV files and knows nothing of ours.
#[test]
fn answers() {
    const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/dwse-2021");
    let (count, seed) = (count(ANSWERS), number("BOORDTABEL_JUDGE_SEED", 1));
    let (answering, schema) = (Answering::new(FIXTURE), Judged::new().schema());
    let mut different = Vec::new();
    program::cases("answers", &schema, [seed, count], &[FIXTURE], |case: Case| {
        if let Err(reason) = answering.agrees(&case) {
            different.push(format!("DIFFERENCE case {}: {reason}", case.number("number")));
        }
    });
    different.sort_by_key(String::len);
    println!("{}", different.join("\n"));
    assert!(different.is_empty(), "{} of {count} answers differ with seed {seed}", different.len());
}
