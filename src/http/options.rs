//! How a server is set up.

use std::net::SocketAddr;

use crate::graphql::core::limits::Limits;
use crate::graphql::core::public::Public;
use crate::http::state::documents::Documents;
use crate::http::wire::client::Proxies;
use crate::http::wire::cors::Cors;
use crate::http::wire::host::Hosts;
use crate::http::wire::issuer::Trust;
use crate::http::wire::tls;

/// How a server is set up.
pub struct Options {
    /// Address and port.
    pub listen: SocketAddr,
    /// Threads that answer requests.
    pub workers: usize,
    /// Seconds that running requests may take when it stops.
    pub stop_timeout_s: u64,
    /// How much a request may ask.
    pub limits: Limits,
    /// Documents that clients may name.
    pub documents: Documents,
    /// By which names it may be called.
    pub hosts: Hosts,
    /// Which pages of other sites may read answers.
    pub cors: Cors,
    /// Which proxies are believed when they say who calls.
    pub proxies: Proxies,
    /// Whether requests of this machine itself have a share as well.
    pub share_local: bool,
    /// Whether gateways may ask it as part of a larger graph.
    pub subgraph: bool,
    /// Whether reading takes a token.
    pub needs_token: bool,
    /// What readers without a token get.
    pub public: Public,
    /// The files of the certificate; none for plain HTTP.
    pub tls: Option<tls::Files>,
    /// The least version of TLS.
    pub tls_min: tls::Version,
    /// Whose tokens are taken besides ours.
    pub oidc: Option<Trust>,
    /// Where the metrics are told, if anywhere.
    pub metrics: Option<SocketAddr>,
}
