//! Lines through the plans: what is looked at along CONTINUES, and what is told rather than added.

use serde_json::{Value as Json, json};

use super::{Small, figure, indicator, measure, observation, plans};

fn lineage(kind: &str, from: &str, to: &str, relation: &str) -> Json {
    json!({ "lineage": { "kind": kind, "predecessorKey": from, "successorKey": to, "relation": relation } })
}

fn line(key: &str, plan: &str) -> Json {
    json!({ "budgetLine": { "key": key, "planKey": plan, "position": 1, "name": key, "section": "MEASURE", "direction": "EXPENDITURE",
        "articleKeys": ["A"], "measureKeys": [] } })
}

fn amount(line: &str, year: i32, phase: &str, value: &str) -> Json {
    json!({ "budgetAmount": { "budgetLineKey": line, "year": year, "phase": phase, "credit": "VAK", "figure": figure(value, "EUR") } })
}

/// One measure through the plans of these years: each plan prints the value of the year before and of the one before that.
fn through(years: &[i32]) -> Small {
    let mut rows = plans(years);
    for year in years {
        let (m, i) = (format!("m-{year}"), format!("i-{year}"));
        rows.extend([measure(&m, &format!("b-{year}")), indicator(&i, &m)]);
        rows.push(observation(&i, &(year - 1).to_string(), &format!("{}", 100 + year - 2000)));
    }
    for pair in years.windows(2) {
        for (kind, letter) in [("MEASURE", "m"), ("INDICATOR", "i")] {
            let key = |year: i32| format!("{letter}-{year}");
            rows.push(lineage(kind, &key(pair[0]), &key(pair[1]), "CONTINUES"));
        }
    }
    Small::of(rows.into())
}

#[test]
fn a_trend_looks_back_along_what_it_continues() {
    let small = through(&[2021, 2022, 2023]);
    let of = |key: &str, args: &str| {
        let query = format!(
            "{{ indicator(key: \"{key}\") {{ trend{args} {{ from {{ code }} to {{ code }} absolute {{ value }} }} }} }}"
        );
        small.ask(&query)["indicator"]["trend"].clone()
    };
    assert_eq!(
        of("i-2022", ""),
        json!({ "from": { "code": "2020" }, "to": { "code": "2021" }, "absolute": { "value": "1" } })
    );
    // What a later plan prints says nothing of the earlier one.
    assert_eq!(of("i-2021", "")["from"], json!(null));
    assert_eq!(of("i-2023", "(from: \"2020\")")["absolute"]["value"], "2");
    let trends = small.ask("{ trends(where: {indicatorKey: {eq: \"i-2023\"}}) { nodes { relative absolute } } }");
    assert_eq!(trends["trends"]["nodes"][0]["absolute"], "1");
}

