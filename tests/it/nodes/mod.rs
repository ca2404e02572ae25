//! Several nodes over real members of etcd: each is the real program, and says the same as the others.

mod away;
mod checker;
mod guide;
mod harm;
mod links;
mod same;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::server::etcd::Etcd;
use crate::server::{DEADLINE, Server, boordtabel, run, token};

/// A commit of one organisation, whose key is the request's too.
const ADD: &str = "mutation($input: ImportRowsInput!) { importRows(input: $input) { status replayed revision } }";

/// Nodes with the etcd that orders their commits, in folders of their own.
struct Nodes {
    etcd: Etcd,
    home: tempfile::TempDir,
    secret: String,
}

impl Nodes {
    /// An etcd of so many members, and a token; no node yet.
    fn new(members: usize) -> Self {
        Self::over(Etcd::start(members))
    }

    /// The same of an etcd that is there.
    fn over(etcd: Etcd) -> Self {
        let home = tempfile::tempdir().unwrap();
        let secret = token(&home.path().join("a"), "admin");
        Self { etcd, home, secret }
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn arguments<'a>(&self, name: &'a str, endpoints: &'a str) -> Vec<&'a str> {
        vec!["--cluster", endpoints, "--cluster-node", name]
    }

    /// Starts a node with what its folder has.
    fn start(&self, name: &str) -> Server {
        let endpoints = self.etcd.endpoints();
        Server::start_with(&self.folder(name), &self.arguments(name, &endpoints))
    }

    /// Starts a node with a copy of what another one has by now.
    fn start_as(&self, name: &str, other: &str) -> Server {
        let (from, to) = (self.folder(other), self.folder(name));
        run(&from, &["backup", to.to_str().unwrap()]);
        self.start(name)
    }

    fn add(&self, node: &Server, key: &str) -> Json {
        let rows = json!([{ "organisation": { "key": key, "name": key } }]);
        let input = json!({ "input": { "rows": rows, "reason": "nodes", "idempotencyKey": key } });
        node.send(Some(&self.secret), ADD, input).json
    }

    /// The same, which must succeed; gives the revision.
    fn added(&self, node: &Server, key: &str) -> u64 {
        let answer = self.add(node, key);
        answer["data"]["importRows"]["revision"].as_u64().unwrap_or_else(|| panic!("{answer}"))
    }
}

/// Waits until a condition holds; gives how long it took.
fn until(what: &str, holds: impl Fn() -> bool) -> Duration {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < 2 * DEADLINE, "{what} does not come");
        std::thread::sleep(Duration::from_millis(5));
    }
    begun.elapsed()
}

/// Waits until a node has that revision.
fn reached(node: &Server, revision: u64) {
    until(&format!("revision {revision}"), || node.revision() >= revision);
}

/// The bytes of the journal, whatever segments they stand in.
fn journal(folder: &Path) -> Vec<u8> {
    crate::server::journal(folder)
        .into_iter()
        .filter(|(name, _)| name.ends_with(".journal"))
        .flat_map(|(_, it)| it)
        .collect()
}

/// GET with headers: status, headers and body.
fn get(node: &Server, path: &str, headers: &[(&str, &str)]) -> (u16, ureq::http::HeaderMap, Vec<u8>) {
    let config = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(DEADLINE));
    let agent: ureq::Agent = config.build().into();
    let mut request = agent.get(format!("{}{path}", node.url));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut answer = request.call().unwrap();
    let body = answer.body_mut().with_config().limit(1 << 30).read_to_vec().unwrap();
    (answer.status().as_u16(), answer.headers().clone(), body)
}
