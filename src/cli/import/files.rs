//! The files of an import: which are read, which are passed over, and which the program writes itself. What it wrote is never
//! read by accident, and what is read is never written over.

use std::fs::File;
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::cli::failure::Failure;
use crate::import::form::Format;
use crate::import::format::jsonl::PROBLEMS;
use crate::import::row::ROW_BYTES_MAX;

/// The field by which the program knows its own files. It comes first.
const MARK: &str = "boordtabel";

/// What the program wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Own {
    /// Rejected rows, to be corrected and imported.
    Rejects,
    /// A plan, for `--apply`.
    Plan,
    /// A report.
    Report,
}

impl Own {
    /// What the file is, if the program wrote it.
    pub fn of(path: &Path) -> Option<Self> {
        let mut start = Vec::new();
        let mut file = BufReader::new(File::open(path).ok()?);
        file.by_ref().take(ROW_BYTES_MAX as u64 + 1).read_until(b'\n', &mut start).ok()?;
        let first = start.trim_ascii_start();
        // A plan or report is an object over many lines, and says what it is in the second.
        if first.trim_ascii_end() == b"{" {
            let mut second = String::new();
            file.take(200).read_line(&mut second).ok()?;
            let mut parts = second.trim().trim_end_matches(',').split(": ").map(|part| part.trim_matches('"'));
            return match (parts.next(), parts.next()) {
                (Some(MARK), Some("plan")) | (Some("expectDigest" | "atomicity"), _) => Some(Self::Plan),
                (Some(MARK), Some("report")) => Some(Self::Report),
                _ => None,
            };
        }
        if first.trim_ascii_end().ends_with(PROBLEMS.as_bytes()) && !first.starts_with(b"{") {
            return Some(Self::Rejects);
        }
        let row: Json = serde_json::from_slice(first).ok()?;
        row.get(PROBLEMS).is_some_and(Json::is_array).then_some(Self::Rejects)
    }
}

/// The text of a plan or report: what it is first, then the fields of the object.
pub fn marked(own: Own, fields: &Json) -> String {
    let what = if own == Own::Plan { "plan" } else { "report" };
    let fields = format!("{fields:#}");
    format!("{{\n  \"{MARK}\": \"{what}\",{}\n", fields.strip_prefix('{').unwrap_or_default())
}

/// The files that are read: those named, and in folders those that can be.
///
/// # Errors
/// When a folder does not open, or a file that is named holds no rows.
pub fn find(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            match Own::of(path) {
                Some(Own::Plan) => {
                    let hint = format!("do it with: boordtabel import --apply {}", path.display());
                    return Err(Failure::usage(format!("`{}` is a plan, and holds no rows", path.display()), hint));
                }
                Some(Own::Report) => {
                    let message = format!("`{}` is a report, and holds no rows", path.display());
                    return Err(Failure::usage(message, "give the file that it is about"));
                }
                _ => files.push(path.clone()),
            }
            continue;
        }
        let entries = std::fs::read_dir(path).map_err(|cause| cannot_read(path, &cause))?;
        let mut found: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
        found.sort();
        for file in found {
            match passed_over(&file) {
                None => files.push(file),
                Some(why) => eprintln!("{}: passed over: {why}", file.display()),
            }
        }
    }
    Ok(files)
}

/// Why a file of a folder is not read.
fn passed_over(file: &Path) -> Option<&'static str> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    if file.is_dir() {
        Some("a folder; name it to have it read")
    } else if name.starts_with("~$") || name.starts_with(".~lock") {
        Some("a program has the file open that it belongs to")
    } else if name.starts_with('.') || !Format::is_known(&name) {
        Some("no CSV, JSON Lines or workbook by its name")
    } else {
        match Own::of(file)? {
            Own::Rejects => Some("rejected rows of an import; name the file to have it read"),
            Own::Plan => Some("a plan"),
            Own::Report => Some("a report"),
        }
    }
}

/// Sees that a file that will be written is none that is read, and none of somebody else.
///
/// # Errors
/// When it is.
pub fn check_output(path: &Path, own: Own, option: &str, inputs: &[PathBuf]) -> Result<(), Failure> {
    let hint = format!("give another name with {option}");
    if inputs.iter().any(|input| same(input, path)) {
        return Err(Failure::usage(format!("`{}` is imported, and so not written over", path.display()), hint));
    }
    if path.exists() && Own::of(path) != Some(own) && std::fs::metadata(path).is_ok_and(|it| it.len() > 0) {
        let message = format!("`{}` is there already, and not of this program", path.display());
        return Err(Failure::usage(message, hint));
    }
    Ok(())
}

fn same(a: &Path, b: &Path) -> bool {
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}

/// How a file begins: enough to tell its form.
pub fn start(path: &Path) -> Vec<u8> {
    let mut start = Vec::new();
    if let Ok(file) = File::open(path) {
        // What cannot be read is told when all of it is.
        let _ = file.take(4096).read_to_end(&mut start);
    }
    start
}

/// Writes a file.
///
/// # Errors
/// When the disk refuses.
pub fn write(path: &Path, text: &[u8]) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(|cause| cannot_write(path, &cause))
}

/// Writes a file of that name, or, when there is one, of the next: `rejects-2.jsonl`. Nothing is written over.
///
/// # Errors
/// When the disk refuses.
pub fn write_new(stem: &str, ending: &str, text: &[u8]) -> Result<PathBuf, Failure> {
    let mut number = 1;
    loop {
        let name = if number == 1 { format!("{stem}.{ending}") } else { format!("{stem}-{number}.{ending}") };
        let path = PathBuf::from(name);
        match File::create_new(&path) {
            Ok(mut file) => {
                return file.write_all(text).map(|()| path.clone()).map_err(|cause| cannot_write(&path, &cause));
            }
            Err(cause) if cause.kind() == ErrorKind::AlreadyExists => number += 1,
            Err(cause) => return Err(cannot_write(&path, &cause)),
        }
    }
}

/// A file cannot be read.
pub fn cannot_read(path: &Path, cause: &std::io::Error) -> Failure {
    Failure::usage(format!("cannot read `{}`: {cause}", path.display()), "correct the path")
}

/// A file cannot be written.
pub fn cannot_write(path: &Path, cause: &std::io::Error) -> Failure {
    Failure::machine(format!("cannot write `{}`: {cause}", path.display()), "choose another file")
}
