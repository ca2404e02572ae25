//! What is installed beside the binary.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use boordtabel::cli::settings::{Given, GivenToServe, Settings};

fn packaging() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging")
}

#[test]
fn the_settings_that_are_installed_are_settings() {
    let file = packaging().join("boordtabel.toml");
    let settings = Settings::resolve(Given::default(), GivenToServe::default(), Some(&file)).unwrap();
    assert_eq!(settings.data, Path::new("/var/lib/boordtabel/register"));
    assert!(settings.listen.ip().is_loopback() && settings.metrics.is_some_and(|at| at.ip().is_loopback()));
    assert_eq!(settings.trusted_proxy, ["127.0.0.1"]);
}

#[test]
fn proxies_pass_on_who_calls_and_take_away_what_only_a_client_wrote() {
    let nginx = fs::read_to_string(packaging().join("nginx.conf")).unwrap();
    for line in [
        "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
        "proxy_set_header Forwarded \"\";",
        "proxy_set_header Host $http_host;",
        "proxy_set_header Upgrade $http_upgrade;",
    ] {
        assert!(nginx.contains(line), "{line}");
    }
    let caddy = fs::read_to_string(packaging().join("Caddyfile")).unwrap();
    assert!(caddy.contains("header_up -Forwarded"), "{caddy}");
}

#[test]
fn licences_of_everything_that_is_inside_are_told_with_their_texts() {
    let told = Command::new("node").arg(packaging().join("licences")).output().expect("install Node.js");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let text = String::from_utf8(told.stdout).unwrap();
    // What is compiled in, directly or not, and what the explorer is bundled from; not what only tests it.
    for name in ["actix-web", "async-graphql", "sled", "bincode", "parking_lot", "react", "monaco-editor"] {
        assert!(text.lines().any(|line| line.starts_with(&format!("{name} "))), "{name} is not named");
    }
    for name in ["proptest", "playwright-core", "typescript"] {
        assert!(!text.lines().any(|line| line.starts_with(&format!("{name} "))), "{name} is not inside");
    }
    assert!(
        text.contains("Permission is hereby granted, free of charge") && text.contains("TERMS AND CONDITIONS FOR USE")
    );
    let (_, bare) = text.split_once("These bring no text of their own:").unwrap();
    assert!(bare.lines().all(|line| !line.ends_with("no licence named")), "{bare}");
    assert!(!text.contains(env!("CARGO_MANIFEST_DIR")), "where it was built says nothing to whoever reads it");
}

#[test]
fn the_unit_lets_the_service_do_little() {
    let unit = packaging().join("boordtabel.service");
    let text = fs::read_to_string(&unit).unwrap();
    let named: BTreeSet<&str> = text.lines().filter_map(|line| line.split_once('=').map(|(name, _)| name)).collect();
    for name in
        ["Type", "WatchdogSec", "NoNewPrivileges", "ProtectSystem", "SystemCallFilter", "MemoryMax", "LimitNOFILE"]
    {
        assert!(named.contains(name), "{name}");
    }
    let mut command = Command::new("systemd-analyze");
    command.args(["security", "--offline=true", "--no-pager", "--threshold=20"]).arg(&unit);
    match command.output() {
        // Where there is no systemd, nobody can say it.
        Err(cause) => println!("systemd-analyze cannot be asked: {cause}"),
        Ok(told) => {
            let text = String::from_utf8_lossy(&told.stdout).into_owned() + &String::from_utf8_lossy(&told.stderr);
            assert!(told.status.success(), "its exposure is more than 2.0: {text}");
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn systemd_is_told_how_it_goes() {
    use std::os::unix::net::UnixDatagram;
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(crate::support::DEADLINE)).unwrap();
    let mut command = crate::server::boordtabel();
    command.env("NOTIFY_SOCKET", &path);
    let server = crate::server::Server::of(command, &home.path().join("data"), &[]);
    let next = || {
        let mut text = [0; 100];
        let length = socket.recv(&mut text).unwrap();
        String::from_utf8_lossy(&text[..length]).into_owned()
    };
    let first: BTreeSet<String> = (0..2).map(|_| next()).collect();
    assert_eq!(first, BTreeSet::from(["READY=1".to_owned(), "WATCHDOG=1".to_owned()]));
    assert_eq!(next(), "WATCHDOG=1");
    assert!(Command::new("kill").args(["-TERM", &server.id().to_string()]).status().unwrap().success());
    while next() != "STOPPING=1" {}
}
