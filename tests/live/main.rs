//! Live changes over the network: `graphql-transport-ws` and Server-Sent Events, frame by frame and with the real clients.
#![allow(missing_docs, clippy::unwrap_used)]

mod clients;
mod events;
mod limits;
mod local;
#[path = "../server/mod.rs"]
mod server;
mod soak;
mod socket;
mod stopping;
