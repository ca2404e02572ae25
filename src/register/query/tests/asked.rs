//! What can be asked, and what it means in plain numbers.

use super::*;

/// A condition on observations, or on indicators.
#[derive(Clone, Debug)]
pub enum Asked {
    Value(&'static str, i64),
    Range(i64, i64),
    NoValue(bool),
    Units(bool, Vec<usize>),
    Period(&'static str, usize),
    Year(i64),
    Indicator(usize),
    Kind(bool, usize),
    Measure(&'static str, &'static str),
    /// Of these measures, by their keys: of the measure itself, or of the link.
    OfMeasures(bool, Vec<usize>),
    /// Of the indicator: how many of its observations.
    Several(usize, Box<Asked>),
    All(Vec<Asked>),
    Any(Vec<Asked>),
    Not(Box<Asked>),
}

const COMPARED: [&str; 6] = ["eq", "ne", "lt", "lte", "gt", "gte"];

pub fn asked() -> impl Strategy<Value = Asked> {
    let part = prop::sample::select(vec!["een", "PART", "zórg", "2", "1"]);
    let leaf = prop_oneof![
        (prop::sample::select(COMPARED.to_vec()), -900..900i64).prop_map(|(name, cents)| Asked::Value(name, cents)),
        (-900..900i64, -900..900i64).prop_map(|(from, to)| Asked::Range(from, to)),
        any::<bool>().prop_map(Asked::NoValue),
        (any::<bool>(), prop::collection::vec(0..UNITS.len(), 0..3)).prop_map(|(not, units)| Asked::Units(not, units)),
        (prop::sample::select(COMPARED.to_vec()), 0..PERIODS.len()).prop_map(|(name, at)| Asked::Period(name, at)),
        (2018..2022i64).prop_map(Asked::Year),
        (0..14usize).prop_map(Asked::Indicator),
        (any::<bool>(), 0..KINDS.len()).prop_map(|(not, kind)| Asked::Kind(not, kind)),
        (prop::sample::select(vec!["contains", "startsWith", "eq"]), part)
            .prop_map(|(name, part)| Asked::Measure(name, part)),
        (any::<bool>(), prop::collection::vec(0..5usize, 0..3)).prop_map(|(link, of)| Asked::OfMeasures(link, of)),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Asked::All),
            prop::collection::vec(inner.clone(), 0..3).prop_map(Asked::Any),
            inner.clone().prop_map(|inner| Asked::Not(Box::new(inner))),
            (0..3usize, inner).prop_map(|(how, inner)| Asked::Several(how, Box::new(inner))),
        ]
    })
}

pub fn map(name: &str, value: Tree<'static>) -> Tree<'static> {
    Tree::Map(vec![(name.to_owned().into(), value)])
}
pub fn word(text: &str) -> Tree<'static> {
    Tree::Text(text.to_owned().into())
}

impl Asked {
    pub fn tree(&self) -> Tree<'static> {
        let units = |units: &[usize]| Tree::List(units.iter().map(|unit| word(UNITS[*unit].word())).collect());
        let list = |items: &[Self]| Tree::List(items.iter().map(Self::tree).collect());
        let figure = |tests| map("figure", map("value", tests));
        match self {
            Self::Value(name, cents) => figure(map(name, word(&written(*cents, 2)))),
            Self::Range(from, to) => {
                let ends = [("from", from), ("to", to)].map(|(name, end)| (name.into(), word(&written(*end, 2))));
                figure(map("between", Tree::Map(ends.to_vec())))
            }
            Self::NoValue(none) => figure(map("isNull", Tree::Bool(*none))),
            Self::Units(not, of) => map("figure", map("unit", map(if *not { "notIn" } else { "in" }, units(of)))),
            Self::Period(name, at) => map("period", map(name, word(PERIODS[*at].0))),
            Self::Year(year) => map("period", map("year", map("eq", Tree::Number(year.to_string().into())))),
            Self::Indicator(at) => map("indicatorKey", map("eq", word(&format!("i-{at}")))),
            Self::Kind(not, kind) => {
                map("indicator", map("kind", map(if *not { "ne" } else { "eq" }, word(KINDS[*kind].word()))))
            }
            Self::Measure(name, part) => map("indicator", map("measure", map("name", map(name, word(part))))),
            Self::OfMeasures(link, of) => {
                let keys = Tree::List(of.iter().map(|at| word(&format!("m-{at}"))).collect());
                let of = map("in", keys);
                map("indicator", if *link { map("measureKey", of) } else { map("measure", map("key", of)) })
            }
            Self::Several(how, inner) => {
                map("indicator", map("observations", map(["some", "every", "none"][*how], inner.tree())))
            }
            Self::All(items) => map("and", list(items)),
            Self::Any(items) => map("or", list(items)),
            Self::Not(inner) => map("not", inner.tree()),
        }
    }

    pub fn holds(&self, world: &World, it: &Plain) -> bool {
        let compare = |name: &str, order: std::cmp::Ordering| match name {
            "eq" => order.is_eq(),
            "ne" => order.is_ne(),
            "lt" => order.is_lt(),
            "lte" => order.is_le(),
            "gt" => order.is_gt(),
            _ => order.is_ge(),
        };
        let (measure, kind) = world.indicators[it.indicator];
        match self {
            Self::Value(name, cents) => it.cents().map_or(*name == "ne", |value| compare(name, value.cmp(cents))),
            Self::Range(from, to) => it.cents().is_some_and(|value| *from <= value && value <= *to),
            Self::NoValue(none) => it.value.is_none() == *none,
            Self::Units(not, units) => units.contains(&it.unit) != *not,
            Self::Period(name, at) => {
                let ((_, start, end, _), (_, from, to, _)) = (PERIODS[it.period], PERIODS[*at]);
                match *name {
                    "eq" => (start, end) == (from, to),
                    "ne" => (start, end) != (from, to),
                    "lt" => end < from,
                    "lte" => end <= to,
                    "gt" => start > to,
                    _ => start >= from,
                }
            }
            Self::Year(year) => PERIODS[it.period].3 == Some(*year),
            Self::Indicator(at) => it.indicator == *at,
            Self::Kind(not, wanted) => (kind == *wanted) != *not,
            Self::Measure(name, part) => world.measures.get(measure).is_some_and(|name_of| {
                let (text, part) = (NAMES[*name_of].1, part.to_lowercase().replace('ó', "o"));
                match *name {
                    "contains" => text.contains(&part),
                    "startsWith" => text.starts_with(&part),
                    _ => text == part,
                }
            }),
            // A link may name a measure that is not there.
            Self::OfMeasures(link, of) => of.contains(&measure) && (*link || measure < world.measures.len()),
            Self::Several(how, inner) => {
                let mut of = world.observations.iter().filter(|other| other.indicator == it.indicator);
                match how {
                    0 => of.any(|other| inner.holds(world, other)),
                    1 => of.all(|other| inner.holds(world, other)),
                    _ => !of.any(|other| inner.holds(world, other)),
                }
            }
            Self::All(items) => items.iter().all(|item| item.holds(world, it)),
            Self::Any(items) => items.iter().any(|item| item.holds(world, it)),
            Self::Not(inner) => !inner.holds(world, it),
        }
    }
}
