//! Files become rows: what form a file has is found out and told, then its rows are handed on one by one.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::commit::Source;
use crate::import::mapping::{Mapping, kind_named};
use crate::import::meant::meant;
use crate::import::number::{DecimalMark, Reading};
use crate::import::{csv, jsonl, to_json, xlsx};
use crate::model::problem::nearest;
use crate::model::{Key, Kind, Problem, ProblemCode, Problems, Record, Tree};

/// Most bytes of one row. A record of full texts in all its fields is smaller.
pub const ROW_BYTES_MAX: usize = 1024 * 1024;

/// A row as the file has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What kind of record it is to be.
    pub kind: Kind,
    /// Its values.
    pub tree: Tree<'static>,
    /// Where it stands: file, sheet, line.
    pub at: Source,
    /// The same, as a person finds it.
    pub place: Place,
}

/// Where a row stands in its file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    /// The table that it belongs to, where there is one.
    pub table: Option<Arc<Table>>,
    /// Line, or row of the sheet, from 1; 0 for the file as a whole.
    pub line: usize,
}

/// A table of a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// The sheet, in a workbook.
    pub sheet: Option<String>,
    /// Which field each column fills; empty where none.
    pub columns: Vec<String>,
}

impl Table {
    /// The column, from 0, of a field, or the first column of what the field holds.
    pub fn column(&self, field: &str) -> Option<usize> {
        let within = |path: &String| path.strip_prefix(field).is_some_and(|rest| rest.starts_with('.'));
        let exact = self.columns.iter().position(|path| path == field);
        exact.or_else(|| self.columns.iter().position(within)).filter(|_| !field.is_empty())
    }
}

impl Row {
    /// The record that it says.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn record(&self) -> Result<Record, Vec<Problem>> {
        let mut problems = Problems::default();
        problems.enter(&self.at.0);
        match self.kind.read(&self.tree, &mut problems) {
            Some(record) if problems.is_empty() => Ok(record),
            _ => Err(problems.into_vec()),
        }
    }
}

/// What cannot be taken as a row, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Reject {
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// What stands there, for the file of rejected rows.
    pub kept: Kept,
    /// Where it stands.
    pub place: Place,
}

/// What is kept of a rejected row.
#[derive(Clone, Debug, PartialEq)]
pub enum Kept {
    /// The row as far as it was understood.
    Row(Kind, Tree<'static>),
    /// The text, where it does not even read as a row.
    Text(String),
    /// Nothing: the problem is not one of a row, but of the file, a sheet or its header.
    Nothing,
}

/// The field of a rejected row that says what a person must look at. No record has such a field, so that the row is not taken
/// as long as it is there.
pub const MARK: &str = "?";

impl Reject {
    /// A row that was understood in part. It is kept with a note, so that it is not taken before a person has looked at it.
    pub(super) fn row(kind: Kind, tree: Tree<'static>, problems: Vec<Problem>, place: Place) -> Self {
        let note = problems.iter().map(|problem| problem.message.as_str()).collect::<Vec<_>>().join("; ");
        let mut fields = vec![(Cow::Borrowed(MARK), Tree::Text(Cow::Owned(note)))];
        if let Tree::Map(rest) = tree {
            fields.extend(rest);
        }
        Self { problems, kept: Kept::Row(kind, Tree::Map(fields)), place }
    }

    /// With what else is wrong.
    pub(super) fn and(mut self, others: impl Iterator<Item = Problem>) -> Self {
        self.problems.extend(others);
        self
    }

    /// What does not even read as a row.
    pub(super) fn text(text: String, problems: Vec<Problem>, line: usize) -> Self {
        Self { problems, kept: Kept::Text(text), place: Place { table: None, line } }
    }

    pub(super) fn file(problems: Vec<Problem>) -> Self {
        Self { problems, kept: Kept::Nothing, place: Place::default() }
    }

    /// The kind of the row, and the keys that it may mean, as far as that can be told.
    pub fn target(&self) -> (Option<Kind>, Vec<Key>) {
        match &self.kept {
            Kept::Row(kind, tree) => (Some(*kind), meant(*kind, tree, &self.doubtful())),
            Kept::Text(_) | Kept::Nothing => (None, Vec::new()),
        }
    }

    /// The fields in which something is wrong: what stands there says nothing.
    fn doubtful(&self) -> Vec<&str> {
        let steps = self.problems.iter().flat_map(|problem| &problem.path);
        steps.map(String::as_str).collect()
    }

    /// What can be trusted of it, as a row: for whoever must know that it is there though it is not taken.
    pub fn trusted(&self) -> Option<serde_json::Value> {
        match &self.kept {
            Kept::Row(kind, Tree::Map(fields)) => {
                let doubtful = self.doubtful();
                let good = fields.iter().filter(|(name, _)| !doubtful.contains(&name.as_ref())).cloned().collect();
                Some(to_json::tree_json(*kind, &Tree::Map(good)))
            }
            _ => self.json(),
        }
    }

