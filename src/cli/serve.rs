//! `boordtabel serve`

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};

use crate::cli::control;
use crate::cli::failure::Failure;
use crate::cli::load::commit_files;
use crate::cli::options::{look_for_edition, options};
use crate::cli::reload::{Again, Reloading};
use crate::cli::settings::{GivenToServe, Settings};
use crate::cli::words::{now_ms, progress};
use crate::commit::Ledger;
use crate::commit::access::Role;
use crate::http::BindError;
use crate::http::Server;
use crate::{embedded, import, secret};

/// Serve the register over HTTP until SIGTERM or SIGINT (Ctrl+C). On SIGHUP the settings are read again.
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
    pub fn run(self, settings: &Settings, again: Again) -> Result<(), Failure> {
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
        let mut ledger = opened?;
        if settings.node.is_node() && self.demo.is_none() && !self.read_only {
            bar.set_message("joining the cluster");
            join(&mut ledger, settings)?;
        }
        let ledger = Arc::new(ledger);
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
        serve(settings, again, Arc::clone(&ledger), demo_token.as_deref())?;
        ledger.note_act("serve", format!("ends at revision {}", ledger.register().revision()), now_ms());
        if let Err(cause) = ledger.tokens().used().write() {
            tracing::warn!(%cause, "when tokens were last used is not written down");
        }
        ledger.close()?;
        tracing::info!("stopped");
        Ok(())
    }
}

#[cfg(feature = "cluster")]
fn join(ledger: &mut Ledger, settings: &Settings) -> Result<(), Failure> {
    let (log, name) = settings.node.log()?;
    Ok(ledger.join(Box::new(log), &name, now_ms)?)
}

#[cfg(not(feature = "cluster"))]
fn join(_: &mut Ledger, _: &Settings) -> Result<(), Failure> {
    Err(Failure::usage("this program was built without clusters", "build it with the feature `cluster`"))
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

fn serve(settings: &Settings, again: Again, ledger: Arc<Ledger>, token: Option<&str>) -> Result<(), Failure> {
    let register = ledger.register();
    let server = Server::bind(options(settings)?, Arc::clone(&ledger), now_ms).map_err(|error| match error {
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
    look_for_edition(settings, &register);
    Reloading::begin(again, server.reload(), ledger, settings.clone());
    server.run().map_err(|cause| Failure::machine(format!("the server failed: {cause}"), "see the log"))
}

/// A line for whoever started it. When nobody reads it any more, that is no reason not to serve.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
