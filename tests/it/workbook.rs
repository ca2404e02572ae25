//! Fills in a workbook as a person does with a spreadsheet: cell by cell, in the columns that its first line names.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// Types the rows of the CSV files of a folder into the sheets of their names. What was typed before is typed over.
pub fn fill(book: &Path, files: &Path) {
    let mut parts: Vec<(String, Vec<u8>)> = Vec::new();
    let mut archive = ZipArchive::new(File::open(book).unwrap()).unwrap();
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).unwrap();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).unwrap();
        parts.push((part.name().unwrap().into_owned(), bytes));
    }
    let text = |name: &str| -> String {
        let (_, bytes) = parts.iter().find(|(part, _)| part == name).unwrap_or_else(|| panic!("no {name}"));
        String::from_utf8(bytes.clone()).unwrap()
    };
    let shared: Vec<String> =
        between(&text("xl/sharedStrings.xml"), "<si>", "</si>").iter().map(|it| plain(it)).collect();
    let sheets: Vec<String> = between(&text("xl/workbook.xml"), "<sheet name=\"", "\"");
    let mut filled = BTreeMap::new();
    for (number, name) in (1..).zip(&sheets) {
        let Ok(rows) = fs::read_to_string(files.join(format!("{name}.csv"))) else { continue };
        let path = format!("xl/worksheets/sheet{number}.xml");
        filled.insert(path.clone(), typed(&text(&path), &rows, &shared));
    }
    let missing = fs::read_dir(files).unwrap().map(|entry| entry.unwrap().path());
    for file in missing {
        let name = file.file_stem().unwrap().to_str().unwrap();
        assert!(sheets.iter().any(|sheet| sheet == name), "the workbook has no sheet `{name}`");
    }
    let mut archive = ZipWriter::new(File::create(book).unwrap());
    for (name, bytes) in &parts {
        archive.start_file(name, SimpleFileOptions::default()).unwrap();
        archive.write_all(filled.get(name).map_or(bytes, |text| text).as_slice()).unwrap();
    }
    archive.finish().unwrap();
}

/// A sheet with those rows below its first line.
fn typed(sheet: &str, rows: &str, shared: &[String]) -> Vec<u8> {
    let (head, rest) = sheet.split_once("<sheetData>").unwrap();
    let (lines, tail) = rest.split_once("</sheetData>").unwrap();
    let first = format!("{}</row>", lines.split("</row>").next().unwrap());
    // The letters of each named column.
    let columns: BTreeMap<String, String> = between(&first, "<c r=\"", "</c>")
        .iter()
        .map(|cell| {
            let letters = cell.split('1').next().unwrap().to_owned();
            let at: usize = between(cell, "<v>", "</v>")[0].parse().unwrap();
            (shared[at].clone(), letters)
        })
        .collect();
    let mut rows = rows.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let names = rows.next().unwrap();
    let mut written = String::new();
    for (number, cells) in (2..).zip(rows) {
        // As spreadsheets write them: a row's cells from left to right.
        let mut row: Vec<(usize, &String, &str)> = Vec::new();
        for (name, cell) in names.iter().zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            let letters = columns.get(*name).unwrap_or_else(|| panic!("the sheet has no column `{name}`"));
            row.push((letters.len(), letters, cell));
        }
        row.sort_unstable();
        let cells: String = row
            .iter()
            .map(|(_, letters, cell)| match cell.parse::<f64>() {
                Ok(_) => format!("<c r=\"{letters}{number}\"><v>{cell}</v></c>"),
                Err(_) => format!("<c r=\"{letters}{number}\" t=\"inlineStr\"><is><t>{cell}</t></is></c>"),
            })
            .collect();
        written.push_str(&format!("<row r=\"{number}\">{cells}</row>"));
    }
    format!("{head}<sheetData>{first}{written}</sheetData>{tail}").into_bytes()
}

/// What stands between two marks, each time.
fn between(text: &str, from: &str, to: &str) -> Vec<String> {
    text.split(from).skip(1).filter_map(|rest| rest.split_once(to).map(|(inner, _)| inner.to_owned())).collect()
}

/// Text without tags.
fn plain(text: &str) -> String {
    text.split('<').filter_map(|piece| piece.split_once('>').map(|(_, text)| text)).collect()
}
