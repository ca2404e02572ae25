//! Who plans, for which year, and in which document it was printed.

use rust_decimal::Decimal;

use crate::model::figure::Citation;
use crate::model::macros::record;
use crate::model::text::shortened;
use crate::model::{Date, Key, Link, ProblemCode, Problems, period};

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

record! {
    /// One organisation's plan for one year (*ondernemingsplan*). It plans that year and looks back on the one before.
    Plan(|plan| plan.key.clone(), check: |plan, problems| {
        period::check_year("year", plan.year, problems);
        check_bands(plan, problems);
    }) {
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
        /// The day on which its figures were closed: targets whose period ends later are not judged yet; null for the date of its document,
        /// or else the end of the year that it looks back on.
        closing_date: Option<Date>,
        /// From which share of a target on it counts as met, as a ratio; null for 1.
        met_from: Option<Decimal>,
        /// From which share of a target on it counts as nearly met; null for 0.9.
        nearly_met_from: Option<Decimal>,
        /// From which share of a target on it counts as partly met; null for 0.8.
        partly_met_from: Option<Decimal>,
    }
}

/// Bands go down, from at most all of the target, and none is nothing.
fn check_bands(plan: &Plan, problems: &mut Problems) {
    let bands = [
        ("metFrom", plan.met_from, Decimal::ONE),
        ("nearlyMetFrom", plan.nearly_met_from, Decimal::new(9, 1)),
        ("partlyMetFrom", plan.partly_met_from, Decimal::new(8, 1)),
    ];
    let mut above = Decimal::ONE;
    for (name, given, default) in bands {
        let band = given.unwrap_or(default);
        if band > above || band <= Decimal::ZERO {
            problems.within(name, |problems| {
                let message = format!("{band} does not lie above 0 and at most at {above}");
                problems.push(
                    ProblemCode::OutOfRange,
                    message,
                    "give the bands as ratios, from the highest down, such as 1, 0.9 and 0.8",
                );
            });
        }
        above = band;
    }
}
