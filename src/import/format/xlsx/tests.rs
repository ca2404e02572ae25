use std::io::Write as _;

use proptest::prelude::*;

use super::*;
use crate::import::format::sheet::{exact, letters};
use crate::import::mapping::Mapping;
use crate::import::number::DecimalMark;
use crate::import::report::Report;
use crate::import::row::{RejectedRow, Row};
use crate::model::{Kind, ProblemCode, Tree};

/// A row of a sheet: texts, or `n:1.5` a number, `d:44197` a date, `t:0.5` a stretch of time, `b:1` a truth value, `e:#N/A` an
/// error, `=…` a formula with a cached value.
fn row(number: usize, cells: &[&str]) -> String {
    let mut xml = format!("<row r=\"{number}\">");
    for (column, cell) in cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
        let at = format!("{}{number}", letters(u32::try_from(column).unwrap()));
        let (mark, value) = cell.split_at_checked(2).unwrap_or((cell, ""));
        xml += &match mark {
            "n:" => format!("<c r=\"{at}\"><v>{value}</v></c>"),
            "d:" => format!("<c r=\"{at}\" s=\"1\"><v>{value}</v></c>"),
            "t:" => format!("<c r=\"{at}\" s=\"2\"><v>{value}</v></c>"),
            "0:" => format!("<c r=\"{at}\" s=\"3\"><v>{value}</v></c>"),
            "%:" => format!("<c r=\"{at}\" s=\"4\"><v>{value}</v></c>"),
            "m:" => format!("<c r=\"{at}\" s=\"5\"><v>{value}</v></c>"),
            "b:" => format!("<c r=\"{at}\" t=\"b\"><v>{value}</v></c>"),
            "e:" => format!("<c r=\"{at}\" t=\"e\"><v>{value}</v></c>"),
            _ if cell.starts_with('=') => format!("<c r=\"{at}\"><f>{}</f><v>3</v></c>", &cell[1..]),
            _ => format!("<c r=\"{at}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{cell}</t></is></c>"),
        };
    }
    xml + "</row>"
}

fn sheet(rows: &[&[&str]], merged: &[&str]) -> String {
    let rows: String = rows.iter().enumerate().map(|(index, cells)| row(index + 1, cells)).collect();
    let merged: String = merged.iter().map(|region| format!("<mergeCell ref=\"{region}\"/>")).collect();
    format!("<worksheet><sheetData>{rows}</sheetData><mergeCells>{merged}</mergeCells></worksheet>")
}

