//! How `boordtabel check` shows discrepancies: as a table for a terminal, as JSON, and as a document for people.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Map, Value as Json, json};

use crate::analysis::reconcile::{Discrepancy, DiscrepancyRule, Severity, words};
use crate::cli::failure::Failure;
use crate::model::value::AnyComposite;
use crate::model::{Figure, Key, Kind, Record, View};
use crate::register::Register;

/// One discrepancy, and whether somebody lets it stand.
pub struct Shown<'d> {
    /// It.
    pub discrepancy: &'d Discrepancy,
    /// Whether a waiver counts.
    pub waived: bool,
}

/// As a table: a line of figures and a line of words for each.
pub fn table(shown: &[Shown<'_>]) -> String {
    let mut out = String::new();
    let rows: Vec<[String; 5]> = shown.iter().map(row).collect();
    let width = |at: usize| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..5).map(width).collect();
    for (row, shown) in rows.iter().zip(shown) {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        let waived = if shown.waived { "  waived" } else { "" };
        let _ = writeln!(out, "{}{waived}", cells.join("  ").trim_end());
        let _ = writeln!(out, "    {}\n    {}", shown.discrepancy.explanation, shown.discrepancy.key);
    }
    out
}

fn row(shown: &Shown<'_>) -> [String; 5] {
    let it = shown.discrepancy;
    let unit = it.stated.unit;
    let difference = it.difference.map_or_else(String::new, |value| words::change(value, unit));
    [
        it.severity.to_string(),
        it.rule.to_string(),
        section(&it.stated),
        format!("{} / {}", words::figure(&it.stated), found(it)),
        difference,
    ]
}

fn section(of: &Figure) -> String {
    of.printed.as_ref().and_then(|printed| printed.section.clone()).unwrap_or_default()
}

fn found(of: &Discrepancy) -> String {
    of.found.as_ref().map_or_else(|| "–".into(), words::figure)
}

