//! Values and what is known of them: the one description from which files, GraphQL types, stored bytes, differences and
//! documentation are all made.
//!
//! A value comes in as a [`Tree`] (from a CSV row, a JSON line, a GraphQL input or stored bytes) and goes out as a [`View`].

mod leaf;

use std::borrow::Cow;
use std::collections::HashMap;

use rust_decimal::Decimal;

use crate::model::Kind;
use crate::model::period::{Date, Period};
use crate::model::problem::{ProblemCode, Problems, nearest};
use crate::model::text::shortened;
pub use leaf::parse_decimal;

/// Longest text of one field, in bytes. Long enough for an evaluation text of several pages; short enough for the store.
pub const TEXT_BYTES_MAX: usize = 16 * 1024;
/// Most entries of one list field.
pub const LIST_LENGTH_MAX: usize = 1_000;

/// A closed list of words with their documentation.
#[derive(Debug)]
pub struct Vocabulary {
    /// Name of the type.
    pub name: &'static str,
    /// What the list is about.
    pub doc: &'static str,
    /// Each word and its meaning.
    pub words: &'static [(&'static str, &'static str)],
}

/// The type of a field.
#[derive(Clone, Debug)]
pub enum Type {
    /// Free text.
    Text,
    /// A natural key of this record itself.
    Key,
    /// A whole number of 32 bits.
    Int,
    /// Yes or no.
    Boolean,
    /// An exact decimal.
    Decimal,
    /// A calendar day.
    Date,
    /// A stretch of time: year, school year, quarter, month, range, day.
    Period,
    /// One word of a closed list.
    Enum(&'static Vocabulary),
    /// The key of a record of another kind.
    Link(Kind),
    /// The key of a record of whatever kind another field of the same record says, one of these; and that field's name.
    LinkByKind(&'static Vocabulary, &'static str),
    /// Several values, in order.
    List(Box<Type>),
    /// A value that may be absent.
    Optional(Box<Type>),
    /// A value of several fields.
    Composite(fn() -> &'static CompositeInfo),
}

/// What is known of a composite type.
#[derive(Debug)]
pub struct CompositeInfo {
    /// Name of the type.
    pub name: &'static str,
    /// What it is.
    pub doc: &'static str,
    /// Its fields, in the order in which they are stored: new ones are only ever added at the end.
    pub fields: Vec<FieldInfo>,
}

impl CompositeInfo {
    /// Position of the field of that name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }
}

/// What is known of a field.
#[derive(Debug)]
pub struct FieldInfo {
    /// Name in the API and in files (`lowerCamelCase`).
    pub name: String,
    /// Meaning, unit, Dutch term.
    pub doc: &'static str,
    /// Type.
    pub ty: Type,
    /// For a link: name and documentation of the list on the other side.
    pub reverse: Option<(String, &'static str)>,
    /// Why it will go, and what to use instead; none for one that stays.
    pub deprecated: Option<&'static str>,
}

impl FieldInfo {
    /// Whether a row must have it.
    pub fn is_required(&self) -> bool {
        self.deprecated.is_none() && !matches!(self.ty, Type::Optional(_) | Type::List(_))
    }
}

/// `goal_key` → `goalKey`.
pub fn camel_case(snake: &str) -> String {
    let mut camel = String::with_capacity(snake.len());
    let mut upper = false;
    for letter in snake.chars() {
        if letter == '_' {
            upper = true;
        } else if std::mem::take(&mut upper) {
            camel.extend(letter.to_uppercase());
        } else {
            camel.push(letter);
        }
    }
    camel
}

/// `BudgetLine` → `BUDGET_LINE`.
pub fn upper_case(name: &str) -> String {
    let mut upper = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_uppercase() && !upper.is_empty() {
            upper.push('_');
        }
        upper.extend(letter.to_uppercase());
    }
    upper
}

/// A value on its way in, before it is known whether it fits.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree<'a> {
    /// Absent or null.
    Null,
    /// A truth value.
    Bool(bool),
    /// A number as written.
    Number(Cow<'a, str>),
    /// A text of a typed format (JSON, GraphQL): taken as it is.
    Text(Cow<'a, str>),
    /// A cell of an untyped format (CSV, spreadsheet): its text is read as whatever the field is.
    Cell(Cow<'a, str>),
    /// An exact decimal (from stored bytes).
    Decimal(Decimal),
    /// A list.
    List(Vec<Tree<'a>>),
    /// Named fields.
    Map(Vec<(Cow<'a, str>, Tree<'a>)>),
    /// Fields by position (from stored bytes); shorter than the field list when stored before a field was added.
    Positional(Vec<Tree<'a>>),
}

impl Tree<'_> {
    fn describe(&self) -> String {
        match self {
            Self::Null => "null".into(),
            Self::Bool(value) => format!("`{value}`"),
            Self::Number(text) | Self::Text(text) | Self::Cell(text) => format!("`{}`", shorten(text)),
            Self::Decimal(value) => format!("`{value}`"),
            Self::List(items) => format!("a list of {}", items.len()),
            Self::Map(_) | Self::Positional(_) => "an object".into(),
        }
    }

    /// The field of that name, when this is an object.
    pub fn field(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Map(fields) => fields.iter().find(|(found, _)| found == name).map(|(_, tree)| tree),
            _ => None,
        }
    }
}

pub(crate) fn shorten(text: &str) -> String {
    shortened(text, 80)
}

/// A value on its way out.
#[derive(Clone, Debug)]
pub enum View<'a> {
    /// Absent.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// An exact decimal.
    Decimal(Decimal),
    /// Text.
    Text(Cow<'a, str>),
    /// A word of a vocabulary.
    Enum(&'static str),
    /// A calendar day.
    Date(Date),
    /// A period.
    Period(&'a Period),
    /// A list.
    List(Vec<View<'a>>),
    /// A value of several fields.
    Composite(&'a dyn AnyComposite),
}

impl View<'_> {
    /// The value as one text, as a file's cell holds it; `None` when absent. Lists are joined by ` | `.
    pub fn text(&self) -> Option<String> {
        Some(match self {
            Self::Null => return None,
            Self::Bool(value) => value.to_string(),
            Self::Int(value) => value.to_string(),
            Self::Decimal(value) => value.to_string(),
            Self::Text(text) => text.clone().into_owned(),
            Self::Enum(word) => (*word).to_owned(),
            Self::Date(date) => date.to_string(),
            Self::Period(period) => period.to_string(),
            Self::List(items) => items.iter().filter_map(Self::text).collect::<Vec<_>>().join(" | "),
            Self::Composite(_) => return None,
        })
    }
}

/// Anything a field can hold.
pub trait Value: Sized {
    /// Its type.
    fn ty() -> Type;
    /// Reads it; `None` when it does not fit, and then at least one problem was pushed.
    fn read(tree: &Tree<'_>, problems: &mut Problems) -> Option<Self>;
    /// What an absent field holds; `None` (with a problem) when the field is required.
    fn absent(problems: &mut Problems) -> Option<Self> {
        problems.push(ProblemCode::Missing, "the field is required", "give it a value");
        None
    }
    /// Shows it.
    fn view(&self) -> View<'_>;
}

/// A value of several fields.
pub trait Composite: AnyComposite {
    /// Name, documentation, fields.
    fn info() -> &'static CompositeInfo
    where
        Self: Sized;
    /// The value of the field at that position.
    fn get(&self, index: usize) -> View<'_>;
    /// Reads all fields in order.
    fn read_fields(fields: &mut Fields<'_, '_>, problems: &mut Problems) -> Option<Self>
    where
        Self: Sized;
}

/// [`Composite`] without its type: what a [`View`] can hold.
pub trait AnyComposite: Sync {
    /// Name, documentation, fields.
    fn describe(&self) -> &'static CompositeInfo;
    /// The value of the field at that position.
    fn field(&self, index: usize) -> View<'_>;
}

impl<T: Composite + Sync> AnyComposite for T {
    fn describe(&self) -> &'static CompositeInfo {
        T::info()
    }
    fn field(&self, index: usize) -> View<'_> {
        self.get(index)
    }
}

impl std::fmt::Debug for dyn AnyComposite + '_ {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.describe().name)
    }
}

/// Hands out the fields of a tree in the order of the type.
pub struct Fields<'t, 'a> {
    info: &'static CompositeInfo,
    source: FieldSource<'t, 'a>,
    next: usize,
}

enum FieldSource<'t, 'a> {
    Named(HashMap<&'t str, &'t Tree<'a>>),
    Positional(&'t [Tree<'a>]),
}

impl Fields<'_, '_> {
    /// Reads the next field.
    pub fn next<T: Value>(&mut self, problems: &mut Problems) -> Option<T> {
        let index = self.next;
        self.next += 1;
        let tree = match &self.source {
            FieldSource::Named(fields) => fields.get(self.info.fields[index].name.as_str()).copied(),
            FieldSource::Positional(fields) => fields.get(index),
        };
        problems.within(self.info.fields[index].name.as_str(), |problems| match tree {
            None | Some(Tree::Null) => T::absent(problems),
            Some(tree) => T::read(tree, problems),
        })
    }
}

/// Reads a composite from an object; `also` names fields that may stand there besides its own.
pub fn read_composite<T: Composite>(tree: &Tree<'_>, also: &[&str], problems: &mut Problems) -> Option<T> {
    let info = T::info();
    let source = match tree {
        Tree::Positional(fields) => FieldSource::Positional(fields),
        Tree::Map(entries) => {
            let mut fields = HashMap::with_capacity(entries.len());
            for (name, value) in entries {
                if info.position(name).is_none() && !also.contains(&name.as_ref()) {
                    problems.within(name.as_ref(), |problems| {
                        problems.push_near(
                            ProblemCode::UnknownField,
                            format!("`{name}` is no field of {}", info.name),
                            "remove it, or correct its name",
                            nearest(name, info.fields.iter().map(|field| field.name.as_str())),
                        );
                    });
                }
                fields.insert(name.as_ref(), value);
            }
            FieldSource::Named(fields)
        }
        other => {
            wrong_type(other, "an object", problems);
            return None;
        }
    };
    T::read_fields(&mut Fields { info, source, next: 0 }, problems)
}

fn wrong_type(tree: &Tree<'_>, expected: &str, problems: &mut Problems) {
    problems.push(
        ProblemCode::WrongType,
        format!("{} stands where {expected} is expected", tree.describe()),
        format!("give {expected}"),
    );
}

/// Reads one word of a vocabulary.
pub fn read_word<'t>(tree: &'t Tree<'_>, vocabulary: &Vocabulary, problems: &mut Problems) -> Option<&'t str> {
    match tree {
        Tree::Text(word) | Tree::Cell(word) => {
            let word = word.trim();
            if !vocabulary.words.iter().any(|(known, _)| *known == word) {
                let near = nearest(word, vocabulary.words.iter().map(|(known, _)| *known));
                let known: Vec<&str> = vocabulary.words.iter().map(|(known, _)| *known).collect();
                problems.push_near(
                    ProblemCode::UnknownValue,
                    format!("`{}` is no {}", shorten(word), vocabulary.name),
                    format!("use one of {}", known.join(", ")),
                    near,
                );
                return None;
            }
            Some(word)
        }
        other => {
            wrong_type(other, &format!("a word of {}", vocabulary.name), problems);
            None
        }
    }
}
