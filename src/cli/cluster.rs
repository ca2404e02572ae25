//! `boordtabel cluster`: several nodes, and the etcd that orders their commits.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::failure::Failure;
use crate::cli::settings::{GivenToServe, Settings};
use crate::cli::words::{now_ms, progress};
use crate::cluster::{EtcdLog, LogId, Member, SharedLog as _};
use crate::commit::copy::copy;
use crate::commit::link::{self, NEARLY_FULL_PERCENT};
use crate::commit::{CommitError, Ledger};

/// Clocks of nodes and members may differ by so much: the times of commits come from the nodes.
const CLOCKS_MS_MAX: i64 = 2_000;

/// Look after several nodes whose commits are ordered by etcd.
#[derive(Args, Debug)]
pub struct Cluster {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand, Debug)]
enum Action {
    /// Ask each member of etcd, and say what is wrong: versions, room, clocks, who may do what
    Check {
        #[command(flatten)]
        settings: GivenToServe,
    },
    /// Say how far the log is, and how far each node
    Status {
        #[command(flatten)]
        settings: GivenToServe,
    },
    /// Make the folder --data a node, from a backup of another one or with what it has, and take what the log has beyond
    Join {
        /// The backup of another node, for a folder that is empty or not there yet
        #[arg(long, value_name = "DIR")]
        from: Option<PathBuf>,
        #[command(flatten)]
        settings: GivenToServe,
    },
    /// Begin the log anew after what the folder --data has, when all of etcd was lost
    Rebuild {
        #[command(flatten)]
        settings: GivenToServe,
    },
}

fn failed(error: impl Into<crate::cluster::LogError>) -> Failure {
    CommitError::Cluster(error.into()).into()
}

impl Cluster {
    /// The settings that are given.
    pub fn given(&self) -> GivenToServe {
        let (Action::Check { settings }
        | Action::Status { settings }
        | Action::Join { settings, .. }
        | Action::Rebuild { settings }) = &self.action;
        settings.clone()
    }

    /// Runs the command.
    pub fn run(self, settings: &Settings) -> Result<(), Failure> {
        if !settings.node.is_node() {
            return Err(Failure::usage("no etcd is named", "give its members with --cluster"));
        }
        match self.action {
            Action::Check { .. } => check(&settings.node.reach()?),
            Action::Status { .. } => status(&settings.node.reach()?),
            Action::Join { from, .. } => join(settings, from),
            Action::Rebuild { .. } => rebuild(settings),
        }
    }
}

fn check(log: &EtcdLog) -> Result<(), Failure> {
    let members = log.members();
    let mut wrong = 0;
    for Member { endpoint, told } in &members {
        let told = match told {
            Ok(told) => told,
            Err(reason) => {
                wrong += 1;
                println!("[-] {endpoint}: {reason}");
                continue;
            }
        };
        let mut what = Vec::new();
        if !is_good_version(&told.version) {
            what.push("use 3.4.22 or later, not 3.5.0 to 3.5.5: those may lose data".to_owned());
        }
        if told.room.percent() >= NEARLY_FULL_PERCENT {
            what.push(format!("{} % of its room is taken: compact and defragment it", told.room.percent()));
        }
        let differs_ms = told.clock_ms.map_or(0, |clock_ms| clock_ms - now_ms());
        if differs_ms.abs() > CLOCKS_MS_MAX {
            what.push(format!("its clock differs by {} s from this machine's", differs_ms / 1_000));
        }
        let about = format!("etcd {}, {} MiB of {}", told.version, told.room.used >> 20, told.room.quota >> 20);
        let leads = if told.leads { ", leads" } else { "" };
        println!("[{}] {endpoint}: {about}{leads}", if what.is_empty() { '+' } else { '-' });
        what.iter().for_each(|what| println!("    {what}"));
        wrong += usize::from(!what.is_empty());
    }
    if members.len().is_multiple_of(2) {
        wrong += 1;
        println!("[-] {} members: an even number bears no more losses than one less", members.len());
    }
    match log.may() {
        Ok(()) => println!("[+] the prefix may be read and written"),
        Err(error) => {
            wrong += 1;
            println!("[-] the prefix may not be read and written: {error}");
        }
    }
    match log.id().map_err(failed)? {
        Some(id) => println!("[+] there is a log, {}", shown(id)),
        None => println!("[+] there is no log yet: the first node begins it"),
    }
    if wrong > 0 {
        return Err(Failure::machine("not all is well with etcd", "see the lines with [-], and docs/cluster.md"));
    }
    Ok(())
}

