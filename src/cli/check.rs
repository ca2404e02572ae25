//! `boordtabel check`

use std::path::PathBuf;

use clap::Args;

use crate::analysis::citations;
use crate::cli::settings::Settings;
use crate::cli::{Failure, commit_files, progress};
use crate::commit::Ledger;
use crate::import;
use crate::model::Kind;

/// Check data without changing anything: a folder of CSV files if one is given, else the register.
///
/// Every rule of the register is checked. With --source, every citation too: its printed text must stand in the section of the
/// source text that it cites, white space aside.
#[derive(Args, Debug)]
pub struct Check {
    /// Folder of CSV files; without it, the register in --data is checked
    folder: Option<PathBuf>,
    /// Text of the source document
    #[arg(long, value_name = "FILE")]
    source: Option<PathBuf>,
}

impl Check {
    /// Runs the command.
    pub fn run(self, settings: &Settings) -> Result<(), Failure> {
        let bar = progress("checking");
        let scratch = tempfile::tempdir()
            .map_err(|cause| Failure::machine(format!("cannot make a temporary folder: {cause}"), "check TMPDIR"))?;
        let ledger = match &self.folder {
            Some(folder) => {
                let edits = import::read_files(&import::read_folder(folder)?)?;
                let ledger = Ledger::open(scratch.path())?;
                commit_files(&ledger, edits, "check", "check")?;
                ledger
            }
            None if settings.data.exists() => Ledger::open(&settings.data)?,
            None => {
                let message = format!("there is no register in `{}`", settings.data.display());
                return Err(Failure::usage(
                    message,
                    "give a folder of CSV files, or the register's folder with --data",
                ));
            }
        };
        let register = ledger.register();
        let records: usize = Kind::ALL.iter().map(|kind| register.count(*kind)).sum();
        bar.finish_and_clear();
        println!("{records} records hold");
        let Some(source) = &self.source else { return Ok(()) };
        let text = std::fs::read_to_string(source).map_err(|cause| {
            Failure::usage(format!("cannot read `{}`: {cause}", source.display()), "correct --source")
        })?;
        let proof = citations::prove(&register, &text);
        for (cited, reason) in &proof.missing {
            println!("{} {} {}: {reason}", cited.kind, cited.key, cited.path);
        }
        let total = proof.found + proof.missing.len();
        println!("{} of {total} citations found, {} more of blank cells", proof.found, proof.blank);
        if proof.missing.is_empty() {
            return Ok(());
        }
        Err(Failure::data(
            format!("{} citations do not stand in the section that they cite", proof.missing.len()),
            "correct the citation's section or text in the data; never the printed text itself",
        ))
    }
}
