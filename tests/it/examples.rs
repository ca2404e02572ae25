//! The examples do what they say: each against the real program with the real plan.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::server::{Plan, journal};
use serde_json::Value as Json;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A program that an example needs.
fn program(name: &str, hint: &str) -> Command {
    let mut command = Command::new(name);
    command.arg("--version").stdin(Stdio::null());
    let found = command.output().is_ok_and(|output| output.status.success());
    assert!(found, "`{name}` is missing, which an example needs: {hint}");
    Command::new(name)
}

struct Ran {
    code: Option<i32>,
    text: String,
}

/// Runs an example on a file.
fn ran(plan: &Plan, mut command: Command, file: &Path, token: &str) -> Ran {
    command.arg(&plan.server.url).arg(file).env("BOORDTABEL_TOKEN", token).stdin(Stdio::null());
    // Some clients would send what is on this machine to a proxy.
    let output = command.env("NO_PROXY", "127.0.0.1").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    Ran { code: output.status.code(), text: text.into_owned() }
}

/// Runs an example as a user would: new rows, the same again, a correction, a mistake, without a token.
fn tried(example: impl Fn() -> Command) {
    let plan = Plan::served("import");
    let rows = std::fs::read_to_string(format!("{ROOT}/examples/observations.csv")).unwrap();
    let file = plan.folder.path().join("rows.csv");
    let import = |rows: &str, token: &str| {
        std::fs::write(&file, rows).unwrap();
        ran(&plan, example(), &file, token)
    };
    let done = |ran: Ran, revision: u64| {
        assert_eq!((ran.code, plan.server.revision()), (Some(0), revision), "{}", ran.text);
        ran.text
    };

    let told = done(import(&rows, &plan.token), 2);
    for line in rows.lines().skip(1) {
        let key = line.split(',').take(2).collect::<Vec<_>>().join("/");
        assert!(told.contains(&key), "`{key}` is not told: {told}");
        let value = line.split(',').nth(2).filter(|value| !value.is_empty());
        let query = format!("{{ observation(key: \"{key}\") {{ figure {{ value }} }} }}");
        let found = plan.server.ask(&query)["observation"]["figure"]["value"].clone();
        assert_eq!(found, value.map_or(Json::Null, Json::from), "{key}");
    }

    // The second time: nothing to do, and nothing done. Neither do line ends, nor a mark at the beginning, make a difference.
    let before = journal(plan.folder.path());
    assert!(done(import(&rows, &plan.token), 2).contains("nothing to do"));
    assert!(done(import(&rows.replace('\n', "\r\n"), &plan.token), 2).contains("nothing to do"));
    assert!(done(import(&format!("\u{feff}{rows}"), &plan.token), 2).contains("nothing to do"));

    // A mistake or two: all of them are told, and nothing is done.
    let broken = rows.replace(",7120,", ",7.120.5,").replace("aandeel-online", "aandeel-onlin");
    let ran = import(&broken, &plan.token);
    assert_eq!(ran.code, Some(1), "{}", ran.text);
    for text in ["NOT_A_NUMBER", "7.120.5", "without thousands separators", "UNKNOWN_REFERENCE", "aandeel-online"] {
        assert!(ran.text.contains(text), "`{text}` is not told: {}", ran.text);
    }
    // Without a token that may: refused, and told why.
    for token in ["", "bt_nobody"] {
        let ran = import(&rows.replace(",7120,", ",7121,"), token);
        assert!(ran.code == Some(3) && ran.text.contains("token"), "{:?} {}", ran.code, ran.text);
    }
    assert!(before == journal(plan.folder.path()), "what was refused or unchanged wrote to the journal");

    // A correction: what was there and what comes in its place are shown.
    let told = done(import(&rows.replace(",7120,", ",7121,"), &plan.token), 3);
    assert!(told.contains("7120") && told.contains("7121") && !told.contains("6895"), "{told}");
}

#[test]
fn shell() {
    tried(|| {
        program("curl", "install curl 7.76 or later");
        let mut bash = program("bash", "install bash");
        bash.arg(format!("{ROOT}/examples/import.sh"));
        bash
    });
}

#[test]
fn python() {
    tried(|| {
        let mut python = program("python3", "install Python 3.9 or later");
        python.arg(format!("{ROOT}/examples/import.py"));
        python
    });
}

#[test]
fn typescript() {
    let node = || program("node", "install Node.js 20 or later");
    let build = tempfile::tempdir().unwrap();
    // What npm puts there is a script for Node.js.
    let compiler = Path::new(ROOT).join("web/node_modules/typescript/bin/tsc");
    assert!(compiler.exists(), "the TypeScript compiler is missing: run `npm ci` in `web`");
    let output = node()
        .arg(compiler)
        .arg("--project")
        .arg(format!("{ROOT}/examples"))
        .arg("--outDir")
        .arg(build.path())
        .output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    tried(|| {
        let mut node = node();
        node.arg(build.path().join("import.mjs"));
        node
    });
}
