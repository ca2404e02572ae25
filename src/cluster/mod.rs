//! The order of commits among several nodes: a log outside of all of them, to which an entry is appended only where it follows.
//!
//! Entry n of the log is entry n of every node's journal. Nothing here trusts a lock, a clock or a leader: what keeps two nodes
//! from writing the same number is the condition that goes with each append, and the log alone decides it.

#[cfg(feature = "cluster")]
mod announced;
#[cfg(feature = "cluster")]
mod etcd;
#[cfg(feature = "cluster")]
mod gateway;
mod log;
#[cfg(feature = "cluster")]
mod member;
#[cfg(feature = "cluster")]
mod nodes;
#[cfg(feature = "cluster")]
mod parts;

#[cfg(feature = "cluster")]
pub use etcd::EtcdLog;
#[cfg(feature = "cluster")]
pub use gateway::Access;
pub use log::{
    APPEND_BYTES_MAX, APPEND_MAX, Appended, Entry, INLINE_BYTES_MAX, LogError, LogId, Node, Room, SharedLog,
};
#[cfg(feature = "cluster")]
pub use member::Member;
