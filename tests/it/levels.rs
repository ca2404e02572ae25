//! How levels add up over the real server: parts make up the whole, and the rows of a report with the rest come to the plan.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::support::shared;

/// The number at a path; zero where it has none.
fn number(of: &Json, path: &str) -> f64 {
    of.pointer(path).and_then(Json::as_str).map_or(0.0, |text| text.parse().unwrap())
}

#[test]
fn the_rows_of_a_report_come_to_the_plan() {
    let fields = "attainment { norms { value } met { value } } milestones { count { value } } revenue { vek { realised { known { value } } } }
                  budget { vek { realised { known { value } } } } inspected { controls { known { value } } }";
    let twice = "inspectedTwice { controls { known { value } } }";
    let report = &shared().ask(&format!(
        "{{ planReport(year: 2020) {{ total {{ {fields} }} policyFields {{ {fields} }} goals {{ {fields} }} rest {{ {fields} {twice} }} }} }}"
    ))["planReport"];
    assert_eq!(number(&report["rest"], "/inspectedTwice/controls/known/value"), 0.0, "no process stands in two fields");
    let rows = || report["policyFields"].as_array().unwrap().iter().chain(report["goals"].as_array().unwrap());
    for path in [
        "/attainment/norms/value",
        "/attainment/met/value",
        "/milestones/count/value",
        "/budget/vek/realised/known/value",
        "/revenue/vek/realised/known/value",
        "/inspected/controls/known/value",
    ] {
        let (rest, total) = (number(&report["rest"], path), number(&report["total"], path));
        let sum: f64 = rows().map(|row| number(row, path)).sum();
        assert!((sum + rest - total).abs() < 0.01, "{path}: {sum} and {rest} are not {total}");
    }
    assert_eq!(number(&report["rest"], "/inspected/controls/known/value"), 120.0);
    assert_eq!(number(&report["rest"], "/milestones/count/value"), 124.0);
}

#[test]
fn parts_make_up_the_whole() {
    let inspected = "{ processes { value } controls { known { value } } }";
    let counted = "{ count { value } }";
    let plan = &shared().ask(&format!(
        "{{ plan(key: \"dwse-2021\") {{
             inspectedParts(year: 2020) {{ whole {inspected} own {inspected} shared {inspected} withoutMeasure {inspected} elsewhere {inspected} }}
             milestoneParts(year: 2020) {{ whole {counted} ofGoals {counted} withoutGoal {counted} own {counted} shared {counted}
               withoutStrategicGoal {counted} }}
             budgetParts(year: 2020, direction: REVENUE) {{ whole {{ lines {{ value }} }} own {{ lines {{ value }} }} shared {{ lines {{ value }} }}
               withoutMeasure {{ lines {{ value }} }} }}
             measures(first: 100) {{ nodes {{ inspected(year: 2020) {inspected}
               inspectedParts(year: 2020) {{ own {inspected} across {inspected} }} }} }}
             strategicGoals(first: 100) {{ nodes {{ milestoneParts(year: 2020) {{ whole {counted} own {counted} shared {counted} }} }} }} }} }}"
    ))["plan"];
    let parts =
        |of: &str, names: &[&str], path: &str| -> f64 { names.iter().map(|name| number(&plan[of][*name], path)).sum() };
    for path in ["/processes/value", "/controls/known/value"] {
        let sum = parts("inspectedParts", &["own", "shared", "withoutMeasure"], path);
        assert_eq!(sum, parts("inspectedParts", &["whole"], path), "{path}");
        let measures = plan["measures"]["nodes"].as_array().unwrap();
        let own: f64 = measures.iter().map(|it| number(&it["inspectedParts"]["own"], path)).sum();
        assert_eq!(own, parts("inspectedParts", &["own"], path), "what measures have alone: {path}");
    }
    let whole = parts("milestoneParts", &["whole"], "/count/value");
    assert_eq!(whole, 412.0);
    assert_eq!(parts("milestoneParts", &["ofGoals", "withoutGoal"], "/count/value"), whole);
    assert_eq!(parts("milestoneParts", &["own", "shared", "withoutStrategicGoal"], "/count/value"), whole);
    let goals = plan["strategicGoals"]["nodes"].as_array().unwrap();
    let own: f64 = goals.iter().map(|it| number(&it["milestoneParts"]["own"], "/count/value")).sum();
    assert_eq!(own, parts("milestoneParts", &["own"], "/count/value"));
    let lines = parts("budgetParts", &["own", "shared", "withoutMeasure"], "/lines/value");
    assert_eq!(lines, parts("budgetParts", &["whole"], "/lines/value"));
    assert!(plan["inspectedParts"]["elsewhere"]["processes"]["value"] == json!("0"));
}