#[test]
fn a_series_has_every_period_with_its_document_and_marks_what_was_restated() {
    let small = through(&[2021, 2022, 2023]);
    // The plan of 2023 prints 2021 again, otherwise.
    small.import(json!([
        { "document": { "key": "d", "title": "D", "organisationKey": "b" } },
        { "observation": { "indicatorKey": "i-2023", "period": "2021",
            "figure": { "value": "130", "status": "REPORTED", "unit": "COUNT", "printed": { "documentKey": "d", "text": "130" } } } },
    ]));
    let query = |vintage: &str| {
        let query = format!(
            "{{ indicator(key: \"i-2022\") {{ series(vintage: {vintage}) {{ restated records {{ key }} turns {{ relation }}
                points {{ period figure {{ value }} restated of {{ key }} plan {{ year }} document {{ key }}
                    others {{ differs figure {{ value }} plan {{ year }} }} }} }} }} }}"
        );
        small.ask(&query)["indicator"]["series"].clone()
    };
    let latest = query("LATEST");
    assert_eq!(latest["records"], json!([{ "key": "i-2021" }, { "key": "i-2022" }, { "key": "i-2023" }]));
    let point = |period: &str, value: &str, year: i32| {
        json!({ "period": period, "figure": { "value": value }, "restated": false, "of": { "key": format!("i-{year}") },
            "plan": { "year": year }, "document": null, "others": [] })
    };
    let mut restated = point("2021", "130", 2023);
    restated["restated"] = true.into();
    restated["document"] = json!({ "key": "d" });
    restated["others"] = json!([{ "differs": true, "figure": { "value": "122" }, "plan": { "year": 2022 } }]);
    assert_eq!(latest["points"], json!([point("2020", "121", 2021), restated, point("2022", "123", 2023)]));
    assert_eq!((latest["restated"].as_i64(), &latest["turns"]), (Some(1), &json!([])));
    assert_eq!(query("FIRST")["points"][1]["figure"]["value"], "122");
    let told = small.ask(
        "{ discrepancies(where: {rule: {eq: RESTATED}}) { nodes { recordKey stated { value } found { value } } } }",
    );
    assert_eq!(
        told["discrepancies"]["nodes"],
        json!([{ "recordKey": "i-2023/2021", "stated": { "value": "130" }, "found": { "value": "122" } }])
    );
    // Of the measure: by its last record, once.
    let all = small.ask("{ measure(key: \"m-2021\") { series(kinds: [INDICATOR]) { of { key } points { period } } } }");
    let all = &all["measure"]["series"];
    assert_eq!((all.as_array().unwrap().len(), &all[0]["of"]["key"]), (1, &json!("i-2023")));
}

#[test]
fn splits_and_merges_are_told_and_never_added() {
    let mut rows = plans(&[2021, 2022]);
    for (key, plan) in
        [("a", "b-2021"), ("b", "b-2021"), ("ab", "b-2022"), ("c", "b-2021"), ("c-1", "b-2022"), ("c-2", "b-2022")]
    {
        rows.extend([measure(key, plan), indicator(&format!("i-{key}"), key)]);
        rows.push(observation(&format!("i-{key}"), if plan == "b-2021" { "2020" } else { "2021" }, "10"));
    }
    rows.extend([
        lineage("INDICATOR", "i-a", "i-ab", "MERGED_INTO"),
        lineage("INDICATOR", "i-b", "i-ab", "MERGED_INTO"),
        // Said to continue, but two do: neither has the whole past.
        lineage("INDICATOR", "i-c", "i-c-1", "CONTINUES"),
        lineage("INDICATOR", "i-c", "i-c-2", "CONTINUES"),
    ]);
    let small = Small::of(rows.into());
    let of = |key: &str| {
        let query = format!(
            "{{ indicator(key: \"{key}\") {{ trend {{ absolute {{ value }} }} series {{ points {{ period }} turns {{ relation from {{ key }} to {{ key }} }} }} }} }}"
        );
        small.ask(&query)["indicator"].clone()
    };
    let merged = of("i-ab");
    assert_eq!(
        (&merged["trend"]["absolute"]["value"], &merged["series"]["points"]),
        (&json!(null), &json!([{ "period": "2021" }]))
    );
    let turn = |relation: &str, from: &str, to: &str| json!({ "relation": relation, "from": { "key": from }, "to": { "key": to } });
    assert_eq!(
        merged["series"]["turns"],
        json!([turn("MERGED_INTO", "i-a", "i-ab"), turn("MERGED_INTO", "i-b", "i-ab")])
    );
    let half = of("i-c-1");
    assert_eq!(
        (&half["trend"]["absolute"]["value"], &half["series"]["turns"]),
        (&json!(null), &json!([turn("CONTINUES", "i-c", "i-c-1")]))
    );
    assert_eq!(of("i-c")["series"]["turns"].as_array().unwrap().len(), 2);
}

