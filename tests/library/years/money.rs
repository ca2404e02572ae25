//! Money: several prints of one budget, other credits, other currencies, tables in thousands.

use serde_json::{Value as Json, json};

use super::{Small, figure, plans};

/// Two plans with a line each, the second of which continues the first.
fn lines() -> Vec<Json> {
    let mut rows = plans(&[2021, 2022]);
    for year in [2021, 2022] {
        rows.push(json!({ "budgetLine": { "key": format!("l-{year}"), "planKey": format!("b-{year}"), "position": 1, "name": "L",
            "section": "MEASURE", "direction": "EXPENDITURE", "articleKeys": [], "measureKeys": [] } }));
    }
    rows.push(json!({ "lineage": { "kind": "BUDGET_LINE", "predecessorKey": "l-2021", "successorKey": "l-2022", "relation": "CONTINUES" } }));
    rows
}

/// An amount: `word` is `REALISED`, `BUDGETED`, or a stage of what was budgeted.
fn amount(line: &str, year: i32, word: &str, credit: &str, value: &str) -> Json {
    let stage = ["INITIAL", "ADJUSTED", "FINAL"].contains(&word).then_some(word);
    let kind = !["VAK", "VEK"].contains(&credit);
    json!({ "budgetAmount": { "budgetLineKey": line, "year": year, "phase": if stage.is_some() { "BUDGETED" } else { word }, "stage": stage,
        "credit": if kind { "OTHER" } else { credit }, "creditKind": kind.then_some(credit),
        "figure": { "value": value, "status": "REPORTED", "unit": "EUR" } } })
}

/// A plan that does not say which print it has tells of the budget as it then was: a later plan that prints it adjusted comes after it.
#[test]
fn the_budget_of_a_year_is_what_the_last_plan_prints() {
    let mut rows = lines();
    rows.extend([
        amount("l-2021", 2021, "BUDGETED", "VAK", "100"),
        amount("l-2022", 2021, "ADJUSTED", "VAK", "80"),
        amount("l-2022", 2021, "REALISED", "VAK", "60"),
        // Within one plan what says nothing is the budget itself; and a later plan comes after what an earlier one calls adjusted.
        amount("l-2021", 2021, "ADJUSTED", "VEK", "50"),
        amount("l-2021", 2021, "BUDGETED", "VEK", "40"),
        amount("l-2021", 2020, "ADJUSTED", "VAK", "30"),
        amount("l-2022", 2020, "BUDGETED", "VAK", "20"),
    ]);
    let small = Small::of(rows.into());
    for of in ["plan(key: \"b-2021\")", "budgetLine(key: \"l-2021\")", "budgetLine(key: \"l-2022\")"] {
        let budgeted = |year: i32, credit: &str| {
            let query = format!(
                "{{ it: {of} {{ budget(year: {year}) {{ c: {credit} {{ budgeted {{ sum {{ value }} }} }} }} }} }}"
            );
            small.ask(&query)["it"]["budget"]["c"]["budgeted"]["sum"]["value"].clone()
        };
        assert_eq!([budgeted(2021, "vak"), budgeted(2021, "vek"), budgeted(2020, "vak")], ["80", "40", "20"], "{of}");
    }
}

