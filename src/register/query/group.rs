//! Groups of the rows chosen: how many, and what their numbers come to. Exact, and never over a page only.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use rust_decimal::Decimal;

use super::Row;
use super::codes::{Keys, Length, codes, lengths_of_periods};
use super::column::Column;
use super::columnar::Columnar as _;
use super::dimension::{Dimension, Groupable, Grouped, Number};
use super::rows::{NONE, Rows};
use super::selection::Selection;
pub use super::sum::TooLong;
use super::sum::{Numbers, Sum, Whole, decimal};
use super::table::Table;
use crate::model::period::PeriodKind;
use crate::model::{Kind, View};
use crate::register::Register;
use crate::work;

/// The groups of a selection, numbered in the order of their keys. What the numbers come to is worked out when it is asked for.
pub struct Groups {
    /// What was grouped, and what can be added up.
    pub of: &'static Groupable,
    /// How many records each group has.
    pub counts: Vec<u32>,
    rows: Arc<Rows>,
    chosen: Vec<u32>,
    /// For each row chosen its group.
    ids: Vec<u32>,
    /// Dimension by dimension, for each group its code.
    codes: Vec<Vec<u32>>,
    keys: Vec<Keys>,
    by: Vec<&'static Dimension>,
    totals: Vec<OnceLock<Totals>>,
}

impl std::fmt::Debug for Groups {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} groups of {}", self.counts.len(), self.of.kind)
    }
}

/// What the values of one unit come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Total {
    /// The unit.
    pub unit: &'static str,
    /// Its place among the units.
    pub unit_order: u32,
    /// Its code, where it is none of the list: amounts in two currencies are never added.
    pub code: Option<String>,
    /// The kind of the periods, where the records have one: a year is never added to its own quarters.
    pub span: Option<PeriodKind>,
    /// How many months these have, where they have one length: a half year is never added to the year that it is a part of.
    pub months: Option<i32>,
    /// How many records have a value.
    pub valued: usize,
    /// How many have none.
    pub missing: usize,
    /// The sum; none when there is no value, an error when it has more digits than a decimal.
    pub sum: Result<Option<Decimal>, TooLong>,
    /// Why the sum says nothing, and serves the mean alone; none where it does.
    pub apart: Option<&'static str>,
    /// The least value.
    pub min: Option<Decimal>,
    /// The largest value.
    pub max: Option<Decimal>,
    /// Of a rate that is made of two numbers, that of all entries together.
    pub of_all: Option<OfAll>,
}

/// The rate of several entries together, like for like: over those that have both of its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfAll {
    /// The rate; none where no entry has both, or they count different things.
    pub value: Option<Decimal>,
    /// How many entries have both.
    pub known: usize,
    /// How many have not, and are left out.
    pub unknown: usize,
}

impl Total {
    /// The mean of the values, to 28 digits.
    pub fn avg(&self) -> Result<Option<Decimal>, TooLong> {
        let mean = self.sum?.and_then(|sum| sum.checked_div(self.valued.into()));
        // A quotient may have one more: what is told can be asked for.
        Ok(mean.map(|mean| mean.round_sf(28).unwrap_or(mean).normalize()))
    }
}

/// Why what stands in a group without a year is not added up.
const SEVERAL_YEARS: &str = "they are of different periods that lie in several years: group by the year in which these end (`PERIOD_END_YEAR`), \
                             or by that of the body (`PERIOD_FISCAL_YEAR`)";

/// What a group is told apart by in one dimension.
#[derive(Clone, Debug)]
pub enum GroupKey {
    /// Nothing is there.
    None,
    /// A record, by kind and row.
    Record(Kind, u32),
    /// Records.
    Records(Kind, Vec<u32>),
    /// The value that a record has there.
    Value(Kind, u32, Vec<usize>),
    /// A year.
    Year(i32),
    /// A kind of period.
    PeriodKind(PeriodKind),
}

