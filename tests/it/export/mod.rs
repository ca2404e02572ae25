//! Data on its way out: over HTTP, by the command, and back in again; and what other programs read of it.

mod computed;
mod tables;

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{Ran, SMALL, Server, arg, boordtabel, end, folder, run, shared};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/dwse-2021");
const READERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/readers");

/// Records of the plan, and how many kinds there are.
fn counts() -> (usize, usize) {
    let answer = shared().ask("{ register { counts { count } } }");
    let counts = answer["register"]["counts"].as_array().unwrap();
    let all = counts.iter().map(|kind| kind["count"].as_u64().unwrap()).sum::<u64>();
    (usize::try_from(all).unwrap(), counts.len())
}

fn ok(ran: Ran) -> Ran {
    assert_eq!(ran.code, Some(0), "{ran:?}");
    ran
}

/// A data folder with these files.
fn loaded(files: &Path) -> tempfile::TempDir {
    let data = tempfile::tempdir().unwrap();
    ok(run(["load", arg(files), "--data", arg(data.path())]));
    data
}

/// The whole register as lines: what two registers are compared by.
fn lines(data: &Path) -> String {
    ok(run(["export", "--format", "jsonl", "--out", "-", "--data", arg(data)])).stdout
}

/// What an import says in its last line.
fn import(from: &Path, to: &[&str]) -> String {
    let rejects = tempfile::tempdir().unwrap();
    let rejects = rejects.path().join("rejects.jsonl");
    let ran = ok(run(["import", arg(from), "--rejects", arg(&rejects)].into_iter().chain(to.iter().copied())));
    ran.stdout.lines().last().unwrap_or_default().to_owned()
}

#[test]
fn what_is_exported_comes_in_as_the_same() {
    let data = loaded(FIXTURES.as_ref());
    let before = lines(data.path());
    let (records, _) = counts();
    assert!(records > 3_000 && before.lines().count() == records, "{records}");
    let token = ok(run(["token", "create", "--role", "import", "--data", arg(data.path())])).stdout;
    let server = Server::start(&["--data", arg(data.path())]);
    let at_server = ["--url", &server.url(""), "--token", token.trim()];
    let out = tempfile::tempdir().unwrap();
    for (index, format) in
        [&["csv"][..], &["csv", "--dialect", "excel-be"], &["xlsx"], &["jsonl"]].into_iter().enumerate()
    {
        let folder = out.path().join(index.to_string());
        let command = ["export", "--out", arg(&folder), "--format"].into_iter().chain(format.iter().copied());
        fs::create_dir(&folder).unwrap();
        ok(run(command.chain(at_server)));
        let told = import(&folder, &at_server);
        assert!(told.starts_with(&format!("UNCHANGED: {records} rows received")), "{format:?}: {told}");

        let fresh = empty();
        let told = import(&folder, &["--data", arg(fresh.path())]);
        assert!(told.contains(&format!("{records} rows received, {records} created")), "{format:?}: {told}");
        if format[0] == "xlsx" {
            // A spreadsheet's numbers have no zeros at their end; they are equal all the same.
            let told = import(&folder.join("plan.xlsx"), &["--data", arg(data_of(&before, &out).path())]);
            assert!(told.starts_with("UNCHANGED"), "{told}");
        } else {
            assert!(lines(fresh.path()) == before, "{format:?}");
        }
    }
}

/// A register with those lines.
fn data_of(lines: &str, out: &tempfile::TempDir) -> tempfile::TempDir {
    let file = out.path().join("before.jsonl");
    fs::write(&file, lines).unwrap();
    let data = empty();
    import(&file, &["--data", arg(data.path())]);
    data
}

/// A register without records.
fn empty() -> tempfile::TempDir {
    loaded(folder(&[("organisations.csv", "key,name\n")]).path())
}

