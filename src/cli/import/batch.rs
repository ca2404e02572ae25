//! The rows of all files on their way, and where each of them stands.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indicatif::ProgressBar;
use serde::Serialize;
use serde_json::Value as Json;

use crate::cli::failure::Failure;
use crate::cli::import::files::cannot_read;
use crate::import::options::Options;
use crate::import::read::read;
use crate::import::report::Report;
use crate::import::row::{Note, RejectedRow, RowLocation, Table};
use crate::import::to_json::{RowJson, tree_json};
use crate::model::Problem;

/// The rows of an import, as the lines that are sent.
pub struct Batch {
    /// What is sent: JSON Lines, a row a line.
    pub body: Body,
    /// Where each line ends.
    ends: Vec<u64>,
    /// Where each row stands: its file, its table, its line.
    origins: Vec<(u32, u32, u32)>,
    /// The files, as people named them.
    pub files: Vec<String>,
    tables: Vec<Option<Arc<Table>>>,
    /// What was found out about each file.
    pub reports: Vec<Report>,
    /// The rows that were refused here, as far as they were understood, with what is wrong.
    pub refused: BTreeMap<usize, RejectedRow>,
    /// What should be looked at in the files: of a row, or elsewhere.
    pub notes: Vec<(Option<usize>, Spot, Note)>,
    /// What is wrong with whole files, sheets and headers, and where.
    pub faults: Vec<(Spot, Problem)>,
}

/// Where something stands, as a person looks for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The file.
    pub file: String,
    /// Line of the file or row of the sheet, from 1; 0 for all of it.
    pub line: usize,
    /// Column from 0, where it is one cell.
    pub column: Option<usize>,
    /// The sheet, in a workbook.
    pub sheet: Option<String>,
}

/// What is sent, in a file of its own: what is held in memory does not grow with it.
pub struct Body {
    file: BufWriter<File>,
    /// How many bytes there are.
    pub length: u64,
    /// The room for a row.
    line: Vec<u8>,
    failed: Option<io::Error>,
}

impl Body {
    /// Without rows.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn new() -> Result<Self, Failure> {
        let file = tempfile::tempfile().map_err(|cause| no_room(&cause))?;
        Ok(Self { file: BufWriter::with_capacity(1 << 18, file), length: 0, line: Vec::new(), failed: None })
    }

    /// Adds a row.
    pub fn push(&mut self, json: &impl Serialize) {
        self.line.clear();
        let written = serde_json::to_writer(&mut self.line, json).map_err(io::Error::from);
        self.line.push(b'\n');
        self.length += self.line.len() as u64;
        if let Err(cause) = written.and_then(|()| self.file.write_all(&self.line)) {
            self.failed.get_or_insert(cause);
        }
    }

    /// Ends it: it can be read from then on.
    ///
    /// # Errors
    /// When the disk refused something of it.
    pub fn flush(&mut self) -> Result<(), Failure> {
        let flushed = self.file.flush();
        match self.failed.take().map_or(flushed, Err) {
            Ok(()) => Ok(()),
            Err(cause) => Err(no_room(&cause)),
        }
    }

    /// All of it from the beginning.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn read(&self) -> io::Result<&File> {
        let mut file = self.file.get_ref();
        file.seek(SeekFrom::Start(0))?;
        Ok(file)
    }

    fn row(&self, start: u64, end: u64) -> Option<Json> {
        let mut file = self.file.get_ref();
        file.seek(SeekFrom::Start(start)).ok()?;
        let mut bytes = vec![0; usize::try_from(end.checked_sub(start)?).ok()?];
        file.read_exact(&mut bytes).ok()?;
        serde_json::from_slice(&bytes).ok()
    }
}

fn no_room(cause: &io::Error) -> Failure {
    Failure::machine(
        format!("there is no room for the rows: {cause}"),
        "make room in the folder for temporary files (TMPDIR)",
    )
}

impl Spot {
    fn of(path: &Path, place: &RowLocation) -> Self {
        let sheet = place.table.as_ref().and_then(|table| table.sheet.clone());
        Self { file: path.display().to_string(), line: place.line, column: place.column, sheet }
    }
}

