//! From a register to files: tables as CSV, JSON Lines, workbooks, and a data package. What goes out comes in again as the
//! same: see [`crate::import`].

pub mod cell;
mod choice;
mod computed;
pub mod csv;
pub mod dump;
mod error;
mod joined;
pub mod package;
mod pieces;
mod records;
pub mod rows;
pub mod template;
mod values;
mod words;
pub mod xlsx;

pub use choice::{Choice, Form};
pub use error::ExportError;
pub use pieces::{Pieces, in_file};
pub use records::Export;
pub use values::Computed;

#[cfg(test)]
mod tests;
