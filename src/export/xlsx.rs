//! Workbooks: a sheet for each kind, its first row the names of the fields, its cells typed; before them a sheet that says what
//! this is and at which revision. Sheets are written row by row, so that memory holds one row of them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::File;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, IgnoreError, Workbook, Worksheet, XlsxError,
};

use crate::export::cell::{Cell, Column, cells, columns, has_sources};
use crate::export::joined::{Joined, joined};
use crate::export::words::{holds, instant, prose};
use crate::export::{Choice, Export, ExportError};
use crate::import::format::sheet::{ABOUT, COLUMNS};
use crate::import::quote;
use crate::model::{Kind, Record, Unit};
use crate::work;

/// Most rows of a sheet, that of names among them.
pub(super) const ROWS_MAX: usize = 1_048_576;
/// Digits of a number that every spreadsheet program keeps. A longer one is written as text, or it would be another number.
const DIGITS_MAX: usize = 15;
/// Records that are looked at for the widths of columns.
const SAMPLE: usize = 200;
/// The number of that paper.
const A4: u8 = 9;
/// Bounds of the width of a column, in letters.
const WIDTH: (usize, usize) = (8, 48);

impl From<XlsxError> for ExportError {
    fn from(error: XlsxError) -> Self {
        Self::Workbook(error.to_string())
    }
}

/// Writes the workbook.
pub(super) fn write(export: &Export, file: &mut File) -> Result<(), ExportError> {
    guarded(|| {
        let mut book = Book::new(export.register.committed_at_ms())?;
        let kinds: Vec<Kind> = export
            .choice
            .kinds
            .iter()
            .copied()
            .filter(|kind| export.choice.kinds.len() == 1 || export.count(*kind) > 0)
            .collect();
        about(export, &kinds, &mut book)?;
        for kind in &kinds {
            sheet(&export.of(*kind), *kind, &mut book)?;
        }
        dictionary(&kinds, &export.choice, &mut book)?;
        Ok(book.workbook.save_to_writer(file)?)
    })
}

/// The library panics where the disk refuses a temporary file's bytes: told as what it is.
fn guarded(write: impl FnOnce() -> Result<(), ExportError>) -> Result<(), ExportError> {
    let hint = "the library that writes it failed; the log has the cause";
    work::try_out(write).unwrap_or_else(|_| Err(ExportError::Workbook(hint.to_owned())))
}

