//! Settings: flag, else environment, else file, else default; the same for each of them.

use std::net::{SocketAddr, ToSocketAddrs as _};
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Deserialize;

pub use crate::cli::choices::{Hide, LogFormat, Reading, TlsMin};
use crate::cli::failure::Failure;
use crate::cli::node::{GivenToNode, NodeSettings};
use crate::graphql::core::limits::Limits;

/// Settings of every command, as given by flag or environment. What is not given is none.
#[derive(Args, Clone, Debug, Default)]
pub struct Given {
    /// Folder that holds the register; made when it does not exist [default: boordtabel-data]
    #[arg(long, global = true, env = "BOORDTABEL_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// What to log: error, warn, info, debug or trace, or a filter such as `info,boordtabel=debug` [default:
    /// info,actix=warn,actix_http=off]
    #[arg(long, global = true, env = "BOORDTABEL_LOG", value_name = "FILTER")]
    pub log: Option<String>,
    /// How to write the log [default: text]
    #[arg(long, global = true, env = "BOORDTABEL_LOG_FORMAT", value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,
}

/// Settings of the server alone, as given by flag or environment.
#[derive(Args, Clone, Debug, Default)]
pub struct GivenToServe {
    /// Address and port to listen on, such as `localhost:8080`; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, env = "BOORDTABEL_LISTEN", value_name = "ADDRESS", value_parser = address)]
    pub listen: Option<SocketAddr>,
    /// Name that the server is called by, such as `board.example.org`, besides literal addresses and localhost; several with commas,
    /// or the flag again. Requests for other names are refused; when none is given, only if it listens on this machine alone
    #[arg(long, env = "BOORDTABEL_HOST", value_name = "NAME", value_delimiter = ',')]
    pub host: Vec<String>,
    /// Threads that answer requests [default: one for each core]
    #[arg(long, env = "BOORDTABEL_WORKERS", value_name = "N")]
    pub workers: Option<usize>,
    /// Seconds that running requests may take to finish when the server stops [default: 10]
    #[arg(long, env = "BOORDTABEL_STOP_TIMEOUT_S", value_name = "SECONDS")]
    pub stop_timeout_s: Option<u64>,
    /// A limit of requests, such as `depth=30`; several with commas, or the flag again. docs/reference.md has their list
    #[arg(long, env = "BOORDTABEL_LIMIT", value_name = "NAME=NUMBER", value_delimiter = ',')]
    pub limit: Vec<String>,
    /// Folder of documents that clients may name by `documentId`: `.graphql` files, and `.json` files with an object of them
    #[arg(long, env = "BOORDTABEL_DOCUMENTS", value_name = "DIR")]
    pub documents: Option<PathBuf>,
    /// Answer only documents of --documents [default: false]
    #[arg(long, env = "BOORDTABEL_ONLY_PERSISTED", value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub only_persisted: Option<bool>,
    /// Origin whose pages may read answers, such as `https://board.example.org`, or * for all; several with commas, or the flag again
    #[arg(long, env = "BOORDTABEL_CORS_ORIGIN", value_name = "ORIGIN", value_delimiter = ',')]
    pub cors_origin: Vec<String>,
    /// Header that those pages may send besides those that clients are known to send; several with commas, or the flag again
    #[arg(long, env = "BOORDTABEL_CORS_HEADER", value_name = "NAME", value_delimiter = ',')]
    pub cors_header: Vec<String>,
    /// Proxy that is believed when it says who calls, by its address or network, such as `10.0.0.0/8`; several with commas, or the flag again
    #[arg(long, env = "BOORDTABEL_TRUSTED_PROXY", value_name = "ADDRESS", value_delimiter = ',')]
    pub trusted_proxy: Vec<String>,
    /// Whether requests of this machine itself have a share as well as those of others [default: false]
    #[arg(long, env = "BOORDTABEL_SHARE_LOCAL", value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub share_local: Option<bool>,
    /// Offer the graph to gateways, as part of a larger one (Apollo Federation 2) [default: false]
    #[arg(long, env = "BOORDTABEL_SUBGRAPH", value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub subgraph: Option<bool>,
    /// Address and port at which the metrics are told, as Prometheus reads them, such as `127.0.0.1:9464`; none when it is not given
    #[arg(long, env = "BOORDTABEL_METRICS", value_name = "ADDRESS", value_parser = address)]
    pub metrics: Option<SocketAddr>,
    /// Who may read: everybody, or whoever shows a token [default: open]
    #[arg(long, env = "BOORDTABEL_READ", value_name = "WHO")]
    pub read: Option<Reading>,
    /// What readers without a token do not get: introspection, suggestions, explorer, history, authors (they see pseudonyms); several
    /// with commas, or the flag again
    #[arg(long, env = "BOORDTABEL_HIDE", value_name = "WHAT", value_delimiter = ',')]
    pub hide: Vec<Hide>,
    /// Edition that readers without a token see in place of the current state, without its history; `latest` for the latest one
    #[arg(long, env = "BOORDTABEL_PUBLIC_EDITION", value_name = "NAME")]
    pub public_edition: Option<String>,
    /// Issuer of tokens of OpenID Connect that are taken besides our own, as it stands in their `iss`
    #[arg(long, env = "BOORDTABEL_OIDC_ISSUER", value_name = "URL")]
    pub oidc_issuer: Option<String>,
    /// For whom those tokens must be, as it stands in their `aud`
    #[arg(long, env = "BOORDTABEL_OIDC_AUDIENCE", value_name = "TEXT")]
    pub oidc_audience: Option<String>,
    /// File or address of the issuer's keys (JWKS)
    #[arg(long, env = "BOORDTABEL_OIDC_JWKS", value_name = "PLACE")]
    pub oidc_jwks: Option<String>,
    /// Algorithm with which they may be signed: RS256, ES256, EdDSA; several with commas, or the flag again [default: RS256]
    #[arg(long, env = "BOORDTABEL_OIDC_ALGORITHM", value_name = "NAME", value_delimiter = ',')]
    pub oidc_algorithm: Vec<String>,
    /// Claim of theirs that names roles [default: roles]
    #[arg(long, env = "BOORDTABEL_OIDC_CLAIM", value_name = "NAME")]
    pub oidc_claim: Option<String>,
    /// Which word of that claim means which of our roles, such as `editors=edit`, or `editors=edit@KEY` for one body; several with
    /// commas, or the flag again
    #[arg(long, env = "BOORDTABEL_OIDC_ROLE", value_name = "WORD=ROLE", value_delimiter = ',')]
    pub oidc_role: Vec<String>,
    /// File with the certificate for HTTPS and those that it rests on, as PEM; read again when it changes
    #[arg(long, env = "BOORDTABEL_TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,
    /// File with the private key of --tls-cert, as PEM
    #[arg(long, env = "BOORDTABEL_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// Least version of TLS: 1.2 or 1.3 [default: 1.2]
    #[arg(long, env = "BOORDTABEL_TLS_MIN", value_name = "VERSION")]
    pub tls_min: Option<TlsMin>,
    /// Those of a server that is one node of several.
    #[command(flatten)]
    pub node: GivenToNode,
}

