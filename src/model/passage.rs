//! What a document says around its figures: its own text, where somebody attached it.

use crate::model::macros::record;
use crate::model::source::Document;
use crate::model::{Key, Link, ProblemCode};

record! {
    /// A passage of a document's text, attached so that a citation can be read where it stands: `boordtabel source add`.
    Passage(|it| Key::of_parts(it.document_key.key(), &[&it.number.to_string()]), position: |it| i64::from(it.number), check: |it, problems| {
        if it.number < 1 {
            problems.within("number", |problems| {
                let message = format!("{} is no number of a passage", it.number);
                problems.push(ProblemCode::OutOfRange, message, "count the passages of a document from 1");
            });
        }
    }) {
        /// The document.
        document_key: Link<Document> => passages: "The passages of its text, in order; none where nobody attached it.",
        /// Which passage of the document it is, from 1.
        number: i32,
        /// Number of the section under whose heading it stands, such as `9.1.1.1`; null before the first.
        section: Option<String>,
        /// Number of the page of the file that was attached, from 1; null where that has no pages.
        page: Option<i32>,
        /// The passage, line by line.
        text: String,
    }
}
