//! HTTP as clients of all manners meet it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use serde_json::{Value as Json, json};

use crate::support::{Answer, DEADLINE, Dice, Server, boordtabel, shared};

/// Most bytes of a body that the server takes.
const BODY_MAX: usize = 1 << 20;

fn assert_refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    let error = &answer.json()["errors"][0];
    assert_eq!(error["extensions"]["code"], code, "{error}");
    for text in [&error["message"], &error["extensions"]["hint"]] {
        assert!(text.as_str().is_some_and(|text| text.len() > 5), "says what is wrong and what to do: {error}");
    }
    assert_safe(answer);
}

fn assert_safe(answer: &Answer) {
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("referrer-policy"), "same-origin");
    let policy = answer.header("content-security-policy");
    for part in ["default-src 'none'", "frame-ancestors 'none'"] {
        assert!(policy.contains(part), "{policy}");
    }
    for foreign in ["http:", "https:", "*", "unsafe-eval", "blob:"] {
        assert!(!policy.contains(foreign), "{policy} lets in {foreign}");
    }
    let scripts = policy.split(';').find(|part| part.trim().starts_with("script-src")).unwrap_or_default();
    assert!(!scripts.contains("unsafe") && !scripts.contains("data:"), "{policy}");
}

#[test]
fn pages_are_there() {
    let revision = shared().ask("{ register { revision } }")["register"]["revision"].clone();
    for (path, media_type, text) in [
        ("/", "text/html; charset=utf-8", "Ondernemingsplan 2021"),
        ("/docs", "text/html; charset=utf-8", "<h3 id=\"BudgetLine\">"),
        ("/start.css", "text/css; charset=utf-8", "{"),
        ("/icon.svg", "image/svg+xml", "<svg"),
        ("/schema.graphql", "application/graphql; charset=utf-8", "type Query {"),
        ("/health", "application/json", "\"status\":\"ok\""),
        ("/graphiql", "text/html; charset=utf-8", "Boordtabel"),
    ] {
        let answer = shared().get(path, &[]);
        assert_eq!((answer.status, answer.header("content-type")), (200, media_type), "{path}");
        assert!(answer.text().contains(text), "{path} has no {text}");
        assert_safe(&answer);
        let head = shared().send("HEAD", path, &[], None);
        assert_eq!((head.status, head.header("content-type"), head.body.len()), (200, media_type, 0), "HEAD {path}");
    }
    assert_eq!(shared().get("/health", &[]).json()["revision"], revision);
}

#[test]
fn pages_need_nothing_from_elsewhere() {
    for path in ["/", "/docs", "/graphiql"] {
        let page = shared().get(path, &[]).text();
        for attribute in ["src=\"", "href=\""] {
            for target in page.split(attribute).skip(1).map(|rest| rest.split('"').next().unwrap_or_default()) {
                let own = target.starts_with('/') && !target.starts_with("//")
                    || target.starts_with('#')
                    || target.starts_with("./");
                assert!(own, "{path} refers to {target}");
                if target.starts_with('/') {
                    let address = target.split('#').next().unwrap_or_default();
                    assert_eq!(shared().get(address, &[]).status, 200, "{path} leads to {target}");
                }
            }
        }
    }
}

#[test]
fn the_explorer_comes_whole_compressed_or_not() {
    let page = shared().get("/graphiql", &[("Accept-Encoding", "identity")]).text();
    let assets: Vec<&str> = page.split('"').filter(|part| part.starts_with("/graphiql/assets/")).collect();
    assert!(
        assets.iter().any(|path| path.ends_with(".js")) && assets.iter().any(|path| path.ends_with(".css")),
        "the explorer is not in this build (npm is needed to build it): {page}"
    );
    for path in assets.into_iter().chain(["/graphiql"]) {
        let plain = shared().get(path, &[("Accept-Encoding", "identity")]);
        let packed = shared().get(path, &[("Accept-Encoding", "gzip")]);
        assert_eq!((plain.status, plain.header("content-encoding")), (200, ""), "{path}");
        assert_eq!((packed.status, packed.header("content-encoding")), (200, "gzip"), "{path}");
        assert_eq!((plain.header("vary"), packed.header("vary")), ("Accept-Encoding", "Accept-Encoding"), "{path}");
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(&packed.body[..]).read_to_end(&mut unpacked).unwrap();
        assert!(unpacked == plain.body, "{path}: both forms are the same file");
        let lasting = plain.header("cache-control").contains("immutable");
        assert_eq!(lasting, path != "/graphiql", "{path}: only names that hold a hash last");
        assert_safe(&plain);
    }
    assert_refused(&shared().get("/graphiql/assets/none.js", &[]), 404, "NOT_FOUND");
    assert_refused(&shared().get("/graphiql/../Cargo.toml", &[]), 404, "NOT_FOUND");
}

