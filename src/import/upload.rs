//! A file as people have it, CSV or a workbook, sent as it is: what it says becomes a submission like rows do, and each problem is told
//! at its cell.

use std::sync::Arc;

use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::{Value as Json, json};

use crate::commit::Submission;
use crate::commit::access::Identity;
use crate::import::answer::Answer;
use crate::import::bulk::{BulkError, Reading, Request, TooMuch, kind_of};
use crate::import::format::sheet::letters;
use crate::import::lines::Numbers;
use crate::import::number::DecimalMark;
use crate::import::options::Options;
use crate::import::read::read;
use crate::import::row::{Note, RowLocation, Table};
use crate::model::{Kind, Problem};

/// Remarks about cells that are told; the others are counted.
const NOTES_MAX: usize = 1_000;

/// A file that was read.
pub struct Upload {
    reading: Reading,
    found: Found,
}

/// What was found in it, beside its rows.
#[derive(Default)]
pub struct Found {
    /// The tables, a sheet each; in the order in which they were read.
    tables: Vec<Arc<Table>>,
    /// What was found out about it, in a line.
    about: String,
    notes: Vec<(RowLocation, Note)>,
    note_count: usize,
}

fn mark(name: &str) -> Result<DecimalMark, BulkError> {
    let wrong = || (format!("`{name}` is no decimal mark"), "give `decimal=point` or `decimal=comma`".to_owned());
    DecimalMark::named(name).ok_or_else(wrong)
}

impl Upload {
    /// Reads a file of that name. It and its rows may take so many bytes of memory, about.
    ///
    /// # Errors
    /// When the request makes no sense.
    pub fn read(request: Request, name: &str, bytes: &[u8], bytes_max: usize) -> Result<Self, BulkError> {
        let kind = request.kind.as_deref().map(kind_of).transpose()?;
        let decimal = request.decimal.as_deref().map(mark).transpose()?;
        let options = Options { kind, decimal, ..Options::default() };
        let mut reading = Reading::new(request, bytes_max)?;
        reading.also(bytes);
        reading.holds(bytes.len());
        let mut found = Found::default();
        let report = read(name, bytes, &options, &mut |row| {
            let place = row.as_ref().map_or_else(|reject| &reject.place, |row| &row.place);
            found.see(place);
            if let Ok(row) = &row {
                row.notes.iter().for_each(|note| found.note(&row.place, note));
            }
            reading.take(row);
        });
        report.notes.iter().for_each(|(place, note)| found.note(place, note));
        found.about = report.to_string();
        Ok(Self { reading, found })
    }

    /// Whether its rows take more memory than they may.
    pub fn too_much(&self) -> Option<TooMuch> {
        self.reading.too_much()
    }

    /// What all of it asks for, and what is needed to tell what came of it.
    pub fn finish(self, identity: Identity) -> (Submission, Numbers, Found) {
        let (submission, numbers) = self.reading.finish(identity);
        (submission, numbers, self.found)
    }
}

impl Found {
    fn see(&mut self, place: &RowLocation) {
        if let Some(table) = &place.table
            && self.tables.last().is_none_or(|last| !Arc::ptr_eq(last, table))
        {
            self.tables.push(Arc::clone(table));
        }
    }

    fn note(&mut self, place: &RowLocation, note: &Note) {
        self.note_count += 1;
        if self.notes.len() < NOTES_MAX {
            self.notes.push((place.clone(), note.clone()));
        }
    }

    /// Where a path leads: sheet, line, column from 0, and the field that it names.
    fn place(&self, path: &[String]) -> Cell {
        let number = |step: &String| step.strip_prefix("line ").or(step.strip_prefix("row "))?.parse::<usize>().ok();
        let at = path.iter().position(|step| number(step).is_some());
        let line = at.and_then(|at| number(&path[at]));
        // Before the line stands the file and, in a workbook, the sheet.
        let sheet = path.get(1).filter(|_| at.is_none_or(|at| at >= 2));
        // What a row is read as stands before its field.
        let is_kind = |step: &String| Kind::ALL.iter().any(|kind| kind.one() == step);
        let steps = at.map_or(&[][..], |at| &path[at + 1..]);
        let field = steps[usize::from(steps.first().is_some_and(is_kind))..].join(".");
        Cell { sheet: sheet.cloned(), line, column: self.column(sheet, &field), field }
    }

    fn column(&self, sheet: Option<&String>, field: &str) -> Option<usize> {
        // A cell without a field is told by its number.
        if let Some(number) = field.strip_prefix("cell ").and_then(|number| number.parse::<usize>().ok()) {
            return number.checked_sub(1);
        }
        self.tables.iter().find(|table| table.sheet.as_ref() == sheet)?.column(field)
    }

    fn problem(&self, problem: &Problem) -> Json {
        let mut told = self.place(&problem.path).json();
        told["code"] = problem.code.word().into();
        told["message"] = problem.message.clone().into();
        told["hint"] = problem.hint.clone().into();
        told["candidates"] = problem.candidates.clone().into();
        told["path"] = problem.path.clone().into();
        told
    }

    fn remark(&self, (place, note): &(RowLocation, Note)) -> Json {
        let sheet = place.table.as_ref().and_then(|table| table.sheet.as_ref());
        let column = place.column.or_else(|| self.column(sheet, &note.field));
        let line = (place.line > 0).then_some(place.line);
        let cell = Cell { sheet: sheet.cloned(), line, column, field: note.field.clone() };
        let mut told = cell.json();
        told["code"] = note.code.word().into();
        told["message"] = note.message.clone().into();
        told["hint"] = note.hint.clone().into();
        told
    }
}

/// A cell, as a person looks for it.
struct Cell {
    sheet: Option<String>,
    /// Line or row, from 1.
    line: Option<usize>,
    /// From 0.
    column: Option<usize>,
    field: String,
}

impl Cell {
    fn json(&self) -> Json {
        let letters = self.column.map(|column| letters(u32::try_from(column).unwrap_or_default()));
        let cell = letters.as_ref().zip(self.line).map(|(letters, line)| format!("{letters}{line}"));
        json!({ "sheet": self.sheet, "line": self.line, "column": letters, "cell": cell, "field": self.field })
    }
}

/// What came of a file: the report of an import, its problems at their cells, and what the file was found to be.
pub struct UploadAnswer<'r> {
    /// What came of its rows.
    pub answer: Answer<'r>,
    /// What was found in it.
    pub found: &'r Found,
}

impl UploadAnswer<'_> {
    /// As text.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Serialize for UploadAnswer<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { answer, found } = self;
        let mut map = serializer.serialize_map(None)?;
        // Of a workbook's rows the line says nothing without the sheet, which each problem has.
        answer.entries(&mut map, |problem| found.problem(problem), false)?;
        map.serialize_entry("read", &found.about)?;
        map.serialize_entry("noteCount", &found.note_count)?;
        map.serialize_entry("notes", &found.notes.iter().map(|note| found.remark(note)).collect::<Vec<_>>())?;
        map.end()
    }
}
