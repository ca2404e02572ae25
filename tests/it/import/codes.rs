//! Every code that the documentation lists is one that the server sends, and the other way round: each is provoked here.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use boordtabel::graphql::core::error::ErrorCode;
use boordtabel::model::Vocabulary;
use boordtabel::model::problem::{ProblemCode, WarningCode};
use serde_json::{Value as Json, json};

use super::small::{Small, indicator, measure, observation, rows};
use crate::commit::old_folder;
use crate::server::{IMPORT, Server, boordtabel, token, with_common};

/// The codes of a table of the reference, by their place among its tables of codes.
fn documented(table: usize) -> BTreeSet<String> {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reference.md")).unwrap();
    let rows = text.split("| Code | Meaning |").nth(table + 1).expect("the reference has the table");
    let rows = rows.trim_start().lines().skip(1).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.split('`').nth(1).expect("a code").to_owned()).collect()
}

fn words(vocabulary: &Vocabulary) -> BTreeSet<String> {
    vocabulary.words.iter().map(|(word, _)| (*word).to_owned()).collect()
}

fn assert_all(found: &BTreeSet<String>, vocabulary: &Vocabulary, table: usize) {
    assert_eq!(found, &words(vocabulary), "what was provoked, and the codes of {}", vocabulary.name);
    assert_eq!(found, &documented(table), "what was provoked, and docs/reference.md");
}

