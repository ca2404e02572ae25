//! The operator's drill: back up under load, destroy, restore, verify, compare. And what else an operator may have to do.

use std::fs;
use std::path::Path;
use std::process::Output;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde_json::{Value as Json, json};

use super::old_folder;
use crate::server::{Server, boordtabel, run, token};

const ADD: &str = "mutation($input: ImportRowsInput!) { importRows(input: $input) { status revision } }";

fn organisation(number: u64) -> Json {
    let rows = json!([{ "organisation": { "key": format!("body-{number}"), "name": format!("Body {number}") } }]);
    json!({ "input": { "rows": rows, "reason": "load", "idempotencyKey": format!("add-{number}") } })
}

/// What a command comes to.
fn try_run(data: &Path, arguments: &[&str]) -> Output {
    boordtabel().args(arguments).arg("--data").arg(data).output().unwrap()
}

fn digest(data: &Path) -> String {
    let told = run(data, &["verify"]);
    told.lines().find_map(|line| line.strip_prefix("digest ")).unwrap_or_else(|| panic!("{told}")).to_owned()
}

fn arg(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_backup_under_load_is_restored_whole_and_verified() {
    let home = tempfile::tempdir().unwrap();
    let (data, backup) = (home.path().join("data"), home.path().join("backup"));
    let secret = token(&data, "import");
    let server = Server::start(&data);
    let (acknowledged, done) = (AtomicU64::new(0), AtomicBool::new(false));
    let known = std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in 1.. {
                if done.load(Ordering::Acquire) {
                    break;
                }
                let answer = server.send(Some(&secret), ADD, organisation(number));
                assert_eq!(answer.json["data"]["importRows"]["status"], "COMMITTED", "{}", answer.json);
                acknowledged.store(answer.json["data"]["importRows"]["revision"].as_u64().unwrap(), Ordering::Release);
            }
        });
        // A plain copy is taken beside, as scripts do it: the anchor first.
        let plain = home.path().join("plain");
        while acknowledged.load(Ordering::Acquire) < 20 {
            std::thread::yield_now();
        }
        let known = acknowledged.load(Ordering::Acquire);
        run(&data, &["backup", arg(&backup)]);
        fs::create_dir_all(plain.join("journal")).unwrap();
        for name in ["ANCHOR", "FORMAT"] {
            fs::copy(data.join(name), plain.join(name)).unwrap();
        }
        for file in fs::read_dir(data.join("journal")).unwrap().map(Result::unwrap) {
            fs::copy(file.path(), plain.join("journal").join(file.file_name())).unwrap();
        }
        // Tokens are made and revoked meanwhile, by the running server.
        let second = token(&data, "edit");
        assert_eq!(server.send(Some(&second), "{ register { revision } }", json!({})).status, 200);
        run(&data, &["token", "revoke", "edit"]);
        assert_eq!(server.send(Some(&second), "{ register { revision } }", json!({})).status, 401);
        let told = run(&data, &["verify"]);
        assert!(told.contains("store: not looked at, the folder is in use"), "{told}");
        done.store(true, Ordering::Release);
        known
    });
    server.kill();
    fs::remove_dir_all(&data).unwrap();

    for copy in [&backup, &home.path().join("plain")] {
        let restored = home.path().join("restored");
        run(&restored, &["restore", arg(copy)]);
        assert_eq!(digest(&restored), digest(copy));
        let server = Server::start(&restored);
        assert!(server.revision() >= known, "{} of {known}", server.revision());
        let answer = server.send(Some(&secret), ADD, organisation(1_000_000));
        assert_eq!(answer.json["data"]["importRows"]["status"], "COMMITTED", "{}", answer.json);
        let full = try_run(&restored, &["restore", arg(copy)]);
        assert_eq!(full.status.code(), Some(3), "nothing is written over: {}", String::from_utf8_lossy(&full.stderr));
        drop(server);
        fs::remove_dir_all(&restored).unwrap();
    }
}