#[test]
fn execution_is_told_against_the_first_or_the_adjusted_budget() {
    let mut rows = lines();
    rows.extend([
        amount("l-2021", 2021, "INITIAL", "VAK", "100"),
        amount("l-2022", 2021, "ADJUSTED", "VAK", "80"),
        amount("l-2022", 2021, "REALISED", "VAK", "60"),
        amount("l-2022", 2022, "INITIAL", "VAK", "120"),
    ]);
    let mut index = amount("l-2022", 2022, "INITIAL", "VAK", "5");
    index["budgetAmount"]["adjustment"] = "Index".into();
    rows.push(index);
    let small = Small::of(rows.into());
    let vak = |of: &str, year: i32, against: &str| {
        let query = format!(
            "{{ {of} {{ budget(year: {year}{against}) {{ vak {{ execution {{ value }} budgeted {{ sum {{ value }} }}
               realised {{ sum {{ value }} }} budgetedChange {{ absolute {{ value }} }} }} }} }} }}"
        );
        let data = small.ask(&query);
        let of = data.as_object().unwrap().values().next().unwrap()["budget"]["vak"].clone();
        let value = |path: &str| of.pointer(path).cloned().unwrap();
        [value("/budgeted/sum/value"), value("/execution/value"), value("/budgetedChange/absolute/value")]
    };
    for of in ["plan(key: \"b-2021\")", "plan(key: \"b-2022\")", "budgetLine(key: \"l-2021\")"] {
        assert_eq!(vak(of, 2021, ""), [json!("80"), json!("0.75"), json!(null)], "{of}");
        assert_eq!(vak(of, 2021, ", against: INITIAL"), [json!("100"), json!("0.6"), json!(null)], "{of}");
        assert_eq!(vak(of, 2021, ", against: FINAL"), [json!(null), json!(null), json!(null)], "{of}");
        // What changed a budget is no part of it.
        assert_eq!(vak(of, 2022, ", against: INITIAL"), [json!("120"), json!(null), json!("20")], "{of}");
    }
    let series =
        small.ask("{ budgetLine(key: \"l-2021\") { series { restated points { period what figure { value } } } } }");
    let of =
        |point: &Json| format!("{} {} {}", point["period"], point["what"], point["figure"]["value"]).replace('"', "");
    let points: Vec<String> = series["budgetLine"]["series"]["points"].as_array().unwrap().iter().map(of).collect();
    assert_eq!(
        points,
        [
            "2021 REALISED VAK 60",
            "2021 INITIAL VAK 100",
            "2021 ADJUSTED VAK 80",
            "2022 INITIAL VAK 120",
            "2022 INITIAL VAK Index 5"
        ]
    );
    // An adjusted budget is no contradiction of the first one.
    assert_eq!(small.ask("{ discrepancies { totalCount } }")["discrepancies"]["totalCount"], 0);
    // Today's keys stay; a stage takes the word's place.
    let keys = small.ask("{ budgetAmounts { nodes { key } } }");
    let keys: Vec<&str> =
        keys["budgetAmounts"]["nodes"].as_array().unwrap().iter().map(|it| it["key"].as_str().unwrap()).collect();
    assert_eq!(
        keys,
        [
            "l-2021/2021/initial/vak",
            "l-2022/2021/realised/vak",
            "l-2022/2021/adjusted/vak",
            "l-2022/2022/initial/vak",
            "l-2022/2022/initial/vak/+Index"
        ]
    );
}

#[test]
fn other_credits_and_what_is_open_at_the_turn_of_a_year() {
    let mut rows = lines();
    rows.extend([
        amount("l-2021", 2021, "BUDGETED", "VAK", "100"),
        amount("l-2021", 2021, "INITIAL", "AUTHORISATION", "1720000"),
        amount("l-2021", 2020, "REALISED", "OPEN_COMMITMENTS", "40"),
        amount("l-2022", 2021, "REALISED", "VAK", "90"),
        amount("l-2022", 2021, "REALISED", "VEK", "70"),
    ]);
    let small = Small::of(rows.into());
    let of = small.ask(
        "{ plan(key: \"b-2021\") { budget(year: 2021) { currency openCommitments { value computed { expression } }
            vak { budgeted { sum { value } } } others { kind amounts { budgeted { sum { value } } realised { sum { value } } } } } } }",
    );
    assert_eq!(
        of["plan"]["budget"],
        json!({ "currency": "EUR", "openCommitments": { "value": "60", "computed": { "expression": "40 + 90 - 70" } },
            "vak": { "budgeted": { "sum": { "value": "100" } } },
            "others": [{ "kind": "AUTHORISATION",
                "amounts": { "budgeted": { "sum": { "value": "1720000" } }, "realised": { "sum": { "value": null } } } }] })
    );
    // What the next plan prints as open at the end must be that.
    let told = |open: &str| {
        small.import(json!([amount("l-2022", 2021, "REALISED", "OPEN_COMMITMENTS", open)]));
        small.ask(
            "{ discrepancies(where: {rule: {eq: TURN_OF_YEAR}}) { nodes { recordKey explanation found { value } } } }",
        )["discrepancies"]["nodes"]
            .clone()
    };
    assert_eq!(told("60"), json!([]));
    let wrong = told("75");
    assert_eq!(
        (&wrong[0]["recordKey"], &wrong[0]["found"]["value"]),
        (&json!("l-2022/2021/realised/open_commitments"), &json!("60"))
    );
}

