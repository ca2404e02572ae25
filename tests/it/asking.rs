//! Filters and orders over the real server and the real plan.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::support::shared;

fn keys(list: &Json) -> Vec<&str> {
    list["nodes"].as_array().unwrap().iter().map(|node| node["key"].as_str().unwrap()).collect()
}

/// The code and message of the only error of a request.
fn refused(query: &str, variables: Json) -> (String, String) {
    let answer = shared().post(&json!({ "query": query, "variables": variables })).json();
    let errors = answer["errors"].as_array().unwrap_or_else(|| panic!("{query} is answered: {answer}"));
    assert_eq!(errors.len(), 1, "{query}: {errors:?}");
    (errors[0]["extensions"]["code"].as_str().unwrap().to_owned(), errors[0]["message"].as_str().unwrap().to_owned())
}

#[test]
fn conditions_reach_through_values_and_relations() {
    let found = shared().ask(
        r#"{
          folded: measures(where: {name: {contains: "ACTIVITEITENCOOPERATIE"}}) { totalCount nodes { key } }
          money: observations(
            where: {
              figure: {value: {gt: "80000000"}, unit: {eq: EUR}}
              indicator: {measure: {operationalGoal: {code: {startsWith: "od vi 1"}}}}
              period: {between: {from: "2020", to: "2020"}}
            }
            orderBy: [{field: FIGURE_VALUE, direction: DESC}]
          ) { totalCount nodes { key } }
          without: measures(where: {indicators: {none: {}}}) { totalCount nodes { indicators { key } } }
          with: measures(where: {not: {indicators: {none: {}}}}) { totalCount }
          all: measures { totalCount }
          shared: budgetLines(where: {measures: {some: {}}, measureKeys: {some: {eq: "vlaamse-ondersteuningspremie"}}}) {
            nodes { measures { key } }
          }
          goal: operationalGoal(key: "od-vi-1.1") { measures(where: {key: {startsWith: "vlaamse"}}) { key } }
        }"#,
    );
    assert_eq!(keys(&found["folded"]), ["activiteitencooperaties"]);
    assert_eq!(
        keys(&found["money"]),
        ["vlaamse-ondersteuningspremie/vek/2020", "vlaamse-ondersteuningspremie/vak/2020"]
    );
    let count = |name: &str| found[name]["totalCount"].as_u64().unwrap();
    assert!(count("without") > 0 && count("with") > 0 && count("without") + count("with") == count("all"), "{found}");
    let without = found["without"]["nodes"].as_array().unwrap();
    assert!(without.iter().all(|node| node["indicators"] == json!([])), "{found}");
    let lines = found["shared"]["nodes"].as_array().unwrap();
    let has =
        |line: &Json| line["measures"].as_array().unwrap().iter().any(|it| it["key"] == "vlaamse-ondersteuningspremie");
    assert!(!lines.is_empty() && lines.iter().all(has), "{lines:?}");
    assert_eq!(found["goal"]["measures"], json!([{ "key": "vlaamse-ondersteuningspremie" }]));
}

#[test]
fn codes_sort_as_people_count_and_what_is_absent_comes_last() {
    let found = shared().ask(
        "{ up: operationalGoals(orderBy: [{field: CODE}]) { nodes { key } }
           down: operationalGoals(orderBy: [{field: CODE, direction: DESC}]) { nodes { key } }
           values: observations(orderBy: [{field: FIGURE_VALUE, direction: DESC}], first: 1000) { nodes { key figure { value } } }
           least: observations(orderBy: [{field: FIGURE_VALUE}], first: 1000) { nodes { key figure { value } } } }",
    );
    let mut down = keys(&found["down"]);
    down.reverse();
    assert_eq!(keys(&found["up"]), down);
    assert!(keys(&found["up"]).starts_with(&["od-vi-1.1"]), "{:?}", keys(&found["up"]));
    for (list, rising) in [("values", false), ("least", true)] {
        let values = found[list]["nodes"].as_array().unwrap().iter().map(|node| node["figure"]["value"].as_str());
        let values: Vec<Option<f64>> = values.map(|value| value.map(|value| value.parse().unwrap())).collect();
        let absent = values.iter().position(Option::is_none).expect("some figures have no value");
        assert!(values[absent..].iter().all(Option::is_none), "{list}");
        let sorted = values[..absent].is_sorted_by(|a, b| if rising { a <= b } else { a >= b });
        assert!(sorted && absent > 100, "{list}: {values:?}");
    }
}

