//! Every mutation, for every kind of record and body, by everybody and over every transport: what is refused leaves no trace.

use std::collections::BTreeMap;
use std::path::Path;

use boordtabel::model::Kind;
use serde_json::{Value as Json, json};

use crate::import::roles::mutations;
use crate::live::local::Socket;
use crate::server::{Plan, journal, run, with_common};

/// Who asks: a token, how it is called, and what it may at most.
struct Who {
    name: &'static str,
    token: Option<String>,
    role: Option<&'static str>,
}

const ROLES: [&str; 4] = ["read", "edit", "import", "admin"];

fn rank(role: Option<&str>) -> Option<usize> {
    ROLES.iter().position(|known| Some(*known) == role)
}

fn everybody(data: &Path) -> Vec<Who> {
    let create = |name: &str, role: &str, more: &[&str]| {
        let arguments = [&["token", "create", "--role", role, "--name", name], more].concat();
        run(data, &arguments).trim().to_owned()
    };
    let mut all = vec![
        Who { name: "nobody", token: None, role: None },
        Who { name: "a token that is none", token: Some("bt_none".into()), role: None },
        Who { name: "a revoked administrator", token: Some(create("revoked", "admin", &[])), role: None },
        Who {
            name: "an administrator of long ago",
            token: Some(create("expired", "admin", &["--expires", "1s"])),
            role: None,
        },
    ];
    run(data, &["token", "revoke", "revoked"]);
    for role in ROLES {
        all.push(Who { name: role, token: Some(create(&format!("matrix-{role}"), role, &[])), role: Some(role) });
    }
    all
}

/// A way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Transport {
    Post,
    Get,
    Events,
    Socket,
}

const TRANSPORTS: [Transport; 4] = [Transport::Post, Transport::Get, Transport::Events, Transport::Socket];

/// What came back, as text: enough to tell a refusal.
fn send(plan: &Plan, transport: Transport, token: Option<&str>, query: &str, input: &Json) -> String {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(crate::server::DEADLINE))
        .build()
        .into();
    let variables = json!({ "input": input });
    let bearer = token.map(|token| format!("Bearer {token}"));
    let url = format!("{}/graphql", plan.server.url);
    let answer = match transport {
        Transport::Post | Transport::Events => {
            let accept = if transport == Transport::Post { "application/json" } else { "text/event-stream" };
            let mut request = agent.post(&url).header("Content-Type", "application/json").header("Accept", accept);
            if let Some(bearer) = &bearer {
                request = request.header("Authorization", bearer);
            }
            request.send(json!({ "query": query, "variables": variables }).to_string())
        }
        Transport::Get => {
            let mut request = agent.get(&url).query("query", query).query("variables", variables.to_string());
            if let Some(bearer) = &bearer {
                request = request.header("Authorization", bearer);
            }
            request.call()
        }
        Transport::Socket => {
            let address = plan.server.url["http://".len()..].parse().unwrap();
            let mut socket = Socket::connect(address, &[]);
            let payload = bearer.map_or(Json::Null, |bearer| json!({ "Authorization": bearer }));
            socket.send(&json!({ "type": "connection_init", "payload": payload }));
            match socket.next() {
                Err(closed) => return format!("{closed:?}"),
                Ok(told) => assert_eq!(told["type"], "connection_ack"),
            }
            let payload = json!({ "query": query, "variables": variables });
            socket.send(&json!({ "type": "subscribe", "id": "m", "payload": payload }));
            return socket.next().map_or_else(|closed| format!("{closed:?}"), |told| told.to_string());
        }
    };
    answer.unwrap().body_mut().read_to_string().unwrap()
}

fn is_refused(told: &str) -> bool {
    ["FORBIDDEN", "UNAUTHENTICATED", "METHOD_NOT_ALLOWED", "code: 4403", "\"status\":\"REJECTED\""]
        .iter()
        .any(|word| told.contains(word))
}

#[test]
fn whoever_may_not_leaves_no_trace_over_any_transport() {
    let plan = Plan::served("import");
    let data = plan.folder.path();
    let all = everybody(data);
    crate::live::local::wait_until("the token expires", || {
        plan.server.send(all[3].token.as_deref(), "{ __typename }", json!({})).status == 401
    });
    let before = journal(data);
    let mut cells = 0;
    for (name, ty, weakest, input) in mutations() {
        let query = format!("mutation($input: {ty}!) {{ {name}(input: $input) {{ status }} }}");
        for who in &all {
            let may = who.role.is_some() && rank(who.role) >= rank(Some(weakest));
            for transport in TRANSPORTS {
                // Whoever may is tried where nobody may: what it does elsewhere, others test.
                if may && transport != Transport::Get {
                    continue;
                }
                let told = send(&plan, transport, who.token.as_deref(), &query, &with_common(input.clone()));
                assert!(is_refused(&told), "{name} by {} over {transport:?}: {told}", who.name);
                assert!(journal(data) == before, "{name} by {} over {transport:?} wrote to the journal", who.name);
                cells += 1;
            }
        }
    }
    assert!(cells > 200, "{cells} cells");
}

/// A record that there is, with what each mutation that takes records of any kind would do with it.
struct About {
    kind: Kind,
    inputs: Vec<(&'static str, &'static str, Json)>,
}

