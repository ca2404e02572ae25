//! What was found out about a file while it was read.

use std::fmt;

use crate::commit::Source;
use crate::import::format::Format;
use crate::import::number::DecimalMark;
use crate::import::options::Delimiter;
use crate::import::row::{Reject, Row};
use crate::model::{Kind, Problem};

/// What was found out about a file, and done with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The file.
    pub name: String,
    /// Its form.
    pub format: Option<Format>,
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
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.name)?;
        match self.format {
            Some(format) => write!(f, "{format}")?,
            None => write!(f, "unknown format")?,
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
    pub each: &'e mut dyn FnMut(Result<Row, Reject>),
    pub report: Report,
}

impl Sink<'_> {
    /// Hands on a row, or refuses it.
    pub fn row(&mut self, row: Result<Row, Reject>) {
        match row {
            Ok(_) => self.report.rows += 1,
            Err(_) => self.report.refused += 1,
        }
        (self.each)(row);
    }

    /// Tells problems that are not those of a row.
    pub fn file(&mut self, problems: Vec<Problem>) {
        (self.each)(Err(Reject::file(problems)));
    }

    /// Path of a line: file, line.
    pub fn at(&self, line: usize) -> Source {
        Source(vec![self.report.name.clone(), format!("line {line}")])
    }
}
