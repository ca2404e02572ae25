//! The clients that front-end teams use do what they do, on the real server with the real plan. Each is a small program in
//! `tests/clients/`; `tests/install` installs what it needs.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::browser::works_with;
use crate::server::{Plan, Server, run};
use crate::support::Server as Demo;

/// Longest time for one program, in seconds; they take a few.
const PATIENCE_S: &str = "300";

/// A path in `tests/clients/`.
fn clients(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(path)
}

/// A program with its arguments, in a folder of `tests/clients/`.
fn program(folder: &str, name: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new("timeout");
    command.args([PATIENCE_S, name]).args(arguments).current_dir(clients(folder)).stdin(Stdio::null());
    // Some clients would send what is on this machine to a proxy.
    command.env("NO_PROXY", "127.0.0.1").env("no_proxy", "127.0.0.1").env("NO_COLOR", "1");
    command
}

/// A script of an installed npm package, run by Node.js.
fn script(folder: &str, path: &str, arguments: &[&str]) -> Command {
    let script = clients("node_modules").join(path);
    assert!(script.exists(), "{} is missing: run `tests/install` first", script.display());
    let mut command = program(folder, "node", &[script.to_str().unwrap()]);
    command.args(arguments);
    command
}

/// A program of the Python environment that is named after its folder.
fn python(folder: &str, name: &str, arguments: &[&str]) -> Command {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/python").join(folder).join("bin").join(name);
    assert!(path.exists(), "{} is missing: run `tests/install` first", path.display());
    let mut command = program(folder, path.to_str().unwrap(), arguments);
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// Runs a command; one that does not end well fails the test and shows what it said.
fn ends_well(mut command: Command) {
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{command:?} ends with {}:\n{told}", output.status);
    println!("{told}");
}

/// Runs a program on a server of its own, which it may write to.
fn tried(command: impl FnOnce(&str) -> Command) {
    let plan = Plan::served("import");
    let url = format!("{}/graphql", plan.server.url);
    let mut command = command(&url);
    command.env("BOORDTABEL_TOKEN", &plan.token);
    ends_well(command);
}

/// Makes the typed documents from the server's schema, and JavaScript of the TypeScript; once for all.
fn compiled() {
    static COMPILED: OnceLock<()> = OnceLock::new();
    COMPILED.get_or_init(|| {
        for folder in [".", "apollo"] {
            tried(|url| {
                let mut generator = script(folder, "@graphql-codegen/cli/cjs/bin.js", &["--config", "codegen.ts"]);
                generator.env("BOORDTABEL_URL", url);
                generator
            });
        }
        ends_well(script(".", "typescript/bin/tsc", &["--project", "."]));
    });
}

/// Runs a program of `tests/clients/`, written in TypeScript.
fn typescript(path: &str) {
    compiled();
    tried(|url| program("build", "node", &[&format!("{path}.js"), url]));
}

#[test]
fn apollo_client() {
    typescript("apollo/src/main");
}

/// The page of the README: built as it says, in two browsers at once.
#[test]
fn react_page_in_a_browser() {
    compiled();
    let page = clients("build/page");
    let out = page.to_str().unwrap();
    ends_well(script(
        ".",
        "vite/bin/vite.js",
        &["build", "apollo", "--outDir", out, "--emptyOutDir", "--logLevel", "warn"],
    ));
    let home = tempfile::tempdir().unwrap();
    let token = crate::server::token(home.path(), "edit");
    run(home.path(), &["load", concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/dwse-2021")]);
    let server = Server::start_with(home.path(), &["--cors-origin", "http://localhost:5173"]);
    works_with(&["test/front-end.mjs", &server.url, out], &[("TOKEN", &token)]);
}

#[test]
fn apollo_persisted_queries() {
    tried(|url| program("persisted", "node", &["main.mjs", url]));
}

#[test]
fn urql() {
    typescript("urql/main");
}

#[test]
fn graphql_codegen() {
    typescript("codegen/main");
}

#[test]
fn graphql_js() {
    typescript("graphql-js/main");
}

#[test]
fn graphql_eslint() {
    let arguments = ["--config", "tests/clients/eslint/eslint.config.js", "--max-warnings", "0", "schema.graphql"];
    ends_well(script("../..", "eslint/bin/eslint.js", &arguments));
}

#[test]
fn relay() {
    std::fs::create_dir_all(clients("relay/artifacts")).unwrap();
    let mut compiler = script("relay", "relay-compiler/cli.js", &["relay.config.json"]);
    // It would add what it writes to the next commit.
    compiler.env("GIT_DIR", "/nowhere");
    ends_well(compiler);
    ends_well(script("relay", "typescript/bin/tsc", &["--project", "."]));
    tried(|url| program("relay", "node", &["build/src/main.js", url]));
}

/// A gateway over the register and another service, whose graphs refer to each other.
#[test]
fn federation() {
    let server = Demo::start(&["--demo", "--log", "error", "--subgraph"]);
    ends_well(program("federation", "node", &["main.mjs", &format!("http://{}/graphql", server.address)]));
    // What gateways ask means nothing to others: without the flag the graph does not have it.
    let plain = Demo::start(&["--demo", "--log", "error"]);
    let answer = plain.post(&serde_json::json!({ "query": "{ _service { sdl } }" })).text();
    assert!(answer.contains("`Query` has no field `_service`"), "{answer}");
}

#[test]
fn gql() {
    tried(|url| python("gql", "python", &["main.py", url]));
}

#[test]
fn ariadne_codegen() {
    std::fs::create_dir_all(clients("ariadne/build")).unwrap();
    ends_well(python("ariadne", "ariadne-codegen", &["client"]));
    tried(|url| python("ariadne", "python", &["main.py", url]));
}

/// Queries and writes that are made from the schema: none of them is answered by a fault of the server.
#[test]
fn schemathesis() {
    tried(|url| {
        let arguments = ["--config-file", "schemathesis.toml", "run", "--checks", "answered", url];
        let mut command = python("schemathesis", "schemathesis", &arguments);
        command.env("SCHEMATHESIS_HOOKS", "hooks");
        command
    });
}