/// Settings in the file, which every command may share: those of the server stand in it too.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct InFile {
    data: Option<PathBuf>,
    listen: Option<String>,
    #[serde(default)]
    host: Vec<String>,
    workers: Option<usize>,
    stop_timeout_s: Option<u64>,
    #[serde(default)]
    limit: Vec<String>,
    documents: Option<PathBuf>,
    only_persisted: Option<bool>,
    #[serde(default)]
    cors_origin: Vec<String>,
    #[serde(default)]
    cors_header: Vec<String>,
    #[serde(default)]
    trusted_proxy: Vec<String>,
    share_local: Option<bool>,
    subgraph: Option<bool>,
    metrics: Option<String>,
    read: Option<Reading>,
    #[serde(default)]
    hide: Vec<Hide>,
    public_edition: Option<String>,
    oidc_issuer: Option<String>,
    oidc_audience: Option<String>,
    oidc_jwks: Option<String>,
    #[serde(default)]
    oidc_algorithm: Vec<String>,
    oidc_claim: Option<String>,
    #[serde(default)]
    oidc_role: Vec<String>,
    tls_cert: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    tls_min: Option<TlsMin>,
    #[serde(default)]
    cluster: Vec<String>,
    cluster_prefix: Option<String>,
    cluster_node: Option<String>,
    cluster_ca: Option<PathBuf>,
    cluster_cert: Option<PathBuf>,
    cluster_key: Option<PathBuf>,
    cluster_user: Option<String>,
    cluster_password_file: Option<PathBuf>,
    log: Option<String>,
    log_format: Option<LogFormat>,
}

