//! How each plain type is read from input and shown: texts, keys, numbers, days, words, and lists and options of them.

use std::borrow::Cow;

use rust_decimal::Decimal;

use super::reading::{Value, read_word, required, room, shared_room, wrong_type};
use super::tree::{Tree, shorten};
use super::types::Type;
use super::view::View;
use crate::model::date::Date;
use crate::model::key::Key;
use crate::model::period::Period;
use crate::model::printed;
use crate::model::problem::{ProblemCode, Problems};
use crate::model::unit::FigureStatus;
use crate::model::vocabulary::Word;

/// Longest text of one field, in bytes. Long enough for an evaluation text of several pages; short enough for the store.
pub const TEXT_BYTES_MAX: usize = 16 * 1024;
/// Most entries of one list field.
pub const LIST_LENGTH_MAX: usize = 1_000;

fn read_text<'t>(tree: &'t Tree<'_>, expected: &str, problems: &mut Problems) -> Option<&'t str> {
    match tree {
        Tree::Text(text) | Tree::Cell(text) => Some(text),
        other => {
            wrong_type(other, expected, problems);
            None
        }
    }
}

impl Value for String {
    fn ty() -> Type {
        Type::Text
    }
    fn read(tree: &Tree<'_>, problems: &mut Problems) -> Option<Self> {
        let text = read_text(tree, "a text", problems)?;
        if text.len() > TEXT_BYTES_MAX {
            problems.push(
                ProblemCode::TooLong,
                format!("the text has {} bytes, at most {TEXT_BYTES_MAX} are allowed", text.len()),
                "shorten it",
            );
            return None;
        }
        if let Some(control) = text.chars().find(|letter| letter.is_control() && !matches!(letter, '\n' | '\t' | '\r'))
        {
            problems.push(
                ProblemCode::OutOfRange,
                format!("the text holds the control character U+{:04X}", u32::from(control)),
                "remove it; check the file's encoding, which must be UTF-8",
            );
            return None;
        }
        Some(text.to_owned())
    }
    fn view(&self) -> View<'_> {
        View::Text(Cow::Borrowed(self))
    }
    fn held(&self) -> usize {
        room(self.capacity())
    }
}

impl Value for Key {
    fn ty() -> Type {
        Type::Key
    }
    fn read(tree: &Tree<'_>, problems: &mut Problems) -> Option<Self> {
        let text = read_text(tree, "a key", problems)?;
        match Key::parse(text) {
            Ok(key) => Some(key),
            Err(reason) => {
                problems.push(
                    ProblemCode::BadKey,
                    format!("`{}` is no key: {reason}", shorten(text)),
                    "use letters, digits and - . _ / + without blanks; `|` is what separates the keys of a list",
                );
                None
            }
        }
    }
    fn view(&self) -> View<'_> {
        View::Text(Cow::Borrowed(self.as_str()))
    }
    fn held(&self) -> usize {
        shared_room(self.as_str().len())
    }
}

impl Value for i32 {
    fn ty() -> Type {
        Type::Int
    }
    fn read(tree: &Tree<'_>, problems: &mut Problems) -> Option<Self> {
        let (Tree::Number(text) | Tree::Cell(text)) = tree else {
            wrong_type(tree, "a whole number", problems);
            return None;
        };
        let value = text.trim().parse().ok();
        if value.is_none() {
            problems.push(
                ProblemCode::NotANumber,
                format!("`{}` is no whole number of 32 bits", shorten(text)),
                "write digits only, such as `2020`",
            );
        }
        value
    }
    fn view(&self) -> View<'_> {
        View::Int(i64::from(*self))
    }
}

impl Value for bool {
    fn ty() -> Type {
        Type::Boolean
    }
    fn read(tree: &Tree<'_>, problems: &mut Problems) -> Option<Self> {
        match tree {
            Tree::Bool(value) => Some(*value),
            Tree::Cell(text) if text.trim() == "true" => Some(true),
            Tree::Cell(text) if text.trim() == "false" => Some(false),
            other => {
                wrong_type(other, "`true` or `false`", problems);
                None
            }
        }
    }
    fn view(&self) -> View<'_> {
        View::Bool(*self)
    }
}

impl Value for Decimal {
    fn ty() -> Type {
        Type::Decimal
    }
    fn read(tree: &Tree<'_>, problems: &mut Problems) -> Option<Self> {
        let text = match tree {
            Tree::Decimal(value) => return Some(*value),
            Tree::Text(text) | Tree::Cell(text) => text.trim(),
            // A JSON number with a fraction has been through somebody's floating point: refuse it rather than guess.
            Tree::Number(text) if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') => text.as_ref(),
            Tree::Number(text) => {
                problems.push(
                    ProblemCode::NotANumber,
                    format!("`{}` is a JSON number with a fraction or exponent, which is not exact", shorten(text)),
                    format!("write it as a string: \"{}\"", shorten(text)),
                );
                return None;
            }
            other => {
                wrong_type(other, "a decimal", problems);
                return None;
            }
        };
        let value = parse_decimal(text);
        if value.is_none() {
            // Copied from a document, it says what it means all the same.
            let said = printed::parse(text);
            let hint = match said.map(|said| said.status) {
                Some(FigureStatus::NotApplicable | FigureStatus::NotAvailable) => {
                    "leave the value out: the status says that there is none (NOT_APPLICABLE, NOT_AVAILABLE)"
                }
                _ => {
                    "write digits with a decimal point and without thousands separators, at most 28 digits: `1234567.89`"
                }
            };
            let near = said.and_then(|said| said.value).map(|value| value.to_string());
            let message = format!("`{}` is no exact decimal", shorten(text));
            problems.push_near(ProblemCode::NotANumber, message, hint, near.into_iter().collect());
        }
        value
    }
    fn view(&self) -> View<'_> {
        View::Decimal(*self)
    }
}

