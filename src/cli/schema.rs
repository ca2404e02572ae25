//! `boordtabel schema`

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use crate::cli::Failure;
use crate::graphql::Api;
use crate::graphql::limits::Limits;
use crate::graphql::scope::History;
use crate::register::{Register, Revision};

/// Print the GraphQL schema in its own language, sorted.
#[derive(Args, Debug)]
pub struct Schema {
    /// Write it to this file instead
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// The schema needs no data.
struct Empty;

impl History for Empty {
    fn current(&self) -> Arc<Register> {
        Arc::new(Register::empty())
    }
    fn at(&self, _: Revision) -> Option<Arc<Register>> {
        None
    }
}

impl Schema {
    /// Runs the command.
    pub fn run(self) -> Result<(), Failure> {
        let sdl = Api::new(Arc::new(Empty), Limits::default()).sdl();
        match self.out {
            None => print!("{sdl}"),
            Some(path) => std::fs::write(&path, sdl).map_err(|cause| {
                Failure::usage(format!("cannot write `{}`: {cause}", path.display()), "correct --out")
            })?,
        }
        Ok(())
    }
}
