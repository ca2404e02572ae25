//! How much one who follows may take, and what becomes of one who does not read.

use std::io::{Read as _, Write as _};

use boordtabel::graphql::core::limits::Limits;
use serde_json::{Value as Json, json};

use super::local::{Closed, Local, Socket, handshake, log, tcp, wait_until};

const FOLLOW: &str = "subscription { changes(after: 0) { behind commit { revision changes { fields { after } } } } }";

#[test]
fn operations_at_once_are_limited() {
    let server = Local::start(Limits { live_operations: 2, ..Limits::default() });
    let mut socket = server.socket().ready();
    for id in ["a", "b", "c"] {
        socket.subscribe(id, "subscription { changes { behind } }");
    }
    let error = socket.next().unwrap();
    assert_eq!((&error["id"], &error["type"]), (&"c".into(), &"error".into()));
    let error = &error["payload"][0];
    assert_eq!((&error["extensions"]["limit"], &error["extensions"]["found"]), (&2.into(), &3.into()), "{error}");
    assert_eq!(error["extensions"]["code"], "LIMIT_EXCEEDED");
    socket.send(&json!({ "type": "complete", "id": "a" }));
    socket.subscribe("c", "{ register { revision } }");
    assert_eq!(socket.next().unwrap()["type"], "next", "there is room again");
}

#[test]
fn connections_are_limited() {
    let server = Local::start(Limits { live_connections: 2, live_ping_ms: 100, ..Limits::default() });
    let first = server.socket();
    let stream = {
        let mut connection = tcp(server.address);
        let request = "GET /graphql?query=subscription%7Bchanges%7Bbehind%7D%7D HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n";
        connection.write_all(request.as_bytes()).unwrap();
        connection.read_exact(&mut [0; 12]).unwrap();
        connection
    };
    let (status, body) = Socket::refused(server.address, &[]);
    let error = &body["errors"][0];
    assert_eq!((status, &error["extensions"]["code"]), (503, &"LIMIT_EXCEEDED".into()), "{body}");
    let told = "sockets and event streams that are open: at most 2 are allowed, found 3";
    assert_eq!(error["message"], told);
    for mut one in [tcp(server.address), tcp(server.address)] {
        let request =
            "PUT /graphql/stream HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        one.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        one.read_to_string(&mut answer).unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 503") && answer.contains("retry-after: 10") && answer.contains(told),
            "{answer}"
        );
    }
    // Each end makes room, however it comes about.
    drop(first);
    wait_until("the socket's place is free", || {
        tungstenite::client(handshake(server.address, &[]), tcp(server.address)).is_ok()
    });
    drop(stream);
    wait_until("the stream's place is free", || {
        tungstenite::client(handshake(server.address, &[]), tcp(server.address)).is_ok()
    });
}

/// Commits with more to tell than the machine keeps for a connection: 1.5 MB each.
const COMMITS: u64 = 12;

fn commit_much(server: &Local) {
    for number in 0..COMMITS {
        let name = format!("{number} {}", "x".repeat(15_000));
        let rows: Vec<Json> =
            (0..100).map(|row| json!({ "organisation": { "key": format!("{number}-{row}"), "name": name } })).collect();
        server.commit(&rows.into());
    }
}

fn revision(event: &Json) -> u64 {
    event["payload"]["data"]["changes"]["commit"]["revision"].as_u64().unwrap_or_else(|| panic!("{event}"))
}

#[test]
fn who_does_not_read_is_closed_and_told_from_where_to_go_on() {
    let server = Local::start(Limits { live_stall_ms: 5_000, ..Limits::default() });
    commit_much(&server);
    let mut slow = server.socket().ready();
    slow.subscribe("s", FOLLOW);
    // It is closed while it does not read. What it reads then is what was sent before, and why there is no more.
    wait_until("the server closes it", || log().contains("code=1013 reason=\"nothing was read for 5 s"));
    let mut last = 0;
    let closed = loop {
        match slow.next() {
            Ok(event) => {
                last += 1;
                assert_eq!(revision(&event), last, "neither gap nor double");
            }
            Err(closed) => break closed,
        }
    };
    assert!((1..COMMITS).contains(&last), "{last} events fit into the connection");
    let reason = format!("nothing was read for 5 s; go on after revision {last}");
    assert_eq!(closed, Closed { code: 1013, reason });

    let mut again = server.socket().ready();
    again.subscribe("s", &FOLLOW.replace("after: 0", &format!("after: {last}")));
    for number in last + 1..=COMMITS {
        let event = again.next().unwrap();
        assert_eq!(revision(&event), number);
        assert_eq!(event["payload"]["data"]["changes"]["behind"], COMMITS - number, "it is told how far it is behind");
    }
}

#[test]
fn who_never_reads_is_cut_off() {
    // One who has nothing to read is expected to answer pings, another to take what is sent.
    for has_much in [false, true] {
        let limits = Limits { live_stall_ms: 300, live_ping_ms: 50, live_connections: 1, ..Limits::default() };
        let server = Local::start(limits);
        if has_much {
            commit_much(&server);
        }
        let mut deaf = server.socket().ready();
        deaf.subscribe("s", FOLLOW);
        wait_until("its place is free", || {
            tungstenite::client(handshake(server.address, &[]), tcp(server.address)).is_ok()
        });
    }
}

#[test]
fn who_answers_pings_stays() {
    let server = Local::start(Limits { live_stall_ms: 300, live_ping_ms: 50, ..Limits::default() });
    let mut socket = server.socket().ready();
    socket.subscribe("s", FOLLOW);
    // tungstenite answers pings while it reads.
    let mut pings = 0;
    while pings < 30 {
        pings += u32::from(matches!(socket.0.read().unwrap(), tungstenite::Message::Ping(_)));
    }
    assert!(socket.is_quiet());
}
