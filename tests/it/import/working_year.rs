//! A working year: four rounds of 2022 with owners and frequencies, entered partly by import, partly by hand.

use serde_json::{Value as Json, json};

use super::small::{Small, text};
use crate::server::{token, with_common};

fn row(kind: &str, fields: Json) -> Json {
    json!({ kind: fields })
}

fn indicator(key: &str, frequency: &str, owner: Json, domain: &str, measure: &str) -> Json {
    row(
        "indicator",
        json!({ "key": key, "measureKey": measure, "position": 1, "label": key, "kind": "OTHER", "unit": "COUNT",
        "frequency": frequency, "owner": owner, "domain": domain }),
    )
}

fn figure(indicator: &str, period: &str, value: &str, delivered: &str, more: Json) -> Json {
    let mut fields = json!({ "indicatorKey": indicator, "period": period, "delivered": delivered,
        "figure": { "status": "REPORTED", "unit": "COUNT", "value": value } });
    if let (Some(fields), Json::Object(more)) = (fields.as_object_mut(), more) {
        fields.extend(more);
    }
    row("observation", fields)
}

/// One measure with an indicator in each domain but one, a project, four rounds.
fn year() -> Vec<Json> {
    let mut rows = vec![
        row("organisation", json!({ "key": "body", "name": "Body" })),
        row("plan", json!({ "key": "p", "organisationKey": "body", "year": 2022, "title": "Plan" })),
        row("operationalGoal", json!({ "key": "g", "planKey": "p", "code": "1", "title": "Goal", "owner": "Gina" })),
        row(
            "measure",
            json!({ "key": "m", "planKey": "p", "name": "Measure", "operationalGoalKey": "g", "owner": "Mia", "processType": "CORE" }),
        ),
        row(
            "project",
            json!({ "key": "pr", "planKey": "p", "scope": "POLICY", "number": 1, "title": "Project", "operationalGoalKey": "g" }),
        ),
        indicator("files", "QUARTERLY", Json::Null, "VOLUMES_AND_NORMS", "m"),
        indicator("fte", "MONTHLY", "Stan".into(), "STAFF", "m"),
        indicator("complaints", "HALF_YEARLY", "Cleo".into(), "COMPLAINTS_AND_SATISFACTION", "m"),
        row(
            "indicator",
            json!({ "key": "goal-1", "subjectKind": "OPERATIONAL_GOAL", "subjectKey": "g", "position": 1, "label": "Goal",
            "kind": "OTHER", "unit": "COUNT", "frequency": "YEARLY", "owner": "Gina" }),
        ),
    ];
    for (number, (reference, deadline)) in
        [("03-31", "04-15"), ("06-30", "07-15"), ("09-30", "10-15"), ("12-31", "12-31")].into_iter().enumerate()
    {
        rows.push(row("round", json!({ "key": format!("r{}", number + 1), "planKey": "p", "label": format!("Round {}", number + 1),
            "referenceDate": format!("2022-{reference}"), "deadline": format!("2022-{deadline}"), "audience": "Board" })));
    }
    rows
}

