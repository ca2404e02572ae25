//! Documents that are named instead of sent.

use serde_json::{Value as Json, json};

use super::assert_refused;
use crate::support::{Answer, DEADLINE, Server, arg, boordtabel, end, folder, shared};

const QUERY: &str = "query Name($key: String!) { measure(key: $key) { name } }";
/// Its SHA-256.
const HASH: &str = "2f78e315923436451d8b8697b52e9a33937090818bb72b89bc33e6d19cbabe22";

fn expected() -> Json {
    json!({ "measure": { "name": "Invoeg" } })
}

fn ask(server: &Server, mut members: Json) -> Answer {
    members["variables"] = json!({ "key": "invoeg" });
    server.post(&members)
}

fn by_hash(hash: &str) -> Json {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

#[test]
fn automatic_persisted_queries() {
    let server = Server::demo();
    let unknown = ask(&server, json!({ "extensions": by_hash(HASH) }));
    assert_refused(&unknown, 200, "PERSISTED_QUERY_NOT_FOUND");
    assert_eq!(unknown.json()["errors"][0]["message"], "PersistedQueryNotFound", "what clients look for");
    let sent = ask(&server, json!({ "query": QUERY, "extensions": by_hash(HASH) }));
    assert_eq!(sent.json()["data"], expected());
    let named = ask(&server, json!({ "extensions": by_hash(HASH) }));
    assert_eq!(named.json()["data"], expected());
    let address = format!(
        "/graphql?variables=%7B%22key%22%3A%22invoeg%22%7D&extensions=%7B%22persistedQuery%22%3A%7B%22version%22%3A1%2C%22sha256Hash%22%3A%22{HASH}%22%7D%7D"
    );
    let by_get = server.get(&address, &[]);
    assert_eq!(by_get.json()["data"], expected(), "{}", by_get.text());
    assert!(!by_get.header("etag").is_empty());

    let wrong = ask(&server, json!({ "query": "{ __typename }", "extensions": by_hash(HASH) }));
    assert_refused(&wrong, 400, "BAD_REQUEST");
    assert_refused(&ask(&server, json!({ "extensions": by_hash("abc") })), 400, "BAD_REQUEST");
    let version = json!({ "extensions": { "persistedQuery": { "version": 2, "sha256Hash": HASH } } });
    assert_refused(&ask(&server, version), 400, "BAD_REQUEST");
}

#[test]
fn what_clients_send_takes_only_so_much_memory() {
    let server = Server::start(&["--demo", "--limit", "documents_bytes=3000"]);
    ask(&server, json!({ "query": QUERY, "extensions": by_hash(HASH) }));
    assert_eq!(ask(&server, json!({ "extensions": by_hash(HASH) })).json()["data"], expected());
    // Others take the place of those that nobody asks for again.
    let other = |number: usize| {
        let query = format!("query Q{number} {{ __typename }}");
        let digest = ring::digest::digest(&ring::digest::SHA256, query.as_bytes());
        let hash: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        (query, hash)
    };
    for (query, hash) in (0..200).map(other) {
        ask(&server, json!({ "query": query, "extensions": by_hash(&hash) }));
    }
    let is_known = |hash: &str| ask(&server, json!({ "extensions": by_hash(hash) })).json().get("data").is_some();
    let known = (0..200).map(other).filter(|(_, hash)| is_known(hash)).count();
    assert!((1..=30).contains(&known), "{known} of some 150 bytes each in 3 000");
}

#[test]
fn documents_of_a_folder() {
    let manifest = json!({ "relay-7": "{ measures { totalCount } }" }).to_string();
    let documents = folder(&[("name.graphql", QUERY), ("manifest.json", &manifest), ("README.md", "nothing of this")]);
    let path = arg(documents.path());
    let id = format!("sha256:{HASH}");
    let open = Server::start(&["--demo", "--documents", path]);
    let closed = Server::start(&["--demo", "--documents", path, "--only-persisted"]);
    for server in [&open, &closed] {
        assert_eq!(ask(server, json!({ "documentId": id })).json()["data"], expected());
        assert_eq!(server.post(&json!({ "documentId": "relay-7" })).json()["data"]["measures"]["totalCount"], 56);
        let by_get = server.get(&format!("/graphql?documentId={id}&variables=%7B%22key%22%3A%22invoeg%22%7D"), &[]);
        assert_eq!(by_get.json()["data"], expected());
        assert_eq!(ask(server, json!({ "extensions": by_hash(HASH) })).json()["data"], expected());
        assert_eq!(ask(server, json!({ "query": QUERY })).json()["data"], expected(), "its text will do as well");
        assert_refused(&server.post(&json!({ "documentId": "relay-8" })), 400, "PERSISTED_QUERY_NOT_FOUND");
        assert_refused(&server.post(&json!({ "documentId": "relay-7", "query": QUERY })), 400, "BAD_REQUEST");
    }
    assert_eq!(open.ask("{ __typename }")["__typename"], "Query");
    let other = json!({ "query": "{ __typename }" });
    assert_refused(&closed.post(&other), 400, "PERSISTED_QUERY_ONLY");
    let unknown = "a".repeat(64);
    assert_refused(&closed.post(&json!({ "extensions": by_hash(&unknown) })), 200, "PERSISTED_QUERY_NOT_SUPPORTED");

    let none = end(boordtabel().args(["serve", "--demo", "--only-persisted"]));
    assert!(none.code == Some(2) && none.stderr.contains("--documents"), "{none:?}");
    let broken = folder(&[("manifest.json", "[]")]);
    let broken = end(boordtabel().args(["serve", "--demo", "--documents", arg(broken.path())]));
    assert!(broken.code == Some(2) && broken.stderr.contains("manifest.json"), "{broken:?}");
}

#[test]
fn documents_are_compiled_at_the_start_and_a_wrong_one_is_told() {
    let several = "query One { measures { totalCount } } query Two { plans { totalCount } }";
    let manifest = json!({ "good": QUERY, "several": several, "old": "query Old { measures { nodes { nmae } } }" });
    let files = folder(&[("manifest.json", &manifest.to_string()), ("torn.graphql", "query Torn {\n  measures {")]);
    let path = arg(files.path());
    // Nothing else is kept, so what is asked is answered from what was compiled at the start.
    let server = Server::start(&["--demo", "--documents", path, "--only-persisted", "--limit", "operations_bytes=0"]);
    let told = |what: &str| server.log.wait_for(what, DEADLINE).unwrap_or_else(|| panic!("{}", server.log.seen()));
    let old = told("manifest.json, `old`");
    assert!(old.contains("line 1, column 32: ") && old.contains("nmae") && old.contains("`name`"), "{old}");
    let torn = told("torn.graphql");
    assert!(torn.contains("line 2, column ") && torn.matches("line 2").count() == 1, "{torn}");
    assert_eq!(server.log.seen().matches("a document is wrong").count(), 2, "{}", server.log.seen());
    assert_eq!(ask(&server, json!({ "documentId": "good" })).json()["data"], expected());
    let two = server.post(&json!({ "documentId": "several", "operationName": "Two" })).json();
    assert_eq!(two["data"]["plans"]["totalCount"], 1, "{two}");
    let refused = server.post(&json!({ "documentId": "old" })).json();
    assert_eq!(refused["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED", "{refused}");
}

#[test]
fn pages_of_other_sites_read_what_they_may() {
    const ORIGIN: &str = "https://board.example.org";
    let server = Server::start(&[
        "--demo",
        "--cors-origin",
        ORIGIN,
        "--cors-origin",
        "http://localhost:5173",
        "--cors-header",
        "X-Team,X-Board",
    ]);
    let asks = |origin: &str| {
        let headers = [
            ("Origin", origin),
            ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", "content-type,authorization"),
        ];
        server.send("OPTIONS", "/graphql", &headers, None)
    };
    let yes = asks(ORIGIN);
    assert_eq!((yes.status, yes.header("access-control-allow-origin")), (204, ORIGIN));
    assert!(yes.header("access-control-allow-methods").contains("POST"));
    let may_send = yes.header("access-control-allow-headers").to_ascii_lowercase();
    let may_send: Vec<&str> = may_send.split(", ").collect();
    for header in [
        "content-type",
        "authorization",
        "boordtabel-min-revision",
        "apollographql-client-name",
        "apollographql-client-version",
        "apollo-require-preflight",
        "traceparent",
        "tracestate",
        "baggage",
        "sentry-trace",
        "x-team",
        "x-board",
    ] {
        assert!(may_send.contains(&header), "{header}: {may_send:?}");
    }
    let read = server.send(
        "POST",
        "/graphql",
        &[("Origin", ORIGIN), ("Content-Type", "application/json")],
        Some(b"{\"query\":\"{__typename}\"}"),
    );
    assert_eq!((read.status, read.header("access-control-allow-origin")), (200, ORIGIN));
    assert!(read.header("access-control-expose-headers").contains("ETag"));
    for answer in [&yes, &read] {
        assert_eq!(
            answer.header("access-control-allow-credentials"),
            "",
            "there is nothing for a browser to send of itself"
        );
    }
    for foreign in
        ["https://evil.example", "https://board.example.org.evil.example", "http://board.example.org", "null"]
    {
        assert_refused(&asks(foreign), 405, "METHOD_NOT_ALLOWED");
        let read = server.get("/graphql?query=%7B__typename%7D", &[("Origin", foreign)]);
        assert_eq!((read.status, read.header("access-control-allow-origin")), (200, ""), "{foreign}");
    }
    // What a form of another site can send without asking is not taken.
    for media_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
        let headers = [("Origin", "https://evil.example"), ("Content-Type", media_type)];
        let form = server.send("POST", "/graphql", &headers, Some(b"{\"query\":\"mutation{x}\"}"));
        assert_refused(&form, 415, "UNSUPPORTED_MEDIA_TYPE");
    }
    let opens = |origin: &str| {
        let head = format!(
            "GET /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\nOrigin: {origin}\r\n\r\n"
        );
        super::raw(&server, head.as_bytes())
    };
    assert!(opens(ORIGIN).starts_with("HTTP/1.1 101 "), "a socket of a page that may read");
    assert!(opens("https://evil.example").starts_with("HTTP/1.1 403 "), "none of another one");
    // By default nobody is let in; with `*` everybody, without credentials.
    assert_eq!(shared().get("/health", &[("Origin", ORIGIN)]).header("access-control-allow-origin"), "");
    let all = Server::start(&["--demo", "--cors-origin", "*"]);
    let read = all.get("/health", &[("Origin", "https://any.example")]);
    assert_eq!(
        (read.header("access-control-allow-origin"), read.header("access-control-allow-credentials")),
        ("*", "")
    );
    let wrong = end(boordtabel().args(["serve", "--demo", "--cors-origin", "board.example.org"]));
    assert!(wrong.code == Some(2) && wrong.stderr.contains("is no origin"), "{wrong:?}");
    let wrong = end(boordtabel().args(["serve", "--demo", "--cors-header", "X-Team: a"]));
    assert!(wrong.code == Some(2) && wrong.stderr.contains("is no name of a header"), "{wrong:?}");
}
