//! Lists of computed values: what a register makes of the lists of an earlier one is what it makes alone, whatever changed; and what is asked
//! of them by columns is what one finds who looks at each value.

pub mod commits;
pub mod dice;

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use async_graphql::Value as Input;
use boordtabel::analysis::askable::delivery::DELIVERIES;
use boordtabel::analysis::askable::execution::{BudgetExecution, EXECUTIONS};
use boordtabel::analysis::askable::inspection::RATES;
use boordtabel::analysis::askable::made::Making;
use boordtabel::analysis::askable::progress::PROGRESS;
use boordtabel::analysis::askable::standing::STANDINGS;
use boordtabel::analysis::askable::{ATTAINMENTS, IndicatorTrend, NormAttainment, TRENDS};
use boordtabel::commit::Edit;
use boordtabel::graphql::core::input::tree;
use boordtabel::graphql::core::limits::Limits;
use boordtabel::import;
use boordtabel::model::{AsRecord, Composite as _, CompositeInfo, Date, Key, Kind, Record};
use boordtabel::register::query::values::{Listable, Values};
use boordtabel::register::query::{Budget, Filter, FilterSchema, Matcher, Order, Row};
use boordtabel::register::{Change, Node, Register};
use dice::Dice;
use serde_json::{Value as Json, json};

/// The 2021 plan and the two years after it.
pub fn years() -> Register {
    let mut records: Vec<Record> = Vec::new();
    for folder in ["dwse-2021", "years/2022", "years/2023"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder);
        let edits = import::read_files(&import::read_folder(&folder).unwrap()).unwrap();
        records.extend(edits.into_iter().map(|edit| match edit {
            Edit::Put { record, .. } => record,
            other => panic!("{other:?}"),
        }));
    }
    Register::load(records.into_iter().map(|record| Node::new(record, 1)), [], 1, 0)
}

fn budget() -> Budget {
    Budget::new(Limits::default().query_bounds())
}

fn filter(info: &'static CompositeInfo, given: Json) -> Arc<Filter> {
    let given = Input::from_json(given).unwrap();
    Arc::new(Filter::read(&tree(&given), FilterSchema::of(info), "where", &mut budget()).unwrap())
}

fn order(info: &'static CompositeInfo, given: Json) -> Order {
    let given = Input::from_json(given).unwrap();
    Order::read(&tree(&given), FilterSchema::of(info), "orderBy", &mut budget()).unwrap()
}

/// Questions to a list: conditions, and orders.
struct Questions {
    filters: Vec<Arc<Filter>>,
    orders: Vec<Order>,
}

impl Questions {
    fn new(
        info: &'static CompositeInfo,
        filters: impl IntoIterator<Item = Json>,
        orders: impl IntoIterator<Item = Json>,
    ) -> Self {
        Self {
            filters: filters.into_iter().map(|it| filter(info, it)).collect(),
            orders: orders.into_iter().map(|it| order(info, it)).collect(),
        }
    }

    fn of_trends() -> Self {
        Self::new(
            IndicatorTrend::info(),
            [
                json!({}),
                json!({"isNull": true}),
                json!({"relative": {"lt": "-0.1"}}),
                json!({"relative": {"isNull": true}}),
                json!({"relative": {"isNull": false}, "planKey": {"eq": "dwse-2021"}}),
                json!({"unit": {"in": ["COUNT", "EUR"]}, "agrees": {"eq": true}}),
                json!({"indicator": {"kind": {"eq": "RECEIVED"}}}),
                json!({"measure": {"name": {"contains": "premie"}}, "relative": {"isNull": false}}),
                json!({"or": [{"absolute": {"gt": "100"}}, {"not": {"comparable": {"eq": true}}}]}),
                json!({"to": {"eq": "2020"}, "planKey": {"ne": "dwse-2021"}}),
                json!({"reason": {"contains": "period"}}),
                json!({"indicatorKey": {"startsWith": "a"}}),
            ],
            [
                json!([]),
                json!([{"field": "RELATIVE", "direction": "DESC"}]),
                json!([{"field": "UNIT"}, {"field": "ABSOLUTE"}]),
                json!([{"field": "REASON", "direction": "DESC"}, {"field": "TO"}]),
            ],
        )
    }

