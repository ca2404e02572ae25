//! The audits of GraphQL over HTTP that the npm package graphql-http holds: `tests/clients/audit/`.

use std::path::Path;
use std::process::Command;

use crate::support::shared;

const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/audit");

#[test]
fn every_audit_is_ok() {
    let packages = Path::new(PROGRAM).join("node_modules/graphql-http");
    assert!(packages.exists(), "its packages are not installed: run `npm ci --ignore-scripts` in tests/clients/audit/");
    let output = Command::new("node").args(["audit.mjs", &shared().url("/graphql")]).current_dir(PROGRAM).output();
    let output = output.expect("`node` does not start: install Node.js 20 or later");
    let told = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success() && told.trim() == "61 audits, 61 ok", "{told}");
}