#[test]
fn wrong_addresses_and_methods() {
    for path in ["/nothing", "/graphql/", "/Graphql", "/schema", "/%00", "/graphiql/..%2f..%2fetc/passwd"] {
        assert_refused(&shared().get(path, &[]), 404, "NOT_FOUND");
    }
    for (path, method, allowed) in [
        ("/graphql", "PUT", "GET, POST"),
        ("/graphql", "DELETE", "GET, POST"),
        ("/", "POST", "GET, HEAD"),
        ("/health", "POST", "GET, HEAD"),
        ("/schema.graphql", "DELETE", "GET, HEAD"),
        ("/graphiql", "PATCH", "GET, HEAD"),
    ] {
        let body: Option<&[u8]> = if method == "DELETE" { None } else { Some(b"{}") };
        let answer = shared().send(method, path, &[("Content-Type", "application/json")], body);
        assert_refused(&answer, 405, "METHOD_NOT_ALLOWED");
        assert_eq!(answer.header("allow"), allowed, "{method} {path}");
    }
}

#[test]
fn only_json_in_utf8_is_taken() {
    let body: &[u8] = br#"{"query":"{__typename}"}"#;
    for media_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "application/json; charset=latin1",
    ] {
        let answer = shared().send("POST", "/graphql", &[("Content-Type", media_type)], Some(body));
        assert_refused(&answer, 415, "UNSUPPORTED_MEDIA_TYPE");
    }
    assert_refused(&shared().send("POST", "/graphql", &[], Some(body)), 415, "UNSUPPORTED_MEDIA_TYPE");
    for media_type in ["application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8"] {
        assert_eq!(shared().send("POST", "/graphql", &[("Content-Type", media_type)], Some(body)).status, 200);
    }
}

#[test]
fn the_client_says_which_form_it_takes() {
    let query = br#"{"query":"{__typename}"}"#;
    let wrong = br#"{"query":"{ nonsense }"}"#;
    for (accept, media_type, status_of_wrong) in [
        ("application/json", "application/json; charset=utf-8", 200),
        ("*/*", "application/json; charset=utf-8", 200),
        ("application/graphql-response+json", "application/graphql-response+json; charset=utf-8", 400),
        (
            "application/json;q=0.5, application/graphql-response+json",
            "application/graphql-response+json; charset=utf-8",
            400,
        ),
    ] {
        let fine = shared().post_bytes(query, &[("Accept", accept)]);
        assert_eq!(
            (fine.status, fine.header("content-type"), fine.header("vary")),
            (200, media_type, "Accept"),
            "{accept}"
        );
        let refused = shared().post_bytes(wrong, &[("Accept", accept)]);
        assert_eq!((refused.status, refused.header("content-type")), (status_of_wrong, media_type), "{accept}");
        assert!(refused.json().get("data").is_none(), "{}", refused.text());
    }
    for accept in ["text/html", "application/json;q=0", "application/graphql"] {
        assert_refused(&shared().post_bytes(query, &[("Accept", accept)]), 406, "NOT_ACCEPTABLE");
        assert_refused(&shared().get("/graphql?query={__typename}", &[("Accept", accept)]), 406, "NOT_ACCEPTABLE");
    }
}

