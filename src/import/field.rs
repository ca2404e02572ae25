//! The fields of a kind by their paths, such as `figure.printed.section`.

use std::borrow::Cow;

use crate::model::{CompositeInfo, Kind, Tree, Type};

/// A field by its path, such as `figure.printed.section`.
#[derive(Clone, Debug)]
pub struct Field {
    /// The names on the way.
    pub steps: Vec<&'static str>,
    /// What it holds; whether it may be absent is left to the model.
    pub ty: &'static Type,
}

/// The type without "may be absent".
pub fn core(ty: &Type) -> &Type {
    match ty {
        Type::Optional(inner) => core(inner),
        other => other,
    }
}

impl Field {
    /// The field of that path; a record's `key` is one too when other fields give it.
    pub fn find(kind: Kind, path: &str) -> Option<Self> {
        let mut info = kind.info();
        if path == "key" && info.position("key").is_none() {
            return Some(Self { steps: vec!["key"], ty: &Type::Key });
        }
        let mut steps = Vec::new();
        let mut rest = Some(path);
        while let Some(path) = rest {
            let (name, after) = path.split_once('.').map_or((path, None), |(name, after)| (name, Some(after)));
            let field = &info.fields[info.position(name)?];
            steps.push(field.name.as_str());
            match (core(&field.ty), after) {
                (Type::Composite(inner), Some(_)) => info = inner(),
                (Type::Composite(_), None) | (_, Some(_)) => return None,
                (ty, None) => return Some(Self { steps, ty }),
            }
            rest = after;
        }
        None
    }

    /// The field of that path, however its letters are written (`Measure key` and `measurekey` are `measureKey`), or of that Dutch
    /// label: `Maatregel` is `measureKey`, `Waarde` is `figure.value`, and `Change: waarde` is `change.value`.
    pub fn named(kind: Kind, name: &str) -> Option<Self> {
        Self::find(kind, name).or_else(|| {
            let wanted = plain(name);
            let known = paths(kind).into_iter().chain(["key".to_owned()]);
            let path = known.into_iter().find(|path| plain(path) == wanted);
            path.or_else(|| labelled(kind, &wanted)).and_then(|path| Self::find(kind, &path))
        })
    }

    /// Its path.
    pub fn path(&self) -> String {
        self.steps.join(".")
    }
}

/// A name without what people write otherwise.
pub fn plain(text: &str) -> String {
    let kept = text.chars().filter(|letter| !letter.is_whitespace() && !matches!(letter, '_' | '-'));
    kept.flat_map(char::to_lowercase).collect()
}

/// The Dutch terms in a description: what stands between asterisks, by commas.
pub fn labels(doc: &str) -> impl Iterator<Item = &str> {
    doc.split('*').skip(1).step_by(2).flat_map(|terms| terms.split([',', ';'])).map(str::trim)
}

/// The path of the one field that has that label. What must be there comes before what may be absent.
fn labelled(kind: Kind, wanted: &str) -> Option<String> {
    let mut found: Vec<(bool, String)> = Vec::new();
    add_labelled(kind.info(), "", (true, &[]), wanted, &mut found);
    let needed: Vec<&String> = found.iter().filter(|(needed, _)| *needed).map(|(_, path)| path).collect();
    match (needed.as_slice(), found.as_slice()) {
        ([one], _) => Some((*one).clone()),
        ([], [(_, one)]) => Some(one.clone()),
        _ => None,
    }
}

/// Adds the fields of that label. Those of a value inside of the record, which is `needed` or not, go by the value's name or label
/// before their own too.
fn add_labelled(
    info: &CompositeInfo,
    prefix: &str,
    (needed, outer): (bool, &[String]),
    wanted: &str,
    found: &mut Vec<(bool, String)>,
) {
    let letters = |text: &str| plain(text).replace(|letter: char| !letter.is_alphanumeric(), "");
    for field in &info.fields {
        let path = format!("{prefix}{}", field.name);
        let within = needed && !matches!(field.ty, Type::Optional(_));
        let is_joined = |label: &str| {
            let joined =
                |outer: &String| letters(wanted).strip_prefix(outer).is_some_and(|rest| rest == letters(label));
            outer.iter().any(joined)
        };
        let is_one = |doc: &str| labels(doc).any(|label| plain(label) == wanted || is_joined(label));
        match core(&field.ty) {
            Type::Composite(inner) => {
                let names: Vec<String> = labels(field.doc).chain([field.name.as_str()]).map(letters).collect();
                add_labelled(inner(), &format!("{path}."), (within, &names), wanted, found);
            }
            // A reference goes by the name of what it refers to.
            Type::Link(kind) if labels(field.doc).next().is_none() && is_one(kind.info().doc) => {
                found.push((true, path))
            }
            _ if is_one(field.doc) => found.push((needed, path)),
            _ => {}
        }
    }
}

/// The paths of all fields of a kind, in the order of the model: the columns that its file may have.
pub fn paths(kind: Kind) -> Vec<String> {
    let mut paths = Vec::new();
    add_paths(kind.info(), "", &mut paths);
    paths
}

fn add_paths(info: &CompositeInfo, prefix: &str, paths: &mut Vec<String>) {
    for field in &info.fields {
        let path = format!("{prefix}{}", field.name);
        match core(&field.ty) {
            Type::Composite(inner) => add_paths(inner(), &format!("{path}."), paths),
            _ => paths.push(path),
        }
    }
}

/// An object's fields.
pub type Fields = Vec<(Cow<'static, str>, Tree<'static>)>;

/// Puts a value at a path, making the objects on the way; not when something else than an object stands there.
pub fn put(fields: &mut Fields, steps: &[&'static str], value: Tree<'static>) -> bool {
    let (name, rest) = steps.split_first().expect("a path has at least one step");
    if rest.is_empty() {
        fields.push((Cow::Borrowed(name), value));
        return true;
    }
    let at = fields.iter().position(|(found, _)| found == name).unwrap_or_else(|| {
        fields.push((Cow::Borrowed(name), Tree::Map(Vec::new())));
        fields.len() - 1
    });
    match &mut fields[at].1 {
        Tree::Map(inner) => put(inner, rest, value),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_leads_to_its_field() {
        for kind in Kind::ALL {
            for path in paths(*kind) {
                let field = Field::find(*kind, &path).unwrap_or_else(|| panic!("{kind} {path}"));
                assert_eq!(field.path(), path);
                assert!(!matches!(field.ty, Type::Composite(_) | Type::Optional(_)), "{kind} {path}");
            }
            assert!(Field::find(*kind, "key").is_some(), "{kind}");
        }
        for path in ["", ".", "figure", "figure.", "figure.value.x", "figure..value", "key.x"] {
            assert!(Field::find(Kind::Observation, path).is_none(), "{path}");
        }
    }
}