#[test]
fn a_file_says_what_it_is_and_is_not_sent_twice() {
    let answer = shared().get("/export/observations.csv?sources=1", &[]);
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/csv; charset=utf-8; header=present"));
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"observations.csv\"");
    assert_eq!((answer.header("boordtabel-revision"), answer.header("boordtabel-records")), ("1", "652"));
    assert_eq!(answer.text().lines().count(), 653);
    assert!(
        answer.text().starts_with("key,indicatorKey,period,figure.value,figure.status,figure.unit,figure.printed.")
    );

    let tag = answer.header("etag").to_owned();
    let same = |name: &str, value: &str| shared().get("/export/observations.csv?sources=1", &[(name, value)]);
    for (name, value) in [
        ("If-None-Match", tag.as_str()),
        ("If-None-Match", &format!("\"x\", W/{tag}")),
        ("If-None-Match", "*"),
        ("If-Modified-Since", answer.header("last-modified")),
    ] {
        let again = same(name, value);
        assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, tag.as_str()), "{name}: {value}");
    }
    for (name, value) in [("If-None-Match", "\"x\""), ("If-Modified-Since", "Mon, 23 Nov 2020 15:23:31 GMT")] {
        assert_eq!(same(name, value).status, 200, "{name}: {value}");
    }
    // Another table is another thing.
    let reading = shared().get("/export/observations.csv", &[]);
    assert_ne!(reading.header("etag"), tag);
    assert_eq!(reading.header("content-disposition"), "attachment; filename=\"observations-without-sources.csv\"");
    assert!(!reading.text().contains("printed"), "{}", reading.text().lines().next().unwrap());

    let head = shared().send("HEAD", "/export/plan.xlsx", &[], None);
    assert_eq!(
        (head.status, head.body.len(), head.header("boordtabel-records")),
        (200, 0, counts().0.to_string().as_str())
    );
    assert_eq!(head.header("content-length"), "", "it is not known");
}

#[test]
fn the_dialect_of_belgian_excel() {
    let text = shared().get("/export/observations.csv?dialect=excel-be", &[]).text();
    assert!(text.starts_with("\u{feff}key;indicatorKey;period;figure.value;"), "{text:.100}");
    assert!(text.contains(";2019;0,60;REPORTED;RATIO;"), "a decimal comma");
    assert_eq!(text.matches("\r\n").count(), 653);
}

#[test]
fn what_would_run_in_a_spreadsheet_is_quoted() {
    let small = folder(&SMALL);
    let lines = [
        r#"{"measure": {"key": "=cmd", "planKey": "plan", "name": "=HYPERLINK(\"http://x\";\"y\")"}}"#,
        r#"{"measure": {"key": "-n", "planKey": "plan", "name": "'@x"}}"#,
        r#"{"measure": {"key": "0012", "planKey": "plan", "name": "\ttab"}}"#,
    ];
    let file = small.path().join("measures.jsonl");
    fs::write(&file, lines.join("\n")).unwrap();
    let data = loaded(small.path());
    import(&file, &["--data", arg(data.path())]);
    let before = self::lines(data.path());
    let export = |format: &str| {
        let out = small.path().join(format);
        ok(run(["export", "measures", "--format", format, "--out", arg(&out), "--data", arg(data.path())]));
        out
    };
    let csv = export("csv");
    let text = fs::read_to_string(&csv).unwrap();
    for quoted in ["'=cmd,plan,\"'=HYPERLINK(\"\"http://x\"\";\"\"y\"\")\"", "'-n,plan,''@x", "0012,plan,'\ttab"] {
        assert!(text.contains(quoted), "{quoted}\n{text}");
    }
    for (from, name) in [(csv, "measures.csv"), (export("xlsx"), "measures.xlsx")] {
        let named = small.path().join(name);
        fs::rename(from, &named).unwrap();
        let told = import(&named, &["--data", arg(data.path())]);
        assert!(told.starts_with("UNCHANGED: 4 rows"), "{told}");
        assert_eq!(self::lines(data.path()), before);
    }
}

#[test]
fn two_folders_share_no_tag() {
    let small = folder(&SMALL);
    let tag_of = |query: &str| {
        let data = loaded(small.path());
        let server = Server::start(&["--data", arg(data.path())]);
        server.get(&format!("/export/measures.csv?{query}"), &[]).header("etag").to_owned()
    };
    for query in ["", "revision=1"] {
        let (one, other) = (tag_of(query), tag_of(query));
        assert!(one.starts_with("\"1-") && one != other, "{one} {other}");
    }
}

#[test]
fn a_server_that_gives_less_at_once_is_asked_for_less() {
    let small = folder(&SMALL);
    let data = loaded(small.path());
    fs::write(small.path().join("measures.csv"), "key,planKey,name\nm,plan,Renamed\nn,plan,New\n").unwrap();
    ok(run(["load", arg(small.path()), "--data", arg(data.path())]));
    let server = Server::start(&["--data", arg(data.path()), "--limit", "page_max=1,page_default=1"]);
    let url = server.url("");
    let log = ok(run(["log", "--url", &url]));
    assert_eq!(log.stdout.lines().count(), 2, "{log:?}");
    assert_eq!(ok(run(["log", "--url", &url, "-n", "1"])).stdout.lines().count(), 1);
    let diff = ok(run(["diff", "1", "--url", &url]));
    assert!(diff.stdout.contains("2 records differ") && diff.stdout.contains("page_max"), "{diff:?}");
}

