//! Where figures come from: public bodies, the documents that they publish, and the place in one where something is printed. The three
//! refer to each other: a body has its name from a document, which has its publisher.

use crate::model::macros::{composite, record};
use crate::model::problem::{ProblemCode, Problems};
use crate::model::text::shortened;
use crate::model::value::{Tree, Type, Value, View, room};
use crate::model::{Date, Key, Link};

record! {
    /// A public body that plans and reports (*entiteit, departement, agentschap*).
    Organisation(|organisation| organisation.key.clone(), check: |it, problems| {
        check_namespace(it, problems);
        check_month(it, problems);
    }) {
        /// Natural key, such as the abbreviation in lower case.
        key: Key,
        /// Full name.
        name: String,
        /// Usual abbreviation.
        abbreviation: Option<String>,
        /// Where the name is printed.
        printed: Option<Citation>,
        /// The body that it belongs to or is supervised by, such as a ministry.
        parent_key: Option<Link<Organisation>> => children: "The bodies that belong to this one.",
        /// What the keys of its records begin with, before a colon: `agency` makes keys such as `agency:goal-1`, which never meet those of
        /// another body. Null for a body whose keys begin with nothing. It stays as long as the body has records.
        namespace: Option<String>,
        /// The month in which its years begin, 1 to 12; null for calendar years. A year is named after the calendar year in which it begins.
        year_start: Option<i32>,
    }
}

/// Years begin in a month.
fn check_month(organisation: &Organisation, problems: &mut Problems) {
    if let Some(month) = organisation.year_start.filter(|month| !(1..=12).contains(month)) {
        problems.within("yearStart", |problems| {
            let message = format!("{month} is no month");
            problems.push(
                ProblemCode::OutOfRange,
                message,
                "give the number of the month, 1 to 12, such as `4` for April",
            );
        });
    }
}

/// Parts a namespace from the rest of a key.
pub const NAMESPACE_END: char = ':';

/// A namespace is short and plain, so that it is told from the rest of a key at a glance.
fn check_namespace(organisation: &Organisation, problems: &mut Problems) {
    let Some(namespace) = &organisation.namespace else { return };
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    if namespace.is_empty() || namespace.len() > 32 || !namespace.chars().all(plain) {
        problems.within("namespace", |problems| {
            let message = format!("`{}` is no namespace", shortened(namespace, 80));
            problems.push(ProblemCode::BadKey, message, "use at most 32 lower-case letters, digits and hyphens");
        });
    }
}

record! {
    /// A printed document that figures are taken from.
    Document(|document| document.key.clone(), check: |it, problems| check_digest(it, problems)) {
        /// Natural key.
        key: Key,
        /// Title as on the cover or in the page header.
        title: String,
        /// The body that published it.
        organisation_key: Link<Organisation> => documents: "The documents that this body published.",
        /// Date of the document.
        date: Option<Date>,
        /// Number of pages.
        pages: Option<i32>,
        /// Language as a BCP 47 tag, such as `nl-BE`.
        language: Option<String>,
        /// Address at which it was found.
        address: Option<String>,
        /// Day on which it was taken from there.
        retrieved: Option<Date>,
        /// SHA-256 of the file that was taken, as 64 hexadecimal digits: whoever has the same file can prove it.
        sha256: Option<String>,
        /// Under which licence or terms its figures may be used, by name or address.
        licence: Option<String>,
    }
}

/// A digest is written in one form, so that two of them can be compared as texts.
fn check_digest(document: &Document, problems: &mut Problems) {
    let is_digit = |letter: char| letter.is_ascii_digit() || ('a'..='f').contains(&letter);
    if let Some(digest) = document.sha256.as_ref().filter(|it| it.len() != 64 || !it.chars().all(is_digit)) {
        problems.within("sha256", |problems| {
            let message = format!("`{}` is no SHA-256", shortened(digest, 80));
            problems.push(ProblemCode::OutOfRange, message, "write 64 hexadecimal digits, in lower case");
        });
    }
}

composite! {
    /// Where something was printed, and the text exactly as printed, errors included. White space and line wraps do not count.
    Citation {
        /// Key of the document.
        document_key: Link<Document>,
        /// Number of the section under whose heading it stands, such as `9.1.1.1`.
        section: Option<String>,
        /// Title of the table, when it stands in one.
        table: Option<String>,
        /// Label of the table's row as printed.
        row: Option<String>,
        /// Label of the table's column as printed.
        column: Option<String>,
        /// The text as printed; null for a blank cell.
        text: Option<String>,
        /// Number of the page, when the document shows it at this place.
        page: Option<i32>,
        /// What a reader should know of the transcription, such as that the column was inferred.
        note: Option<String>,
        /// Number of the last page, where it stands on several, from `page` on.
        last_page: Option<i32>,
        /// Place in the text where it stands in none of the above: a paragraph, a footnote, a figure.
        place: Option<String>,
        /// Who held the transcription against the source.
        checked_by: Option<String>,
        /// How often that was done, by different people or passes.
        checks: Option<i32>,
        /// What the printed number is multiplied by, where the table counts in thousands or millions: `1000`, `1000000`; null for 1.
        scale: Option<i32>,
    }
}

/// Most figures have no citation: they are kept small.
impl Value for Box<Citation> {
    fn ty() -> Type {
        Citation::ty()
    }
    fn read(tree: &Tree<'_>, problems: &mut Problems) -> Option<Self> {
        Citation::read(tree, problems).map(Self::new)
    }
    fn view(&self) -> View<'_> {
        (**self).view()
    }
    fn held(&self) -> usize {
        room(size_of::<Citation>()) + (**self).held()
    }
}
