//! The rows that were left out while others went in: a file to be corrected and imported as it is.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::cli::failure::Failure;
use crate::cli::import::batch::Batch;
use crate::cli::import::files::{self, cannot_read};
use crate::cli::import::told::Finding;
use crate::import::encoding::Encoding;
use crate::import::form::Format;
use crate::import::format::csv::reasons::with_reasons;
use crate::import::format::jsonl::PROBLEMS;
use crate::import::format::marks::{Mark, mark, ods};
use crate::import::options::Delimiter;
use crate::import::row::MARK;

/// The rejected rows, a line each, with their reasons first. Complete whatever their number: where the server told no reason
/// for a row any more, it says so.
pub fn lines(batch: &Batch, report: &Json, findings: &[Finding]) -> Vec<String> {
    let mut rows: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let stretch = |it: &Json| Some((it[0].as_u64()?, it[1].as_u64()?));
    for (first, last) in report["rejectedLines"].as_array().into_iter().flatten().filter_map(stretch) {
        let rejected = (first..=last).filter_map(|line| usize::try_from(line.checked_sub(1)?).ok());
        rows.extend(rejected.map(|row| (row, Vec::new())));
    }
    for finding in findings {
        if let Some(row) = finding.row {
            rows.entry(row).or_default().push(finding.line());
        }
    }
    // Alone such a row would be taken, and those of which no reason is told may be of that sort.
    let hanging: BTreeSet<Option<usize>> =
        findings.iter().filter(|it| it.hangs_on_others()).map(|finding| finding.row).collect();
    let line = |(row, reasons): (usize, Vec<String>)| {
        let is_marked = if reasons.is_empty() { !hanging.is_empty() } else { hanging.contains(&Some(row)) };
        let reasons = if reasons.is_empty() {
            vec![format!(
                "{}: the server found more problems than it tells: import this file to see this one",
                batch.place(row, "")
            )]
        } else {
            reasons
        };
        // Reasons first: by them the file is known for what it is.
        let mut json = batch.row(row)?;
        if let (true, Some(fields)) =
            (is_marked, json.as_object_mut().and_then(|row| row.values_mut().next()?.as_object_mut()))
        {
            fields
                .entry(MARK)
                .or_insert_with(|| format!("look at it, then remove this: {}", reasons.join("; ")).into());
        }
        let (reasons, row) = (Json::from(reasons).to_string(), json.to_string());
        Some(format!("{{\"{PROBLEMS}\":{reasons},{}\n", row.strip_prefix('{')?))
    };
    rows.into_iter().filter_map(line).collect()
}

/// A file that is given back with what is wrong marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marked {
    /// The workbook, its bad cells coloured and commented.
    Workbook,
    /// The same of an ODS workbook.
    Ods,
    /// The CSV file, with a column of reasons.
    Csv,
}

impl Marked {
    /// The form that a name asks for.
    pub fn of(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_string_lossy().to_lowercase();
        match ending.as_str() {
            "xlsx" | "xlsm" => Some(Self::Workbook),
            "ods" => Some(Self::Ods),
            "csv" | "tsv" => Some(Self::Csv),
            _ => None,
        }
    }

    /// Sees that there is one file of that form, and that nothing is written over.
    ///
    /// # Errors
    /// When not.
    pub fn check(self, path: &Path, inputs: &[PathBuf]) -> Result<(), Failure> {
        let form = |input: &PathBuf| {
            let name = input.file_name().unwrap_or_default().to_string_lossy();
            let start = files::start(input);
            match Format::detect(&name, &start) {
                Format::Xlsx => Some(Self::Workbook),
                Format::Csv => Some(Self::Csv),
                Format::Ods => Some(Self::Ods),
                Format::JsonLines => None,
            }
        };
        let what = match self {
            Self::Workbook => "XLSX workbook",
            Self::Ods => "ODS workbook",
            Self::Csv => "CSV file",
        };
        match inputs {
            [input] if form(input) == Some(self) => {}
            _ => {
                let message = format!(
                    "`{}` would be the file that is imported with marks, and that is not one {what}",
                    path.display()
                );
                return Err(Failure::usage(
                    message,
                    "import one such file, or give --rejects a name that ends in .jsonl",
                ));
            }
        }
        if path.exists() {
            return Err(Failure::usage(
                format!("`{}` is there already", path.display()),
                "give another name with --rejects",
            ));
        }
        Ok(())
    }
}

/// Writes the file that was imported, with what is wrong marked.
///
/// # Errors
/// When it does not read any more, or the disk refuses.
pub fn write_marked(
    marked: Marked,
    input: &Path,
    path: &Path,
    batch: &Batch,
    findings: &[Finding],
    encoding: Option<Encoding>,
) -> Result<(), Failure> {
    let bytes = std::fs::read(input).map_err(|cause| cannot_read(input, &cause))?;
    let out = match marked {
        Marked::Workbook | Marked::Ods => {
            let at = |finding: &Finding| {
                Some(Mark {
                    sheet: finding.at.sheet.clone()?,
                    row: u32::try_from(finding.at.line).ok().filter(|line| *line > 0)?,
                    column: u32::try_from(finding.at.column.unwrap_or_default()).ok()?,
                    text: finding.remark(),
                })
            };
            let marks: Vec<Mark> = findings.iter().filter_map(at).collect();
            let marked = if marked == Marked::Ods { ods::mark(&bytes, &marks) } else { mark(&bytes, &marks) };
            marked.map_err(|message| Failure::machine(message, "give --rejects a name that ends in .jsonl"))?
        }
        Marked::Csv => {
            let mut reasons: BTreeMap<usize, String> = BTreeMap::new();
            for finding in findings.iter().filter(|finding| finding.at.line > 0) {
                let told = reasons.entry(finding.at.line).or_default();
                if !told.is_empty() {
                    told.push_str("; ");
                }
                told.push_str(&finding.remark());
            }
            let delimiter = batch.reports.first().and_then(|report| report.delimiter).unwrap_or(Delimiter::Comma);
            let encoding = encoding.unwrap_or_else(|| Encoding::detect(&bytes));
            with_reasons(&encoding.decode(&bytes).0, delimiter, &reasons)
        }
    };
    files::write(path, &out)
}
