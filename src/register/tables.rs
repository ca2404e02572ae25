//! Sets of tables: what of a register somebody reads, so that it can be told which commits concern them.

use crate::model::Kind;

/// A set of tables, each named by the kind of its records; or all that a register is, with its revision and its log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TableSet(u64);

impl TableSet {
    /// No table.
    pub const NONE: Self = Self(0);
    /// The whole register: every table, its revision, and the log that led to it.
    pub const EVERYTHING: Self = Self(u64::MAX);

    /// The tables of these kinds.
    pub const fn of(kinds: &[Kind]) -> Self {
        let (mut bits, mut at) = (0, 0);
        while at < kinds.len() {
            // Kinds have numbers up to 62: the last bit is for what is no table.
            bits |= 1 << kinds[at] as u8;
            at += 1;
        }
        Self(bits)
    }

    /// These tables and those.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all tables of the other set are in this one.
    pub fn holds(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// The kinds of its tables; none when it is more than tables, or nothing.
    pub fn kinds(self) -> Option<impl Iterator<Item = Kind>> {
        let is_tables = self != Self::EVERYTHING && self != Self::NONE;
        is_tables.then(|| Kind::ALL.iter().copied().filter(move |kind| self.0 >> *kind as u8 & 1 == 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_place_of_its_own() {
        assert!(Kind::ALL.iter().all(|kind| (*kind as u8) < 63));
        for kind in Kind::ALL {
            let of_kind = TableSet::of(&[*kind]);
            assert_eq!(of_kind.kinds().unwrap().collect::<Vec<_>>(), [*kind]);
            let others = Kind::ALL.iter().filter(|other| *other != kind).copied().collect::<Vec<_>>();
            assert!(!TableSet::of(&others).holds(of_kind) && TableSet::of(&others).with(of_kind).holds(of_kind));
        }
        assert!(TableSet::EVERYTHING.kinds().is_none() && TableSet::NONE.kinds().is_none());
        assert!(!TableSet::of(Kind::ALL).holds(TableSet::EVERYTHING), "the log is no table");
    }
}
