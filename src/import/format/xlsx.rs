//! XLSX: what spreadsheet programs have written since 2007, read part by part as it stands in the archive. A library would tell
//! either formulas or formats, and no hidden rows.

use std::collections::HashMap;
use std::io::{BufReader, Cursor};

use jiff::civil;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;
use zip::read::ZipFile;

use crate::import::format::sheet::{self, Book, Cell, Date, Grid, Line, Region, Tab, exact};
use crate::import::format::shown::{Form, Grain};
use crate::import::format::unpack::{Seen, UNPACKED_BYTES_MAX, look_through};
use crate::import::format::xml::{Xml, attribute};
use crate::import::options::Options;
use crate::import::report::Sink;
use crate::model::ProblemCode;

type Archive<'b> = ZipArchive<Cursor<&'b [u8]>>;
type Part<'p, 'b> = Xml<BufReader<ZipFile<'p, Cursor<&'b [u8]>>>>;

/// Reads all sheets.
///
/// # Errors
/// When the workbook does not read.
pub(in crate::import) fn read(bytes: &[u8], options: &Options, sink: &mut Sink<'_>) -> Result<(), String> {
    let seen = look_through(bytes, UNPACKED_BYTES_MAX)?;
    sheet::read(&mut Workbook::open(bytes, seen)?, options, sink)
}

/// A workbook: where its sheets are, its texts and its formats.
pub struct Workbook<'b> {
    archive: Archive<'b>,
    seen: Seen,
    /// Each sheet, and its part.
    tabs: Vec<(Tab, String)>,
    texts: Texts,
    forms: Vec<Form>,
    /// Whether days are counted from 1904.
    late: bool,
}

/// All texts of a workbook, one after the other.
#[derive(Default)]
struct Texts {
    all: String,
    ends: Vec<usize>,
}

impl Texts {
    fn get(&self, index: usize) -> Option<&str> {
        let start = if index == 0 { 0 } else { *self.ends.get(index - 1)? };
        self.all.get(start..*self.ends.get(index)?)
    }
}

impl<'b> Workbook<'b> {
    /// Reads what the sheets have in common.
    ///
    /// # Errors
    /// When it does not read.
    pub fn open(bytes: &'b [u8], seen: Seen) -> Result<Self, String> {
        let archive =
            ZipArchive::new(Cursor::new(bytes)).map_err(|error| format!("the file is no workbook: {error}"))?;
        let mut book =
            Self { archive, seen, tabs: Vec::new(), texts: Texts::default(), forms: Vec::new(), late: false };
        let main = book.related("", "officeDocument")?.into_values().next();
        let main = main.ok_or("the workbook does not read: it has no list of sheets")?;
        let sheets = book.related(&main, "worksheet")?;
        book.read_tabs(&main, &sheets)?;
        if let Some(part) = book.one(&main, "sharedStrings")? {
            book.read_texts(&part)?;
        }
        if let Some(part) = book.one(&main, "styles")? {
            book.read_forms(&part)?;
        }
        Ok(book)
    }

    fn part(&mut self, name: &str) -> Result<Part<'_, 'b>, String> {
        part(&mut self.archive, &self.seen, name)
    }

    /// The parts that a part is related to in that way, by the names it has for them.
    fn related(&mut self, part: &str, way: &str) -> Result<HashMap<String, String>, String> {
        let (folder, file) = part.rsplit_once('/').map_or(("", part), |(folder, file)| (folder, file));
        let path =
            |folder: &str, name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        let list = path(folder, &format!("_rels/{file}.rels"));
        let mut found = HashMap::new();
        let mut xml = self.part(&list)?;
        loop {
            match xml.next()? {
                Event::Start(start) if start.local_name().as_ref() == "Relationship" => {
                    let is_one = attribute(&start, "Type").is_some_and(|it| it.rsplit('/').next() == Some(way));
                    if let (true, Some(id), Some(target)) =
                        (is_one, attribute(&start, "Id"), attribute(&start, "Target"))
                    {
                        let target = match target.strip_prefix('/') {
                            Some(whole) => whole.to_owned(),
                            None => path(folder, &target),
                        };
                        found.insert(id, target);
                    }
                }
                Event::Eof => return Ok(found),
                _ => {}
            }
        }
    }

