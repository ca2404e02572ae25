//! What was found out about a file while it was read.

use std::fmt;
use std::sync::Arc;

use crate::commit::{Source, Within};
use crate::import::encoding::Encoding;
use crate::import::form::Format;
use crate::import::number::DecimalMark;
use crate::import::options::Delimiter;
use crate::import::row::{Note, ROW_STEPS, RejectedRow, Row, RowLocation, Table};
use crate::model::{Kind, Problem};
use crate::work;

/// What was found out about a file, and done with it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// The file.
    pub name: String,
    /// Its form.
    pub format: Option<Format>,
    /// How its letters are written, where that is not UTF-8.
    pub encoding: Option<Encoding>,
    /// Whether it began with a byte order mark.
    pub bom: bool,
    /// What separates its cells.
    pub delimiter: Option<Delimiter>,
    /// Its decimal mark; `None` where nothing tells, or it has no decimals.
    pub decimal: Option<DecimalMark>,
    /// Its sheets, with the kind of their rows and how many were read; no kind when passed over.
    pub sheets: Vec<(String, Option<Kind>, usize)>,
    /// Rows handed on.
    pub rows: usize,
    /// Rows refused.
    pub refused: usize,
    /// Columns that the mapping passes over.
    pub passed_over: Vec<String>,
    /// Columns that the mapping names and the file does not have.
    pub absent: Vec<String>,
    /// Rows that are headings, merged over several columns, and were passed over.
    pub headings: Vec<String>,
    /// What should be looked at beside its rows.
    pub notes: Vec<(RowLocation, Note)>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.name)?;
        match self.format {
            Some(format) => write!(f, "{format}")?,
            None => write!(f, "unknown format")?,
        }
        if let Some(encoding) = self.encoding {
            write!(f, " in {encoding}")?;
        }
        if self.bom {
            write!(f, " with a byte order mark")?;
        }
        if let Some(delimiter) = self.delimiter {
            write!(f, ", {} between cells", delimiter.name())?;
        }
        if let Some(decimal) = self.decimal {
            write!(f, ", decimal {}", decimal.name())?;
        }
        write!(f, "; {} rows read", self.rows)?;
        if self.refused > 0 {
            write!(f, ", {} refused", self.refused)?;
        }
        for (sheet, kind, rows) in &self.sheets {
            match kind {
                Some(kind) => write!(f, "; sheet `{sheet}`: {rows} {}", kind.many())?,
                None => write!(f, "; sheet `{sheet}`: passed over")?,
            }
        }
        let lists = [
            ("columns passed over", &self.passed_over),
            ("columns of the mapping that are not there", &self.absent),
            ("merged headings passed over", &self.headings),
        ];
        for (title, names) in lists {
            if !names.is_empty() {
                write!(f, "; {title}: {}", names.join(", "))?;
            }
        }
        Ok(())
    }
}
/// Where readers put their rows.
pub(in crate::import) struct Sink<'e> {
    pub each: &'e mut dyn FnMut(Result<Row, RejectedRow>),
    pub report: Report,
    /// The name of the file, as the beginning of all places in it.
    within: Arc<Within>,
}

impl<'e> Sink<'e> {
    pub fn new(each: &'e mut dyn FnMut(Result<Row, RejectedRow>), report: Report) -> Self {
        let within = Within::new(vec![report.name.clone()], "line");
        Self { each, report, within }
    }

    /// Hands on a row, or refuses it.
    pub fn row(&mut self, row: Result<Row, RejectedRow>) {
        work::step(ROW_STEPS);
        match row {
            Ok(_) => self.report.rows += 1,
            Err(_) => self.report.refused += 1,
        }
        (self.each)(row);
    }

    /// Tells problems that are not those of a row.
    pub fn file(&mut self, problems: Vec<Problem>) {
        (self.each)(Err(RejectedRow::file(problems, RowLocation::default())));
    }

    /// Tells what is wrong with a header, each problem at its cell.
    pub fn header(&mut self, table: &Arc<Table>, line: usize, problems: Vec<Problem>, faulty: &[usize]) {
        for (problem, column) in problems.into_iter().zip(faulty) {
            let place = RowLocation { table: Some(Arc::clone(table)), line, column: Some(*column) };
            (self.each)(Err(RejectedRow::file(vec![problem], place)));
        }
    }

    /// Path of a line: file, line.
    pub fn at(&self, line: usize) -> Source {
        Source::line(&self.within, line)
    }
}
