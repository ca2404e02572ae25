//! ODS: what LibreOffice writes. A cell has its value and, beside it, the text that is seen.

use std::collections::HashSet;
use std::io::{BufReader, Cursor};

use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;
use zip::read::ZipFile;

use crate::import::format::sheet::{self, Book, Cell, Date, Grid, Line, Region, Tab, WIDTH_MAX, exact};
use crate::import::format::shown::Grain;
use crate::import::format::unpack::{UNPACKED_BYTES_MAX, look_through};
use crate::import::format::xml::{Xml, attribute, push_entity};
use crate::import::options::Options;
use crate::import::report::Sink;
use crate::model::ProblemCode;

/// The part that holds everything.
const CONTENT: &str = "content.xml";
/// Most times that a row with values may be repeated.
const REPEATED_MAX: u32 = 10_000;

type Part<'p, 'b> = Xml<BufReader<ZipFile<'p, Cursor<&'b [u8]>>>>;

/// Reads all sheets.
///
/// # Errors
/// When the workbook does not read.
pub(in crate::import) fn read(bytes: &[u8], options: &Options, sink: &mut Sink<'_>) -> Result<(), String> {
    look_through(bytes, UNPACKED_BYTES_MAX)?;
    sheet::read(&mut Workbook::open(bytes)?, options, sink)
}

/// A workbook: its sheets, in their order.
struct Workbook<'b> {
    archive: ZipArchive<Cursor<&'b [u8]>>,
    tabs: Vec<Tab>,
}

impl<'b> Workbook<'b> {
    fn open(bytes: &'b [u8]) -> Result<Self, String> {
        let archive =
            ZipArchive::new(Cursor::new(bytes)).map_err(|error| format!("the file is no workbook: {error}"))?;
        let mut book = Self { archive, tabs: Vec::new() };
        let (mut tabs, mut hidden, mut style) = (Vec::new(), HashSet::new(), String::new());
        let mut xml = book.content()?;
        loop {
            match xml.event()? {
                Event::Start(start) => match start.local_name().as_ref() {
                    "style" => style = attribute(&start, "name").unwrap_or_default(),
                    "table-properties" if attribute(&start, "display").as_deref() == Some("false") => {
                        hidden.insert(style.clone());
                    }
                    "table" => {
                        let of = attribute(&start, "style-name").unwrap_or_default();
                        let name = attribute(&start, "name").unwrap_or_default();
                        tabs.push(Tab { name, hidden: hidden.contains(&of) });
                        xml.skip()?;
                    }
                    _ => {}
                },
                Event::Eof => break,
                _ => {}
            }
        }
        drop(xml);
        book.tabs = tabs;
        Ok(book)
    }

    fn content(&mut self) -> Result<Part<'_, 'b>, String> {
        let file = self.archive.by_name(CONTENT);
        let file = file.map_err(|error| format!("the workbook does not read: {error}"))?;
        Ok(Xml::new(BufReader::with_capacity(32 * 1024, file)))
    }
}

impl Book for Workbook<'_> {
    fn tabs(&self) -> Vec<Tab> {
        self.tabs.clone()
    }

    fn open(&mut self, tab: usize) -> Result<Box<dyn Grid + '_>, String> {
        let mut xml = self.content()?;
        let mut left = tab;
        loop {
            match xml.event()? {
                Event::Start(start) if start.local_name().as_ref() == "table" => {
                    if left == 0 {
                        let rows = Rows { xml, merged: Vec::new(), number: 0, repeated: None };
                        return Ok(Box::new(rows));
                    }
                    left -= 1;
                    xml.skip()?;
                }
                Event::Eof => return Err("the workbook does not read: a sheet is missing".to_owned()),
                _ => {}
            }
        }
    }
}

/// The rows of a sheet.
struct Rows<'p, 'b> {
    xml: Part<'p, 'b>,
    merged: Vec<Region>,
    /// The row so far, from 1.
    number: u32,
    /// A row that is still to be given so often.
    repeated: Option<(Line, u32)>,
}

impl Grid for Rows<'_, '_> {
    fn next_line(&mut self) -> Result<Option<Line>, String> {
        if let Some((line, left)) = self.repeated.take() {
            let line = Line { number: line.number + 1, ..line };
            if left > 1 {
                self.repeated = Some((line.clone(), left - 1));
            }
            return Ok(Some(line));
        }
        loop {
            let (times, hidden) = match self.xml.event()? {
                Event::Start(start) => match start.local_name().as_ref() {
                    "table-row" => {
                        let hidden = attribute(&start, "visibility").is_some_and(|it| it != "visible");
                        (count(&start, "number-rows-repeated"), hidden)
                    }
                    // Rows may stand in groups; sheets may hold forms, shapes and changes.
                    "table-row-group" | "table-rows" | "table-header-rows" => continue,
                    _ => {
                        self.xml.skip()?;
                        continue;
                    }
                },
                Event::End(end) if end.local_name().as_ref() == "table" => return Ok(None),
                Event::Eof => return Ok(None),
                _ => continue,
            };
            let number = self.number.saturating_add(1);
            let cells = self.cells(number)?;
            self.number = self.number.saturating_add(times);
            if cells.is_empty() {
                continue;
            }
            if times > REPEATED_MAX {
                return Err(format!("row {number} of a sheet is there {times} times"));
            }
            let line = Line { number, hidden, cells };
            if times > 1 {
                self.repeated = Some((line.clone(), times - 1));
            }
            return Ok(Some(line));
        }
    }

    fn merged(&self) -> &[Region] {
        &self.merged
    }
}

fn count(start: &BytesStart<'_>, name: &str) -> u32 {
    attribute(start, name).and_then(|it| it.parse().ok()).filter(|it| *it > 0).unwrap_or(1)
}

