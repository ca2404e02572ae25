//! Targets: at least, at most, within, exactly; of single periods, set anew, and not due yet.

use serde_json::{Value as Json, json};

use super::{Small, figure, indicator, measure, observation, plans};

fn norm(key: &str, aim: Json, target: &str, upper: Json, unit: &str) -> Json {
    json!({ "norm": { "key": key, "measureKey": "m", "position": 1, "label": key, "basis": "INTERNAL", "aim": aim,
        "target": figure(target, unit), "upper": upper } })
}

fn result(norm: &str, value: &str, unit: &str) -> Json {
    json!({ "normResult": { "normKey": norm, "period": "2020", "source": "FACT_TABLE", "figure": figure(value, unit) } })
}

fn small() -> Small {
    let mut rows = plans(&[2021]);
    rows.extend([measure("m", "b-2021"), indicator("i", "m")]);
    Small::of(rows.into())
}

#[test]
fn a_result_is_judged_by_its_aim_in_any_unit() {
    let small = small();
    let none = || json!(null);
    for (aim, target, upper, unit, value, level) in [
        (json!("AT_MOST"), "0.05", none(), "RATIO", "0.08", "MISSED"),
        (json!("AT_MOST"), "0.05", none(), "RATIO", "0.02", "MET"),
        (json!("AT_MOST"), "0.05", none(), "RATIO", "0.054", "NEARLY_MET"),
        (json!("AT_MOST"), "0", none(), "COUNT", "0", "MET"),
        (json!("AT_MOST"), "0", none(), "COUNT", "3", "MISSED"),
        (none(), "800", none(), "COUNT", "1807", "MET"),
        (none(), "800", none(), "COUNT", "700", "PARTLY_MET"),
        (none(), "0", none(), "COUNT", "0", "MET"),
        (none(), "1", none(), "RATIO", "1.2", "MET"),
        (none(), "0.1", none(), "RATIO", "-0.05", "MISSED"),
        (json!("WITHIN"), "10", figure("20", "DAYS"), "DAYS", "15", "MET"),
        (json!("WITHIN"), "10", figure("20", "DAYS"), "DAYS", "9", "NEARLY_MET"),
        (json!("WITHIN"), "10", figure("20", "DAYS"), "DAYS", "40", "MISSED"),
        (json!("EXACTLY"), "10", none(), "DAYS", "10", "MET"),
        (json!("EXACTLY"), "10", none(), "DAYS", "11", "NEARLY_MET"),
    ] {
        small.import(json!([norm("n", aim.clone(), target, upper, unit), result("n", value, unit)]));
        let told = small.ask("{ norm(key: \"n\") { attainment { level strictLevel judgement } } }");
        let told = &told["norm"]["attainment"];
        assert_eq!(
            (&told["strictLevel"], &told["judgement"]),
            (&json!(level), &json!(level)),
            "{aim} {target} {value}"
        );
        small.write("deleteRecords", json!({ "records": [{ "kind": "NORM_RESULT", "key": "n/2020/fact-table" }] }));
    }
    for (aim, upper) in
        [(json!("WITHIN"), none()), (json!("AT_MOST"), figure("20", "DAYS")), (json!("WITHIN"), figure("5", "DAYS"))]
    {
        assert_eq!(small.refused(json!([norm("n", aim, "10", upper, "DAYS")])).len(), 1);
    }
    // A percentage that was written as a number is asked about, until its print says the same.
    assert_eq!(small.refused(json!([result("n", "97.6", "RATIO")])), ["OUT_OF_RANGE"]);
}

#[test]
fn bands_are_data_of_the_plan() {
    let small = small();
    small.import(json!([norm("n", json!(null), "100", json!(null), "COUNT"), result("n", "92", "COUNT")]));
    let level = || small.ask("{ norm(key: \"n\") { attainment { level } } }")["norm"]["attainment"]["level"].clone();
    assert_eq!(level(), "NEARLY_MET");
    let plan = |nearly: &str| {
        json!([{ "plan": { "key": "b-2021", "organisationKey": "b", "year": 2021, "evaluatedYear": 2020, "title": "P",
            "nearlyMetFrom": nearly } }])
    };
    small.import(plan("0.95"));
    assert_eq!(level(), "PARTLY_MET");
    assert_eq!(small.refused(plan("0.7")), ["OUT_OF_RANGE"]);
}

