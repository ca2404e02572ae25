//! Asking: which rows of a list fulfil a condition, and in which order they come.
//!
//! A [`Shape`] says what can be asked of a type: it is made of the type's fields and the register's relations, so a new field
//! can be asked about without further code. [`Filter::read`] and [`Order::read`] turn what somebody asks into a filter and an
//! order, checked against the shape; both work on records and on any other value made of fields.

mod bits;
pub mod cache;
mod codes;
pub mod column;
mod delta;
pub mod dimension;
pub mod filter;
pub mod group;
mod links;
pub mod matcher;
pub mod order;
pub mod select;
pub mod selection;
pub mod shape;
mod sorted;
mod start;
mod sum;
pub mod table;
pub mod test;
pub mod text;

use crate::model::View;
use crate::model::value::AnyComposite;
use crate::register::Node;
pub use filter::Filter;
pub use matcher::Matcher;
pub use order::Order;
pub use shape::Shape;

/// Something that is asked about.
#[derive(Clone, Copy, Debug)]
pub enum Row<'r> {
    /// A record of a register.
    Node(&'r Node),
    /// Any other value made of fields.
    Value(&'r dyn AnyComposite),
}

/// Position of a record's key among its fields, where the key is made of other fields.
pub const KEY: usize = usize::MAX;

impl<'r> Row<'r> {
    /// The value at the end of a path of field positions; absent where something on the way is.
    pub fn get(self, path: &[usize]) -> View<'r> {
        let mut steps = path.iter();
        let mut view = match (self, steps.next()) {
            (_, None) => return View::Null,
            (Self::Node(node), Some(&KEY)) => View::Text(node.key.as_str().into()),
            (Self::Value(_), Some(&KEY)) => View::Null,
            (Self::Node(node), Some(&index)) => node.record.get(index),
            (Self::Value(value), Some(&index)) => value.field(index),
        };
        for &index in steps {
            let View::Composite(value) = view else { return View::Null };
            view = value.field(index);
        }
        view
    }
}

/// How much may be asked at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Levels of a filter.
    pub depth: usize,
    /// Conditions of all filters together.
    pub terms: usize,
    /// Values that all filters together compare with.
    pub values: usize,
    /// Fields of one order.
    pub order: usize,
}

/// What was asked so far, against the bounds. One for a whole request.
#[derive(Clone, Debug)]
pub struct Budget {
    /// The bounds.
    pub bounds: Bounds,
    terms: usize,
    values: usize,
}

impl Budget {
    /// Nothing asked yet.
    pub fn new(bounds: Bounds) -> Self {
        Self { bounds, terms: 0, values: 0 }
    }

    fn term(&mut self, depth: usize) -> Result<(), Refused> {
        self.terms += 1;
        within("levels of a filter", self.bounds.depth, depth)?;
        within("conditions of the filters of a request", self.bounds.terms, self.terms)
    }

    fn values(&mut self, count: usize) -> Result<(), Refused> {
        self.values += count;
        within("values in the filters of a request", self.bounds.values, self.values)
    }
}

fn within(what: &'static str, limit: usize, found: usize) -> Result<(), Refused> {
    if found > limit { Err(Refused::Limit { what, limit, found }) } else { Ok(()) }
}

/// Why something cannot be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// A value that cannot be: where, what is wrong, what to do.
    Bad {
        /// Where it stands, such as `where.year.eq`.
        path: String,
        /// One sentence that names the value.
        message: String,
        /// What to do.
        hint: String,
    },
    /// A bound exceeded.
    Limit {
        /// Of what there is too much.
        what: &'static str,
        /// How much is allowed.
        limit: usize,
        /// How much there is.
        found: usize,
    },
}

impl Refused {
    fn bad(path: &[String], message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Bad { path: path.join("."), message: message.into(), hint: hint.into() }
    }
}

#[cfg(test)]
mod tests;
