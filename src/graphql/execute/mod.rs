//! A request from beginning to end: what it asks is run, and its answer written.

pub mod api;
pub mod run;
pub mod subscription;
pub mod write;
