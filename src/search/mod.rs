//! Which records hold which words: an index in memory over the texts of records, in Dutch.
//!
//! An [`Index`] is a value that shares with its copies what did not change, like the register that it belongs to. [`words`]
//! says what a word is, [`fields`] which texts are searched, [`fit`] which records fit and in which order, [`mod@highlight`] where
//! in a text the words stand.

pub mod fields;
pub mod fit;
pub mod highlight;
mod index;
pub mod words;

pub use fit::{Asked, Hit, SearchResult};
pub use highlight::{Part, highlight};
pub use index::Index;

#[cfg(test)]
mod tests;
