//! A real issuer of OpenID Connect: `oidc-provider`, which runs beside in Node.js. Clients get their tokens from it as its protocol has it.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::server::{DEADLINE, Server, journal, with_common};

/// The register's address, which tokens for it are for.
const REGISTER: &str = "https://board.example.org";
/// How often keys are fetched at most.
const FETCH_AT_MOST_EVERY: Duration = Duration::from_secs(60);

struct Issuer {
    child: Child,
    url: String,
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(DEADLINE)).build().into()
}

impl Issuer {
    fn start() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/oidc");
        assert!(folder.join("node_modules").exists(), "oidc-provider is missing: run `tests/install` first");
        let mut command = Command::new("node");
        command.arg("main.mjs").current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, url: line.trim().to_owned() }
    }

    fn get(&self, path: &str) -> String {
        agent().get(format!("{}{path}", self.url)).call().unwrap().body_mut().read_to_string().unwrap()
    }

    /// How often its keys were asked for.
    fn fetched(&self) -> usize {
        self.get("/fetched").parse().unwrap()
    }

    /// A token of a client, for that audience.
    fn token(&self, client: &str, audience: &str) -> String {
        use base64::Engine as _;
        let secret = base64::prelude::BASE64_STANDARD.encode(format!("{client}:secret-of-{client}"));
        let request = agent().post(format!("{}/token", self.url)).header("Authorization", format!("Basic {secret}"));
        let mut answer = request.send_form([("grant_type", "client_credentials"), ("resource", audience)]).unwrap();
        let answer: Json = serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
        answer["access_token"].as_str().unwrap_or_else(|| panic!("no token: {answer}")).to_owned()
    }
}

fn status(server: &Server, token: &str) -> u16 {
    server.send(Some(token), "{ __typename }", json!({})).status
}

#[test]
fn tokens_of_a_real_issuer_are_good_as_long_as_its_keys_are() {
    let issuer = Issuer::start();
    let home = tempfile::tempdir().unwrap();
    let jwks = format!("{}/jwks", issuer.url);
    let mut arguments = vec!["--oidc-issuer", &issuer.url, "--oidc-audience", REGISTER, "--oidc-jwks", &jwks];
    arguments.extend(["--oidc-algorithm", "RS256,ES256,EdDSA", "--oidc-role", "planners=edit,controllers=import"]);
    let began = Instant::now();
    let server = Server::start_with(home.path(), &arguments);
    assert_eq!(issuer.fetched(), 1);
    // RS256, ES256, EdDSA; a list of words, a text of words, none.
    let tokens = ["planner", "controller", "reader"].map(|client| (client, issuer.token(client, REGISTER)));
    let tokens: HashMap<&str, String> = tokens.into_iter().collect();
    for (client, role) in [("planner", "EDIT"), ("controller", "IMPORT"), ("reader", "READ")] {
        let answer = server.send(Some(&tokens[client]), "{ viewer { name role } }", json!({}));
        let host = issuer.url.trim_start_matches("http://");
        let expected = json!({ "name": format!("{client}@{host}"), "role": role });
        assert_eq!(answer.json["data"]["viewer"], expected, "{}", answer.json);
    }
    let write = |client: &str| {
        let rows = json!([{ "organisation": { "key": "body", "name": "Body" } }]);
        server.send(
            Some(&tokens[client]),
            crate::server::IMPORT,
            json!({ "input": with_common(json!({ "rows": rows })) }),
        )
    };
    let before = journal(home.path());
    for client in ["planner", "reader"] {
        assert_eq!(write(client).error(), "FORBIDDEN");
    }
    assert_eq!(status(&server, &issuer.token("controller", "https://elsewhere.example.org")), 401, "for another");
    assert_eq!(journal(home.path()), before);
    let done = write("controller");
    assert_eq!(done.json["data"]["importRows"]["status"], "COMMITTED", "{}", done.json);

    // It has other keys: a token that names one of them has them fetched, however many come, once a minute.
    issuer.get("/rotate");
    let new = issuer.token("controller", REGISTER);
    let is_good = (0..100).any(|_| status(&server, &new) == 200);
    assert!(is_good || began.elapsed() < 2 * FETCH_AT_MOST_EVERY, "its keys are not fetched again");
    let minutes = began.elapsed().as_secs() / FETCH_AT_MOST_EVERY.as_secs();
    assert!(issuer.fetched() as u64 <= 1 + minutes, "{} times within {:?}", issuer.fetched(), began.elapsed());
    if !is_good {
        assert_eq!(status(&server, &tokens["controller"]), 200, "until then those from before are good");
    }
    if std::env::var_os("BOORDTABEL_LONG").is_some() {
        while status(&server, &new) != 200 {
            assert!(began.elapsed() < 2 * FETCH_AT_MOST_EVERY, "its keys are not fetched again");
            std::thread::sleep(Duration::from_millis(500));
        }
        assert_eq!(status(&server, &tokens["controller"]), 401, "its key is gone");
        assert_eq!(issuer.fetched(), 2);
    }
}
