//! An export as bytes, piece by piece, in each of the forms.

use std::fs::File;
use std::io::{self, Read as _, Seek as _};

use super::choice::Form;
use super::error::ExportError;
use super::records::{Export, PIECE_BYTES};
use super::{computed, package, xlsx};

/// What an export consists of, piece by piece.
pub type Pieces = Box<dyn Iterator<Item = io::Result<Vec<u8>>> + Send>;

impl Export {
    /// Begins to make it. What is streamed takes little memory whatever it holds; workbooks and packages are made in a
    /// temporary file first, which takes its time.
    ///
    /// # Errors
    /// When something does not fit into the form, or there is no room for the temporary file.
    pub fn pieces(&self) -> Result<Pieces, ExportError> {
        if let Some(values) = &self.computed {
            return match self.choice.form {
                Form::Csv => Ok(Box::new(computed::csv(self, values).map(Ok))),
                Form::JsonLines => Ok(Box::new(computed::json_lines(values).map(Ok))),
                Form::Xlsx | Form::Package => in_file(|file| computed::workbook(self, values, file)),
            };
        }
        match self.choice.form {
            Form::Csv => Ok(Box::new(self.csv().map(Ok))),
            Form::JsonLines => Ok(Box::new(self.json_lines().map(Ok))),
            Form::Xlsx => in_file(|file| xlsx::write(self, file)),
            Form::Package => in_file(|file| package::write(self, file)),
        }
    }
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
