//! What filters, orders and groups cost, by how many records they look at: row by row in a short list, by columns in a longer one.

use async_graphql::Value as Input;

use crate::graphql::core::args::Args;
use crate::graphql::core::list_query::ListQuery;
use crate::graphql::types::page::LOOKED_THROUGH;
use crate::model::{Kind, Type};
use crate::register::Register;
use crate::register::query::Row;
use crate::register::query::filter::{Filter, Quantifier};
use crate::register::query::matcher::LINKS;
use crate::register::query::order::{By, Order};
use crate::register::query::predicate::{Predicate, Scalar};
use crate::register::query::schema::{Leaf, Link};
use crate::register::relation::Relation;

/// So many rows of a column are looked at in a unit.
const ROWS: f64 = 256.0;
/// There are no more periods than so many.
const PERIODS: f64 = 150.0;
/// Of the texts of computed values so many are different: mostly they are reasons.
const REPEATED: f64 = 0.2;
/// So many records are looked at to know how long the texts of a field are, and how often they repeat.
const SAMPLED: usize = 16;

/// What it costs to ask something of a register.
pub struct Asked<'r> {
    pub register: &'r Register,
}

impl Asked<'_> {
    /// What is asked of a list of records that has so many.
    pub fn list(&self, query: &ListQuery, kind: Kind, length: f64) -> f64 {
        let filter = query.filter.as_deref();
        if length > LOOKED_THROUGH as f64 {
            if let Some(found) = filter.and_then(|filter| self.named(filter, kind)) {
                let filtered = filter.map_or(0.0, |filter| self.rows(filter, kind, found));
                return 5.0 + found + filtered + self.sort(&query.order, kind, found);
            }
            return self.by_columns(query, self.table(kind));
        }
        filter.map_or(0.0, |filter| self.rows(filter, kind, length)) + self.sort(&query.order, kind, length)
    }

    /// The same of a list of computed values: it is told by columns, however long it is.
    pub fn values(&self, query: &ListQuery, length: f64) -> f64 {
        self.by_columns(query, Columns { kind: None, rows: length })
    }

    /// A page of a list that is told by columns. What is chosen is looked for in the order, as far as it takes.
    fn by_columns(&self, query: &ListQuery, of: Columns) -> f64 {
        let found = query.filter.as_deref().map_or(0.0, |filter| self.columns(filter, of) + of.rows / 100.0);
        found + sorted(&query.order, of.rows)
    }

    fn table(&self, kind: Kind) -> Columns {
        Columns { kind: Some(kind), rows: self.count(kind) }
    }

    /// Groups of a list of records that has so many; with how many sums.
    pub fn groups(&self, (args, sums): (&Args, usize), query: Option<&ListQuery>, kind: Kind, length: f64) -> f64 {
        let by = match args.get("by") {
            Some(Input::List(words)) => words.len() as f64,
            _ => 1.0,
        };
        let chosen = query
            .map_or(0.0, |query| query.filter.as_deref().map_or(0.0, |filter| self.columns(filter, self.table(kind))));
        // The rows chosen; each dimension over all rows of the table, and over those chosen.
        let table = self.count(kind);
        10.0 + chosen + table * (0.005 + 0.01 * by) + length * (0.015 + 0.015 * by + 0.1 * sums as f64)
    }

    fn count(&self, kind: Kind) -> f64 {
        self.register.count(kind) as f64
    }

    /// A condition that meets so many rows, one by one: each record once.
    fn rows(&self, filter: &Filter, kind: Kind, rows: f64) -> f64 {
        match filter {
            Filter::All(filters) | Filter::Any(filters) => {
                filters.iter().map(|filter| self.rows(filter, kind, rows)).sum::<f64>() + 0.05 * rows
            }
            Filter::Not(filter) => self.rows(filter, kind, rows),
            Filter::Leaf { predicate, leaf, path } => rows * (0.15 + self.tested(predicate, *leaf, Some(kind), path)),
            Filter::Leaves { predicates, .. } => rows * listed(predicates),
            Filter::Absent(..) => rows * 0.2,
            Filter::Linked { link, filter, .. } => {
                let (links, target) = (rows * self.fan(kind, *link), link.kind());
                if links > LINKS as f64 {
                    let followed = self.followed(*link, self.table(kind));
                    return rows * 0.5 + LINKS as f64 * 0.4 + self.columns(filter, self.table(target)) + followed;
                }
                0.5 * (rows + links) + self.rows(filter, target, links.min(self.count(target)))
            }
        }
    }

    /// How many records a condition begins at, where it names some by their keys, or leads to such.
    fn named(&self, filter: &Filter, kind: Kind) -> Option<f64> {
        let found = match filter {
            Filter::All(filters) => filters.iter().filter_map(|filter| self.named(filter, kind)).reduce(f64::min)?,
            Filter::Any(filters) => filters.iter().map(|filter| self.named(filter, kind)).sum::<Option<f64>>()?,
            Filter::Leaf { path, leaf: Leaf::Key, predicate: Predicate::In(keys) } => {
                let field = *path.first().filter(|_| path.len() == 1)?;
                let relation = Relation::of(kind).find(|it| it.field == field && it.by_kind.is_none());
                keys.len() as f64 * relation.map_or(1.0, |relation| self.sources(relation, relation.target).max(1.0))
            }
            Filter::Leaves { path, how: Quantifier::Some, predicates } => {
                let ([field], [Predicate::In(keys)]) = (path.as_slice(), predicates.as_slice()) else { return None };
                let relation = Relation::of(kind).find(|it| it.field == *field && it.by_kind.is_none())?;
                keys.len() as f64 * self.sources(relation, relation.target).max(1.0)
            }
            Filter::Linked { link: Link::To(relation), how: Quantifier::Some, filter, .. } => {
                self.named(filter, relation.target)? * self.sources(relation, relation.target).max(1.0)
            }
            Filter::Linked { link: Link::From(relation), how: Quantifier::Some, filter, .. } => {
                self.named(filter, relation.source)?
            }
            _ => return None,
        };
        (found <= LOOKED_THROUGH as f64).then_some(found)
    }

    /// To how many records one leads, by the first ones.
    fn fan(&self, kind: Kind, link: Link) -> f64 {
        if let Link::From(relation) = link { self.sources(relation, kind) } else { 1.0 }
    }

    /// How many records refer to one of a kind, by the first ones.
    pub fn sources(&self, relation: &'static Relation, kind: Kind) -> f64 {
        let of = self.register.all(kind).take(SAMPLED).map(|node| self.register.sources(relation, &node.key).len());
        of.sum::<usize>() as f64 / self.register.count(kind).clamp(1, SAMPLED) as f64
    }

    /// The ways from the rows that were found to those that lead there.
    fn followed(&self, link: Link, of: Columns) -> f64 {
        (self.count(link.kind()) + of.rows) / 50.0
    }

    /// A condition on all rows of a list, by its columns.
    fn columns(&self, filter: &Filter, of: Columns) -> f64 {
        let by_column = 5.0 + of.rows / ROWS;
        match filter {
            Filter::All(filters) | Filter::Any(filters) => {
                by_column + filters.iter().map(|filter| self.columns(filter, of)).sum::<f64>()
            }
            Filter::Not(filter) => self.columns(filter, of),
            Filter::Leaf { path, leaf, predicate } => {
                let different = self.different(of, path, *leaf, predicate);
                by_column + different * self.tested(predicate, *leaf, of.kind, path)
            }
            Filter::Leaves { predicates, .. } => of.rows * listed(predicates),
            Filter::Absent(..) => of.rows * 0.2,
            Filter::Linked { link, filter, .. } => {
                by_column + self.columns(filter, self.table(link.kind())) + self.followed(*link, of)
            }
        }
    }

    /// How many different values are tested, one by one.
    fn different(&self, of: Columns, path: &[usize], leaf: Leaf, predicate: &Predicate) -> f64 {
        let Columns { kind, rows } = of;
        let sampled = || rows * kind.map_or(REPEATED, |kind| self.sample(kind, path).different);
        match (leaf, predicate) {
            // Each different value is one.
            (_, Predicate::Null(_)) => 0.0,
            (Leaf::Enum(words), _) => words.words.len() as f64,
            (Leaf::Boolean, _) => 2.0,
            (Leaf::Period, _) => rows.min(PERIODS),
            (Leaf::Text, _) => sampled(),
            // What sorts as it compares is found without a look at each.
            (Leaf::Key, Predicate::In(values) | Predicate::NotIn(values)) => 200.0 * values.len() as f64,
            (_, Predicate::In(values) | Predicate::NotIn(values)) => 20.0 * values.len() as f64,
            (_, Predicate::Below(..) | Predicate::Above(..)) => 20.0,
            (Leaf::Key, _) => kind.and_then(|kind| linked(kind, path)).map_or(rows, |kind| self.count(kind)),
            _ => sampled(),
        }
    }

    /// What a predicate of one value costs.
    fn tested(&self, predicate: &Predicate, leaf: Leaf, kind: Option<Kind>, path: &[usize]) -> f64 {
        match (leaf, predicate) {
            (Leaf::Text | Leaf::Key, Predicate::Null(_)) => 0.2,
            (_, Predicate::Null(_)) => 0.1,
            // A text is made the same whatever its case and accents first.
            (Leaf::Text, _) => 0.1 + kind.map_or(50.0, |kind| self.sample(kind, path).bytes) * 0.035,
            (_, Predicate::In(values) | Predicate::NotIn(values)) => 0.1 + 0.001 * values.len() as f64,
            (Leaf::Key, _) => 0.45,
            _ => 0.1,
        }
    }

    /// Sorting so many rows.
    fn sort(&self, order: &Order, kind: Kind, rows: f64) -> f64 {
        let key = |by: &By| match by.place.leaf {
            Leaf::Text => 1.0 + self.sample(kind, &by.place.path).bytes * 0.12,
            Leaf::Key => 1.8,
            _ => 0.8,
        };
        rows * order.0.iter().map(key).sum::<f64>()
    }

    /// What some records of a kind have at a path: the first ones and the last, which are often of another sort.
    fn sample(&self, kind: Kind, path: &[usize]) -> Sample {
        let mut texts: Vec<String> = Vec::with_capacity(SAMPLED);
        let mut all = self.register.all(kind);
        let ends = (0..SAMPLED).map_while(|at| if at % 2 == 0 { all.next() } else { all.next_back() });
        let sampled = ends.map(|node| Row::Node(node).get(path).text());
        texts.extend(sampled.map(Option::unwrap_or_default));
        let count = texts.len().max(1) as f64;
        let bytes = texts.iter().map(String::len).sum::<usize>() as f64 / count;
        texts.sort_unstable();
        texts.dedup();
        Sample { bytes, different: texts.len() as f64 / count }
    }
}

