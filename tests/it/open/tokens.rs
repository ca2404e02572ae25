//! Tokens: until when they are good, for whom, and where they may stand.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::live::local::{Closed, Socket, wait_until};
use crate::server::{Server, journal, run, with_common};
use crate::support::{self, arg};

const REGISTER: &str = "{ register { revision } }";

fn create(data: &Path, arguments: &[&str]) -> String {
    run(data, &[&["token", "create"], arguments].concat()).trim().to_owned()
}

fn status(server: &Server, token: &str) -> u16 {
    server.send(Some(token), REGISTER, json!({})).status
}

/// A token that nobody has is not made, and none is revoked for it; what takes the place of one that ends, ends too.
#[test]
fn a_token_goes_into_a_new_file_or_is_not_made() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let server = Server::start(&data);
    let file = home.path().join("monthly");
    create(&data, &["--role", "read", "--name", "monthly", "--expires", "2d", "--out", arg(&file)]);
    let token = fs::read_to_string(&file).unwrap().trim().to_owned();
    for (action, out) in [("rotate", file.clone()), ("rotate", home.path().join("no/folder")), ("create", file.clone())]
    {
        let more: &[&str] = if action == "create" { &["--role", "read", "--name", "other"] } else { &["monthly"] };
        let ran = support::run([&["token", action, "--out", arg(&out), "--data", arg(&data)], more].concat());
        assert_eq!(ran.code, Some(2), "{}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains("nothing was changed"), "{}", ran.stderr);
    }
    assert_eq!(status(&server, &token), 200);
    run(&data, &["token", "rotate", "monthly", "--out", arg(&home.path().join("next"))]);
    let list = run(&data, &["token", "list"]);
    let next = list.lines().find(|line| line.contains("\tgood\t")).unwrap();
    assert!(list.lines().count() == 2 && !next.contains("expires -"), "{list}");
}

/// What root makes in the folder of a server that is somebody else, that one could not open.
#[test]
fn root_makes_nothing_in_the_folder_of_another() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let server = Server::start(&data);
    if std::os::unix::fs::chown(&data, Some(65_534), Some(65_534)).is_err() {
        // Whoever is not root cannot give anything away, nor take it.
        return;
    }
    // The server makes it, whoever asks.
    create(&data, &["--role", "read", "--name", "one"]);
    drop(server);
    let before = journal(&data);
    for command in [
        ["token", "create", "--role", "read", "--name", "two"].as_slice(),
        &["token", "list"],
        &["rebuild-store"],
        &["load", arg(&home.path().join("none"))],
    ] {
        let ran = support::run([command, &["--data", arg(&data)]].concat());
        assert_eq!(ran.code, Some(2), "{}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains("runuser -u"), "{}", ran.stderr);
    }
    assert_eq!(journal(&data), before);
}

#[test]
fn a_token_is_good_until_it_expires_or_is_replaced() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path());
    let short = create(home.path(), &["--role", "read", "--name", "short", "--expires", "2s"]);
    let long = create(home.path(), &["--role", "edit", "--name", "long", "--expires", "90d"]);
    assert_eq!(status(&server, &long), 200);
    wait_until("it expires", || status(&server, &short) == 401);
    assert_eq!(status(&server, &long), 200);
    // A name whose token has expired is free again.
    create(home.path(), &["--role", "read", "--name", "short"]);

    let second = run(home.path(), &["token", "rotate", "long", "--keep", "1h"]).trim().to_owned();
    assert_ne!(second, long);
    assert_eq!((status(&server, &long), status(&server, &second)), (200, 200));
    let third = run(home.path(), &["token", "rotate", "long"]).trim().to_owned();
    let all = [&long, &second, &third].map(|token| status(&server, token));
    assert_eq!(all, [401, 401, 200]);

    let list = run(home.path(), &["token", "list"]);
    let of = |state: &str| list.lines().filter(|line| line.starts_with("long\tEDIT\t") && line.contains(state)).count();
    assert_eq!((of("\tgood\t"), of("\trevoked\t")), (1, 2), "{list}");
    assert!(list.lines().any(|line| line.starts_with("short\tREAD\texpired\tused 20")), "{list}");
    run(home.path(), &["token", "revoke", "long"]);
    assert_eq!(status(&server, &third), 401);
    for wrong in ["yesterday", "2001-01-01", "0s", "9"] {
        let ran = support::run([
            "token",
            "create",
            "--role",
            "read",
            "--name",
            "x",
            "--expires",
            wrong,
            "--data",
            arg(home.path()),
        ]);
        assert!(ran.code == Some(2) && ran.stderr.contains(&format!("`{wrong}`")), "{ran:?}");
    }
}