/// The inputs that go through when somebody sends them who may: what refuses them then is the right alone.
fn about(plan: &Plan, admin: &str, kind: Kind) -> About {
    let (status, text) = plan.server.get(&format!("/export/{}.jsonl", kind.file()));
    assert_eq!(status, 200, "{kind}");
    let rows: Vec<Json> = text.lines().take(2).map(|line| serde_json::from_str(line).unwrap()).collect();
    let list = kind.many();
    let found = plan.server.ask(&format!("{{ {list}(first: 2) {{ nodes {{ key }} }} }}"));
    let key = |at: usize| found[list]["nodes"][at]["key"].clone();
    let goes_through = |name: &str, ty: &str, input: &Json| {
        let mut input = with_common(input.clone());
        input["dryRun"] = true.into();
        let query = format!("mutation($input: {ty}!) {{ {name}(input: $input) {{ status }} }}");
        let answer = plan.server.send(Some(admin), &query, json!({ "input": input }));
        answer.json["data"][name]["status"] == "WOULD_COMMIT"
    };
    let mut inputs = Vec::new();
    // The row with one of its texts changed.
    let changed = rows.first().and_then(|row| {
        let fields = row[kind.one()].as_object().unwrap();
        let texts = fields.iter().filter_map(|(name, value)| Some((name, value.as_str()?)));
        let mut changed = texts.map(|(name, text)| {
            let mut row = row.clone();
            row[kind.one()][name] = format!("{text} x").into();
            json!({ "rows": [row] })
        });
        changed.find(|input| goes_through("importRows", "ImportRowsInput", input))
    });
    inputs.extend(changed.map(|input| ("importRows", "ImportRowsInput", input)));
    let word = kind.word();
    let others = [
        ("deleteRecords", "DeleteRecordsInput", json!({ "records": [{ "kind": word, "key": key(0) }] })),
        ("renameRecord", "RenameRecordInput", json!({ "kind": word, "key": key(0), "to": "renamed" })),
        ("mergeRecords", "MergeRecordsInput", json!({ "kind": word, "key": key(0), "into": key(1) })),
    ];
    inputs.extend(others.into_iter().filter(|(name, ty, input)| goes_through(name, ty, input)));
    About { kind, inputs }
}

#[test]
fn no_kind_of_record_can_be_written_without_its_role_or_for_another_body() {
    let plan = Plan::served("import");
    let data = plan.folder.path();
    let token = |name: &str, role: &str, more: &[&str]| {
        let arguments = [&["token", "create", "--role", role, "--name", name], more].concat();
        run(data, &arguments).trim().to_owned()
    };
    let rows = json!([{ "organisation": { "key": "zz-another", "name": "Another body" } }]);
    assert_eq!(plan.server.import(&plan.token, json!({ "rows": rows }))["status"], "COMMITTED");
    let admin = token("m-admin", "admin", &[]);
    let edition =
        "mutation { tagEdition(input: { name: \"printed\", reason: \"test\", idempotencyKey: \"tag\" }) { status } }";
    let tagged = plan.server.send(Some(&admin), edition, json!({}));
    assert_eq!(tagged.json["data"]["tagEdition"]["status"], "COMMITTED", "{}", tagged.json);
    let all: BTreeMap<&str, Option<String>> = BTreeMap::from([
        ("nobody", None),
        ("a token that is none", Some("bt_none".into())),
        ("read", Some(token("m-read", "read", &[]))),
        ("edit", Some(token("m-edit", "edit", &[]))),
        ("an importer of another body", Some(token("m-import", "import", &["--body", "zz-another"]))),
        ("an administrator of another body", Some(token("m-body", "admin", &["--body", "zz-another"]))),
    ]);
    let is_long = std::env::var_os("BOORDTABEL_LONG").is_some();
    let before = journal(data);
    let (mut cells, mut kinds) = (0, 0);
    for kind in Kind::ALL {
        let about = about(&plan, &admin, *kind);
        assert!(journal(data) == before, "trying {kind} wrote to the journal");
        kinds += usize::from(!about.inputs.is_empty());
        for (name, ty, input) in &about.inputs {
            let query = format!("mutation($input: {ty}!) {{ {name}(input: $input) {{ status }} }}");
            for (who, token) in &all {
                // Every day each cell goes one way, and all ways are gone.
                let ways = TRANSPORTS.iter().enumerate().filter(|(at, _)| is_long || at % 4 == cells % 4);
                for (_, transport) in ways {
                    let told = send(&plan, *transport, token.as_deref(), &query, &with_common(input.clone()));
                    let is_forbidden = told.contains("REJECTED") || !is_refused(&told);
                    assert!(!is_forbidden, "{name} of {} by {who} over {transport:?}: {told}", about.kind);
                    assert!(journal(data) == before, "{name} of {} by {who} wrote to the journal", about.kind);
                }
                if *name == "importRows" {
                    let rows = input["rows"].as_array().unwrap();
                    let answer = plan.server.lines(token.as_deref(), &format!("idempotencyKey={kind}-{cells}"), rows);
                    let refused = matches!(answer.status, 401 | 403);
                    assert!(refused, "{kind} by {who} over /import: {} {}", answer.status, answer.json);
                    assert!(journal(data) == before, "{kind} by {who} over /import wrote to the journal");
                }
                cells += 1;
            }
        }
    }
    println!("{cells} cells of {kinds} kinds");
    assert!(kinds > 20 && cells > 300, "{cells} cells of {kinds} kinds");
}
