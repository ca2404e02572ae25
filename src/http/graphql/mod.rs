//! `/graphql`: what a request asks, documents by name, answers that are kept.

pub mod endpoint;
pub mod execution;
pub mod incoming;
pub mod json;
pub mod table;
