//! Every computed figure of every record, recomputed by another program from the CSV files: `tests/recount/recount.py`. Of the 2021 plan, of
//! the demonstration of years, and of registers that are made up by a seed (`tests/recount/generate.py`): small ones every day, with
//! `BOORDTABEL_LONG=1` many of full size, from the seed that `BOORDTABEL_RECOUNT_SEED` names on.

use std::path::{Path, PathBuf};
use std::process::Command;

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
    let parts = "trends,series,lists,groups,target_attainments,plan_reports,bodies_reports,compared_plans";
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
