//! Which texts of a record are searched: this follows from the types of its fields, so that a new kind or field is searched
//! without a word said here.

use std::borrow::Cow;
use std::sync::OnceLock;

use crate::model::{CompositeInfo, Kind, Record, Type, View, Vocabulary, open_word};

/// How much a match counts in what names a record: a text that it must have.
const NAME: f32 = 3.0;
/// In its key.
const KEY: f32 = 2.0;
/// In what is said of it besides: texts that it may have, lists of texts, the printed text of its figures.
const SAID: f32 = 1.0;

/// How much more a match counts in a kind that others refer to: whoever asks for a name means rather what has it than what
/// is said of it.
const REFERRED_TO: f32 = 1.25;

/// A field that is searched.
#[derive(Debug)]
pub struct Field {
    /// Its path in the API, such as `figure.printed.text`.
    pub path: String,
    /// How much a match in it counts.
    pub weight: f32,
    /// Whether it is the record's key, which says less to a reader than any other text.
    pub is_key: bool,
    place: TextSource,
    /// The list of words that it is one of, or none: words of a list are filtered by, not searched.
    listed: Option<&'static Vocabulary>,
}

#[derive(Debug)]
enum TextSource {
    /// The key, when it is made of other fields.
    Key,
    /// The field at that position; of a figure its citation's text.
    At(usize),
}

/// The fields of a kind that are searched; none when the kind has neither a name nor a key of its own.
pub fn of(kind: Kind) -> &'static [Field] {
    static ALL: OnceLock<Vec<Vec<Field>>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        let numbers = Kind::ALL.iter().map(|kind| *kind as usize).max().unwrap_or(0);
        let mut all: Vec<Vec<Field>> = std::iter::repeat_with(Vec::new).take(numbers + 1).collect();
        for kind in Kind::ALL {
            all[*kind as usize] = searched(kind.info());
            if is_referred_to(*kind) {
                all[*kind as usize].iter_mut().for_each(|field| field.weight *= REFERRED_TO);
            }
        }
        all
    });
    &all[kind as usize]
}

/// Whether records of that kind are searched.
pub fn is_searched(kind: Kind) -> bool {
    !of(kind).is_empty()
}

fn searched(info: &'static CompositeInfo) -> Vec<Field> {
    let mut fields = Vec::new();
    for (index, field) in info.fields.iter().enumerate() {
        let (path, weight) = match weight(&field.ty) {
            Some(weight) => (field.name.clone(), weight),
            None if is_figure(&field.ty) => (format!("{}.printed.text", field.name), SAID),
            None => continue,
        };
        fields.push(Field {
            path,
            weight,
            is_key: matches!(field.ty, Type::Key),
            place: TextSource::At(index),
            listed: open_word::list_beside(info, &field.name),
        });
    }
    let own_text = |field: &Field| !field.path.contains('.');
    if !info.fields.iter().any(|field| matches!(field.ty, Type::Text | Type::Key)) {
        // Figures: there may be millions, and what they are about is another record's. What is said of one is searched.
        fields.retain(own_text);
        return fields;
    }
    if !info.fields.iter().any(|field| matches!(field.ty, Type::Key)) {
        fields.push(Field { path: "key".into(), weight: KEY, is_key: true, place: TextSource::Key, listed: None });
    }
    fields
}

/// Whether records of another kind refer to one of that kind: what is a part of its like is no more looked for than that.
fn is_referred_to(kind: Kind) -> bool {
    let refers = |ty: &Type| matches!(ty, Type::Link(target) if *target == kind);
    let mut fields = Kind::ALL.iter().filter(|other| **other != kind).flat_map(|other| &other.info().fields);
    fields.any(|field| match &field.ty {
        Type::Optional(inner) | Type::List(inner) => refers(inner),
        ty => refers(ty),
    })
}

fn weight(ty: &Type) -> Option<f32> {
    match ty {
        Type::Text => Some(NAME),
        Type::Key => Some(KEY),
        Type::Optional(inner) | Type::List(inner) if matches!(**inner, Type::Text) => Some(SAID),
        _ => None,
    }
}

fn is_figure(ty: &Type) -> bool {
    match ty {
        Type::Composite(info) => info().name == "Figure",
        Type::Optional(inner) => is_figure(inner),
        _ => false,
    }
}

impl Field {
    /// The texts that it holds in a record.
    pub fn texts<'r>(&self, record: &'r Record) -> Vec<Cow<'r, str>> {
        match self.place {
            TextSource::Key => vec![Cow::Owned(record.key().as_str().to_owned())],
            TextSource::At(index) => {
                let mut texts = texts(record.get(index));
                let listed =
                    |text: &str| self.listed.is_some_and(|list| list.words.iter().any(|(word, _)| *word == text));
                texts.retain(|text| !listed(text));
                texts
            }
        }
    }
}

fn texts(view: View<'_>) -> Vec<Cow<'_, str>> {
    match view {
        View::Text(text) => vec![text],
        View::List(items) => items.into_iter().flat_map(texts).collect(),
        View::Composite(value) => {
            let inner = match value.describe().name {
                "Figure" => "printed",
                _ => "text",
            };
            value.describe().position(inner).map_or_else(Vec::new, |index| texts(value.field(index)))
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keys_and_what_is_said_are_searched_but_no_bare_figures() {
        let paths = |kind| of(kind).iter().map(|field| (field.path.as_str(), field.weight)).collect::<Vec<_>>();
        let measure = [("key", KEY), ("name", NAME), ("owner", SAID), ("lifecycleWord", SAID), ("description", SAID)];
        assert_eq!(paths(Kind::Measure), measure.map(|(path, weight)| (path, weight * REFERRED_TO)));
        let article = [("code", KEY * REFERRED_TO), ("name", SAID * REFERRED_TO), ("printedCode", SAID * REFERRED_TO)];
        assert_eq!(paths(Kind::BudgetArticle), article);
        let milestone = [
            ("groups", SAID),
            ("title", NAME),
            ("footnote", SAID),
            ("statusWord", SAID),
            ("owner", SAID),
            ("tableWord", SAID),
            ("key", KEY),
        ];
        assert_eq!(paths(Kind::Milestone), milestone.map(|(path, weight)| (path, weight * REFERRED_TO)));
        assert_eq!(paths(Kind::Claim), [("key", KEY), ("subject", NAME), ("figure.printed.text", SAID)]);
        assert_eq!(paths(Kind::BudgetAmount), [("adjustment", SAID)]);
        assert_eq!(paths(Kind::Observation), [("explanation", SAID)]);
        assert!(!is_searched(Kind::Inspection));
    }
}
