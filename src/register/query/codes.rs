//! Codes of rows in a dimension: what groups them, worked out column by column.

use std::cmp::Ordering;
use std::cmp::Reverse;
use std::sync::Arc;

use super::Row;
use super::column::Column;
use super::columnar::Columnar as _;
use super::dimension::{Dimension, Grouped};
use super::rows::{NONE, row};
use super::schema::FieldPath;
use super::table::Table;
use crate::model::period::PeriodKind;
use crate::model::{AsRecord as _, Kind, Organisation, View};
use crate::register::relation::Relation;
use crate::register::{Node, Register};
use crate::work;

/// The distinct keys of a dimension, by their codes.
pub enum Keys {
    Records(Kind),
    Sets(Kind, Vec<Vec<u32>>),
    Values(Kind, Vec<usize>, Arc<Column>),
    Years(Vec<i32>),
    PeriodKinds(Vec<PeriodKind>),
}

impl Keys {
    pub fn len(&self, register: &Register) -> usize {
        match self {
            Self::Records(kind) => register.count(*kind),
            Self::Sets(_, sets) => sets.len(),
            Self::Values(_, _, column) => column.examples.len(),
            Self::Years(years) => years.len(),
            Self::PeriodKinds(kinds) => kinds.len(),
        }
    }
}

/// For each row of a table its code in a dimension, and what the codes stand for.
pub fn codes(table: Table<'_>, dimension: &Dimension) -> (Vec<u32>, Keys) {
    let end = dimension.way.last().map_or(table.kind, |relation| relation.target);
    let far = Table::new(table.register, end);
    let (of_ends, keys) = match &dimension.what {
        Grouped::Record(kind) => ((0..row(far.register.count(end))).collect(), Keys::Records(*kind)),
        Grouped::Set(relation) => sets(far, relation),
        Grouped::Value(place) => {
            let column = far.column(place);
            (column.codes.clone(), Keys::Values(end, place.path.clone(), column))
        }
        Grouped::Year(place) => {
            let (codes, years) = derived(far, place, |view| match view {
                View::Date(date) => Some(date.year()),
                View::Period(period) => Some(period.start().year()).filter(|start| *start == period.end().year()),
                _ => None,
            });
            (codes, Keys::Years(years))
        }
        Grouped::EndYear(place) => {
            let (codes, years) = derived(far, place, |view| match view {
                View::Period(period) => Some(period.end().year()),
                _ => None,
            });
            (codes, Keys::Years(years))
        }
        Grouped::PeriodKind(place) => {
            let (codes, kinds) = kinds_of_periods(far, place);
            (codes, Keys::PeriodKinds(kinds))
        }
        Grouped::YearOfBody(place, ways) => {
            let (codes, years) = years_of_bodies(far, place, ways);
            (codes, Keys::Years(years))
        }
    };
    let ways = std::iter::once(&dimension.way).chain(&dimension.others);
    (back_along(table.register, ways, &of_ends), keys)
}

/// Back along ways: what a row leads to has the code of where it leads, by the first way that leads anywhere.
fn back_along<'w>(
    register: &Register,
    ways: impl IntoIterator<Item = &'w Vec<&'static Relation>>,
    of_ends: &[u32],
) -> Vec<u32> {
    let mut ways = ways.into_iter();
    let mut codes = of_ends.to_vec();
    if let Some(way) = ways.next() {
        back_along_one(register, way, &mut codes);
    }
    for way in ways {
        if codes.iter().all(|code| *code != NONE) {
            break;
        }
        let mut others = of_ends.to_vec();
        back_along_one(register, way, &mut others);
        codes.iter_mut().zip(others).filter(|(code, _)| **code == NONE).for_each(|(code, other)| *code = other);
    }
    codes
}

