//! What is told of figures that hang on anything, count different things, or are told under another name.

use serde_json::{Value as Json, json};

use super::{Small, figure, indicator, measure, observation, plans};

fn goal(key: &str, plan: &str) -> Json {
    json!({ "operationalGoal": { "key": key, "planKey": plan, "code": key, "title": key } })
}

fn claim(key: &str, kind: &str, of: Json, more: Json) -> Json {
    let mut claim =
        json!({ "key": key, "planKey": "b-2021", "kind": kind, "subject": "it", "qualifier": "EXACT", "figure": of });
    more.as_object().unwrap().iter().for_each(|(name, value)| claim[name] = value.clone());
    json!({ "claim": claim })
}

fn contradictions(small: &Small) -> Vec<String> {
    let all = small.ask("{ discrepancies { nodes { key planKey } } }");
    let all = all["discrepancies"]["nodes"].as_array().unwrap();
    all.iter().map(|it| format!("{} {}", it["key"].as_str().unwrap(), it["planKey"].as_str().unwrap_or("-"))).collect()
}

/// What a goal leads to, it leads to under both of its names: so neither hangs on nothing.
#[test]
fn what_a_goal_leads_to_under_another_name_is_attached() {
    let mut rows = plans(&[2021]);
    rows.extend([goal("g", "b-2021"), measure("m", "b-2021"), measure("same", "b-2021"), measure("none", "b-2021")]);
    rows.extend([indicator("i", "same"), indicator("of-none", "none")]);
    rows.extend([json!({ "link": { "fromKind": "OPERATIONAL_GOAL", "fromKey": "g", "kind": "CARRIED_OUT_BY", "toKind": "MEASURE", "toKey": "m" } })]);
    rows.extend([json!({ "link": { "fromKind": "MEASURE", "fromKey": "m", "kind": "SAME_AS", "toKind": "MEASURE", "toKey": "same" } })]);
    let small = Small::of(json!(rows));
    let found = small.ask(
        "{ unattached(plan: \"b-2021\") { count measures: records(kind: MEASURE) { key } indicators: records(kind: INDICATOR) { key } } }",
    );
    let expected = json!({ "count": 2, "measures": [{ "key": "none" }], "indicators": [{ "key": "of-none" }] });
    assert_eq!(found["unattached"], expected);
}

/// Of things that are one, however they are linked, one counts: the first in the document, whatever the order of the links.
#[test]
fn what_is_one_thing_in_a_chain_counts_once() {
    let line = |measure: &str, value: &str| {
        let line = json!({ "budgetLine": { "key": measure, "planKey": "b-2021", "position": 1, "name": measure, "section": "MEASURE",
            "direction": "EXPENDITURE", "measureKeys": [measure] } });
        [
            line,
            json!({ "budgetAmount": { "budgetLineKey": measure, "year": 2021, "phase": "BUDGETED", "credit": "VEK", "figure": figure(value, "EUR") } }),
        ]
    };
    for (positions, first) in [([1, 2, 3], "10"), ([2, 1, 3], "20"), ([3, 2, 1], "40"), ([2, 3, 1], "40")] {
        let mut rows = plans(&[2021]);
        rows.extend([goal("g", "b-2021")]);
        for (key, position) in ["a", "b", "c"].into_iter().zip(positions) {
            let mut of = measure(key, "b-2021");
            (of["measure"]["position"], of["measure"]["operationalGoalKey"]) = (position.into(), "g".into());
            rows.push(of);
        }
        rows.extend(
            ["a", "b", "c"].into_iter().zip(["10", "20", "40"]).flat_map(|(measure, value)| line(measure, value)),
        );
        for (from, to) in [("a", "b"), ("c", "b")] {
            rows.push(json!({ "link": { "fromKind": "MEASURE", "fromKey": from, "kind": "SAME_AS", "toKind": "MEASURE", "toKey": to } }));
        }
        let found =
            Small::of(json!(rows)).ask("{ operationalGoal(key: \"g\") { hanging { money { sum { value } } } } }");
        assert_eq!(found["operationalGoal"]["hanging"]["money"][0]["sum"]["value"], first, "{positions:?}");
    }
}

/// A claim about all goals or norms of a plan counts those that stand right under it, and those that hang on a goal.
#[test]
fn a_claim_counts_goals_and_norms_wherever_they_stand() {
    let norm = |key: &str, of: [&str; 2]| {
        json!({ "norm": { "key": key, "position": 1, "label": key, "basis": "LEGAL", of[0]: of[1],
            "subjectKind": if of[0] == "subjectKey" { json!("OPERATIONAL_GOAL") } else { Json::Null } } })
    };
    let mut rows = plans(&[2021]);
    rows.extend([goal("g", "b-2021"), goal("h", "b-2021"), measure("m", "b-2021")]);
    rows.extend([norm("r", ["measureKey", "m"]), norm("s", ["subjectKey", "g"])]);
    let counted = |key: &str, kind: &str, metric: &str, number: &str| {
        claim(key, kind, figure(number, "COUNT"), json!({ "counted": { "metric": metric } }))
    };
    rows.extend([counted("goals", "COUNT", "OPERATIONAL_GOALS", "2"), counted("norms", "NORM_COUNT", "NORMS", "2")]);
    rows.extend([counted("wrong", "NORM_COUNT", "NORMS", "1")]);
    let small = Small::of(json!(rows));
    assert_eq!(contradictions(&small), ["claim-count/claim/wrong/figure b-2021"]);
}

