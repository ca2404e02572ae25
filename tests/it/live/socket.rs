//! The protocol, message by message.

use boordtabel::commit::access::Role;
use boordtabel::graphql::core::limits::Limits;
use boordtabel::http::Cors;
use serde_json::{Value as Json, json};
use tungstenite::Message;
use tungstenite::protocol::frame::Frame;
use tungstenite::protocol::frame::coding::{Data, OpCode};

use super::local::{Local, Socket};

const FOLLOW: &str = "subscription { changes(after: 0) { behind commit { revision } } }";

fn revision(message: &Json) -> (&str, u64) {
    let revision = &message["payload"]["data"]["changes"]["commit"]["revision"];
    (message["id"].as_str().unwrap(), revision.as_u64().unwrap_or_else(|| panic!("{message}")))
}

#[test]
fn queries_mutations_and_subscriptions_share_a_socket() {
    let server = Local::start(Limits::default());
    let token = server.ledger.create_token("writer", Role::Import, 0).unwrap();
    let mut socket = server.socket();
    socket.init(&json!({ "Authorization": format!("Bearer {token}") }));

    socket.subscribe("q", "{ register { revision } }");
    let answer = socket.next().unwrap();
    assert_eq!((&answer["id"], &answer["type"]), (&"q".into(), &"next".into()));
    assert_eq!(answer["payload"]["data"], json!({ "register": { "revision": 0 } }));
    assert_eq!(answer["payload"]["extensions"]["revision"], 0);
    assert_eq!(socket.next().unwrap(), json!({ "id": "q", "type": "complete" }));

    socket.subscribe("a", FOLLOW);
    socket.subscribe("b", FOLLOW);
    assert!(socket.is_quiet(), "nothing happened yet");
    let rows = json!([{ "organisation": { "key": "body", "name": "Body" } }]);
    let input = json!({ "reason": "test", "idempotencyKey": "over-a-socket", "rows": rows });
    let query = "mutation($input: ImportRowsInput!) { importRows(input: $input) { status } }";
    socket.send(
        &json!({ "type": "subscribe", "id": "m", "payload": { "query": query, "variables": { "input": input } } }),
    );
    let mut came: Vec<Json> = (0..4).map(|_| socket.next().unwrap()).collect();
    came.sort_by_key(|message| message["id"].to_string() + message["type"].as_str().unwrap());
    assert_eq!((revision(&came[0]), revision(&came[1])), (("a", 1), ("b", 1)));
    assert_eq!(came[3]["payload"]["data"]["importRows"]["status"], "COMMITTED");
    assert_eq!(came[2], json!({ "id": "m", "type": "complete" }));

    // One is stopped, the other goes on; then the id is free again.
    socket.send(&json!({ "type": "complete", "id": "a" }));
    assert!(socket.is_quiet());
    server.commit_name("Other");
    assert_eq!(revision(&socket.next().unwrap()), ("b", 2));
    socket.subscribe("a", FOLLOW);
    assert_eq!(revision(&socket.next().unwrap()), ("a", 1));
    assert_eq!(revision(&socket.next().unwrap()), ("a", 2));
    assert!(socket.is_quiet());

    socket.0.close(None).unwrap();
    assert_eq!(socket.ends().code, 1000, "the server agrees");
}

#[test]
fn what_is_refused_says_why_and_leaves_the_socket_open() {
    let server = Local::start(Limits::default());
    let mut socket = server.socket().ready();
    for (query, code) in [
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("subscription { changes(after: 7) { behind } }", "REVISION_UNAVAILABLE"),
        ("subscription { a: changes { behind } b: changes { behind } }", "GRAPHQL_VALIDATION_FAILED"),
    ] {
        socket.subscribe("x", query);
        let error = socket.next().unwrap();
        assert_eq!((&error["id"], &error["type"]), (&"x".into(), &"error".into()), "{query}");
        assert_eq!(error["payload"][0]["extensions"]["code"], code, "{query}");
    }
    // An error of a field is part of an answer.
    socket.subscribe(
        "x",
        "mutation { deleteRecords(input: { reason: \"r\", idempotencyKey: \"k\", records: [] }) { status } }",
    );
    let answer = socket.next().unwrap();
    assert_eq!(
        (&answer["type"], &answer["payload"]["errors"][0]["extensions"]["code"]),
        (&"next".into(), &"FORBIDDEN".into())
    );
    assert_eq!(socket.next().unwrap(), json!({ "id": "x", "type": "complete" }));
    assert!(socket.is_quiet());
}

