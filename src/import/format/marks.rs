//! A workbook given back with cells marked: coloured, and with a comment that says why. Everything else in it stays as it was.

mod notes;
pub mod ods;

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Cursor, Write};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, Writer, escape};
use zip::read::ZipArchive;
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::import::format::sheet::letters;
use crate::import::format::unpack::{UNPACKED_BYTES_MAX, look_through};
use crate::import::format::xlsx::{Workbook, cell};
use crate::import::format::xml::attribute;
use notes::{Marks, Noted, Notes, text_of};

/// A cell to mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Its sheet.
    pub sheet: String,
    /// Its row, from 1.
    pub row: u32,
    /// Its column, from 0; the first of the row where it is not known.
    pub column: u32,
    /// What to say of it.
    pub text: String,
}

/// What may stand in a sheet after the drawing of its comments.
const AFTER_DRAWING: [&str; 8] =
    ["legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts", "extLst"];

/// The workbook with these cells marked.
///
/// # Errors
/// When it does not read.
pub fn mark(bytes: &[u8], marks: &[Mark]) -> Result<Vec<u8>, String> {
    let seen = look_through(bytes, UNPACKED_BYTES_MAX)?;
    let book = Workbook::open(bytes, seen)?;
    let mut by_part: HashMap<String, Marks> = HashMap::new();
    for mark in marks {
        if let Some(part) = book.part_of(&mark.sheet) {
            let told = by_part.entry(part.to_owned()).or_default().entry((mark.row, mark.column)).or_default();
            if !told.is_empty() {
                told.push('\n');
            }
            told.push_str(&mark.text);
        }
    }
    let (styles, count) = book.styles();
    let styles = styles.map(str::to_owned);
    let failed = |error: zip::result::ZipError| format!("the workbook does not read: {error}");
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(failed)?;
    let mut notes = Notes::plan(&mut archive, by_part)?;
    let mut shades = Shades { count, made: Vec::new() };
    let mut out = ZipWriter::new(Cursor::new(Vec::with_capacity(bytes.len() * 2)));
    let names: Vec<String> = (0..archive.len())
        .map(|index| Ok(archive.by_index_raw(index).map_err(failed)?.name().map_err(failed)?.into_owned()))
        .collect::<Result<_, String>>()?;
    // Sheets first: they say which styles are needed.
    let options = SimpleFileOptions::default();
    for sheet in &notes.sheets {
        out.start_file(sheet.part.as_str(), options).map_err(failed)?;
        let read = archive.by_name(&sheet.part).map_err(failed)?;
        rewrite_sheet(BufReader::new(read), &mut out, sheet, &mut shades)?;
    }
    notes.write(&mut archive, &mut out)?;
    for name in names {
        if notes.is_written(&name) {
            continue;
        }
        if Some(&name) == styles.as_ref() {
            out.start_file(name.as_str(), options).map_err(failed)?;
            let read = archive.by_name(&name).map_err(failed)?;
            rewrite_styles(BufReader::new(read), &mut out, &shades)?;
        } else if name == "[Content_Types].xml" {
            let text = notes.types(text_of(&mut archive, &name)?);
            out.start_file(name.as_str(), options).map_err(failed)?;
            out.write_all(text.as_bytes()).map_err(|error| error.to_string())?;
        } else {
            let file = archive.by_name(&name).map_err(failed)?;
            out.raw_copy_file(file).map_err(failed)?;
        }
    }
    Ok(out.finish().map_err(failed)?.into_inner())
}

/// Styles as they are, but coloured: made from those that marked cells have.
struct Shades {
    count: usize,
    made: Vec<usize>,
}

impl Shades {
    fn of(&mut self, style: usize) -> usize {
        let at = self.made.iter().position(|made| *made == style).unwrap_or_else(|| {
            self.made.push(style);
            self.made.len() - 1
        });
        self.count + at
    }
}

type Copy<'o, W> = Writer<&'o mut W>;

fn put<W: Write>(out: &mut Copy<'_, W>, event: Event<'_>) -> Result<(), String> {
    out.write_event(event).map_err(|error| format!("the workbook cannot be written: {error}"))
}

fn raw<W: Write>(out: &mut Copy<'_, W>, text: &str) -> Result<(), String> {
    out.get_mut().write_all(text.as_bytes()).map_err(|error| format!("the workbook cannot be written: {error}"))
}

fn next<'x, R: BufRead>(reader: &mut Reader<R>, buffer: &'x mut Vec<u8>) -> Result<Event<'x>, String> {
    buffer.clear();
    reader.read_event_into(buffer).map_err(|error| format!("the workbook does not read: {error}"))
}

