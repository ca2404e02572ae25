//! A key makes a request safe to repeat.

use serde_json::{Value as Json, json};

use super::small::{Small, measure, observation, told};
use crate::server::{IMPORT, journal};

fn keyed(key: &str, rows: Json) -> Json {
    json!({ "rows": rows, "idempotencyKey": key })
}

/// An answer without what says that it is a repeated one.
fn essence(done: &Json) -> Json {
    let mut done = done.clone();
    done.as_object_mut().unwrap().remove("replayed");
    done
}

#[test]
fn eight_at_once_make_one_commit_and_eight_equal_answers() {
    let small = Small::new();
    let input = crate::server::with_common(keyed("k", json!([measure("m-3"), observation("i-1", "2021", "1")])));
    let ask =
        || small.server.send(Some(&small.token), IMPORT, json!({ "input": input })).json["data"]["importRows"].clone();
    let answers: Vec<Json> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(answers.iter().filter(|answer| answer["replayed"] == false).count(), 1, "{answers:?}");
    for answer in &answers {
        assert_eq!((&answer["status"], &answer["revision"]), (&"COMMITTED".into(), &2.into()));
        assert_eq!(essence(answer), essence(&answers[0]));
    }
    assert_eq!(small.server.revision(), 2);
}

#[test]
fn a_key_holds_after_kill_and_restart_and_for_nothing_else() {
    let mut small = Small::new();
    let input = keyed("k", json!([measure("m-3")]));
    let unchanged = keyed("u", json!([measure("m-1")]));
    let first = [small.import(input.clone()), small.import(unchanged.clone())];
    assert_eq!((&first[0]["status"], &first[1]["status"]), (&"COMMITTED".into(), &"UNCHANGED".into()));
    for round in 0..2 {
        let before = journal(small.data());
        let again = [small.import(input.clone()), small.import(unchanged.clone())];
        for (again, first) in again.iter().zip(&first) {
            assert_eq!((&again["replayed"], essence(again)), (&true.into(), essence(first)), "round {round}");
        }
        // The same key with another body is no repetition, whatever the difference.
        for other in [
            keyed("k", json!([measure("m-4")])),
            keyed("k", json!([measure("m-3"), measure("m-4")])),
            json!({ "rows": [measure("m-3")], "idempotencyKey": "k", "mode": "CREATE" }),
            json!({ "rows": [measure("m-3")], "idempotencyKey": "k", "reason": "another" }),
        ] {
            assert_eq!(small.refused(other), told(&[("IDEMPOTENCY_MISMATCH", "idempotencyKey")]));
        }
        assert!(before == journal(small.data()), "a repeated request wrote to the journal");
        small = small.killed_and_restarted();
        assert_eq!(small.server.revision(), 2);
    }
}

#[test]
fn a_refused_request_or_a_dry_run_leaves_its_key_free() {
    let small = Small::new();
    small.refused(keyed("k", json!([observation("i-9", "2020", "1")])));
    let dry = small.import(json!({ "rows": [measure("m-3")], "idempotencyKey": "k", "dryRun": true }));
    assert_eq!(dry["status"], "WOULD_COMMIT");
    let done = small.import(keyed("k", json!([measure("m-3")])));
    assert_eq!((&done["status"], &done["replayed"]), (&"COMMITTED".into(), &false.into()));
}

#[test]
fn keys_of_two_authors_do_not_meet() {
    let small = Small::new();
    let other = crate::server::token(small.data(), "admin");
    assert_eq!(small.import(keyed("k", json!([measure("m-3")])))["status"], "COMMITTED");
    let done = small.server.import(&other, keyed("k", json!([measure("m-4")])));
    assert_eq!((&done["status"], &done["replayed"]), (&"COMMITTED".into(), &false.into()), "{done}");
}

#[test]
fn a_replayed_answer_tells_the_bad_rows_again() {
    let small = Small::new();
    let rows = json!([measure("m-3"), observation("i-9", "2020", "1")]);
    let input = json!({ "rows": rows, "idempotencyKey": "k", "atomicity": "GOOD_ROWS" });
    let first = small.import(input.clone());
    assert_eq!((&first["status"], &first["problems"][0]["row"]), (&"COMMITTED".into(), &1.into()));
    small.import(json!({ "rows": [measure("m-4")] }));
    let again = small.import(input);
    assert_eq!((&again["replayed"], essence(&again)), (&true.into(), essence(&first)));
}
