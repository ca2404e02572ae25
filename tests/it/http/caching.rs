//! What is kept: by browsers, by `ETag`; by the server, in memory. Never what was before a commit that somebody knows of.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use serde_json::{Value as Json, json};

use super::raw;
use crate::support::{Answer, DEADLINE, Dice, SMALL, Server, arg, boordtabel, end, folder, shared};

fn get(server: &Server, query: &str, headers: &[(&str, &str)]) -> Answer {
    let encoded: String = query.bytes().map(|byte| format!("%{byte:02x}")).collect();
    server.get(&format!("/graphql?query={encoded}"), headers)
}

/// A server of a small register of its own, with a token that may import.
pub struct Small {
    pub server: Server,
    token: String,
    data: tempfile::TempDir,
}

impl Small {
    pub fn start(arguments: &[&str]) -> Self {
        let data = tempfile::tempdir().unwrap();
        let path = arg(data.path());
        let loaded = end(boordtabel().args(["load", arg(folder(&SMALL).path()), "--data", path]));
        assert_eq!(loaded.code, Some(0), "{loaded:?}");
        let made = end(boordtabel().args(["token", "create", "--role", "import", "--data", path]));
        let server = Server::start(&[&["--data", path, "--log", "error"], arguments].concat());
        Self { server, token: format!("Bearer {}", made.stdout.trim()), data }
    }

    /// Stops the server and starts it again on the same folder.
    fn restart(&mut self) {
        self.server.signal("TERM");
        self.server.wait();
        self.server = Server::start(&["--data", arg(self.data.path()), "--log", "error"]);
    }

    /// Puts a measure of that key and name; the revision that it makes.
    pub fn put(&self, key: &str, name: &str) -> u64 {
        let row = json!({ "measure": { "key": key, "planKey": "plan", "name": name } });
        let input = json!({ "reason": "test", "idempotencyKey": format!("{key}-{name}"), "rows": [row] });
        let query = "mutation($input: ImportRowsInput!) { importRows(input: $input) { status revision } }";
        let body = json!({ "query": query, "variables": { "input": input } }).to_string();
        let answer = self.server.post_bytes(body.as_bytes(), &[("Authorization", &self.token)]);
        let json = answer.json();
        assert_eq!(json["data"]["importRows"]["status"], "COMMITTED", "{json}");
        assert_eq!(answer.header("cache-control"), "no-store", "a write is kept by nobody");
        json["data"]["importRows"]["revision"].as_u64().unwrap()
    }
}

#[test]
fn what_the_client_has_is_not_sent_again() {
    let small = Small::start(&[]);
    let query = "{ measures { nodes { key name } } }";
    let first = get(&small.server, query, &[]);
    let etag = first.header("etag").to_owned();
    assert!(first.status == 200 && etag.starts_with("W/\""), "{etag}");
    assert_eq!(first.header("cache-control"), "public, no-cache");
    assert_eq!(first.header("vary"), "Accept, Accept-Encoding, Authorization");
    for tags in [etag.clone(), format!("\"other\", {etag}"), etag.replace("W/", "")] {
        let again = get(&small.server, query, &[("If-None-Match", &tags)]);
        assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, etag.as_str()), "{tags}");
        assert_eq!(again.header("boordtabel-revision"), "1");
    }
    // Another document, other variables, another operation, another role: another answer.
    for (query, headers) in [
        ("{ measures { nodes { name key } } }", vec![]),
        ("query A { measures { nodes { key name } } }", vec![]),
        (query, vec![("Authorization", small.token.as_str())]),
    ] {
        let headers = [headers.as_slice(), &[("If-None-Match", etag.as_str())]].concat();
        let other = get(&small.server, query, &headers);
        assert!(other.status == 200 && other.header("etag") != etag, "{query} {headers:?}");
        assert_eq!(other.header("cache-control").starts_with("private"), headers.len() == 2);
    }
    // `*` and other tags do not stand for what the client has, and HTTP has no 304 for a POST.
    assert_eq!(get(&small.server, query, &[("If-None-Match", "*")]).status, 200);
    assert_eq!(get(&small.server, query, &[("If-None-Match", "\"other\"")]).status, 200);
    let body = json!({ "query": query }).to_string();
    assert_eq!(small.server.post_bytes(body.as_bytes(), &[("If-None-Match", &etag)]).status, 200);
    // A commit makes it another answer.
    small.put("m", "New name");
    let new = get(&small.server, query, &[("If-None-Match", &etag)]);
    assert_eq!((new.status, new.header("boordtabel-revision")), (200, "2"));
    assert!(new.text().contains("New name") && new.header("etag") != etag, "{}", new.text());
}

