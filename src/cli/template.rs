//! `boordtabel template`

use std::fs::File;
use std::path::PathBuf;

use clap::Args;

use crate::cli::failure::Failure;
use crate::export::template;
use crate::import::bulk::kind_of;
use crate::model::Kind;

/// Write an empty workbook to fill in and import: a sheet per kind, allowed words as lists, notes and examples.
#[derive(Args, Debug)]
pub struct Template {
    /// The workbook to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Only these kinds, such as measures,observations [default: all]
    #[arg(long, value_name = "KINDS", value_delimiter = ',')]
    kinds: Vec<String>,
}

impl Template {
    /// Runs the command.
    pub fn run(self) -> Result<(), Failure> {
        let kinds = self.kinds.iter().map(|name| kind_of(name.trim())).collect::<Result<Vec<Kind>, _>>();
        let kinds = kinds.map_err(|(message, hint)| Failure::usage(message, hint))?;
        let kinds = if kinds.is_empty() { Kind::ALL.to_vec() } else { kinds };
        let cannot = |cause: &dyn std::fmt::Display| {
            Failure::usage(format!("cannot write `{}`: {cause}", self.out.display()), "give the name of a new file")
        };
        // Somebody may have filled in the last one.
        let mut file = File::create_new(&self.out).map_err(|cause| cannot(&cause))?;
        template::write(&kinds, &mut file).map_err(|cause| cannot(&cause))?;
        println!("`{0}`: fill it in, then: boordtabel import {0}", self.out.display());
        Ok(())
    }
}
