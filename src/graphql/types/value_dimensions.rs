//! What values that the register computes can be grouped by: their own words, numbers, periods and records, and what the records that they
//! are about lead to, as records themselves are grouped.

use crate::graphql::core::definition::{FieldDef, Resolve, Ty};
use crate::graphql::core::value::{Value, from_view, record};
use crate::graphql::types::grouping::leaf_type;
use crate::model::value::AnyComposite;
use crate::model::{CompositeInfo, Key, Kind, View};
use crate::register::query::Row;
use crate::register::query::dimension::{Groupable, Grouped, words};
use crate::register::query::schema::{FieldPath, FilterSchema, Leaf, Link, TermKind};
use crate::register::relation::Relation;
use crate::register::{Node, Register, TableSet};
use crate::work;

/// Something that values can be grouped by.
#[derive(Debug)]
pub struct Dimension {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub doc: &'static str,
    of: Of,
}

#[derive(Debug)]
enum Of {
    /// A plain value, by the position of its field.
    Leaf(usize, Leaf),
    /// All words of a list together: those with the same ones make one group, so that nothing counts twice.
    Words(usize),
    /// The record of a kind that a key names.
    Record(usize, Kind),
    /// What records lead to that the value names: by the first of these ways that leads somewhere.
    Led(Vec<Way>, End),
}

/// A way from a record that a value names.
#[derive(Debug)]
struct Way {
    index: usize,
    kind: Kind,
    steps: Vec<&'static Relation>,
}

/// What stands at the end of a way.
#[derive(Clone, Debug)]
enum End {
    /// The record there.
    Record(Kind),
    /// A value of it.
    Value(FieldPath),
    /// All records together that a relation leads to from there.
    Set(&'static Relation),
}

impl End {
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Record(a), Self::Record(b)) => a == b,
            (Self::Value(a), Self::Value(b)) => a.path == b.path,
            (Self::Set(a), Self::Set(b)) => a.number == b.number,
            _ => false,
        }
    }
}

/// What values of a type can be grouped by. Of the values themselves: words, numbers, periods and records; not what tells each value from all
/// others, nor sentences and amounts. Texts are words where their field says so by its name. Then the words of the record that they are about,
/// and whatever the records that they name lead to, each to one.
pub fn dimensions(info: &'static CompositeInfo) -> Vec<Dimension> {
    let terms = || FilterSchema::of(info).terms.iter();
    let own = terms().filter_map(|term| {
        let of = match term.what {
            TermKind::Leaf(index, leaf @ (Leaf::Enum(_) | Leaf::Int | Leaf::Boolean | Leaf::Period)) => {
                Of::Leaf(index, leaf)
            }
            TermKind::Leaf(index, Leaf::Text) if term.name.ends_with("Word") || term.name == "owner" => {
                Of::Leaf(index, Leaf::Text)
            }
            TermKind::Leaves(index, Leaf::Text) if term.name.ends_with("Words") => Of::Words(index),
            TermKind::One(Link::Inner(index, kind)) => Of::Record(index, kind),
            _ => return None,
        };
        Some(Dimension { name: term.name, doc: term.doc, of })
    });
    let own: Vec<Dimension> = own.collect();
    let mut led: Vec<Dimension> = Vec::new();
    let links = own.iter().filter_map(|it| match it.of {
        Of::Record(index, kind) => Some((it.name, index, kind)),
        _ => None,
    });
    for (at, (name, index, kind)) in links.enumerate() {
        let mut add = |name: &'static str, doc: &'static str, ways: Vec<Way>, end: End| {
            let is_own = |it: &Dimension| match (&it.of, &end) {
                (Of::Record(_, known), End::Record(kind)) => known == kind,
                _ => it.name == name,
            };
            match led.iter_mut().find(|known| known.name == name).map(|known| &mut known.of) {
                _ if own.iter().any(is_own) => {}
                Some(Of::Led(known, of)) if of.is(&end) => known.extend(ways),
                Some(_) => {}
                None => led.push(Dimension { name, doc, of: Of::Led(ways, end) }),
            }
        };
        // The words of the record that the value is about.
        for word in words(kind, name).into_iter().filter(|_| at == 0) {
            if own.iter().all(|it| it.name != word.field) {
                add(word.name, word.doc, vec![Way { index, kind, steps: Vec::new() }], End::Value(word.place));
            }
        }
        for dimension in &Groupable::of(kind).dimensions {
            let end = match &dimension.what {
                Grouped::Record(kind) => End::Record(*kind),
                Grouped::Value(place) if !dimension.way.is_empty() => End::Value(place.clone()),
                Grouped::Set(relation) => End::Set(relation),
                _ => continue,
            };
            let ways = std::iter::once(&dimension.way).chain(&dimension.others);
            let ways = ways.map(|steps| Way { index, kind, steps: steps.clone() }).collect();
            add(dimension.name, dimension.doc, ways, end);
        }
    }
    own.into_iter().chain(led).collect()
}

