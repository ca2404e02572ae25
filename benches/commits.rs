//! What committing costs over HTTP: `cargo bench --bench commits [-- --seconds N] [--rows N] [--beside PROGRAM]`.
//!
//! The release binary, and with `--beside` another build of it in turn with it (the state before a change, say), each on a data
//! folder of its own:
//!
//! * commits of one row a second with 1, 8 and 64 writers, each on a connection of its own, every one durable when it is answered;
//!   with what each takes of the server's processor time and how often its threads wait, which on a busy machine say more;
//! * the longest that such a commit takes beside dry runs of so many rows (200 000);
//! * memory after nine imports that change the same rows, against the register itself: the same folder, opened anew.
#![allow(missing_docs, clippy::unwrap_used)]

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

const MILESTONES: usize = 640;
const INDICATORS: usize = 20_000;
const MUTATION: &str =
    "mutation($i: SetMilestoneStatusInput!) { setMilestoneStatus(input: $i) { status revision problems { message } } }";

fn main() {
    let (mut seconds, mut rows) = (5, 200_000);
    let mut programs = vec![PathBuf::from(env!("CARGO_BIN_EXE_boordtabel"))];
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--seconds" => seconds = arguments.next().and_then(|it| it.parse().ok()).expect("a number of seconds"),
            "--rows" => rows = arguments.next().and_then(|it| it.parse().ok()).expect("a number of rows"),
            "--beside" => programs.push(arguments.next().expect("a program").into()),
            _ => {}
        }
    }
    let runs: Vec<Run> = programs.iter().map(|program| Run::new(program, rows)).collect();
    println!("{:<44}{}", "", programs.iter().map(|it| format!("{:>56}", it.display())).collect::<String>());
    for writers in [1, 8, 64] {
        let told = runs.iter().map(|run| run.commits(writers, Duration::from_secs(seconds)));
        tell(&format!("one-row commits a second, {writers} writers"), told.collect());
    }
    tell(&format!("a commit beside dry runs of {rows} rows"), runs.iter().map(Run::beside_dry_runs).collect());
    tell(&format!("memory after nine imports of {rows} rows"), runs.into_iter().map(Run::memory).collect());
}

fn tell(what: &str, told: Vec<String>) {
    println!("{what:<44}{}", told.iter().map(|it| format!("{it:>56}")).collect::<String>());
}

/// A program that serves a folder of its own.
struct Run {
    program: PathBuf,
    rows: usize,
    folder: tempfile::TempDir,
    token: String,
    server: Server,
}

struct Server {
    child: Child,
    address: String,
}

impl Run {
    fn new(program: &Path, rows: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let arguments = ["token", "create", "--role", "import", "--data"];
        let made = Command::new(program).args(arguments).arg(folder.path()).output().unwrap();
        let token = String::from_utf8(made.stdout).unwrap().trim().to_owned();
        let server = Server::start(program, folder.path());
        let run = Self { program: program.to_owned(), rows, folder, token, server };
        run.import(&base(), "base", false);
        run
    }

