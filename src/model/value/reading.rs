//! From a [`Tree`] to a value: every problem on the way is told, with its path.

use std::borrow::Cow;

use super::tree::{Tree, shorten};
use super::types::{CompositeInfo, Type};
use super::view::{AnyComposite, View};
use crate::model::problem::{ProblemCode, Problems, nearest};
use crate::model::vocabulary::Vocabulary;

/// Anything a field can hold.
pub trait Value: Sized {
    /// Its type.
    fn ty() -> Type;
    /// Reads it; `None` when it does not fit, and then at least one problem was pushed.
    fn read(tree: &Tree<'_>, problems: &mut Problems) -> Option<Self>;
    /// What an absent field holds; `None` (with a problem) when the field is required.
    fn absent(problems: &mut Problems) -> Option<Self> {
        required(problems)
    }
    /// Shows it.
    fn view(&self) -> View<'_>;
    /// About how many bytes of memory it takes besides its own place.
    fn held(&self) -> usize {
        0
    }
}

/// What so many bytes take where they are given room of their own.
pub fn room(bytes: usize) -> usize {
    const GRAIN: usize = 16;
    if bytes == 0 { 0 } else { bytes.next_multiple_of(GRAIN) }
}

/// What so many bytes take that are shared.
pub fn shared_room(bytes: usize) -> usize {
    const COUNTS: usize = 2 * size_of::<usize>();
    room(COUNTS + bytes)
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

impl<T: Composite + Sync> AnyComposite for T {
    fn describe(&self) -> &'static CompositeInfo {
        T::info()
    }
    fn field(&self, index: usize) -> View<'_> {
        self.get(index)
    }
}

/// Hands out the fields of a tree in the order of the type.
pub struct Fields<'t, 'a> {
    info: &'static CompositeInfo,
    source: FieldSource<'t, 'a>,
    next: usize,
}

enum FieldSource<'t, 'a> {
    Named(&'t [(Cow<'a, str>, Tree<'a>)]),
    Positional(&'t [Tree<'a>]),
}

impl Fields<'_, '_> {
    /// Reads the next field.
    pub fn next<T: Value>(&mut self, problems: &mut Problems) -> Option<T> {
        let index = self.next;
        self.next += 1;
        let tree = match &self.source {
            // Rows have few fields: to look through them is quicker than to hash their names. The last of a name counts.
            FieldSource::Named(fields) => {
                let name = self.info.fields[index].name.as_str();
                fields.iter().rfind(|(found, _)| found == name).map(|(_, tree)| tree)
            }
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
            for (name, value) in entries {
                if info.position(name).is_none() && !also.contains(&name.as_ref()) {
                    let (said, hint) = match value {
                        // What a rejected row carries until a person has looked at it.
                        Tree::Text(said) if name == "?" => {
                            (format!("; it says: {}", shorten(said)), "do what it says, then remove it")
                        }
                        _ => (String::new(), "remove it, or correct its name"),
                    };
                    problems.within(name.to_string(), |problems| {
                        problems.push_near(
                            ProblemCode::UnknownField,
                            format!("`{name}` is no field of {}{said}", info.name),
                            hint,
                            nearest(name, info.fields.iter().map(|field| field.name.as_str())),
                        );
                    });
                }
            }
            FieldSource::Named(entries)
        }
        other => {
            wrong_type(other, "an object", problems);
            return None;
        }
    };
    T::read_fields(&mut Fields { info, source, next: 0 }, problems)
}

/// Pushes that a field is missing.
pub(super) fn required<T>(problems: &mut Problems) -> Option<T> {
    problems.push(ProblemCode::Missing, "the field is required", "give it a value");
    None
}

/// Pushes that a value is of another type than the field.
pub(super) fn wrong_type(tree: &Tree<'_>, expected: &str, problems: &mut Problems) {
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
