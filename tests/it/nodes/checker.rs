//! Random faults, and a checker over what clients were told: what was acknowledged is there once, in the same order, on every node.
//!
//! A short run every day; `BOORDTABEL_LONG=1` makes it fifty of a minute each, with seeds of their own (`BOORDTABEL_SEED` for one),
//! in which links are cut, clocks set and rooms filled too, where this machine can do that.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, RwLock};

use super::harm::{EVERYDAY, Harm, QUOTA_BYTES, all_possible};
use super::links::{self, Links};
use super::*;
use crate::server::etcd::Place;
use crate::server::{Dice, boordtabel_at};

/// So long a client waits for an answer.
const WAITS: Duration = Duration::from_secs(5);
/// So often a client sends the same request again, to one node after the other.
const TRIES: usize = 4;

/// What a client was told of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Committed(u64),
    /// It was refused for good: it is not there.
    Refused,
    /// Nobody knows.
    Nothing,
}

/// Says that it is over when this is dropped.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// What happened, as the clients saw it.
#[derive(Default)]
struct History {
    /// What was written, by its reason.
    writes: BTreeMap<String, Told>,
    /// What no reader may see.
    wrong: Vec<String>,
}

/// A node that comes and goes.
pub(super) struct Slot {
    pub(super) name: &'static str,
    url: RwLock<String>,
    server: Mutex<Option<Server>>,
}

impl Slot {
    fn new(name: &'static str, server: Server) -> Self {
        Self { name, url: RwLock::new(server.url.clone()), server: Mutex::new(Some(server)) }
    }

    /// Another one comes in its place.
    pub(super) fn put(&self, server: Server) {
        *self.url.write().unwrap() = server.url.clone();
        *self.server.lock().unwrap() = Some(server);
    }

    pub(super) fn kill(&self) {
        self.server.lock().unwrap().take().unwrap().kill();
    }

