//! What several nodes cost and give: `cargo bench --bench nodes [-- --seconds N] [--rows N] [--records N]`.
//!
//! Three members of etcd and three nodes of the release binary, all on this machine:
//!
//! * commits of one row a second, one by one and with 16 writers, at one node and at all three at once, and through the proxy of the
//!   guide, where nginx is there; with how long each takes;
//! * rows a second of one import, until the other nodes have it;
//! * how long after a commit another node has it, at 200 commits a second;
//! * how long nothing is written after the member that leads was killed, and after a node was;
//! * how long reading takes while etcd is there, and while all of it is stopped;
//! * how long a new node takes from a backup until it is ready, with so many records.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../tests/server/mod.rs"]
mod server;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use self::server::etcd::Etcd;
use self::server::{Server, run, token};

const ADD: &str = "mutation($input: ImportRowsInput!) { importRows(input: $input) { status revision } }";

static NEXT: AtomicU64 = AtomicU64::new(0);

/// A client that keeps its connection.
struct Client {
    agent: ureq::Agent,
    bearer: String,
}

impl Client {
    fn new(secret: &str) -> Self {
        let config =
            ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(10)));
        Self { agent: config.build().into(), bearer: format!("Bearer {secret}") }
    }

    /// A commit of one row; its revision, when it was taken.
    fn add(&self, url: &str) -> Option<u64> {
        let key = format!("body-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let rows = json!([{ "organisation": { "key": key, "name": key } }]);
        let body = json!({ "query": ADD, "variables": { "input": { "rows": rows, "reason": "bench", "idempotencyKey": key } } });
        let request = self.agent.post(format!("{url}/graphql")).header("Authorization", &self.bearer);
        let mut answer = request.header("Content-Type", "application/json").send(body.to_string()).ok()?;
        let answer: Json = serde_json::from_slice(&answer.body_mut().read_to_vec().ok()?).ok()?;
        answer["data"]["importRows"]["revision"].as_u64()
    }

    /// A small answer, at that revision or later.
    fn read(&self, url: &str, min: u64) {
        let request = self.agent.get(format!("{url}/graphql?query=%7Bregister%7Brevision%7D%7D"));
        let mut answer = request.header("Boordtabel-Min-Revision", min.to_string()).call().unwrap();
        answer.body_mut().read_to_vec().unwrap();
    }
}

/// The middle one, the one that a hundredth is above, and the largest, in milliseconds.
fn told(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1_000.0;
    format!("p50 {:.1} ms, p99 {:.1} ms, most {:.1} ms", at(0.5), at(0.99), at(1.0))
}

/// Commits by so many writers, each at the next of these nodes.
fn commits(what: &str, secret: &str, urls: &[&str], writers: usize, seconds: u64) {
    let until = Instant::now() + Duration::from_secs(seconds);
    let write = |url: &str| {
        let (client, mut times) = (Client::new(secret), Vec::new());
        while Instant::now() < until {
            let begun = Instant::now();
            assert!(client.add(url).is_some(), "a commit was refused");
            times.push(begun.elapsed());
        }
        times
    };
    let times: Vec<Duration> = std::thread::scope(|scope| {
        let write = &write;
        let started: Vec<_> = (0..writers).map(|at| scope.spawn(move || write(urls[at % urls.len()]))).collect();
        started.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    });
    println!("{what}: {} commits/s, {}", times.len() as u64 / seconds, told(times));
}

/// The proxy of the guide, with its own configuration; it ends when this is dropped.
struct Proxy {
    child: std::process::Child,
    url: String,
}

impl Proxy {
    fn start(folder: &std::path::Path, nodes: &[&str]) -> Option<Self> {
        let address = std::net::TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).unwrap();
        let site = include_str!("../packaging/cluster/nginx.conf").replace("listen 80;", &format!("listen {address};"));
        let site = nodes.iter().zip(1..).fold(site, |site, (node, at)| {
            site.replace(&format!("10.0.0.{at}:8080"), node.trim_start_matches("http://"))
        });
        let text = format!(
            "daemon off;\nerror_log stderr;\npid nginx.pid;\nevents {{}}\nhttp {{\naccess_log off;\n{site}}}\n"
        );
        std::fs::create_dir(folder).unwrap();
        std::fs::write(folder.join("nginx.conf"), text).unwrap();
        let mut command = std::process::Command::new("/usr/sbin/nginx");
        command.arg("-p").arg(folder).args(["-c", "nginx.conf", "-e", "stderr"]);
        let child = command.stderr(std::process::Stdio::null()).spawn().ok()?;
        let begun = Instant::now();
        while std::net::TcpStream::connect(address).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(10), "the proxy does not come");
            std::thread::sleep(Duration::from_millis(10));
        }
        Some(Self { child, url: format!("http://{address}") })
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // It ends those that it started, which a kill would leave behind.
        let id = self.child.id().to_string();
        std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap();
        self.child.wait().unwrap();
    }
}

