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

#[test]
fn no_kind_of_record_can_be_written_without_its_role_or_for_another_body() {
    let plan = Plan::served("import");
    let data = plan.folder.path();
    let token = |name: &str, role: &str, more: &[&str]| {
        let arguments = [&["token", "create", "--role", role, "--name", name], more].concat();
        run(data, &arguments).trim().to_owned()
    };
    let rows = json!([{ "organisation": { "key": "another", "name": "Another body" } }]);
    assert_eq!(plan.server.import(&plan.token, json!({ "rows": rows }))["status"], "COMMITTED");
    let all: BTreeMap<&str, Option<String>> = BTreeMap::from([
        ("nobody", None),
        ("read", Some(token("m-read", "read", &[]))),
        ("edit", Some(token("m-edit", "edit", &[]))),
        ("an importer of another body", Some(token("m-body", "import", &["--body", "another"]))),
    ]);
    let query = "mutation($input: DeleteRecordsInput!) { deleteRecords(input: $input) { status } }";
    let before = journal(data);
    let mut stored = 0;
    for kind in Kind::ALL {
        // A record that there is, so that nothing but the right is missing.
        let list = kind.many();
        let first = plan.server.ask(&format!("{{ {list}(first: 1) {{ nodes {{ key }} }} }}"));
        let key = first[list]["nodes"][0]["key"].as_str().map(str::to_owned);
        stored += usize::from(key.is_some());
        let key = key.unwrap_or_else(|| "nothing".into());
        if *kind == Kind::Organisation && key == "another" {
            continue;
        }
        let input = json!({ "records": [{ "kind": kind.word(), "key": key }] });
        for (who, token) in &all {
            for transport in [Transport::Post, Transport::Socket] {
                let told = send(&plan, transport, token.as_deref(), query, &with_common(input.clone()));
                assert!(is_refused(&told), "{kind} by {who} over {transport:?}: {told}");
            }
            let row = json!({ kind.one(): { "key": key } });
            let answer = plan.server.lines(token.as_deref(), &format!("idempotencyKey={kind}-{}", who.len()), &[row]);
            let refused = answer.status == 403 || answer.json["status"] == "REJECTED";
            assert!(refused, "{kind} by {who} over /import: {} {}", answer.status, answer.json);
            assert!(journal(data) == before, "{kind} by {who} wrote to the journal");
        }
    }
    assert!(stored > 20, "only {stored} kinds have a record");
}
