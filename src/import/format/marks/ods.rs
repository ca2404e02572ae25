//! The same for ODS. A row or cell that is written once for many is written apart where one of them is marked.

use std::collections::HashMap;
use std::io::{BufReader, Cursor, Read, Write};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, Writer, escape};
use zip::read::ZipArchive;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::notes::Marks;
use super::{Copy, Mark, next, put, raw, with};
use crate::import::format::unpack::{UNPACKED_BYTES_MAX, look_through};
use crate::import::format::xml::attribute;

const OFFICE: &str = "urn:oasis:names:tc:opendocument:xmlns:office:1.0";
const STYLE: &str = "urn:oasis:names:tc:opendocument:xmlns:style:1.0";
const TEXT: &str = "urn:oasis:names:tc:opendocument:xmlns:text:1.0";
const FO: &str = "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0";
const COLOUR: &str = "#ffc7ce";

type Events = Vec<Event<'static>>;

/// The workbook with these cells marked.
///
/// # Errors
/// When it does not read.
pub fn mark(bytes: &[u8], marks: &[Mark]) -> Result<Vec<u8>, String> {
    look_through(bytes, UNPACKED_BYTES_MAX)?;
    let mut by_sheet: HashMap<String, Marks> = HashMap::new();
    for mark in marks {
        let told = by_sheet.entry(mark.sheet.clone()).or_default().entry((mark.row, mark.column)).or_default();
        if !told.is_empty() {
            told.push('\n');
        }
        told.push_str(&mark.text);
    }
    let failed = |error: zip::result::ZipError| format!("the workbook does not read: {error}");
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(failed)?;
    // Styles stand before the cells that need them: these are looked through first.
    let content = archive.by_name("content.xml").map_err(failed)?;
    let bases = Copyist::copy(content, &mut std::io::sink(), &by_sheet, Vec::new())?;
    let mut out = ZipWriter::new(Cursor::new(Vec::with_capacity(bytes.len() * 2)));
    for index in 0..archive.len() {
        let file = archive.by_index_raw(index).map_err(failed)?;
        if file.name().map_err(failed)? != "content.xml" {
            out.raw_copy_file(file).map_err(failed)?;
            continue;
        }
        drop(file);
        out.start_file("content.xml", SimpleFileOptions::default()).map_err(failed)?;
        Copyist::copy(archive.by_index(index).map_err(failed)?, &mut out, &by_sheet, bases.clone())?;
    }
    Ok(out.finish().map_err(failed)?.into_inner())
}

/// Copies the content, and marks it on the way.
struct Copyist<'m, 'o, R: Read, W: Write> {
    reader: Reader<BufReader<R>>,
    buffer: Vec<u8>,
    out: Copy<'o, W>,
    sheets: &'m HashMap<String, Marks>,
    /// The styles that marked cells have; each is there again, coloured.
    bases: Vec<String>,
    /// The styles of cells that are defined here.
    styles: HashMap<String, Events>,
    /// The style of each stretch of columns, and how many those are.
    columns: Vec<(String, u32)>,
}

impl<'m, 'o, R: Read, W: Write> Copyist<'m, 'o, R, W> {
    fn copy(
        read: R,
        into: &'o mut W,
        sheets: &'m HashMap<String, Marks>,
        bases: Vec<String>,
    ) -> Result<Vec<String>, String> {
        let mut reader = Reader::from_reader(BufReader::new(read));
        reader.config_mut().expand_empty_elements = true;
        let (buffer, out) = (Vec::new(), Writer::new(into));
        let mut this = Self { reader, buffer, out, sheets, bases, styles: HashMap::new(), columns: Vec::new() };
        this.all()?;
        Ok(this.bases)
    }

