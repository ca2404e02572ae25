//! Sends the rows: to a server, or to the register's own folder.

use serde_json::{Map, Value as Json};

use crate::cli::client::{Client, encode, refused};
use crate::cli::{Failure, now_ms};
use crate::commit::access::Identity;
use crate::import::bulk::{Reading, Request, report_json};

/// What came of the rows.
///
/// # Errors
/// When nobody answers, or the request is refused.
pub fn send(client: &Client, request: &Request, body: &[u8]) -> Result<Json, Failure> {
    match client {
        Client::Local(api) => {
            let mut reading = Reading::new(request.clone()).map_err(|(message, hint)| Failure::usage(message, hint))?;
            reading.feed(body);
            let (submission, numbers) = reading.finish(Identity::local("cli"));
            let report = api.ledger().submit(submission, now_ms())?;
            Ok(report_json(&report, &numbers, request.changes))
        }
        Client::Remote { .. } => {
            let key = &request.idempotency_key;
            if !request.dry_run {
                eprintln!("if this is interrupted, the same command with --key {key} asks again: it is done once");
            }
            let answer = client.post(&format!("/import?{}", parameters(request)), "application/jsonl", body);
            let report = answer.map_err(|failure| unknown(failure, request))?;
            refused(&report)?;
            Ok(report)
        }
    }
}

/// Nobody answered: whether it was done is not known, and asking again tells.
fn unknown(failure: Failure, request: &Request) -> Failure {
    if request.dry_run {
        return failure;
    }
    let hint = format!(
        "whether it was done is not known; the same command with --key {} tells, and does it if it was not: {}",
        request.idempotency_key, failure.hint
    );
    Failure { hint, ..failure }
}

/// The request as the parameters of an address.
fn parameters(request: &Request) -> String {
    let fields = match serde_json::to_value(request) {
        Ok(Json::Object(fields)) => fields,
        _ => Map::new(),
    };
    let given = fields.iter().filter_map(|(name, value)| {
        let text = match value {
            Json::Null => return None,
            Json::String(text) => text.clone(),
            other => other.to_string(),
        };
        Some(format!("{name}={}", encode(&text)))
    });
    given.collect::<Vec<_>>().join("&")
}

/// A key that nobody has used.
///
/// # Errors
/// When the system gives no randomness.
pub fn new_key() -> Result<String, Failure> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| Failure::machine(format!("the system gives no randomness: {error}"), "give --key"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
