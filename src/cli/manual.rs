//! `boordtabel man` and `boordtabel completions`: what shells and `man` know of the program, made from its own definition, so a package
//! has what its binary does.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, Command};
use clap_complete::Shell;

use crate::cli::failure::Failure;

/// Write manual pages, one for the program and one for each command, or print the program's.
#[derive(Args, Debug)]
pub struct Man {
    /// Folder to write them to; made when it does not exist
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Man {
    /// Runs the command.
    pub fn run(self, definition: Command) -> Result<(), Failure> {
        let Some(folder) = self.out else { return print(&page(definition)?) };
        fs::create_dir_all(&folder).map_err(|cause| cannot_write(&folder, &cause))?;
        write_pages(&folder, definition)
    }
}

/// Print what a shell needs to complete the words of the command line.
#[derive(Args, Debug)]
pub struct Completions {
    /// Which shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    /// Runs the command.
    pub fn run(self, mut definition: Command) -> Result<(), Failure> {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut definition, "boordtabel", &mut text);
        print(&text)
    }
}

/// The page of a command, and those of the commands below it.
fn write_pages(folder: &Path, command: Command) -> Result<(), Failure> {
    let below: Vec<Command> = command.get_subcommands().filter(|it| it.get_name() != "help").cloned().collect();
    let name = command.get_name().to_owned();
    let path = folder.join(format!("{name}.1"));
    fs::write(&path, page(command)?).map_err(|cause| cannot_write(&path, &cause))?;
    below.into_iter().try_for_each(|command| {
        let full: &'static str = format!("{name}-{}", command.get_name()).leak();
        write_pages(folder, command.name(full))
    })
}

fn page(command: Command) -> Result<Vec<u8>, Failure> {
    let mut text = Vec::new();
    let made = clap_mangen::Man::new(command).render(&mut text);
    made.map(|()| text).map_err(|cause| Failure::machine(format!("cannot make the page: {cause}"), "report this"))
}

fn print(text: &[u8]) -> Result<(), Failure> {
    let printed = std::io::stdout().write_all(text);
    printed.map_err(|cause| Failure::machine(format!("cannot print it: {cause}"), "give a place that can be written"))
}

fn cannot_write(path: &Path, cause: &std::io::Error) -> Failure {
    Failure::usage(format!("cannot write `{}`: {cause}", path.display()), "correct --out")
}
