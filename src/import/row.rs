//! Rows on their way: what a file says of a record, where it says so, and what cannot be taken as a row.

use std::borrow::Cow;
use std::sync::Arc;

use crate::commit::Source;
use crate::import::meant::meant;
use crate::import::to_json;
use crate::model::problem::WarningCode;
use crate::model::{Key, Kind, Problem, ProblemCode, Problems, Record, Tree};

/// What it takes to read a row, in steps of [`crate::work`].
pub const ROW_STEPS: u64 = 100;
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
    pub place: RowLocation,
    /// What should be looked at.
    pub notes: Vec<Note>,
}

/// Something in a file that is taken, but should be looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// What it is.
    pub code: WarningCode,
    /// The field, where it is one cell.
    pub field: String,
    /// What was found.
    pub message: String,
    /// What to do when it is not meant.
    pub hint: String,
}

impl Note {
    /// A note on that field.
    pub fn new(code: WarningCode, field: &str, message: String, hint: impl Into<String>) -> Self {
        Self { code, field: field.to_owned(), message, hint: hint.into() }
    }
}

/// Where a row stands in its file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowLocation {
    /// The table that it belongs to, where there is one.
    pub table: Option<Arc<Table>>,
    /// Line, or row of the sheet, from 1; 0 for the file as a whole.
    pub line: usize,
    /// Column from 0, where it is one cell and no field tells which.
    pub column: Option<usize>,
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
        match self.kind.read(&self.tree, &mut problems) {
            Some(record) if problems.is_empty() => Ok(record),
            _ => Err(problems.into_vec_at(&self.at.path())),
        }
    }
}

/// What cannot be taken as a row, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct RejectedRow {
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// What stands there, for the file of rejected rows.
    pub kept: RejectedSource,
    /// Where it stands.
    pub place: RowLocation,
}

/// What is kept of a rejected row.
#[derive(Clone, Debug, PartialEq)]
pub enum RejectedSource {
    /// The row as far as it was understood.
    Row(Kind, Tree<'static>),
    /// The text, where it does not even read as a row.
    Text(String),
    /// Nothing: the problem is not one of a row, but of the file, a sheet or its header.
    Nothing,
}

/// Beside its record a row may state `problems`, as files of rejected rows do. They are passed over.
pub const PROBLEMS: &str = "problems";
/// The field of a rejected row that says what a person must look at. No record has such a field, so that the row is not taken
/// as long as it is there.
pub const MARK: &str = "?";

impl RejectedRow {
    /// A row that was understood in part. It is kept with a note, so that it is not taken before a person has looked at it.
    pub(in crate::import) fn row(kind: Kind, tree: Tree<'static>, problems: Vec<Problem>, place: RowLocation) -> Self {
        let note = problems.iter().map(|problem| problem.message.as_str()).collect::<Vec<_>>().join("; ");
        let mut fields = vec![(Cow::Borrowed(MARK), Tree::Text(Cow::Owned(note)))];
        if let Tree::Map(rest) = tree {
            fields.extend(rest);
        }
        Self { problems, kept: RejectedSource::Row(kind, Tree::Map(fields)), place }
    }

    /// With what else is wrong.
    pub(in crate::import) fn and(mut self, others: impl Iterator<Item = Problem>) -> Self {
        self.problems.extend(others);
        self
    }

    /// What does not even read as a row.
    pub(in crate::import) fn text(text: String, problems: Vec<Problem>, line: usize) -> Self {
        Self { problems, kept: RejectedSource::Text(text), place: RowLocation { line, ..RowLocation::default() } }
    }

    pub(in crate::import) fn file(problems: Vec<Problem>, place: RowLocation) -> Self {
        Self { problems, kept: RejectedSource::Nothing, place }
    }

    /// The kind of the row, and the keys that it may mean, as far as that can be told.
    pub fn target(&self) -> (Option<Kind>, Vec<Key>) {
        match &self.kept {
            RejectedSource::Row(kind, tree) => (Some(*kind), meant(*kind, tree, &self.doubtful())),
            RejectedSource::Text(_) | RejectedSource::Nothing => (None, Vec::new()),
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
            RejectedSource::Row(kind, Tree::Map(fields)) => {
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
            RejectedSource::Row(kind, tree) => Some(to_json::tree_json(*kind, tree)),
            RejectedSource::Text(text) => Some(serde_json::json!({ MARK: text })),
            RejectedSource::Nothing => None,
        }
    }
}

/// A problem of the whole file or one of its lines.
pub(in crate::import) fn problem(at: &[String], code: ProblemCode, message: impl Into<String>, hint: &str) -> Problem {
    Problem {
        code,
        path: at.to_vec(),
        message: message.into(),
        hint: hint.to_owned(),
        candidates: Vec::new(),
        other: Vec::new(),
    }
}
