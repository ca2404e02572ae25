//! Several bodies in one register: their keys never meet.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value as Json, json};

use crate::server::with_common;

use super::small::{Small, indicator, measure, observation, text, told};

/// The rows of a body whose keys are bare, and the same keys as those of `Small`.
fn rows_of(body: &str, namespace: Option<&str>, amount: &str) -> Vec<Json> {
    let mut rows = vec![
        json!({ "organisation": { "key": body, "name": body, "namespace": namespace } }),
        json!({ "plan": { "key": "p", "organisationKey": body, "year": 2021, "title": "Plan" } }),
        json!({ "budgetArticle": { "code": "A1", "organisationKey": body } }),
        json!({ "budgetLine": { "key": "l", "planKey": "p", "position": 1, "name": "Line", "section": "MEASURE",
            "direction": "EXPENDITURE", "measureKeys": ["m-1"], "articleKeys": ["A1"] } }),
        json!({ "budgetAmount": { "budgetLineKey": "l", "year": 2021, "phase": "BUDGETED", "credit": "VAK",
            "figure": { "status": "REPORTED", "unit": "EUR", "value": amount } } }),
    ];
    rows.extend([measure("m-1"), measure("m-2"), indicator("i-1", "m-1"), observation("i-1", "2020", "7")]);
    rows
}

#[test]
fn bare_keys_of_a_file_are_those_of_its_body() {
    let small = Small::new();
    let done = small.import(json!({ "rows": rows_of("agency", Some("ag"), "10") }));
    assert_eq!((&done["status"], &done["counts"]["created"]), (&"COMMITTED".into(), &9.into()), "{done}");
    assert_eq!(small.keys("measures"), ["ag:m-1", "ag:m-2", "m-1", "m-2"]);
    assert_eq!(small.keys("observations"), ["ag:i-1/2020", "i-1/2019", "i-1/2020", "i-2/2020"]);
    assert_eq!(small.keys("budgetAmounts"), ["ag:l/2021/budgeted/vak"]);
    // The same once more changes nothing; what was there before is as it was.
    assert_eq!(small.import(json!({ "rows": rows_of("agency", Some("ag"), "10") }))["status"], "UNCHANGED");
    let data = small
        .server
        .ask("{ observation(key: \"i-1/2020\") { figure { value } indicator { measure { plan { key } } } } }");
    assert_eq!(data["observation"]["figure"]["value"], "20");
    assert_eq!(data["observation"]["indicator"]["measure"]["plan"]["key"], "p");
    // Rows that do not say whose they are are those of the empty namespace, unless the import says it.
    let done = small.import(json!({ "rows": [observation("i-1", "2018", "1")] }));
    assert_eq!(text(&done["status"]), "COMMITTED", "{done}");
    let done = small.import(json!({ "rows": [observation("i-1", "2018", "1")], "organisationKey": "agency" }));
    assert_eq!((&done["status"], &done["counts"]["created"]), (&"COMMITTED".into(), &1.into()), "{done}");
    assert!(small.keys("observations").contains(&"ag:i-1/2018".to_owned()));
    // Deleting too.
    let gone = small
        .import(json!({ "rows": [observation("i-1", "2018", "1")], "organisationKey": "agency", "mode": "DELETE" }));
    assert_eq!(gone["counts"]["deleted"], 1, "{gone}");
    assert!(small.keys("observations").contains(&"i-1/2018".to_owned()));
    let unknown = small.import(json!({ "rows": [measure("m-1")], "organisationKey": "agancy" }));
    assert_eq!(
        (&unknown["problems"][0]["code"], &unknown["problems"][0]["candidates"][0]),
        (&"UNKNOWN_REFERENCE".into(), &"agency".into())
    );
}

