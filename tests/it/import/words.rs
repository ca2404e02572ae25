//! Words of a document that no list has: they come in, go out, are filtered and counted as they stand, and the lists answer OTHER.

use serde_json::{Value as Json, json};

use super::small::{Small, problems, text, told};

fn figure(unit: &str, value: &str) -> Json {
    json!({ "status": "REPORTED", "unit": unit, "value": value })
}

/// One record of each kind that has such a word, with a word of the list, or with one of its own.
fn rows(own: bool) -> Vec<Json> {
    let word = |listed: &str, own_word: &str| if own { own_word.to_owned() } else { listed.to_owned() };
    let number = if own { 2 } else { 1 };
    let key = |name: &str| format!("{name}-{number}");
    vec![
        json!({ "strategicGoal": { "key": key("s"), "planKey": "p", "code": key("S"), "title": "t", "scopeWord": word("POLICY", "Society") } }),
        json!({ "project": { "key": key("pr"), "planKey": "p", "number": number, "title": "t", "scopeWord": word("ORGANISATION", "Shared") } }),
        json!({ "milestone": { "projectKey": key("pr"), "year": 2021, "tableWord": word("PLANNED", "Extra / later"), "number": 1, "title": "t",
            "statusWord": word("DELAYED", "Parked"), "commonStatus": own.then_some("STOPPED"), "due": "2021-03",
            "amendment": { "change": "POSTPONED", "causeWord": word("LEGISLATION", "Strike") } } }),
        json!({ "measure": { "key": key("m"), "planKey": "p", "name": key("m"), "lifecycleWord": word("ACTIVE", "Pilot") } }),
        json!({ "indicator": { "key": key("i"), "measureKey": key("m"), "position": 1, "label": "x", "kindWord": word("RECEIVED", "Waiting"), "unit": "COUNT" } }),
        json!({ "norm": { "key": key("n"), "measureKey": key("m"), "position": 1, "label": "x", "basisWord": word("LEGAL", "Agreement"),
            "target": figure("RATIO", "1") } }),
        json!({ "normResult": { "normKey": key("n"), "period": "2020", "sourceWord": word("FACT_TABLE", "Table 3"), "figure": figure("RATIO", "1") } }),
        json!({ "budgetLine": { "key": key("l"), "planKey": "p", "position": number, "name": "x", "direction": "EXPENDITURE",
            "sectionWord": word("MEASURE", "Transfers") } }),
        json!({ "staffFigure": { "organisationKey": "body", "date": "2020-12-31", "level": "A", "rank": "A1",
            "contractWord": word("STATUTORY", "Temporary"), "figure": figure("PERSONS", "3") } }),
        json!({ "statement": { "key": key("st"), "planKey": "p", "kind": "CAUSE", "text": "t", "figure": { "status": "NOT_APPLICABLE", "unit": "COUNT" },
            "causeWords": [word("COVID_19", "Strike")] } }),
    ]
}

/// List, field with the list's word, field with the word, both of either record.
const FIELDS: [(&str, &str, &str, &str, &str); 9] = [
    ("strategicGoals", "scope", "scopeWord", "POLICY", "Society"),
    ("projects", "scope", "scopeWord", "ORGANISATION", "Shared"),
    ("milestones", "table", "tableWord", "PLANNED", "Extra / later"),
    ("milestones", "status", "statusWord", "DELAYED", "Parked"),
    ("measures", "lifecycle", "lifecycleWord", "ACTIVE", "Pilot"),
    ("indicators", "kind", "kindWord", "RECEIVED", "Waiting"),
    ("norms", "basis", "basisWord", "LEGAL", "Agreement"),
    ("budgetLines", "section", "sectionWord", "MEASURE", "Transfers"),
    ("staffFigures", "contract", "contractWord", "STATUTORY", "Temporary"),
];

