//! `POST /import` keeps to its bytes and its time, and memory to a few times the body's bytes, whatever the bytes.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use super::small::{measure, rows};
use crate::server::{Server, journal, token};

/// A server with narrow bounds, so that a test need not send much.
struct Narrow {
    folder: tempfile::TempDir,
    server: Server,
    token: String,
}

const BYTES: usize = 400_000;
const MS: u64 = 3_000;

impl Narrow {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let token = token(folder.path(), "import");
        let limits = [format!("import_bytes={BYTES}"), format!("import_ms={MS}")];
        let server = Server::start_with(folder.path(), &["--limit", &limits[0], "--limit", &limits[1]]);
        let done = server.lines(Some(&token), "idempotencyKey=first", &rows());
        assert_eq!(done.json["status"], "COMMITTED", "{}", done.json);
        Self { folder, server, token }
    }

    /// Begins an import whose body is yet to come; it says its length, or comes in chunks.
    fn begin(&self, length: Option<usize>) -> TcpStream {
        let address = self.server.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let how = length.map_or("Transfer-Encoding: chunked".to_owned(), |length| format!("Content-Length: {length}"));
        write!(
            stream,
            "POST /import?reason=r&idempotencyKey=slow HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/jsonl\r\n{how}\r\n\r\n",
            self.token
        )
        .unwrap();
        stream
    }
}

/// The first line of an answer, whenever it comes.
fn status(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let mut byte = [0];
    while answer.last() != Some(&b'\r') && stream.read(&mut byte).unwrap() > 0 {
        answer.push(byte[0]);
    }
    String::from_utf8_lossy(&answer).trim().to_owned()
}

#[test]
fn a_body_that_is_too_large_is_refused_as_soon_as_that_is_known() {
    let narrow = Narrow::new();
    let before = journal(narrow.folder.path());
    assert_eq!(status(&mut narrow.begin(Some(BYTES + 1))), "HTTP/1.1 413 Payload Too Large");
    // Without a length it is known when so much has come.
    let mut stream = narrow.begin(None);
    let row = measure("m-9").to_string() + "\n";
    let piece = row.repeat(1 + 8_000 / row.len());
    for _ in 0..=BYTES / piece.len() {
        let _ = write!(stream, "{:x}\r\n{piece}\r\n", piece.len());
    }
    assert_eq!(status(&mut stream), "HTTP/1.1 413 Payload Too Large");
    assert!(before == journal(narrow.folder.path()), "a refused body left something behind");
    assert_eq!(narrow.server.revision(), 1);
}

#[test]
fn a_body_that_trickles_is_refused_when_its_time_is_over() {
    let narrow = Narrow::new();
    let mut stream = narrow.begin(None);
    let began = Instant::now();
    // A byte now and then keeps nothing open: the time counts for the whole body.
    let mut trickle = stream.try_clone().unwrap();
    let trickling = std::thread::spawn(move || {
        while trickle.write_all(b"1\r\n \r\n").is_ok() && began.elapsed() < Duration::from_secs(20) {
            std::thread::park_timeout(Duration::from_millis(100));
        }
    });
    assert_eq!(status(&mut stream), "HTTP/1.1 408 Request Timeout");
    assert!(began.elapsed() >= Duration::from_millis(MS));
    drop(stream);
    trickling.join().unwrap();
    // Others go on meanwhile and afterwards.
    let done = narrow.server.lines(Some(&narrow.token), "idempotencyKey=other", &[measure("m-3")]);
    assert_eq!(done.json["status"], "COMMITTED");
}

/// The most memory that a process ever had, in bytes.
fn peak(id: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1024
}

#[test]
fn short_lines_that_are_no_rows_take_no_more_memory_than_long_ones() {
    let folder = tempfile::tempdir().unwrap();
    let token = token(folder.path(), "import");
    let server = Server::start(folder.path());
    // What every large import takes is there already.
    let good: Vec<Json> =
        (0..20_000).map(|key| json!({ "organisation": { "key": format!("o-{key}"), "name": "O" } })).collect();
    assert_eq!(server.lines(Some(&token), "idempotencyKey=a", &good).json["counts"]["created"], 20_000);
    let before = peak(server.id());
    for (line, key) in [("1\n", "k1"), ("{}\n", "k2"), ("{\"measure\":{}}\n", "k3")] {
        let count = 200_000 / line.len();
        let headers = [("Content-Type", "application/jsonl"), ("Authorization", &*format!("Bearer {token}"))];
        let answer =
            server.post_to(&format!("/import?reason=r&idempotencyKey={key}"), &headers, line.repeat(count).as_bytes());
        assert_eq!(
            (answer.status, &answer.json["status"]),
            (200, &"REJECTED".into()),
            "{:.300}",
            answer.json.to_string()
        );
        // All of them are counted and named, the first ten thousand are told.
        assert_eq!(answer.json["counts"]["rejected"], count);
        assert_eq!(answer.json["rejectedLines"], json!([[1, count]]));
        assert!(answer.json["problemCount"].as_u64().unwrap() >= count as u64);
        assert_eq!(answer.json["problems"].as_array().unwrap().len(), 10_000);
        let taken = peak(server.id()).saturating_sub(before);
        // The ten thousand that are told take their part, whatever the size.
        assert!(taken <= 5 * 200_000 + 48 * 1024 * 1024, "{line:?}: {taken} bytes more");
    }
}
