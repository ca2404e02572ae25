//! How values that can be asked are made of records and of what is computed of them.

use rust_decimal::Decimal;

use crate::analysis::computed::{Computed, MissingCode};
use crate::analysis::walk::{self, RecordRef};
use crate::model::AsRecord;
use crate::register::Register;
use crate::work;

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
