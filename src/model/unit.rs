//! What figures count, and whether they have a value.

use crate::model::vocabulary::vocabulary;

vocabulary! {
    /// Whether a figure has a value, and if not, why.
    FigureStatus {
        /// The source gives the value (*gekend, gerapporteerd*).
        Reported = "REPORTED",
        /// The register computed the value; `computed` says how.
        Computed = "COMPUTED",
        /// The source says that it does not apply (*n.v.t., niet van toepassing*).
        NotApplicable = "NOT_APPLICABLE",
        /// The source says that it does not have it (*n.b., niet beschikbaar*).
        NotAvailable = "NOT_AVAILABLE",
        /// The source leaves the place blank (*niet ingevuld, leeg*).
        NotReported = "NOT_REPORTED",
        /// The register could not compute the value; `computed.missing` says why.
        NotComputable = "NOT_COMPUTABLE",
    }
}

vocabulary! {
    /// What a figure counts.
    Unit {
        /// A number of things (*aantal*): files, payments, controls, norms.
        Count = "COUNT",
        /// A share or a relative change as a ratio (*aandeel*): `0.976` for 97,6%.
        Ratio = "RATIO",
        /// A difference of two shares as a ratio: `0.013` for 1,3 percentage points (*ppt.*).
        RatioPoints = "RATIO_POINTS",
        /// Euro (*euro*).
        Euro = "EUR",
        /// Persons (*koppen*), not full-time equivalents.
        Persons = "PERSONS",
        /// Calendar days (*dagen, kalenderdagen*).
        Days = "DAYS",
        /// Months (*maanden*).
        Months = "MONTHS",
        /// Another unit (*andere*), told by the label.
        Other = "OTHER",
    }
}
