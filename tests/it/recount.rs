//! Every computed figure of every record, recomputed by another program from the CSV files: `tests/recount/recount.py`. Of the 2021 plan, of
//! the demonstration of years, and of registers that are made up by a seed (`tests/recount/generate.py`): small ones every day, with
//! `BOORDTABEL_LONG=1` many of full size, from the seed that `BOORDTABEL_RECOUNT_SEED` names on.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use crate::support::{Server, arg, run, shared};

/// Runs one of the programs, and gives its exit code and what it said.
fn python(program: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recount").join(program);
    let mut python = Command::new("python3");
    let ran = python.arg("-B").arg(program).args(arguments).output().expect("install Python 3.9 or later");
    (ran.status.code(), format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr)))
}

fn is_long() -> bool {
    std::env::var_os("BOORDTABEL_LONG").is_some()
}

/// Every day of some of its arguments, and where parts are named, in these.
fn recount(url: &str, folders: &[&Path], parts: Option<&str>) -> (Option<i32>, String) {
    let mut arguments = if is_long() { Vec::new() } else { vec!["--few"] };
    arguments.extend(parts.filter(|_| !is_long()).map(|parts| ["--parts", parts]).into_iter().flatten());
    arguments.push(url);
    arguments.extend(folders.iter().map(|folder| arg(folder)));
    python("recount.py", &arguments)
}

fn agrees(url: &str, folders: &[&Path], parts: Option<&str>) -> String {
    let (code, said) = recount(url, folders, parts);
    assert!(code == Some(0) && said.contains("figures recounted, 0 differ"), "{said}");
    said
}

fn fixtures(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder)
}

/// A folder with the files of another, with slips in them.
fn spoilt(folder: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    let (code, said) = python("spoil.py", &[arg(folder), arg(copy.path())]);
    assert_eq!(code, Some(0), "{said}");
    copy
}

#[test]
fn another_program_comes_to_the_same_figures() {
    agrees(&shared().url("/graphql"), &[&fixtures("dwse-2021")], None);
}

/// What goes through several plans: trends, series, executions, reports and groups along the lineage of three plans.
#[test]
fn another_program_follows_the_years_to_the_same_figures() {
    let server = Server::start(&["--demo", "years"]);
    let folders =
        ["dwse-2021", "years/2022", "years/2023", "years/2023-q1", "years/2023-q2", "years/2023-q3"].map(fixtures);
    let parts = "trends,series,inspections,lists,groups,target_attainments,plan_reports,bodies_reports,compared_plans";
    agrees(&server.url("/graphql"), &folders.each_ref().map(PathBuf::as_path), Some(parts));
}

/// A register of a seed: its files, and a server of them.
fn made(seed: u64, size: &str) -> (tempfile::TempDir, Server) {
    let folder = tempfile::tempdir().unwrap();
    let (files, data) = (folder.path().join("files"), folder.path().join("data"));
    let (code, said) = python("generate.py", &[&seed.to_string(), arg(&files), size]);
    assert_eq!(code, Some(0), "seed {seed}: {said}");
    let loaded = run(["load", arg(&files), "--data", arg(&data)]);
    assert_eq!(loaded.code, Some(0), "seed {seed}: {loaded:?}");
    (folder, Server::start(&["--data", arg(&data)]))
}

#[test]
fn another_program_comes_to_the_same_figures_of_any_register() {
    let first: u64 = std::env::var("BOORDTABEL_RECOUNT_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let (seeds, size) = if is_long() { (first..first + 20, "1") } else { (first..first + 2, "0.3") };
    for seed in seeds {
        let (folder, server) = made(seed, size);
        eprintln!("seed {seed}");
        let files = folder.path().join("files");
        let said = agrees(&server.url("/graphql"), &[&files], None);
        if seed > first {
            continue;
        }
        // It would see a difference, in each of its parts.
        let (code, spoilt) = recount(&server.url("/graphql"), &[spoilt(&files).path()], None);
        assert_eq!(code, Some(1), "{spoilt}");
        for part in said.lines().filter_map(|line| line.split_once(": ").map(|(part, _)| part)) {
            let differs = |line: &str| line.starts_with(&format!("{part}: ")) && !line.contains(" 0 differ");
            assert!(part == "records" || spoilt.lines().any(differs), "{part} sees no slip: {spoilt}");
        }
    }
}

/// Two states of a register: a year of figures that were revised after the first round of each plan was closed as an edition.
#[test]
fn another_program_tells_what_two_states_differ_in() {
    let seed = if is_long() { 21..25 } else { 21..22 };
    for seed in seed {
        let folder = tempfile::tempdir().unwrap();
        let [files, copy, data] = ["files", "copy", "data"].map(|name| folder.path().join(name));
        for (program, arguments) in [
            ("generate.py", vec![seed.to_string(), arg(&files).to_owned(), "0.3".into()]),
            ("revised.py", vec!["make".into(), arg(&files).to_owned(), arg(&copy).to_owned()]),
        ] {
            let (code, said) = python(program, &arguments.iter().map(String::as_str).collect::<Vec<_>>());
            assert_eq!(code, Some(0), "seed {seed}: {said}");
        }
        assert_eq!(run(["load", arg(&files), "--data", arg(&data)]).code, Some(0), "seed {seed}");
        let editions = close_first_rounds(&data);
        let imported = run(["import", arg(&copy), "--data", arg(&data)]);
        assert_eq!(imported.code, Some(0), "seed {seed}: {imported:?}");
        let server = Server::start(&["--data", arg(&data)]);
        let url = server.url("/graphql");
        let mut arguments = vec!["hold", &url, arg(&files), arg(&copy), "1"];
        arguments.extend(editions.iter().map(String::as_str));
        let (code, said) = python("revised.py", &arguments);
        assert!(code == Some(0) && said.contains("figures recounted, 0 differ"), "seed {seed}: {said}");
    }
}

/// Closes the first round of each plan as an edition; the keys of these.
fn close_first_rounds(data: &Path) -> Vec<String> {
    let made = run(["token", "create", "--role", "admin", "--data", arg(data)]);
    let bearer = format!("Bearer {}", made.stdout.trim());
    let server = Server::start(&["--data", arg(data)]);
    let all = server.ask("{ rounds(first: 1000, orderBy: [{field: REFERENCE_DATE}]) { nodes { key planKey } } }");
    let mut plans = std::collections::BTreeSet::new();
    let nodes = all["rounds"]["nodes"].as_array().unwrap().iter();
    let first: Vec<&str> =
        nodes.filter(|it| plans.insert(it["planKey"].to_string())).map(|it| it["key"].as_str().unwrap()).collect();
    let close = |(at, round): (usize, &str)| {
        let edition = format!("closed-{at}");
        let document =
            "mutation($input: CloseRoundInput!) { closeRound(input: $input) { status problems { message } } }";
        let input = json!({ "roundKey": round, "edition": edition, "reason": "closed", "idempotencyKey": edition });
        let body = json!({ "query": document, "variables": { "input": input } }).to_string();
        let answer = server.post_bytes(body.as_bytes(), &[("Authorization", &bearer)]).json();
        assert_eq!(answer["data"]["closeRound"]["status"], "COMMITTED", "{answer}");
        edition
    };
    first.into_iter().enumerate().map(close).collect()
}
