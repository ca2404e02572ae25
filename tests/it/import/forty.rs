//! A thousand rows with forty faults, as CSV, XLSX, ODS and JSON Lines: exactly those are told, at the cells where a person sees them.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use serde_json::{Map, Value as Json, json};

use super::client::Desk;

const ROWS: usize = 1_000;
const COLUMNS: [&str; 10] = [
    "indicatorKey",
    "period",
    "figure.value",
    "figure.status",
    "figure.unit",
    "change.value",
    "change.status",
    "change.unit",
    "changeFrom",
    "figure.printed.documentKey",
];

/// What is written into which column, and what is told of it there; of the row as a whole when that is none.
const FAULTS: [(&str, &str, &str, &str); 40] = [
    ("figure.value", "12x", "NOT_A_NUMBER", "figure.value"),
    ("figure.value", "abc", "NOT_A_NUMBER", "figure.value"),
    ("figure.value", "--5", "NOT_A_NUMBER", "figure.value"),
    ("figure.value", "12%", "NOT_A_NUMBER", "figure.value"),
    ("figure.value", "1.5", "OUT_OF_RANGE", "figure.value"),
    ("figure.value", "12345678901234567890", "OUT_OF_RANGE", "figure.value"),
    ("figure.value", "", "INCONSISTENT", "figure.value"),
    ("figure.status", "REPROTED", "UNKNOWN_VALUE", "figure.status"),
    ("figure.status", "bekend", "UNKNOWN_VALUE", "figure.status"),
    ("figure.status", "", "MISSING", "figure.status"),
    ("figure.status", "NOT_AVAILABLE", "INCONSISTENT", "figure.value"),
    ("figure.unit", "CUONT", "UNKNOWN_VALUE", "figure.unit"),
    ("figure.unit", "stuks", "UNKNOWN_VALUE", "figure.unit"),
    ("figure.unit", "", "MISSING", "figure.unit"),
    ("figure.unit", "EUR", "OUT_OF_RANGE", "figure.unit"),
    ("figure.unit", "DAYS", "OUT_OF_RANGE", "figure.unit"),
    ("period", "20x1", "NOT_A_PERIOD", "period"),
    ("period", "2021-13", "NOT_A_PERIOD", "period"),
    ("period", "2021-02-30", "NOT_A_PERIOD", "period"),
    ("period", "2021-Q5", "NOT_A_PERIOD", "period"),
    ("period", "Q1 2021", "NOT_A_PERIOD", "period"),
    ("period", "12/2021", "NOT_A_PERIOD", "period"),
    ("period", "2021-2025", "NOT_A_PERIOD", "period"),
    ("period", "", "MISSING", "period"),
    ("indicatorKey", "i-9", "UNKNOWN_REFERENCE", "indicatorKey"),
    ("indicatorKey", "indicator", "UNKNOWN_REFERENCE", "indicatorKey"),
    ("indicatorKey", "\u{456}-1", "UNKNOWN_REFERENCE", "indicatorKey"),
    ("indicatorKey", "i 1", "BAD_KEY", "indicatorKey"),
    ("indicatorKey", "i|1", "BAD_KEY", "indicatorKey"),
    ("indicatorKey", "", "MISSING", "indicatorKey"),
    ("change.value", "much", "NOT_A_NUMBER", "change.value"),
    ("change.value", "", "INCONSISTENT", "change.value"),
    ("change.status", "OK", "UNKNOWN_VALUE", "change.status"),
    ("change.status", "", "MISSING", "change.status"),
    ("change.unit", "percent", "UNKNOWN_VALUE", "change.unit"),
    ("change.unit", "", "MISSING", "change.unit"),
    ("changeFrom", "before", "NOT_A_PERIOD", "changeFrom"),
    ("changeFrom", "2021-00", "NOT_A_PERIOD", "changeFrom"),
    ("figure.printed.documentKey", "no-document", "UNKNOWN_REFERENCE", "figure.printed.documentKey"),
    ("figure.printed.documentKey", "a b", "BAD_KEY", "figure.printed.documentKey"),
];

/// A fault to be told: row from 0, column, code.
type Fault = (usize, &'static str, &'static str);

/// The rows as cells, and what is to be told.
fn rows() -> (Vec<Vec<String>>, Vec<Fault>) {
    let day = |row: usize| format!("{}-{:02}-{:02}", 1950 + row / 336, row / 28 % 12 + 1, row % 28 + 1);
    let mut rows: Vec<Vec<String>> = (0..ROWS)
        .map(|row| {
            let cells =
                ["i-1", &day(row), &row.to_string(), "REPORTED", "COUNT", "0.5", "REPORTED", "RATIO", "1949", ""];
            cells.map(str::to_owned).to_vec()
        })
        .collect();
    let mut told = Vec::new();
    for (number, (column, cell, code, at)) in FAULTS.iter().enumerate() {
        let row = number * 25 + 7;
        let column = COLUMNS.iter().position(|name| name == column).unwrap();
        rows[row][column] = (*cell).to_owned();
        told.push((row, *at, *code));
    }
    (rows, told)
}

