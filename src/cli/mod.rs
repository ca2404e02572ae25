//! The command line: the only home of clap. One file a command.
//!
//! Exit codes: 0 done, 1 problems in the data, 2 used wrongly, 3 the server or the machine failed.

mod backup;
mod check;
mod client;
mod control;
mod discrepancies;
mod dump;
mod export;
mod import;
mod load;
mod log;
mod schema;
mod serve;
pub mod settings;
mod template;
mod token;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::{CommandFactory as _, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use crate::commit::access::{Identity, Role};
use crate::commit::{CommitError, Edit, Ledger, Report, Status, Submission};
use crate::import::ImportError;
use crate::model::Problem;
use settings::{Given, GivenToServe, LogFormat, Settings};

/// The open register for a public body's business plan and its monitoring: goals, projects, measures, norms, budgets (VAK/VEK),
/// inspections and staff figures, each with the place where it was printed, as a GraphQL API in one binary.
#[derive(Parser, Debug)]
#[command(name = "boordtabel", version, max_term_width = 110)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    /// File with settings in TOML; each has the name of its flag, with _ for -
    #[arg(long, global = true, env = "BOORDTABEL_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    settings: Given,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Serve the register over HTTP: GraphQL, explorer, schema and docs
    Serve(serve::Serve),
    /// Load a folder of CSV files, one for each kind of record, as one commit
    Load(load::Load),
    /// Check data: a folder of CSV files or the register itself; with --source, prove every citation
    Check(check::Check),
    /// Print the GraphQL schema
    Schema(schema::Schema),
    /// Import rows from files through the API, with a report of every row
    Import(import::Import),
    /// Write an empty workbook to fill in and import
    Template(template::Template),
    /// Write records to files: CSV, a workbook, JSON Lines or a data package
    Export(export::ExportFiles),
    /// List the commits, newest first
    Log(log::Log),
    /// Show what two states of the register differ in
    Diff(log::Diff),
    /// Make, list and revoke the tokens that allow writing
    Token(token::Token),
    /// Copy the register's folder, also while a server is writing to it
    Backup(backup::Backup),
    /// Put a backup into an empty folder
    Restore(backup::Restore),
    /// Read all of the register's folder and say whether it is whole
    Verify(backup::Verify),
    /// Save what can be saved of a damaged folder into a new one
    Salvage(backup::Salvage),
    /// Make the store again from the journal
    RebuildStore(backup::RebuildStore),
    /// Write the whole history as JSON Lines
    Dump(dump::Dump),
}

/// Why a command failed.
#[derive(Debug)]
pub struct Failure {
    /// What went wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// Exit code.
    pub code: u8,
}

impl Failure {
    /// Problems in the data.
    pub fn data(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into(), code: 1 }
    }
    /// Used wrongly.
    pub fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into(), code: 2 }
    }
    /// The server or the machine failed.
    pub fn machine(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into(), code: 3 }
    }
}

impl From<CommitError> for Failure {
    fn from(error: CommitError) -> Self {
        Self::machine(error.to_string(), error.hint())
    }
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        match &error {
            ImportError::Problems(problems) => {
                print_problems(problems);
                Self::data(error.to_string(), "correct the files and load them again; nothing was written")
            }
            ImportError::Files { .. } => {
                Self::usage(error.to_string(), "give a folder with one CSV file for each kind of record")
            }
        }
    }
}

/// Problems on stderr, as many as a person reads.
fn print_problems(problems: &[Problem]) {
    const SHOWN: usize = 100;
    for problem in problems.iter().take(SHOWN) {
        eprintln!("{problem}\n    {}", problem.hint);
    }
    if problems.len() > SHOWN {
        eprintln!("… and {} more", problems.len() - SHOWN);
    }
}

/// Past a limit of file sizes a write is to fail like one on a full disk, not to end the program.
#[cfg(unix)]
fn survive_file_limits() {
    const SIGXFSZ: i32 = 25;
    let noted = std::sync::Arc::default();
    if let Err(cause) = signal_hook::flag::register(SIGXFSZ, noted) {
        eprintln!("warning: a limit of file sizes would end the program: {cause}");
    }
}

/// Runs the command line.
pub fn run() -> ExitCode {
    #[cfg(unix)]
    survive_file_limits();
    let cli = Cli::parse();
    match act(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {}", failure.message);
            eprintln!("hint: {}", failure.hint);
            ExitCode::from(failure.code)
        }
    }
}

fn act(cli: Cli) -> Result<(), Failure> {
    let to_serve = match &cli.command {
        Command::Serve(command) => command.settings.clone(),
        _ => GivenToServe::default(),
    };
    let settings = Settings::resolve(cli.settings, to_serve, cli.config.as_deref())?;
    start_log(&settings)?;
    match cli.command {
        Command::Serve(command) => command.run(&settings),
        Command::Load(command) => command.run(&settings),
        Command::Check(command) => command.run(&settings),
        Command::Schema(command) => command.run(),
        Command::Import(command) => command.run(&settings),
        Command::Template(command) => command.run(),
        Command::Export(command) => command.run(&settings),
        Command::Log(command) => command.run(&settings),
        Command::Diff(command) => command.run(&settings),
        Command::Token(command) => command.run(&settings),
        Command::Backup(command) => command.run(&settings),
        Command::Restore(command) => command.run(&settings),
        Command::Verify(command) => command.run(&settings),
        Command::Salvage(command) => command.run(&settings),
        Command::RebuildStore(command) => command.run(&settings),
        Command::Dump(command) => command.run(&settings),
    }
}

fn start_log(settings: &Settings) -> Result<(), Failure> {
    let filter = tracing_subscriber::EnvFilter::try_new(&settings.log).map_err(|cause| {
        Failure::usage(format!("`{}` is no log filter: {cause}", settings.log), "write for example --log info")
    })?;
    // The log goes to stderr: stdout is for what a command prints. Where nobody reads it any more, it is lost; to complain
    // about that on the same stderr would be a panic, and the server would not stop when it is told to.
    let log = tracing_subscriber::fmt().log_internal_errors(false).with_env_filter(filter).with_writer(std::io::stderr);
    match settings.log_format {
        LogFormat::Text => {
            log.with_target(false).with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).init()
        }
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
    Ok(())
}

/// The command line's definition, for those who document it.
pub fn definition() -> clap::Command {
    Cli::command()
}

/// Now, in milliseconds since 1970, UTC.
fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// "1 problem", "2 problems".
fn count_of(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// A spinner for long work, on a terminal only.
fn progress(message: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}").expect("the template is sound");
    let bar = ProgressBar::new_spinner().with_style(style).with_message(message);
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

/// Commits records that were loaded from files.
fn commit_files(ledger: &Ledger, edits: Vec<Edit>, author: &str, reason: &str) -> Result<Report, Failure> {
    let submission = Submission::new(Identity::local(author), Role::Import, reason, edits);
    let report = ledger.submit(submission, now_ms())?;
    if report.status == Status::Rejected {
        print_problems(&report.problems);
        let message = format!("the data has {}", count_of(report.problems.len(), "problem"));
        return Err(Failure::data(message, "correct the data and load it again; nothing was written"));
    }
    Ok(report)
}