    /// The one part of that sort; some programs do not say that it is related.
    fn one(&mut self, main: &str, sort: &str) -> Result<Option<String>, String> {
        let usual = format!("xl/{sort}.xml");
        let related = self.related(main, sort)?.into_values().next();
        Ok(related.or_else(|| self.seen.parts.contains(&usual).then_some(usual)))
    }

    fn read_tabs(&mut self, main: &str, sheets: &HashMap<String, String>) -> Result<(), String> {
        let (mut tabs, mut late) = (Vec::new(), false);
        let mut xml = self.part(main)?;
        loop {
            match xml.next()? {
                Event::Start(start) => match start.local_name().as_ref() {
                    "workbookPr" => late = attribute(&start, "date1904").is_some_and(|it| is_true(&it)),
                    "sheet" => {
                        let hidden = attribute(&start, "state").is_some_and(|state| state != "visible");
                        let name = attribute(&start, "name").unwrap_or_default();
                        // Sheets of charts and of macros are related in other ways.
                        if let Some(part) = attribute(&start, "id").and_then(|id| sheets.get(&id)) {
                            tabs.push((Tab { name, hidden }, part.clone()));
                        }
                    }
                    _ => {}
                },
                Event::Eof => break,
                _ => {}
            }
        }
        drop(xml);
        (self.tabs, self.late) = (tabs, late);
        Ok(())
    }

    fn read_texts(&mut self, part: &str) -> Result<(), String> {
        let mut texts = Texts::default();
        let mut xml = self.part(part)?;
        loop {
            match xml.next()? {
                Event::Start(start) if start.local_name().as_ref() == "si" => {
                    let start = texts.all.len();
                    // How a word is pronounced is no part of it.
                    xml.text(&["rPh"], &mut texts.all)?;
                    if let Some(plain) = unescaped(&texts.all[start..]) {
                        texts.all.replace_range(start.., &plain);
                    }
                    texts.ends.push(texts.all.len());
                }
                Event::Eof => break,
                _ => {}
            }
        }
        drop(xml);
        self.texts = texts;
        Ok(())
    }

    fn read_forms(&mut self, part: &str) -> Result<(), String> {
        let mut codes: HashMap<u32, Form> = HashMap::new();
        let mut forms = Vec::new();
        let mut in_cells = false;
        let mut xml = self.part(part)?;
        let number = |start: &BytesStart<'_>| attribute(start, "numFmtId").and_then(|it| it.parse().ok());
        loop {
            match xml.next()? {
                Event::Start(start) => match start.local_name().as_ref() {
                    "numFmt" => {
                        if let (Some(id), Some(code)) = (number(&start), attribute(&start, "formatCode")) {
                            codes.insert(id, Form::of(&code));
                        }
                    }
                    "cellXfs" => in_cells = true,
                    "xf" if in_cells => {
                        let id = number(&start).unwrap_or_default();
                        forms.push(codes.get(&id).cloned().unwrap_or_else(|| Form::numbered(id)));
                    }
                    _ => {}
                },
                Event::End(end) if end.local_name().as_ref() == "cellXfs" => in_cells = false,
                Event::Eof => break,
                _ => {}
            }
        }
        drop(xml);
        self.forms = forms;
        Ok(())
    }

    /// The merged cells of a sheet, which stand at its end.
    fn merged(&mut self, part: &str) -> Result<Vec<Region>, String> {
        let mut regions = Vec::new();
        if !self.seen.merging.iter().any(|it| it.eq_ignore_ascii_case(part)) {
            return Ok(regions);
        }
        let mut xml = self.part(part)?;
        loop {
            match xml.next()? {
                Event::Start(start) => match start.local_name().as_ref() {
                    "sheetData" => xml.skip()?,
                    "mergeCell" => regions.extend(attribute(&start, "ref").and_then(|it| region(&it))),
                    _ => {}
                },
                Event::Eof => return Ok(regions),
                _ => {}
            }
        }
    }
}

impl Book for Workbook<'_> {
    fn tabs(&self) -> Vec<Tab> {
        self.tabs.iter().map(|(tab, _)| tab.clone()).collect()
    }

    fn open(&mut self, tab: usize) -> Result<Box<dyn Grid + '_>, String> {
        let name = self.tabs.get(tab).map(|(_, part)| part.clone()).unwrap_or_default();
        let merged = self.merged(&name)?;
        let xml = part(&mut self.archive, &self.seen, &name)?;
        Ok(Box::new(Rows { xml, merged, texts: &self.texts, forms: &self.forms, late: self.late, number: 0 }))
    }
}