fn pack(parts: &[(String, String)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn parts(sheets: &[(&str, String)]) -> Vec<(String, String)> {
    const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let relation = |id: &str, kind: &str, target: &str| {
        format!("<Relationship Id=\"{id}\" Type=\"{RELATIONS}/{kind}\" Target=\"{target}\"/>")
    };
    let relations = |all: String| format!("<Relationships>{all}</Relationships>");
    let numbered = || sheets.iter().enumerate().map(|(index, (name, _))| (index + 1, name));
    let listed: String =
        numbered().map(|(id, name)| format!("<sheet name=\"{name}\" sheetId=\"{id}\" r:id=\"s{id}\"/>")).collect();
    let targets: String = numbered()
        .map(|(id, _)| relation(&format!("s{id}"), "worksheet", &format!("worksheets/sheet{id}.xml")))
        .collect();
    let styles = "<styleSheet><numFmts><numFmt numFmtId=\"164\" formatCode=\"0000\"/></numFmts><cellStyleXfs><xf numFmtId=\"9\"/>\
                  </cellStyleXfs><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"46\"/><xf numFmtId=\"164\"/>\
                  <xf numFmtId=\"9\"/><xf numFmtId=\"17\"/></cellXfs></styleSheet>";
    let mut parts = vec![
        ("_rels/.rels".to_owned(), relations(relation("w", "officeDocument", "xl/workbook.xml"))),
        ("xl/_rels/workbook.xml.rels".to_owned(), relations(targets)),
        ("xl/workbook.xml".to_owned(), format!("<workbook><sheets>{listed}</sheets></workbook>")),
        ("xl/styles.xml".to_owned(), styles.to_owned()),
    ];
    for ((id, _), (_, sheet)) in numbered().zip(sheets) {
        parts.push((format!("xl/worksheets/sheet{id}.xml"), sheet.clone()));
    }
    parts
}

fn read_bytes(bytes: &[u8], options: &Options) -> (Vec<Row>, Vec<RejectedRow>, Report) {
    let (mut rows, mut rejects) = (Vec::new(), Vec::new());
    let report = crate::import::read::read("book.xlsx", bytes, options, &mut |row| match row {
        Ok(row) => rows.push(row),
        Err(reject) => rejects.push(reject),
    });
    (rows, rejects, report)
}

fn read_sheets(sheets: &[(&str, String)], options: &Options) -> (Vec<Row>, Vec<RejectedRow>, Report) {
    read_bytes(&pack(&parts(sheets)), options)
}

fn told(rejects: &[RejectedRow]) -> Vec<String> {
    rejects.iter().flat_map(|reject| &reject.problems).map(ToString::to_string).collect()
}

const OBSERVATIONS: &[&str] = &["indicatorKey", "period", "figure.value", "figure.status", "figure.unit"];

#[test]
fn a_sheet_per_kind() {
    let documents: &[&[&str]] = &[
        &["key", "title", "organisationKey", "date", "pages", "language", "", ""],
        &["doc-2021", "Plan &amp; more", "o", "d:44242", "n:150", "nl-BE"],
        &[],
        &["", "", "", "", "", ""],
        &["doc-2022", "n:2022", "o", "2021-02-15", "150", "nl"],
    ];
    let observations: &[&[&str]] = &[
        OBSERVATIONS,
        &["a", "n:2020", "n:0.97599999999999998", "REPORTED", "RATIO"],
        &["b", "n:2020", "0,5", "REPORTED", "RATIO"],
    ];
    let options = Options { decimal: Some(DecimalMark::Comma), ..Options::default() };
    let sheets =
        [("documents", sheet(documents, &[])), ("Observation", sheet(observations, &[])), ("Blad3", sheet(&[], &[]))];
    let (rows, rejects, report) = read_sheets(&sheets, &options);
    assert_eq!(told(&rejects), Vec::<String>::new());
    let records: Vec<_> = rows.iter().map(|row| row.record().unwrap()).collect();
    assert_eq!(rows[0].tree.field("date"), Some(&Tree::Cell("2021-02-15".into())));
    assert_eq!(rows[0].tree.field("title"), Some(&Tree::Cell("Plan & more".into())));
    assert_eq!(rows[1].at.path(), ["book.xlsx", "documents", "row 5"]);
    assert_eq!(rows[2].tree.field("figure").unwrap().field("value"), Some(&Tree::Cell("0.976".into())));
    assert_eq!(rows[3].tree.field("figure").unwrap().field("value"), Some(&Tree::Cell("0.5".into())));
    assert_eq!(records.len(), 4);
    assert_eq!(
        report.to_string(),
        "book.xlsx: XLSX; 4 rows read; sheet `documents`: 2 documents; sheet `Observation`: 2 observations; sheet `Blad3`: passed over"
    );
}

#[test]
fn nothing_is_computed_rounded_or_turned_into_dates() {
    let rows: &[&[&str]] = &[
        OBSERVATIONS,
        &["a", "2020", "=A1*2", "REPORTED", "COUNT"],
        &["b", "2020", "n:0.30000000000000004", "REPORTED", "COUNT"],
        &["d:44242", "2020", "n:1", "REPORTED", "COUNT"],
        &["c", "d:44075", "n:1", "REPORTED", "COUNT"],
        &["c", "d:44076", "n:1", "REPORTED", "COUNT"],
        &["c", "2020", "d:44075.5", "REPORTED", "COUNT"],
        &["c", "2020", "t:1.5", "REPORTED", "COUNT"],
        &["c", "2020", "e:#N/A", "REPORTED", "CUONT"],
        &["c", "b:1", "n:1", "REPORTED", "COUNT"],
        &["c", "2020", "1.234", "REPORTED", "COUNT"],
        &["c", "2020", "1,5", "REPORTED", "COUNT"],
        &["c", "2020", "n:1", "REPORTED", "COUNT", "beyond"],
        &["c", "2020", "n:12345678901234500", "REPORTED", "COUNT"],
    ];
    let (rows, rejects, report) = read_sheets(&[("observations", sheet(rows, &[]))], &Options::default());
    assert_eq!(
        told(&rejects),
        [
            "book.xlsx.observations.row 2.figure.value: WRONG_TYPE: the cell holds a formula",
            "book.xlsx.observations.row 3.figure.value: NOT_A_NUMBER: `0.30000000000000004` has more digits than a spreadsheet keeps exactly",
            "book.xlsx.observations.row 4.indicatorKey: WRONG_TYPE: the spreadsheet has made the date 2021-02-15 of it",
            "book.xlsx.observations.row 5.period: NOT_A_PERIOD: the spreadsheet holds the date 2020-09-01 here: that day, or the whole month?",
            "book.xlsx.observations.row 7.figure.value: NOT_A_DATE: 2020-09-01 stands here with a time of day",
            "book.xlsx.observations.row 8.figure.value: WRONG_TYPE: the cell holds a stretch of time",
            "book.xlsx.observations.row 9.figure.value: WRONG_TYPE: the cell holds the error #N/A",
            "book.xlsx.observations.row 9.figure.unit: UNKNOWN_VALUE: `CUONT` is no Unit (near: COUNT)",
            "book.xlsx.observations.row 10.period: WRONG_TYPE: the spreadsheet holds the truth value true here",
            "book.xlsx.observations.row 11.figure.value: NOT_A_NUMBER: `1.234` can be 1234 or 1.234: no other cell of the file tells whether its point is the decimal mark",
            "book.xlsx.observations.row 12.figure.value: NOT_A_NUMBER: `1,5` is written with a decimal comma, the file's numbers with a decimal point",
            "book.xlsx.observations.row 13.cell 6: BAD_FILE: `beyond` stands in a column without a name",
        ]
    );
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0].tree.field("period"), Some(&Tree::Cell("2020-09-02".into())));
    assert_eq!(rows[1].tree.field("figure").unwrap().field("value"), Some(&Tree::Cell("12345678901234500".into())));
    assert_eq!((report.rows, report.refused), (2, 11));
    let formula = rejects[0].json().unwrap();
    assert_eq!(formula["observation"]["?"], "the cell holds a formula");
}