/// Whether a version of etcd keeps what it has acknowledged.
fn is_good_version(version: &str) -> bool {
    let mut numbers = version.split(['.', '-', '+']).map_while(|number| number.parse::<u32>().ok());
    let version =
        (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
    version >= (3, 4, 22) && !((3, 5, 0)..=(3, 5, 5)).contains(&version)
}

fn shown(id: LogId) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn status(log: &EtcdLog) -> Result<(), Failure> {
    let Some(id) = log.id().map_err(failed)? else {
        println!("there is no log yet: the first node begins it");
        return Ok(());
    };
    let head = log.head().map_err(failed)?.map_or(0, |head| head.sequence);
    let first = log.first().map_err(failed)?.unwrap_or_default();
    let room = log.room().map_err(failed)?;
    println!("log {}: entries {first} to {head}, {} % of etcd's room", shown(id), room.percent());
    for node in log.nodes().map_err(failed)? {
        let behind = head.saturating_sub(node.applied);
        let ago_s = (now_ms() - node.told_ms) / 1_000;
        println!(
            "{}\tentry {}\tbehind by {behind}\trevision {}\tversion {}\ttold {ago_s} s ago",
            node.name, node.applied, node.revision, node.version
        );
    }
    Ok(())
}

fn join(settings: &Settings, from: Option<PathBuf>) -> Result<(), Failure> {
    let (log, name) = settings.node.log()?;
    if log.id().map_err(failed)?.is_none() {
        let hint = "start the node that has the register with `boordtabel serve --cluster`: it begins the log";
        return Err(Failure::machine("there is no log to join", hint));
    }
    if let Some(from) = from {
        let bar = progress("copying");
        copy(&from, &settings.data, |bytes| bar.set_message(format!("copying: {} MiB", bytes >> 20)))?;
        bar.finish_and_clear();
    }
    let revision = joined(settings, log, &name)?;
    println!(
        "`{name}` has revision {revision}, which is that of the others: start it with `boordtabel serve --cluster`"
    );
    Ok(())
}

fn rebuild(settings: &Settings) -> Result<(), Failure> {
    let (log, name) = settings.node.log()?;
    if let Some(id) = log.id().map_err(failed)? {
        let message = format!("there is a log, {}: it was not lost", shown(id));
        return Err(Failure::machine(message, "to make the folder a node of it, use `boordtabel cluster join`"));
    }
    let revision = joined(settings, log, &name)?;
    println!("the log begins after revision {revision}: start the node, and give the others a backup of it");
    Ok(())
}

/// Joins a log, whichever the folder belonged to before: it must have the same history. Gives the revision.
fn joined(settings: &Settings, log: EtcdLog, name: &str) -> Result<u64, Failure> {
    let before = link::id_in(&settings.data)?;
    let mut ledger = Ledger::open(&settings.data)?;
    link::forget(&settings.data)?;
    let joined = ledger.join(Box::new(log), name, now_ms);
    if let (Err(_), Some(before)) = (&joined, before) {
        link::write_id(&settings.data, before)?;
    }
    joined?;
    ledger.note_act("cluster", format!("`{name}` joined at revision {}", ledger.register().revision()), now_ms());
    let revision = ledger.register().revision();
    ledger.close()?;
    Ok(revision)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_that_lose_data_are_known() {
        for good in ["3.4.22", "3.4.23", "3.5.6", "3.6.0-rc.1", "4.0.0"] {
            assert!(is_good_version(good), "{good}");
        }
        for bad in ["3.4.21", "3.3.25", "3.5.0", "3.5.5", "3.5.2+git", ""] {
            assert!(!is_good_version(bad), "{bad}");
        }
    }
}
