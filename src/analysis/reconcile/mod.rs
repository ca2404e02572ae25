//! Reconciliation: what a document says, against what its own figures give.
//!
//! A rule looks at one record and compares a figure that it states with the one that other records give: computed from their
//! figures, or printed a second time. What differs by more than printing explains is a discrepancy. Nothing is corrected.
//!
//! The rules are data ([`RULES`]): each reads records of some kinds, asks only for what hangs on that record, and so takes a time
//! that grows with the register, not faster. The list of a register is made once; a later one looks
//! again only at the records that a change reaches, and at what the text says.

mod budget;
mod checks;
mod claims;
pub mod compare;
mod counts;
mod discrepancy;
mod finding;
mod list;
mod printed_twice;
mod reach;
mod restated;
pub mod rule;
mod slips;
mod statements;
mod totals;
mod trends;
mod turn;
pub mod words;

pub use checks::{RULES, RuleDef};
pub use discrepancy::Discrepancy;
pub use finding::{Counterpart, Finding};
pub use list::{Discrepancies, Fault, TABLES};
pub use rule::{DiscrepancyRule, Severity};