#[test]
fn words_of_any_document_are_data() {
    let small = Small::empty();
    let mut all = vec![
        json!({ "organisation": { "key": "body", "name": "Body" } }),
        json!({ "plan": { "key": "p", "organisationKey": "body", "year": 2021, "evaluatedYear": 2020, "title": "Plan" } }),
    ];
    all.extend(rows(false));
    all.extend(rows(true));
    let done = small.import(json!({ "rows": all }));
    assert_eq!(done["status"], "COMMITTED", "{done}");

    // Keys of the list's words are those of always; no other word can give one of these.
    assert_eq!(small.keys("milestones"), ["pr-1/2021/planned/1", "pr-2/2021/+Extra%20%2F%20later/1"]);
    assert_eq!(small.keys("normResults"), ["n-1/2020/fact-table", "n-2/2020/+Table%203"]);
    assert_eq!(small.keys("staffFigures"), ["body/2020-12-31/A1/statutory", "body/2020-12-31/A1/+Temporary"]);

    let fields = FIELDS.into_iter().chain([("normResults", "source", "sourceWord", "FACT_TABLE", "Table 3")]);
    for (list, listed, word, known, own) in fields {
        let of = |filter: String| {
            let data = small.server.ask(&format!("{{ {list}(where: {filter}) {{ nodes {{ {listed} {word} }} }} }}"));
            data[list]["nodes"].clone()
        };
        let (old, new) = (json!([{ listed: known, word: known }]), json!([{ listed: "OTHER", word: own }]));
        assert_eq!(of(format!("{{{listed}: {{eq: {known}}}}}")), old, "{list}");
        assert_eq!(of(format!("{{{word}: {{eq: \"{known}\"}}}}")), old, "{list}");
        assert_eq!(of(format!("{{{listed}: {{eq: OTHER}}}}")), new, "{list}");
        assert_eq!(of(format!("{{{word}: {{eq: \"{own}\"}}}}")), new, "{list}");
        let file = match list {
            "strategicGoals" => "strategic-goals",
            "budgetLines" => "budget-lines",
            "staffFigures" => "staff-figures",
            "normResults" => "norm-results",
            other => other,
        };
        let (_, csv) = small.server.get(&format!("/export/{file}.csv"));
        assert!(csv.lines().next().unwrap().split(',').any(|column| column == word), "{file}: {csv}");
        assert!(csv.contains(own) && csv.contains(known), "{file}");
        // What went out comes in again as the same.
        let bearer = format!("Bearer {}", small.token);
        let address = format!("/import?file={file}.csv&reason=test&idempotencyKey={list}-{word}");
        let again = small.server.post_to(&address, &[("Authorization", &bearer)], csv.as_bytes());
        assert_eq!(again.json["status"], "UNCHANGED", "{file}: {}", again.json);
    }
    let groups = small.server.ask(
        "{ indicators(first: 0) { groupBy(by: [KIND_WORD]) { keys { kindWord } count } } statements { nodes { causes causeWords } }
           milestones { nodes { amendment { cause causeWord } } }
           normResults(first: 0) { groupBy(by: [NORM_BASIS_WORD]) { keys { normBasisWord } count } } }",
    );
    let group_of_norms = |word: &str| json!({ "keys": { "normBasisWord": word }, "count": 1 });
    assert_eq!(groups["normResults"]["groupBy"], json!([group_of_norms("Agreement"), group_of_norms("LEGAL")]));
    let group = |word: &str| json!({ "keys": { "kindWord": word }, "count": 1 });
    assert_eq!(groups["indicators"]["groupBy"], json!([group("RECEIVED"), group("Waiting")]));
    let causes = [
        json!({ "causes": ["COVID_19"], "causeWords": ["COVID_19"] }),
        json!({ "causes": ["OTHER"], "causeWords": ["Strike"] }),
    ];
    assert_eq!(groups["statements"]["nodes"], json!(causes));
    let cause = json!({ "amendment": { "cause": "OTHER", "causeWord": "Strike" } });
    assert_eq!(groups["milestones"]["nodes"][1], cause);
}

