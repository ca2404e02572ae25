//! Orders of rows: by fields, each up or down; rows that agree in all of them stay in the order in which they came.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::budget::within;
use super::schema::{FieldPath, FilterSchema, Leaf};
use super::text::sort_key;
use super::{Budget, QueryError, Row};
use crate::model::key::natural_order;
use crate::model::vocabulary::vocabulary;
use crate::model::{Date, Period, Tree, View};
use crate::work;

vocabulary! {
    /// Which way a list is ordered.
    OrderDirection {
        /// The least, or earliest, first. Absent values come last.
        Ascending = "ASC",
        /// The most, or latest, first. Absent values come last here too.
        Descending = "DESC",
    }
}

/// An order of rows.
#[derive(Clone, Debug)]
pub struct Order(pub Vec<By>);

/// A field that rows are ordered by.
#[derive(Clone, Debug)]
pub struct By {
    /// The field.
    pub place: &'static FieldPath,
    /// Which way.
    pub direction: OrderDirection,
}

/// What a value sorts by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SortKey {
    /// Yes or no: no comes first.
    Bool(bool),
    /// A whole number, or the place of a word in its list.
    Int(i64),
    /// A decimal.
    Decimal(Decimal),
    /// A day.
    Date(Date),
    /// A period: by its first day, then the longer one first.
    Period(Period),
    /// A key, as people count.
    Key(NaturalText),
    /// A text in Dutch order; then by its letters, so that different texts never tie.
    Text(Vec<u8>, String),
}

/// A text whose numbers sort by their value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NaturalText(pub String);

impl Ord for NaturalText {
    fn cmp(&self, other: &Self) -> Ordering {
        natural_order(&self.0, &other.0).then_with(|| self.0.cmp(&other.0))
    }
}
impl PartialOrd for NaturalText {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl SortKey {
    /// What a value sorts by; none where there is none.
    pub fn of(view: &View<'_>, leaf: Leaf) -> Option<Self> {
        Some(match view {
            View::Bool(value) => Self::Bool(*value),
            View::Int(value) => Self::Int(*value),
            View::Decimal(value) => Self::Decimal(*value),
            View::Date(date) => Self::Date(*date),
            View::Period(period) => Self::Period(**period),
            View::Enum(word) => match leaf {
                Leaf::Enum(vocabulary) => {
                    let at = vocabulary.words.iter().position(|(known, _)| known == word)?;
                    Self::Int(i64::try_from(at).unwrap_or(i64::MAX))
                }
                _ => return None,
            },
            View::Text(text) => match leaf {
                Leaf::Key => {
                    work::step(16);
                    Self::Key(NaturalText(text.clone().into_owned()))
                }
                _ => {
                    work::step(text.len() as u64);
                    Self::Text(sort_key(text), text.clone().into_owned())
                }
            },
            View::Null | View::List(_) | View::Composite(_) => return None,
        })
    }
}

impl Order {
    /// Reads an order of rows of that schema.
    ///
    /// # Errors
    /// When it names what there is not, or too much.
    pub fn read(
        tree: &Tree<'_>,
        schema: &'static FilterSchema,
        at: &str,
        budget: &mut Budget,
    ) -> Result<Self, QueryError> {
        let one = std::slice::from_ref(tree);
        let items = if let Tree::List(items) = tree { items.as_slice() } else { one };
        within("fields of an order", budget.bounds.order, items.len())?;
        let mut order = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let path = [at.to_owned(), index.to_string()];
            let word = |name| match item.field(name) {
                Some(Tree::Text(word) | Tree::Cell(word)) => Some(word.as_ref()),
                _ => None,
            };
            let Some(place) = word("field").and_then(|word| schema.place(word)) else {
                let message = format!("{} cannot be ordered by this", schema.name);
                return Err(QueryError::bad(&path, message, format!("use a word of {}", schema.order.name)));
            };
            let direction = word("direction").and_then(OrderDirection::from_word);
            order.push(By { place, direction: direction.unwrap_or(OrderDirection::Ascending) });
        }
        Ok(Self(order))
    }

    /// Names it among what is kept: its paths, each up or down.
    pub fn name(&self) -> Vec<(Vec<usize>, bool)> {
        self.0.iter().map(|by| (by.place.path.clone(), by.direction == OrderDirection::Descending)).collect()
    }

    /// Sorts items by their rows. Items whose rows agree keep their places.
    pub fn sort<'r, T>(&self, items: &mut [T], row: impl Fn(&T) -> Row<'r>) {
        if self.0.is_empty() {
            return;
        }
        items.sort_by_cached_key(|item| self.key(row(item)));
    }

    /// What a row sorts by.
    pub fn key(&self, row: Row<'_>) -> Vec<Directed> {
        work::step(8 * self.0.len() as u64);
        let keys = self
            .0
            .iter()
            .map(|by| Directed { key: SortKey::of(&row.get(&by.place.path), by.place.leaf), direction: by.direction });
        keys.collect()
    }
}

/// What a value sorts by in one direction. Absent values come last in both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directed {
    key: Option<SortKey>,
    direction: OrderDirection,
}

impl Ord for Directed {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.key, &other.key) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(a), Some(b)) if self.direction == OrderDirection::Ascending => a.cmp(b),
            (Some(a), Some(b)) => b.cmp(a),
        }
    }
}
impl PartialOrd for Directed {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
