//! A server within the test, whose limits the test chooses, and a socket that speaks to any server.

use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use boordtabel::commit::Ledger;
use boordtabel::commit::access::{Identity, Role};
use boordtabel::graphql::core::limits::Limits;
use boordtabel::graphql::core::public::Public;
use boordtabel::graphql::{AllowedOperations, Api, GraphqlRequest};
use boordtabel::http;
use serde_json::{Value as Json, json};
use tungstenite::client::IntoClientRequest as _;
use tungstenite::handshake::client::Request;
use tungstenite::http::HeaderValue;
use tungstenite::{Message, WebSocket};

use crate::server::DEADLINE;

/// What the servers within this process have logged.
pub fn log() -> String {
    static LOG: LazyLock<Arc<Mutex<Vec<u8>>>> = LazyLock::new(|| {
        struct Writer(Arc<Mutex<Vec<u8>>>);
        impl std::io::Write for Writer {
            fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
                self.0.lock().unwrap().write(bytes)
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let log = Arc::<Mutex<Vec<u8>>>::default();
        let writer = Arc::clone(&log);
        let subscriber = tracing_subscriber::fmt().with_ansi(false).with_env_filter("boordtabel=debug");
        subscriber.with_writer(move || Writer(Arc::clone(&writer))).init();
        log
    });
    String::from_utf8_lossy(&LOG.lock().unwrap()).into_owned()
}

/// A server within this process. It runs until the process ends.
pub struct Local {
    pub address: SocketAddr,
    pub ledger: Arc<Ledger>,
    api: Api,
    _folder: tempfile::TempDir,
}

impl Local {
    /// Serves an empty register.
    pub fn start(limits: Limits) -> Self {
        Self::open_to(limits, http::Cors::default())
    }

    /// The same, open to pages of other origins.
    pub fn open_to(limits: Limits, cors: http::Cors) -> Self {
        log();
        let folder = tempfile::tempdir().unwrap();
        let ledger = Arc::new(Ledger::open(folder.path()).unwrap());
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let documents = http::Documents::new(limits.documents_bytes);
        let hosts = http::Hosts::default();
        let proxies = http::Proxies::default();
        let options = http::Options {
            listen,
            workers: 2,
            stop_timeout_s: 1,
            limits,
            documents,
            hosts,
            cors,
            proxies,
            share_local: false,
            subgraph: false,
            needs_token: false,
            public: Public::default(),
            tls: None,
            metrics: None,
            oidc: None,
            tls_min: http::wire::tls::Version::default(),
        };
        let server = http::Server::bind(options, Arc::clone(&ledger), || 0).unwrap();
        let address = server.address();
        std::thread::spawn(move || server.run().unwrap());
        let api = Api::new(Arc::clone(&ledger), limits, || 0);
        Self { address, ledger, api, _folder: folder }
    }

    /// Commits rows; gives the revision.
    pub fn commit(&self, rows: &Json) -> u64 {
        let input = crate::server::with_common(json!({ "rows": rows }));
        let request = GraphqlRequest::new(crate::server::IMPORT, json!({ "input": input })).unwrap();
        let answer = self.api.execute(request, &Identity::new("test", Role::Import), AllowedOperations::All);
        let answer: Json = serde_json::from_slice(&answer.to_json()).unwrap();
        assert_eq!(answer["data"]["importRows"]["status"], "COMMITTED", "{answer}");
        answer["data"]["importRows"]["revision"].as_u64().unwrap()
    }

    /// Commits an organisation of that name, which makes a revision.
    pub fn commit_name(&self, name: &str) -> u64 {
        self.commit(&json!([{ "organisation": { "key": "body", "name": name } }]))
    }

    /// A socket that has said nothing yet.
    pub fn socket(&self) -> Socket {
        Socket::connect(self.address, &[])
    }
}

/// A socket of a client.
pub struct Socket(pub WebSocket<TcpStream>);

/// How a socket ended: code and reason.
#[derive(Debug, PartialEq, Eq)]
pub struct Closed {
    pub code: u16,
    pub reason: String,
}

/// The handshake, with further headers.
pub fn handshake(address: SocketAddr, headers: &[(&'static str, &str)]) -> Request {
    let mut request = format!("ws://{address}/graphql").into_client_request().unwrap();
    request.headers_mut().insert("Sec-WebSocket-Protocol", HeaderValue::from_static("graphql-transport-ws"));
    for (name, value) in headers {
        request.headers_mut().insert(*name, HeaderValue::from_str(value).unwrap());
    }
    request
}

/// A connection that gives up after the deadline.
pub fn tcp(address: SocketAddr) -> TcpStream {
    let connection = TcpStream::connect(address).unwrap();
    connection.set_read_timeout(Some(DEADLINE)).unwrap();
    connection.set_write_timeout(Some(DEADLINE)).unwrap();
    connection
}

impl Socket {
    pub fn connect(address: SocketAddr, headers: &[(&'static str, &str)]) -> Self {
        let (socket, _) = tungstenite::client(handshake(address, headers), tcp(address)).unwrap();
        Self(socket)
    }

    /// What the server answers in place of a socket: its status and body.
    pub fn refused(address: SocketAddr, headers: &[(&'static str, &str)]) -> (u16, Json) {
        match tungstenite::client(handshake(address, headers), tcp(address)) {
            Err(tungstenite::HandshakeError::Failure(tungstenite::Error::Http(answer))) => {
                let body = answer.body().clone().unwrap_or_default();
                (answer.status().as_u16(), serde_json::from_slice(&body).unwrap_or(Json::Null))
            }
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("the server opens a socket"),
        }
    }

    pub fn send(&mut self, message: &Json) {
        self.send_text(&message.to_string());
    }

    pub fn send_text(&mut self, text: &str) {
        self.0.send(Message::text(text)).unwrap();
    }

    /// Says hello, with a payload.
    pub fn init(&mut self, payload: &Json) {
        self.send(&json!({ "type": "connection_init", "payload": payload }));
        assert_eq!(self.next().unwrap(), json!({ "type": "connection_ack" }));
    }

    /// A socket that has said hello.
    pub fn ready(mut self) -> Self {
        self.init(&Json::Null);
        self
    }

    pub fn subscribe(&mut self, id: &str, query: &str) {
        self.send(&json!({ "type": "subscribe", "id": id, "payload": { "query": query } }));
    }

    /// The next message, or how the socket ended.
    pub fn next(&mut self) -> Result<Json, Closed> {
        loop {
            match self.0.read().unwrap_or_else(|error| panic!("neither a message nor a close frame: {error}")) {
                Message::Text(text) => return Ok(serde_json::from_str(&text).unwrap()),
                Message::Close(Some(frame)) => {
                    return Err(Closed { code: frame.code.into(), reason: frame.reason.to_string() });
                }
                Message::Close(None) => return Err(Closed { code: 1005, reason: String::new() }),
                _ => {}
            }
        }
    }

    /// How the socket ends; a message before fails the test.
    pub fn ends(&mut self) -> Closed {
        match self.next() {
            Err(closed) => closed,
            Ok(message) => panic!("a message instead of an end: {message}"),
        }
    }

    /// Whether nothing but an answer to this ping comes: all that was asked before has been dealt with.
    pub fn is_quiet(&mut self) -> bool {
        self.send(&json!({ "type": "ping", "payload": { "quiet": true } }));
        self.next() == Ok(json!({ "type": "pong", "payload": { "quiet": true } }))
    }
}

/// Waits until something holds.
pub fn wait_until(what: &str, holds: impl Fn() -> bool) {
    let began = std::time::Instant::now();
    while !holds() {
        assert!(began.elapsed() < DEADLINE, "in vain: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
