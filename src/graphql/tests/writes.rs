use async_graphql::Value as Input;

use super::*;
use crate::graphql::core::id::Id;

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
fn a_record_read_as_it_was_has_an_id_of_its_own_that_leads_there_again() {
    let fixture = fixture();
    let row = |name: &str| serde_json::json!([{ "measure": { "key": "m-1", "planKey": "plan", "name": name } }]);
    let input = serde_json::json!({ "reason": "r", "idempotencyKey": "k", "rows": row("New") });
    assert_eq!(fixture.write("importRows", input)["revision"], 2);
    let answer = fixture.ask(
        "{ now: measure(key: \"m-1\") { id name }
           then: at(asOf: {revision: 1}) { measure(key: \"m-1\") { id name plan { id } history { change { nodeId } } }
             measures(first: 1) { nodes { id } pageInfo { endCursor } } }
           same: at(asOf: {revision: 2}) { measure(key: \"m-1\") { id } }
           measures(first: 1) { pageInfo { endCursor } }
           compare(from: {revision: 1}, to: {revision: 2}) { changes { nodeId node { id } } } }",
    );
    let data = &answer["data"];
    let (now, then) = (&data["now"], &data["then"]["measure"]);
    assert_eq!((&now["name"], &then["name"]), (&"New".into(), &"Measure \"1\"".into()));
    let ids: std::collections::BTreeSet<_> =
        [&now["id"], &then["id"], &data["same"]["measure"]["id"]].iter().map(|id| id.as_str().unwrap()).collect();
    assert_eq!(ids.len(), 3, "{data}");
    // What changed is the record that there is now; what it was is read at that revision.
    assert_eq!(&then["history"][0]["change"]["nodeId"], &now["id"]);
    assert_eq!(
        data["compare"]["changes"],
        serde_json::json!([{ "nodeId": now["id"], "node": data["same"]["measure"] }])
    );

    // Each id leads to what it was taken from, one by one and together, and so does what hangs on it.
    let cursor = data["then"]["measures"]["pageInfo"]["endCursor"].as_str().unwrap();
    let (now_id, then_id) = (now["id"].as_str().unwrap(), then["id"].as_str().unwrap());
    let again = fixture.ask(&format!(
        "{{ node(id: \"{then_id}\") {{ id ... on Measure {{ name plan {{ id }} }} }}
            nodes(ids: [\"{now_id}\", \"{then_id}\"]) {{ ... on Measure {{ name }} }}
            within: at(asOf: {{revision: 2}}) {{ node(id: \"{then_id}\") {{ id }} }}
            then: at(asOf: {{revision: 1}}) {{ measures(first: 1, after: \"{cursor}\") {{ nodes {{ id key }} }} }}
            measures(first: 1, after: \"{cursor}\") {{ nodes {{ id }} }} }}"
    ));
    let again = &again["data"];
    assert_eq!(again["node"], serde_json::json!({ "id": then_id, "name": "Measure \"1\"", "plan": then["plan"] }));
    assert_eq!(again["nodes"], serde_json::json!([{ "name": "New" }, { "name": "Measure \"1\"" }]));
    assert_eq!(again["within"]["node"]["id"], then_id);
    // A page that goes on shows the records that there are, unless it goes on as it was.
    assert_eq!(again["then"]["measures"]["nodes"][0], serde_json::json!({ "id": then_id, "key": "m-1" }));
    assert_eq!(again["measures"]["nodes"][0]["id"], now_id);

    let unknown = Id { kind: Kind::Measure, key: key("m-1"), past: Some(9) }.encode();
    let refused = fixture.ask(&format!("{{ node(id: \"{unknown}\") {{ id }} }}"));
    assert_eq!(refused["errors"][0]["extensions"]["code"], "REVISION_UNAVAILABLE");
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
           commits(first: 2) { totalCount pageInfo { hasNextPage hasPreviousPage } nodes { revision reason changeCount counts { created } } } }",
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
        (&data["commits"]["totalCount"], &data["commits"]["pageInfo"], &data["commits"]["nodes"][1]["reason"]),
        (&4.into(), &serde_json::json!({ "hasNextPage": true, "hasPreviousPage": false }), &"Two".into())
    );
    let revisions = |arguments: &str| -> Vec<i64> {
        let query =
            format!("{{ commits({arguments}) {{ edges {{ node {{ revision }} }} pageInfo {{ endCursor }} }} }}");
        let edges = fixture.ask(&query)["data"]["commits"]["edges"].as_array().unwrap().clone();
        edges.iter().map(|edge| edge["node"]["revision"].as_i64().unwrap()).collect()
    };
    assert_eq!((revisions("first: 3"), revisions("last: 3")), (vec![4, 3, 2], vec![3, 2, 1]));
    let end =
        fixture.ask("{ commits(first: 2) { pageInfo { endCursor } } }")["data"]["commits"]["pageInfo"]["endCursor"]
            .clone();
    assert_eq!((revisions(&format!("after: {end}")), revisions(&format!("before: {end}"))), (vec![2, 1], vec![4]));

    let undone =
        fixture.write("revertRevision", serde_json::json!({ "reason": "wrong", "idempotencyKey": "u", "revision": 3 }));
    assert_eq!(
        (&undone["status"], &undone["counts"]["updated"], &undone["counts"]["deleted"]),
        (&"COMMITTED".into(), &1.into(), &1.into())
    );
    // By content: what revision 2 left is there again. What revision 3 left is not, and revision 2 is undone already.
    let undo = |key: &str, revision: u64| {
        fixture.write(
            "revertRevision",
            serde_json::json!({ "reason": "wrong", "idempotencyKey": key, "revision": revision }),
        )
    };
    let before = undo("u2", 2);
    assert_eq!((&before["status"], &before["counts"]["deleted"]), (&"COMMITTED".into(), &1.into()));
    let gone = undo("u3", 3);
    assert_eq!((&gone["status"], &gone["problems"][0]["code"]), (&"REJECTED".into(), &"CHANGED_SINCE".into()));
    assert_eq!(undo("u4", 2)["status"], "UNCHANGED");
    let same = fixture.ask("{ compare(from: {revision: 1}, to: {revision: 6}, kinds: [MEASURE]) { totalCount } }");
    assert_eq!(same["data"]["compare"]["totalCount"], 0);
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
    for (value, code) in [(serde_json::json!("98"), "OUT_OF_RANGE"), (serde_json::json!(null), "")] {
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
    let refused = ask(&Identity::anonymous(), AllowedOperations::All);
    assert_eq!(
        (&refused["data"], &refused["errors"][0]["extensions"]["code"]),
        (&serde_json::Value::Null, &"FORBIDDEN".into())
    );
    let refused = ask(&Identity::local("admin"), AllowedOperations::Queries);
    assert_eq!(refused["errors"][0]["extensions"]["code"], "METHOD_NOT_ALLOWED");
    assert_eq!(fixture.ledger.register().revision(), 1);
}

#[test]
fn a_subscription_tells_every_commit_from_where_the_reader_was() {
    let fixture = fixture();
    let api = Arc::new(Api::new(Arc::clone(&fixture.ledger), Limits::default(), || 0));
    let subscribe = |query: &str, resume| {
        let request = GraphqlRequest { query: query.into(), ..GraphqlRequest::default() };
        api.subscribe(request, &Identity::anonymous(), resume)
    };
    let mut feed = subscribe("subscription { changes(after: 0, kinds: [MEASURE]) { behind commit { revision changeCount changes { key outcome node { ... on Measure { name } } } } } }", None).unwrap();
    fixture
        .write("importRows", serde_json::json!({ "reason": "r", "idempotencyKey": "1", "rows": [row("m-1", "New")] }));
    fixture.write(
        "importRows",
        serde_json::json!({ "reason": "r", "idempotencyKey": "2", "rows": [row("m-1", "Newer")] }),
    );
    let mut next = || -> Option<serde_json::Value> {
        use futures_util::FutureExt as _;
        let answer = feed.next().now_or_never()??;
        Some(serde_json::from_slice(&answer.to_json()).unwrap())
    };
    let first = next().unwrap();
    assert_eq!(first["data"]["changes"]["behind"], 2);
    assert_eq!(
        (&first["data"]["changes"]["commit"]["changeCount"], &first["extensions"]["revision"]),
        (&10.into(), &1.into())
    );
    // The records as they were then, not as they are now.
    for name in ["New", "Newer"] {
        assert_eq!(
            next().unwrap()["data"]["changes"]["commit"]["changes"],
            serde_json::json!([{ "key": "m-1", "outcome": "UPDATED", "node": { "name": name } }])
        );
    }
    assert!(next().is_none());
    // What reads no record needs no earlier state, however far behind its reader is.
    let records = "subscription { changes(after: 0) { commit { changes { node { id } } } } }";
    assert!(subscribe(records, None).unwrap().next_is_long());
    let keys = "subscription { changes(after: 0) { commit { revision changes { key } } } }";
    let mut keys = subscribe(keys, None).unwrap();
    for revision in 1..=3_u64 {
        assert!(!keys.next_is_long());
        let answer = keys.take(&keys.context()).unwrap();
        let told: serde_json::Value = serde_json::from_slice(&answer.to_json()).unwrap();
        assert_eq!((answer.revision, &told["data"]["changes"]["commit"]["revision"]), (revision, &revision.into()));
    }
    let mut again = subscribe("subscription { changes(after: 0) { commit { revision } } }", Some(2)).unwrap();
    assert_eq!(again.take(&again.context()).unwrap().revision, 3, "what the reader has goes before the argument");
    assert!(again.take(&again.context()).is_none());
    for (query, resume, code) in [
        ("subscription { changes(after: 99) { behind } }", None, ErrorCode::RevisionUnavailable),
        ("subscription { changes { behind } }", Some(99), ErrorCode::RevisionUnavailable),
        ("subscription { changes { behind } more: changes { behind } }", None, ErrorCode::ValidationFailed),
        ("{ register { revision } }", None, ErrorCode::BadRequest),
        ("subscription { nothing }", None, ErrorCode::ValidationFailed),
    ] {
        let refused = subscribe(query, resume).err().unwrap();
        assert!(refused.data.is_none() && refused.errors[0].error.code == code, "{query}: {:?}", refused.errors);
    }
}
