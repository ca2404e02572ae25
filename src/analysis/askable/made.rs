//! How values that can be asked are made of records and of what is computed of them.

use rust_decimal::Decimal;

use crate::analysis::computed::{Computed, MissingCode};
use crate::analysis::walk::{self, RecordRef};
use crate::model::{AsRecord, Unit};
use crate::register::Register;
use crate::work;

/// What a number of a value counts, and whether numbers of several values add up.
#[derive(Clone, Copy, Debug)]
pub struct Counts {
    /// Its unit; none for that which the value itself names, as `unit` and `unitCode`.
    pub unit: Option<Unit>,
    /// Whether a sum of them says anything: of shares and changes of shares it does not.
    pub adds_up: bool,
}

impl Counts {
    /// Things, or money, in that unit.
    pub const fn things(unit: Unit) -> Self {
        Self { unit: Some(unit), adds_up: true }
    }
    /// A share, or so much of something for each of something else.
    pub const fn rate(unit: Unit) -> Self {
        Self { unit: Some(unit), adds_up: false }
    }
    /// In the value's own unit: of shares it is in points, and does not add up.
    pub const OWN: Self = Self { unit: None, adds_up: true };
    /// The same of what never adds up.
    pub const OWN_RATE: Self = Self { unit: None, adds_up: false };
}

/// The numbers of a type of values that groups tell of, by the names of their fields.
pub type Numbers = &'static [(&'static str, Counts)];

/// What a value costs, in steps of work.
const VALUE_STEPS: u64 = 50;

/// A value for each record of a kind, in their default order.
pub fn each<'r, T: AsRecord + 'r, V>(
    register: &'r Register,
    mut make: impl FnMut(&'r Register, RecordRef<'r, T>) -> V,
) -> Vec<V> {
    let all = register.all(T::KIND).inspect(|_| work::step(VALUE_STEPS));
    all.filter_map(|node| walk::of::<T>(node)).map(|found| make(register, found)).collect()
}

/// The value of a figure; none when there is none.
pub fn known(figure: &Computed<'_>) -> Option<Decimal> {
    figure.value.as_ref().ok().copied()
}

/// Why a figure has no value, as a code and in words; none when it has one.
pub fn why(figure: &Computed<'_>) -> (Option<MissingCode>, Option<String>) {
    let missing = figure.value.as_ref().err();
    (missing.map(|it| it.code), missing.map(|it| it.text.clone()))
}
