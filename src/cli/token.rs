//! `boordtabel token`

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::control::{self, Answer, Request};
use crate::cli::failure::Failure;
use crate::cli::settings::Settings;
use crate::commit::access::Role;

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

impl Token {
    /// Runs the command.
    pub fn run(self, settings: &Settings) -> Result<(), Failure> {
        let ask = |request| control::ask(&settings.data, request);
        match self.action {
            Action::Create { role, name } => {
                let role = Role::from(role).word().to_owned();
                let name = name.unwrap_or_else(|| role.to_lowercase());
                if let Answer::Secret(secret) = ask(Request::CreateToken { name, role })? {
                    println!("{secret}");
                }
            }
            Action::List => {
                if let Answer::Tokens(tokens) = ask(Request::ListTokens)? {
                    for (name, role, good) in tokens {
                        println!("{name}\t{role}\t{}", if good { "good" } else { "revoked" });
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
