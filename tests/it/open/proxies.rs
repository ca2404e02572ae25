//! Behind nginx and Caddy, with the guide's own configuration files: TLS, pages, sockets, event streams, and who calls. What of them this
//! machine lacks (Debian's packages `nginx-light`, `caddy`) is passed over, and says so.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::json;

use super::connect_from;
use crate::live::local::wait_until;
use crate::support::Server;

const NAME: &str = "board.example.org";
/// Two clients.
const ONE: &str = "127.0.0.2";
const OTHER: &str = "127.0.0.9";
/// Requests a minute of each.
const SHARE: usize = 6;
type Tls = StreamOwned<ClientConnection, std::net::TcpStream>;

/// A proxy that is killed when this is dropped.
struct Proxy {
    child: Child,
    address: SocketAddr,
    roots: RootCertStore,
    _folder: tempfile::TempDir,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // It ends those that it started, which a kill would leave behind.
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

fn program(name: &str) -> Option<PathBuf> {
    let found = ["/usr/sbin", "/usr/bin", "/usr/local/bin"].map(|folder| Path::new(folder).join(name));
    let found = found.into_iter().find(|path| path.exists());
    if found.is_none() {
        eprintln!("passed over: {name} is not on this machine");
    }
    found
}

fn packaged(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging").join(name)).unwrap()
}

/// The text with each of these, which must be in it, in place of the other.
fn with(mut text: String, changes: &[(&str, String)]) -> String {
    for (from, to) in changes {
        assert!(text.contains(from), "the configuration has no `{from}`");
        text = text.replace(from, to);
    }
    text
}

impl Proxy {
    /// One that is begun with what `start` makes of: a folder with `cert.pem` and `key.pem`, and a free port.
    fn start(start: impl Fn(&Path, u16) -> Command) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let made = rcgen::generate_simple_self_signed([NAME.to_owned()]).unwrap();
        fs::write(folder.path().join("cert.pem"), made.cert.pem()).unwrap();
        fs::write(folder.path().join("key.pem"), made.signing_key.serialize_pem()).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(made.cert.pem().as_bytes()).unwrap()).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let log = fs::File::create(folder.path().join("log")).unwrap();
        let mut command = start(folder.path(), port);
        command.current_dir(folder.path()).env("HOME", folder.path()).stdin(Stdio::null());
        let child = command.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
        let proxy = Self { child, address: ([127, 0, 0, 1], port).into(), roots, _folder: folder };
        wait_until("the proxy answers", || std::net::TcpStream::connect(proxy.address).is_ok());
        proxy
    }

    fn nginx(program: &Path, server: SocketAddr) -> Self {
        Self::nginx_of(program, server, packaged("nginx.conf"))
    }

    fn nginx_of(program: &Path, server: SocketAddr, site: String) -> Self {
        Self::start(|folder, port| {
            let path = |name: &str| folder.join(name).display().to_string();
            let site = with(
                site.clone(),
                &[
                    ("listen 443 ssl", format!("listen 127.0.0.1:{port} ssl")),
                    ("/etc/ssl/certs/board.pem", path("cert.pem")),
                    ("/etc/ssl/private/board.key", path("key.pem")),
                    ("server 127.0.0.1:8080", format!("server {server}")),
                ],
            );
            let temporary = ["client_body", "proxy", "fastcgi", "scgi", "uwsgi"]
                .map(|name| format!("{name}_temp_path {};\n", path(name)))
                .concat();
            let text = format!(
                "daemon off;\npid {};\nevents {{}}\nhttp {{\naccess_log off;\n{temporary}{site}}}\n",
                path("pid")
            );
            fs::write(folder.join("nginx.conf"), text).unwrap();
            let mut command = Command::new(program);
            command.args(["-p"]).arg(folder).arg("-c").arg(folder.join("nginx.conf")).args(["-e", "stderr"]);
            command
        })
    }

    fn caddy(program: &Path, server: SocketAddr) -> Self {
        Self::caddy_of(program, server, packaged("Caddyfile"))
    }

    fn caddy_of(program: &Path, server: SocketAddr, site: String) -> Self {
        Self::start(|folder, port| {
            let path = |name: &str| folder.join(name).display().to_string();
            let tls = format!("{NAME}:{port} {{\n\tbind 127.0.0.1\n\ttls {} {}\n", path("cert.pem"), path("key.pem"));
            let site = with(
                site.clone(),
                &[("board.example.org {\n", tls), ("reverse_proxy 127.0.0.1:8080", format!("reverse_proxy {server}"))],
            );
            fs::write(folder.join("Caddyfile"), format!("{{\n\tadmin off\n\tauto_https off\n}}\n{site}")).unwrap();
            let mut command = Command::new(program);
            command.args(["run", "--adapter", "caddyfile", "--config"]).arg(folder.join("Caddyfile"));
            command
        })
    }

    /// A connection from an address of this machine.
    fn connect(&self, from: &str) -> Tls {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = config.with_root_certificates(self.roots.clone()).with_no_client_auth();
        let name = ServerName::try_from(NAME).unwrap();
        StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), connect_from(from, self.address))
    }

    /// Sends a request, and reads until the answer has that text, which is so when it ends at the latest.
    fn exchange(&self, from: &str, line: &str, headers: &str, body: &str, until: &str) -> String {
        let mut stream = self.connect(from);
        let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
        let request = format!("{line} HTTP/1.1\r\nHost: {NAME}\r\n{headers}{length}\r\n{body}");
        stream.write_all(request.as_bytes()).unwrap();
        let (mut answer, mut piece) = (Vec::new(), [0; 4096]);
        loop {
            let text = String::from_utf8_lossy(&answer).into_owned();
            if text.contains(until) {
                return text;
            }
            match stream.read(&mut piece) {
                Ok(read) if read > 0 => answer.extend_from_slice(&piece[..read]),
                ended => panic!("no `{until}` in {text:?}: {ended:?}"),
            }
        }
    }

    fn ask(&self, from: &str, headers: &str, query: &str, until: &str) -> String {
        let body = json!({ "query": query }).to_string();
        self.exchange(from, "POST /graphql", &format!("Content-Type: application/json\r\n{headers}"), &body, until)
    }
}

