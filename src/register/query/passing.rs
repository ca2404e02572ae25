//! The rows whose value in a column matches a predicate.

use std::ops::Range;
use std::sync::Arc;

use super::bits::Bits;
use super::column::Column;
use super::columnar::Columnar;
use super::links::Links;
use super::order::{NaturalText, Order, OrderDirection, SortKey};
use super::predicate::{Predicate, Scalar};
use super::ranked::Ranked;
use super::rows::{Listed, Rows, row};
use super::schema::{FieldPath, Leaf};
use super::sorted::Sorted;
use crate::model::View;
use crate::register::cache::{CacheEntry, Name};
use crate::work;

/// Where a predicate has to look at so many distinct values, it is kept which match: for the next page.
const MANY: usize = if cfg!(test) { 3 } else { 1 << 12 };

/// The rows whose value in a column matches a predicate, or which lead to a row that is chosen, told row by row.
pub struct Passing<L = Rows> {
    codes: Coded<L>,
    name: Name,
    values: Values,
}

/// Numbers of rows.
enum Coded<L> {
    /// The place of a row's value among the distinct values.
    Column(Arc<Column<L>>),
    /// The one row of another table that a row leads to.
    Links(Arc<Links<L>>),
}

impl<L: Listed> Coded<L> {
    fn codes(&self) -> &[u32] {
        match self {
            Self::Column(column) => &column.codes,
            Self::Links(links) => links.single().unwrap_or_default(),
        }
    }

    /// For each number how many rows have a lesser one; then how many have any, and how many rows there are.
    fn before(&self) -> &[usize] {
        match self {
            Self::Column(column) => column.before(),
            Self::Links(links) => links.before(),
        }
    }

    fn distinct(&self) -> usize {
        self.before().len() - 2
    }
}

/// Which of the distinct values pass.
enum Values {
    /// Those that stand together: from which one on, and how many. What has no value has the largest code, which none reaches.
    Range(u32, u32),
    /// Those of which this holds; at last, whether having none does.
    Each(Arc<Each>),
}

/// Which of the distinct values pass.
struct Each {
    /// For each whether it does; at last, whether having none does.
    passes: Bits,
    /// The same as stretches of values, where they are few: from which one on, and how many. Rows are told by a stretch without waiting for
    /// memory.
    stretches: Option<Vec<(u32, u32)>>,
}

/// So many stretches are few.
const FEW: usize = 4;

impl Each {
    fn of(passes: Bits) -> Self {
        Self { stretches: stretches(&passes), passes }
    }

    fn has(&self, code: u32) -> bool {
        self.passes.has(code.min(row(self.passes.count() - 1)))
    }

    fn among(&self, codes: &[u32]) -> Bits {
        match &self.stretches {
            Some(stretches) => {
                let within = |(start, length): &(u32, u32)| Bits::within(codes, *start, *length);
                stretches.iter().map(within).reduce(|all, one| all.or(&one)).unwrap_or_else(|| Bits::none(codes.len()))
            }
            None => Bits::of(codes.len(), |at| self.has(codes[at as usize])),
        }
    }
}

/// The values that pass as stretches; none where these are many, or what has no value passes too, which has another code than the last.
fn stretches(passes: &Bits) -> Option<Vec<(u32, u32)>> {
    let mut found: Vec<(u32, u32)> = Vec::new();
    for code in passes.rows() {
        let goes_on = found.last_mut().filter(|(start, length)| start + length == code);
        if let Some((_, length)) = goes_on {
            *length += 1;
        } else {
            found.push((code, 1));
        }
        if found.len() > FEW {
            return None;
        }
    }
    (!passes.has(row(passes.count() - 1))).then_some(found)
}

impl CacheEntry for Each {
    fn bytes(&self) -> usize {
        self.passes.count() / 8 + 64
    }
}

