//! What the records of a kind can be grouped by, and which of their numbers can be added up: made from the model.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use super::schema::{FieldPath, FilterSchema, Leaf, TermKind, leak};
use crate::model::value::{FieldInfo, upper_case};
use crate::model::{CompositeInfo, Kind, Type, Unit, Vocabulary, open_word};
use crate::register::TableSet;
use crate::register::relation::{Relation, alternatives, homes};

/// Something that records can be grouped by.
#[derive(Debug)]
pub struct Dimension {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub doc: &'static str,
    /// The relations that lead there, each to one record.
    pub way: Vec<&'static Relation>,
    /// Other ways there, for records that belong to one of several: a goal under a chapter, a policy field or the plan.
    pub others: Vec<Vec<&'static Relation>>,
    /// What stands there.
    pub what: Grouped,
}

impl Dimension {
    /// The tables that its way leads through; not the one that it begins at.
    pub fn tables(&self) -> TableSet {
        let through = |all: TableSet, relation: &&'static Relation| all.with(TableSet::of(&[relation.target]));
        let ways = self.others.iter().flatten().chain(&self.way).fold(TableSet::NONE, through);
        match &self.what {
            Grouped::Set(relation) => through(ways, relation),
            Grouped::YearOfBody(_, further) => further.iter().flatten().fold(ways, through),
            _ => ways,
        }
    }
}

/// What groups are told apart by.
#[derive(Debug)]
pub enum Grouped {
    /// The record at the end of the way.
    Record(Kind),
    /// All records together that a relation leads to from there.
    Set(&'static Relation),
    /// A value of the record there.
    Value(FieldPath),
    /// The calendar year of a date or period of the record there.
    Year(FieldPath),
    /// The calendar year in which a period of the record there ends.
    EndYear(FieldPath),
    /// The kind of a period of the record there.
    PeriodKind(FieldPath),
    /// The year in which a period counts, of the body that the first of these ways leads to that leads to one.
    YearOfBody(FieldPath, Vec<Vec<&'static Relation>>),
}

/// Numbers that can be added up: a value with its unit.
#[derive(Debug)]
pub struct Number {
    /// Name of the field.
    pub name: &'static str,
    /// What it is.
    pub doc: &'static str,
    /// The decimal.
    pub value: FieldPath,
    /// Its unit.
    pub unit: FieldPath,
    /// The code of its unit, where it is none of the list.
    pub code: Option<FieldPath>,
    /// The period that it is of, where the record has one.
    pub period: Option<FieldPath>,
}

/// How the records of a kind can be grouped.
#[derive(Debug)]
pub struct Groupable {
    /// The kind.
    pub kind: Kind,
    /// What they can be grouped by.
    pub dimensions: Vec<Dimension>,
    /// The dimensions as words of the API, in the same order.
    pub words: Vocabulary,
    /// What can be added up.
    pub numbers: Vec<Number>,
    /// What groups can be ordered by, as words of the API: their count, then for each number sum, average, least and most.
    pub order: Vocabulary,
}

/// What is told of the numbers of a group, in the order of [`Groupable::order`].
pub const TOLD: [(&str, &str); 4] =
    [("SUM", "sum"), ("AVG", "average"), ("MIN", "least value"), ("MAX", "largest value")];

impl Groupable {
    /// How the records of that kind can be grouped.
    pub fn of(kind: Kind) -> &'static Self {
        static ALL: OnceLock<Mutex<BTreeMap<Kind, &'static Groupable>>> = OnceLock::new();
        let mut all = ALL.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
        // Once in the life of the program for each kind: it lives as long as that does.
        all.entry(kind).or_insert_with(|| Box::leak(Box::new(Self::new(kind))))
    }

    fn new(kind: Kind) -> Self {
        let dimensions = dimensions(kind);
        let words: Vec<_> = dimensions.iter().map(|it| (leak(upper_case(it.name)), it.doc)).collect();
        let numbers = numbers(kind.info());
        Self {
            kind,
            dimensions,
            words: Vocabulary {
                name: leak(format!("{kind}Dimension")),
                doc: leak(format!("What records of kind {kind} can be grouped by.")),
                words: Vec::leak(words),
            },
            order: order(kind.name(), numbers.iter().map(|it| it.name)),
            numbers,
        }
    }
}

/// What groups of a type can be ordered by: their count, then for each number sum, average, least and most.
pub fn order<'n>(name: &str, numbers: impl Iterator<Item = &'n str>) -> Vocabulary {
    let mut words = vec![("COUNT", "How many entries the group has.")];
    for number in numbers {
        words.extend(TOLD.map(|(word, told)| {
            let doc = format!("The {told} of `{number}`; groups of different units stand apart, unit by unit.");
            let word: &'static str = leak(format!("{}_{word}", upper_case(number)));
            let doc: &'static str = leak(doc);
            (word, doc)
        }));
    }
    Vocabulary {
        name: leak(format!("{name}GroupOrderField")),
        doc: leak(format!("What groups of {name} can be ordered by.")),
        words: Vec::leak(words),
    }
}

