//! What HTTP has of its own: connections, bodies, encodings, headers, names.

pub mod auth;
pub mod body;
pub mod connections;
pub mod cors;
pub mod encoding;
pub mod flight;
pub mod host;
pub mod negotiate;
pub mod origin;
pub mod pace;
pub mod tls;
