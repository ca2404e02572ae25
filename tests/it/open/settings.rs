//! `config check` and `config show`: what is wrong with settings is told before a server is started with them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::{DEADLINE, Server, arg, run};

#[test]
fn what_is_wrong_with_settings_is_told_before_a_server_starts() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("settings.toml");
    let secret = home.path().join("secret");
    fs::write(&secret, "x\n").unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o644)).unwrap();
    let cluster = "cluster = [\"http://127.0.0.1:1\"]\ncluster_node = \"a\"\n";
    let open = format!("{cluster}cluster_user = \"u\"\ncluster_password_file = \"{}\"\n", arg(&secret));
    for (text, told) in [
        ("listen = ", "settings.toml"),
        ("lissten = \"127.0.0.1:1\"\n", "lissten"),
        ("workers = \"many\"\n", "many"),
        ("workers = 1000000\n", "1000000"),
        ("data = \"/etc/passwd\"\n", "/etc/passwd"),
        ("data = \"\"\n", "no folder"),
        ("log = \"verbose\"\n", "verbose"),
        ("log = \"\"\n", "no log filter"),
        ("listen = \"127.0.0.1:8081\"\nmetrics = \"127.0.0.1:8081\"\n", "--metrics"),
        ("tls_cert = \"/nowhere\"\n", "--tls-key"),
        ("tls_min = \"1.3\"\n", "--tls-cert"),
        ("oidc_role = [\"x=edit\"]\n", "--oidc-issuer"),
        ("oidc_algorithm = [\"none\"]\n", "--oidc-issuer"),
        ("only_persisted = true\n", "--documents"),
        ("trusted_proxy = [\"10.0.0.0/99\"]\n", "10.0.0.0/99"),
        ("limit = [\"depths=3\"]\n", "depths"),
        ("cluster_node = \"a\"\n", "--cluster"),
        ("cluster = [\"http://127.0.0.1:1\"]\n", "--cluster-node"),
        ("cluster = [\"127.0.0.1:1\"]\ncluster_node = \"a\"\n", "`127.0.0.1:1`"),
        (&format!("{cluster}cluster_prefix = \"x\"\n"), "`x`"),
        (&format!("{cluster}cluster_user = \"u\"\n"), "--cluster-password-file"),
        (&format!("{cluster}cluster_key = \"/k\"\n"), "--cluster-cert"),
        (&format!("{cluster}cluster_ca = \"/nowhere.pem\"\n"), "/nowhere.pem"),
        (&open, "everybody on this machine"),
    ] {
        fs::write(&file, text).unwrap();
        let ran = run(["config", "check", "--config", arg(&file)]);
        assert_eq!(ran.code, Some(2), "{text}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains(told), "{text}: {}", ran.stderr);
    }
    let good = format!(
        "data = \"{}\"\nhost = [\"a.example\"]\noidc_claim = \"groups\"\nlog_format = \"json\"\n",
        arg(home.path())
    );
    fs::write(&file, good).unwrap();
    let ran = run(["config", "check", "--config", arg(&file)]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "the settings are good\n"), "{}", ran.stderr);
}

#[test]
fn an_edition_that_is_not_there_is_told_when_it_would_be_published() {
    let home = tempfile::tempdir().unwrap();
    for edition in ["nope", "latest"] {
        let server = Server::start(&["--data", arg(home.path()), "--public-edition", edition]);
        assert!(server.log.wait_for("no such edition", DEADLINE).is_some(), "{edition}: {}", server.log.seen());
    }
}

#[test]
fn what_is_shown_is_what_is_in_force_and_no_secret() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("settings.toml");
    fs::write(&file, "workers = 3\nlog_format = \"json\"\noidc_claim = \"groups\"\n").unwrap();
    let jwks = "https://user:hunter2@idp.example/jwks?key=SECRET";
    let given = ["--oidc-jwks", jwks, "--oidc-issuer", "https://i", "--oidc-audience", "a", "--workers", "5"];
    let ran = run([&["config", "show", "--config", arg(&file)], given.as_slice()].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    for line in [
        "workers = 5",
        "log_format = \"json\"",
        "oidc_claim = \"groups\"",
        "oidc_jwks = \"https://…@idp.example/jwks?…\"",
    ] {
        assert!(ran.stdout.lines().any(|it| it == line), "`{line}` is not in:\n{}", ran.stdout);
    }
    assert!(!ran.stdout.contains("hunter2") && !ran.stdout.contains("SECRET"), "{}", ran.stdout);
}
