//! A request from beginning to end: what it asks is run, and its answer written.

pub mod api;
mod ends;
mod errors;
mod json;
pub mod run;
pub mod sight;
pub mod subscription;
pub mod write;