#[test]
fn a_bare_key_of_another_body_is_refused_with_the_hint() {
    let small = Small::new();
    small.import(json!({ "rows": rows_of("agency", Some("ag"), "10") }));
    small.import(json!({ "rows": [measure("m-7")] }));
    let line = |measure: &str| {
        json!({ "budgetLine": { "key": "k", "planKey": "ag:p", "position": 2, "name": "Line", "section": "MEASURE",
        "direction": "EXPENDITURE", "measureKeys": [measure], "articleKeys": [] } })
    };
    let done = small.import(json!({ "rows": [line("m-7")] }));
    assert_eq!(
        (&done["status"], &done["problems"][0]["code"]),
        (&"REJECTED".into(), &"UNKNOWN_REFERENCE".into()),
        "{done}"
    );
    assert!(text(&done["problems"][0]["hint"]).contains("write `:m-7`"), "{done}");
    // Said, it is meant.
    assert_eq!(small.import(json!({ "rows": [line(":m-7")] }))["status"], "COMMITTED");
    let data = small.server.ask("{ budgetLine(key: \"ag:k\") { measures { key } } }");
    assert_eq!(data["budgetLine"]["measures"][0]["key"], "m-7");
    // The other way round, and a key in a namespace that is not its body's.
    small.import(json!({ "rows": [{ "measure": { "key": "m-8", "planKey": "ag:p", "name": "Eighth" } }] }));
    let done = small.import(json!({ "rows": [indicator("i-9", "m-8")] }));
    assert!(text(&done["problems"][0]["hint"]).contains("write `ag:m-8`"), "{done}");
    assert_eq!(
        small.refused(json!({ "rows": [{ "measure": { "key": "ag:m-9", "planKey": ":p", "name": "x" } }] })),
        told(&[("BAD_KEY", "measure")])
    );
    assert_eq!(
        small.refused(json!({ "rows": [{ "measure": { "key": ":m-9", "planKey": "ag:p", "name": "x" } }] })),
        told(&[("BAD_KEY", "measure")])
    );
}

#[test]
fn a_namespace_is_of_one_body_and_stays() {
    let small = Small::new();
    small.import(json!({ "rows": rows_of("agency", Some("ag"), "10") }));
    let body = |key: &str, namespace: Json| json!({ "rows": [{ "organisation": { "key": key, "name": "x", "namespace": namespace } }] });
    for (key, namespace) in
        [("other", json!("ag")), ("agency", json!("gg")), ("agency", Json::Null), ("body", json!("bd"))]
    {
        assert_eq!(small.refused(body(key, namespace)), told(&[("INCONSISTENT", "namespace")]), "{key}");
    }
    assert_eq!(small.refused(body("other", json!("A B"))), told(&[("BAD_KEY", "namespace")]));
    // A row that does not read may mean the record of any body: replacing a scope deletes none of these.
    let bad = json!({ "measure": { "key": "m-2", "planKey": "ag:p", "name": "x", "operator": "NOBODY" } });
    let done = small.import(
        json!({ "mode": "REPLACE_SCOPE", "scope": { "kinds": ["MEASURE"], "within": { "kind": "PLAN", "key": "ag:p" } },
        "rows": [bad, { "measure": { "key": "m-1", "planKey": "ag:p", "name": "First" } }], "atomicity": "GOOD_ROWS" }),
    );
    assert_eq!((&done["counts"]["deleted"], &done["counts"]["updated"]), (&0.into(), &1.into()), "{done}");
}

#[test]
fn bodies_are_read_side_by_side_and_together() {
    let small = Small::new();
    let parent = json!({ "organisation": { "key": "ministry", "name": "Ministry" } });
    small.import(json!({ "rows": [parent] }));
    for (body, namespace, amount) in [("one", "n1", "10.5"), ("two", "n2", "20")] {
        let mut rows = rows_of(body, Some(namespace), amount);
        rows[0]["organisation"]["parentKey"] = "ministry".into();
        let done = small.import(json!({ "rows": rows }));
        assert_eq!(done["status"], "COMMITTED", "{done}");
    }
    let ask = |bodies: &str| {
        let query = format!(
            "{{ bodiesReport(year: 2021{bodies}) {{ sideBySide {{ plan {{ key }} total {{ budget {{ vak {{ budgeted {{ sum {{ value }} }} }} }} }} }}
               together {{ plans {{ key }} budget {{ lines {{ value }} vak {{ budgeted {{ sum {{ value }} }} }} }} milestones {{ count {{ value }} }} staff {{ date }} }} withoutPlan {{ key }} }} }}"
        );
        small.server.ask(&query)["bodiesReport"].clone()
    };
    let both = ask(", organisations: [\"ministry\"]");
    let sum = |of: &Json| text(&of["budget"]["vak"]["budgeted"]["sum"]["value"]);
    let each: Vec<String> = both["sideBySide"].as_array().unwrap().iter().map(|plan| sum(&plan["total"])).collect();
    assert_eq!((each, sum(&both["together"])), (vec!["10.5".into(), "20".into()], "30.5".into()), "{both}");
    assert_eq!(both["withoutPlan"][0]["key"], "ministry");
    assert_eq!(ask("")["together"]["plans"].as_array().unwrap().len(), 3);
    let alone = ask(", organisations: [\"ministry\"], withChildren: false");
    assert_eq!(alone["sideBySide"].as_array().unwrap().len(), 0, "{alone}");
}

