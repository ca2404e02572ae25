//! Random registers, conditions, orders, pages and groups against plain work on plain values: nothing here uses dates, decimals,
//! folding or collation of the product.

mod asked;
mod deltas;
mod examples;
mod records;
mod there_and_back;
mod versions;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::prelude::*;
use rust_decimal::Decimal;

use asked::{Asked, asked, map, word};
use records::{indicator, measure, observation};

use super::columnar::Columnar as _;
use super::dimension::Groupable;
use super::group::{GroupKey, Groups, TooLong};
use super::select::select;
use super::selection::Selection;
use super::table::Table;
use super::*;
use crate::model::indicator::IndicatorKind;
use crate::model::period::PeriodKind;
use crate::model::{
    BudgetArticle, BudgetLine, Figure, FigureStatus, Indicator, Key, Kind, Link, Measure, Observation, Period, Record,
    Tree, Unit,
};
use crate::register::relation::Relation;
use crate::register::{Node, Register};

/// Periods: how they are written, first and last day, year. In their order.
const PERIODS: [(&str, &str, &str, Option<i64>); 8] = [
    ("2019", "2019-01-01", "2019-12-31", Some(2019)),
    ("2019-2020", "2019-09-01", "2020-08-31", None),
    ("2020", "2020-01-01", "2020-12-31", Some(2020)),
    ("2020-Q1", "2020-01-01", "2020-03-31", Some(2020)),
    ("2020-02", "2020-02-01", "2020-02-29", Some(2020)),
    ("2020-09/2021-03", "2020-09-01", "2021-03-31", None),
    ("2020-09-02", "2020-09-02", "2020-09-02", Some(2020)),
    ("2021-Q1/2021-Q4", "2021-01-01", "2021-12-31", Some(2021)),
];
/// Names, without case and accents, in Dutch order.
const NAMES: [(&str, &str); 7] = [
    ("10 dagen", "10 dagen"),
    ("een", "een"),
    ("Één", "een"),
    ("Part 2", "part 2"),
    ("Part 10", "part 10"),
    ("Zorg", "zorg"),
    ("zorgen", "zorgen"),
];
const KINDS: [IndicatorKind; 3] = [IndicatorKind::Received, IndicatorKind::Paid, IndicatorKind::Vek];
const UNITS: [Unit; 3] = [Unit::Count, Unit::Ratio, Unit::Euro];

/// An observation as plain numbers.
#[derive(Clone, Debug)]
struct Plain {
    indicator: usize,
    period: usize,
    /// Digits and how many of them are decimals.
    value: Option<(i64, u32)>,
    unit: usize,
}

impl Plain {
    fn cents(&self) -> Option<i64> {
        self.value.map(|(digits, decimals)| digits * 10_i64.pow(2 - decimals))
    }
}

/// A register as plain numbers.
#[derive(Clone, Debug)]
struct World {
    /// Name of each measure.
    measures: Vec<usize>,
    /// Measure, if there is one, and kind of each indicator.
    indicators: Vec<(usize, usize)>,
    observations: Vec<Plain>,
}

fn worlds() -> impl Strategy<Value = World> {
    let measures = prop::collection::vec(0..NAMES.len(), 1..4);
    let indicators = prop::collection::vec((0..5usize, 0..KINDS.len()), 1..12);
    let value = prop::option::weighted(0.8, (-2_000..2_000i64, 0..3u32));
    let observation = (0..12usize, 0..PERIODS.len(), value, 0..UNITS.len());
    (measures, indicators, prop::collection::vec(observation, 0..90)).prop_map(|(measures, indicators, observed)| {
        let mut by_key = BTreeMap::new();
        for (indicator, period, value, unit) in observed {
            let indicator = indicator % indicators.len();
            by_key.insert((indicator, period), Plain { indicator, period, value, unit });
        }
        World { measures, indicators, observations: by_key.into_values().collect() }
    })
}

fn key(text: &str) -> Key {
    Key::parse(text).unwrap()
}

fn written(digits: i64, decimals: u32) -> String {
    let (sign, digits) = (if digits < 0 { "-" } else { "" }, digits.abs());
    match decimals {
        0 => format!("{sign}{digits}"),
        _ => {
            let times = 10_i64.pow(decimals);
            format!("{sign}{}.{:0width$}", digits / times, digits % times, width = decimals as usize)
        }
    }
}

