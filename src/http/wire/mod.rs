//! What HTTP has of its own: connections, bodies, encodings, headers, names.

pub mod background;
pub mod body;
pub mod bucket;
pub mod client;
pub mod connections;
pub mod cors;
pub mod download;
pub mod encoding;
pub mod flight;
pub mod host;
pub mod issuer;
pub mod jwt;
pub mod negotiate;
pub mod origin;
pub mod pace;
pub mod refusal;
pub mod share;
pub mod strict;
pub mod tls;
pub mod upgrade;
pub mod visitor;
