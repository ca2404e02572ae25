//! The documentation as pages: the guides of `docs/`, the schema with a page for each type, and a search over both. All of it is
//! written once, from the texts that stand elsewhere already.

mod library;
mod markdown;
mod members;
mod prose;
mod search;

pub use library::Library;
