//! What handlers share.

use std::sync::Arc;

use tokio::sync::OnceCell;

use super::cache::Answers;
use super::documents::Documents;
use super::file::{File, Folder};
use super::live::Live;
use crate::commit::Ledger;
use crate::graphql::Api;
use crate::http::metrics::Metrics;
use crate::http::wire::bucket::Bucket;
use crate::http::wire::client::Proxies;
use crate::http::wire::cors::Cors;
use crate::http::wire::flight::Flight;
use crate::http::wire::host::Hosts;
use crate::http::wire::issuer::Issuer;
use crate::http::wire::share::Shares;
use crate::pages::Library;

/// The header that says which revision an answer was read from.
pub const REVISION: &str = "boordtabel-revision";
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
    /// Documents that clients may name.
    pub documents: Documents,
    /// By which names it may be called.
    pub hosts: Hosts,
    /// Which pages of other sites may read answers.
    pub cors: Cors,
    /// Those who follow.
    pub live: Live,
    /// What each client has a share of.
    pub shares: Arc<Shares>,
    /// Which proxies are believed when they say who calls.
    pub proxies: Arc<Proxies>,
    /// Whether it speaks TLS itself.
    pub is_encrypted: bool,
    /// Whether reading takes a token.
    pub needs_token: bool,
    /// Whose tokens are taken besides ours.
    pub issuer: Option<Issuer>,
    /// How many refusals the audit log is told: nobody fills it.
    pub noted: Bucket,
    /// What whoever runs it sees.
    pub metrics: Metrics,
}

/// What is the same for everybody.
#[derive(Default)]
pub struct Files {
    /// `/schema.graphql`
    pub sdl: File,
    /// `/schema.json`
    pub introspection: File,
    /// What the pages of the documentation are made of.
    pub library: OnceCell<Arc<Library>>,
    /// Those pages.
    pub documentation: Folder,
}
