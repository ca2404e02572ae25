//! Boordtabel: the open register for a public body's business plan and its monitoring.
#![forbid(unsafe_code)]

pub mod model;
