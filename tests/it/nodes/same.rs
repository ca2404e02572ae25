//! Every feature is the same on each node.

use std::io::{BufRead as _, BufReader};

use super::*;

/// The keys of all organisations, in order.
fn keys(node: &Server) -> Vec<String> {
    let found = node.ask("{ organisations(first: 500) { nodes { key } } }");
    let nodes = found["organisations"]["nodes"].as_array().unwrap();
    nodes.iter().map(|node| node["key"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn commits_through_each_node_are_the_same_on_all() {
    let nodes = Nodes::new(3);
    run(&nodes.folder("a"), &["load", concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/dwse-2021")]);
    let a = nodes.start("a");
    let (b, c) = (nodes.start_as("b", "a"), nodes.start_as("c", "a"));
    let before = a.revision();

    // Those who follow one node hear of what is written through another.
    let follow = "/graphql?query=subscription%7Bchanges%7Bcommit%7Brevision%20reason%7D%7D%7D";
    let agent: ureq::Agent = ureq::Agent::config_builder().timeout_global(Some(2 * DEADLINE)).build().into();
    let followed = agent.get(format!("{}{follow}", c.url)).header("Accept", "text/event-stream").call().unwrap();
    let mut lines = BufReader::new(followed.into_body().into_reader()).lines();

    for (round, node) in [&a, &b, &c].into_iter().cycle().take(12).enumerate() {
        let revision = nodes.added(node, &format!("body-{round}"));
        assert_eq!(revision, before + round as u64 + 1);
        // Whoever has written reads it elsewhere.
        let min = revision.to_string();
        for other in [&a, &b, &c] {
            let query = format!("/graphql?query=%7Borganisation(key:%22body-{round}%22)%7Bname%7D%7D");
            let (status, headers, body) = get(other, &query, &[("Boordtabel-Min-Revision", &min)]);
            let body = String::from_utf8(body).unwrap();
            assert!(status == 200 && body.contains(&format!("body-{round}")), "{status}: {body}");
            assert_eq!(headers["boordtabel-revision"], *min);
            assert!(!headers.contains_key("boordtabel-unheard"));
        }
    }
    // And so does whoever asks for the latest.
    let revision = nodes.added(&a, "latest");
    let (_, headers, _) =
        get(&b, "/graphql?query=%7Bregister%7Brevision%7D%7D", &[("Boordtabel-Min-Revision", "latest")]);
    assert_eq!(headers["boordtabel-revision"], *revision.to_string());
    let mut heard = Vec::new();
    while heard.len() < 13 {
        let line = lines.next().unwrap().unwrap();
        if let Some(data) = line.strip_prefix("data: {") {
            let told: Json = serde_json::from_str(&format!("{{{data}")).unwrap();
            heard.push(told["data"]["changes"]["commit"]["revision"].as_u64().unwrap());
        }
    }
    assert_eq!(heard, (before + 1..=before + 13).collect::<Vec<_>>());

    // What is read is the same, byte for byte, with the same tag: also of an earlier state.
    let paths = [
        "/graphql?query=%7Borganisations%7Bnodes%7Bkey%20name%7D%7D%7D".to_owned(),
        format!("/graphql?query=%7Bat(asOf:%7Brevision:{before}%7D)%7Borganisations%7Bnodes%7Bkey%20id%7D%7D%7D%7D"),
        "/graphql?query=%7Bcommits(first:5)%7Bnodes%7Brevision%20author%20reason%20committedAt%7D%7D%7D".to_owned(),
        "/".to_owned(),
        "/export/organisations.csv".to_owned(),
    ];
    for path in paths {
        let told = |node| {
            let (status, headers, body) = get(node, &path, &[]);
            assert!(status == 200 && !body.starts_with(b"{\"errors\""), "{path}: {}", String::from_utf8_lossy(&body));
            (headers["etag"].clone(), body)
        };
        let first = told(&a);
        assert!(first == told(&b) && first == told(&c), "{path}");
    }

    // The same request again is answered by whichever node.
    let again = nodes.add(&b, "body-0");
    assert_eq!(again["data"]["importRows"], json!({ "status": "COMMITTED", "replayed": true, "revision": before + 1 }));
    let undo = "mutation($input: RevertRevisionInput!) { revertRevision(input: $input) { status revision } }";
    let input = json!({ "revision": before + 12, "reason": "undo", "idempotencyKey": "undo" });
    let undone = c.send(Some(&nodes.secret), undo, json!({ "input": input })).json;
    assert_eq!(undone["data"]["revertRevision"]["status"], "COMMITTED", "{undone}");
    reached(&a, before + 14);
    assert!(!keys(&a).contains(&"body-11".to_owned()));

    // A token is good, and is revoked, on all.
    let other = run(&nodes.folder("a"), &["token", "create", "--role", "import", "--name", "other"]);
    let may = |node: &Server| {
        let rows = json!([{ "organisation": { "key": "body-1", "name": "body-1" } }]);
        let input = json!({ "rows": rows, "reason": "may", "idempotencyKey": "may", "dryRun": true });
        node.send(Some(other.trim()), ADD, json!({ "input": input })).json.get("errors").is_none()
    };
    until("a token", || may(&b) && may(&c));
    run(&nodes.folder("b"), &["token", "revoke", "other"]);
    let took = until("the revocation", || !may(&a) && !may(&c));
    eprintln!("a token was revoked elsewhere after {} ms", took.as_millis());

    // A large import: more than etcd takes in a request.
    let name = |at: u32| format!("Body number {at} {}", "of many ".repeat(30));
    let rows: Vec<Json> = (0..4_000)
        .map(|at| json!({ "organisation": { "key": format!("many-{at:05}"), "name": name(at).trim_end() } }))
        .collect();
    let sent = b.lines(Some(&nodes.secret), "idempotencyKey=many", &rows).json;
    assert_eq!(sent["status"], "COMMITTED", "{sent}");
    let last = sent["revision"].as_u64().unwrap();
    for node in [&a, &c] {
        reached(node, last);
        assert_eq!(node.ask("{ organisations { totalCount } }"), b.ask("{ organisations { totalCount } }"));
    }

    // Each is ready, and tells how it stands.
    for (node, name) in [(&a, "a"), (&b, "b"), (&c, "c")] {
        let (status, told) = node.get("/readyz?verbose");
        assert!(status == 200 && told.contains(&format!("[+] cluster: `{name}` has entry ")), "{told}");
    }
    let digests: Vec<String> =
        ["a", "b", "c"].map(|name| run(&nodes.folder(name), &["verify"]).lines().nth(1).unwrap().to_owned()).into();
    assert!(digests[0].starts_with("digest ") && digests.iter().all(|digest| *digest == digests[0]), "{digests:?}");
    drop((a, b, c));
    let first = journal(&nodes.folder("a"));
    assert!(first == journal(&nodes.folder("b")) && first == journal(&nodes.folder("c")), "the journals differ");
}

#[test]
fn writers_at_every_node_at_once_lose_nothing() {
    let nodes = Nodes::new(1);
    let a = nodes.start("a");
    let (b, c) = (nodes.start_as("b", "a"), nodes.start_as("c", "a"));
    let nodes = &nodes;
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for (name, node) in [("a", &a), ("b", &b), ("c", &c)] {
            for writer in 0..2 {
                scope.spawn(move || (0..20).for_each(|at| _ = nodes.added(node, &format!("{name}-{writer}-{at}"))));
            }
        }
    });
    eprintln!("120 racing commits took {} ms", begun.elapsed().as_millis());
    for node in [&a, &b, &c] {
        reached(node, 120);
        assert_eq!((node.revision(), keys(node).len()), (120, 120));
    }
    // One that was killed, and one that comes back with a folder of before.
    let backup = nodes.folder("old");
    run(&nodes.folder("b"), &["backup", backup.to_str().unwrap()]);
    b.kill();
    for at in 0..5 {
        nodes.added(&a, &format!("later-{at}"));
    }
    let b = nodes.start("b");
    let old = nodes.start("old");
    assert_eq!((b.revision(), old.revision()), (125, 125), "what was missed is there before anybody is answered");
    nodes.added(&old, "last");
    drop((a, c, old));
    reached(&b, 126);
}
