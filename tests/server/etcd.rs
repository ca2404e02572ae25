//! Real members of etcd, as the distribution has them.
#![allow(dead_code)] // Each test binary uses its part.

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long they may take to begin, also on a busy machine.
const DEADLINE: Duration = Duration::from_secs(60);

/// Where a program runs: on this machine as it is, or in a network namespace, with an address of its own.
#[derive(Clone, Debug)]
pub struct Place {
    /// The namespace; none for the machine's own.
    pub namespace: Option<String>,
    /// The address.
    pub address: String,
}

impl Place {
    /// This machine as it is.
    pub fn here() -> Self {
        Self { namespace: None, address: "127.0.0.1".into() }
    }

    /// A program that runs there.
    pub fn command(&self, program: &str) -> Command {
        let Some(namespace) = &self.namespace else { return Command::new(program) };
        let mut command = Command::new("ip");
        command.args(["netns", "exec", namespace, program]);
        command
    }
}

/// Members of one etcd; they are killed when this is dropped.
pub struct Etcd {
    members: Vec<Child>,
    places: Vec<Place>,
    /// Where clients reach them.
    pub urls: Vec<String>,
    peers: Vec<String>,
    folder: tempfile::TempDir,
    further: Vec<String>,
}

impl Etcd {
    /// So many members, which elect a leader.
    pub fn start(count: usize) -> Self {
        Self::start_at(vec![Place::here(); count], &[])
    }

    /// A member at each of these places, with further arguments.
    pub fn start_at(places: Vec<Place>, further: &[&str]) -> Self {
        let (count, folder) = (places.len(), tempfile::tempdir().unwrap());
        // Ports that are free here are free in an empty namespace too.
        let listeners: Vec<_> = (0..2 * count).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let port = |listener: &TcpListener| listener.local_addr().unwrap().port();
        let all: Vec<String> = listeners
            .iter()
            .zip(places.iter().cycle())
            .map(|(listener, place)| format!("http://{}:{}", place.address, port(listener)))
            .collect();
        drop(listeners);
        let (urls, peers) = all.split_at(count);
        let further = further.iter().map(|it| (*it).to_owned()).collect();
        let mut etcd =
            Self { members: Vec::new(), places, urls: urls.to_vec(), peers: peers.to_vec(), folder, further };
        etcd.members = (0..count).map(|at| etcd.spawn(at, "new")).collect();
        etcd.ready();
        etcd
    }

    fn spawn(&self, at: usize, state: &str) -> Child {
        let whole: Vec<String> = self.peers.iter().enumerate().map(|(at, peer)| format!("m{at}={peer}")).collect();
        let name = format!("m{at}");
        let mut command = self.places[at].command("etcd");
        command.args(["--name", &name, "--log-level", "fatal", "--logger", "zap", "--data-dir"]);
        command.arg(self.folder.path().join(&name)).args(["--initial-cluster-state", state]);
        command.args(["--listen-client-urls", &self.urls[at], "--advertise-client-urls", &self.urls[at]]);
        command.args(["--listen-peer-urls", &self.peers[at], "--initial-advertise-peer-urls", &self.peers[at]]);
        command.args(["--initial-cluster", &whole.join(",")]).args(&self.further);
        let started = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        started.expect("`etcd` is installed: tests/setup does it")
    }

    /// Waits until they take writes.
    pub fn ready(&self) {
        let begun = Instant::now();
        let config =
            ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(2)));
        let agent: ureq::Agent = config.build().into();
        loop {
            let put = agent.post(format!("{}/v3/kv/put", self.urls[0])).send(r#"{"key":"cmVhZHk=","value":"eQ=="}"#);
            if put.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            assert!(begun.elapsed() < DEADLINE, "etcd has no leader");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The members in the form of a setting.
    pub fn endpoints(&self) -> String {
        self.urls.join(",")
    }

    /// The member that leads.
    pub fn leader(&self) -> usize {
        let begun = Instant::now();
        loop {
            for (at, url) in self.urls.iter().enumerate() {
                if page(url).is_some_and(|page| page.lines().any(|line| line == "etcd_server_is_leader 1")) {
                    return at;
                }
            }
            assert!(begun.elapsed() < DEADLINE, "no member leads");
        }
    }

    /// Sends a signal to a member, such as `-STOP`.
    pub fn signal(&self, at: usize, signal: &str) {
        let id = self.members[at].id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    /// Kills a member.
    pub fn kill(&mut self, at: usize) {
        self.members[at].kill().ok();
        self.members[at].wait().ok();
    }

    /// Starts a member again that was killed, with what it has.
    pub fn restart(&mut self, at: usize) {
        self.members[at] = self.spawn(at, "existing");
    }

    /// Kills a member that has lost its disk, and all others, and begins anew: everything is lost.
    pub fn lose_everything(&mut self) {
        for at in 0..self.members.len() {
            self.kill(at);
            std::fs::remove_dir_all(self.folder.path().join(format!("m{at}"))).unwrap();
        }
        self.members = (0..self.members.len()).map(|at| self.spawn(at, "new")).collect();
        self.ready();
    }

    /// Where their data is.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// The metrics of a member.
fn page(url: &str) -> Option<String> {
    let address = url.strip_prefix("http://")?;
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
    write!(stream, "GET /metrics HTTP/1.0\r\n\r\n").ok()?;
    std::io::read_to_string(stream).ok()
}

impl Drop for Etcd {
    fn drop(&mut self) {
        for at in 0..self.members.len() {
            self.kill(at);
        }
    }
}