#[test]
fn no_sum_adds_two_currencies() {
    let mut rows = lines();
    let mut in_dollars = amount("l-2021", 2021, "BUDGETED", "AMOUNT", "7");
    in_dollars["budgetAmount"]["figure"] =
        json!({ "value": "7", "status": "REPORTED", "unit": "OTHER", "unitCode": "CAD" });
    rows.push(in_dollars);
    let small = Small::of(rows.clone().into());
    let ask = |small: &Small| {
        let query = "{ plan(key: \"b-2021\") { budget(year: 2021) { currency others { amounts { budgeted { sum { value unit unitCode
            computed { missing { code text } } } } } } } } }";
        let of = small.ask(query)["plan"]["budget"].clone();
        (of["currency"].clone(), of["others"][0]["amounts"]["budgeted"]["sum"].clone())
    };
    assert_eq!(
        ask(&small),
        ("CAD".into(), json!({ "value": "7", "unit": "OTHER", "unitCode": "CAD", "computed": { "missing": null } }))
    );
    small.import(json!([
        { "budgetLine": { "key": "other", "planKey": "b-2021", "position": 2, "name": "O", "section": "MEASURE", "direction": "EXPENDITURE",
            "articleKeys": [], "measureKeys": [] } },
        amount("other", 2021, "BUDGETED", "AMOUNT", "5"),
    ]));
    let (_, sum) = ask(&small);
    assert_eq!((&sum["value"], &sum["computed"]["missing"]["code"]), (&json!(null), &json!("UNITS_DIFFER")));
    assert_eq!(sum["computed"]["missing"]["text"], "one input counts EUR, not CAD");
}

#[test]
fn what_is_no_money_or_no_credit_is_told() {
    let small = Small::of(lines().into());
    let refused = |change: Json| {
        let mut row = amount("l-2021", 2021, "BUDGETED", "VAK", "1");
        for (name, value) in change.as_object().unwrap() {
            row["budgetAmount"][name] = value.clone();
        }
        let done = small.write("importRows", json!({ "rows": [row] }));
        let of =
            |it: &Json| format!("{} {}", it["path"].as_array().unwrap().last().unwrap(), it["code"]).replace('"', "");
        done["problems"].as_array().unwrap().iter().map(of).collect::<Vec<_>>()
    };
    let figure = |unit: &str, code: Json| json!({ "figure": { "value": "1", "status": "REPORTED", "unit": unit, "unitCode": code } });
    assert_eq!(refused(figure("COUNT", json!(null))), ["unit OUT_OF_RANGE"]);
    assert_eq!(refused(figure("OTHER", json!(null))), ["unit OUT_OF_RANGE"]);
    assert_eq!(refused(figure("OTHER", "dollar".into())), ["unit OUT_OF_RANGE"]);
    for code in ["XYZ", "XAU", "FTE", "cad"] {
        assert_eq!(refused(figure("OTHER", code.into())), ["unit OUT_OF_RANGE"], "{code}");
    }
    assert_eq!(refused(figure("EUR", "CAD".into())), ["unitCode INCONSISTENT"]);
    assert_eq!(refused(figure("OTHER", "EUR".into())), ["figure INCONSISTENT"]);
    assert_eq!(refused(json!({ "credit": "OTHER" })), ["creditKind MISSING"]);
    assert_eq!(refused(json!({ "creditKind": "AMOUNT" })), ["creditKind INCONSISTENT"]);
    assert_eq!(refused(json!({ "phase": "REALISED", "stage": "FINAL" })), ["stage INCONSISTENT"]);
    let scaled = |scale: i64| {
        json!({ "figure": { "value": "1752100000", "status": "REPORTED", "unit": "EUR",
        "printed": { "documentKey": "d", "text": "1 752 100", "scale": scale } } })
    };
    assert_eq!(refused(scaled(0)), ["scale OUT_OF_RANGE"]);
}

#[test]
fn a_table_in_thousands_is_as_exact_as_it_prints() {
    let mut rows = lines();
    rows.push(json!({ "document": { "key": "d", "title": "D", "organisationKey": "b" } }));
    // Two documents print the same amount, one of them in thousands: they do not contradict each other.
    for (line, value, text, scale) in
        [("l-2021", "1752149999", "1 752 149 999", 1), ("l-2022", "1752150000", "1 752 150", 1000)]
    {
        rows.push(json!({ "budgetAmount": { "budgetLineKey": line, "year": 2021, "phase": "REALISED", "credit": "VAK", "figure":
            { "value": value, "status": "REPORTED", "unit": "EUR", "printed": { "documentKey": "d", "text": text, "scale": scale } } } }));
    }
    let small = Small::of(rows.into());
    let restated = |small: &Small| {
        small.ask("{ discrepancies(where: {rule: {eq: RESTATED}}) { totalCount } }")["discrepancies"]["totalCount"]
            .clone()
    };
    assert_eq!(restated(&small), 0);
    small.import(json!([{ "budgetAmount": { "budgetLineKey": "l-2022", "year": 2021, "phase": "REALISED", "credit": "VAK", "figure":
        { "value": "1753150000", "status": "REPORTED", "unit": "EUR", "printed": { "documentKey": "d", "text": "1 753 150", "scale": 1000 } } } }]));
    assert_eq!(restated(&small), 1);
}

