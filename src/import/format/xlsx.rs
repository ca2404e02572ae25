//! XLSX: a sheet per kind, its first row the column names. What a spreadsheet computed, rounded or turned into a date on its own
//! is refused rather than taken for what somebody wrote.

use std::borrow::Cow;
use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, Dimensions, Reader, SheetType, Xlsx, XlsxCellReader, XlsxError};

use crate::commit::Source;
use crate::import::columns::{BadCell, Column, Columns};
use crate::import::format::OLD_WORKBOOK;
use crate::import::mapping::kind_named;
use crate::import::number::{Evidence, Reading};
use crate::import::options::Options;
use crate::import::report::Sink;
use crate::import::row::problem;
use crate::model::problem::nearest;
use crate::model::value::shorten;
use crate::model::{Kind, Problem, ProblemCode, Problems, Type};

/// Name of the sheet that exports begin with, which holds no records.
pub const ABOUT: &str = "About";
/// Name of the sheet that exports end with: what each column means.
pub const COLUMNS: &str = "Columns";
/// Most bytes that a workbook may have when unpacked.
pub const UNPACKED_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// A workbook that unpacks to so little is read however well it was packed.
const SMALL_BYTES: u64 = 16 * 1024 * 1024;
/// How many times its size another one unpacks to at most: spreadsheet programs pack ten to thirty times.
const RATIO_MAX: u64 = 100;
/// How much of a part is looked at for what it says of itself.
const HEAD_BYTES: usize = 64 * 1024;
/// Most merged regions of a sheet.
const MERGED_MAX: usize = 1_000;
/// Most digits that a spreadsheet keeps exactly.
const DIGITS_MAX: usize = 15;

type Workbook<'b> = Xlsx<Cursor<&'b [u8]>>;

/// Reads all sheets.
pub(in crate::import) fn read(bytes: &[u8], options: &Options, sink: &mut Sink<'_>) {
    if let Err(message) = sheets(bytes, options, sink) {
        let at = [sink.report.name.clone()];
        let hint = "open it in a spreadsheet program and save it again as XLSX, or save each sheet as CSV UTF-8";
        sink.file(vec![problem(&at, ProblemCode::BadFile, message, hint)]);
    }
}

/// A damaged workbook may bring the library that reads it to panic. That is the file's fault and is told as such.
fn guarded<T>(read: impl FnOnce() -> Result<T, XlsxError>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(result) => result.map_err(|error| format!("the workbook does not read: {error}")),
        Err(_) => Err("the workbook does not read: it is damaged".to_owned()),
    }
}

fn sheets(bytes: &[u8], options: &Options, sink: &mut Sink<'_>) -> Result<(), String> {
    check_unpacked(bytes, UNPACKED_BYTES_MAX)?;
    let mut workbook: Workbook<'_> = guarded(|| Xlsx::new(Cursor::new(bytes)))?;
    let tables: Vec<String> = workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| sheet.name.clone())
        .collect();
    let only = tables.len() == 1;
    for name in tables {
        let kind = match options.mapping.file(&name) {
            Some(None) => {
                sink.report.sheets.push((name, None, 0));
                continue;
            }
            Some(Some(kind)) => Some(kind),
            None => kind_named(&name).or(if only { options.kind_of(&sink.report.name) } else { None }),
        };
        if kind.is_none() && [ABOUT, COLUMNS].contains(&name.as_str()) {
            sink.report.sheets.push((name, None, 0));
            continue;
        }
        let mut sheet = Sheet::open(&mut workbook, &name, sink)?;
        match kind {
            Some(kind) => sheet.read(kind, options, sink)?,
            // Spreadsheet programs add empty sheets of their own.
            None if sheet.next_row()?.is_none() => sink.report.sheets.push((name, None, 0)),
            None => sink.file(unknown_sheet(&sheet.at, &name)),
        }
    }
    Ok(())
}

fn unknown_sheet(at: &[String], name: &str) -> Vec<Problem> {
    let mut unknown = problem(
        at,
        ProblemCode::BadFile,
        format!("the sheet `{}` is named after no kind of record", shorten(name)),
        "name each sheet after its kind, such as `budget-lines`, or pass it over with a mapping file",
    );
    unknown.candidates = nearest(name, Kind::ALL.iter().map(|kind| kind.file()));
    vec![unknown]
}

