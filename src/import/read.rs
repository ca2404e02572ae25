//! Files become rows: what form a file has is found out and told, then its rows are handed on one by one.

use crate::import::format::{Format, csv, jsonl, xlsx};
use crate::import::options::{Options, stem};
use crate::import::report::{Report, Sink};
use crate::import::row::{Reject, Row};
use crate::model::problem::nearest;
use crate::model::{Kind, Problem, ProblemCode, Problems};

/// Reads a file and hands its rows on, in order, one by one.
pub fn read(name: &str, bytes: &[u8], options: &Options, each: &mut dyn FnMut(Result<Row, Reject>)) -> Report {
    let format = Format::detect(name, bytes);
    let report = Report { name: name.to_owned(), format: Some(format), ..Report::default() };
    let mut sink = Sink { each, report };
    match format {
        Format::Xlsx => xlsx::read(bytes, options, &mut sink),
        Format::JsonLines => {
            let mut lines = jsonl::Lines::new(name, options);
            lines.feed(bytes, &mut *sink.each);
            return lines.finish(sink.each);
        }
        Format::Csv => match options.kind_of(name) {
            Some(kind) => csv::read_rows(kind, bytes, options, &mut sink),
            None => sink.file(unknown_file(name)),
        },
    }
    sink.report
}

/// The problem of a file that holds nobody knows what.
pub fn unknown_file(name: &str) -> Vec<Problem> {
    let mut problems = Problems::at(name);
    problems.push_near(
        ProblemCode::BadFile,
        format!("`{name}` is named after no kind of record"),
        "name each file after its kind, such as `measures.csv`, or say the kind (--kind)",
        nearest(stem(name), Kind::ALL.iter().map(|kind| kind.file())),
    );
    problems.into_vec()
}
