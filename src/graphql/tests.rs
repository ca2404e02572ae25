use super::*;
use crate::commit::access::{Identity, Role};
use crate::commit::{Edit, Ledger, Status, Submission};
use crate::model::{Citation, Document, Key, Kind, Link, Measure, Organisation, Plan, Record};

fn key(text: &str) -> Key {
    Key::parse(text).unwrap()
}

fn measure(number: usize) -> Record {
    Measure {
        key: key(&format!("m-{number}")),
        plan_key: Link::new(key("plan")),
        name: format!("Measure \"{number}\""),
        operational_goal_key: None,
        operator: None,
        lifecycle: None,
        position: None,
        printed: Some(Citation {
            document_key: Link::new(key("doc")),
            section: Some("1.2".into()),
            table: None,
            row: None,
            column: None,
            text: Some("Maatregel".into()),
            page: None,
            note: None,
        }),
        lifecycle_printed: None,
    }
    .into()
}

struct Fixture {
    ledger: Arc<Ledger>,
    api: Api,
    _folder: tempfile::TempDir,
}

impl Fixture {
    fn new(limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Arc::new(Ledger::open(folder.path()).unwrap());
        let fixture = Self { api: Api::new(ledger.clone(), limits, || 0), ledger, _folder: folder };
        let mut base: Vec<Record> = vec![
            Organisation { key: key("body"), name: "Body".into(), abbreviation: None, printed: None }.into(),
            Document {
                key: key("doc"),
                title: "Doc".into(),
                organisation_key: Link::new(key("body")),
                date: None,
                pages: None,
                language: None,
            }
            .into(),
            Plan {
                key: key("plan"),
                organisation_key: Link::new(key("body")),
                year: 2021,
                evaluated_year: None,
                title: "P".into(),
                document_key: None,
            }
            .into(),
        ];
        base.extend((0..10).map(measure));
        fixture.commit(base.into_iter().map(Edit::put).collect());
        fixture
    }

    fn commit(&self, edits: Vec<Edit>) {
        let report = self.ledger.submit(Submission::new(Identity::local("t"), Role::Import, "t", edits), 0).unwrap();
        assert_eq!(report.status, Status::Committed, "{:?}", report.problems);
    }

    fn text(&self, query: &str, variables: serde_json::Value) -> String {
        let Input::Object(variables) = Input::from_json(variables).unwrap() else { panic!("an object") };
        let request = GraphqlRequest { query: query.into(), operation_name: None, variables };
        String::from_utf8(self.api.execute(request, &Identity::local("test"), Allowed::All).to_json()).unwrap()
    }

    fn ask(&self, query: &str) -> serde_json::Value {
        self.ask_with(query, serde_json::json!({}))
    }

    fn ask_with(&self, query: &str, variables: serde_json::Value) -> serde_json::Value {
        serde_json::from_str(&self.text(query, variables)).unwrap()
    }
}

fn fixture() -> Fixture {
    Fixture::new(Limits::default())
}

