//! `/graphql`: what a request asks, documents by name, answers that are kept.

pub mod cache;
pub mod documents;
pub mod endpoint;
pub mod json;
pub mod refusal;
pub mod request;
