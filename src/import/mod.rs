//! From files to a draft of a commit: what a file says, and everything that is wrong with it.

pub mod answer;
pub mod bulk;
pub mod columns;
pub mod dump;
pub mod edit;
pub mod encoding;
pub mod field;
pub mod form;
pub mod format;
mod kind_names;
pub mod lines;
pub mod mapping;
pub mod meant;
pub mod number;
pub mod options;
pub mod quote;
pub mod read;
pub mod report;
pub mod row;
pub mod to_json;
pub mod upload;
pub mod words;

use std::io;
use std::path::Path;

use crate::commit::Edit;
use crate::model::{Kind, Problem, ProblemCode, Problems};

/// Why files could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file system refused.
    #[error("cannot read `{path}`: {cause}")]
    Files {
        /// Where.
        path: String,
        /// What the system says.
        cause: io::Error,
    },
    /// The data has problems.
    #[error("{} of the data do not hold", .0.len())]
    Problems(Vec<Problem>),
}

/// A file: its name and what it holds.
pub type File = (String, Vec<u8>);

/// The CSV files of a folder, sorted by name.
///
/// # Errors
/// When the folder or a file cannot be read, or holds no CSV file.
pub fn read_folder(folder: &Path) -> Result<Vec<File>, ImportError> {
    let failed = |path: &Path| {
        let path = path.display().to_string();
        |cause| ImportError::Files { path, cause }
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed(folder))? {
        let path = entry.map_err(failed(folder))?.path();
        if path.extension().is_some_and(|extension| extension == "csv") {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.push((name, std::fs::read(&path).map_err(failed(&path))?));
        }
    }
    if files.is_empty() {
        let cause = io::Error::new(io::ErrorKind::NotFound, "it holds no CSV file");
        return Err(failed(folder)(cause));
    }
    files.sort();
    Ok(files)
}

/// The records of CSV files, each named after its kind: `measures.csv`.
///
/// # Errors
/// Every problem of every row of every file.
pub fn read_files(files: &[File]) -> Result<Vec<Edit>, ImportError> {
    let mut edits = Vec::new();
    let mut found = Vec::new();
    for (name, bytes) in files {
        let stem = name.strip_suffix(".csv").unwrap_or(name);
        match Kind::ALL.iter().find(|kind| kind.file() == stem) {
            Some(kind) => format::csv::read(name, *kind, bytes, &mut edits, &mut found),
            None => {
                let mut problems = Problems::at(name.to_owned());
                if let Some((message, hint)) = kind_names::computed(name, stem) {
                    problems.push(ProblemCode::BadFile, message, hint);
                    found.extend(problems.into_vec());
                    continue;
                }
                problems.push_near(
                    ProblemCode::BadFile,
                    format!("`{name}` is named after no kind of record"),
                    "name each file after its kind, such as `measures.csv`",
                    crate::model::problem::nearest(stem, Kind::ALL.iter().map(|kind| kind.file())),
                );
                found.extend(problems.into_vec());
            }
        }
    }
    if found.is_empty() { Ok(edits) } else { Err(ImportError::Problems(found)) }
}

#[cfg(test)]
pub mod tests;
