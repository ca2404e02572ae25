//! The pages for people: each is a document of the public API, a template, and a line in the table of routes. Nothing here
//! speaks HTTP, and nothing stands on a page that the API does not give.
//!
//! An [`Address`] says which page is wanted, of which state, in which language and form; it comes to a request. What the request is
//! answered with becomes a [`Page`], which templates read as places ([`at`]) and which is given as HTML, rows, JSON or a picture.

mod address;
mod aged;
mod at;
mod charts;
mod document;
mod drawing;
mod format;
mod guides;
mod html;
mod language;
mod learn;
mod links;
mod lists;
mod money;
mod page;
mod path;
mod render;
mod routes;
mod rows;
mod style;
mod templates;
mod told;
mod words;

pub use address::{Address, Ending, Wrong, takes_several};
pub use aged::aged;
pub use guides::file as guide_file;
pub use html::escape;
pub use language::Language;
pub use learn::Library;
pub use links::query_string;
pub use page::Page;
pub use render::{Answered, Rendered, Trouble, absent, render, trouble};
pub use routes::{Route, routes};
pub use style::{STYLE, style_name};

/// The documents of all pages, for clients that name them.
pub fn documents() -> impl Iterator<Item = &'static str> {
    routes().iter().map(|route| route.document.text())
}