/// Unpacks everything once, keeping nothing, so that a small file that unpacks to an enormous one is refused.
fn check_unpacked(bytes: &[u8], bytes_max: u64) -> Result<(), String> {
    if bytes.starts_with(OLD_WORKBOOK) {
        return Err("the workbook is encrypted, or of the form before 2007 (XLS)".to_owned());
    }
    let failed = |error: zip::result::ZipError| format!("the file is no workbook: {error}");
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(failed)?;
    let most = bytes_max.min(SMALL_BYTES.max(bytes.len() as u64 * RATIO_MAX));
    let mut room = most;
    let mut piece = vec![0; 64 * 1024];
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(failed)?;
        let name = entry.name().map_err(failed)?.to_lowercase();
        let (mut begun, mut size) = (Vec::new(), 0);
        loop {
            let read = entry.read(&mut piece).map_err(|error| format!("`{name}` does not unpack: {error}"))?;
            if read == 0 {
                break;
            }
            size += read;
            room = room
                .checked_sub(read as u64)
                .ok_or_else(|| format!("the workbook unpacks to more than {most} bytes"))?;
            begun.extend_from_slice(&piece[..read.min(HEAD_BYTES - begun.len().min(HEAD_BYTES))]);
        }
        if name.ends_with("sharedstrings.xml") && !counts_are_true(&begun, size) {
            return Err("the workbook's table of texts states a length that it does not have".to_owned());
        }
    }
    Ok(())
}

/// The reader makes room for as many texts as the table says that it has: it must not say more than could be there.
fn counts_are_true(part: &[u8], size: usize) -> bool {
    const NAME: &[u8] = b"uniqueCount";
    // The shortest entry is `<si><t/></si>`.
    let possible = size / 10;
    part.windows(NAME.len()).enumerate().filter(|(_, window)| *window == NAME).all(|(at, _)| {
        let rest = part[at + NAME.len()..].iter();
        let digits: Vec<u8> =
            rest.skip_while(|b| !b.is_ascii_digit()).take_while(|b| b.is_ascii_digit()).copied().collect();
        let stated = String::from_utf8_lossy(&digits).parse::<u128>();
        digits.is_empty() || stated.is_ok_and(|stated| stated <= possible as u128)
    })
}

/// What a cell holds.
#[derive(Debug)]
enum Cell {
    Text(String),
    Number(f64),
    Bool(bool),
    /// Year, month, day, and whether there is a time of day too.
    Date(i32, u8, u8, bool),
    /// Why it is nothing to take, and what to do.
    Bad(ProblemCode, String, &'static str),
}

/// The filled cells of a row: its number from 1, and each cell with its column from 0.
type Cells = (u32, Vec<(u32, Cell)>);

/// A sheet, read row by row.
struct Sheet<'w, 'b> {
    name: String,
    at: Vec<String>,
    merged: Vec<Dimensions>,
    cells: XlsxCellReader<'w, Cursor<&'b [u8]>>,
    /// The row that is not complete yet.
    begun: Option<Cells>,
    /// Whether the last cell was read.
    ended: bool,
}

impl<'w, 'b> Sheet<'w, 'b> {
    fn open(workbook: &'w mut Workbook<'b>, name: &str, sink: &Sink<'_>) -> Result<Self, String> {
        let merged = guarded(|| workbook.merge_cells_by_sheet_name(name))?;
        let cells = guarded(|| workbook.worksheet_cells_reader(name))?;
        Ok(Self {
            name: name.to_owned(),
            at: vec![sink.report.name.clone(), name.to_owned()],
            merged,
            cells,
            begun: None,
            ended: false,
        })
    }

    /// The next row that holds something.
    fn next_row(&mut self) -> Result<Option<Cells>, String> {
        while !self.ended {
            let Some(cell) = guarded(|| self.cells.next_cell_with_formula_metadata())? else {
                self.ended = true;
                break;
            };
            let value = match cell.formula {
                Some(_) => Some(Cell::Bad(
                    ProblemCode::WrongType,
                    "the cell holds a formula".to_owned(),
                    "replace it by its value: copy the cells, then paste them as values",
                )),
                None => read_cell(cell.value),
            };
            let Some(value) = value else { continue };
            let (row, column) = (cell.pos.0.saturating_add(1), cell.pos.1);
            match &mut self.begun {
                Some((begun, cells)) if *begun == row => cells.push((column, value)),
                begun => {
                    if let Some(complete) = begun.replace((row, vec![(column, value)])) {
                        return Ok(Some(complete));
                    }
                }
            }
        }
        Ok(self.begun.take())
    }