fn column(name: &str) -> usize {
    COLUMNS.iter().position(|known| *known == name).unwrap()
}

fn csv(rows: &[Vec<String>]) -> String {
    let lines = rows.iter().map(|cells| cells.join(";") + "\n");
    format!("{}\n{}", COLUMNS.join(";"), lines.collect::<String>())
}

fn xlsx(path: &Path, rows: &[Vec<String>]) {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet().set_name("observations").unwrap();
    for (at, name) in (0_u16..).zip(COLUMNS) {
        sheet.write(0, at, name).unwrap();
    }
    for (line, cells) in (1_u32..).zip(rows) {
        for (at, cell) in (0_u16..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            match cell.parse::<f64>() {
                // As somebody types it: numbers as numbers.
                Ok(number) if cell.len() < 10 => sheet.write(line, at, number).unwrap(),
                _ => sheet.write(line, at, cell).unwrap(),
            };
        }
    }
    book.save(path).unwrap();
}

/// A workbook as LibreOffice lays one out.
pub fn ods(path: &Path, sheet: &str, rows: &[Vec<String>]) {
    let mut zip = zip::ZipWriter::new(File::create(path).unwrap());
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    zip.start_file("mimetype", stored).unwrap();
    zip.write_all(b"application/vnd.oasis.opendocument.spreadsheet").unwrap();
    zip.start_file("content.xml", zip::write::SimpleFileOptions::default()).unwrap();
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    let cell = |text: &String| match text.parse::<f64>() {
        _ if text.is_empty() => "<table:table-cell/>".to_owned(),
        Ok(_) if text.len() < 10 => format!(
            "<table:table-cell office:value-type=\"float\" office:value=\"{text}\"><text:p>{text}</text:p></table:table-cell>"
        ),
        _ => format!(
            "<table:table-cell office:value-type=\"string\"><text:p>{}</text:p></table:table-cell>",
            escape(text)
        ),
    };
    let row =
        |cells: &[String]| format!("<table:table-row>{}</table:table-row>", cells.iter().map(cell).collect::<String>());
    let body: String = rows.iter().map(|cells| row(cells)).collect();
    let header = row(&COLUMNS.map(str::to_owned));
    let text = format!(
        "<office:document-content><office:body><office:spreadsheet><table:table table:name=\"{sheet}\">{header}{body}</table:table>\
         </office:spreadsheet></office:body></office:document-content>"
    );
    zip.write_all(text.as_bytes()).unwrap();
    zip.finish().unwrap();
}

fn json_lines(rows: &[Vec<String>]) -> String {
    let line = |cells: &Vec<String>| {
        let mut record = Map::new();
        for (path, cell) in COLUMNS.iter().zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            let mut at = &mut record;
            let steps: Vec<&str> = path.split('.').collect();
            for step in &steps[..steps.len() - 1] {
                at = at.entry(*step).or_insert_with(|| json!({})).as_object_mut().unwrap();
            }
            at.insert((*steps.last().unwrap()).to_owned(), cell.as_str().into());
        }
        json!({ "observation": record }).to_string() + "\n"
    };
    rows.iter().map(line).collect()
}

/// Place and code of each problem of a report.
fn told(desk: &Desk, report: &str, place: impl Fn(&Json) -> String) -> BTreeSet<(String, String)> {
    let report: Json = serde_json::from_str(&desk.read(report)).unwrap();
    let problems = report["problems"].as_array().unwrap();
    assert_eq!(report["problemCount"], problems.len());
    let found: BTreeSet<_> = problems.iter().map(|it| (place(it), it["code"].as_str().unwrap().to_owned())).collect();
    assert_eq!(found.len(), problems.len(), "something is told twice");
    found
}

