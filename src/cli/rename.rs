//! `boordtabel rename` and `boordtabel merge`

use clap::Args;
use serde_json::{Value as Json, json};

use crate::cli::client::Where;
use crate::cli::failure::Failure;
use crate::cli::settings::Settings;
use crate::cli::words::count_of;
use crate::import::bulk::kind_of;

/// Give a record another key: what refers to it goes along, its history too, and its old key leads to it.
///
/// Keys that are made of this one change with it. It is one commit, and can be undone like every other.
#[derive(Args, Debug)]
pub struct Rename {
    /// The record, such as measure/KEY
    record: String,
    /// The key that it gets
    to: String,
    #[command(flatten)]
    rest: Rest,
}

/// Make one record of two: what refers to the first refers to the second then, and the first one's key leads there.
///
/// The second keeps what it says. It is refused where both have something that there can be once only.
#[derive(Args, Debug)]
pub struct Merge {
    /// The record that goes, such as measure/KEY
    record: String,
    /// The key of the record that stays
    into: String,
    #[command(flatten)]
    rest: Rest,
}

/// What both take.
#[derive(Args, Debug)]
struct Rest {
    #[command(flatten)]
    register: Where,
    /// Why; stands in the history
    #[arg(long, default_value = "keys", value_name = "TEXT")]
    reason: String,
    /// Only show what would change
    #[arg(long)]
    dry_run: bool,
    /// Idempotency key: the same key with the same change is done once [default: a new one]
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
}

impl Rename {
    /// Runs the command.
    pub fn run(self, settings: &Settings) -> Result<(), Failure> {
        self.rest.write(settings, ("renameRecord", "RenameRecordInput"), &self.record, ("to", &self.to))
    }
}

impl Merge {
    /// Runs the command.
    pub fn run(self, settings: &Settings) -> Result<(), Failure> {
        self.rest.write(settings, ("mergeRecords", "MergeRecordsInput"), &self.record, ("into", &self.into))
    }
}

impl Rest {
    fn write(
        self,
        settings: &Settings,
        (field, ty): (&str, &str),
        record: &str,
        (other, to): (&str, &str),
    ) -> Result<(), Failure> {
        let (kind, key) = record.split_once('/').ok_or_else(|| {
            Failure::usage(format!("`{record}` names no record"), "write its kind first: measure/KEY")
        })?;
        let kind = kind_of(kind).map_err(|(message, hint)| Failure::usage(message, hint))?;
        let idempotency_key = self.key.map_or_else(super::import::new_key, Ok)?;
        let query = format!(
            "mutation($input: {ty}!) {{ done: {field}(input: $input) {{ status revision counts {{ created updated deleted }}
               changes(first: 50) {{ outcome kind key }} problems {{ code message hint }} warnings {{ message }} }} }}"
        );
        let mut input = json!({
            "kind": kind.word(), "key": key, "reason": self.reason, "idempotencyKey": idempotency_key, "dryRun": self.dry_run,
        });
        input[other] = to.into();
        let answer = self.register.client(settings)?.ask(&query, json!({ "input": input }))?;
        tell(&answer["done"])
    }
}

/// What came of it.
fn tell(done: &Json) -> Result<(), Failure> {
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let each = |name: &str| done[name].as_array().map_or(&[][..], Vec::as_slice);
    let problems = each("problems");
    if !problems.is_empty() {
        for problem in problems {
            println!("{}: {}\n    {}", text(&problem["code"]), text(&problem["message"]), text(&problem["hint"]));
        }
        let message = format!("{} in the way; nothing was written", count_of(problems.len(), "problem"));
        return Err(Failure::data(message, "look at each of them above"));
    }
    let changes = each("changes");
    for change in changes {
        println!("{} {} {}", text(&change["outcome"]), text(&change["kind"]), text(&change["key"]));
    }
    let count = |name: &str| done["counts"][name].as_u64().unwrap_or_default();
    let (created, updated, deleted) = (count("created"), count("updated"), count("deleted"));
    let left = (created + updated + deleted).saturating_sub(changes.len() as u64);
    if left > 0 {
        println!("… and {left} more");
    }
    for warning in each("warnings") {
        println!("warning: {}", text(&warning["message"]));
    }
    let status = text(&done["status"]);
    println!("{status}: {created} created, {updated} updated, {deleted} deleted; revision {}", done["revision"]);
    Ok(())
}