    fn read(&mut self, kind: Kind, options: &Options, sink: &mut Sink<'_>) -> Result<(), String> {
        let place = sink.report.sheets.len();
        sink.report.sheets.push((self.name.clone(), Some(kind), 0));
        if self.merged.len() > MERGED_MAX {
            let message = format!("the sheet has {} merged regions, at most {MERGED_MAX} are read", self.merged.len());
            sink.file(vec![problem(&self.at, ProblemCode::BadFile, message, "unmerge the cells")]);
            return Ok(());
        }
        let Some((line, header)) = self.next_row()? else { return Ok(()) };
        let mapping = options.mapping.of(kind);
        let names = names(&header);
        let mut problems = Problems::default();
        problems.enter(&self.row_at(line).0);
        let header = names.iter().map(String::as_str);
        let Some(columns) = Columns::read(kind, Some(&self.name), header.clone(), mapping, &mut problems) else {
            sink.file(problems.into_vec());
            return Ok(());
        };
        columns.report(header, mapping, &mut sink.report);
        // Numbers are exact in themselves; only those written as texts can be unclear.
        let reading = options.reading().unwrap_or_else(|| Evidence::default().verdict());
        while let Some((line, cells)) = self.next_row()? {
            let merged = self.merged_at(line, &cells);
            let (texts, mut bad) = texts(&columns, cells, reading);
            match merged {
                Merged::Free => {}
                Merged::Heading => {
                    sink.report.headings.push(format!("`{}` row {line}", self.name));
                    continue;
                }
                Merged::Torn(region) => bad.push(BadCell {
                    cell: None,
                    code: ProblemCode::BadFile,
                    message: format!("the cells {region} are merged, and only the first of them holds a value"),
                    hint: "unmerge them and fill each".to_owned(),
                }),
            }
            let row = columns.row(self.row_at(line), line as usize, &texts, bad);
            sink.report.sheets[place].2 += usize::from(row.is_ok());
            sink.row(row);
        }
        Ok(())
    }

    fn row_at(&self, line: u32) -> Source {
        Source(self.at.iter().cloned().chain([format!("row {line}")]).collect())
    }

    fn merged_at(&self, line: u32, cells: &[(u32, Cell)]) -> Merged {
        let row = line - 1;
        for region in self.merged.iter().filter(|region| (region.start.0..=region.end.0).contains(&row)) {
            let (wide, starts) = (region.end.1 > region.start.1, region.start.0 == row);
            match cells {
                [(column, _)] if starts && wide && *column == region.start.1 => return Merged::Heading,
                _ if !starts || wide => return Merged::Torn(name_region(region)),
                _ => {}
            }
        }
        Merged::Free
    }
}

/// How merged cells touch a row that holds something.
enum Merged {
    /// Not in a way that hides a value.
    Free,
    /// Its only value spreads over several columns: a heading between rows.
    Heading,
    /// It shows values that stand elsewhere, or shows one in several columns.
    Torn(String),
}

fn name_region(region: &Dimensions) -> String {
    let cell = |(row, column): (u32, u32)| format!("{}{}", letters(column), row.saturating_add(1));
    format!("{}:{}", cell(region.start), cell(region.end))
}

/// The spreadsheet's name of a column: A to Z, AA and on.
pub fn letters(column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = u64::from(column) + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(b'A' + u8::try_from(rest % 26).unwrap_or_default());
        rest /= 26;
    }
    letters.into_iter().rev().map(char::from).collect()
}

/// The column names; places without one are blank.
fn names(header: &[(u32, Cell)]) -> Vec<String> {
    let mut names = Vec::new();
    for (column, cell) in header {
        let column = *column as usize;
        // A spreadsheet has at most 16 384 columns.
        if column < 16_384 {
            names.resize(names.len().max(column + 1), String::new());
            names[column] = match cell {
                Cell::Text(text) => text.clone(),
                Cell::Number(number) => number.to_string(),
                Cell::Bool(value) => value.to_string(),
                Cell::Date(year, month, day, _) => format!("{year:04}-{month:02}-{day:02}"),
                Cell::Bad(_, message, _) => message.clone(),
            };
        }
    }
    names
}

fn read_cell(value: DataRef<'_>) -> Option<Cell> {
    let text = |text: String| (!text.is_empty()).then_some(Cell::Text(text));
    match value {
        DataRef::Empty => None,
        DataRef::String(value) => text(value),
        DataRef::SharedString(value) => text(value.to_owned()),
        DataRef::Int(value) => text(value.to_string()),
        DataRef::Float(value) => Some(Cell::Number(value)),
        DataRef::Bool(value) => Some(Cell::Bool(value)),
        DataRef::DateTime(value) if value.is_datetime() => {
            let (year, month, day, hour, minute, second, milli) = value.to_ymd_hms_milli();
            let timed = value.as_f64() < 1.0 || (hour, minute, second, milli) != (0, 0, 0, 0);
            Some(Cell::Date(i32::from(year), month, day, timed))
        }
        DataRef::DateTimeIso(value) => match (value.get(..10), value.get(10..)) {
            (Some(date), Some("" | "T00:00:00" | "T00:00:00.000" | "T00:00:00Z")) => text(date.to_owned()),
            _ => text(value),
        },
        DataRef::DateTime(_) | DataRef::DurationIso(_) => Some(Cell::Bad(
            ProblemCode::WrongType,
            "the cell holds a stretch of time".to_owned(),
            "format the column as text, then write the value again",
        )),
        DataRef::Error(error) => Some(Cell::Bad(
            ProblemCode::WrongType,
            format!("the cell holds the error {error}"),
            "write the value, or empty the cell",
        )),
    }
}