impl Batch {
    /// Reads files, and tells what each was found to be.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn read(paths: &[PathBuf], options: &Options, bar: &ProgressBar) -> Result<Self, Failure> {
        let mut batch = Self::new()?;
        for path in paths {
            let bytes = std::fs::read(path).map_err(|cause| cannot_read(path, &cause))?;
            batch.add(path, &bytes, options, bar);
        }
        batch.body.flush()?;
        Ok(batch)
    }

    fn new() -> Result<Self, Failure> {
        Ok(Self {
            body: Body::new()?,
            ends: Vec::new(),
            origins: Vec::new(),
            files: Vec::new(),
            tables: Vec::new(),
            reports: Vec::new(),
            refused: BTreeMap::new(),
            notes: Vec::new(),
            faults: Vec::new(),
        })
    }

    /// Rows that were read before, from a plan.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn of_rows(path: &Path, rows: &[Json]) -> Result<Self, Failure> {
        let mut batch = Self { files: vec![path.display().to_string()], ..Self::new()? };
        rows.iter().for_each(|row| batch.push(0, RowLocation::default(), row));
        batch.body.flush()?;
        Ok(batch)
    }

    fn add(&mut self, path: &Path, bytes: &[u8], options: &Options, bar: &ProgressBar) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let file = u32::try_from(self.files.len()).unwrap_or(u32::MAX);
        self.files.push(path.display().to_string());
        let report = read(&name, bytes, options, &mut |row| match row {
            Ok(row) => {
                let index = self.origins.len();
                if index.is_multiple_of(10_000) {
                    bar.set_message(format!("reading {}: {index} rows", path.display()));
                }
                // A row that reads as a record goes typed; one that does not goes as it is, so that the server tells what is wrong with it.
                match row.record() {
                    Ok(record) => self.push(file, row.place, &RowJson(&record)),
                    Err(_) => self.push(file, row.place, &tree_json(row.kind, &row.tree)),
                }
                for note in row.notes {
                    let spot = self.place(index, &note.field);
                    self.notes.push((Some(index), spot, note));
                }
            }
            Err(reject) => match reject.trusted() {
                Some(json) => {
                    self.refused.insert(self.origins.len(), reject.clone());
                    self.push(file, reject.place, &json);
                }
                None => {
                    let spot = Spot::of(path, &reject.place);
                    self.faults.extend(reject.problems.into_iter().map(|problem| {
                        let at = |step: &String| step.strip_prefix("line ").or(step.strip_prefix("row "))?.parse().ok();
                        let line = if spot.line > 0 {
                            spot.line
                        } else {
                            problem.path.iter().find_map(at).unwrap_or_default()
                        };
                        let named = || problem.path.get(1).filter(|step| !step.starts_with("line ")).cloned();
                        (Spot { line, sheet: spot.sheet.clone().or_else(named), ..spot.clone() }, problem)
                    }));
                }
            },
        });
        let elsewhere = report.notes.iter().map(|(place, note)| (None, Spot::of(path, place), note.clone()));
        self.notes.extend(elsewhere);
        eprintln!("{report}");
        self.reports.push(report);
    }

    fn push(&mut self, file: u32, place: RowLocation, json: &impl Serialize) {
        let same =
            matches!((self.tables.last(), &place.table), (Some(Some(last)), Some(table)) if Arc::ptr_eq(last, table));
        if !(same || self.tables.last().is_some_and(Option::is_none) && place.table.is_none()) {
            self.tables.push(place.table);
        }
        let table = u32::try_from(self.tables.len() - 1).unwrap_or(u32::MAX);
        self.body.push(json);
        self.ends.push(self.body.length);
        self.origins.push((file, table, u32::try_from(place.line).unwrap_or(u32::MAX)));
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.origins.len()
    }

    /// The row as it was sent.
    pub fn sent(&self, row: usize) -> Option<Json> {
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.body.row(start, *self.ends.get(row)?)
    }

    /// The row as it was sent; one that was refused here as it stands in its file, as far as that was understood.
    pub fn row(&self, row: usize) -> Option<Json> {
        if let Some(reject) = self.refused.get(&row) {
            return reject.json();
        }
        self.sent(row)
    }

    /// Where a row stands, or the cell of one of its fields.
    pub fn place(&self, row: usize, field: &str) -> Spot {
        let Some((file, table, line)) = self.origins.get(row).copied() else { return Spot::default() };
        let table = self.tables[table as usize].as_deref();
        Spot {
            file: self.files[file as usize].clone(),
            sheet: table.and_then(|table| table.sheet.clone()),
            line: line as usize,
            // A cell without a field is told by its number.
            column: match field.strip_prefix("cell ").and_then(|number| number.parse::<usize>().ok()) {
                Some(number) => number.checked_sub(1),
                None => table.and_then(|table| table.column(field)),
            },
        }
    }

    /// The table that a row stands in.
    fn table(&self, row: usize) -> Option<&Table> {
        let (_, table, _) = self.origins.get(row)?;
        self.tables[*table as usize].as_deref()
    }

    /// Whether a field has no column in the table of a row. Where a header has a wrong name, that field misses nothing in each row.
    pub fn lacks_column(&self, row: usize, field: &str) -> bool {
        !self.faults.is_empty() && self.table(row).is_some_and(|table| table.column(field).is_none())
    }

    /// What is wrong with a row that was refused here: each problem with the field that it is about.
    pub fn told_here(&self, row: usize) -> impl Iterator<Item = (&Problem, String)> {
        // The path begins with the file and line, in a workbook with the sheet too.
        let steps = if self.table(row).is_some_and(|table| table.sheet.is_some()) { 3 } else { 2 };
        let problems = self.refused.get(&row).into_iter().flat_map(|reject| &reject.problems);
        problems.map(move |problem| (problem, problem.path.get(steps..).unwrap_or_default().join(".")))
    }
}
