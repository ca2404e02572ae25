//! Members of etcd one by one, for whoever looks after them.

use serde_json::json;

use super::gateway::Gateway;
use super::log::Room;

/// A member, and what it tells of itself, or why it does not.
#[derive(Clone, Debug)]
pub struct Member {
    /// Where it is.
    pub endpoint: String,
    /// What it tells.
    pub told: Result<Told, String>,
}

/// What a member tells.
#[derive(Clone, Debug)]
pub struct Told {
    /// Its version.
    pub version: String,
    /// How much room it has.
    pub room: Room,
    /// Whether it leads the others.
    pub leads: bool,
    /// What its clock says, to the second: milliseconds since 1970.
    pub clock_ms: Option<i64>,
}

/// Asks each of them.
pub(super) fn all(gateway: &Gateway) -> Vec<Member> {
    let ask = |endpoint: &String| Member { endpoint: endpoint.clone(), told: ask(gateway, endpoint) };
    gateway.endpoints().iter().map(ask).collect()
}

fn ask(gateway: &Gateway, endpoint: &str) -> Result<Told, String> {
    let status =
        gateway.call_member(endpoint, "/v3/maintenance/status", &json!({})).map_err(|error| error.to_string())?;
    let (page, date) = gateway.page(endpoint, "/metrics").map_err(|error| error.to_string())?;
    let id = &status["header"]["member_id"];
    let clock = date.and_then(|date| jiff::fmt::rfc2822::parse(&date).ok());
    Ok(Told {
        version: status["version"].as_str().unwrap_or_default().to_owned(),
        room: room_of(&page),
        leads: status["leader"] == *id && !id.is_null(),
        clock_ms: clock.map(|clock| clock.timestamp().as_millisecond()),
    })
}

/// What the metrics of a member say of its room.
pub(super) fn room_of(page: &str) -> Room {
    let told = |name: &str| {
        let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.and_then(|number| number.trim().parse::<f64>().ok()).unwrap_or_default() as u64
    };
    Room { used: told("etcd_mvcc_db_total_size_in_bytes"), quota: told("etcd_server_quota_backend_bytes") }
}