impl<L: Listed> Passing<L> {
    /// The rows of a list whose value matches a predicate.
    pub fn of<'r>(place: &FieldPath, predicate: &Predicate, list: impl Columnar<'r, List = L>) -> Self {
        let column = list.column(place);
        let view = |code: usize| column.rows.row(column.examples[code]).get(&place.path);
        let distinct = column.examples.len();
        let inner = if let Predicate::NotIn(values) = predicate { &Predicate::In(values.clone()) } else { predicate };
        let ranges = ranges(inner, place.leaf, distinct, |code| SortKey::of(&view(code), place.leaf));
        let one_by_one =
            |passes: &dyn Fn(usize) -> bool| Each::of(Bits::of(distinct + 1, |code| passes(code as usize)));
        let each = |passes: &dyn Fn(usize) -> bool| Values::Each(Arc::new(one_by_one(passes)));
        let values = match ranges.as_deref() {
            // Each distinct value is one.
            _ if *predicate == Predicate::Null(false) => Values::Range(0, row(distinct)),
            _ if *predicate == Predicate::Null(true) => each(&|code| code == distinct),
            Some([range]) if matches!(predicate, Predicate::NotIn(_)) => each(&|code| !range.contains(&code)),
            Some([range]) => Values::Range(row(range.start), row(range.len())),
            Some(ranges) => {
                let without = matches!(predicate, Predicate::NotIn(_));
                let mut passing = vec![without; distinct + 1];
                ranges.iter().for_each(|range| passing[range.clone()].fill(!without));
                each(&|code| passing[code])
            }
            None => {
                let matches = |code: usize| {
                    work::step(1);
                    predicate.matches(&if code == distinct { View::Null } else { view(code) })
                };
                if distinct < MANY {
                    each(&matches)
                } else {
                    let name = Name::Passing(list.stamp(), place.path.clone(), format!("{predicate:?}"));
                    let sought = || match place.leaf {
                        Leaf::Text | Leaf::Key => list.texts(place).matching(predicate).map(Each::of),
                        _ => None,
                    };
                    Values::Each(list.register().cache.get(name, || sought().unwrap_or_else(|| one_by_one(&matches))))
                }
            }
        };
        Self { codes: Coded::Column(column), name: Name::Column(list.stamp(), place.path.clone()), values }
    }

    /// The rows that lead to one of those that are found, by links of that name, each to one at most; with `nowhere` also those that
    /// lead nowhere.
    pub fn leading(links: Arc<Links<L>>, name: Name, found: Bits, nowhere: bool) -> Self {
        let values = Values::Each(Arc::new(Each::of(found.with_one_more(nowhere))));
        Self { codes: Coded::Links(links), name, values }
    }

    /// The rows as a set.
    pub fn bits(&self) -> Bits {
        self.among(self.codes.codes())
    }

    /// Which of those codes pass.
    pub fn among(&self, codes: &[u32]) -> Bits {
        match &self.values {
            Values::Range(start, length) => Bits::within(codes, *start, *length),
            Values::Each(each) => each.among(codes),
        }
    }

    /// Its codes in an order of the rows.
    pub fn ranked<'r>(&self, list: impl Columnar<'r, List = L>, order: &Order, sorted: &Sorted<L>) -> Arc<Ranked> {
        let name = Name::Ranked(Box::new(self.name.clone()), order.name());
        list.register().cache.get(name, || Ranked::make(self.codes.codes(), sorted))
    }

    /// Between which places they stand when rows are in the order of the column; none where they do not stand together.
    pub fn span(&self, direction: OrderDirection) -> Option<Range<u32>> {
        let Values::Range(start, length) = self.values else { return None };
        let before = self.codes.before();
        let (first, end) = (before[start as usize], before[(start + length) as usize]);
        Some(match direction {
            OrderDirection::Ascending => row(first)..row(end),
            OrderDirection::Descending => {
                let valued = before[self.codes.distinct()];
                row(valued - end)..row(valued - first)
            }
        })
    }

    /// Whether it holds a row.
    pub fn has(&self, at: u32) -> bool {
        let code = self.codes.codes()[at as usize];
        match &self.values {
            Values::Range(start, length) => code.wrapping_sub(*start) < *length,
            Values::Each(each) => each.has(code),
        }
    }

    /// Whether it holds no row. Each distinct value is that of a row, so that rows need not be counted for it after each commit.
    pub fn is_empty(&self) -> bool {
        if let Values::Range(_, length) = self.values { length == 0 } else { self.len() == 0 }
    }

    /// Whether it holds all rows.
    pub fn is_all(&self) -> bool {
        let distinct = row(self.codes.distinct());
        let may_be = !matches!(self.values, Values::Range(start, length) if (start, length) != (0, distinct));
        may_be && self.len() == self.codes.codes().len()
    }

    /// How many rows it holds.
    pub fn len(&self) -> usize {
        let before = self.codes.before();
        match &self.values {
            Values::Range(start, length) => before[(start + length) as usize] - before[*start as usize],
            Values::Each(each) => {
                each.passes.rows().map(|code| before[code as usize + 1] - before[code as usize]).sum()
            }
        }
    }
}

/// The distinct values that pass, where they stand together because these values sort as they compare.
fn ranges(
    predicate: &Predicate,
    leaf: Leaf,
    distinct: usize,
    key: impl Fn(usize) -> Option<SortKey>,
) -> Option<Vec<Range<usize>>> {
    let sorts = |scalar: &Scalar| {
        Some(match (scalar, leaf) {
            (Scalar::Int(value), _) => SortKey::Int(*value),
            (Scalar::Decimal(value), _) => SortKey::Decimal(*value),
            (Scalar::Date(value), _) => SortKey::Date(*value),
            (Scalar::Exact(text), Leaf::Key) => SortKey::Key(NaturalText(text.clone())),
            _ => return None,
        })
    };
    let first = |matches: &dyn Fn(SortKey) -> bool| {
        let (mut low, mut high) = (0, distinct);
        while low < high {
            let middle = low.midpoint(high);
            if key(middle).is_some_and(matches) { high = middle } else { low = middle + 1 }
        }
        low
    };
    let around = |scalar: &Scalar| {
        let bound = sorts(scalar)?;
        Some((first(&|key| key >= bound), first(&|key| key > bound)))
    };
    let range = |range: Range<usize>| Vec::from([range]);
    match predicate {
        Predicate::In(values) => values.iter().map(|value| around(value).map(|(start, end)| start..end)).collect(),
        Predicate::Below(bound, true) => around(bound).map(|(_, end)| range(0..end)),
        Predicate::Below(bound, false) => around(bound).map(|(start, _)| range(0..start)),
        Predicate::Above(bound, true) => around(bound).map(|(start, _)| range(start..distinct)),
        Predicate::Above(bound, false) => around(bound).map(|(_, end)| range(end..distinct)),
        _ => None,
    }
}