/// Settings in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Folder that holds the register.
    pub data: PathBuf,
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// Names that it is called by.
    pub host: Vec<String>,
    /// Threads that answer requests.
    pub workers: usize,
    /// Seconds that running requests may take when the server stops.
    pub stop_timeout_s: u64,
    /// How much a request may ask.
    pub limits: Limits,
    /// Folder of documents that clients may name.
    pub documents: Option<PathBuf>,
    /// Whether only those are answered.
    pub only_persisted: bool,
    /// Origins whose pages may read answers.
    pub cors_origin: Vec<String>,
    /// Headers that their pages may send besides those that clients are known to send.
    pub cors_header: Vec<String>,
    /// Proxies that are believed when they say who calls.
    pub trusted_proxy: Vec<String>,
    /// Whether requests of this machine itself have a share as well.
    pub share_local: bool,
    /// Whether gateways may ask it as part of a larger graph.
    pub subgraph: bool,
    /// Where the metrics are told.
    pub metrics: Option<SocketAddr>,
    /// Who may read.
    pub read: Reading,
    /// What readers without a token do not get.
    pub hide: Vec<Hide>,
    /// The edition that they see.
    pub public_edition: Option<String>,
    /// Issuer, audience and keys of tokens of OpenID Connect.
    pub oidc: [Option<String>; 3],
    /// With what they may be signed.
    pub oidc_algorithm: Vec<String>,
    /// The claim that names roles.
    pub oidc_claim: String,
    /// What its words mean.
    pub oidc_role: Vec<String>,
    /// The certificate for HTTPS.
    pub tls_cert: Option<PathBuf>,
    /// Its private key.
    pub tls_key: Option<PathBuf>,
    /// The least version of TLS.
    pub tls_min: TlsMin,
    /// Those of a server that is one node of several.
    pub node: NodeSettings,
    /// What to log.
    pub log: String,
    /// How to write the log.
    pub log_format: LogFormat,
}

impl Settings {
    /// Puts the layers together.
    ///
    /// # Errors
    /// When the file cannot be read, or says what no setting is.
    pub fn resolve(given: Given, to_serve: GivenToServe, file: Option<&Path>) -> Result<Self, Failure> {
        let file = file.map(read_file).transpose()?.unwrap_or_default();
        let mut limits = Limits::default();
        for text in if to_serve.limit.is_empty() { &file.limit } else { &to_serve.limit } {
            limits.set(text).map_err(|reason| Failure::usage(reason, "correct --limit"))?;
        }
        let node = GivenToNode {
            cluster: file.cluster,
            cluster_prefix: file.cluster_prefix,
            cluster_node: file.cluster_node,
            cluster_ca: file.cluster_ca,
            cluster_cert: file.cluster_cert,
            cluster_key: file.cluster_key,
            cluster_user: file.cluster_user,
            cluster_password_file: file.cluster_password_file,
        };
        let either = |given: Vec<String>, in_file| if given.is_empty() { in_file } else { given };
        let in_file = file.listen.as_deref().map(address).transpose();
        let listen = to_serve.listen.map_or(in_file, |listen| Ok(Some(listen)));
        let listen = listen.map_err(|reason| Failure::usage(reason, "correct `listen` in the settings file"))?;
        let metrics = file.metrics.as_deref().map(address).transpose();
        let metrics = to_serve.metrics.map_or(metrics, |metrics| Ok(Some(metrics)));
        Ok(Self {
            metrics: metrics.map_err(|reason| Failure::usage(reason, "correct `metrics` in the settings file"))?,
            limits,
            documents: to_serve.documents.or(file.documents),
            only_persisted: to_serve.only_persisted.or(file.only_persisted).unwrap_or_default(),
            tls_cert: to_serve.tls_cert.or(file.tls_cert),
            tls_key: to_serve.tls_key.or(file.tls_key),
            tls_min: to_serve.tls_min.or(file.tls_min).unwrap_or_default(),
            node: NodeSettings::resolve(to_serve.node, node),
            trusted_proxy: either(to_serve.trusted_proxy, file.trusted_proxy),
            share_local: to_serve.share_local.or(file.share_local).unwrap_or_default(),
            subgraph: to_serve.subgraph.or(file.subgraph).unwrap_or_default(),
            read: to_serve.read.or(file.read).unwrap_or_default(),
            hide: if to_serve.hide.is_empty() { file.hide } else { to_serve.hide },
            public_edition: to_serve.public_edition.or(file.public_edition),
            oidc: [
                to_serve.oidc_issuer.or(file.oidc_issuer),
                to_serve.oidc_audience.or(file.oidc_audience),
                to_serve.oidc_jwks.or(file.oidc_jwks),
            ],
            oidc_algorithm: either(either(to_serve.oidc_algorithm, file.oidc_algorithm), vec!["RS256".into()]),
            oidc_claim: to_serve.oidc_claim.or(file.oidc_claim).unwrap_or_else(|| "roles".into()),
            oidc_role: either(to_serve.oidc_role, file.oidc_role),
            host: either(to_serve.host, file.host),
            cors_origin: either(to_serve.cors_origin, file.cors_origin),
            cors_header: either(to_serve.cors_header, file.cors_header),
            data: given.data.or(file.data).unwrap_or_else(|| "boordtabel-data".into()),
            listen: listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080))),
            workers: to_serve
                .workers
                .or(file.workers)
                .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
                .max(1),
            stop_timeout_s: to_serve.stop_timeout_s.or(file.stop_timeout_s).unwrap_or(10),
            // What a client sends that is no HTTP is its own error, and could fill the log.
            log: given.log.or(file.log).unwrap_or_else(|| "info,actix=warn,actix_http=off".into()),
            log_format: given.log_format.or(file.log_format).unwrap_or_default(),
        })
    }
}

