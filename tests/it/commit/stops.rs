//! A server that is told to stop under load, and one that may write no more.

use std::fs;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::json;

use crate::server::{Server, boordtabel, token};

const ADD: &str = "mutation($input: ImportRowsInput!) { importRows(input: $input) { status } }";

#[test]
fn it_closes_its_store_whenever_it_is_told_to_stop() {
    let home = tempfile::tempdir().unwrap();
    let secret = token(home.path(), "import");
    for round in 0..3 {
        let mut server = Server::start(home.path());
        let acknowledged = AtomicU64::new(0);
        std::thread::scope(|scope| {
            for writer in 0..2 {
                let (server, secret, acknowledged) = (&server, &secret, &acknowledged);
                scope.spawn(move || {
                    for number in 0.. {
                        let key = format!("body-{round}-{writer}-{number}");
                        let rows = json!([{ "organisation": { "key": key, "name": "Body" } }]);
                        let input = json!({ "input": { "rows": rows, "reason": "load", "idempotencyKey": key } });
                        match server.try_send(Some(secret), ADD, input) {
                            Some(answer) if answer["data"].is_object() => acknowledged.fetch_add(1, Ordering::Relaxed),
                            _ => break,
                        };
                    }
                });
            }
            while acknowledged.load(Ordering::Relaxed) < 20 {
                std::thread::yield_now();
            }
            assert!(Command::new("kill").args(["-TERM", &server.id().to_string()]).status().unwrap().success());
        });
        let status = loop {
            if let Some(status) = server.ended() {
                break status;
            }
            std::thread::yield_now();
        };
        assert!(status.success(), "{status}");
        assert_eq!(fs::read_to_string(home.path().join("store.trust")).unwrap(), "clean", "round {round}");
    }
}

#[cfg(unix)]
#[test]
fn a_limit_of_file_sizes_refuses_commits_and_ends_nothing() {
    let home = tempfile::tempdir().unwrap();
    let secret = token(home.path(), "import");
    let program = boordtabel().get_program().to_owned();
    let mut limited = Command::new("sh");
    // Blocks of 512 bytes: the store has room, and then the journal meets the limit.
    limited.args(["-c", "ulimit -f 2400; exec \"$0\" \"$@\""]).arg(program);
    let server = Server::of(limited, home.path(), &[]);
    let text = "x".repeat(16_000);
    let refused = (0..400).find_map(|number| {
        let rows = json!([{ "organisation": { "key": format!("body-{number}"), "name": text } }]);
        let input = json!({ "input": { "rows": rows, "reason": "r", "idempotencyKey": number.to_string() } });
        let answer = server.send(Some(&secret), ADD, input);
        (!answer.error().is_empty()).then(|| (number, answer.error().to_owned()))
    });
    let (number, code) = refused.expect("the limit is met");
    assert_eq!(code, "UNAVAILABLE");
    assert_eq!(server.revision(), number, "reading goes on, with everything that was acknowledged");
    drop(server);
    assert_eq!(Server::start(home.path()).revision(), number);
}
