//! What handlers share: answers and files that are kept, documents by name, those who follow; and who asks.

pub mod auth;
pub mod cache;
pub mod documents;
pub mod file;
pub mod live;
pub mod permit;
pub mod policy;
pub mod refusals;
pub mod reservations;
pub mod sender;
pub mod shared;