/// A server as the guide has it behind a proxy, with small shares, also for addresses of this machine.
fn server() -> Server {
    let limits = format!("share_requests={SHARE}");
    Server::start(&[
        "--demo",
        "--log",
        "error",
        "--host",
        NAME,
        "--trusted-proxy",
        "127.0.0.1",
        "--share-local",
        "--limit",
        &limits,
    ])
}

fn assert_all_goes_through(proxy: &Proxy) {
    let page = proxy.exchange(ONE, "GET /", "", "", "</html>");
    assert!(page.starts_with("HTTP/1.1 200"), "{page:.300}");
    let hsts = page.to_ascii_lowercase();
    assert_eq!(hsts.matches("strict-transport-security: max-age=31536000").count(), 1, "{page:.900}");
    let answer = proxy.ask(ONE, "", "{ measures { totalCount } }", "totalCount");
    assert!(answer.contains("\"totalCount\":56"), "{answer}");
    // Events come one by one, not when the stream ends.
    let stream = proxy.ask(
        ONE,
        "Accept: text/event-stream\r\n",
        "subscription { changes(after: 0) { commit { revision } } }",
        "\"revision\":1",
    );
    assert!(stream.contains("event: next"), "{stream}");
    // A socket.
    let url = format!("wss://{NAME}/graphql");
    let mut request = tungstenite::client::IntoClientRequest::into_client_request(url).unwrap();
    let protocol = tungstenite::http::HeaderValue::from_static("graphql-transport-ws");
    request.headers_mut().insert("sec-websocket-protocol", protocol);
    let (mut socket, _) = tungstenite::client(request, proxy.connect(ONE)).unwrap();
    socket.send(json!({ "type": "connection_init" }).to_string().into()).unwrap();
    assert!(socket.read().unwrap().to_text().unwrap().contains("connection_ack"));
    // Whoever writes himself who he is is not believed: all that he asks is counted as his, and nobody else's.
    let served = (0..8).filter(|it| {
        let told = format!("X-Forwarded-For: 203.0.113.{it}\r\nForwarded: for=198.51.100.{it}\r\n");
        proxy.ask(OTHER, &told, "{ __typename }", "{\"").starts_with("HTTP/1.1 200")
    });
    assert_eq!(served.count(), SHARE);
    assert!(proxy.ask(ONE, "", "{ __typename }", "{\"").starts_with("HTTP/1.1 200"));
    // By another name nobody gets in.
    let mut stream = proxy.connect(ONE);
    let line = "GET /graphql?query=%7Bmeasures%7BtotalCount%7D%7D HTTP/1.1";
    stream.write_all(format!("{line}\r\nHost: evil.example\r\nConnection: close\r\n\r\n").as_bytes()).unwrap();
    let mut told = String::new();
    let _ = stream.read_to_string(&mut told);
    assert!(!told.contains("totalCount"), "{told}");
}