#[test]
fn what_is_computed_takes_the_words_too() {
    let small = Small::empty();
    let mut all = vec![
        json!({ "organisation": { "key": "body", "name": "Body" } }),
        json!({ "plan": { "key": "p", "organisationKey": "body", "year": 2021, "evaluatedYear": 2020, "title": "Plan" } }),
    ];
    all.extend(rows(false));
    all.extend(rows(true));
    let other = |table: &str, value: &str| json!({ "normResult": { "normKey": "n-2", "period": "2020", "sourceWord": table, "figure": figure("RATIO", value) } });
    all.extend([other("Annex", "0.5")]);
    small.import(json!({ "rows": all }));
    let data = small.server.ask(
        "{ norm(key: \"n-2\") { any: attainment { result { value } basisWord } three: attainment(tableWord: \"Table 3\") { result { value } }
             none: attainment(table: FACT_TABLE) { result { value } } other: attainment(table: OTHER) { result { value } } }
           plan(key: \"p\") { all: attainment { norms { value } } word: attainment(basisWord: \"Agreement\") { norms { value } }
             table: attainment(tableWord: \"FACT_TABLE\") { norms { value } }
             milestoneCounts(overdueAt: \"2021-06-30\") { byStatus { status statusWord count { value } } overdue { value } }
             extra: milestoneCounts(tableWord: \"Extra / later\") { count { value } } }
           organisation(key: \"body\") { staff(by: [CONTRACT]) { groups { contract contractWord heads { known { value } } } } }
           attainments(where: {tableWord: {eq: \"Annex\"}, planKey: {eq: \"p\"}}) { nodes { table tableWord basisWord } }
           discrepancies(where: {rule: {eq: NORM_TWICE}}) { nodes { explanation } } }",
    );
    // Of two tables of its own the first by its word; where they differ, that is told.
    let value = |value: &str| json!({ "result": { "value": value } });
    assert_eq!(data["norm"]["any"], json!({ "result": { "value": "0.5" }, "basisWord": "Agreement" }));
    assert_eq!((&data["norm"]["three"], &data["norm"]["other"]), (&value("1"), &value("0.5")));
    assert_eq!(data["norm"]["none"]["result"], Json::Null);
    let counts = ["all", "word", "table"].map(|name| text(&data["plan"][name]["norms"]["value"]));
    assert_eq!(counts, ["2", "1", "1"]);
    let milestones = &data["plan"]["milestoneCounts"];
    let status = |status: &str, word: &str| json!({ "status": status, "statusWord": word, "count": { "value": "1" } });
    assert_eq!(milestones["byStatus"], json!([status("DELAYED", "DELAYED"), status("OTHER", "Parked")]));
    // What is parked is stopped, as its common status says.
    assert_eq!((&milestones["overdue"]["value"], &data["plan"]["extra"]["count"]["value"]), (&"1".into(), &"1".into()));
    let group = |contract: &str, word: &str| json!({ "contract": contract, "contractWord": word, "heads": { "known": { "value": "3" } } });
    assert_eq!(
        data["organisation"]["staff"]["groups"],
        json!([group("STATUTORY", "STATUTORY"), group("OTHER", "Temporary")])
    );
    assert_eq!(
        data["attainments"]["nodes"],
        json!([{ "table": "OTHER", "tableWord": "Annex", "basisWord": "Agreement" }])
    );
    let told = text(&data["discrepancies"]["nodes"][0]["explanation"]);
    assert!(told.contains("Table 3") && told.contains("Annex"), "{told}");
    // By hand, in a word of one's own.
    let set = |input: Json| {
        let query = "mutation($input: SetMilestoneStatusInput!) { setMilestoneStatus(input: $input) { status problems { code path } } }";
        small.server.send(Some(&small.token), query, json!({ "input": input })).json["data"]["setMilestoneStatus"]
            .clone()
    };
    let key = "pr-1/2021/planned/1";
    let done = set(
        json!({ "milestoneKey": key, "statusWord": "On its way", "commonStatus": "GREEN", "reason": "r", "idempotencyKey": "1" }),
    );
    assert_eq!(done["status"], "COMMITTED", "{done}");
    let now = small.server.ask(&format!("{{ milestone(key: \"{key}\") {{ status statusWord commonStatus }} }}"));
    assert_eq!(now["milestone"], json!({ "status": "OTHER", "statusWord": "On its way", "commonStatus": "GREEN" }));
    let done = set(json!({ "milestoneKey": key, "status": "REALISED", "reason": "r", "idempotencyKey": "2" }));
    assert_eq!(done["status"], "COMMITTED", "{done}");
    let now = small.server.ask(&format!("{{ milestone(key: \"{key}\") {{ status statusWord commonStatus }} }}"));
    assert_eq!(now["milestone"], json!({ "status": "REALISED", "statusWord": "REALISED", "commonStatus": null }));
}

#[test]
fn a_word_and_the_lists_word_agree() {
    let small = Small::new();
    let norm = json!({ "norm": { "key": "n", "measureKey": "m-1", "position": 1, "label": "x", "basis": "LEGAL" } });
    assert_eq!(small.import(json!({ "rows": [norm] }))["status"], "COMMITTED");
    let result = |source: Json, word: Json| json!({ "rows": [{ "normResult": { "normKey": "n", "period": "2020", "source": source, "sourceWord": word, "figure": figure("RATIO", "1") } }] });
    for (source, word, code) in [
        (json!("OVERVIEW"), json!("Table 3"), "INCONSISTENT"),
        (json!("OVERVIEW"), json!("FACT_TABLE"), "INCONSISTENT"),
        (json!("OTHER"), Json::Null, "MISSING"),
        (Json::Null, Json::Null, "MISSING"),
        (Json::Null, json!(" "), "MISSING"),
    ] {
        assert_eq!(
            small.refused(result(source.clone(), word.clone())),
            told(&[(code, "sourceWord")]),
            "{source} {word}"
        );
    }
    // A word that would fill the key says so, rather than that the key is none.
    let long = small.import(result(Json::Null, json!("x".repeat(300))));
    assert_eq!((&long["status"], problems(&long)[0].0.as_str()), (&"REJECTED".into(), "BAD_KEY"), "{long}");
    for (source, word) in
        [(json!("OVERVIEW"), Json::Null), (json!("OTHER"), json!("OVERVIEW")), (Json::Null, json!("OVERVIEW"))]
    {
        let done = small.import(result(source, word));
        assert!(done["status"] == "COMMITTED" || done["status"] == "UNCHANGED", "{done}");
        assert_eq!(small.keys("normResults"), ["n/2020/overview"]);
    }
}