#[test]
fn a_document_may_be_named_by_its_hash() {
    let server = Local::start(Limits::default());
    let mut socket = server.socket().ready();
    let query = "{ register { revision } }";
    // SHA-256 of that text.
    let hash = "2d9a95dfcc0c42d20241e276960a33bf8e8d85dcd9eb32fb26f727dfd850ca96";
    let mut send = |payload: Json| {
        socket.send(&json!({ "type": "subscribe", "id": "a", "payload": payload }));
        socket.next().unwrap()
    };
    let extensions = json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } });
    let unknown = send(json!({ "extensions": extensions }));
    assert_eq!(
        (&unknown["type"], &unknown["payload"][0]["message"]),
        (&"error".into(), &"PersistedQueryNotFound".into())
    );
    assert_eq!(send(json!({ "query": query, "extensions": extensions }))["type"], "next");
    assert_eq!(socket.next().unwrap()["type"], "complete");
    socket.send(&json!({ "type": "subscribe", "id": "a", "payload": { "extensions": extensions } }));
    assert_eq!(socket.next().unwrap()["payload"]["data"]["register"]["revision"], 0);
}

/// What a client sends, and the end that it comes to.
#[test]
fn each_breach_of_the_protocol_has_its_code() {
    let limits = Limits { live_init_ms: 300, socket_message_bytes: 4_000, socket_messages: 40, ..Limits::default() };
    let server = Local::start(limits);
    let subscribe = |id: &str| json!({ "type": "subscribe", "id": id, "payload": { "query": FOLLOW } }).to_string();
    let init = || json!({ "type": "connection_init" }).to_string();
    let invalid = "Invalid message received: ";
    for (sent, code, reason) in [
        (vec![], 4408, "Connection initialisation timeout"),
        (vec![json!({ "type": "ping" }).to_string()], 4408, "Connection initialisation timeout"),
        (vec![subscribe("a")], 4401, "Unauthorized"),
        (vec![init(), init()], 4429, "Too many initialisation requests"),
        (vec![init(), subscribe("a"), subscribe("a")], 4409, "Subscriber for a already exists"),
        (
            vec![json!({ "type": "connection_init", "payload": { "token": "bt_wrong" } }).to_string()],
            4403,
            "Forbidden: ",
        ),
        (
            vec![json!({ "type": "connection_init", "payload": { "authorization": "Basic x" } }).to_string()],
            4403,
            "Forbidden: ",
        ),
        (vec![json!({ "type": "connection_init", "payload": "x" }).to_string()], 4400, invalid),
        (vec!["no JSON".into()], 4400, invalid),
        (vec!["[]".into()], 4400, invalid),
        (vec!["{\"type\": \"ping\", \"type\": \"ping\"}".into()], 4400, invalid),
        (vec!["{}".into()], 4400, invalid),
        (vec![json!({ "type": "connection_ack" }).to_string()], 4400, invalid),
        (vec![init(), json!({ "type": "start", "id": "a" }).to_string()], 4400, invalid),
        (vec![init(), json!({ "type": "subscribe", "payload": { "query": FOLLOW } }).to_string()], 4400, invalid),
        (
            vec![init(), json!({ "type": "subscribe", "id": "", "payload": { "query": FOLLOW } }).to_string()],
            4400,
            invalid,
        ),
        (vec![init(), json!({ "type": "subscribe", "id": "a" }).to_string()], 4400, invalid),
        (vec![init(), json!({ "type": "subscribe", "id": "a", "payload": {} }).to_string()], 4400, invalid),
        (vec![init(), json!({ "type": "subscribe", "id": "a", "payload": { "query": 1 } }).to_string()], 4400, invalid),
        (vec![init(), json!({ "type": "complete" }).to_string()], 4400, invalid),
        (
            vec![" ".repeat(5_000)],
            1009,
            "LIMIT_EXCEEDED: bytes of a message: at most 4000 are allowed, found 5000; send it with POST",
        ),
        (
            vec![json!({ "type": "pong" }).to_string(); 41],
            1008,
            "LIMIT_EXCEEDED: messages over one socket within 10 s: at most 40 are allowed, found 41",
        ),
    ] {
        let mut socket = server.socket();
        sent.iter().for_each(|text| socket.send_text(text));
        let closed = std::iter::repeat_with(|| socket.next()).find_map(Result::err).unwrap();
        assert!(closed.code == code && closed.reason.starts_with(reason), "{sent:?} ends with {closed:?}");
    }
}

