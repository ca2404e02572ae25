//! Relations: which field of which kind refers to which kind. They are the model's links, numbered.

use std::sync::OnceLock;

use crate::model::value::AnyComposite;
use crate::model::{Key, Kind, Record, Type, View};

/// A field that refers to records of another kind (or of its own).
#[derive(Debug)]
pub struct Relation {
    /// Its number: index into [`Relation::all`].
    pub number: usize,
    /// The kind that refers.
    pub source: Kind,
    /// Position of the referring field.
    pub field: usize,
    /// The kind referred to.
    pub target: Kind,
    /// Name of the field that leads to the target, or targets.
    pub name: String,
    /// Whether the field refers to several.
    pub many: bool,
    /// Whether the field may refer to none.
    pub optional: bool,
    /// Position of the field that says the target's kind, where a link may lead to several kinds: the relation then holds for
    /// those records only whose field names this one.
    pub by_kind: Option<usize>,
    /// Name of the list on the target's side.
    pub reverse: String,
    /// Documentation of that list.
    pub reverse_doc: &'static str,
}

impl Relation {
    /// All relations of the model.
    pub fn all() -> &'static [Self] {
        static ALL: OnceLock<Vec<Relation>> = OnceLock::new();
        ALL.get_or_init(|| {
            let mut all = Vec::new();
            for &source in Kind::ALL {
                let info = source.info();
                for (index, field) in info.fields.iter().enumerate() {
                    let (targets, many, optional, by_kind) = match &field.ty {
                        Type::Link(target) => (vec![*target], false, false, None),
                        Type::LinkByKind(kinds, said_by) => {
                            let targets = kinds.words.iter().filter_map(|(word, _)| Kind::from_word(word)).collect();
                            (targets, false, false, info.position(said_by))
                        }
                        Type::Optional(inner) => match **inner {
                            Type::Link(target) => (vec![target], false, true, None),
                            Type::LinkByKind(kinds, said_by) => {
                                let targets =
                                    kinds.words.iter().filter_map(|(word, _)| Kind::from_word(word)).collect();
                                (targets, false, true, info.position(said_by))
                            }
                            _ => continue,
                        },
                        Type::List(inner) => match **inner {
                            Type::Link(target) => (vec![target], true, false, None),
                            _ => continue,
                        },
                        _ => continue,
                    };
                    let (reverse, reverse_doc) = field
                        .reverse
                        .clone()
                        .expect("the model's test sees that every link of a record names its other side");
                    for target in targets {
                        all.push(Self {
                            number: all.len(),
                            source,
                            field: index,
                            target,
                            name: forward_name(&field.name, many),
                            many,
                            optional,
                            by_kind,
                            reverse: reverse.clone(),
                            reverse_doc,
                        });
                    }
                }
            }
            all
        })
    }

    /// The relations whose source is of that kind.
    pub fn of(kind: Kind) -> impl Iterator<Item = &'static Self> {
        Self::all().iter().filter(move |relation| relation.source == kind)
    }

    /// The relations whose target is of that kind.
    pub fn to(kind: Kind) -> impl Iterator<Item = &'static Self> {
        Self::all().iter().filter(move |relation| relation.target == kind)
    }

    /// Whether the list on the target's side is read in pages: what belongs to a whole body, plan or document grows without
    /// bound, what belongs to anything smaller is short.
    pub fn paged(&self) -> bool {
        matches!(self.target, Kind::Organisation | Kind::Document | Kind::Plan)
    }

    /// Calls `each` with every key that the record refers to through this relation.
    pub fn for_each_target(&self, record: &Record, mut each: impl FnMut(Key)) {
        self.for_each_text(record, |text| {
            if let Ok(key) = Key::parse(text) {
                each(key);
            }
        });
    }

    /// The same with the keys as texts.
    pub fn for_each_text(&self, record: &Record, mut each: impl FnMut(&str)) {
        let other_kind = |at| !matches!(record.get(at), View::Enum(word) if word == self.target.word());
        if self.by_kind.is_some_and(other_kind) {
            return;
        }
        let mut take = |view: &View<'_>| {
            if let View::Text(text) = view {
                each(text);
            }
        };
        match record.get(self.field) {
            View::List(items) => items.iter().for_each(&mut take),
            view => take(&view),
        }
    }
}

