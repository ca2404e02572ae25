//! What is counted is counted once and whole: parts beside their whole, what hangs on no measure, and several plans together.

use serde_json::{Value as Json, json};

use super::{Small, figure, indicator, measure, observation, plans};

fn category(key: &str, dimension: &str) -> Json {
    json!({ "category": { "key": key, "dimension": dimension, "name": key } })
}

fn heads(rank: &str, categories: &[&str], count: &str) -> Json {
    json!({ "staffFigure": { "organisationKey": "b", "date": "2020-12-31", "level": "A", "rank": rank, "contract": "STATUTORY",
        "categoryKeys": categories, "figure": figure(count, "PERSONS") } })
}

#[test]
fn staff_by_category_is_listed_and_no_head_counts_twice() {
    let mut rows = plans(&[2021]);
    rows.extend([category("women", "sex"), category("men", "sex"), category("young", "age"), category("old", "age")]);
    // Of one rank all, and two breakdowns of them; of the other the parts alone, by two breakdowns.
    rows.extend([
        heads("A1", &[], "10"),
        heads("A1", &["women"], "6"),
        heads("A1", &["men"], "4"),
        heads("A1", &["young"], "1"),
    ]);
    rows.extend([
        heads("A2", &["women"], "3"),
        heads("A2", &["men"], "2"),
        heads("A2", &["young"], "4"),
        heads("A2", &["old"], "1"),
    ]);
    let small = Small::of(json!(rows));
    let found = small.ask(
        "{ staffFigures { totalCount nodes { rank categories { key } } groupBy(by: [CATEGORIES]) { keys { categories { key } } count } }
           organisation(key: \"b\") { staffFigures { totalCount } staff(by: [RANK]) { heads { sum { value } } groups { rank heads { sum { value } } } } } }",
    );
    let listed = found["staffFigures"]["nodes"].as_array().unwrap();
    assert_eq!((listed.len(), &found["staffFigures"]["totalCount"]), (8, &json!(8)), "{found}");
    assert_eq!(listed[0], json!({ "rank": "A1", "categories": [] }), "the whole comes first");
    assert_eq!(found["organisation"]["staffFigures"]["totalCount"], 8, "{found}");
    let groups = found["staffFigures"]["groupBy"].as_array().unwrap();
    assert_eq!(groups.iter().map(|it| it["count"].as_u64().unwrap()).sum::<u64>(), 8, "{found}");
    let staff = &found["organisation"]["staff"];
    assert_eq!(staff["heads"]["sum"]["value"], "15", "{found}");
    let of_rank = |at: usize| staff["groups"][at]["heads"]["sum"]["value"].clone();
    assert_eq!((of_rank(0), of_rank(1)), (json!("10"), json!("5")), "{found}");
}

#[test]
fn a_series_has_the_final_values_of_the_whole() {
    let mut rows = plans(&[2021]);
    rows.extend([
        measure("m", "b-2021"),
        indicator("i", "m"),
        category("women", "sex"),
        observation("i", "2020", "10"),
    ]);
    for beside in [
        json!({ "categoryKeys": ["women"] }),
        json!({ "state": "PROVISIONAL" }),
        json!({ "state": "FORECAST" }),
        json!({ "yearToDate": true }),
    ] {
        let mut row = observation("i", "2020", "4");
        row["observation"].as_object_mut().unwrap().extend(beside.as_object().unwrap().clone());
        rows.push(row);
    }
    rows.push(json!({ "target": { "key": "t", "kind": "INDICATOR", "ofKey": "i", "period": "2020", "figure": figure("8", "COUNT") } }));
    let small = Small::of(json!(rows));
    let of = small.ask(
        "{ indicator(key: \"i\") { observations { key } series { restated points { period figure { value } others { figure { value } } } }
           targetAttainments { result { value } judgement } } }",
    );
    let of = &of["indicator"];
    assert_eq!(of["observations"].as_array().unwrap().len(), 5);
    let point = json!({ "period": "2020", "figure": { "value": "10" }, "others": [] });
    assert_eq!(of["series"], json!({ "restated": 0, "points": [point] }));
    assert_eq!(of["targetAttainments"], json!([{ "result": { "value": "10" }, "judgement": "MET" }]));
}