/// The own values first, then what each relation leads to: every kind once, by the shortest way.
fn dimensions(kind: Kind) -> Vec<Dimension> {
    let mut found: Vec<Dimension> = Vec::new();
    own_values(kind, &mut found);
    let mut reached = vec![kind];
    let mut next = vec![(Vec::new(), kind)];
    while !next.is_empty() {
        let mut further = Vec::new();
        for (way, from) in next {
            for relation in Relation::of(from).filter(|relation| relation.by_kind.is_none()) {
                let doc = from.info().fields[relation.field].doc.trim();
                if relation.many {
                    let doc = leak(format!(
                        "{doc} All of them together: those with the same ones make one group, so that nothing counts twice."
                    ));
                    add(&mut found, way.last().copied(), &way, &relation.name, doc, Grouped::Set(relation));
                } else if !reached.contains(&relation.target) {
                    reached.push(relation.target);
                    let further_way: Vec<_> = way.iter().copied().chain([relation]).collect();
                    let what = Grouped::Record(relation.target);
                    add(&mut found, way.last().copied(), &further_way, &relation.name, doc, what);
                    let way = further_way;
                    words_of(&way, &mut found);
                    further.push((way, relation.target));
                }
            }
        }
        next = further;
    }
    year_of_body(kind, &mut found);
    found
}

/// The period that every record of a kind has.
fn own_period(info: &CompositeInfo) -> Option<FieldPath> {
    let at = info.fields.iter().position(|field| matches!(field.ty, Type::Period))?;
    Some(FieldPath { path: vec![at], leaf: Leaf::Period })
}

/// The year of the body: of the period that every record has, by the one way that leads to its body.
fn year_of_body(kind: Kind, found: &mut Vec<Dimension>) {
    let body = found.iter().find(|it| matches!(it.what, Grouped::Record(Kind::Organisation)));
    let ways: Vec<_> = body.map(|it| std::iter::once(&it.way).chain(&it.others).cloned().collect()).unwrap_or_default();
    let Some(place) = own_period(kind.info()).filter(|_| !ways.is_empty()) else { return };
    let doc = "The year of its body in which the period counts: the one in which it begins there, where the body says when its years begin \
               (`yearStart`). Where years are calendar years, and of a school year, that in which it ends.";
    add(found, None, &[], "periodFiscalYear", doc, Grouped::YearOfBody(place, ways));
}

/// The plain values of the record itself, and the words in its values made of fields.
fn own_values(kind: Kind, found: &mut Vec<Dimension>) {
    for term in &FilterSchema::of(kind.info()).terms {
        match term.what {
            TermKind::Leaf(index, leaf) => {
                let Some(field) = kind.info().fields.get(index) else { continue };
                if field.name == "key" || is_link(&field.ty) || matches!(leaf, Leaf::Decimal) {
                    continue;
                }
                let place = || FieldPath { path: vec![index], leaf };
                add(found, None, &[], term.name, term.doc, Grouped::Value(place()));
                if matches!(leaf, Leaf::Period | Leaf::Date) {
                    let is_own = own_period(kind.info()).is_some_and(|own| own.path == [index]);
                    let several = if is_own { ": values of different such periods are not added up" } else { "" };
                    let doc =
                        leak(format!("The calendar year of `{}`; none, when it lies in several{several}.", term.name));
                    add(found, None, &[], &format!("{}Year", term.name), doc, Grouped::Year(place()));
                }
                if matches!(leaf, Leaf::Period) {
                    let doc =
                        leak(format!("The calendar year in which `{}` ends: that of a school year too.", term.name));
                    add(found, None, &[], &format!("{}EndYear", term.name), doc, Grouped::EndYear(place()));
                    let doc = leak(format!(
                        "Whether `{}` is a year, a school year, a quarter and so on: with it, a year and its quarters stand apart.",
                        term.name
                    ));
                    add(found, None, &[], &format!("{}Kind", term.name), doc, Grouped::PeriodKind(place()));
                }
            }
            TermKind::Composite(index, info) => {
                for (inner, field) in info.fields.iter().enumerate() {
                    if let Some(leaf @ Leaf::Enum(_)) = leaf_of(&field.ty) {
                        let place = FieldPath { path: vec![index, inner], leaf };
                        let name = format!("{}{}", term.name, capital(&field.name));
                        let doc = leak(format!("Of `{}`: {}", term.name, field.doc.trim()));
                        add(found, None, &[], &name, doc, Grouped::Value(place));
                    }
                }
            }
            _ => {}
        }
    }
}

