//! The audit log, and what logs say of requests.

use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};

use crate::server::{journal, with_common};
use crate::support::{self, Server, arg};

pub fn lines(data: &Path) -> Vec<Json> {
    let text = fs::read_to_string(data.join("audit/00000001.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_write_refusal_and_act_is_noted_with_its_origin() {
    let home = tempfile::tempdir().unwrap();
    let token = crate::server::token(home.path(), "import");
    let reader = crate::server::token(home.path(), "read");
    let server = Server::start(&["--data", arg(home.path()), "--log", "error", "--trusted-proxy", "127.0.0.1"]);
    let send = |token: &str, rows: &Json| {
        let input = with_common(json!({ "rows": rows, "reason": "of the test" }));
        let body = json!({ "query": crate::server::IMPORT, "variables": { "input": input } }).to_string();
        let bearer = format!("Bearer {token}");
        server.post_bytes(body.as_bytes(), &[("Authorization", &bearer), ("X-Forwarded-For", "192.0.2.7")])
    };
    let good = json!([{ "organisation": { "key": "body", "name": "Body" } }]);
    let bad = json!([{ "organisation": { "key": "body", "nome": "Body" } }]);
    let committed = send(&token, &good);
    assert_eq!(committed.json()["data"]["importRows"]["status"], "COMMITTED");
    send(&token, &bad);
    let before = journal(home.path());
    send(&reader, &good);
    let wrong =
        send("bt_\nwrong\u{7f}".trim_matches(|letter: char| letter.is_control()).split('\n').next().unwrap(), &good);
    assert_eq!(wrong.status, 401);
    assert_eq!(journal(home.path()), before);
    crate::server::run(home.path(), &["token", "revoke", "read"]);

    let all = lines(home.path());
    let find = |what: &str, outcome: &str| {
        all.iter()
            .find(|line| line["what"] == what && line["outcome"] == outcome)
            .unwrap_or_else(|| panic!("no {what} {outcome} in {all:#?}"))
    };
    let id = committed.header("x-request-id");
    let write = find("write", "COMMITTED");
    assert_eq!((&write["who"], &write["revision"]), (&json!("import"), &json!(1)));
    assert_eq!(write["from"], format!("192.0.2.7 request {id}"));
    assert!(
        write["about"].as_str().unwrap().contains("1 created")
            && write["about"].as_str().unwrap().ends_with("of the test"),
        "{write}"
    );
    assert_eq!(find("write", "REJECTED")["who"], "import");
    assert_eq!(find("write", "REFUSED")["who"], "read");
    assert_eq!(find("request", "401")["from"], format!("192.0.2.7 request {}", wrong.header("x-request-id")));
    assert_eq!(find("token create", "DONE")["from"], "this machine");
    find("token revoke", "DONE");
    find("serve", "DONE");
    let text = all.iter().map(Json::to_string).collect::<String>();
    assert!(!text.contains(&token) && !text.contains("nome"), "neither tokens nor what was sent");

    let verified = crate::server::run(home.path(), &["verify"]);
    assert!(verified.contains(&format!("audit log: {} lines, whole", lines(home.path()).len())), "{verified}");
    let path = home.path().join("audit/00000001.jsonl");
    let changed = fs::read_to_string(&path).unwrap().replacen("192.0.2.7", "192.0.2.8", 1);
    fs::write(&path, changed).unwrap();
    let found = support::run(["verify", "--data", arg(home.path())]);
    assert!(found.code == Some(3) && found.stderr.contains("00000001.jsonl`, line "), "{found:?}");
}

#[test]
fn every_verb_that_manages_a_register_is_noted_also_beside_a_server() {
    let home = tempfile::tempdir().unwrap();
    let path = |name: &str| home.path().join(name);
    let data = path("data");
    let run = |data: &Path, arguments: &[&str]| crate::server::run(data, arguments);
    run(&data, &["load", concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/dwse-2021")]);
    let server = Server::start(&["--data", arg(&data), "--log", "error"]);
    // The server goes on with what these have written, and they with what it has.
    run(&data, &["token", "create", "--role", "read", "--name", "one"]);
    run(&data, &["backup", arg(&path("backup"))]);
    run(&data, &["token", "rotate", "one"]);
    run(&data, &["dump", "--out", arg(&path("dump"))]);
    run(&data, &["token", "revoke", "one"]);
    let refused = server.post_bytes(b"{\"query\":\"{__typename}\"}", &[("Authorization", "Bearer bt_none")]);
    assert_eq!(refused.status, 401);
    drop(server);
    let rename = ["rename", "measure/invoeg", "invoegen", "--key", "k1", "--reason", "of the test"];
    run(&data, &rename);
    run(&data, &["rebuild-store"]);
    run(&path("restored"), &["restore", arg(&path("backup"))]);
    run(&path("loaded"), &["load", "--history", arg(&path("dump"))]);
    run(&data, &["salvage", arg(&path("salvaged"))]);
    let acts = |data: &Path| -> Vec<String> {
        let told = |line: &Json| format!("{} {}", line["what"].as_str().unwrap(), line["outcome"].as_str().unwrap());
        lines(data).iter().map(told).collect()
    };
    let expected = [
        "write COMMITTED",
        "serve DONE",
        "token create DONE",
        "backup DONE",
        "token rotate DONE",
        "dump DONE",
        "token revoke DONE",
        "request 401",
        "write COMMITTED",
        "rebuild-store DONE",
    ];
    assert_eq!(acts(&data), expected);
    for (name, act) in [("restored", "restore DONE"), ("loaded", "load --history DONE"), ("salvaged", "salvage DONE")] {
        assert_eq!(acts(&path(name)), [act]);
        assert!(run(&path(name), &["verify"]).contains("audit log: 1 lines, whole"));
    }
    assert!(run(&data, &["verify"]).contains("audit log: 10 lines, whole"));
}

#[test]
fn no_client_writes_lines_into_the_log() {
    let server = Server::start(&["--demo", "--log", "info,access=debug,boordtabel=debug"]);
    let paths = ["/%0A2026-01-01T00:00:00Z%20ERROR%20forged", "/%1B[2Jforged", "/%0D%0Aforged"];
    for path in paths {
        server.get(path, &[("X-Request-Id", "forged"), ("User-Agent", "forged")]);
    }
    let answer = server.get("/livez", &[]);
    let id = answer.header("x-request-id").to_owned();
    assert!(!id.is_empty() && server.log.wait_for(&id, support::DEADLINE).is_some());
    let seen = server.log.seen();
    assert!(!seen.contains('\u{1b}') && !seen.contains('\r'), "{seen}");
    assert!(seen.lines().all(|line| !line.starts_with("2026-01-01") && !line.starts_with("forged")), "{seen}");
}
