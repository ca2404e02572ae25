//! Workbooks: a sheet per kind, its first row the column names, whatever program wrote it. What a spreadsheet computed, rounded or
//! turned into a date on its own is refused rather than taken for what somebody wrote.

use std::borrow::Cow;
use std::sync::Arc;

use crate::commit::{Source, Within};
use crate::import::columns::{BadCell, Column, Columns};
use crate::import::format::shown::Grain;
use crate::import::kind_names::{computed, kind_named};
use crate::import::number::{Evidence, Reading};
use crate::import::options::Options;
use crate::import::report::Sink;
use crate::import::row::{Note, RowLocation, Table, problem};
use crate::model::problem::{WarningCode, nearest};
use crate::model::value::shorten;
use crate::model::{Kind, ProblemCode, Problems, Type};

/// Name of the sheet that exports begin with, which holds no records.
pub const ABOUT: &str = "About";
/// Name of the sheet that exports end with: what each column means.
pub const COLUMNS: &str = "Columns";
/// Name of the sheet of a template that holds the allowed words.
pub const WORDS: &str = "Words";
/// Most merged regions of a sheet.
pub const MERGED_MAX: usize = 1_000;
/// Most digits that a spreadsheet keeps exactly.
const DIGITS_MAX: usize = 15;
/// Most columns of a spreadsheet.
pub const WIDTH_MAX: usize = 16_384;

/// What a cell holds.
#[derive(Clone, Debug)]
pub enum Cell {
    /// A text.
    Text(String),
    /// A number, and how it is shown where that says more.
    Number(f64, Option<String>),
    /// A truth value.
    Bool(bool),
    /// A date.
    Date(Date),
    /// Why it is nothing to take, and what to do.
    Bad(ProblemCode, String, &'static str),
}

/// A date as a cell has it.
#[derive(Clone, Copy, Debug)]
pub struct Date {
    /// Year, month, day.
    pub ymd: (i32, u8, u8),
    /// Whether there is a time of day too.
    pub timed: bool,
    /// What of it is shown.
    pub grain: Grain,
}

impl Date {
    fn text(self) -> String {
        let (year, month, day) = self.ymd;
        format!("{year:04}-{month:02}-{day:02}")
    }
}

/// A row that holds something.
#[derive(Clone, Debug, Default)]
pub struct Line {
    /// Its number, from 1.
    pub number: u32,
    /// Whether it is hidden, or filtered out.
    pub hidden: bool,
    /// The filled cells, each with its column from 0.
    pub cells: Vec<(u32, Cell)>,
}

/// Cells that are merged, from 0, ends included.
#[derive(Clone, Copy, Debug)]
pub struct Region {
    /// First and last row.
    pub rows: (u32, u32),
    /// First and last column.
    pub columns: (u32, u32),
}

/// The rows of a sheet, one by one.
pub trait Grid {
    /// The next row that holds something.
    ///
    /// # Errors
    /// When the workbook does not read.
    fn next_line(&mut self) -> Result<Option<Line>, String>;
    /// The merged cells, as far as the rows so far may touch them.
    fn merged(&self) -> &[Region];
}

/// A sheet of a workbook.
#[derive(Clone, Debug)]
pub struct Tab {
    /// Its name.
    pub name: String,
    /// Whether it is hidden.
    pub hidden: bool,
}

/// A workbook.
pub trait Book {
    /// Its sheets.
    fn tabs(&self) -> Vec<Tab>;
    /// Begins to read one.
    ///
    /// # Errors
    /// When the workbook does not read.
    fn open(&mut self, tab: usize) -> Result<Box<dyn Grid + '_>, String>;
}

/// Reads all sheets.
///
/// # Errors
/// When the workbook does not read.
pub(in crate::import) fn read(book: &mut dyn Book, options: &Options, sink: &mut Sink<'_>) -> Result<(), String> {
    let tabs = book.tabs();
    let only = tabs.len() == 1;
    for (index, tab) in tabs.into_iter().enumerate() {
        let kind = match options.mapping.file(&tab.name) {
            Some(None) => {
                sink.report.sheets.push((tab.name, None, 0));
                continue;
            }
            Some(Some(kind)) => Some(kind),
            None => kind_named(&tab.name).or(if only { options.kind_of(&sink.report.name) } else { None }),
        };
        if kind.is_none() && [ABOUT, COLUMNS, WORDS].contains(&tab.name.as_str()) {
            sink.report.sheets.push((tab.name, None, 0));
            continue;
        }
        let grid = book.open(index)?;
        let at = Within::new(vec![sink.report.name.clone(), tab.name.clone()], "row");
        let mut sheet = Sheet { tab, at, grid };
        match kind {
            Some(kind) => sheet.read(kind, options, sink)?,
            None if sheet.grid.next_line()?.is_some() => {
                let name = &sheet.tab.name;
                let (message, hint) = computed(name, name).unwrap_or_else(|| {
                    let hint =
                        "name the sheet after its kind, such as `measures`, or say in a mapping file what it holds";
                    (format!("the sheet `{name}` is named after no kind of record"), hint)
                });
                let mut found = problem(sheet.at.steps(), ProblemCode::BadFile, message, hint);
                found.candidates = nearest(name, Kind::ALL.iter().map(|kind| kind.file()));
                sink.file(vec![found]);
            }
            None => sink.report.sheets.push((sheet.tab.name, None, 0)),
        }
    }
    Ok(())
}

/// A sheet being read.
struct Sheet<'b> {
    tab: Tab,
    at: Arc<Within>,
    grid: Box<dyn Grid + 'b>,
}