    fn of_attainments() -> Self {
        Self::new(
            NormAttainment::info(),
            [
                json!({"level": {"eq": "MET"}}),
                json!({"norm": {"measure": {"name": {"startsWith": "b"}}}}),
                json!({"distance": {"gt": "0"}, "missing": {"isNull": true}}),
            ],
            [
                json!([{"field": "DISTANCE", "direction": "DESC"}]),
                json!([{"field": "MEASURE_KEY"}, {"field": "RATIO"}]),
            ],
        )
    }

    fn of_executions() -> Self {
        Self::new(
            BudgetExecution::info(),
            [
                json!({"year": {"gte": 2021}}),
                json!({"vekExecution": {"gt": "0.9"}, "direction": {"eq": "EXPENDITURE"}}),
                json!({"budgetLine": {"operationalGoal": {"title": {"contains": "werk"}}}}),
                json!({"operationalGoal": {"title": {"contains": "werk"}}}),
            ],
            [json!([]), json!([{"field": "VEK_EXECUTION"}, {"field": "YEAR", "direction": "DESC"}])],
        )
    }

    /// Asks all of them of a list, and looks at each value too.
    fn ask<V: Listable>(&self, register: &Register, values: &Arc<Values<V>>, dice: &mut Dice) {
        let row = |at: &u32| Row::Value(values.get(*at).unwrap());
        let count = u32::try_from(values.len()).unwrap();
        for filter in &self.filters {
            let matcher = Matcher::new(filter, register);
            let chosen: Vec<u32> = (0..count).filter(|at| matcher.matches(row(at))).collect();
            for order in &self.orders {
                let mut expected = chosen.clone();
                order.sort(&mut expected, row);
                let selection = values.select(register, None, Some(filter), order);
                assert_eq!((selection.len(), selection.chosen()), (chosen.len(), chosen.clone()), "{filter:?}");
                for _ in 0..3 {
                    let mut place = || (!expected.is_empty() && dice.below(2) == 0).then(|| dice.below(expected.len()));
                    let (after, before) = (place(), place());
                    let size = dice.below(40);
                    let start = after.map_or(0, |at| at + 1);
                    let end = before.unwrap_or(expected.len()).max(start);
                    for from_end in [false, true] {
                        let (from, to) = if from_end {
                            (start.max(end.saturating_sub(size)), end)
                        } else {
                            (start, end.min(start + size))
                        };
                        let part =
                            selection.part(after.map(|at| expected[at]), before.map(|at| expected[at]), size, from_end);
                        assert_eq!(part.rows, expected[from..to], "{filter:?} {order:?} {after:?} {before:?} {size}");
                        assert_eq!((part.has_previous, part.has_next), (from > 0, to < expected.len()), "{filter:?}");
                    }
                }
            }
        }
    }
}

/// All that lists say, in words.
fn told<V: Listable + std::fmt::Debug>(values: &Values<V>) -> Vec<String> {
    values.iter().map(|it| format!("{it:?}")).collect()
}

/// What each list is, as it is made of an earlier one, and alone.
fn lists(register: &Register) -> [[Vec<String>; 2]; 7] {
    [
        [told(TRENDS.of(register)), told(&TRENDS.alone(register))],
        [told(ATTAINMENTS.of(register)), told(&ATTAINMENTS.alone(register))],
        [told(EXECUTIONS.of(register)), told(&EXECUTIONS.alone(register))],
        [told(RATES.of(register)), told(&RATES.alone(register))],
        [told(PROGRESS.of(register)), told(&PROGRESS.alone(register))],
        [told(STANDINGS.of(register)), told(&STANDINGS.alone(register))],
        [told(DELIVERIES.of(register)), told(&DELIVERIES.alone(register))],
    ]
}

