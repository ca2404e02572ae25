//! `boordtabel token`

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::control::{self, Answer, Listed, Request};
use crate::cli::failure::Failure;
use crate::cli::settings::Settings;
use crate::cli::words::now_ms;
use crate::commit::access::Role;
use crate::secret;

/// Make, rotate, list and revoke the tokens that allow writing. A server that is running takes notice at once.
#[derive(Args, Debug)]
pub struct Token {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand, Debug)]
enum Action {
    /// Make a token and print it: it is shown once and not kept
    Create {
        /// What it allows
        #[arg(long)]
        role: RoleName,
        /// Its name: the author of what it commits [default: the role]
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        new: New,
        /// Key of a body whose records alone it may write; several with commas, or the flag again [default: all]
        #[arg(long, value_name = "KEY", value_delimiter = ',')]
        body: Vec<String>,
    },
    /// Make a token in place of one of that name, with its role and bodies, and print it
    Rotate {
        /// Its name
        name: String,
        #[command(flatten)]
        new: New,
        /// For how long the one before stays good, such as `1h` or `7d` [default: no longer]
        #[arg(long, value_name = "TIME")]
        keep: Option<String>,
    },
    /// List the tokens: name, role, whether it is good, when it was last used, until when it is good, for which bodies
    List,
    /// Revoke a token
    Revoke {
        /// Its name
        name: String,
    },
}

/// A token that is new.
#[derive(Args, Debug)]
struct New {
    /// Until when it is good: so long from now, such as `90d` or `12h`, or until a day, such as `2027-01-31` [default: until it is
    /// revoked; in place of one that ends, for as long as that one was made for]
    #[arg(long, value_name = "WHEN")]
    expires: Option<String>,
    /// Write it into this new file, which its owner alone may read, instead of printing it
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl New {
    fn expires_at_ms(&self) -> Result<Option<i64>, Failure> {
        let Some(text) = &self.expires else { return Ok(None) };
        let now_ms = now_ms();
        let at_ms = match text.parse::<jiff::civil::Date>() {
            // The day is its last.
            Ok(day) => day
                .tomorrow()
                .and_then(|next| next.to_zoned(jiff::tz::TimeZone::UTC))
                .map(|next| next.timestamp().as_millisecond())
                .map_err(|cause| Failure::usage(format!("`{text}` is no day: {cause}"), "write `2027-01-31`"))?,
            Err(_) => now_ms.saturating_add(span_ms(text)?),
        };
        if at_ms <= now_ms {
            return Err(Failure::usage(format!("`{text}` is over"), "give a time to come with --expires"));
        }
        Ok(Some(at_ms))
    }

    /// Has the token made, and tells it. The file that it goes into is made first: a token that nobody has must not be good, nor one be revoked
    /// for it.
    fn tell(&self, make: impl FnOnce() -> Result<Answer, Failure>) -> Result<(), Failure> {
        let Some(path) = &self.out else {
            if let Answer::Secret(secret) = make()? {
                println!("{secret}");
            }
            return Ok(());
        };
        let told = |what: &str, cause: &dyn std::fmt::Display| {
            format!("{what}`{}` cannot be written: {cause}", path.display())
        };
        let file = secret::create(path).map_err(|cause| {
            let hint = "give a file with --out that is not there yet, in a folder that is; nothing was changed";
            Failure::usage(told("", &cause), hint)
        })?;
        let made = make().inspect_err(|_| drop(std::fs::remove_file(path)))?;
        let Answer::Secret(secret) = made else { return Ok(()) };
        secret::fill(file, &secret).map_err(|cause| {
            Failure::machine(
                told("the token is made, but ", &cause),
                "revoke it, and make another one where there is room",
            )
        })?;
        println!("the token is in `{}`", path.display());
        Ok(())
    }
}

/// A stretch of time such as `90d`, in milliseconds.
fn span_ms(text: &str) -> Result<i64, Failure> {
    let units = [("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
    let read = || {
        let (count, unit_ms) = units.iter().find_map(|(unit, ms)| Some((text.strip_suffix(unit)?, *ms)))?;
        count.parse::<u32>().ok().map(|count| i64::from(count) * unit_ms)
    };
    let told =
        || Failure::usage(format!("`{text}` is no time"), "write `90d`, `12h`, `30m`, `5s`, or a day: `2027-01-31`");
    read().ok_or_else(told)
}

/// An instant for people, in whole seconds.
fn shown(at_ms: Option<i64>) -> String {
    let at = at_ms.and_then(|ms| jiff::Timestamp::from_second(ms.div_euclid(1_000)).ok());
    at.map_or_else(|| "-".to_owned(), |at| at.to_string())
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RoleName {
    /// Reading only
    Read,
    /// Changes by hand
    Edit,
    /// Imports and deletions
    Import,
    /// Everything
    Admin,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Read => Self::Read,
            RoleName::Edit => Self::Edit,
            RoleName::Import => Self::Import,
            RoleName::Admin => Self::Admin,
        }
    }
}

impl Token {
    /// Runs the command.
    pub fn run(self, settings: &Settings) -> Result<(), Failure> {
        let ask = |request| control::ask(&settings.data, request);
        match self.action {
            Action::Create { role, name, new, body } => {
                let role = Role::from(role).word().to_owned();
                let name = name.unwrap_or_else(|| role.to_lowercase());
                let expires_at_ms = new.expires_at_ms()?;
                new.tell(|| ask(Request::CreateToken { name, role, expires_at_ms, bodies: body }))?;
            }
            Action::Rotate { name, new, keep } => {
                let keep_ms = keep.as_deref().map(span_ms).transpose()?.unwrap_or_default();
                let expires_at_ms = new.expires_at_ms()?;
                new.tell(|| ask(Request::RotateToken { name, keep_ms, expires_at_ms }))?;
            }
            Action::List => {
                if let Answer::Tokens(tokens) = ask(Request::ListTokens)? {
                    for Listed { name, role, state, expires_at_ms, used_at_ms, bodies, .. } in tokens {
                        let (used, expires) = (shown(used_at_ms), shown(expires_at_ms));
                        let bodies = if bodies.is_empty() { "all".to_owned() } else { bodies.join(",") };
                        println!("{name}\t{role}\t{state}\tused {used}\texpires {expires}\tbodies {bodies}");
                    }
                }
            }
            Action::Revoke { name } => {
                ask(Request::RevokeToken { name: name.clone() })?;
                println!("`{name}` is revoked");
            }
        }
        Ok(())
    }
}
