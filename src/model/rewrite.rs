//! A record with other keys in it: the one way in which a record is changed without being of a known kind.

use std::borrow::Cow;

use crate::model::value::{AnyComposite, CompositeInfo, Tree, Type, View};
use crate::model::{Kind, Problems, Record};

/// What a key in a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyUse {
    /// The record's own.
    Own,
    /// That of a record of this kind, to which it refers.
    To(Kind),
}

/// Calls `each` with every key that the record holds, its own first where it stands in a field.
pub fn for_each_key(record: &Record, each: &mut dyn FnMut(KeyUse, &str)) {
    let _ = tree_of(record, &mut |what, text| {
        each(what, text);
        None
    });
}

/// The record with its keys replaced: `map` gives the new one, or none where the key stays. None when the result is no record.
pub fn with_keys(record: &Record, map: &mut dyn FnMut(KeyUse, &str) -> Option<String>) -> Option<Record> {
    record.kind().read(&tree_of(record, map), &mut Problems::default())
}

fn tree_of<'r>(record: &'r Record, map: &mut dyn FnMut(KeyUse, &str) -> Option<String>) -> Tree<'r> {
    let (info, key) = (record.info(), record.key());
    let get = |index| record.get(index);
    fields(info, &get, &|text| text == key.as_str(), map)
}

type Map<'m> = dyn FnMut(KeyUse, &str) -> Option<String> + 'm;

fn fields<'r>(
    info: &'static CompositeInfo,
    get: &dyn Fn(usize) -> View<'r>,
    is_own: &dyn Fn(&str) -> bool,
    map: &mut Map<'_>,
) -> Tree<'r> {
    let kind_said_by = |name: &str| match info.position(name).map(get) {
        Some(View::Enum(word)) => Kind::from_word(word),
        _ => None,
    };
    let trees = info.fields.iter().enumerate().map(|(index, field)| {
        let what = what(&field.ty, &kind_said_by);
        tree(get(index), what, is_own, map)
    });
    Tree::Positional(trees.collect())
}

/// What the texts of a field are, if keys.
fn what(ty: &Type, kind_said_by: &dyn Fn(&str) -> Option<Kind>) -> Option<KeyUse> {
    match ty {
        Type::Key => Some(KeyUse::Own),
        Type::Link(kind) => Some(KeyUse::To(*kind)),
        Type::LinkByKind(_, said_by) => kind_said_by(said_by).map(KeyUse::To),
        Type::Optional(inner) | Type::List(inner) => what(inner, kind_said_by),
        _ => None,
    }
}

fn tree<'r>(view: View<'r>, what: Option<KeyUse>, is_own: &dyn Fn(&str) -> bool, map: &mut Map<'_>) -> Tree<'r> {
    match view {
        View::Null => Tree::Null,
        View::Bool(value) => Tree::Bool(value),
        View::Int(value) => Tree::Number(value.to_string().into()),
        View::Decimal(value) => Tree::Decimal(value),
        View::Text(text) => match what {
            // A key that is a part of the record's own, such as the letters of a code, is no name of a record.
            Some(KeyUse::Own) if !is_own(&text) => Tree::Text(text),
            Some(what) => Tree::Text(map(what, &text).map_or(text, Cow::Owned)),
            None => Tree::Text(text),
        },
        View::Enum(word) => Tree::Text(word.into()),
        View::Date(date) => Tree::Text(date.to_string().into()),
        View::Period(period) => Tree::Text(period.to_string().into()),
        View::List(items) => Tree::List(items.into_iter().map(|item| tree(item, what, is_own, map)).collect()),
        View::Composite(value) => composite(value, map),
    }
}

fn composite<'r>(value: &'r dyn AnyComposite, map: &mut Map<'_>) -> Tree<'r> {
    fields(value.describe(), &|index| value.field(index), &|_| false, map)
}