impl Groups {
    /// Groups the rows chosen by these dimensions. Without any, all rows are one group, even if there are none.
    pub fn new(register: &Register, selection: &Selection, of: &'static Groupable, by: &[&'static Dimension]) -> Self {
        let table = Table::new(register, of.kind);
        let chosen = selection.chosen();
        // Each dimension is a few passes over the rows.
        work::step((chosen.len() * (by.len() + 1) / 8) as u64 + 20);
        let mut ids = vec![0; chosen.len()];
        let mut count = 1;
        let (mut columns, mut keys) = (Vec::new(), Vec::new());
        for dimension in by {
            let (codes, key) = codes(table, dimension);
            count = renumber(&mut ids, count, &chosen, &codes, key.len(register));
            columns.push(codes);
            keys.push(key);
        }
        let (mut examples, mut counts) = (vec![NONE; count], vec![0; count]);
        for (at, id) in chosen.iter().zip(&ids) {
            counts[*id as usize] += 1;
            examples[*id as usize] = *at;
        }
        let of_groups = |codes: Vec<u32>| examples.iter().map(|at| codes[*at as usize]).collect();
        Self {
            of,
            counts,
            rows: Arc::clone(&selection.rows),
            codes: columns.into_iter().map(of_groups).collect(),
            keys,
            by: by.to_vec(),
            totals: of.numbers.iter().map(|_| OnceLock::new()).collect(),
            chosen,
            ids,
        }
    }

    /// What a group is told apart by in a dimension, by its place among those asked for.
    pub fn key(&self, group: usize, dimension: usize) -> GroupKey {
        let code = self.codes[dimension][group];
        match &self.keys[dimension] {
            _ if code == NONE => GroupKey::None,
            Keys::Records(kind) => GroupKey::Record(*kind, code),
            Keys::Sets(kind, sets) => GroupKey::Records(*kind, sets[code as usize].clone()),
            Keys::Values(kind, path, column) => GroupKey::Value(*kind, column.examples[code as usize], path.clone()),
            Keys::Years(years) => GroupKey::Year(years[code as usize]),
            Keys::PeriodKinds(kinds) => GroupKey::PeriodKind(kinds[code as usize]),
        }
    }

    /// What a number, by its place among those of the kind, comes to in a group, unit by unit.
    pub fn totals(&self, register: &Register, number: usize, group: usize) -> Vec<Total> {
        work::step(1);
        let table = Table::new(register, self.of.kind);
        let totals = self.totals[number].get_or_init(|| self.add_up(table, &self.of.numbers[number]));
        totals.told(group, &self.of.numbers[number], &self.rows)
    }

    fn add_up(&self, table: Table<'_>, number: &Number) -> Totals {
        let numbers = Numbers::of(table, number);
        let units = table.column(&number.unit);
        work::step(self.chosen.len() as u64 / 8);
        let mut pairs = self.ids.clone();
        let groups = self.counts.len();
        let count = match units.examples.len() {
            1 if !units.codes.contains(&NONE) => groups,
            distinct => renumber(&mut pairs, groups, &self.chosen, &units.codes, distinct),
        };
        let others = number.code.as_ref().map(|place| table.column(place)).filter(|it| !it.examples.is_empty());
        let count = match &others {
            Some(column) => renumber(&mut pairs, count, &self.chosen, &column.codes, column.examples.len()),
            None => count,
        };
        let spans = number.period.as_ref().map(|place| lengths_of_periods(table, place));
        let count = match &spans {
            Some((codes, kinds)) if kinds.len() > 1 => renumber(&mut pairs, count, &self.chosen, codes, kinds.len()),
            _ => count,
        };
        let mut sums = vec![Sum::default(); count];
        let mut starts = vec![0; groups + 1];
        match &numbers.values {
            Whole::Short(values) => {
                for (at, pair) in self.chosen.iter().zip(&pairs) {
                    sums[*pair as usize].add_short(values[*at as usize], numbers.scales[*at as usize], *at);
                }
            }
            Whole::Long(values) => {
                for (at, pair) in self.chosen.iter().zip(&pairs) {
                    sums[*pair as usize].add_long(values, *at);
                }
            }
        }
        // Pairs of group and unit (its code, and kind of period) are numbered in their order: those of a group stand together.
        for ((at, pair), id) in self.chosen.iter().zip(&pairs).zip(&self.ids) {
            sums[*pair as usize].unit = units.codes[*at as usize];
            sums[*pair as usize].code = others.as_ref().map_or(NONE, |column| column.codes[*at as usize]);
            sums[*pair as usize].span = spans.as_ref().map_or(NONE, |(codes, _)| codes[*at as usize]);
            starts[*id as usize + 1] = starts[*id as usize + 1].max(*pair + 1);
        }
        self.part_periods(table, number, &pairs, &mut sums);
        for index in 1..starts.len() {
            starts[index] = starts[index].max(starts[index - 1]);
        }
        let scale = matches!(numbers.values, Whole::Short(_)).then_some(numbers.scale);
        Totals { sums, starts, scale, units, others, spans: spans.map(|(_, kinds)| kinds).unwrap_or_default() }
    }
}