/// A part of the archive. Some programs write the names of parts in other letters than they are stored with.
fn part<'p, 'b>(archive: &'p mut Archive<'b>, seen: &Seen, name: &str) -> Result<Part<'p, 'b>, String> {
    let same = || seen.parts.iter().find(|part| part.eq_ignore_ascii_case(name));
    let stored = seen.parts.get(name).or_else(same);
    let stored = stored.ok_or_else(|| format!("the workbook does not read: it has no part `{name}`"))?;
    let file = archive.by_name(stored);
    let file = file.map_err(|error| format!("the workbook does not read: `{stored}`: {error}"))?;
    Ok(Xml::new(BufReader::with_capacity(32 * 1024, file)))
}

/// The rows of a sheet.
struct Rows<'p, 'b> {
    xml: Part<'p, 'b>,
    merged: Vec<Region>,
    texts: &'p Texts,
    forms: &'p [Form],
    late: bool,
    /// The row so far, from 1.
    number: u32,
}

impl Grid for Rows<'_, '_> {
    fn next_line(&mut self) -> Result<Option<Line>, String> {
        loop {
            match self.xml.next()? {
                Event::Start(start) if start.local_name().as_ref() == "row" => {
                    let stated = attribute(&start, "r").and_then(|it| it.parse().ok());
                    self.number = stated.filter(|it| *it > 0).unwrap_or(self.number.saturating_add(1));
                    let hidden = attribute(&start, "hidden").is_some_and(|it| is_true(&it));
                    let cells = self.cells()?;
                    if !cells.is_empty() {
                        return Ok(Some(Line { number: self.number, hidden, cells }));
                    }
                }
                Event::End(end) if end.local_name().as_ref() == "sheetData" => return Ok(None),
                Event::Eof => return Ok(None),
                _ => {}
            }
        }
    }

    fn merged(&self) -> &[Region] {
        &self.merged
    }
}

/// What the attributes of a cell say.
struct Head {
    column: u32,
    ty: String,
    style: usize,
}

impl Rows<'_, '_> {
    fn cells(&mut self) -> Result<Vec<(u32, Cell)>, String> {
        let mut cells = Vec::new();
        let mut next = 0;
        loop {
            let head = match self.xml.next()? {
                Event::Start(start) if start.local_name().as_ref() == "c" => Head::of(&start, next),
                Event::End(end) if end.local_name().as_ref() == "row" => return Ok(cells),
                Event::Eof => return Err("the workbook does not read: a sheet ends too early".to_owned()),
                _ => continue,
            };
            next = head.column.saturating_add(1);
            if let Some(cell) = self.cell(&head)? {
                cells.push((head.column, cell));
            }
        }
    }

    fn cell(&mut self, head: &Head) -> Result<Option<Cell>, String> {
        let (mut value, mut computed) = (String::new(), false);
        loop {
            match self.xml.next()? {
                Event::Start(start) => match start.local_name().as_ref() {
                    "f" => {
                        computed = true;
                        self.xml.skip()?;
                    }
                    "v" | "is" => self.xml.text(&["rPh"], &mut value)?,
                    _ => self.xml.skip()?,
                },
                Event::End(_) => break,
                Event::Eof => return Err("the workbook does not read: a sheet ends too early".to_owned()),
                _ => {}
            }
        }
        if computed {
            return Ok(Some(Cell::Bad(
                ProblemCode::WrongType,
                "the cell holds a formula".to_owned(),
                "replace it by its value: copy the cells, then paste them as values",
            )));
        }
        Ok(self.value(head, value))
    }

