//! Requests that are made to hurt are refused, and the server serves others meanwhile.

#[path = "../../attacks/mod.rs"]
pub mod attacks;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Value as Json, json};

use super::assert_refused;
use crate::support::{DEADLINE, Server, shared};

const ACCEPT: (&str, &str) = ("Accept", "application/graphql-response+json");

#[test]
fn attacks_are_refused_while_others_are_served() {
    let server = Server::start(&["--demo", "--log", "error"]);
    let expected = server.ask("{ measures { totalCount } }");
    let mut wrong = Vec::new();
    for attack in attacks::all() {
        let answer = server.post_bytes(&attack.body, &[ACCEPT]);
        let json = answer.json();
        let error = &json["errors"][0];
        let (limit, found) = (error["extensions"]["limit"].as_u64(), error["extensions"]["found"].as_u64());
        let holds = answer.status == 400
            && error["extensions"]["code"] == attack.code
            && error["message"].as_str().is_some_and(|told| told.contains(attack.told))
            && (attack.code != "LIMIT_EXCEEDED" || limit.is_some() && found > limit)
            && answer.body.len() < 32 * 1024;
        if !holds {
            let told: String = answer.text().chars().take(300).collect();
            wrong.push(format!("{}: {} {told}", attack.name, answer.status));
        }
        assert_eq!(server.ask("{ measures { totalCount } }"), expected, "after {}", attack.name);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(!server.log.seen().contains("panicked"), "{}", server.log.seen());
}

#[test]
fn who_asks_much_holds_up_nobody_else() {
    let server = Server::start(&["--demo", "--workers", "1", "--log", "error", "--limit", "time_ms=3000"]);
    let expected = server.ask("{ measures { totalCount } }");
    for (name, body) in attacks::dear() {
        std::thread::scope(|scope| {
            let dear = scope.spawn(|| server.post_bytes(&body, &[ACCEPT]));
            // There is one thread for all: this is answered whatever becomes of the other.
            let mut asked = 0;
            while asked == 0 || !dear.is_finished() {
                assert_eq!(server.ask("{ measures { totalCount } }"), expected, "beside {name}");
                asked += 1;
            }
            let answer = dear.join().unwrap();
            let json = answer.json();
            let code = &json["errors"][0]["extensions"]["code"];
            assert!(answer.status == 200 || code == "LIMIT_EXCEEDED", "{name}: {} {json:.300}", answer.status);
        });
    }
    assert!(!server.log.seen().contains("panicked"), "{}", server.log.seen());
}

/// Opens a connection and sends the head of a request whose body follows.
fn begin(server: &Server, length: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream.set_write_timeout(Some(DEADLINE)).unwrap();
    let head =
        format!("POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{length}\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

fn rest(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok();
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn a_body_that_does_not_come_is_waited_for_only_so_long() {
    let server = Server::start(&["--demo", "--limit", "body_ms=50"]);
    let mut stream = begin(&server, "Content-Length: 100");
    stream.write_all(b"{").unwrap();
    let answer = rest(stream);
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("within 50 milliseconds"), "{answer}");
    // And one that comes drop by drop.
    let mut stream = begin(&server, "Content-Length: 1000000");
    while stream.write_all(b" ").is_ok() && stream.peek_answer().is_none() {
        std::thread::yield_now();
    }
    assert!(rest(stream).starts_with("HTTP/1.1 408 "));
}

/// Whether something has come back already.
trait PeekAnswer {
    fn peek_answer(&self) -> Option<()>;
}

impl PeekAnswer for TcpStream {
    fn peek_answer(&self) -> Option<()> {
        self.set_nonblocking(true).unwrap();
        let come = self.peek(&mut [0]).is_ok_and(|count| count > 0);
        self.set_nonblocking(false).unwrap();
        come.then_some(())
    }
}

#[test]
fn a_body_of_300_mb_is_refused_before_it_is_there() {
    let answer = rest(begin(shared(), "Content-Length: 314572800"));
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("\"found\":314572800"), "{answer}");
    let mut stream = begin(shared(), "Transfer-Encoding: chunked");
    let chunk = [b"10000\r\n".as_slice(), &[b' '; 0x10000], b"\r\n"].concat();
    // It stops reading before the end of what has no end.
    let begun = std::time::Instant::now();
    while stream.write_all(&chunk).is_ok() {
        assert!(begun.elapsed() < DEADLINE, "it goes on reading");
    }
    // What was sent beyond the limit may have closed the connection before the answer was read.
    let answer = rest(stream);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[test]
fn every_limit_can_be_set_and_is_told() {
    let small = [
        ("body_bytes", 20_000, "bytes of a body"),
        ("json_values", 50, "values in a request's JSON"),
        ("document_bytes", 500, "bytes of a document"),
        ("tokens", 60, "tokens of a document"),
        ("nesting", 5, "open at once"),
        ("depth", 3, "levels of a document"),
        ("fields", 12, "fields of a document"),
        ("aliases", 2, "aliases of a document"),
        ("directives", 2, "directives of a document"),
        ("page_max", 9, "entries of a page"),
        ("ids", 3, "ids of one lookup"),
        ("states", 1, "earlier states"),
        ("cost", 150, "cost of a request"),
        ("answer_bytes", 700, "bytes of an answer"),
    ];
    let settings: Vec<String> = small.iter().map(|(name, value, _)| format!("{name}={value}")).collect();
    let server = Server::start(&["--demo", "--limit", &settings.join(",")]);
    let told = server.ask("{ limits { depth pageMax aliases timeMs } }");
    assert_eq!(told, json!({ "limits": { "depth": 3, "pageMax": 9, "aliases": 2, "timeMs": 10_000 } }));

    let query = |query: &str| json!({ "query": query });
    let requests: [(&str, Json); 14] = [
        ("body_bytes", query(&" ".repeat(20_000))),
        ("json_values", json!({ "query": "{__typename}", "variables": { "a": vec![0; 50] } })),
        ("document_bytes", query(&format!("{{__typename}}{}", " ".repeat(500)))),
        ("tokens", query(&format!("{{{}}}", "a ".repeat(60)))),
        ("nesting", query("{a{b{c{d{e{f}}}}}}")),
        ("depth", query("{register{counts{kind{x}}}}")),
        ("fields", query(&format!("{{{}}}", "__typename ".repeat(13)))),
        ("aliases", query("{a:__typename b:__typename c:__typename}")),
        ("directives", query(&format!("{{__typename {}}}", "@skip(if:false) ".repeat(3)))),
        ("page_max", query("{measures(first:10){totalCount}}")),
        ("ids", query("{nodes(ids:[\"a\",\"b\",\"c\",\"d\"]){id}}")),
        ("states", query("{a:at(asOf:{revision:0}){register{revision}} b:at(asOf:{revision:1}){register{revision}}}")),
        ("cost", query("{measures{nodes{key name}}}")),
        ("answer_bytes", query("{milestones(first:9){nodes{id title} edges{cursor}}}")),
    ];
    for ((name, limit, what), (of, request)) in small.into_iter().zip(requests) {
        assert_eq!(name, of);
        let answer = server.post_bytes(request.to_string().as_bytes(), &[ACCEPT]);
        let (json, found) = (answer.json(), answer.json()["errors"][0]["extensions"]["found"].as_u64().unwrap_or(0));
        let error = &json["errors"][0];
        assert!(error["message"].as_str().unwrap().contains(what), "{name}: {json}");
        assert_eq!(
            (&error["extensions"]["code"], &error["extensions"]["limit"]),
            (&json!("LIMIT_EXCEEDED"), &json!(limit))
        );
        assert!(found > limit, "{name}: {json}");
        assert_eq!(
            answer.status,
            if name == "body_bytes" {
                413
            } else if name == "page_max" || name == "ids" {
                200
            } else {
                400
            },
            "{name}: {json}"
        );
    }
}

#[test]
fn an_answer_that_takes_too_long_ends() {
    let server = Server::start(&["--demo", "--limit", "time_ms=0"]);
    let query = "{ measures(first: 1000) { nodes { key indicators { label observations { period { code } } } } } }";
    let answer = server.post_bytes(json!({ "query": query }).to_string().as_bytes(), &[ACCEPT]);
    let json = answer.json();
    assert_eq!((answer.status, json.get("data")), (400, None), "{json}");
    assert!(json["errors"][0]["message"].as_str().unwrap().starts_with("milliseconds of a request"), "{json}");
    assert_eq!(json["errors"].as_array().unwrap().len(), 1);
    assert!(json["errors"][0]["path"].is_array(), "says how far it came: {json}");
}

#[test]
fn a_request_whose_client_has_gone_ends() {
    let server = Server::start(&["--demo", "--log", "debug"]);
    // Each groups all observations anew; the last counts as so much that all is done beside.
    let grouped = |it: usize| {
        format!("a{it}: observations(first: 0) {{ groupBy(by: [INDICATOR, PERIOD, FIGURE_UNIT]) {{ count }} }}")
    };
    let dear = format!(
        "plans(first: 1000) {{ nodes {{ {} }} }}",
        (0..12).map(|it| format!("b{it}: key ")).collect::<String>()
    );
    let body = json!({ "query": format!("{{{}{dear}}}", (0..300).map(grouped).collect::<String>()) }).to_string();
    let mut stream = begin(&server, &format!("Content-Length: {}", body.len()));
    stream.write_all(body.as_bytes()).unwrap();
    assert!(server.log.wait_for("is answered beside", DEADLINE).is_some(), "{}", server.log.seen());
    drop(stream);
    let told = server.log.wait_for("GivenUp", DEADLINE);
    assert!(told.is_some_and(|line| line.contains("ended before it was answered")), "{}", server.log.seen());
    assert!(server.ask("{ measures { totalCount } }")["measures"]["totalCount"].is_u64());
}

#[test]
fn an_unknown_field_has_near_names_in_the_hint() {
    let json = shared().post(&json!({ "query": "{ mesures { totalCount } }" })).json();
    let hint = json["errors"][0]["extensions"]["hint"].as_str().unwrap();
    assert!(hint.starts_with("did you mean `measures`"), "{hint}");
    let json = shared().post(&json!({ "query": "{ measure(key: \"m\") { nmae } }" })).json();
    assert!(json["errors"][0]["extensions"]["hint"].as_str().unwrap().contains("`name`"), "{json}");
}

#[test]
fn connections_beyond_the_limit_wait_for_their_turn() {
    let server = Server::start(&["--demo", "--workers", "1", "--limit", "connections=2"]);
    let idle: Vec<TcpStream> = (0..2).map(|_| begin(&server, "Content-Length: 10")).collect();
    let mut third = begin(&server, "Content-Length: 24");
    third.write_all(b"{\"query\":\"{__typename}\"}").unwrap();
    third.set_read_timeout(Some(std::time::Duration::from_millis(300))).unwrap();
    assert!(third.read(&mut [0; 16]).is_err(), "it is answered although two others are there");
    drop(idle);
    third.set_read_timeout(Some(DEADLINE)).unwrap();
    let mut start = [0; 15];
    third.read_exact(&mut start).unwrap();
    assert_eq!(&start, b"HTTP/1.1 200 OK");
}

#[test]
fn a_batch_is_refused_clearly() {
    let answer = shared().post_bytes(b"[{\"query\":\"{__typename}\"}]", &[]);
    assert_refused(&answer, 400, "BAD_REQUEST");
    assert!(answer.text().contains("one request is taken at a time"), "{}", answer.text());
}

#[test]
fn the_cost_counts_pages() {
    let cost = |query: &str| shared().post(&json!({ "query": query })).json()["extensions"]["cost"].clone();
    assert_eq!(cost("{ __typename }"), 1);
    assert_eq!(cost("{ measures(first: 10) { totalCount nodes { key name } } }"), 1 + 10 * 2 + 1 + 1 + 10 * 2);
    assert_eq!(cost("{ measures(last: 10) { edges { cursor node { key } } } }"), 1 + 10 * 2 + 1 + 10 * (1 + 1 + 1));
    // What looks at all of a list costs by its length, texts by theirs.
    let number = |query: &str| cost(query).as_u64().unwrap();
    let page = number("{ milestones(first: 1) { totalCount } }");
    let by_year = number("{ milestones(first: 1, where: {year: {eq: 2020}}) { totalCount } }");
    let by_title = number("{ milestones(first: 1, where: {title: {contains: \"e\"}}) { totalCount } }");
    assert!(page * 10 < by_year && by_year * 2 < by_title, "{page}, {by_year}, {by_title}");
    assert_eq!(cost("{ measure(key: \"invoeg\") { norms { key } } }"), 1 + 1 + 5);
    assert_eq!(cost("{ nodes(ids: [\"a\", \"b\"]) { id } }"), 1 + 2);
}
