//! Keys made from what is printed, for rows that give none.

use std::borrow::Cow;

use crate::model::key::{Key, part};
use crate::model::value::{CompositeInfo, Tree, Type};

/// Fields that name a record, the shortest first.
const NAMES: [&str; 8] = ["printedCode", "code", "number", "label", "name", "title", "subject", "year"];
/// Longer names stand in keys with their beginning and a digest.
const NAME_BYTES_MAX: usize = 80;
/// So many letters of them.
const NAME_CHARS: usize = 40;

/// Where the key stands that a row may leave out; none where it must be given.
pub fn own_key(info: &CompositeInfo) -> Option<&str> {
    let first = info.fields.first().filter(|first| matches!(first.ty, Type::Key))?;
    let is_named = NAMES.iter().any(|name| *name != first.name && info.position(name).is_some());
    (is_named && !matches!(info.name, "Edition" | "Waiver")).then_some(first.name.as_str())
}

/// The row with a key made from what it refers to first and from its name, where it gives none: `plan-1/0309%2002`. Two names make two
/// keys. None when it has one, or nothing to make it from.
pub fn with_key<'t>(info: &CompositeInfo, tree: &Tree<'t>) -> Option<Tree<'t>> {
    let own = own_key(info)?;
    let Tree::Map(fields) = tree else { return None };
    if text_of(tree, own).is_some() {
        return None;
    }
    let name = NAMES.iter().filter(|name| **name != own).find_map(|name| text_of(tree, name))?;
    let name = if name.len() > NAME_BYTES_MAX {
        let start: String = name.chars().take(NAME_CHARS).collect();
        format!("{start}-{}", &blake3::hash(name.as_bytes()).to_hex()[..16])
    } else {
        name
    };
    let home = info.fields.iter().filter(|field| field.name != "parentKey" && is_link(&field.ty));
    let home = home.map(|field| text_of(tree, &field.name)).find(Option::is_some).flatten();
    let key = match home {
        Some(home) => Key::of_parts(&home, &[&part(&name)]).to_string(),
        None => part(&name),
    };
    let others = fields.iter().filter(|(field, _)| field != own).cloned();
    Some(Tree::Map(std::iter::once((Cow::Owned(own.to_owned()), Tree::Text(Cow::Owned(key)))).chain(others).collect()))
}

fn is_link(ty: &Type) -> bool {
    match ty {
        Type::Link(_) | Type::LinkByKind(..) => true,
        Type::Optional(inner) => is_link(inner),
        _ => false,
    }
}

/// What stands in a field, if anything does.
fn text_of(tree: &Tree<'_>, name: &str) -> Option<String> {
    match tree.field(name)? {
        Tree::Text(text) | Tree::Cell(text) | Tree::Number(text) => {
            Some(text.trim().to_owned()).filter(|text| !text.is_empty())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Kind, Problems};

    fn key(kind: Kind, fields: &[(&'static str, &'static str)]) -> Option<String> {
        let tree = Tree::Map(fields.iter().map(|(name, text)| ((*name).into(), Tree::Cell((*text).into()))).collect());
        kind.read(&tree, &mut Problems::default()).map(|record| record.key().to_string())
    }

    #[test]
    fn a_key_is_made_of_what_is_printed() {
        for (kind, fields, expected) in [
            (
                Kind::BudgetArticle,
                &[("printedCode", "0309 02/613000"), ("organisationKey", "b")] as &[_],
                "b/0309%2002/613000~1",
            ),
            (Kind::Measure, &[("planKey", "a:p"), ("name", "Ploegbaas ploeg 1")], "a:p/Ploegbaas%20ploeg%201"),
            (Kind::Measure, &[("planKey", "p"), ("name", "m"), ("key", " ")], "p/m"),
            (Kind::Plan, &[("organisationKey", "b"), ("year", "2024"), ("title", "Plan")], "b/Plan"),
            (Kind::Organisation, &[("name", "The Agency"), ("parentKey", "m")], "The%20Agency"),
            (Kind::Measure, &[("planKey", "p"), ("name", "m"), ("key", "own")], "own"),
        ] {
            assert_eq!(key(kind, fields).as_deref(), Some(expected), "{kind}");
        }
        assert_eq!(key(Kind::Edition, &[("title", "x"), ("taggedRevision", "1")]), None);
        let long = "x".repeat(300);
        let leaked: &'static str = Box::leak(long.into_boxed_str());
        assert!(key(Kind::Measure, &[("planKey", "p"), ("name", leaked)]).unwrap().len() < 80);
    }
}
