//! A server that stops says so to those who follow, and does not wait for those who do not read.

use std::io::{Read as _, Write as _};
use std::process::Command;

use serde_json::json;

use super::local::{Closed, Socket, tcp, wait_until};
use crate::server::{Server, token};

#[test]
fn a_server_that_stops_closes_what_is_open() {
    let folder = tempfile::tempdir().unwrap();
    let token = token(folder.path(), "import");
    let server = Server::start(folder.path());
    let address = server.url.strip_prefix("http://").unwrap().parse().unwrap();
    let organisation = |name: &str| json!({ "rows": [{ "organisation": { "key": "body", "name": name } }] });
    server.import(&token, organisation("1"));

    let mut follows = Socket::connect(address, &[]).ready();
    follows.subscribe("a", "subscription { changes(after: 0) { behind } }");
    assert_eq!(follows.next().unwrap()["type"], "next");
    let mut idle = Socket::connect(address, &[]);
    let mut deaf = Socket::connect(address, &[]).ready();
    deaf.subscribe("a", "subscription { changes(after: 0) { commit { changes { fields { after } } } } }");
    let mut stream = tcp(address);
    let request = "GET /graphql?query=subscription%7Bchanges(after:0)%7Bbehind%7D%7D HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    let mut told = vec![0; 4_096];
    let mut text = String::new();
    while !text.contains("event: next") {
        let read = stream.read(&mut told).unwrap();
        text.push_str(&String::from_utf8_lossy(&told[..read]));
    }

    let pid = server.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert_eq!(follows.ends(), Closed { code: 1001, reason: "the server is stopping; go on after revision 1".into() });
    assert_eq!(idle.ends(), Closed { code: 1001, reason: "the server is stopping".into() });
    stream.read_to_string(&mut text).unwrap();
    assert!(text.contains(": the server is stopping") && !text.contains("event: complete"), "{text}");
    drop(follows);
    let server = std::cell::RefCell::new(server);
    wait_until("the server has ended", || server.borrow_mut().ended().is_some());
    assert!(server.borrow_mut().ended().unwrap().success());
}
