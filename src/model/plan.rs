//! Who plans, for which year, and in which document it was printed.

use crate::model::figure::Citation;
use crate::model::macros::record;
use crate::model::{Date, Key, Link, period};

record! {
    /// A public body that plans and reports (*entiteit, departement, agentschap*).
    Organisation(|organisation| organisation.key.clone()) {
        /// Natural key, such as the abbreviation in lower case.
        key: Key,
        /// Full name.
        name: String,
        /// Usual abbreviation.
        abbreviation: Option<String>,
        /// Where the name is printed.
        printed: Option<Citation>,
    }
}

record! {
    /// A printed document that figures are taken from.
    Document(|document| document.key.clone()) {
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
    }
}

record! {
    /// One organisation's plan for one year (*ondernemingsplan*). It plans that year and looks back on the one before.
    Plan(|plan| plan.key.clone(), check: |plan, problems| period::check_year("year", plan.year, problems)) {
        /// Natural key.
        key: Key,
        /// The body whose plan it is.
        organisation_key: Link<Organisation> => plans: "The yearly plans of this body.",
        /// The year that is planned.
        year: i32,
        /// The year that is looked back on.
        evaluated_year: Option<i32>,
        /// Title.
        title: String,
        /// The document in which it was printed.
        document_key: Option<Link<Document>> => plans: "The plans printed in this document.",
    }
}
