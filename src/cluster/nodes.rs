//! How far each node says that it is: a key for each, beside the log.

use serde_json::{Value as Json, json};

use super::gateway::{Gateway, READ, bytes, text};
use super::log::{LogError, Node};

/// Says how far a node is.
pub(super) fn tell(gateway: &Gateway, prefix: &str, node: &Node) -> Result<(), LogError> {
    let Node { name, applied, revision, version, told_ms } = node;
    let value = json!({ "applied": applied, "revision": revision, "version": version, "told_ms": told_ms });
    let body = json!({ "key": text(format!("{prefix}/nodes/{name}")), "value": text(value.to_string()) });
    gateway.call("/v3/kv/put", &body, READ).map(|_| ()).map_err(LogError::without_effect)
}

/// All nodes that ever said so.
pub(super) fn all(gateway: &Gateway, prefix: &str) -> Result<Vec<Node>, LogError> {
    let (from, to) = (format!("{prefix}/nodes/"), format!("{prefix}/nodes0"));
    let body = json!({ "key": text(&from), "range_end": text(&to) });
    let found = gateway.call("/v3/kv/range", &body, READ).map_err(LogError::without_effect)?;
    let node = |found: &Json| {
        let read = |name: &str| bytes(&found[name]).unwrap_or_default();
        let told: Json = serde_json::from_slice(&read("value")).unwrap_or_default();
        Node {
            name: String::from_utf8_lossy(&read("key")).strip_prefix(&from).unwrap_or_default().to_owned(),
            applied: told["applied"].as_u64().unwrap_or_default(),
            revision: told["revision"].as_u64().unwrap_or_default(),
            version: told["version"].as_str().unwrap_or_default().to_owned(),
            told_ms: told["told_ms"].as_i64().unwrap_or_default(),
        }
    };
    Ok(found["kvs"].as_array().into_iter().flatten().map(node).collect())
}
