//! The GraphQL API: a request in, an answer out, without any transport.
//!
//! [`definition`] says what the graph is made of; [`types`], [`page`], [`query`], [`history`] and [`mutation`] fill it from
//! the model. [`prepare`] makes an operation of a document, once, [`run`] answers it; [`registry`] tells of the graph itself, and
//! [`engine`] writes its schema.

mod api;
pub mod ask;
pub mod commits;
mod computed;
pub mod context;
mod cost;
mod cursor;
pub mod definition;
mod discrepancies;
pub mod engine;
pub mod error;
mod exchange;
mod figures;
mod group;
pub mod history;
mod input;
pub mod limits;
pub mod mutation;
pub mod page;
mod plans;
pub mod prepare;
pub mod query;
pub mod registry;
mod run;
mod scalar;
pub mod scope;
mod search;
pub mod select;
mod subscription;
pub mod table;
pub mod ty;
pub mod types;
mod values;

pub use api::{Api, Prepared, sdl};
pub use exchange::{Allowed, Answer, GraphqlRequest, Lasts};
pub use prepare::bind::Bound;
pub use subscription::Subscription;

#[cfg(test)]
mod tests;