#[test]
fn what_a_commit_does_not_concern_stays_as_it_is() {
    let mut small = Small::start(&[]);
    let names = "{ organisations(first: 1) { nodes { name } pageInfo { endCursor } } }";
    let related = "{ organisations { nodes { name plans(first: 1) { nodes { measures { nodes { name } } } } } } }";
    let filtered = "{ plans(where: {measures: {some: {name: {eq: \"Two\"}}}}) { totalCount } }";
    let whole = "{ register { revision } organisations { nodes { name } } }";
    let tags = |server: &Server| {
        [names, related, filtered, whole].map(|query| get(server, query, &[]).header("etag").to_owned())
    };
    let (first, before) = (get(&small.server, names, &[]), tags(&small.server));
    assert_eq!(small.put("m", "Two"), 2);
    let after = tags(&small.server);
    assert_eq!(after[0], before[0], "it reads no measures");
    (1..4).for_each(|at| assert_ne!(after[at], before[at], "{at}"));
    let has = [("If-None-Match", before[0].as_str()), ("Boordtabel-Min-Revision", "2")];
    let again = get(&small.server, names, &has);
    assert_eq!(
        (again.status, again.header("boordtabel-revision")),
        (304, "1"),
        "the register is at 2, and the answer of 1"
    );
    assert_eq!(get(&small.server, names, &has[1..]).text(), first.text(), "to the byte");
    assert_eq!(get(&small.server, filtered, &[]).json()["data"]["plans"]["totalCount"], 1);
    // The same after a restart, when nothing is kept.
    small.restart();
    assert_eq!(tags(&small.server), after);
    assert_eq!(get(&small.server, names, &has).status, 304);
    // The next page is of the same state.
    let cursor = &first.json()["data"]["organisations"]["pageInfo"]["endCursor"];
    let next =
        get(&small.server, &format!("{{ organisations(after: {cursor}) {{ totalCount nodes {{ name }} }} }}"), &[]);
    assert_eq!(
        (next.json()["data"]["organisations"]["totalCount"].as_u64(), next.header("boordtabel-revision")),
        (Some(1), "1")
    );
}

#[test]
fn what_is_of_a_named_revision_stays_for_ever() {
    let small = Small::start(&[]);
    let query = "{ a: at(asOf: { revision: 1 }) { measure(key: \"m\") { name } } __typename }";
    let first = get(&small.server, query, &[]);
    assert_eq!(first.header("cache-control"), "public, max-age=31536000, immutable");
    small.put("m", "Later");
    let later = get(&small.server, query, &[]);
    assert_eq!(later.text(), first.text(), "to the byte");
    assert_eq!((first.header("boordtabel-revision"), later.header("boordtabel-revision")), ("1", "1"));
    assert_eq!(get(&small.server, query, &[("If-None-Match", first.header("etag"))]).status, 304);
    for not_forever in [
        "{ at(asOf: { revision: 1 }) { measure(key: \"m\") { name } } measure(key: \"m\") { name } }",
        "{ at(asOf: { instant: \"2099-01-01T00:00:00Z\" }) { measure(key: \"m\") { name } } }",
        "{ __schema { queryType { name } } }",
    ] {
        assert_eq!(get(&small.server, not_forever, &[]).header("cache-control"), "public, no-cache", "{not_forever}");
    }
    // What is wrong now may be right tomorrow.
    let missing = get(&small.server, "{ at(asOf: { revision: 9 }) { measure(key: \"m\") { name } } }", &[]);
    assert_eq!((missing.header("cache-control"), missing.header("etag")), ("no-store", ""), "{}", missing.text());
}

#[test]
fn two_data_folders_never_share_a_tag() {
    // Equal in their first revision, to the bytes of the records and the number of commits: not in who committed when, and what.
    let (one, other) = (Small::start(&[]), Small::start(&[]));
    one.put("m", "In one");
    other.put("m", "In the other");
    for query in [
        "{ at(asOf: { revision: 1 }) { measure(key: \"m\") { name } } }",
        "{ at(asOf: { revision: 2 }) { measure(key: \"m\") { name } } }",
        "{ measure(key: \"m\") { name } }",
        "{ __typename }",
    ] {
        let tag = get(&one.server, query, &[]).header("etag").to_owned();
        assert_eq!(get(&one.server, query, &[("If-None-Match", &tag)]).status, 304, "{query}");
        for _ in 0..2 {
            let answer = get(&other.server, query, &[("If-None-Match", &tag)]);
            assert!(answer.status == 200 && answer.header("etag") != tag, "{query}: {}", answer.text());
        }
    }
}