/// What hangs on a goal or an inspected process is of the plan as much as what hangs on a measure.
#[test]
fn what_hangs_on_no_measure_is_below_the_plan_too() {
    let on = |kind: &str, key: &str| json!({ "subjectKind": kind, "subjectKey": key, "position": 1, "label": "l" });
    let with = |mut row: Json, more: Json| {
        row.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        row
    };
    let counted = json!({ "unit": "COUNT", "frequency": "YEARLY" });
    let norm = |key: &str| json!({ "key": key, "basis": "LEGAL", "target": figure("0.8", "RATIO") });
    let mut rows = plans(&[2021]);
    rows.extend([
        json!({ "operationalGoal": { "key": "g", "planKey": "b-2021", "code": "G", "title": "Goal" } }),
        json!({ "inspectedProcess": { "key": "p", "planKey": "b-2021", "position": 1, "name": "Process" } }),
        json!({ "indicator": with(with(json!({ "key": "ig" }), counted.clone()), on("OPERATIONAL_GOAL", "g")) }),
        json!({ "indicator": with(with(json!({ "key": "ip" }), counted), on("INSPECTED_PROCESS", "p")) }),
        json!({ "norm": with(norm("ng"), on("OPERATIONAL_GOAL", "g")) }),
        json!({ "norm": with(norm("np"), on("INSPECTED_PROCESS", "p")) }),
        observation("ig", "2020", "10"),
        json!({ "target": { "key": "tg", "kind": "INDICATOR", "ofKey": "ig", "period": "2020", "figure": figure("8", "COUNT") } }),
        json!({ "target": { "key": "tp", "kind": "NORM", "ofKey": "np", "period": "2020", "figure": figure("0.9", "RATIO") } }),
        json!({ "round": { "key": "r", "planKey": "b-2021", "label": "R", "referenceDate": "2021-12-31", "deadline": "2022-01-31" } }),
    ]);
    let small = Small::of(json!(rows));
    let found = small.ask(
        "{ plan(key: \"b-2021\") { attainment { norms { value } } targetAttainments { target { key } judgement } }
           operationalGoal(key: \"g\") { attainment { norms { value } } targetAttainments { target { key } } series { of { ... on Indicator { key } ... on Norm { key } } } }
           round(key: \"r\") { reporting { expected } } }",
    );
    let plan = &found["plan"];
    assert_eq!(plan["attainment"]["norms"]["value"], "2", "{found}");
    let judged =
        json!([{ "target": { "key": "tp" }, "judgement": null }, { "target": { "key": "tg" }, "judgement": "MET" }]);
    assert_eq!(plan["targetAttainments"], judged);
    let goal = &found["operationalGoal"];
    assert_eq!(
        (&goal["attainment"]["norms"]["value"], &goal["targetAttainments"]),
        (&json!("1"), &json!([{ "target": { "key": "tg" } }]))
    );
    assert_eq!(goal["series"], json!([{ "of": { "key": "ig" } }, { "of": { "key": "ng" } }]));
    assert_eq!(found["round"]["reporting"]["expected"], 2, "{found}");
    // They go on into the next plan, each on what its own became.
    let done = small.write("rollOver", json!({ "fromYear": 2021, "toYear": 2022 }));
    assert_eq!(done["status"], "COMMITTED", "{done}");
    let next = small.ask(
        "{ indicators(where: {subjectKind: {eq: INSPECTED_PROCESS}}) { nodes { key subjectKey predecessors { predecessorKey } } }
           comparePlans(fromPlan: \"b-2021\", toPlan: \"b-2022\") { kinds { kind earlier continued } } }",
    );
    let carried = json!({ "key": "b-2022/ip", "subjectKey": "b-2022/p", "predecessors": [{ "predecessorKey": "ip" }] });
    assert!(next["indicators"]["nodes"].as_array().unwrap().contains(&carried), "{next}");
    for kind in ["INDICATOR", "NORM"] {
        let of = json!({ "kind": kind, "earlier": 2, "continued": 2 });
        assert!(next["comparePlans"]["kinds"].as_array().unwrap().contains(&of), "{next}");
    }
}

#[test]
fn controls_of_several_plans_are_a_share_of_all_of_theirs() {
    let plan = |body: &str, controls: [&str; 2]| {
        let mut rows = vec![
            json!({ "organisation": { "key": body, "name": body, "namespace": body } }),
            json!({ "plan": { "key": format!("{body}:p"), "organisationKey": body, "year": 2021, "evaluatedYear": 2020, "title": "Plan" } }),
        ];
        for (at, count) in controls.into_iter().enumerate() {
            let key = format!("{body}:i{at}");
            rows.push(json!({ "inspectedProcess": { "key": key, "planKey": format!("{body}:p"), "position": at + 1, "name": key } }));
            rows.push(json!({ "inspection": { "processKey": key, "year": 2020, "controls": figure(count, "COUNT"),
                "sanctions": figure("1", "COUNT"), "proposedRecovery": figure("1", "EUR") } }));
        }
        rows
    };
    let small = Small::of(json!([plan("one", ["10", "30"]), plan("two", ["100", "60"])].concat()));
    let found = small.ask(
        "{ bodiesReport(year: 2020) { together { inspected { shareOfControls { value computed { expression } } } } }
           inspectedProcess(key: \"two:i0\") { inspected(year: 2020) { shareOfControls { value } } } }",
    );
    let together = &found["bodiesReport"]["together"]["inspected"]["shareOfControls"];
    assert_eq!(together, &json!({ "value": "1", "computed": { "expression": "200 / 200" } }));
    assert_eq!(found["inspectedProcess"]["inspected"]["shareOfControls"]["value"], "0.625");
}

/// A line that ended is no missing part of a later year, in a rate as little as in a sum.
#[test]
fn a_line_that_was_not_asked_of_a_year_is_left_out_of_its_rates() {
    let line = |key: &str, plan: &str| {
        json!({ "budgetLine": { "key": key, "planKey": plan, "position": 1, "name": key, "section": "MEASURE", "direction": "EXPENDITURE",
            "articleKeys": ["A"] } })
    };
    let amount = |line: &str, year: i32, phase: &str, value: &str| json!({ "budgetAmount": { "budgetLineKey": line, "year": year, "phase": phase, "credit": "VEK", "figure": figure(value, "EUR") } });
    let mut rows = plans(&[2021, 2024]);
    rows.extend([json!({ "budgetArticle": { "code": "A" } }), line("ended", "b-2021"), line("new", "b-2024")]);
    rows.extend([
        amount("ended", 2021, "BUDGETED", "7"),
        amount("new", 2023, "BUDGETED", "8"),
        amount("new", 2023, "REALISED", "4"),
    ]);
    let small = Small::of(json!(rows));
    let found = small.ask(
        "{ budgetArticle(key: \"A\") { budget(year: 2023) { lines { value } vek { realised { sum { value coverage { ...C } } } execution { value coverage { ...C } } } } } }
         fragment C on Coverage { basis known unknown }",
    );
    let budget = &found["budgetArticle"]["budget"];
    let all = json!({ "basis": "ALL", "known": 1, "unknown": 0 });
    assert_eq!(budget["lines"]["value"], "2");
    assert_eq!(budget["vek"]["realised"]["sum"], json!({ "value": "4", "coverage": all }));
    assert_eq!(budget["vek"]["execution"], json!({ "value": "0.5", "coverage": all }));
}

#[test]
fn what_counts_in_two_units_is_not_compared() {
    let counted =
        |value: &str, code: &str| json!({ "value": value, "status": "REPORTED", "unit": "OTHER", "unitCode": code });
    let observed = |period: &str, value: &str, code: &str| json!({ "observation": { "indicatorKey": "i", "period": period, "figure": counted(value, code) } });
    let mut rows = plans(&[2021]);
    rows.extend([
        measure("m", "b-2021"),
        json!({ "indicator": { "key": "i", "measureKey": "m", "position": 1, "label": "i", "unit": "OTHER" } }),
        json!({ "target": { "key": "t", "kind": "INDICATOR", "ofKey": "i", "period": "2020", "figure": counted("4", "FTE") } }),
    ]);
    rows.extend([observed("2019", "5", "FTE"), observed("2020", "8", "TONNE")]);
    let small = Small::of(json!(rows));
    let query =
        "{ indicator(key: \"i\") { trend { absolute { value computed { missing { code } } } relative { value } }
        targetAttainments { judgement ratio { value computed { missing { code } } } } } }";
    let missing = json!({ "value": null, "computed": { "missing": { "code": "UNITS_DIFFER" } } });
    let found = &small.ask(query)["indicator"];
    assert_eq!(found["trend"], json!({ "absolute": missing, "relative": { "value": null } }));
    assert_eq!(found["targetAttainments"], json!([{ "judgement": null, "ratio": missing }]));
    small.import(json!([observed("2020", "8", "FTE")]));
    let found = &small.ask(query)["indicator"];
    assert_eq!(
        (&found["trend"]["absolute"]["value"], &found["targetAttainments"][0]["judgement"]),
        (&json!("3"), &json!("MET"))
    );
}
