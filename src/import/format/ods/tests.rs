use std::io::Write as _;

use super::*;
use crate::import::read::read as read_file;
use crate::import::report::Report;
use crate::import::row::Row;
use crate::model::Tree;

fn pack(content: &str) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    zip.start_file("mimetype", stored).unwrap();
    zip.write_all(b"application/vnd.oasis.opendocument.spreadsheet").unwrap();
    zip.start_file("content.xml", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(content.as_bytes()).unwrap();
    zip.finish().unwrap().into_inner()
}

fn texts(cells: &[&str]) -> String {
    let each = |cell: &&str| {
        format!("<table:table-cell office:value-type=\"string\"><text:p>{cell}</text:p></table:table-cell>")
    };
    format!("<table:table-row>{}</table:table-row>", cells.iter().map(each).collect::<String>())
}

fn book(rows: &str) -> Vec<u8> {
    pack(&format!(
        "<office:document-content><office:automatic-styles><style:style style:name=\"ta2\" style:family=\"table\">\
         <style:table-properties table:display=\"false\"/></style:style></office:automatic-styles><office:body><office:spreadsheet>\
         <table:table table:name=\"observations\" table:style-name=\"ta1\"><table:table-column/>{rows}\
         <table:table-row table:number-rows-repeated=\"1048000\"><table:table-cell table:number-columns-repeated=\"16384\"/>\
         </table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
    ))
}

fn read_book(bytes: &[u8]) -> (Vec<Row>, Vec<String>, Report) {
    let (mut rows, mut told) = (Vec::new(), Vec::new());
    let report = read_file("book.ods", bytes, &Options::default(), &mut |row| match row {
        Ok(row) => rows.push(row),
        Err(reject) => told.extend(reject.problems.iter().map(ToString::to_string)),
    });
    (rows, told, report)
}

const HEADER: &[&str] =
    &["indicatorKey", "period", "figure.value", "figure.status", "figure.unit", "figure.printed.text"];

#[test]
fn values_texts_dates_and_repeats() {
    let cell = |ty: &str, value: &str, text: &str| {
        format!("<table:table-cell office:value-type=\"{ty}\" {value}><text:p>{text}</text:p></table:table-cell>")
    };
    let row = [
        cell("float", "office:value=\"12\"", "0012"),
        cell("float", "office:value=\"2020\"", "2.020"),
        cell("percentage", "office:value=\"0.976\"", "97,6 %"),
        cell("string", "", "REPORTED<office:annotation><text:p>a note</text:p></office:annotation>"),
        cell("string", "", "RATIO"),
        cell("percentage", "office:value=\"0.976\"", "97,6 %"),
    ]
    .concat();
    let repeated = texts(&["b", "2021", "1", "REPORTED", "COUNT"])
        .replace("<table:table-row>", "<table:table-row table:number-rows-repeated=\"2\" table:visibility=\"filter\">");
    let rows = format!("{}<table:table-row>{row}</table:table-row>{repeated}", texts(HEADER));
    let (rows, told, report) = read_book(&book(&rows));
    assert_eq!(told, Vec::<String>::new());
    assert_eq!(rows.len(), 3);
    let value = |row: &Row, name: &str| match row.tree.field(name) {
        Some(Tree::Cell(text)) => text.to_string(),
        other => format!("{other:?}"),
    };
    assert_eq!([value(&rows[0], "indicatorKey"), value(&rows[0], "period")], ["0012", "2020"]);
    let figure = rows[0].tree.field("figure").unwrap();
    assert_eq!(figure.field("value"), Some(&Tree::Cell("0.976".into())));
    assert_eq!(figure.field("printed").unwrap().field("text"), Some(&Tree::Cell("97,6 %".into())));
    assert_eq!(rows[2].at.path(), ["book.ods", "observations", "row 4"]);
    assert_eq!(report.notes.len(), 1);
    assert_eq!(report.to_string(), "book.ods: ODS; 3 rows read; sheet `observations`: 3 observations");
}

#[test]
fn formulas_errors_and_merged_cells_are_told() {
    let row = "<table:table-row><table:table-cell office:value-type=\"string\" table:number-rows-spanned=\"2\"><text:p>a</text:p>\
               </table:table-cell><table:table-cell table:formula=\"of:=1+1\" office:value-type=\"float\" office:value=\"2\">\
               <text:p>2</text:p></table:table-cell></table:table-row>";
    let under = "<table:table-row><table:covered-table-cell/><table:table-cell office:value-type=\"date\" \
                 office:date-value=\"2020-09-01\"><text:p>01/09/20</text:p></table:table-cell></table:table-row>";
    let (_, told, _) = read_book(&book(&format!("{}{row}{under}", texts(HEADER))));
    assert!(told[0].contains("row 2.period: WRONG_TYPE: the cell holds a formula"), "{told:?}");
    assert!(told.iter().any(|it| it.contains("row 3: BAD_FILE: the cells A2:A3 are merged")), "{told:?}");
    assert!(
        told.iter().any(|it| it.contains("row 3.period: NOT_A_PERIOD: the spreadsheet holds the date 2020-09-01")),
        "{told:?}"
    );
}

proptest::proptest! {
    #[test]
    fn never_panics_on_damage(at: proptest::sample::Index, put in "[<>/\"=a-z0-9:]{0,4}", cut in 0usize..6) {
        let mut text = format!("<t><table:table table:name=\"observations\">{}</table:table></t>", texts(HEADER));
        let at = at.index(text.len());
        let end = (at + cut).min(text.len());
        text.replace_range(at..end, &put);
        let _ = read_book(&pack(&text));
    }
}
