//! What is taken as a request, and in which form it is answered.

use serde_json::{Value as Json, json};

use super::{assert_refused, assert_safe, raw};
use crate::support::{Dice, Server, shared};

/// Most bytes of a body that the server takes.
const BODY_MAX: usize = 1 << 20;

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
            (200, media_type, "Accept, Accept-Encoding, Authorization"),
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
        "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        BODY_MAX + 1
    );
    let answer = raw(shared(), head.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("LIMIT_EXCEEDED"), "{answer}");

    // And one without a length as soon as it is too long.
    let mut chunked =
        b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
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
