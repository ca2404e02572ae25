//! From settings to what a server is set up with.

use crate::cli::failure::Failure;
use crate::cli::settings::{Hide, Reading, Settings, TlsMin};
use crate::graphql::core::public::{Hidden, Public};
use crate::http::wire::tls::{self, Certificate};
use crate::http::{Cors, Documents, Grant, Hosts, Options, Proxies, Trust};

/// Reads all that the settings name.
///
/// # Errors
/// With what is wrong with it.
pub fn check(settings: &Settings) -> Result<(), Failure> {
    let options = options(settings)?;
    match options.tls.map(Certificate::new).transpose() {
        Ok(_) => Ok(()),
        Err(reason) => Err(Failure::usage(reason, "correct --tls-cert and --tls-key")),
    }
}

/// What the settings come to.
///
/// # Errors
/// With what is wrong with them.
pub fn options(settings: &Settings) -> Result<Options, Failure> {
    let mut documents = Documents::new(settings.limits.documents_bytes);
    match &settings.documents {
        Some(folder) => documents
            .read(folder, settings.only_persisted)
            .map_err(|reason| Failure::usage(reason, "correct --documents, or what is in it"))?,
        None if settings.only_persisted => {
            return Err(Failure::usage(
                "--only-persisted allows no document at all",
                "give their folder with --documents",
            ));
        }
        None => {}
    }
    let tls = match (&settings.tls_cert, &settings.tls_key) {
        (Some(certificate), Some(key)) => Some(tls::Files { certificate: certificate.clone(), key: key.clone() }),
        (None, None) => None,
        _ => return Err(Failure::usage("TLS needs both a certificate and its key", "give --tls-cert and --tls-key")),
    };
    let hosts = Hosts::new(settings.host.clone()).map_err(|reason| Failure::usage(reason, "correct --host"))?;
    let cors = Cors::new(settings.cors_origin.clone(), &settings.cors_header);
    Ok(Options {
        listen: settings.listen,
        workers: settings.workers,
        stop_timeout_s: settings.stop_timeout_s,
        limits: settings.limits,
        documents,
        tls,
        tls_min: match settings.tls_min {
            TlsMin::Tls12 => tls::Version::Tls12,
            TlsMin::Tls13 => tls::Version::Tls13,
        },
        proxies: Proxies::new(&settings.trusted_proxy)
            .map_err(|reason| Failure::usage(reason, "correct --trusted-proxy"))?,
        share_local: settings.share_local,
        subgraph: settings.subgraph,
        oidc: oidc(settings)?,
        metrics: settings.metrics,
        needs_token: settings.read == Reading::Token,
        public: public(settings),
        hosts,
        cors: cors.map_err(|reason| Failure::usage(reason, "correct --cors-origin or --cors-header"))?,
    })
}

/// Which tokens of others are taken.
fn oidc(settings: &Settings) -> Result<Option<Trust>, Failure> {
    let hint = "give --oidc-issuer, --oidc-audience and --oidc-jwks together";
    let [issuer, audience, keys] = match &settings.oidc {
        [Some(issuer), Some(audience), Some(keys)] => [issuer, audience, keys].map(Clone::clone),
        [None, None, None] => return Ok(None),
        _ => return Err(Failure::usage("tokens of OpenID Connect need an issuer, an audience and keys", hint)),
    };
    let mut roles = Vec::new();
    for text in &settings.oidc_role {
        roles.push(Grant::read(text).ok_or_else(|| {
            let hint = "write `editors=edit`, or `editors=edit@KEY` for one body: read, edit, import or admin";
            Failure::usage(format!("`{text}` names no role"), hint)
        })?);
    }
    let claim = settings.oidc_claim.clone();
    let trust = Trust { issuer, audience, keys, algorithms: settings.oidc_algorithm.clone(), claim, roles };
    trust
        .check()
        .map_err(|reason| Failure::usage(reason, "correct --oidc-jwks or --oidc-algorithm"))
        .map(|()| Some(trust))
}

/// What readers without a token get.
fn public(settings: &Settings) -> Public {
    let hides = |what| settings.hide.contains(&what);
    let hidden = Hidden {
        introspection: hides(Hide::Introspection),
        suggestions: hides(Hide::Suggestions),
        explorer: hides(Hide::Explorer),
        history: hides(Hide::History),
        authors: hides(Hide::Authors),
    };
    let edition = settings.public_edition.clone();
    Public { hidden, edition: edition.map(|name| if name == "latest" { String::new() } else { name }) }
}
