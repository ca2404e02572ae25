//! `boordtabel load DIR`

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::ProgressBar;

use crate::cli::failure::Failure;
use crate::cli::owner;
use crate::cli::settings::Settings;
use crate::cli::words::{count_of, note_act, now_ms, print_problems, progress};
use crate::commit::access::{Identity, Role};
use crate::commit::{Edit, Ledger, Report, Status, Submission};
use crate::import;
use crate::import::dump::{self, DumpError};

/// Load a folder of CSV files as one commit: all of it, or, when anything is wrong, nothing.
///
/// Each file is named after its kind (`measures.csv`); records that are already there are replaced, others stay. Loading the
/// same files twice changes nothing the second time.
#[derive(Args, Debug)]
pub struct Load {
    /// Folder of CSV files
    #[arg(required_unless_present = "history")]
    folder: Option<PathBuf>,
    /// Take the clock of the machine for right, although it is far from the last commit
    #[arg(long)]
    trust_clock: bool,
    /// Load the whole history that `dump` wrote, as it was, into a folder --data that must not be there yet or be empty
    #[arg(long, value_name = "FILE", conflicts_with_all = ["folder", "author", "reason"])]
    history: Option<PathBuf>,
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
        owner::check(&settings.data)?;
        let bar = progress("reading");
        if let Some(file) = &self.history {
            return history(file, &settings.data, &bar);
        }
        let folder = self.folder.unwrap_or_default();
        let edits = import::read_files(&import::read_folder(&folder)?)?;
        bar.set_message("opening the register");
        let ledger = Ledger::open(&settings.data)?;
        if self.trust_clock {
            ledger.trust_clock();
        }
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

fn history(file: &Path, data: &Path, bar: &ProgressBar) -> Result<(), Failure> {
    let source = File::open(file).map_err(|cause| {
        Failure::usage(format!("cannot open `{}`: {cause}", file.display()), "give a file that `boordtabel dump` wrote")
    })?;
    let told = |revision| bar.set_message(format!("loading: revision {revision}"));
    let loaded = dump::load(BufReader::new(source), data, told).map_err(|error| match error {
        DumpError::Commit(error) => error.into(),
        error => Failure::data(
            format!("`{}`: {error}", file.display()),
            "give the file as it was written; nothing is left of it",
        ),
    });
    let (revision, digest) = loaded?;
    bar.finish_and_clear();
    note_act(data, "load --history", format!("up to revision {revision}, from `{}`", file.display()));
    println!("revision {revision}, digest {digest}");
    Ok(())
}

/// Commits records that were loaded from files.
pub fn commit_files(ledger: &Ledger, edits: Vec<Edit>, author: &str, reason: &str) -> Result<Report, Failure> {
    let submission = Submission::new(Identity::local(author), Role::Import, reason, edits);
    let report = ledger.submit(submission, now_ms())?;
    if report.status == Status::Rejected {
        print_problems(&report.problems);
        let message = format!(
            "the data has {}",
            count_of(usize::try_from(report.problem_count).unwrap_or(usize::MAX), "problem")
        );
        return Err(Failure::data(message, "correct the data and load it again; nothing was written"));
    }
    Ok(report)
}
