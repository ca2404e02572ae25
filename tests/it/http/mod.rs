//! HTTP as clients of all manners meet it.

mod audit;
mod caching;
mod documents;
mod flight;
mod life;
pub mod limits;
mod names;
mod pages;
pub mod prefix;
mod requests;
mod tls;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::support::{Answer, DEADLINE, Server};

pub fn assert_refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    let error = &answer.json()["errors"][0];
    assert_eq!(error["extensions"]["code"], code, "{error}");
    for text in [&error["message"], &error["extensions"]["hint"]] {
        assert!(text.as_str().is_some_and(|text| text.len() > 5), "says what is wrong and what to do: {error}");
    }
    assert_safe(answer);
}

pub fn assert_safe(answer: &Answer) {
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

/// Sends bytes as they are, and reads what comes until the server closes or has answered. Only then is our side closed: who closes
/// before has gone.
pub fn raw(server: &Server, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream.set_write_timeout(Some(DEADLINE)).unwrap();
    // The server may answer and close before it has read everything.
    stream.write_all(bytes).ok();
    let mut answer = Vec::new();
    let mut piece = [0; 4096];
    while !is_whole(&answer) {
        match stream.read(&mut piece) {
            Ok(read) if read > 0 => answer.extend_from_slice(&piece[..read]),
            _ => break,
        }
    }
    String::from_utf8_lossy(&answer).into_owned()
}

/// Whether these bytes are an answer with all of its body.
fn is_whole(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer).to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    if head.starts_with("http/1.1 1") && !head.starts_with("http/1.1 101") {
        return is_whole(body.as_bytes());
    }
    match head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.trim().parse::<usize>().ok()) {
        Some(length) => body.len() >= length,
        None if head.contains("transfer-encoding: chunked") => body.ends_with("0\r\n\r\n"),
        None => ["101", "204", "304"].iter().any(|status| head["http/1.1 ".len()..].starts_with(status)),
    }
}
