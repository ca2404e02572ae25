//! What everything of the graph is made of: types and fields, values, arguments, errors, limits, what goes with a request.

pub mod context;
pub mod cursor;
pub mod definition;
pub mod error;
pub mod exchange;
pub mod input;
pub mod limits;
pub mod scalar;
pub mod scope;
pub mod ty;
