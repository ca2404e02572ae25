//! Why an export cannot be made.

use std::io;

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