#[test]
fn bodies_that_are_no_request() {
    let bodies: [&[u8]; 14] = [
        b"",
        b"{",
        b"null",
        b"\"{ __typename }\"",
        b"[]",
        br#"[{"query":"{__typename}"}]"#,
        br#"[{"query":"{__typename}"},{"query":"{__typename}"}]"#,
        b"{}",
        br#"{"query":null}"#,
        br#"{"query":7}"#,
        br#"{"query":"{__typename}","variables":[]}"#,
        br#"{"query":"{__typename}","operationName":7}"#,
        br#"{"query":"{__typename}","extensions":"x"}"#,
        b"{\"query\":\"\xff\"}",
    ];
    for body in bodies {
        assert_refused(&shared().post_bytes(body, &[]), 400, "BAD_REQUEST");
    }
    // Deep nesting must end in an answer too.
    let deep = [b"{\"query\":\"{__typename}\",\"variables\":{\"a\":".as_slice(), &b"[".repeat(200_000)].concat();
    assert_refused(&shared().post_bytes(&deep, &[]), 400, "BAD_REQUEST");
}

#[test]
fn bodies_up_to_the_limit_are_taken() {
    let mut body = br#"{"query":"{__typename}"}"#.to_vec();
    body.resize(BODY_MAX, b' ');
    assert_eq!(shared().post_bytes(&body, &[]).json()["data"], json!({ "__typename": "Query" }));

    // A longer one is refused by its announced length, before it is sent.
    let head = format!(
        "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        BODY_MAX + 1
    );
    let answer = raw(shared(), head.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("LIMIT_EXCEEDED"), "{answer}");

    // And one without a length as soon as it is too long.
    let mut chunked =
        b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
            .to_vec();
    chunked.extend(format!("{:x}\r\n", BODY_MAX + 1).bytes());
    chunked.extend(vec![b' '; BODY_MAX + 1]);
    let answer = raw(shared(), &chunked);
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("LIMIT_EXCEEDED"), "{answer}");
}

#[test]
fn queries_by_get() {
    let encoded = "/graphql?query=query%20M(%24key%3AString!)%7Bmeasure(key%3A%24key)%7Bname%7D%7D&operationName=M&variables=%7B%22key%22%3A%22invoeg%22%7D";
    let answer = shared().get(encoded, &[]);
    assert_eq!((answer.status, &answer.json()["data"]), (200, &json!({ "measure": { "name": "Invoeg" } })));
    for wrong in [
        "/graphql",
        "/graphql?query=",
        "/graphql?query=%7B__typename%7D&variables=%7B",
        "/graphql?query=%7B__typename%7D&variables=7",
    ] {
        let answer = shared().get(wrong, &[("Accept", "application/graphql-response+json")]);
        assert_eq!(answer.status, 400, "{wrong}: {}", answer.text());
    }
}

#[test]
fn the_answer_tells_its_revision() {
    let answer = shared().post(&json!({ "query": "{ register { revision } }" }));
    let json = answer.json();
    let revision = json["data"]["register"]["revision"].clone();
    assert_eq!(json["extensions"]["revision"], revision);
    assert_eq!(answer.header("boordtabel-revision"), revision.to_string());
    assert_safe(&answer);
}

