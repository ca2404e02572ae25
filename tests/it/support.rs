//! Starts the real program, asks it, and ends it again.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Condvar, Mutex, OnceLock};
use std::time::Duration;

use serde_json::{Value as Json, json};
use ureq::http::{HeaderMap, Request};

/// How long anything may take before a test gives up on it.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// The program, with nothing of the environment that could change what it does.
pub fn boordtabel() -> Command {
    isolated(env!("CARGO_BIN_EXE_boordtabel"))
}

/// Another program, likewise.
fn isolated(program: &str) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("BOORDTABEL_") {
            command.env_remove(name);
        }
    }
    command.stdin(Stdio::null());
    command
}

/// A command that has ended.
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// The number after `revision ` on stdout.
    pub fn revision(&self) -> u64 {
        let text = self.stdout.strip_prefix("revision ").unwrap_or_else(|| panic!("no revision in {self:?}"));
        text.split(':').next().unwrap().parse().unwrap()
    }
}

impl std::fmt::Debug for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "exit code {:?}\nstdout: {}\nstderr: {}", self.code, self.stdout, self.stderr)
    }
}

/// Runs the program to its end.
pub fn run<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Ran {
    end(boordtabel().args(arguments))
}

/// Runs a command to its end.
pub fn end(command: &mut Command) -> Ran {
    let Output { status, stdout, stderr } = command.output().expect("the program starts");
    Ran { code: status.code(), stdout: text(&stdout), stderr: text(&stderr) }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A path as an argument.
pub fn arg(path: &Path) -> &str {
    path.to_str().expect("test paths are UTF-8")
}

/// What a process writes, as it comes.
#[derive(Clone, Default)]
pub struct Lines(Arc<(Mutex<Written>, Condvar)>);

#[derive(Default)]
struct Written {
    text: String,
    ended: bool,
}

impl Lines {
    /// Reads a stream to its end in a thread of its own.
    pub fn of(stream: impl std::io::Read + Send + 'static) -> Self {
        let lines = Self::default();
        let writer = lines.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                writer.change(|written| written.text.push_str(&format!("{line}\n")));
            }
            writer.change(|written| written.ended = true);
        });
        lines
    }

    fn change(&self, change: impl FnOnce(&mut Written)) {
        change(&mut self.0.0.lock().unwrap());
        self.0.1.notify_all();
    }

    /// Waits until the process ends, or what it has written fulfils a condition; whether it does.
    fn wait_until(&self, within: Duration, holds: impl Fn(&Written) -> bool) -> bool {
        let waiting = |written: &mut Written| !written.ended && !holds(written);
        let (written, _) = self.0.1.wait_timeout_while(self.0.0.lock().unwrap(), within, waiting).unwrap();
        holds(&written)
    }

    /// The first line with that text; `None` when the stream ends or the time runs out before it comes.
    pub fn wait_for(&self, text: &str, within: Duration) -> Option<String> {
        let found = self.wait_until(within, |written| written.text.lines().any(|line| line.contains(text)));
        found.then(|| self.seen().lines().find(|line| line.contains(text)).expect("it was there").to_owned())
    }

    /// Waits until the stream ends, which is when the process has.
    pub fn wait_for_end(&self) {
        assert!(self.wait_until(DEADLINE, |written| written.ended), "the process does not end:\n{}", self.seen());
    }

    /// All that came so far.
    pub fn seen(&self) -> String {
        self.0.0.lock().unwrap().text.clone()
    }
}

/// A running server; it is killed when this is dropped.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    pub log: Lines,
}

impl Server {
    /// The demonstration data.
    pub fn demo() -> Self {
        Self::start(&["--demo"])
    }

    /// `serve` on a free port, with further arguments.
    pub fn start(arguments: &[&str]) -> Self {
        Self::start_at("127.0.0.1:0", arguments)
    }

    /// The same at another address.
    pub fn start_at(listen: &str, arguments: &[&str]) -> Self {
        Self::spawn(boordtabel().args(["serve", "--listen", listen]).args(arguments))
    }

