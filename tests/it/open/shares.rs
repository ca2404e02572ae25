//! Each client address and each token has a share of the server, and what it uses beyond is refused with the time to come back.

use std::io::Write as _;
use std::net::TcpStream;
use std::sync::atomic::Ordering;

use serde_json::json;

use super::{connect_from, exchange, post};
use crate::http::assert_refused;
use crate::http::limits::attacks::crowd;
use crate::live::local::{handshake, tcp, wait_until};
use crate::support::{Answer, Server};

/// A server that believes a proxy on this machine.
fn behind_proxy(limits: &str) -> Server {
    Server::start(&["--demo", "--log", "error", "--trusted-proxy", "127.0.0.1", "--limit", limits])
}

fn ask_as(server: &Server, address: &str, query: &str) -> Answer {
    server.post_bytes(json!({ "query": query }).to_string().as_bytes(), &[("X-Forwarded-For", address)])
}

fn assert_share(answer: &Answer, told: &str) {
    assert_refused(answer, 429, "TOO_MANY_REQUESTS");
    assert!(answer.text().contains(told), "{}", answer.text());
    let after: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&after), "{after}");
    assert_eq!(answer.json()["errors"][0]["extensions"]["retryAfter"], after);
}

#[test]
fn requests_of_one_address_are_counted_and_nobody_elses() {
    let server = behind_proxy("share_requests=3");
    for _ in 0..3 {
        assert_eq!(ask_as(&server, "192.0.2.1", "{__typename}").status, 200);
    }
    assert_share(&ask_as(&server, "192.0.2.1", "{__typename}"), "3 requests a minute");
    // What the client wrote itself stands before what the proxy added.
    assert_share(&ask_as(&server, "198.51.100.9, 192.0.2.1", "{__typename}"), "3 requests a minute");
    let forwarded = [("Forwarded", "for=192.0.2.1;proto=https")];
    assert_share(&server.get("/schema.graphql", &forwarded), "3 requests a minute");
    assert_eq!(ask_as(&server, "192.0.2.2", "{__typename}").status, 200);
    assert_eq!(ask_as(&server, "2001:db8::1", "{__typename}").status, 200);
    // This machine itself has no share, whatever number of requests it sends.
    for _ in 0..10 {
        assert_eq!(server.get("/livez", &[]).status, 200);
    }
    let both = [("Forwarded", "for=192.0.2.7"), ("X-Forwarded-For", "192.0.2.8")];
    assert_refused(&server.get("/livez", &both), 400, "BAD_REQUEST");
}

#[test]
fn who_is_no_trusted_proxy_is_not_believed() {
    let arguments = ["--demo", "--log", "error", "--share-local", "--limit", "share_requests=3"];
    let server = Server::start(&arguments);
    let ask = |address: &str, forwarded: &str| {
        let request = post(&format!("X-Forwarded-For: {forwarded}\r\n"), "{__typename}");
        exchange(&mut connect_from(address, server.address), &request).unwrap().0
    };
    let all: Vec<u16> = (0..4).map(|it| ask("127.0.0.2", &format!("192.0.2.{it}"))).collect();
    assert_eq!(all, [200, 200, 200, 429]);
    assert_eq!(ask("127.0.0.3", "127.0.0.2"), 200);
}

#[test]
fn cost_is_paid_before_anything_is_looked_up() {
    let server = behind_proxy("share_cost=3000");
    let dear = "{ measures(first: 500) { nodes { key name } } }";
    let answer = ask_as(&server, "192.0.2.1", dear);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let cost = answer.json()["extensions"]["cost"].as_u64().unwrap();
    assert!((1_000..2_500).contains(&cost), "{cost}");
    let other = |it: usize| format!("{{ a{it}: measures(first: 500) {{ nodes {{ key name }} }} }}");
    let statuses: Vec<u16> = (0..4).map(|it| ask_as(&server, "192.0.2.1", &other(it)).status).collect();
    assert_eq!(statuses.last(), Some(&429), "{statuses:?}");
    assert_share(&ask_as(&server, "192.0.2.1", &other(9)), "3000 of cost a minute");
    // What is at hand costs nothing.
    assert_eq!(ask_as(&server, "192.0.2.1", dear).status, 200);
    assert_eq!(ask_as(&server, "192.0.2.2", &other(9)).status, 200);
    // Tables, exports and pages are paid from the same share.
    for (path, headers) in [
        ("/graphql?query={b:measures(first:500){nodes{key,name}}}", Some("text/csv")),
        ("/export/measures.csv", None),
        ("/", None),
    ] {
        let mut all = vec![("X-Forwarded-For", "192.0.2.1")];
        all.extend(headers.map(|accept| ("Accept", accept)));
        assert_share(&server.get(path, &all), "3000 of cost a minute");
    }
}

