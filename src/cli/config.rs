//! `boordtabel config`: what the settings come to, before a server is started with them.

use std::fmt::Write as _;

use clap::{Args, Subcommand};
use toml::Value;

use crate::cli::failure::Failure;
use crate::cli::options;
use crate::cli::settings::{GivenToServe, Settings};
use crate::graphql::core::limits::Limits;

/// Check the settings of a server, or show what they come to: of flags, environment, file and defaults.
#[derive(Args, Debug)]
pub struct Config {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand, Debug)]
enum Action {
    /// Read all that the settings name, as `serve` would, and say what is wrong with them, or would be in vain
    Check {
        #[command(flatten)]
        settings: GivenToServe,
    },
    /// Print the settings in force, in the form of the settings file
    Show {
        #[command(flatten)]
        settings: GivenToServe,
    },
}

impl Config {
    /// The settings that are given.
    pub fn given(&self) -> GivenToServe {
        let (Action::Check { settings } | Action::Show { settings }) = &self.action;
        settings.clone()
    }

    /// Runs the command.
    pub fn run(self, settings: &Settings) -> Result<(), Failure> {
        match self.action {
            Action::Check { .. } => {
                options::check(settings)?;
                println!("the settings are good");
            }
            Action::Show { .. } => print!("{}", shown(settings)),
        }
        Ok(())
    }
}

/// An address without what may be secret in it: a password, or what is asked there. None of the other settings is one: secrets stand in files.
fn without_secrets(address: &str) -> String {
    let (scheme, rest) = address.split_once("://").map_or(("", address), |(scheme, rest)| (scheme, rest));
    if scheme.is_empty() {
        return address.to_owned();
    }
    let (place, asked) = rest.split_once('?').map_or((rest, ""), |(place, _)| (place, "?…"));
    let (host, path) = place.split_once('/').map_or((place, None), |(host, path)| (host, Some(path)));
    let host = host.rsplit_once('@').map_or_else(|| host.to_owned(), |(_, host)| format!("…@{host}"));
    let path = path.map(|path| format!("/{path}")).unwrap_or_default();
    format!("{scheme}://{host}{path}{asked}")
}

