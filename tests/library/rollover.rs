//! A plan year from beginning to end, on the demonstration data.

use std::cell::Cell;
use std::path::Path;
use std::sync::Arc;

use async_graphql::Value as Input;
use serde_json::{Value, json};

use boordtabel::commit::access::{Identity, Role};
use boordtabel::commit::{Edit, Ledger, Status, Submission};
use boordtabel::graphql::core::limits::Limits;
use boordtabel::graphql::{AllowedOperations, Api, GraphqlRequest};
use boordtabel::import::{read_files, read_folder};
use boordtabel::model::{Key, Link, Organisation, Plan, Record};

/// Rows of `indicators.csv` whose measure is not phasing out.
const INDICATORS_KEPT: i64 = 300;
/// Rows of `norms.csv` whose measure is not phasing out.
const NORMS_KEPT: i64 = 68;

/// Rows of `budget-lines.csv`.
const LINES: i64 = 60;
/// Rows of `inspected-processes.csv`.
const PROCESSES: i64 = 16;
/// Rows of `staff-targets.csv` that are not due before 2022.
const STAFF_TARGETS_KEPT: i64 = 4;

struct Fixture {
    api: Api,
    writes: Cell<u32>,
    _folder: tempfile::TempDir,
}

impl Fixture {
    fn new(edits: Vec<Edit>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Arc::new(Ledger::open(folder.path()).unwrap());
        let report = ledger.submit(Submission::new(Identity::local("t"), Role::Import, "t", edits), 0).unwrap();
        assert_eq!(report.status, Status::Committed, "{:?}", report.problems);
        Self { api: Api::new(ledger, Limits::default(), || 0), writes: Cell::new(0), _folder: folder }
    }

    fn demo() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/dwse-2021");
        Self::new(read_files(&read_folder(&folder).unwrap()).unwrap())
    }

    fn ask_with(&self, query: &str, variables: Value) -> Value {
        let Input::Object(variables) = Input::from_json(variables).unwrap() else { panic!("an object") };
        let request = GraphqlRequest { query: query.into(), operation_name: None, variables };
        let answer = self.api.execute(request, &Identity::local("test"), AllowedOperations::All).to_json();
        serde_json::from_slice(&answer).unwrap()
    }

    fn ask(&self, query: &str) -> Value {
        let answer = self.ask_with(query, json!({}));
        assert!(answer.get("errors").is_none(), "{answer}");
        answer["data"].clone()
    }

    fn write(&self, field: &str, mut input: Value) -> Value {
        input["reason"] = "r".into();
        self.writes.set(self.writes.get() + 1);
        input["idempotencyKey"] = self.writes.get().to_string().into();
        let ty = format!("{}{}Input", field[..1].to_uppercase(), &field[1..]);
        let query = format!(
            "mutation($input: {ty}!) {{ {field}(input: $input) {{ status revision digest
               counts {{ received created updated unchanged deleted rejected }} changes(first: 2) {{ kind key outcome }}
               problems {{ code path message candidates }} }} }}"
        );
        let answer = self.ask_with(&query, json!({ "input": input }));
        assert!(answer.get("errors").is_none(), "{answer}");
        answer["data"][field].clone()
    }

    /// What `comparePlans` says of a kind.
    fn compared(&self, kind: &str) -> Value {
        let data = self.ask(
            "{ comparePlans(fromPlan: \"dwse-2021\", toPlan: \"dwse-2022\") { from { year } to { year title documentKey } kinds {
                 kind earlier later continued split merged dropped new changed droppedKeys newKeys droppedRecords { key } newRecords { key }
                 changedRecords { predecessor { key } successor { key ... on Measure { name } } fields { field before after } } } } }",
        );
        let comparison = &data["comparePlans"];
        assert_eq!(comparison["from"], json!({ "year": 2021 }));
        assert_eq!(comparison["to"], json!({ "year": 2022, "title": "Ondernemingsplan 2022", "documentKey": null }));
        let of = comparison["kinds"].as_array().unwrap().iter().find(|it| it["kind"] == kind).unwrap();
        for (records, keys) in [("droppedRecords", "droppedKeys"), ("newRecords", "newKeys")] {
            let records: Vec<&Value> = of[records].as_array().unwrap().iter().map(|it| &it["key"]).collect();
            assert_eq!(json!(records), of[keys]);
        }
        of.clone()
    }
}