impl Rows<'_, '_> {
    fn cells(&mut self, number: u32) -> Result<Vec<(u32, Cell)>, String> {
        let mut cells = Vec::new();
        let mut column = 0_u32;
        loop {
            let head = match self.xml.event()? {
                Event::Start(start) => match start.local_name().as_ref() {
                    "table-cell" | "covered-table-cell" => Head::of(&start),
                    _ => {
                        self.xml.skip()?;
                        continue;
                    }
                },
                Event::End(end) if end.local_name().as_ref() == "table-row" => return Ok(cells),
                Event::Eof => return Err("the workbook does not read: a sheet ends too early".to_owned()),
                _ => continue,
            };
            if head.wide > 1 || head.high > 1 {
                let rows = (number - 1, (number - 1).saturating_add(head.high - 1));
                self.merged.push(Region { rows, columns: (column, column.saturating_add(head.wide - 1)) });
            }
            let text = self.text()?;
            if let Some(cell) = head.cell(text) {
                let last = column.saturating_add(head.times).min(u32::try_from(WIDTH_MAX).unwrap_or(u32::MAX));
                cells.extend((column..last).map(|column| (column, cell.clone())));
            }
            column = column.saturating_add(head.times);
        }
    }

    /// The text that is seen in a cell: its paragraphs, a line each.
    fn text(&mut self) -> Result<String, String> {
        let (mut text, mut depth, mut first) = (String::new(), 0_usize, true);
        loop {
            match self.xml.event()? {
                Event::Start(start) => match start.local_name().as_ref() {
                    // A note at the cell is no part of it.
                    "annotation" | "shape" | "frame" => self.xml.skip()?,
                    name => {
                        if name == "p" && !std::mem::take(&mut first) {
                            text.push('\n');
                        }
                        match name {
                            // Blanks that would be one otherwise.
                            "s" => (0..count(&start, "c").min(1_000)).for_each(|_| text.push(' ')),
                            "tab" => text.push('\t'),
                            "line-break" => text.push('\n'),
                            _ => {}
                        }
                        depth += 1;
                    }
                },
                Event::End(_) if depth == 0 => return Ok(text),
                Event::End(_) => depth -= 1,
                Event::Text(piece) if depth > 0 => text.push_str(&piece.xml10_content()),
                Event::CData(piece) if depth > 0 => text.push_str(&piece.xml10_content()),
                Event::GeneralRef(entity) if depth > 0 => push_entity(&entity, &mut text),
                Event::Eof => return Err("the workbook does not read: a sheet ends too early".to_owned()),
                _ => {}
            }
        }
    }
}

/// What the attributes of a cell say.
#[derive(Default)]
struct Head {
    times: u32,
    wide: u32,
    high: u32,
    ty: String,
    value: String,
    computed: bool,
}

impl Head {
    fn of(start: &BytesStart<'_>) -> Self {
        let any = |names: &[&str]| names.iter().find_map(|name| attribute(start, name)).unwrap_or_default();
        Self {
            times: count(start, "number-columns-repeated"),
            wide: count(start, "number-columns-spanned"),
            high: count(start, "number-rows-spanned"),
            ty: any(&["value-type"]),
            value: any(&["value", "date-value", "boolean-value", "string-value"]),
            computed: attribute(start, "formula").is_some(),
        }
    }

    fn cell(&self, text: String) -> Option<Cell> {
        let bad = |message: String, hint| Some(Cell::Bad(ProblemCode::WrongType, message, hint));
        if self.computed {
            let hint = "replace it by its value: copy the cells, then paste them as values";
            return bad("the cell holds a formula".to_owned(), hint);
        }
        match self.ty.as_str() {
            "float" | "percentage" | "currency" => {
                let number: f64 = self.value.parse().ok()?;
                Some(Cell::Number(number, seen(number, text)))
            }
            "boolean" => Some(Cell::Bool(self.value == "true")),
            "date" => Some(self.date(&text).map_or(Cell::Text(text), Cell::Date)),
            "time" => bad(
                "the cell holds a stretch of time".to_owned(),
                "format the column as text, then write the value again",
            ),
            // What an error shows is no text of anybody.
            _ if text.is_empty() => (!self.value.is_empty()).then(|| Cell::Text(self.value.clone())),
            _ => Some(Cell::Text(text)),
        }
    }

    fn date(&self, text: &str) -> Option<Date> {
        let (date, time) = self.value.split_once('T').unwrap_or((&self.value, ""));
        let parsed: jiff::civil::Date = date.parse().ok()?;
        let part = |it: i8| u8::try_from(it).unwrap_or_default();
        // What is seen of it: a year alone has four digits, and a month has no day beside it.
        let digits = text.split(|letter: char| !letter.is_ascii_digit()).filter(|run| !run.is_empty());
        let has_words = text.chars().any(char::is_alphabetic);
        let grain = match (digits.count(), has_words) {
            (1, false) if text.trim().len() == 4 => Grain::Year,
            (1, true) | (2, false) => Grain::Month,
            _ => Grain::Day,
        };
        Some(Date {
            ymd: (i32::from(parsed.year()), part(parsed.month()), part(parsed.day())),
            timed: time.bytes().any(|byte| (b'1'..=b'9').contains(&byte)),
            grain,
        })
    }
}

/// What is seen of a number, where that says more than its digits: not where they are only grouped, or rounded.
fn seen(number: f64, text: String) -> Option<String> {
    let digits = exact(number)?;
    let bare: String =
        text.chars().filter(|letter| !matches!(letter, '.' | ',' | ' ' | '\u{a0}' | '\u{202f}')).collect();
    let same = bare == digits.replace('.', "") || text.replace(',', ".") == digits;
    (!same && !text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests;
