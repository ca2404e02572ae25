//! Imports as a client sees them: the real program, GraphQL over HTTP.

mod bad_input;
mod bodies;
mod bounds;
mod client;
mod codes;
mod faults;
mod forty;
mod idempotency;
mod interrupted;
mod keys;
mod modes;
mod monthly;
pub mod roles;
mod rules;
mod scope;
mod small;
mod upload;
mod waivers;
mod whole;
mod words;
mod working_year;
