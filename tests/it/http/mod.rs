//! HTTP as clients of all manners meet it.

mod audit;
mod caching;
mod documents;
mod life;
mod limits;
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

/// Sends bytes as they are, and reads what comes until the server closes or has answered.
pub fn raw(server: &Server, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream.set_write_timeout(Some(DEADLINE)).unwrap();
    // The server may answer and close before it has read everything.
    stream.write_all(bytes).and_then(|()| stream.shutdown(std::net::Shutdown::Write)).ok();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok();
    String::from_utf8_lossy(&answer).into_owned()
}
