//! Below a path of a reverse proxy.

use std::io::{Read as _, Write as _, copy};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};

use crate::support::shared;

/// A reverse proxy that takes a path off each address and passes on the rest. It runs until the process ends.
pub struct Proxy {
    address: SocketAddr,
    path: &'static str,
}

impl Proxy {
    /// Passes on what comes below that path.
    pub fn start(path: &'static str, to: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                std::thread::spawn(move || pass_on(connection, path, to));
            }
        });
        Self { address, path }
    }

    /// Where people find what is behind it.
    pub fn url(&self) -> String {
        format!("http://{}{}/", self.address, self.path)
    }
}

/// One request a connection, or one socket.
fn pass_on(mut client: TcpStream, path: &str, to: SocketAddr) -> Option<()> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        client.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).ok()?;
    let (method, rest) = head.split_once(' ')?;
    let Some(rest) = rest.strip_prefix(path) else {
        client.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").ok()?;
        return None;
    };
    let is_socket = head.to_ascii_lowercase().contains("upgrade: websocket");
    let mut lines: Vec<&str> = rest.split("\r\n").collect();
    if !is_socket {
        lines.retain(|line| !line.to_ascii_lowercase().starts_with("connection:"));
        lines.insert(1, "Connection: close");
    }
    let mut server = TcpStream::connect(to).ok()?;
    server.write_all(format!("{method} {}", lines.join("\r\n")).as_bytes()).ok()?;
    let (mut from, mut onward) = (client.try_clone().ok()?, server.try_clone().ok()?);
    std::thread::spawn(move || {
        copy(&mut from, &mut onward).ok();
        onward.shutdown(Shutdown::Write).ok();
    });
    copy(&mut server, &mut client).ok();
    client.shutdown(Shutdown::Both).ok();
    Some(())
}

#[test]
fn nothing_leads_out_of_it() {
    let proxy = Proxy::start("/plan/2021", shared().address);
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let at = |target: &str| format!("{}{target}", proxy.url());
    for target in
        ["", "docs", "graphiql", "graphiql/", "start.css", "icon.svg", "schema.graphql", "schema.json", "health"]
    {
        let mut answer = agent.get(at(target)).call().unwrap();
        assert_eq!(answer.status(), 200, "{target}");
        let text = answer.body_mut().read_to_string().unwrap();
        for attribute in ["src=\"/", "href=\"/", "url(/", "action=\"/"] {
            assert!(!text.contains(attribute), "{target} has {attribute}");
        }
    }
    let query = "graphql?query=%7B__typename%7D";
    assert!(agent.get(at(query)).call().unwrap().body_mut().read_to_string().unwrap().contains("Query"));
    let outside = proxy.url().replace("/plan/2021", "");
    assert_eq!(agent.get(outside).call().unwrap().status(), 404, "the proxy has nothing else");
}
