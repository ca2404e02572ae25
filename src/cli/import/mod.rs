//! `boordtabel import`

mod batch;
mod changes;
mod files;
mod plan;
mod rejects;
mod send;
mod told;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::Value as Json;

use crate::cli::client::Where;
use crate::cli::settings::Settings;
use crate::cli::{Failure, count_of, progress};
use crate::import::bulk::{Request, kind_of};
use crate::import::encoding::Encoding;
use crate::import::mapping::Mapping;
use crate::import::number::DecimalMark;
use crate::import::options::{Delimiter, Options};
use batch::Batch;
use files::Own;
use rejects::Marked;

/// Import rows from files: CSV (comma, semicolon or tab; decimal point or comma), JSON Lines, XLSX (a sheet per kind).
///
/// All of it or nothing, as one commit. Columns are named as the schema names fields, with dots within: figure.value.
/// When anything is wrong, nothing is written: correct the files and import them again. With --good-rows the good rows are
/// written, and the others go to a file of their own with their reasons, to be corrected and imported.
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
    /// The kinds that replace-scope replaces, such as observations,indicators: what is there and in no row is deleted
    #[arg(long, value_name = "KINDS", required_if_eq("mode", "replace-scope"))]
    scope: Option<String>,
    /// The record within which it does, such as measure/KEY; without it, all of these kinds
    #[arg(long, value_name = "RECORD", requires = "scope")]
    within: Option<String>,
    /// Refuse unless so many records are deleted; without it, replace-scope deletes at most a tenth
    #[arg(long, value_name = "N")]
    expect_deletes: Option<u64>,
    /// Let records go over to another plan or body
    #[arg(long)]
    allow_moves: bool,
    /// The body whose rows they are, by its key: bare keys get its namespace [default: as the rows say]
    #[arg(long, value_name = "KEY")]
    organisation: Option<String>,
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
    /// Where --good-rows puts the others [default: rejects.jsonl, or the next such name that is free]. With one workbook in, FILE.xlsx
    /// is that workbook with the bad cells marked and commented; with one CSV file, FILE.csv is that file with a column of reasons
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Write every change to this file, CSV or a workbook by its name
    #[arg(long, value_name = "FILE")]
    changes: Option<PathBuf>,
    /// Begin a register in --data when there is none
    #[arg(long)]
    begin: bool,
    /// Write what came of it to this file, as JSON for programs
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Fail on these too
    #[arg(long, value_name = "WHAT")]
    fail_on: Option<FailOn>,
    /// File that renames foreign columns, in TOML
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// The kind of all rows of CSV files and one-sheet workbooks, such as measures [default: by the file's name]
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// How the letters of text files are written [default: found out]
    #[arg(long)]
    encoding: Option<EncodingName>,
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
    /// As upsert, and what the scope has beyond the rows is deleted
    ReplaceScope,
    /// The records are deleted
    Delete,
}

