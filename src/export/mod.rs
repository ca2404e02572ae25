//! From a register to files: tables as CSV, JSON Lines, workbooks, and a data package. What goes out comes in again as the
//! same: see [`crate::import`].

pub mod cell;
pub mod csv;
pub mod dump;
pub mod package;
pub mod rows;
pub mod template;
pub mod xlsx;

use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::sync::Arc;

use crate::import::to_json::row_json;
use crate::model::macros::vocabulary;
use crate::model::{Kind, Type};
use crate::register::{Node, Register};
use cell::{cells, columns, has_sources};
use csv::{Csv, Dialect};
use rows::Rows;

/// About how many bytes are made at a time.
const PIECE_BYTES: usize = 64 * 1024;

vocabulary! {
    /// What form an export has.
    Form {
        /// One kind of record as a table of text.
        Csv = "csv",
        /// A workbook with a sheet for each kind.
        Xlsx = "xlsx",
        /// A record a line, as JSON.
        JsonLines = "jsonl",
        /// A data package: CSV files and their description, in one archive.
        Package = "zip",
    }
}

impl Form {
    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::JsonLines => "application/jsonl; charset=utf-8",
            Self::Package => "application/zip",
        }
    }
}

/// Why an export cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A sheet has no room for so many.
    #[error("a sheet of a workbook has room for {limit} records, there are {found} {kind}")]
    TooManyRows {
        /// What of.
        kind: &'static str,
        /// How many fit.
        limit: usize,
        /// How many there are.
        found: usize,
    },
    /// A cell has no room for so much text.
    #[error("a cell of a workbook has room for 32 767 characters; `{column}` of {record} has more")]
    TooLong {
        /// Whose.
        record: String,
        /// Which column.
        column: String,
    },
    /// The temporary file cannot be written.
    #[error("the temporary file cannot be written: {0}")]
    File(#[from] io::Error),
    /// The workbook cannot be written.
    #[error("the workbook cannot be written: {0}")]
    Workbook(String),
}

impl ExportError {
    /// What to do.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::TooManyRows { .. } | Self::TooLong { .. } => "take CSV or JSON Lines, which have no such limit",
            Self::File(_) | Self::Workbook(_) => "see that the folder for temporary files has room, then try again",
        }
    }
}

/// What is to be exported, and how.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Which kinds, in the order of the model.
    pub kinds: Vec<Kind>,
    /// Whether the file is named after all that the register holds rather than after a kind.
    pub whole: bool,
    /// In which form.
    pub form: Form,
    /// How CSV is written.
    pub dialect: Dialect,
    /// Whether CSV and workbooks have the columns that say where things were printed. A file without them is for reading: to
    /// import it would be to say that nothing was printed anywhere.
    pub sources: bool,
}

impl Choice {
    /// The name of the file. Where something is left out, it is one that no import takes for the records of a kind.
    pub fn file_name(&self) -> String {
        let left_out = !self.sources && self.kinds.iter().any(|kind| has_sources(*kind));
        let stem = match (self.form, self.kinds.as_slice()) {
            (Form::Package, _) => "datapackage",
            (_, [kind]) if !self.whole => kind.file(),
            _ => "plan",
        };
        let mark = if left_out { "-without-sources" } else { "" };
        format!("{stem}{mark}.{}", self.form)
    }

    /// The same of one kind alone.
    fn of(&self, kind: Kind) -> Self {
        Self { kinds: vec![kind], whole: false, ..self.clone() }
    }
}

/// An export of a register.
#[derive(Clone)]
pub struct Export {
    /// From where.
    pub register: Arc<Register>,
    /// What and how.
    pub choice: Choice,
    /// Which records of the one kind, in which order; all, in the document's order, where nothing is said.
    pub listed: Option<Arc<[Arc<Node>]>>,
}

/// What an export consists of, piece by piece.
pub type Pieces = Box<dyn Iterator<Item = io::Result<Vec<u8>>> + Send>;

