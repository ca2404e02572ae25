//! XLSX: what spreadsheet programs have written since 2007, read part by part as it stands in the archive. A library would tell
//! either formulas or formats, and no hidden rows.

mod part;
mod rows;

use std::collections::HashMap;
use std::io::Cursor;

use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use crate::import::format::sheet::{self, Book, Grid, Region, Tab};
use crate::import::format::shown::Form;
use crate::import::format::unpack::{Seen, UNPACKED_BYTES_MAX, look_through};
use crate::import::format::xml::attribute;
use crate::import::options::Options;
use crate::import::report::Sink;
pub use part::cell;
use part::{Archive, Part, Texts, is_true, part, region, unescaped};
use rows::Rows;

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
    styles: Option<String>,
    /// Whether days are counted from 1904.
    late: bool,
}

impl<'b> Workbook<'b> {
    /// Reads what the sheets have in common.
    ///
    /// # Errors
    /// When it does not read.
    pub fn open(bytes: &'b [u8], seen: Seen) -> Result<Self, String> {
        let archive =
            ZipArchive::new(Cursor::new(bytes)).map_err(|error| format!("the file is no workbook: {error}"))?;
        let mut book = Self {
            archive,
            seen,
            tabs: Vec::new(),
            texts: Texts::default(),
            forms: Vec::new(),
            styles: None,
            late: false,
        };
        let main = book.related("", "officeDocument")?.into_values().next();
        let main = main.ok_or("the workbook does not read: it has no list of sheets")?;
        let sheets = book.related(&main, "worksheet")?;
        book.read_tabs(&main, &sheets)?;
        if let Some(part) = book.one(&main, "sharedStrings")? {
            book.read_texts(&part)?;
        }
        if let Some(part) = book.one(&main, "styles")? {
            book.read_forms(&part)?;
            let stored = book.seen.parts.iter().find(|stored| stored.eq_ignore_ascii_case(&part));
            book.styles = stored.cloned();
        }
        Ok(book)
    }

    /// The part that holds a sheet.
    pub fn part_of(&self, sheet: &str) -> Option<&str> {
        self.tabs.iter().find(|(tab, _)| tab.name == sheet).map(|(_, part)| part.as_str())
    }

    /// The part that holds the styles, and how many there are.
    pub fn styles(&self) -> (Option<&str>, usize) {
        (self.styles.as_deref(), self.forms.len())
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
            match xml.event()? {
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
            match xml.event()? {
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
            match xml.event()? {
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
            match xml.event()? {
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
            match xml.event()? {
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

#[cfg(test)]
mod tests;
