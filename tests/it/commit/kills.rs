//! kill -9 at any moment, aimed too: while it starts, while the store is written, while a token is made, while a backup is taken.
//! A few rounds every day; `BOORDTABEL_LONG=1` makes it a thousand, and half a million acknowledgements.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, mpsc};
use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::server::{Dice, Server, boordtabel, run, token};

const ADD: &str = "mutation($input: ImportRowsInput!) { importRows(input: $input) { status } }";
/// Rounds in one folder; what is there is read whole after each.
const ROUNDS_OF_FOLDER: usize = 100;

pub fn is_long() -> bool {
    std::env::var_os("BOORDTABEL_LONG").is_some()
}

pub fn rounds(everyday: usize, long: usize) -> usize {
    if is_long() { long } else { everyday }
}

/// Where a round is aimed.
#[derive(Clone, Copy, Debug)]
enum Aim {
    /// Any moment under load.
    Load,
    /// While it starts.
    Start,
    /// When it has been quiet for as long as the store waits.
    Store,
    /// While tokens are made.
    Token,
    /// While a backup is taken.
    Backup,
}

const AIMS: [Aim; 5] = [Aim::Load, Aim::Start, Aim::Store, Aim::Token, Aim::Backup];

/// A command that is not waited for.
fn begin(data: &Path, arguments: &[&str]) -> Child {
    let mut command = boordtabel();
    command.args(arguments).arg("--data").arg(data).stdout(Stdio::piped()).stderr(Stdio::null());
    command.spawn().unwrap()
}

/// The keys of what is there, by a command of its own.
pub fn keys(data: &Path) -> BTreeSet<String> {
    let text = run(data, &["export", "organisations", "--format", "jsonl", "--out", "-"]);
    let key =
        |line: &str| serde_json::from_str::<Json>(line).unwrap()["organisation"]["key"].as_str().unwrap().to_owned();
    text.lines().map(key).collect()
}

#[test]
fn whenever_it_is_killed_everything_acknowledged_is_there_and_nothing_else() {
    let mut dice = Dice(20_261_128);
    let (mut acknowledged, mut tokens) = (0, 0);
    let all = rounds(10, 1_000);
    for first in (0..all).step_by(ROUNDS_OF_FOLDER) {
        let (acks, made) = one_folder(&mut dice, first..all.min(first + ROUNDS_OF_FOLDER));
        acknowledged += acks;
        tokens += made;
        println!("{acknowledged} acknowledgements, {tokens} tokens");
    }
    assert!(!is_long() || acknowledged >= 500_000, "only {acknowledged} acknowledgements");
}

/// Rounds in a folder of their own: what was acknowledged, and how many tokens were made.
fn one_folder(dice: &mut Dice, rounds: std::ops::Range<usize>) -> (usize, usize) {
    // Of a round: how many write, and up to how many acknowledgements it waits for.
    let (writers, most) = if is_long() { (24, 1_100) } else { (2, 60) };
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let secret = token(&data, "import");
    let next = AtomicU64::new(0);
    let (sent, acknowledged) = (Mutex::new(BTreeSet::new()), Mutex::new(BTreeSet::new()));
    let mut tokens: Vec<String> = Vec::new();
    for round in rounds {
        let aim = AIMS[round % AIMS.len()];
        if matches!(aim, Aim::Start) {
            let mut child = begin(&data, &["serve", "--listen", "127.0.0.1:0", "--log", "error"]);
            std::thread::sleep(Duration::from_millis(dice.below(150) as u64));
            child.kill().unwrap();
            child.wait().unwrap();
        }
        let server = Server::start(&data);
        let (told, heard) = mpsc::channel();
        std::thread::scope(|scope| {
            for told in std::iter::repeat_n(told, writers) {
                let (next, sent, acknowledged, server, secret) = (&next, &sent, &acknowledged, &server, &secret);
                scope.spawn(move || {
                    loop {
                        let key = format!("body-{}", next.fetch_add(1, Ordering::Relaxed));
                        let rows = json!([{ "organisation": { "key": key, "name": "Body" } }]);
                        sent.lock().unwrap().insert(key.clone());
                        let input = json!({ "input": { "rows": rows, "reason": "kill", "idempotencyKey": key } });
                        match server.try_send(Some(secret), ADD, input) {
                            Some(answer) => {
                                assert_eq!(answer["data"]["importRows"]["status"], "COMMITTED", "{answer}");
                                acknowledged.lock().unwrap().insert(key);
                                told.send(()).ok();
                            }
                            None => break,
                        }
                    }
                });
            }
            assert!(heard.iter().take(1 + dice.below(most)).count() > 0, "nothing was acknowledged");
            let beside = match aim {
                Aim::Token => {
                    let name = format!("token-{round}");
                    Some(begin(&data, &["token", "create", "--role", "edit", "--name", &name]))
                }
                Aim::Backup => {
                    Some(begin(&data, &["backup", home.path().join(format!("backup-{round}")).to_str().unwrap()]))
                }
                Aim::Store => {
                    std::thread::sleep(Duration::from_millis(450 + dice.below(700) as u64));
                    None
                }
                _ => None,
            };
            if beside.is_some() {
                std::thread::sleep(Duration::from_millis(dice.below(200) as u64));
            }
            server.kill_hard();
            if let Some(mut child) = beside {
                if matches!(aim, Aim::Backup) {
                    // It goes on without the server.
                    assert!(child.wait().unwrap().success(), "a backup of a killed server");
                } else {
                    child.kill().ok();
                    let output = child.wait_with_output().unwrap();
                    tokens.extend(String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned));
                }
            }
        });
        drop(server);
        let there = keys(&data);
        let (sent, acknowledged) = (sent.lock().unwrap(), acknowledged.lock().unwrap());
        let lost: Vec<_> = acknowledged.difference(&there).collect();
        assert!(lost.is_empty(), "round {round}, {aim:?}: {lost:?} were acknowledged and are gone");
        assert!(there.is_subset(&sent), "round {round}, {aim:?}: something is there that nobody sent");
        if matches!(aim, Aim::Backup) {
            let backup = home.path().join(format!("backup-{round}"));
            assert!(keys(&backup).is_subset(&there));
            std::fs::remove_dir_all(backup).unwrap();
        }
    }
    let server = Server::start(&data);
    for secret in &tokens {
        assert_eq!(server.send(Some(secret), "{ register { revision } }", json!({})).status, 200, "a token is gone");
    }
    (acknowledged.into_inner().unwrap().len(), tokens.len())
}
