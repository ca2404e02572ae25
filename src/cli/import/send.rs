//! Sends the rows: to a server, or to the register's own folder.

use std::fs::File;
use std::io::{self, Read};

use indicatif::ProgressBar;
use serde_json::{Map, Value as Json};

use crate::cli::client::{Client, encode, refused};
use crate::cli::failure::Failure;
use crate::cli::import::batch::Body;
use crate::cli::words::now_ms;
use crate::commit::access::Identity;
use crate::import::answer::Answer;
use crate::import::bulk::{Reading, Request};

/// Bytes that are read at once.
const PIECE_BYTES: usize = 256 * 1024;

/// What came of the rows.
///
/// # Errors
/// When nobody answers, or the request is refused.
pub fn send(client: &Client, request: &Request, body: &Body, bar: &ProgressBar) -> Result<Json, Failure> {
    match client {
        Client::Local(api) => {
            let mut reading =
                Reading::new(request.clone(), usize::MAX).map_err(|(message, hint)| Failure::usage(message, hint))?;
            let mut file = body.read().map_err(|cause| unread(&cause))?;
            let mut piece = vec![0; PIECE_BYTES];
            loop {
                match file.read(&mut piece).map_err(|cause| unread(&cause))? {
                    0 => break,
                    read => reading.feed(&piece[..read]),
                }
            }
            bar.set_message("committing");
            let (submission, numbers) = reading.finish(Identity::local("cli"));
            let report = api.ledger().submit(submission, now_ms())?;
            Ok(Answer { report: &report, numbers: &numbers, changes: request.changes }.json())
        }
        Client::Remote { .. } => {
            let key = &request.idempotency_key;
            if !request.dry_run {
                told_when_interrupted(key);
            }
            let path = format!("/import?{}", parameters(request));
            let mut again =
                || Ok(Box::new(Counted { file: body.read()?, sent: 0, all: body.length, bar }) as Box<dyn Read + '_>);
            let answer = client.post_from(&path, "application/jsonl", body.length, &mut again);
            let report = answer.map_err(|failure| unknown(failure, request))?;
            refused(&report)?;
            Ok(report)
        }
    }
}

/// Bytes on their way, counted.
struct Counted<'b> {
    file: &'b File,
    sent: u64,
    all: u64,
    bar: &'b ProgressBar,
}

impl Read for Counted<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(into)?;
        self.sent += read as u64;
        let message = if self.sent < self.all {
            format!("sending: {} of {} kB", self.sent / 1000, self.all / 1000)
        } else {
            "waiting for the answer".to_owned()
        };
        self.bar.set_message(message);
        Ok(read)
    }
}

fn unread(cause: &io::Error) -> Failure {
    Failure::machine(format!("what is sent does not read: {cause}"), "try again")
}

/// Whoever stops the program is told what is known, and how to go on.
#[cfg(unix)]
fn told_when_interrupted(key: &str) {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    let stopped = Arc::new(AtomicBool::new(false));
    let signals = [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM];
    if signals.into_iter().any(|signal| signal_hook::flag::register(signal, Arc::clone(&stopped)).is_err()) {
        return;
    }
    let key = key.to_owned();
    std::thread::spawn(move || {
        while !stopped.load(Ordering::Relaxed) {
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        eprintln!(
            "interrupted: whether it was done is not known; the same command with --key {key} tells, and does it if it was not"
        );
        std::process::exit(130);
    });
}

#[cfg(not(unix))]
fn told_when_interrupted(key: &str) {
    eprintln!("if this is interrupted, the same command with --key {key} asks again: it is done once");
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
