//! What each mode does, and what it refuses.

use serde_json::{Value as Json, json};

use super::small::{Small, indicator, measure, observation, problems, rows, text, told};
use crate::server::journal;

#[test]
fn create_takes_only_what_is_new() {
    let small = Small::new();
    let done = small.import(json!({ "mode": "CREATE", "rows": [measure("m-3"), observation("i-1", "2021", "1")] }));
    assert_eq!((&done["status"], &done["counts"]["created"]), (&"COMMITTED".into(), &2.into()));
    // One row that is there already keeps all others out.
    let found = small.refused(json!({ "mode": "CREATE", "rows": [measure("m-4"), measure("m-3")] }));
    assert_eq!(found, told(&[("ALREADY_EXISTS", "measure")]));
    assert_eq!(small.keys("measures"), ["m-1", "m-2", "m-3"]);
}

#[test]
fn update_takes_only_what_is_there_and_replaces_it_whole() {
    let small = Small::new();
    let long = json!({ "measure": { "key": "m-1", "planKey": "p", "name": "New", "operator": "OWN" } });
    let done = small.import(json!({ "mode": "UPDATE", "rows": [long, measure("m-2")] }));
    assert_eq!(done["rows"], json!(["UPDATED", "UNCHANGED"]));
    let fields = json!([
        { "field": "name", "before": "Measure m-1", "after": "New" },
        { "field": "operator", "before": null, "after": "OWN" },
    ]);
    assert_eq!(done["changes"], json!([{ "kind": "MEASURE", "key": "m-1", "outcome": "UPDATED", "fields": fields }]));
    // What a row does not say is gone, not kept.
    let done = small.import(json!({ "mode": "UPDATE", "rows": [measure("m-1")] }));
    assert_eq!(done["changes"][0]["fields"][1], json!({ "field": "operator", "before": "OWN", "after": null }));

    let input = json!({ "mode": "UPDATE", "rows": [measure("m-11"), measure("m-1")], "dryRun": true });
    let done = small.import(input.clone());
    assert_eq!(done["problems"][0]["candidates"][0], "m-1", "{done}");
    assert_eq!(small.refused(input), told(&[("NOT_FOUND", "measure")]));
}

#[test]
fn upsert_tells_new_changed_and_unchanged_apart() {
    let small = Small::new();
    let rows = [observation("i-1", "2019", "10"), observation("i-1", "2020", "21"), observation("i-1", "2021", "1")];
    let done = small.import(json!({ "rows": rows }));
    assert_eq!(done["rows"], json!(["UNCHANGED", "UPDATED", "CREATED"]));
    let counts = json!({ "received": 3, "created": 1, "updated": 1, "unchanged": 1, "deleted": 0, "rejected": 0 });
    assert_eq!(done["counts"], counts);
    let found = small.refused(json!({ "rows": [observation("i-9", "2020", "1"), indicator("i-3", "m-9")] }));
    assert_eq!(found, told(&[("UNKNOWN_REFERENCE", "indicatorKey"), ("UNKNOWN_REFERENCE", "measureKey")]));
}

#[test]
fn replace_scope_deletes_what_the_scope_has_beyond_the_rows() {
    let small = Small::new();
    let scope = |kinds: Json, key: &str| json!({ "kinds": kinds, "within": { "kind": "MEASURE", "key": key } });
    let input = json!({
        "mode": "REPLACE_SCOPE",
        "scope": scope(json!(["OBSERVATION"]), "m-1"),
        "rows": [observation("i-1", "2020", "20"), observation("i-1", "2021", "5")],
    });
    let done = small.import(input);
    assert_eq!((&done["counts"]["created"], &done["counts"]["deleted"]), (&1.into(), &1.into()), "{done}");
    assert_eq!(small.keys("observations"), ["i-1/2020", "i-1/2021", "i-2/2020"]);

    // An indicator whose observations stay cannot go.
    let indicators = json!({ "mode": "REPLACE_SCOPE", "scope": scope(json!(["INDICATOR"]), "m-1"), "rows": [] });
    assert_eq!(small.refused(indicators), told(&[("STILL_REFERENCED", "scope")]));
    let both = json!(["INDICATOR", "OBSERVATION"]);
    let done = small.import(json!({ "mode": "REPLACE_SCOPE", "scope": scope(both, "m-1"), "rows": [] }));
    assert_eq!(done["counts"]["deleted"], 3, "{done}");
    assert_eq!(small.keys("observations"), ["i-2/2020"]);

    // Without `within`, all of the kind.
    let all = json!({ "mode": "REPLACE_SCOPE", "scope": { "kinds": ["OBSERVATION"] }, "rows": [observation("i-2", "2019", "1")] });
    small.import(all);
    assert_eq!(small.keys("observations"), ["i-2/2019"]);
}

