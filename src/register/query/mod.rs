//! Queries: which rows of a list fulfil a condition, and in which order they come.
//!
//! A [`FilterSchema`] says what can be asked of a type: it is made of the type's fields and the register's relations, so a new field
//! can be asked about without further code. [`Filter::read`] and [`Order::read`] turn what somebody asks into a filter and an
//! order, checked against the schema; both work on records and on any other value made of fields.

mod bits;
pub mod budget;
mod codes;
pub mod column;
mod columnar;
pub mod delta;
pub mod dimension;
pub mod filter;
pub mod group;
mod links;
pub mod matcher;
pub mod order;
mod passing;
pub mod predicate;
mod ranked;
mod row;
pub mod rows;
pub mod schema;
pub mod select;
pub mod selection;
mod sorted;
mod start;
mod sum;
pub mod table;
pub mod text;
mod texts;
pub mod values;

pub use budget::{Bounds, Budget, QueryError};
pub use filter::Filter;
pub use matcher::Matcher;
pub use order::Order;
pub use row::{KEY, Row};
pub use rows::Rows;
pub use schema::FilterSchema;

#[cfg(test)]
mod tests;
