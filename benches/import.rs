//! What importing costs over HTTP: `cargo bench --bench import [-- OBSERVATIONS] [--beside NAME=URL=PATTERN]…`.
//!
//! The release binary gets that many observations (default 1 000 000) as one stream to `/import`, twice, is started again, and
//! then gets mutations of 10 000 new ones each. Told are rows per second by the clock, and the processor time of all threads,
//! which on a busy machine is the figure to trust.
//!
//! `--beside` measures another server alternately, in the same run. It must have indicators numbered from 1 to 20 000 and take
//! `mutation($rows: [ObservationInput!]!) { importObservations(rows: $rows) }` with rows `{indicatorId, year, value}`. Its
//! processor time is that of the processes whose command line has the pattern (several are separated by `|`).
#![allow(missing_docs, clippy::unwrap_used)]

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use serde_json::{Value as Json, json};

const INDICATORS: usize = 20_000;
const ROWS: usize = 10_000;
const ROUNDS: usize = 9;
const MUTATION: &str = "mutation($input: ImportRowsInput!) { importRows(input: $input) { status counts { created } problems { message } } }";
const BESIDE_MUTATION: &str = "mutation($rows: [ObservationInput!]!) { importObservations(rows: $rows) }";

struct Beside {
    name: String,
    url: String,
    patterns: Vec<String>,
}

fn main() {
    let mut observations = 1_000_000;
    let mut beside = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--beside" => {
                let given = arguments.next().expect("NAME=URL=PATTERN");
                let mut parts = given.splitn(3, '=').map(str::to_owned);
                let mut part = || parts.next().expect("NAME=URL=PATTERN");
                let (name, url) = (part(), part());
                beside.push(Beside { name, url, patterns: part().split('|').map(str::to_owned).collect() });
            }
            "--bench" => {}
            number => observations = number.parse().expect("a number of observations"),
        }
    }
    let scratch = tempfile::tempdir().unwrap();
    let made = boordtabel(scratch.path(), &["token", "create", "--role", "import"]).output().unwrap();
    let token = String::from_utf8(made.stdout).unwrap().trim().to_owned();
    assert!(!token.is_empty(), "{}", String::from_utf8_lossy(&made.stderr));

    let server = Server::start(scratch.path(), &token);
    server.mutate(&base());
    stream(&server, observations, "created");
    stream(&server, observations, "the same again");
    let grown = server.memory_mib("VmRSS");
    println!("memory: {grown} MiB, at most {} MiB", server.memory_mib("VmHWM"));
    server.stop();
    let begin = Instant::now();
    let server = Server::start(scratch.path(), &token);
    server.ask("{ observations(first: 1) { totalCount } }");
    println!(
        "started again: {:.2} s to the first answer, {} MiB",
        begin.elapsed().as_secs_f64(),
        server.memory_mib("VmRSS")
    );
    mutations(&server, observations / INDICATORS + 1, &beside);
    server.stop();
}

/// Streams all observations to `/import`.
fn stream(server: &Server, observations: usize, what: &str) {
    let mut lines = String::with_capacity(observations * 110);
    for row in (0..observations).map(|row| own_row(row % INDICATORS, row / INDICATORS)) {
        writeln!(lines, "{row}").unwrap();
    }
    let (before, begin) = (server.processor(), Instant::now());
    let key = what.replace(' ', "-");
    let address = format!("{}/import?reason=bench&idempotencyKey={key}", server.url);
    let mut answer = ureq::post(&address)
        .header("Content-Type", "application/jsonl")
        .header("Authorization", format!("Bearer {}", server.token))
        .send(lines)
        .unwrap();
    let took = begin.elapsed();
    let report = answer.body_mut().read_to_string().unwrap();
    assert!(["COMMITTED", "UNCHANGED"].iter().any(|status| report.contains(status)), "{report}");
    tell(&format!("JSON Lines, {observations} rows, {what}"), observations, took, server.processor() - before);
}

/// New observations of one year after the others, in mutations of 10 000, alternately with the other servers.
fn mutations(server: &Server, first_year: usize, beside: &[Beside]) {
    let halves = INDICATORS / ROWS;
    let mut own = Vec::new();
    let mut others: Vec<Vec<Duration>> = vec![Vec::new(); beside.len()];
    // The others keep what an earlier run gave them: each run has years of its own.
    let run = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() as usize % 10_000_000 * 10;
    let begun = server.processor();
    let begun_beside: Vec<Duration> = beside.iter().map(|other| processor_of(&other.patterns)).collect();
    for round in 0..ROUNDS {
        let (year, from) = (first_year + round / halves, round % halves * ROWS);
        own.push(server.mutate(&(from..from + ROWS).map(|indicator| own_row(indicator, year)).collect::<Vec<_>>()));
        for (other, times) in beside.iter().zip(&mut others) {
            let rows: Vec<Json> = (from..from + ROWS)
                .map(|it| json!({ "indicatorId": it + 1, "year": run + year, "value": value(it, year) }))
                .collect();
            times.push(other.mutate(&rows));
        }
    }
    // What a server does after its answer counts too.
    let settled = settle(|| server.processor());
    println!();
    println!("mutations of {ROWS} rows, median of {ROUNDS}; processor time of all threads, also after the answer:");
    tell("boordtabel", ROWS, median(&own), (settled - begun) / ROUNDS as u32);
    for ((other, times), begun) in beside.iter().zip(&others).zip(begun_beside) {
        let used = processor_of(&other.patterns) - begun;
        tell(&other.name, ROWS, median(times), used / ROUNDS as u32);
        println!("  boordtabel is {:.2} times as fast", median(times).as_secs_f64() / median(&own).as_secs_f64());
    }
}

