//! Open to the internet: what strangers may use, see and do, and what whoever runs the server sees of it.

mod audit;
mod container;
mod debian;
mod issuer;
mod matrix;
mod metrics;
mod oidc;
mod packaging;
mod proxies;
mod reading;
mod reload;
mod settings;
mod shares;
mod subgraph;
mod tokens;
mod web;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use crate::support::DEADLINE;

/// A connection from an address of this machine, such as `127.0.0.9`.
pub fn connect_from(address: &str, server: SocketAddr) -> TcpStream {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::new(address.parse().unwrap(), 0).into()).unwrap();
    socket.connect(&server.into()).unwrap();
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream.set_write_timeout(Some(DEADLINE)).unwrap();
    stream
}

/// Sends a request over a connection that is kept, and reads the answer: status and all of its text; none when it was cut.
pub fn exchange(stream: &mut TcpStream, request: &str) -> Option<(u16, String)> {
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    let mut piece = [0; 16 * 1024];
    loop {
        let text = String::from_utf8_lossy(&answer).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.to_ascii_lowercase();
            let length: Option<usize> =
                length.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok());
            let whole = match length {
                Some(length) => body.len() >= length,
                None => body.ends_with("0\r\n\r\n") || head.contains(" 304 ") || head.contains(" 101 "),
            };
            if whole {
                return Some((head.split(' ').nth(1)?.parse().ok()?, text));
            }
        }
        match stream.read(&mut piece) {
            Ok(read) if read > 0 => answer.extend_from_slice(&piece[..read]),
            _ => return None,
        }
    }
}

/// A POST to `/graphql` as it goes over the wire, with further header lines.
pub fn post(headers: &str, query: &str) -> String {
    let body = serde_json::json!({ "query": query }).to_string();
    let length = body.len();
    format!(
        "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    )
}
