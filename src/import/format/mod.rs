//! A reader for each form of files.

pub mod csv;
pub mod jsonl;
pub mod marks;
pub mod ods;
pub mod sheet;
pub mod shown;
pub mod unpack;
pub mod xlsx;
pub mod xml;