impl World {
    fn register(&self) -> Register {
        let mut records: Vec<Record> = Vec::new();
        for (number, name) in self.measures.iter().enumerate() {
            records.push(measure(number, NAMES[*name].0));
        }
        for (number, (measure, kind)) in self.indicators.iter().enumerate() {
            records.push(indicator(number, *measure, KINDS[*kind]));
        }
        for it in &self.observations {
            let value = it.value.map(|(digits, decimals)| written(digits, decimals).parse().unwrap());
            records.push(observation(it.indicator, PERIODS[it.period].0, value, UNITS[it.unit]));
        }
        Register::load(records.into_iter().map(|record| Node::new(record, 1)), [], 1, 0)
    }

    /// The observations in the register's own order: by indicator, counted, then as their keys sort, which is by the period's
    /// letters and numbers.
    fn keys(&self) -> Vec<String> {
        self.observations.iter().map(|it| format!("i-{}/{}", it.indicator, PERIODS[it.period].0)).collect()
    }
}

const BOUNDS: Bounds = Bounds { depth: 100, terms: 10_000, values: 10_000, order: 10 };

fn filter(tree: &Tree<'_>, kind: Kind) -> Filter {
    Filter::read(tree, FilterSchema::of(kind.info()), "where", &mut Budget::new(BOUNDS)).unwrap()
}

fn order(by: &[(&str, bool)], kind: Kind) -> Order {
    let items = by.iter().map(|(field, down)| {
        let direction = word(if *down { "DESC" } else { "ASC" });
        Tree::Map(vec![("field".into(), word(field)), ("direction".into(), direction)])
    });
    Order::read(&Tree::List(items.collect()), FilterSchema::of(kind.info()), "orderBy", &mut Budget::new(BOUNDS))
        .unwrap()
}

fn keys(register: &Register, rows: impl Iterator<Item = u32>) -> Vec<String> {
    let table = Table::new(register, Kind::Observation);
    rows.map(|row| table.node(row).unwrap().key.to_string()).collect()
}

/// The places at which plain observations stand when ordered; the register's own order breaks ties.
fn arranged(world: &World, own: &[String], by: &[(&str, bool)], mut chosen: Vec<usize>) -> Vec<usize> {
    let keys = world.keys();
    chosen.sort_by_key(|at| own.iter().position(|key| *key == keys[*at]));
    for (field, down) in by.iter().rev() {
        let rank = |at: &usize| -> Option<i64> {
            let it = &world.observations[*at];
            let rank = match *field {
                "FIGURE_VALUE" => return it.cents().map(|cents| if *down { -cents } else { cents }),
                "PERIOD" => it.period as i64,
                "FIGURE_UNIT" => it.unit as i64,
                _ => it.indicator as i64,
            };
            Some(if *down { -rank } else { rank })
        };
        chosen.sort_by_key(|at| (rank(at).is_none(), rank(at)));
    }
    chosen
}

