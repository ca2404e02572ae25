//! What a running server takes anew when its settings are read again: who may reach it, and who may read and write.

use std::net::SocketAddr;
use std::sync::Arc;

use actix_web::web;

use crate::http::options::Options;
use crate::http::state::policy::Policy;
use crate::http::state::shared::Shared;
use crate::http::wire::issuer::Issuer;
use crate::http::wire::tls::Certificate;

/// A server whose policy can be replaced while it runs.
#[derive(Clone)]
pub struct Reload {
    pub(super) shared: web::Data<Shared>,
    pub(super) certificate: Option<Arc<Certificate>>,
    pub(super) address: SocketAddr,
}

impl Reload {
    /// Takes what of these options may change: all of it, or, when anything is wrong with it, nothing.
    ///
    /// # Errors
    /// With what is wrong.
    pub fn take(&self, options: Options) -> Result<(), String> {
        let Options { mut documents, hosts, cors, proxies, needs_token, public, tls, oidc, .. } = options;
        // All that can fail goes first.
        let certificate = tls.filter(|_| self.certificate.is_some()).map(Certificate::new).transpose()?;
        let before = self.shared.policy.load_full();
        let issuer = oidc.map(|trust| Issuer::after(before.issuer.as_ref(), trust)).transpose()?;
        let given = documents.compile(&self.shared.api);
        let hosts = hosts.listening_at(self.address.ip());
        let is_public_changed = needs_token != before.needs_token || public != *self.shared.api.public();

        self.shared.api.give(given);
        self.shared.api.restrict(public);
        self.shared.policy.store(Arc::new(Policy { documents, hosts, cors, needs_token, issuer }));
        self.shared.proxies.store(Arc::new(proxies));
        if let (Some(now), Some(new)) = (&self.certificate, &certificate) {
            now.become_like(new);
        }
        if is_public_changed {
            self.shared.live.change_public();
        }
        Ok(())
    }
}
