//! What `boordtabel import` can be told: its arguments, and what they come to.

use std::path::{Path, PathBuf};

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use super::files;
use super::rejects::Marked;
use crate::cli::client::Where;
use crate::cli::failure::Failure;
use crate::import::bulk::{Request, kind_of};
use crate::import::encoding::Encoding;
use crate::import::mapping::Mapping;
use crate::import::number::DecimalMark;
use crate::import::options::{Delimiter, Options};

/// Import rows from files: CSV (comma, semicolon or tab; decimal point or comma), JSON Lines, XLSX (a sheet per kind).
///
/// All of it or nothing, as one commit. Columns are named as the schema names fields, with dots within: figure.value.
/// When anything is wrong, nothing is written: correct the files and import them again. With --good-rows the good rows are
/// written, and the others go to a file of their own with their reasons, to be corrected and imported.
#[derive(Args, Debug)]
pub struct Import {
    /// Files, or folders of files
    #[arg(required_unless_present = "apply")]
    pub(super) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) to: Where,
    /// Why; stands in the history
    #[arg(long, default_value = "import of files", value_name = "TEXT")]
    pub(super) reason: String,
    /// What to do with the rows
    #[arg(long, default_value = "upsert")]
    pub(super) mode: Mode,
    /// The kinds that replace-scope replaces, such as observations,indicators: what is there and in no row is deleted
    #[arg(long, value_name = "KINDS", required_if_eq("mode", "replace-scope"))]
    pub(super) scope: Option<String>,
    /// The record within which it does, such as measure/KEY; without it, all of these kinds
    #[arg(long, value_name = "RECORD", requires = "scope")]
    pub(super) within: Option<String>,
    /// Refuse unless so many records are deleted; without it, replace-scope deletes at most a tenth
    #[arg(long, value_name = "N")]
    pub(super) expect_deletes: Option<u64>,
    /// Let records go over to another plan or body
    #[arg(long)]
    pub(super) allow_moves: bool,
    /// The body whose rows they are, by its key: bare keys get its namespace [default: as the rows say]
    #[arg(long, value_name = "KEY")]
    pub(super) organisation: Option<String>,
    /// Import the good rows even when others are bad
    #[arg(long)]
    pub(super) good_rows: bool,
    /// Only show what would change
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Only show what would change, and write the plan to this file, for --apply
    #[arg(long, value_name = "FILE", conflicts_with = "apply")]
    pub(super) plan: Option<PathBuf>,
    /// Do exactly what this plan says; refused when the register has changed since
    #[arg(long, value_name = "FILE", conflicts_with = "paths")]
    pub(super) apply: Option<PathBuf>,
    /// Idempotency key: the same key with the same rows is done once [default: a new one]
    #[arg(long, value_name = "KEY")]
    pub(super) key: Option<String>,
    /// Where --good-rows puts the others [default: rejects.jsonl, or the next such name that is free]. With one workbook in, FILE.xlsx
    /// or FILE.ods is that workbook with the bad cells marked and commented; with one CSV file, FILE.csv is that file with a column of reasons
    #[arg(long, value_name = "FILE")]
    pub(super) rejects: Option<PathBuf>,
    /// Write every change to this file, CSV or a workbook by its name
    #[arg(long, value_name = "FILE")]
    pub(super) changes: Option<PathBuf>,
    /// Begin a register in --data when there is none
    #[arg(long)]
    pub(super) begin: bool,
    /// Write what came of it to this file, as JSON for programs
    #[arg(long, value_name = "FILE")]
    pub(super) report: Option<PathBuf>,
    /// Fail on these too
    #[arg(long, value_name = "WHAT")]
    pub(super) fail_on: Option<FailOn>,
    /// File that renames foreign columns, in TOML
    #[arg(long, value_name = "FILE")]
    pub(super) map: Option<PathBuf>,
    /// The kind of all rows of CSV files and one-sheet workbooks, such as measures [default: by the file's name]
    #[arg(long, value_name = "KIND")]
    pub(super) kind: Option<String>,
    /// How the letters of text files are written [default: found out]
    #[arg(long)]
    pub(super) encoding: Option<EncodingName>,
    /// What separates the cells of CSV files [default: found out]
    #[arg(long)]
    pub(super) delimiter: Option<DelimiterName>,
    /// The decimal mark of CSV files [default: found out]
    #[arg(long)]
    pub(super) decimal: Option<DecimalName>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Mode {
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
pub(super) enum FailOn {
    /// What is taken, but should be looked at: then nothing is written
    Warning,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum EncodingName {
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
pub(super) enum DelimiterName {
    /// ,
    Comma,
    /// ;
    Semicolon,
    /// Tabulator
    Tab,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum DecimalName {
    /// 1234.5
    Point,
    /// 1234,5
    Comma,
}

impl Import {
    /// What is asked of the server.
    pub(super) fn request(&self) -> Request {
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

    /// With which options a file is imported again that this import wrote: the whole file, marked, or the rows that were left out, whose
    /// fields have their own names already.
    pub(super) fn again(&self, file: &Path, is_whole: bool) -> String {
        let mut options: Vec<String> = Vec::new();
        let mut add = |name: &str, value: Option<&str>| {
            options.extend(value.map(|value| format!("--{name} {value}")));
        };
        let word = |value: Option<PossibleValue>| value.map(|value| value.get_name().to_owned());
        let mode = word(self.mode.to_possible_value());
        match self.mode {
            Mode::Upsert => {}
            // The rest of a scope alone is not the scope.
            Mode::ReplaceScope if !is_whole => {}
            _ => add("mode", mode.as_deref()),
        }
        add("organisation", self.organisation.as_deref());
        if is_whole {
            add("scope", self.scope.as_deref());
            add("within", self.within.as_deref());
            let kind = self.options().ok().and_then(|options| {
                let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let kind = options.kind_of(&name(self.paths.first()?))?;
                let is_named = options.kind.is_none() && options.kind_of(&name(file)) == Some(kind);
                (!is_named && Marked::of(file) == Some(Marked::Csv) || options.kind.is_some()).then(|| kind.file())
            });
            add("kind", kind);
            let map = self.map.as_ref().map(|path| format!("`{}`", path.display()));
            add("map", map.as_deref());
            add("delimiter", word(self.delimiter.and_then(|it| it.to_possible_value())).as_deref());
            add("decimal", word(self.decimal.and_then(|it| it.to_possible_value())).as_deref());
        }
        if self.allow_moves {
            options.push("--allow-moves".to_owned());
        }
        if options.is_empty() { String::new() } else { format!(", with {}", options.join(" ")) }
    }

    /// How the files are to be read.
    ///
    /// # Errors
    /// When the mapping file or the kind does not read.
    pub(super) fn options(&self) -> Result<Options, Failure> {
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
