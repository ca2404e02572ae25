//! What every answer says to browsers and caches, and what requests may not say twice.

use crate::http::{assert_refused, raw};
use crate::support::shared;

#[test]
fn every_answer_says_how_it_may_be_kept_and_what_pages_may_not_do() {
    let paths = [
        "/",
        "/nothing",
        "/graphql",
        "/graphql?query={__typename}",
        "/schema.graphql",
        "/docs",
        "/start.css",
        "/icon.svg",
        "/livez",
    ];
    for path in paths.into_iter().chain([
        "/readyz",
        "/health",
        "/graphiql",
        "/export/measures.csv",
        "/export/nothing.csv",
        "/import",
    ]) {
        let answer = shared().get(path, &[]);
        for (name, part) in [
            ("cache-control", "no-"),
            ("permissions-policy", "geolocation=()"),
            ("cross-origin-opener-policy", "same-origin"),
            ("x-content-type-options", "nosniff"),
        ] {
            assert!(answer.header(name).contains(part), "{path}: `{name}: {}`", answer.header(name));
        }
        assert_eq!(answer.header("strict-transport-security"), "", "{path}: it is not encrypted");
        assert!(answer.status < 400 || answer.header("cache-control") == "no-store", "{path}");
    }
}

#[test]
fn what_is_said_twice_is_refused() {
    let body = "{\"query\":\"{__typename}\"}";
    for header in [
        "Authorization: Bearer a\r\nAuthorization: Bearer b",
        "Content-Type: application/json\r\nContent-Type: text/plain",
        "Host: localhost\r\nHost: 127.0.0.1",
        "Origin: http://localhost\r\nOrigin: null",
        "Boordtabel-Min-Revision: 0\r\nBoordtabel-Min-Revision: 1",
        "Content-Encoding: identity\r\nContent-Encoding: identity",
    ] {
        let kind = if header.starts_with("Content-Type") { "" } else { "Content-Type: application/json\r\n" };
        let host = if header.starts_with("Host") { "" } else { "Host: localhost\r\n" };
        let request =
            format!("POST /graphql HTTP/1.1\r\n{host}{kind}{header}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let answer = raw(shared(), request.as_bytes());
        // Two hosts are refused before anybody of ours looks.
        let is_told = header.starts_with("Host") || answer.contains("is there twice");
        assert!(answer.starts_with("HTTP/1.1 400 ") && is_told, "{header}: {answer}");
    }
    let answer = shared().get("/graphql?query={__typename}&query={measures{totalCount}}", &[]);
    assert_refused(&answer, 400, "BAD_REQUEST");
    assert!(answer.text().contains("`query` is there twice"), "{}", answer.text());
    for address in [
        "/?lang=nl&lang=en",
        "/search?q=a&q=b",
        "/docs?q=a&q=b",
        "/readyz?verbose&verbose",
        "/norms?plan=a&plan=b",
        "/norms?plan=a&pl%61n=b",
        "/export/measures.csv?sources=1&sources=0",
        "/search?kind=a&kind=b",
    ] {
        let answer = shared().get(address, &[]);
        assert_refused(&answer, 400, "BAD_REQUEST");
        assert!(answer.text().contains("is there twice"), "{address}: {}", answer.text());
    }
    // Boxes of a form that are ticked have one name.
    let ticked = shared().get("/search?text=norm&kinds=NORM&kinds=MEASURE", &[]);
    assert!(ticked.status == 200, "{}", ticked.text());
    let post = |address: &str| {
        let body = "{\"query\":\"query A{__typename} query B{__typename}\",\"operationName\":\"A\"}";
        raw(
            shared(),
            format!(
                "POST {address} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
            .as_bytes(),
        )
    };
    for address in ["/graphql?query={b}", "/graphql?variables={}", "/graphql?operationName=B"] {
        assert!(post(address).contains("stands in the address of a POST"), "{address}: {}", post(address));
    }
    assert!(post("/graphql?operationName=A&op=A").starts_with("HTTP/1.1 200 "));
    let lengths = format!(
        "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\nTransfer-Encoding: chunked\r\n\r\n{body}",
        body.len()
    );
    let answer = raw(shared(), lengths.as_bytes());
    assert!(!answer.starts_with("HTTP/1.1 2"), "{answer}");
}

#[test]
fn a_packed_body_is_refused_clearly() {
    for coding in ["gzip", "br", "deflate, gzip"] {
        let answer = shared().post_bytes(b"{\"query\":\"{__typename}\"}", &[("Content-Encoding", coding)]);
        assert_refused(&answer, 415, "UNSUPPORTED_MEDIA_TYPE");
        assert_eq!(answer.header("accept-encoding"), "identity");
    }
    let answer = shared().post_bytes(b"{\"query\":\"{__typename}\"}", &[("Content-Encoding", "identity")]);
    assert_eq!(answer.status, 200);
}

/// HTTP/1.0 knows no chunks: an answer whose length is not known ends with its connection, whatever the client asked for.
#[test]
fn an_answer_to_http_1_0_has_no_chunks() {
    for connection in ["", "Connection: keep-alive\r\n"] {
        let request = format!("GET /export/measures.csv HTTP/1.0\r\nHost: localhost\r\n{connection}\r\n");
        let answer = raw(shared(), request.as_bytes());
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let head = head.to_ascii_lowercase();
        assert!(head.starts_with("http/1.0 200 ") && !head.contains("chunked"), "{head}");
        assert!(!head.contains("keep-alive"), "{head}");
        assert_eq!(body, shared().get("/export/measures.csv", &[]).text(), "{connection}");
    }
}