    fn value(&self, head: &Head, value: String) -> Option<Cell> {
        let text = |text: &str| (!text.is_empty()).then(|| Cell::Text(text.to_owned()));
        match head.ty.as_str() {
            "s" => text(self.texts.get(value.trim().parse().ok()?)?),
            "inlineStr" | "str" => text(&unescaped(&value).unwrap_or(value)),
            "b" => Some(Cell::Bool(is_true(value.trim()))),
            "e" => Some(Cell::Bad(
                ProblemCode::WrongType,
                format!("the cell holds the error {value}"),
                "write the value, or empty the cell",
            )),
            "d" => match (value.get(..10), value.get(10..)) {
                (Some(date), Some("" | "T00:00:00" | "T00:00:00.000" | "T00:00:00Z")) => text(date),
                _ => text(&value),
            },
            _ if value.trim().is_empty() => None,
            _ => match value.trim().parse::<f64>() {
                Ok(number) => Some(shaped(number, self.forms.get(head.style).unwrap_or(&Form::Plain), self.late)),
                Err(_) => text(&value),
            },
        }
    }
}

impl Head {
    fn of(start: &BytesStart<'_>, next: u32) -> Self {
        let mut head = Self { column: next, ty: String::new(), style: 0 };
        let mut attributes = start.attributes();
        for found in attributes.with_checks(false).flatten() {
            match found.key.as_ref() {
                "r" => head.column = cell(&found.value).map_or(next, |(_, column)| column),
                "t" => head.ty = found.value.into_owned(),
                "s" => head.style = found.value.parse().unwrap_or_default(),
                _ => {}
            }
        }
        head
    }
}

/// A number as its format shows it.
fn shaped(number: f64, form: &Form, late: bool) -> Cell {
    match form {
        Form::Plain => Cell::Number(number, None),
        Form::Number(shape) => Cell::Number(number, exact(number).and_then(|digits| shape.show(&digits))),
        Form::Date(grain) => date(number, *grain, late).map_or(Cell::Number(number, None), Cell::Date),
        Form::Duration => Cell::Bad(
            ProblemCode::WrongType,
            "the cell holds a stretch of time".to_owned(),
            "format the column as text, then write the value again",
        ),
    }
}

/// The date of a number of days. Programs count 1900 as a leap year, or from 1904.
fn date(number: f64, grain: Grain, late: bool) -> Option<Date> {
    const MS_A_DAY: f64 = 86_400_000.0;
    if !(0.0..3_000_000.0).contains(&number) {
        return None;
    }
    let timed = number < 1.0 && !late || (number.fract() * MS_A_DAY).round() >= 1.0;
    let days = number.floor() + if late { 1462.0 } else { 0.0 } + if number < 60.0 && !late { 1.0 } else { 0.0 };
    #[expect(clippy::cast_possible_truncation, reason = "it is a whole number below four millions")]
    let days = jiff::Span::new().try_days(days as i64).ok()?;
    let date = civil::date(1899, 12, 30).checked_add(days).ok()?;
    let part = |it: i8| u8::try_from(it).unwrap_or_default();
    Some(Date { ymd: (i32::from(date.year()), part(date.month()), part(date.day())), timed, grain })
}

fn is_true(text: &str) -> bool {
    matches!(text, "1" | "true")
}

/// Row and column, from 0, of a cell's name.
pub fn cell(name: &str) -> Option<(u32, u32)> {
    let letters = name.bytes().take_while(u8::is_ascii_alphabetic).count();
    let column = name.bytes().take(letters).try_fold(0_u32, |column, letter| {
        let place = u32::from(letter.to_ascii_uppercase() - b'A') + 1;
        column.checked_mul(26)?.checked_add(place)
    })?;
    Some((name.get(letters..)?.parse::<u32>().ok()?.checked_sub(1)?, column.checked_sub(1)?))
}

fn region(name: &str) -> Option<Region> {
    let (first, last) = name.split_once(':')?;
    let ((top, left), (bottom, right)) = (cell(first)?, cell(last)?);
    Some(Region { rows: (top, bottom), columns: (left, right) })
}

/// The text without the escapes that the format has for control characters: `_x000D_`.
fn unescaped(text: &str) -> Option<String> {
    text.find("_x")?;
    let (mut plain, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find("_x") {
        plain.push_str(&rest[..at]);
        let code = rest.get(at + 2..at + 6).filter(|_| rest.as_bytes().get(at + 6) == Some(&b'_'));
        match code.and_then(|code| char::from_u32(u32::from_str_radix(code, 16).ok()?)) {
            Some(letter) => {
                plain.push(letter);
                rest = &rest[at + 7..];
            }
            None => {
                plain.push_str("_x");
                rest = &rest[at + 2..];
            }
        }
    }
    plain.push_str(rest);
    Some(plain)
}

#[cfg(test)]
mod tests;
