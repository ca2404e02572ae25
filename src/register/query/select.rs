//! Which rows of a large table fulfil a condition, told by columns.

use std::ops::Range;
use std::sync::Arc;

use super::bits::Bits;
use super::column::Column;
use super::columnar::Columnar;
use super::filter::{Filter, Quantifier};
use super::order::{NaturalText, Order, OrderDirection, SortKey};
use super::predicate::{Predicate, Scalar};
use super::rows::{Listed, NONE, Rows, row};
use super::schema::{FieldPath, Leaf, Link};
use super::table::{Table, ways_of_a_key};
use crate::model::View;
use crate::register::cache::{CacheEntry, Name};
use crate::work;

/// Rows that are chosen.
pub enum Chosen<L = Rows> {
    /// All, which are so many.
    All(usize),
    /// Those that one column tells, without a look at each row.
    Passing(Passing<L>),
    /// These.
    These(Bits),
}

impl<L: Listed> Chosen<L> {
    /// Whether a row is chosen.
    pub fn has(&self, at: u32) -> bool {
        match self {
            Self::All(count) => (at as usize) < *count,
            Self::Passing(passing) => passing.has(at),
            Self::These(bits) => bits.has(at),
        }
    }

    /// Whether none is chosen.
    fn is_empty(&self) -> bool {
        match self {
            Self::All(count) => *count == 0,
            Self::Passing(passing) => passing.is_empty(),
            Self::These(bits) => bits.is_empty(),
        }
    }

    /// How many are chosen.
    #[expect(clippy::len_without_is_empty, reason = "nobody else asks whether none is")]
    pub fn len(&self) -> usize {
        match self {
            Self::All(count) => *count,
            Self::Passing(passing) => passing.len(),
            Self::These(bits) => bits.len(),
        }
    }

    /// The rows as a set.
    pub fn bits(self) -> Bits {
        match self {
            Self::All(count) => Bits::none(count).not(),
            Self::Passing(passing) => passing.bits(),
            Self::These(bits) => bits,
        }
    }

    /// The rows that are chosen here and there.
    fn and(self, other: Self) -> Self {
        /// Where a set has fewer rows than one of so many, these are looked up one by one.
        const SPARSE: usize = 32;
        match (self, other) {
            (Self::All(_), it) | (it, Self::All(_)) => it,
            (Self::These(bits), Self::Passing(passing)) | (Self::Passing(passing), Self::These(bits))
                if bits.len() * SPARSE < passing.column.codes.len() =>
            {
                Self::These(bits.filtered(|at| passing.has(at)))
            }
            (one, other) => Self::These(one.bits().and(&other.bits())),
        }
    }
}

/// The rows that fulfil a condition.
pub fn select<'r, C: Columnar<'r>>(filter: &Filter, list: C) -> Chosen<C::List> {
    let rows = list.list();
    let count = rows.count();
    let found = match filter {
        Filter::All(filters) => {
            // What one column tells takes the least, and may leave nothing for the others to find.
            let (columns, rest): (Vec<_>, Vec<_>) =
                filters.iter().partition(|filter| matches!(filter, Filter::Leaf { .. }));
            return columns.into_iter().chain(rest).fold(Chosen::All(count), |found, filter| {
                if found.is_empty() { found } else { found.and(select(filter, list)) }
            });
        }
        Filter::Leaf { path, leaf, predicate } => {
            let passing = Passing::of(&FieldPath { path: path.clone(), leaf: *leaf }, predicate, list);
            return if passing.is_all() { Chosen::All(count) } else { Chosen::Passing(passing) };
        }
        Filter::Any(filters) => {
            filters.iter().fold(Bits::none(count), |found, filter| found.or(&select(filter, list).bits()))
        }
        Filter::Not(filter) => select(filter, list).bits().not(),
        Filter::Linked { path, link, how, filter } => linked_rows(path, *link, *how, filter, list),
        // Lists of plain values are short, and seldom asked about.
        Filter::Leaves { .. } | Filter::Absent(..) => Bits::of(count, |at| {
            work::step(2);
            filter.of_itself(rows.row(at)).unwrap_or_default()
        }),
    };
    Chosen::These(found)
}

/// Between which places in an order all rows stand that fulfil a condition, as far as a part of it tells that is about what comes first in
/// the order.
pub fn span<'r, C: Columnar<'r>>(filter: &Filter, order: &Order, list: C) -> Range<u32> {
    let whole = 0..row(list.list().count());
    let Some(by) = order.0.first() else { return whole };
    let parts = if let Filter::All(parts) = filter { parts.as_slice() } else { std::slice::from_ref(filter) };
    let spans = parts.iter().filter_map(|part| match part {
        Filter::Leaf { path, leaf, predicate } if *path == by.place.path => {
            let place = FieldPath { path: path.clone(), leaf: *leaf };
            Passing::<C::List>::of(&place, predicate, list).span(by.direction)
        }
        _ => None,
    });
    spans.fold(whole, |all, span| all.start.max(span.start)..all.end.min(span.end))
}

