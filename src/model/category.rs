//! What figures are broken down by, and in which units they count, as data.

use crate::model::macros::record;
use crate::model::{Key, Link, Organisation};

record! {
    /// One value of a dimension by which figures are broken down, such as a region, a sex, an age or a stream.
    Category(|category| category.key.clone(), position: |category| i64::from(category.position.unwrap_or(i32::MAX))) {
        /// Natural key.
        key: Key,
        /// The dimension, in words: all categories of one dimension name it alike.
        dimension: String,
        /// Name.
        name: String,
        /// Place within the dimension, from 1.
        position: Option<i32>,
        /// The body that breaks down so; null for a category that all share.
        organisation_key: Option<Link<Organisation>> => categories: "What the body breaks its figures down by.",
        /// Code as printed.
        code: Option<String>,
    }
}

record! {
    /// A unit that figures count in: of money by its code of ISO 4217, of staff, of weight, of anything. Those that the program knows
    /// itself (`Unit`) need no record.
    MeasuringUnit(|unit| unit.key.clone()) {
        /// Natural key: the word that `unitCode` of a figure names, such as `FTE`, `TONNE`, `CAD`.
        key: Key,
        /// Name.
        name: String,
        /// How it is written behind a number.
        symbol: Option<String>,
        /// Whether it is counted whole.
        whole: Option<bool>,
        /// Whether amounts of it may be added up over records; null and true say yes. Shares, indexes and scores may not.
        summable: Option<bool>,
    }
}