    /// Commits for a while: how many a second, and how long they take.
    fn commits(&self, writers: usize, during: Duration) -> String {
        let end = Instant::now() + during;
        let begin = Instant::now();
        let (time_before, waits_before) = self.server.spent();
        let mut times: Vec<Duration> = std::thread::scope(|scope| {
            let write = |writer: usize| {
                let mut connection = self.connect();
                let mut times = Vec::new();
                while Instant::now() < end {
                    times.push(self.commit(&mut connection, writer, writers, times.len()));
                }
                times
            };
            let threads: Vec<_> = (0..writers).map(|writer| scope.spawn(move || write(writer))).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        times.sort_unstable();
        let a_second = times.len() as f64 / begin.elapsed().as_secs_f64();
        let at = |share: f64| times[(times.len() as f64 * share) as usize].as_secs_f64() * 1000.0;
        let (time, waits) = self.server.spent();
        let each = |all: f64| all / times.len() as f64;
        format!(
            "{a_second:.0} (p50 {:.1}, p99 {:.1} ms; {:.0} µs, {:.1} waits)",
            at(0.5),
            at(0.99),
            each((time - time_before) * 1e6),
            each(waits - waits_before)
        )
    }

    /// Sets one of the writer's own milestones; how long that takes.
    fn commit(&self, connection: &mut Connection, writer: usize, writers: usize, number: usize) -> Duration {
        let own = MILESTONES / writers;
        let key = format!("p-1/2021/planned/{}", 1 + writer * own + number % own);
        let status = ["DELAYED", "REALISED", "ON_SCHEDULE"][number / own % 3];
        let unique = format!("{writers}-{writer}-{number}-{}", self.server.child.id());
        let input = json!({ "reason": "bench", "idempotencyKey": unique, "milestoneKey": key, "status": status, "note": unique });
        let body = json!({ "query": MUTATION, "variables": { "i": input } }).to_string();
        let begin = Instant::now();
        let answer = connection.post("/graphql", &body);
        let took = begin.elapsed();
        assert!(answer.contains("COMMITTED"), "{answer}");
        took
    }

    /// The longest and the median commit while dry runs go on.
    fn beside_dry_runs(&self) -> String {
        let done = AtomicBool::new(false);
        let rows = observations(self.rows, 0);
        let mut times = std::thread::scope(|scope| {
            let dry = scope.spawn(|| {
                for number in 0..3 {
                    self.import(&rows, &format!("dry-{number}"), true);
                }
                done.store(true, Ordering::Release);
            });
            let mut connection = self.connect();
            let mut times = Vec::new();
            while !done.load(Ordering::Acquire) {
                times.push(self.commit(&mut connection, 0, 2, times.len()));
                std::thread::sleep(Duration::from_millis(2));
            }
            dry.join().unwrap();
            times
        });
        times.sort_unstable();
        let milliseconds = |at: usize| times[at].as_secs_f64() * 1000.0;
        format!("p50 {:.1}, most {:.1} ms", milliseconds(times.len() / 2), milliseconds(times.len() - 1))
    }

    /// Memory within a minute after the imports, against that of the same folder opened anew.
    fn memory(mut self) -> String {
        for round in 0..10 {
            self.import(&observations(self.rows, round), &format!("memory-{round}"), false);
        }
        let most = self.server.memory("VmHWM");
        let begin = Instant::now();
        let mut least = self.server.memory("VmRSS");
        while begin.elapsed() < Duration::from_secs(60) {
            std::thread::sleep(Duration::from_secs(1));
            least = least.min(self.server.memory("VmRSS"));
        }
        self.server.stop();
        self.server = Server::start(&self.program, self.folder.path());
        self.connect().post("/graphql", "{\"query\":\"{ observations(first: 1) { totalCount } }\"}");
        let register = self.server.memory("VmRSS");
        self.server.stop();
        format!("{least} MiB, {:.2} × register (most {most})", least as f64 / register as f64)
    }

    fn import(&self, lines: &str, key: &str, dry: bool) {
        let path = format!("/import?reason=bench&idempotencyKey={key}&dryRun={dry}");
        let answer = self.connect().post(&path, lines);
        assert!(answer.contains("COMMIT\"") || answer.contains("COMMITTED"), "{answer}");
    }

    fn connect(&self) -> Connection {
        let stream = TcpStream::connect(&self.server.address).unwrap();
        stream.set_nodelay(true).unwrap();
        Connection { token: self.token.clone(), reader: BufReader::new(stream) }
    }
}

/// A connection that costs little: what is measured is the server.
struct Connection {
    token: String,
    reader: BufReader<TcpStream>,
}

impl Connection {
    fn post(&mut self, path: &str, body: &str) -> String {
        let kind = if path == "/graphql" { "application/json" } else { "application/jsonl" };
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}",
            self.token,
            body.len()
        );
        self.reader.get_mut().write_all(request.as_bytes()).unwrap();
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(self.reader.read_line(&mut line).unwrap() > 0, "the server hung up");
            if line == "\r\n" {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut answer = vec![0; length];
        self.reader.read_exact(&mut answer).unwrap();
        String::from_utf8(answer).unwrap()
    }
}

impl Server {
    fn start(program: &Path, data: &Path) -> Self {
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--log", "error", "--data"];
        let mut child = Command::new(program).args(arguments).arg(data).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).expect("its address");
        Self { child, address: address.to_owned() }
    }

    /// Seconds of processor time, and how often a thread gave the processor away, so far.
    fn spent(&self) -> (f64, f64) {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap();
        let (mut seconds, mut waits) = (0.0, 0.0);
        for task in tasks.map(|task| task.unwrap().path()) {
            // A thread may end meanwhile.
            let read = |name| std::fs::read_to_string(task.join(name)).unwrap_or_default();
            let number = |text: &str| text.trim().parse::<f64>().unwrap_or_default();
            seconds += number(read("schedstat").split(' ').next().unwrap_or_default()) / 1e9;
            let status = read("status");
            waits += status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:")).map_or(0.0, number);
        }
        (seconds, waits)
    }

    fn memory(&self, field: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(field)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
    }

    fn stop(&mut self) {
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It is gone already where it was stopped.
        let _ = self.child.kill().and_then(|()| self.child.wait());
    }
}

/// A plan with milestones and indicators.
fn base() -> String {
    let mut lines = String::new();
    let mut add = |row: serde_json::Value| writeln!(lines, "{row}").unwrap();
    add(json!({ "organisation": { "key": "o", "name": "O" } }));
    add(json!({ "plan": { "key": "p", "organisationKey": "o", "year": 2021, "title": "P" } }));
    add(json!({ "project": { "key": "p-1", "planKey": "p", "scope": "POLICY", "number": 1, "title": "P" } }));
    for number in 1..=MILESTONES {
        add(json!({ "milestone": {
            "projectKey": "p-1", "year": 2021, "table": "PLANNED", "number": number, "title": "M", "timing": "WITHIN", "due": "2021-Q1",
        } }));
    }
    add(json!({ "measure": { "key": "m", "planKey": "p", "name": "M" } }));
    for number in 0..INDICATORS {
        add(json!({ "indicator": {
            "key": format!("i-{number}"), "measureKey": "m", "position": number + 1, "label": "I", "kind": "VOLUME", "unit": "COUNT",
        } }));
    }
    lines
}

/// Observations with other values in each round.
fn observations(rows: usize, round: usize) -> String {
    let mut lines = String::with_capacity(rows * 110);
    for row in 0..rows {
        let (indicator, year) = (row % INDICATORS, 2000 + row / INDICATORS);
        let figure = json!({ "value": (row + round).to_string(), "status": "REPORTED", "unit": "COUNT" });
        let row = json!({ "observation": { "indicatorKey": format!("i-{indicator}"), "period": year.to_string(), "figure": figure } });
        writeln!(lines, "{row}").unwrap();
    }
    lines
}
