//! HTTPS, and a certificate that changes under a running server.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Instant;

use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::support::{DEADLINE, Lines, arg, boordtabel, end};

/// A throw-away certificate for this machine.
fn certificate(folder: &Path) -> String {
    let CertifiedKey { cert, signing_key }: CertifiedKey<KeyPair> =
        generate_simple_self_signed(vec!["localhost".into(), "127.0.0.1".into()]).unwrap();
    // Written beside and moved, as those who renew certificates do.
    for (name, text) in [("key.pem", signing_key.serialize_pem()), ("cert.pem", cert.pem())] {
        fs::write(folder.join("new"), text).unwrap();
        fs::set_permissions(folder.join("new"), fs::Permissions::from_mode(0o600)).unwrap();
        fs::rename(folder.join("new"), folder.join(name)).unwrap();
    }
    cert.pem()
}

/// A client that trusts that certificate alone. A new one each time: it would go on with the session that it had.
fn trusting(certificate: &str) -> ureq::Agent {
    let roots = RootCerts::from(vec![Certificate::from_pem(certificate.as_bytes()).unwrap()]);
    let tls = TlsConfig::builder().root_certs(roots).build();
    let config = ureq::Agent::config_builder().timeout_global(Some(DEADLINE)).tls_config(tls).max_idle_connections(0);
    config.build().into()
}

struct Secure {
    child: Child,
    url: String,
    log: Lines,
}

impl Secure {
    fn start(folder: &Path) -> Self {
        let (cert, key) = (folder.join("cert.pem"), folder.join("key.pem"));
        let mut command = boordtabel();
        command.args(["serve", "--demo", "--listen", "127.0.0.1:0", "--log", "warn"]);
        command.args(["--tls-cert", arg(&cert), "--tls-key", arg(&key)]).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let log = Lines::of(child.stderr.take().unwrap());
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let rest = line.split("https://").nth(1).unwrap_or_else(|| panic!("no https in `{line}`"));
        let url = format!("https://{}", rest.split('/').next().unwrap());
        Self { child, url, log }
    }

    fn health(&self, certificate: &str) -> Result<String, ureq::Error> {
        trusting(certificate).get(format!("{}/health", self.url)).call()?.body_mut().read_to_string()
    }
}

impl Drop for Secure {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[test]
fn a_renewed_certificate_is_taken_while_it_serves() {
    let folder = tempfile::tempdir().unwrap();
    let first = certificate(folder.path());
    let server = Secure::start(folder.path());
    assert!(server.health(&first).unwrap().contains("\"status\":\"ok\""));
    let stranger = certificate(tempfile::tempdir().unwrap().path());
    assert!(server.health(&stranger).is_err(), "who does not trust it does not talk to it");

    // What cannot be used changes nothing.
    fs::write(folder.path().join("cert.pem"), "nonsense").unwrap();
    let begun = Instant::now();
    while !server.log.seen().contains("the certificate before stays in use") {
        assert!(server.health(&first).is_ok(), "the one before stays in use");
        assert!(begun.elapsed() < DEADLINE, "it says nothing of the new one");
    }
    let second = certificate(folder.path());
    let begun = Instant::now();
    while server.health(&second).is_err() {
        assert!(begun.elapsed() < DEADLINE, "the new one is not taken");
    }
    assert!(server.health(&first).is_err(), "the old one is gone");

    // Plain HTTP on that port is no way around.
    let mut plain = TcpStream::connect(server.url.trim_start_matches("https://")).unwrap();
    plain.set_read_timeout(Some(DEADLINE)).unwrap();
    plain.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    plain.read_to_end(&mut answer).ok();
    assert!(!answer.starts_with(b"HTTP"), "{}", String::from_utf8_lossy(&answer));
}

#[test]
fn what_is_no_certificate_is_told_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    certificate(folder.path());
    let (cert, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    let other = tempfile::tempdir().unwrap();
    certificate(other.path());
    let other_key = other.path().join("key.pem");
    for (arguments, told) in [
        (vec!["--tls-cert", arg(&cert)], "both a certificate and its key"),
        (vec!["--tls-cert", arg(&key), "--tls-key", arg(&key)], "no certificate"),
        (vec!["--tls-cert", "/nothing.pem", "--tls-key", arg(&key)], "/nothing.pem"),
        (vec!["--tls-cert", arg(&cert), "--tls-key", arg(&cert)], "cannot use"),
        (vec!["--tls-cert", arg(&cert), "--tls-key", arg(&other_key)], "does not fit"),
    ] {
        let ran = end(boordtabel().args(["serve", "--demo", "--listen", "127.0.0.1:0"]).args(&arguments));
        assert!(ran.code == Some(2) && ran.stderr.contains(told), "{arguments:?}: {ran:?}");
    }
}
