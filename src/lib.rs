//! Boordtabel: the open register for a public body's business plan and its monitoring.
#![forbid(unsafe_code)]

pub mod commit;
pub mod graphql;
pub mod import;
pub mod journal;
pub mod model;
pub mod register;
pub mod store;