/// Two plans may say that they continue one record, and so may what belongs to a body and no plan: the nearest plan has it.
#[test]
fn every_record_is_on_one_line() {
    let mut rows = plans(&[2021, 2022, 2023]);
    for year in [2021, 2022, 2023] {
        rows.extend([
            measure(&format!("m-{year}"), &format!("b-{year}")),
            indicator(&format!("i-{year}"), &format!("m-{year}")),
        ]);
        rows.push(observation(&format!("i-{year}"), &(year - 1).to_string(), "10"));
    }
    let of_body = json!({ "key": "free", "subjectKind": "ORGANISATION", "subjectKey": "b", "position": 1, "label": "free", "kind": "RECEIVED", "unit": "COUNT" });
    rows.extend([
        json!({ "indicator": of_body }),
        lineage("INDICATOR", "i-2021", "free", "CONTINUES"),
        lineage("INDICATOR", "i-2021", "i-2022", "CONTINUES"),
        lineage("INDICATOR", "i-2021", "i-2023", "CONTINUES"),
    ]);
    let small = Small::of(rows.into());
    let line = |key: &str| {
        let query =
            format!("{{ indicator(key: \"{key}\") {{ series {{ records {{ key }} turns {{ to {{ key }} }} }} }} }}");
        small.ask(&query)["indicator"]["series"].clone()
    };
    let both = json!([{ "key": "i-2021" }, { "key": "i-2022" }]);
    assert_eq!((&line("i-2021")["records"], &line("i-2022")["records"]), (&both, &both));
    for key in ["i-2023", "free"] {
        assert_eq!(line(key), json!({ "records": [{ "key": key }], "turns": [{ "to": { "key": key } }] }));
    }
}

#[test]
fn execution_and_changes_of_a_budget_follow_its_line_and_a_sum_asks_the_lines_of_its_year() {
    let mut rows = plans(&[2020, 2021, 2022]);
    rows.push(json!({ "budgetArticle": { "code": "A" } }));
    for year in [2020, 2021, 2022] {
        rows.push(line(&format!("l-{year}"), &format!("b-{year}")));
        rows.push(amount(&format!("l-{year}"), year, "BUDGETED", &format!("{}", year)));
        rows.push(amount(&format!("l-{year}"), year - 1, "REALISED", &format!("{}", (year - 1) / 2)));
    }
    rows.push(lineage("BUDGET_LINE", "l-2021", "l-2022", "CONTINUES"));
    let small = Small::of(rows.into());
    let vak = |of: &str, year: i32| {
        let query = format!(
            "{{ {of} {{ budget(year: {year}) {{ lines {{ value }} vak {{ budgeted {{ sum {{ value }} }} realised {{ sum {{ value }} }}
               execution {{ value }} realisedChange {{ absolute {{ value }} }} }} }} }} }}"
        );
        let data = small.ask(&query);
        data.as_object().unwrap().values().next().unwrap()["budget"].clone()
    };
    // What was budgeted in one plan and realised as the next one prints it.
    let of_2021 = vak("plan(key: \"b-2022\")", 2021);
    assert_eq!(of_2021["vak"]["execution"]["value"], json!("0.499752597724"));
    assert_eq!(vak("plan(key: \"b-2021\")", 2021)["vak"]["execution"], of_2021["vak"]["execution"]);
    assert_eq!(of_2021["vak"]["realisedChange"]["absolute"]["value"], "0");
    // The article has two lines through the years: l-2020 alone, and one of two plans. Each counts once, in the years that it is asked.
    assert_eq!(vak("budgetArticle(key: \"A\")", 2022)["lines"]["value"], "2");
    assert_eq!(vak("budgetArticle(key: \"A\")", 2022)["vak"]["budgeted"]["sum"]["value"], "2022");
    assert_eq!(vak("budgetArticle(key: \"A\")", 2021)["vak"]["budgeted"]["sum"]["value"], "2021");
    assert_eq!(vak("budgetArticle(key: \"A\")", 2019)["vak"]["realised"]["sum"]["value"], "1009");
}