#[test]
fn forty_faults_in_a_thousand_rows_are_told_at_their_cells_in_every_format() {
    let desk = Desk::new();
    let (rows, faults) = rows();
    let path = |name: &str| desk.folder.path().join(name);
    desk.write("observations.csv", csv(&rows));
    xlsx(&path("maand.xlsx"), &rows);
    ods(&path("maand.ods"), "observations", &rows);
    desk.write("observations.jsonl", json_lines(&rows));
    let letter = |name: &str| char::from(b'A' + u8::try_from(column(name)).unwrap());
    for file in ["observations.csv", "maand.xlsx", "maand.ods", "observations.jsonl"] {
        let report = format!("{file}.report.json");
        let ran = desk.import(&[file, "--report", &report]);
        assert_eq!(ran.code, 1, "{file}: {}\n{}", ran.out, ran.err);
        let expected: BTreeSet<(String, String)> = faults
            .iter()
            .map(|(row, at, code)| {
                let place = match file {
                    "observations.csv" => format!("{}:{}", row + 2, column(at) + 1),
                    // Without columns a value that does not go with its status is told of the two.
                    "observations.jsonl" if *code == "INCONSISTENT" => {
                        format!("{}:{}", row + 1, at.replace(".value", ""))
                    }
                    "observations.jsonl" => format!("{}:{at}", row + 1),
                    _ => format!("observations!{}{}", letter(at), row + 2),
                };
                (place, (*code).to_owned())
            })
            .collect();
        let found = told(&desk, &report, |it| match file {
            "observations.csv" => format!("{}:{}", it["line"], it["column"]),
            "observations.jsonl" => format!("{}:{}", it["line"], it["field"].as_str().unwrap()),
            _ => format!("{}!{}", it["sheet"].as_str().unwrap(), it["cell"].as_str().unwrap_or_default()),
        });
        let (more, less): (Vec<_>, Vec<_>) =
            (found.difference(&expected).collect(), expected.difference(&found).collect());
        assert!(more.is_empty() && less.is_empty(), "{file}: told beyond {more:?}, not told {less:?}");
    }
    assert_eq!(desk.count(), 3, "nothing was written");
}

/// The workbook comes back with exactly the bad cells marked; corrected, it goes in.
#[test]
fn the_workbook_comes_back_marked_and_goes_in_corrected() {
    let desk = Desk::new();
    let (mut rows, faults) = rows();
    xlsx(&desk.folder.path().join("maand.xlsx"), &rows);
    let ran = desk.import(&["maand.xlsx", "--rejects", "fouten.xlsx"]);
    ran.is(1, &["nothing was written", "correct what is marked in `fouten.xlsx` and import that file"]);
    let mut archive = zip::ZipArchive::new(File::open(desk.folder.path().join("fouten.xlsx")).unwrap()).unwrap();
    let mut part = |name: &str| std::io::read_to_string(archive.by_name(name).unwrap()).unwrap();
    let comments = part("xl/boordtabelComments1.xml");
    assert_eq!(comments.matches("<comment ").count(), faults.len());
    assert!(comments.contains("ref=\"C9\"") && comments.contains("NOT_A_NUMBER"), "{comments}");
    assert!(part("xl/styles.xml").contains("FFFFC7CE") && part("[Content_Types].xml").contains("boordtabelComments1"));
    // The marked file is read as the first was, and tells the same.
    let again = desk.import(&["fouten.xlsx", "--kind", "observations"]);
    again.is(1, &["the data has 40 problems"]);
    for (row, _, _) in &faults {
        let good = ["i-1", "", &row.to_string(), "REPORTED", "COUNT", "0.5", "REPORTED", "RATIO", "1949", ""];
        let day = format!("{}-{:02}-{:02}", 1950 + row / 336, row / 28 % 12 + 1, row % 28 + 1);
        rows[*row] = good.map(str::to_owned).to_vec();
        rows[*row][1] = day;
    }
    xlsx(&desk.folder.path().join("goed.xlsx"), &rows);
    desk.import(&["goed.xlsx"]).is(0, &["COMMITTED: 1000 rows received, 1000 created"]);
    desk.import(&["goed.xlsx"]).is(0, &["UNCHANGED: 1000 rows received, 0 created, 0 updated, 1000 unchanged"]);
}

