//! The data folder: what is acknowledged stays, what is damaged is told, and an operator can get every register back.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../server/mod.rs"]
mod server;

mod drill;
mod kills;
mod old_folder;
mod spoilt;
mod stops;
