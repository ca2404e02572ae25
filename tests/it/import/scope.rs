//! Replacing a part of the register: what goes, what stays, and who may.

use serde_json::{Value as Json, json};

use super::small::{Small, indicator, measure, observation, text, told};
use crate::server::{journal, token, with_common};

fn within(kinds: Json, kind: &str, key: &str) -> Json {
    json!({ "kinds": kinds, "within": { "kind": kind, "key": key } })
}

fn of_m1(rows: Json) -> Json {
    json!({ "mode": "REPLACE_SCOPE", "scope": within(json!(["OBSERVATION"]), "MEASURE", "m-1"), "rows": rows, "atomicity": "GOOD_ROWS" })
}

fn spoilt(mut row: Json, path: &str, value: Json) -> Json {
    *row.pointer_mut(path).unwrap() = value;
    row
}

#[test]
fn a_refused_row_deletes_nothing() {
    // Whatever is wrong with a row, the stored record that it means stays.
    let stored = observation("i-1", "2020", "20");
    let value = "/observation/figure/value";
    let mut stated = spoilt(stored.clone(), "/observation/period", "2020-Q5".into());
    stated["observation"]["key"] = "i-1/2020".into();
    let mut mismatch = spoilt(stored.clone(), "/observation/period", "2018".into());
    mismatch["observation"]["key"] = "i-1/2020".into();
    let mut unknown = stored.clone();
    unknown["observation"]["valeu"] = "1".into();
    for bad in [
        spoilt(stored.clone(), value, "1,5".into()),
        spoilt(stored.clone(), value, Json::Null),
        spoilt(stored.clone(), "/observation/figure", json!("20")),
        spoilt(stored.clone(), "/observation/figure/unit", json!("FILES")),
        stated,
        mismatch,
        unknown,
    ] {
        let small = Small::new();
        small.import(json!({ "rows": [observation("i-1", "2018", "5")] }));
        let good = [observation("i-1", "2019", "10"), observation("i-1", "2021", "30")];
        let done = small.import(of_m1(json!([good[0], bad, good[1]])));
        assert_eq!(done["status"], "COMMITTED", "{done}");
        assert_eq!((&done["counts"]["rejected"], &done["warnings"]), (&1.into(), &json!([])), "{bad}: {done}");
        let keys = small.keys("observations");
        assert!(keys.contains(&"i-1/2020".into()) && keys.contains(&"i-1/2021".into()), "{bad}: {keys:?}");
        let value = small.server.ask("{ observation(key: \"i-1/2020\") { figure { value } } }");
        assert_eq!(value["observation"]["figure"]["value"], "20", "{bad}");
        // What no row means goes all the same.
        if bad["observation"]["period"] != "2018" {
            assert_eq!((keys.len(), &done["counts"]["deleted"]), (4, &1.into()), "{bad}: {keys:?}");
        }
    }
}

#[test]
fn where_nobody_can_tell_which_record_a_row_means_all_stay_and_it_is_told() {
    let stored = observation("i-1", "2020", "20");
    for bad in [
        spoilt(stored.clone(), "/observation/period", "20x0".into()),
        spoilt(stored.clone(), "/observation/indicatorKey", "i 1".into()),
        json!({ "observation": {} }),
        json!({ "observaton": stored["observation"] }),
        json!("i-1;2020;20"),
    ] {
        let small = Small::new();
        let done = small.import(of_m1(json!([observation("i-1", "2021", "1"), bad])));
        assert_eq!((&done["status"], &done["counts"]["deleted"]), (&"COMMITTED".into(), &0.into()), "{done}");
        assert_eq!(small.keys("observations"), ["i-1/2019", "i-1/2020", "i-1/2021", "i-2/2020"]);
        assert_eq!(done["warnings"][0]["code"], "NOT_DELETED", "{done}");
        assert!(text(&done["warnings"][0]["message"]).starts_with("2 observations"), "{done}");
        // As lines, the same.
        let scope = "mode=REPLACE_SCOPE";
        let answer = small.server.lines(Some(&small.token), &format!("idempotencyKey=l&{scope}"), &[bad]);
        assert_eq!((answer.status, answer.error()), (400, "BAD_USER_INPUT"), "{}", answer.json);
    }
}

#[test]
fn what_a_kept_record_refers_to_is_kept_too() {
    let small = Small::new();
    small
        .import(json!({ "rows": [indicator("i-3", "m-1"), observation("i-3", "2020", "1"), indicator("i-4", "m-1")] }));
    // The row of i-3's observation is refused, and no row has i-3 itself or i-4: only i-4 goes.
    let bad = observation("i-3", "2020", "1,5");
    let rows = json!([indicator("i-1", "m-1"), bad, observation("i-1", "2020", "20")]);
    let scope = within(json!(["INDICATOR", "OBSERVATION"]), "MEASURE", "m-1");
    let done = small.import(json!({ "mode": "REPLACE_SCOPE", "scope": scope, "rows": rows, "atomicity": "GOOD_ROWS" }));
    assert_eq!((&done["status"], &done["counts"]["deleted"]), (&"COMMITTED".into(), &2.into()), "{done}");
    assert_eq!(small.keys("indicators"), ["i-1", "i-2", "i-3"]);
    assert_eq!(small.keys("observations"), ["i-1/2020", "i-2/2020", "i-3/2020"]);
}

