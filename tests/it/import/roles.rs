//! Who may write what: every mutation with every role.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::small::{Small, measure};
use crate::server::{journal, run, token, with_common};

const ROLES: [&str; 4] = ["read", "edit", "import", "admin"];

/// Each mutation with its input type, the weakest role that may, and an input that would go through.
pub fn mutations() -> Vec<(&'static str, &'static str, &'static str, Json)> {
    vec![
        ("importRows", "ImportRowsInput", "import", json!({ "rows": [measure("m-3")] })),
        (
            "deleteRecords",
            "DeleteRecordsInput",
            "import",
            json!({ "records": [{ "kind": "OBSERVATION", "key": "i-1/2020" }] }),
        ),
        (
            "setMilestoneStatus",
            "SetMilestoneStatusInput",
            "edit",
            json!({ "milestoneKey": "pr/2021/planned/1", "status": "REALISED" }),
        ),
        (
            "recordObservation",
            "RecordObservationInput",
            "edit",
            json!({ "indicatorKey": "i-1", "period": "2021", "value": "5" }),
        ),
        (
            "reportProgress",
            "ReportProgressInput",
            "edit",
            json!({ "progressReport": { "roundKey": "r", "kind": "PROJECT", "recordKey": "pr", "commonStatus": "GREEN" } }),
        ),
        (
            "recordRisk",
            "RecordRiskInput",
            "edit",
            json!({ "risk": { "key": "x", "kind": "PROJECT", "recordKey": "pr", "title": "T", "state": "OPEN" } }),
        ),
        ("closeRound", "CloseRoundInput", "admin", json!({ "roundKey": "r", "edition": "closed" })),
        ("tagEdition", "TagEditionInput", "admin", json!({ "name": "as-printed" })),
        ("revertRevision", "RevertRevisionInput", "admin", json!({ "revision": 2 })),
        ("renameRecord", "RenameRecordInput", "import", json!({ "kind": "MEASURE", "key": "m-2", "to": "m-9" })),
        ("mergeRecords", "MergeRecordsInput", "import", json!({ "kind": "MEASURE", "key": "m-2", "into": "m-1" })),
        ("waiveDiscrepancy", "WaiveDiscrepancyInput", "edit", json!({ "key": "trend/observation/i-1/2022/change" })),
        ("rollOver", "RollOverInput", "import", json!({ "fromYear": 2021, "toYear": 2022 })),
    ]
}

#[test]
fn every_mutation_asks_for_its_role_and_a_refusal_leaves_no_trace() {
    let small = Small::new();
    let project = json!({ "project": { "key": "pr", "planKey": "p", "scope": "POLICY", "number": 1, "title": "T" } });
    let milestone = json!({ "projectKey": "pr", "year": 2021, "table": "PLANNED", "number": 1, "title": "T" });
    let figure = |value: &str, unit: &str| json!({ "value": value, "status": "REPORTED", "unit": unit });
    let wrong = json!({
        "indicatorKey": "i-1", "period": "2022", "figure": figure("1", "COUNT"),
        "change": figure("9.00", "RATIO"), "changeFrom": "2020",
    });
    let round = json!({ "round": { "key": "r", "planKey": "p", "label": "R", "referenceDate": "2021-03-31", "deadline": "2021-04-15" } });
    small.import(json!({ "rows": [project, { "milestone": milestone }, { "observation": wrong }, round] }));
    let mut tokens: BTreeMap<&str, String> = ROLES[..2].iter().map(|role| (*role, token(small.data(), role))).collect();
    tokens.insert("admin", token(small.data(), "admin"));
    tokens.insert("import", small.token.clone());
    run(small.data(), &["token", "create", "--role", "admin", "--name", "gone"]);
    let before = journal(small.data());

    let fields = small.server.ask("{ __schema { mutationType { fields { name } } } }");
    let mut known: Vec<&str> = mutations().iter().map(|mutation| mutation.0).collect();
    let mut there: Vec<&str> = fields["__schema"]["mutationType"]["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    known.sort_unstable();
    there.sort_unstable();
    assert_eq!(known, there, "a mutation is missing in this test");

    for (name, ty, weakest, input) in mutations() {
        let query = format!("mutation($input: {ty}!) {{ {name}(input: $input) {{ status problems {{ code }} }} }}");
        let place = |role: &str| ROLES.iter().position(|known| *known == role);
        for role in [None, Some("read"), Some("edit"), Some("import"), Some("admin")] {
            for dry_run in [true, false] {
                let may = role.is_some_and(|role| place(role) >= place(weakest));
                let mut input = with_common(input.clone());
                // What may be written is tried dry only, so that each finds the same register.
                input["dryRun"] = (dry_run || may).into();
                let token = role.map(|role| tokens[role].as_str());
                let answer = small.server.send(token, &query, json!({ "input": input }));
                if may {
                    assert_eq!(
                        answer.json["data"][name]["status"], "WOULD_COMMIT",
                        "{name}, {role:?}: {}",
                        answer.json
                    );
                } else {
                    assert_eq!(answer.error(), "FORBIDDEN", "{name}, {role:?}: {}", answer.json);
                    let message = answer.json["errors"][0]["message"].as_str().unwrap();
                    assert!(message.contains(&weakest.to_uppercase()), "{message}");
                }
                assert!(before == journal(small.data()), "{name} as {role:?} wrote to the journal");
            }
        }
    }
    for role in [None, Some("read"), Some("edit")] {
        let token = role.map(|role| tokens[role].as_str());
        let answer = small.server.lines(token, "idempotencyKey=l", &[measure("m-3")]);
        assert_eq!((answer.status, answer.error()), (403, "FORBIDDEN"), "{role:?}: {}", answer.json);
    }
    let answer = small.server.lines(Some("bt_nobody"), "idempotencyKey=l", &[measure("m-3")]);
    assert_eq!((answer.status, answer.error()), (401, "UNAUTHENTICATED"), "{}", answer.json);
    assert!(before == journal(small.data()), "refused lines wrote to the journal");
    assert_eq!(small.server.revision(), 2);
}

#[test]
fn a_token_that_is_not_good_opens_nothing() {
    let small = Small::new();
    let good = run(small.data(), &["token", "create", "--role", "admin", "--name", "gone"]);
    let good = good.trim();
    let (name, ty, _, input) = mutations().remove(0);
    let query = format!("mutation($input: {ty}!) {{ {name}(input: $input) {{ status }} }}");
    let mut input = with_common(input);
    input["dryRun"] = true.into();
    let body = json!({ "query": query, "variables": { "input": input } }).to_string();
    let send = |authorization: &str| {
        let headers = [("Content-Type", "application/json"), ("Authorization", authorization)];
        let answer = small.server.post(&headers, body.as_bytes());
        (answer.status, answer.error().to_owned())
    };
    assert_eq!(send(&format!("Bearer {good}")), (200, String::new()));
    // The server takes notice of a revocation at once.
    run(small.data(), &["token", "revoke", "gone"]);
    let before = journal(small.data());
    for bad in [
        format!("Bearer {good}"),
        format!("Bearer {}x", small.token),
        format!("Bearer {}", &small.token[1..]),
        small.token.clone(),
        format!("Basic {}", small.token),
        "Bearer".into(),
        "Bearer ".into(),
        String::new(),
    ] {
        assert_eq!(send(&bad), (401, "UNAUTHENTICATED".into()), "`{bad}`");
    }
    assert!(before == journal(small.data()), "a refusal wrote to the journal");
}