#[test]
fn a_scope_must_be_there_and_belongs_to_its_mode() {
    let small = Small::new();
    let scope = |key: &str| json!({ "kinds": ["OBSERVATION"], "within": { "kind": "MEASURE", "key": key } });
    // A name mistyped must not pass for a scope that happens to be empty.
    let mistyped = json!({ "mode": "REPLACE_SCOPE", "scope": scope("m-11"), "rows": [] });
    assert_eq!(small.refused(mistyped), told(&[("UNKNOWN_REFERENCE", "key")]));
    // But the rows may bring the record that the scope names.
    let rows = [observation("i-3", "2020", "1"), indicator("i-3", "m-3"), measure("m-3")];
    let done = small.import(json!({ "mode": "REPLACE_SCOPE", "scope": scope("m-3"), "rows": rows }));
    assert_eq!((&done["status"], &done["counts"]["deleted"]), (&"COMMITTED".into(), &0.into()), "{done}");

    for input in [json!({ "mode": "REPLACE_SCOPE" }), json!({ "scope": scope("m-1") })] {
        let mut input = crate::server::with_common(input);
        input["rows"] = json!([observation("i-1", "2022", "1")]);
        let answer = small.server.send(Some(&small.token), crate::server::IMPORT, json!({ "input": input }));
        assert_eq!(answer.error(), "BAD_USER_INPUT", "{}", answer.json);
    }
    assert_eq!(small.server.revision(), 2);
}

#[test]
fn delete_takes_records_that_nobody_refers_to() {
    let small = Small::new();
    let delete = |rows: &[Json]| json!({ "mode": "DELETE", "rows": rows });
    assert_eq!(small.refused(delete(&[measure("m-1")])), told(&[("STILL_REFERENCED", "measure")]));
    assert_eq!(small.refused(delete(&[measure("m-9")])), told(&[("NOT_FOUND", "measure")]));
    let done = small.import(delete(&[observation("i-1", "2019", "10")]));
    assert_eq!(done["rows"], json!(["DELETED"]), "{done}");
    // What refers goes with what is referred to, in any order of rows.
    let done = small.import(delete(&[measure("m-1"), observation("i-1", "2020", "20"), indicator("i-1", "m-1")]));
    assert_eq!(done["counts"]["deleted"], 3, "{done}");
    assert_eq!((small.keys("measures"), small.keys("indicators")), (vec!["m-2".into()], vec!["i-2".into()]));

    let refused = small.server.send(
        Some(&small.token),
        "mutation($input: DeleteRecordsInput!) { deleteRecords(input: $input) { status problems { code row candidates message } } }",
        json!({ "input": crate::server::with_common(json!({ "records": [{ "kind": "MEASURE", "key": "m-2" }] })) }),
    );
    let message = "Measure `m-2` cannot go: 1 indicator refers to it, `i-2`";
    let problem = json!({ "code": "STILL_REFERENCED", "row": 0, "candidates": ["i-2"], "message": message });
    assert_eq!(refused.json["data"]["deleteRecords"], json!({ "status": "REJECTED", "problems": [problem] }));
}

#[test]
fn good_rows_go_in_without_the_bad_ones_and_what_leans_on_them() {
    let small = Small::new();
    let nameless = json!({ "measure": { "key": "m-3", "planKey": "p" } });
    let rows = json!([
        nameless,
        indicator("i-3", "m-3"),
        observation("i-3", "2020", "1"),
        measure("m-4"),
        observation("i-1", "2021", "x"),
        observation("i-2", "2021", "1"),
    ]);
    // All or nothing: only the two mistakes themselves are told.
    let found = small.refused(json!({ "rows": rows }));
    assert_eq!(found, told(&[("MISSING", "name"), ("NOT_A_NUMBER", "value")]));
    // Good rows only: what leans on a row that is left out is left out too, and told.
    let done = small.import(json!({ "rows": rows, "atomicity": "GOOD_ROWS" }));
    assert_eq!(done["status"], "COMMITTED");
    assert_eq!(done["rows"], json!(["REJECTED", "REJECTED", "REJECTED", "CREATED", "REJECTED", "CREATED"]));
    let mut expected = found;
    expected.extend(told(&[("UNKNOWN_REFERENCE", "indicatorKey"), ("UNKNOWN_REFERENCE", "measureKey")]));
    assert_eq!(problems(&done), expected);
    assert_eq!(small.keys("measures"), ["m-1", "m-2", "m-4"]);
}