#[test]
fn fields_come_in_the_order_of_the_document() {
    let text = fixture().text(
        "query($no: Boolean = false) { b: measure(key: \"m-2\") { name ...F plan { year key } key @skip(if: true) } a: measure(key: \"m-1\") { key }
           b: measure(key: \"m-2\") { plan { title } x: key @include(if: $no) } }
         fragment F on Measure { printed { section document { title } } ... on Node { id } name }",
        serde_json::json!({}),
    );
    assert_eq!(
        text,
        "{\"data\":{\"b\":{\"name\":\"Measure \\\"2\\\"\",\"printed\":{\"section\":\"1.2\",\"document\":{\"title\":\"Doc\"}},\"id\":\"TWVhc3VyZTptLTI\",\
         \"plan\":{\"year\":2021,\"key\":\"plan\",\"title\":\"P\"}},\"a\":{\"key\":\"m-1\"}},\"extensions\":{\"revision\":1}}"
    );
}

#[test]
fn pages_agree_while_others_write() {
    let fixture = fixture();
    let page = |after: Option<&str>| {
        fixture.ask_with(
            "query($after: String) { measures(first: 3, after: $after) { totalCount nodes { key } pageInfo { hasNextPage hasPreviousPage endCursor } } }",
            serde_json::json!({ "after": after }),
        )["data"]["measures"]
            .clone()
    };
    let mut keys = Vec::new();
    let mut after = None;
    loop {
        let found = page(after.as_deref());
        assert_eq!(found["totalCount"], 10);
        assert_eq!(found["pageInfo"]["hasPreviousPage"], !keys.is_empty());
        keys.extend(found["nodes"].as_array().unwrap().iter().map(|node| node["key"].as_str().unwrap().to_owned()));
        if found["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = found["pageInfo"]["endCursor"].as_str().map(str::to_owned);
        // Somebody deletes what comes next and adds what would come in between.
        let next = Kind::Measure;
        let gone = key(&format!("m-{}", keys.len()));
        let mut edits = vec![Edit::put(measure(100 + keys.len()))];
        if fixture.ledger.register().get(next, &gone).is_some() {
            edits.push(Edit::Delete { kind: next, key: gone, at: Default::default() });
        }
        fixture.commit(edits);
    }
    assert_eq!(keys, (0..10).map(|number| format!("m-{number}")).collect::<Vec<_>>());
}

#[test]
fn pages_go_backwards_too_and_through_owned_lists() {
    let fixture = fixture();
    let keys = |answer: &serde_json::Value| -> Vec<String> {
        answer["nodes"].as_array().unwrap().iter().map(|node| node["key"].as_str().unwrap().to_owned()).collect()
    };
    let last = fixture.ask("{ plan(key: \"plan\") { measures(last: 2) { nodes { key } pageInfo { startCursor hasNextPage hasPreviousPage } } } }");
    let last = &last["data"]["plan"]["measures"];
    assert_eq!(keys(last), ["m-8", "m-9"]);
    assert_eq!((&last["pageInfo"]["hasNextPage"], &last["pageInfo"]["hasPreviousPage"]), (&false.into(), &true.into()));
    let before = fixture.ask_with(
        "query($before: String) { plan(key: \"plan\") { measures(last: 3, before: $before) { nodes { key } } } }",
        serde_json::json!({ "before": last["pageInfo"]["startCursor"] }),
    );
    assert_eq!(keys(&before["data"]["plan"]["measures"]), ["m-5", "m-6", "m-7"]);
}

#[test]
fn ids_and_keys_lead_to_the_same_record() {
    let fixture = fixture();
    let id = fixture.ask("{ measure(key: \"m-3\") { id } }")["data"]["measure"]["id"].as_str().unwrap().to_owned();
    let found = fixture.ask_with(
        "query($id: ID!, $ids: [ID!]!) { node(id: $id) { __typename key ... on Measure { name } ... on Plan { year } } nodes(ids: $ids) { key } missing: measure(key: \"no\") { key } }",
        serde_json::json!({ "id": id, "ids": [id, "TWVhc3VyZTpubw"] }),
    );
    assert_eq!(
        found["data"],
        serde_json::json!({ "node": { "__typename": "Measure", "key": "m-3", "name": "Measure \"3\"" }, "nodes": [{ "key": "m-3" }, null], "missing": null })
    );
}

#[test]
fn each_refusal_has_its_code() {
    let fixture = Fixture::new(Limits { answer_bytes: 500, page_max: 5, ..Limits::default() });
    let deep =
        format!("{{ plan(key: \"plan\") {}", "{ organisation { plans { nodes ".repeat(8) + "{ key " + &"} ".repeat(26));
    let doubling: String =
        (0..40).map(|n| format!("fragment f{n} on Query {{ ...f{} ...f{} }} ", n + 1, n + 1)).collect::<String>()
            + "fragment f40 on Query { register { revision } } { ...f0 }";
    let long = " ".repeat(70_000);
    for (query, variables, code, part) in [
        ("{ measures", "{}", "GRAPHQL_PARSE_FAILED", "expected"),
        ("{ mesures { totalCount } }", "{}", "GRAPHQL_VALIDATION_FAILED", "mesures"),
        ("mutation { x }", "{}", "GRAPHQL_VALIDATION_FAILED", "Mutation"),
        ("query A { __typename } query B { __typename }", "{}", "BAD_REQUEST", "several operations"),
        ("query($key: String!) { measure(key: $key) { key } }", "{}", "BAD_USER_INPUT", "$key"),
        (
            "query($key: String!) { measure(key: $key) { key } }",
            "{\"key\": 3}",
            "BAD_USER_INPUT",
            "`$key` cannot be `3`",
        ),
        (
            "query($n: Int) { measures(first: $n) { totalCount } }",
            "{\"n\": 3000000000}",
            "BAD_USER_INPUT",
            "3000000000",
        ),
        ("{ measures(first: -1) { totalCount } }", "{}", "BAD_USER_INPUT", "-1"),
        ("{ measures(first: 6) { totalCount } }", "{}", "LIMIT_EXCEEDED", "at most 5 are allowed, found 6"),
        ("{ measures(first: 1, last: 1) { totalCount } }", "{}", "BAD_USER_INPUT", "both"),
        ("{ measures(after: \"x\") { totalCount } }", "{}", "BAD_USER_INPUT", "`x` is no cursor"),
        ("{ measures(after: \"OTkuMC5h\") { totalCount } }", "{}", "REVISION_UNAVAILABLE", "revision 99"),
        ("{ node(id: \"x\") { id } }", "{}", "BAD_USER_INPUT", "`x` is no id"),
        (
            "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }",
            "{}",
            "GRAPHQL_VALIDATION_FAILED",
            "contains itself",
        ),
        (deep.as_str(), "{}", "LIMIT_EXCEEDED", "levels"),
        (doubling.as_str(), "{}", "LIMIT_EXCEEDED", "fields"),
        (long.as_str(), "{}", "LIMIT_EXCEEDED", "bytes of a document"),
        (
            "{ measures(first: 5) { nodes { id name key printed { section text document { title } } } } }",
            "{}",
            "LIMIT_EXCEEDED",
            "bytes of an answer",
        ),
    ] {
        let answer = fixture.ask_with(query, serde_json::from_str(variables).unwrap());
        let error = &answer["errors"][0];
        let shown = &query[..query.len().min(80)];
        assert_eq!(error["extensions"]["code"], code, "{shown}: {answer}");
        assert!(error["message"].as_str().unwrap().contains(part), "{shown}: {}", error["message"]);
        assert!(!error["extensions"]["hint"].as_str().unwrap().is_empty(), "{shown}");
        if code == "LIMIT_EXCEEDED" {
            assert!(error["extensions"]["limit"].is_u64() && error["extensions"]["found"].is_u64());
        }
    }
}

#[test]
fn a_field_that_fails_takes_no_more_with_it_than_it_must() {
    let fixture = fixture();
    let answer = fixture
        .ask("{ fine: register { revision } bad: node(id: \"x\") { id } alsoFine: measure(key: \"m-1\") { key } }");
    assert_eq!(
        answer["data"],
        serde_json::json!({ "fine": { "revision": 1 }, "bad": null, "alsoFine": { "key": "m-1" } })
    );
    assert_eq!(answer["errors"][0]["path"], serde_json::json!(["bad"]));
    let answer =
        fixture.ask("{ plan(key: \"plan\") { key measures(first: -1) { totalCount } } fine: register { revision } }");
    assert_eq!(answer["data"], serde_json::json!({ "plan": null, "fine": { "revision": 1 } }));
    assert_eq!(answer["errors"][0]["path"], serde_json::json!(["plan", "measures"]));
}

#[test]
fn introspection_and_data_stand_in_one_answer() {
    let answer = fixture().ask("query($type: String!) { __typename __schema { queryType { name } } __type(name: $type) { name kind } register { revision } }");
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    let answer = fixture().ask_with(
        "query($type: String!) { __typename s: __schema { queryType { name } } __type(name: $type) { name kind } register { revision } }",
        serde_json::json!({ "type": "Measure" }),
    );
    assert_eq!(
        answer["data"],
        serde_json::json!({ "__typename": "Query", "s": { "queryType": { "name": "Query" } }, "__type": { "name": "Measure", "kind": "OBJECT" }, "register": { "revision": 1 } })
    );
}

#[test]
fn every_element_is_described() {
    let fixture = fixture();
    let answer = fixture.ask(
        "{ __schema { types { name kind description specifiedByURL
             fields(includeDeprecated: true) { name description args { name description } }
             inputFields { name description } enumValues(includeDeprecated: true) { name description } } } }",
    );
    let mut seen = 0;
    let mut bare = Vec::new();
    for ty in answer["data"]["__schema"]["types"].as_array().unwrap() {
        let name = ty["name"].as_str().unwrap();
        if name.starts_with("__") || ["Int", "Float", "String", "Boolean", "ID"].contains(&name) {
            continue;
        }
        let mut check = |element: &serde_json::Value, path: String| {
            seen += 1;
            if element["description"].as_str().is_none_or(|text| text.trim().len() < 4) {
                bare.push(path);
            }
        };
        check(ty, name.to_owned());
        assert!(ty["kind"] != "SCALAR" || ty["specifiedByURL"].is_string(), "{name}");
        for list in ["fields", "inputFields", "enumValues"] {
            for element in ty[list].as_array().into_iter().flatten() {
                let path = format!("{name}.{}", element["name"].as_str().unwrap());
                check(element, path.clone());
                for arg in element["args"].as_array().into_iter().flatten() {
                    check(arg, format!("{path}({})", arg["name"].as_str().unwrap()));
                }
            }
        }
    }
    assert_eq!(bare, Vec::<String>::new());
    assert!(seen > 500, "{seen}");
}

