//! Metrics on a listener of their own, and the rules for alarms that rest on them.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use serde_json::json;

use crate::live::local::Socket;
use crate::server::{boordtabel, run};
use crate::support::{DEADLINE, Lines, arg};

struct Watched {
    child: std::process::Child,
    url: String,
    metrics: String,
}

impl Watched {
    fn start(data: &Path) -> Self {
        let mut command = boordtabel();
        command.args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--metrics",
            "127.0.0.1:0",
            "--log",
            "error",
            "--data",
            arg(data),
        ]);
        let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
        let lines = Lines::of(child.stdout.take().unwrap());
        let at = |text: &str| {
            let line = lines.wait_for(text, DEADLINE).unwrap_or_else(|| panic!("no `{text}`: {}", lines.seen()));
            line.split("http://").nth(1).unwrap().split('/').next().unwrap().to_owned()
        };
        let (metrics, url) = (at("Metrics are at "), at("Boordtabel is at "));
        Self { child, url, metrics }
    }

    fn told(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.metrics).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    }

    fn get(&self) -> String {
        self.told("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn value(text: &str, series: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no `{series}` in {text}")).parse().unwrap()
}

#[test]
fn numbers_are_told_and_none_by_user() {
    let home = tempfile::tempdir().unwrap();
    let token = crate::server::token(home.path(), "import");
    let server = Watched::start(home.path());
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(DEADLINE)).build().into();
    let send = |token: &str, body: String| {
        let request = agent.post(format!("http://{}/graphql", server.url)).header("Content-Type", "application/json");
        request.header("Authorization", format!("Bearer {token}")).send(body).unwrap().status().as_u16()
    };
    let rows = json!([{ "organisation": { "key": "body", "name": "Body" } }]);
    let input = crate::server::with_common(json!({ "rows": rows }));
    assert_eq!(
        send(&token, json!({ "query": crate::server::IMPORT, "variables": { "input": input } }).to_string()),
        200
    );
    assert_eq!(send("bt_nobody", json!({ "query": "{__typename}" }).to_string()), 401);
    let text = server.get();
    assert!(text.starts_with("HTTP/1.1 200 OK\r\nContent-Type: application/openmetrics-text"), "{text}");
    assert!(text.ends_with("# EOF\n"), "{text}");
    for (series, expected) in [
        ("boordtabel_revision", 1.0),
        ("boordtabel_records", 1.0),
        ("boordtabel_http_requests_total{kind=\"graphql\",status=\"2xx\"}", 1.0),
        ("boordtabel_refused_total{reason=\"unauthenticated\"}", 1.0),
        ("boordtabel_well{check=\"journal\"}", 1.0),
        ("boordtabel_panics", 0.0),
    ] {
        assert_eq!(value(&text, series), expected, "{series}");
    }
    assert!(value(&text, "boordtabel_journal_bytes") > 100.0 && value(&text, "boordtabel_cost_total") > 0.0);
    assert!(value(&text, "boordtabel_resident_memory_bytes") > 1e6);
    assert!(!text.contains("\"import\",author") && !text.contains("127.0.0.1"), "{text}");
    let series = text.lines().filter(|line| line.starts_with("boordtabel_")).count();
    assert!((20..60).contains(&series), "{series} series");
    assert!(server.told("GET /graphql HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404 "));
    assert!(server.told("POST /metrics HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405 "));
    // Who says nothing holds up nobody for long.
    let idle = TcpStream::connect(&server.metrics).unwrap();
    assert!(server.get().contains("boordtabel_revision 1"));
    drop(idle);
    run(home.path(), &["token", "list"]);
}

/// Where no status says that somebody was refused, numbers and the audit log say so all the same, and from where it came.
#[test]
fn refusals_without_a_status_are_counted_and_noted() {
    let home = tempfile::tempdir().unwrap();
    let reader = crate::server::token(home.path(), "read");
    let server = Watched::start(home.path());
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(DEADLINE)).build().into();
    let write = |is_dry: bool| {
        let rows = json!([{ "organisation": { "key": "body", "name": "Body" } }]);
        let input = crate::server::with_common(json!({ "rows": rows, "dryRun": is_dry }));
        json!({ "query": crate::server::IMPORT, "variables": { "input": input } })
    };
    for is_dry in [false, true] {
        let request = agent.post(format!("http://{}/graphql", server.url)).header("Content-Type", "application/json");
        assert_eq!(request.send(write(is_dry).to_string()).unwrap().status(), 200);
    }
    let address = server.url.parse().unwrap();
    let mut socket = Socket::connect(address, &[]).ready();
    socket.send(&json!({ "id": "s", "type": "subscribe", "payload": write(false) }));
    assert!(socket.next().unwrap().to_string().contains("FORBIDDEN"));
    let mut wrong = Socket::connect(address, &[]);
    wrong.send(&json!({ "type": "connection_init", "payload": { "Authorization": "Bearer bt_none" } }));
    assert_eq!(wrong.ends().code, 4403);
    let request = agent.post(format!("http://{}/import?reason=r&idempotencyKey=k", server.url));
    let request =
        request.header("Content-Type", "application/jsonl").header("Authorization", format!("Bearer {reader}"));
    assert_eq!(request.send("{}").unwrap().status(), 403);

    let told = server.get();
    let refused = |reason: &str| value(&told, &format!("boordtabel_refused_total{{reason=\"{reason}\"}}"));
    assert_eq!((refused("forbidden"), refused("unauthenticated")), (4.0, 1.0), "{told}");
    let all = crate::open::audit::lines(home.path());
    let of = |what: &str, outcome: &str| {
        let found: Vec<_> = all.iter().filter(|line| line["what"] == what && line["outcome"] == outcome).collect();
        assert!(found.iter().all(|line| line["from"].as_str().unwrap().starts_with("127.0.0.1 request ")), "{all:#?}");
        found
    };
    let written = of("write", "REFUSED");
    assert!(written.len() == 3 && written.iter().all(|line| line["who"] == "anonymous"), "{written:#?}");
    assert_eq!(written.iter().filter(|line| line["about"].as_str().unwrap().starts_with("dry run: ")).count(), 1);
    assert_eq!(of("socket", "401").len(), 1, "{all:#?}");
    assert_eq!(of("request", "403")[0]["who"], "read");
}

#[test]
fn the_alarms_rest_on_series_that_there_are() {
    let home = tempfile::tempdir().unwrap();
    let told = Watched::start(home.path()).get();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rules = std::fs::read_to_string(root.join("packaging/alerts.yml")).unwrap();
    let guide = std::fs::read_to_string(root.join("docs/operating.md")).unwrap();
    let named: BTreeSet<&str> = rules
        .split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
        .filter(|word| word.starts_with("boordtabel_"))
        .collect();
    assert!(named.len() >= 8, "{named:?}");
    for series in named {
        let base = series.trim_end_matches("_total").trim_end_matches("_bucket");
        assert!(told.contains(&format!("# TYPE {base} ")), "there is no series `{series}`");
    }
    let alarms: Vec<&str> = rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    assert!(alarms.len() >= 8, "{alarms:?}");
    for alarm in alarms {
        assert!(guide.contains(&format!("`{alarm}`")), "the guide does not say what `{alarm}` means");
    }
}