/// Bodies with the same bare keys, loaded in any order: each finds its own as it left it.
#[test]
fn keys_of_two_bodies_never_meet() {
    let small = Small::new();
    let plan = proptest::collection::vec((0..4usize, 1..1_000u32), 1..6);
    let mut amounts: [Option<String>; 4] = Default::default();
    let runs = std::env::var("BOORDTABEL_LONG").map_or(4, |_| 60);
    let mut runner = TestRunner::new(Config { cases: runs, failure_persistence: None, ..Config::default() });
    let amounts = std::cell::RefCell::new(&mut amounts);
    runner
        .run(&plan, |steps| {
            let mut amounts = amounts.borrow_mut();
            for (body, amount) in steps {
                let name = format!("b{body}");
                let done = small.import(json!({ "rows": rows_of(&name, Some(&name), &amount.to_string()) }));
                prop_assert!(done["status"] != "REJECTED", "{}", done);
                amounts[body] = Some(amount.to_string());
            }
            for (body, amount) in amounts.iter().enumerate() {
                let data = small
                    .server
                    .ask(&format!("{{ budgetAmount(key: \"b{body}:l/2021/budgeted/vak\") {{ figure {{ value }} }} }}"));
                prop_assert_eq!(data["budgetAmount"]["figure"]["value"].as_str(), amount.as_deref());
            }
            let own = small.server.ask("{ measures(where: {plan: {key: {eq: \"p\"}}}) { totalCount } }");
            prop_assert_eq!(&own["measures"]["totalCount"], &json!(2));
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_body_with_a_namespace_has_a_second_year_staff_and_names() {
    let small = Small::new();
    small.import(json!({ "rows": rows_of("agency", Some("ag"), "10") }));
    // Keys that are made of parts begin as these do: with the body itself, a kind, a key of the namespace.
    let done = small.import(json!({ "rows": [
        { "staffFigure": { "organisationKey": "agency", "date": "2020-12-31", "level": "A", "rank": "A1", "contract": "STATUTORY",
            "figure": { "status": "REPORTED", "unit": "PERSONS", "value": "3" } } },
        { "translation": { "kind": "ORGANISATION", "recordKey": "agency", "language": "fr", "text": "Agence" } },
        { "translation": { "kind": "MEASURE", "recordKey": "ag:m-1", "language": "fr", "text": "Mesure" } },
        { "link": { "fromKind": "ORGANISATION", "fromKey": "agency", "kind": "DEPENDS_ON", "toKind": "MEASURE", "toKey": "ag:m-1" } },
    ] }));
    assert_eq!((&done["status"], &done["counts"]["created"]), (&"COMMITTED".into(), &4.into()), "{done}");
    let over = "mutation($input: RollOverInput!) { rollOver(input: $input) { status revision problems { code message path } } }";
    let input = with_common(json!({ "organisationKey": "agency", "fromYear": 2021, "toYear": 2022 }));
    let done = small.server.send(Some(&small.token), over, json!({ "input": input })).json;
    assert_eq!(done["data"]["rollOver"]["status"], "COMMITTED", "{done}");
    let data = small.server.ask(
        "{ lineages { nodes { key kind predecessorKey successorKey } } plans(where: {organisationKey: {eq: \"agency\"}}) { nodes { key } }
           organisation(key: \"agency\") { label(lang: \"fr\") staff { heads { known { value } } } }
           measure(key: \"ag:m-1\") { label(lang: \"fr\") successors { successor { key } } } }",
    );
    let plans: Vec<String> = data["plans"]["nodes"].as_array().unwrap().iter().map(|it| text(&it["key"])).collect();
    assert!(plans.len() == 2 && plans.iter().all(|key| key.starts_with("ag:")), "{plans:?}");
    let lineages = data["lineages"]["nodes"].as_array().unwrap();
    assert_eq!(lineages.len(), 4, "{data}");
    assert!(lineages.iter().all(|it| text(&it["successorKey"]).starts_with("ag:")), "{data}");
    assert_eq!(data["organisation"]["staff"]["heads"]["known"]["value"], "3");
    assert_eq!((&data["organisation"]["label"], &data["measure"]["label"]), (&"Agence".into(), &"Mesure".into()));
    // Deleting takes the key as it is.
    let key = text(&lineages[0]["key"]);
    let gone = "mutation($input: DeleteRecordsInput!) { deleteRecords(input: $input) { status counts { deleted } problems { code message } } }";
    let records =
        json!([{ "kind": "LINEAGE", "key": key }, { "kind": "STAFF_FIGURE", "key": "agency/2020-12-31/A1/statutory" }]);
    let input = with_common(json!({ "records": records }));
    let done = small.server.send(Some(&small.token), gone, json!({ "input": input })).json;
    assert_eq!(done["data"]["deleteRecords"]["counts"]["deleted"], 2, "{done}");
}