    /// The line of JSON Lines to be corrected and sent again; `None` when the problem is not one of a row.
    pub fn json(&self) -> Option<serde_json::Value> {
        match &self.kept {
            Kept::Row(kind, tree) => Some(to_json::tree_json(*kind, tree)),
            Kept::Text(text) => Some(serde_json::json!({ MARK: text })),
            Kept::Nothing => None,
        }
    }
}

/// What form a file has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A header, then a record a line; separated by commas, semicolons or tabs.
    Csv,
    /// An object a line.
    JsonLines,
    /// A workbook with a sheet per kind.
    Xlsx,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Csv => "CSV",
            Self::JsonLines => "JSON Lines",
            Self::Xlsx => "XLSX",
        })
    }
}

impl Format {
    /// Whether a file of that name is read when its folder is.
    pub fn is_known(name: &str) -> bool {
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
        matches!(ending.as_str(), "csv" | "tsv" | "jsonl" | "ndjson" | "xlsx" | "xlsm")
    }

    /// The format of a file, by the ending of its name, else by how it begins. A workbook is known by its first bytes
    /// whatever its name.
    pub fn detect(name: &str, bytes: &[u8]) -> Self {
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
        match ending.as_str() {
            _ if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(OLD_WORKBOOK) => Self::Xlsx,
            "xlsx" | "xlsm" | "xls" => Self::Xlsx,
            "jsonl" | "ndjson" | "json" => Self::JsonLines,
            "csv" | "tsv" | "txt" => Self::Csv,
            _ => {
                let bytes = bytes.strip_prefix(BOM).unwrap_or(bytes);
                match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
                    Some(b'{' | b'[') => Self::JsonLines,
                    _ => Self::Csv,
                }
            }
        }
    }
}

/// How workbooks of before 2007, and encrypted ones, begin.
pub(super) const OLD_WORKBOOK: &[u8] = b"\xd0\xcf\x11\xe0";
/// The byte order mark in UTF-8.
pub(super) const BOM: &[u8] = "\u{feff}".as_bytes();

/// What separates the cells of a CSV file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delimiter {
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// A tab.
    Tab,
}

impl Delimiter {
    /// All of them, the most common first.
    pub const ALL: [Self; 3] = [Self::Comma, Self::Semicolon, Self::Tab];

    /// The byte.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
        }
    }

    /// Its name: `comma`, `semicolon`, `tab`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Comma => "comma",
            Self::Semicolon => "semicolon",
            Self::Tab => "tab",
        }
    }
}

/// What the caller says of a file rather than leave it to be found out.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The kind of all rows.
    pub kind: Option<Kind>,
    /// What separates cells.
    pub delimiter: Option<Delimiter>,
    /// The decimal mark.
    pub decimal: Option<DecimalMark>,
    /// Foreign names.
    pub mapping: Mapping,
}

impl Options {
    pub(super) fn reading(&self) -> Option<Reading> {
        self.decimal.map(Reading::told)
    }

    /// The kind of a file's rows: said, mapped, or read off its name.
    pub fn kind_of(&self, name: &str) -> Option<Kind> {
        let stem = stem(name);
        // `measures_2021-11` and `Measures (2)`: what follows a name are marks of when and which.
        let bare = stem.split(|letter: char| letter.is_ascii_digit() || letter == '(').next().unwrap_or(stem);
        let bare = bare.trim_end_matches(|letter: char| !letter.is_alphanumeric());
        self.kind
            .or_else(|| self.mapping.file(stem).flatten())
            .or_else(|| kind_named(stem))
            .or_else(|| kind_named(bare))
    }
}

/// The file's name without folders and ending.
fn stem(name: &str) -> &str {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}

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

/// Where readers put their rows.
pub(super) struct Sink<'e> {
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

/// A problem of the whole file or one of its lines.
pub(super) fn problem(at: &[String], code: ProblemCode, message: impl Into<String>, hint: &str) -> Problem {
    Problem {
        code,
        path: at.to_vec(),
        message: message.into(),
        hint: hint.to_owned(),
        candidates: Vec::new(),
        other: Vec::new(),
    }
}

/// Whether text of two bytes a letter stands there: the encoding that some programs call Unicode.
pub(super) fn is_utf16(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(4)];
    start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff") || start.contains(&0)
}

/// Says which byte of a text is not UTF-8, and what it probably was meant to be.
pub(super) fn encoding_message(bytes: &[u8], at: usize) -> String {
    let byte = bytes[at];
    // The letters of Windows-1252 and Latin-1 agree from 0xA0; between 0x80 and 0x9F the former has signs such as €.
    let guess = if byte >= 0xa0 {
        format!(" (`{}` in Windows-1252)", char::from(byte))
    } else if byte == 0x80 {
        " (`€` in Windows-1252)".to_owned()
    } else {
        String::new()
    };
    format!("byte {} is 0x{byte:02X}{guess}, which is not UTF-8", at + 1)
}

/// What to do about it.
pub(super) const ENCODING_HINT: &str = "save the file as UTF-8 (in Excel: CSV UTF-8)";