impl Mode {
    fn word(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Update => "UPDATE",
            Self::Upsert => "UPSERT",
            Self::ReplaceScope => "REPLACE_SCOPE",
            Self::Delete => "DELETE",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// What is taken, but should be looked at: then nothing is written
    Warning,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum EncodingName {
    /// As most programs write today
    #[value(name = "utf-8")]
    Utf8,
    /// Two bytes a letter, the lower first
    #[value(name = "utf-16le")]
    Utf16Le,
    /// Two bytes a letter, the higher first
    #[value(name = "utf-16be")]
    Utf16Be,
    /// Western Windows, ANSI
    #[value(name = "windows-1252")]
    Windows1252,
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

impl Import {
    /// Runs the command.
    pub fn run(self, settings: &Settings) -> Result<(), Failure> {
        let (inputs, read) = match &self.apply {
            Some(path) => (vec![path.clone()], None),
            None => (files::find(&self.paths)?, Some(self.options()?)),
        };
        self.check_outputs(&inputs)?;
        let bar = progress("reading");
        let (batch, mut request) = match (&self.apply, read) {
            (Some(path), _) => plan::read(path)?,
            (None, options) => (Batch::read(&inputs, &options.unwrap_or_default(), &bar)?, self.request()),
        };
        if self.changes.is_some() {
            request.changes = Some(usize::MAX);
        }
        request.idempotency_key = self.key.clone().map_or_else(send::new_key, Ok)?;
        // What a file has wrong as a whole keeps everything out, and so does a row when it is all or nothing: then the server
        // is only asked what else is wrong.
        let blocked = !batch.faults.is_empty() || !batch.refused.is_empty() && !self.good_rows;
        request.dry_run = self.dry_run || self.plan.is_some() || blocked;
        bar.set_message("sending");
        if self.begin {
            self.to.begin(settings)?;
        }
        let client = self.to.clone().client(settings)?;
        if self.fail_on.is_some() && !batch.notes.is_empty() {
            // What is warned of in the files is known already.
            request.dry_run = true;
        }
        if self.fail_on.is_some() && !request.dry_run {
            // What is warned of is known before anything is written; exactly that is then done.
            let told = send::send(&client, &Request { dry_run: true, ..request.clone() }, &batch.body, &bar)?;
            if told["warnings"].as_array().is_some_and(|warnings| !warnings.is_empty()) {
                bar.finish_and_clear();
                return self.end(&batch, &request, told, blocked);
            }
            request.expect_digest = request.expect_digest.or(told["digest"].as_str().map(str::to_owned));
        }
        let report = send::send(&client, &request, &batch.body, &bar)?;
        bar.finish_and_clear();
        self.end(&batch, &request, report, blocked)
    }

    /// Tells what came of it, and writes what is to be kept.
    fn end(&self, batch: &Batch, request: &Request, report: Json, blocked: bool) -> Result<(), Failure> {
        let findings = told::findings(batch, &report);
        let warnings_told = told::warnings(batch, &report);
        told::show_changes(&report);
        told::show_findings(&findings);
        told::show_warnings(&warnings_told);
        told::show_counts(&report);
        let mut for_programs = told::report(batch, &report, &findings, &warnings_told, &request.idempotency_key);
        // Only what is in may leave the rest to be sent alone.
        let is_in =
            !request.dry_run && !blocked && matches!(report["status"].as_str(), Some("COMMITTED" | "UNCHANGED"));
        let rejects = match self.rejects.as_deref().and_then(Marked::of) {
            // The whole file, to be corrected and imported again, whatever came of it.
            Some(marked) => self.write_marked(marked, batch, &findings)?,
            None if is_in => self.write_rejects(batch, &report, &findings)?,
            None => None,
        };
        if let Some(path) = &self.changes {
            let count = changes::write(path, &report)?;
            println!("{} in `{}`", count_of(count, "change"), path.display());
        }
        if let Some(path) = &self.report {
            for_programs["rejects"] = rejects.as_ref().map(|path| path.display().to_string()).into();
            files::write(path, files::marked(Own::Report, &for_programs).as_bytes())?;
        }
        let problems = usize::try_from(for_programs["problemCount"].as_u64().unwrap_or_default()).unwrap_or(usize::MAX);
        if problems > 0 {
            return Err(self.refused(
                problems,
                rejects.as_deref().filter(|_| is_in),
                rejects.as_deref(),
                batch,
                &findings,
            ));
        }
        let warnings = for_programs["warnings"].as_array().map_or(0, Vec::len);
        if warnings > 0 && self.fail_on == Some(FailOn::Warning) {
            let message = format!("the data has {}; nothing was written", count_of(warnings, "warning"));
            return Err(Failure::data(message, "correct the files, or leave out --fail-on warning to have them taken"));
        }
        if let Some(path) = &self.plan {
            plan::write(path, request, &report, batch)?;
            println!("the plan is in `{0}`; do it with: boordtabel import --apply {0}", path.display());
        }
        Ok(())
    }

    /// What to do about problems.
    fn refused(
        &self,
        problems: usize,
        rejects: Option<&Path>,
        marked: Option<&Path>,
        batch: &Batch,
        findings: &[told::Finding],
    ) -> Failure {
        let count = count_of(problems, "problem");
        if let Some(path) = rejects {
            let hint = format!("correct the rows in `{}` and import that file", path.display());
            return Failure::data(format!("the data has {count}; the good rows were written"), hint);
        }
        if let Some(path) = marked {
            let hint = format!("correct what is marked in `{}` and import that file", path.display());
            return Failure::data(format!("the data has {count}; nothing was written"), hint);
        }
        let mut files: Vec<&str> = findings.iter().filter_map(told::Finding::file).collect();
        files.dedup();
        files.sort_unstable();
        files.dedup();
        let mut hint = match files.as_slice() {
            [] => "see what each problem says".to_owned(),
            [one] => format!("correct `{one}` and import it again"),
            [first, second] => format!("correct `{first}` and `{second}` and import all files again"),
            [first, .., last] => format!("correct `{first}` to `{last}` and import all files again"),
        };
        if !self.good_rows && batch.faults.is_empty() && problems < batch.len() && self.apply.is_none() {
            hint += "; with --good-rows the other rows are written, and these go to a file of their own";
        }
        Failure::data(format!("the data has {count}; nothing was written"), hint)
    }

    fn write_rejects(
        &self,
        batch: &Batch,
        report: &Json,
        findings: &[told::Finding],
    ) -> Result<Option<PathBuf>, Failure> {
        let lines = rejects::lines(batch, report, findings);
        if lines.is_empty() {
            return Ok(None);
        }
        let text = lines.concat();
        let path = match &self.rejects {
            Some(path) => files::write(path, text.as_bytes()).map(|()| path.clone())?,
            None => files::write_new("rejects", "jsonl", text.as_bytes())?,
        };
        println!("{} in `{}`", count_of(lines.len(), "rejected row"), path.display());
        Ok(Some(path))
    }

    fn write_marked(
        &self,
        marked: Marked,
        batch: &Batch,
        findings: &[told::Finding],
    ) -> Result<Option<PathBuf>, Failure> {
        let ([input], Some(path), false) = (self.paths.as_slice(), &self.rejects, findings.is_empty()) else {
            return Ok(None);
        };
        rejects::write_marked(marked, input, path, batch, findings, self.options()?.encoding)?;
        println!("the file with what is wrong marked: `{}`", path.display());
        Ok(Some(path.clone()))
    }

    fn check_outputs(&self, inputs: &[PathBuf]) -> Result<(), Failure> {
        let outputs = [
            (&self.rejects, Own::Rejects, "--rejects"),
            (&self.plan, Own::Plan, "--plan"),
            (&self.report, Own::Report, "--report"),
        ];
        if let (Some(path), Some(marked)) = (&self.rejects, self.rejects.as_deref().and_then(Marked::of)) {
            marked.check(path, inputs)?;
        }
        if let Some(path) = self.changes.as_ref().filter(|path| path.exists()) {
            let message = format!("`{}` is there already", path.display());
            return Err(Failure::usage(message, "give another name with --changes"));
        }
        for (path, own, option) in outputs {
            if let Some(path) = path {
                files::check_output(path, own, option, inputs)?;
            }
        }
        Ok(())
    }

    fn request(&self) -> Request {
        Request {
            reason: self.reason.clone(),
            mode: Some(self.mode.word().to_owned()),
            atomicity: self.good_rows.then(|| "GOOD_ROWS".to_owned()),
            scope: self.scope.clone(),
            within: self.within.clone(),
            expect_deletes: self.expect_deletes,
            allow_moves: self.allow_moves,
            organisation_key: self.organisation.clone(),
            // As many as a person reads, or all.
            changes: Some(if self.changes.is_some() { usize::MAX } else { 1_000 }),
            ..Request::default()
        }
    }

    fn options(&self) -> Result<Options, Failure> {
        let mapping = match &self.map {
            None => Mapping::default(),
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(|cause| files::cannot_read(path, &cause))?;
                Mapping::parse(&path.display().to_string(), &text).map_err(|problems| {
                    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
                    Failure::usage(told.join("\n"), "correct the mapping file")
                })?
            }
        };
        let kind = self.kind.as_deref().map(kind_of).transpose();
        let kind = kind.map_err(|(message, hint)| Failure::usage(message, hint))?;
        Ok(Options {
            kind,
            encoding: self.encoding.map(|name| match name {
                EncodingName::Utf8 => Encoding::Utf8,
                EncodingName::Utf16Le => Encoding::Utf16Le,
                EncodingName::Utf16Be => Encoding::Utf16Be,
                EncodingName::Windows1252 => Encoding::Windows1252,
            }),
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
}
