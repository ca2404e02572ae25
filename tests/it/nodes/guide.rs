//! Three nodes by the guide: with its own files and commands, TLS with certificates on both sides, a user of etcd, and nginx before them.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command, Stdio};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair,
};

use super::*;

/// Programs that are killed when this is dropped.
struct Started(Vec<Child>);

impl Drop for Started {
    fn drop(&mut self) {
        for child in &mut self.0 {
            // nginx ends those that it started, which a kill would leave behind.
            Command::new("kill").args(["-TERM", &child.id().to_string()]).status().ok();
            child.wait().ok();
        }
    }
}

fn packaged(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/cluster").join(name)).unwrap()
}

/// The text with each of these, which must be in it, in place of the other.
fn with(mut text: String, changes: &[(String, String)]) -> String {
    for (from, to) in changes {
        assert!(text.contains(from.as_str()), "the configuration has no `{from}`");
        text = text.replace(from.as_str(), to);
    }
    text
}

/// Writes a file that its owner alone may read.
fn secret(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// Certificates of an authority, for members and nodes alike, in a folder.
fn certify(folder: &Path) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "authority");
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    fs::write(folder.join("ca.pem"), authority.pem()).unwrap();
    for name in ["member", "node"] {
        let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned(), "localhost".to_owned()]).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        // A node's names nobody.
        params.distinguished_name = DistinguishedName::new();
        if name == "member" {
            params.distinguished_name.push(DnType::CommonName, name);
        }
        let key = KeyPair::generate().unwrap();
        fs::write(folder.join(format!("{name}.pem")), params.signed_by(&key, &authority).unwrap().pem()).unwrap();
        secret(&folder.join(format!("{name}-key.pem")), &key.serialize_pem());
    }
}

fn free_ports<const N: usize>() -> [u16; N] {
    let listeners = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}