#[test]
fn a_digest_commits_what_the_dry_run_told_or_nothing() {
    let small = Small::new();
    let rows = json!([observation("i-1", "2020", "21"), observation("i-1", "2021", "22")]);
    let before = journal(small.data());
    let dry = small.import(json!({ "rows": rows, "dryRun": true }));
    assert_eq!((&dry["status"], &dry["revision"]), (&"WOULD_COMMIT".into(), &1.into()));
    assert!(before == journal(small.data()), "a dry run wrote to the journal");

    // Somebody else commits in between, if only elsewhere.
    small.import(json!({ "rows": [measure("m-3")] }));
    let digest = &dry["digest"];
    let found = small.refused(json!({ "rows": rows, "expectDigest": digest }));
    assert_eq!(found, told(&[("DIGEST_MISMATCH", "expectDigest")]));

    let dry = small.import(json!({ "rows": rows, "dryRun": true }));
    assert_ne!(dry["digest"], *digest);
    let others = json!([observation("i-1", "2020", "21"), observation("i-1", "2021", "23")]);
    let found = small.refused(json!({ "rows": others, "expectDigest": dry["digest"] }));
    assert_eq!(found, told(&[("DIGEST_MISMATCH", "expectDigest")]));
    let done = small.import(json!({ "rows": rows, "expectDigest": dry["digest"] }));
    assert_eq!((&done["status"], &done["digest"]), (&"COMMITTED".into(), &dry["digest"]));
    for field in ["changes", "counts", "rows", "baseRevision"] {
        assert_eq!(done[field], dry[field], "{field}");
    }
}

#[test]
fn an_expected_revision_guards_against_lost_updates() {
    let small = Small::new();
    let update =
        |value: &str, revision: u64| json!({ "rows": [observation("i-1", "2020", value)], "expectRevision": revision });
    assert_eq!(small.import(update("21", 1))["status"], "COMMITTED");
    // A second client has read revision 1 too: its write would undo the first one's.
    assert_eq!(small.refused(update("22", 1)), told(&[("REVISION_MISMATCH", "expectRevision")]));
    assert_eq!(small.refused(update("22", 3)), told(&[("REVISION_MISMATCH", "expectRevision")]));
    assert_eq!(small.import(update("22", 2))["status"], "COMMITTED");
}

#[test]
fn every_reference_to_a_record_keeps_it() {
    let small = Small::new();
    let document = json!({ "document": { "key": "doc", "title": "Doc", "organisationKey": "body" } });
    let cite = |key: &str| {
        let mut row = observation("i-1", "2021", "1");
        row["observation"]["figure"]["printed"] = json!({ "documentKey": key, "text": "1" });
        row
    };
    // A citation is a reference too.
    assert_eq!(small.refused(json!({ "rows": [cite("doc")] })), told(&[("UNKNOWN_REFERENCE", "documentKey")]));
    let done = small.import(json!({ "rows": [cite("doc"), document] }));
    assert_eq!(done["status"], "COMMITTED", "{done}");
    let found = small.refused(json!({ "mode": "DELETE", "rows": [document] }));
    assert_eq!(found, told(&[("STILL_REFERENCED", "document")]));
    let done = small.import(json!({ "mode": "DELETE", "rows": [document, cite("doc")] }));
    assert_eq!(done["counts"]["deleted"], 2, "{done}");
}

#[test]
fn near_keys_are_looked_for_a_hundred_times_and_no_more() {
    let small = Small::new();
    let rows: Vec<_> = (0..150).map(|number| observation("i-3", &format!("{}", 1950 + number), "1")).collect();
    let done = small.import(json!({ "rows": rows, "dryRun": true }));
    let near =
        done["problems"].as_array().unwrap().iter().map(|problem| problem["candidates"].as_array().unwrap().len());
    let near: Vec<usize> = near.collect();
    assert_eq!((near.len(), &near[..100], &near[100..]), (150, [2; 100].as_slice(), [0; 50].as_slice()));
}

#[test]
fn rows_say_where_they_stand() {
    let small = Small::new();
    let mut all = rows();
    all.push(observation("i-1", "2020", "1,5"));
    let done = small.import(json!({ "rows": all, "dryRun": true }));
    let problem = &done["problems"][0];
    assert_eq!(problem["row"], 9);
    assert_eq!(problem["path"], json!(["rows", "9", "observation", "figure", "value"]));
    assert!(
        text(&problem["message"]).contains("`1,5`") && text(&problem["hint"]).contains("decimal point"),
        "{problem}"
    );
}
