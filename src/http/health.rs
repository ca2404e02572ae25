//! For whoever watches over the server: whether it lives, whether it is ready, and what is wrong with it.

use std::fmt::Write as _;
use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};

use crate::commit::state::{LinkState, State, StoreState};
use crate::http::metrics::Now;
use crate::http::state::shared::Shared;
use crate::model::Kind;

/// `/livez`: the server answers.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

/// What the metrics tell of this moment.
pub fn now(shared: &Shared, lag: Duration) -> Now {
    let (state, register) = (shared.ledger.state(), shared.ledger.register());
    Now {
        revision: register.revision(),
        records: Kind::ALL.iter().map(|kind| register.count(*kind)).sum(),
        checks: checks(&state).into_iter().map(|(name, well, _)| (name, well)).collect(),
        disk_free: state.free_bytes,
        journal: shared.ledger.journal_bytes(),
        live: shared.live.open(),
        in_flight: shared.flight.bytes(),
        lag,
        audit_failed: shared.ledger.audit().failed(),
        link: state.link.as_ref().map(|link| {
            let room = link.room.unwrap_or_default();
            [link.head.saturating_sub(link.applied), link.unheard.as_secs(), room.used, room.quota]
        }),
    }
}

/// A thing that is watched: its name, whether it is well, and how it is.
type Check = (&'static str, bool, String);

fn checks(state: &State) -> Vec<Check> {
    let written = if state.read_only { "reading only, as it was started" } else { "writing" };
    let journal = state.stopped.clone().unwrap_or_else(|| written.into());
    let disk = match state.free_bytes {
        Some(free) => format!("{} MiB free", free >> 20),
        None => "the system does not tell how much is free".into(),
    };
    let store = match state.store {
        StoreState::Filling => "being made again from the journal",
        StoreState::Following => "follows the journal",
        StoreState::Failed => "failed; the next start reads the journal instead and takes longer",
        StoreState::Closed => "closed",
    };
    let mut checks = vec![
        ("journal", state.stopped.is_none(), journal),
        ("disk", state.has_room(), disk),
        ("tokens", state.tokens.is_none(), state.tokens.clone().unwrap_or_else(|| "known".into())),
        // It can never stop anything, so it never makes the server unready.
        ("store", true, store.into()),
    ];
    checks.extend(state.link.as_ref().map(|link| ("cluster", link.is_well(), told(link))));
    checks
}

/// How a node stands to the log that it shares with others.
fn told(link: &LinkState) -> String {
    let LinkState { name, unheard, head, applied, room, broken } = link;
    if let Some(reason) = broken {
        return format!("`{name}` does not follow: {reason}");
    }
    let room = room.map_or_else(String::new, |room| format!("; it takes {} % of etcd's room", room.percent()));
    format!("`{name}` has entry {applied} of {head}, the log was heard {} s ago{room}", unheard.as_secs())
}

/// An answer that says by its status alone whether all is well, and that nobody keeps.
fn answer(well: bool) -> HttpResponseBuilder {
    let mut answer = if well { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    answer.insert_header((header::CACHE_CONTROL, "no-store"));
    answer
}

/// `/readyz`, `/readyz?verbose`: whether it does all that it is there for. Where it does not, reading goes on all the same.
pub async fn ready(http: HttpRequest, shared: web::Data<Shared>) -> HttpResponse {
    let state = shared.ledger.state();
    let checks = checks(&state);
    let ready = checks.iter().all(|(_, well, _)| *well);
    let mut text = String::new();
    if http.query_string().split('&').any(|word| word.split('=').next() == Some("verbose")) {
        for (name, well, how) in &checks {
            let _ = writeln!(text, "[{}] {name}: {how}", if *well { '+' } else { '-' });
        }
        let _ = writeln!(text, "[+] revision: {}", shared.ledger.register().revision());
    }
    let _ = writeln!(text, "{}", if ready { "ready" } else { "not ready: reading goes on, writing does not" });
    answer(ready).content_type("text/plain; charset=utf-8").body(text)
}

/// `/health`: the same for programs, with revision and version.
pub async fn health(shared: web::Data<Shared>) -> HttpResponse {
    let state = shared.ledger.state();
    let checks = checks(&state);
    let wrong: Vec<String> =
        checks.iter().filter(|(_, well, _)| !well).map(|(name, _, how)| format!("{name}: {how}")).collect();
    let revision = shared.ledger.register().revision();
    let word = if wrong.is_empty() { "ok" } else { "reading only" };
    let mut body = serde_json::json!({ "status": word, "revision": revision, "version": env!("CARGO_PKG_VERSION") });
    if !wrong.is_empty() {
        body["wrong"] = serde_json::json!(wrong);
    }
    if let Some(link) = &state.link {
        body["cluster"] = serde_json::json!({
            "node": link.name, "entry": link.applied, "head": link.head, "unheardSeconds": link.unheard.as_secs(),
        });
    }
    answer(wrong.is_empty()).json(body)
}