/// So does an ODS workbook.
#[test]
fn an_ods_workbook_comes_back_marked() {
    let desk = Desk::new();
    let (rows, faults) = rows();
    ods(&desk.folder.path().join("maand.ods"), "observations", &rows);
    desk.import(&["maand.ods", "--rejects", "fouten.ods"]).is(1, &["correct what is marked in `fouten.ods`"]);
    let mut archive = zip::ZipArchive::new(File::open(desk.folder.path().join("fouten.ods")).unwrap()).unwrap();
    assert_eq!(archive.by_index(0).unwrap().name().unwrap(), "mimetype");
    let content = std::io::read_to_string(archive.by_name("content.xml").unwrap()).unwrap();
    assert_eq!(content.matches("<office:annotation ").count(), faults.len());
    assert_eq!(content.matches("table:style-name=\"boordtabel1\"").count(), faults.len());
    assert!(content.contains("NOT_A_NUMBER: `12x`") && content.contains("#ffc7ce"));
    // It is read as the first was, and tells the same at the same cells.
    let places = |file: &str| {
        let report = format!("{file}.json");
        desk.import(&[file, "--kind", "observations", "--report", &report]).is(1, &["the data has 40 problems"]);
        told(&desk, &report, |it| it["cell"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(places("maand.ods"), places("fouten.ods"));
    desk.import(&["maand.ods", "--rejects", "fouten.xlsx"]).is(2, &["that is not one XLSX workbook"]);
}

#[test]
fn a_csv_file_comes_back_with_its_reasons() {
    let desk = Desk::new();
    let (rows, faults) = rows();
    desk.write("observations.csv", csv(&rows));
    desk.import(&["observations.csv", "--rejects", "fouten.csv"]).is(1, &["correct what is marked in `fouten.csv`"]);
    let text = desk.read("fouten.csv");
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].ends_with(";problems"), "{}", lines[0]);
    assert_eq!(lines.iter().skip(1).filter(|line| !line.ends_with(';')).count(), faults.len());
    assert!(lines[8].contains("NOT_A_NUMBER: `12x`"), "{}", lines[8]);
    // It is read as it is, without its reasons; in a folder it is passed over.
    desk.import(&["fouten.csv", "--kind", "observations"]).is(1, &["the data has 40 problems"]);
    desk.import(&["."]).is(1, &["fouten.csv: passed over"]);
}

#[test]
fn every_change_stands_in_a_file_when_asked_for() {
    let desk = Desk::new();
    let (mut rows, _) = rows();
    rows.retain(|cells| {
        cells[9].is_empty() && cells[4] == "COUNT" && cells[6] == "REPORTED" && cells[7] == "RATIO" && cells[5] == "0.5"
    });
    rows.truncate(5);
    desk.write("observations.csv", csv(&rows));
    desk.import(&["observations.csv", "--dry-run", "--changes", "changes.csv"]).is(0, &["5 changes in `changes.csv`"]);
    let text = desk.read("changes.csv");
    assert!(text.starts_with("kind,key,outcome,field,before,after\nOBSERVATION,i-1/1950-01-01,CREATED,"), "{text}");
    desk.import(&["observations.csv", "--dry-run", "--changes", "changes.xlsx"])
        .is(0, &["5 changes in `changes.xlsx`"]);
    desk.import(&["observations.csv", "--dry-run", "--changes", "changes.csv"]).is(2, &["is there already"]);
}

#[test]
fn a_register_is_begun_when_that_is_said_and_a_template_is_what_the_import_takes() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let output = crate::server::boordtabel().args(arguments).current_dir(folder.path()).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    };
    std::fs::write(folder.path().join("organisations.csv"), "key,name\nbody,Body\n").unwrap();
    let (code, told) = run(&["import", "organisations.csv", "--data", "new"]);
    assert!(code == 2 && told.contains("import with --begin"), "{told}");
    let (code, told) = run(&["import", "organisations.csv", "--data", "new", "--begin", "--dry-run"]);
    assert!(code == 0 && told.contains("WOULD_COMMIT: 1 rows received, 1 created"), "{told}");
    assert!(!folder.path().join("new").exists(), "a dry run leaves nothing behind");
    let (code, told) = run(&["import", "organisations.csv", "--data", "new", "--begin", "--plan", "plan.json"]);
    assert!(code == 0 && !folder.path().join("new").exists(), "{told}");
    let (code, told) = run(&["import", "--apply", "plan.json", "--data", "planned", "--begin"]);
    assert!(code == 0 && told.contains("COMMITTED: 1 rows received, 1 created"), "{told}");
    let (code, told) = run(&["import", "organisations.csv", "--data", "new", "--begin"]);
    assert!(code == 0 && told.contains("COMMITTED: 1 rows received, 1 created"), "{told}");
    let (code, told) = run(&["template", "--out", "plan.xlsx"]);
    assert!(code == 0, "{told}");
    let (code, told) = run(&["import", "plan.xlsx", "--data", "new"]);
    assert!(code == 0 && told.contains("UNCHANGED: 0 rows received"), "{told}");
    let (code, told) = run(&["template", "--out", "plan.xlsx"]);
    assert!(
        code == 2 && told.contains("cannot write `plan.xlsx`"),
        "a template that was filled in is not written over: {told}"
    );
}

/// A row that is refused before it is sent goes along so that others may refer to it; what the server says of it is no second problem.
#[test]
fn a_problem_is_counted_once_and_says_what_to_write() {
    let desk = Desk::new();
    let header = "indicatorKey,period,figure.value,figure.status,figure.unit";
    desk.write("observations.csv", format!("{header}\ni-1,2021,1.250,REPORTED,COUNT\ni-1,2022,7,REPORTED,COUNT\n"));
    let told = [
        "can be 1250 or 1.250",
        "write `1250`, or say",
        "(`--decimal`)",
        "the data has 1 problem; nothing was written",
    ];
    desk.import(&["observations.csv"]).is(1, &told);
    desk.write("observations.csv", format!("{header}\ni-1,2021,1250,REPORTED,COUNT\ni-1,2022,7,REPORTED,COUNT\n"));
    desk.import(&["observations.csv"]).is(0, &["COMMITTED", "2 created"]);
}