/// A table that is no kind's: names and rows of cells, as one sheet. `rows` hands on each row.
///
/// # Errors
/// When the workbook cannot be written.
pub fn write_table(
    name: &str,
    names: &[String],
    rows: impl FnOnce(&mut dyn FnMut(&[Cell<'_>])),
    committed_at_ms: i64,
    file: &mut File,
) -> Result<(), ExportError> {
    guarded(|| {
        let mut book = Book::new(committed_at_ms)?;
        let mut table = Table::new(&mut book, name, names)?;
        let mut widths: Vec<usize> = names.iter().map(|name| name.chars().count() + 3).collect();
        let mut written = Ok(());
        rows(&mut |row| {
            if written.is_err() {
                return;
            }
            if (table.rows as usize) < SAMPLE {
                widen(&mut widths, row);
            }
            let line = table.rows + 1;
            written = table.row(row).map_err(|misfit| misfit.of(&format!("row {line}"), names));
        });
        written?;
        table.end(&widths)?;
        Ok(book.workbook.save_to_writer(file)?)
    })
}

/// A workbook with the formats of its cells.
struct Book {
    workbook: Workbook,
    formats: Formats,
}

impl Book {
    fn new(created_ms: i64) -> Result<Self, ExportError> {
        let mut workbook = Workbook::new();
        // The same revision gives the same bytes.
        let created = ExcelDateTime::from_timestamp(created_ms.div_euclid(1000))?;
        workbook.set_properties(&DocProperties::new().set_title("Boordtabel").set_creation_datetime(&created));
        Ok(Self { workbook, formats: Formats::default() })
    }

    fn sheet(&mut self, name: &str) -> Result<&mut Worksheet, ExportError> {
        Ok(self.workbook.add_worksheet_with_constant_memory()?.set_name(name)?)
    }
}

/// The formats in use: of numbers by their unit and decimals.
#[derive(Default)]
struct Formats(HashMap<(String, u32), Format>);

impl Formats {
    fn number(&mut self, unit: Option<&str>, scale: u32) -> &Format {
        self.0.entry((unit.unwrap_or_default().to_owned(), scale)).or_insert_with(|| {
            let decimals =
                |count: u32| if count == 0 { String::new() } else { format!(".{}", "0".repeat(count as usize)) };
            let percent = decimals(scale.saturating_sub(2));
            // At the end room as wide as a dash, so that a number does not touch the text in the next cell.
            let pattern = match unit {
                Some(unit) if unit == Unit::Euro.word() => format!("\"€\" #,##0{}_-", decimals(scale)),
                Some(unit) if unit == Unit::Ratio.word() => format!("0{percent}%_-"),
                Some(unit) if unit == Unit::RatioPoints.word() => format!("0{percent}%\" pt\"_-"),
                _ => format!("#,##0{}_-", decimals(scale)),
            };
            Format::new().set_num_format(pattern)
        })
    }
}

fn heading() -> Format {
    Format::new()
        .set_bold()
        .set_background_color(Color::RGB(0xE8_EEF4))
        .set_border_bottom(FormatBorder::Thin)
        .set_align(FormatAlign::Top)
}

/// Why a row does not fit; which record it is is known to the caller.
enum Misfit {
    /// The text of that column is too long.
    Long(usize),
    Other(XlsxError),
}

impl Misfit {
    fn of(self, record: &str, names: &[String]) -> ExportError {
        match self {
            Self::Long(column) => ExportError::TooLong {
                record: record.to_owned(),
                column: names.get(column).cloned().unwrap_or_default(),
            },
            Self::Other(error) => error.into(),
        }
    }
}

/// A sheet with a row of names, which stays in view, and a filter.
struct Table<'b> {
    sheet: &'b mut Worksheet,
    formats: &'b mut Formats,
    columns: usize,
    rows: u32,
    day: Format,
    whole: Format,
}

impl<'b> Table<'b> {
    fn new(book: &'b mut Book, name: &str, names: &[String]) -> Result<Self, ExportError> {
        let Book { workbook, formats } = book;
        let sheet = workbook.add_worksheet_with_constant_memory()?.set_name(name)?;
        let heading = heading();
        for (column, name) in names.iter().enumerate() {
            sheet.write_string_with_format(0, at(column), name, &heading)?;
        }
        sheet.set_freeze_panes(1, 1)?;
        // As it is printed: on its side, the names on every page.
        sheet.set_landscape().set_paper_size(A4).set_repeat_rows(0, 0)?;
        let format = |pattern: &str| Format::new().set_num_format(pattern);
        Ok(Self { sheet, formats, columns: names.len(), rows: 0, day: format("yyyy-mm-dd"), whole: format("0_-") })
    }

    fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), Misfit> {
        self.rows += 1;
        for (column, cell) in cells.iter().enumerate() {
            self.cell(at(column), cell).map_err(|error| match error {
                XlsxError::MaxStringLengthExceeded => Misfit::Long(column),
                other => Misfit::Other(other),
            })?;
        }
        Ok(())
    }

    fn cell(&mut self, column: u16, cell: &Cell<'_>) -> Result<(), XlsxError> {
        let (sheet, row) = (&mut *self.sheet, self.rows);
        match cell {
            Cell::Empty => return Ok(()),
            Cell::Text(text) => sheet.write_string(row, column, quote::for_workbook(text))?,
            Cell::Decimal(value, unit) => match exact(value) {
                Some(number) => {
                    sheet.write_number_with_format(row, column, number, self.formats.number(*unit, value.scale()))?
                }
                None => sheet.write_string(row, column, value.to_string())?,
            },
            // A whole number is a year, a page or a place in a list: without separators.
            Cell::Int(value) => {
                sheet.write_number_with_format(row, column, value.to_f64().unwrap_or_default(), &self.whole)?
            }
            Cell::Bool(value) => sheet.write_boolean(row, column, *value)?,
            Cell::Date(date) => {
                let text = date.to_string();
                // What spreadsheets take for the days before is one off.
                if text.as_str() < "1900-03-01" {
                    sheet.write_string(row, column, text)?
                } else {
                    sheet.write_datetime_with_format(row, column, ExcelDateTime::parse_from_str(&text)?, &self.day)?
                }
            }
        };
        Ok(())
    }

    /// Sets what is known when all rows are.
    fn end(self, widths: &[usize]) -> Result<(), ExportError> {
        let last = at(self.columns.saturating_sub(1));
        for (column, width) in widths.iter().enumerate() {
            self.sheet.set_column_width(at(column), u32::try_from((*width).clamp(WIDTH.0, WIDTH.1)).unwrap_or(8))?;
        }
        self.sheet.autofilter(0, 0, self.rows, last)?;
        // Years and codes of digits are texts on purpose.
        self.sheet.ignore_error_range(0, 0, self.rows, last, IgnoreError::NumberStoredAsText)?;
        Ok(())
    }
}

/// The number as a spreadsheet keeps it, if it keeps it.
fn exact(value: &Decimal) -> Option<f64> {
    let plain = value.normalize();
    let digits = plain.mantissa().unsigned_abs().to_string().len();
    if digits > DIGITS_MAX { None } else { plain.to_string().parse().ok() }
}

fn at(column: usize) -> u16 {
    u16::try_from(column).unwrap_or(u16::MAX)
}

fn widen(widths: &mut [usize], cells: &[Cell<'_>]) {
    for (width, cell) in widths.iter_mut().zip(cells) {
        let found = match cell {
            Cell::Text(text) => {
                text.lines().map(|line| line.chars().take(WIDTH.1).count()).max().unwrap_or_default() + 1
            }
            Cell::Decimal(value, _) => value.to_string().len() + 6,
            Cell::Date(_) => 12,
            Cell::Empty | Cell::Int(_) | Cell::Bool(_) => 0,
        };
        *width = (*width).max(found);
    }
}

/// The sheet of a kind.
fn sheet(export: &Export, kind: Kind, book: &mut Book) -> Result<(), ExportError> {
    let found = export.count(kind);
    if found >= ROWS_MAX {
        return Err(ExportError::TooManyRows { kind: kind.many(), limit: ROWS_MAX - 1, found });
    }
    let (joined, columns) = all_columns(kind, &export.choice);
    let names: Vec<String> = columns.iter().map(|column| column.path.clone()).collect();
    let mut widths: Vec<usize> = names.iter().map(|name| name.chars().count() + 3).collect();
    let mut table = Table::new(book, &sheet_name(export, kind), &names)?;
    for (index, node) in export.rows().enumerate() {
        let mut row = cells(&node.record, export.choice.sources);
        row.splice(AFTER_KEY..AFTER_KEY, joined.iter().map(|it| it.cell(&export.register, &node)));
        if index < SAMPLE {
            widen(&mut widths, &row);
        }
        table.row(&row).map_err(|misfit| misfit.of(&format!("{} `{}`", kind.one(), node.key), &names))?;
    }
    // Where things were printed is folded away, a click on the + above the columns shows it.
    let mut start = 0;
    for run in columns.chunk_by(|left, right| left.source == right.source) {
        let end = start + run.len();
        if run[0].source {
            table.sheet.group_columns_collapsed(at(start), at(end - 1))?;
        }
        start = end;
    }
    table.end(&widths)
}

/// The names beside the keys stand after the first column, which is the key.
const AFTER_KEY: usize = 1;

/// The columns of names, if there are to be any, and all columns with them.
fn all_columns(kind: Kind, choice: &Choice) -> (Vec<Joined>, Vec<Column>) {
    let joined = if choice.names { joined(kind) } else { Vec::new() };
    let mut columns = columns(kind, choice.sources);
    columns.splice(AFTER_KEY..AFTER_KEY, joined.iter().map(Joined::column));
    (joined, columns)
}

/// The kind's name; another where something is left out or added, so that no import takes the sheet for the records of the kind.
fn sheet_name(export: &Export, kind: Kind) -> String {
    let left_out = !export.choice.sources && has_sources(kind);
    let mark = match (export.choice.names, left_out) {
        (true, _) => " (names)",
        (_, true) => " (no src)",
        _ => "",
    };
    format!("{}{mark}", kind.file())
}

/// The first sheet: what this is, of when, and what each sheet holds. Labels in English and Dutch.
fn about(export: &Export, kinds: &[Kind], book: &mut Book) -> Result<(), ExportError> {
    let register = &export.register;
    let title = Format::new().set_bold().set_font_size(16);
    let (bold, heading) = (Format::new().set_bold(), heading());
    let sheet = book.sheet(ABOUT)?;
    sheet.write_string_with_format(0, 0, "Boordtabel", &title)?;
    let plans: Vec<String> = register
        .all(Kind::Plan)
        .filter_map(|node| match &node.record {
            Record::Plan(plan) => Some(format!("{} ({})", plan.title, plan.year)),
            _ => None,
        })
        .collect();
    let sources = if export.choice.names {
        "with the names of what records refer to beside the keys (met namen naast de sleutels); for reading, not for import"
    } else if export.choice.sources {
        "complete: `boordtabel import` takes it back; columns with sources are folded (bronkolommen: klik op +)"
    } else {
        "without the columns that say where things were printed; for reading, not for import"
    };
    let rows = [
        ("Plans (ondernemingsplannen)", plans.join("; ")),
        ("Revision (revisie van het register)", register.revision().to_string()),
        ("Committed at (vastgelegd op, UTC)", instant(register.committed_at_ms())),
        ("Content (inhoud)", sources.to_owned()),
        ("Made by (gemaakt door)", format!("boordtabel {}", env!("CARGO_PKG_VERSION"))),
    ];
    let mut row = 2;
    for (label, text) in rows {
        sheet.write_string_with_format(row, 0, label, &bold)?.write_string(row, 1, text)?;
        row += 1;
    }
    row += 1;
    for (column, name) in ["Sheet (werkblad)", "Records (rijen)", "Meaning (betekenis)"].iter().enumerate() {
        sheet.write_string_with_format(row, at(column), *name, &heading)?;
    }
    for kind in kinds {
        row += 1;
        let name = sheet_name(export, *kind);
        let link = format!("internal:'{name}'!A1");
        sheet.write_url_with_text(row, 0, link.as_str(), name)?;
        sheet.write_number(row, 1, export.count(*kind).to_f64().unwrap_or_default())?;
        sheet.write_string(row, 2, prose(kind.info().doc))?;
    }
    row += 1;
    sheet.write_url_with_text(row, 0, format!("internal:'{COLUMNS}'!A1").as_str(), COLUMNS)?;
    sheet.write_string(row, 2, "What each column means (betekenis van elke kolom).")?;
    sheet.set_column_width(0, 36)?.set_column_width(1, 28)?.set_column_width(2, 100)?;
    Ok(())
}

/// The last sheet: what each column means.
fn dictionary(kinds: &[Kind], choice: &Choice, book: &mut Book) -> Result<(), ExportError> {
    let names = ["Sheet", "Column", "Holds", "Required", "Meaning"].map(str::to_owned);
    let mut table = Table::new(book, COLUMNS, &names)?;
    for kind in kinds {
        for Column { path, ty, doc, required, .. } in all_columns(*kind, choice).1 {
            let texts =
                [kind.file().to_owned(), path, holds(ty), if required { "yes" } else { "" }.to_owned(), prose(doc)];
            let cells = texts.map(|text| if text.is_empty() { Cell::Empty } else { Cell::Text(Cow::Owned(text)) });
            table.row(&cells).map_err(|misfit| misfit.of(kind.file(), &names))?;
        }
    }
    table.end(&[24, 32, 32, 10, 48])
}
