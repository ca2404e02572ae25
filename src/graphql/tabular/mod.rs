//! Answers as tables, for CSV and workbooks.

pub mod select;
pub mod table;