/// What the server answers to something that is no request of a client library.
fn raw(server: &Server, text: &str) -> Json {
    let mut stream = TcpStream::connect(server.url.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(crate::server::DEADLINE)).unwrap();
    stream.write_all(text.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer to {text}"));
    serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"))
}

/// The codes of all errors.
fn errors(json: &Json) -> Vec<String> {
    let errors = json["errors"].as_array().unwrap_or_else(|| panic!("no errors: {json}"));
    errors
        .iter()
        .map(|error| error["extensions"]["code"].as_str().expect("every error has a code").to_owned())
        .collect()
}

fn persisted(hash: &str) -> Json {
    json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": hash } } })
}

#[test]
fn every_error_code_is_sent() {
    let small = Small::new();
    let server = &small.server;
    let mut found = BTreeSet::new();
    let mut note = |json: &Json| found.extend(errors(json));
    let asked = |query: &str| server.send(None, query, json!({})).json;

    note(&asked("{ measures(first: 5000) { nodes { name"));
    note(&asked("{ mesures { totalCount } }"));
    note(&server.send_body(None, b"[]").json);
    note(&asked("{ measures(after: \"nonsense\") { totalCount } }"));
    note(&asked("{ measures(first: 5000) { totalCount } }"));
    note(&asked("{ at(asOf: {revision: 99}) { register { revision } } }"));
    note(&server.send_body(None, persisted(&"a".repeat(64)).to_string().as_bytes()).json);
    note(&server.send(None, IMPORT, json!({ "input": with_common(json!({ "rows": [] })) })).json);
    note(&server.send(Some("bt_nobody"), "{ __typename }", json!({})).json);
    note(&server.post(&[("Content-Type", "text/plain")], b"{}").json);
    note(&server.post(&[("Content-Type", "application/json"), ("Accept", "image/png")], b"{}").json);
    let get = |path: &str, host: &str| {
        raw(server, &format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"))
    };
    note(&get("/nothing", "localhost"));
    note(&get("/", "evil.example"));
    note(&get("/graphql?query=mutation%7B__typename%7D", "localhost"));

    // Documents that were given only, and a body that does not come.
    let documents = tempfile::tempdir().unwrap();
    let other = tempfile::tempdir().unwrap();
    std::fs::write(documents.path().join("one.graphql"), "{ __typename }").unwrap();
    let folder = documents.path().to_str().unwrap();
    let closed =
        Server::start_with(other.path(), &["--documents", folder, "--only-persisted", "--limit", "body_ms=50"]);
    note(&closed.send(None, "{ register { revision } }", json!({})).json);
    note(&closed.send_body(None, persisted(&"a".repeat(64)).to_string().as_bytes()).json);
    note(&raw(
        &closed,
        "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
    ));

    // More than one's share.
    let third = tempfile::tempdir().unwrap();
    let shared = Server::start_with(third.path(), &["--share-local", "--limit", "share_requests=1"]);
    let query = || shared.send(None, "{ __typename }", json!({})).json;
    let answers = [query(), query()];
    note(&answers[1]);

    // A disk that nothing may be written to, and a journal that was damaged under a server.
    let closing = small.killed_and_restarted();
    damage(closing.data());
    note(&closing.server.send(None, "{ measure(key: \"m-1\") { history { revision } } }", json!({})).json);
    let read_only = tempfile::tempdir().unwrap();
    let secret = token(read_only.path(), "import");
    let server = Server::start_with(read_only.path(), &["--read-only"]);
    note(&server.send(Some(&secret), IMPORT, json!({ "input": with_common(json!({ "rows": rows() })) })).json);
    assert_all(&found, &ErrorCode::VOCABULARY, 0);
}

/// Spoils what stands in the middle of each segment of the journal.
fn damage(data: &Path) {
    for entry in std::fs::read_dir(data.join("journal")).unwrap() {
        let path = entry.unwrap().path();
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.iter_mut().skip(64).for_each(|byte| *byte = !*byte);
        let mut file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.write_all(&bytes).unwrap();
    }
}

#[test]
fn every_code_of_a_problem_is_sent() {
    let small = Small::new();
    let (mut found, mut warned) = (BTreeSet::new(), BTreeSet::new());
    let mut note = |done: &Json| {
        let codes = |list: &str| {
            let list = done[list].as_array().into_iter().flatten();
            list.map(|it| it["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert!(!codes("problems").is_empty(), "{done}");
        found.extend(codes("problems"));
        warned.extend(codes("warnings"));
    };
    let spoilt = |mut row: Json, path: &str, value: Json| {
        *row.pointer_mut(path).unwrap() = value;
        row
    };
    let import = |input: Json| small.import(input);
    let one = |row: Json| import(json!({ "rows": [row] }));
    let figure = |value: Json| spoilt(observation("i-1", "2021", "1"), "/observation/figure/value", value);

    note(&one(json!({ "measure": { "key": "m-3", "planKey": "p" } })));
    note(&one(json!({ "measure": { "key": "m-3", "planKey": "p", "name": "M", "nmae": "M" } })));
    note(&one(spoilt(measure("m-3"), "/measure/name", json!(["M"]))));
    note(&one(figure("1,5".into())));
    note(&one(json!({ "document": { "key": "d", "title": "D", "organisationKey": "body", "date": "1.2.2020" } })));
    note(&one(observation("i-1", "2020-Q5", "1")));
    note(&one(spoilt(indicator("i-3", "m-1"), "/indicator/unit", "FILES".into())));
    note(&one(measure("m 3")));
    note(&one(spoilt(measure("m-3"), "/measure/name", "x".repeat(20_000).into())));
    note(&one(figure("1.5".into())));
    let mut stated = observation("i-1", "2021", "1");
    stated["observation"]["key"] = "i-1/2019".into();
    note(&one(stated));
    note(&one(spoilt(observation("i-1", "2021", "1"), "/observation/figure/status", "NOT_AVAILABLE".into())));
    note(&one(indicator("i-3", "m-9")));
    note(&import(json!({ "rows": [measure("m-3"), measure("m-3")] })));
    let lineage = |from: &str, to: &str| json!({ "lineage": { "kind": "MEASURE", "predecessorKey": from, "successorKey": to, "relation": "CONTINUES" } });
    note(&import(json!({ "rows": [lineage("m-1", "m-2"), lineage("m-2", "m-1")] })));
    note(&import(json!({ "rows": [measure("m-1")], "mode": "DELETE" })));
    note(&import(json!({ "rows": [measure("m-1")], "mode": "CREATE" })));
    note(&import(json!({ "rows": [measure("m-9")], "mode": "UPDATE" })));
    note(&import(json!({ "rows": [measure("m-3")], "expectRevision": 0 })));
    note(&import(json!({ "rows": [measure("m-3")], "expectDigest": "0".repeat(64) })));
    note(&one(observation("i-1", "2020/2021", "20")));
    let within = json!({ "kinds": ["OBSERVATION"], "within": { "kind": "MEASURE", "key": "m-1" } });
    note(&import(json!({ "mode": "REPLACE_SCOPE", "scope": within, "rows": [observation("i-2", "2020", "30")] })));
    note(&import(json!({ "mode": "REPLACE_SCOPE", "scope": within, "rows": [], "expectDeletes": 7 })));
    // A row that may mean any of the scope's records: they stay, and that is told.
    let unknown = spoilt(observation("i-1", "2020", "20"), "/observation/period", "2020-Q5".into());
    let good = observation("i-1", "2021", "5");
    note(&import(
        json!({ "mode": "REPLACE_SCOPE", "scope": within, "rows": [good, unknown], "atomicity": "GOOD_ROWS" }),
    ));
    let plan = json!({ "plan": { "key": "p-2", "organisationKey": "body", "year": 2022, "title": "Next" } });
    assert_eq!(import(json!({ "rows": [plan] }))["status"], "COMMITTED");
    note(&one(spoilt(measure("m-1"), "/measure/planKey", "p-2".into())));
    assert_eq!(import(json!({ "rows": [measure("m-3")], "idempotencyKey": "once" }))["status"], "COMMITTED");
    note(&import(json!({ "rows": [measure("m-4")], "idempotencyKey": "once" })));
    let bearer = format!("Bearer {}", small.token);
    let headers = [("Content-Type", "application/jsonl"), ("Authorization", bearer.as_str())];
    note(&small.server.lines(Some(&small.token), "idempotencyKey=lines", &["no object".into()]).json);
    let torn = small.server.post_to("/import?reason=test&idempotencyKey=torn", &headers, b"{\"measure\": {");
    note(&torn.json);

    // Undoing what was changed since takes an administrator.
    let secret = token(small.data(), "admin");
    for name in ["One", "Two"] {
        assert_eq!(one(spoilt(measure("m-1"), "/measure/name", name.into()))["status"], "COMMITTED");
    }
    let revision = small.server.revision() - 1;
    let undo = "mutation($input: RevertRevisionInput!) { revertRevision(input: $input) { problems { code } } }";
    let input = with_common(json!({ "revision": revision }));
    note(&small.server.send(Some(&secret), undo, json!({ "input": input })).json["data"]["revertRevision"]);
    note(&not_written());
    note(&second_form());
    assert_all(&found, &ProblemCode::VOCABULARY, 1);
    warned.extend(warnings_of_writes(&small));
    warned.extend(warnings_of_files(&small));
    assert_all(&warned, &WarningCode::VOCABULARY, 2);
}

/// What a row comes to that would be a second form of a period, which takes a folder of before periods had one: it has the other.
fn second_form() -> Json {
    let folder = old_folder::unpacked(true);
    let server = Server::start_with(folder.path(), &["--trust-clock"]);
    let ask = |input: Json| {
        server.send(Some(&old_folder::secret("admin")), IMPORT, json!({ "input": with_common(input) })).json["data"]["importRows"].clone()
    };
    let row = observation("m/i", "2024", "3");
    let deleted = ask(json!({ "rows": [row], "mode": "DELETE" }));
    assert_eq!(deleted["counts"]["deleted"], 1, "{deleted}");
    ask(json!({ "rows": [row] }))
}

fn codes_of_warnings(done: &Json) -> Vec<String> {
    let warnings = done["warnings"].as_array().unwrap_or_else(|| panic!("no warnings: {done}"));
    warnings.iter().map(|it| it["code"].as_str().unwrap().to_owned()).collect()
}

/// What writes warn of: each of these is taken.
fn warnings_of_writes(small: &Small) -> Vec<String> {
    let mut euro = indicator("i-euro", "m-1");
    euro["indicator"]["unit"] = "EUR".into();
    let mut thousands = observation("i-euro", "2021", "1.234");
    thousands["observation"]["figure"]["unit"] = "EUR".into();
    let days = || (1..=28).map(|day| observation("i-2", &format!("2021-02-{day:02}"), "1")).collect::<Vec<_>>();
    let mut found = Vec::new();
    for input in [
        json!({ "rows": [euro, thousands] }),
        json!({ "rows": [observation("i-2", "2020", "300")] }),
        json!({ "rows": [measure("M-1")] }),
        json!({ "rows": days() }),
        json!({ "rows": days(), "mode": "DELETE" }),
    ] {
        let done = small.import(input);
        assert_eq!(done["status"], "COMMITTED", "{done}");
        found.extend(codes_of_warnings(&done));
    }
    found
}

/// What the client warns of in files: a word taken for another, and a row that nobody sees.
fn warnings_of_files(small: &Small) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet().set_name("measures").unwrap();
    for (row, cells) in (0_u32..).zip([["key", "planKey", "name", "lifecycle"], ["m-7", "p", "Seven", "Actief"]]) {
        for (column, cell) in (0_u16..).zip(cells) {
            sheet.write(row, column, cell).unwrap();
        }
    }
    sheet.set_row_hidden(1).unwrap();
    book.save(folder.path().join("measures.xlsx")).unwrap();
    let run = |more: &[&str]| {
        let mut command = boordtabel();
        command.args(["import", "measures.xlsx", "--report", "report.json", "--url", &small.server.url]);
        command.args(["--token", &small.token]).args(more);
        command.current_dir(folder.path()).output().unwrap().status.code()
    };
    let report = || serde_json::from_str(&std::fs::read_to_string(folder.path().join("report.json")).unwrap()).unwrap();
    assert_eq!(run(&["--fail-on", "warning"]), Some(1));
    let failed: Json = report();
    assert_eq!(failed["status"], "WOULD_COMMIT", "{failed}");
    assert_eq!(run(&[]), Some(0));
    let taken: Json = report();
    assert_eq!(taken["status"], "COMMITTED", "{taken}");
    codes_of_warnings(&taken)
}

/// Two writes of one request, of which the disk has room for the first only.
fn not_written() -> Json {
    let home = tempfile::tempdir().unwrap();
    let secret = token(home.path(), "import");
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -f 2400; exec \"$0\" \"$@\""]).arg(boordtabel().get_program());
    let server = Server::of(limited, home.path(), &[]);
    let many = |from: usize, count: usize| {
        let text = "x".repeat(16_000);
        let rows = (from..from + count).map(|it| json!({ "organisation": { "key": format!("b-{it}"), "name": text } }));
        with_common(json!({ "rows": rows.collect::<Vec<_>>() }))
    };
    let query = "mutation($a: ImportRowsInput!, $b: ImportRowsInput!) {
        a: importRows(input: $a) { status } b: importRows(input: $b) { problems { code } } }";
    let answer = server.send(Some(&secret), query, json!({ "a": many(0, 1), "b": many(1, 200) })).json;
    assert_eq!(answer["data"]["a"]["status"], "COMMITTED", "{answer}");
    answer["data"]["b"].clone()
}
