//! Numbers ready to be added, and sums of them that are exact.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::Row;
use super::columnar::Columnar as _;
use super::delta::Delta;
use super::dimension::Number;
use super::rows::{NONE, Rows};
use super::table::Table;
use crate::model::View;
use crate::register::Node;
use crate::register::cache::{CacheEntry, Name};
use crate::work;

/// A sum has more digits than a decimal can hold exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

/// Decimals as whole numbers of one scale, ready to be added.
pub struct Numbers {
    rows: Arc<Rows>,
    /// The scale that all are brought to.
    pub scale: u32,
    /// The numbers.
    pub values: Whole,
    /// The scale that each has by itself.
    pub scales: Vec<u8>,
}

/// The numbers, row by row.
pub enum Whole {
    /// Row by row; the least number stands for none.
    Short(Vec<i64>),
    /// The values as they are, where some are longer.
    Long(Vec<Option<Decimal>>),
}

impl CacheEntry for Numbers {
    fn bytes(&self) -> usize {
        let values = match &self.values {
            Whole::Short(values) => values.len() * 8,
            Whole::Long(values) => values.len() * 20,
        };
        values + self.scales.len() + 64
    }
}

impl Numbers {
    /// Those of a table.
    pub fn of(table: Table<'_>, number: &Number) -> Arc<Self> {
        table.get(
            |stamp| Name::Numbers(stamp, number.value.path.clone()),
            |numbers: &Self| &numbers.rows,
            |numbers, rows, delta| numbers.carry(rows, delta, number),
            |rows| Self::make(rows, number),
        )
    }

    fn make(rows: &Arc<Rows>, number: &Number) -> Self {
        let decimals = rows.0.iter().inspect(|_| work::step(3)).map(|node| decimal(node, number));
        let decimals: Vec<Option<Decimal>> = decimals.collect();
        let scale = decimals.iter().flatten().map(Decimal::scale).max().unwrap_or_default();
        let short = |value: &Option<Decimal>| match value {
            None => Some(i64::MIN),
            Some(value) => whole(value, scale).and_then(|it| i64::try_from(it).ok()).filter(|it| *it != i64::MIN),
        };
        let scales = decimals.iter().map(|value| value.map_or(0, |value| u8::try_from(value.scale()).unwrap_or(28)));
        let scales = scales.collect();
        let values =
            decimals.iter().map(short).collect::<Option<_>>().map_or_else(|| Whole::Long(decimals), Whole::Short);
        Self { rows: Arc::clone(rows), scale, values, scales }
    }

    /// The same of a later version of the table; none where a new number does not fit among the others.
    fn carry(&self, rows: &Arc<Rows>, delta: &Delta, number: &Number) -> Option<Self> {
        let Whole::Short(values) = &self.values else { return None };
        work::step(rows.0.len() as u64 / 32);
        let (mut values, mut scales) = (delta.carried(values, i64::MIN), delta.carried(&self.scales, 0));
        for &at in delta.new_rows() {
            let Some(value) = decimal(&rows.0[at as usize], number) else { continue };
            if value.scale() > self.scale {
                return None;
            }
            let whole = i64::try_from(whole(&value, self.scale)?).ok().filter(|it| *it != i64::MIN)?;
            (values[at as usize], scales[at as usize]) = (whole, u8::try_from(value.scale()).ok()?);
        }
        Some(Self { rows: Arc::clone(rows), scale: self.scale, values: Whole::Short(values), scales })
    }
}

/// The number of a record.
pub fn decimal(node: &Node, number: &Number) -> Option<Decimal> {
    match Row::Node(node).get(&number.value.path) {
        View::Decimal(value) => Some(value),
        _ => None,
    }
}

/// A decimal as a whole number of a scale that is no less than its own.
fn whole(value: &Decimal, scale: u32) -> Option<i128> {
    10_i128.checked_pow(scale - value.scale())?.checked_mul(value.mantissa())
}

/// A sum that is being made.
#[derive(Clone)]
pub struct Sum {
    sum: i128,
    least: i64,
    most: i64,
    /// A row that has the least, and one that has the largest number.
    pub least_row: u32,
    /// See above.
    pub most_row: u32,
    /// How many rows have a number.
    pub valued: u32,
    /// How many have none.
    pub missing: u32,
    /// Their unit.
    pub unit: u32,
    /// Its code, where it is none of the list.
    pub code: u32,
    /// The kind of their periods.
    pub span: u32,
    /// Whether they are of different periods that must not be added up.
    pub is_of_several: bool,
    scale: u8,
    too_long: bool,
}

impl Default for Sum {
    fn default() -> Self {
        let (least, most) = (i64::MAX, i64::MIN);
        let (least_row, most_row, unit, code, span) = (NONE, NONE, NONE, NONE, NONE);
        let (valued, missing, scale, too_long, is_of_several) = (0, 0, 0, false, false);
        Self {
            sum: 0,
            least,
            most,
            least_row,
            most_row,
            valued,
            missing,
            unit,
            code,
            span,
            is_of_several,
            scale,
            too_long,
        }
    }
}

impl Sum {
    /// Adds a number that was brought to the common scale.
    pub fn add_short(&mut self, value: i64, scale: u8, at: u32) {
        if value == i64::MIN {
            self.missing += 1;
            return;
        }
        // 2^32 numbers of 64 bits do not fill 128.
        self.sum += i128::from(value);
        self.valued += 1;
        self.scale = self.scale.max(scale);
        if value < self.least || self.least_row == NONE {
            (self.least, self.least_row) = (value, at);
        }
        if value > self.most {
            (self.most, self.most_row) = (value, at);
        }
    }

    /// Adds the number of a row as it is.
    pub fn add_long(&mut self, values: &[Option<Decimal>], at: u32) {
        let of = |at: u32| values.get(at as usize).copied().flatten();
        let Some(value) = of(at) else {
            self.missing += 1;
            return;
        };
        // Unlike short numbers these are brought to the longest scale of their own group only, lest more be too long than must.
        let scale = u32::from(self.scale).max(value.scale());
        let sum = 10_i128.checked_pow(scale - u32::from(self.scale)).and_then(|times| times.checked_mul(self.sum));
        match sum.zip(whole(&value, scale)).and_then(|(sum, whole)| sum.checked_add(whole)) {
            Some(sum) => (self.sum, self.scale) = (sum, u8::try_from(scale).unwrap_or(28)),
            None => self.too_long = true,
        }
        self.valued += 1;
        if of(self.least_row).is_none_or(|least| value < least) {
            self.least_row = at;
        }
        if of(self.most_row).is_none_or(|most| value > most) {
            self.most_row = at;
        }
    }

    /// The sum; of numbers that were brought to a scale, of that scale.
    pub fn told(&self, scale: Option<u32>) -> Result<Option<Decimal>, TooLong> {
        if self.valued == 0 {
            return Ok(None);
        }
        if self.too_long {
            return Err(TooLong);
        }
        // The numbers were brought to the scale of the longest anywhere; these have fewer decimals, so what goes is zeros.
        let own = u32::from(self.scale);
        let sum = self.sum / 10_i128.pow(scale.unwrap_or(own) - own);
        Decimal::try_from_i128_with_scale(sum, own).map(Some).map_err(|_| TooLong)
    }
}