impl Dimension {
    /// What tells groups apart, as text; none where nothing is there.
    pub fn told(&self, register: &Register, value: &dyn AnyComposite) -> Option<String> {
        match &self.of {
            Of::Leaf(index, _) | Of::Words(index) | Of::Record(index, _) => told(&value.field(*index)),
            Of::Led(ways, end) => {
                let node = end_of(register, value, ways)?;
                match end {
                    End::Record(_) => Some(node.key.to_string()),
                    End::Value(place) => told(&Row::Node(node).get(&place.path)),
                    End::Set(relation) => {
                        let mut keys: Vec<String> = Vec::new();
                        relation.for_each_target(&node.record, |key| keys.push(key.to_string()));
                        keys.sort_unstable();
                        (!keys.is_empty()).then(|| keys.join("\n"))
                    }
                }
            }
        }
    }

    /// What a group is told apart by, of one of its values.
    pub fn shown<'r>(&self, register: &'r Register, value: &'r dyn AnyComposite) -> Value<'r> {
        match &self.of {
            Of::Record(index, kind) => match value.field(*index) {
                View::Text(key) => of_key(register, *kind, &key).map_or(Value::Null, |node| record(register, node)),
                _ => Value::Null,
            },
            Of::Leaf(index, _) | Of::Words(index) => from_view(register, value.field(*index)),
            Of::Led(ways, end) => {
                let Some(node) = end_of(register, value, ways) else { return Value::Null };
                match end {
                    End::Record(_) => record(register, node),
                    End::Value(place) => from_view(register, Row::Node(node).get(&place.path)),
                    End::Set(relation) => {
                        let mut nodes = Vec::new();
                        relation.for_each_target(&node.record, |key| nodes.extend(register.get(relation.target, &key)));
                        Value::List(nodes.into_iter().map(|node| record(register, node)).collect())
                    }
                }
            }
        }
    }

    /// The tables that it is read from, besides the values.
    pub fn tables(&self) -> TableSet {
        match &self.of {
            Of::Leaf(..) | Of::Words(_) => TableSet::NONE,
            Of::Record(_, kind) => TableSet::of(&[*kind]),
            Of::Led(ways, end) => {
                let mut kinds: Vec<Kind> = ways
                    .iter()
                    .flat_map(|way| std::iter::once(way.kind).chain(way.steps.iter().map(|it| it.target)))
                    .collect();
                if let End::Set(relation) = end {
                    kinds.push(relation.target);
                }
                TableSet::of(&kinds)
            }
        }
    }

    /// Its field among the keys of a group.
    pub fn field(&self, index: usize) -> FieldDef {
        let several = |of: &str| Ty::List(Box::new(Ty::required(of.to_owned())));
        let ty = match &self.of {
            Of::Record(_, kind) | Of::Led(_, End::Record(kind)) => Ty::named(kind.name()),
            Of::Leaf(_, leaf) => Ty::named(leaf_type(*leaf)),
            Of::Led(_, End::Value(place)) => Ty::named(leaf_type(place.leaf)),
            Of::Words(_) => several("String"),
            Of::Led(_, End::Set(relation)) => several(relation.target.name()),
        };
        FieldDef::new(self.name, ty, self.doc, Resolve::Value(index)).reading(self.tables())
    }
}

/// The record at the end of the first of these ways that leads to one.
fn end_of<'r>(register: &'r Register, value: &dyn AnyComposite, ways: &[Way]) -> Option<&'r Node> {
    ways.iter().find_map(|way| {
        let View::Text(key) = value.field(way.index) else { return None };
        let mut node = of_key(register, way.kind, &key)?;
        for step in &way.steps {
            work::step(1);
            let mut next = None;
            step.for_each_target(&node.record, |key| next = next.or_else(|| register.get(step.target, &key)));
            node = next?;
        }
        Some(node)
    })
}

fn of_key<'r>(register: &'r Register, kind: Kind, key: &str) -> Option<&'r Node> {
    let key = Key::parse(key).ok()?;
    register.get(kind, &key).map(|node| &**node)
}

/// A value as text that tells groups apart; none when nothing is there.
fn told(view: &View<'_>) -> Option<String> {
    Some(match view {
        View::Text(text) => text.to_string(),
        View::Enum(word) => (*word).to_owned(),
        View::Int(number) => number.to_string(),
        View::Bool(is) => is.to_string(),
        View::Period(period) => period.to_string(),
        View::List(_) => view.text().unwrap_or_default(),
        _ => return None,
    })
}