    pub(super) fn signal(&self, signal: &str) {
        let id = self.server.lock().unwrap().as_ref().unwrap().id().to_string();
        assert!(std::process::Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    /// The entry that it has.
    pub(super) fn entry(&self) -> u64 {
        entry_of(self.server.lock().unwrap().as_ref().unwrap())
    }

    /// Whether it says that the log begins after what it has.
    pub(super) fn lacks_what_is_gone(&self) -> bool {
        self.server.lock().unwrap().as_ref().unwrap().get("/readyz?verbose").1.contains("begins at entry")
    }
}

/// A run: its harms, and how long it takes.
pub(super) struct Run {
    seed: u64,
    takes: Duration,
    pub(super) is_long: bool,
    pub(super) harms: Vec<Harm>,
    pub(super) links: Option<Links>,
    planted: Option<&'static str>,
}

/// Those that are linked: members and nodes.
const MACHINES: [&str; 6] = ["m0", "m1", "m2", "a", "b", "c"];

impl Run {
    fn place(&self, name: &str) -> Place {
        self.links.as_ref().map_or_else(Place::here, |links| links.place(name))
    }

    /// Starts a node, as the unit of the packages does: one that ends, since the log is away, is started again.
    pub(super) fn start(&self, nodes: &Nodes, name: &str) -> Server {
        let (endpoints, place) = (nodes.etcd.endpoints(), self.place(name));
        let once = || {
            let mut command = boordtabel_at(&place);
            command.envs(self.planted.map(|fault| ("BOORDTABEL_PLANTED", fault))).envs(self.clock(nodes, name));
            if !self.is_long {
                command.stderr(std::process::Stdio::null());
            }
            Server::try_at(&place.address, command, &nodes.folder(name), &nodes.arguments(name, &endpoints))
        };
        let begun = Instant::now();
        loop {
            match once() {
                Ok(server) => return server,
                Err(told) => assert!(begun.elapsed() < DEADLINE, "{told}"),
            }
        }
    }

    /// Runs clients and harms, and says what is wrong with what came of it.
    fn wrong(&self) -> Vec<String> {
        let members = MACHINES[..3].iter().map(|name| self.place(name)).collect();
        let room: &[&str] = if self.is_long { &["--quota-backend-bytes", QUOTA_BYTES] } else { &[] };
        let mut nodes = Nodes::over(Etcd::start_at(members, room));
        let names = ["a", "b", "c"];
        let mut slots = vec![Slot::new("a", self.start(&nodes, "a"))];
        for name in &names[1..] {
            run(&nodes.folder("a"), &["backup", nodes.folder(name).to_str().unwrap()]);
        }
        slots.extend(names[1..].iter().map(|name| Slot::new(name, self.start(&nodes, name))));
        let (history, over, secret) = (Mutex::new(History::default()), AtomicBool::new(false), nodes.secret.clone());
        let (seen, mut done) = (AtomicU64::new(0), BTreeMap::<Harm, usize>::new());
        std::thread::scope(|scope| {
            // However this ends: nobody waits for clients that go on.
            let _ends = Ends(&over);
            for client in 0..4 {
                let client = Client { number: client, slots: &slots, secret: &secret, history: &history, seen: &seen };
                let over = &over;
                scope.spawn(move || client.work(self.seed, over));
            }
            let begun = Instant::now();
            let mut dice = Dice(self.seed);
            while begun.elapsed() < self.takes {
                std::thread::sleep(Duration::from_millis(200 + dice.below(600) as u64));
                if !self.harms.is_empty() {
                    *done.entry(self.harm(&mut dice, &mut nodes, &slots)).or_default() += 1;
                }
            }
        });
        eprintln!("seed {}: {done:?}", self.seed);
        self.judge(&nodes, &slots, history.into_inner().unwrap())
    }

    fn judge(&self, nodes: &Nodes, slots: &[Slot], history: History) -> Vec<String> {
        let mut wrong = history.wrong;
        let servers: Vec<Server> = slots.iter().map(|slot| slot.server.lock().unwrap().take().unwrap()).collect();
        // Nobody writes any more: they come to the same.
        let (begun, patience) = (Instant::now(), if self.planted.is_some() { 4 } else { 60 });
        let revisions = || servers.iter().map(Server::revision).collect::<BTreeSet<_>>();
        let heads = || servers.iter().map(entry_of).collect::<BTreeSet<_>>();
        while (revisions().len() > 1 || heads().len() > 1) && begun.elapsed() < Duration::from_secs(patience) {
            std::thread::sleep(Duration::from_millis(50));
        }
        if revisions().len() > 1 {
            wrong.push(format!("the nodes end with the revisions {:?}", revisions()));
        }
        let logs: Vec<Vec<(String, jiff::Timestamp)>> = servers.iter().map(commits).collect();
        drop(servers);
        for (name, log) in slots.iter().map(|slot| slot.name).zip(&logs) {
            if !log.is_sorted_by_key(|(_, at)| *at) {
                wrong.push(format!("time runs backwards on {name}"));
            }
            let log: Vec<&String> = log.iter().map(|(reason, _)| reason).collect();
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            log.iter().copied().for_each(|reason| *counts.entry(reason).or_default() += 1);
            for (reason, told) in &history.writes {
                match (told, counts.get(reason.as_str()).copied().unwrap_or_default()) {
                    (Told::Committed(revision), 1) if log.get(*revision as usize - 1) != Some(&reason) => {
                        wrong.push(format!("`{reason}` is not revision {revision} on {name}, as was told"));
                    }
                    (Told::Committed(_) | Told::Nothing, 1) | (Told::Refused | Told::Nothing, 0) => {}
                    (told, count) => {
                        wrong.push(format!("`{reason}` was told as {told:?}, and is {count} times on {name}"))
                    }
                }
            }
            let invented = counts.keys().filter(|reason| !history.writes.contains_key(**reason));
            wrong.extend(invented.map(|reason| format!("`{reason}` on {name} was never sent")));
        }
        if logs.iter().any(|log| *log != logs[0]) {
            wrong.push("the nodes do not have the same commits in the same order".into());
        }
        let journals: BTreeSet<Vec<u8>> = slots.iter().map(|slot| journal(&nodes.folder(slot.name))).collect();
        if journals.len() > 1 {
            wrong.push("the journals differ".into());
        }
        let digests: BTreeSet<String> = slots
            .iter()
            .map(|slot| {
                let mut command = boordtabel();
                let output = command.arg("verify").arg("--data").arg(nodes.folder(slot.name)).output().unwrap();
                let told = String::from_utf8_lossy(&output.stdout).into_owned();
                told.lines().nth(1).unwrap_or("it does not read").to_owned()
            })
            .collect();
        if digests.len() > 1 {
            wrong.push(format!("the digests differ: {digests:?}"));
        }
        let committed = history.writes.values().filter(|told| matches!(told, Told::Committed(_))).count();
        let nothing = history.writes.values().filter(|told| **told == Told::Nothing).count();
        eprintln!("seed {}: {committed} acknowledged, {nothing} unknown, {} wrong", self.seed, wrong.len());
        assert!(committed > 10 || self.planted.is_some(), "next to nothing was written");
        wrong
    }
}

/// The entry that a node has.
fn entry_of(node: &Server) -> u64 {
    let (_, told) = node.get("/health");
    serde_json::from_str::<Json>(&told).unwrap()["cluster"]["entry"].as_u64().unwrap_or_default()
}

/// The reasons of all commits, oldest first, and when they were made.
fn commits(node: &Server) -> Vec<(String, jiff::Timestamp)> {
    let (mut found, mut after) = (Vec::new(), Json::Null);
    loop {
        let query = "query($after: String) { commits(first: 1000, after: $after) { nodes { reason committedAt } pageInfo { hasNextPage endCursor } } }";
        let answer = node.send(None, query, json!({ "after": after })).json;
        let page = &answer["data"]["commits"];
        let text = |of: &Json| of.as_str().unwrap_or_default().to_owned();
        let nodes = page["nodes"].as_array().into_iter().flatten();
        found.extend(nodes.map(|node| (text(&node["reason"]), text(&node["committedAt"]).parse().unwrap())));
        if page["pageInfo"]["hasNextPage"] != true {
            found.reverse();
            return found;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

struct Client<'a> {
    number: u64,
    slots: &'a [Slot],
    secret: &'a str,
    history: &'a Mutex<History>,
    /// The newest revision that any client was told.
    seen: &'a AtomicU64,
}

impl Client<'_> {
    /// Writes and reads until it is over.
    fn work(&self, seed: u64, over: &AtomicBool) {
        let mut dice = Dice(seed * 1_000 + self.number);
        for turn in 0_u64.. {
            if over.load(Ordering::Relaxed) {
                break;
            }
            match dice.below(3) {
                0 => self.read(&mut dice),
                1 => {
                    // Two that are a hundred together, whenever somebody looks.
                    let part = dice.below(101);
                    let half = |side: &str, name: usize| json!({ "organisation": { "key": format!("pair-{}-{side}", self.number), "name": name.to_string() } });
                    self.write(&mut dice, turn, "UPSERT", &json!([half("l", part), half("r", 100 - part)]));
                }
                _ => {
                    let key = format!("new-{}-{turn}", self.number);
                    self.write(&mut dice, turn, "CREATE", &json!([{ "organisation": { "key": key, "name": key } }]));
                }
            }
        }
    }

    fn post(&self, at: usize, min: u64, body: &Json) -> Option<Json> {
        let url = self.slots[at % self.slots.len()].url.read().unwrap().clone();
        let config = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(WAITS));
        let agent: ureq::Agent = config.build().into();
        let mut request = agent.post(format!("{url}/graphql")).header("Content-Type", "application/json");
        request = request.header("Authorization", format!("Bearer {}", self.secret));
        request = request.header("Boordtabel-Min-Revision", min.to_string());
        let mut answer = request.send(body.to_string()).ok()?;
        serde_json::from_slice(&answer.body_mut().read_to_vec().ok()?).ok()
    }

    fn write(&self, dice: &mut Dice, turn: u64, mode: &str, rows: &Json) {
        let reason = format!("client {} turn {turn}", self.number);
        // Before it is sent: it may be seen before it is answered.
        self.history.lock().unwrap().writes.insert(reason.clone(), Told::Nothing);
        let input = json!({ "rows": rows, "mode": mode, "reason": reason, "idempotencyKey": reason });
        let query = "mutation($input: ImportRowsInput!) { importRows(input: $input) { status revision } }";
        let body = json!({ "query": query, "variables": { "input": input } });
        let at = dice.below(self.slots.len());
        let told = (0..TRIES).find_map(|again| {
            let answer = self.post(at + again, 0, &body)?;
            let report = &answer["data"]["importRows"];
            match report["status"].as_str() {
                Some("COMMITTED") => report["revision"].as_u64().map(Told::Committed),
                // It was there already: there is nothing of it in the log, and need not be.
                Some("UNCHANGED" | "REJECTED") => Some(Told::Refused),
                _ => None,
            }
        });
        let told = told.unwrap_or(Told::Nothing);
        if let Told::Committed(revision) = told {
            self.seen.fetch_max(revision, Ordering::Relaxed);
        }
        self.history.lock().unwrap().writes.insert(reason, told);
    }

    fn read(&self, dice: &mut Dice) {
        let (pair, min) = (dice.below(4), self.seen.load(Ordering::Relaxed));
        let query = format!(
            "{{ register {{ revision }} l: organisation(key: \"pair-{pair}-l\") {{ name }} r: organisation(key: \"pair-{pair}-r\") {{ name }} }}"
        );
        let Some(answer) = self.post(dice.below(self.slots.len()), min, &json!({ "query": query })) else { return };
        let data = &answer["data"];
        let Some(revision) = data["register"]["revision"].as_u64() else { return };
        let wrong = &mut self.history.lock().unwrap().wrong;
        if revision < min {
            wrong.push(format!("revision {revision} was read after {min} was told"));
        }
        self.seen.fetch_max(revision, Ordering::Relaxed);
        let name = |side: &str| data[side]["name"].as_str().map(|name| name.parse::<u64>().unwrap());
        if name("l").map_or(0, |left| left + name("r").unwrap_or_default()) != name("l").map_or(0, |_| 100) {
            wrong.push(format!("half of a commit was read: {data}"));
        }
    }
}

/// This test's name.
const WHATEVER_FALLS: &str = "nodes::checker::whatever_falls_what_was_acknowledged_is_there_once_on_every_node";

#[test]
fn whatever_falls_what_was_acknowledged_is_there_once_on_every_node() {
    let is_long = std::env::var_os("BOORDTABEL_LONG").is_some();
    let inside = || Links::inside(&MACHINES);
    if is_long && links::can_be() && inside().is_none() {
        return links::run_inside(WHATEVER_FALLS, &MACHINES);
    }
    let seed = std::env::var("BOORDTABEL_SEED").ok().and_then(|seed| seed.parse().ok());
    let rounds = if is_long && seed.is_none() { 50 } else { 1 };
    let takes = Duration::from_secs(if is_long { 60 } else { 6 });
    let harms = if is_long { all_possible(inside().is_some()) } else { EVERYDAY.to_vec() };
    for round in 0..rounds {
        let seed = seed.unwrap_or(20_261_129 + round);
        let run = Run { seed, takes, is_long, harms: harms.clone(), links: inside(), planted: None };
        let wrong = run.wrong();
        assert!(wrong.is_empty(), "seed {seed}: {wrong:#?}");
    }
}

/// A checker that finds nothing may be blind.
#[test]
fn the_checker_finds_faults_that_are_planted() {
    if !cfg!(debug_assertions) {
        eprintln!("passed over: a build for use has no planted faults");
        return;
    }
    for fault in ["acknowledge-first", "blind-retry", "follow-without-order"] {
        let takes = Duration::from_secs(2);
        let run = Run { seed: 7, takes, is_long: false, harms: Vec::new(), links: None, planted: Some(fault) };
        let wrong = run.wrong();
        assert!(!wrong.is_empty(), "`{fault}` was not found");
        eprintln!("{fault}: {}", wrong[0]);
    }
}