#[test]
fn pages_of_a_question_are_one_list() {
    let where_ = json!({"figure": {"status": {"eq": "REPORTED"}}, "indicator": {"kind": {"in": ["RECEIVED", "VEK"]}}});
    let order = json!([{"field": "FIGURE_UNIT"}, {"field": "FIGURE_VALUE", "direction": "DESC"}]);
    let ask = |arguments: &str, cursor: Json| {
        let query = format!(
            "query($w: ObservationWhere, $o: [ObservationOrder!], $c: String) {{
               observations(where: $w, orderBy: $o, {arguments}) {{
                 totalCount nodes {{ key }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
        );
        shared().ask_with(&query, json!({"w": where_, "o": order, "c": cursor}))["observations"].take()
    };
    let whole = ask("first: 1000, after: $c", Json::Null);
    let whole = keys(&whole);
    assert!(whole.len() > 40);
    let (mut cursor, mut forward) = (Json::Null, Vec::new());
    loop {
        let page = ask("first: 7, after: $c", cursor);
        assert_eq!(page["totalCount"], whole.len());
        assert_eq!(page["pageInfo"]["hasPreviousPage"], !forward.is_empty());
        forward.extend(keys(&page).into_iter().map(str::to_owned));
        cursor = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(forward, whole);
    let back = ask("last: 9, before: $c", cursor.clone());
    assert_eq!(keys(&back), whole[whole.len() - 10..whole.len() - 1]);
    for other in ["", "where: {key: {ne: \"x\"}}, ", "orderBy: {field: PERIOD}, "] {
        let query = format!("query($c: String) {{ observations({other}first: 1, after: $c) {{ totalCount }} }}");
        let (code, message) = refused(&query, json!({ "c": cursor }));
        assert!(code == "BAD_USER_INPUT" && message.contains("another `where` or `orderBy`"), "{message}");
    }
}

#[test]
fn what_cannot_be_asked_is_told() {
    let bad = "BAD_USER_INPUT";
    let deep = (0..12).fold("{}".to_owned(), |inner, _| format!("{{not: {inner}}}"));
    let many = vec!["{key: {eq: \"a\"}}"; 201].join(" ");
    let values = vec!["\"a\""; 2001].join(" ");
    for (asked, code, part) in [
        ("measures(where: {name: {eq: null}})".to_owned(), bad, "`where.name.eq`: null"),
        ("measures(where: {and: [{name: null}]})".to_owned(), bad, "`where.and.0.name`: null"),
        ("observations(where: {period: {lt: \"20x\"}})".to_owned(), bad, "`where.period.lt`: `20x` is no period"),
        (
            "measures(where: {lifecycle: {eq: OLD}})".to_owned(),
            "GRAPHQL_VALIDATION_FAILED",
            "`OLD` is no word of `Lifecycle`",
        ),
        (format!("measures(where: {deep})"), "LIMIT_EXCEEDED", "levels of a filter: at most 10"),
        (format!("measures(where: {{or: [{many}]}})"), "LIMIT_EXCEEDED", "conditions of the filters"),
        (format!("measures(where: {{key: {{in: [{values}]}}}})"), "LIMIT_EXCEEDED", "values in the filters"),
        (format!("measures(orderBy: [{}])", "{field: NAME} ".repeat(9)), "LIMIT_EXCEEDED", "fields of an order"),
    ] {
        let (found, message) = refused(&format!("{{ {asked} {{ totalCount }} }}"), json!({}));
        assert!(found == code && message.contains(part), "{asked}: {found}: {message}");
    }
}

/// The rows of a file of the demonstration data, each by its columns.
fn rows(file: &str) -> Vec<BTreeMap<String, String>> {
    let path = format!("{}/fixtures/dwse-2021/{file}.csv", env!("CARGO_MANIFEST_DIR"));
    csv::Reader::from_path(path).unwrap().deserialize().map(Result::unwrap).collect()
}

#[test]
fn groups_of_the_budget_are_what_the_files_give() {
    let by_key = |file: &str, column: &str| -> BTreeMap<String, String> {
        rows(file).into_iter().map(|row| (row["key"].clone(), row[column].clone())).collect()
    };
    let (lines, goals) =
        (by_key("budget-lines", "operationalGoalKey"), by_key("operational-goals", "structuralElementKey"));
    let elements = by_key("structural-elements", "policyFieldKey");
    let mut expected: BTreeMap<(Option<String>, String), (i128, u64, u64)> = BTreeMap::new();
    for row in rows("budget-amounts").into_iter().filter(|row| row["year"] == "2021") {
        let field = goals.get(&lines[&row["budgetLineKey"]]).map(|element| elements[element].clone());
        let (sum, valued, missing) = expected.entry((field, row["credit"].clone())).or_default();
        match row["figure.value"].as_str() {
            "" => *missing += 1,
            value => {
                *sum += value.parse::<i128>().unwrap();
                *valued += 1;
            }
        }
    }
    let found = shared().ask(
        "{ budgetAmounts(where: {year: {eq: 2021}}) {
             groupBy(by: [POLICY_FIELD, CREDIT]) { keys { policyField { key } credit year } count figure { unit sum valued missing } }
             large: groupBy(by: [POLICY_FIELD], having: {figure: {sum: {gt: \"1000000000\"}}},
                            orderBy: [{field: FIGURE_SUM, direction: DESC}], first: 1) { keys { policyField { key } } }
             all: groupBy(by: []) { count } totalCount } }",
    );
    let groups = found["budgetAmounts"]["groupBy"].as_array().unwrap();
    assert!(groups.len() == expected.len() && groups.len() == 8, "{groups:#?}");
    for group in groups {
        let field = group["keys"]["policyField"]["key"].as_str().map(str::to_owned);
        let (sum, valued, missing) = expected[&(field, group["keys"]["credit"].as_str().unwrap().to_owned())];
        let told = json!([{"unit": "EUR", "sum": sum.to_string(), "valued": valued, "missing": missing}]);
        assert_eq!((&group["figure"], &group["count"]), (&told, &json!(valued + missing)));
        assert_eq!(group["keys"]["year"], Json::Null, "what is not asked for is null");
    }
    assert_eq!(groups.last().unwrap()["keys"]["policyField"], Json::Null, "what has no key comes last");
    assert_eq!(found["budgetAmounts"]["large"], json!([{"keys": {"policyField": {"key": "vi"}}}]));
    assert_eq!(found["budgetAmounts"]["all"], json!([{"count": found["budgetAmounts"]["totalCount"]}]));
}

#[test]
fn a_filter_may_go_there_and_back() {
    let mut filter = r#"{name:{ne:""}}"#.to_owned();
    let all = shared().ask("{ measures { totalCount } }")["measures"]["totalCount"].clone();
    for level in 1..=4 {
        filter = format!("{{plan:{{measures:{{some:{filter}}}}}}}");
        let asked = format!("{{ measures(where:{filter}) {{ totalCount nodes {{ plan {{ key }} }} }} }}");
        let found = shared().ask(&asked);
        assert_eq!(found["measures"]["totalCount"], all, "{level} levels: {found}");
        let below = shared().ask(&format!("{{ plans {{ nodes {{ measures(where:{filter}) {{ totalCount }} }} }} }}"));
        assert_eq!(below["plans"]["nodes"][0]["measures"]["totalCount"], all, "{level} levels: {below}");
    }
}

#[test]
fn contradictions_are_counted_by_severity_and_rule() {
    let data = shared().ask(
        "{ all: discrepancies { totalCount groupBy(by: [SEVERITY]) { severity rule count slips } }
           one: discrepancies(where: { rule: { eq: TREND_UNIT } }) { groupBy(by: [RULE, SEVERITY]) { rule severity count slips } }
           whole: discrepancies { groupBy(by: []) { count slips } }
           slips: discrepancies(where: { consequenceOfKey: { isNull: true } }) { totalCount }
           follows: discrepancy(key: \"claim-change/claim/9.1.8.3/03/figure\") { consequenceOf { key consequences { key } } } }",
    );
    let groups = data["all"]["groupBy"].as_array().unwrap();
    let sum = |name: &str| groups.iter().map(|group| group[name].as_i64().unwrap()).sum::<i64>();
    assert_eq!(sum("count"), data["all"]["totalCount"].as_i64().unwrap());
    assert!(groups.len() == 3 && groups.iter().all(|group| group["rule"].is_null()), "{groups:?}");
    let whole = &data["whole"]["groupBy"][0];
    assert_eq!((&whole["count"], &whole["slips"]), (&data["all"]["totalCount"], &data["slips"]["totalCount"]));
    let unit = serde_json::json!([{ "rule": "TREND_UNIT", "severity": "NOTICE", "count": 9, "slips": 9 }]);
    assert_eq!(data["one"]["groupBy"], unit);
    let slip = &data["follows"]["consequenceOf"];
    assert_eq!(slip["key"], "trend/observation/mentorkorting/afgehandelde-dossiers/2020/change");
    assert_eq!(slip["consequences"][0]["key"], "claim-change/claim/9.1.8.3/03/figure");
}

#[test]
fn who_lost_most_files_is_one_query() {
    let ask = |rest: &str| {
        shared().ask(&format!(
            "{{ trends(where: {{ indicator: {{ kind: {{ eq: RECEIVED }} }}{rest} }}, orderBy: [{{ field: RELATIVE }}], first: 1000) {{ totalCount
               nodes {{ relative absolute span form reason missing measure {{ key }} indicatorKey trend {{ relative {{ value computed {{ expression }} }} }} }} }} }}"
        ))["trends"]
            .clone()
    };
    // Naively, from the cells: the last two values of each row headed so.
    let mut values: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for row in crate::figures::rows("observations") {
        values
            .entry(row["indicatorKey"].clone())
            .or_default()
            .insert(row["period"].clone(), row["figure.value"].clone());
    }
    let received = crate::figures::rows("indicators").into_iter().filter(|row| row["kind"] == "RECEIVED");
    let mut expected: Vec<(f64, String)> = Vec::new();
    let (mut unknown, mut school) = (0, 0);
    for row in received {
        let of: Vec<&String> = values[&row["key"]].values().collect();
        school += usize::from(values[&row["key"]].keys().any(|period| period.contains('-')));
        match (of[0].parse::<f64>(), of[1].parse::<f64>()) {
            (Ok(from), Ok(to)) if from > 0.0 => expected.push(((to - from) / from, row["key"].clone())),
            _ => unknown += 1,
        }
    }
    expected.sort_by(|a, b| a.0.total_cmp(&b.0));
    let all = ask("");
    let nodes = all["nodes"].as_array().unwrap();
    assert_eq!(nodes.len(), expected.len() + unknown);
    assert!(unknown > 0 && school > 0, "{unknown} unknown, {school} of school years");
    for (node, (change, _)) in nodes.iter().zip(&expected) {
        let found: f64 = node["relative"].as_str().unwrap().parse().unwrap();
        assert!((found - change).abs() < 1e-9, "{node}");
        assert_eq!(node["relative"], node["trend"]["relative"]["value"]);
        assert!(node["missing"].is_null() && node["form"] == "RELATIVE", "{node}");
    }
    // Unknown values come last, with their reason.
    for node in &nodes[expected.len()..] {
        assert!(node["relative"].is_null() && node["reason"].is_string() && node["missing"].is_string(), "{node}");
    }
    // The first is not the misprint of -33%, and school years are in or out by choice.
    assert_eq!(nodes[0]["indicatorKey"], expected[0].1.as_str());
    let years = ask(", span: { eq: YEAR }");
    assert!(years["totalCount"].as_u64() < all["totalCount"].as_u64());
    assert!(years["nodes"].as_array().unwrap().iter().all(|node| node["span"] == "YEAR"));
    let lost = ask(", relative: { lt: \"-0.2\" }");
    assert_eq!(lost["totalCount"], expected.iter().filter(|(change, _)| *change < -0.2).count());
}

#[test]
fn which_norms_are_farthest_from_their_target_is_one_query() {
    let data = shared().ask(
        "{ far: attainments(orderBy: [{ field: DISTANCE, direction: DESC }], first: 1000) { totalCount
             nodes { distance level strictLevel normKey reason attainment { level ratio { value } } } }
           met: attainments(where: { table: { eq: OVERVIEW }, level: { eq: MET } }) { totalCount }
           rounded: attainments(where: { level: { eq: MET }, strictLevel: { ne: MET } }) { totalCount }
           legal: attainments(where: { basis: { eq: LEGAL }, measure: { operationalGoal: { code: { eq: \"OD VI 1.1\" } } } }) { nodes { normKey } } }",
    );
    let nodes = data["far"]["nodes"].as_array().unwrap();
    assert_eq!(nodes.len(), 72);
    let number = |node: &Json| node["distance"].as_str().map(|text| text.parse::<f64>().unwrap());
    let known: Vec<f64> = nodes.iter().filter_map(number).collect();
    assert!(known.is_sorted_by(|a, b| a >= b) && known.len() == 69, "{known:?}");
    assert!(nodes[69..].iter().all(|node| node["distance"].is_null() && node["reason"].is_string()));
    assert!(nodes.iter().all(|node| node["level"] == node["attainment"]["level"]));
    // 47 are met as the overview counts, two of them by rounding only.
    assert_eq!((&data["met"]["totalCount"], &data["rounded"]["totalCount"]), (&json!(47), &json!(2)));
    assert!(!data["legal"]["nodes"].as_array().unwrap().is_empty());
}

#[test]
fn school_years_have_a_group_of_their_own() {
    let data = shared().ask(
        "{ observations(where: { indicator: { kind: { eq: RECEIVED } } }) { totalCount
             groupBy(by: [PERIOD_END_YEAR, PERIOD_KIND]) { keys { periodEndYear periodKind } count }
             calendar: groupBy(by: [PERIOD_YEAR]) { keys { periodYear } count } } }",
    );
    let kinds: BTreeMap<String, String> =
        crate::figures::rows("indicators").into_iter().map(|row| (row["key"].clone(), row["kind"].clone())).collect();
    let mut expected: BTreeMap<(i64, &str), i64> = BTreeMap::new();
    for row in crate::figures::rows("observations") {
        if kinds[&row["indicatorKey"]] == "RECEIVED" {
            let period = &row["period"];
            let kind = match period.len() {
                4 => "YEAR",
                9 if !period.contains('/') => "SCHOOL_YEAR",
                _ => "OTHER",
            };
            let end = period.rsplit('/').next().unwrap();
            let end = if kind == "OTHER" { &end[..4] } else { &end[end.len() - 4..] };
            *expected.entry((end.parse().unwrap(), kind)).or_default() += 1;
        }
    }
    let groups = data["observations"]["groupBy"].as_array().unwrap();
    let mut found: BTreeMap<(i64, &str), i64> = BTreeMap::new();
    for group in groups {
        let kind = group["keys"]["periodKind"].as_str().unwrap();
        let kind = if ["YEAR", "SCHOOL_YEAR"].contains(&kind) { kind } else { "OTHER" };
        *found.entry((group["keys"]["periodEndYear"].as_i64().unwrap(), kind)).or_default() +=
            group["count"].as_i64().unwrap();
    }
    assert_eq!(found, expected);
    assert!(expected.keys().any(|(_, kind)| *kind == "SCHOOL_YEAR"), "{expected:?}");
}

#[test]
fn a_column_of_measures_comes_to_the_plan() {
    let vek = "vek { realised { known { value } } }";
    let data = shared().ask(&format!(
        "{{ plan(key: \"dwse-2021\") {{ budgetParts(year: 2020) {{ whole {{ {vek} }} own {{ {vek} }} shared {{ {vek} }} withoutMeasure {{ {vek} }} }}
           measures(first: 100) {{ nodes {{ all: budget(year: 2020) {{ {vek} }} own: budget(year: 2020, only: OWN) {{ {vek} }} }} }} }} }}"
    ));
    let of =
        |it: &Json| it["vek"]["realised"]["known"]["value"].as_str().map_or(0.0, |text| text.parse::<f64>().unwrap());
    let parts = &data["plan"]["budgetParts"];
    let measures = data["plan"]["measures"]["nodes"].as_array().unwrap();
    let sum = |name: &str| measures.iter().map(|it| of(&it[name])).sum::<f64>();
    let [whole, own, shared, without] = ["whole", "own", "shared", "withoutMeasure"].map(|name| of(&parts[name]));
    assert!((own + shared + without - whole).abs() < 0.01, "the parts make up the whole");
    assert!((sum("own") - own).abs() < 0.01, "what the measures have alone");
    assert!(sum("all") > own + shared, "a column of measures counts what they share more than once");
}