fn back_along_one(register: &Register, way: &[&'static Relation], codes: &mut Vec<u32>) {
    for relation in way.iter().rev() {
        let links = Table::new(register, relation.source).links(relation);
        let single = links.single().expect("a way has one target at each step");
        *codes = single.iter().map(|target| codes.get(*target as usize).copied().unwrap_or(NONE)).collect();
    }
}

pub fn kinds_of_periods(table: Table<'_>, place: &FieldPath) -> (Vec<u32>, Vec<PeriodKind>) {
    derived(table, place, |view| match view {
        View::Period(period) => Some(period.kind()),
        _ => None,
    })
}

/// What kind of period, and how many months it has: the longer ones come first.
pub type Length = (PeriodKind, Reverse<Option<i32>>);

/// The same with how many months the periods have, the longer ones first: a half year and a year of one body may both be ranges.
pub fn lengths_of_periods(table: Table<'_>, place: &FieldPath) -> (Vec<u32>, Vec<Length>) {
    derived(table, place, |view| match view {
        View::Period(period) => Some((period.kind(), Reverse(period.months()))),
        _ => None,
    })
}

/// For each row the year of its body in which its period counts.
fn years_of_bodies(table: Table<'_>, place: &FieldPath, ways: &[Vec<&'static Relation>]) -> (Vec<u32>, Vec<i32>) {
    let bodies = table.register.all(Kind::Organisation);
    let months: Vec<i32> =
        bodies.map(|node| Organisation::of(&node.record).and_then(|it| it.year_start).unwrap_or(1)).collect();
    let of_bodies: Vec<u32> = (0..row(months.len())).collect();
    let of_rows = back_along(table.register, ways, &of_bodies);
    let year = |(node, body): (&Arc<Node>, &u32)| match Row::Node(node).get(&place.path) {
        View::Period(period) => Some(period.year_counted(months.get(*body as usize).copied().unwrap_or(1))),
        _ => None,
    };
    let years: Vec<Option<i32>> = table.rows().0.iter().zip(&of_rows).inspect(|_| work::step(1)).map(year).collect();
    let mut distinct: Vec<i32> = years.iter().copied().flatten().collect();
    distinct.sort_unstable();
    distinct.dedup();
    let code = |year: &Option<i32>| year.map_or(NONE, |it| row(distinct.partition_point(|other| *other < it)));
    (years.iter().map(code).collect(), distinct)
}

/// What follows from the value at a place: for each row of a table a code, and what the codes stand for, in order.
fn derived<T: Ord + Copy>(
    table: Table<'_>,
    place: &FieldPath,
    of: impl Fn(View<'_>) -> Option<T>,
) -> (Vec<u32>, Vec<T>) {
    let (column, rows) = (table.column(place), table.rows());
    let example = |example: &u32| of(Row::Node(&rows.0[*example as usize]).get(&place.path));
    let of_values: Vec<Option<T>> = column.examples.iter().map(example).collect();
    let mut distinct: Vec<T> = of_values.iter().copied().flatten().collect();
    distinct.sort_unstable();
    distinct.dedup();
    let code = |value: &Option<T>| value.map_or(NONE, |it| row(distinct.partition_point(|other| *other < it)));
    let of_values: Vec<u32> = of_values.iter().map(code).collect();
    let codes = column.codes.iter().map(|code| of_values.get(*code as usize).copied().unwrap_or(NONE));
    (codes.collect(), distinct)
}

/// The sets of rows that a relation leads to.
fn sets(table: Table<'_>, relation: &'static crate::register::relation::Relation) -> (Vec<u32>, Keys) {
    let links = table.links(relation);
    let set = |at: u32| {
        work::step(2);
        let mut set = links.of(at).to_vec();
        set.sort_unstable();
        set.dedup();
        set
    };
    let of_rows: Vec<Vec<u32>> = (0..row(table.register.count(table.kind))).map(set).collect();
    // Those that lead nowhere come last.
    let order = |a: &Vec<u32>, b: &Vec<u32>| a.is_empty().cmp(&b.is_empty()).then_with(|| a.cmp(b));
    let mut distinct = of_rows.clone();
    distinct.sort_by(order);
    distinct.dedup();
    let code = |set: &Vec<u32>| row(distinct.partition_point(|other| order(other, set) == Ordering::Less));
    (of_rows.iter().map(code).collect(), Keys::Sets(relation.target, distinct))
}
