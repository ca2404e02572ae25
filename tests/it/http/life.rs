//! How it stops.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use crate::support::{DEADLINE, Server, boordtabel};

#[test]
fn stops_when_told_and_lets_a_running_request_finish() {
    for signal in ["TERM", "INT"] {
        let mut server = Server::demo();
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        let body = br#"{"query":"{ measure(key: \"invoeg\") { name } }"}"#;
        let head =
            "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n";
        stream.write_all(format!("{head}Content-Length: {}\r\n\r\n", body.len()).as_bytes()).unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        assert_eq!(line, "HTTP/1.1 100 Continue\r\n", "the request is running");

        server.signal(signal);
        server.log.wait_for("stopping", DEADLINE).expect("the server says that it stops");
        stream.write_all(body).unwrap();
        let mut answer = String::new();
        reader.read_to_string(&mut answer).unwrap();
        assert!(
            answer.contains("200 OK") && answer.contains("{\"measure\":{\"name\":\"Invoeg\"}}"),
            "{signal}: {answer}"
        );

        let status = server.wait();
        assert_eq!(status.code(), Some(0), "SIG{signal}: {}", server.log.seen());
        assert!(TcpStream::connect(server.address).is_err(), "nobody listens any more");
        assert!(!server.log.seen().contains("panicked"), "{}", server.log.seen());
    }
}

#[test]
fn a_request_that_never_ends_does_not_keep_it_from_stopping() {
    let mut server = Server::start(&["--demo", "--stop-timeout-s", "1"]);
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    let head = "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let mut line = String::new();
    BufReader::new(stream.try_clone().unwrap()).read_line(&mut line).unwrap();
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0), "{}", server.log.seen());
}

#[test]
fn it_stops_also_when_nobody_reads_its_log_any_more() {
    let mut command = boordtabel();
    command.args(["serve", "--demo", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).unwrap().to_owned();
    // It says where it listens before it answers: only who has had an answer knows that it takes signals.
    let healthy = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(&address)?;
        stream.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer.starts_with("HTTP/1.1 200"))
    };
    let begun = std::time::Instant::now();
    while !healthy().unwrap_or(false) {
        assert!(begun.elapsed() < DEADLINE, "it does not answer");
    }
    drop(child.stderr.take());
    let kill = format!("kill -TERM {}", child.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    let begun = std::time::Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if begun.elapsed() > DEADLINE {
            child.kill().unwrap();
            panic!("it does not stop");
        }
        std::thread::yield_now();
    };
    assert_eq!(status.code(), Some(0));
}
