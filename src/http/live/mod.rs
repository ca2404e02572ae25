//! Those who follow the register: WebSockets and Server-Sent Events.

pub mod events;
pub mod frames;
pub mod message;
pub mod operation;
pub mod socket;