/// By what its records lead to, whichever way they stand there; and by their own words.
#[test]
fn computed_lists_are_grouped_by_what_their_records_lead_to() {
    let data = shared().ask(
        r#"{
          trends(first: 1000) { nodes { indicator { kind measure { operationalGoal { key } } } } groupBy(by: [OPERATIONAL_GOAL, INDICATOR_KIND]) {
            keys { operationalGoal { key } indicatorKind } count } }
          bodies: executions(first: 0) { totalCount groupBy(by: [ORGANISATION]) { keys { organisation { key } } count } }
          measures: inspectionRates(where: {year: {eq: 2020}}, first: 0) { groupBy(by: [MEASURES]) { keys { measures { key } } count } }
        }"#,
    );
    let mut expected: BTreeMap<(String, String), i64> = BTreeMap::new();
    for node in data["trends"]["nodes"].as_array().unwrap() {
        let indicator = &node["indicator"];
        let goal = indicator["measure"]["operationalGoal"]["key"].to_string();
        *expected.entry((goal, indicator["kind"].to_string())).or_default() += 1;
    }
    let groups = data["trends"]["groupBy"].as_array().unwrap().iter();
    let found = groups.map(|it| {
        let keys = &it["keys"];
        ((keys["operationalGoal"]["key"].to_string(), keys["indicatorKind"].to_string()), it["count"].as_i64().unwrap())
    });
    assert_eq!(found.collect::<BTreeMap<_, _>>(), expected);
    let bodies = data["bodies"]["groupBy"].as_array().unwrap();
    assert_eq!((bodies.len(), &bodies[0]["count"]), (1, &data["bodies"]["totalCount"]));
    let measures = data["measures"]["groupBy"].as_array().unwrap();
    let keys = |it: &Json| it["keys"]["measures"].as_array().map_or(0, Vec::len);
    assert!(measures.iter().any(|it| keys(it) == 0) && measures.iter().any(|it| keys(it) == 1), "{measures:?}");
}

/// The mean of rates is not the rate of the whole: that is told beside it, as the plan itself has it.
#[test]
fn a_group_of_rates_tells_the_rate_of_the_whole() {
    let data = shared().ask(
        r#"{
          inspectionRates(where: {year: {eq: 2020}}, first: 0) { groupBy(by: []) {
            sanctionRate { avg ofAll ofAllKnown ofAllUnknown } recoveryPerControl { ofAll ofAllKnown ofAllUnknown } shareOfControls { ofAll ofAllKnown } } }
          few: inspectionRates(first: 0) { groupBy(by: [YEAR], having: {sanctionRate: {ofAll: {lt: "0.2"}}}) { keys { year } } }
          projectProgress(first: 0) { groupBy(by: []) { realised { sum } milestones { sum } withoutStatus { sum } realisedShare { ofAll } } }
          plan(key: "dwse-2021") { inspected(year: 2020) { sanctionRate { value } recoveryPerControl { value coverage { known unknown } } } }
        }"#,
    );
    let group = &data["inspectionRates"]["groupBy"][0];
    let (rate, recovery, plan) =
        (&group["sanctionRate"][0], &group["recoveryPerControl"][0], &data["plan"]["inspected"]);
    assert_eq!((&rate["ofAll"], &rate["ofAllKnown"]), (&plan["sanctionRate"]["value"], &json!(16)));
    assert_ne!(rate["ofAll"], rate["avg"]);
    let coverage = &plan["recoveryPerControl"]["coverage"];
    assert_eq!(recovery["ofAll"], plan["recoveryPerControl"]["value"]);
    assert_eq!((&recovery["ofAllKnown"], &recovery["ofAllUnknown"]), (&coverage["known"], &coverage["unknown"]));
    assert_eq!(group["shareOfControls"][0], json!({ "ofAll": null, "ofAllKnown": null }));
    assert_eq!(data["few"]["groupBy"], json!([{ "keys": { "year": 2020 } }]));
    let group = &data["projectProgress"]["groupBy"][0];
    let [realised, all, silent] =
        ["realised", "milestones", "withoutStatus"].map(|name| number(&group[name][0], "/sum"));
    assert!((number(&group["realisedShare"][0], "/ofAll") - realised / (all - silent)).abs() < 1e-9, "{group}");
}