/// Figures that count different things contradict nothing, and there is no relative change from zero or less. A contradiction has the plan
/// of its record, whatever that hangs on.
#[test]
fn only_what_counts_the_same_is_compared() {
    let mut rows = plans(&[2021]);
    rows.extend([goal("g", "b-2021")]);
    let of = |key: &str, unit: &str| {
        json!({ "indicator": { "key": key, "subjectKind": "OPERATIONAL_GOAL", "subjectKey": "g", "position": 1, "label": key, "kind": "OTHER",
            "kindWord": "Work", "unit": unit } })
    };
    let coded =
        |value: &str, code: &str| json!({ "value": value, "status": "REPORTED", "unit": "OTHER", "unitCode": code });
    let printed = |indicator: &str, of: Json, change: Json| json!({ "observation": { "indicatorKey": indicator, "period": "2020", "figure": of, "change": change, "changeFrom": "2019" } });
    rows.extend([of("work", "OTHER"), of("debt", "EUR"), of("files", "COUNT")]);
    rows.extend([
        json!({ "observation": { "indicatorKey": "work", "period": "2019", "figure": coded("10", "FTE") } }),
        printed("work", coded("20", "TONNE"), figure("0.5", "RATIO")),
        json!({ "observation": { "indicatorKey": "debt", "period": "2019", "figure": figure("-10", "EUR") } }),
        printed("debt", figure("20", "EUR"), figure("0.5", "RATIO")),
        observation("files", "2019", "10"),
        printed("files", figure("20", "COUNT"), figure("0.5", "RATIO")),
        claim("of-work", "VALUE", coded("21", "FTE"), json!({ "indicatorKey": "work", "period": "2020" })),
    ]);
    let small = Small::of(json!(rows));
    assert_eq!(contradictions(&small), ["trend/observation/files/2020/change b-2021"]);
}

/// Only the final values of the whole are prints of one figure, and only the whole is what its parts make.
#[test]
fn a_part_and_a_forecast_contradict_no_final_value() {
    let mut rows = plans(&[2021, 2022]);
    rows.extend([measure("m", "b-2021"), measure("n", "b-2022"), indicator("i", "m"), indicator("j", "n")]);
    rows.extend([json!({ "lineage": { "kind": "INDICATOR", "predecessorKey": "i", "successorKey": "j", "relation": "CONTINUES" } })]);
    let of = |indicator: &str, value: &str, state: &str| json!({ "observation": { "indicatorKey": indicator, "period": "2020", "state": state, "figure": figure(value, "COUNT") } });
    let part = |key: &str, value: &str| {
        claim(
            key,
            "VALUE",
            figure(value, "COUNT"),
            json!({ "indicatorKey": "i", "period": "2020", "counted": { "metric": "PART" } }),
        )
    };
    rows.extend([
        of("i", "10", "FINAL"),
        of("i", "12", "PROVISIONAL"),
        of("j", "11", "FORECAST"),
        of("j", "10", "FINAL"),
    ]);
    rows.extend([part("a", "4"), part("b", "6")]);
    let small = Small::of(json!(rows));
    assert_eq!(contradictions(&small), [""; 0]);
}

/// A rank has one level: a figure of the same rank under another level would take the place of the first.
#[test]
fn a_staff_figure_keeps_its_level() {
    let of = |level: &str, rank: &str, heads: &str| {
        json!({ "staffFigure": { "organisationKey": "b", "date": "2020-12-31", "level": level, "rank": rank, "contract": "STATUTORY",
            "figure": figure(heads, "PERSONS") } })
    };
    let small = Small::of(json!(plans(&[2021])));
    small.import(json!([of("A", "1", "5"), of("B", "B 1", "3")]));
    let refused = small.write("importRows", json!({ "rows": [of("B", "1", "7")] }));
    let problem = &refused["problems"][0];
    assert_eq!((&problem["code"], &problem["path"][3]), (&json!("INCONSISTENT"), &json!("level")), "{refused}");
    assert!(problem["message"].as_str().unwrap().contains("rank `1` has the level `A` here, not `B`"), "{refused}");
    small.import(json!([of("A", "1", "6"), of("B", "B 1", "4")]));
    assert_eq!(small.refused(json!([of("C", "2", "1"), of("D", "2", "1")])), ["DUPLICATE_KEY"]);
}