#[test]
fn a_row_that_leans_on_a_refused_one_deletes_nothing_either() {
    let small = Small::new();
    // The indicator does not read, so its new observation is left out in the next round; that of 2019 was not sent.
    let nameless = json!({ "indicator": { "key": "i-9", "measureKey": "m-1" } });
    let rows = json!([nameless, observation("i-9", "2020", "1"), observation("i-1", "2020", "20")]);
    let done = small.import(of_m1(rows));
    assert_eq!(done["rows"], json!(["REJECTED", "REJECTED", "UNCHANGED"]), "{done}");
    assert_eq!(small.keys("observations"), ["i-1/2020", "i-2/2020"]);
}

#[test]
fn a_row_outside_of_the_scope_is_refused() {
    let small = Small::new();
    let replace = |scope: Json, rows: Json| json!({ "mode": "REPLACE_SCOPE", "scope": scope, "rows": rows });
    let m1 = || within(json!(["OBSERVATION"]), "MEASURE", "m-1");
    let outside = |kind: &str| told(&[("OUTSIDE_SCOPE", kind)]);
    let mine = [observation("i-1", "2019", "10"), observation("i-1", "2020", "20")];
    // Of another measure, whether it is new or there already.
    for other in [observation("i-2", "2020", "31"), observation("i-2", "2021", "1")] {
        assert_eq!(small.refused(replace(m1(), json!([mine[0], mine[1], other]))), outside("observation"));
    }
    assert_eq!(small.refused(replace(m1(), json!([measure("m-2")]))), outside("measure"));
    // Taken from elsewhere, or moved out.
    assert_eq!(small.refused(replace(m1(), json!([indicator("i-2", "m-1")]))), outside("indicator"));
    assert_eq!(small.refused(replace(m1(), json!([indicator("i-1", "m-2"), mine[0]]))).len(), 2);
    // Without a record that bounds it, the scope is its kinds.
    let all = json!({ "kinds": ["OBSERVATION"] });
    assert_eq!(small.refused(replace(all, json!([indicator("i-1", "m-1")]))), outside("indicator"));
    // With good rows only, the others go in, and nothing outside changes.
    let done = small.import(of_m1(json!([mine[0], observation("i-2", "2020", "31")])));
    assert_eq!((&done["status"], &done["counts"]["deleted"]), (&"COMMITTED".into(), &1.into()), "{done}");
    assert_eq!(small.keys("observations"), ["i-1/2019", "i-2/2020"]);
}

#[test]
fn an_importer_deletes_and_names_no_editions_in_whatever_way() {
    let small = Small::new();
    let admin = token(small.data(), "admin");
    let edition = json!({ "edition": { "key": "approved", "title": "As approved", "taggedRevision": 1 } });
    assert_eq!(small.server.import(&admin, json!({ "rows": [edition] }))["status"], "COMMITTED");
    let before = journal(small.data());
    let empty = |kinds: Json| json!({ "mode": "REPLACE_SCOPE", "scope": { "kinds": kinds }, "rows": [] });
    let import = |input: Json| {
        let mut input = with_common(input);
        input["dryRun"] = false.into();
        small.server.send(Some(&small.token), crate::server::IMPORT, json!({ "input": input }))
    };
    let rows = json!([edition]);
    for input in [
        empty(json!(["EDITION"])),
        empty(json!(["OBSERVATION", "EDITION"])),
        json!({ "mode": "REPLACE_SCOPE", "scope": within(json!(["EDITION"]), "PLAN", "p"), "rows": [] }),
        json!({ "rows": rows }),
        json!({ "mode": "DELETE", "rows": rows }),
        json!({ "rows": rows, "atomicity": "GOOD_ROWS" }),
    ] {
        let answer = import(input.clone());
        assert_eq!(answer.error(), "FORBIDDEN", "{input}: {}", answer.json);
    }
    let answer = small.server.lines(Some(&small.token), "idempotencyKey=e&mode=DELETE", std::slice::from_ref(&edition));
    assert_eq!((answer.status, answer.error()), (403, "FORBIDDEN"), "{}", answer.json);
    assert!(before == journal(small.data()), "a refusal wrote to the journal");
    assert_eq!(small.keys("editions"), ["approved"]);
    let done = small.server.import(&admin, empty(json!(["EDITION"])));
    assert_eq!((&done["status"], &done["counts"]["deleted"]), (&"COMMITTED".into(), &1.into()), "{done}");
}