impl Sheet<'_> {
    fn read(&mut self, kind: Kind, options: &Options, sink: &mut Sink<'_>) -> Result<(), String> {
        let name = self.tab.name.clone();
        let place = sink.report.sheets.len();
        sink.report.sheets.push((name.clone(), Some(kind), 0));
        if self.grid.merged().len() > MERGED_MAX {
            let count = self.grid.merged().len();
            let message = format!("the sheet has {count} merged regions, at most {MERGED_MAX} are read");
            sink.file(vec![problem(self.at.steps(), ProblemCode::BadFile, message, "unmerge the cells")]);
            return Ok(());
        }
        let Some(Line { number, cells: header, .. }) = self.grid.next_line()? else { return Ok(()) };
        let (mapping, names) = (options.mapping.of(kind), names(&header));
        let mut problems = Problems::default();
        let header = names.iter().map(String::as_str);
        let columns = Columns::read(kind, Some(&name), header.clone(), mapping, &mut problems);
        columns.report(header, mapping, &mut sink.report);
        let problems = problems.into_vec_at(&self.row_at(number).path());
        sink.header(&columns.table, number as usize, problems, &columns.faulty);
        // Numbers are exact in themselves; only those written as texts can be unclear.
        let reading = options.reading().unwrap_or_else(|| Evidence::default().verdict());
        let mut hidden: Option<(u32, usize)> = None;
        while let Some(Line { number, hidden: is_hidden, cells }) = self.grid.next_line()? {
            let merged = self.merged_at(number, &cells);
            let (texts, mut bad) = texts(&columns, cells, reading);
            match merged {
                Merged::Free => {}
                Merged::Heading => {
                    sink.report.headings.push(format!("`{name}` row {number}"));
                    continue;
                }
                Merged::Torn(region) => bad.push(BadCell {
                    cell: None,
                    code: ProblemCode::BadFile,
                    message: format!("the cells {region} are merged, and only the first of them holds a value"),
                    hint: "unmerge them and fill each".to_owned(),
                }),
            }
            if texts.iter().all(|text| text.trim().is_empty()) && bad.is_empty() {
                continue;
            }
            if is_hidden {
                hidden = Some(hidden.map_or((number, 1), |(first, count)| (first, count + 1)));
            }
            let row = columns.row(self.row_at(number), number as usize, &texts, bad);
            sink.report.sheets[place].2 += usize::from(row.is_ok());
            sink.row(row);
        }
        if sink.report.sheets[place].2 > 0 {
            self.note_hidden(hidden, sink);
        }
        Ok(())
    }

    /// What nobody sees is read all the same, and told.
    fn note_hidden(&self, rows: Option<(u32, usize)>, sink: &mut Sink<'_>) {
        let table = Table { sheet: Some(self.tab.name.clone()), ..Table::default() };
        let mut note = |line: u32, message: String, hint: &str| {
            let place = RowLocation { table: Some(table.clone().into()), line: line as usize, column: None };
            sink.report.notes.push((place, Note::new(WarningCode::Hidden, "", message, hint)));
        };
        if self.tab.hidden {
            let message = format!("the sheet `{}` is hidden, and its rows are taken", self.tab.name);
            note(0, message, "delete the sheet if it is not meant, or pass it over in a mapping file");
        }
        if let Some((first, count)) = rows {
            let message = if count == 1 {
                "the row is hidden, and is taken".to_owned()
            } else {
                format!("{count} rows are hidden or filtered out, and are taken; this is the first of them")
            };
            note(first, message, "delete the rows if they are not meant");
        }
    }

    fn row_at(&self, line: u32) -> Source {
        Source::line(&self.at, line as usize)
    }

    fn merged_at(&self, line: u32, cells: &[(u32, Cell)]) -> Merged {
        let row = line - 1;
        for region in self.grid.merged().iter().filter(|region| (region.rows.0..=region.rows.1).contains(&row)) {
            let (wide, starts) = (region.columns.1 > region.columns.0, region.rows.0 == row);
            match cells {
                [(column, _)] if starts && wide && *column == region.columns.0 => return Merged::Heading,
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

fn name_region(region: &Region) -> String {
    let cell = |row: u32, column: u32| format!("{}{}", letters(column), row.saturating_add(1));
    format!("{}:{}", cell(region.rows.0, region.columns.0), cell(region.rows.1, region.columns.1))
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
        if column < WIDTH_MAX {
            names.resize(names.len().max(column + 1), String::new());
            names[column] = show(cell);
        }
    }
    names
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

/// What a person sees there.
fn show(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => text.clone(),
        Cell::Number(_, Some(shown)) => shown.clone(),
        Cell::Number(number, None) => number.to_string(),
        Cell::Bool(value) => value.to_string(),
        Cell::Date(date) => date.text(),
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
        // What counts is the number; what names things is what is seen.
        Cell::Number(_, Some(shown)) if !matches!(ty, Type::Decimal | Type::Int) => Ok(shown),
        Cell::Number(number, _) => match exact(number) {
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
        Cell::Date(date) => {
            let text = date.text();
            match ty {
                _ if date.timed => {
                    refuse(ProblemCode::NotADate, format!("{text} stands here with a time of day"), AS_TEXT)
                }
                Type::Date => Ok(text),
                Type::Period => match date.grain {
                    Grain::Year => Ok(text[..4].to_owned()),
                    Grain::Month => Ok(text[..7].to_owned()),
                    // Who types `sep 2020` gets the first of September: a month, or that day?
                    Grain::Day if date.ymd.2 == 1 => {
                        let message =
                            format!("the spreadsheet holds the date {text} here: that day, or the whole month?");
                        let hint = format!("format the column as text, then write `{}` or `{text}`", &text[..7]);
                        Err((ProblemCode::NotAPeriod, message, hint))
                    }
                    Grain::Day => Ok(text),
                },
                _ => refuse(ProblemCode::WrongType, format!("the spreadsheet has made the date {text} of it"), AS_TEXT),
            }
        }
    }
}

/// The number in digits, when a spreadsheet keeps them all.
pub(super) fn exact(number: f64) -> Option<String> {
    if !number.is_finite() {
        return None;
    }
    let digits = format!("{:e}", number.abs());
    let digits = digits.split('e').next().unwrap_or_default().bytes().filter(u8::is_ascii_digit).count();
    (digits <= DIGITS_MAX).then(|| if number == 0.0 { "0".to_owned() } else { number.to_string() })
}
