//! What serving costs on the real plan: `cargo bench --bench serve`.
//!
//! The release binary serves the plan from a folder that was loaded beforehand, on core 0; `wrk` asks from core 1. Each answer
//! is measured beside the same bytes as a static answer of a bare actix server in the server's place: what is left of that is
//! what the register, the graph and the endpoint cost.
#![allow(missing_docs, clippy::unwrap_used)]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use actix_web::{App, HttpResponse, HttpServer, web};
use serde_json::{Value as Json, json};

const SERVER_CORE: &str = "0";
const CLIENT_CORE: &str = "1";
const STARTS: usize = 10;
const SECONDS: &str = "5s";
const CONNECTIONS: &str = "16";

const QUERIES: [(&str, &str); 3] = [
    (
        "one measure",
        "{ measure(key: \"vlaamse-ondersteuningspremie\") { key name operator lifecycle position } }",
    ),
    (
        "measures with budget",
        "{ measures(first: 1000) { nodes { key name budgetLines { name amounts { year phase credit figure { value status } } } } } }",
    ),
    (
        "dashboard",
        "{ measures(first: 1000) { nodes { key name operator lifecycle operationalGoal { code title }
             indicators { label kind unit observations { period { code } figure { value status printed { section text } } change { value } } }
             norms { label basis target { value } results { period { code } source figure { value status } change { value } ratio { value } } }
             budgetLines { name amounts { year phase credit figure { value status } } }
             inspectedProcesses { name inspections { year controls { value } sanctions { value } proposedRecovery { value } } } } } }",
    ),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--static") {
        serve_static(fs::read(&arguments[at + 1]).unwrap());
        return ExitCode::SUCCESS;
    }
    for (tool, package) in [("wrk", "wrk"), ("taskset", "util-linux")] {
        if Command::new(tool).arg("--version").output().is_err() {
            eprintln!("`{tool}` is missing: install it (Debian: apt-get install {package})");
            return ExitCode::FAILURE;
        }
    }
    if std::thread::available_parallelism().map_or(1, usize::from) < 2 {
        eprintln!("two cores are needed: one for the server, one for the client");
        return ExitCode::FAILURE;
    }
    measure();
    ExitCode::SUCCESS
}

fn measure() {
    let scratch = tempfile::tempdir().unwrap();
    let data = scratch.path().join("data");
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/dwse-2021");
    let loaded = boordtabel().args(["load", fixtures, "--data"]).arg(&data).stdout(Stdio::null()).status();
    assert!(loaded.unwrap().success(), "the plan is loaded");

    let mut starts: Vec<Duration> = (0..STARTS).map(|_| first_answer(&data)).collect();
    starts.sort();
    println!(
        "start to first answer: {} ms (median of {STARTS}; {} to {})",
        ms(starts[STARTS / 2]),
        ms(starts[0]),
        ms(starts[STARTS - 1])
    );

    let server =
        Process::start(boordtabel().args(["serve", "--listen", "127.0.0.1:0", "--workers", "1", "--data"]).arg(&data));
    server.ask(QUERIES[0].1);
    println!("idle memory after the first answer: {:.1} MiB", server.memory_kib() as f64 / 1024.0);
    println!(
        "{CONNECTIONS} connections for {SECONDS}; the server on core {SERVER_CORE}, the client on core {CLIENT_CORE}"
    );
    println!();
    println!(
        "{:<22}{:>10}{:>14}{:>10}{:>14}{:>10}{:>12}",
        "", "bytes", "requests/s", "CPU µs", "static", "CPU µs", "of static"
    );
    for (name, query) in QUERIES {
        let answer = server.ask(query);
        let script = scratch.path().join("post.lua");
        let body = json!({ "query": query }).to_string();
        // A JSON string is a Lua string too, but for the escapes of control characters, which no query here has.
        let lua = format!(
            "wrk.method = \"POST\"\nwrk.headers[\"Content-Type\"] = \"application/json\"\nwrk.body = {}\n",
            Json::from(body)
        );
        fs::write(&script, lua).unwrap();
        let file = scratch.path().join("answer.json");
        fs::write(&file, &answer).unwrap();
        let own = load(&server, &script);
        let this = std::env::current_exe().unwrap();
        let bare = load(&Process::start(pinned(this.to_str().unwrap()).arg("--static").arg(&file)), &script);
        println!(
            "{name:<22}{:>10}{:>14.0}{:>10.1}{:>14.0}{:>10.1}{:>11.0}%",
            answer.len(),
            own.per_second,
            own.cpu_us,
            bare.per_second,
            bare.cpu_us,
            100.0 * own.per_second / bare.per_second
        );
    }
    println!();
    println!("memory after the load: {:.1} MiB", server.memory_kib() as f64 / 1024.0);
}