    fn all(&mut self) -> Result<(), String> {
        let (mut in_styles, mut styled, mut row) = (false, false, 0_u32);
        let (mut tables, none) = (0_usize, Marks::new());
        let mut marks = &none;
        loop {
            let event = next(&mut self.reader, &mut self.buffer)?.into_owned();
            match &event {
                Event::Start(start) => match start.local_name().as_ref() {
                    "automatic-styles" => in_styles = true,
                    "style" if in_styles => {
                        let name = attribute(start, "name").unwrap_or_default();
                        let is_of_cells = attribute(start, "family").as_deref() == Some("table-cell");
                        let style = self.element(event)?;
                        self.put_all(&style)?;
                        if is_of_cells {
                            self.styles.insert(name, style);
                        }
                        continue;
                    }
                    "body" if !styled => {
                        raw(&mut self.out, &format!("<office:automatic-styles xmlns:office=\"{OFFICE}\">"))?;
                        self.coloured()?;
                        raw(&mut self.out, "</office:automatic-styles>")?;
                        styled = true;
                    }
                    "table" => {
                        if tables == 0 {
                            let name = attribute(start, "name").unwrap_or_default();
                            (marks, row) = (self.sheets.get(&name).unwrap_or(&none), 0);
                            self.columns.clear();
                        }
                        tables += 1;
                    }
                    "table-column" => {
                        let style = attribute(start, "default-cell-style-name").unwrap_or_default();
                        self.columns.push((style, count(start, "number-columns-repeated")));
                    }
                    "table-row" if tables == 1 => {
                        let (times, start) = (count(start, "number-rows-repeated"), start.clone());
                        if marks.range((row + 1, 0)..=(row.saturating_add(times), u32::MAX)).next().is_some() {
                            let inner = self.element(event)?.split_off(1);
                            self.rows(&start, &inner, row, times, marks)?;
                            row = row.saturating_add(times);
                            continue;
                        }
                        row = row.saturating_add(times);
                    }
                    _ => {}
                },
                Event::End(end) => match end.local_name().as_ref() {
                    "automatic-styles" => {
                        self.coloured()?;
                        (in_styles, styled) = (false, true);
                    }
                    "table" => tables = tables.saturating_sub(1),
                    _ => {}
                },
                Event::Eof => return Ok(()),
                _ => {}
            }
            put(&mut self.out, event)?;
        }
    }

