//! CSV: a row a record, a column a field; the fields of a value inside a record have paths, such as `figure.printed.section`.

pub mod reasons;

use std::borrow::Cow;

use csv::{ByteRecord, ReaderBuilder};

use crate::commit::{Edit, PutMode, Source};
use crate::import::columns::{BadCell, Column, Columns};
use crate::import::encoding::{BOM, ENCODING_HINT, encoding_message};
use crate::import::field::Field;
use crate::import::mapping::KindMapping;
use crate::import::number::{DecimalMark, Evidence, Reading};
use crate::import::options::{Delimiter, Options};
use crate::import::report::{Report, Sink};
use crate::import::row::{ROW_BYTES_MAX, RejectedRow, Row, problem};
use crate::model::value::{Type, shorten};
use crate::model::{Kind, Problem, ProblemCode, Problems};
use crate::work;

/// Reads the rows of a file of one kind, decimals with a point. Every problem of every row is pushed to `found`.
pub fn read(name: &str, kind: Kind, bytes: &[u8], edits: &mut Vec<Edit>, found: &mut Vec<Problem>) {
    let options = Options { decimal: Some(DecimalMark::Point), ..Options::default() };
    let mut is_whole = true;
    let mut each = |row: Result<Row, RejectedRow>| match row {
        Err(reject) => {
            is_whole &= reject.json().is_some();
            found.extend(reject.problems);
        }
        Ok(row) => match row.record() {
            Ok(record) => edits.push(Edit::Put { record: record.in_one_form(), mode: PutMode::Upsert, at: row.at }),
            // What a wrong header leaves out is missing in each row.
            Err(problems) => {
                found.extend(problems.into_iter().filter(|it| is_whole || it.code != ProblemCode::Missing));
            }
        },
    };
    let report = Report { name: name.to_owned(), ..Report::default() };
    let bytes = bytes.strip_prefix(BOM).unwrap_or(bytes);
    read_rows(kind, bytes, &options, &mut Sink::new(&mut each, report));
}

/// Reads the rows of a file of one kind.
pub(in crate::import) fn read_rows(kind: Kind, bytes: &[u8], options: &Options, sink: &mut Sink<'_>) {
    let text = bytes;
    let mapping = options.mapping.of(kind);
    let (said, from) = said_delimiter(text);
    let delimiter = options.delimiter.or(said).unwrap_or_else(|| delimiter(kind, &text[from..], mapping));
    sink.report.delimiter = Some(delimiter);
    let mut records = Records::new(text, delimiter, from);
    let columns = match header(kind, &mut records, mapping, sink) {
        Ok(columns) => columns,
        Err(problems) => return sink.file(problems),
    };
    let reading = options.reading().unwrap_or_else(|| reading(&columns, &text[from..], delimiter));
    sink.report.decimal = if decimals(&columns).is_empty() { None } else { reading.mark() };
    while let Some((line, found)) = records.next() {
        let at = sink.at(line);
        match found {
            NextRecord::Record => {
                if let Some(row) = row(&columns, &records.record, (at, line), reading, delimiter) {
                    sink.row(row);
                }
            }
            NextRecord::Unclosed(text) => {
                let mut message = "a quote opens in this row and is not closed".to_owned();
                if records.unclosed == UNCLOSED_MAX {
                    message += "; this is found too often, the rest of the file is not read";
                }
                let hint = "close it; a quote inside of a quoted cell is written twice";
                let problems = vec![problem(&at.path(), ProblemCode::BadFile, message, hint)];
                sink.row(Err(RejectedRow::text(text, problems, line)));
            }
        }
    }
}

/// How many rows with a quote left open are passed over: for each the rest of the file is looked through once.
const UNCLOSED_MAX: usize = 20;

/// The records of a file with the lines where they begin.
struct Records<'b> {
    bytes: &'b [u8],
    delimiter: Delimiter,
    reader: csv::Reader<&'b [u8]>,
    /// Where the reader was started: the byte, and the lines before it.
    base: (usize, usize),
    record: ByteRecord,
    /// Rows so far in which a quote is left open.
    unclosed: usize,
}

enum NextRecord {
    /// `record` was filled.
    Record,
    /// A quote opens and never closes; the text of the line where it opens. Reading goes on after that line.
    Unclosed(String),
}

impl<'b> Records<'b> {
    /// From that byte on, which is 0 or begins the second line.
    fn new(bytes: &'b [u8], delimiter: Delimiter, from: usize) -> Self {
        let (reader, base) = (raw(&bytes[from..], delimiter), (from, usize::from(from > 0)));
        Self { bytes, delimiter, reader, base, record: ByteRecord::new(), unclosed: 0 }
    }

