//! The command line: the only home of clap. One file a command.
//!
//! Exit codes: 0 done, 1 problems in the data, 2 used wrongly, 3 the server or the machine failed.

mod backup;
mod check;
mod choices;
mod client;
#[cfg(feature = "cluster")]
mod cluster;
mod config;
mod control;
mod discrepancies;
mod dump;
mod export;
mod failure;
mod import;
mod load;
mod log;
mod log_filter;
mod manual;
pub mod node;
mod options;
mod owner;
pub mod reload;
mod rename;
mod schema;
mod serve;
pub mod settings;
mod source;
mod template;
mod token;
mod words;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{fmt, reload as log_reload};

use self::reload::{Again, Hangups, SetFilter};
use failure::Failure;
use log_filter::filter;
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
    /// Check the settings of a server, or show what they come to
    Config(config::Config),
    /// Look after several nodes whose commits are ordered by etcd
    #[cfg(feature = "cluster")]
    Cluster(cluster::Cluster),
    /// Load a folder of CSV files, one for each kind of record, as one commit
    Load(load::Load),
    /// Check data: a folder of CSV files or the register itself, and prove its citations where the text is there
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
    /// Give a record another key
    Rename(rename::Rename),
    /// Make one record of two
    Merge(rename::Merge),
    /// Attach the text of a document, so that its citations can be read where they stand
    Source(source::Source),
    /// Make, rotate, list and revoke the tokens that allow writing
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
    /// Write the manual pages of the program
    Man(manual::Man),
    /// Print completions for a shell
    Completions(manual::Completions),
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
        Command::Config(command) => command.given(),
        #[cfg(feature = "cluster")]
        Command::Cluster(command) => command.given(),
        _ => GivenToServe::default(),
    };
    let (given, file) = (cli.settings, cli.config);
    let read = move || Settings::resolve(given.clone(), to_serve.clone(), file.as_deref());
    let settings = read()?;
    let log = start_log(&settings)?;
    match cli.command {
        Command::Serve(command) => {
            let again = Again { read: Box::new(read), log, hangups: Hangups::listen() };
            command.run(&settings, again)
        }
        Command::Config(command) => command.run(&settings),
        #[cfg(feature = "cluster")]
        Command::Cluster(command) => command.run(&settings),
        Command::Load(command) => command.run(&settings),
        Command::Check(command) => command.run(&settings),
        Command::Schema(command) => command.run(),
        Command::Import(command) => command.run(&settings),
        Command::Template(command) => command.run(),
        Command::Export(command) => command.run(&settings),
        Command::Log(command) => command.run(&settings),
        Command::Diff(command) => command.run(&settings),
        Command::Rename(command) => command.run(&settings),
        Command::Merge(command) => command.run(&settings),
        Command::Source(command) => command.run(&settings),
        Command::Token(command) => command.run(&settings),
        Command::Backup(command) => command.run(&settings),
        Command::Restore(command) => command.run(&settings),
        Command::Verify(command) => command.run(&settings),
        Command::Salvage(command) => command.run(&settings),
        Command::RebuildStore(command) => command.run(&settings),
        Command::Dump(command) => command.run(&settings),
        Command::Man(command) => command.run(definition()),
        Command::Completions(command) => command.run(definition()),
    }
}

fn start_log(settings: &Settings) -> Result<SetFilter, Failure> {
    let filter_now = filter(&settings.log)?;
    // The log goes to stderr: stdout is for what a command prints. Where nobody reads it any more, it is lost; to complain
    // about that on the same stderr would be a panic, and the server would not stop when it is told to.
    let (filter_now, handle) = log_reload::Layer::new(filter_now);
    let log = fmt::layer().log_internal_errors(false).with_writer(std::io::stderr);
    let registry = tracing_subscriber::registry().with(filter_now);
    match settings.log_format {
        LogFormat::Text => {
            let is_terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
            registry.with(log.with_target(false).with_ansi(is_terminal)).init();
        }
        LogFormat::Json => registry.with(log.json().flatten_event(true)).init(),
    }
    Ok(Box::new(move |text| {
        let taken = handle.reload(filter(text)?);
        taken.map_err(|cause| Failure::machine(format!("the log takes no other filter: {cause}"), "restart the server"))
    }))
}

/// The command line's definition, for those who document it.
pub fn definition() -> clap::Command {
    Cli::command()
}
