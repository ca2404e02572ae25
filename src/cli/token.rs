//! `boordtabel token`

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::settings::Settings;
use crate::cli::{Failure, now_ms};
use crate::commit::access::Role;
use crate::commit::tokens::{TokenError, Tokens};

/// Make, list and revoke the tokens that allow writing. A server that is running takes notice at once.
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
    },
    /// List the tokens
    List,
    /// Revoke a token
    Revoke {
        /// Its name
        name: String,
    },
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

impl From<TokenError> for Failure {
    fn from(error: TokenError) -> Self {
        let hint = match &error {
            TokenError::Files { .. } => "check that --data is the register's folder and belongs to you",
            TokenError::Exists(_) => "revoke it first, or choose another --name",
            TokenError::Unknown(_) => "see `boordtabel token list`",
        };
        match error {
            TokenError::Files { .. } => Self::machine(error.to_string(), hint),
            _ => Self::usage(error.to_string(), hint),
        }
    }
}

impl Token {
    /// Runs the command.
    pub fn run(self, settings: &Settings) -> Result<(), Failure> {
        std::fs::create_dir_all(&settings.data).map_err(|cause| {
            Failure::machine(format!("cannot make `{}`: {cause}", settings.data.display()), "correct --data")
        })?;
        let tokens = Tokens::of(&settings.data);
        match self.action {
            Action::Create { role, name } => {
                let role = Role::from(role);
                let name = name.unwrap_or_else(|| role.word().to_lowercase());
                println!("{}", tokens.create(&name, role, now_ms())?);
            }
            Action::List => {
                for token in tokens.all()? {
                    let state = if token.revoked_at_ms.is_some() { "revoked" } else { "good" };
                    println!("{}\t{}\t{state}", token.name, token.role);
                }
            }
            Action::Revoke { name } => {
                tokens.revoke(&name, now_ms())?;
                println!("`{name}` is revoked");
            }
        }
        Ok(())
    }
}
