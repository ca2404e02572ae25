//! The mapping file: which foreign columns, files and sheets stand for which of ours.
//!
//! ```toml
//! [files]                              # file names without ending, and sheet names
//! Maatregelen = "measures"
//! "Cijfers *" = "observations"         # with any ending
//! Toelichting = { ignore = true }
//!
//! [measures]
//! "Maatregel" = "name"                 # a foreign column, and the field that it fills
//! "Opmerking" = { ignore = true }      # a column to pass over
//! "Status" = { field = "lifecycle", values = { "In voege" = "ACTIVE" } }
//! planKey = { value = "plan-2021" }    # a field that every row gets
//! ```

use std::collections::BTreeMap;
use std::ops::Range;

use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::import::field::{Field, paths};
use crate::import::kind_names::kind_named;
use crate::model::problem::nearest;
use crate::model::{Kind, Problem, ProblemCode, Problems};

/// What foreign words mean.
pub type Values = BTreeMap<String, String>;

/// What a foreign column does.
#[derive(Clone, Debug)]
pub enum Target {
    /// It fills this field; some words in it mean others.
    Fill(Field, Option<Arc<Values>>),
    /// Nothing.
    PassOver,
}

/// The part of a mapping that is about one kind.
#[derive(Clone, Debug, Default)]
pub struct KindMapping {
    /// Foreign columns by name.
    pub columns: BTreeMap<String, Target>,
    /// Fields that every row gets.
    pub constants: Vec<(Field, String)>,
}

/// A mapping. The empty one renames nothing.
#[derive(Clone, Debug, Default)]
pub struct Mapping {
    files: BTreeMap<String, Option<Kind>>,
    kinds: BTreeMap<Kind, KindMapping>,
}

static NOTHING: KindMapping = KindMapping { columns: BTreeMap::new(), constants: Vec::new() };

impl Mapping {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// Every problem, each with its line.
    pub fn parse(name: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let mut reader = Reader { text, problems: Problems::at(name.to_owned()) };
        let mut mapping = Self::default();
        match DeTable::parse(text) {
            Err(error) => {
                let span = error.span().unwrap_or(0..0);
                reader.refuse(
                    span,
                    &[],
                    ProblemCode::BadFile,
                    error.message(),
                    "write it as TOML: `\"foreign column\" = \"field\"` under `[measures]`",
                );
            }
            Ok(table) => {
                for (head, body) in table.get_ref() {
                    mapping.read_table(&mut reader, head, body);
                }
            }
        }
        if reader.problems.is_empty() { Ok(mapping) } else { Err(reader.problems.into_vec()) }
    }

    /// What it says of one kind.
    pub fn of(&self, kind: Kind) -> &KindMapping {
        self.kinds.get(&kind).unwrap_or(&NOTHING)
    }

    /// What it says of a file or sheet of that name: the kind it holds, or to pass it over.
    pub fn file(&self, name: &str) -> Option<Option<Kind>> {
        let by_pattern = || self.files.iter().find(|(pattern, _)| pattern.contains('*') && fits(pattern, name));
        self.files.get(name).copied().or_else(|| by_pattern().map(|(_, kind)| *kind))
    }

    fn read_table(&mut self, reader: &mut Reader<'_>, head: &Spanned<Name<'_>>, body: &Spanned<DeValue<'_>>) {
        let name = head.get_ref().as_ref();
        let DeValue::Table(entries) = body.get_ref() else {
            let message = format!("`{name}` stands outside of any table");
            let hint = "put it under the table of its kind, such as `[measures]`";
            return reader.refuse(head.span(), &[name], ProblemCode::WrongType, message, hint);
        };
        if name == "files" {
            return entries.iter().for_each(|(name, value)| self.read_file(reader, name, value));
        }
        let Some(kind) = kind_named(name) else {
            let known = Kind::ALL.iter().map(|kind| kind.file()).chain(["files"]);
            let message = format!("`{name}` is no kind of record");
            let hint = "name each table after a kind, such as `[measures]`, or `[files]`";
            return reader.refuse_near(
                head.span(),
                &[name],
                ProblemCode::UnknownField,
                message,
                hint,
                nearest(name, known),
            );
        };
        let mapping = self.kinds.entry(kind).or_default();
        for (column, value) in entries {
            let column_name = column.get_ref().trim();
            let path = [name, column_name];
            match value.get_ref() {
                DeValue::String(field) => {
                    if let Some(field) = reader.field(kind, field, value.span(), &path) {
                        mapping.columns.insert(column_name.to_owned(), Target::Fill(field, None));
                    }
                }
                DeValue::Table(table) if table.contains_key("values") => {
                    let named = match table.get("field").map(|it| (it.get_ref(), it.span())) {
                        Some((DeValue::String(field), span)) => reader.field(kind, field, span, &path),
                        None => reader.field(kind, column_name, column.span(), &path),
                        Some((_, span)) => {
                            reader.entry(span, &path);
                            None
                        }
                    };
                    let values = reader.values(table, value.span(), &path);
                    if let (Some(field), Some(values)) = (named, values) {
                        mapping.columns.insert(column_name.to_owned(), Target::Fill(field, Some(Arc::new(values))));
                    }
                }
                DeValue::Table(table) => match single(table) {
                    Some(("ignore", DeValue::Boolean(true))) => {
                        mapping.columns.insert(column_name.to_owned(), Target::PassOver);
                    }
                    Some(("value", DeValue::String(text))) => {
                        if let Some(field) = reader.field(kind, column_name, column.span(), &path) {
                            mapping.constants.push((field, text.to_string()));
                        }
                    }
                    Some(("value", DeValue::Integer(number))) if number.radix() == 10 => {
                        if let Some(field) = reader.field(kind, column_name, column.span(), &path) {
                            mapping.constants.push((field, number.as_str().to_owned()));
                        }
                    }
                    _ => reader.entry(value.span(), &path),
                },
                _ => reader.entry(value.span(), &path),
            }
        }
    }

