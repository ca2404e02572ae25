//! Editions: names for states of the register.

use crate::model::Key;
use crate::model::macros::record;

record! {
    /// A name for a state of the register, such as "as printed" or "as sent to the minister".
    Edition(|edition| edition.key.clone()) {
        /// Natural key: the name in `asOf`.
        key: Key,
        /// Name in full.
        title: String,
        /// The revision that it names.
        tagged_revision: i32,
    }
}
