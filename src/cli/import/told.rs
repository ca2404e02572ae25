//! What an import came to, for people: where each problem stands, in words that they use, equal ones together.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value as Json, json};

use crate::cli::import::batch::{Batch, Spot};
use crate::import::format::sheet::letters;
use crate::model::Problem;
use crate::model::problem::beside;

/// Groups of equal problems that are shown.
const SHOWN: usize = 50;
/// Records that are shown field by field.
const RECORDS_SHOWN: usize = 50;
/// Places of a group that are shown.
const PLACES_SHOWN: usize = 3;

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(sheet) = &self.sheet {
            write!(f, ", sheet {sheet}")?;
        }
        self.within(f)
    }
}

impl Spot {
    /// The place in its file or sheet.
    fn within(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.sheet, self.line, self.column) {
            (_, 0, _) => Ok(()),
            (Some(_), row, Some(column)) => write!(f, ", {}{row}", letters(u32::try_from(column).unwrap_or_default())),
            (Some(_), row, None) => write!(f, ", row {row}"),
            (None, line, Some(column)) => write!(f, ", line {line}, column {}", column + 1),
            (None, line, None) => write!(f, ", line {line}"),
        }
    }

    fn json(&self) -> Json {
        let cell = match (&self.sheet, self.column) {
            (Some(_), Some(column)) => {
                Some(format!("{}{}", letters(u32::try_from(column).unwrap_or_default()), self.line))
            }
            _ => None,
        };
        json!({
            "file": self.file, "sheet": self.sheet, "line": (self.line > 0).then_some(self.line),
            "column": self.column.map(|column| column + 1), "cell": cell,
        })
    }
}

/// A problem where a person finds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The row, among those sent.
    pub row: Option<usize>,
    /// Where it stands.
    pub at: Spot,
    field: String,
    code: String,
    message: String,
    hint: String,
    near: Vec<String>,
}

impl Finding {
    fn here(row: Option<usize>, at: Spot, field: String, problem: &Problem) -> Self {
        Self {
            row,
            at,
            field,
            code: problem.code.word().to_owned(),
            message: problem.message.clone(),
            hint: problem.hint.clone(),
            near: problem.candidates.clone(),
        }
    }

    fn there(batch: &Batch, problem: &Json) -> Self {
        let text = |name: &str| problem[name].as_str().unwrap_or_default().to_owned();
        let texts = |name: &str| -> Vec<String> {
            problem[name].as_array().into_iter().flatten().filter_map(|it| it.as_str().map(str::to_owned)).collect()
        };
        let number = |name: &str| usize::try_from(problem[name].as_u64()?.checked_sub(1)?).ok();
        let row = number("line").filter(|row| *row < batch.len());
        let path = texts("path");
        // After the body, the line and the kind.
        let field = path.get(if row.is_some() { 3 } else { 0 }..).unwrap_or_default().join(".");
        let at = row.map(|row| batch.place(row, &field)).unwrap_or_default();
        let mut message = text("message");
        if let (Some(other), Some((what, _))) = (number("otherLine"), message.split_once(": also in ")) {
            message = format!("{what}: also in {}", batch.place(other, ""));
        }
        Self { row, at, field, code: text("code"), message, hint: text("hint"), near: texts("candidates") }
    }

    /// Whether the row was refused for what stands beside it, or for how it was sent: alone or otherwise it would be taken, though nobody
    /// has looked at it.
    pub fn hangs_on_others(&self) -> bool {
        ["DUPLICATE_KEY", "ALREADY_EXISTS", "NOT_FOUND", "OUTSIDE_SCOPE", "STILL_REFERENCED"]
            .contains(&self.code.as_str())
    }

    /// The file that it is in.
    pub fn file(&self) -> Option<&str> {
        Some(self.at.file.as_str()).filter(|file| !file.is_empty())
    }

    /// The problem in one line, without its place.
    pub fn what(&self) -> String {
        let near = beside(&self.message, &self.near);
        let near = if near.is_empty() { String::new() } else { format!(" (near: {})", near.join(", ")) };
        let field = if self.field.is_empty() { String::new() } else { format!("{}: ", self.field) };
        format!("{field}{}: {}{near}", self.code, self.message)
    }

    /// What is wrong and what to do, for who sees the place.
    pub fn remark(&self) -> String {
        format!("{}: {}", self.what(), self.hint)
    }

    /// The same with its place.
    pub fn line(&self) -> String {
        if self.at == Spot::default() { self.what() } else { format!("{}: {}", self.at, self.what()) }
    }

    fn json(&self) -> Json {
        let mut json = self.at.json();
        for (name, value) in
            [("field", &self.field), ("code", &self.code), ("message", &self.message), ("hint", &self.hint)]
        {
            json[name] = value.as_str().into();
        }
        json["candidates"] = self.near.clone().into();
        json
    }
}

