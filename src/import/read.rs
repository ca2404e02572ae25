//! Files become rows: what form a file has is found out and told, then its rows are handed on one by one.

use crate::import::encoding::Encoding;
use crate::import::form::Format;
use crate::import::format::{csv, jsonl, ods, xlsx};
use crate::import::kind_names::computed;
use crate::import::options::{Options, stem};
use crate::import::report::{Report, Sink};
use crate::import::row::{RejectedRow, Row, problem};
use crate::model::problem::nearest;
use crate::model::{Kind, Problem, ProblemCode, Problems};

/// Reads a file and hands its rows on, in order, one by one.
pub fn read(name: &str, bytes: &[u8], options: &Options, each: &mut dyn FnMut(Result<Row, RejectedRow>)) -> Report {
    let format = Format::detect(name, bytes);
    let report = Report { name: name.to_owned(), format: Some(format), ..Report::default() };
    let mut sink = Sink::new(each, report);
    let read = match format {
        Format::Xlsx => xlsx::read(bytes, options, &mut sink),
        Format::Ods => ods::read(bytes, options, &mut sink),
        Format::JsonLines | Format::Csv => {
            read_text(format, bytes, options, &mut sink);
            Ok(())
        }
    };
    if let Err(message) = read {
        let at = [sink.report.name.clone()];
        let hint = "open it in a spreadsheet program and save it again as XLSX, or save each sheet as CSV UTF-8";
        sink.file(vec![problem(&at, ProblemCode::BadFile, message, hint)]);
    }
    sink.report
}

fn read_text(format: Format, bytes: &[u8], options: &Options, sink: &mut Sink<'_>) {
    let encoding = options.encoding.unwrap_or_else(|| Encoding::detect(bytes));
    let (text, bom) = encoding.decode(bytes);
    sink.report.bom = bom;
    sink.report.encoding = Some(encoding).filter(|encoding| *encoding != Encoding::Utf8);
    let name = sink.report.name.clone();
    if format == Format::JsonLines {
        let mut lines = jsonl::Lines::new(&name, options);
        lines.feed(&text, &mut *sink.each);
        let told = lines.finish(&mut *sink.each);
        (sink.report.rows, sink.report.refused) = (told.rows, told.refused);
        return;
    }
    match options.kind_of(&name) {
        Some(kind) => csv::read_rows(kind, &text, options, sink),
        None => sink.file(unknown_file(&name)),
    }
}

/// The problem of a file that holds nobody knows what.
pub fn unknown_file(name: &str) -> Vec<Problem> {
    let mut problems = Problems::at(name.to_owned());
    if let Some((message, hint)) = computed(name, stem(name)) {
        problems.push(ProblemCode::BadFile, message, hint);
        return problems.into_vec();
    }
    problems.push_near(
        ProblemCode::BadFile,
        format!("`{name}` is named after no kind of record"),
        "name each file after its kind, such as `measures.csv`, or say the kind (--kind)",
        nearest(stem(name), Kind::ALL.iter().map(|kind| kind.file())),
    );
    problems.into_vec()
}
