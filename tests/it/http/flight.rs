//! Answers that nobody takes: they do not fill the memory, and do not keep others from being answered.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Instant;

use super::assert_refused;
use crate::support::{DEADLINE, Server};

const MIB: usize = 1 << 20;

/// Lists in lists: 150 bytes that become some MiB. Documents of different names are different answers.
fn large(name: usize) -> String {
    const LEVELS: usize = 4;
    let (open, close) = ("norms{measure{".repeat(LEVELS), "}}".repeat(LEVELS));
    format!(
        "query Q{name}{{measures{{nodes{{{open}norms{{id key label printed{{row section table text}} measure{{id key name}}}}{close}}}}}}}"
    )
}

fn path(document: &str) -> String {
    format!("/graphql?query={}", document.replace(' ', "%20").replace('{', "%7B").replace('}', "%7D"))
}

/// Sends a request, and gives its status without reading on.
fn send(server: &Server, path: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes()).unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).unwrap();
    (stream, String::from_utf8_lossy(&status[9..]).into_owned())
}

#[test]
fn clients_that_read_nothing_do_not_fill_the_memory() {
    // Answers that are kept take room of their own: here none is.
    let limits = "cost=100000000,flight_bytes=16777216,answer_bytes=8388608,take_ms=1000,wait_ms=100,cache_bytes=0";
    let server = Server::start(&["--demo", "--workers", "2", "--limit", limits]);
    let whole = server.get(&path(&large(0)), &[]);
    assert!(whole.status == 200 && whole.body.len() > 2 * MIB, "{} bytes", whole.body.len());
    let before = server.memory_bytes();
    let begun = Instant::now();
    let asked: Vec<_> = (1..13).map(|name| send(&server, &path(&large(name)))).collect();
    let (taken, refused): (Vec<_>, Vec<_>) = asked.into_iter().partition(|(_, status)| status == "200");
    let within_patience = begun.elapsed().as_millis() < 1000;
    assert!(refused.iter().all(|(_, status)| status == "503"), "the others are told to come again");
    // On a machine that was busy for so long, the first ones are gone before the last one asks.
    assert!(!within_patience || taken.len() <= 16 * MIB / whole.body.len(), "{} at once", taken.len());
    // What is in flight, and two answers that are being made, each twice while its buffer grows.
    let most = 16 * MIB + 2 * 2 * 8 * MIB + 16 * MIB;
    let grown = server.memory_bytes().saturating_sub(before);
    assert!(grown < most, "the memory grew by {grown} bytes with {} answers in flight", taken.len());
    // Short answers go on, and long ones too as soon as those who read nothing are cut.
    assert_eq!(server.get("/graphql?query=%7B__typename%7D", &[]).status, 200);
    let begun = Instant::now();
    loop {
        let answer = server.get(&path(&large(0)), &[("Cache-Control", "no-cache")]);
        if answer.status == 200 {
            assert!(answer.body == whole.body);
            break;
        }
        assert_refused(&answer, 503, "LIMIT_EXCEEDED");
        assert!(
            !answer.header("retry-after").is_empty() && answer.text().contains("flight_bytes"),
            "{}",
            answer.text()
        );
        assert!(begun.elapsed() < DEADLINE, "those who read nothing keep their answers");
    }
    // Room is there as soon as one is cut: who is not yet may still take what is his.
    let is_cut = |mut stream: TcpStream| {
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).is_err() || rest.len() < whole.body.len()
    };
    assert!(taken.into_iter().any(|(stream, _)| is_cut(stream)), "nobody was cut");
}

#[test]
fn who_reads_slowly_but_steadily_gets_it_all() {
    let limits = "cost=100000000,take_ms=1000";
    let server = Server::start(&["--demo", "--limit", limits]);
    let whole = server.get(&path(&large(0)), &[]).body;
    let (mut stream, status) = send(&server, &path(&large(0)));
    assert_eq!(status, "200");
    let (mut rest, mut piece) = (Vec::new(), vec![0; 32 * 1024]);
    while !rest.ends_with(&whole[whole.len() - 100..]) {
        let read = stream.read(&mut piece).unwrap();
        assert!(read > 0, "cut after {} bytes", rest.len());
        rest.extend_from_slice(&piece[..read]);
        std::thread::yield_now();
    }
    assert!(rest.ends_with(&whole));
}
