//! `boordtabel serve`

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};

use crate::cli::control;
use crate::cli::failure::Failure;
use crate::cli::load::commit_files;
use crate::cli::settings::{GivenToServe, Hide, Reading, Settings, TlsMin};
use crate::cli::words::{now_ms, progress};
use crate::commit::Ledger;
use crate::commit::access::Role;
use crate::graphql::core::public::{Hidden, Public};
use crate::http::BindError;
use crate::http::Cors;
use crate::http::Documents;
use crate::http::Hosts;
use crate::http::Options;
use crate::http::Proxies;
use crate::http::Server;
use crate::http::Trust;
use crate::http::wire::tls;
use crate::{embedded, import, secret};

/// Serve the register over HTTP until SIGTERM or SIGINT (Ctrl+C).
#[derive(Args, Debug)]
pub struct Serve {
    /// Serve demonstration data from a temporary folder instead of --data; nothing is kept
    #[arg(long, value_enum, value_name = "WHICH", num_args = 0..=1, default_missing_value = "plan")]
    demo: Option<Demo>,
    /// With --demo: new file for a token for writing, which is good while the server runs; without it, it is said on a terminal
    #[arg(long, value_name = "FILE", requires = "demo")]
    token_file: Option<PathBuf>,
    /// Serve the folder as it is and change nothing in it: a backup, a read-only mount; every write is refused
    #[arg(long, conflicts_with = "demo")]
    read_only: bool,
    /// Take the clock of the machine for right, although it has jumped, or is far from the last commit
    #[arg(long)]
    trust_clock: bool,
    #[command(flatten)]
    pub(super) settings: GivenToServe,
}

/// Demonstration data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Demo {
    /// The plan of one year
    Plan,
    /// Two invented years after it too, with what changed on the way
    Years,
}

impl Serve {
    /// Runs the command.
    pub fn run(self, settings: &Settings) -> Result<(), Failure> {
        // Kept until the server has stopped: then the folder goes.
        let scratch = if self.demo.is_some() {
            let folder = tempfile::Builder::new().prefix("boordtabel-demo-").tempdir();
            Some(folder.map_err(|cause| {
                Failure::machine(format!("cannot make a temporary folder: {cause}"), "check TMPDIR")
            })?)
        } else {
            None
        };
        let data = scratch.as_ref().map_or(settings.data.as_path(), |folder| folder.path());
        let bar = progress("opening the register");
        let opened = if self.read_only { Ledger::open_read_only(data) } else { Ledger::open(data) };
        let ledger = Arc::new(opened?);
        if self.trust_clock {
            ledger.trust_clock();
        }
        let mut demo_token = None;
        if let Some(demo) = self.demo {
            bar.set_message("loading the demonstration data");
            let edits = import::read_files(&embedded::demo())?;
            commit_files(&ledger, edits, "demo", "demonstration data")?;
            let years = if demo == Demo::Years { embedded::demo_years() } else { Vec::new() };
            for (year, files) in years {
                commit_files(&ledger, import::read_files(&files)?, "demo", &format!("demonstration data of {year}"))?;
            }
            let token = ledger.create_token("demo", Role::Admin, now_ms())?;
            demo_token = self.tell_token(token)?;
        }
        bar.finish_and_clear();
        if !self.read_only {
            control::listen(data, &ledger);
        }
        ledger.note_act("serve", format!("begins at revision {}", ledger.register().revision()), now_ms());
        serve(settings, Arc::clone(&ledger), demo_token.as_deref())?;
        ledger.note_act("serve", format!("ends at revision {}", ledger.register().revision()), now_ms());
        if let Err(cause) = ledger.tokens().used().write() {
            tracing::warn!(%cause, "when tokens were last used is not written down");
        }
        ledger.close()?;
        tracing::info!("stopped");
        Ok(())
    }
}

impl Serve {
    /// The token, when it is to be said on a terminal. Anywhere else what is said is kept, and read by others.
    fn tell_token(&self, token: String) -> Result<Option<String>, Failure> {
        match &self.token_file {
            Some(file) => secret::write(file, &token).map(|()| None).map_err(|cause| {
                let message = format!("cannot write `{}`: {cause}", file.display());
                Failure::usage(message, "give a file that is not there yet with --token-file")
            }),
            None => Ok(std::io::stdout().is_terminal().then_some(token)),
        }
    }
}

/// Reads all that the settings name.
///
/// # Errors
/// With what is wrong with it.
pub fn check(settings: &Settings) -> Result<(), Failure> {
    let options = options(settings)?;
    match options.tls.map(|files| tls::config(files, options.tls_min)).transpose() {
        Ok(_) => Ok(()),
        Err(reason) => Err(Failure::usage(reason, "correct --tls-cert and --tls-key")),
    }
}

/// What the settings come to.
fn options(settings: &Settings) -> Result<Options, Failure> {
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
        let read = text
            .split_once('=')
            .and_then(|(word, role)| Some((word.to_owned(), Role::from_word(&role.to_ascii_uppercase())?)));
        roles.push(read.ok_or_else(|| {
            Failure::usage(format!("`{text}` names no role"), "write `editors=edit`: read, edit, import or admin")
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

fn serve(settings: &Settings, ledger: Arc<Ledger>, token: Option<&str>) -> Result<(), Failure> {
    let register = ledger.register();
    let server = Server::bind(options(settings)?, ledger, now_ms).map_err(|error| match error {
        BindError::Issuer(reason) => Failure::usage(reason, "correct --oidc-jwks"),
        BindError::Certificate(reason) => Failure::usage(reason, "correct --tls-cert and --tls-key"),
        BindError::Port(cause) => {
            let message = format!("cannot listen on {}: {cause}", settings.listen);
            let hint = "stop what uses the port, or give another with --listen (port 0 takes a free one)";
            Failure::machine(message, hint)
        }
    })?;
    let url = server.url();
    tracing::info!(address = %server.address(), revision = register.revision(), "serving");
    if server.answers_to_any_name() {
        tracing::warn!(
            address = %server.address(),
            "requests are taken whatever name they call the server by; say with --host which are its own, such as board.example.org"
        );
    }
    if let Some(metrics) = server.metrics_address() {
        say(&format!("Metrics are at http://{metrics}/metrics"));
    }
    // For whoever started it, also when the log goes elsewhere.
    say(&format!("Boordtabel is at {url}/  (explorer: {url}/graphiql, GraphQL: {url}/graphql)"));
    if let Some(token) = token {
        say(&format!("A token for writing, good while this runs: {token}"));
    }
    server.run().map_err(|cause| Failure::machine(format!("the server failed: {cause}"), "see the log"))
}

/// A line for whoever started it. When nobody reads it any more, that is no reason not to serve.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
