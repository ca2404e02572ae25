//! Imports as a client sees them: the real program, GraphQL over HTTP.
#![allow(missing_docs, clippy::unwrap_used)]

mod bad_input;
mod bounds;
mod client;
mod faults;
mod idempotency;
mod modes;
mod roles;
mod rules;
mod scope;
#[path = "../server/mod.rs"]
mod server;
mod small;
mod waivers;
mod whole;
