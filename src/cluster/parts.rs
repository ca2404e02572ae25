//! Large entries: what they say stands in parts beside the log, before the entry that names it by its hash.
//!
//! A part's key begins with the number that its entry is to have. So parts that belong to no entry, because whoever wrote them was
//! overtaken or fell, go when the log lets go of that number, whoever does that.

use std::time::Duration;

use serde_json::json;

use super::gateway::{Gateway, bytes, text};
use super::log::{Entry, LogError};

/// A part: with what goes around it, well below what etcd takes in a request.
const PART_BYTES: usize = 512 << 10;
/// So many parts are read at once.
const READ_MAX: usize = 8;
/// So long a part may take.
const PART: Duration = Duration::from_millis(2_500);

/// What an entry says of its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) bytes: u64,
    pub(super) hash: [u8; 32],
}

impl Named {
    pub(super) fn of(payload: &[u8]) -> Self {
        Self { bytes: payload.len() as u64, hash: *blake3::hash(payload).as_bytes() }
    }

    pub(super) fn to_bytes(self) -> Vec<u8> {
        [&self.bytes.to_le_bytes()[..], &self.hash].concat()
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (length, hash) = bytes.split_first_chunk::<8>()?;
        Some(Self { bytes: u64::from_le_bytes(*length), hash: hash.try_into().ok()? })
    }
}

/// Where the parts of entries from that number on stand.
pub(super) fn key_of(prefix: &str, sequence: u64) -> String {
    format!("{prefix}/parts/{sequence:020}/")
}

fn folder(prefix: &str, entry: &Entry) -> String {
    format!("{}{}/", key_of(prefix, entry.sequence), blake3::Hash::from(padded(entry.id)).to_hex().split_at(32).0)
}

fn padded(id: [u8; 16]) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(&id);
    bytes
}

/// Writes what an entry says in parts.
pub(super) fn write(gateway: &Gateway, prefix: &str, entry: &Entry, mut each: impl FnMut()) -> Result<(), LogError> {
    let folder = folder(prefix, entry);
    for (number, part) in entry.payload.chunks(PART_BYTES).enumerate() {
        let body = json!({ "key": text(format!("{folder}{number:06}").as_bytes()), "value": text(part) });
        // Nobody sees a part before the entry: that it may be there changes nothing.
        gateway.call("/v3/kv/put", &body, PART).map_err(LogError::without_effect)?;
        each();
    }
    Ok(())
}

/// Takes back the parts of an entry that does not stand in the log, and never will.
pub(super) fn take_back(gateway: &Gateway, prefix: &str, entry: &Entry) {
    let folder = folder(prefix, entry);
    let body = json!({ "key": text(folder.as_bytes()), "range_end": text(format!("{folder}:").as_bytes()) });
    // What stays goes with the number.
    let _ = gateway.call("/v3/kv/deleterange", &body, PART);
}

/// Reads what an entry says.
pub(super) fn read(gateway: &Gateway, prefix: &str, entry: &mut Entry, named: Named) -> Result<(), LogError> {
    let folder = folder(prefix, entry);
    let mut next = format!("{folder}000000");
    let mut payload = Vec::with_capacity(usize::try_from(named.bytes).unwrap_or_default().min(64 << 20));
    while (payload.len() as u64) < named.bytes {
        let body = json!({
            "key": text(next.as_bytes()), "range_end": text(format!("{folder}:").as_bytes()), "limit": READ_MAX.to_string(),
        });
        let found = gateway.call("/v3/kv/range", &body, PART).map_err(LogError::without_effect)?;
        let parts = found["kvs"].as_array().filter(|parts| !parts.is_empty());
        let Some(parts) = parts else {
            return Err(LogError::Damaged(format!("a part of entry {} is missing", entry.sequence)));
        };
        for part in parts {
            payload.extend(bytes(&part["value"])?);
            // The key that follows that one.
            next = format!("{}\0", String::from_utf8_lossy(&bytes(&part["key"])?));
        }
    }
    if Named::of(&payload) != named {
        return Err(LogError::Damaged(format!("the parts of entry {} are not what it names", entry.sequence)));
    }
    entry.payload = payload;
    Ok(())
}