/// Earlier, later, continued, split, merged, dropped, new, changed.
fn counts(of: &Value) -> [i64; 8] {
    ["earlier", "later", "continued", "split", "merged", "dropped", "new", "changed"]
        .map(|name| of[name].as_i64().unwrap())
}

#[test]
fn a_plan_is_rolled_over_worked_on_and_compared() {
    let fixture = Fixture::demo();
    let dry = fixture.write("rollOver", json!({ "fromYear": 2021, "toYear": 2022, "dryRun": true }));
    assert_eq!((&dry["status"], &dry["revision"]), (&"WOULD_COMMIT".into(), &1.into()), "{dry}");
    // Worked out from the files: what goes on of each kind, as the assertions below have it.
    let carried = 3 + 7 + 8 + 15 + 23 + 50 + INDICATORS_KEPT + NORMS_KEPT + LINES + PROCESSES + STAFF_TARGETS_KEPT;
    assert_eq!(
        dry["counts"],
        json!({ "received": 1 + 2 * carried, "created": 1 + 2 * carried, "updated": 0, "unchanged": 0, "deleted": 0, "rejected": 0 })
    );
    assert_eq!(dry["changes"][0], json!({ "kind": "PLAN", "key": "dwse-2022", "outcome": "CREATED" }));
    let done = fixture.write("rollOver", json!({ "fromYear": 2021, "toYear": 2022, "expectDigest": dry["digest"] }));
    assert_eq!((&done["status"], &done["revision"]), (&"COMMITTED".into(), &2.into()));
    let again = fixture.write("rollOver", json!({ "fromYear": 2021, "toYear": 2022, "organisationKey": "dwse" }));
    assert_eq!((&again["status"], &again["counts"]["unchanged"]), (&"UNCHANGED".into(), &(1 + 2 * carried).into()));

    for (kind, expected) in [
        ("POLICY_FIELD", [3, 3, 3, 0, 0, 0, 0, 0]),
        ("STRUCTURAL_ELEMENT", [7, 7, 7, 0, 0, 0, 0, 0]),
        ("STRATEGIC_GOAL", [8, 8, 8, 0, 0, 0, 0, 0]),
        ("OPERATIONAL_GOAL", [15, 15, 15, 0, 0, 0, 0, 0]),
        ("PROJECT", [24, 23, 23, 0, 0, 1, 0, 0]),
        ("MEASURE", [56, 50, 50, 0, 0, 6, 0, 0]),
        ("INDICATOR", [326, INDICATORS_KEPT, INDICATORS_KEPT, 0, 0, 326 - INDICATORS_KEPT, 0, 0]),
        ("NORM", [72, NORMS_KEPT, NORMS_KEPT, 0, 0, 72 - NORMS_KEPT, 0, 0]),
        // Five paid for measures that are not carried.
        ("BUDGET_LINE", [LINES, LINES, LINES, 0, 0, 0, 0, 5]),
        ("INSPECTED_PROCESS", [PROCESSES, PROCESSES, PROCESSES, 0, 0, 0, 0, 2]),
        ("STAFF_TARGET", [5, STAFF_TARGETS_KEPT, STAFF_TARGETS_KEPT, 0, 0, 5 - STAFF_TARGETS_KEPT, 0, 0]),
    ] {
        assert_eq!(counts(&fixture.compared(kind)), expected, "{kind}");
    }
    assert_eq!(fixture.compared("PROJECT")["droppedKeys"], json!(["organisatieproject-1"]));
    assert_eq!(
        fixture.compared("MEASURE")["droppedKeys"],
        json!([
            "gesco-veralgemeend-stelsel",
            "derde-arbeidscircuit",
            "globale-projecten",
            "subsidiebesluit-ex-gesco",
            "invoeg",
            "loopbaanonderbreking-openbare-sector"
        ])
    );
    let both_ways = fixture.ask(
        "{ old: measure(key: \"transitiepremie\") { successors { relation successor { key ... on Measure { plan { year } operationalGoal { key } } } } predecessors { key } }
           new: measure(key: \"dwse-2022/transitiepremie\") { printed { text } predecessors { kind predecessorKey predecessor { key ... on Measure { plan { year } } } } }
           then: at(asOf: {revision: 1}) { comparePlans: plan(key: \"dwse-2022\") { key } } }",
    );
    assert_eq!(
        both_ways,
        json!({
            "old": { "successors": [{ "relation": "CONTINUES", "successor": { "key": "dwse-2022/transitiepremie", "plan": { "year": 2022 }, "operationalGoal": { "key": "dwse-2022/od-vi-1.1" } } }], "predecessors": [] },
            "new": { "printed": null, "predecessors": [{ "kind": "MEASURE", "predecessorKey": "transitiepremie", "predecessor": { "key": "transitiepremie", "plan": { "year": 2021 } } }] },
            "then": { "comparePlans": null },
        })
    );

    // People work on the new plan: a measure renamed, a norm made stricter.
    let norm = "dwse-2022/vlaamse-ondersteuningspremie/85-aanvragen-binnen-7-dagen-ontvankelijk-online";
    let worked_on = fixture.write(
        "importRows",
        json!({ "rows": [
            { "measure": { "key": "dwse-2022/transitiepremie", "planKey": "dwse-2022", "name": "Premie voor transities",
                "operationalGoalKey": "dwse-2022/od-vi-1.1", "operator": "OWN", "lifecycle": "ACTIVE", "position": 2 } },
            { "norm": { "key": norm, "measureKey": "dwse-2022/vlaamse-ondersteuningspremie", "position": 2, "basis": "INTERNAL",
                "label": "85% aanvragen binnen 7 dagen ontvankelijk online",
                "target": { "value": "0.9", "status": "REPORTED", "unit": "RATIO" },
                "limit": { "value": "7", "status": "REPORTED", "unit": "DAYS" } } },
        ] }),
    );
    assert_eq!(worked_on["counts"]["updated"], 2, "{worked_on}");
    // What was done since, and undone, does not stand in the way of undoing all of it.
    let undo =
        |revision: u64, dry: bool| fixture.write("revertRevision", json!({ "revision": revision, "dryRun": dry }));
    let refused = undo(2, true)["problems"].clone();
    let codes: Vec<&Value> = refused.as_array().unwrap().iter().map(|problem| &problem["code"]).collect();
    assert_eq!(codes, ["CHANGED_SINCE"; 2], "{refused}");
    assert_eq!((&undo(3, false)["status"], &undo(3, false)["status"]), (&"COMMITTED".into(), &"UNCHANGED".into()));
    let all = undo(2, true);
    assert_eq!(
        (&all["status"], &all["counts"]["deleted"]),
        (&"WOULD_COMMIT".into(), &(1 + 2 * carried).into()),
        "{all}"
    );
    // And what was undone can be done again, by undoing that.
    assert_eq!(undo(4, false)["status"], "COMMITTED");
    let measures = fixture.compared("MEASURE");
    assert_eq!(counts(&measures), [56, 50, 50, 0, 0, 6, 0, 1]);
    assert_eq!(
        measures["changedRecords"],
        json!([{ "predecessor": { "key": "transitiepremie" }, "successor": { "key": "dwse-2022/transitiepremie", "name": "Premie voor transities" },
            "fields": [{ "field": "name", "before": "Transitiepremie", "after": "Premie voor transities" }] }])
    );
    assert_eq!(
        fixture.compared("NORM")["changedRecords"][0]["fields"],
        json!([{ "field": "target.value", "before": "0.85", "after": "0.9" }])
    );

    // One measure is split, two are merged.
    let lineage = |predecessor: &str, successor: &str, relation: &str| json!({ "lineage": { "kind": "MEASURE", "predecessorKey": predecessor, "successorKey": successor, "relation": relation } });
    let measure = |key: &str| json!({ "measure": { "key": key, "planKey": "dwse-2022", "name": key } });
    // The budget lines and inspected processes that pay for them and control them are let go of first.
    let paying: Vec<Value> = ["budgetLines", "inspectedProcesses"]
        .iter()
        .flat_map(|list| {
            let query = format!("{{ it: {list}(first: 1000) {{ nodes {{ __typename key measureKeys }} }} }}");
            fixture.ask(&query)["it"]["nodes"].as_array().unwrap().clone()
        })
        .filter(|node| node["key"].as_str().unwrap().starts_with("dwse-2022/"))
        .filter(|node| {
            let measures = node["measureKeys"].as_array().unwrap();
            measures.iter().any(|key| {
                ["trividend", "arbeidskaarten", "beroepskaarten"]
                    .iter()
                    .any(|gone| key.as_str().unwrap().contains(gone))
            })
        })
        .collect();
    let mut released: Vec<Value> = Vec::new();
    for node in &paying {
        let kind = if node["__typename"] == "BudgetLine" { "BUDGET_LINE" } else { "INSPECTED_PROCESS" };
        released.push(json!({ "kind": kind, "key": node["key"] }));
        let query = format!(
            "{{ it: lineages(where: {{successorKey: {{eq: \"{}\"}}}}) {{ nodes {{ key kind }} }} }}",
            node["key"].as_str().unwrap()
        );
        let lineages = fixture.ask(&query)["it"]["nodes"].as_array().unwrap().clone();
        let of_kind = lineages.into_iter().filter(|it| it["kind"] == kind);
        released.extend(of_kind.map(|it| json!({ "kind": "LINEAGE", "key": it["key"] })));
    }
    let done = fixture.write("deleteRecords", json!({ "records": released }));
    assert_eq!(done["status"], "COMMITTED", "{done}");
    let gone = ["trividend", "arbeidskaarten", "beroepskaarten"];
    let replaced =
        |node: &Value| gone.iter().any(|key| node["key"].as_str().unwrap().contains(&format!("dwse-2022/{key}")));
    let mut records = Vec::new();
    for (word, many) in
        [("LINEAGE", "lineages"), ("INDICATOR", "indicators"), ("NORM", "norms"), ("MEASURE", "measures")]
    {
        let data = fixture.ask(&format!("{{ it: {many}(first: 1000) {{ nodes {{ key }} }} }}"));
        let nodes = data["it"]["nodes"].as_array().unwrap().iter().filter(|node| replaced(node));
        records.extend(nodes.map(|node| json!({ "kind": word, "key": node["key"] })));
    }
    let alone =
        fixture.write("deleteRecords", json!({ "records": [{ "kind": "MEASURE", "key": "dwse-2022/trividend" }] }));
    assert_eq!(alone["problems"][0]["code"], "STILL_REFERENCED");
    let deleted = fixture.write("deleteRecords", json!({ "records": records }));
    assert_eq!(deleted["status"], "COMMITTED", "{deleted}");
    let regrouped = fixture.write(
        "importRows",
        json!({ "rows": [
            measure("dwse-2022/trividend-a"), measure("dwse-2022/trividend-b"), measure("dwse-2022/kaarten"),
            lineage("trividend", "dwse-2022/trividend-a", "SPLIT_FROM"), lineage("trividend", "dwse-2022/trividend-b", "SPLIT_FROM"),
            lineage("arbeidskaarten", "dwse-2022/kaarten", "MERGED_INTO"), lineage("beroepskaarten", "dwse-2022/kaarten", "MERGED_INTO"),
            measure("dwse-2022/fresh"),
        ] }),
    );
    assert_eq!(regrouped["counts"]["created"], 8, "{regrouped}");
    let measures = fixture.compared("MEASURE");
    assert_eq!(counts(&measures), [56, 51, 47, 1, 2, 6, 1, 1]);
    assert_eq!(measures["newKeys"], json!(["dwse-2022/fresh"]));
    // What was deleted and became nothing else comes again: the measures became others, their budget lines did not.
    let after = fixture.write("rollOver", json!({ "fromYear": 2021, "toYear": 2022 }));
    assert_eq!(after["counts"]["updated"], 0, "{after}");
    for change in after["changes"].as_array().unwrap() {
        assert_eq!(change["outcome"], "CREATED", "{change}");
        let is_one = |kind: &str| change["kind"] == kind;
        assert!(["BUDGET_LINE", "INSPECTED_PROCESS", "LINEAGE"].into_iter().any(is_one), "{change}");
    }
    let after = fixture.write("rollOver", json!({ "fromYear": 2021, "toYear": 2022 }));
    assert_eq!((&after["status"], &after["counts"]["updated"]), (&"UNCHANGED".into(), &0.into()), "{after}");

    let bad = fixture.write("importRows", json!({ "rows": [lineage("trivident", "dwse-2022/kaarten", "CONTINUES"), lineage("jongerenbonus", "jongerenbonus", "CONTINUES"),
        { "lineage": { "kind": "NORM", "predecessorKey": "jongerenbonus", "successorKey": "dwse-2022/jongerenbonus", "relation": "CONTINUES" } }] }));
    let told: Vec<(&str, &str)> = bad["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["path"].as_array().unwrap().last().unwrap().as_str().unwrap(), it["code"].as_str().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            ("predecessorKey", "UNKNOWN_REFERENCE"),
            ("successorKey", "INCONSISTENT"),
            ("predecessorKey", "UNKNOWN_REFERENCE"),
            ("successorKey", "UNKNOWN_REFERENCE")
        ]
    );
    assert_eq!(bad["problems"][0]["candidates"][0], "trividend");
}

#[test]
fn which_plan_is_meant_must_be_clear() {
    let key = |text: &str| Key::parse(text).unwrap();
    let body = |name: &str| {
        Organisation {
            key: key(name),
            name: name.into(),
            abbreviation: None,
            printed: None,
            namespace: None,
            parent_key: None,
            year_start: None,
        }
        .into()
    };
    let plan = |name: &str, body: &str, year| {
        let (organisation_key, title) = (Link::new(key(body)), name.to_owned());
        Plan {
            key: key(name),
            organisation_key,
            year,
            evaluated_year: None,
            title,
            document_key: None,
            closing_date: None,
            met_from: None,
            nearly_met_from: None,
            partly_met_from: None,
        }
        .into()
    };
    let records: [Record; 6] = [
        body("a"),
        body("b"),
        plan("a-2021", "a", 2021),
        plan("b-2021", "b", 2021),
        plan("x", "a", 2019),
        plan("y", "a", 2019),
    ];
    let fixture = Fixture::new(records.into_iter().map(Edit::put).collect());
    for (input, code, path, candidates) in [
        (json!({ "fromYear": 2021 }), "MISSING", "organisationKey", json!(["a", "b"])),
        (json!({ "fromYear": 2021, "organisationKey": "bb" }), "NOT_FOUND", "organisationKey", json!(["a", "b"])),
        (json!({ "fromYear": 2020, "organisationKey": "b" }), "NOT_FOUND", "fromYear", json!(["2021"])),
        (json!({ "fromYear": 2019, "organisationKey": "a" }), "INCONSISTENT", "fromYear", json!(["x", "y"])),
        (json!({ "fromYear": 2021, "organisationKey": "a", "toYear": 2021 }), "OUT_OF_RANGE", "toYear", json!([])),
    ] {
        let mut input = input;
        if input.get("toYear").is_none() {
            input["toYear"] = 2022.into();
        }
        let refused = fixture.write("rollOver", input);
        assert_eq!(refused["status"], "REJECTED");
        let problem = &refused["problems"][0];
        let mut near: Vec<&str> =
            problem["candidates"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
        near.sort_unstable();
        assert_eq!((problem["code"].as_str(), &problem["path"], json!(near)), (Some(code), &json!([path]), candidates));
    }
    let done = fixture.write("rollOver", json!({ "fromYear": 2021, "toYear": 2022, "organisationKey": "b" }));
    assert_eq!((&done["status"], &done["changes"][0]["key"]), (&"COMMITTED".into(), &"b-2022".into()));
    let unknown =
        fixture.ask_with("{ comparePlans(fromPlan: \"b-2021\", toPlan: \"b-2020\") { kinds { kind } } }", json!({}));
    assert_eq!(unknown["errors"][0]["message"], "there is no plan `b-2020`");
    let twice =
        fixture.ask_with("{ comparePlans(fromPlan: \"b-2021\", toPlan: \"b-2021\") { kinds { kind } } }", json!({}));
    assert_eq!(twice["errors"][0]["message"], "`b-2021` is given twice");
}
