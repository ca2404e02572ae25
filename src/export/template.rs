//! An empty workbook to fill in: a sheet for each kind with the names of its columns, what each means and an example as a note, the
//! allowed words as lists to choose from, and columns of codes as text, so that no program makes numbers or dates of them.

use std::fs::File;

use rust_xlsxwriter::{Color, DataValidation, Format, Formula, Note, Workbook, Worksheet};

use crate::export::ExportError;
use crate::import::field::{Field, core, paths};
use crate::import::format::sheet::{WORDS, letters};
use crate::model::{Kind, Type, Vocabulary, naming};
use crate::work;

/// Rows that are made ready. More can be written: they only have no lists.
const ROWS: u32 = 5_000;
/// The type of values that say where something is printed.
const CITATION: &str = "Citation";

/// Writes the template for these kinds.
///
/// # Errors
/// When the disk refuses.
pub fn write(kinds: &[Kind], file: &mut File) -> Result<(), ExportError> {
    let hint = "the library that writes it failed; the log has the cause";
    let made = || -> Result<(), ExportError> {
        let mut workbook = Workbook::new();
        let mut words = Words::default();
        for kind in kinds {
            sheet(workbook.add_worksheet(), *kind, &mut words)?;
        }
        words.write(workbook.add_worksheet())?;
        Ok(workbook.save_to_writer(file)?)
    };
    work::try_out(made).unwrap_or_else(|_| Err(ExportError::Workbook(hint.to_owned())))
}

/// The lists of words, a column each.
#[derive(Default)]
struct Words(Vec<(String, Vec<&'static str>)>);

impl Words {
    /// The place of a list, as a formula names it.
    fn place(&mut self, name: &str, words: Vec<&'static str>) -> String {
        let at = self.0.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
            self.0.push((name.to_owned(), words));
            self.0.len() - 1
        });
        let letter = letters(u32::try_from(at).unwrap_or_default());
        format!("={WORDS}!${letter}$2:${letter}${}", self.0[at].1.len() + 1)
    }

    fn write(&self, sheet: &mut Worksheet) -> Result<(), ExportError> {
        sheet.set_name(WORDS)?;
        for (column, (name, words)) in (0_u16..).zip(&self.0) {
            sheet.write_with_format(0, column, name, &Format::new().set_bold())?;
            for (row, word) in (1_u32..).zip(words) {
                sheet.write(row, column, *word)?;
            }
            sheet.set_column_width(column, 24)?;
        }
        Ok(())
    }
}

fn sheet(sheet: &mut Worksheet, kind: Kind, words: &mut Words) -> Result<(), ExportError> {
    sheet.set_name(kind.file())?;
    sheet.set_freeze_panes(1, 0)?;
    let needed = Format::new().set_bold().set_background_color(Color::RGB(0xFF_F2_CC));
    let other = Format::new().set_bold().set_background_color(Color::RGB(0xED_ED_ED));
    let text = Format::new().set_num_format("@");
    for (column, Described { path, doc, is_needed, .. }) in (0_u16..).zip(in_order(kind)) {
        let Some(field) = Field::find(kind, &path) else { continue };
        sheet.write_with_format(0, column, &path, if is_needed { &needed } else { &other })?;
        let must = if is_needed { "Must be filled. " } else { "" };
        let note = format!("{must}{doc}\nExample: {}", example(field.ty));
        sheet.insert_note(0, column, &Note::new(note).add_author_prefix(false).set_width(320).set_height(140))?;
        sheet.set_column_width(column, u32::try_from(path.len().clamp(10, 40)).unwrap_or(10))?;
        let list = match core(field.ty) {
            Type::Enum(vocabulary) => Some(words.place(vocabulary.name, listed(vocabulary))),
            Type::Boolean => Some(words.place("Boolean", vec!["true", "false"])),
            Type::Int | Type::Decimal => None,
            // A date may be typed as one.
            Type::Date => None,
            _ => {
                sheet.set_column_format(column, &text)?;
                None
            }
        };
        if let Some(list) = list {
            let one_of = DataValidation::new().allow_list_formula(Formula::new(list));
            let told = one_of.set_error_title("No word of the list")?.set_error_message("Choose one of the list.")?;
            sheet.add_data_validation(1, column, ROWS, column, &told)?;
        }
    }
    Ok(())
}

/// A column: its path, what it means, whether every row must fill it, and whether it belongs to a citation.
struct Described {
    path: String,
    doc: String,
    is_needed: bool,
    is_citation: bool,
}

/// The columns of a kind: what every row must fill first, then what else a person fills in, and where that is printed at the end.
fn in_order(kind: Kind) -> Vec<Described> {
    let all = paths(kind);
    let mut columns: Vec<Described> = all.iter().map(|path| described(kind, path)).collect();
    for column in &mut columns {
        let word = format!("{}Word", column.path);
        if naming::own_key(kind.info()) == Some(&column.path) {
            column.is_needed = false;
            column.doc.push_str(" Where it is left blank it is made of what the row refers to first and of its name.");
        } else if all.contains(&word) {
            column.doc.push_str(&format!(" Fill in this or {word}, which takes any word."));
        }
    }
    // What stands beside something that is needed stays there: a figure's value with its status and unit.
    let parent = |path: &str| path.rsplit_once('.').map(|(parent, _)| parent.to_owned());
    let needed: Vec<String> = columns.iter().filter(|it| it.is_needed).filter_map(|it| parent(&it.path)).collect();
    let is_first = |it: &Described| {
        it.path == "key" || it.is_needed || parent(&it.path).is_some_and(|parent| needed.contains(&parent))
    };
    columns.sort_by_key(|it| (it.is_citation, !is_first(it)));
    columns
}

fn listed(vocabulary: &Vocabulary) -> Vec<&'static str> {
    vocabulary.words.iter().map(|(word, _)| *word).collect()
}

fn described(kind: Kind, path: &str) -> Described {
    let mut info = kind.info();
    let (mut docs, mut is_needed, mut is_citation) = (Vec::new(), true, false);
    for step in path.split('.') {
        let Some(at) = info.position(step) else { break };
        let field = &info.fields[at];
        docs.push(field.doc.trim().replace('*', ""));
        is_needed &= field.is_required();
        if let Type::Composite(inner) = core(&field.ty) {
            info = inner();
            is_citation |= info.name == CITATION;
        }
    }
    Described { path: path.to_owned(), doc: docs.pop().unwrap_or_default(), is_needed, is_citation }
}

/// A value that the field takes.
fn example(ty: &Type) -> String {
    match core(ty) {
        Type::Int => "1".to_owned(),
        Type::Decimal => "1234.5".to_owned(),
        Type::Boolean => "true".to_owned(),
        Type::Date => "2021-12-31".to_owned(),
        Type::Period => "2021, 2021-Q1, 2021-09, 2020-2021 (school year)".to_owned(),
        Type::Enum(vocabulary) => {
            let labels = |doc: &str| crate::import::field::labels(doc).next().map(|label| format!(" ({label})"));
            let word = vocabulary.words.first();
            word.map_or_else(String::new, |(word, doc)| format!("{word}{}", labels(doc).unwrap_or_default()))
        }
        Type::Link(kind) => format!("the key of a {}, such as {}-1", kind.one(), kind.one().to_lowercase()),
        Type::List(_) => "one | another".to_owned(),
        Type::Key => "a-key-of-its-own".to_owned(),
        _ => "any text".to_owned(),
    }
}
