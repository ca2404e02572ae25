//! What the graph tells of itself.

pub mod introspection;
