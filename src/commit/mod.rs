//! The one way to change the register: a submission, validated, made durable, published, and then applied to the store.
//!
//! [`ledger`] is an open data folder, and what the rest of the program sees; [`submission`] what somebody wants, [`mod@validate`] what
//! that comes to, [`writer`] the one who commits it, [`receipts`] what was answered, [`history`] what was before; [`folder`] how a
//! data folder is opened, copied and looked after; [`access`] and [`tokens`] who may; [`link`] how a node stands to the log that it
//! shares with others.

pub mod access;
pub mod audit;
mod error;
pub mod folder;
mod history;
mod ledger;
pub mod link;
mod planted;
mod receipts;
mod submission;
pub mod tokens;
mod used;
mod validate;
mod writer;

pub use crate::store::codec::{CodecError, Commit, Counts};
pub use error::CommitError;
pub use folder::{copy, replay, salvage, verify};
pub use history::feed::{Changes, Feed};
pub use ledger::{Ledger, state};
pub use submission::{Make, NOTE_BYTES_MAX, Report, Status, Submission};
pub use validate::edit::{Edit, PutMode, Source, Within};
pub use validate::outcome::{RowOutcome, Validated, outcomes};
pub use validate::scope::Scope;
pub use validate::{Atomicity, CHANGES_MAX, EDIT_STEPS, PROBLEMS_MAX, validate};