fn main() {
    let (mut seconds, mut rows, mut records) = (5, 50_000, 1_000_000);
    let mut arguments = std::env::args().skip(1).filter(|it| it != "--bench");
    while let Some(argument) = arguments.next() {
        let number = arguments.next().and_then(|number| number.parse().ok());
        match (argument.as_str(), number) {
            ("--seconds", Some(number)) => seconds = number,
            ("--rows", Some(number)) => rows = number,
            ("--records", Some(number)) => records = number,
            _ => panic!("unknown: {argument}"),
        }
    }
    let home = tempfile::tempdir().unwrap();
    let secret = token(&home.path().join("a"), "admin");
    let mut etcd = Etcd::start(3);
    let endpoints = etcd.endpoints();
    let start = |name: &str| {
        let arguments = ["--cluster", &endpoints, "--cluster-node", name, "--limit", "share_requests=0,share_cost=0"];
        Server::start_with(&home.path().join(name), &arguments)
    };
    let alone = {
        let folder = home.path().join("alone");
        let secret = token(&folder, "admin");
        (Server::start_with(&folder, &["--limit", "share_requests=0,share_cost=0"]), secret)
    };
    commits("alone, one by one", &alone.1, &[&alone.0.url], 1, seconds);
    commits("alone, 16 writers", &alone.1, &[&alone.0.url], 16, seconds);
    drop(alone);
    let a = start("a");
    for name in ["b", "c"] {
        run(&home.path().join("a"), &["backup", home.path().join(name).to_str().unwrap()]);
    }
    let (b, c) = (start("b"), start("c"));
    let urls = [&a, &b, &c].map(|node| node.url.clone());
    let all = urls.each_ref().map(String::as_str);
    commits("one node, one by one", &secret, &all[..1], 1, seconds);
    commits("one node, 16 writers", &secret, &all[..1], 16, seconds);
    commits("three nodes, 3 writers", &secret, &all, 3, seconds);
    commits("three nodes, 16 writers", &secret, &all, 16, seconds);
    match Proxy::start(&home.path().join("proxy"), &all) {
        Some(proxy) => {
            commits("through the proxy, one by one", &secret, &[&proxy.url], 1, seconds);
            commits("through the proxy, 16 writers", &secret, &[&proxy.url], 16, seconds);
        }
        None => println!("through the proxy: nginx is not there"),
    }

    let client = Client::new(&secret);
    let (mut lags, begun, mut count) = (Vec::new(), Instant::now(), 0_u32);
    while begun.elapsed() < Duration::from_secs(seconds) {
        let revision = client.add(all[0]).unwrap();
        let acknowledged = Instant::now();
        client.read(all[1], revision);
        lags.push(acknowledged.elapsed());
        count += 1;
        std::thread::sleep((Duration::from_millis(5) * count).saturating_sub(begun.elapsed()));
    }
    println!("another node has it, at {} commits/s: after {}", u64::from(count) / seconds, told(lags));

    for (what, signal) in [("with etcd", None), ("with all of etcd stopped", Some("-STOP"))] {
        signal.into_iter().for_each(|signal| (0..3).for_each(|at| etcd.signal(at, signal)));
        let times = (0..500).map(|_| {
            let begun = Instant::now();
            client.read(all[1], 0);
            begun.elapsed()
        });
        println!("reading, {what}: {}", told(times.collect()));
    }
    (0..3).for_each(|at| etcd.signal(at, "-CONT"));
    while client.add(all[1]).is_none() {}

    let import = |node: &Server, from: u64, to: u64| {
        let row = |at| json!({ "organisation": { "key": format!("row-{at:07}"), "name": format!("Row number {at}") } });
        let body: String = (from..to).map(|at| row(at).to_string() + "\n").collect();
        let headers = [("Content-Type", "application/jsonl"), ("Authorization", &*client.bearer)];
        let path = format!("/import?reason=bench&idempotencyKey=rows-{from}");
        let answer = node.post_to(&path, &headers, body.as_bytes()).json;
        answer["revision"].as_u64().unwrap_or_else(|| panic!("{answer}"))
    };
    let begun = Instant::now();
    let revision = import(&a, 0, rows);
    let acknowledged = begun.elapsed();
    client.read(all[1], revision);
    client.read(all[2], revision);
    let everywhere = begun.elapsed();
    let rate = |took: Duration| rows as f64 / took.as_secs_f64();
    println!(
        "an import of {rows} rows: {:.0} rows/s, {:.0} until all nodes have it",
        rate(acknowledged),
        rate(everywhere)
    );

    let written_again = |what: &str| {
        let begun = Instant::now();
        while all[1..].iter().all(|url| client.add(url).is_none()) {}
        println!("written again after {what}: {:.1} s", begun.elapsed().as_secs_f64());
    };
    let leader = etcd.leader();
    etcd.kill(leader);
    written_again("the member that leads was killed");
    etcd.restart(leader);
    a.kill();
    written_again("a node was killed");

    // As many as were asked for, in commits of that size.
    let begun = Instant::now();
    let mut last = revision;
    for from in (rows..records).step_by(usize::try_from(rows).unwrap()) {
        last = import(&b, from, records.min(from + rows));
    }
    client.read(all[2], last);
    println!("{records} records at the other node too: after {:.1} s", begun.elapsed().as_secs_f64());
    let (backup, begun) = (home.path().join("new"), Instant::now());
    run(&home.path().join("b"), &["backup", backup.to_str().unwrap()]);
    let copied = begun.elapsed();
    let d = start("new");
    let (took, records) = (begun.elapsed(), d.ask("{ organisations { totalCount } }"));
    println!(
        "a new node of {}: {:.1} s to copy, ready after {:.1} s",
        records["organisations"]["totalCount"],
        copied.as_secs_f64(),
        took.as_secs_f64()
    );
}