/// How many there are of each severity, and of how many slips they tell: "16 contradictions of 15 slips: 3 errors, 1 warning, 12 notices;
/// 1 more waived".
pub fn summary(shown: &[Shown<'_>]) -> String {
    let count = |severity| shown.iter().filter(|it| !it.waived && it.discrepancy.severity == severity).count();
    let counts = Severity::ALL
        .iter()
        .rev()
        .map(|severity| crate::cli::words::count_of(count(*severity), &severity.word().to_lowercase()));
    let waived = shown.iter().filter(|it| it.waived).count();
    let more = if waived == 0 { String::new() } else { format!("; {waived} more waived") };
    let open = shown.iter().filter(|it| !it.waived).map(|it| it.discrepancy);
    let slips: HashSet<&Key> = open.map(|it| it.consequence_of_key.as_ref().unwrap_or(&it.key)).collect();
    let of = if slips.len() == shown.len() - waived {
        String::new()
    } else {
        format!(" of {}", crate::cli::words::count_of(slips.len(), "slip"))
    };
    format!(
        "{}{of}: {}{more}",
        crate::cli::words::count_of(shown.len() - waived, "contradiction"),
        counts.collect::<Vec<_>>().join(", ")
    )
}

/// As JSON: the fields of the API, decimals as text.
pub fn json(shown: &[Shown<'_>]) -> Json {
    let objects = shown.iter().map(|it| {
        let mut object = composite(it.discrepancy);
        if let Json::Object(fields) = &mut object {
            fields.insert("waived".into(), Json::Bool(it.waived));
        }
        object
    });
    Json::Array(objects.collect())
}

fn composite(of: &dyn AnyComposite) -> Json {
    let fields = of.describe().fields.iter().enumerate();
    Json::Object(fields.map(|(index, field)| (field.name.clone(), view(&of.field(index)))).collect::<Map<_, _>>())
}

fn view(of: &View<'_>) -> Json {
    match of {
        View::Null => Json::Null,
        View::Bool(value) => json!(value),
        View::Int(value) => json!(value),
        View::List(items) => Json::Array(items.iter().map(view).collect()),
        View::Composite(value) => composite(*value),
        other => json!(other.text()),
    }
}

/// What was checked by hand, by key: the lines of the source's text, and what they say.
pub type Checked = HashMap<String, (String, String)>;

/// Reads a CSV file with the columns `key`, `lines` and `checked`.
///
/// # Errors
/// When it cannot be read.
pub fn read_checked(path: &Path) -> Result<Checked, Failure> {
    let failed = |cause: &dyn std::fmt::Display| {
        Failure::usage(format!("cannot read `{}`: {cause}", path.display()), "give a CSV file: key,lines,checked")
    };
    let mut reader = csv::Reader::from_path(path).map_err(|cause| failed(&cause))?;
    let rows: Result<Vec<(String, String, String)>, _> = reader.deserialize().collect();
    Ok(rows.map_err(|cause| failed(&cause))?.into_iter().map(|(key, lines, said)| (key, (lines, said))).collect())
}

/// As a document: by rule, each with the two figures and, where somebody looked, what the source says.
pub fn markdown(register: &Register, shown: &[Shown<'_>], checked: &Checked) -> String {
    let mut out = String::from("# Where the document contradicts itself\n\n");
    let titles: Vec<String> = register
        .all(Kind::Plan)
        .filter_map(|node| match &node.record {
            Record::Plan(plan) => Some(plan.title.clone()),
            _ => None,
        })
        .collect();
    let _ = writeln!(
        out,
        "*{}*. {}. Written by `boordtabel check --format markdown`. Nothing is corrected: both figures stand in the register.\n",
        titles.join(", "),
        summary(shown)
    );
    for vocabulary in DiscrepancyRule::VOCABULARY.words {
        let rule = DiscrepancyRule::from_word(vocabulary.0).expect("it is a word of the vocabulary");
        let of_rule: Vec<&Shown<'_>> = shown.iter().filter(|it| it.discrepancy.rule == rule).collect();
        if of_rule.is_empty() {
            continue;
        }
        let tolerance = rule.tolerance().split_whitespace().collect::<Vec<_>>().join(" ");
        let _ = writeln!(out, "## {rule}: {}\n\n{} Tolerance: {tolerance}\n", of_rule.len(), rule.explanation());
        for it in of_rule {
            entry(&mut out, it, checked.get(it.discrepancy.key.as_str()));
        }
        out.push('\n');
    }
    out
}

fn entry(out: &mut String, shown: &Shown<'_>, checked: Option<&(String, String)>) {
    let it = shown.discrepancy;
    let waived = if shown.waived { ", waived" } else { "" };
    let _ = writeln!(out, "- **{}{waived}** {}  ", it.severity, it.explanation);
    let _ = write!(out, "  stated {}, found {}", words::figure(&it.stated), found(it));
    if let (Some(difference), Some(tolerance)) = (it.difference, it.tolerance) {
        let (difference, tolerance) =
            (words::change(difference, it.stated.unit), words::number(tolerance, it.stated.unit));
        let _ = write!(out, ", difference {difference}, tolerance {tolerance}");
    }
    let _ = writeln!(out, "; {}; `{}`  ", section(&it.stated), it.key);
    if let Some(slip) = &it.consequence_of_key {
        let _ = writeln!(out, "  Tells of the same slip as `{slip}`.  ");
    }
    match checked {
        Some((lines, said)) => {
            let _ = writeln!(out, "  Checked, {}: {said}", plural_lines(lines));
        }
        None => {
            let _ = writeln!(out, "  *Not checked by hand.*");
        }
    }
}

fn plural_lines(lines: &str) -> String {
    let several = lines.contains([',', '-', ' ']);
    format!("{} {lines}", if several { "lines" } else { "line" })
}

/// Those that nobody lets stand, of that severity or worse.
pub fn failing<'s, 'd>(shown: &'s [Shown<'d>], least: Severity) -> impl Iterator<Item = &'s Shown<'d>> {
    shown.iter().filter(move |it| !it.waived && it.discrepancy.severity >= least)
}

/// Keys of what was checked that are no discrepancy any more.
pub fn stale<'c>(shown: &[Shown<'_>], checked: &'c Checked) -> Vec<&'c String> {
    let known = |key: &String| shown.iter().any(|it| Key::parse(key).is_ok_and(|key| key == it.discrepancy.key));
    checked.keys().filter(|key| !known(key)).collect()
}