#[test]
fn a_backup_is_served_as_it_is_and_nothing_in_it_changes() {
    let folder = old_folder::unpacked(false);
    let home = tempfile::tempdir().unwrap();
    let backup = home.path().join("backup");
    run(folder.path(), &["backup", arg(&backup)]);
    let before = old_folder::files(&backup);
    let server = Server::start_with(&backup, &["--read-only"]);
    assert_eq!(server.revision(), 10);
    let refused = server.send(Some(&old_folder::secret("import")), ADD, organisation(1));
    assert_eq!(refused.error(), "UNAVAILABLE", "{}", refused.json);
    assert!(server.get("/readyz?verbose").1.contains("reading only, as it was started"));
    assert_eq!(server.get("/readyz").0, 200);
    drop(server);
    assert!(before == old_folder::files(&backup), "a folder that was only read has changed");
}

#[test]
fn the_whole_history_goes_out_and_comes_back() {
    let folder = old_folder::unpacked(true);
    let home = tempfile::tempdir().unwrap();
    let (file, data) = (home.path().join("history.jsonl"), home.path().join("data"));
    run(folder.path(), &["dump", "--out", arg(&file)]);
    run(&data, &["load", "--history", arg(&file)]);
    assert_eq!(digest(&data), digest(folder.path()));
    old_folder::exports_the_same(&data);
    let log = |data: &Path| run(data, &["log"]);
    assert_eq!(log(&data), log(folder.path()));
    let again = home.path().join("again.jsonl");
    run(&data, &["dump", "--out", arg(&again)]);
    let whole = fs::read_to_string(&file).unwrap();
    assert_eq!(fs::read_to_string(&again).unwrap(), whole);
    // A part of it, or another text in it, is no history.
    let lines: Vec<&str> = whole.lines().collect();
    let spoilt = [
        lines[..lines.len() - 1].join("\n"),
        [&lines[..5], &lines[6..]].concat().join("\n"),
        whole.replacen("Jaarplan", "Jaarplam", 1),
    ];
    for text in spoilt {
        fs::write(&again, text).unwrap();
        let target = home.path().join("spoilt");
        let refused = try_run(&target, &["load", "--history", arg(&again)]);
        assert_eq!(refused.status.code(), Some(1), "{}", String::from_utf8_lossy(&refused.stderr));
        assert!(!target.exists(), "nothing is left of it");
    }
}

#[test]
fn verify_tells_damage_and_salvage_saves_what_is_before_it() {
    let folder = old_folder::unpacked(true);
    let home = tempfile::tempdir().unwrap();
    let told = run(folder.path(), &["verify"]);
    assert!(told.contains("revision 10") && told.contains("store: gives the same register"), "{told}");
    // With what an earlier program took and this one would not; see the README beside the fixture.
    assert!(told.contains("that a new commit would not be allowed to make"), "{told}");
    let data = home.path().join("data");
    run(&data, &["restore", arg(folder.path())]);
    let segment = data.join("journal").join(format!("{:020}.journal", 1));
    let mut bytes = fs::read(&segment).unwrap();
    let half = bytes.len() * 3 / 4;
    bytes[half] ^= 1;
    fs::write(&segment, &bytes).unwrap();
    let damaged = try_run(&data, &["verify"]);
    let reason = String::from_utf8_lossy(&damaged.stderr).into_owned();
    assert!(damaged.status.code() == Some(3) && reason.contains("at byte"), "{reason}");
    let saved = home.path().join("saved");
    let told = run(&data, &["salvage", arg(&saved)]);
    assert!(told.contains("what stopped it") && told.contains("to 10"), "{told}");
    assert_eq!(fs::read(&segment).unwrap(), bytes, "the damaged folder stays as it is");
    let told = run(&saved, &["verify"]);
    assert!(told.starts_with("revision "), "{told}");
    assert!(Server::start(&saved).revision() >= 1);
    // A store that was spoilt is made again.
    run(folder.path(), &["rebuild-store"]);
    assert!(run(folder.path(), &["verify"]).contains("store: gives the same register"));
}
