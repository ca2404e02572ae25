//! Proof that every citation's printed text stands in the section of the source document that it cites.
//!
//! White space and line wraps do not count; everything else must be there, character by character.

use crate::analysis::passages::{Source, Sources};
use crate::model::value::AnyComposite;
use crate::model::{Key, Kind, Record, View};
use crate::register::Register;
use crate::work;

/// A citation of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cited {
    /// Kind of the record.
    pub kind: Kind,
    /// Key of the record.
    pub key: Key,
    /// Path of the citation within the record, such as `figure.printed`.
    pub path: String,
    /// Key of the document.
    pub document: Option<Key>,
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
    /// Citations of documents whose text nobody gave.
    pub unattached: usize,
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
        let document = text("documentKey").and_then(|key| Key::parse(&key).ok());
        cited.push(Cited { kind, key: key.clone(), path, document, section: text("section"), text: text("text") });
        return;
    }
    for (index, field) in info.fields.iter().enumerate() {
        if let View::Composite(inner) = value.field(index) {
            of_composite(kind, key, inner, format!("{path}.{}", field.name), cited);
        }
    }
}

/// Looks every citation up in a text; without one, in the text that is attached to its document.
pub fn prove(register: &Register, text: Option<&str>) -> Proof {
    let given = text.map(Source::of_text);
    let attached = Sources::of(register);
    let mut proof = Proof::default();
    for cited in all(register) {
        work::step(10);
        let Some(text) = &cited.text else {
            proof.blank += 1;
            continue;
        };
        let attached = || cited.document.as_ref().and_then(|document| attached.get(document));
        let Some(source) = given.as_ref().or_else(attached) else {
            proof.unattached += 1;
            continue;
        };
        let place = cited.section.as_ref().map_or("the source".to_owned(), |section| format!("section {section}"));
        match source.body(cited.section.as_deref()) {
            None => proof.missing.push((cited, format!("the source has no {place}"))),
            Some(body) if body.has(text) => proof.found += 1,
            Some(_) => {
                let reason = format!("`{text}` does not stand in {place}");
                proof.missing.push((cited, reason));
            }
        }
    }
    proof
}