fn reporting(small: &Small, round: &str, on: &str) -> Json {
    let query = format!("{{ round(key: \"{round}\") {{ reporting(on: \"{on}\") {{ expected delivered inTime late completeness timeliness }}
        reportingBy(by: OWNER, on: \"{on}\") {{ of expected late }} changed {{ key }} edition {{ key }} }} }}");
    small.server.ask(&query)["round"].clone()
}

#[test]
fn four_rounds_of_a_year() {
    let small = Small::empty();
    let admin = token(small.data(), "admin");
    let done = small.import(json!({ "rows": year() }));
    assert_eq!(done["status"], "COMMITTED", "{done}");
    // The first round: one quarter, three months. Before the deadline nothing is late.
    let first = reporting(&small, "r1", "2022-04-01");
    assert_eq!(
        first["reporting"],
        json!({ "expected": 4, "delivered": 0, "inTime": 0, "late": 0, "completeness": "0", "timeliness": "0" })
    );
    let none = json!({});
    let months = ["2022-01", "2022-02", "2022-03"].map(|month| figure("fte", month, "5", "2022-04-10", none.clone()));
    let mut rows = months.to_vec();
    rows.push(figure("files", "2022-Q1", "100", "2022-04-14", none.clone()));
    // A forecast and a part of the whole are no figures that a round waits for.
    rows.push(row("category", json!({ "key": "f", "dimension": "Sex", "name": "Women" })));
    rows.push(figure(
        "files",
        "2022-Q1",
        "60",
        "2022-04-14",
        json!({ "categoryKeys": ["f"], "explanation": "As before" }),
    ));
    rows.push(figure("files", "2022-Q2", "110", "2022-04-14", json!({ "state": "FORECAST" })));
    let done = small.import(json!({ "rows": rows }));
    assert_eq!(done["status"], "COMMITTED", "{done}");
    assert_eq!(
        small.keys("observations").iter().filter(|key| key.starts_with("files")).cloned().collect::<Vec<_>>(),
        ["files/2022-Q1", "files/2022-Q1/+f", "files/2022-Q2/+=forecast"]
    );
    let first = reporting(&small, "r1", "2022-05-01");
    assert_eq!(
        (&first["reporting"]["completeness"], &first["reporting"]["timeliness"]),
        (&json!("1"), &json!("1")),
        "{first}"
    );
    // A progress report by hand, with a role that may not import; then the round is closed as an edition.
    let editor = token(small.data(), "edit");
    let write = |token: &str, name: &str, input_type: &str, input: Json| {
        let document = format!(
            "mutation($input: {input_type}!) {{ {name}(input: $input) {{ status problems {{ code message }} }} }}"
        );
        let answer = small.server.send(Some(token), &document, json!({ "input": with_common(input) }));
        text(&answer.json["data"][name]["status"])
    };
    let report = |round: &str, status: &str| {
        json!({ "progressReport": { "roundKey": round, "kind": "PROJECT", "recordKey": "pr", "status": "op schema",
        "commonStatus": status, "judgement": "Goes well", "reportedBy": "Mia", "reportedOn": "2022-04-12" } })
    };
    assert_eq!(write(&editor, "reportProgress", "ReportProgressInput", report("r1", "GREEN")), "COMMITTED");
    assert_eq!(
        write(
            &editor,
            "recordRisk",
            "RecordRiskInput",
            json!({ "risk": { "key": "risk-1", "kind": "PROJECT", "recordKey": "pr",
        "title": "Nobody to do it", "likelihood": 3, "impact": 4, "answer": "Hire", "owner": "Mia", "state": "OPEN" } })
        ),
        "COMMITTED"
    );
    assert_eq!(
        write(&admin, "closeRound", "CloseRoundInput", json!({ "roundKey": "r1", "edition": "q1-2022" })),
        "COMMITTED"
    );
    assert_eq!(
        write(&admin, "closeRound", "CloseRoundInput", json!({ "roundKey": "r1", "edition": "again" })),
        "REJECTED"
    );
    assert_eq!(reporting(&small, "r1", "2022-05-01")["edition"]["key"], "q1-2022");
    // The second round: a quarter as a value since the year began, one month too late, complaints missing.
    let mut rows: Vec<Json> =
        ["2022-04", "2022-05"].map(|month| figure("fte", month, "5", "2022-07-10", none.clone())).to_vec();
    rows.push(figure("fte", "2022-06", "6", "2022-07-20", none.clone()));
    rows.push(figure("files", "2022-Q2", "210", "2022-07-01", json!({ "yearToDate": true })));
    let done = small.import(json!({ "rows": rows }));
    assert_eq!(done["status"], "COMMITTED", "{done}");
    assert_eq!(write(&editor, "reportProgress", "ReportProgressInput", report("r2", "AMBER")), "COMMITTED");
    let second = reporting(&small, "r2", "2022-08-01");
    assert_eq!(
        second["reporting"],
        json!({ "expected": 5, "delivered": 4, "inTime": 3, "late": 2, "completeness": "0.8", "timeliness": "0.6" })
    );
    assert_eq!(
        second["reportingBy"],
        json!([{ "of": "Cleo", "expected": 1, "late": 1 }, { "of": "Mia", "expected": 1, "late": 0 }, { "of": "Stan", "expected": 3, "late": 1 }])
    );
    let changed: Vec<String> = second["changed"].as_array().unwrap().iter().map(|node| text(&node["key"])).collect();
    for key in ["files/2022-Q2/+=year-to-date", "fte/2022-06", "r2/project/pr"] {
        assert!(changed.iter().any(|it| it == key), "{key} in {changed:?}");
    }
    assert!(!changed.iter().any(|key| key == "fte/2022-01"), "{changed:?}");
    assert_eq!(
        write(&admin, "closeRound", "CloseRoundInput", json!({ "roundKey": "r2", "edition": "q2-2022" })),
        "COMMITTED"
    );
    let late = small.server.ask("{ round(key: \"r2\") { expected(on: \"2022-08-01\", state: MISSING) { indicator { key } period owner observation { key } } } }");
    assert_eq!(
        late["round"]["expected"],
        json!([{ "indicator": { "key": "complaints" }, "period": "2022-01/2022-06", "owner": "Cleo", "observation": null }])
    );
    // The last one waits for the year's figure of the goal too; nothing has changed since the third, which is open.
    let last = reporting(&small, "r4", "2022-12-31");
    assert_eq!(
        (&last["reporting"]["expected"], &last["reporting"]["late"], &last["changed"]),
        (&json!(6), &json!(0), &Json::Null)
    );
    // The edition of a round is the state that was reported.
    let then = small
        .server
        .ask("{ at(asOf: {edition: \"q1-2022\"}) { observations { totalCount } } observations { totalCount } }");
    assert_eq!(
        (&then["at"]["observations"]["totalCount"], &then["observations"]["totalCount"]),
        (&json!(6), &json!(10))
    );
    // Trends follow the values of the whole alone; the scoreboard shows five domains, and which are empty.
    let board = small.server.ask("{ scoreboard(measure: \"m\", year: 2022) { domains { domain isEmpty indicators { indicator { key } } } } indicator(key: \"files\") { trend { to { code } } } }");
    let empty: Vec<String> = board["scoreboard"]["domains"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["isEmpty"] == true)
        .map(|it| text(&it["domain"]))
        .collect();
    assert_eq!(empty, ["INSPECTIONS", "BUDGET_AND_FINANCE"]);
    assert_eq!(board["indicator"]["trend"]["to"]["code"], "2022-Q1");
}

#[test]
fn all_that_hangs_on_a_goal_and_what_hangs_on_nothing() {
    let small = Small::empty();
    let line = |key: &str, measures: Json| {
        row(
            "budgetLine",
            json!({ "key": key, "planKey": "p", "position": 1, "name": key, "section": "MEASURE",
        "direction": "EXPENDITURE", "measureKeys": measures, "articleKeys": [] }),
        )
    };
    let amount = |key: &str, value: &str| {
        row(
            "budgetAmount",
            json!({ "budgetLineKey": key, "year": 2022, "phase": "BUDGETED", "credit": "VAK",
        "figure": { "status": "REPORTED", "unit": "EUR", "value": value } }),
        )
    };
    let link = |from: [&str; 2], kind: &str, to: [&str; 2]| {
        row("link", json!({ "fromKind": from[0], "fromKey": from[1], "kind": kind, "toKind": to[0], "toKey": to[1] }))
    };
    let mut rows = year();
    rows.extend([
        row("operationalGoal", json!({ "key": "g2", "planKey": "p", "code": "2", "title": "Second" })),
        row("measure", json!({ "key": "m2", "planKey": "p", "name": "Second", "operationalGoalKey": "g2" })),
        row("measure", json!({ "key": "m3", "planKey": "p", "name": "Nobody's" })),
        line("l1", json!(["m"])), line("l2", json!(["m", "m2"])), line("l3", json!(["m3"])), line("l4", json!([])),
        amount("l1", "10"), amount("l2", "5.5"), amount("l3", "7"), amount("l4", "3"),
        row("staffFigure", json!({ "organisationKey": "body", "date": "2022-01-01", "level": "A", "rank": "A1", "contract": "STATUTORY",
            "figure": { "status": "REPORTED", "unit": "PERSONS", "value": "4" }, "fte": { "status": "REPORTED", "unit": "OTHER", "value": "3.6" } })),
        link(["MEASURE", "m2"], "CONTRIBUTES_TO", ["OPERATIONAL_GOAL", "g"]),
        link(["PROJECT", "pr"], "PAID_FROM", ["BUDGET_LINE", "l4"]),
        link(["PROJECT", "pr"], "STAFFED_BY", ["STAFF_FIGURE", "body/2022-01-01/A1/statutory"]),
        link(["PROJECT", "pr"], "DEPENDS_ON", ["MEASURE", "m3"]),
        row("translation", json!({ "kind": "OPERATIONAL_GOAL", "recordKey": "g", "language": "fr", "text": "But" })),
    ]);
    let done = small.import(json!({ "rows": rows }));
    assert_eq!(done["status"], "COMMITTED", "{done}");
    let fields = "count money { year phase credit sum { value } } heads { value } fte { value } sharedLines { key } lines: records(kind: BUDGET_LINE) { key }";
    let data = small.server.ask(&format!(
        "{{ g: operationalGoal(key: \"g\") {{ label a: label(lang: \"fr-BE\") b: label(lang: \"de\") hanging {{ {fields} }} }}
           g2: operationalGoal(key: \"g2\") {{ hanging {{ {fields} }} }} unattached(plan: \"p\") {{ {fields} measures: records(kind: MEASURE) {{ key }} }} }}"
    ));
    // The line that two measures share counts once, though both hang on the goal.
    let of = &data["g"]["hanging"];
    assert_eq!(
        (&of["money"][0]["sum"]["value"], &of["heads"]["value"], &of["fte"]["value"]),
        (&json!("18.5"), &json!("4"), &json!("3.6")),
        "{of}"
    );
    assert_eq!(of["sharedLines"], json!([]));
    let second = &data["g2"]["hanging"];
    assert_eq!(
        (&second["money"][0]["sum"]["value"], &second["sharedLines"]),
        (&json!("5.5"), &json!([{ "key": "l2" }]))
    );
    let none = &data["unattached"];
    assert_eq!(
        (&none["money"][0]["sum"]["value"], &none["lines"], &none["measures"]),
        (&json!("7"), &json!([{ "key": "l3" }]), &json!([{ "key": "m3" }]))
    );
    assert_eq!(
        (&data["g"]["label"], &data["g"]["a"], &data["g"]["b"]),
        (&json!("Goal"), &json!("But"), &json!("Goal"))
    );
    // Groups know the plan and the goal of whatever stands right under them, as of what stands under a measure or a chapter.
    let groups = small.server.ask(
        "{ indicators { groupBy(by: [PLAN]) { count keys { plan { key } } } } operationalGoals { groupBy(by: [PLAN]) { count keys { plan { key } } } } }",
    );
    let all = |count: usize| json!({ "groupBy": [{ "count": count, "keys": { "plan": { "key": "p" } } }] });
    assert_eq!((&groups["indicators"], &groups["operationalGoals"]), (&all(4), &all(2)));
    // What follows in a later plan is a lineage's to say; and a key may be left out.
    let done = small.import(json!({ "rows": [link(["MEASURE", "m"], "CONTINUES", ["MEASURE", "m2"])] }));
    assert_eq!((&done["status"], &done["problems"][0]["code"]), (&json!("REJECTED"), &json!("INCONSISTENT")));
    let done = small.import(json!({ "rows": [row("policyField", json!({ "planKey": "p", "code": "0309 02/6", "name": "x" }))], "dryRun": true }));
    assert_eq!(done["status"], "WOULD_COMMIT", "{done}");
    let nothing = json!({ "rows": [row("indicator", json!({ "key": "x", "position": 1, "label": "x", "kind": "OTHER", "unit": "COUNT" }))] });
    assert_eq!(small.import(nothing)["problems"][0]["code"], "MISSING");
}