#[test]
fn all_goes_through_nginx() {
    let Some(program) = program("nginx") else { return };
    let server = server();
    assert_all_goes_through(&Proxy::nginx(&program, server.address));
}

#[test]
fn all_goes_through_caddy() {
    let Some(program) = program("caddy") else { return };
    let server = server();
    assert_all_goes_through(&Proxy::caddy(&program, server.address));
}

/// The block of a guide in that language.
fn block(guide: &str, language: &str) -> String {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(guide)).unwrap();
    let (_, rest) = text.split_once(&format!("```{language}\n")).unwrap_or_else(|| panic!("{guide} has no {language}"));
    rest.split("```").next().unwrap().to_owned()
}

/// All that a page leads to is there, and nothing of it leads out of the path.
fn assert_all_is_below(proxy: &Proxy, path: &str) {
    let bare = proxy.exchange(ONE, "GET /plan", "", "", "\r\n\r\n");
    assert!(bare.starts_with("HTTP/1.1 30"), "{bare}");
    let page = proxy.exchange(ONE, &format!("GET {path}/"), "", "", "</html>");
    assert!(page.starts_with("HTTP/1.1 200"), "{page:.300}");
    let page = page.replace("&#38;", "&").replace("&amp;", "&");
    let places = page.split("href=\"").skip(1).chain(page.split("src=\"").skip(1));
    let link = |rest: &str| rest.split(['"', '#']).next().unwrap().to_owned();
    let mut links: Vec<String> = places.map(link).collect();
    links.retain(|link| !link.is_empty() && !link.contains("://") && !link.starts_with("data:"));
    // Of what takes long to make, one is enough: here it is about addresses.
    links.retain(|link| !["export/", "guides/", "schema."].iter().any(|long| link.starts_with(long)));
    links.sort_unstable();
    links.dedup();
    assert!(links.len() > 5, "{links:?}");
    for link in links {
        assert!(!link.starts_with('/') && !link.starts_with(".."), "`{link}` leads out of the path");
        let answer = proxy.exchange(ONE, &format!("GET {path}/{}", link.trim_start_matches("./")), "", "", "\r\n\r\n");
        let lower = answer.to_ascii_lowercase();
        let location = lower.split("\r\nlocation: ").nth(1).and_then(|rest| rest.lines().next());
        let leads_on = location.is_some_and(|to| !to.starts_with('/') && !to.contains("://"));
        assert!(answer.starts_with("HTTP/1.1 200") || leads_on, "{link}: {answer:.400}");
    }
    let url = format!("wss://{NAME}{path}/graphql");
    let mut request = tungstenite::client::IntoClientRequest::into_client_request(url).unwrap();
    for (name, value) in [("sec-websocket-protocol", "graphql-transport-ws"), ("origin", "https://board.example.org")] {
        request.headers_mut().insert(name, tungstenite::http::HeaderValue::from_static(value));
    }
    let (mut socket, _) = tungstenite::client(request, proxy.connect(ONE)).unwrap();
    socket.send(json!({ "type": "connection_init" }).to_string().into()).unwrap();
    assert!(socket.read().unwrap().to_text().unwrap().contains("connection_ack"));
}

/// A server with shares of any size: a page and all that it leads to is more than a few requests.
fn generous() -> Server {
    Server::start(&["--demo", "--log", "error", "--host", NAME, "--trusted-proxy", "127.0.0.1"])
}

#[test]
fn all_is_below_a_path_of_nginx() {
    let Some(program) = program("nginx") else { return };
    let server = generous();
    let packaged = packaged("nginx.conf");
    let (before, rest) = packaged.split_once("    location / {").unwrap();
    let (_, after) = rest.split_once("    }\n").unwrap();
    let site = format!("{before}{}{after}", block("docs/http.md", "nginx"));
    assert_all_is_below(&Proxy::nginx_of(&program, server.address, site), "/plan");
}

#[test]
fn all_is_below_a_path_of_caddy() {
    let Some(program) = program("caddy") else { return };
    let server = generous();
    let packaged = packaged("Caddyfile");
    let (before, _) = packaged.split_once("\treverse_proxy").unwrap();
    let site = format!("{before}{}}}\n", block("docs/http.md", "caddy"));
    assert_all_is_below(&Proxy::caddy_of(&program, server.address, site), "/plan");
}
