//! The library from outside, in this process: whole plans, random work against plain maps, many threads. A part of them by its
//! path: `cargo test --test library model::`.
#![allow(missing_docs, clippy::unwrap_used)]

mod askable;
#[cfg(all(unix, feature = "cluster"))]
mod cluster;
mod hostile;
mod model;
mod prices;
mod queue_orders;
mod reconcile;
mod rollover;
mod writers;
mod years;