#[test]
fn who_follows_with_a_token_is_cut_off_when_it_is_revoked() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path());
    let address = server.url["http://".len()..].parse().unwrap();
    let token = create(home.path(), &["--role", "read", "--name", "reader"]);
    let follow = "subscription { changes(after: 0) { behind } }";
    let mut with_token = Socket::connect(address, &[]);
    with_token.init(&json!({ "Authorization": format!("Bearer {token}") }));
    with_token.subscribe("s", follow);
    let mut without = Socket::connect(address, &[]).ready();
    without.subscribe("s", follow);
    let bearer = format!("Bearer {token}");
    let events = std::thread::spawn({
        let url = format!("{}/graphql?query={}", server.url, "subscription{changes(after:0){behind}}");
        move || {
            let agent: ureq::Agent =
                ureq::Agent::config_builder().timeout_global(Some(crate::server::DEADLINE)).build().into();
            let request = agent.get(url).header("Accept", "text/event-stream").header("Authorization", bearer);
            request.call().unwrap().body_mut().read_to_string().unwrap()
        }
    });
    assert!(with_token.is_quiet() && without.is_quiet());
    run(home.path(), &["token", "revoke", "reader"]);
    let revoked = Instant::now();
    let reason = "Forbidden: the token is not good any more".into();
    assert_eq!(with_token.ends(), Closed { code: 4403, reason });
    assert!(revoked.elapsed() < Duration::from_secs(5), "half a second, on a machine that has time");
    let told = events.join().unwrap();
    assert!(told.contains(": the token is not good any more") && !told.contains("event: complete"), "{told}");
    assert!(without.is_quiet());
}

#[test]
fn a_secret_is_in_no_argument_and_in_no_file_that_others_read() {
    let home = tempfile::tempdir().unwrap();
    let (data, file) = (home.path().join("data"), home.path().join("token"));
    let server = Server::start(&data);
    let told = create(&data, &["--role", "read", "--out", arg(&file)]);
    assert!(!told.contains("bt_"), "{told}");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let log = || support::run(["log", "--url", &server.url, "--token-file", arg(&file)]);
    assert_eq!(log().code, Some(0), "{:?}", log());
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let refused = log();
    assert!(refused.code == Some(2) && refused.stderr.contains("everybody on this machine"), "{refused:?}");
    let again =
        support::run(["token", "create", "--role", "read", "--name", "b", "--out", arg(&file), "--data", arg(&data)]);
    assert!(again.code == Some(2) && !again.stdout.contains("bt_"), "nothing is written over: {again:?}");
    let shown = support::run(["log", "--url", &server.url, "--token", fs::read_to_string(&file).unwrap().trim()]);
    assert!(shown.code == Some(0) && shown.stderr.contains("--token-file"), "{shown:?}");
}

#[test]
fn the_demonstration_writes_its_token_where_it_is_told_and_nowhere_else() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("token");
    let server = support::Server::start(&["--demo", "--log", "trace", "--token-file", arg(&file)]);
    let token = fs::read_to_string(&file).unwrap();
    let bearer = format!("Bearer {}", token.trim());
    assert_eq!(server.post_bytes(b"{\"query\":\"{__typename}\"}", &[("Authorization", &bearer)]).status, 200);
    assert!(!server.log.seen().contains(token.trim()), "the token is in the log");
}

fn import(server: &Server, token: &str, rows: &Json) -> crate::server::Answer {
    server.send(Some(token), crate::server::IMPORT, json!({ "input": with_common(json!({ "rows": rows })) }))
}

#[test]
fn a_token_of_some_bodies_writes_for_no_other() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path());
    let all = create(home.path(), &["--role", "import", "--name", "all"]);
    let of = |body: &str| {
        json!([
            { "organisation": { "key": body, "name": body } },
            { "document": { "key": format!("doc-{body}"), "title": "D", "organisationKey": body } },
            { "plan": { "key": format!("plan-{body}"), "organisationKey": body, "year": 2021, "title": "P", "documentKey": format!("doc-{body}") } },
        ])
    };
    for body in ["one", "two"] {
        assert_eq!(import(&server, &all, &of(body)).json["data"]["importRows"]["status"], "COMMITTED");
    }
    let token = create(home.path(), &["--role", "import", "--name", "for-one", "--body", "one"]);
    let plan = |key: &str, body: &str, title: &str| json!([{ "plan": { "key": key, "organisationKey": body, "year": 2021, "title": title, "documentKey": format!("doc-{body}") } }]);
    let done = import(&server, &token, &plan("plan-one", "one", "New"));
    assert_eq!(done.json["data"]["importRows"]["status"], "COMMITTED", "{}", done.json);
    let before = journal(home.path());
    for (what, rows) in [
        ("another's record", plan("plan-two", "two", "New")),
        ("a record that goes over to it", plan("plan-two", "one", "New")),
        ("a record that it gives away", plan("plan-one", "two", "New")),
        ("another body", json!([{ "organisation": { "key": "three", "name": "Three" } }])),
    ] {
        let refused = import(&server, &token, &rows);
        let is_refused = refused.error() == "FORBIDDEN" || refused.json["data"]["importRows"]["status"] == "REJECTED";
        assert!(is_refused, "{what}: {}", refused.json);
    }
    assert_eq!(import(&server, &token, &plan("plan-two", "two", "New")).error(), "FORBIDDEN");
    let lines = [
        json!({ "plan": { "key": "plan-two", "organisationKey": "two", "year": 2021, "title": "New", "documentKey": "doc-two" } }),
    ];
    assert_eq!(server.lines(Some(&token), "idempotencyKey=x", &lines).status, 403);
    assert_eq!(journal(home.path()), before, "what is refused leaves no trace");
    let unknown = support::run([
        "token",
        "create",
        "--role",
        "import",
        "--name",
        "x",
        "--body",
        "nobody",
        "--data",
        arg(home.path()),
    ]);
    assert!(unknown.code == Some(2) && unknown.stderr.contains("`nobody`"), "{unknown:?}");
}