/// Where a predicate has to look at so many distinct values one by one, it is kept which match: for the next page.
const MANY: usize = 1 << 12;

/// The rows whose value in a column matches a predicate, told row by row.
pub struct Passing<L = Rows> {
    column: Arc<Column<L>>,
    values: Values,
}

/// Which of the distinct values pass.
enum Values {
    /// Those that stand together: from which one on, and how many. What has no value has the largest code, which none reaches.
    Range(u32, u32),
    /// Those of which this holds; at last, whether having none does.
    Each(Arc<Each>),
}

/// For each distinct value whether it passes; at last, whether having none does.
struct Each(Bits);

impl Each {
    fn new(distinct: usize, passes: impl Fn(usize) -> bool) -> Self {
        Self(Bits::of(distinct + 1, |code| passes(code as usize)))
    }
}

impl CacheEntry for Each {
    fn bytes(&self) -> usize {
        self.0.count() / 8 + 64
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
        let each = |passes: &dyn Fn(usize) -> bool| Values::Each(Arc::new(Each::new(distinct, passes)));
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
                    Values::Each(list.register().cache.get(name, || Each::new(distinct, matches)))
                }
            }
        };
        Self { column, values }
    }

    /// The rows as a set.
    pub fn bits(&self) -> Bits {
        match &self.values {
            Values::Range(start, length) => Bits::within(&self.column.codes, *start, *length),
            Values::Each(_) => Bits::of(self.column.codes.len(), |at| self.has(at)),
        }
    }

    /// Between which places they stand when rows are in the order of the column; none where they do not stand together.
    fn span(&self, direction: OrderDirection) -> Option<Range<u32>> {
        let Values::Range(start, length) = self.values else { return None };
        let before = self.column.before();
        let (first, end) = (before[start as usize], before[(start + length) as usize]);
        Some(match direction {
            OrderDirection::Ascending => row(first)..row(end),
            OrderDirection::Descending => {
                let valued = before[self.column.examples.len()];
                row(valued - end)..row(valued - first)
            }
        })
    }

    /// Whether it holds a row.
    pub fn has(&self, at: u32) -> bool {
        let code = self.column.codes[at as usize];
        match &self.values {
            Values::Range(start, length) => code.wrapping_sub(*start) < *length,
            Values::Each(each) => each.0.has(code.min(row(each.0.count() - 1))),
        }
    }

    /// Whether it holds no row. Each distinct value is that of a row, so that rows need not be counted for it after each commit.
    fn is_empty(&self) -> bool {
        if let Values::Range(_, length) = self.values { length == 0 } else { self.len() == 0 }
    }

    /// Whether it holds all rows.
    fn is_all(&self) -> bool {
        let distinct = row(self.column.examples.len());
        let may_be = !matches!(self.values, Values::Range(start, length) if (start, length) != (0, distinct));
        may_be && self.len() == self.column.codes.len()
    }

    /// How many rows it holds.
    #[expect(clippy::len_without_is_empty, reason = "nobody else asks whether it holds none")]
    pub fn len(&self) -> usize {
        let before = self.column.before();
        match &self.values {
            Values::Range(start, length) => before[(start + length) as usize] - before[*start as usize],
            Values::Each(each) => each.0.rows().map(|code| before[code as usize + 1] - before[code as usize]).sum(),
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

/// The rows of whose related records some, every or none fulfil a condition.
pub(super) fn linked_rows<'r>(
    path: &[usize],
    link: Link,
    how: Quantifier,
    filter: &Filter,
    list: impl Columnar<'r>,
) -> Bits {
    let count = list.list().count();
    let far = Table::new(list.register(), link.kind());
    let found = select(filter, far).bits();
    if let Link::From(relation) = link {
        let links = far.links(relation);
        let leading = |found: &Bits| {
            let mut reached = Bits::none(count);
            for at in found.rows() {
                let targets = links.of(at);
                work::step(targets.len() as u64 / 8);
                targets.iter().for_each(|target| reached.set(*target));
            }
            reached
        };
        return match how {
            Quantifier::Some => leading(&found),
            Quantifier::Every => leading(&found.not()).not(),
            Quantifier::None => leading(&found).not(),
        };
    }
    let links = match link {
        Link::To(relation) => list.related(relation),
        Link::Inner(index, kind) => Some(ways_of_a_key(list, &[path, &[index]].concat(), kind)),
        Link::From(_) => None,
    };
    // What has no relations is related to nothing.
    let Some(links) = links else { return Bits::of(count, |_| how.holds([], |(): ()| true)) };
    match (links.single(), how) {
        (Some(single), Quantifier::Some) => Bits::of(count, |at| {
            let target = single[at as usize];
            target != NONE && found.has(target)
        }),
        _ => Bits::of(count, |at| how.holds(links.of(at), |target| found.has(*target))),
    }
}