#[test]
fn a_tag_outlives_a_restart() {
    let mut small = Small::start(&[]);
    small.put("m", "New");
    let queries =
        ["{ at(asOf: { revision: 2 }) { measure(key: \"m\") { name } } }", "{ measure(key: \"m\") { name } }"];
    let tags = queries.map(|query| get(&small.server, query, &[]).header("etag").to_owned());
    // A write that changes nothing leaves its receipt in the journal, and the state as it is.
    let row = json!({ "measure": { "key": "m", "planKey": "plan", "name": "New" } });
    let input = json!({ "reason": "test", "idempotencyKey": "again", "rows": [row] });
    let body = json!({ "query": "mutation($input: ImportRowsInput!) { importRows(input: $input) { status } }",
        "variables": { "input": input } });
    let answer = small.server.post_bytes(body.to_string().as_bytes(), &[("Authorization", &small.token)]);
    assert_eq!(answer.json()["data"]["importRows"]["status"], "UNCHANGED");
    small.restart();
    for (query, tag) in queries.iter().zip(&tags) {
        assert_eq!(get(&small.server, query, &[("If-None-Match", tag)]).status, 304, "{query}");
    }
}

#[test]
fn a_request_waits_for_the_revision_that_it_names() {
    let small = Small::start(&["--limit", "wait_ms=200"]);
    let query = "{ register { revision } }";
    assert_eq!(get(&small.server, query, &[("Boordtabel-Min-Revision", "1")]).status, 200);
    let refused = get(&small.server, query, &[("Boordtabel-Min-Revision", "3")]);
    super::assert_refused(&refused, 503, "REVISION_UNAVAILABLE");
    assert_eq!((refused.header("retry-after"), refused.header("boordtabel-revision")), ("1", "1"));
    super::assert_refused(&get(&small.server, query, &[("Boordtabel-Min-Revision", "-1")]), 400, "BAD_REQUEST");

    let small = Small::start(&["--limit", &format!("wait_ms={}", DEADLINE.as_millis())]);
    std::thread::scope(|scope| {
        let waits = scope.spawn(|| get(&small.server, query, &[("Boordtabel-Min-Revision", "3")]));
        small.put("m", "Two");
        assert_eq!(get(&small.server, query, &[]).header("boordtabel-revision"), "2", "others are answered meanwhile");
        small.put("m", "Three");
        let answer = waits.join().unwrap();
        assert_eq!((answer.status, answer.header("boordtabel-revision")), (200, "3"));
    });
}

#[test]
fn every_answer_tells_the_revision() {
    for (path, status) in [("/", 200), ("/health", 200), ("/nothing", 404), ("/graphql", 400), ("/schema.graphql", 200)]
    {
        let answer = shared().get(path, &[]);
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.header("boordtabel-revision").parse::<u64>().is_ok(), "{path}");
    }
}

#[test]
fn the_schema_is_sent_once() {
    for path in ["/schema.graphql", "/schema.json"] {
        let first = shared().get(path, &[]);
        let again = shared().get(path, &[("If-None-Match", first.header("etag"))]);
        assert_eq!((first.status, again.status, again.body.len()), (200, 304, 0), "{path}");
    }
    let schema = shared().get("/schema.json", &[]).json();
    let types = schema["data"]["__schema"]["types"].as_array().unwrap();
    let measure = types.iter().find(|ty| ty["name"] == "Measure").unwrap();
    assert!(measure["description"].as_str().is_some_and(|it| it.len() > 20), "{measure}");
    assert_eq!(measure["interfaces"][0]["name"], "Node");
}