/// Sends bytes as they are, and reads what comes until the server closes or has answered.
fn raw(server: &Server, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream.set_write_timeout(Some(DEADLINE)).unwrap();
    // The server may answer and close before it has read everything.
    stream.write_all(bytes).and_then(|()| stream.shutdown(std::net::Shutdown::Write)).ok();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok();
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn garbage_breaks_nothing() {
    let server = Server::demo();
    let mut dice = Dice(7);
    for _ in 0..60 {
        let length = dice.below(400) as usize;
        raw(&server, &dice.bytes(length));
    }
    let pieces = [
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        ":",
        "$",
        "!",
        "...",
        "on",
        "fragment",
        "query",
        "mutation",
        "subscription",
        "measures",
        "nodes",
        "first",
        "after",
        "name",
        "key",
        "__schema",
        "__type",
        "@include",
        "@skip",
        "if",
        "true",
        "null",
        "-1",
        "1e400",
        "99999999999999999999",
        "\"",
        "\"\"\"",
        "\\u0000",
        "#",
        ",",
        "é",
        "\u{feff}",
        "Measure",
        "String",
        "=",
    ];
    for _ in 0..400 {
        let words: Vec<&str> = (0..dice.below(25)).map(|_| pieces[dice.below(pieces.len() as u64) as usize]).collect();
        let answer = server.post(&json!({ "query": words.join(" "), "variables": { "a": dice.below(9) } }));
        assert!([200, 400].contains(&answer.status), "{words:?}: {} {}", answer.status, answer.text());
        assert_ne!(
            answer.json()["errors"][0]["extensions"]["code"],
            "INTERNAL_SERVER_ERROR",
            "{words:?}: {}",
            answer.text()
        );
    }
    assert_eq!(server.get("/health", &[]).status, 200);
    assert!(!server.log.seen().contains("panicked"), "{}", server.log.seen());
}

#[test]
fn answers_many_at_once() {
    let queries = [
        "{ measures(first: 1000) { nodes { key name budgetLines { amounts { figure { value } } } } } }",
        "{ milestones(first: 1000) { totalCount nodes { title project { title } } } }",
        "{ register { revision counts { kind count } } }",
        "{ measure(key: \"invoeg\") { indicators { observations { figure { value printed { text } } } } } }",
    ];
    let expected: Vec<Json> = queries.iter().map(|query| shared().ask(query)).collect();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let expected = &expected;
            scope.spawn(move || {
                for turn in 0..20 {
                    let which = (thread + turn) % queries.len();
                    assert!(shared().ask(queries[which]) == expected[which], "{}", queries[which]);
                }
            });
        }
    });
}

#[test]
fn stops_when_told_and_lets_a_running_request_finish() {
    for signal in ["TERM", "INT"] {
        let mut server = Server::demo();
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        let body = br#"{"query":"{ measure(key: \"invoeg\") { name } }"}"#;
        let head = "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n";
        stream.write_all(format!("{head}Content-Length: {}\r\n\r\n", body.len()).as_bytes()).unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        assert_eq!(line, "HTTP/1.1 100 Continue\r\n", "the request is running");

        server.signal(signal);
        server.log.wait_for("stopping", DEADLINE).expect("the server says that it stops");
        stream.write_all(body).unwrap();
        let mut answer = String::new();
        reader.read_to_string(&mut answer).unwrap();
        assert!(
            answer.contains("200 OK") && answer.contains("{\"measure\":{\"name\":\"Invoeg\"}}"),
            "{signal}: {answer}"
        );

        let status = server.wait();
        assert_eq!(status.code(), Some(0), "SIG{signal}: {}", server.log.seen());
        assert!(TcpStream::connect(server.address).is_err(), "nobody listens any more");
        assert!(!server.log.seen().contains("panicked"), "{}", server.log.seen());
    }
}

#[test]
fn a_request_that_never_ends_does_not_keep_it_from_stopping() {
    let mut server = Server::start(&["--demo", "--stop-timeout-s", "1"]);
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    let head = "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let mut line = String::new();
    BufReader::new(stream.try_clone().unwrap()).read_line(&mut line).unwrap();
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0), "{}", server.log.seen());
}

#[test]
fn it_stops_also_when_nobody_reads_its_log_any_more() {
    let mut command = boordtabel();
    command.args(["serve", "--demo", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).unwrap().to_owned();
    // It says where it listens before it answers: only who has had an answer knows that it takes signals.
    let healthy = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(&address)?;
        stream.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer.starts_with("HTTP/1.1 200"))
    };
    let begun = std::time::Instant::now();
    while !healthy().unwrap_or(false) {
        assert!(begun.elapsed() < DEADLINE, "it does not answer");
    }
    drop(child.stderr.take());
    let kill = format!("kill -TERM {}", child.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    let begun = std::time::Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if begun.elapsed() > DEADLINE {
            child.kill().unwrap();
            panic!("it does not stop");
        }
        std::thread::yield_now();
    };
    assert_eq!(status.code(), Some(0));
}