fn orders() -> impl Strategy<Value = Vec<(&'static str, bool)>> {
    let field = prop::sample::select(vec!["FIGURE_VALUE", "PERIOD", "FIGURE_UNIT", "INDICATOR_KEY"]);
    prop::collection::vec((field, any::<bool>()), 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn conditions_hold_where_they_should(world in worlds(), asked in asked()) {
        let register = world.register();
        let filter = filter(&asked.tree(), Kind::Observation);
        let mut expected: Vec<String> = Vec::new();
        for (it, key) in world.observations.iter().zip(world.keys()) {
            if asked.holds(&world, it) {
                expected.push(key);
            }
        }
        expected.sort();
        let shared = Arc::new(filter.clone());
        for matcher in [Matcher::new(&shared, &register), Matcher::following(&shared, &register, 2)] {
            let one_by_one = register.all(Kind::Observation).filter(|node| matcher.matches(Row::Node(node)));
            let mut one_by_one: Vec<String> = one_by_one.map(|node| node.key.to_string()).collect();
            one_by_one.sort();
            prop_assert_eq!(&one_by_one, &expected);
        }
        // Where the filter names records, it begins there.
        if let Some(found) = Matcher::new(&shared, &register).found(Kind::Observation) {
            let in_order: Vec<String> = register.all(Kind::Observation).map(|node| node.key.to_string()).collect();
            let found: Vec<String> = found.into_iter().map(|node| node.key.to_string()).collect();
            prop_assert!(found.is_sorted_by_key(|key| in_order.iter().position(|other| other == key)));
            let mut found = found;
            found.sort();
            prop_assert_eq!(&found, &expected);
        }
        let mut by_columns = keys(&register, select(&filter, Table::new(&register, Kind::Observation)).bits().rows());
        by_columns.sort();
        prop_assert_eq!(by_columns, expected);
    }

    #[test]
    fn pages_are_parts_of_one_ordered_list(world in worlds(), asked in asked(), by in orders(), size in 1..7usize, of in prop::option::of(0..12usize)) {
        let register = world.register();
        let own: Vec<String> = register.all(Kind::Observation).map(|node| node.key.to_string()).collect();
        let of = of.map(|of| of % world.indicators.len());
        let chosen = (0..world.observations.len()).filter(|at| {
            let it = &world.observations[*at];
            asked.holds(&world, it) && of.is_none_or(|of| it.indicator == of)
        });
        let plain_keys = world.keys();
        let expected: Vec<String> = arranged(&world, &own, &by, chosen.collect()).into_iter().map(|at| plain_keys[at].clone()).collect();

        let (filter, order) = (filter(&asked.tree(), Kind::Observation), order(&by, Kind::Observation));
        let matcher = Matcher::new(&Arc::new(filter.clone()), &register);
        let mut nodes: Vec<_> = register.all(Kind::Observation).filter(|node| matcher.matches(Row::Node(node))).collect();
        nodes.retain(|node| of.is_none_or(|of| node.key.as_str().starts_with(&format!("i-{of}/"))));
        order.sort(&mut nodes, |node| Row::Node(node));
        prop_assert_eq!(nodes.iter().map(|node| node.key.to_string()).collect::<Vec<_>>(), expected.clone());

        let relation = Relation::of(Kind::Observation).next().unwrap();
        let owner = of.map(|of| key(&format!("i-{of}")));
        let within = owner.as_ref().map(|owner| (relation, owner));
        let selection = Selection::new(&register, Kind::Observation, within, Some(&Arc::new(filter)), &order);
        prop_assert_eq!(selection.len(), expected.len());
        prop_assert_eq!(selection.chosen().len(), expected.len());
        let (mut cursor, mut forward) = (None, Vec::new());
        loop {
            let part = selection.part(cursor, None, size, false);
            prop_assert_eq!(part.has_previous, !part.rows.is_empty() && !forward.is_empty());
            cursor = part.rows.last().copied();
            forward.extend(part.rows.clone());
            prop_assert_eq!(part.has_next, cursor.is_some() && forward.len() < expected.len());
            if !part.has_next { break }
        }
        prop_assert_eq!(keys(&register, forward.iter().copied()), expected.clone());
        let (mut cursor, mut backward) = (None, Vec::new());
        loop {
            let part = selection.part(None, cursor, size, true);
            cursor = part.rows.first().copied();
            backward.splice(0..0, part.rows);
            if !part.has_previous { break }
        }
        prop_assert_eq!(backward, forward.clone());
        if let [first, .., last] = forward.as_slice() {
            let between = selection.part(Some(*first), Some(*last), 1_000, false);
            prop_assert_eq!(&between.rows[..], &forward[1..forward.len() - 1]);
        }
    }

    #[test]
    fn groups_add_up(world in worlds(), asked in asked(), by in prop::collection::vec(0..5usize, 0..4)) {
        let register = world.register();
        let names = ["indicator", "measure", "periodYear", "figureUnit", "indicatorKind"];
        let of = Groupable::of(Kind::Observation);
        let by: Vec<&str> = by.into_iter().map(|at| names[at]).collect();
        let dimensions: Vec<_> = by.iter().map(|name| of.dimensions.iter().find(|it| it.name == *name).unwrap()).collect();
        let filter = filter(&asked.tree(), Kind::Observation);
        let selection = Selection::new(&register, Kind::Observation, None, Some(&Arc::new(filter)), &Order(Vec::new()));
        let groups = Groups::new(&register, &selection, of, &dimensions);

        // Of each group: its keys as numbers, absent ones last; for each unit and length of periods, the longest first, the cents, decimals and
        // number of its values, and their periods.
        type Length = (usize, PeriodKind, Reverse<Option<i32>>);
        type Totals = BTreeMap<Length, (Vec<i64>, u32, usize, BTreeSet<usize>)>;
        let mut expected: BTreeMap<Vec<i64>, (usize, Totals)> = BTreeMap::new();
        if by.is_empty() {
            expected.insert(Vec::new(), (0, BTreeMap::new()));
        }
        for it in world.observations.iter().filter(|it| asked.holds(&world, it)) {
            let (measure, kind) = world.indicators[it.indicator];
            let part = |name: &&str| match *name {
                "indicator" => it.indicator as i64,
                "measure" if measure < world.measures.len() => measure as i64,
                "periodYear" => PERIODS[it.period].3.unwrap_or(i64::MAX),
                "figureUnit" => it.unit as i64,
                "indicatorKind" => kind as i64,
                _ => i64::MAX,
            };
            let (count, totals) = expected.entry(by.iter().map(part).collect()).or_default();
            *count += 1;
            let period = Period::parse(PERIODS[it.period].0).unwrap();
            let length = (it.unit, period.kind(), Reverse(period.months()));
            let (cents, decimals, missing, periods) = totals.entry(length).or_default();
            periods.insert(it.period);
            match it.value {
                Some((_, of)) => {
                    cents.extend(it.cents());
                    *decimals = of.max(*decimals);
                }
                None => *missing += 1,
            }
        }
        prop_assert_eq!(groups.counts.len(), expected.len());
        for (at, (keys, (count, totals))) in expected.into_iter().enumerate() {
            prop_assert_eq!(groups.counts[at] as usize, count);
            for (place, (name, key)) in by.iter().zip(&keys).enumerate() {
                let told = groups.key(at, place);
                let record = |kind, row| Table::new(&register, kind).node(row).map(|node| node.key.to_string());
                match (told, *name) {
                    (GroupKey::None, _) => prop_assert_eq!(*key, i64::MAX),
                    (GroupKey::Year(year), _) => prop_assert_eq!(i64::from(year), *key),
                    (GroupKey::Record(kind, row), "indicator") => prop_assert_eq!(record(kind, row), Some(format!("i-{key}"))),
                    (GroupKey::Record(kind, row), _) => prop_assert_eq!(record(kind, row), Some(format!("m-{key}"))),
                    (GroupKey::Value(kind, row, path), name) => {
                        let node = Table::new(&register, kind).node(row).unwrap();
                        let shown = Row::Node(node).get(&path).text();
                        let word = if name == "figureUnit" { UNITS[*key as usize].word() } else { KINDS[*key as usize].word() };
                        prop_assert_eq!(shown, Some(word.to_owned()));
                    }
                    (other, _) => prop_assert!(false, "{other:?}"),
                }
            }
            let told = groups.totals(&register, 0, at);
            prop_assert_eq!(told.len(), totals.len());
            // What lies in several years is no one year.
            let is_of_years = by.iter().zip(&keys).any(|(name, key)| *name == "periodYear" && *key == i64::MAX);
            for (told, ((unit, span, Reverse(months)), (cents, decimals, missing, periods))) in told.iter().zip(totals) {
                prop_assert_eq!((told.span, told.months), (Some(span), months));
                prop_assert_eq!(told.apart.is_some(), is_of_years && periods.len() > 1);
                prop_assert_eq!((told.unit, told.valued, told.missing), (UNITS[unit].word(), cents.len(), missing));
                // Hundredths of what is told, by its own digits.
                let as_cents = |value: Decimal| value.mantissa() * 10_i128.pow(2 - value.scale());
                let sum: i64 = cents.iter().sum();
                let expected = (!cents.is_empty()).then_some(sum);
                prop_assert_eq!(told.sum.unwrap().map(as_cents), expected.map(i128::from));
                prop_assert_eq!(told.sum.unwrap().map(|sum| sum.scale()), expected.map(|_| decimals));
                prop_assert_eq!(told.min.map(as_cents), cents.iter().min().copied().map(i128::from));
                prop_assert_eq!(told.max.map(as_cents), cents.iter().max().copied().map(i128::from));
                match told.avg().unwrap() {
                    None => prop_assert!(cents.is_empty()),
                    Some(mean) => {
                        let times = 10_i128.pow(15);
                        let exact = i128::from(sum) * times / (100 * cents.len() as i128);
                        let told = mean.trunc_with_scale(15);
                        prop_assert_eq!(told.mantissa() * 10_i128.pow(15 - told.scale()), exact);
                    }
                }
            }
        }
    }
}
