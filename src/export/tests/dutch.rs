//! Tables as an analyst writes them in Dutch: every column by its Dutch label where it has one, every word by its own.

use super::*;
use crate::import::field::{Field, labels, paths};
use crate::import::words::known;
use crate::model::{Type, Vocabulary};

/// The documentation of the field of that path, and the kind that it leads to, if that is all it does.
fn docs(kind: Kind, path: &str) -> Vec<&'static str> {
    let mut info = kind.info();
    let mut docs = Vec::new();
    for step in path.split('.') {
        let Some(at) = info.position(step) else { return Vec::new() };
        let field = &info.fields[at];
        docs = match crate::import::field::core(&field.ty) {
            Type::Composite(inner) => {
                info = inner();
                Vec::new()
            }
            Type::Link(kind) if labels(field.doc).next().is_none() => vec![kind.info().doc],
            _ => vec![field.doc],
        };
    }
    docs
}

/// The Dutch label by which a column is known: none where it has none, or another field has the same.
fn label(kind: Kind, path: &str) -> Option<String> {
    let own: Vec<&str> = docs(kind, path).into_iter().flat_map(labels).collect();
    // A value inside of the record goes by the name of that value and its own.
    let outer = path.rsplit_once('.').map(|(outer, _)| outer);
    let joined = own.iter().filter_map(|label| Some(format!("{}: {label}", outer?.replace('.', " "))));
    let mut all = own.iter().map(|label| (*label).to_owned()).chain(joined);
    all.find(|label| Field::named(kind, label).is_some_and(|field| field.path() == path))
}

/// Whether two fields lead to records of one kind, so that its name does not tell them apart.
fn is_one_of_two(kind: Kind, path: &str) -> bool {
    let target = |path: &str| match Field::find(kind, path).map(|field| field.ty) {
        Some(Type::Link(target)) => Some(*target),
        _ => None,
    };
    target(path).is_some() && paths(kind).iter().filter(|other| target(other) == target(path)).count() > 1
}

/// The Dutch label of a word; none where it has none, or another word has the same.
fn word_label(vocabulary: &Vocabulary, word: &str) -> Option<&'static str> {
    let (_, doc) = vocabulary.words.iter().find(|(known, _)| *known == word)?;
    labels(doc).find(|label| known(vocabulary, label) == Some(word))
}

/// The columns that have a label which leads elsewhere, or nowhere.
fn unreached(kind: Kind) -> Vec<String> {
    let all = paths(kind);
    let labelled = all.into_iter().filter(|path| docs(kind, path).into_iter().flat_map(labels).next().is_some());
    labelled.filter(|path| label(kind, path).is_none() && !is_one_of_two(kind, path)).collect()
}

#[test]
fn every_table_is_read_by_its_dutch_labels_and_words() {
    let mut dice = Dice(20_261_129);
    let (mut headers, mut words) = (0, 0);
    for &kind in Kind::ALL {
        let all: Vec<Record> = (0..8).map(|_| dice.record(kind)).collect();
        let register = register(&all);
        let originals = super::all(&register, &[kind]);
        let table = export(&register, &[kind], Form::Csv, Dialect::Standard);
        let text = bytes(&table);
        let mut reader = ::csv::Reader::from_reader(&*text);
        let header = reader.headers().unwrap().iter();
        let names: Vec<String> = header.map(|name| name.trim_start_matches('\u{feff}').to_owned()).collect();
        let fields: Vec<Field> = names.iter().map(|name| Field::find(kind, name).unwrap()).collect();
        let header = names.iter().map(|name| match label(kind, name) {
            Some(label) => {
                headers += 1;
                capital(&label)
            }
            None => name.clone(),
        });
        let mut out = ::csv::WriterBuilder::new().delimiter(b';').from_writer(Vec::new());
        out.write_record(header).unwrap();
        for row in reader.records() {
            let row = row.unwrap();
            let cells = row.iter().zip(&fields).map(|(cell, field)| match field.ty {
                Type::Enum(vocabulary) => word_label(vocabulary, cell).map_or(cell.to_owned(), |label| {
                    words += 1;
                    capital(label)
                }),
                _ => cell.to_owned(),
            });
            out.write_record(cells).unwrap();
        }
        let text = out.into_inner().unwrap();
        let (found, _) = records(&table.choice.file_name(), &text, &Options::default());
        assert_eq!(digits(&found), digits(&originals), "{kind}: {}", String::from_utf8_lossy(&text));
    }
    assert!(headers > 80 && words > 300, "{headers} headers and {words} words were Dutch");
}

/// As a heading is written.
fn capital(label: &str) -> String {
    let mut letters = label.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

#[test]
fn a_label_leads_to_its_one_field_and_its_one_word() {
    let mut lost = Vec::new();
    for &kind in Kind::ALL {
        lost.extend(unreached(kind).into_iter().map(|path| format!("{kind} {path}")));
        for path in paths(kind) {
            let Some(Field { ty: Type::Enum(vocabulary), .. }) = Field::find(kind, &path) else { continue };
            for (word, doc) in vocabulary.words {
                let labels: Vec<&str> = labels(doc).collect();
                if !labels.is_empty() && word_label(vocabulary, word).is_none() {
                    lost.push(format!("{kind} {path} {word}"));
                }
            }
        }
    }
    assert_eq!(lost, [""; 0]);
}
