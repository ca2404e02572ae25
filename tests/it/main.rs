//! The product from outside: the real binary, its command line, its files and its HTTP interface. A part of them by its path:
//! `cargo test --test it import::`.
#![allow(missing_docs, clippy::unwrap_used)]

mod asking;
mod browser;
mod budgets;
mod cli;
mod clients;
mod commit;
mod crash;
mod docs;
mod examples;
mod export;
mod figures;
mod guides;
mod http;
mod import;
mod levels;
mod live;
#[cfg(all(unix, feature = "cluster"))]
mod nodes;
mod open;

mod pages;
mod paging;
mod plan;
mod recount;
mod relations;
mod reports;
mod schema;
mod search;
#[path = "../server/mod.rs"]
mod server;
mod source;
mod support;
mod tidy;
mod workbook;
