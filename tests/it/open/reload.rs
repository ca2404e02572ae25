//! Settings that are read again on SIGHUP: all that has changed is taken, or nothing.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use crate::http::assert_refused;
use crate::live::local::Socket;
use crate::support::{DEADLINE, Server, arg};

/// A server of its own folder, with a file of settings.
struct Set {
    home: tempfile::TempDir,
    token: String,
    server: Server,
}

impl Set {
    fn start(settings: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let token = crate::server::token(&home.path().join("data"), "read");
        let file = home.path().join("settings.toml");
        write(home.path(), settings);
        let server = Server::start(&["--data", arg(&home.path().join("data")), "--config", arg(&file)]);
        Self { home, token, server }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Writes other settings and has them read; the log then has that text.
    fn change(&self, settings: &str, told: &str) {
        assert!(!self.server.log.seen().contains(told), "the log has `{told}` before");
        write(self.home.path(), settings);
        self.server.signal("HUP");
        let line = self.server.log.wait_for(told, DEADLINE);
        assert!(line.is_some(), "the log says nothing of `{told}`:\n{}", self.server.log.seen());
    }

    fn status(&self, headers: &[(&str, &str)]) -> u16 {
        self.server.post_bytes(br#"{"query":"{__typename}"}"#, headers).status
    }

    fn audit(&self) -> Vec<Json> {
        let text = fs::read_to_string(self.path("data/audit/00000001.jsonl")).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

fn write(home: &Path, settings: &str) {
    fs::write(home.join("settings.toml"), settings).unwrap();
}

#[test]
fn what_may_change_is_taken_while_it_serves() {
    let set = Set::start("host = [\"one.example\"]\n");
    let bearer = format!("Bearer {}", set.token);
    assert_eq!(set.status(&[("Host", "one.example")]), 200);
    assert_eq!(set.status(&[("Host", "two.example")]), 421);
    let mut stranger = Socket::connect(set.server.address, &[]).ready();
    stranger.subscribe("s", "subscription { changes { behind } }");
    assert!(stranger.is_quiet());
    let mut known = Socket::connect(set.server.address, &[]);
    known.init(&json!({ "token": set.token }));
    known.subscribe("s", "subscription { changes { behind } }");
    assert!(known.is_quiet());

    fs::create_dir(set.path("documents")).unwrap();
    let documents = json!({ "counted": "{ measures { totalCount } }" }).to_string();
    fs::write(set.path("documents/all.json"), documents).unwrap();
    let folder = arg(&set.path("documents")).to_owned();
    let settings = format!(
        "host = [\"two.example\"]\nread = \"token\"\nlog = \"info,boordtabel=debug\"\ndocuments = \"{folder}\"\n\
         cors_origin = [\"https://app.example\"]\n"
    );
    set.change(&settings, "were read again");
    assert_eq!(set.status(&[("Host", "one.example")]), 421);
    assert_eq!(set.status(&[("Host", "two.example")]), 401);
    assert_eq!(set.status(&[("Authorization", &bearer)]), 200);
    let answer = set.server.get("/graphql?documentId=counted", &[("Authorization", &bearer)]);
    assert_eq!(answer.json()["data"]["measures"]["totalCount"], 0, "{}", answer.text());
    let origin = [("Authorization", bearer.as_str()), ("Origin", "https://app.example")];
    assert_eq!(set.server.get("/livez", &origin).header("access-control-allow-origin"), "https://app.example");
    assert!(set.server.log.wait_for("DEBUG", DEADLINE).is_some(), "the log tells more");
    // Who followed without a token is told to come back, and gets nothing then; who shows one follows on.
    let closed = stranger.ends();
    assert!(closed.code == 1012 && closed.reason.contains("has changed"), "{closed:?}");
    assert!(known.is_quiet());
    let mut again = Socket::connect(set.server.address, &[]);
    again.send(&json!({ "type": "connection_init" }));
    assert_eq!(again.ends().code, 4403);
    // What is said on the way is said to whoever manages it.
    let told = set.audit();
    let told = told.iter().find(|line| line["what"] == "settings").unwrap_or_else(|| panic!("{told:#?}"));
    assert_eq!(told["outcome"], "DONE");
    assert_eq!(told["about"], "read again; changed: cors_origin, documents, host, log, read");
}

#[test]
fn what_names_files_reads_them_again() {
    let set = Set::start("");
    fs::create_dir(set.path("documents")).unwrap();
    let folder = arg(&set.path("documents")).to_owned();
    let ask = || set.server.get("/graphql?documentId=late", &[]);
    set.change(&format!("documents = \"{folder}\"\n"), "changed=\"documents\"");
    assert_refused(&ask(), 400, "PERSISTED_QUERY_NOT_FOUND");
    fs::write(set.path("documents/all.json"), json!({ "late": "{ __typename }" }).to_string()).unwrap();
    set.change(&format!("documents = \"{folder}\"\n"), "changed=\"nothing\"");
    assert_eq!(ask().status, 200, "{}", ask().text());
}

#[test]
fn one_thing_that_cannot_change_or_is_wrong_leaves_all_as_it_was() {
    let set = Set::start("host = [\"one.example\"]\n");
    let other = "host = [\"two.example\"]\nread = \"token\"\n";
    for (line, told) in [
        ("stop_timeout_s = 3", "`stop_timeout_s` cannot change while the server runs"),
        ("limit = [\"depth=3\"]\nworkers = 1000", "`limit`, `workers` cannot change"),
        ("wrokers = 3", "wrokers"),
        ("trusted_proxy = [\"nginx\"]", "`nginx` is neither an address nor a network"),
        ("documents = \"/nowhere/documents\"", "/nowhere/documents"),
        ("log = \"info,[\"", "`info,[` is no log filter"),
        ("oidc_issuer = \"https://i\"\noidc_audience = \"a\"\noidc_jwks = \"/nowhere/jwks\"", "/nowhere/jwks"),
        ("tls_cert = \"/nowhere/cert\"\ntls_key = \"/nowhere/key\"", "whether the server speaks TLS cannot change"),
    ] {
        set.change(&format!("{other}{line}\n"), told);
        assert_eq!(set.status(&[("Host", "one.example")]), 200, "after {line}");
        assert_eq!(set.status(&[("Host", "two.example")]), 421, "after {line}");
    }
    assert_eq!(set.audit().iter().filter(|line| line["outcome"] == "REFUSED").count(), 8);
    // Nothing of it is kept in mind.
    set.change(other, "were read again");
    assert_eq!(set.status(&[("Host", "two.example")]), 401);
}
