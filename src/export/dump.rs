//! The whole history as JSON Lines: each commit, then what it put and deleted, and at the end two digests, so that whoever reads
//! it back knows that it is all there. Tokens are not in it, nor the answers to requests that changed nothing.

use std::io::Write;

use serde_json::{Value, json};

use super::ExportError;
use crate::commit::verify::digest_of;
use crate::commit::{Commit, Ledger};
use crate::import::to_json::row_json;
use crate::register::Revision;

/// The form of the lines.
pub const VERSION: u64 = 1;

/// Writes all commits; says after each how far it is.
///
/// # Errors
/// When a commit cannot be read, or the target cannot be written.
pub fn dump(
    ledger: &Ledger,
    target: &mut dyn Write,
    mut told: impl FnMut(Revision),
) -> Result<(Revision, String), ExportError> {
    let mut hasher = blake3::Hasher::new();
    let mut line = |value: &Value| -> std::io::Result<()> {
        let text = format!("{value}\n");
        hasher.update(text.as_bytes());
        target.write_all(text.as_bytes())
    };
    line(&json!({ "dump": VERSION }))?;
    let register = ledger.register();
    for revision in 1..=register.revision() {
        let commit = ledger.commit(revision).map_err(std::io::Error::other)?;
        let commit = commit.ok_or_else(|| std::io::Error::other(format!("there is no revision {revision}")))?;
        line(&head(&commit))?;
        for change in &commit.changes {
            line(&match &change.after {
                Some(node) => json!({ "put": row_json(&node.record) }),
                None => json!({ "delete": { "kind": change.kind.word(), "key": change.key.as_str() } }),
            })?;
        }
        told(revision);
    }
    let digest = digest_of(&register);
    let lines = hasher.finalize().to_hex().to_string();
    let end = json!({ "end": { "revision": register.revision(), "lines": lines, "register": digest } });
    target.write_all(format!("{end}\n").as_bytes())?;
    target.flush()?;
    Ok((register.revision(), digest))
}

fn head(commit: &Commit) -> Value {
    let counts = &commit.counts;
    let key = commit.idempotency.as_ref().map(|(key, body)| {
        let body = blake3::Hash::from(*body).to_hex().to_string();
        json!({ "key": key, "body": body })
    });
    json!({ "commit": {
        "revision": commit.revision,
        "committedAtMs": commit.committed_at_ms,
        "author": commit.author,
        "reason": commit.reason,
        "counts": {
            "received": counts.received, "created": counts.created, "updated": counts.updated,
            "unchanged": counts.unchanged, "deleted": counts.deleted, "rejected": counts.rejected,
        },
        "idempotency": key,
        "changes": commit.changes.len(),
    } })
}