    fn read_file(&mut self, reader: &mut Reader<'_>, name: &Spanned<Name<'_>>, value: &Spanned<DeValue<'_>>) {
        let file = name.get_ref().trim();
        match value.get_ref() {
            DeValue::String(word) => match kind_named(word) {
                Some(kind) => {
                    self.files.insert(file.to_owned(), Some(kind));
                }
                None => reader.refuse_near(
                    value.span(),
                    &["files", file],
                    ProblemCode::UnknownValue,
                    format!("`{word}` is no kind of record"),
                    "name a kind by its file name, such as `measures`",
                    nearest(word, Kind::ALL.iter().map(|kind| kind.file())),
                ),
            },
            DeValue::Table(table) if matches!(single(table), Some(("ignore", DeValue::Boolean(true)))) => {
                self.files.insert(file.to_owned(), None);
            }
            _ => reader.refuse(
                value.span(),
                &["files", file],
                ProblemCode::WrongType,
                "neither a kind nor `{ ignore = true }`",
                "write `\"sheet\" = \"measures\"` or `\"sheet\" = { ignore = true }`",
            ),
        }
    }
}

/// Whether a name fits a pattern, in which `*` stands for anything.
fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.to_lowercase(), name.to_lowercase());
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut last = None;
    for part in parts {
        if let Some(before) = last.replace(part) {
            let Some(at) = rest.find(before) else { return false };
            rest = &rest[at + before.len()..];
        }
    }
    last.map_or(rest.is_empty(), |last| rest.ends_with(last))
}

type Name<'t> = toml::de::DeString<'t>;

fn single<'t, 'a>(table: &'t DeTable<'a>) -> Option<(&'t str, &'t DeValue<'a>)> {
    let mut entries = table.iter();
    let (name, value) = entries.next()?;
    entries.next().is_none().then_some((name.get_ref().as_ref(), value.get_ref()))
}

struct Reader<'t> {
    text: &'t str,
    problems: Problems,
}

