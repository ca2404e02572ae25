//! Random work on a register, against plain maps: after every step each earlier state equals the replay of the log.

mod plain;
mod product;
mod steps;

use boordtabel::model::Kind;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use self::plain::Plain;
use self::product::Product;

const CASES: u32 = 14;

#[test]
fn every_state_equals_the_replay_of_the_log() {
    let config = Config { cases: CASES, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let seen = std::cell::RefCell::new(std::collections::BTreeMap::<String, usize>::new());
    let outcome = runner.run(&steps::steps(), |steps| {
        let (mut plain, mut product) = (Plain::default(), Product::new());
        for (number, step) in steps.iter().enumerate() {
            let expected = plain.take(step);
            let status = product.take(step, number);
            assert_eq!(status, expected, "step {number}: {step:?}");
            let count = |what: &str| *seen.borrow_mut().entry(format!("{} {what}", step.name())).or_default() += 1;
            count(&status);
            if status == "COMMITTED" && plain.last_deleted() {
                count("deleting");
            }
            compare(&plain, &product, number);
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    // A test that only ever met refusals would prove nothing.
    let seen = seen.into_inner();
    println!("{seen:?}");
    for what in ["import", "replace", "delete", "revert", "tag", "observe"] {
        for outcome in ["COMMITTED", "REJECTED"] {
            assert!(seen.contains_key(&format!("{what} {outcome}")), "no {what} was {outcome}: {seen:?}");
        }
    }
    for what in ["import deleting", "replace deleting", "delete deleting", "revert deleting", "restart UNCHANGED"] {
        assert!(seen.contains_key(what), "nothing was {what}: {seen:?}");
    }
}

fn compare(plain: &Plain, product: &Product, step: usize) {
    let newest = plain.revision();
    // Every revision so far, by its number.
    for (revision, found) in product.states(newest).into_iter().enumerate() {
        let expected = plain.shown(revision);
        assert_eq!(found, expected, "step {step}: the state of revision {revision} of {newest}");
    }
    // One by its instant, those that have a name by their editions.
    let revision = step * 7 % (newest + 1);
    assert_eq!(product.revision_at_time_of(plain.time_of(revision)), revision);
    for ((kind, key), edition) in plain.state(newest) {
        if kind == Kind::Edition {
            assert_eq!(product.revision_of_edition(&key), edition["taggedRevision"]);
        }
    }
    // The log, told as changes of fields, leads to the same state.
    assert_eq!(product.replayed_changes(), plain.fields(newest), "step {step}: the changes replayed");
    assert_eq!(product.differing(revision, newest), plain.differing(revision, newest), "step {step}: from {revision}");
}
