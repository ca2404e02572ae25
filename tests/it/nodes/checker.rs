//! Random faults, and a checker over what clients were told: what was acknowledged is there once, in the same order, on every node.
//!
//! A short run every day; `BOORDTABEL_LONG=1` makes it fifty of a minute each, with seeds of their own (`BOORDTABEL_SEED` for one).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, RwLock};

use super::*;
use crate::server::Dice;

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

/// What happened, as the clients saw it.
#[derive(Default)]
struct History {
    /// What was written, by its reason.
    writes: BTreeMap<String, Told>,
    /// What no reader may see.
    wrong: Vec<String>,
}

/// A node that comes and goes.
struct Slot {
    name: &'static str,
    url: RwLock<String>,
    server: Mutex<Option<Server>>,
}

/// A run: its faults, and how long it takes.
struct Run {
    seed: u64,
    takes: Duration,
    /// How long a process is stopped at most.
    stopped_ms: usize,
    planted: Option<&'static str>,
}

impl Run {
    fn start(&self, nodes: &Nodes, name: &str) -> Server {
        let endpoints = nodes.etcd.endpoints();
        let mut command = boordtabel();
        command.envs(self.planted.map(|fault| ("BOORDTABEL_PLANTED", fault))).stderr(std::process::Stdio::null());
        Server::of(command, &nodes.folder(name), &nodes.arguments(name, &endpoints))
    }

    /// Runs clients and faults, and says what is wrong with what came of it.
    fn wrong(&self) -> Vec<String> {
        let mut nodes = Nodes::new(3);
        let names = ["a", "b", "c"];
        let first = self.start(&nodes, "a");
        for name in &names[1..] {
            run(&nodes.folder("a"), &["backup", nodes.folder(name).to_str().unwrap()]);
        }
        let mut servers = vec![first];
        servers.extend(names[1..].iter().map(|name| self.start(&nodes, name)));
        let slots: Vec<Slot> = names
            .into_iter()
            .zip(servers)
            .map(|(name, server)| Slot { name, url: RwLock::new(server.url.clone()), server: Mutex::new(Some(server)) })
            .collect();
        let (history, over, secret) = (Mutex::new(History::default()), AtomicBool::new(false), nodes.secret.clone());
        let seen = AtomicU64::new(0);
        std::thread::scope(|scope| {
            for client in 0..4 {
                let client = Client { number: client, slots: &slots, secret: &secret, history: &history, seen: &seen };
                let over = &over;
                scope.spawn(move || client.work(self.seed, over));
            }
            let begun = Instant::now();
            let mut dice = Dice(self.seed);
            while begun.elapsed() < self.takes {
                std::thread::sleep(Duration::from_millis(200 + dice.below(600) as u64));
                if self.planted.is_none() {
                    self.harm(&mut dice, &mut nodes, &slots);
                }
            }
            over.store(true, Ordering::Relaxed);
        });
        self.judge(&nodes, &slots, history.into_inner().unwrap())
    }

    /// Kills or stops something, and lets it come back.
    fn harm(&self, dice: &mut Dice, nodes: &mut Nodes, slots: &[Slot]) {
        let rest = Duration::from_millis(200 + dice.below(self.stopped_ms) as u64);
        let member = if dice.below(2) == 0 { nodes.etcd.leader() } else { dice.below(3) };
        let slot = &slots[dice.below(slots.len())];
        let signal = |signal: &str| {
            let id = slot.server.lock().unwrap().as_ref().unwrap().id().to_string();
            assert!(std::process::Command::new("kill").args([signal, &id]).status().unwrap().success());
        };
        match dice.below(4) {
            0 => {
                slot.server.lock().unwrap().take().unwrap().kill();
                let server = self.start(nodes, slot.name);
                *slot.url.write().unwrap() = server.url.clone();
                *slot.server.lock().unwrap() = Some(server);
            }
            1 => {
                signal("-STOP");
                std::thread::sleep(rest);
                signal("-CONT");
            }
            2 => {
                nodes.etcd.kill(member);
                std::thread::sleep(rest);
                nodes.etcd.restart(member);
            }
            _ => {
                nodes.etcd.signal(member, "-STOP");
                std::thread::sleep(rest);
                nodes.etcd.signal(member, "-CONT");
            }
        }
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
        let logs: Vec<Vec<String>> = servers.iter().map(reasons).collect();
        drop(servers);
        for (name, log) in slots.iter().map(|slot| slot.name).zip(&logs) {
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            log.iter().for_each(|reason| *counts.entry(reason).or_default() += 1);
            for (reason, told) in &history.writes {
                match (told, counts.get(reason.as_str()).copied().unwrap_or_default()) {
                    (Told::Committed(revision), 1) if log.get(*revision as usize - 1) != Some(reason) => {
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

/// The reasons of all commits, oldest first.
fn reasons(node: &Server) -> Vec<String> {
    let (mut found, mut after) = (Vec::new(), Json::Null);
    loop {
        let query = "query($after: String) { commits(first: 1000, after: $after) { nodes { reason } pageInfo { hasNextPage endCursor } } }";
        let answer = node.send(None, query, json!({ "after": after })).json;
        let page = &answer["data"]["commits"];
        let nodes = page["nodes"].as_array().cloned().unwrap_or_default();
        found.extend(nodes.iter().map(|node| node["reason"].as_str().unwrap_or_default().to_owned()));
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

#[test]
fn whatever_falls_what_was_acknowledged_is_there_once_on_every_node() {
    let is_long = std::env::var_os("BOORDTABEL_LONG").is_some();
    let seed = std::env::var("BOORDTABEL_SEED").ok().and_then(|seed| seed.parse().ok());
    let rounds = if is_long && seed.is_none() { 50 } else { 1 };
    let (takes, stopped_ms) = if is_long { (60, 15_000) } else { (6, 1_500) };
    for round in 0..rounds {
        let seed = seed.unwrap_or(20_261_129 + round);
        let run = Run { seed, takes: Duration::from_secs(takes), stopped_ms, planted: None };
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
        let run = Run { seed: 7, takes: Duration::from_secs(2), stopped_ms: 1, planted: Some(fault) };
        let wrong = run.wrong();
        assert!(!wrong.is_empty(), "`{fault}` was not found");
        eprintln!("{fault}: {}", wrong[0]);
    }
}
