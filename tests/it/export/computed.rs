//! Lists of computed values as files: the whole list, with the columns of its values, at any state; for reading.

use std::fs;

use serde_json::Value as Json;

use super::{FIXTURES, loaded, ok};
use crate::support::{arg, run, shared};

/// Each list: its file, its field, and a column that orders it.
const LISTS: [(&str, &str, &str); 7] = [
    ("trends", "trends", "relative"),
    ("attainments", "attainments", "distance"),
    ("executions", "executions", "vekRealised"),
    ("inspection-rates", "inspectionRates", "sanctionRate"),
    ("project-progress", "projectProgress", "realisedShare"),
    ("milestone-standings", "milestoneStandings", "daysOverdue"),
    ("discrepancies", "discrepancies", "difference"),
];

/// The rows of a file, by its columns.
fn rows(text: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let mut csv = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let header = csv.headers().unwrap().iter().map(str::to_owned).collect();
    (header, csv.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect())
}

#[test]
fn a_computed_list_is_a_file_of_all_its_values() {
    for (file, field, order) in LISTS {
        let answer = shared().get(&format!("/export/{file}.csv"), &[]);
        assert_eq!(answer.status, 200, "{file}: {}", answer.text());
        assert_eq!(answer.header("content-disposition"), format!("attachment; filename=\"{file}.csv\""));
        let data = shared().ask(&format!("{{ {field}(first: 1000) {{ totalCount nodes {{ {order} }} }} }}"));
        let list = &data[field];
        let (header, found) = rows(&answer.text());
        assert_eq!(Some(found.len() as u64), list["totalCount"].as_u64(), "{file}");
        assert_eq!(answer.header("boordtabel-records"), found.len().to_string());
        let at = header.iter().position(|name| name == order).unwrap();
        for (row, node) in found.iter().zip(list["nodes"].as_array().unwrap()) {
            let told = match &node[order] {
                Json::Null => String::new(),
                Json::String(text) => text.clone(),
                other => other.to_string(),
            };
            assert_eq!(row[at], told, "{file}");
        }
        // A value a line, and each in its own words; as a workbook other programs read it.
        let lines = shared().get(&format!("/export/{file}.jsonl"), &[]).text();
        assert_eq!(lines.lines().count(), found.len(), "{file}");
        let first: Json = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
        assert_eq!(first[&header[0]].as_str(), Some(found[0][0].as_str()), "{file}");
        // Chosen and ordered as the list is.
        let asked = format!(
            "/export/{file}.csv?where=%7B{order}:%7BisNull:false%7D%7D&orderBy=%5B%7Bfield:{}%7D%5D",
            upper(order)
        );
        let (_, some) = rows(&shared().get(&asked, &[]).text());
        let numbers: Vec<f64> = some.iter().map(|row| row[at].parse().unwrap()).collect();
        assert!(numbers.is_sorted() && !numbers.is_empty(), "{file}: {numbers:?}");
        assert_eq!(numbers.len(), found.iter().filter(|row| !row[at].is_empty()).count(), "{file}");
    }
}

fn upper(name: &str) -> String {
    name.chars().flat_map(|it| if it.is_uppercase() { vec!['_', it] } else { vec![it.to_ascii_uppercase()] }).collect()
}

#[test]
fn the_command_writes_computed_lists_and_none_is_imported() {
    let data = loaded(FIXTURES.as_ref());
    let folder = tempfile::tempdir().unwrap();
    let from = ["--data", arg(data.path()), "--out", arg(folder.path())];
    ok(run(["export", "trends", "measures", "inspection-rates"].into_iter().chain(from)));
    let trends = fs::read_to_string(folder.path().join("trends.csv")).unwrap();
    assert_eq!(trends, shared().get("/export/trends.csv?sources=1", &[]).text());
    assert!(folder.path().join("measures.csv").exists() && folder.path().join("inspection-rates.csv").exists());
    let where_ = ["--where", "{relative: {lt: \"0\"}}", "--format", "jsonl", "--out", "-", "--data", arg(data.path())];
    let fallen = ok(run(["export", "trends"].into_iter().chain(where_))).stdout;
    assert!(fallen.lines().count() > 10 && fallen.lines().all(|line| line.contains("\"relative\":\"-")));
    let workbook = folder.path().join("trends.xlsx");
    ok(run(["export", "trends", "--format", "xlsx", "--data", arg(data.path()), "--out", arg(&workbook)]));
    // What is computed follows from the records: a file of it is refused, and says why.
    for file in [folder.path().join("trends.csv"), workbook] {
        let ran = run(["import", arg(&file), "--data", arg(data.path())]);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(ran.code != Some(0) && said.contains("computed") && said.contains("not imported"), "{said}");
    }
    let package = run(["export", "trends", "--format", "zip", "--data", arg(data.path())]);
    assert!(package.code != Some(0) && package.stderr.contains("data package"), "{package:?}");
    let near = run(["export", "trend", "--data", arg(data.path())]);
    assert!(near.stderr.contains("trends"), "{near:?}");
}

#[test]
fn a_computed_list_is_of_the_state_that_is_asked_and_says_what_it_takes() {
    let named = shared().get("/export/trends.csv?revision=1", &[]);
    assert_eq!((named.status, named.header("boordtabel-revision")), (200, "1"));
    let tag = named.header("etag").to_owned();
    assert_eq!(shared().get("/export/trends.csv?revision=1", &[("If-None-Match", &tag)]).status, 304);
    for (address, status, says) in [
        ("/export/trends.csv?revision=99", 404, "revision"),
        ("/export/trends.csv?names=1", 400, "names"),
        ("/export/trends.csv?where=%7Bnone:1%7D", 400, "none"),
        ("/export/trends.zip", 404, "trends.zip"),
        ("/export/trend.csv", 404, "trends"),
    ] {
        let answer = shared().get(address, &[]);
        assert_eq!(answer.status, status, "{address}: {}", answer.text());
        assert!(answer.text().contains(says), "{address}: {}", answer.text());
    }
}