/// The cells of a row as texts, one for each column, and those that cannot be taken.
fn texts<'c>(columns: &Columns, cells: Vec<(u32, Cell)>, reading: Reading) -> (Vec<Cow<'c, str>>, Vec<BadCell>) {
    let mut texts = vec![Cow::Borrowed(""); columns.columns.len()];
    let mut bad = Vec::new();
    for (column, cell) in cells {
        let index = column as usize;
        let shown = show(&cell);
        match columns.columns.get(index) {
            Some(Column::PassedOver) => {}
            Some(Column::Fills(field)) => match take(field.ty, cell, reading) {
                Ok(text) => texts[index] = Cow::Owned(text),
                Err((code, message, hint)) => {
                    texts[index] = Cow::Owned(shown);
                    bad.push(BadCell { cell: Some(index), code, message, hint });
                }
            },
            Some(Column::Blank) | None if shown.trim().is_empty() => {}
            Some(Column::Blank) | None => bad.push(BadCell {
                cell: Some(index),
                code: ProblemCode::BadFile,
                message: format!("`{}` stands in a column without a name", shorten(&shown)),
                hint: "name the column in the first row, or empty it".to_owned(),
            }),
        }
    }
    (texts, bad)
}

fn show(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => text.clone(),
        Cell::Number(number) => number.to_string(),
        Cell::Bool(value) => value.to_string(),
        Cell::Date(year, month, day, _) => format!("{year:04}-{month:02}-{day:02}"),
        Cell::Bad(_, message, _) => message.clone(),
    }
}

type Refusal = (ProblemCode, String, String);

/// What the field is given to read.
fn take(ty: &Type, cell: Cell, reading: Reading) -> Result<String, Refusal> {
    const AS_TEXT: &str = "format the column as text, then write the value again";
    let refuse = |code, message: String, hint: &str| Err((code, message, hint.to_owned()));
    match cell {
        Cell::Bad(code, message, hint) => refuse(code, message, hint),
        Cell::Text(text) => match ty {
            Type::Decimal => match reading.decimal(&text) {
                Ok(text) => Ok(text.into_owned()),
                Err((message, hint)) => Err((ProblemCode::NotANumber, message, hint)),
            },
            _ => Ok(text),
        },
        Cell::Number(number) => match exact(number) {
            Some(text) => Ok(text),
            None => {
                let message = format!("`{number}` has more digits than a spreadsheet keeps exactly");
                refuse(ProblemCode::NotANumber, message, "round it to what is meant, or write it as text")
            }
        },
        Cell::Bool(value) if matches!(ty, Type::Boolean) => Ok(value.to_string()),
        Cell::Bool(value) => {
            let message = format!("the spreadsheet holds the truth value {value} here");
            refuse(ProblemCode::WrongType, message, AS_TEXT)
        }
        Cell::Date(year, month, day, timed) => {
            let date = format!("{year:04}-{month:02}-{day:02}");
            match ty {
                _ if timed => refuse(ProblemCode::NotADate, format!("{date} stands here with a time of day"), AS_TEXT),
                Type::Date => Ok(date),
                // Who types `sep 2020` gets the first of September: a month, or that day?
                Type::Period if day == 1 => {
                    let message = format!("the spreadsheet holds the date {date} here: that day, or the whole month?");
                    let hint = format!("format the column as text, then write `{}` or `{date}`", &date[..7]);
                    Err((ProblemCode::NotAPeriod, message, hint))
                }
                Type::Period => Ok(date),
                _ => refuse(ProblemCode::WrongType, format!("the spreadsheet has made the date {date} of it"), AS_TEXT),
            }
        }
    }
}

/// The number in digits, when a spreadsheet keeps them all.
fn exact(number: f64) -> Option<String> {
    if !number.is_finite() {
        return None;
    }
    let digits = format!("{:e}", number.abs());
    let digits = digits.split('e').next().unwrap_or_default().bytes().filter(u8::is_ascii_digit).count();
    (digits <= DIGITS_MAX).then(|| if number == 0.0 { "0".to_owned() } else { number.to_string() })
}

#[cfg(test)]
mod tests;