/// Digits, at most one point, an optional sign: nothing else, and nothing rounded away.
pub fn parse_decimal(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let framed = digits.starts_with(|c: char| c.is_ascii_digit()) && digits.ends_with(|c: char| c.is_ascii_digit());
    if !plain || !framed {
        return None;
    }
    Decimal::from_str_exact(text).ok()
}

impl Value for Date {
    fn ty() -> Type {
        Type::Date
    }
    fn read(tree: &Tree<'_>, problems: &mut Problems) -> Option<Self> {
        let text = read_text(tree, "a date", problems)?;
        let date = Date::parse(text.trim());
        if date.is_none() {
            problems.push(ProblemCode::NotADate, format!("`{}` is no date", shorten(text)), "write it as `2020-12-31`");
        }
        date
    }
    fn view(&self) -> View<'_> {
        View::Date(*self)
    }
}

impl Value for Period {
    fn ty() -> Type {
        Type::Period
    }
    fn read(tree: &Tree<'_>, problems: &mut Problems) -> Option<Self> {
        let text = match tree {
            // A year is the commonest period, and a spreadsheet or a JSON file may well hold it as a number.
            Tree::Number(text) => text.as_ref(),
            other => read_text(other, "a period", problems)?,
        };
        match Period::parse(text.trim()) {
            Ok(period) => Some(period),
            Err(reason) => {
                problems.push(
                    ProblemCode::NotAPeriod,
                    format!("`{}` is no period: {reason}", shorten(text)),
                    "write `2020`, `2018-2019` (school year), `2020-Q1`, `2020-09`, `2020-09/2020-12` or `2020-09-02`",
                );
                None
            }
        }
    }
    fn view(&self) -> View<'_> {
        View::Period(self)
    }
}

impl<T: Word> Value for T {
    fn ty() -> Type {
        Type::Enum(T::vocabulary())
    }
    fn read(tree: &Tree<'_>, problems: &mut Problems) -> Option<Self> {
        read_word(tree, T::vocabulary(), problems).and_then(T::from_word)
    }
    fn absent(problems: &mut Problems) -> Option<Self> {
        // The word beside it says which.
        T::other().or_else(|| required(problems))
    }
    fn view(&self) -> View<'_> {
        View::Enum(self.word())
    }
}

impl<T: Value> Value for Option<T> {
    fn ty() -> Type {
        Type::Optional(Box::new(T::ty()))
    }
    fn read(tree: &Tree<'_>, problems: &mut Problems) -> Option<Self> {
        T::read(tree, problems).map(Some)
    }
    fn absent(_: &mut Problems) -> Option<Self> {
        Some(None)
    }
    fn view(&self) -> View<'_> {
        self.as_ref().map_or(View::Null, T::view)
    }
    fn held(&self) -> usize {
        self.as_ref().map_or(0, T::held)
    }
}

impl<T: Value> Value for Vec<T> {
    fn ty() -> Type {
        Type::List(Box::new(T::ty()))
    }
    fn read(tree: &Tree<'_>, problems: &mut Problems) -> Option<Self> {
        let cells: Vec<Tree<'_>>;
        let items = match tree {
            Tree::List(items) => items,
            Tree::Cell(text) => {
                cells = text.split('|').map(|item| Tree::Cell(Cow::Borrowed(item.trim()))).collect();
                &cells
            }
            other => {
                wrong_type(other, "a list", problems);
                return None;
            }
        };
        if items.len() > LIST_LENGTH_MAX {
            problems.push(
                ProblemCode::TooLong,
                format!("the list has {} entries, at most {LIST_LENGTH_MAX} are allowed", items.len()),
                "shorten it",
            );
            return None;
        }
        let read: Vec<Option<T>> = items
            .iter()
            .enumerate()
            .map(|(index, item)| {
                problems.within(index.to_string(), |problems| match item {
                    Tree::Null => T::absent(problems),
                    item => T::read(item, problems),
                })
            })
            .collect();
        read.into_iter().collect()
    }
    fn absent(_: &mut Problems) -> Option<Self> {
        Some(Vec::new())
    }
    fn view(&self) -> View<'_> {
        View::List(self.iter().map(T::view).collect())
    }
    fn held(&self) -> usize {
        room(self.capacity() * size_of::<T>()) + self.iter().map(T::held).sum::<usize>()
    }
}