impl Export {
    /// Begins to make it. What is streamed takes little memory whatever it holds; workbooks and packages are made in a
    /// temporary file first, which takes its time.
    ///
    /// # Errors
    /// When something does not fit into the form, or there is no room for the temporary file.
    pub fn pieces(&self) -> Result<Pieces, ExportError> {
        match self.choice.form {
            Form::Csv => Ok(Box::new(self.csv().map(Ok))),
            Form::JsonLines => Ok(Box::new(self.json_lines().map(Ok))),
            Form::Xlsx => in_file(|file| xlsx::write(self, file)),
            Form::Package => in_file(|file| package::write(self, file)),
        }
    }

    fn rows(&self) -> Rows {
        match &self.listed {
            Some(nodes) => Rows::listed(Arc::clone(nodes)),
            None => Rows::all(Arc::clone(&self.register), &self.choice.kinds),
        }
    }

    /// How many records go out.
    pub fn records(&self) -> usize {
        match &self.listed {
            Some(nodes) => nodes.len(),
            None => self.choice.kinds.iter().map(|kind| self.register.count(*kind)).sum(),
        }
    }

    /// How many records of that kind go out.
    fn count(&self, kind: Kind) -> usize {
        self.listed.as_ref().map_or_else(|| self.register.count(kind), |nodes| nodes.len())
    }

    /// The same, of one kind alone.
    fn of(&self, kind: Kind) -> Self {
        Self { choice: self.choice.of(kind), ..self.clone() }
    }

    /// The one kind as CSV.
    fn csv(&self) -> impl Iterator<Item = Vec<u8>> + Send + use<> {
        let kind = self.choice.kinds.first().copied();
        let sources = self.choice.sources;
        let columns = kind.map_or_else(Vec::new, |kind| columns(kind, sources));
        let decimals = columns.iter().any(|column| matches!(column.ty, Type::Decimal));
        let sure = !decimals || self.rows().any(|node| csv::tells(&cells(&node.record, sources)));
        let mut csv = Csv::new(self.choice.dialect, sure);
        let mut header = Vec::new();
        csv.header(columns.iter().map(|column| column.path.as_str()), &mut header);
        pieces(header, self.rows(), move |node, out| csv.row(&cells(&node.record, sources), out))
    }

    fn json_lines(&self) -> impl Iterator<Item = Vec<u8>> + Send + use<> {
        pieces(Vec::new(), self.rows(), |node, out| {
            serde_json::to_writer(&mut *out, &row_json(&node.record)).expect("a Vec takes everything");
            out.push(b'\n');
        })
    }
}

/// The bytes at the beginning, then those of each row.
fn pieces(
    header: Vec<u8>,
    mut rows: Rows,
    mut write: impl FnMut(&Node, &mut Vec<u8>) + Send,
) -> impl Iterator<Item = Vec<u8>> + Send {
    let mut header = Some(header);
    std::iter::from_fn(move || {
        let mut piece = header.take().unwrap_or_default();
        while piece.len() < PIECE_BYTES {
            let Some(node) = rows.next() else { break };
            write(&node, &mut piece);
        }
        (!piece.is_empty()).then_some(piece)
    })
}

/// What is written to a temporary file, read from it again. The file has no name, and goes with the last piece.
///
/// # Errors
/// When it cannot be written.
pub fn in_file(write: impl FnOnce(&mut File) -> Result<(), ExportError>) -> Result<Pieces, ExportError> {
    let mut file = tempfile::tempfile()?;
    write(&mut file)?;
    file.rewind()?;
    Ok(Box::new(std::iter::from_fn(move || {
        let mut piece = vec![0; PIECE_BYTES];
        match file.read(&mut piece) {
            Ok(0) => None,
            Ok(length) => {
                piece.truncate(length);
                Some(Ok(piece))
            }
            Err(error) => Some(Err(error)),
        }
    })))
}

#[cfg(test)]
mod tests;
