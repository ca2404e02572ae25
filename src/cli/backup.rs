//! `boordtabel backup`, `restore`, `verify`, `salvage`, `rebuild-store`

use std::path::PathBuf;

use clap::Args;

use crate::cli::failure::Failure;
use crate::cli::owner;
use crate::cli::settings::Settings;
use crate::cli::words::{count_of, note_act, print_problems, progress};
use crate::commit::audit;
use crate::commit::copy::{Whole, copy};
use crate::commit::salvage::salvage;
use crate::commit::verify::{StoreFound, verify};
use crate::commit::{Ledger, folder};

/// Copy the register's folder, also while a server is writing to it, into a new one, and read the copy whole.
///
/// The copy has everything that was acknowledged when it began. It is a data folder: `restore` puts it back, and
/// `serve --read-only` serves it as it is.
#[derive(Args, Debug)]
pub struct Backup {
    /// Folder to make: it must not be there yet, or be empty
    target: PathBuf,
}

/// Put a backup into the folder --data, which must not be there yet or be empty, and read it whole.
#[derive(Args, Debug)]
pub struct Restore {
    /// The backup
    source: PathBuf,
}

/// Read all of the register's folder, also of one that a server has open: every hash, the anchor, the store.
///
/// Lists what was cut off as unfinished, and the records that a new commit would not be allowed to write; those stay as they are.
#[derive(Args, Debug)]
pub struct Verify {}

/// Save the history up to the damage into a new folder, and say what is lost. The damaged folder stays as it is.
#[derive(Args, Debug)]
pub struct Salvage {
    /// Folder to make: it must not be there yet, or be empty
    target: PathBuf,
}

/// Delete the store and make it again from the journal. No server may have the folder open.
#[derive(Args, Debug)]
pub struct RebuildStore {}

impl Backup {
    /// Runs the command.
    pub fn run(self, settings: &Settings) -> Result<(), Failure> {
        let Whole { revision, entries, .. } = copied(&settings.data, &self.target)?;
        note_act(&settings.data, "backup", format!("revision {revision} to `{}`", self.target.display()));
        println!("revision {revision} is in `{}`: {entries} entries, read again and whole", self.target.display());
        Ok(())
    }
}

impl Restore {
    /// Runs the command.
    pub fn run(self, settings: &Settings) -> Result<(), Failure> {
        if !self.source.join(folder::ANCHOR).exists() {
            eprintln!("warning: the backup has no file `ANCHOR`: whether its end is missing cannot be told");
        }
        let Whole { revision, entries, .. } = copied(&self.source, &settings.data)?;
        note_act(&settings.data, "restore", format!("revision {revision} from `{}`", self.source.display()));
        println!("revision {revision} is in `{}`: {entries} entries, read again and whole", settings.data.display());
        Ok(())
    }
}

fn copied(from: &std::path::Path, to: &std::path::Path) -> Result<Whole, Failure> {
    let bar = progress("copying");
    let whole = copy(from, to, |bytes| bar.set_message(format!("copying: {} MiB", bytes >> 20)))?;
    bar.finish_and_clear();
    Ok(whole)
}

impl Verify {
    /// Runs the command.
    pub fn run(self, settings: &Settings) -> Result<(), Failure> {
        let bar = progress("reading the journal");
        let found = verify(&settings.data)?;
        bar.finish_and_clear();
        println!("revision {}: {} entries, {} records", found.revision, found.entries, found.records);
        println!("digest {}", found.digest);
        match found.anchored {
            Some(revision) => println!("anchor: revision {revision} was acknowledged, and is there"),
            None => println!("anchor: there is none, so that a missing end would not be noticed"),
        }
        match found.store {
            StoreFound::Same => println!("store: gives the same register"),
            StoreFound::None => println!("store: none that would be used; the next start makes one"),
            StoreFound::NotLooked => println!("store: not looked at, the folder is in use or cannot be written"),
            StoreFound::Differs => {
                return Err(Failure::machine(
                    "the store gives another register than the journal",
                    "stop the server and run `boordtabel rebuild-store`",
                ));
            }
        }
        match audit::verify(&settings.data) {
            Ok(audited) if audited.lines == 0 => println!("audit log: there is none"),
            Ok(audited) => {
                println!("audit log: {} lines, whole, the last of them {}", audited.lines, &audited.chain[..16])
            }
            Err(reason) => {
                let hint = "somebody changed it: keep the file, and compare with what was copied elsewhere";
                return Err(Failure::machine(format!("the audit log is not as it was written: {reason}"), hint));
            }
        }
        for (path, bytes) in &found.torn {
            println!(
                "cut off as unfinished: {bytes} bytes in `{}`; delete it when you have looked at it",
                path.display()
            );
        }
        if !found.refused.is_empty() {
            println!("{} that a new commit would not be allowed to make:", count_of(found.refused.len(), "thing"));
            print_problems(&found.refused);
        }
        Ok(())
    }
}

impl Salvage {
    /// Runs the command.
    pub fn run(self, settings: &Settings) -> Result<(), Failure> {
        let bar = progress("saving");
        let saved = salvage(&settings.data, &self.target)?;
        bar.finish_and_clear();
        let about = format!("up to revision {} of `{}`", saved.revision, settings.data.display());
        note_act(&self.target, "salvage", about);
        println!("revision {} is in `{}`", saved.revision, self.target.display());
        let Some(damage) = saved.damage else {
            println!("nothing is wrong with the journal");
            return Ok(());
        };
        println!("what stopped it: {damage}");
        match saved.known {
            Some(known) => println!("lost: revisions {} to {known}", saved.revision + 1),
            None => println!("lost: what came after it; how much that is, nothing tells"),
        }
        for commit in &saved.lost {
            println!("lost\t{}\t{}\t{}", commit.revision, commit.author, commit.reason.escape_debug());
        }
        Ok(())
    }
}

impl RebuildStore {
    /// Runs the command.
    pub fn run(self, settings: &Settings) -> Result<(), Failure> {
        owner::check(&settings.data)?;
        let bar = progress("reading the journal");
        let ledger = Ledger::open_without_store(&settings.data)?;
        bar.set_message("writing the store");
        ledger.close()?;
        bar.finish_and_clear();
        note_act(&settings.data, "rebuild-store", format!("at revision {}", ledger.register().revision()));
        println!("the store has revision {}", ledger.register().revision());
        Ok(())
    }
}
