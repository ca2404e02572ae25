//! The real clients, with connections that are cut at random: what they put together is the log.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::{Value as Json, json};

use crate::server::{Dice, Server, token};

const CLIENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/live");
/// How many commits are made while the clients follow.
const COMMITS: u64 = 150;

/// Passes connections on to a server, and cuts each after some bytes of answer.
fn cutting_proxy(server: SocketAddr, mut dice: Dice) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let (client, upstream) = (client.unwrap(), TcpStream::connect(server).unwrap());
            let mut asked = (client.try_clone().unwrap(), upstream.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut asked.0, &mut asked.1));
            let bytes = 1_000 + dice.below(6_000);
            std::thread::spawn(move || pass(upstream, client, bytes));
        }
    });
    address
}

fn pass(mut from: TcpStream, mut to: TcpStream, mut left: usize) {
    let mut buffer = [0; 512];
    while left > 0 {
        let read = from.read(&mut buffer).unwrap_or(0).min(left);
        if read == 0 || to.write_all(&buffer[..read]).is_err() {
            break;
        }
        left -= read;
    }
    for connection in [from, to] {
        let _ = connection.shutdown(Shutdown::Both);
    }
}

fn assert_ready() {
    let node = Command::new("node").arg("--version").output().is_ok_and(|it| it.status.success());
    assert!(node, "`node` does not start: install Node.js 20 or later");
    let packages = std::path::Path::new(CLIENTS).join("node_modules/graphql-ws");
    assert!(packages.exists(), "the packages are not installed: run `npm ci --ignore-scripts` in tests/clients/live/");
}

#[test]
fn what_the_clients_put_together_is_the_log() {
    assert_ready();
    let folder = tempfile::tempdir().unwrap();
    let token = token(folder.path(), "import");
    let server = Arc::new(Server::start(folder.path()));
    let address = server.url.strip_prefix("http://").unwrap().parse().unwrap();
    let protocols = ["ws", "sse", "sse-single"];
    let clients = protocols.map(|protocol| {
        let proxy = cutting_proxy(address, Dice(protocol.len() as u64));
        let mut client = Command::new("node");
        client.args(["follow.mjs", protocol, &format!("http://{proxy}"), &COMMITS.to_string()]);
        client.current_dir(CLIENTS).env("NO_PROXY", "127.0.0.1").stdin(Stdio::null());
        client.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    });
    // Several write at once, small and larger commits.
    let next = Arc::new(Mutex::new(0..COMMITS));
    let writers: Vec<_> = (0..3)
        .map(|writer| {
            let (server, token, next) = (Arc::clone(&server), token.clone(), Arc::clone(&next));
            std::thread::spawn(move || {
                while let Some(number) = { next.lock().unwrap().next() } {
                    let rows: Vec<Json> = (0..=number % 7)
                        .map(|row| json!({ "organisation": { "key": format!("o-{row}-{writer}"), "name": number.to_string() } }))
                        .collect();
                    let report = server.import(&token, json!({ "rows": rows }));
                    assert_eq!(report["status"], "COMMITTED", "{report}");
                }
            })
        })
        .collect();
    writers.into_iter().for_each(|writer| writer.join().unwrap());
    let log = server.ask("{ changes(from: 0, first: 1000) { commits { revision changeCount } hasNext } }");
    let log: Vec<(u64, u64)> = log["changes"]["commits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|commit| (commit["revision"].as_u64().unwrap(), commit["changeCount"].as_u64().unwrap()))
        .collect();
    assert_eq!(log.len() as u64, COMMITS);
    for (protocol, client) in protocols.iter().zip(clients) {
        let output = client.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{protocol}: {told}{}", String::from_utf8_lossy(&output.stderr));
        let told: Json = serde_json::from_str(&told).unwrap_or_else(|error| panic!("{protocol}: {error}: {told}"));
        let feed = told["feed"].as_array().unwrap().iter();
        let feed: Vec<(u64, u64)> =
            feed.map(|event| (event[0].as_u64().unwrap(), event[1].as_u64().unwrap())).collect();
        assert_eq!(feed, log, "{protocol}: what it put together is not the log");
        let connections = told["connections"].as_u64().unwrap();
        println!("{protocol}: {} commits over {connections} connections", feed.len());
        assert!(connections > 3, "{protocol}: only {connections} connections: nothing was cut");
    }
}

/// The blocks of code in the guide's part on live changes.
fn readme_blocks() -> Vec<String> {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/http.md")).unwrap();
    let part = readme.split("\n## Live changes\n").nth(1).unwrap().split("\n## ").next().unwrap().to_owned();
    part.split("```js\n").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn the_code_of_the_readme_follows() {
    assert_ready();
    let folder = tempfile::tempdir().unwrap();
    let token = token(folder.path(), "import");
    let server = Server::start(folder.path());
    let blocks = readme_blocks();
    assert_eq!(blocks.len(), 2);
    let shown = [["1 first 0", "2 second 0"], ["1 first", "2 second"]];
    let commit = |name: &str| {
        let rows = json!([{ "organisation": { "key": "body", "name": name } }]);
        server.import(&token, json!({ "reason": name, "rows": rows }));
    };
    commit("first");
    let programs: Vec<_> = blocks
        .iter()
        .map(|block| {
            let here = server.url.strip_prefix("http://").unwrap();
            let mut program = Command::new("node");
            let code = block.replace("127.0.0.1:8080", here);
            program.args(["--import", "./browser.mjs", "--input-type=module", "--eval", &code]);
            program.current_dir(CLIENTS).env("NO_PROXY", "127.0.0.1").stdin(Stdio::null());
            program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    let mut programs: Vec<_> = programs
        .into_iter()
        .map(|mut program| (BufReader::new(program.stdout.take().unwrap()).lines().map(Result::unwrap), program))
        .collect();
    let mut next = |at: usize| {
        let (lines, program) = &mut programs[at];
        lines.next().unwrap_or_else(|| {
            let mut told = String::new();
            program.stderr.take().unwrap().read_to_string(&mut told).unwrap();
            panic!("the program ends: {told}")
        })
    };
    assert_eq!([next(0), next(1)], [shown[0][0], shown[1][0]]);
    commit("second");
    assert_eq!([next(0), next(1)], [shown[0][1], shown[1][1]]);
    for (_, mut program) in programs {
        program.kill().unwrap();
        program.wait().unwrap();
    }
}

#[test]
fn the_readme_tells_every_code() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/http.md")).unwrap();
    let rows = readme.split("| Code | When |\n|---|---|\n").nth(1).unwrap();
    let codes = rows.lines().take_while(|line| line.starts_with('|')).map(|line| line.split('|').nth(1).unwrap());
    let mut told: Vec<String> = codes.flat_map(|codes| codes.split(',').map(|code| code.trim().to_owned())).collect();
    told.sort();
    let mut used = Vec::new();
    for file in ["socket", "frames"] {
        let path = format!("{}/src/http/live/{file}.rs", env!("CARGO_MANIFEST_DIR"));
        let code = std::fs::read_to_string(path).unwrap();
        let code = code.split("#[cfg(test)]").next().unwrap();
        used.extend(code.split("Closing::new(").skip(1).map(|rest| rest.trim_start()[..4].to_owned()));
    }
    // Those of RFC 6455 itself say that the client's frames are wrong, or agree to its own close.
    used.retain(|code| code.parse::<u16>().is_ok() && !["1002", "1007"].contains(&code.as_str()));
    used.sort();
    used.dedup();
    assert_eq!(told, used);
}