/// Groups of computed lists are those of the list as it is filtered: they come to its count, and each is what a filter finds.
#[test]
fn computed_lists_are_grouped_and_counted() {
    let found = shared().ask(
        r#"{
          norms: attainments(first: 0) { totalCount groupBy(by: [LEVEL]) { keys { level basis } count } }
          missed: attainments(where: {level: {eq: MISSED}}, first: 0) { totalCount groupBy(by: []) { count } }
          unknown: attainments(where: {level: {isNull: true}}, first: 0) { totalCount }
          fallen: trends(where: {relative: {lt: "0"}}, first: 0) { totalCount groupBy(by: [MEASURE]) { keys { measure { key } } count } }
          largest: trends(where: {relative: {lt: "0"}}, first: 0) { groupBy(by: [MEASURE], first: 1) { keys { measure { key } } count } }
          none: trends(where: {measureKey: {eq: "nowhere"}}, first: 0) { groupBy(by: [FORM]) { count } }
          years: executions(first: 0) { totalCount groupBy(by: [YEAR, DIRECTION]) { count } }
          inspected: inspectionRates(first: 0) { totalCount groupBy(by: [PLAN]) { keys { plan { key } year } count } }
          projects: projectProgress(first: 0) { totalCount groupBy(by: [OVERDUE]) { keys { overdue } count } }
          milestones: milestoneStandings(first: 0) { totalCount groupBy(by: [STATUS_WORDS]) { keys { statusWords } count } }
        }"#,
    );
    let sum = |of: &Json| of["groupBy"].as_array().unwrap().iter().map(|it| it["count"].as_i64().unwrap()).sum::<i64>();
    for list in ["norms", "missed", "fallen", "years", "inspected", "projects", "milestones"] {
        let of = &found[list];
        assert!(of["totalCount"].as_i64().unwrap() > 0, "{list}");
        assert_eq!(json!(sum(of)), of["totalCount"], "{list}");
        let counts: Vec<i64> =
            of["groupBy"].as_array().unwrap().iter().map(|it| it["count"].as_i64().unwrap()).collect();
        assert!(counts.is_sorted_by(|a, b| a >= b), "{list}: {counts:?}");
    }
    let level = |level: Json| {
        let mut groups = found["norms"]["groupBy"].as_array().unwrap().iter();
        groups.find(|it| it["keys"]["level"] == level).unwrap()["count"].clone()
    };
    assert_eq!(level(json!("MISSED")), found["missed"]["totalCount"]);
    assert_eq!(level(Json::Null), found["unknown"]["totalCount"]);
    // What was not asked for is null.
    assert!(found["norms"]["groupBy"].as_array().unwrap().iter().all(|it| it["keys"]["basis"].is_null()));
    assert_eq!(
        found["largest"]["groupBy"].as_array().unwrap()[..],
        found["fallen"]["groupBy"].as_array().unwrap()[..1]
    );
    assert_eq!(found["none"]["groupBy"], json!([]));
    let keys = found["inspected"]["groupBy"][0]["keys"].clone();
    assert_eq!(keys, json!({ "plan": { "key": "dwse-2021" }, "year": null }));
    let (code, message) = refused("{ trends { groupBy(by: [UNIT], first: -1) { count } } }", json!({}));
    assert_eq!(code, "BAD_USER_INPUT", "{message}");
}