impl Fixture {
    fn write(&self, field: &str, input: serde_json::Value) -> serde_json::Value {
        let ty = format!("{}{}Input", field[..1].to_uppercase(), &field[1..]);
        let query = format!(
            "mutation($input: {ty}!) {{ {field}(input: $input) {{ status replayed baseRevision revision digest rows
               counts {{ received created updated unchanged deleted rejected }}
               changes {{ kind key outcome fields {{ field before after }} node {{ key }} }}
               problems {{ code row path message hint candidates }} }} }}"
        );
        let answer = self.ask_with(&query, serde_json::json!({ "input": input }));
        assert!(answer.get("errors").is_none(), "{answer}");
        answer["data"][field].clone()
    }
}

fn row(key: &str, name: &str) -> serde_json::Value {
    serde_json::json!({ "measure": { "key": key, "planKey": "plan", "name": name } })
}

#[test]
fn rows_are_imported_with_a_report_of_every_field_and_problem() {
    let fixture = fixture();
    let input = serde_json::json!({ "reason": "first", "idempotencyKey": "k1", "dryRun": true,
        "rows": [row("m-1", "New name"), row("n-1", "Fresh"), { "indicator": { "key": "n-1/i", "measureKey": "n-1", "position": 1, "label": "I", "kind": "RECEIVED", "unit": "COUNT" } }] });
    let dry = fixture.write("importRows", input.clone());
    assert_eq!(
        (&dry["status"], &dry["revision"], &dry["counts"]["created"]),
        (&"WOULD_COMMIT".into(), &1.into(), &2.into())
    );
    assert_eq!(dry["rows"], serde_json::json!(["UPDATED", "CREATED", "CREATED"]));
    let updated = dry["changes"].as_array().unwrap().iter().find(|change| change["key"] == "m-1").unwrap();
    assert_eq!(
        updated["fields"][0],
        serde_json::json!({ "field": "name", "before": "Measure \"1\"", "after": "New name" })
    );
    let mut sure = input;
    sure["dryRun"] = false.into();
    sure["expectDigest"] = dry["digest"].clone();
    let done = fixture.write("importRows", sure.clone());
    assert_eq!((&done["status"], &done["revision"], &done["digest"]), (&"COMMITTED".into(), &2.into(), &dry["digest"]));
    let again = fixture.write("importRows", sure.clone());
    assert_eq!(
        (&again["status"], &again["replayed"], &again["revision"]),
        (&"COMMITTED".into(), &true.into(), &2.into())
    );
    sure["reason"] = "another".into();
    let other = fixture.write("importRows", sure);
    assert_eq!(other["problems"][0]["code"], "IDEMPOTENCY_MISMATCH");

    let bad = fixture.write(
        "importRows",
        serde_json::json!({ "reason": "bad", "idempotencyKey": "k2", "rows": [
            { "measure": { "key": "a b", "planKey": "pla", "nmae": "x" } },
            { "mesure": {} },
            { "observation": { "indicatorKey": "n-1/j", "period": 2020, "figure": { "value": 1.5, "status": "REPORTED", "unit": "COUNT" } } },
            row("ok", "Fine"),
        ] }),
    );
    let told: Vec<String> = bad["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            format!(
                "{} {} {}",
                it["row"],
                it["code"].as_str().unwrap(),
                it["path"].as_array().unwrap().last().unwrap().as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(
        told,
        ["0 UNKNOWN_FIELD nmae", "0 BAD_KEY key", "0 MISSING name", "1 UNKNOWN_FIELD mesure", "2 NOT_A_NUMBER value"]
    );
    assert_eq!((&bad["status"], &bad["revision"]), (&"REJECTED".into(), &2.into()));
}

#[test]
fn history_states_and_differences_can_be_asked() {
    let fixture = fixture();
    for (number, name) in ["One", "Two"].iter().enumerate() {
        fixture.write("importRows", serde_json::json!({ "reason": name, "idempotencyKey": name, "rows": [row("m-1", name), row(&format!("x-{number}"), "X")] }));
    }
    let tagged = fixture.write("tagEdition", serde_json::json!({ "reason": "r", "idempotencyKey": "t", "name": "as-printed", "title": "As printed", "revision": 1 }));
    assert_eq!((&tagged["status"], &tagged["revision"]), (&"COMMITTED".into(), &4.into()));
    let moved = fixture.write(
        "tagEdition",
        serde_json::json!({ "reason": "r", "idempotencyKey": "t2", "name": "as-printed", "revision": 2 }),
    );
    assert_eq!(moved["problems"][0]["code"], "ALREADY_EXISTS");
    let answer = fixture.ask(
        "{ measure(key: \"m-1\") { name revision history { revision reason change { fields { field before after } } } older: history(first: 1, before: 3) { revision } }
           printed: at(asOf: {edition: \"as-printed\"}) { register { revision } measure(key: \"m-1\") { name plan { year } } measures { totalCount } }
           second: at(asOf: {revision: 2}) { measure(key: \"m-1\") { name } measures(first: 1) { totalCount nodes { key } } edition(key: \"as-printed\") { title } }
           empty: at(asOf: {revision: 0}) { measures { totalCount } register { committedAt } }
           then: at(asOf: {instant: \"1970-01-01T00:00:00Z\"}) { register { revision } }
           compare(from: {revision: 1}, to: {revision: 3}, kinds: [MEASURE]) { totalCount changes { key outcome } }
           changes(from: 1, to: 3, kinds: [MEASURE], first: 1) { next hasNext commits { revision author changes { key outcome } } }
           commits(first: 2) { totalCount next nodes { revision reason changeCount counts { created } } } }",
    );
    assert!(answer.get("errors").is_none(), "{answer}");
    let data = &answer["data"];
    assert_eq!(
        data["measure"]["history"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["revision"].as_i64().unwrap())
            .collect::<Vec<_>>(),
        [3, 2, 1]
    );
    assert_eq!(
        data["measure"]["history"][0]["change"]["fields"],
        serde_json::json!([{ "field": "name", "before": "One", "after": "Two" }])
    );
    assert_eq!(data["measure"]["older"], serde_json::json!([{ "revision": 2 }]));
    assert_eq!(
        data["printed"],
        serde_json::json!({ "register": { "revision": 1 }, "measure": { "name": "Measure \"1\"", "plan": { "year": 2021 } }, "measures": { "totalCount": 10 } })
    );
    assert_eq!(
        data["second"],
        serde_json::json!({ "measure": { "name": "One" }, "measures": { "totalCount": 11, "nodes": [{ "key": "m-0" }] }, "edition": null })
    );
    assert_eq!(
        data["empty"],
        serde_json::json!({ "measures": { "totalCount": 0 }, "register": { "committedAt": null } })
    );
    assert_eq!(data["then"], serde_json::json!({ "register": { "revision": 4 } }));
    assert_eq!(
        data["compare"],
        serde_json::json!({ "totalCount": 3, "changes": [{ "key": "m-1", "outcome": "UPDATED" }, { "key": "x-0", "outcome": "CREATED" }, { "key": "x-1", "outcome": "CREATED" }] })
    );
    assert_eq!(
        data["changes"],
        serde_json::json!({ "next": 2, "hasNext": true, "commits": [{ "revision": 2, "author": "test", "changes": [{ "key": "m-1", "outcome": "UPDATED" }, { "key": "x-0", "outcome": "CREATED" }] }] })
    );
    assert_eq!(
        (&data["commits"]["totalCount"], &data["commits"]["next"], &data["commits"]["nodes"][1]["reason"]),
        (&4.into(), &3.into(), &"Two".into())
    );

    let undone =
        fixture.write("revertRevision", serde_json::json!({ "reason": "wrong", "idempotencyKey": "u", "revision": 3 }));
    assert_eq!(
        (&undone["status"], &undone["counts"]["updated"], &undone["counts"]["deleted"]),
        (&"COMMITTED".into(), &1.into(), &1.into())
    );
    let again = fixture
        .write("revertRevision", serde_json::json!({ "reason": "wrong", "idempotencyKey": "u2", "revision": 2 }));
    assert_eq!(again["problems"][0]["code"], "CHANGED_SINCE");
    let same = fixture.ask("{ compare(from: {revision: 2}, to: {revision: 5}, kinds: [MEASURE]) { totalCount } }");
    assert_eq!(same["data"]["compare"]["totalCount"], 0);
    let wrong = fixture.ask("{ at(asOf: {edition: \"as-prnted\"}) { register { revision } } }");
    assert_eq!(wrong["errors"][0]["extensions"]["hint"], "there are as-printed");
}

#[test]
fn small_writes_change_one_record() {
    let fixture = fixture();
    fixture.write("importRows", serde_json::json!({ "reason": "r", "idempotencyKey": "1", "rows": [
        { "project": { "key": "p-1", "planKey": "plan", "scope": "POLICY", "number": 1, "title": "P" } },
        { "milestone": { "projectKey": "p-1", "year": 2021, "table": "PLANNED", "number": 1, "title": "M", "timing": "WITHIN", "due": "2021-Q1" } },
        { "indicator": { "key": "m-1/i", "measureKey": "m-1", "position": 1, "label": "I", "kind": "SHARE", "unit": "RATIO" } } ] }));
    let set = fixture.write("setMilestoneStatus", serde_json::json!({ "reason": "r", "idempotencyKey": "2", "milestoneKey": "p-1/2021/planned/1", "status": "DELAYED", "note": "late" }));
    assert_eq!(set["status"], "COMMITTED");
    let recorded = fixture.write("recordObservation", serde_json::json!({ "reason": "r", "idempotencyKey": "3", "indicatorKey": "m-1/i", "period": "2021-Q1", "value": "0.98" }));
    assert_eq!(recorded["status"], "COMMITTED");
    let answer = fixture.ask(
        "{ milestone(key: \"p-1/2021/planned/1\") { status footnote title timing due { code } }
           indicator(key: \"m-1/i\") { observations { period { code kind } figure { value status unit printed { text } } } } }",
    );
    assert_eq!(
        answer["data"]["milestone"],
        serde_json::json!({ "status": "DELAYED", "footnote": "late", "title": "M", "timing": "WITHIN", "due": { "code": "2021-Q1" } })
    );
    assert_eq!(
        answer["data"]["indicator"]["observations"],
        serde_json::json!([{ "period": { "code": "2021-Q1", "kind": "QUARTER" }, "figure": { "value": "0.98", "status": "REPORTED", "unit": "RATIO", "printed": null } }])
    );
    for (value, code) in [(serde_json::json!("1.5"), "OUT_OF_RANGE"), (serde_json::json!(null), "")] {
        let recorded = fixture.write("recordObservation", serde_json::json!({ "reason": "r", "idempotencyKey": format!("v{value}"), "indicatorKey": "m-1/i", "period": "2021-Q2", "value": value }));
        assert_eq!(recorded["problems"][0]["code"].as_str().unwrap_or_default(), code);
    }
    let gone = fixture.write("deleteRecords", serde_json::json!({ "reason": "r", "idempotencyKey": "4", "records": [{ "kind": "INDICATOR", "key": "m-1/i" }] }));
    assert_eq!(gone["problems"][0]["code"], "STILL_REFERENCED");
    let unknown = fixture.write(
        "setMilestoneStatus",
        serde_json::json!({ "reason": "r", "idempotencyKey": "5", "milestoneKey": "p-9/2021/planned/1" }),
    );
    assert_eq!(unknown["problems"][0]["code"], "NOT_FOUND");
}

#[test]
fn who_may_not_write_is_told_and_leaves_nothing_behind() {
    let fixture = fixture();
    let input = serde_json::json!({ "input": { "reason": "r", "idempotencyKey": "k", "rows": [row("x", "X")] } });
    let Input::Object(variables) = Input::from_json(input).unwrap() else { panic!("an object") };
    let request = GraphqlRequest {
        query: "mutation($input: ImportRowsInput!) { importRows(input: $input) { status } }".into(),
        operation_name: None,
        variables,
    };
    let ask = |identity: &Identity, allowed| -> serde_json::Value {
        serde_json::from_slice(&fixture.api.execute(request.clone(), identity, allowed).to_json()).unwrap()
    };
    let refused = ask(&Identity::anonymous(), Allowed::All);
    assert_eq!(
        (&refused["data"], &refused["errors"][0]["extensions"]["code"]),
        (&serde_json::Value::Null, &"FORBIDDEN".into())
    );
    let refused = ask(&Identity::local("admin"), Allowed::Queries);
    assert_eq!(refused["errors"][0]["extensions"]["code"], "METHOD_NOT_ALLOWED");
    assert_eq!(fixture.ledger.register().revision(), 1);
}

#[test]
fn a_subscription_tells_every_commit_from_where_the_reader_was() {
    let fixture = fixture();
    let api = Arc::new(Api::new(Arc::clone(&fixture.ledger), Limits::default(), || 0));
    let subscribe = |query: &str| api.subscribe(GraphqlRequest { query: query.into(), ..GraphqlRequest::default() });
    let mut feed = subscribe("subscription { changes(after: 0, kinds: [MEASURE]) { behind commit { revision changeCount changes { key outcome node { ... on Measure { name } } } } } }").unwrap();
    fixture
        .write("importRows", serde_json::json!({ "reason": "r", "idempotencyKey": "1", "rows": [row("m-1", "New")] }));
    let mut next = || -> Option<serde_json::Value> {
        use futures_util::FutureExt as _;
        let answer = feed.next().now_or_never()??;
        Some(serde_json::from_slice(&answer.to_json()).unwrap())
    };
    let first = next().unwrap();
    assert_eq!(first["data"]["changes"]["behind"], 1);
    assert_eq!(
        (&first["data"]["changes"]["commit"]["changeCount"], &first["extensions"]["revision"]),
        (&10.into(), &1.into())
    );
    let second = next().unwrap();
    assert_eq!(
        second["data"]["changes"]["commit"]["changes"],
        serde_json::json!([{ "key": "m-1", "outcome": "UPDATED", "node": { "name": "New" } }])
    );
    assert!(next().is_none());
    assert!(subscribe("{ register { revision } }").is_err());
    assert!(subscribe("subscription { changes(after: 99) { behind } }").is_err());
}