fn tell(what: &str, rows: usize, took: Duration, processor: Duration) {
    let per = |time: Duration| rows as f64 / time.as_secs_f64();
    println!("{what}: {:.0} rows/s by the clock, {:.0} rows per second of processor", per(took), per(processor));
}

fn median(times: &[Duration]) -> Duration {
    let mut times = times.to_vec();
    times.sort();
    times[times.len() / 2]
}

/// Waits until a clock of processor time stands still.
fn settle(clock: impl Fn() -> Duration) -> Duration {
    let mut last = clock();
    loop {
        std::thread::sleep(Duration::from_millis(1500));
        let now = clock();
        if now - last < Duration::from_millis(20) {
            return now;
        }
        last = now;
    }
}

fn value(indicator: usize, year: usize) -> String {
    format!("{}.{}", indicator * 7 + year, year % 10)
}

fn own_row(indicator: usize, year: usize) -> Json {
    json!({ "observation": {
        "indicatorKey": format!("i-{indicator}"),
        "period": (1900 + year).to_string(),
        "figure": { "value": value(indicator, year), "status": "REPORTED", "unit": "COUNT" },
    }})
}

fn base() -> Vec<Json> {
    let mut rows = vec![
        json!({ "organisation": { "key": "o", "name": "O" } }),
        json!({ "plan": { "key": "p", "organisationKey": "o", "year": 2021, "title": "P" } }),
    ];
    let measures = INDICATORS / 20;
    rows.extend(
        (0..measures).map(|it| json!({ "measure": { "key": format!("m-{it}"), "planKey": "p", "name": "M" } })),
    );
    rows.extend((0..INDICATORS).map(|it| {
        json!({ "indicator": {
            "key": format!("i-{it}"), "measureKey": format!("m-{}", it % measures), "position": 1, "label": "I",
            "kind": "VOLUME", "unit": "COUNT",
        }})
    }));
    rows
}

fn boordtabel(data: &std::path::Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_boordtabel"));
    command.args(["--log", "warn"]).args(arguments).arg("--data").arg(data);
    command
}

/// Processor time of a process, to 10 ms.
fn processor(process: u32) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit(") ").next()?.split(' ').collect();
    Some(Duration::from_millis(10 * (fields[11].parse::<u64>().ok()? + fields[12].parse::<u64>().ok()?)))
}

/// Processor time of all processes whose command line has one of the patterns.
fn processor_of(patterns: &[String]) -> Duration {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let matching = ids.filter(|id| {
        let line = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        *id != std::process::id() && patterns.iter().any(|pattern| line.contains(pattern))
    });
    matching.filter_map(processor).sum()
}

impl Beside {
    fn mutate(&self, rows: &[Json]) -> Duration {
        let body = json!({ "query": BESIDE_MUTATION, "variables": { "rows": rows } }).to_string();
        let begin = Instant::now();
        let mut answer = ureq::post(&self.url).header("Content-Type", "application/json").send(body).unwrap();
        let took = begin.elapsed();
        let text = answer.body_mut().read_to_string().unwrap();
        assert!(!text.contains("\"errors\""), "{}: {text}", self.name);
        took
    }
}

struct Server {
    child: Child,
    url: String,
    token: String,
}

impl Server {
    fn start(data: &std::path::Path, token: &str) -> Self {
        let mut command = boordtabel(data, &["serve", "--listen", "127.0.0.1:0", "--workers", "1"]);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let line = lines.into_iter().find(|line| line.contains("http://")).expect("it says where it listens");
        let address = line.split("http://").nth(1).unwrap().split(['/', ' ']).next().unwrap();
        Self { child, url: format!("http://{address}"), token: token.to_owned() }
    }

    fn ask(&self, query: &str) -> String {
        self.post(&json!({ "query": query }).to_string()).1
    }

    fn mutate(&self, rows: &[Json]) -> Duration {
        let key = format!("{}", blake3::hash(serde_json::to_string(rows).unwrap().as_bytes()));
        let input = json!({ "reason": "bench", "idempotencyKey": key, "rows": rows });
        let (took, answer) = self.post(&json!({ "query": MUTATION, "variables": { "input": input } }).to_string());
        assert!(answer.contains("COMMITTED"), "{answer}");
        took
    }

    fn post(&self, body: &str) -> (Duration, String) {
        let begin = Instant::now();
        let mut answer = ureq::post(format!("{}/graphql", self.url))
            .header("Content-Type", "application/json")
            .header("Authorization", format!("Bearer {}", self.token))
            .send(body)
            .unwrap();
        let took = begin.elapsed();
        (took, answer.body_mut().read_to_string().unwrap())
    }

    fn processor(&self) -> Duration {
        processor(self.child.id()).unwrap()
    }

    fn memory_mib(&self, field: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(field)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
    }

    fn stop(mut self) {
        let stopped = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(stopped.unwrap().success() && self.child.wait().unwrap().success());
    }
}
