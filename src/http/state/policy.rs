//! What of a server may change while it runs: who may reach it, and who may read and write.

use std::sync::Arc;

use crate::http::state::documents::Documents;
use crate::http::wire::cors::Cors;
use crate::http::wire::host::Hosts;
use crate::http::wire::issuer::Issuer;

/// It changes as a whole, so that nothing is answered by a half of the one before and a half of the one after.
pub struct Policy {
    /// Documents that clients may name.
    pub documents: Documents,
    /// By which names it may be called.
    pub hosts: Hosts,
    /// Which pages of other sites may read answers.
    pub cors: Cors,
    /// Whether reading takes a token.
    pub needs_token: bool,
    /// Whose tokens are taken besides ours.
    pub issuer: Option<Arc<Issuer>>,
}
