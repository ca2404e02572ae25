//! Which record a row means that does not read as one. Its key may stand there whole although something else is wrong.

use std::borrow::Cow;

use crate::import::field::core;
use crate::model::{CompositeInfo, Key, Kind, Problems, Tree, Type};

/// The keys that such a row may mean: the one that its good fields give, and the one that it states beside them. None when the
/// key hangs on a field that does not read, or on one of those that are `doubtful`.
pub fn meant(kind: Kind, fields: &Tree<'_>, doubtful: &[&str]) -> Vec<Key> {
    let Tree::Map(given) = fields else { return Vec::new() };
    let mut problems = Problems::default();
    kind.read(fields, &mut problems);
    let problems = problems.into_vec();
    let bad = |name: &str| {
        doubtful.contains(&name) || problems.iter().any(|problem| problem.path.first().is_some_and(|step| step == name))
    };
    // What does not read is replaced, twice and each time by something else: a key that is the same both times does not hang
    // on it.
    let with = |which: usize| {
        let fields = kind.info().fields.iter().filter_map(|field| {
            let name = field.name.as_str();
            let tree = match given.iter().find(|(found, _)| found == name) {
                _ if bad(name) => any(&field.ty, which),
                Some((_, tree)) => tree.clone(),
                None => return None,
            };
            Some((Cow::Borrowed(name), tree))
        });
        let tree = Tree::Map(fields.collect());
        kind.read(&tree, &mut Problems::default()).map(|record| record.key())
    };
    let of_fields = with(0).filter(|key| with(1).as_ref() == Some(key));
    let stated = match fields.field("key") {
        Some(Tree::Text(text) | Tree::Cell(text)) if kind.info().position("key").is_none() => Some(text.trim()),
        _ => None,
    };
    let mut keys: Vec<Key> = of_fields.iter().filter_map(|key| Key::parse(key.as_str()).ok()).collect();
    keys.extend(stated.and_then(|text| Key::parse(text).ok()).filter(|key| !keys.contains(key)));
    keys
}

/// A cell that any field of that type takes, one of two.
pub fn stand_in(ty: &Type, which: usize) -> &'static str {
    match ty {
        Type::Int | Type::Decimal => ["0", "1"][which],
        Type::Boolean => ["true", "false"][which],
        Type::Date => ["2000-01-01", "2001-01-01"][which],
        Type::Period => ["2000", "2001"][which],
        Type::Enum(vocabulary) => {
            let last = vocabulary.words.len().saturating_sub(1);
            vocabulary.words.get(which.min(last)).map_or("", |(word, _)| word)
        }
        _ => ["x", "y"][which],
    }
}

/// A value of that type, one of two: the first of an optional field is none.
fn any(ty: &Type, which: usize) -> Tree<'static> {
    match ty {
        Type::Optional(_) if which == 0 => Tree::Null,
        Type::List(_) if which == 0 => Tree::List(Vec::new()),
        Type::List(inner) => Tree::List(vec![any(inner, which)]),
        Type::Composite(_) | Type::Optional(_) => match core(ty) {
            Type::Composite(info) => whole(info(), which),
            inner => any(inner, which),
        },
        leaf => Tree::Cell(Cow::Borrowed(stand_in(leaf, which))),
    }
}

fn whole(info: &'static CompositeInfo, which: usize) -> Tree<'static> {
    let fields = info.fields.iter().map(|field| (Cow::Borrowed(field.name.as_str()), any(&field.ty, which)));
    Tree::Map(fields.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(json: &str) -> Tree<'static> {
        fn of(value: &serde_json::Value) -> Tree<'static> {
            match value {
                serde_json::Value::Object(fields) => {
                    Tree::Map(fields.iter().map(|(name, value)| (Cow::Owned(name.clone()), of(value))).collect())
                }
                serde_json::Value::String(text) => Tree::Text(Cow::Owned(text.clone())),
                _ => Tree::Null,
            }
        }
        of(&serde_json::from_str(json).unwrap())
    }

    fn keys(kind: Kind, json: &str, doubtful: &[&str]) -> Vec<String> {
        meant(kind, &tree(json), doubtful).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_key_is_told_when_nothing_bad_goes_into_it() {
        let observation = r#"{"indicatorKey":"i","period":"2020","figure":{"value":"1,5"}}"#;
        assert_eq!(keys(Kind::Observation, observation, &[]), ["i/2020"]);
        assert!(keys(Kind::Observation, observation, &["period"]).is_empty());
        assert!(keys(Kind::Observation, r#"{"indicatorKey":"i","period":"20x0"}"#, &[]).is_empty());
        assert_eq!(keys(Kind::Observation, r#"{"indicatorKey":"i","period":"20x0","key":"i/2020"}"#, &[]), ["i/2020"]);
        assert_eq!(
            keys(Kind::Observation, &observation.replace("\"figure\"", "\"key\":\"i/2021\",\"figure\""), &[]),
            ["i/2020", "i/2021"]
        );
        assert_eq!(keys(Kind::Measure, r#"{"key":"m","nane":"x"}"#, &[]), ["m"]);
        assert_eq!(keys(Kind::ArticleTerm, r#"{"partKey":"p","code":"c"}"#, &[]), ["p/c"]);
        assert!(keys(Kind::ArticleTerm, r#"{"code":"c"}"#, &[]).is_empty());
        assert_eq!(keys(Kind::BudgetArticle, r#"{"code":"c","policyFieldKey":"a b"}"#, &[]), ["c"]);
    }

    #[test]
    fn every_kind_reads_from_its_stand_ins() {
        for kind in Kind::ALL {
            let read = |which| kind.read(&whole(kind.info(), which), &mut Problems::default());
            let [first, second] = [0, 1].map(|which| read(which).unwrap_or_else(|| panic!("{kind} does not read")));
            assert_ne!(first.key(), second.key(), "{kind}");
        }
    }
}
