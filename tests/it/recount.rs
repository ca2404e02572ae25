//! Every computed figure of every record, recomputed by another program from the CSV files: `tests/recount/recount.py`.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::{Server, shared};

fn recount(folder: &Path) -> Output {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recount/recount.py");
    let mut python = Command::new("python3");
    python.arg(program).arg(shared().url("/graphql")).arg(folder);
    python.output().expect("install Python 3.9 or later")
}

#[test]
fn another_program_comes_to_the_same_figures() {
    let fixture = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/dwse-2021"));
    let ran = recount(fixture);
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{said}{}", String::from_utf8_lossy(&ran.stderr));
    assert!(said.contains("figures recounted, 0 differ"), "{said}");

    // It would see a difference: one cell in another file is none that the server has.
    let other = tempfile::tempdir().unwrap();
    for file in fs::read_dir(fixture).unwrap().map(|entry| entry.unwrap().path()) {
        fs::copy(&file, other.path().join(file.file_name().unwrap())).unwrap();
    }
    let inspections = other.path().join("inspections.csv");
    let text = fs::read_to_string(&inspections).unwrap();
    let changed = text.replacen("dienstencheques,2020,508,", "dienstencheques,2020,509,", 1);
    assert_ne!(text, changed);
    fs::write(inspections, changed).unwrap();
    let ran = recount(other.path());
    let said = String::from_utf8_lossy(&ran.stdout);
    assert_eq!(ran.status.code(), Some(1), "{said}");
    assert!(said.contains("measure dienstencheques 2020 controls sum: 508, recounted 509.0"), "{said}");
}

/// What goes through several plans: trends, series and executions along the lineage of three plans.
#[test]
fn another_program_follows_the_years_to_the_same_figures() {
    let fixtures = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"));
    let server = Server::start(&["--demo", "years"]);
    let recount = |of_2022: &Path| {
        let mut python = Command::new("python3");
        python.arg(fixtures.join("../tests/recount/years.py")).arg(server.url("/graphql"));
        python.arg(fixtures.join("dwse-2021")).arg(of_2022).arg(fixtures.join("years/2023"));
        python.output().expect("install Python 3.9 or later")
    };
    let ran = recount(&fixtures.join("years/2022"));
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{said}{}", String::from_utf8_lossy(&ran.stderr));
    assert!(said.contains("figures recounted, 0 differ"), "{said}");

    // It would see a difference: without the lineage of 2022 nothing goes on from the plan before.
    let other = tempfile::tempdir().unwrap();
    for file in fs::read_dir(fixtures.join("years/2022")).unwrap().map(|entry| entry.unwrap().path()) {
        if !file.ends_with("lineages.csv") {
            fs::copy(&file, other.path().join(file.file_name().unwrap())).unwrap();
        }
    }
    let ran = recount(other.path());
    let said = String::from_utf8_lossy(&ran.stdout);
    assert_eq!(ran.status.code(), Some(1), "{said}");
    assert!(said.contains("periods: "), "{said}");
}
