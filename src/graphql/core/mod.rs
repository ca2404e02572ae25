//! What everything of the graph is made of: types and fields, values, arguments, errors, limits, what goes with a request.

pub mod args;
pub mod arguments;
pub mod as_of;
pub mod collector;
pub mod context;
pub mod cursor;
pub mod definition;
pub mod error;
pub mod exchange;
pub mod execution;
pub mod id;
pub mod input;
pub mod limits;
pub mod list_query;
pub mod payload;
pub mod prices;
pub mod public;
pub mod scalar;
pub mod sizes;
pub mod ty;
pub mod value;
