//! `boordtabel schema`

use std::path::PathBuf;

use clap::Args;

use crate::cli::failure::Failure;
use crate::graphql;
use crate::graphql::core::limits::Limits;

/// Print the GraphQL schema in its own language, sorted.
#[derive(Args, Debug)]
pub struct Schema {
    /// Write it to this file instead
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// As part of a larger graph, with the keys by which a gateway names records (Apollo Federation 2)
    #[arg(long)]
    subgraph: bool,
}

impl Schema {
    /// Runs the command.
    pub fn run(self) -> Result<(), Failure> {
        let limits = Limits::default();
        let sdl = if self.subgraph { graphql::subgraph_sdl(&limits) } else { graphql::sdl(&limits) };
        match self.out {
            None => print!("{sdl}"),
            Some(path) => std::fs::write(&path, sdl).map_err(|cause| {
                Failure::usage(format!("cannot write `{}`: {cause}", path.display()), "correct --out")
            })?,
        }
        Ok(())
    }
}
