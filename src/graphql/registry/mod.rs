//! What the graph tells of itself.

pub mod directives;
pub mod engine;
pub mod introspection;
