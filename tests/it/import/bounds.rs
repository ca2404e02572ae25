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

/// Observations in as few letters as can be: a record takes ten times as much.
fn lean(count: usize) -> String {
    let head = "indicatorKey,period,figure.value,figure.status,figure.unit\n".to_owned();
    let day = |row: usize| format!("{}-{:02}-{:02}", 1900 + row / 336, 1 + row / 28 % 12, 1 + row % 28);
    head + &(0..count).map(|row| format!("i-1,{},1,REPORTED,COUNT\n", day(row))).collect::<String>()
}

#[test]
fn rows_that_would_take_more_memory_than_they_may_are_refused() {
    let narrow = Narrow::new();
    let before = journal(narrow.folder.path());
    let send = |path: &str, body: &[u8]| {
        let headers = [("Content-Type", "application/jsonl"), ("Authorization", &*format!("Bearer {}", narrow.token))];
        narrow.server.post_to(&format!("/import?reason=r&{path}"), &headers, body)
    };
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet().set_name("observations").unwrap();
    for (row, line) in lean(10_000).lines().enumerate() {
        for (column, text) in line.split(',').enumerate() {
            let (row, column) = (u32::try_from(row).unwrap(), u16::try_from(column).unwrap());
            sheet.write_string(row, column, text).unwrap();
        }
    }
    let book = book.save_to_buffer().unwrap();
    let deletes = "key\n".to_owned() + &(0..60_000).map(|key| format!("{key}\n")).collect::<String>();
    for (path, body) in [
        ("file=observations.csv&idempotencyKey=a", lean(10_000).as_bytes()),
        ("file=observations.csv&idempotencyKey=b&dryRun=true", lean(10_000).as_bytes()),
        ("file=observations.xlsx&idempotencyKey=c", &book),
        ("file=measures.csv&idempotencyKey=d&mode=DELETE", deletes.as_bytes()),
    ] {
        assert!(body.len() < BYTES, "{path}: {}", body.len());
        let refused = send(path, body);
        let error = &refused.json["errors"][0];
        assert_eq!(
            (refused.status, refused.error()),
            (413, "LIMIT_EXCEEDED"),
            "{path}: {:.300}",
            refused.json.to_string()
        );
        assert_eq!(error["extensions"]["limit"], 5 * BYTES, "{path}");
        assert!(error["extensions"]["found"].as_u64().unwrap() > 5 * BYTES as u64, "{path}");
        assert!(error["extensions"]["hint"].as_str().unwrap().contains("import_bytes"), "{path}: {error}");
    }
    assert!(before == journal(narrow.folder.path()), "a refused import left something behind");
    // In several requests they are taken; and what is written out in full takes less than so much in one.
    let dry = send("file=observations.csv&idempotencyKey=e&dryRun=true", lean(4_000).as_bytes());
    assert_eq!(
        (&dry.json["status"], &dry.json["counts"]["created"]),
        (&"WOULD_COMMIT".into(), &4_000.into()),
        "{}",
        dry.json
    );
    let full = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let figure = json!({ "value": cells[2], "status": cells[3], "unit": cells[4] });
        json!({ "observation": { "indicatorKey": cells[0], "period": cells[1], "figure": figure } }).to_string() + "\n"
    };
    let lines: String = lean(3_300).lines().skip(1).map(full).collect();
    assert!((BYTES * 9 / 10..BYTES).contains(&lines.len()), "{}", lines.len());
    let done = send("idempotencyKey=f", lines.as_bytes());
    assert_eq!(done.json["status"], "COMMITTED", "{}", done.json);
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
    let unheard: String = (0..500).map(|field| format!(",\"a{field}\":1")).collect();
    let unheard = format!("{{\"measure\":{{\"key\":\"m\"{unheard}}}}}\n");
    for (line, key) in [("1\n", "k1"), ("{}\n", "k2"), ("{\"measure\":{}}\n", "k3"), ("1\n \n", "k4"), (&unheard, "k5")]
    {
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
        match line.matches('\n').count() {
            1 => assert_eq!(answer.json["rejectedLines"], json!([[1, count]])),
            // Lines without a row stand between: those that are told have a stretch each, all others one.
            _ => assert_eq!(answer.json["rejectedLines"][10_000], json!([20_001, 2 * count - 1])),
        }
        assert!(answer.json["problemCount"].as_u64().unwrap() >= count as u64);
        assert_eq!(answer.json["problems"].as_array().unwrap().len(), 10_000);
        let taken = peak(server.id()).saturating_sub(before);
        // The ten thousand that are told take their part, whatever the size.
        assert!(taken <= 5 * 200_000 + 48 * 1024 * 1024, "{line:?}: {taken} bytes more");
    }
}
