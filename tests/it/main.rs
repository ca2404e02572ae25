//! The product from outside: the real binary, its command line, its files and its HTTP interface.
#![allow(missing_docs, clippy::unwrap_used)]

mod asking;
mod browser;
mod budgets;
mod cli;
mod crash;
mod export;
mod figures;
mod http;
mod paging;
mod plan;
mod recount;
mod relations;
mod reports;
mod schema;
mod search;
mod support;
mod tidy;
