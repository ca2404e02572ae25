//! Server-Sent Events as they stand on the wire.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

use boordtabel::commit::access::Role;
use boordtabel::graphql::core::limits::Limits;
use boordtabel::http::Cors;
use serde_json::{Value as Json, json};

use super::local::{Local, tcp, wait_until};

const FOLLOW: &str = "subscription { changes(after: 0) { behind commit { revision } } }";

/// An answer that may go on.
struct Stream {
    status: u16,
    headers: String,
    lines: BufReader<Box<dyn std::io::Read>>,
}

#[derive(Debug, Default, PartialEq)]
struct Event {
    name: String,
    id: String,
    data: String,
}

impl Event {
    fn json(&self) -> Json {
        serde_json::from_str(&self.data).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// The chunks of a body, joined.
struct Chunks {
    connection: BufReader<TcpStream>,
    left: usize,
}

impl std::io::Read for Chunks {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.left == 0 {
            let mut line = String::new();
            self.connection.read_line(&mut line)?;
            self.left = usize::from_str_radix(line.trim(), 16).unwrap_or(0);
            if self.left == 0 {
                return Ok(0);
            }
        }
        let wanted = buffer.len().min(self.left);
        let read = self.connection.read(&mut buffer[..wanted])?;
        self.left -= read;
        if self.left == 0 {
            self.connection.read_line(&mut String::new())?;
        }
        Ok(read)
    }
}

fn ask(server: &Local, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Stream {
    let mut connection = tcp(server.address);
    let mut request = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n", body.len());
    headers.iter().for_each(|(name, value)| request.push_str(&format!("{name}: {value}\r\n")));
    connection.write_all(format!("{request}\r\n{body}").as_bytes()).unwrap();
    let mut lines = BufReader::new(connection);
    let mut headers = String::new();
    while !headers.ends_with("\r\n\r\n") {
        assert!(lines.read_line(&mut headers).unwrap() > 0, "an answer that breaks off: {headers}");
    }
    let headers = headers.to_lowercase();
    let status = headers.split(' ').nth(1).unwrap().parse().unwrap();
    let length = headers.split("content-length: ").nth(1).and_then(|rest| rest.split('\r').next()?.parse().ok());
    let body: Box<dyn std::io::Read> = match length {
        Some(length) => Box::new(lines.take(length)),
        None => Box::new(Chunks { connection: lines, left: 0 }),
    };
    Stream { status, headers, lines: BufReader::new(body) }
}

impl Stream {
    /// The next event; none when the stream ends. Comments are passed over.
    fn next(&mut self) -> Option<Event> {
        let mut event = Event::default();
        loop {
            let mut line = String::new();
            if self.lines.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            match line.trim_end_matches('\n').split_once(':') {
                None if event != Event::default() => return Some(event),
                None | Some(("", _)) | Some(("retry", _)) => {}
                Some(("event", name)) => event.name = name.trim_start().into(),
                Some(("id", id)) => event.id = id.trim_start().into(),
                Some(("data", data)) => event.data = data.trim_start().into(),
                Some(other) => panic!("{other:?} is no field of an event"),
            }
        }
    }

    fn text(mut self) -> String {
        let mut text = String::new();
        self.lines.read_to_string(&mut text).unwrap();
        text
    }
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

const EVENTS: (&str, &str) = ("Accept", "text/event-stream");
const JSON: (&str, &str) = ("Content-Type", "application/json");

fn revisions(stream: &mut Stream, count: usize) -> Vec<(String, u64)> {
    let mut next = || {
        let event = stream.next().expect("the stream goes on");
        assert_eq!(event.name, "next");
        (event.id.clone(), event.json()["data"]["changes"]["commit"]["revision"].as_u64().unwrap())
    };
    (0..count).map(|_| next()).collect()
}

#[test]
fn a_subscription_is_a_stream_that_can_be_resumed() {
    let server = Local::start(Limits::default());
    server.commit_name("1");
    server.commit_name("2");
    let path = format!("/graphql?query={}", encoded(FOLLOW));
    let body = json!({ "query": FOLLOW }).to_string();
    let mut streams = [
        ask(&server, "GET", &path, &[EVENTS], ""),
        ask(&server, "POST", "/graphql", &[EVENTS, JSON], &body),
        ask(&server, "POST", "/graphql/stream", &[EVENTS, JSON], &body),
    ];
    for stream in &mut streams {
        assert_eq!(stream.status, 200);
        for header in ["content-type: text/event-stream", "no-transform", "x-accel-buffering: no", "nosniff"] {
            assert!(stream.headers.contains(header), "{}", stream.headers);
        }
        assert_eq!(revisions(stream, 2), [("1".into(), 1), ("2".into(), 2)]);
    }
    server.commit_name("3");
    for stream in &mut streams {
        assert_eq!(revisions(stream, 1), [("3".into(), 3)]);
    }
    // As a browser comes back: with the same address, and the id of the last event that it got.
    let mut again = ask(&server, "GET", &path, &[EVENTS, ("Last-Event-ID", "2")], "");
    assert_eq!(revisions(&mut again, 1), [("3".into(), 3)]);
    let wrong = ask(&server, "GET", &path, &[EVENTS, ("Last-Event-ID", "yesterday")], "");
    assert_eq!(wrong.status, 400);
    assert!(wrong.text().contains("yesterday"));
    let mut early = ask(&server, "GET", &path, &[EVENTS, ("Last-Event-ID", "9")], "");
    let refused = early.next().unwrap();
    assert_eq!((refused.name.as_str(), refused.id.as_str()), ("next", ""));
    assert_eq!(refused.json()["errors"][0]["extensions"]["code"], "REVISION_UNAVAILABLE");
}

#[test]
fn a_request_is_answered_and_completed() {
    let server = Local::start(Limits::default());
    let query = |text: &str| json!({ "query": text }).to_string();
    let mutation =
        "mutation { deleteRecords(input: { reason: \"r\", idempotencyKey: \"k\", records: [] }) { status } }";
    let address = |text: &str| format!("/graphql?query={}", encoded(text));
    for (mut stream, found) in [
        (ask(&server, "POST", "/graphql", &[EVENTS, JSON], &query("{ register { revision } }")), "\"revision\":0"),
        (ask(&server, "GET", &address("{ register { revision } }"), &[EVENTS], ""), "\"revision\":0"),
        (ask(&server, "POST", "/graphql", &[EVENTS, JSON], &query("{ nothing }")), "GRAPHQL_VALIDATION_FAILED"),
        (ask(&server, "POST", "/graphql", &[EVENTS, JSON], &query(mutation)), "FORBIDDEN"),
        (ask(&server, "GET", &address(mutation), &[EVENTS], ""), "METHOD_NOT_ALLOWED"),
    ] {
        assert_eq!(stream.status, 200);
        let answer = stream.next().unwrap();
        assert!(answer.name == "next" && answer.data.contains(found), "{answer:?}");
        assert_eq!(stream.next().unwrap(), Event { name: "complete".into(), ..Event::default() });
        assert_eq!(stream.next(), None);
    }
    for (stream, status, code) in [
        (ask(&server, "POST", "/graphql", &[EVENTS, JSON], "{"), 400, "BAD_REQUEST"),
        (ask(&server, "POST", "/graphql", &[EVENTS], "{}"), 415, "UNSUPPORTED_MEDIA_TYPE"),
        (ask(&server, "GET", "/graphql", &[EVENTS], ""), 400, "BAD_REQUEST"),
        (
            ask(&server, "POST", "/graphql", &[EVENTS, JSON, ("Authorization", "Bearer x")], "{}"),
            401,
            "UNAUTHENTICATED",
        ),
    ] {
        assert_eq!(stream.status, status);
        let text = stream.text();
        assert!(text.contains(code), "{text}");
    }
}

/// Some clients name every form that they can read, in each request.
#[test]
fn who_takes_json_too_gets_events_only_for_what_goes_on() {
    let server = Local::start(Limits::default());
    server.commit_name("1");
    let accept = ("Accept", "application/graphql-response+json, application/json, text/event-stream, multipart/mixed");
    let one = json!({ "query": "{ register { revision } }" }).to_string();
    let answer = ask(&server, "POST", "/graphql", &[accept, JSON], &one);
    assert!(answer.headers.contains("content-type: application/graphql-response+json"), "{}", answer.headers);
    assert_eq!(serde_json::from_str::<Json>(&answer.text()).unwrap()["data"]["register"]["revision"], 1);
    let address = format!("/graphql?query={}", encoded("{ register { revision } }"));
    assert!(ask(&server, "GET", &address, &[accept], "").text().starts_with("{\"data\""));
    let mut stream = ask(&server, "POST", "/graphql", &[accept, JSON], &json!({ "query": FOLLOW }).to_string());
    assert_eq!(revisions(&mut stream, 1), [("1".into(), 1)]);
}

#[test]
fn one_reserved_stream_carries_all_operations() {
    let server = Local::start(Limits { live_operations: 2, live_init_ms: 500, ..Limits::default() });
    let secret = server.ledger.create_token("writer", Role::Import, 0).unwrap();
    let reserve = || {
        let reserved = ask(&server, "PUT", "/graphql/stream", &[], "");
        assert_eq!(reserved.status, 201);
        reserved.text()
    };
    let token = reserve();
    let with_token = ("X-GraphQL-Event-Stream-Token", token.as_str());
    let mut stream = ask(&server, "GET", "/graphql/stream", &[EVENTS, with_token], "");
    assert_eq!(stream.status, 200);
    let twice = ask(&server, "GET", &format!("/graphql/stream?token={token}"), &[EVENTS], "");
    assert_eq!(twice.status, 409, "a stream is opened once");

    let begin = |id: &str, query: &str, headers: &[(&str, &str)]| {
        let body = json!({ "query": query, "extensions": { "operationId": id } }).to_string();
        let answer = ask(&server, "POST", "/graphql/stream", &[headers, &[with_token, JSON]].concat(), &body);
        (answer.status, answer.text())
    };
    assert_eq!(begin("a", FOLLOW, &[]), (202, String::new()));
    assert_eq!(begin("b", FOLLOW, &[("Last-Event-ID", "0")]), (202, String::new()));
    for (id, query, headers, status, code) in [
        ("a", FOLLOW, &[][..], 409, "BAD_REQUEST"),
        ("c", FOLLOW, &[], 400, "LIMIT_EXCEEDED"),
        ("", FOLLOW, &[], 400, "BAD_REQUEST"),
        ("c", FOLLOW, &[("Authorization", "Bearer x")], 401, "UNAUTHENTICATED"),
    ] {
        let (found, text) = begin(id, query, headers);
        assert!(found == status && text.contains(code), "{id}: {found} {text}");
    }
    server.commit_name("1");
    let mut came = [stream.next().unwrap().json(), stream.next().unwrap().json()];
    came.sort_by_key(|event| event["id"].to_string());
    for (event, id) in came.iter().zip(["a", "b"]) {
        assert_eq!((&event["id"], &event["payload"]["data"]["changes"]["commit"]["revision"]), (&id.into(), &1.into()));
    }

    let stop = ask(&server, "DELETE", "/graphql/stream?operationId=a", &[with_token], "");
    assert_eq!(stop.status, 200);
    assert_eq!(begin("c", "{ nothing }", &[]).0, 400, "what is wrong with a request is told in its own answer");
    let delete = "mutation { deleteRecords(input: { reason: \"r\", idempotencyKey: \"k\", records: [{ kind: ORGANISATION, key: \"body\" }] }) { status } }";
    assert_eq!(begin("c", delete, &[("Authorization", &format!("Bearer {secret}"))]).0, 202);
    let mut came = [stream.next().unwrap(), stream.next().unwrap(), stream.next().unwrap()];
    came.sort_by_key(|event| (event.json()["id"].to_string(), event.name.clone()));
    let shown = came.each_ref().map(|event| (event.name.as_str(), event.json()["id"].as_str().unwrap().to_owned()));
    assert_eq!(shown, [("next", "b".into()), ("complete", "c".into()), ("next", "c".into())]);
    assert_eq!(came[0].id, "2");

    drop(stream);
    wait_until("the stream is gone", || begin("d", FOLLOW, &[]).0 == 404);
    let late = reserve();
    let header = ("X-GraphQL-Event-Stream-Token", late.as_str());
    let exists = || ask(&server, "DELETE", "/graphql/stream?operationId=x", &[header], "").status == 200;
    wait_until("who does not open it in time loses it", || !exists());
    for (method, path) in
        [("GET", "/graphql/stream?token=none"), ("DELETE", "/graphql/stream"), ("POST", "/graphql/stream?token=none")]
    {
        assert_eq!(ask(&server, method, path, &[EVENTS], "").status, 404, "{method} {path}");
    }
    let patch = ask(&server, "PATCH", "/graphql/stream", &[], "");
    assert!(patch.status == 405 && patch.headers.contains("allow: get, post, put, delete"), "{}", patch.headers);
}

#[test]
fn a_stream_shows_that_the_server_is_there() {
    let server = Local::start(Limits { live_ping_ms: 20, ..Limits::default() });
    let stream = ask(&server, "GET", &format!("/graphql?query={}", encoded(FOLLOW)), &[EVENTS], "");
    let lines: Vec<String> = stream.lines.lines().take(6).map(Result::unwrap).collect();
    assert_eq!(lines, ["retry: 1000", "", ":", "", ":", ""]);
}

#[test]
fn pages_of_other_sites_that_are_let_in_may_follow() {
    let server = Local::open_to(Limits::default(), Cors::new(vec!["https://board.example.org".into()], &[]).unwrap());
    let origin = ("Origin", "https://board.example.org");
    for (method, headers) in [
        ("PUT", "authorization"),
        ("DELETE", "x-graphql-event-stream-token"),
        ("GET", "last-event-id, x-graphql-event-stream-token"),
    ] {
        let asks = [origin, ("Access-Control-Request-Method", method), ("Access-Control-Request-Headers", headers)];
        let answer = ask(&server, "OPTIONS", "/graphql/stream", &asks, "");
        let line =
            |name: &str| answer.headers.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned();
        assert!(line("access-control-allow-methods").contains(&method.to_lowercase()), "{}", answer.headers);
        let allowed = line("access-control-allow-headers");
        assert!(headers.split(", ").all(|header| allowed.contains(header)), "{allowed}");
    }
    let stream = ask(&server, "GET", &format!("/graphql?query={}", encoded(FOLLOW)), &[EVENTS, origin], "");
    assert!(stream.headers.contains("access-control-allow-origin: https://board.example.org"), "{}", stream.headers);
}
