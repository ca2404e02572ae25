//! What can be asked of a type: its fields, the fields of the values in them, and its relations both ways.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use super::KEY;
use crate::model::value::upper_case;
use crate::model::{CompositeInfo, Kind, Type, Vocabulary};
use crate::register::relation::Relation;

/// What can be asked of a type.
#[derive(Debug)]
pub struct FilterSchema {
    /// Name of the type.
    pub name: &'static str,
    /// Its kind, when it is a kind of record.
    pub kind: Option<Kind>,
    /// What a filter can name.
    pub terms: Vec<Term>,
    /// The fields that an order can name: the words of the API for [`FilterSchema::places`], in the same order.
    pub order: Vocabulary,
    /// Where the fields that an order can name stand, and what they hold.
    pub places: Vec<FieldPath>,
}

/// Something that a filter can name.
#[derive(Debug)]
pub struct Term {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub doc: &'static str,
    /// What stands there.
    pub what: TermKind,
}

/// What stands behind a name in a filter.
#[derive(Clone, Copy, Debug)]
pub enum TermKind {
    /// A plain value, by the position of its field.
    Leaf(usize, Leaf),
    /// A list of plain values.
    Leaves(usize, Leaf),
    /// A value made of fields.
    Composite(usize, &'static CompositeInfo),
    /// One record, or none.
    One(Link),
    /// Several records.
    Many(Link),
}

/// A way to other records.
#[derive(Clone, Copy, Debug)]
pub enum Link {
    /// To those that this record refers to.
    To(&'static Relation),
    /// To those that refer to this record.
    From(&'static Relation),
    /// To the one that a field of a value names.
    Inner(usize, Kind),
}

impl Link {
    /// The kind that it leads to.
    pub fn kind(self) -> Kind {
        match self {
            Self::To(relation) => relation.target,
            Self::From(relation) => relation.source,
            Self::Inner(_, kind) => kind,
        }
    }
}

/// What a plain value is.
#[derive(Clone, Copy, Debug)]
pub enum Leaf {
    /// Text.
    Text,
    /// A natural key.
    Key,
    /// A whole number.
    Int,
    /// Yes or no.
    Boolean,
    /// An exact decimal.
    Decimal,
    /// A day.
    Date,
    /// A period.
    Period,
    /// A word of a closed list.
    Enum(&'static Vocabulary),
}

/// Where a plain value stands.
#[derive(Clone, Debug)]
pub struct FieldPath {
    /// Positions of the fields that lead there.
    pub path: Vec<usize>,
    /// What it is.
    pub leaf: Leaf,
}

/// What a field's type comes to.
enum Field {
    Leaf(Leaf),
    Leaves(Leaf),
    Composite(&'static CompositeInfo),
}

impl FilterSchema {
    /// What can be asked of that type.
    pub fn of(info: &'static CompositeInfo) -> &'static Self {
        static SCHEMAS: OnceLock<Mutex<BTreeMap<&'static str, &'static FilterSchema>>> = OnceLock::new();
        let schemas = SCHEMAS.get_or_init(Mutex::default);
        let mut schemas = schemas.lock().unwrap_or_else(PoisonError::into_inner);
        // Once in the life of the program for each type: a schema lives as long as it does.
        schemas.entry(info.name).or_insert_with(|| Box::leak(Box::new(Self::new(info))))
    }

    fn new(info: &'static CompositeInfo) -> Self {
        let kind = Kind::ALL.iter().copied().find(|kind| std::ptr::eq(kind.info(), info));
        let mut terms = Vec::new();
        if kind.is_some() && info.position("key").is_none() {
            terms.push(Term { name: "key", doc: "Natural key.", what: TermKind::Leaf(KEY, Leaf::Key) });
        }
        for (index, field) in info.fields.iter().enumerate() {
            let what = match field_of(&field.ty) {
                Some(Field::Leaf(leaf)) => TermKind::Leaf(index, leaf),
                Some(Field::Leaves(leaf)) => TermKind::Leaves(index, leaf),
                Some(Field::Composite(info)) => TermKind::Composite(index, info),
                None => continue,
            };
            terms.push(Term { name: &field.name, doc: field.doc.trim(), what });
            if kind.is_none()
                && let Some(target) = inner_link(&field.ty)
                && let Some(name) = field.name.strip_suffix("Key")
            {
                let what = TermKind::One(Link::Inner(index, target));
                terms.push(Term { name, doc: field.doc.trim(), what });
            }
        }
        if let Some(kind) = kind {
            // A link whose kind the record says leads to several kinds: it is asked by key.
            for relation in Relation::of(kind).filter(|relation| relation.by_kind.is_none()) {
                let link = Link::To(relation);
                let what = if relation.many { TermKind::Many(link) } else { TermKind::One(link) };
                terms.push(Term { name: &relation.name, doc: info.fields[relation.field].doc.trim(), what });
            }
            for relation in Relation::to(kind) {
                let what = TermKind::Many(Link::From(relation));
                terms.push(Term { name: &relation.reverse, doc: relation.reverse_doc, what });
            }
        }
        let mut named = Vec::new();
        if kind.is_some() && info.position("key").is_none() {
            named.push(("key".to_owned(), "Natural key.", FieldPath { path: vec![KEY], leaf: Leaf::Key }));
        }
        places(info, "", &[], &mut named);
        let words = named.iter().map(|(name, doc, _)| (leak(upper_case(&name.replace('.', "_"))), *doc));
        let order = Vocabulary {
            name: leak(format!("{}OrderField", info.name)),
            doc: leak(format!("What a list of {} can be ordered by.", info.name)),
            words: Vec::leak(words.collect()),
        };
        Self { name: info.name, kind, terms, order, places: named.into_iter().map(|(_, _, place)| place).collect() }
    }

    /// What stands behind that name in a filter.
    pub fn term(&self, name: &str) -> Option<&Term> {
        self.terms.iter().find(|term| term.name == name)
    }

    /// Where the field of that word of the order's vocabulary stands.
    pub fn place(&self, word: &str) -> Option<&FieldPath> {
        let at = self.order.words.iter().position(|(known, _)| *known == word)?;
        self.places.get(at)
    }
}

pub(super) fn leak(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

/// All plain values of a type, those of the values in it too.
fn places(
    info: &'static CompositeInfo,
    prefix: &str,
    path: &[usize],
    named: &mut Vec<(String, &'static str, FieldPath)>,
) {
    for (index, field) in info.fields.iter().enumerate() {
        let path: Vec<usize> = path.iter().copied().chain([index]).collect();
        match field_of(&field.ty) {
            Some(Field::Leaf(leaf)) => {
                named.push((format!("{prefix}{}", field.name), field.doc.trim(), FieldPath { path, leaf }));
            }
            Some(Field::Composite(info)) => places(info, &format!("{prefix}{}.", field.name), &path, named),
            Some(Field::Leaves(_)) | None => {}
        }
    }
}

fn field_of(ty: &Type) -> Option<Field> {
    Some(Field::Leaf(match ty {
        Type::Text => Leaf::Text,
        Type::Key | Type::Link(_) | Type::LinkByKind(..) => Leaf::Key,
        Type::Int => Leaf::Int,
        Type::Boolean => Leaf::Boolean,
        Type::Decimal => Leaf::Decimal,
        Type::Date => Leaf::Date,
        Type::Period => Leaf::Period,
        Type::Enum(vocabulary) => Leaf::Enum(vocabulary),
        Type::Composite(info) => return Some(Field::Composite(info())),
        Type::Optional(inner) => return field_of(inner),
        Type::List(inner) => {
            return match field_of(inner)? {
                Field::Leaf(leaf) => Some(Field::Leaves(leaf)),
                // A list of values made of fields: the model has none, and nothing can be asked of one.
                _ => None,
            };
        }
    }))
}

fn inner_link(ty: &Type) -> Option<Kind> {
    match ty {
        Type::Link(kind) => Some(*kind),
        Type::Optional(inner) => inner_link(inner),
        _ => None,
    }
}