/// The settings as a file would say them, but for passwords in addresses.
pub fn shown(settings: &Settings) -> String {
    let mut text = String::new();
    let mut say = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            writeln!(text, "{name} = {value}").expect("a String takes everything");
        }
    };
    let texts = |all: &[String]| (!all.is_empty()).then(|| all.to_vec().into());
    let path = |path: &Option<std::path::PathBuf>| path.as_ref().map(|path| path.display().to_string().into());
    let number = |count: usize| Some(Value::Integer(i64::try_from(count).unwrap_or(i64::MAX)));
    say("data", Some(settings.data.display().to_string().into()));
    say("listen", Some(settings.listen.to_string().into()));
    say("host", texts(&settings.host));
    say("workers", number(settings.workers));
    say("stop_timeout_s", Some(Value::Integer(i64::try_from(settings.stop_timeout_s).unwrap_or(i64::MAX))));
    say("documents", path(&settings.documents));
    say("only_persisted", Some(settings.only_persisted.into()));
    say("cors_origin", texts(&settings.cors_origin));
    say("cors_header", texts(&settings.cors_header));
    say("trusted_proxy", texts(&settings.trusted_proxy));
    say("share_local", Some(settings.share_local.into()));
    say("subgraph", Some(settings.subgraph.into()));
    say("metrics", settings.metrics.map(|at| at.to_string().into()));
    say("read", Some(settings.read.word().into()));
    let hidden: Vec<String> = settings.hide.iter().map(|hide| hide.word().to_owned()).collect();
    say("hide", texts(&hidden));
    say("public_edition", settings.public_edition.clone().map(Value::from));
    let [issuer, audience, jwks] = settings.oidc.clone();
    say("oidc_issuer", issuer.map(Value::from));
    say("oidc_audience", audience.map(Value::from));
    say("oidc_jwks", jwks.map(|address| without_secrets(&address).into()));
    say("oidc_algorithm", texts(&settings.oidc_algorithm));
    say("oidc_claim", Some(settings.oidc_claim.clone().into()));
    say("oidc_role", texts(&settings.oidc_role));
    say("tls_cert", path(&settings.tls_cert));
    say("tls_key", path(&settings.tls_key));
    say("tls_min", Some(settings.tls_min.word().into()));
    let node = &settings.node;
    let members: Vec<String> = node.cluster.iter().map(|address| without_secrets(address)).collect();
    say("cluster", texts(&members));
    say("cluster_prefix", node.is_node().then(|| node.cluster_prefix.clone().into()));
    say("cluster_node", node.cluster_node.clone().map(Value::from));
    say("cluster_ca", path(&node.cluster_ca));
    say("cluster_cert", path(&node.cluster_cert));
    say("cluster_key", path(&node.cluster_key));
    say("cluster_user", node.cluster_user.clone().map(Value::from));
    say("cluster_password_file", path(&node.cluster_password_file));
    let of = |limit: &crate::graphql::core::limits::Limit, limits: &Limits| (limit.get)(limits);
    let others = Limits::ALL.iter().filter(|limit| of(limit, &settings.limits) != of(limit, &Limits::default()));
    let limits: Vec<String> = others.map(|limit| format!("{}={}", limit.name, of(limit, &settings.limits))).collect();
    say("limit", texts(&limits));
    say("log", Some(settings.log.clone().into()));
    say("log_format", Some(settings.log_format.word().into()));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::settings::Given;

    #[test]
    fn passwords_in_addresses_are_not_shown() {
        for (address, shown) in [
            ("https://user:hunter2@idp.example/jwks?key=SECRET", "https://…@idp.example/jwks?…"),
            ("http://u:p@127.0.0.1:2379", "http://…@127.0.0.1:2379"),
            ("https://idp.example/a@b", "https://idp.example/a@b"),
            ("/etc/jwks.json", "/etc/jwks.json"),
        ] {
            assert_eq!(without_secrets(address), shown);
        }
    }

    #[test]
    fn what_is_shown_is_taken_for_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("settings.toml");
        let text = "data = \"/a \\\" b\"\nlisten = \"[::1]:9\"\nhost = [\"a.example\"]\nworkers = 3\ndocuments = \"/d\"\nonly_persisted = true\n\
                    cors_origin = [\"*\"]\ncors_header = [\"X-A\", \"X-B\"]\ntrusted_proxy = [\"10.0.0.0/8\"]\nshare_local = true\nsubgraph = true\n\
                    metrics = \"127.0.0.1:1\"\nread = \"token\"\nhide = [\"history\", \"authors\"]\npublic_edition = \"latest\"\n\
                    oidc_issuer = \"https://i\"\noidc_role = [\"a=edit\"]\ntls_cert = \"/c\"\ntls_key = \"/k\"\ntls_min = \"1.3\"\nstop_timeout_s = 5\n\
                    cluster = [\"http://e\"]\ncluster_prefix = \"/p\"\ncluster_node = \"n\"\ncluster_ca = \"/ca\"\ncluster_cert = \"/c\"\n\
                    cluster_key = \"/k\"\ncluster_user = \"u\"\ncluster_password_file = \"/p\"\nlimit = [\"depth=3\", \"share_cost=0\"]\n\
                    log = \"debug\"\nlog_format = \"json\"\n";
        for text in [text, ""] {
            std::fs::write(&file, text).unwrap();
            let resolve = || Settings::resolve(Given::default(), GivenToServe::default(), Some(&file)).unwrap();
            let settings = resolve();
            let told = shown(&settings);
            std::fs::write(&file, &told).unwrap();
            assert_eq!(resolve(), settings, "{told}");
        }
    }
}