/// Whatever changes, forwards and back again. Columns are asked on the way, so that they are carried over too.
#[test]
fn what_is_made_of_an_earlier_list_is_what_is_made_alone() {
    let is_long = std::env::var_os("BOORDTABEL_LONG").is_some();
    let (seeds, commits) = if is_long { (10, 40) } else { (1, 10) };
    let first = years();
    let questions = (Questions::of_trends(), Questions::of_attainments(), Questions::of_executions());
    for seed in 0..seeds {
        let (mut dice, mut removed, mut done) = (Dice(seed), Vec::new(), Vec::new());
        let mut register = first.clone();
        for step in 0..commits {
            let changes = if dice.below(6) == 0 && !done.is_empty() {
                let changes: Vec<Change> = done.pop().unwrap();
                register = register.without(&changes, register.revision() - 1, 0);
                changes
            } else {
                let revision = register.revision() + 1;
                let changes = commits::by_chance(&register, revision, &mut removed, &mut dice);
                register = register.with(&changes, revision, 0);
                done.push(changes.clone());
                changes
            };
            // Sometimes nobody asks for some commits.
            if dice.below(4) == 0 && step + 1 < commits {
                continue;
            }
            for [made, alone] in lists(&register) {
                let different = made.iter().zip(&alone).find(|(made, alone)| made != alone);
                assert!(different.is_none(), "seed {seed}, step {step}: {different:#?} after {changes:#?}");
                assert_eq!(made.len(), alone.len(), "seed {seed}, step {step}: after {changes:#?}");
            }
            if dice.below(3) == 0 {
                questions.0.ask(&register, TRENDS.of(&register), &mut dice);
                questions.1.ask(&register, ATTAINMENTS.of(&register), &mut dice);
                questions.2.ask(&register, EXECUTIONS.of(&register), &mut dice);
            }
        }
    }
}

/// How many values of a list are those of another.
fn shared<V: Listable>(one: &Values<V>, other: &Values<V>) -> usize {
    let known: HashSet<*const V> = one.iter().map(std::ptr::from_ref).collect();
    other.iter().filter(|it| known.contains(&std::ptr::from_ref(*it))).count()
}

#[test]
fn what_nothing_changed_for_is_shared() {
    let first = years();
    let (trends, norms) = (TRENDS.of(&first).len(), ATTAINMENTS.of(&first).len());
    let altered = |register: &Register, kind: Kind, key: &str, alter: &dyn Fn(&mut Record)| {
        let node = register.get(kind, &Key::parse(key).unwrap()).unwrap();
        let mut record = node.record.clone();
        alter(&mut record);
        let revision = register.revision() + 1;
        register.with(&[commits::change(Some(Arc::clone(node)), Some(record), revision)], revision, 0)
    };
    // A value of the first year reaches what goes on from its indicator, and nothing else.
    let key = "vlaamse-ondersteuningspremie/ontvangen-dossiers/2020";
    let second = altered(&first, Kind::Observation, key, &|record| {
        let Record::Observation(it) = record else { panic!("an observation") };
        Arc::make_mut(it).figure.value = Some(1.into());
    });
    assert_eq!(shared(TRENDS.of(&first), TRENDS.of(&second)), trends - 3);
    assert!(Arc::ptr_eq(ATTAINMENTS.of(&first), ATTAINMENTS.of(&second)), "norms read no observations");
    // A name says nothing of where a measure stands; the closing day of a plan may say anything of what is below it.
    let third = altered(&second, Kind::Measure, "vlaamse-ondersteuningspremie", &|record| {
        let Record::Measure(it) = record else { panic!("a measure") };
        Arc::make_mut(it).name.push('!');
    });
    assert_eq!(shared(ATTAINMENTS.of(&second), ATTAINMENTS.of(&third)), norms);
    let fourth = altered(&third, Kind::Plan, "dwse-2021", &|record| {
        let Record::Plan(it) = record else { panic!("a plan") };
        Arc::make_mut(it).closing_date = Date::parse("2019-01-01");
    });
    assert_eq!(shared(ATTAINMENTS.of(&third), ATTAINMENTS.of(&fourth)), 0, "all are better made anew");
}

/// A list reads the tables that it says, and no others.
#[test]
fn a_list_is_made_of_the_tables_that_it_says() {
    fn sees<T: AsRecord + 'static, V: Listable>(register: &Arc<Register>, list: &Making<T, V>) {
        let noting = register.noting();
        list.alone(&noting);
        let looked = noting.into_footprint().tables();
        assert!(list.tables.holds(looked), "{looked:?} are not in {:?}", list.tables);
    }
    let register = Arc::new(years());
    sees(&register, &TRENDS);
    sees(&register, &ATTAINMENTS);
    sees(&register, &EXECUTIONS);
    sees(&register, &RATES);
    sees(&register, &PROGRESS);
    sees(&register, &STANDINGS);
    sees(&register, &DELIVERIES);
}
