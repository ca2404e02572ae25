//! `boordtabel import`

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::{Value as Json, json};

use crate::cli::client::{Client, Where, encode, refused};
use crate::cli::settings::Settings;
use crate::cli::{Failure, count_of, progress};
use crate::import::mapping::Mapping;
use crate::import::number::DecimalMark;
use crate::import::rows::{Delimiter, Options, Reject, Row, read};
use crate::import::to_json::{row_json, tree_json};
use crate::model::Problem;

/// Most rows that are sent as one mutation; more go as JSON Lines.
const MUTATION_ROWS: usize = 10_000;
/// Changes and problems shown.
const SHOWN: usize = 50;

const QUERY: &str = "mutation($input: ImportRowsInput!) { importRows(input: $input) {
  status replayed baseRevision revision digest counts { received created updated unchanged deleted rejected }
  changes(first: 1000) { kind key outcome fields { field before after } }
  problems { code row path message hint candidates } } }";

/// Import rows from files: CSV (comma, semicolon or tab; decimal point or comma), JSON Lines, XLSX (a sheet per kind).
///
/// All of it or nothing, as one commit. Columns are named as the schema names fields, with dots within: figure.value.
/// Rejected rows go to rejects.jsonl with their reasons; correct them there and import that file.
#[derive(Args, Debug)]
pub struct Import {
    /// Files, or folders of files
    #[arg(required_unless_present = "apply")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    to: Where,
    /// Why; stands in the history
    #[arg(long, default_value = "import of files", value_name = "TEXT")]
    reason: String,
    /// What to do with the rows
    #[arg(long, default_value = "upsert")]
    mode: Mode,
    /// Import the good rows even when others are bad
    #[arg(long)]
    good_rows: bool,
    /// Only show what would change
    #[arg(long)]
    dry_run: bool,
    /// Only show what would change, and write the plan to this file, for --apply
    #[arg(long, value_name = "FILE", conflicts_with = "apply")]
    plan: Option<PathBuf>,
    /// Do exactly what this plan says; refused when the register has changed since
    #[arg(long, value_name = "FILE", conflicts_with = "paths")]
    apply: Option<PathBuf>,
    /// Idempotency key: the same key with the same rows is done once [default: a new one]
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// Where rejected rows go
    #[arg(long, default_value = "rejects.jsonl", value_name = "FILE")]
    rejects: PathBuf,
    /// File that renames foreign columns, in TOML
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// What separates the cells of CSV files [default: found out]
    #[arg(long)]
    delimiter: Option<DelimiterName>,
    /// The decimal mark of CSV files [default: found out]
    #[arg(long)]
    decimal: Option<DecimalName>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Mode {
    /// Every record must be new
    Create,
    /// Every record must be there
    Update,
    /// New records are made, others replaced
    Upsert,
    /// The records are deleted
    Delete,
}

impl Mode {
    fn word(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Update => "UPDATE",
            Self::Upsert => "UPSERT",
            Self::Delete => "DELETE",
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum DelimiterName {
    /// ,
    Comma,
    /// ;
    Semicolon,
    /// Tabulator
    Tab,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum DecimalName {
    /// 1234.5
    Point,
    /// 1234,5
    Comma,
}

/// A row on its way, and where it comes from.
struct Sent {
    json: Json,
    at: Vec<String>,
}

impl Import {
    /// Runs the command.
    pub fn run(self, settings: &Settings) -> Result<(), Failure> {
        let bar = progress("reading");
        let (rows, local, mut input) = match &self.apply {
            Some(path) => (Vec::new(), Vec::new(), read_plan(path)?),
            None => {
                let (rows, local) = self.read()?;
                (rows, local, json!({ "mode": self.mode.word(), "reason": self.reason }))
            }
        };
        if self.good_rows {
            input["atomicity"] = "GOOD_ROWS".into();
        }
        // What cannot even be sent still counts: all or nothing means that it keeps the rest out.
        let blocked = !local.is_empty() && !self.good_rows;
        input["dryRun"] = (self.dry_run || self.plan.is_some() || blocked).into();
        input["idempotencyKey"] = self.key.clone().map_or_else(new_key, Ok)?.into();
        if self.apply.is_none() {
            input["rows"] = rows.iter().map(|row| row.json.clone()).collect();
        }
        bar.set_message("sending");
        let client = self.to.client(settings)?;
        let report = send(&client, &input)?;
        bar.finish_and_clear();
        show(&report, &local);
        write_rejects(&self.rejects, &report, &rows, &local)?;
        let problems = report["problems"].as_array().map_or(0, Vec::len) + local.len();
        if problems > 0 {
            let kept =
                if report["status"] == "COMMITTED" { "the good rows were written" } else { "nothing was written" };
            return Err(Failure::data(
                format!("the data has {}; {kept}", count_of(problems, "problem")),
                format!("correct the rows in `{}` and import that file", self.rejects.display()),
            ));
        }
        if let Some(path) = &self.plan {
            input["expectDigest"] = report["digest"].clone();
            if let Some(fields) = input.as_object_mut() {
                fields.remove("dryRun");
                fields.remove("idempotencyKey");
            }
            write(path, &format!("{input:#}\n"))?;
            println!("the plan is in `{0}`; do it with: boordtabel import --apply {0}", path.display());
        }
        Ok(())
    }

    fn options(&self) -> Result<Options, Failure> {
        let mapping = match &self.map {
            None => Mapping::default(),
            Some(path) => {
                let text = read_text(path)?;
                Mapping::parse(&path.display().to_string(), &text).map_err(|problems| {
                    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
                    Failure::usage(told.join("\n"), "correct the mapping file")
                })?
            }
        };
        Ok(Options {
            kind: None,
            delimiter: self.delimiter.map(|name| match name {
                DelimiterName::Comma => Delimiter::Comma,
                DelimiterName::Semicolon => Delimiter::Semicolon,
                DelimiterName::Tab => Delimiter::Tab,
            }),
            decimal: self.decimal.map(|name| match name {
                DecimalName::Point => DecimalMark::Point,
                DecimalName::Comma => DecimalMark::Comma,
            }),
            mapping,
        })
    }

    fn read(&self) -> Result<(Vec<Sent>, Vec<Reject>), Failure> {
        let options = self.options()?;
        let (mut rows, mut local) = (Vec::new(), Vec::new());
        for path in files(&self.paths)? {
            let bytes = std::fs::read(&path).map_err(|cause| cannot_read(&path, &cause))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let report = read(&name, &bytes, &options, &mut |row| match row {
                Ok(row) => rows.push(sent(&row)),
                Err(reject) => local.push(reject),
            });
            eprintln!("{report}");
        }
        Ok((rows, local))
    }
}

/// A row that reads as a record goes typed; one that does not goes as it is, so that the server tells what is wrong with it.
fn sent(row: &Row) -> Sent {
    let json = row.record().map_or_else(|_| tree_json(row.kind, &row.tree), |record| row_json(&record));
    Sent { json, at: row.at.0.clone() }
}

fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let entries = std::fs::read_dir(path).map_err(|cause| cannot_read(path, &cause))?;
        let mut found: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
        found.retain(|file| {
            let ending = file.extension().map(|ending| ending.to_string_lossy().to_lowercase());
            matches!(ending.as_deref(), Some("csv" | "tsv" | "jsonl" | "ndjson" | "xlsx"))
        });
        found.sort();
        files.extend(found);
    }
    Ok(files)
}

fn send(client: &Client, input: &Json) -> Result<Json, Failure> {
    let rows = input["rows"].as_array().map_or(0, Vec::len);
    if rows <= MUTATION_ROWS || matches!(client, Client::Local(_)) {
        return Ok(client.ask(QUERY, json!({ "input": input }))?["importRows"].clone());
    }
    let parameters = ["mode", "atomicity", "reason", "idempotencyKey", "expectDigest", "dryRun"].into_iter();
    let parameters = parameters.filter_map(|name| {
        let text = match &input[name] {
            Json::Null => return None,
            Json::String(text) => text.clone(),
            other => other.to_string(),
        };
        Some(format!("{name}={}", encode(&text)))
    });
    let path = format!("/import?{}", parameters.collect::<Vec<_>>().join("&"));
    let mut body = String::new();
    for row in input["rows"].as_array().into_iter().flatten() {
        body.push_str(&row.to_string());
        body.push('\n');
    }
    let report = client.post(&path, "application/jsonl", body.as_bytes())?;
    refused(&report)?;
    Ok(report)
}

fn new_key() -> Result<String, Failure> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| Failure::machine(format!("the system gives no randomness: {error}"), "give --key"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// What changes, for people.
fn show(report: &Json, local: &[Reject]) {
    let mut kinds: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    let changes = report["changes"].as_array().map_or(&[][..], Vec::as_slice);
    for change in changes {
        let (kind, outcome) =
            (change["kind"].as_str().unwrap_or_default(), change["outcome"].as_str().unwrap_or_default());
        *kinds.entry(kind).or_default().entry(outcome).or_default() += 1;
    }
    for (kind, outcomes) in kinds {
        let told: Vec<String> =
            outcomes.iter().map(|(outcome, count)| format!("{count} {}", outcome.to_lowercase())).collect();
        println!("{kind}: {}", told.join(", "));
    }
    for change in changes.iter().filter(|change| change["outcome"] == "UPDATED").take(SHOWN) {
        println!("  {} {}", change["kind"].as_str().unwrap_or_default(), change["key"].as_str().unwrap_or_default());
        for field in change["fields"].as_array().into_iter().flatten() {
            let side = |name: &str| field[name].as_str().unwrap_or("–").to_owned();
            println!("    {}: {} → {}", field["field"].as_str().unwrap_or_default(), side("before"), side("after"));
        }
    }
    for problem in local.iter().flat_map(|reject| &reject.problems).take(SHOWN) {
        println!("{problem}\n    {}", problem.hint);
    }
    for problem in report["problems"].as_array().into_iter().flatten().take(SHOWN) {
        let text = |name: &str| problem[name].as_str().unwrap_or_default().to_owned();
        let path: Vec<&str> = problem["path"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
        println!("{}: {}: {}\n    {}", path.join("."), text("code"), text("message"), text("hint"));
    }
    let count = |name: &str| report["counts"][name].as_u64().unwrap_or_default();
    println!(
        "{}{}: {} rows received, {} created, {} updated, {} unchanged, {} deleted, {} rejected; revision {}",
        report["status"].as_str().unwrap_or_default(),
        if report["replayed"] == true { " (before: same key)" } else { "" },
        count("received"),
        count("created"),
        count("updated"),
        count("unchanged"),
        count("deleted"),
        count("rejected"),
        report["revision"],
    );
}

/// The rows with problems, each with its reasons: to be corrected and imported as they are.
fn write_rejects(path: &Path, report: &Json, rows: &[Sent], local: &[Reject]) -> Result<(), Failure> {
    let mut reasons: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for problem in report["problems"].as_array().into_iter().flatten() {
        let line = problem["path"]
            .get(1)
            .and_then(Json::as_str)
            .and_then(|step| step.strip_prefix("line ")?.parse::<usize>().ok());
        let row = problem["row"].as_u64().and_then(|row| usize::try_from(row).ok()).or(line.map(|line| line - 1));
        if let Some(row) = row.filter(|row| *row < rows.len()) {
            let text = |name: &str| problem[name].as_str().unwrap_or_default().to_owned();
            reasons.entry(row).or_default().push(format!(
                "{}: {} ({})",
                text("code"),
                text("message"),
                rows[row].at.join(", ")
            ));
        }
    }
    let from_server = reasons.into_iter().map(|(row, reasons)| {
        let mut json = rows[row].json.clone();
        json["problems"] = reasons.into();
        json
    });
    let from_here = local.iter().filter_map(|reject| {
        let mut json = reject.json()?;
        json["problems"] = reject.problems.iter().map(Problem::to_string).collect();
        Some(json)
    });
    let lines: Vec<String> = from_here.chain(from_server).map(|json| json.to_string()).collect();
    if lines.is_empty() {
        return Ok(());
    }
    write(path, &format!("{}\n", lines.join("\n")))?;
    println!("{} in `{}`", count_of(lines.len(), "rejected row"), path.display());
    Ok(())
}

fn read_plan(path: &Path) -> Result<Json, Failure> {
    serde_json::from_str(&read_text(path)?)
        .map_err(|cause| Failure::usage(format!("`{}` is no plan: {cause}", path.display()), "make it with --plan"))
}

fn read_text(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|cause| cannot_read(path, &cause))
}

fn cannot_read(path: &Path, cause: &std::io::Error) -> Failure {
    Failure::usage(format!("cannot read `{}`: {cause}", path.display()), "correct the path")
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text)
        .map_err(|cause| Failure::machine(format!("cannot write `{}`: {cause}", path.display()), "choose another file"))
}
