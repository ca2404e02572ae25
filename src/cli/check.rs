//! `boordtabel check`

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::analysis::citations;
use crate::analysis::reconcile::{Discrepancies, Severity};
use crate::cli::discrepancies::{self, Checked, Shown};
use crate::cli::failure::Failure;
use crate::cli::load::commit_files;
use crate::cli::settings::Settings;
use crate::cli::words::{count_of, now_ms, progress};
use crate::commit::Ledger;
use crate::import;
use crate::model::{Date, Kind};
use crate::register::Register;

/// Check data without changing anything: a folder of CSV files if one is given, else the register.
///
/// Every rule of the register is checked. Then the document is reconciled: what it says against what its own figures give. Contradictions
/// are shown; they fail the command only with --fail-on. Where the text of a document is attached, or given with --source, every citation
/// is checked too: its printed text must stand in the section of the text that it cites, white space aside.
#[derive(Args, Debug)]
pub struct Check {
    /// Folder of CSV files; without it, the register in --data is checked
    folder: Option<PathBuf>,
    /// Text of the source document, in place of what is attached
    #[arg(long, value_name = "FILE")]
    source: Option<PathBuf>,
    /// How to show contradictions
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Exit with 1 when there is a contradiction as severe as this, and not waived
    #[arg(long, value_enum, value_name = "SEVERITY")]
    fail_on: Option<FailOn>,
    /// The day by which waivers are judged, such as 2021-03-01; today unless given
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
    /// CSV file of what was checked by hand (key, lines, checked), for --format markdown
    #[arg(long, value_name = "FILE")]
    checked: Option<PathBuf>,
}

/// How contradictions are shown.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// A table for people
    Text,
    /// A list of objects with the fields of the API
    Json,
    /// A document
    Markdown,
}

/// From which severity on contradictions fail the command.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum FailOn {
    /// Any
    Notice,
    /// Figures that differ, or worse
    Warning,
    /// Figures that say different things
    Error,
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
        if self.format == Format::Text {
            println!("{records} records hold");
        }
        let cited = prove(&register, self.source.as_deref(), self.format);
        let reconciled = self.reconcile(&register);
        cited.and(reconciled)
    }

    fn reconcile(&self, register: &Register) -> Result<(), Failure> {
        let day = match &self.on {
            Some(text) => Date::parse(text)
                .ok_or_else(|| Failure::usage(format!("`{text}` is no date"), "write --on as 2021-03-01"))?,
            None => Date::of_instant(now_ms()),
        };
        let all = Discrepancies::of(register);
        for fault in all.faults() {
            eprintln!("the rule {} failed at {} `{}`: report this", fault.rule, fault.kind, fault.key);
        }
        let shown: Vec<Shown<'_>> = all
            .all()
            .iter()
            .map(|discrepancy| Shown { discrepancy, waived: discrepancy.waived(register, day) })
            .collect();
        match self.format {
            Format::Text if shown.is_empty() => {}
            Format::Text => println!("{}{}", discrepancies::table(&shown), discrepancies::summary(&shown)),
            Format::Json => println!("{:#}", discrepancies::json(&shown)),
            Format::Markdown => {
                let checked = self.checked.as_deref().map(discrepancies::read_checked).transpose()?;
                let checked: Checked = checked.unwrap_or_default();
                print!("{}", discrepancies::markdown(register, &shown, &checked));
                if let Some(first) = discrepancies::stale(&shown, &checked).first() {
                    let message = format!("`{first}` was checked by hand, but is no contradiction any more");
                    return Err(Failure::data(message, "remove its row from the file, or correct its key"));
                }
            }
        }
        let Some(least) = self.fail_on else { return Ok(()) };
        let least = match least {
            FailOn::Notice => Severity::Notice,
            FailOn::Warning => Severity::Warning,
            FailOn::Error => Severity::Error,
        };
        match discrepancies::failing(&shown, least).count() {
            0 => Ok(()),
            count => Err(Failure::data(
                format!("{} of severity {least} or worse", count_of(count, "contradiction")),
                "correct the source, or let it stand with waiveDiscrepancy",
            )),
        }
    }
}

fn prove(register: &Register, source: Option<&Path>, format: Format) -> Result<(), Failure> {
    let read = |source: &Path| {
        std::fs::read_to_string(source)
            .map_err(|cause| Failure::usage(format!("cannot read `{}`: {cause}", source.display()), "correct --source"))
    };
    let text = source.map(read).transpose()?;
    if text.is_none() && register.count(Kind::Passage) == 0 {
        return Ok(());
    }
    let proof = citations::prove(register, text.as_deref());
    let total = proof.found + proof.missing.len();
    if format == Format::Text {
        for (cited, reason) in &proof.missing {
            println!("{} {} {}: {reason}", cited.kind, cited.key, cited.path);
        }
        println!("{} of {total} citations found, {} more of blank cells", proof.found, proof.blank);
        if proof.unattached > 0 {
            println!("{} are of documents without a text: `boordtabel source add` attaches one", proof.unattached);
        }
    }
    if proof.missing.is_empty() {
        return Ok(());
    }
    Err(Failure::data(
        format!("{} citations do not stand in the section that they cite", proof.missing.len()),
        "correct the citation's section or text in the data; never the printed text itself",
    ))
}