    fn next(&mut self) -> Option<(usize, NextRecord)> {
        let position = self.reader.position().clone();
        // Reading from memory fails on nothing: cells are bytes, and rows may have any length.
        if !self.reader.read_byte_record(&mut self.record).unwrap_or(false) {
            return None;
        }
        let mut start = self.base.0 + usize::try_from(position.byte()).unwrap_or(usize::MAX);
        let mut line = self.base.1 + usize::try_from(position.line()).unwrap_or(usize::MAX);
        // The reader counts line ends before a row, blank lines too, as part of it.
        while let Some(b'\n' | b'\r') = self.bytes.get(start) {
            line += usize::from(self.bytes[start] == b'\n');
            start += 1;
        }
        let end = self.base.0 + usize::try_from(self.reader.position().byte()).unwrap_or(usize::MAX);
        let rest = &self.bytes[start.min(self.bytes.len())..];
        if end < self.bytes.len() || !unclosed(rest, self.delimiter.byte()) {
            return Some((line, NextRecord::Record));
        }
        let length = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| at + 1);
        let text = String::from_utf8_lossy(&rest[..length.min(ROW_BYTES_MAX)]).trim_end().to_owned();
        self.unclosed += 1;
        let next = if self.unclosed < UNCLOSED_MAX { start + length } else { self.bytes.len() };
        self.base = (next, line);
        self.reader = raw(&self.bytes[self.base.0..], self.delimiter);
        Some((line, NextRecord::Unclosed(text)))
    }
}

pub(super) fn raw(bytes: &[u8], delimiter: Delimiter) -> csv::Reader<&[u8]> {
    ReaderBuilder::new().flexible(true).has_headers(false).delimiter(delimiter.byte()).from_reader(bytes)
}

/// Whether a quoted cell is still open at the end.
fn unclosed(bytes: &[u8], delimiter: u8) -> bool {
    let (mut begins, mut quoted, mut closed) = (true, false, false);
    for byte in bytes {
        if quoted {
            (quoted, closed) = if *byte == b'"' { (false, true) } else { (true, false) };
            continue;
        }
        quoted = *byte == b'"' && (begins || closed);
        closed = false;
        begins = *byte == delimiter || matches!(byte, b'\n' | b'\r');
    }
    quoted
}

/// What a first line such as `sep=;` says, which spreadsheet programs write and read, and where the table begins after it.
pub(super) fn said_delimiter(bytes: &[u8]) -> (Option<Delimiter>, usize) {
    let end = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| at + 1);
    let line = bytes[..end].strip_suffix(b"\n").unwrap_or(&bytes[..end]);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    match line {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', byte] => {
            let said = Delimiter::ALL.into_iter().find(|delimiter| delimiter.byte() == *byte);
            (said, if said.is_some() { end } else { 0 })
        }
        _ => (None, 0),
    }
}

/// The delimiter that gives the header the most names that are known, else the most names.
fn delimiter(kind: Kind, bytes: &[u8], mapping: &KindMapping) -> Delimiter {
    let score = |delimiter: Delimiter| {
        let mut record = ByteRecord::new();
        let read = raw(bytes, delimiter).read_byte_record(&mut record).unwrap_or(false);
        let known = |name: &str| {
            let name = name.trim();
            mapping.columns.contains_key(name) || Field::named(kind, name).is_some()
        };
        let names = record.iter().filter(|cell| std::str::from_utf8(cell).is_ok_and(known)).count();
        if read { (names, record.len()) } else { (0, 0) }
    };
    // Of equals the last wins: the most common one.
    Delimiter::ALL.into_iter().rev().max_by_key(|delimiter| score(*delimiter)).unwrap_or(Delimiter::Comma)
}

fn header(
    kind: Kind,
    records: &mut Records<'_>,
    mapping: &KindMapping,
    sink: &mut Sink<'_>,
) -> Result<Columns, Vec<Problem>> {
    let fault = |line: usize, message: String, hint: &str| {
        let at = [sink.report.name.clone(), format!("line {line}")];
        Err(vec![problem(&at, ProblemCode::BadFile, message, hint)])
    };
    let line = match records.next() {
        Some((line, NextRecord::Record)) => line,
        Some((line, NextRecord::Unclosed(_))) => {
            return fault(line, "a quote opens in the header and is not closed".into(), "close it");
        }
        None => return fault(1, "the file is empty".into(), "begin it with a line of column names"),
    };
    if records.record.as_slice().len() > ROW_BYTES_MAX {
        let message = format!("the header has more than {ROW_BYTES_MAX} bytes");
        return fault(line, message, "begin the file with a line of column names");
    }
    let mut names = Vec::with_capacity(records.record.len());
    for cell in &records.record {
        match std::str::from_utf8(cell) {
            Ok(name) => names.push(name),
            Err(error) => {
                let shown = String::from_utf8_lossy(cell);
                let message = encoding_message(cell, error.valid_up_to());
                return fault(line, format!("in the column name `{}` {message}", shorten(&shown)), ENCODING_HINT);
            }
        }
    }
    let mut problems = Problems::at(sink.report.name.clone());
    let columns = problems
        .within(format!("line {line}"), |problems| Columns::read(kind, None, names.iter().copied(), mapping, problems));
    columns.report(names.iter().copied(), mapping, &mut sink.report);
    sink.header(&columns.table, line, problems.into_vec(), &columns.faulty);
    Ok(columns)
}