/// Everything that is wrong, what was found here and what the server found besides: first what is wrong with whole files and their
/// headers, which may be why so much else is, then row after row.
pub fn findings(batch: &Batch, report: &Json) -> Vec<Finding> {
    let mut all: Vec<Finding> =
        batch.faults.iter().map(|(at, problem)| Finding::here(None, at.clone(), String::new(), problem)).collect();
    for row in batch.refused.keys() {
        all.extend(
            batch
                .told_here(*row)
                .map(|(problem, field)| Finding::here(Some(*row), batch.place(*row, &field), field, problem)),
        );
    }
    let there = report["problems"].as_array().into_iter().flatten().map(|problem| Finding::there(batch, problem));
    // What was refused here was sent only so that others may refer to it: what the server says of it is no news.
    all.extend(there.filter(|finding| finding.row.is_none_or(|row| !batch.refused.contains_key(&row))));
    // What a wrong header leaves out is missing in each row.
    all.retain(|it| it.code != "MISSING" || it.row.is_none_or(|row| !batch.lacks_column(row, &it.field)));
    all.sort_by_key(|finding| finding.row.map_or(0, |row| row + 1));
    all
}

/// Shows problems, equal ones together.
pub fn show_findings(findings: &[Finding]) {
    show_groups(findings, "", "problems");
}

fn show_groups(findings: &[Finding], mark: &str, many: &str) {
    let mut groups: Vec<(String, Vec<&Finding>)> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for finding in findings {
        let what = finding.what();
        let at = *known.entry(what.clone()).or_insert_with(|| {
            groups.push((what, Vec::new()));
            groups.len() - 1
        });
        groups[at].1.push(finding);
    }
    for (what, group) in groups.iter().take(SHOWN) {
        let first = group[0];
        if group.len() == 1 {
            println!("{mark}{}", first.line());
        } else {
            let places: Vec<String> = group.iter().take(PLACES_SHOWN).map(|finding| finding.at.to_string()).collect();
            println!("{mark}{} × {what}; first in {}", group.len(), places.join("; "));
        }
        println!("    {}", first.hint);
    }
    if groups.len() > SHOWN {
        let left: usize = groups[SHOWN..].iter().map(|(_, group)| group.len()).sum();
        println!("… and {left} more {many}, of {} kinds; --report FILE has them all", groups.len() - SHOWN);
    }
}

/// Shows what changes.
pub fn show_changes(report: &Json) {
    for kind in report["kinds"].as_array().into_iter().flatten() {
        let told = ["created", "updated", "deleted"].into_iter().filter_map(|outcome| {
            let count = kind[outcome].as_u64().filter(|count| *count > 0)?;
            Some(format!("{count} {outcome}"))
        });
        println!("{}: {}", kind["kind"].as_str().unwrap_or_default(), told.collect::<Vec<_>>().join(", "));
    }
    let changes = report["changes"].as_array().map_or(&[][..], Vec::as_slice);
    let mut left =
        report["kinds"].as_array().into_iter().flatten().filter_map(|kind| kind["updated"].as_u64()).sum::<u64>();
    for change in changes.iter().filter(|change| change["outcome"] == "UPDATED").take(RECORDS_SHOWN) {
        println!("  {} {}", change["kind"].as_str().unwrap_or_default(), change["key"].as_str().unwrap_or_default());
        for field in change["fields"].as_array().into_iter().flatten() {
            let side = |name: &str| field[name].as_str().unwrap_or("–").to_owned();
            println!("    {}: {} → {}", field["field"].as_str().unwrap_or_default(), side("before"), side("after"));
        }
        left -= 1;
    }
    if left > 0 {
        println!("  … and {left} more updated; --changes FILE has them all");
    }
}

/// Everything that should be looked at, in the order of the files.
pub fn warnings(batch: &Batch, report: &Json) -> Vec<Finding> {
    let here = batch.notes.iter().map(|(row, at, note)| Finding {
        row: *row,
        at: at.clone(),
        field: note.field.clone(),
        code: note.code.word().to_owned(),
        message: note.message.clone(),
        hint: note.hint.clone(),
        near: Vec::new(),
    });
    let there = report["warnings"].as_array().into_iter().flatten().map(|warning| Finding::there(batch, warning));
    let mut all: Vec<Finding> = here.chain(there).collect();
    all.sort_by_key(|finding| finding.row.map_or(0, |row| row + 1));
    all
}

/// Shows what should be looked at.
pub fn show_warnings(warnings: &[Finding]) {
    show_groups(warnings, "warning: ", "warnings");
    if !warnings.is_empty() {
        println!("{}", crate::cli::words::count_of(warnings.len(), "warning"));
    }
}

/// The last line: what it came to.
pub fn show_counts(report: &Json) {
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

/// The report for programs.
pub fn report(batch: &Batch, report: &Json, findings: &[Finding], warnings: &[Finding], key: &str) -> Json {
    let mut told = report.clone();
    if let Some(fields) = told.as_object_mut() {
        fields.remove("rejectedLines");
        fields.remove("changes");
    }
    told["idempotencyKey"] = key.into();
    told["files"] = batch.files.clone().into();
    told["problems"] = findings.iter().map(Finding::json).collect();
    // What the server found and did not tell comes on top; what it told of rows that were refused here is among none of them.
    let told_there = report["problems"].as_array().map_or(0, Vec::len) as u64;
    let untold = report["problemCount"].as_u64().unwrap_or_default().saturating_sub(told_there);
    told["problemCount"] = (findings.len() as u64 + untold).into();
    told["warnings"] = warnings.iter().map(Finding::json).collect();
    told
}
