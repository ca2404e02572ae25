//! Boordtabel: the open register for a public body's business plan and its monitoring.
//!
//! See `ARCHITECTURE.md` for the map.
#![forbid(unsafe_code)]

pub mod analysis;
pub mod cli;
pub mod cluster;
pub mod commit;
pub mod embedded;
pub mod export;
pub mod graphql;
pub mod http;
pub mod import;
pub mod journal;
pub mod model;
pub mod pages;
pub mod register;
pub mod search;
pub mod secret;
pub mod store;
pub mod work;
