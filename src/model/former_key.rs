//! Keys that records had before.

use crate::model::key::KEY_BYTES_MAX;
use crate::model::macros::record;
use crate::model::{Key, Kind, ProblemCode};

record! {
    /// A key that a record had before it was renamed, or merged into another one: whoever asks for it gets that record.
    FormerKey(|it| former(&it.of_kind, &it.old_key), check: |it, problems| {
        if Kind::from_word(&it.of_kind).is_none() {
            problems.within("ofKind", |problems| {
                let message = format!("`{}` is no kind of record", it.of_kind);
                problems.push(ProblemCode::UnknownValue, message, "write a word of `Kind`, such as `MEASURE`");
            });
        }
    }) {
        /// The kind of the record, such as `MEASURE`.
        of_kind: String,
        /// The key that it had.
        old_key: Key,
        /// The key that it got then.
        current_key: Key,
    }
}

fn former(kind: &str, key: &Key) -> Key {
    let name = Key::join(&[&kind.to_lowercase().replace('_', "-"), key]);
    if name.as_str().len() <= KEY_BYTES_MAX {
        return name;
    }
    // A key of the greatest length leaves no room for the kind: a digest stands for it.
    Key::join(&[&kind.to_lowercase().replace('_', "-"), &&blake3::hash(key.as_str().as_bytes()).to_hex()[..32]])
}

impl FormerKey {
    /// The key of the record that says what became of a key.
    pub fn name(kind: Kind, key: &Key) -> Key {
        former(kind.word(), key)
    }
}