/// A code that is shown as `0012` is `0012`, a text that is shown as `50%` is that; a figure is the number that it is.
#[test]
fn cells_are_taken_as_they_are_shown() {
    let rows: &[&[&str]] = &[
        &[
            "Indicator Key",
            "period",
            "Waarde",
            "figure.status",
            "Eenheid",
            "figure.printed.text",
            "figure.printed.documentKey",
        ],
        &["0:12", "m:44075", "%:0.5", "gerapporteerd", "ratio", "%:0.5", "d"],
    ];
    let (rows, rejects, _) = read_sheets(&[("Observations", sheet(rows, &[]))], &Options::default());
    assert_eq!(told(&rejects), Vec::<String>::new());
    let json = crate::import::to_json::tree_json(rows[0].kind, &rows[0].tree);
    assert_eq!(
        json["observation"],
        serde_json::json!({
            "indicatorKey": "0012", "period": "2020-09",
            "figure": { "value": "0.5", "status": "REPORTED", "unit": "RATIO", "printed": { "text": "50%", "documentKey": "d" } },
        })
    );
    let notes: Vec<String> = rows[0].notes.iter().map(|note| format!("{}: {}", note.field, note.message)).collect();
    assert_eq!(
        notes,
        ["figure.status: `gerapporteerd` is taken for `REPORTED`", "figure.unit: `ratio` is taken for `RATIO`"]
    );
}