#[test]
fn money_hangs_on_a_goal_a_chapter_a_policy_field_or_none() {
    let line = |key: &str, home: &str, under: &str| {
        let mut line = json!({ "key": key, "planKey": "b-2021", "position": 1, "name": key, "section": "MEASURE", "direction": "EXPENDITURE" });
        if !home.is_empty() {
            line[home] = under.into();
        }
        json!({ "budgetLine": line })
    };
    let paid = |line: &str, value: &str| json!({ "budgetAmount": { "budgetLineKey": line, "year": 2020, "phase": "REALISED", "credit": "VEK", "figure": figure(value, "EUR") } });
    let mut rows = plans(&[2021]);
    rows.extend([
        json!({ "policyField": { "key": "f", "planKey": "b-2021", "code": "I", "name": "Field" } }),
        json!({ "structuralElement": { "key": "c", "policyFieldKey": "f", "code": "I.1", "name": "Chapter" } }),
        json!({ "operationalGoal": { "key": "g", "structuralElementKey": "c", "code": "I.1.1", "title": "Goal" } }),
        line("of-goal", "operationalGoalKey", "g"),
        line("of-chapter", "structuralElementKey", "c"),
        line("of-field", "policyFieldKey", "f"),
        line("of-none", "", ""),
        paid("of-goal", "1"),
        paid("of-chapter", "10"),
        paid("of-field", "100"),
        paid("of-none", "1000"),
    ]);
    let small = Small::of(rows.into());
    let vek = "vek { realised { sum { value } } }";
    let data = small.ask(&format!(
        "{{ operationalGoal(key: \"g\") {{ budget(year: 2020) {{ {vek} }} }} structuralElement(key: \"c\") {{ budget(year: 2020) {{ {vek} }} budgetLines {{ key }} }}
           policyField(key: \"f\") {{ budget(year: 2020) {{ {vek} }} }} plan(key: \"b-2021\") {{ budget(year: 2020) {{ {vek} }} }}
           planReport(plan: \"b-2021\") {{ withoutGoal {{ {vek} }} policyFields {{ budget {{ {vek} }} }} }}
           orphans {{ gap records {{ ... on BudgetLine {{ key }} }} }} }}"
    ));
    let sum = |path: &str| data.pointer(path).and_then(|it| it.pointer("/vek/realised/sum/value")).cloned();
    for (path, expected) in [
        ("/operationalGoal/budget", "1"),
        ("/structuralElement/budget", "11"),
        ("/policyField/budget", "111"),
        ("/plan/budget", "1111"),
        ("/planReport/withoutGoal", "1000"),
        ("/planReport/policyFields/0/budget", "111"),
    ] {
        assert_eq!(sum(path), Some(expected.into()), "{path}: {data}");
    }
    assert_eq!(data["structuralElement"]["budgetLines"], json!([{ "key": "of-chapter" }]));
    let gaps = data["orphans"].as_array().unwrap();
    let gap = gaps.iter().find(|it| it["gap"] == "MONEY_WITHOUT_GOAL").unwrap();
    assert_eq!(gap["records"], json!([{ "key": "of-none" }]));
    let mut two = line("two", "policyFieldKey", "f");
    two["budgetLine"]["operationalGoalKey"] = "g".into();
    assert_eq!(small.refused(json!([two])), ["INCONSISTENT"]);
    // Into the next year each stands under what its own became.
    small.write("rollOver", json!({ "fromYear": 2021, "toYear": 2022 }));
    let next = small.ask(
        "{ budgetLines(where: {plan: {year: {eq: 2022}}}) { nodes { name structuralElement { name } policyField { name } operationalGoal { title } } } }",
    );
    let nodes = next["budgetLines"]["nodes"].as_array().unwrap();
    let home = |name: &str| nodes.iter().find(|it| it["name"] == name).cloned().unwrap();
    assert_eq!(home("of-chapter")["structuralElement"]["name"], "Chapter");
    assert_eq!(home("of-field")["policyField"]["name"], "Field");
    assert_eq!(home("of-goal")["operationalGoal"]["title"], "Goal");
}
