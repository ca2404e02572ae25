//! Runs the program that makes cases, and reads what it writes.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value as Json;

/// A request with what graphql-js says of it.
pub struct Case {
    pub json: Json,
}

impl Case {
    pub fn text(&self, name: &str) -> &str {
        self.json[name].as_str().unwrap_or_default()
    }
    pub fn is(&self, name: &str) -> bool {
        self.json[name] == true
    }
    pub fn number(&self, name: &str) -> u64 {
        self.json[name].as_u64().unwrap_or_default()
    }
    /// The rules that refuse it.
    pub fn rules(&self) -> impl Iterator<Item = &str> {
        self.json["rules"].as_array().into_iter().flatten().filter_map(Json::as_str)
    }
}

/// A path in `tests/judge/`.
fn home(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judge").join(path)
}

/// Node.js with a script of ours.
pub fn node(script: &str) -> Command {
    let library = home("node_modules/graphql");
    assert!(library.exists(), "{} is missing: run `tests/install` first", library.display());
    let mut command = Command::new("node");
    // Without it graphql-js looks at each type twice.
    command.env("NODE_ENV", "production").arg(home(script)).current_dir(home("")).stdin(Stdio::null());
    command
}

/// Gives cases of that sort, one after the other, while the program makes more.
pub fn cases(what: &str, schema: &str, numbers: [usize; 2], more: &[&str], mut take: impl FnMut(Case)) {
    let [seed, count] = numbers;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("schema.graphql");
    std::fs::write(&path, schema).unwrap();
    let mut command = node("judge.mjs");
    command.args([what.as_ref(), path.as_os_str()]).args([seed, 0, count].map(|number| number.to_string())).args(more);
    let mut child = command.stdout(Stdio::piped()).spawn().expect("Node.js runs");
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    for line in lines {
        take(Case { json: serde_json::from_str(&line.unwrap()).unwrap() });
    }
    assert!(child.wait().unwrap().success(), "the judge failed");
}
