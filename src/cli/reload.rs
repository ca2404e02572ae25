//! Settings that are read again while the server runs, on SIGHUP: all that has changed is taken, or nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::cli::config::shown;
use crate::cli::failure::Failure;
use crate::cli::options::{look_for_edition, options};
use crate::cli::settings::Settings;
use crate::cli::words::now_ms;
use crate::commit::Ledger;
use crate::http::Reload;

/// The settings that may change while the server runs. Others take a restart.
pub const CHANGEABLE: [&str; 18] = [
    "cors_header",
    "cors_origin",
    "documents",
    "hide",
    "host",
    "log",
    "oidc_algorithm",
    "oidc_audience",
    "oidc_claim",
    "oidc_issuer",
    "oidc_jwks",
    "oidc_role",
    "only_persisted",
    "public_edition",
    "read",
    "tls_cert",
    "tls_key",
    "trusted_proxy",
];

/// Puts settings together.
pub type Read = Box<dyn Fn() -> Result<Settings, Failure> + Send>;
/// Has the log tell what a filter says.
pub type SetFilter = Box<dyn Fn(&str) -> Result<(), Failure> + Send>;

/// How settings are read, and what the log takes of them.
pub struct Again {
    /// Puts flags, environment and file together anew.
    pub read: Read,
    /// Has the log tell what a filter says.
    pub log: SetFilter,
    /// When.
    pub hangups: Hangups,
}

/// Times at which the settings are to be read again. One that comes while the server is being started waits until it is.
#[derive(Default)]
pub struct Hangups(#[cfg(unix)] Option<signal_hook::iterator::Signals>);

impl Hangups {
    /// From now on SIGHUP says so; not where the server was started on a terminal: then that is gone, and the server ends.
    #[cfg(unix)]
    pub fn listen() -> Self {
        use std::io::IsTerminal as _;
        if std::io::stdin().is_terminal() {
            return Self::default();
        }
        let signals = signal_hook::iterator::Signals::new([signal_hook::consts::SIGHUP]);
        Self(signals.inspect_err(|cause| tracing::warn!(%cause, "SIGHUP ends the server")).ok())
    }

    /// Never.
    #[cfg(not(unix))]
    pub fn listen() -> Self {
        Self::default()
    }

    /// Calls something each time, on a thread of its own.
    fn each(self, mut call: impl FnMut() + Send + 'static) {
        #[cfg(unix)]
        if let Some(mut signals) = self.0 {
            let run = move || signals.forever().for_each(|_| call());
            if let Err(cause) = std::thread::Builder::new().name("settings".into()).spawn(run) {
                tracing::warn!(%cause, "settings are not read again");
            }
        }
        #[cfg(not(unix))]
        drop(call);
    }
}

/// What takes the settings of a running server anew.
pub struct Reloading {
    read: Read,
    log: SetFilter,
    server: Reload,
    ledger: Arc<Ledger>,
    now: Settings,
}

impl Reloading {
    /// Waits for times at which settings are read again, beginning with those that are in force.
    pub fn begin(Again { read, log, hangups }: Again, server: Reload, ledger: Arc<Ledger>, now: Settings) {
        let mut reloading = Self { read, log, server, ledger, now };
        hangups.each(move || reloading.run());
    }

    /// Reads the settings again, and says in the log what came of it.
    fn run(&mut self) {
        match self.take() {
            Ok((settings, changed)) => {
                let changed = if changed.is_empty() { "nothing".into() } else { changed.join(", ") };
                tracing::info!(changed, "the settings and what they name were read again");
                self.ledger.note_act("settings", format!("read again; changed: {changed}"), now_ms());
                look_for_edition(&settings, &self.ledger.register());
                self.now = settings;
            }
            Err(Failure { message, hint, .. }) => {
                tracing::error!(reason = message, hint, "the settings stay as they were");
                self.ledger.note_refusal("settings", message, now_ms());
            }
        }
    }

    fn take(&self) -> Result<(Settings, Vec<String>), Failure> {
        let (settings, now) = ((self.read)()?, &self.now);
        let changed = changed(now, &settings);
        let fixed: Vec<String> = changed
            .iter()
            .filter(|name| !CHANGEABLE.contains(&name.as_str()))
            .map(|name| format!("`{name}`"))
            .collect();
        if !fixed.is_empty() {
            let message = format!("{} cannot change while the server runs", fixed.join(", "));
            return Err(Failure::usage(message, "restart it; until then nothing of what was changed is taken"));
        }
        if settings.tls_cert.is_some() != now.tls_cert.is_some() {
            let message = "whether the server speaks TLS cannot change while it runs";
            return Err(Failure::usage(message, "restart it; until then nothing of what was changed is taken"));
        }
        // The log goes first, because it alone can be put back.
        (self.log)(&settings.log)?;
        let taken = options(&settings)
            .and_then(|options| self.server.take(options).map_err(|reason| Failure::usage(reason, "correct it")));
        if let Err(failure) = taken {
            (self.log)(&now.log)?;
            return Err(failure);
        }
        Ok((settings, changed))
    }
}

/// The names of those that differ.
fn changed(one: &Settings, other: &Settings) -> Vec<String> {
    let [one, other] = [one, other].map(|settings| {
        let text = shown(settings);
        let lines = text.lines().filter_map(|line| line.split_once(" = "));
        lines.map(|(name, value)| (name.to_owned(), value.to_owned())).collect::<BTreeMap<_, _>>()
    });
    let mut names: Vec<String> = one.keys().chain(other.keys()).cloned().collect();
    names.sort();
    names.dedup();
    names.retain(|name| one.get(name) != other.get(name));
    names
}
