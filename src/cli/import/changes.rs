//! Every change of an import in a file: CSV, or a workbook.

use std::borrow::Cow;
use std::fs::File;
use std::path::Path;

use serde_json::Value as Json;

use crate::cli::failure::Failure;
use crate::cli::import::files::cannot_write;
use crate::cli::words::now_ms;
use crate::export::cell::Cell;
use crate::export::xlsx::write_table;
use crate::import::quote;

const NAMES: [&str; 6] = ["kind", "key", "outcome", "field", "before", "after"];

/// Writes a row for each field that changes, and says of how many records.
///
/// # Errors
/// When the disk refuses.
pub fn write(path: &Path, report: &Json) -> Result<usize, Failure> {
    let changes = report["changes"].as_array().map_or(&[][..], Vec::as_slice);
    let mut file = File::create_new(path).map_err(|cause| cannot_write(path, &cause))?;
    let is_workbook = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("xlsx"));
    if is_workbook {
        let names = NAMES.map(str::to_owned);
        let rows = |each: &mut dyn FnMut(&[Cell<'_>])| {
            rows(changes, &mut |cells| {
                let cells: Vec<Cell<'_>> = cells.iter().map(|text| Cell::Text(Cow::Borrowed(text))).collect();
                each(&cells);
            });
        };
        let written = write_table("changes", &names, rows, now_ms(), &mut file);
        written
            .map_err(|cause| Failure::machine(format!("cannot write `{}`: {cause}", path.display()), "write CSV"))?;
    } else {
        let mut out = csv::Writer::from_writer(&mut file);
        let mut written = out.write_record(NAMES);
        rows(changes, &mut |cells| {
            if written.is_ok() {
                written =
                    out.write_record(cells.iter().map(|text| quote::for_csv_unless_empty(text)).map(Cow::into_owned));
            }
        });
        let flushed = out.flush();
        written.map_err(std::io::Error::from).and(flushed).map_err(|cause| cannot_write(path, &cause))?;
    }
    Ok(changes.len())
}

fn rows(changes: &[Json], each: &mut dyn FnMut(&[&str; 6])) {
    let text = |value: &'_ Json| value.as_str().unwrap_or_default().to_owned();
    for change in changes {
        let head = ["kind", "key", "outcome"].map(|name| text(&change[name]));
        let fields = change["fields"].as_array().map_or(&[][..], Vec::as_slice);
        for field in fields {
            let rest = ["field", "before", "after"].map(|name| text(&field[name]));
            each(&[&head[0], &head[1], &head[2], &rest[0], &rest[1], &rest[2]]);
        }
        if fields.is_empty() {
            each(&[&head[0], &head[1], &head[2], "", "", ""]);
        }
    }
}
