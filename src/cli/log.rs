//! `boordtabel log` and `boordtabel diff`

use clap::Args;
use serde_json::{Value as Json, json};

use crate::cli::client::{Client, Where};
use crate::cli::failure::Failure;
use crate::cli::settings::Settings;
use crate::cli::words::count_of;

/// List the commits, newest first.
#[derive(Args, Debug)]
pub struct Log {
    #[command(flatten)]
    from: Where,
    /// How many at most
    #[arg(short = 'n', long, default_value_t = 20, value_name = "N")]
    count: usize,
}

/// How many entries the server gives at once, and at which revision it is.
fn about(client: &Client) -> Result<(usize, Json), Failure> {
    let mut answer = client.ask("{ limits { pageMax } register { revision } }", json!({}))?;
    let page_max = answer["limits"]["pageMax"].as_u64().and_then(|most| usize::try_from(most).ok());
    Ok((page_max.unwrap_or(1), answer["register"]["revision"].take()))
}

const LOG: &str = "query($first: Int!, $after: String) { commits(first: $first, after: $after) {
  nodes { revision committedAt author reason changeCount } pageInfo { hasNextPage endCursor } } }";
impl Log {
    /// Runs the command.
    pub fn run(self, settings: &Settings) -> Result<(), Failure> {
        let client = self.from.client(settings)?;
        let (page, _) = about(&client)?;
        let mut left = self.count;
        let mut after = Json::Null;
        while left > 0 {
            let answer = client.ask(LOG, json!({ "first": left.min(page), "after": after }))?;
            let commits = &answer["commits"];
            for commit in commits["nodes"].as_array().into_iter().flatten() {
                println!(
                    "{}\t{}\t{}\t{}\t{}",
                    commit["revision"],
                    text(&commit["committedAt"]),
                    text(&commit["author"]),
                    count_of(
                        commit["changeCount"]
                            .as_u64()
                            .and_then(|count| usize::try_from(count).ok())
                            .unwrap_or_default(),
                        "change"
                    ),
                    text(&commit["reason"])
                );
            }
            if commits["pageInfo"]["hasNextPage"] != true {
                break;
            }
            after = commits["pageInfo"]["endCursor"].clone();
            left = left.saturating_sub(page.max(1));
        }
        Ok(())
    }
}

/// Show what two states of the register differ in.
///
/// A state is a revision, an instant (2021-02-15T09:30:00Z) or the name of an edition.
#[derive(Args, Debug)]
pub struct Diff {
    /// The earlier state
    from: String,
    /// The later state [default: now]
    to: Option<String>,
    #[command(flatten)]
    register: Where,
    /// How many records at most
    #[arg(short = 'n', long, default_value_t = 1_000, value_name = "N")]
    count: usize,
}

const DIFF: &str = "query($from: AsOf!, $to: AsOf!, $first: Int!) { compare(from: $from, to: $to, first: $first) {
  from to totalCount changes { kind key outcome fields { field before after } } } }";

impl Diff {
    /// Runs the command.
    pub fn run(self, settings: &Settings) -> Result<(), Failure> {
        let client = self.register.client(settings)?;
        let (most, now) = about(&client)?;
        let to = self.to.as_deref().map_or_else(|| json!({ "revision": now }), as_of);
        let first = self.count.min(most);
        let answer = client.ask(DIFF, json!({ "from": as_of(&self.from), "to": to, "first": first }))?;
        let compared = &answer["compare"];
        for change in compared["changes"].as_array().into_iter().flatten() {
            println!("{} {} {}", text(&change["outcome"]), text(&change["kind"]), text(&change["key"]));
            if change["outcome"] == "UPDATED" {
                for field in change["fields"].as_array().into_iter().flatten() {
                    let side = |name: &str| field[name].as_str().unwrap_or("–").to_owned();
                    println!("    {}: {} → {}", text(&field["field"]), side("before"), side("after"));
                }
            }
        }
        println!(
            "{} records differ between revision {} and {}",
            compared["totalCount"], compared["from"], compared["to"]
        );
        if first < self.count && compared["totalCount"].as_u64().is_some_and(|all| all > first as u64) {
            println!("the server shows {most} at once (its limit page_max): these are the first");
        }
        Ok(())
    }
}

fn as_of(text: &str) -> Json {
    if let Ok(revision) = text.parse::<u64>() {
        return json!({ "revision": revision });
    }
    if text.parse::<jiff::Timestamp>().is_ok() { json!({ "instant": text }) } else { json!({ "edition": text }) }
}

fn text(value: &Json) -> &str {
    value.as_str().unwrap_or_default()
}
