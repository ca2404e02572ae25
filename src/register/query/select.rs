//! Which rows of a large table fulfil a condition, told by columns.

use std::sync::Arc;

use super::bits::Bits;
use super::column::Column;
use super::columnar::Columnar;
use super::filter::{Filter, Quantifier};
use super::order::{NaturalText, SortKey};
use super::predicate::{Predicate, Scalar};
use super::rows::{Listed, NONE, Rows, row};
use super::schema::{FieldPath, Leaf, Link};
use super::table::{Table, ways_of_a_key};
use crate::model::View;
use crate::work;

/// The rows that fulfil a condition.
pub fn select<'r>(filter: &Filter, list: impl Columnar<'r>) -> Bits {
    let rows = list.list();
    let count = rows.count();
    match filter {
        Filter::All(filters) => {
            let mut filters = filters.iter();
            let Some(first) = filters.next() else { return Bits::none(count).not() };
            filters.fold(
                select(first, list),
                |found, filter| {
                    if found.is_empty() { found } else { found.and(&select(filter, list)) }
                },
            )
        }
        Filter::Any(filters) => filters.iter().fold(Bits::none(count), |found, filter| found.or(&select(filter, list))),
        Filter::Not(filter) => select(filter, list).not(),
        Filter::Leaf { path, leaf, predicate } => {
            Passing::of(&FieldPath { path: path.clone(), leaf: *leaf }, predicate, list).bits()
        }
        Filter::Linked { path, link, how, filter } => linked_rows(path, *link, *how, filter, list),
        // Lists of plain values are short, and seldom asked about.
        Filter::Leaves { .. } | Filter::Absent(..) => Bits::of(count, |at| {
            work::step(2);
            filter.of_itself(rows.row(at)).unwrap_or_default()
        }),
    }
}

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
    Each(Vec<bool>),
}

impl<L: Listed> Passing<L> {
    /// The rows of a list whose value matches a predicate.
    pub fn of<'r>(place: &FieldPath, predicate: &Predicate, list: impl Columnar<'r, List = L>) -> Self {
        let column = list.column(place);
        let view = |code: usize| column.rows.row(column.examples[code]).get(&place.path);
        let distinct = column.examples.len();
        let inner = if let Predicate::NotIn(values) = predicate { &Predicate::In(values.clone()) } else { predicate };
        let ranges = ranges(inner, place.leaf, distinct, |code| SortKey::of(&view(code), place.leaf));
        let values = match ranges.as_deref() {
            // Each distinct value is one.
            _ if *predicate == Predicate::Null(false) => Values::Range(0, row(distinct)),
            _ if *predicate == Predicate::Null(true) => {
                Values::Each((0..=distinct).map(|code| code == distinct).collect())
            }
            Some([range]) if matches!(predicate, Predicate::NotIn(_)) => {
                Values::Each((0..=distinct).map(|code| !range.contains(&code)).collect())
            }
            Some([range]) => Values::Range(row(range.start), row(range.len())),
            Some(ranges) => {
                let mut passing = vec![false; distinct + 1];
                ranges.iter().for_each(|range| passing[range.clone()].fill(true));
                if matches!(predicate, Predicate::NotIn(_)) {
                    passing.iter_mut().for_each(|it| *it = !*it);
                }
                Values::Each(passing)
            }
            None => {
                let each = (0..distinct).inspect(|_| work::step(1)).map(|code| predicate.matches(&view(code)));
                Values::Each(each.chain([predicate.matches(&View::Null)]).collect())
            }
        };
        Self { column, values }
    }

    /// The rows as a set.
    pub fn bits(&self) -> Bits {
        Bits::of(self.column.codes.len(), |at| self.has(at))
    }

    /// Whether it holds a row.
    pub fn has(&self, at: u32) -> bool {
        let code = self.column.codes[at as usize];
        match &self.values {
            Values::Range(start, length) => code.wrapping_sub(*start) < *length,
            Values::Each(passing) => passing[(code as usize).min(passing.len() - 1)],
        }
    }

    /// How many rows it holds.
    #[expect(clippy::len_without_is_empty, reason = "nobody asks whether it holds none")]
    pub fn len(&self) -> usize {
        let before = self.column.before();
        match &self.values {
            Values::Range(start, length) => before[(start + length) as usize] - before[*start as usize],
            Values::Each(passing) => {
                let all = passing.iter().enumerate().filter(|(_, matches)| **matches);
                all.map(|(code, _)| before[code + 1] - before[code]).sum()
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
) -> Option<Vec<std::ops::Range<usize>>> {
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
    let range = |range: std::ops::Range<usize>| Vec::from([range]);
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
    let found = select(filter, far);
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
