//! Many who follow and mostly wait: what each costs the server.
#![cfg(target_os = "linux")]

use serde_json::json;

use super::local::Socket;
use crate::server::{Server, token};

const SOCKETS: u64 = 200;
/// Most memory of a socket that waits, in KiB; measured are about 20.
const KIB_MAX: u64 = 100;

/// The resident memory of a process, in KiB.
fn resident_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// The CPU time of a process so far, in ticks of 10 ms.
fn ticks(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

#[test]
fn two_hundred_sockets_that_wait_cost_little_and_all_get_the_news() {
    let folder = tempfile::tempdir().unwrap();
    let token = token(folder.path(), "import");
    let server = Server::start(folder.path());
    let address = server.url.strip_prefix("http://").unwrap().parse().unwrap();
    let organisation = |name: &str| json!({ "rows": [{ "organisation": { "key": "body", "name": name } }] });
    server.import(&token, organisation("0"));
    // What the first one brings along is not counted for each.
    let _first = Socket::connect(address, &[]).ready();
    let before = resident_kib(server.id());
    let mut sockets: Vec<Socket> = (0..SOCKETS)
        .map(|_| {
            let mut socket = Socket::connect(address, &[]).ready();
            socket
                .subscribe("s", "subscription { changes { commit { revision reason changes { key node { id } } } } }");
            assert!(socket.is_quiet());
            socket
        })
        .collect();
    let each = resident_kib(server.id()).saturating_sub(before) / SOCKETS;
    println!("{SOCKETS} sockets that wait: {each} KiB each");
    assert!(each <= KIB_MAX, "{each} KiB for a socket that waits");
    const COMMITS: u64 = 5;
    let began = ticks(server.id());
    for number in 1..=COMMITS {
        server.import(&token, organisation(&number.to_string()));
        for socket in &mut sockets {
            let event = socket.next().unwrap();
            assert_eq!(event["payload"]["data"]["changes"]["commit"]["revision"], number + 1);
        }
    }
    let micros = (ticks(server.id()) - began) * 10_000 / (COMMITS * SOCKETS);
    println!("{COMMITS} commits to {SOCKETS} sockets: {micros} µs of CPU for each event, the commits included");
    let after = resident_kib(server.id()).saturating_sub(before) / SOCKETS;
    println!("after that: {after} KiB for each socket");
    assert!(after <= 2 * KIB_MAX, "{after} KiB for a socket that was told of {COMMITS} commits");
}
