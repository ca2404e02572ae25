//! XML, event by event: what spreadsheet programs write is read without being held.

use std::io::BufRead;

use quick_xml::Reader;
use quick_xml::escape::{resolve_predefined_entity, unescape};
use quick_xml::events::{BytesRef, BytesStart, Event};

/// A part of a workbook being read.
pub struct Xml<R> {
    reader: Reader<R>,
    buffer: Vec<u8>,
}

impl<R: BufRead> Xml<R> {
    /// From its beginning. Empty elements come as a start and an end.
    pub fn new(read: R) -> Self {
        let mut reader = Reader::from_reader(read);
        reader.config_mut().expand_empty_elements = true;
        Self { reader, buffer: Vec::new() }
    }

    /// The next event.
    ///
    /// # Errors
    /// When it is no XML.
    pub fn event(&mut self) -> Result<Event<'_>, String> {
        self.buffer.clear();
        self.reader.read_event_into(&mut self.buffer).map_err(|error| does_not_read(&error))
    }

    /// All text up to the end of the element that was begun, but for what stands in elements of the names in `without`.
    ///
    /// # Errors
    /// When it is no XML.
    pub fn text(&mut self, without: &[&str], into: &mut String) -> Result<(), String> {
        let (mut depth, mut hidden) = (0_usize, 0_usize);
        loop {
            match self.event()? {
                Event::Start(start) => {
                    depth += 1;
                    if hidden > 0 || without.contains(&start.local_name().as_ref()) {
                        hidden += 1;
                    }
                }
                Event::End(_) if depth == 0 => return Ok(()),
                Event::End(_) => {
                    depth -= 1;
                    hidden = hidden.saturating_sub(1);
                }
                Event::Eof => return Err("the workbook does not read: a part of it ends too early".to_owned()),
                _ if hidden > 0 => {}
                Event::Text(text) => into.push_str(&text.xml10_content()),
                Event::CData(text) => into.push_str(&text.xml10_content()),
                Event::GeneralRef(entity) => push_entity(&entity, into),
                _ => {}
            }
        }
    }

    /// Passes over the element that was begun.
    ///
    /// # Errors
    /// When it is no XML.
    pub fn skip(&mut self) -> Result<(), String> {
        let mut depth = 0_usize;
        loop {
            match self.event()? {
                Event::Start(_) => depth += 1,
                Event::End(_) if depth == 0 => return Ok(()),
                Event::End(_) => depth -= 1,
                Event::Eof => return Err("the workbook does not read: a part of it ends too early".to_owned()),
                _ => {}
            }
        }
    }
}

/// A letter that is written as a reference.
pub fn push_entity(entity: &BytesRef<'_>, into: &mut String) {
    match entity.resolve_char_ref() {
        Ok(Some(letter)) => into.push(letter),
        _ => into.push_str(resolve_predefined_entity(entity).unwrap_or_default()),
    }
}

/// What a library says of a damaged part.
fn does_not_read(error: &quick_xml::Error) -> String {
    format!("the workbook does not read: {error}")
}

/// An attribute by its name, whatever stands before its colon.
pub fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = start.attributes();
    let found = attributes.with_checks(false).flatten().find(|it| it.key.local_name().as_ref() == name)?;
    Some(unescape(&found.value).map_or_else(|_| found.value.to_string(), |text| text.into_owned()))
}
