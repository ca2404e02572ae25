//! `boordtabel load DIR`

use std::path::PathBuf;

use clap::Args;

use crate::cli::settings::Settings;
use crate::cli::{Failure, commit_files, progress};
use crate::commit::Ledger;
use crate::import;

/// Load a folder of CSV files as one commit: all of it, or, when anything is wrong, nothing.
///
/// Each file is named after its kind (`measures.csv`); records that are already there are replaced, others stay. Loading the
/// same files twice changes nothing the second time.
#[derive(Args, Debug)]
pub struct Load {
    /// Folder of CSV files
    folder: PathBuf,
    /// Who loads; stands in the history
    #[arg(long, default_value = "load", value_name = "NAME")]
    author: String,
    /// Why; stands in the history
    #[arg(long, default_value = "loaded from files", value_name = "TEXT")]
    reason: String,
}

impl Load {
    /// Runs the command.
    pub fn run(self, settings: &Settings) -> Result<(), Failure> {
        let bar = progress("reading");
        let edits = import::read_files(&import::read_folder(&self.folder)?)?;
        bar.set_message("opening the register");
        let ledger = Ledger::open(&settings.data)?;
        bar.set_message("committing");
        let report = commit_files(&ledger, edits, &self.author, &self.reason)?;
        bar.set_message("closing");
        ledger.close()?;
        bar.finish_and_clear();
        let counts = report.counts;
        println!(
            "revision {}: {} created, {} updated, {} unchanged",
            report.revision, counts.created, counts.updated, counts.unchanged
        );
        Ok(())
    }
}
