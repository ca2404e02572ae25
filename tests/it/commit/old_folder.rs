//! A folder of an earlier program opens without a verb and stays what it was, whatever later rules refuse.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use crate::server::{Server, run};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/folders/format-1").join(name)
}

/// The folder as the earlier program left it, with its store or without.
pub fn unpacked(with_store: bool) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    zip::ZipArchive::new(File::open(fixture("folder.zip")).unwrap()).unwrap().extract(folder.path()).unwrap();
    if !with_store {
        fs::remove_dir_all(folder.path().join("store")).unwrap();
    }
    folder
}

pub fn secret(name: &str) -> String {
    let text = fs::read_to_string(fixture("tokens.txt")).unwrap();
    let line = text.lines().find(|line| line.split(' ').next() == Some(name)).unwrap();
    line.split(' ').nth(1).unwrap().to_owned()
}

/// All files of a folder, byte for byte.
pub fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            found.extend(files(&entry.path()));
        } else if entry.file_type().unwrap().is_file() {
            found.push((entry.path(), fs::read(entry.path()).unwrap()));
        }
    }
    found.sort();
    found
}

/// Whether everything that was there is there still: later versions may say more.
fn holds(now: &Json, before: &Json) -> bool {
    match (now, before) {
        (Json::Object(now), Json::Object(before)) => {
            before.iter().all(|(name, value)| now.get(name).is_some_and(|it| holds(it, value)))
        }
        (Json::Array(now), Json::Array(before)) => {
            now.len() == before.len() && now.iter().zip(before).all(|(now, before)| holds(now, before))
        }
        _ => now == before,
    }
}

/// The lines of an export by their own text, so that their order does not count.
fn lines(text: &str) -> Vec<Json> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub fn exports_the_same(data: &Path) {
    for revision in ["1", "5", "6", "10"] {
        let before = lines(&fs::read_to_string(fixture(&format!("revision-{revision}.jsonl"))).unwrap());
        let now = lines(&run(data, &["export", "--format", "jsonl", "--out", "-", "--revision", revision]));
        assert_eq!(now.len(), before.len(), "revision {revision}");
        for line in before {
            assert!(now.iter().any(|now| holds(now, &line)), "revision {revision} has lost {line}");
        }
    }
}

#[test]
fn it_opens_serves_and_exports_what_it_did() {
    for with_store in [true, false] {
        let folder = unpacked(with_store);
        exports_the_same(folder.path());
        let server = Server::start(folder.path());
        let now = server.ask(&fs::read_to_string(fixture("query.graphql")).unwrap());
        let before: Json = serde_json::from_slice(&fs::read(fixture("answer.json")).unwrap()).unwrap();
        for (name, value) in before.as_object().unwrap() {
            assert!(holds(&now[name], value), "with its store: {with_store}: {name} was {value}, is {}", now[name]);
        }
    }
}

#[test]
fn its_tokens_receipts_and_history_go_on() {
    let folder = unpacked(true);
    // It rests ever longer.
    let server = Server::start_with(folder.path(), &["--trust-clock"]);
    let write =
        "mutation($input: RecordObservationInput!) { recordObservation(input: $input) { status replayed revision } }";
    let input = |key: &str, value: &str| json!({ "input": { "indicatorKey": "m/j", "period": "2023", "value": value, "reason": "fixture", "idempotencyKey": key } });
    let again = server.send(Some(&secret("edit")), write, input("same", "8"));
    assert_eq!(
        again.json["data"]["recordObservation"],
        json!({ "status": "UNCHANGED", "replayed": true, "revision": 9 })
    );
    for name in ["gone", "read"] {
        assert!(!server.send(Some(&secret(name)), write, input("new", "9")).error().is_empty(), "{name} may not write");
    }
    let new = server.send(Some(&secret("edit")), write, input("new", "9"));
    assert_eq!(
        new.json["data"]["recordObservation"],
        json!({ "status": "COMMITTED", "replayed": false, "revision": 11 })
    );
    let undo = "mutation { revertRevision(input: { revision: 9, reason: \"back\", idempotencyKey: \"undo\" }) { status revision } }";
    let undone = server.send(Some(&secret("admin")), undo, json!({}));
    assert_eq!(
        undone.json["data"]["revertRevision"],
        json!({ "status": "COMMITTED", "revision": 12 }),
        "{}",
        undone.json
    );
    drop(server);
    exports_the_same(folder.path());
}