fn ms(duration: Duration) -> String {
    format!("{:.1}", duration.as_secs_f64() * 1000.0)
}

/// A program on the server's core.
fn pinned(program: &str) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", SERVER_CORE, program]);
    command
}

fn boordtabel() -> Command {
    let mut command = pinned(env!("CARGO_BIN_EXE_boordtabel"));
    command.args(["--log", "warn"]);
    command
}

/// From starting the process to having the answer to a first query.
fn first_answer(data: &Path) -> Duration {
    let begin = Instant::now();
    let server = Process::start(boordtabel().args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data));
    server.ask(QUERIES[0].1);
    let took = begin.elapsed();
    server.stop();
    took
}

/// A server in a process of its own; killed when dropped.
struct Process {
    child: Child,
    url: String,
}

impl Process {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let line = lines.into_iter().find(|line| line.contains("http://")).expect("it says where it listens");
        let rest = line.split("http://").nth(1).unwrap();
        let address = rest.split(['/', ' ']).next().unwrap();
        Self { child, url: format!("http://{address}/graphql") }
    }

    fn ask(&self, query: &str) -> Vec<u8> {
        let request = ureq::post(&self.url).header("Content-Type", "application/json");
        let mut answer = request.send(json!({ "query": query }).to_string()).unwrap();
        let body = answer.body_mut().read_to_vec().unwrap();
        let json: Json = serde_json::from_slice(&body).unwrap();
        assert!(json.get("errors").is_none() && json["data"].is_object(), "{json}");
        body
    }

    fn memory_kib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// Processor time used so far, in ticks of 10 ms.
    fn ticks(&self) -> u64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    }

    /// Ends it as an operator would, so that the folder is closed well.
    fn stop(mut self) {
        let stopped = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(stopped.unwrap().success() && self.child.wait().unwrap().success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

struct Load {
    per_second: f64,
    cpu_us: f64,
}

/// Asks as fast as the answers come.
fn load(server: &Process, script: &Path) -> Load {
    let wrk = |seconds: &str| {
        let mut command = Command::new("taskset");
        command.args(["-c", CLIENT_CORE, "wrk", "-t1", "-c", CONNECTIONS, "-d", seconds, "-s"]).arg(script);
        let output = command.arg(&server.url).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    wrk("1s");
    let before = server.ticks();
    let told = wrk(SECONDS);
    let ticks = server.ticks() - before;
    assert!(!told.contains("Non-2xx") && !told.contains("Socket errors"), "{told}");
    let before_text = |text: &str| told.split(text).next().unwrap().split_whitespace().last().unwrap().to_owned();
    let requests: f64 = before_text(" requests in").parse().unwrap_or_else(|error| panic!("{error}: {told}"));
    let per_second = told.split("Requests/sec:").nth(1).unwrap().split_whitespace().next().unwrap();
    Load { per_second: per_second.parse().unwrap(), cpu_us: ticks as f64 * 10_000.0 / requests }
}

/// The same bytes to every request, by a server that does nothing else.
fn serve_static(bytes: Vec<u8>) {
    let bytes = web::Bytes::from(bytes);
    actix_web::rt::System::new().block_on(async move {
        let server = HttpServer::new(move || {
            let bytes = bytes.clone();
            let answer = move || {
                let bytes = bytes.clone();
                async move { HttpResponse::Ok().content_type("application/json; charset=utf-8").body(bytes) }
            };
            App::new().default_service(web::to(answer))
        });
        let server = server.workers(1).bind("127.0.0.1:0").unwrap();
        println!("http://{}", server.addrs()[0]);
        server.run().await.unwrap();
    });
}
