//! Proof that every citation's printed text stands in the section of the source document that it cites.
//!
//! White space and line wraps do not count; everything else must be there, character by character.

use std::collections::HashMap;

use crate::model::value::AnyComposite;
use crate::model::{Key, Kind, Record, View};
use crate::register::Register;

/// A citation of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cited {
    /// Kind of the record.
    pub kind: Kind,
    /// Key of the record.
    pub key: Key,
    /// Path of the citation within the record, such as `figure.printed`.
    pub path: String,
    /// Section cited.
    pub section: Option<String>,
    /// Text cited; none for a blank cell.
    pub text: Option<String>,
}

/// What came of looking citations up in a source.
#[derive(Debug, Default)]
pub struct Proof {
    /// Citations with a text that stands in the section cited.
    pub found: usize,
    /// Citations of blank cells: there is no text to find.
    pub blank: usize,
    /// Citations that are not there, and why.
    pub missing: Vec<(Cited, String)>,
}

/// All citations of a register, in the order of its kinds and records.
pub fn all(register: &Register) -> Vec<Cited> {
    let mut cited = Vec::new();
    for &kind in Kind::ALL {
        for node in register.all(kind) {
            of_record(&node.record, &mut cited);
        }
    }
    cited
}

/// The citations of a record.
pub fn of_record(record: &Record, cited: &mut Vec<Cited>) {
    let (kind, key) = (record.kind(), record.key());
    for (index, field) in record.info().fields.iter().enumerate() {
        if let View::Composite(value) = record.get(index) {
            of_composite(kind, &key, value, field.name.clone(), cited);
        }
    }
}

fn of_composite(kind: Kind, key: &Key, value: &dyn AnyComposite, path: String, cited: &mut Vec<Cited>) {
    let info = value.describe();
    if info.name == "Citation" {
        let text = |name| info.position(name).and_then(|index| value.field(index).text());
        cited.push(Cited { kind, key: key.clone(), path, section: text("section"), text: text("text") });
        return;
    }
    for (index, field) in info.fields.iter().enumerate() {
        if let View::Composite(inner) = value.field(index) {
            of_composite(kind, key, inner, format!("{path}.{}", field.name), cited);
        }
    }
}

/// Looks every citation up in the text of its source.
pub fn prove(register: &Register, source: &str) -> Proof {
    let sections: HashMap<String, String> =
        sections(source).into_iter().map(|(number, text)| (number, squeeze(text))).collect();
    let whole = squeeze(source);
    let mut proof = Proof::default();
    for cited in all(register) {
        let Some(text) = &cited.text else {
            proof.blank += 1;
            continue;
        };
        let (place, body) = match &cited.section {
            None => ("the source".to_owned(), Some(&whole)),
            Some(section) => (format!("section {section}"), sections.get(section)),
        };
        match body {
            None => proof.missing.push((cited, format!("the source has no {place}"))),
            Some(body) if body.contains(&squeeze(text)) => proof.found += 1,
            Some(_) => {
                let reason = format!("`{text}` does not stand in {place}");
                proof.missing.push((cited, reason));
            }
        }
    }
    proof
}

fn squeeze(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace()).collect()
}

/// Cuts a text at its numbered headings: each section's own number and text, up to the next heading of any level.
///
/// A line is a heading when it begins with a section number that may follow the one before (its first subsection, or the next
/// section on its own or a higher level) and then words. So numbered lists, footnotes and figures are no headings.
pub fn sections(source: &str) -> Vec<(String, &str)> {
    let mut headings: Vec<(Vec<u32>, usize)> = Vec::new();
    let mut start = 0;
    for line in source.split_inclusive('\n') {
        if let Some(number) = heading(line)
            && follows(headings.last().map_or(&[], |(last, _)| last.as_slice()), &number)
        {
            headings.push((number, start));
        }
        start += line.len();
    }
    let ends = headings.iter().skip(1).map(|(_, start)| *start).chain([source.len()]);
    let numbered = |number: &[u32]| number.iter().map(u32::to_string).collect::<Vec<_>>().join(".");
    headings.iter().zip(ends).map(|((number, start), end)| (numbered(number), &source[*start..end])).collect()
}

/// The section number that a line begins with, when words follow it.
fn heading(line: &str) -> Option<Vec<u32>> {
    let line = line.trim();
    let (number, words) = line.split_once(char::is_whitespace)?;
    let parts: Option<Vec<u32>> = number
        .split('.')
        .map(|part| if part.len() <= 2 && !part.starts_with('0') { part.parse().ok() } else { None })
        .collect();
    let begins_a_title = words.trim_start().chars().next().is_some_and(|letter| letter.is_uppercase());
    parts.filter(|_| begins_a_title)
}

/// Whether a section number may come after another: its first subsection (also two levels down), or one further on any level.
fn follows(last: &[u32], next: &[u32]) -> bool {
    let common = last.iter().zip(next).take_while(|(a, b)| a == b).count();
    match (last.get(common), next.get(common)) {
        (None, Some(_)) => next[common..].iter().all(|part| *part == 1),
        (Some(a), Some(b)) => *b == a + 1 && next[common + 1..].iter().all(|part| *part == 1),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_headings_and_nothing_else() {
        let source = " 1 FIRST\ntext\n1.1 Sub\n1 Footnote that begins with a number\n2. Point of a list\n15.02.2021 Date\n\
                      1.168.439 Amount\n1.1.1 Deeper\n 1.2 Next\n3 Jump\n2 SECOND\n2.1.1 Two down\n2 821 Figure\n2.1.2 Last\n";
        let numbers: Vec<String> = sections(source).into_iter().map(|(number, _)| number).collect();
        assert_eq!(numbers, ["1", "1.1", "1.1.1", "1.2", "2", "2.1.1", "2.1.2"]);
    }

    #[test]
    fn a_section_ends_where_any_other_begins() {
        let sections = sections("1 A\none\n1.1 B\ntwo\n2 C\nthree\n");
        assert_eq!(sections[0].1, "1 A\none\n");
        assert_eq!(sections[1].1, "1.1 B\ntwo\n");
        assert_eq!(sections[2].1, "2 C\nthree\n");
    }
}