#[test]
fn tokens_that_are_not_good_are_counted_and_good_ones_stay_so() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let token = crate::server::token(folder.path(), "read");
    let limits = "share_failures=2,share_requests=20";
    let server = Server::start(&["--data", data, "--log", "error", "--trusted-proxy", "127.0.0.1", "--limit", limits]);
    let show = |address: &str, token: &str| {
        let headers = [("X-Forwarded-For", address), ("Authorization", &format!("Bearer {token}"))];
        server.post_bytes(b"{\"query\":\"{__typename}\"}", &headers)
    };
    assert_eq!(show("192.0.2.1", "wrong").status, 401);
    assert_eq!(show("192.0.2.1", "bt_wrong").status, 401);
    assert_share(&show("192.0.2.1", "wrong"), "2 tokens a minute that are not good");
    assert_eq!(show("192.0.2.2", "wrong").status, 401);
    // Nobody who sits behind the same address is locked out by it.
    assert_eq!(show("192.0.2.1", &token).status, 200);
    // The token has a share as well, from wherever it is shown.
    let statuses: Vec<u16> = (0..20).map(|it| show(&format!("192.0.2.{}", 10 + it), &token).status).collect();
    assert_eq!(statuses.last(), Some(&429), "{statuses:?}");
    assert_share(&show("192.0.2.99", &token), "this token has sent");
    assert_eq!(ask_as(&server, "192.0.2.99", "{__typename}").status, 200);
}

#[test]
fn sockets_and_event_streams_have_a_share() {
    let server = behind_proxy("share_live=1");
    // The status of what is answered in place of a socket.
    let open = |address: &str| {
        let opened =
            tungstenite::client(handshake(server.address, &[("X-Forwarded-For", address)]), tcp(server.address));
        opened.map(|(socket, _)| socket).map_err(|error| match error {
            tungstenite::HandshakeError::Failure(tungstenite::Error::Http(answer)) => answer.status().as_u16(),
            other => panic!("{other}"),
        })
    };
    let first = open("192.0.2.1").unwrap();
    assert_eq!(open("192.0.2.1").err(), Some(429));
    let events = [("X-Forwarded-For", "192.0.2.1"), ("Accept", "text/event-stream")];
    assert_share(&server.get("/graphql?query=subscription{changes{behind}}", &events), "1 sockets and event streams");
    let other = open("192.0.2.2").unwrap();
    drop(first);
    wait_until("the socket's place is free", || open("192.0.2.1").is_ok());
    drop(other);
}

#[test]
fn connections_of_one_address_are_cut_beyond_its_share() {
    let arguments = ["--demo", "--log", "error", "--share-local", "--limit", "share_connections=2"];
    let server = Server::start(&arguments);
    let asked = |stream: &mut TcpStream| exchange(stream, &post("", "{__typename}")).map(|(status, _)| status);
    let mut two = [0; 2].map(|_| connect_from("127.0.0.2", server.address));
    assert_eq!(two.each_mut().map(asked), [Some(200); 2]);
    assert_eq!(asked(&mut connect_from("127.0.0.2", server.address)), None);
    assert_eq!(asked(&mut connect_from("127.0.0.3", server.address)), Some(200));
    drop(two);
    wait_until("there is room again", || asked(&mut connect_from("127.0.0.2", server.address)) == Some(200));
}

#[test]
fn who_has_much_running_waits_and_others_do_not() {
    let server = behind_proxy("share_running=2");
    // Bodies that do not come: more than two, because what is asked meanwhile may have had a place.
    let slow: Vec<TcpStream> = (0..6)
        .map(|_| {
            let mut stream = tcp(server.address);
            let head = "POST /graphql HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 192.0.2.1\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n";
            stream.write_all(head.as_bytes()).unwrap();
            stream
        })
        .collect();
    wait_until("both are running", || ask_as(&server, "192.0.2.1", "{__typename}").status == 429);
    assert_share(&ask_as(&server, "192.0.2.1", "{__typename}"), "2 requests running");
    assert_eq!(ask_as(&server, "192.0.2.2", "{__typename}").status, 200);
    drop(slow);
    wait_until("they have ended", || ask_as(&server, "192.0.2.1", "{__typename}").status == 200);
}

/// How much longer an honest client waits is measured by `cargo bench --bench hostile`, in release and behind nginx. Here it is that
/// it is served at all, and not after them.
#[test]
fn fifty_hostile_clients_take_nothing_from_an_honest_one() {
    let server = behind_proxy("share_requests=6000");
    let door = crowd::Door { address: server.address, is_direct: true };
    crowd::honest(door, 50);
    let quiet = crowd::honest(door, 150);
    let (beside, came) = crowd::beside(door, 150, || ());
    let at = crowd::at;
    println!("quiet: {:?}, {:?}; beside: {:?}, {:?}", at(&quiet, 50), at(&quiet, 99), at(&beside, 50), at(&beside, 99));
    assert!(came.refused.load(Ordering::Relaxed) > 0, "nobody was refused anything: {came:?}");
}