#[test]
fn earlier_states_can_be_had() {
    let small = folder(&SMALL);
    let data = loaded(small.path());
    fs::write(small.path().join("measures.csv"), "key,planKey,name\nm,plan,Renamed\nn,plan,New\n").unwrap();
    ok(run(["load", arg(small.path()), "--data", arg(data.path())]));
    let server = Server::start(&["--data", arg(data.path())]);
    let get = |query: &str| server.get(&format!("/export/measures.csv?{query}"), &[]);
    let first = get("revision=1");
    assert_eq!((first.text().lines().count(), first.header("boordtabel-revision")), (2, "1"));
    assert_eq!(get("asOf=1").body, first.body);
    assert_eq!(get("asOf=2000-01-01T00:00:00Z").text().lines().count(), 1, "before the first commit there is nothing");
    assert!(get("asOf=2200-01-01T00:00:00Z").text().contains("n,plan,New"));
    assert_ne!(get("").header("etag"), first.header("etag"));
    // All files of one export show one state.
    let out = small.path().join("out");
    let ran = ok(run(["export", "--url", &server.url(""), "--out", arg(&out), "--revision", "1"]));
    assert_eq!(ran.stdout.matches(" of revision 1\n").count(), 4, "{ran:?}");
    let mut files: Vec<_> = fs::read_dir(&out).unwrap().map(|it| it.unwrap().file_name()).collect();
    files.sort();
    assert_eq!(files, ["documents.csv", "measures.csv", "organisations.csv", "plans.csv"], "only what holds records");
}

#[test]
fn only_what_is_asked_for() {
    let literal = "{figure: {status: {eq: REPORTED}, unit: {eq: EUR}}, indicator: {label: {contains: \"vek\"}}}";
    let json = r#"{"figure": {"status": {"eq": "REPORTED"}, "unit": {"eq": "EUR"}}, "indicator": {"label": {"contains": "vek"}}}"#;
    let order = "[{field: FIGURE_VALUE, direction: DESC}]";
    let query = format!(
        "{{ observations(first: 1000, where: {literal}, orderBy: {order}) {{ nodes {{ key figure {{ value }} }} }} }}"
    );
    let expected: Vec<String> = shared().ask(&query)["observations"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| format!("{},{}", node["key"].as_str().unwrap(), node["figure"]["value"].as_str().unwrap()))
        .collect();
    assert!(expected.len() > 5 && expected.len() < 600, "{}", expected.len());
    let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    for filter in [literal, json] {
        let path = format!("/export/observations.csv?where={}&orderBy={}", encode(filter), encode(order));
        let answer = shared().get(&path, &[]);
        assert_eq!(answer.header("boordtabel-records"), expected.len().to_string(), "{}", answer.text());
        let text = answer.text();
        let found: Vec<String> = text
            .lines()
            .skip(1)
            .map(|line| line.split(',').collect::<Vec<_>>())
            .map(|cells| format!("{},{}", cells[0], cells[3]))
            .collect();
        assert_eq!(found, expected);
    }
    let data = loaded(FIXTURES.as_ref());
    for from in [["--url", &shared().url("")], ["--data", arg(data.path())]] {
        let arguments =
            ["export", "observations", "--format", "jsonl", "--out", "-", "--where", literal, "--order-by", order];
        let ran = ok(run(arguments.into_iter().chain(from)));
        let keys: Vec<&str> = expected.iter().map(|row| row.split(',').next().unwrap()).collect();
        assert_eq!(ran.stdout.lines().count(), keys.len());
        for (line, key) in ran.stdout.lines().zip(keys) {
            let record: serde_json::Value = serde_json::from_str(line).unwrap();
            let record = &record["observation"];
            let found = [&record["indicatorKey"], &record["period"]].map(|part| part.as_str().unwrap());
            assert_eq!(found.join("/"), key);
        }
    }
}

