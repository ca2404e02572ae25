//! What must hold between records: for what is written from now on.

use serde_json::{Value as Json, json};

use super::small::{Small, indicator, observation, text, told};

fn of_unit(mut row: Json, value: &str, unit: &str) -> Json {
    row["observation"]["figure"] = json!({ "status": "REPORTED", "unit": unit, "value": value });
    row
}

#[test]
fn an_amount_fits_its_indicator_and_counts_are_whole() {
    let small = Small::new();
    let row = || observation("i-1", "2021", "1");
    for (bad, step) in [
        (of_unit(row(), "5", "EUR"), "unit"),
        (of_unit(row(), "5", "PERSONS"), "unit"),
        (of_unit(row(), "1.234", "COUNT"), "value"),
        (of_unit(row(), "-0.5", "COUNT"), "value"),
    ] {
        assert_eq!(small.refused(json!({ "rows": [bad] })), told(&[("OUT_OF_RANGE", step)]));
    }
    // In one batch with its indicator too; persons are whole as well, and days need not be.
    let with = |unit: &str, value: &str| {
        let mut indicator = indicator("i-3", "m-1");
        indicator["indicator"]["unit"] = unit.into();
        json!({ "rows": [of_unit(observation("i-3", "2021", "1"), value, unit), indicator], "dryRun": true })
    };
    assert_eq!(small.refused(with("PERSONS", "1.5")), told(&[("OUT_OF_RANGE", "value")]));
    for (unit, value) in [("PERSONS", "15.00"), ("DAYS", "1.5"), ("EUR", "1.50")] {
        assert_eq!(small.import(with(unit, value))["status"], "WOULD_COMMIT", "{unit}");
    }
    // An indicator gets another unit together with its observations, or not at all.
    let mut days = indicator("i-2", "m-2");
    days["indicator"]["unit"] = "DAYS".into();
    assert_eq!(small.refused(json!({ "rows": [days] })), told(&[("INCONSISTENT", "unit")]));
    let done = small.import(json!({ "rows": [days, of_unit(observation("i-2", "2020", "1"), "30", "DAYS")] }));
    assert_eq!(done["status"], "COMMITTED", "{done}");
    let observe =
        "mutation($input: RecordObservationInput!) { recordObservation(input: $input) { status problems { code } } }";
    let input = crate::server::with_common(json!({ "indicatorKey": "i-1", "period": "2021", "value": "1.5" }));
    let answer = small.server.send(Some(&small.token), observe, json!({ "input": input }));
    assert_eq!(answer.json["data"]["recordObservation"]["problems"][0]["code"], "OUT_OF_RANGE", "{}", answer.json);
}

#[test]
fn one_span_is_one_period() {
    let small = Small::new();
    // Whatever its form, it is the record of those days.
    for period in ["2020-01/2020-12", "2020-Q1/2020-Q4", "2020-01/2020-Q4", "2020-01-01/2020-12-31"] {
        let done = small.import(json!({ "rows": [observation("i-1", period, "20")], "dryRun": true }));
        assert_eq!((&done["counts"]["created"], &done["counts"]["updated"]), (&0.into(), &1.into()), "{done}");
    }
    let two = [observation("i-1", "2022-01/2022-03", "1"), observation("i-1", "2022-Q1", "1")];
    assert_eq!(small.refused(json!({ "rows": two })), told(&[("DUPLICATE_KEY", "observation")]));
    // A school year or two years: that is asked.
    assert_eq!(
        small.refused(json!({ "rows": [observation("i-1", "2020/2021", "1")] })),
        told(&[("AMBIGUOUS_PERIOD", "period")])
    );
    // A date and a span of one day are two.
    let days = [observation("i-1", "2022-03-05", "1"), observation("i-1", "2022-03-05/2022-03-05", "1")];
    assert_eq!(small.import(json!({ "rows": days, "dryRun": true }))["counts"]["created"], 2);
    // Of another indicator, of another span, of a school year: nothing in common.
    let mut rows = vec![observation("i-2", "2019-01/2019-12", "1"), observation("i-1", "2020-01/2020-11", "1")];
    rows.extend([observation("i-1", "2018-2019", "1"), observation("i-1", "2018-09/2019-08", "1")]);
    assert_eq!(small.import(json!({ "rows": rows }))["status"], "COMMITTED");
    let query = "{ observation(key: \"i-2/2019\") { period { code kind } periodWritten { code } } }";
    let stored = small.server.send(None, query, json!({}));
    assert_eq!(
        stored.json["data"]["observation"],
        json!({ "period": { "code": "2019", "kind": "YEAR" }, "periodWritten": { "code": "2019-01/2019-12" } })
    );
}

