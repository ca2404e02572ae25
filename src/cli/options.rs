//! From settings to what a server is set up with.

use crate::cli::failure::Failure;
use crate::cli::log_filter::filter;
use crate::cli::settings::{Hide, Reading, Settings, TlsMin};
use crate::graphql::core::public::{Hidden, Public};
use crate::http::wire::tls::{self, Certificate};
use crate::http::{Cors, Documents, Grant, Hosts, Options, Proxies, Trust};
use crate::model::Kind;
use crate::register::Register;

/// More threads than that answer nothing sooner on any machine.
const WORKERS_MAX: usize = 1_024;

/// Reads all that the settings name, and looks for those that would be in vain.
///
/// # Errors
/// With what is wrong with it.
pub fn check(settings: &Settings) -> Result<(), Failure> {
    let options = options(settings)?;
    filter(&settings.log)?;
    if settings.data.as_os_str().is_empty() || settings.data.exists() && !settings.data.is_dir() {
        let message = format!("`{}` is no folder", settings.data.display());
        return Err(Failure::usage(message, "give the register's folder with --data"));
    }
    if settings.metrics.is_some_and(|at| at.port() != 0 && at == settings.listen) {
        return Err(Failure::usage(
            "the register and its metrics cannot listen on the same port",
            "give them ports of their own with --listen and --metrics",
        ));
    }
    #[cfg(feature = "cluster")]
    if settings.node.is_node() {
        settings.node.log()?;
    }
    if let Some((name, needs)) = in_vain(settings) {
        let message = format!("--{name} does nothing without --{needs}");
        return Err(Failure::usage(message, format!("give --{needs} too, or leave --{name} out")));
    }
    match options.tls.map(Certificate::new).transpose() {
        Ok(_) => Ok(()),
        Err(reason) => Err(Failure::usage(reason, "correct --tls-cert and --tls-key")),
    }
}

/// A setting that does nothing, and the one that it would need.
fn in_vain(settings: &Settings) -> Option<(&'static str, &'static str)> {
    let node = &settings.node;
    let alone = !node.is_node();
    let foreign = settings.oidc.iter().any(Option::is_some);
    let all = [
        ("tls-min", "tls-cert", settings.tls_min != TlsMin::default() && settings.tls_cert.is_none()),
        ("oidc-role", "oidc-issuer", !settings.oidc_role.is_empty() && !foreign),
        ("oidc-algorithm", "oidc-issuer", settings.oidc_algorithm != ["RS256"] && !foreign),
        ("cluster-node", "cluster", node.cluster_node.is_some() && alone),
        ("cluster-ca", "cluster", node.cluster_ca.is_some() && alone),
        ("cluster-cert", "cluster", node.cluster_cert.is_some() && alone),
        ("cluster-key", "cluster", node.cluster_key.is_some() && alone),
        ("cluster-user", "cluster", node.cluster_user.is_some() && alone),
        ("cluster-password-file", "cluster", node.cluster_password_file.is_some() && alone),
    ];
    all.into_iter().find(|(.., is_in_vain)| *is_in_vain).map(|(name, needs, _)| (name, needs))
}

/// What the settings come to.
///
/// # Errors
/// With what is wrong with them.
pub fn options(settings: &Settings) -> Result<Options, Failure> {
    if settings.workers > WORKERS_MAX {
        let message = format!("{} threads are more than {WORKERS_MAX}", settings.workers);
        return Err(Failure::usage(
            message,
            "give as many with --workers as the machine has processors, or leave it out",
        ));
    }
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

/// Warns where readers without a token would get an edition that is not there.
pub fn look_for_edition(settings: &Settings, register: &Register) {
    let Some(name) = &settings.public_edition else { return };
    let is_there = if name == "latest" {
        register.count(Kind::Edition) > 0
    } else {
        register.all(Kind::Edition).any(|edition| edition.key.as_str() == name)
    };
    if !is_there {
        tracing::warn!(
            edition = name,
            "there is no such edition yet: readers without a token get nothing until it is tagged"
        );
    }
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
