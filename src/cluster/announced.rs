//! A large entry that is announced: others give way to it for a while. That is no lock, and nothing rests on it: it is a key with a
//! lease, which goes when the node that announced it falls.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use super::gateway::{Gateway, READ, text};
use super::log::LogError;

/// Seconds after which it goes by itself.
const TTL_S: u64 = 15;
/// It is kept alive when so much time has passed.
const KEEP: Duration = Duration::from_secs(4);

/// What this node has announced: the lease, and when that was kept alive last.
#[derive(Default)]
pub(super) struct Announcement {
    own: Mutex<Option<(String, Instant)>>,
}

/// The key, below the log's prefix.
pub(super) fn key_of(prefix: &str) -> String {
    text(format!("{prefix}/announced"))
}

impl Announcement {
    /// Whether this node has announced something that stands still.
    pub(super) fn is_own(&self) -> bool {
        let own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        own.as_ref().is_some_and(|(_, kept)| kept.elapsed() < Duration::from_secs(TTL_S))
    }

    /// Announces a large entry, unless that is done, or another node did; whether it is.
    pub(super) fn make(&self, gateway: &Gateway, prefix: &str) -> Result<bool, LogError> {
        if self.is_own() {
            self.keep(gateway);
            return Ok(true);
        }
        let granted = gateway.call("/v3/lease/grant", &json!({ "TTL": TTL_S.to_string() }), READ)?;
        let Some(lease) = granted["ID"].as_str().map(str::to_owned) else { return Ok(false) };
        let key = key_of(prefix);
        let body = json!({
            "compare": [{ "key": key, "target": "CREATE", "result": "EQUAL", "create_revision": "0" }],
            "success": [{ "request_put": { "key": key, "value": text("large"), "lease": lease } }],
        });
        let answer = gateway.call("/v3/kv/txn", &body, READ).map_err(LogError::without_effect)?;
        let is_made = answer["succeeded"] == true;
        if is_made {
            *self.own.lock().unwrap_or_else(PoisonError::into_inner) = Some((lease, Instant::now()));
        } else {
            revoke(gateway, &lease);
        }
        Ok(is_made)
    }

    /// It takes its time: keeps it from going by itself.
    pub(super) fn keep(&self, gateway: &Gateway) {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((lease, kept)) = own.as_mut().filter(|(_, kept)| kept.elapsed() >= KEEP)
            && gateway.call("/v3/lease/keepalive", &json!({ "ID": lease }), READ).is_ok()
        {
            *kept = Instant::now();
        }
    }

    /// It has come.
    pub(super) fn end(&self, gateway: &Gateway) {
        let own = self.own.lock().unwrap_or_else(PoisonError::into_inner).take();
        own.iter().for_each(|(lease, _)| revoke(gateway, lease));
    }
}

fn revoke(gateway: &Gateway, lease: &str) {
    // What stays goes by itself.
    let _: Result<Json, LogError> = gateway.call("/v3/lease/revoke", &json!({ "ID": lease }), READ);
}