/// The columns of decimals.
fn decimals(columns: &Columns) -> Vec<usize> {
    let decimal = |column: &Column| matches!(column, Column::Fills(field) if matches!(field.ty, Type::Decimal));
    (0..columns.columns.len()).filter(|index| decimal(&columns.columns[*index])).collect()
}

/// Looks through all decimals of the file for the mark that they use.
fn reading(columns: &Columns, bytes: &[u8], delimiter: Delimiter) -> Reading {
    let decimals = decimals(columns);
    let mut evidence = Evidence::default();
    let mut reader = raw(bytes, delimiter);
    let mut record = ByteRecord::new();
    let mut first = true;
    while !decimals.is_empty() && reader.read_byte_record(&mut record).unwrap_or(false) {
        work::step(1);
        if !std::mem::take(&mut first) && record.len() == columns.columns.len() {
            decimals
                .iter()
                .filter_map(|index| std::str::from_utf8(&record[*index]).ok())
                .for_each(|it| evidence.add(it));
        }
    }
    evidence.verdict()
}

/// One row; `None` when all its cells are empty.
fn row(
    columns: &Columns,
    record: &ByteRecord,
    (at, line): (Source, usize),
    reading: Reading,
    delimiter: Delimiter,
) -> Option<Result<Row, RejectedRow>> {
    let is_blank = |cell: &[u8]| std::str::from_utf8(cell).is_ok_and(|cell| cell.trim().is_empty());
    if record.iter().all(is_blank) {
        return None;
    }
    if record.as_slice().len() > ROW_BYTES_MAX {
        let longest = record.iter().map(<[u8]>::len).max().unwrap_or(0);
        let message = format!("the row has more than {ROW_BYTES_MAX} bytes, its longest cell {longest}");
        let problems =
            vec![problem(&at.path(), ProblemCode::TooLong, message, "shorten it; see that quotes are closed")];
        let start = String::from_utf8_lossy(&record.as_slice()[..200]).into_owned();
        return Some(Err(RejectedRow::text(shorten(&start), problems, line)));
    }
    let mut cells = Vec::with_capacity(record.len());
    let mut bad = Vec::new();
    for (index, bytes) in record.iter().enumerate() {
        let mut refuse = |code, message, hint| bad.push(BadCell { cell: Some(index), code, message, hint });
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(error) => {
                let shown = String::from_utf8_lossy(bytes);
                let message = encoding_message(bytes, error.valid_up_to());
                let message = format!("in `{}` {message}", shorten(&shown));
                refuse(ProblemCode::BadFile, message, ENCODING_HINT.to_owned());
                shown
            }
        };
        cells.push(match (columns.columns.get(index), text) {
            (Some(Column::Fills(field)), Cow::Borrowed(text)) if matches!(field.ty, Type::Decimal) => {
                match reading.decimal(text) {
                    Ok(text) => text,
                    Err((message, hint)) => {
                        refuse(ProblemCode::NotANumber, message, hint);
                        Cow::Borrowed(text)
                    }
                }
            }
            (Some(Column::Blank), text) if !text.trim().is_empty() => {
                let message = format!("`{}` stands in a column without a name", shorten(&text));
                refuse(ProblemCode::BadFile, message, "name the column in the first line, or empty it".to_owned());
                text
            }
            (_, text) => text,
        });
    }
    // Spreadsheet programs leave out empty cells at the end of a row, or write more of them.
    let header = columns.columns.len();
    while cells.len() > header && cells.last().is_some_and(|cell| cell.trim().is_empty()) {
        cells.pop();
    }
    let are_optional = record.len() < header && bad.is_empty() && columns.may_lack(&cells);
    if are_optional {
        cells.resize(header, Cow::Borrowed(""));
    }
    if cells.len() != header {
        let mut message = format!("the row has {} cells, the header {}", record.len(), columns.columns.len());
        if cells.len() > header {
            message += &format!("; beyond it stands `{}`", cells[header..].join("`, `"));
        }
        let hint = format!("quote cells that hold a {} or a line break", delimiter.name());
        // Where cells are missing, those that are there may stand in the wrong columns: what they hold says nothing.
        bad = vec![BadCell { cell: None, code: ProblemCode::BadFile, message, hint }];
    }
    Some(columns.row(at, line, &cells, bad))
}

#[cfg(test)]
mod tests;
