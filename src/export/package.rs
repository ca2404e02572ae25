//! A data package as Frictionless describes it: a CSV file for each kind, and `datapackage.json` with the type, the constraints
//! and the meaning of every column, and which columns are keys of which table.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Write as _};

use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::export::cell::{Column, columns};
use crate::export::words::{instant, prose};
use crate::export::{Export, ExportError};
use crate::import::field::core;
use crate::model::{Document, Kind, Record, Type};

/// Writes the archive.
pub(super) fn write(export: &Export, file: &mut File) -> Result<(), ExportError> {
    let mut archive = ZipWriter::new(file);
    // Without a time of day of their own, so that the same revision gives the same bytes.
    let options = SimpleFileOptions::default();
    let failed = |error| ExportError::File(io::Error::from(error));
    archive.start_file("datapackage.json", options).map_err(failed)?;
    archive.write_all(format!("{:#}\n", description(export)).as_bytes())?;
    for kind in &export.choice.kinds {
        archive.start_file(path(*kind), options).map_err(failed)?;
        for piece in export.of(*kind).csv() {
            archive.write_all(&piece)?;
        }
    }
    archive.finish().map_err(failed)?;
    Ok(())
}

fn path(kind: Kind) -> String {
    format!("data/{}.csv", kind.file())
}

fn description(export: &Export) -> Value {
    let register = &export.register;
    let plans: Vec<&str> = register.all(Kind::Plan).filter_map(|node| title(&node.record)).collect();
    let documents: Vec<&Document> = register.all(Kind::Document).filter_map(|node| document(&node.record)).collect();
    let sources: Vec<Value> = documents.iter().map(|it| source(it)).collect();
    let licences: BTreeSet<&str> = documents.iter().filter_map(|it| it.licence.as_deref()).collect();
    let licences: Vec<Value> = licences.into_iter().filter_map(licence).collect();
    let mut package = json!({
        "profile": "tabular-data-package",
        "name": "boordtabel",
        "title": format!("Boordtabel: {}", plans.join("; ")),
        "description": "All records of the register at one revision. A text that begins like a formula has an apostrophe before it; \
             entries of a list stand between bars.",
        "version": register.revision().to_string(),
        "revision": register.revision(),
        "created": instant(register.committed_at_ms()),
        "resources": export.choice.kinds.iter().map(|kind| resource(export, *kind)).collect::<Vec<_>>(),
    });
    // Neither list may be empty.
    for (name, list) in [("sources", sources), ("licenses", licences)] {
        if !list.is_empty() {
            package[name] = list.into();
        }
    }
    package
}

fn title(record: &Record) -> Option<&str> {
    if let Record::Plan(plan) = record { Some(&plan.title) } else { None }
}

fn document(record: &Record) -> Option<&Document> {
    if let Record::Document(document) = record { Some(document) } else { None }
}

fn is_address(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

/// A document as a source: where it was found, if that is known.
fn source(document: &Document) -> Value {
    let mut source = json!({ "title": document.title });
    if let Some(address) = document.address.as_deref().filter(|address| is_address(address)) {
        source["path"] = address.into();
    }
    source
}

/// A licence as the profile has it: by its address, or else by a name without blanks, such as `CC-BY-4.0`, with the title as written. None
/// where the text has nothing that a name could have.
fn licence(written: &str) -> Option<Value> {
    if is_address(written) {
        return Some(json!({ "path": written }));
    }
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_');
    let name = written.split(|letter| !plain(letter)).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    (!name.is_empty()).then(|| json!({ "name": name, "title": written }))
}

fn resource(export: &Export, kind: Kind) -> Value {
    let columns = columns(kind, export.choice.sources);
    let keys: Vec<Value> = columns.iter().filter_map(|column| foreign_key(export, kind, column)).collect();
    let fields: Vec<Value> = columns.iter().map(field).collect();
    let mut schema = json!({ "fields": fields, "primaryKey": ["key"], "missingValues": [""] });
    if !keys.is_empty() {
        schema["foreignKeys"] = keys.into();
    }
    json!({
        "profile": "tabular-data-resource",
        "name": kind.file(),
        "path": path(kind),
        "title": kind.name(),
        "description": prose(kind.info().doc),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": { "delimiter": ",", "header": true },
        "schema": schema,
    })
}

/// The column as a reference to the keys of another table, or of its own.
fn foreign_key(export: &Export, kind: Kind, column: &Column) -> Option<Value> {
    let Type::Link(target) = column.ty else { return None };
    let resource = if *target == kind { "" } else { target.file() };
    let there = export.choice.kinds.contains(target);
    there.then(|| json!({ "fields": [column.path], "reference": { "resource": resource, "fields": ["key"] } }))
}

fn field(column: &Column) -> Value {
    let mut constraints = json!({});
    let ty = match core(column.ty) {
        Type::Int => "integer",
        Type::Decimal => "number",
        Type::Boolean => "boolean",
        Type::Date => "date",
        Type::Enum(vocabulary) => {
            constraints["enum"] = vocabulary.words.iter().map(|(word, _)| *word).collect();
            "string"
        }
        _ => "string",
    };
    if column.required {
        constraints["required"] = true.into();
    }
    if column.path == "key" {
        constraints["unique"] = true.into();
    }
    let mut field = json!({ "name": column.path, "type": ty, "description": prose(column.doc) });
    if constraints != json!({}) {
        field["constraints"] = constraints;
    }
    field
}