    fn spawn(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        let stdout = Lines::of(child.stdout.take().expect("it is piped"));
        let log = Lines::of(child.stderr.take().expect("it is piped"));
        let Some(line) = stdout.wait_for("http://", DEADLINE) else {
            child.kill().ok();
            panic!("the server does not say where it listens:\n{}{}", stdout.seen(), log.seen());
        };
        let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).expect("the line has a URL");
        let address = address.parse().unwrap_or_else(|error| panic!("`{address}` is no address: {error}"));
        Self { child, address, log }
    }

    /// Where a path is.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Sends it a signal by name, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let command = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &command]).status().expect("there is a shell").success(), "{command}");
    }

    /// The memory that it takes now.
    pub fn memory_bytes(&self) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("it runs, on Linux");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("the system says so");
        1024 * line.trim().trim_end_matches(" kB").parse::<usize>().expect("a number of KiB")
    }

    /// Waits for its end.
    pub fn wait(&mut self) -> ExitStatus {
        self.log.wait_for_end();
        self.child.wait().expect("it is our child")
    }

    /// GET with these headers.
    pub fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send("GET", path, headers, None)
    }

    /// Any request.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Answer {
        let mut request = Request::builder().method(method).uri(self.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = match body {
            Some(body) => agent().run(request.body(body).expect("the request is sound")),
            None => agent().run(request.body(()).expect("the request is sound")),
        };
        let mut answer = answer.unwrap_or_else(|error| panic!("{method} {path}: {error}\n{}", self.log.seen()));
        let mut body = Vec::new();
        answer.body_mut().as_reader().read_to_end(&mut body).expect("the whole body comes");
        Answer { status: answer.status().as_u16(), headers: answer.headers().clone(), body }
    }

    /// POST of JSON to `/graphql`.
    pub fn post(&self, body: &Json) -> Answer {
        self.post_bytes(body.to_string().as_bytes(), &[])
    }

    /// POST of anything that says it is JSON to `/graphql`.
    pub fn post_bytes(&self, body: &[u8], headers: &[(&str, &str)]) -> Answer {
        let mut all = vec![("Content-Type", "application/json")];
        all.extend(headers);
        self.send("POST", "/graphql", &all, Some(body))
    }

    /// The data that a query gives; any error fails the test.
    pub fn ask(&self, query: &str) -> Json {
        self.ask_with(query, json!({}))
    }

    /// The same with variables.
    pub fn ask_with(&self, query: &str, variables: Json) -> Json {
        let answer = self.post(&json!({ "query": query, "variables": variables }));
        let mut json = answer.json();
        assert!(answer.status == 200 && json.get("errors").is_none(), "{query}\n{json}");
        json["data"].take()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn agent() -> &'static ureq::Agent {
    static AGENT: OnceLock<ureq::Agent> = OnceLock::new();
    AGENT.get_or_init(|| {
        let config = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(DEADLINE));
        config.max_redirects(0).allow_non_standard_methods(true).build().into()
    })
}

/// What came back.
pub struct Answer {
    pub status: u16,
    headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    /// A header's value; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap_or("not readable"))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        text(&self.body)
    }

    /// The body as JSON.
    pub fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("no JSON ({error}): {}", self.text()))
    }
}

/// One server of the demonstration data for all tests that only read.
pub fn shared() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    // A static is never dropped, so a shell stands between: it ends the server when its input does, which is when this
    // process ends, however it ends.
    const UNTIL_INPUT_ENDS: &str = "exec 3<&0; \"$@\" </dev/null 3<&- & server=$!; cat <&3 >/dev/null; kill $server";
    SERVER.get_or_init(|| {
        let program = env!("CARGO_BIN_EXE_boordtabel");
        let mut command = isolated("sh");
        command.args(["-c", UNTIL_INPUT_ENDS, "sh", program, "serve", "--listen", "127.0.0.1:0", "--demo"]);
        Server::spawn(command.stdin(Stdio::piped()))
    })
}

/// A folder of files with these texts.
pub fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).expect("the folder takes files");
    }
    folder
}

/// The least of a register that measures can stand in.
pub const SMALL: [(&str, &str); 4] = [
    ("organisations.csv", "key,name\nbody,Body\n"),
    ("documents.csv", "key,title,organisationKey\ndoc,Doc,body\n"),
    ("plans.csv", "key,organisationKey,year,title,documentKey\nplan,body,2021,Plan,doc\n"),
    ("measures.csv", "key,planKey,name\nm,plan,Measure\n"),
];

/// Numbers that look random and are the same every time (xorshift64*).
pub struct Dice(pub u64);

impl Dice {
    /// The next number below a limit.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16) % limit
    }

    /// Bytes.
    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| u8::try_from(self.below(256)).expect("it is below 256")).collect()
    }
}
