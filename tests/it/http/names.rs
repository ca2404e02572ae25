//! By which names it may be called.

use super::{assert_refused, raw};
use crate::support::{DEADLINE, Server, boordtabel, end, shared};

fn status(server: &Server, host: &str, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\n{host}Connection: close\r\n\r\n");
    raw(server, request.as_bytes()).lines().next().unwrap_or_default().to_owned()
}

#[test]
fn a_name_of_another_site_does_not_lead_here() {
    let server = Server::start(&["--demo", "--host", "board.example.org"]);
    for ours in ["localhost", "127.0.0.1:80", "[::1]:8080", "BOARD.example.org", "board.example.org:8443"] {
        assert_eq!(status(&server, &format!("Host: {ours}\r\n"), "/health"), "HTTP/1.1 200 OK", "{ours}");
    }
    // Also a page, a question before a request, a socket, and where the request line or a second header says another name.
    for (host, path) in [
        ("Host: evil.example\r\n", "/health"),
        ("Host: evil.example\r\n", "/"),
        ("Host: evil.example\r\n", "/graphql?query=%7B__typename%7D"),
        ("Host: evil.example\r\nUpgrade: websocket\r\n", "/graphql"),
        ("Host: localhost\r\nHost: evil.example\r\n", "/health"),
        ("Host: localhost\r\n", "http://evil.example/health"),
        ("Host: board.example.org.evil.example\r\n", "/health"),
        ("Host: \r\n", "/health"),
    ] {
        let status = status(&server, host, path);
        assert!(matches!(&status[..12], "HTTP/1.1 421" | "HTTP/1.1 400"), "{host}{path}: {status}");
    }
    let asks =
        [("Host", "evil.example"), ("Origin", "https://evil.example"), ("Access-Control-Request-Method", "POST")];
    assert_refused(&server.send("OPTIONS", "/graphql", &asks, None), 421, "MISDIRECTED_REQUEST");
    let refused = server.get("/", &[("Host", "evil.example")]);
    assert_refused(&refused, 421, "MISDIRECTED_REQUEST");
    assert!(refused.text().contains("`evil.example`") && refused.text().contains("--host"), "{}", refused.text());
    assert_refused(&shared().get("/", &[("Host", "board.example.org")]), 421, "MISDIRECTED_REQUEST");
    let wrong = end(boordtabel().args(["serve", "--demo", "--host", "https://board.example.org"]));
    assert!(wrong.code == Some(2) && wrong.stderr.contains("is no name of a host"), "{wrong:?}");
}

#[test]
fn elsewhere_names_count_when_some_are_given() {
    let open = Server::start_at("0.0.0.0:0", &["--demo"]);
    let warning = open.log.wait_for("--host", DEADLINE).expect("it warns");
    assert!(warning.contains("WARN"), "{warning}");
    assert_eq!(status(&open, "Host: any.example\r\n", "/health"), "HTTP/1.1 200 OK");
    let named = Server::start_at("0.0.0.0:0", &["--demo", "--host", "a.example,b.example"]);
    for (host, expected) in
        [("a.example", "200 OK"), ("b.example:81", "200 OK"), ("any.example", "421 Misdirected Request")]
    {
        let status = status(&named, &format!("Host: {host}\r\n"), "/health");
        assert_eq!(status, format!("HTTP/1.1 {expected}"), "{host}");
    }
    assert!(!named.log.seen().contains("WARN"), "{}", named.log.seen());
    let by_name = Server::start_at("localhost:0", &["--demo"]);
    assert!(by_name.address.ip().is_loopback() && by_name.get("/health", &[]).status == 200);
}
