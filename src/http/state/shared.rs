//! What handlers share.

use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};
use tokio::sync::OnceCell;

use super::cache::Answers;
use super::file::{File, Folder};
use super::live::Live;
use super::policy::Policy;
use crate::commit::Ledger;
use crate::graphql::Api;
use crate::http::metrics::Metrics;
use crate::http::wire::bucket::Bucket;
use crate::http::wire::client::Proxies;
use crate::http::wire::flight::Flight;
use crate::http::wire::share::Shares;
use crate::pages::Library;

/// The header that says which revision an answer was read from.
pub const REVISION: &str = "boordtabel-revision";
/// The header that says for how many seconds a node has not heard of the others.
pub const UNHEARD: &str = "boordtabel-unheard";
/// What handlers share.
pub struct Shared {
    /// The graph.
    pub api: Arc<Api>,
    /// What is the same for everybody.
    pub files: Files,
    /// Milliseconds since 1970, UTC.
    pub clock: fn() -> i64,
    /// The data folder.
    pub ledger: Arc<Ledger>,
    /// Answers that are kept.
    pub answers: Answers,
    /// Room for answers on their way.
    pub flight: Flight,
    /// Who may reach it, and who may read and write.
    pub policy: ArcSwap<Policy>,
    /// Those who follow.
    pub live: Live,
    /// What each client has a share of.
    pub shares: Arc<Shares>,
    /// Which proxies are believed when they say who calls.
    pub proxies: Arc<ArcSwap<Proxies>>,
    /// Whether it speaks TLS itself.
    pub is_encrypted: bool,
    /// How many refusals the audit log is told: nobody fills it.
    pub noted: Bucket,
    /// What whoever runs it sees.
    pub metrics: Metrics,
}

impl Shared {
    /// Who may reach it, and who may read and write, as it is now.
    pub fn policy(&self) -> Guard<Arc<Policy>> {
        self.policy.load()
    }
}

/// What is the same for everybody.
#[derive(Default)]
pub struct Files {
    /// `/schema.graphql`
    pub sdl: File,
    /// `/schema.json`
    pub introspection: File,
    /// The documentation: with all of it, without the schema, without ways to the explorer, without either.
    pub documentation: [Documentation; 4],
}

/// The documentation.
#[derive(Default)]
pub struct Documentation {
    /// What its pages are made of.
    pub library: OnceCell<Arc<Library>>,
    /// The pages.
    pub pages: Folder,
}
