//! JSON Lines: an object a line, `{"measure": {…}}`, or the bare record in a file named after its kind. Lines may come in pieces of
//! any size, and go straight into trees: what is held is one line, whatever the length of the file.

mod line;

use std::sync::Arc;

use crate::commit::{Source, Within};
use crate::import::encoding::{BOM, ENCODING_HINT, encoding_message, is_utf16};
use crate::import::form::Format;
use crate::import::options::Options;
use crate::import::report::Report;
pub use crate::import::row::PROBLEMS;
use crate::import::row::{ROW_BYTES_MAX, ROW_STEPS, RejectedRow, Row, RowLocation, problem};
use crate::model::value::shorten;
use crate::model::{Kind, ProblemCode};
use crate::work;

/// Reads JSON Lines piece by piece.
pub struct Lines<'o> {
    options: &'o Options,
    kind: Option<Kind>,
    report: Report,
    /// Its name, as the beginning of all places in it.
    within: Arc<Within>,
    /// Lines begun so far.
    line: usize,
    /// The beginning of a line whose end has not come yet.
    begun: Vec<u8>,
    /// Bytes of the line so far when it is too long to be kept.
    dropped: usize,
    /// Whether the file cannot be read at all.
    hopeless: bool,
}

impl<'o> Lines<'o> {
    /// A reader for the file of that name.
    pub fn new(name: &str, options: &'o Options) -> Self {
        let report = Report { name: name.to_owned(), format: Some(Format::JsonLines), ..Report::default() };
        let kind = options.kind_of(name);
        Self {
            options,
            kind,
            report,
            within: Within::new(vec![name.to_owned()], "line"),
            line: 0,
            begun: Vec::new(),
            dropped: 0,
            hopeless: false,
        }
    }

    /// Takes the next piece and hands on the rows that it completes.
    pub fn feed(&mut self, mut piece: &[u8], each: &mut dyn FnMut(Result<Row, RejectedRow>)) {
        while let Some(end) = piece.iter().position(|byte| *byte == b'\n') {
            let (line, rest) = (&piece[..end], &piece[end + 1..]);
            piece = rest;
            if self.begun.is_empty() && self.dropped == 0 {
                self.line(line, each);
            } else {
                self.begin(line);
                self.end(each);
            }
        }
        self.begin(piece);
    }

    /// Takes the last line and says what was found.
    pub fn finish(mut self, each: &mut dyn FnMut(Result<Row, RejectedRow>)) -> Report {
        if !self.begun.is_empty() || self.dropped > 0 {
            self.end(each);
        }
        self.report
    }

    fn begin(&mut self, piece: &[u8]) {
        if self.hopeless {
        } else if self.dropped > 0 {
            self.dropped += piece.len();
        } else if self.begun.len() + piece.len() > ROW_BYTES_MAX {
            self.dropped = self.begun.len() + piece.len();
        } else {
            self.begun.extend_from_slice(piece);
        }
    }

    fn end(&mut self, each: &mut dyn FnMut(Result<Row, RejectedRow>)) {
        let begun = std::mem::take(&mut self.begun);
        match std::mem::take(&mut self.dropped) {
            0 => self.line(&begun, each),
            length => {
                self.line += 1;
                self.too_long(&begun, length, each);
            }
        }
        // The room of a line is used again for the next.
        self.begun = begun;
        self.begun.clear();
    }

    fn at(&self) -> Source {
        Source::line(&self.within, self.line)
    }

    fn too_long(&mut self, start: &[u8], length: usize, each: &mut dyn FnMut(Result<Row, RejectedRow>)) {
        let message = format!("the line has {length} bytes, at most {ROW_BYTES_MAX} are allowed");
        let problems = vec![problem(&self.at().path(), ProblemCode::TooLong, message, "shorten its values")];
        let start = String::from_utf8_lossy(&start[..start.len().min(400)]);
        self.report.refused += 1;
        each(Err(RejectedRow::text(shorten(&start), problems, self.line)));
    }

    fn line(&mut self, bytes: &[u8], each: &mut dyn FnMut(Result<Row, RejectedRow>)) {
        if self.hopeless {
            return;
        }
        self.line += 1;
        work::step(ROW_STEPS);
        let mut bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        if self.line == 1 {
            if is_utf16(bytes) {
                self.hopeless = true;
                let message = "the file is UTF-16, not UTF-8";
                let problems = vec![problem(&self.at().path(), ProblemCode::BadFile, message, ENCODING_HINT)];
                return each(Err(RejectedRow::file(problems, RowLocation { line: 1, ..RowLocation::default() })));
            }
            let text = bytes.strip_prefix(BOM).unwrap_or(bytes);
            self.report.bom = text.len() < bytes.len();
            bytes = text;
        }
        if bytes.len() > ROW_BYTES_MAX {
            return self.too_long(bytes, bytes.len(), each);
        }
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return;
        }
        let at = self.at();
        let result = match std::str::from_utf8(bytes) {
            Ok(text) => line::parse(text, self.kind, self.options, at, self.line),
            Err(error) => {
                let message = encoding_message(bytes, error.valid_up_to());
                let problems = vec![problem(&at.path(), ProblemCode::BadFile, message, ENCODING_HINT)];
                Err(RejectedRow::text(String::from_utf8_lossy(bytes).into_owned(), problems, self.line))
            }
        };
        match result {
            Ok(_) => self.report.rows += 1,
            Err(_) => self.report.refused += 1,
        }
        each(result);
    }
}

#[cfg(test)]
mod tests;