/// The relations by which records of a kind belong to their plan, or to a record of it: the link that each must have, or else those of
/// which each must have one. A staff target may say that it is of a plan.
pub fn homes(kind: Kind) -> Vec<&'static Relation> {
    let single = || Relation::of(kind).filter(|relation| !relation.many);
    if kind == Kind::StaffTarget {
        return single().filter(|relation| relation.target == Kind::Plan).collect();
    }
    match single().find(|relation| !relation.optional && relation.by_kind.is_none()) {
        Some(home) => vec![home],
        None => single().collect(),
    }
}

/// The relations of which a record has one at most, and which lead up to the same: a budget line stands under a goal, a chapter or a
/// policy field.
pub fn alternatives(kind: Kind) -> Vec<&'static Relation> {
    const LEVELS: [Kind; 3] = [Kind::OperationalGoal, Kind::StructuralElement, Kind::PolicyField];
    match kind {
        Kind::BudgetLine => {
            Relation::of(kind).filter(|relation| !relation.many && LEVELS.contains(&relation.target)).collect()
        }
        _ => homes(kind),
    }
}

/// Calls `each` with every reference inside of a record's values, such as the document of a citation: path, kind and key.
pub fn for_each_inner(record: &Record, each: &mut dyn FnMut(&[&str], Kind, Key)) {
    for (index, field) in record.info().fields.iter().enumerate() {
        if let View::Composite(value) = record.get(index) {
            inner(value, &mut vec![&field.name], each);
        }
    }
}

fn inner<'n>(value: &dyn AnyComposite, path: &mut Vec<&'n str>, each: &mut dyn FnMut(&[&str], Kind, Key)) {
    for (index, field) in value.describe().fields.iter().enumerate() {
        path.push(&field.name);
        match (value.field(index), &field.ty) {
            (View::Composite(value), _) => inner(value, path, each),
            (View::Text(text), Type::Link(kind)) => {
                if let Ok(key) = Key::parse(&text) {
                    each(path, *kind, key);
                }
            }
            _ => {}
        }
        path.pop();
    }
}

/// The kinds whose values may refer to that kind.
pub fn inner_sources(target: Kind) -> impl Iterator<Item = Kind> {
    fn leads_to(ty: &Type, target: Kind) -> bool {
        match ty {
            Type::Optional(inner) => leads_to(inner, target),
            Type::Composite(info) => info()
                .fields
                .iter()
                .any(|field| matches!(field.ty, Type::Link(kind) if kind == target) || leads_to(&field.ty, target)),
            _ => false,
        }
    }
    Kind::ALL.iter().copied().filter(move |kind| kind.info().fields.iter().any(|field| leads_to(&field.ty, target)))
}

/// `goalKey` → `goal`, `articleKeys` → `articles`.
fn forward_name(field: &str, many: bool) -> String {
    let stem = field.strip_suffix(if many { "Keys" } else { "Key" }).unwrap_or(field);
    if many { plural(stem) } else { stem.to_owned() }
}

/// Plural of an English noun in lower camel case, as far as field names need it.
fn plural(noun: &str) -> String {
    match noun.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ if noun.ends_with('s') => format!("{noun}es"),
        _ => format!("{noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_as_english() {
        assert_eq!(forward_name("operationalGoalKey", false), "operationalGoal");
        assert_eq!(forward_name("articleKeys", true), "articles");
        assert_eq!(forward_name("categoryKeys", true), "categories");
        assert_eq!(forward_name("processKeys", true), "processes");
    }

    #[test]
    fn every_relation_goes_both_ways() {
        assert!(Relation::all().len() > 20);
        for relation in Relation::all() {
            assert!(Relation::of(relation.source).any(|other| other.number == relation.number));
            assert!(Relation::to(relation.target).any(|other| other.number == relation.number));
            assert!(relation.reverse_doc.ends_with('.'), "{}.{}", relation.source, relation.name);
        }
    }
}