#[test]
fn frames_that_are_none_end_the_socket() {
    let server = Local::start(Limits { socket_message_bytes: 1_000, ..Limits::default() });
    let text = |is_last, code, bytes: Vec<u8>| Frame::message(bytes, OpCode::Data(code), is_last);
    for (frames, code) in [
        (vec![text(true, Data::Binary, vec![1])], 4400),
        (vec![text(true, Data::Text, vec![0xff])], 1007),
        (vec![text(true, Data::Continue, vec![b' '])], 1002),
        (vec![text(false, Data::Text, vec![b' ']), text(true, Data::Text, vec![b' '])], 1002),
        (vec![text(false, Data::Text, vec![b' '; 600]), text(false, Data::Continue, vec![b' '; 600])], 1009),
    ] {
        let mut socket = server.socket().ready();
        for frame in frames {
            socket.0.send(Message::Frame(frame)).unwrap();
        }
        assert_eq!(socket.ends().code, code);
    }
    // A message in pieces, with a ping between, is a message.
    let mut socket = server.socket().ready();
    for frame in [
        text(false, Data::Text, b"{\"type\":".to_vec()),
        Frame::ping(vec![7]),
        text(true, Data::Continue, b"\"ping\"}".to_vec()),
    ] {
        socket.0.send(Message::Frame(frame)).unwrap();
    }
    assert_eq!(socket.0.read().unwrap(), Message::Pong(vec![7].into()));
    assert_eq!(socket.next().unwrap(), json!({ "type": "pong" }));
}

#[test]
fn a_socket_is_opened_for_our_own_pages_and_for_programs() {
    let server = Local::start(Limits::default());
    let own = format!("http://{}", server.address);
    assert!(Socket::connect(server.address, &[("Origin", &own)]).ready().is_quiet());
    for foreign in [
        "https://elsewhere.example",
        "null",
        &format!("{own}.elsewhere.example"),
        &own.replace("127.0.0.1", "localhost"),
        &own.replace(&server.address.port().to_string(), "1"),
        // Of the same name and port, but of another site: we do not speak TLS there.
        &format!("ftp{}", own.trim_start_matches("http")),
    ] {
        let (status, body) = Socket::refused(server.address, &[("Origin", foreign)]);
        assert_eq!((status, &body["errors"][0]["extensions"]["code"]), (403, &"FORBIDDEN".into()), "{foreign}");
    }
    let others = Cors::new(vec!["https://board.example.org".into()], &[]).unwrap();
    let open = Local::open_to(Limits::default(), others);
    assert!(Socket::connect(open.address, &[("Origin", "https://board.example.org")]).ready().is_quiet());
    assert_eq!(Socket::refused(open.address, &[("Origin", "http://board.example.org")]).0, 403);
    let (status, body) = Socket::refused(server.address, &[("Authorization", "Bearer bt_wrong")]);
    assert_eq!((status, &body["errors"][0]["extensions"]["code"]), (401, &"UNAUTHENTICATED".into()));
    let (status, _) = Socket::refused(server.address, &[("Sec-WebSocket-Version", "12")]);
    assert_eq!(status, 400);
    // tungstenite refuses a server that agrees to no protocol: by hand.
    use std::io::{Read as _, Write as _};
    let mut connection = super::local::tcp(server.address);
    let request = format!(
        "GET /graphql HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: graphql-ws\r\n\r\n",
        server.address
    );
    connection.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    let ended = connection.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer);
    assert!(ended.is_ok(), "{ended:?}: {answer}");
    assert!(answer.starts_with("HTTP/1.1 101") && answer.contains("Subprotocol not acceptable"), "{answer}");
    assert!(!answer.to_lowercase().contains("sec-websocket-protocol"), "{answer}");
}

#[test]
fn a_token_that_is_revoked_is_refused_on_sockets_that_are_open() {
    let server = Local::start(Limits::default());
    let token = server.ledger.create_token("writer", Role::Edit, 0).unwrap();
    let mut by_payload = server.socket();
    by_payload.init(&json!({ "token": token }));
    let by_header = Socket::connect(server.address, &[("Authorization", &format!("Bearer {token}"))]).ready();
    let mut sockets = [by_payload, by_header];
    for socket in &mut sockets {
        socket.subscribe("a", "{ register { revision } }");
        assert_eq!(socket.next().unwrap()["type"], "next");
        assert_eq!(socket.next().unwrap()["type"], "complete");
    }
    server.ledger.revoke_token("writer", 1).unwrap();
    for socket in &mut sockets {
        socket.subscribe("b", "{ register { revision } }");
        assert_eq!(socket.next().unwrap()["payload"][0]["extensions"]["code"], "UNAUTHENTICATED");
        assert!(socket.is_quiet());
    }
}
