//! What pages cost: `cargo bench --bench pages`, and with `-- PROGRAM` for another build.
//!
//! Each page of the demonstration is asked for one after the other on one connection, as browsers ask: of a server that keeps no answers, and
//! of one that does. Then, where Node.js and Chromium are there, a browser opens each (`web/test/paint.mjs`): the bytes of all that comes, and
//! when something is first drawn. It fails when a page takes more than docs/performance.md promises.
#![allow(missing_docs, clippy::unwrap_used)]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

/// Requests for each page; of records of one kind, one record after the other.
const COUNT: usize = 400;
/// So long may 99 of a hundred pages take that are made anew, and that are kept.
const MADE_MAX: Duration = Duration::from_millis(10);
const KEPT_MAX: Duration = Duration::from_millis(1);

/// A server that ends when this is dropped.
struct Server {
    child: Child,
    url: String,
    agent: ureq::Agent,
}

impl Server {
    fn start(program: &str, options: &[&str]) -> Self {
        let mut command = Command::new(program);
        command.args(["serve", "--demo", "--listen", "127.0.0.1:0", "--log", "error"]).args(options);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let rest = line.split("http://").nth(1).expect("it says where it listens");
        let url = format!("http://{}", rest.split('/').next().unwrap());
        Self { child, url, agent: ureq::Agent::new_with_defaults() }
    }

    /// The bytes of a page, compressed, and how long it took.
    fn get(&self, path: &str) -> (usize, Duration) {
        let request = self.agent.get(format!("{}/{path}", self.url));
        let request = request.header("Accept", "text/html").header("Accept-Language", "nl-BE");
        let request = request.header("Accept-Encoding", "gzip, deflate, br, zstd");
        let begun = Instant::now();
        let mut answer = request.call().unwrap_or_else(|error| panic!("{path}: {error}"));
        let bytes = answer.body_mut().with_config().limit(u64::MAX).read_to_vec().unwrap().len();
        (bytes, begun.elapsed())
    }

    fn ask(&self, query: &str) -> Json {
        let body = serde_json::json!({ "query": query }).to_string();
        let request = self.agent.post(format!("{}/graphql", self.url)).header("Content-Type", "application/json");
        let answer = request.send(body).unwrap().body_mut().read_to_string().unwrap();
        serde_json::from_str::<Json>(&answer).unwrap()["data"].take()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Each sort of page with the addresses of all that are of it.
fn pages(server: &Server) -> Vec<(&'static str, Vec<String>)> {
    let kinds = [
        ("plans", "plans"),
        ("fields", "policyFields"),
        ("goals", "operationalGoals"),
        ("strategic-goals", "strategicGoals"),
        ("projects", "projects"),
        ("measures", "measures"),
        ("articles", "budgetArticles"),
        ("processes", "inspectedProcesses"),
    ];
    let lists: String = kinds.iter().map(|(_, list)| format!("{list}(first: 200) {{ nodes {{ key }} }} ")).collect();
    let data = server.ask(&format!("{{ {lists} }}"));
    let keys = |list: &str| {
        let nodes = data[list]["nodes"].as_array().unwrap().iter();
        nodes.map(|node| node["key"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let plan = keys("plans").remove(0);
    let mut all: Vec<(&str, Vec<String>)> =
        ["home", "plans", "bodies", "changes"].map(|name| (name, vec![name.replace("home", "")])).into();
    all.push(("search", vec!["search?text=subsidie".into()]));
    for name in ["norms", "budget", "milestones", "trends", "inspections", "staff", "contradictions", "round"] {
        all.push((name, vec![format!("{name}?plan={plan}")]));
    }
    for (path, list) in kinds {
        all.push((path, keys(list).iter().map(|key| format!("{path}/{}", key.replace('/', "%2F"))).collect()));
    }
    all
}

/// Half and 99 of a hundred.
fn shares(mut times: Vec<Duration>) -> [Duration; 2] {
    times.sort();
    [times[times.len() / 2], times[times.len() * 99 / 100]]
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

fn main() -> ExitCode {
    let program = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let program = program.unwrap_or_else(|| env!("CARGO_BIN_EXE_boordtabel").to_owned());
    let kept = Server::start(&program, &[]);
    let made = Server::start(&program, &["--limit", "cache_bytes=0"]);
    let mut failed = Vec::new();
    println!("{:<18}{:>8}{:>20}{:>20}", "", "bytes", "made ms: half, 99%", "kept ms: half, 99%");
    for (name, addresses) in pages(&made) {
        let times = |server: &Server| {
            // Once each before, so that what is compiled once is, and what is kept is there.
            let bytes = addresses.iter().map(|address| server.get(address).0).max().unwrap_or_default();
            let times = addresses.iter().cycle().take(COUNT).map(|address| server.get(address).1).collect();
            (bytes, shares(times))
        };
        let (bytes, [half, most]) = times(&made);
        let (_, [kept_half, kept_most]) = times(&kept);
        let columns = [half, most, kept_half, kept_most].map(ms);
        println!("{name:<18}{bytes:>8}{:>12.2}{:>8.2}{:>12.2}{:>8.2}", columns[0], columns[1], columns[2], columns[3]);
        if most > MADE_MAX || kept_most > KEPT_MAX {
            failed.push(name);
        }
    }
    println!();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/web/test/paint.mjs");
    match Command::new("node").args([script, &kept.url]).status() {
        Ok(status) if !status.success() => failed.push("in a browser"),
        Ok(_) => {}
        Err(error) => println!("not opened in a browser: node does not start ({error})"),
    }
    if failed.is_empty() {
        return ExitCode::SUCCESS;
    }
    eprintln!("over what is promised: {failed:?}");
    ExitCode::FAILURE
}