#[test]
fn what_cannot_be_is_told() {
    for (path, status, code, part) in [
        ("/export/mesures.csv", 404, "NOT_FOUND", "did you mean `measures`?"),
        ("/export/measures", 404, "NOT_FOUND", "there is no export `measures`"),
        ("/export/measures.zip", 404, "NOT_FOUND", "datapackage.zip"),
        ("/export/plan.csv", 404, "NOT_FOUND", "plan.xlsx"),
        ("/export/measures.csv?revision=99", 404, "REVISION_UNAVAILABLE", "the register is at 1"),
        ("/export/measures.csv?revision=last", 400, "BAD_USER_INPUT", "`revision` cannot be `last`"),
        ("/export/measures.csv?asOf=nowhere", 400, "BAD_USER_INPUT", "there is no edition `nowhere`"),
        ("/export/measures.csv?revision=1&asOf=1", 400, "BAD_USER_INPUT", "is given twice"),
        ("/export/measures.csv?sources=maybe", 400, "BAD_USER_INPUT", "`sources` cannot be `maybe`"),
        ("/export/measures.csv?dialect=french", 400, "BAD_USER_INPUT", "excel-be"),
        ("/export/measures.xlsx?dialect=excel-be", 400, "BAD_USER_INPUT", "takes no parameter `dialect`"),
        ("/export/measures.jsonl?sources=0", 400, "BAD_USER_INPUT", "takes no parameter `sources`"),
        ("/export/measures.csv?color=red", 400, "BAD_USER_INPUT", "takes no parameter `color`"),
        ("/export/measures.csv?where=%7Bcolour:%7Beq:1%7D%7D", 400, "GRAPHQL_VALIDATION_FAILED", "colour"),
        ("/export/measures.csv?where=%7B%22colour%22:1%7D", 400, "BAD_USER_INPUT", "colour"),
        ("/export/measures.csv?where=%7Bkey", 400, "BAD_USER_INPUT", "`where` or `orderBy` does not read"),
        (
            "/export/measures.csv?where=%7B%7D)%7BtotalCount%7Dx:norms(where:%7B%7D",
            400,
            "BAD_USER_INPUT",
            "does not read",
        ),
        ("/export/plan.xlsx?where=%7B%7D", 400, "BAD_USER_INPUT", "takes no parameter `where`"),
        ("/export/plan.xlsx?kinds=measures,gaols", 400, "BAD_USER_INPUT", "there is no kind `gaols`"),
    ] {
        let answer = shared().get(path, &[]);
        assert_eq!(
            (answer.status, answer.json()["errors"][0]["extensions"]["code"].as_str()),
            (status, Some(code)),
            "{path}"
        );
        assert!(answer.text().contains(part), "{path}: no `{part}` in {}", answer.text());
    }
    assert_eq!(shared().send("POST", "/export/measures.csv", &[], Some(b"")).header("allow"), "GET, HEAD");
    assert_eq!(shared().get("/export/measures.csv", &[("Authorization", "Bearer bt_no")]).status, 401);

    let fails = |arguments: &[&str], part: &str| {
        let ran = end(boordtabel().arg("export").args(arguments).args(["--url", &shared().url("")]));
        assert!(ran.code == Some(2) && ran.stderr.contains(part), "{arguments:?}: {ran:?}");
    };
    fails(&["mesures"], "did you mean `measures`?");
    fails(&["--out", "-"], "several files do not go to stdout");
    fails(&["--format", "jsonl", "--without-sources", "--out", "-"], "only CSV and workbooks");
    fails(&["--where", "{}"], "about the records of one kind");
    fails(&["measures", "--where", "{colour: {}}", "--out", "-"], "colour");
    fails(&["measures", "--revision", "99", "--out", "-"], "there is no revision 99");
}

/// A program of `tests/readers`, in the environment that `tests/install` makes.
fn reader(program: &str, arguments: &[&str]) -> Ran {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/python/readers/bin").join(program);
    assert!(path.exists(), "{} is missing: run `tests/install` first", path.display());
    end(Command::new(path).args(arguments))
}

#[test]
fn frictionless_accepts_the_data_package() {
    let out = tempfile::tempdir().unwrap();
    let package = out.path().join("datapackage.zip");
    fs::write(&package, shared().get("/export/datapackage.zip", &[]).body).unwrap();
    let ran = reader("frictionless", &["validate", "--json", arg(&package)]);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran:?}"));
    assert_eq!((&report["valid"], &report["stats"]["tasks"]), (&true.into(), &counts().1.into()), "{ran:?}");
    let rows =
        report["tasks"].as_array().unwrap().iter().map(|task| task["stats"]["rows"].as_u64().unwrap_or_default());
    assert_eq!(rows.sum::<u64>(), counts().0 as u64);
    // A part of it lacks the tables that its keys lead to, and does not claim them.
    fs::write(&package, shared().get("/export/datapackage.zip?kinds=measures,norms", &[]).body).unwrap();
    let ran = reader("frictionless", &["validate", arg(&package)]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

#[test]
fn another_program_reads_the_workbook() {
    let out = tempfile::tempdir().unwrap();
    let workbook = out.path().join("plan.xlsx");
    fs::write(&workbook, shared().get("/export/plan.xlsx", &[]).body).unwrap();
    let script = Path::new(READERS).join("workbook.py");
    let ran = reader("python", &[arg(&script), arg(&workbook)]);
    assert!(ran.code == Some(0) && ran.stdout.contains("workbook read"), "{ran:?}");
}