impl Reader<'_> {
    fn field(&mut self, kind: Kind, path: &str, span: Range<usize>, at: &[&str]) -> Option<Field> {
        let field = Field::find(kind, path.trim());
        if field.is_none() {
            self.refuse_near(
                span,
                at,
                ProblemCode::UnknownField,
                format!("{kind} has no field `{path}`"),
                "correct the field's name",
                nearest(path, paths(kind).iter().map(String::as_str)),
            );
        }
        field
    }

    fn values(&mut self, table: &DeTable<'_>, span: Range<usize>, at: &[&str]) -> Option<Values> {
        let known = table.keys().all(|name| matches!(name.get_ref().as_ref(), "values" | "field"));
        let pairs = match table.get("values").map(Spanned::get_ref) {
            Some(DeValue::Table(pairs)) if known => pairs.iter().map(|(from, to)| match to.get_ref() {
                DeValue::String(to) => Some((from.get_ref().trim().to_owned(), to.to_string())),
                _ => None,
            }),
            _ => {
                self.entry(span, at);
                return None;
            }
        };
        let values = pairs.collect::<Option<Values>>();
        if values.is_none() {
            self.entry(span, at);
        }
        values
    }

    fn entry(&mut self, span: Range<usize>, at: &[&str]) {
        let hint = "write `\"column\" = \"field\"`, `\"column\" = { ignore = true }`, `\"column\" = { field = \"field\", values = { \"word\" = \"WORD\" } }` \
                    or `field = { value = \"…\" }`";
        self.refuse(span, at, ProblemCode::WrongType, "no entry of a mapping", hint);
    }

    fn refuse(&mut self, span: Range<usize>, at: &[&str], code: ProblemCode, message: impl Into<String>, hint: &str) {
        self.refuse_near(span, at, code, message, hint, Vec::new());
    }

    fn refuse_near(
        &mut self,
        span: Range<usize>,
        at: &[&str],
        code: ProblemCode,
        message: impl Into<String>,
        hint: &str,
        near: Vec<String>,
    ) {
        let line = self.text.as_bytes().iter().take(span.start).filter(|byte| **byte == b'\n').count() + 1;
        let place = at.join(".");
        self.problems.within(format!("line {line}"), |problems| {
            if place.is_empty() {
                problems.push_near(code, message, hint, near);
            } else {
                problems.within(place, |problems| problems.push_near(code, message, hint, near));
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_renamed_ignored_and_constant() {
        let text = "[files]\nMaatregelen = \"measures\"\nToelichting = { ignore = true }\n\n[measures]\n\
                    \"Maatregel \" = \"name\"\n\"Blz.\" = \"printed.page\"\nOpmerking = { ignore = true }\n\
                    planKey = { value = \"p\" }\nposition = { value = 3 }\n";
        let mapping = Mapping::parse("map.toml", text).unwrap();
        assert_eq!(mapping.file("Maatregelen"), Some(Some(Kind::Measure)));
        assert_eq!(mapping.file("Toelichting"), Some(None));
        assert_eq!(mapping.file("x"), None);
        let measures = mapping.of(Kind::Measure);
        assert!(matches!(&measures.columns["Maatregel"], Target::Fill(field, None) if field.path() == "name"));
        assert!(matches!(&measures.columns["Blz."], Target::Fill(field, None) if field.path() == "printed.page"));
        assert!(matches!(&measures.columns["Opmerking"], Target::PassOver));
        let constants: Vec<_> = measures.constants.iter().map(|(field, text)| (field.path(), text.as_str())).collect();
        assert_eq!(constants, [("planKey".to_owned(), "p"), ("position".to_owned(), "3")]);
        assert!(mapping.of(Kind::Plan).columns.is_empty());
    }

    #[test]
    fn patterns_of_names_and_what_words_mean() {
        let text = "[files]\n\"Cijfers *\" = \"observations\"\n\"* (oud)\" = { ignore = true }\n[measures]\n\
                    \"Status\" = { field = \"lifecycle\", values = { \"In voege\" = \"ACTIVE\" } }\n";
        let mapping = Mapping::parse("m.toml", text).unwrap();
        assert_eq!(mapping.file("cijfers nov 2021"), Some(Some(Kind::Observation)));
        assert_eq!(mapping.file("Blad1 (oud)"), Some(None));
        assert_eq!(mapping.file("Cijfers"), None);
        assert!(matches!(&mapping.of(Kind::Measure).columns["Status"], Target::Fill(field, Some(values))
            if field.path() == "lifecycle" && values["In voege"] == "ACTIVE"));
        for (pattern, name, expected) in [
            ("a*b*c", "aXbYc", true),
            ("a*b*c", "abc", true),
            ("a*b", "abx", false),
            ("*", "", true),
            ("a*a", "a", false),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        }
        assert!(Mapping::parse("m", "[measures]\n\"S\" = { field = \"lifecycle\", values = 3 }\n").is_err());
    }

    #[test]
    fn every_mistake_is_told_with_its_line() {
        let text = "stray = 1\n[measurs]\n[measures]\n\"A\" = \"nmae\"\n\"B\" = 3\n\"C\" = { ignore = false }\n\
                    plan = { value = \"p\" }\n[files]\nX = \"measurez\"\nY = 1\n";
        let mut found: Vec<String> =
            Mapping::parse("m.toml", text).unwrap_err().iter().map(ToString::to_string).collect();
        found.sort();
        assert_eq!(
            found,
            [
                "m.toml.line 1.stray: WRONG_TYPE: `stray` stands outside of any table",
                "m.toml.line 10.files.Y: WRONG_TYPE: neither a kind nor `{ ignore = true }`",
                "m.toml.line 2.measurs: UNKNOWN_FIELD: `measurs` is no kind of record (near: measures)",
                "m.toml.line 4.measures.A: UNKNOWN_FIELD: Measure has no field `nmae` (near: name)",
                "m.toml.line 5.measures.B: WRONG_TYPE: no entry of a mapping",
                "m.toml.line 6.measures.C: WRONG_TYPE: no entry of a mapping",
                "m.toml.line 7.measures.plan: UNKNOWN_FIELD: Measure has no field `plan`",
                "m.toml.line 9.files.X: UNKNOWN_VALUE: `measurez` is no kind of record (near: measures)",
            ]
        );
        let found = Mapping::parse("m.toml", "[measures]\n\nA = = 2\n").unwrap_err();
        assert!(found[0].to_string().starts_with("m.toml.line 3: BAD_FILE"), "{}", found[0]);
    }

    #[test]
    fn kinds_by_their_many_names() {
        for name in ["budget-lines", "BudgetLine", "Budget lines", "BUDGET_LINES"] {
            assert_eq!(kind_named(name), Some(Kind::BudgetLine), "{name}");
        }
        assert_eq!(kind_named("Blad1"), None);
    }

    proptest! {
        #[test]
        fn never_panics(text in "[\\[\\]a-z\"= {}\n.1-3]{0,60}") {
            let _ = Mapping::parse("m", &text);
        }
    }
}
