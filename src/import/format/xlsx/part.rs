//! The parts of a workbook, and what all of them write alike.

use std::io::{BufReader, Cursor};

use zip::ZipArchive;
use zip::read::ZipFile;

use crate::import::format::sheet::Region;
use crate::import::format::unpack::Seen;
use crate::import::format::xml::Xml;

/// The archive that a workbook is.
pub type Archive<'b> = ZipArchive<Cursor<&'b [u8]>>;
/// A part of it being read.
pub type Part<'p, 'b> = Xml<BufReader<ZipFile<'p, Cursor<&'b [u8]>>>>;

/// A part of the archive. Some programs write the names of parts in other letters than they are stored with.
pub fn part<'p, 'b>(archive: &'p mut Archive<'b>, seen: &Seen, name: &str) -> Result<Part<'p, 'b>, String> {
    let same = || seen.parts.iter().find(|part| part.eq_ignore_ascii_case(name));
    let stored = seen.parts.get(name).or_else(same);
    let stored = stored.ok_or_else(|| format!("the workbook does not read: it has no part `{name}`"))?;
    let file = archive.by_name(stored);
    let file = file.map_err(|error| format!("the workbook does not read: `{stored}`: {error}"))?;
    Ok(Xml::new(BufReader::with_capacity(32 * 1024, file)))
}

/// All texts of a workbook, one after the other.
#[derive(Default)]
pub struct Texts {
    pub all: String,
    /// Where each of them ends.
    pub ends: Vec<usize>,
}

impl Texts {
    /// One of them.
    pub fn get(&self, index: usize) -> Option<&str> {
        let start = if index == 0 { 0 } else { *self.ends.get(index - 1)? };
        self.all.get(start..*self.ends.get(index)?)
    }
}

/// Whether an attribute says yes.
pub fn is_true(text: &str) -> bool {
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

/// The cells that a name such as `A1:B2` names.
pub fn region(name: &str) -> Option<Region> {
    let (first, last) = name.split_once(':')?;
    let ((top, left), (bottom, right)) = (cell(first)?, cell(last)?);
    Some(Region { rows: (top, bottom), columns: (left, right) })
}

/// The text without the escapes that the format has for control characters: `_x000D_`.
pub fn unescaped(text: &str) -> Option<String> {
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
