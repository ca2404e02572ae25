//! Comments at cells: what they say, and the shapes that show them.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::io::{Cursor, Read as _, Seek, Write};

use quick_xml::events::Event;
use quick_xml::{Reader, escape};
use zip::read::ZipArchive;
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::import::format::sheet::letters;
use crate::import::format::xml::attribute;

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
/// Most letters of a comment.
const TEXT_MAX: usize = 1_000;

/// The archive that a workbook is.
pub type Archive<'b> = ZipArchive<Cursor<&'b [u8]>>;
/// The marks of a sheet, by row and column.
pub type Marks = BTreeMap<(u32, u32), String>;

/// A part that is text.
///
/// # Errors
/// When it does not read.
pub fn text_of(archive: &mut Archive<'_>, name: &str) -> Result<String, String> {
    let mut text = String::new();
    let mut file = archive.by_name(name).map_err(|error| format!("the workbook does not read: {error}"))?;
    file.read_to_string(&mut text).map_err(|error| format!("`{name}` does not read: {error}"))?;
    Ok(text)
}

/// A sheet that gets comments.
pub struct Noted {
    /// Its part.
    pub part: String,
    /// What is marked in it.
    pub marks: Marks,
    /// Its parts of comments and of their shapes, and whether it has them already.
    comments: (String, bool),
    shapes: (String, bool),
    /// Whether it refers to shapes already.
    pub has_drawing: bool,
}

/// The name by which a sheet refers to its shapes.
const SHAPES_ID: &str = "boordtabelShapes";

impl Noted {
    /// What the sheet says of its shapes.
    pub fn drawing(&self) -> String {
        format!("<legacyDrawing xmlns=\"{MAIN}\" xmlns:r=\"{RELATIONS}\" r:id=\"{SHAPES_ID}\"/>")
    }

    fn relations(&self) -> String {
        let (folder, file) = self.part.rsplit_once('/').unwrap_or(("", &self.part));
        format!("{folder}/_rels/{file}.rels")
    }
}

/// The sheets that get comments, and what is written for them.
pub struct Notes {
    /// The sheets.
    pub sheets: Vec<Noted>,
    written: Vec<String>,
}

impl Notes {
    /// What is to be written beside what is there.
    ///
    /// # Errors
    /// When the workbook does not read.
    pub fn plan(archive: &mut Archive<'_>, by_part: HashMap<String, Marks>) -> Result<Self, String> {
        let mut sheets = Vec::new();
        let mut parts: Vec<_> = by_part.into_iter().collect();
        parts.sort();
        for (number, (part, marks)) in parts.into_iter().enumerate() {
            let part = stored(archive, &part);
            let mut sheet = Noted {
                comments: (format!("xl/boordtabelComments{}.xml", number + 1), false),
                shapes: (format!("xl/drawings/boordtabelShapes{}.vml", number + 1), false),
                has_drawing: false,
                part,
                marks,
            };
            let relations = sheet.relations();
            if archive.index_for_name(&relations).is_some() {
                let text = text_of(archive, &relations)?;
                let folder = sheet.part.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
                let mut reader = Reader::from_str(&text);
                loop {
                    match reader.read_event().map_err(|error| format!("the workbook does not read: {error}"))? {
                        Event::Start(start) | Event::Empty(start) if start.local_name().as_ref() == "Relationship" => {
                            let ty = attribute(&start, "Type").unwrap_or_default();
                            let target = attribute(&start, "Target").unwrap_or_default();
                            let there = stored(archive, &resolved(&folder, &target));
                            match ty.rsplit('/').next() {
                                Some("comments") => sheet.comments = (there, true),
                                Some("vmlDrawing") => (sheet.shapes, sheet.has_drawing) = ((there, true), true),
                                _ => {}
                            }
                        }
                        Event::Eof => break,
                        _ => {}
                    }
                }
            }
            sheets.push(sheet);
        }
        let written = sheets.iter().map(|sheet| sheet.part.clone()).collect();
        Ok(Self { sheets, written })
    }

    /// Whether a part has been written anew.
    pub fn is_written(&self, name: &str) -> bool {
        self.written.iter().any(|written| written == name)
    }