/// The words of the record at the end of a way.
fn words_of(way: &[&'static Relation], found: &mut Vec<Dimension>) {
    let Some(last) = way.last() else { return };
    for word in words(last.target, &last.name) {
        add(found, Some(last), way, word.name, word.doc, Grouped::Value(word.place));
    }
}

/// A word of a record, as a dimension of what leads to it.
#[derive(Debug)]
pub struct Word {
    /// Its name, after that of the way there.
    pub name: &'static str,
    /// That of its field.
    pub field: &'static str,
    /// What it is.
    pub doc: &'static str,
    /// Where it stands.
    pub place: FieldPath,
}

/// The words of the records of a kind that a way of that name leads to.
pub fn words(kind: Kind, way: &str) -> Vec<Word> {
    let info = kind.info();
    let word = |(index, field): (usize, &'static FieldInfo)| {
        let open = open_word::list_beside(info, &field.name).map(|_| Leaf::Text);
        let Some(leaf @ (Leaf::Enum(_) | Leaf::Boolean | Leaf::Text)) = leaf_of(&field.ty).or(open) else {
            return None;
        };
        Some(Word {
            name: leak(format!("{way}{}", capital(&field.name))),
            field: &field.name,
            doc: leak(format!("Of `{way}`: {}", field.doc.trim())),
            place: FieldPath { path: vec![index], leaf },
        })
    };
    info.fields.iter().enumerate().filter_map(word).collect()
}

/// Adds a dimension; where its name is taken, that of the step before it stands in front.
fn add(
    found: &mut Vec<Dimension>,
    step: Option<&'static Relation>,
    way: &[&'static Relation],
    name: &str,
    doc: &'static str,
    what: Grouped,
) {
    let taken = |name: &str| found.iter().any(|known| known.name == name);
    let name = match step {
        Some(step) if taken(name) => format!("{}{}", step.name, capital(name)),
        _ => name.to_owned(),
    };
    if !taken(&name) {
        found.push(Dimension { name: leak(name), doc, way: way.to_vec(), others: other_ways(way), what });
    }
}

/// The other ways to where a way leads, from the first record on it that belongs to one of several.
fn other_ways(way: &[&'static Relation]) -> Vec<Vec<&'static Relation>> {
    let is_same = |a: &Relation, b: &Relation| a.number == b.number;
    let Some(at) = way.iter().position(|step| {
        let alternatives = alternatives(step.source);
        alternatives.len() > 1 && alternatives.iter().any(|other| is_same(other, step))
    }) else {
        return Vec::new();
    };
    let (before, after) = way.split_at(at);
    let mut found = Vec::new();
    let (from, to) = (after[0].source, way[way.len() - 1].target);
    homeward(&alternatives(from), to, &mut Vec::new(), &mut found);
    found.retain(|other| other.len() != after.len() || !other.iter().zip(after).all(|(a, b)| is_same(a, b)));
    found.into_iter().map(|other| before.iter().copied().chain(other).collect()).collect()
}

/// All ways that begin with one of these relations, and lead to a kind by what records belong to.
fn homeward(
    first: &[&'static Relation],
    to: Kind,
    passed: &mut Vec<&'static Relation>,
    found: &mut Vec<Vec<&'static Relation>>,
) {
    for home in first.iter().copied() {
        passed.push(home);
        if home.target == to {
            found.push(passed.clone());
        } else if passed.iter().all(|step| step.source != home.target) {
            homeward(&homes(home.target), to, passed, found);
        }
        passed.pop();
    }
}

fn numbers(info: &'static CompositeInfo) -> Vec<Number> {
    let mut found = Vec::new();
    for term in &FilterSchema::of(info).terms {
        let TermKind::Composite(index, inner) = term.what else { continue };
        let place = |wanted: fn(&Leaf) -> bool| {
            let at = inner.fields.iter().position(|field| leaf_of(&field.ty).as_ref().is_some_and(wanted))?;
            Some(FieldPath { path: vec![index, at], leaf: leaf_of(&inner.fields[at].ty)? })
        };
        let value = place(|leaf| matches!(leaf, Leaf::Decimal));
        let unit = place(|leaf| matches!(leaf, Leaf::Enum(words) if words.name == Unit::VOCABULARY.name));
        if let (Some(value), Some(unit)) = (value, unit) {
            let code = inner.position("unitCode").map(|at| FieldPath { path: vec![index, at], leaf: Leaf::Text });
            found.push(Number { name: term.name, doc: term.doc, value, unit, code, period: own_period(info) });
        }
    }
    found
}

fn leaf_of(ty: &Type) -> Option<Leaf> {
    match ty {
        Type::Enum(words) => Some(Leaf::Enum(words)),
        Type::Boolean => Some(Leaf::Boolean),
        Type::Decimal => Some(Leaf::Decimal),
        Type::Optional(inner) => leaf_of(inner),
        _ => None,
    }
}

fn is_link(ty: &Type) -> bool {
    match ty {
        Type::Link(_) => true,
        Type::Optional(inner) => is_link(inner),
        _ => false,
    }
}

/// `kind` → `Kind`.
fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