#[test]
fn a_target_is_not_missed_before_its_period_ends_and_the_one_in_force_is_judged() {
    let small = small();
    let target = |key: &str, period: &str, value: &str, supersedes: Json| {
        json!({ "target": { "key": key, "kind": "INDICATOR", "ofKey": "i", "period": period, "figure": figure(value, "COUNT"),
            "supersedesKey": supersedes } })
    };
    small.import(json!([
        observation("i", "2020", "90"),
        target("t-2020", "2020", "100", json!(null)),
        target("t-2020-b", "2020", "80", json!("t-2020")),
        target("t-2022", "2022", "120", json!(null)),
    ]));
    let told = |args: &str| {
        let query = format!(
            "{{ plan(key: \"b-2021\") {{ targetAttainments{args} {{ target {{ key }} inForce judgement result {{ value }} }} }} }}"
        );
        small.ask(&query)["plan"]["targetAttainments"].clone()
    };
    let of = |key: &str, force: bool, judgement: Json, result: Json| json!({ "target": { "key": key }, "inForce": force, "judgement": judgement, "result": result });
    let ninety = || json!({ "value": "90" });
    // Judged on the closing day of the plan: here the end of the year that it looks back on.
    assert_eq!(
        told(""),
        json!([
            of("t-2020", false, json!("NEARLY_MET"), ninety()),
            of("t-2020-b", true, json!("MET"), ninety()),
            of("t-2022", true, json!("NOT_YET"), json!(null)),
        ])
    );
    assert_eq!(told("(judgement: [NOT_YET])").as_array().unwrap().len(), 1);
    assert_eq!(told("(on: \"2020-06-30\", judgement: [NOT_YET])").as_array().unwrap().len(), 3);
    // Its period is over, and there is no result.
    assert_eq!(told("(on: \"2023-01-01\")")[2]["judgement"], json!(null));
    // A norm without a result of the period is judged so too.
    small.import(json!([
        norm("n", json!(null), "1", json!(null), "RATIO"),
        result("n", "0.5", "RATIO"),
        { "target": { "key": "t-n", "kind": "NORM", "ofKey": "n", "period": "2020", "figure": figure("0.5", "RATIO") } },
    ]));
    let norm = small.ask(
        "{ norm(key: \"n\") { a: attainment { level target { value } targetRecord { key } } b: attainment(on: \"2020-06-30\") { level judgement } } }",
    );
    assert_eq!(
        norm["norm"],
        json!({ "a": { "level": "MET", "target": { "value": "0.5" }, "targetRecord": { "key": "t-n" } },
            "b": { "level": null, "judgement": "NOT_YET" } })
    );
}

#[test]
fn a_norms_own_target_that_is_due_later_is_not_missed_yet() {
    let small = small();
    let target = |key: &str, period: &str, value: &str| json!({ "target": { "key": key, "kind": "NORM", "ofKey": "n", "period": period, "figure": figure(value, "RATIO") } });
    small.import(json!([
        norm("n", json!(null), "0.9", json!(null), "RATIO"),
        result("n", "0.5", "RATIO"),
        target("t-2030", "2030", "0.95"),
    ]));
    let judged = |args: &str| {
        let query = format!("{{ norm(key: \"n\") {{ attainment{args} {{ judgement targetRecord {{ key }} }} }} }}");
        small.ask(&query)["norm"]["attainment"].clone()
    };
    // Another target of a later year takes nothing of the norm's own.
    assert_eq!(judged(""), json!({ "judgement": "MISSED", "targetRecord": null }));
    small.import(json!([target("t-2025", "2025", "0.9")]));
    assert_eq!(judged(""), json!({ "judgement": "NOT_YET", "targetRecord": { "key": "t-2025" } }));
    assert_eq!(judged("(on: \"2026-01-01\")"), json!({ "judgement": "MISSED", "targetRecord": { "key": "t-2025" } }));
}
