//! Of how much a figure is: of all that there is, or of what is known.

use crate::model::vocabulary::vocabulary;

vocabulary! {
    /// Of what a computed figure is.
    CoverageBasis {
        /// Of all that there is.
        All = "ALL",
        /// Of what is known: some parts have no value and are left out.
        Known = "KNOWN",
    }
}

/// How many of the parts that a figure is about have what it needs. What is said not to apply is no part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Parts that have it.
    pub known: usize,
    /// Parts that lack it, and are left out.
    pub unknown: usize,
}

impl Coverage {
    /// Of all, or of what is known.
    pub fn basis(self) -> CoverageBasis {
        if self.unknown == 0 { CoverageBasis::All } else { CoverageBasis::Known }
    }

    /// Of one part.
    pub fn one(known: bool) -> Self {
        Self { known: known.into(), unknown: (!known).into() }
    }

    /// Of the parts of both.
    pub fn and(self, other: Self) -> Self {
        Self { known: self.known + other.known, unknown: self.unknown + other.unknown }
    }

    /// The one of the two that has more parts, and of two as large the one that knows less: a part is covered by its whole.
    pub fn wider(self, other: Self) -> Self {
        let size = |it: Self| (it.known + it.unknown, it.unknown);
        if size(other) > size(self) { other } else { self }
    }
}