/// An order of a whole list. That of a single field is made once for all.
fn sorted(order: &Order, rows: f64) -> f64 {
    match order.0.len() {
        0 => rows / ROWS,
        1 => 5.0 + rows / ROWS,
        fields => 5.0 + rows * (0.02 + 0.02 * fields as f64),
    }
}

/// A list that is told by columns.
#[derive(Clone, Copy)]
struct Columns {
    /// The kind of its records; none where it has computed values.
    kind: Option<Kind>,
    /// How many rows it has.
    rows: f64,
}

/// What is known of the values of a field.
struct Sample {
    /// How many bytes they have.
    bytes: f64,
    /// The share of those that are different.
    different: f64,
}

/// What it costs to look through the values of a list, of which there are few.
fn listed(predicates: &[Predicate]) -> f64 {
    let is_folded = |predicate: &Predicate| match predicate {
        Predicate::Contains(_) | Predicate::StartsWith(_) => true,
        Predicate::In(values) | Predicate::NotIn(values) => matches!(values.first(), Some(Scalar::Folded(_))),
        _ => false,
    };
    0.2 + predicates.iter().map(|it| if is_folded(it) { 0.6 } else { 0.25 }).sum::<f64>()
}

/// The kind whose keys stand at a path; none where they are the records' own.
fn linked(kind: Kind, path: &[usize]) -> Option<Kind> {
    let mut info = kind.info();
    let mut ty = &info.fields.get(*path.first()?)?.ty;
    for index in &path[1..] {
        while let Type::Optional(inner) = ty {
            ty = inner;
        }
        let Type::Composite(of) = ty else { return None };
        info = of();
        ty = &info.fields.get(*index)?.ty;
    }
    while let Type::Optional(inner) = ty {
        ty = inner;
    }
    match ty {
        Type::Link(kind) => Some(*kind),
        _ => None,
    }
}
