//! Why a command failed, in words, and with which exit code.

use crate::cli::words::print_problems;
use crate::commit::CommitError;
use crate::import::ImportError;

/// Why a command failed.
#[derive(Debug)]
pub struct Failure {
    /// What went wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// Exit code.
    pub code: u8,
}

impl Failure {
    /// Problems in the data.
    pub fn data(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into(), code: 1 }
    }
    /// Used wrongly.
    pub fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into(), code: 2 }
    }
    /// The server or the machine failed.
    pub fn machine(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into(), code: 3 }
    }
}

impl From<CommitError> for Failure {
    fn from(error: CommitError) -> Self {
        Self::machine(error.to_string(), error.hint())
    }
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        match &error {
            ImportError::Problems(problems) => {
                print_problems(problems);
                Self::data(error.to_string(), "correct the files and load them again; nothing was written")
            }
            ImportError::Files { .. } => {
                Self::usage(error.to_string(), "give a folder with one CSV file for each kind of record")
            }
        }
    }
}
