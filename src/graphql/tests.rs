mod committed;
mod errors;
mod tables;
mod writes;

use std::sync::Arc;

use async_graphql::Value as Input;

use super::core::error::{ErrorCode, FieldError};
use super::core::limits::Limits;
use super::*;
use crate::commit::access::{Identity, Role};
use crate::commit::{Edit, Ledger, Status, Submission};
use crate::model::{Citation, Document, Key, Kind, Link, Measure, Organisation, Plan, Record};

fn key(text: &str) -> Key {
    Key::parse(text).unwrap()
}

fn measure(number: usize) -> Record {
    Measure {
        description: None,
        lifecycle_word: None,
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
            checked_by: None,
            checks: None,
            scale: None,
            last_page: None,
            place: None,
        }),
        lifecycle_printed: None,
        owner: None,
        process_type: None,
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
            Organisation {
                key: key("body"),
                name: "Body".into(),
                abbreviation: None,
                printed: None,
                namespace: None,
                parent_key: None,
                year_start: None,
            }
            .into(),
            Document {
                key: key("doc"),
                title: "Doc".into(),
                organisation_key: Link::new(key("body")),
                date: None,
                pages: None,
                language: None,
                address: None,
                licence: None,
                retrieved: None,
                sha256: None,
            }
            .into(),
            Plan {
                key: key("plan"),
                organisation_key: Link::new(key("body")),
                year: 2021,
                evaluated_year: None,
                title: "P".into(),
                document_key: None,
                closing_date: None,
                met_from: None,
                nearly_met_from: None,
                partly_met_from: None,
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
        String::from_utf8(self.api.execute(request, &Identity::local("test"), AllowedOperations::All).to_json())
            .unwrap()
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
         \"plan\":{\"year\":2021,\"key\":\"plan\",\"title\":\"P\"}},\"a\":{\"key\":\"m-1\"}},\"extensions\":{\"revision\":1,\"cost\":13}}"
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

#[test]
fn conditions_decide_which_fields_stand_and_where() {
    let fixture = fixture();
    let query = "query($x: Boolean!, $y: Boolean = true) { m: measure(key: \"m-1\") { key @skip(if: $x) ...A @include(if: $y) key name ...A } \
                 ...B @skip(if: $y) m: measure(key: \"m-1\") { plan @include(if: $x) { key } plan { title } } } \
                 fragment A on Measure { revision ... on Node @skip(if: $x) { id } } fragment B on Query { __typename }";
    let text = |variables| fixture.text(query, variables);
    let id = crate::graphql::core::id::Id { kind: Kind::Measure, key: key("m-1"), past: None }.encode();
    for (variables, data) in [
        (
            serde_json::json!({ "x": false }),
            format!(r#"{{"m":{{"key":"m-1","revision":1,"id":"{id}","name":"Measure \"1\"","plan":{{"title":"P"}}}}}}"#),
        ),
        (
            serde_json::json!({ "x": true, "y": false }),
            r#"{"m":{"key":"m-1","name":"Measure \"1\"","revision":1,"plan":{"key":"plan","title":"P"}},"__typename":"Query"}"#.to_owned(),
        ),
        (
            serde_json::json!({ "x": true }),
            r#"{"m":{"revision":1,"key":"m-1","name":"Measure \"1\"","plan":{"key":"plan","title":"P"}}}"#.to_owned(),
        ),
    ] {
        let found = text(variables.clone());
        assert!(found.contains(&format!("\"data\":{data}")), "{variables}: {found}\n{data}");
    }
    // Null was not refused with the document, because a default stands in for nothing: what depends on it is not there.
    let answer = fixture.ask_with(query, serde_json::json!({ "x": false, "y": null }));
    assert_eq!(
        (&answer["data"], &answer["errors"][0]["extensions"]["code"]),
        (&serde_json::Value::Null, &"BAD_USER_INPUT".into())
    );
}

#[test]
fn a_condition_that_is_null_fails_the_object_that_it_decides() {
    let fixture = Fixture::new(Limits::default());
    let query = "query($x: Boolean = true, $y: Boolean = true) {
        m: measure(key: \"m-1\") { key ... @skip(if: $x) { name @include(if: $y) ... on Node @include(if: $y) { id } } }
        none: measure(key: \"nothing\") { key @include(if: $y) }
        __typename
    }";
    let measure = serde_json::json!({ "key": "m-1" });
    for (variables, data, path) in [
        // Above it stands one that does not hold, and the other has no object: nobody looks at it.
        (serde_json::json!({ "y": null }), &measure, serde_json::Value::Null),
        (serde_json::json!({ "x": false, "y": null }), &serde_json::Value::Null, serde_json::json!(["m"])),
        (serde_json::json!({ "x": null }), &serde_json::Value::Null, serde_json::json!(["m"])),
    ] {
        let answer = fixture.ask_with(query, variables.clone());
        let expected = serde_json::json!({ "m": data, "none": null, "__typename": "Query" });
        assert_eq!((&answer["data"], &answer["errors"][0]["path"]), (&expected, &path), "{variables}: {answer}");
    }
}
