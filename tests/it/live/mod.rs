//! Live changes over the network: `graphql-transport-ws` and Server-Sent Events, frame by frame and with the real clients.

mod clients;
mod events;
mod limits;
pub mod local;
mod soak;
mod socket;
mod stopping;