/// A start without one of its attributes, which then is another.
fn with(start: &BytesStart<'_>, name: &str, value: &str) -> BytesStart<'static> {
    let mut changed = BytesStart::new(start.name().as_ref().to_owned());
    for found in start.attributes().flatten().filter(|found| found.key.as_ref() != name) {
        changed.push_attribute((found.key.as_ref(), escape::unescape(&found.value).unwrap_or_default().as_ref()));
    }
    changed.push_attribute((name, value));
    changed
}

fn rewrite_sheet<R: BufRead, W: Write>(
    read: R,
    into: &mut W,
    sheet: &Noted,
    shades: &mut Shades,
) -> Result<(), String> {
    let (mut reader, mut out, mut buffer) = (Reader::from_reader(read), Writer::new(into), Vec::new());
    let (mut row, mut next_column) = (0_u32, 0_u32);
    // The marks of the row that are still to come.
    let mut waiting: Vec<u32> = Vec::new();
    let mut drawn = sheet.has_drawing;
    loop {
        let event = next(&mut reader, &mut buffer)?;
        match event {
            Event::Start(ref start) | Event::Empty(ref start) => {
                let is_empty = matches!(event, Event::Empty(_));
                match start.local_name().as_ref() {
                    "row" => {
                        row = attribute(start, "r").and_then(|it| it.parse().ok()).unwrap_or(row.saturating_add(1));
                        next_column = 0;
                        waiting =
                            sheet.marks.range((row, 0)..=(row, u32::MAX)).map(|((_, column), _)| *column).collect();
                        if is_empty && !waiting.is_empty() {
                            put(&mut out, Event::Start(start.borrow()))?;
                            missing(&mut out, row, &mut waiting, u32::MAX, shades)?;
                            put(&mut out, Event::End(start.to_end()))?;
                            continue;
                        }
                    }
                    "c" => {
                        let place = attribute(start, "r").and_then(|it| cell(&it)).map(|(_, column)| column);
                        let column = place.unwrap_or(next_column);
                        next_column = column.saturating_add(1);
                        missing(&mut out, row, &mut waiting, column, shades)?;
                        if waiting.first() == Some(&column) {
                            waiting.remove(0);
                            let style = attribute(start, "s").and_then(|it| it.parse().ok()).unwrap_or_default();
                            let changed = with(start, "s", &shades.of(style).to_string());
                            let changed = if is_empty { Event::Empty(changed) } else { Event::Start(changed) };
                            put(&mut out, changed)?;
                            continue;
                        }
                    }
                    name if !drawn && AFTER_DRAWING.contains(&name) => {
                        raw(&mut out, &sheet.drawing())?;
                        drawn = true;
                    }
                    _ => {}
                }
                put(&mut out, event)?;
            }
            Event::End(ref end) => {
                match end.local_name().as_ref() {
                    "row" => missing(&mut out, row, &mut waiting, u32::MAX, shades)?,
                    "worksheet" if !drawn => raw(&mut out, &sheet.drawing())?,
                    _ => {}
                }
                put(&mut out, event)?;
            }
            Event::Eof => return Ok(()),
            other => put(&mut out, other)?,
        }
    }
}

/// Cells that are marked because they are not there.
fn missing<W: Write>(
    out: &mut Copy<'_, W>,
    row: u32,
    waiting: &mut Vec<u32>,
    before: u32,
    shades: &mut Shades,
) -> Result<(), String> {
    while let Some(column) = waiting.first().copied().filter(|column| *column < before) {
        waiting.remove(0);
        raw(out, &format!("<c r=\"{}{row}\" s=\"{}\"/>", letters(column), shades.of(0)))?;
    }
    Ok(())
}

fn rewrite_styles<R: BufRead, W: Write>(read: R, into: &mut W, shades: &Shades) -> Result<(), String> {
    let (mut reader, mut out, mut buffer) = (Reader::from_reader(read), Writer::new(into), Vec::new());
    let (mut fills, mut in_cells, mut styles) = (0_usize, false, Vec::<(BytesStart<'static>, String)>::new());
    let counted = |start: &BytesStart<'_>, more: usize| {
        let count: usize = attribute(start, "count").and_then(|it| it.parse().ok()).unwrap_or_default();
        (count, with(start, "count", &(count + more).to_string()))
    };
    loop {
        let event = next(&mut reader, &mut buffer)?;
        match event {
            Event::Start(ref start) if start.local_name().as_ref() == "fills" => {
                let (count, changed) = counted(start, 1);
                fills = count;
                put(&mut out, Event::Start(changed))?;
            }
            Event::End(ref end) if end.local_name().as_ref() == "fills" => {
                raw(
                    &mut out,
                    "<fill><patternFill patternType=\"solid\"><fgColor rgb=\"FFFFC7CE\"/><bgColor indexed=\"64\"/></patternFill></fill>",
                )?;
                put(&mut out, event)?;
            }
            Event::Start(ref start) if start.local_name().as_ref() == "cellXfs" => {
                in_cells = true;
                put(&mut out, Event::Start(counted(start, shades.made.len()).1))?;
            }
            Event::End(ref end) if end.local_name().as_ref() == "cellXfs" => {
                in_cells = false;
                for style in &shades.made {
                    let plain = || (BytesStart::new("xf"), String::new());
                    let (start, inner) = styles.get(*style).cloned().unwrap_or_else(plain);
                    let changed = with(&with(&start, "fillId", &fills.to_string()), "applyFill", "1");
                    put(&mut out, Event::Start(changed.borrow()))?;
                    raw(&mut out, &inner)?;
                    put(&mut out, Event::End(changed.to_end()))?;
                }
                put(&mut out, event)?;
            }
            Event::Empty(ref start) if in_cells && start.local_name().as_ref() == "xf" => {
                styles.push((start.to_owned(), String::new()));
                put(&mut out, event)?;
            }
            Event::Start(ref start) if in_cells && start.local_name().as_ref() == "xf" => {
                let start = start.to_owned();
                put(&mut out, event)?;
                // What it says of alignment and protection goes along.
                let mut inner = Writer::new(Vec::new());
                loop {
                    let event = next(&mut reader, &mut buffer)?;
                    let ends = matches!(&event, Event::End(end) if end.local_name().as_ref() == "xf");
                    put(&mut out, event.borrow())?;
                    if ends || matches!(event, Event::Eof) {
                        break;
                    }
                    inner.write_event(event).map_err(|error| error.to_string())?;
                }
                styles.push((start, String::from_utf8_lossy(&inner.into_inner()).into_owned()));
            }
            Event::Eof => return Ok(()),
            other => put(&mut out, other)?,
        }
    }
}