/// An address to listen on: a literal one or a name, with a port. Of a name's addresses one of IPv4 goes first, because that is what
/// people type.
fn address(text: &str) -> Result<SocketAddr, String> {
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let form = "it is of the form `127.0.0.1:8080`, `[::1]:8080` or `localhost:8080`";
    let is_name = |name: &str| !name.is_empty() && !name.contains(['/', ':', '@']);
    if !text.rsplit_once(':').is_some_and(|(name, port)| is_name(name) && port.parse::<u16>().is_ok()) {
        return Err(format!("`{text}` is no address with a port: {form}"));
    }
    let found = text.to_socket_addrs().map_err(|cause| format!("`{text}` leads nowhere ({cause}): {form}"))?;
    found.min_by_key(SocketAddr::is_ipv6).ok_or_else(|| format!("`{text}` leads nowhere: {form}"))
}

fn read_file(path: &Path) -> Result<InFile, Failure> {
    let text = std::fs::read_to_string(path).map_err(|cause| {
        Failure::usage(format!("cannot read the settings file `{}`: {cause}", path.display()), "correct --config")
    })?;
    toml::from_str(&text).map_err(|cause| {
        let message = format!("the settings file `{}` does not hold: {}", path.display(), cause.to_string().trim_end());
        Failure::usage(message, "each setting has the name of its flag, with _ for -; see `boordtabel serve --help`")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_goes_before_the_file_and_the_file_before_the_default() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("settings.toml");
        std::fs::write(&file, "workers = 3\nlog = \"debug\"\nlisten = \"127.0.0.1:1\"\n").unwrap();
        let to_serve = GivenToServe { workers: Some(5), ..GivenToServe::default() };
        let settings = Settings::resolve(Given::default(), to_serve, Some(&file)).unwrap();
        assert_eq!(
            (settings.workers, settings.log.as_str(), settings.listen.port(), settings.stop_timeout_s),
            (5, "debug", 1, 10)
        );
    }

    #[test]
    fn limits_of_a_flag_take_the_place_of_those_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("settings.toml");
        std::fs::write(&file, "limit = [\"depth=3\", \"ids=4\"]\n").unwrap();
        let resolve = |limit: &[&str]| {
            let to_serve =
                GivenToServe { limit: limit.iter().map(|it| (*it).to_owned()).collect(), ..GivenToServe::default() };
            Settings::resolve(Given::default(), to_serve, Some(&file)).map(|settings| settings.limits)
        };
        assert_eq!(resolve(&[]).unwrap(), Limits { depth: 3, ids: 4, ..Limits::default() });
        assert_eq!(resolve(&["fields=5"]).unwrap(), Limits { fields: 5, ..Limits::default() });
        assert!(resolve(&["filds=5"]).unwrap_err().message.contains("filds"));
    }

    #[test]
    fn where_it_listens_may_be_a_name() {
        assert_eq!(address("[::1]:80").unwrap().to_string(), "[::1]:80");
        let local = address("localhost:8080").unwrap();
        assert!(local.ip().is_loopback() && local.port() == 8080, "{local}");
        for bad in ["localhost", "8080", ":8080", "localhost:port", "localhost:70000", "::1:", "http://localhost:8080"]
        {
            let told = address(bad).unwrap_err();
            assert!(told.contains(&format!("`{bad}`")) && told.contains("localhost:8080"), "{told}");
        }
    }

    #[test]
    fn an_unknown_setting_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("settings.toml");
        std::fs::write(&file, "wrokers = 3\n").unwrap();
        let failure = Settings::resolve(Given::default(), GivenToServe::default(), Some(&file)).unwrap_err();
        assert!(failure.message.contains("wrokers"), "{}", failure.message);
        assert!(
            Settings::resolve(Given::default(), GivenToServe::default(), Some(&folder.path().join("none"))).is_err()
        );
    }
}