#[test]
fn what_became_of_a_record_is_later_and_never_leads_back_to_it() {
    let small = Small::new();
    let lineage = |from: &str, to: &str| json!({ "lineage": { "kind": "MEASURE", "predecessorKey": from, "successorKey": to, "relation": "CONTINUES" } });
    // The measures m-1 and m-2 are of plan p; each of the others is of a plan of its own, of the same year or later.
    let plan =
        |key: &str, year: i32| json!({ "plan": { "key": key, "organisationKey": "body", "year": year, "title": key } });
    let of = |key: &str, plan: &str| json!({ "measure": { "key": key, "planKey": plan, "name": key } });
    let made = small.import(json!({ "rows": [plan("q", 2021), plan("r", 2021), plan("s", 2022),
        of("m-3", "q"), of("m-4", "r"), of("m-5", "s")] }));
    assert_eq!(made["status"], "COMMITTED", "{made}");
    // Within one plan nothing comes of anything, nor of what is later.
    for (from, to) in [("m-1", "m-2"), ("m-5", "m-1")] {
        assert_eq!(small.refused(json!({ "rows": [lineage(from, to)] })), told(&[("INCONSISTENT", "successorKey")]));
    }
    let both = json!({ "rows": [lineage("m-1", "m-3"), lineage("m-3", "m-1")] });
    assert_eq!(small.refused(both), told(&[("CYCLE", "successorKey"), ("CYCLE", "successorKey")]));
    assert_eq!(small.import(json!({ "rows": [lineage("m-1", "m-3"), lineage("m-3", "m-4")] }))["status"], "COMMITTED");
    for rows in [
        json!([lineage("m-3", "m-1")]),
        json!([lineage("m-4", "m-1")]),
        json!([lineage("m-4", "m-5"), lineage("m-5", "m-1")]),
    ] {
        assert!(!small.refused(json!({ "rows": rows })).is_empty());
    }
    // Two parts that come together again are no circle; and a circle that is broken in the same commit is none.
    let split = json!({ "rows": [lineage("m-1", "m-5"), lineage("m-4", "m-5")] });
    assert_eq!(small.import(split)["status"], "COMMITTED");
    let replace =
        json!({ "mode": "REPLACE_SCOPE", "scope": { "kinds": ["LINEAGE"] }, "rows": [lineage("m-4", "m-1")] });
    assert_eq!(small.import(replace)["status"], "COMMITTED");
}

#[test]
fn a_record_goes_over_to_another_body_or_plan_only_when_that_is_said() {
    let small = Small::new();
    let other = json!([
        { "organisation": { "key": "other", "name": "Other" } },
        { "plan": { "key": "q", "organisationKey": "other", "year": 2021, "title": "Plan" } },
        { "measure": { "key": "m-1", "planKey": "q", "name": "Theirs" } },
    ]);
    assert_eq!(small.refused(json!({ "rows": other })), told(&[("MOVED", "measure")]));
    small.import(
        json!({ "rows": [other[0], other[1], { "measure": { "key": "m-9", "planKey": "q", "name": "Theirs" } }] }),
    );
    // Through what it refers to as well.
    let done = small.import(json!({ "rows": [indicator("i-1", "m-9")], "dryRun": true }));
    assert_eq!((text(&done["problems"][0]["code"]), &done["status"]), ("MOVED".into(), &"REJECTED".into()));
    assert!(text(&done["problems"][0]["message"]).contains("`p` to `q`"), "{done}");
    // Within its plan it may move; and anywhere when that is said.
    assert_eq!(small.import(json!({ "rows": [indicator("i-1", "m-2")] }))["status"], "COMMITTED");
    let moved = small.import(json!({ "rows": [indicator("i-1", "m-9")], "allowMoves": true }));
    assert_eq!(moved["status"], "COMMITTED", "{moved}");
    let admin = crate::server::token(small.data(), "admin");
    let revert =
        "mutation($input: RevertRevisionInput!) { revertRevision(input: $input) { status problems { code } } }";
    let input = crate::server::with_common(json!({ "revision": moved["revision"] }));
    let undone = small.server.send(Some(&admin), revert, json!({ "input": input }));
    assert_eq!(undone.json["data"]["revertRevision"]["status"], "COMMITTED", "{}", undone.json);
}

#[test]
fn when_no_row_is_good_the_key_stays_free() {
    let small = Small::new();
    let bad = json!([observation("i-1", "2021", "1,5"), observation("i-9", "2021", "1")]);
    let keyed = |rows: &Json| json!({ "rows": rows, "atomicity": "GOOD_ROWS", "idempotencyKey": "k" });
    assert_eq!(small.refused(keyed(&bad)).len(), 2);
    // Nor does a request use it up that had rows refused and changed nothing.
    let half = json!([observation("i-1", "2020", "20"), observation("i-9", "2021", "1")]);
    assert_eq!(small.import(keyed(&half))["status"], "UNCHANGED");
    let good = json!([observation("i-1", "2021", "15")]);
    assert_eq!(small.import(keyed(&good))["status"], "COMMITTED");
    assert_eq!(small.import(keyed(&good))["replayed"], true);
    // A dry run says what would happen now, whatever its key was used for; and another reason is another request.
    let mut dry = keyed(&json!([observation("i-1", "2021", "16")]));
    dry["dryRun"] = true.into();
    assert_eq!(small.import(dry)["status"], "WOULD_COMMIT");
    let line = |query: &str| {
        let answer = small.server.lines(Some(&small.token), query, &[observation("i-1", "2022", "1")]);
        (text(&answer.json["status"]), answer.json["replayed"] == true)
    };
    assert_eq!(line("idempotencyKey=l"), ("COMMITTED".into(), false));
    assert_eq!(line("idempotencyKey=l"), ("COMMITTED".into(), true));
    assert_eq!(line("idempotencyKey=l&dryRun=true"), ("UNCHANGED".into(), false));
    assert_eq!(line("idempotencyKey=l&atomicity=GOOD_ROWS"), ("REJECTED".into(), false));
}