    /// Writes the comments, their shapes, and the relations to them.
    ///
    /// # Errors
    /// When the workbook does not read.
    pub fn write<W: Write + Seek>(&mut self, archive: &mut Archive<'_>, out: &mut ZipWriter<W>) -> Result<(), String> {
        let mut parts = Vec::new();
        for sheet in &self.sheets {
            let mut known = Vec::new();
            let comments = if sheet.comments.1 {
                let text = text_of(archive, &sheet.comments.0)?;
                known = refs(&text);
                let new = comment_list(sheet, &known);
                insert_before(&text, "commentList>", &new)
            } else {
                format!(
                    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<comments xmlns=\"{MAIN}\"><authors><author>boordtabel\
                     </author></authors><commentList>{}</commentList></comments>",
                    comment_list(sheet, &known)
                )
            };
            let shapes = if sheet.shapes.1 {
                insert_before(&text_of(archive, &sheet.shapes.0)?, "xml>", &shape_list(sheet, &known))
            } else {
                format!(
                    "<xml xmlns:v=\"urn:schemas-microsoft-com:vml\" xmlns:o=\"urn:schemas-microsoft-com:office:office\" \
                     xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><v:shapetype id=\"_x0000_t202\" coordsize=\"21600,21600\" \
                     o:spt=\"202\" path=\"m,l,21600r21600,l21600,xe\"><v:stroke joinstyle=\"miter\"/><v:path gradientshapeok=\"t\" \
                     o:connecttype=\"rect\"/></v:shapetype>{}</xml>",
                    shape_list(sheet, &known)
                )
            };
            let mut new = String::new();
            for (there, id, sort, part) in [
                (sheet.comments.1, "boordtabelComments", "comments", &sheet.comments.0),
                (sheet.shapes.1, SHAPES_ID, "vmlDrawing", &sheet.shapes.0),
            ] {
                if !there {
                    new += &format!("<Relationship Id=\"{id}\" Type=\"{RELATIONS}/{sort}\" Target=\"/{part}\"/>");
                }
            }
            let relations = sheet.relations();
            let text = if archive.index_for_name(&relations).is_some() {
                let text = text_of(archive, &relations)?;
                // An empty list may be written as one element.
                if text.contains("Relationships>") {
                    insert_before(&text, "Relationships>", &new)
                } else {
                    format!("<Relationships xmlns=\"{PACKAGE}\">{new}</Relationships>")
                }
            } else {
                format!("<Relationships xmlns=\"{PACKAGE}\">{new}</Relationships>")
            };
            parts.extend([(sheet.comments.0.clone(), comments), (sheet.shapes.0.clone(), shapes), (relations, text)]);
        }
        for (name, text) in parts {
            out.start_file(name.as_str(), SimpleFileOptions::default()).map_err(|error| error.to_string())?;
            out.write_all(text.as_bytes()).map_err(|error| error.to_string())?;
            self.written.push(name);
        }
        Ok(())
    }

    /// The list of types with those of the new parts.
    pub fn types(&self, text: String) -> String {
        let mut new = String::new();
        if !text.contains("Extension=\"vml\"") {
            new +=
                "<Default Extension=\"vml\" ContentType=\"application/vnd.openxmlformats-officedocument.vmlDrawing\"/>";
        }
        for sheet in self.sheets.iter().filter(|sheet| !sheet.comments.1) {
            new += &format!(
                "<Override PartName=\"/{}\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml\"/>",
                sheet.comments.0
            );
        }
        insert_before(&text, "Types>", &new)
    }
}

/// The text with something put before its last closing element of that name.
fn insert_before(text: &str, closing: &str, new: &str) -> String {
    let at = text.rfind(closing).and_then(|at| text[..at].rfind("</")).unwrap_or(text.len());
    format!("{}{new}{}", &text[..at], &text[at..])
}

/// The path of a part that another one names.
fn resolved(folder: &str, target: &str) -> String {
    if let Some(whole) = target.strip_prefix('/') {
        return whole.to_owned();
    }
    let mut steps: Vec<&str> = folder.split('/').filter(|step| !step.is_empty()).collect();
    for step in target.split('/') {
        match step {
            ".." => drop(steps.pop()),
            "." => {}
            step => steps.push(step),
        }
    }
    steps.join("/")
}

/// The name under which a part is stored, whatever its letters.
fn stored(archive: &Archive<'_>, name: &str) -> String {
    let names = archive.file_names().flatten();
    let found = names.into_iter().find(|stored| stored.eq_ignore_ascii_case(name));
    found.map_or_else(|| name.to_owned(), Cow::into_owned)
}

/// The cells that have comments.
fn refs(comments: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut reader = Reader::from_str(comments);
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) if start.local_name().as_ref() == "comment" => {
                found.extend(attribute(&start, "ref"))
            }
            Ok(Event::Eof) | Err(_) => return found,
            Ok(_) => {}
        }
    }
}

/// The marks of a sheet whose cells have no comment yet: a cell can have one.
fn new_marks<'s>(sheet: &'s Noted, known: &'s [String]) -> impl Iterator<Item = (u32, u32, &'s str)> {
    let name = |row: u32, column: u32| format!("{}{row}", letters(column));
    let marks = sheet.marks.iter().filter(move |((row, column), _)| !known.contains(&name(*row, *column)));
    marks.map(|((row, column), text)| (*row, *column, text.as_str()))
}

fn comment_list(sheet: &Noted, known: &[String]) -> String {
    let each = |(row, column, text): (u32, u32, &str)| {
        let text: String =
            text.chars().take(TEXT_MAX).filter(|letter| !letter.is_control() || *letter == '\n').collect();
        format!(
            "<comment ref=\"{}{row}\" authorId=\"0\"><text><t xml:space=\"preserve\">{}</t></text></comment>",
            letters(column),
            escape::escape(text)
        )
    };
    new_marks(sheet, known).map(each).collect()
}

fn shape_list(sheet: &Noted, known: &[String]) -> String {
    let each = |(number, (row, column, _)): (usize, (u32, u32, &str))| {
        format!(
            "<v:shape id=\"boordtabel{number}\" type=\"#_x0000_t202\" style=\"position:absolute;width:200pt;height:70pt;visibility:hidden\" \
             fillcolor=\"#ffffe1\" o:insetmode=\"auto\"><v:fill color2=\"#ffffe1\"/><v:textbox/><x:ClientData ObjectType=\"Note\">\
             <x:MoveWithCells/><x:SizeWithCells/><x:AutoFill>False</x:AutoFill><x:Row>{}</x:Row><x:Column>{column}</x:Column>\
             </x:ClientData></v:shape>",
            row.saturating_sub(1)
        )
    };
    new_marks(sheet, known).enumerate().map(each).collect()
}