    fn put_all(&mut self, events: &[Event<'static>]) -> Result<(), String> {
        events.iter().try_for_each(|event| put(&mut self.out, event.borrow()))
    }

    /// The element that begins so, whole.
    fn element(&mut self, start: Event<'static>) -> Result<Events, String> {
        let (mut all, mut depth) = (vec![start], 1_usize);
        while depth > 0 {
            let event = next(&mut self.reader, &mut self.buffer)?.into_owned();
            match &event {
                Event::Start(_) => depth += 1,
                Event::End(_) => depth -= 1,
                Event::Eof => return Err("the workbook does not read: a part of it ends too early".to_owned()),
                _ => {}
            }
            all.push(event);
        }
        Ok(all)
    }

    /// The styles of marked cells, coloured.
    fn coloured(&mut self) -> Result<(), String> {
        let colour = format!("xmlns:fo=\"{FO}\" fo:background-color=\"{COLOUR}\"");
        let properties = format!("<style:table-cell-properties xmlns:style=\"{STYLE}\" {colour}/>");
        for (number, base) in self.bases.clone().iter().enumerate() {
            let name = name_of(number);
            let Some([Event::Start(start), inner @ ..]) = self.styles.get(base).map(Vec::as_slice) else {
                let parent = match base.as_str() {
                    "" => String::new(),
                    base => format!(" style:parent-style-name=\"{}\"", escape::escape(base)),
                };
                let head =
                    format!("<style:style xmlns:style=\"{STYLE}\" style:name=\"{name}\" style:family=\"table-cell\"");
                raw(&mut self.out, &format!("{head}{parent}>{properties}</style:style>"))?;
                continue;
            };
            put(&mut self.out, Event::Start(with(start, &beside(start, "name"), &name)))?;
            let is_properties = |event: &Event<'_>| matches!(event, Event::Start(it) if it.local_name().as_ref() == "table-cell-properties");
            if !inner.iter().any(is_properties) {
                raw(&mut self.out, &properties)?;
            }
            for event in inner {
                match event {
                    Event::Start(start) if is_properties(event) => {
                        let start = with(&with(start, "xmlns:fo", FO), "fo:background-color", COLOUR);
                        put(&mut self.out, Event::Start(start))?;
                    }
                    other => put(&mut self.out, other.borrow())?,
                }
            }
        }
        Ok(())
    }

    /// Rows that are written once, some of them marked.
    fn rows(
        &mut self,
        start: &BytesStart<'static>,
        inner: &[Event<'static>],
        before: u32,
        times: u32,
        marks: &Marks,
    ) -> Result<(), String> {
        let last = before.saturating_add(times);
        let mut rows: Vec<u32> = marks.range((before + 1, 0)..=(last, u32::MAX)).map(|((row, _), _)| *row).collect();
        rows.dedup();
        let name = beside(start, "number-rows-repeated");
        let of = |times: u32| Event::Start(with(start, &name, &times.to_string()));
        let mut done = before;
        for row in rows {
            if row > done + 1 {
                put(&mut self.out, of(row - done - 1))?;
                self.put_all(inner)?;
            }
            put(&mut self.out, of(1))?;
            let default = attribute(start, "default-cell-style-name").unwrap_or_default();
            self.cells(inner, &default, &beside(start, "table-cell"), marks.range((row, 0)..=(row, u32::MAX)))?;
            done = row;
        }
        if last > done {
            put(&mut self.out, of(last - done))?;
            self.put_all(inner)?;
        }
        Ok(())
    }

    fn cells<'a>(
        &mut self,
        inner: &[Event<'static>],
        default: &str,
        cell: &str,
        marks: impl Iterator<Item = (&'a (u32, u32), &'a String)>,
    ) -> Result<(), String> {
        let mut marks = marks.map(|((_, column), text)| (*column, text)).peekable();
        let (mut at, mut column) = (0, 0_u32);
        while at + 1 < inner.len() {
            let Event::Start(start) = &inner[at] else {
                put(&mut self.out, inner[at].borrow())?;
                at += 1;
                continue;
            };
            let end = end_of(inner, at);
            let within = &inner[at + 1..=end];
            at = end + 1;
            if !matches!(start.local_name().as_ref(), "table-cell" | "covered-table-cell") {
                put(&mut self.out, Event::Start(start.borrow()))?;
                self.put_all(within)?;
                continue;
            }
            let last = column.saturating_add(count(start, "number-columns-repeated"));
            self.stretch(start, within, column, last, default, &mut marks)?;
            column = last;
        }
        // Cells that are not there are marked too.
        let empty = [Event::End(BytesStart::new(cell).to_end().into_owned())];
        while let Some((marked, _)) = marks.peek().copied() {
            self.stretch(&BytesStart::new(cell), &empty, column, marked + 1, default, &mut marks)?;
            column = marked + 1;
        }
        inner.last().map_or(Ok(()), |end| put(&mut self.out, end.borrow()))
    }

    /// Cells that are written once, some of them marked.
    fn stretch<'a>(
        &mut self,
        start: &BytesStart<'_>,
        within: &[Event<'static>],
        mut column: u32,
        last: u32,
        default: &str,
        marks: &mut std::iter::Peekable<impl Iterator<Item = (u32, &'a String)>>,
    ) -> Result<(), String> {
        let name = beside(start, "number-columns-repeated");
        let of = |times: u32| with(start, &name, &times.to_string());
        while let Some((marked, text)) = marks.next_if(|(marked, _)| *marked < last) {
            if marked > column {
                put(&mut self.out, Event::Start(of(marked - column)))?;
                self.put_all(within)?;
            }
            let base = attribute(start, "style-name").filter(|it| !it.is_empty());
            let base = base.or_else(|| Some(default.to_owned()).filter(|it| !it.is_empty()));
            let base = base.unwrap_or_else(|| self.style_of(marked));
            let style = self.bases.iter().position(|it| *it == base).unwrap_or_else(|| {
                self.bases.push(base);
                self.bases.len() - 1
            });
            let head = with(&of(1), &beside(start, "style-name"), &name_of(style));
            put(&mut self.out, Event::Start(head))?;
            self.comment(within, text)?;
            column = marked + 1;
        }
        if column < last {
            put(&mut self.out, Event::Start(of(last - column)))?;
            self.put_all(within)?;
        }
        Ok(())
    }

    /// What is in a cell, and the comment, or more of the one that is there.
    fn comment(&mut self, within: &[Event<'static>], text: &str) -> Result<(), String> {
        let paragraph = |line: &str| format!("<text:p xmlns:text=\"{TEXT}\">{}</text:p>", escape::escape(line));
        let paragraphs: String = text.lines().map(paragraph).collect();
        let ends = |event: &Event<'_>| matches!(event, Event::End(end) if end.local_name().as_ref() == "annotation");
        if let Some(at) = within.iter().position(ends) {
            self.put_all(&within[..at])?;
            raw(&mut self.out, &paragraphs)?;
            return self.put_all(&within[at..]);
        }
        raw(&mut self.out, &format!("<office:annotation xmlns:office=\"{OFFICE}\">{paragraphs}</office:annotation>"))?;
        self.put_all(within)
    }

    /// The style that a column gives its cells.
    fn style_of(&self, column: u32) -> String {
        let mut before = 0_u32;
        let mut columns = self.columns.iter();
        let found = columns.find(|(_, times)| {
            before = before.saturating_add(*times);
            column < before
        });
        found.map(|(style, _)| style.clone()).unwrap_or_default()
    }
}

fn name_of(style: usize) -> String {
    format!("boordtabel{}", style + 1)
}

/// A name with the same prefix.
fn beside(start: &BytesStart<'_>, name: &str) -> String {
    let own = start.name();
    own.as_ref().split_once(':').map_or_else(|| name.to_owned(), |(prefix, _)| format!("{prefix}:{name}"))
}

fn count(start: &BytesStart<'_>, name: &str) -> u32 {
    attribute(start, name).and_then(|it| it.parse().ok()).filter(|it| *it > 0).unwrap_or(1)
}

/// Where the element that begins there ends.
fn end_of(events: &[Event<'static>], start: usize) -> usize {
    let mut depth = 0_usize;
    let ends = events[start..].iter().position(|event| {
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    start + ends.unwrap_or_default()
}

#[cfg(test)]
mod tests;
