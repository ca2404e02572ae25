//! What the graph tells of itself.

pub mod engine;
pub mod introspection;
