//! Plans: what a body sets out to do in a year.

use rust_decimal::Decimal;

use crate::model::macros::record;
use crate::model::source::{Document, Organisation};
use crate::model::{Date, Key, Link, ProblemCode, Problems, period};

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
