//! `boordtabel dump`

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use clap::Args;

use crate::cli::failure::Failure;
use crate::cli::settings::Settings;
use crate::cli::words::{note_act, progress};
use crate::commit::Ledger;
use crate::export::dump;

/// Write the whole history as JSON Lines, which `load --history` reads back as it was: revisions, times, authors, reasons.
///
/// A server may have the folder open. Tokens are not in it.
#[derive(Args, Debug)]
pub struct Dump {
    /// File to write; - is stdout
    #[arg(long, default_value = "-", value_name = "FILE")]
    out: PathBuf,
}

impl Dump {
    /// Runs the command.
    pub fn run(self, settings: &Settings) -> Result<(), Failure> {
        let ledger = Ledger::open_read_only(&settings.data)?;
        let failed = |cause: &dyn std::fmt::Display| {
            Failure::machine(format!("cannot write `{}`: {cause}", self.out.display()), "check that there is room")
        };
        let bar = progress("writing");
        let stdout = self.out.as_os_str() == "-";
        let mut target: Box<dyn Write> = if stdout {
            Box::new(BufWriter::new(io::stdout().lock()))
        } else {
            Box::new(BufWriter::new(File::create_new(&self.out).map_err(|cause| failed(&cause))?))
        };
        let told = |revision| bar.set_message(format!("writing: revision {revision}"));
        let (revision, digest) = dump::dump(&ledger, &mut *target, told).map_err(|cause| failed(&cause))?;
        drop(target);
        bar.finish_and_clear();
        note_act(&settings.data, "dump", format!("up to revision {revision}, to `{}`", self.out.display()));
        if !stdout {
            File::open(&self.out).and_then(|file| file.sync_all()).map_err(|cause| failed(&cause))?;
            println!("revision {revision} is in `{}`, digest {digest}", self.out.display());
        }
        Ok(())
    }
}