#[test]
fn what_nobody_sees_is_read_and_told() {
    let rows: &[&[&str]] = &[
        &["key", "organisationKey", "year", "title", "documentKey"],
        &["a", "o", "n:2021", "T"],
        &["b", "o", "n:2021", "T"],
    ];
    let mut parts = parts(&[("plans", sheet(rows, &[]).replace("<row r=\"3\"", "<row r=\"3\" hidden=\"1\""))]);
    parts[2].1 = parts[2].1.replace("sheetId", "state=\"hidden\" sheetId");
    let (rows, _, report) = read_bytes(&pack(&parts), &Options::default());
    assert_eq!(rows.len(), 2);
    let notes: Vec<(usize, &str)> = report.notes.iter().map(|(at, note)| (at.line, note.message.as_str())).collect();
    assert_eq!(
        notes,
        [(0, "the sheet `plans` is hidden, and its rows are taken"), (3, "the row is hidden, and is taken")]
    );
}

/// A wrong name of a column does not hide what else is wrong.
#[test]
fn a_wrong_header_hides_nothing() {
    let rows: &[&[&str]] = &[
        &["indicatorKey", "period", "figure.valeu", "figure.status", "figure.unit"],
        &["a", "2020", "n:1", "REPROTED", "COUNT"],
    ];
    let (_, rejects, _) = read_sheets(&[("observations", sheet(rows, &[]))], &Options::default());
    assert_eq!(
        told(&rejects),
        [
            "book.xlsx.observations.row 1.figure.valeu: UNKNOWN_FIELD: Observation has no field `figure.valeu` (near: figure.value)"
        ]
    );
    assert_eq!((rejects[0].place.line, rejects[0].place.column), (1, Some(2)));
}

#[test]
fn merged_cells_are_told_and_headings_passed_over() {
    let rows: &[&[&str]] = &[
        &["key", "organisationKey", "year", "title", "documentKey"],
        &["Chapter one"],
        &["a", "o", "n:2021", "T"],
        &["b", "", "n:2021", "T"],
        &["c", "o", "n:2021", "T"],
    ];
    let (rows, rejects, report) =
        read_sheets(&[("plans", sheet(rows, &["A2:E2", "B3:B4", "D5:E5", "A7:E9"]))], &Options::default());
    assert_eq!(rows.iter().map(|row| row.at.path()[2].clone()).collect::<Vec<_>>(), ["row 3"]);
    assert_eq!(report.headings, ["`plans` row 2"]);
    assert_eq!(
        told(&rejects),
        [
            "book.xlsx.plans.row 4: BAD_FILE: the cells B3:B4 are merged, and only the first of them holds a value",
            "book.xlsx.plans.row 5: BAD_FILE: the cells D5:E5 are merged, and only the first of them holds a value",
        ]
    );
}

#[test]
fn sheets_nobody_knows() {
    let some: &[&[&str]] = &[&["key"], &["a"]];
    let foreign: &[&[&str]] = &[&["Sleutel", "Titel", "Jaar", "Org"], &["p", "T", "n:2021", "o"]];
    let sheets = [("budget-linse", sheet(some, &[])), ("Plannen", sheet(foreign, &[])), ("Uitleg", sheet(some, &[]))];
    let (_, rejects, _) = read_sheets(&sheets, &Options::default());
    assert_eq!(rejects.len(), 3);
    assert_eq!(
        told(&rejects)[0],
        "book.xlsx.budget-linse: BAD_FILE: the sheet `budget-linse` is named after no kind of record (near: budget-lines)"
    );
    let mapping = "[files]\nPlannen = \"plans\"\nUitleg = { ignore = true }\n[plans]\nSleutel = \"key\"\nTitel = \"title\"\nJaar = \"year\"\nOrg = \"organisationKey\"\n";
    let options = Options { mapping: Mapping::parse("m", mapping).unwrap(), ..Options::default() };
    let (rows, rejects, _) = read_sheets(&sheets[1..], &options);
    assert_eq!(told(&rejects), Vec::<String>::new());
    assert!(rows[0].record().is_ok());
    // A workbook of one sheet may be told its kind.
    let options = Options { kind: Some(Kind::Plan), ..Options::default() };
    let (_, rejects, report) = read_sheets(&[("Blad1", sheet(&[&["key", "yaer"]], &[]))], &options);
    assert_eq!(report.sheets, [("Blad1".to_owned(), Some(Kind::Plan), 0)]);
    assert_eq!(told(&rejects), ["book.xlsx.Blad1.row 1.yaer: UNKNOWN_FIELD: Plan has no field `yaer` (near: year)"]);
}

