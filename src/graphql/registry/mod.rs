//! The whole graph, and what it tells of itself.

pub mod directives;
pub mod engine;
pub mod graph;
pub mod introspection;
mod meta;
pub mod subgraph;