impl Groups {
    /// Marks the sums that are of different periods in groups by year that have none: what lies in several years is no one year.
    fn part_periods(&self, table: Table<'_>, number: &Number, pairs: &[u32], sums: &mut [Sum]) {
        let Some(period) = &number.period else { return };
        let is_year =
            |by: &Dimension| matches!(&by.what, Grouped::Year(place) if by.way.is_empty() && place.path == period.path);
        let Some((_, codes)) = self.by.iter().zip(&self.codes).find(|(by, _)| is_year(by)) else { return };
        if !codes.contains(&NONE) {
            return;
        }
        work::step(self.chosen.len() as u64 / 8);
        let periods = table.column(period);
        let mut seen = vec![NONE; sums.len()];
        for ((at, pair), id) in self.chosen.iter().zip(pairs).zip(&self.ids) {
            let (code, seen) = (periods.codes[*at as usize], &mut seen[*pair as usize]);
            if codes[*id as usize] == NONE {
                sums[*pair as usize].is_of_several |= *seen != NONE && *seen != code;
                *seen = code;
            }
        }
    }
}

/// Gives each row the number of its group so far and the next dimension together, in their order; how many groups there are.
fn renumber(ids: &mut [u32], count: usize, chosen: &[u32], codes: &[u32], distinct: usize) -> usize {
    work::step(ids.len() as u64 / 8);
    /// Up to so many combinations have a place each.
    const DENSE: usize = 1 << 22;
    let wide = distinct as u64 + 1;
    let combined = |id: u32, at: u32| u64::from(id) * wide + u64::from(codes[at as usize]).min(wide - 1);
    let next = |number: &mut u32| {
        *number += 1;
        *number - 1
    };
    let mut found = 0;
    if count.saturating_mul(distinct + 1) <= DENSE {
        let place = |id: u32, at: u32| usize::try_from(combined(id, at)).expect("it is below DENSE");
        let mut numbers = vec![NONE; count * (distinct + 1)];
        ids.iter().zip(chosen).for_each(|(id, at)| numbers[place(*id, *at)] = 0);
        numbers.iter_mut().filter(|number| **number == 0).for_each(|number| *number = next(&mut found));
        ids.iter_mut().zip(chosen).for_each(|(id, at)| *id = numbers[place(*id, *at)]);
    } else {
        let mut all: Vec<u64> = ids.iter().zip(chosen).map(|(id, at)| combined(*id, *at)).collect();
        all.sort_unstable();
        all.dedup();
        let numbers: HashMap<u64, u32, foldhash::fast::RandomState> =
            all.into_iter().map(|key| (key, next(&mut found))).collect();
        ids.iter_mut().zip(chosen).for_each(|(id, at)| *id = numbers[&combined(*id, *at)]);
    }
    found as usize
}

/// What a number comes to in all groups.
struct Totals {
    /// Group by group, and in each unit by unit.
    sums: Vec<Sum>,
    /// Where those of each group begin, and where the last ones end.
    starts: Vec<u32>,
    scale: Option<u32>,
    units: Arc<Column>,
    /// The codes of units that are none of the list.
    others: Option<Arc<Column>>,
    spans: Vec<Length>,
}

impl Totals {
    fn told(&self, group: usize, number: &Number, rows: &Rows) -> Vec<Total> {
        let sums = &self.sums[self.starts[group] as usize..self.starts[group + 1] as usize];
        let value = |at: u32| rows.0.get(at as usize).and_then(|node| decimal(node, number));
        let told = sums.iter().filter_map(|sum| {
            // A record without the whole figure has neither value nor unit.
            let example = *self.units.examples.get(sum.unit as usize)?;
            let View::Enum(unit) = Row::Node(&rows.0[example as usize]).get(&number.unit.path) else { return None };
            let other = || {
                let example = *self.others.as_ref()?.examples.get(sum.code as usize)?;
                Row::Node(&rows.0[example as usize]).get(&number.code.as_ref()?.path).text()
            };
            Some(Total {
                unit,
                unit_order: sum.unit,
                code: other(),
                span: self.spans.get(sum.span as usize).map(|it| it.0),
                months: self.spans.get(sum.span as usize).and_then(|it| it.1.0),
                valued: sum.valued as usize,
                missing: sum.missing as usize,
                sum: sum.told(self.scale),
                apart: sum.is_of_several.then_some(SEVERAL_YEARS),
                min: value(sum.least_row),
                max: value(sum.most_row),
                of_all: None,
            })
        });
        told.collect()
    }
}