#[test]
fn workbooks_that_do_not_read() {
    let good = pack(&parts(&[("plans", sheet(&[&["key"], &["a"]], &[]))]));
    for (bytes, expected) in [
        (b"PK\x03\x04 and no more".to_vec(), "the file is no workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old".to_vec(), "encrypted, or of the form before 2007"),
        (b"plain text".to_vec(), "the file is no workbook"),
        (good[..good.len() / 2].to_vec(), "the file is no workbook"),
        (pack(&[("a".to_owned(), "b".to_owned())]), "the workbook does not read"),
    ] {
        let (rows, rejects, _) = read_bytes(&bytes, &Options::default());
        assert!(rows.is_empty());
        assert_eq!(rejects.len(), 1, "{expected}");
        assert_eq!(rejects[0].problems[0].code, ProblemCode::BadFile);
        assert!(told(&rejects)[0].contains(expected), "{:?}", told(&rejects));
    }
}

#[test]
fn a_small_file_that_unpacks_to_an_enormous_one() {
    let bytes = pack(&[("a".to_owned(), "0".repeat(1_000_000)), ("b".to_owned(), "0".repeat(1_000_000))]);
    assert!(bytes.len() < 10_000);
    assert_eq!(look_through(&bytes, 2_000_000).map(|seen| seen.parts.len()), Ok(2));
    assert_eq!(
        look_through(&bytes, 1_999_999).map(|seen| seen.parts.len()),
        Err("the workbook unpacks to more than 1999999 bytes".to_owned())
    );
}

#[test]
fn columns_by_letter() {
    for (column, expected) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16_383, "XFD")] {
        assert_eq!(letters(column), expected);
    }
}

proptest! {
    #[test]
    fn never_panics_on_bytes(mut bytes in prop::collection::vec(any::<u8>(), 0..200), archive: bool) {
        if archive {
            bytes.splice(0..0, *b"PK\x03\x04");
        }
        let (rows, rejects, _) = read_bytes(&bytes, &Options::default());
        prop_assert!(rows.is_empty() && rejects.len() == 1);
    }

    /// Sheets whose parts are damaged, in an archive that is whole.
    #[test]
    fn never_panics_on_damaged_parts(part in 0usize..5, at: prop::sample::Index, put in "[<>/\"=a-zA-Z0-9:]{0,4}", cut in 0usize..6) {
        let rows: &[&[&str]] = &[OBSERVATIONS, &["a", "2020", "n:1.5", "REPORTED", "COUNT"], &["b", "d:44075", "=A1", "e:#N/A", "b:1"]];
        let mut parts = parts(&[("observations", sheet(rows, &["A3:B3"]))]);
        let text = &mut parts[part].1;
        let at = at.index(text.len());
        let end = (at + cut).min(text.len());
        text.replace_range(at..end, &put);
        read_bytes(&pack(&parts), &Options::default());
    }

    /// What is taken of a number is exactly the number.
    #[test]
    fn numbers_are_exact(number: f64, short in -1_000_000_000i64..1_000_000_000, scale in 0u32..6) {
        if let Some(text) = exact(number) {
            prop_assert_eq!(text.parse::<f64>().unwrap(), number);
        }
        let decimal = rust_decimal::Decimal::new(short, scale);
        let number: f64 = decimal.to_string().parse().unwrap();
        prop_assert_eq!(crate::model::value::parse_decimal(&exact(number).unwrap()).unwrap(), decimal);
    }
}