#[test]
fn three_nodes_by_the_guide() {
    let missing = ["/usr/bin/etcdctl", "/usr/sbin/nginx"].into_iter().find(|program| !Path::new(program).exists());
    if let Some(missing) = missing {
        eprintln!("passed over: {missing} is not on this machine");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let path = |name: &str| home.path().join(name).display().to_string();
    certify(home.path());
    let (clients, peers, nodes) = (free_ports::<3>(), free_ports::<3>(), free_ports::<3>());
    let [front] = free_ports::<1>();
    let mut started = Started(Vec::new());

    // The members of etcd.
    let moved = |text: String| {
        let addresses = (1..=3).flat_map(|at| {
            [
                (format!("https://10.0.0.{at}:2379"), clients[at - 1]),
                (format!("https://10.0.0.{at}:2380"), peers[at - 1]),
            ]
            .map(|(from, port)| (from, format!("https://127.0.0.1:{port}")))
        });
        addresses.fold(text, |text, (from, to)| text.replace(&from, &to))
    };
    for (at, name) in ["one", "two", "three"].into_iter().enumerate() {
        let own = with(
            packaged("etcd.yml"),
            &[
                ("name: one\n".into(), format!("name: {name}\n")),
                ("urls: https://10.0.0.1:2379".into(), format!("urls: https://127.0.0.1:{}", clients[at])),
                ("urls: https://10.0.0.1:2380".into(), format!("urls: https://127.0.0.1:{}", peers[at])),
                ("/var/lib/etcd/boordtabel".into(), path(name)),
                ("/etc/etcd/".into(), path("")),
            ],
        );
        fs::write(path(&format!("{name}.yml")), moved(own)).unwrap();
        let mut command = Command::new("etcd");
        command.args(["--config-file", &path(&format!("{name}.yml"))]);
        started.0.push(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    }
    let guide = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cluster.md")).unwrap();
    let begun = guide.split("\n## ").find(|section| section.starts_with("Three nodes in ten minutes")).unwrap();
    let commands: Vec<&str> = begun.lines().map(str::trim).filter(|line| line.starts_with("etcdctl ")).collect();
    assert_eq!(commands.len(), 6, "{commands:?}");
    let etcdctl = |line: &str| {
        let mut command = Command::new("etcdctl");
        command.envs([("ETCDCTL_API", "3"), ("ETCDCTL_DIAL_TIMEOUT", "2s")]);
        command.args(["--endpoints", &format!("https://127.0.0.1:{}", clients[0]), "--cacert", &path("ca.pem")]);
        command.args(["--cert", &path("member.pem"), "--key", &path("member-key.pem")]);
        let output = command.args(line.split(' ').skip(1)).stdin(Stdio::null()).output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    until("etcd", || etcdctl("etcdctl put ready yes").0);
    for line in commands {
        // Where a person is asked for the password.
        let line = line
            .replace("user add root", "user add root:r")
            .replace("user add boordtabel", "user add boordtabel:secret");
        let (is_done, told) = etcdctl(&line);
        assert!(is_done, "{line}: {told}");
    }
    secret(Path::new(&path("etcd-password")), "secret\n");

    // The nodes.
    let secret = token(&home.path().join("a"), "admin");
    for (at, name) in ["a", "b", "c"].into_iter().enumerate() {
        let text = with(
            packaged("boordtabel.toml"),
            &[
                ("/var/lib/boordtabel/register".into(), path(name)),
                ("10.0.0.1:8080".into(), format!("127.0.0.1:{}", nodes[at])),
                ("cluster_node = \"a\"".into(), format!("cluster_node = \"{name}\"")),
                ("/etc/boordtabel/etcd-ca.pem".into(), path("ca.pem")),
                ("/etc/boordtabel/".into(), path("")),
                ("10.0.0.9".into(), "127.0.0.1".into()),
                ("metrics = \"127.0.0.1:9464\"\n".into(), String::new()),
            ],
        );
        fs::write(path(&format!("{name}.toml")), moved(text)).unwrap();
    }
    let boordtabel_of = |name: &str, arguments: &[&str]| {
        let mut command = boordtabel();
        command.args(arguments).args(["--config", &path(&format!("{name}.toml"))]);
        command
    };
    let done = |name: &str, arguments: &[&str]| {
        let output = boordtabel_of(name, arguments).output().unwrap();
        let told = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {told}");
        told
    };
    let told = done("a", &["cluster", "check"]);
    assert!(told.contains("there is no log yet") && told.contains("may be read and written"), "{told}");
    let serve = |name: &str| {
        let mut command = boordtabel_of(name, &["serve", "--log", "error"]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let is_ready = |at: usize| {
        let agent: ureq::Agent = ureq::Agent::config_builder().timeout_global(Some(WAITS)).build().into();
        agent.get(format!("http://127.0.0.1:{}/readyz", nodes[at])).call().is_ok()
    };
    started.0.push(serve("a"));
    until("the first node", || is_ready(0));
    done("a", &["backup", &path("copy")]);
    for (at, name) in [(1, "b"), (2, "c")] {
        let told = done(name, &["cluster", "join", "--from", &path("copy")]);
        assert!(told.contains(&format!("`{name}` has revision 0")), "{told}");
        started.0.push(serve(name));
        until("a node", || is_ready(at));
    }

    // The proxy.
    let site = (0..3).fold(packaged("nginx.conf"), |site, at| {
        with(site, &[(format!("10.0.0.{}:8080", at + 1), format!("127.0.0.1:{}", nodes[at]))])
    });
    let site = with(site, &[("listen 80;".into(), format!("listen 127.0.0.1:{front};"))]);
    let temporary = ["client_body", "proxy", "fastcgi", "scgi", "uwsgi"]
        .map(|name| format!("{name}_temp_path {};\n", path(&format!("nginx-{name}"))))
        .concat();
    let pid = path("nginx.pid");
    let whole = format!("daemon off;\npid {pid};\nevents {{}}\nhttp {{\naccess_log off;\n{temporary}{site}}}\n");
    fs::write(path("nginx.conf"), whole).unwrap();
    let mut nginx = Command::new("/usr/sbin/nginx");
    nginx.args(["-p", &path(""), "-c", &path("nginx.conf"), "-e", &path("nginx.log")]);
    started.0.push(nginx.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());

    let agent: ureq::Agent = ureq::Agent::config_builder().timeout_global(Some(WAITS)).build().into();
    let add = |key: &str| {
        let rows = json!([{ "organisation": { "key": key, "name": key } }]);
        let body = json!({ "query": ADD, "variables": { "input": { "rows": rows, "reason": "guide", "idempotencyKey": key } } });
        let request = agent.post(format!("http://127.0.0.1:{front}/graphql")).header("Host", "board.example.org");
        let request =
            request.header("Content-Type", "application/json").header("Authorization", format!("Bearer {secret}"));
        let answer = request.send(body.to_string()).ok().and_then(|mut answer| answer.body_mut().read_to_string().ok());
        answer.filter(|answer| answer.contains("COMMITTED"))
    };
    until("a commit through the proxy", || add("first").is_some());
    for at in 0..9 {
        assert!(add(&format!("body-{at}")).is_some(), "body-{at}");
    }
    // The node that takes what is written falls: whoever writes through the proxy goes on.
    let mut fallen = started.0.remove(3);
    fallen.kill().unwrap();
    fallen.wait().unwrap();
    let took = until("a commit after a node fell", || add("after").is_some());
    eprintln!("a commit was taken {} ms after a node fell", took.as_millis());
    let told = done("c", &["cluster", "status"]);
    assert!(told.contains("\nb\tentry "), "{told}");
    let told = done("c", &["cluster", "check"]);
    assert_eq!(told.matches("[+]").count(), 5, "{told}");
}

/// How long an answer may take.
const WAITS: Duration = Duration::from_secs(10);