/// Writers raise counters, each commit exactly one of them by one. So an answer is right if its counters sum up to its revision,
/// and fresh if none is less than what was acknowledged before it was asked for.
#[test]
fn no_answer_is_older_than_a_commit_that_was_acknowledged() {
    const WRITERS: usize = 2;
    const COMMITS: u64 = 40;
    for cache in ["cache_bytes=33554432", "cache_bytes=4000", "cache_bytes=0"] {
        let small = Small::start(&["--limit", cache]);
        let base = (0..WRITERS).map(|writer| small.put(&format!("w{writer}"), "0")).max().unwrap();
        let acknowledged: [AtomicU64; WRITERS] = Default::default();
        let done = AtomicBool::new(false);
        let begun = Instant::now();
        std::thread::scope(|scope| {
            let writers: Vec<_> = (0..WRITERS)
                .map(|writer| {
                    let (small, acknowledged) = (&small, &acknowledged);
                    scope.spawn(move || {
                        for count in 1..=COMMITS {
                            small.put(&format!("w{writer}"), &count.to_string());
                            acknowledged[writer].store(count, Ordering::SeqCst);
                        }
                    })
                })
                .collect();
            for reader in 0..3 {
                let (small, acknowledged, done) = (&small, &acknowledged, &done);
                scope.spawn(move || {
                    let mut dice = Dice(reader + 1);
                    let mut known: [Option<(String, Json)>; 2] = [None, None];
                    let mut kept = 0;
                    while !done.load(Ordering::SeqCst) && begun.elapsed() < 4 * DEADLINE {
                        let least: Vec<u64> = acknowledged.iter().map(|it| it.load(Ordering::SeqCst)).collect();
                        let role = dice.below(2) as usize;
                        let mut headers = vec![];
                        if role == 1 {
                            headers.push(("Authorization", small.token.as_str()));
                        }
                        let had = known[role].clone().filter(|_| dice.below(2) == 0);
                        if let Some((etag, _)) = &had {
                            headers.push(("If-None-Match", etag.as_str()));
                        }
                        let answer = get(
                            &small.server,
                            "{ w0: measure(key: \"w0\") { name } w1: measure(key: \"w1\") { name } }",
                            &headers,
                        );
                        let json = match (answer.status, &had) {
                            (304, Some((_, json))) => {
                                kept += 1;
                                json.clone()
                            }
                            (200, _) => answer.json(),
                            (status, _) => panic!("{status}: {}", answer.text()),
                        };
                        let revision = json["extensions"]["revision"].as_u64().unwrap();
                        assert_eq!(answer.header("boordtabel-revision"), revision.to_string());
                        let counts: Vec<u64> = (0..WRITERS)
                            .map(|writer| json["data"][format!("w{writer}")]["name"].as_str().unwrap().parse().unwrap())
                            .collect();
                        assert_eq!(
                            counts.iter().sum::<u64>(),
                            revision - base,
                            "one state, and that of its revision: {json}"
                        );
                        for (count, least) in counts.iter().zip(&least) {
                            assert!(count >= least, "{cache}: {count} after {least} was acknowledged");
                        }
                        known[role] = Some((answer.header("etag").to_owned(), json));
                    }
                    kept
                });
            }
            writers.into_iter().for_each(|writer| writer.join().unwrap());
            done.store(true, Ordering::SeqCst);
        });
        let last = get(&small.server, "{ w0: measure(key: \"w0\") { name } }", &[]);
        assert_eq!(last.json()["data"]["w0"]["name"], COMMITS.to_string());
    }
}

#[test]
fn a_long_answer_comes_packed_as_the_client_wishes() {
    let query = "{ milestones(first: 1000) { nodes { id key title project { key title } } } }";
    let plain = get(shared(), query, &[("Accept-Encoding", "identity")]);
    assert!(plain.header("content-encoding").is_empty() && plain.body.len() > 100_000, "{} bytes", plain.body.len());
    for (accept, coding) in
        [("gzip, br, zstd", "br"), ("gzip, zstd", "zstd"), ("gzip", "gzip"), ("br;q=0.1, gzip", "gzip")]
    {
        for turn in 0..2 {
            let packed = get(shared(), query, &[("Accept-Encoding", accept)]);
            assert_eq!((packed.header("content-encoding"), packed.header("etag")), (coding, plain.header("etag")));
            assert!(packed.body.len() < plain.body.len() / 5, "{coding}: {} bytes", packed.body.len());
            assert!(unpack(coding, &packed.body) == plain.body, "{coding}, turn {turn}");
        }
    }
    // A browser knows what it takes; of programs, some only say so.
    for (path, coding) in [("/search?text=subsidie", "zstd"), ("/search.json?text=subsidie", "br")] {
        let packed = shared().get(path, &[("Accept-Encoding", "gzip, deflate, br, zstd")]);
        assert_eq!(packed.header("content-encoding"), coding, "{path}");
    }
    let short = get(shared(), "{ __typename }", &[("Accept-Encoding", "gzip, br")]);
    assert_eq!((short.header("content-encoding"), short.json()["data"]["__typename"].as_str()), ("", Some("Query")));
    for path in ["/schema.graphql", "/schema.json", "/docs"] {
        let (plain, packed) =
            (shared().get(path, &[("Accept-Encoding", "identity")]), shared().get(path, &[("Accept-Encoding", "br")]));
        assert!(unpack("br", &packed.body) == plain.body, "{path}");
    }
}

fn unpack(coding: &str, bytes: &[u8]) -> Vec<u8> {
    use std::io::Read as _;
    let mut plain = Vec::new();
    match coding {
        "br" => brotli::Decompressor::new(bytes, 4_096).read_to_end(&mut plain).map(drop),
        "zstd" => zstd::stream::copy_decode(bytes, &mut plain),
        _ => flate2::read::GzDecoder::new(bytes).read_to_end(&mut plain).map(drop),
    }
    .unwrap();
    plain
}

#[test]
fn one_connection_serves_many_requests_and_is_closed_when_idle() {
    let server = Server::start(&["--demo", "--limit", "keep_alive_ms=100"]);
    let request = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(3);
    // `raw` reads until the server closes: it does so although the client would go on.
    let answers = raw(&server, request.as_bytes());
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 3, "{answers}");
}
