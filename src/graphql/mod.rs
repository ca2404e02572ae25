//! The GraphQL API: a request in, an answer out, without any transport.
//!
//! [`core`] says what the graph is made of; [`types`] and [`mutation`] fill it from the model. [`prepare`] makes an operation of a
//! document, once, [`execute`] answers it; [`registry`] tells of the graph itself and writes its schema, [`tabular`] makes tables of
//! answers.

pub mod core;
pub mod cost;
pub mod execute;
pub mod mutation;
pub mod prepare;
pub mod registry;
pub mod tabular;
pub mod types;

pub use self::core::exchange::{AllowedOperations, Answer, Cacheability, GraphqlRequest};
pub use execute::api::{Api, Prepared, sdl, subgraph_sdl};
pub use execute::subscription::Subscription;
pub use execute::write::{Left, Written};
pub use prepare::bound::Bound;
pub use prepare::cache::Given;

#[cfg(test)]
mod tests;
