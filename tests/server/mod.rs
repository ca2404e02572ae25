//! The real program as a server of its own data folder, and a client for it.
#![allow(dead_code)] // Each test binary uses its part.

#[cfg(unix)]
pub mod etcd;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use boordtabel::model::value::AnyComposite;
use boordtabel::model::{CompositeInfo, Record, View};
use serde_json::{Map, Value as Json, json};

/// How long any answer may take, also on a busy machine.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// The program, with nothing of the environment that could change what it does.
pub fn boordtabel() -> Command {
    cleaned(Command::new(env!("CARGO_BIN_EXE_boordtabel")))
}

/// The same at a place.
#[cfg(unix)]
pub fn boordtabel_at(place: &etcd::Place) -> Command {
    cleaned(place.command(env!("CARGO_BIN_EXE_boordtabel")))
}

fn cleaned(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("BOORDTABEL_") {
            command.env_remove(name);
        }
    }
    command.stdin(Stdio::null());
    command
}

/// What the program prints when it is run with these arguments on that data folder.
pub fn run(data: &Path, arguments: &[&str]) -> String {
    let output = boordtabel().args(arguments).arg("--data").arg(data).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Makes a token of that role, named after it.
pub fn token(data: &Path, role: &str) -> String {
    run(data, &["token", "create", "--role", role]).trim().to_owned()
}

/// A running server; it is killed when this is dropped.
pub struct Server {
    child: Child,
    /// Where it is, such as `http://127.0.0.1:4711`.
    pub url: String,
}

impl Server {
    /// Serves that folder on a free port.
    pub fn start(data: &Path) -> Self {
        Self::start_with(data, &[])
    }

    /// The same, with further arguments.
    pub fn start_with(data: &Path, arguments: &[&str]) -> Self {
        Self::of(boordtabel(), data, arguments)
    }

    /// The same, of a program that is begun in another way.
    pub fn of(command: Command, data: &Path, arguments: &[&str]) -> Self {
        Self::at("127.0.0.1", command, data, arguments)
    }

    /// The same, at that address.
    pub fn at(address: &str, command: Command, data: &Path, arguments: &[&str]) -> Self {
        Self::try_at(address, command, data, arguments).unwrap_or_else(|told| panic!("{told}"))
    }

    /// The same, of a program that may end at once; what it says then.
    pub fn try_at(address: &str, mut command: Command, data: &Path, arguments: &[&str]) -> Result<Self, String> {
        let listen = format!("{address}:0");
        command.args(["serve", "--listen", &listen, "--log", "error", "--data"]).arg(data).args(arguments);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Some((_, rest)) = line.split_once("http://") else {
            child.kill().ok();
            child.wait().ok();
            return Err(format!("the server says `{line}` in place of its address"));
        };
        let address = rest.split('/').next().unwrap();
        Ok(Self { child, url: format!("http://{address}") })
    }

    /// Ends it as a power cut would: it gets no chance to do anything more.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended; none while it runs.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// GET of a page: status and text.
    pub fn get(&self, path: &str) -> (u16, String) {
        let mut answer = agent().get(format!("{}{path}", self.url)).call().unwrap();
        (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
    }

    /// POST to `/graphql`.
    pub fn post(&self, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.post_to("/graphql", headers, body)
    }

    /// POST of rows as JSON Lines to `/import`.
    pub fn lines(&self, token: Option<&str>, query: &str, rows: &[Json]) -> Answer {
        let body: String = rows.iter().map(|row| format!("{row}\n")).collect();
        let bearer = token.map(|token| format!("Bearer {token}"));
        let mut headers = vec![("Content-Type", "application/jsonl")];
        headers.extend(bearer.as_deref().map(|bearer| ("Authorization", bearer)));
        self.post_to(&format!("/import?reason=test&{query}"), &headers, body.as_bytes())
    }

    /// POST to an address of the server.
    pub fn post_to(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut request = agent().post(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut answer = request.send(body).unwrap_or_else(|error| panic!("no answer: {error}"));
        let status = answer.status().as_u16();
        let body = answer.body_mut().with_config().limit(1 << 30).read_to_vec().unwrap();
        let json = serde_json::from_slice(&body)
            .unwrap_or_else(|error| panic!("{status}: no JSON ({error}): {}", String::from_utf8_lossy(&body)));
        Answer { status, bytes: body.len(), json }
    }

    /// A request as a client sends it.
    pub fn send(&self, token: Option<&str>, query: &str, variables: Json) -> Answer {
        self.send_body(token, json!({ "query": query, "variables": variables }).to_string().as_bytes())
    }

    /// A body that says it is JSON.
    pub fn send_body(&self, token: Option<&str>, body: &[u8]) -> Answer {
        let bearer = token.map(|token| format!("Bearer {token}"));
        let mut headers = vec![("Content-Type", "application/json")];
        headers.extend(bearer.as_deref().map(|bearer| ("Authorization", bearer)));
        self.post(&headers, body)
    }

    /// A request to a server that may be gone before it answers; none then.
    pub fn try_send(&self, token: Option<&str>, query: &str, variables: Json) -> Option<Json> {
        let mut request = agent().post(format!("{}/graphql", self.url)).header("Content-Type", "application/json");
        if let Some(token) = token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        let mut answer = request.send(json!({ "query": query, "variables": variables }).to_string()).ok()?;
        serde_json::from_slice(&answer.body_mut().read_to_vec().ok()?).ok()
    }

    /// Ends it as a power cut would, while others still use it.
    pub fn kill_hard(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-KILL", &pid]).status().unwrap().success());
    }

    /// The data of a query; an error fails the test.
    pub fn ask(&self, query: &str) -> Json {
        let answer = self.send(None, query, json!({}));
        assert!(answer.json.get("errors").is_none(), "{}", answer.json);
        answer.json["data"].clone()
    }

    /// The revision of its register.
    pub fn revision(&self) -> u64 {
        self.ask("{ register { revision } }")["register"]["revision"].as_u64().unwrap()
    }

    /// What an import comes to: `input` without what every write has in common.
    pub fn import(&self, token: &str, input: Json) -> Json {
        let answer = self.send(Some(token), IMPORT, json!({ "input": with_common(input) }));
        assert!(answer.json.get("errors").is_none(), "{}", answer.json);
        answer.json["data"]["importRows"].clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The real plan, served, with a token of that role.
pub struct Plan {
    pub folder: tempfile::TempDir,
    pub server: Server,
    pub token: String,
}

impl Plan {
    /// Loads it into a folder of its own and serves that.
    pub fn served(role: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        run(folder.path(), &["load", concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/dwse-2021")]);
        let token = token(folder.path(), role);
        let server = Server::start(folder.path());
        Self { folder, server, token }
    }
}

/// What came back.
pub struct Answer {
    pub status: u16,
    pub bytes: usize,
    pub json: Json,
}

impl Answer {
    /// The code of the first error; empty when there is none.
    pub fn error(&self) -> &str {
        self.json["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
    }
}

/// An import with everything that it can say.
pub const IMPORT: &str = "mutation($input: ImportRowsInput!) { importRows(input: $input) {
    status replayed baseRevision revision digest rows
    counts { received created updated unchanged deleted rejected }
    changes { kind key outcome fields { field before after } }
    problems { code row path message hint candidates } warnings { code row path message hint }
} }";

/// Adds reason and a fresh idempotency key where the input does not say its own.
pub fn with_common(mut input: Json) -> Json {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let fields = input.as_object_mut().unwrap();
    fields.entry("reason").or_insert_with(|| "test".into());
    fields.entry("idempotencyKey").or_insert_with(|| format!("test-{}", NEXT.fetch_add(1, Ordering::Relaxed)).into());
    input
}

fn agent() -> &'static ureq::Agent {
    static AGENT: OnceLock<ureq::Agent> = OnceLock::new();
    AGENT.get_or_init(|| {
        let config = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(DEADLINE));
        // Well before the server closes a connection that rests, or a request could meet its end.
        config.max_redirects(0).max_idle_age(Duration::from_secs(1)).build().into()
    })
}

/// The files of the journal, byte for byte: what a refusal may not touch.
pub fn journal(data: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(data.join("journal")).unwrap().map(Result::unwrap);
    let mut files: Vec<_> =
        entries.map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap())).collect();
    files.sort();
    files
}

/// A record as a row of an import.
pub fn row(record: &Record) -> Json {
    json!({ record.kind().one(): object(record.info(), |index| record.get(index)) })
}

fn object<'v>(info: &CompositeInfo, get: impl Fn(usize) -> View<'v>) -> Json {
    let fields = info.fields.iter().enumerate().map(|(index, field)| (field.name.clone(), value(&get(index))));
    Json::Object(fields.filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>())
}

fn value(view: &View<'_>) -> Json {
    match view {
        View::Null => Json::Null,
        View::Bool(value) => (*value).into(),
        View::Int(value) => (*value).into(),
        View::List(items) => items.iter().map(value).collect(),
        View::Composite(inner) => composite(*inner),
        other => other.text().unwrap().into(),
    }
}

fn composite(inner: &dyn AnyComposite) -> Json {
    object(inner.describe(), |index| inner.field(index))
}

/// Numbers that look random and are the same every time.
pub struct Dice(pub u64);

impl Dice {
    /// The next number below a limit.
    pub fn below(&mut self, limit: usize) -> usize {
        // Knuth's generator for MMIX; its high bits are the good ones.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    /// Puts items into another order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for index in (1..items.len()).rev() {
            items.swap(index, self.below(index + 1));
        }
    }
}
