//! The pages for people: each is a document of the public API, a template, and a line in the table of [`routes`]. Nothing here
//! speaks HTTP, and nothing stands on a page that the API does not give.
//!
//! An [`Address`] says which page is wanted, of which state, in which language and form; it comes to a request. What the request is
//! answered with becomes a [`Page`], which templates read as places ([`at`]) and which is given as HTML, rows, JSON or a picture.

use std::sync::OnceLock;

mod address;
mod at;
mod charts;
mod document;
mod format;
mod language;
mod links;
mod lists;
mod page;
mod path;
mod routes;
mod rows;
mod told;
mod words;

pub use address::{Address, Ending, Wrong};
pub use language::Language;
pub use links::query_string;
pub use page::{Answered, Page, Rendered, Trouble, absent, render, trouble};
pub use routes::{Route, routes};

/// The style sheet of all pages.
pub const STYLE: &str = include_str!("../../web/pages/style.css");

/// The name under which the style sheet is served: another one for each content, so that browsers may keep it for ever.
pub fn style_name() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| format!("pages-{}.css", &blake3::hash(STYLE.as_bytes()).to_hex()[..12]))
}

/// The documents of all pages, for clients that name them.
pub fn documents() -> impl Iterator<Item = &'static str> {
    routes().iter().map(|route| route.document.text())
}
