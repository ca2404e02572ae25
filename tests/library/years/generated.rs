//! Generated years: a line of plans with values, gaps, reprints and breaks. What is asked of the whole line is what its years say one by
//! one, and a line of ten years costs no more than ten of one.

use std::collections::BTreeMap;

use async_graphql::Value as Input;
use boordtabel::commit::access::Identity;
use boordtabel::graphql::{AllowedOperations, GraphqlRequest};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::{Small, figure, indicator, measure, observation, plans};

/// The first year that is planned.
const FROM: i32 = 2011;

/// What the plan of a year prints.
#[derive(Clone, Debug)]
struct Printed {
    /// The indicator in the year before.
    value: Option<i64>,
    /// The indicator in the year before that, again.
    again: Option<i64>,
    /// Whether indicator and line continue those of the plan before.
    continues: bool,
    /// The first budget of the year.
    initial: Option<i64>,
    /// The adjusted budget of the year before.
    adjusted: Option<i64>,
    /// What was realised in the year before.
    realised: Option<i64>,
    /// A target, so many years ahead.
    target: Option<(i32, i64)>,
}

fn printed() -> impl Strategy<Value = Printed> {
    let number = || proptest::option::weighted(0.8, 0i64..20);
    let target = proptest::option::of((0i32..4, 0i64..20));
    (
        number(),
        proptest::option::weighted(0.3, 0i64..20),
        proptest::bool::weighted(0.8),
        number(),
        number(),
        number(),
        target,
    )
        .prop_map(|(value, again, continues, initial, adjusted, realised, target)| Printed {
            value,
            again,
            continues,
            initial,
            adjusted,
            realised,
            target,
        })
}

/// The years with the plans that print them.
fn dated(all: &[Printed]) -> impl Iterator<Item = (i32, &Printed)> {
    (FROM..).zip(all)
}

/// The register of these plans.
fn register(all: &[Printed]) -> Small {
    let years: Vec<i32> = dated(all).map(|(year, _)| year).collect();
    let mut rows = plans(&years);
    rows.push(json!({ "budgetArticle": { "code": "A" } }));
    for (year, it) in dated(all) {
        let (m, i, l) = (format!("m-{year}"), format!("i-{year}"), format!("l-{year}"));
        rows.extend([measure(&m, &format!("b-{year}")), indicator(&i, &m)]);
        rows.push(json!({ "budgetLine": { "key": l, "planKey": format!("b-{year}"), "position": 1, "name": l, "section": "MEASURE",
            "direction": "EXPENDITURE", "articleKeys": ["A"], "measureKeys": [m] } }));
        for (period, value) in [(year - 1, it.value), (year - 2, it.again)] {
            rows.extend(value.map(|value| observation(&i, &period.to_string(), &value.to_string())));
        }
        for (of, phase, stage, value) in [
            (year, "BUDGETED", Some("INITIAL"), it.initial),
            (year - 1, "BUDGETED", Some("ADJUSTED"), it.adjusted),
            (year - 1, "REALISED", None, it.realised),
        ] {
            rows.extend(value.map(|value| {
                json!({ "budgetAmount": { "budgetLineKey": l, "year": of, "phase": phase, "stage": stage, "credit": "VAK",
                    "figure": figure(&value.to_string(), "EUR") } })
            }));
        }
        rows.extend(it.target.map(|(ahead, value)| {
            json!({ "target": { "key": format!("t-{year}"), "kind": "INDICATOR", "ofKey": i, "period": (year + ahead).to_string(),
                "figure": figure(&value.to_string(), "COUNT") } })
        }));
        if it.continues && year > FROM {
            rows.extend([("MEASURE", "m"), ("INDICATOR", "i"), ("BUDGET_LINE", "l")].map(|(kind, letter)| {
                json!({ "lineage": { "kind": kind, "predecessorKey": format!("{letter}-{}", year - 1),
                    "successorKey": format!("{letter}-{year}"), "relation": "CONTINUES" } })
            }));
        }
    }
    Small::of(rows.into())
}

/// The years whose records hang together with that of one.
fn line_of(all: &[Printed], year: i32) -> Vec<(i32, &Printed)> {
    let mut lines: Vec<Vec<(i32, &Printed)>> = Vec::new();
    for (at, it) in dated(all) {
        match lines.last_mut().filter(|_| it.continues) {
            Some(line) => line.push((at, it)),
            None => lines.push(vec![(at, it)]),
        }
    }
    lines.into_iter().find(|line| line.iter().any(|(at, _)| *at == year)).unwrap()
}

/// What the plans of a line print of each period, the first print first.
fn prints(line: &[(i32, &Printed)]) -> BTreeMap<i32, Vec<i64>> {
    let mut found: BTreeMap<i32, Vec<i64>> = BTreeMap::new();
    for (year, it) in line {
        for (period, value) in [(year - 1, it.value), (year - 2, it.again)] {
            found.entry(period).or_default().extend(value);
        }
    }
    found.retain(|_, values| !values.is_empty());
    found
}

fn number(value: Option<i64>) -> Json {
    value.map_or(Json::Null, |value| value.to_string().into())
}

fn check_series(small: &Small, all: &[Printed]) {
    for (year, _) in dated(all) {
        let line = line_of(all, year);
        let expected = prints(&line);
        for (vintage, of) in [("FIRST", 0), ("LATEST", usize::MAX)] {
            let query = format!(
                "{{ indicator(key: \"i-{year}\") {{ series(vintage: {vintage}) {{ records {{ key }} turns {{ relation }}
                    points {{ period figure {{ value }} restated }} }} }} }}"
            );
            let series = small.ask(&query)["indicator"]["series"].clone();
            let keys: Vec<Json> = line.iter().map(|(year, _)| json!({ "key": format!("i-{year}") })).collect();
            assert_eq!((&series["records"], &series["turns"]), (&Json::from(keys), &json!([])));
            let points: Vec<Json> = expected
                .iter()
                .map(|(period, values)| {
                    let value = values[of.min(values.len() - 1)].to_string();
                    let restated = values.windows(2).any(|pair| pair[0] != pair[1]);
                    json!({ "period": period.to_string(), "figure": { "value": value }, "restated": restated })
                })
                .collect();
            assert_eq!(series["points"], Json::from(points), "{year} {vintage}");
        }
    }
    let restated = small.ask("{ discrepancies(where: {rule: {eq: RESTATED}}) { totalCount } }");
    let mut lines: Vec<Vec<(i32, &Printed)>> = dated(all).map(|(year, _)| line_of(all, year)).collect();
    lines.dedup_by_key(|line| line[0].0);
    // A later print is told against the first; and both prints of a plan are of two periods.
    let told = lines.iter().flat_map(|line| prints(line).into_values()).map(|values| {
        // The print before it on the line, nearest first, is what each is held against.
        values.windows(2).filter(|pair| pair[0] != pair[1]).count()
    });
    assert_eq!(restated["discrepancies"]["totalCount"], told.sum::<usize>());
}

fn check_budgets(small: &Small, all: &[Printed]) {
    let last = FROM + i32::try_from(all.len()).unwrap();
    for year in FROM - 1..last {
        let mut known = None;
        let mut firsts: Vec<i32> = Vec::new();
        for (plan, _) in dated(all) {
            let line = line_of(all, plan);
            let first = |of: fn(&Printed) -> Option<i64>, at: i32| {
                line.iter().find(|(year, _)| *year == at).and_then(|(_, it)| of(it))
            };
            let initial = first(|it| it.initial, year);
            let budgeted = first(|it| it.adjusted, year + 1).or(initial);
            let realised = first(|it| it.realised, year + 1);
            let query = format!(
                "{{ plan(key: \"b-{plan}\") {{
                    all: budget(year: {year}) {{ vak {{ budgeted {{ sum {{ value }} }} realised {{ sum {{ value }} }} }} }}
                    first: budget(year: {year}, against: INITIAL) {{ vak {{ budgeted {{ sum {{ value }} }} }} }} }} }}"
            );
            let of = small.ask(&query)["plan"].clone();
            let value = |path: &str| of.pointer(path).cloned().unwrap();
            assert_eq!(value("/all/vak/budgeted/sum/value"), number(budgeted), "plan {plan}, {year}");
            assert_eq!(value("/all/vak/realised/sum/value"), number(realised), "plan {plan}, {year}");
            assert_eq!(value("/first/vak/budgeted/sum/value"), number(initial), "plan {plan}, {year}");
            if !firsts.contains(&line[0].0) {
                firsts.push(line[0].0);
                known = match (known, budgeted) {
                    (Some(known), Some(budgeted)) => Some(known + budgeted),
                    (known, budgeted) => known.or(budgeted),
                };
            }
        }
        // All lines are booked on one article: each counts once.
        let query = format!(
            "{{ budgetArticle(key: \"A\") {{ budget(year: {year}) {{ vak {{ budgeted {{ known {{ value }} }} }} }} }} }}"
        );
        assert_eq!(
            small.ask(&query).pointer("/budgetArticle/budget/vak/budgeted/known/value"),
            Some(&number(known)),
            "{year}"
        );
    }
}

fn check_targets(small: &Small, all: &[Printed], on: i32) {
    for (year, _) in dated(all) {
        let line = line_of(all, year);
        let results = prints(&line);
        let query = format!(
            "{{ indicator(key: \"i-{year}\") {{ targetAttainments(on: \"{on}-06-30\") {{ target {{ key }} result {{ value }} judgement }} }} }}"
        );
        let found = small.ask(&query)["indicator"]["targetAttainments"].clone();
        // Those of the records before it, and its own.
        let set: BTreeMap<String, (i32, i64)> = line
            .iter()
            .filter(|(of, _)| *of <= year)
            .filter_map(|(of, it)| it.target.map(|(ahead, value)| (format!("t-{of}"), (of + ahead, value))))
            .collect();
        assert_eq!(found.as_array().unwrap().len(), set.len());
        for it in found.as_array().unwrap() {
            let (period, target) = set[it["target"]["key"].as_str().unwrap()];
            let result = results.get(&period).and_then(|values| values.last()).copied();
            assert_eq!(it["result"].get("value").cloned().unwrap_or_default(), number(result));
            match (&it["judgement"], result) {
                (judgement, _) if period >= on => assert_eq!(judgement, "NOT_YET"),
                (judgement, None) => assert!(judgement.is_null()),
                (judgement, Some(result)) => assert_eq!(judgement == "MET", result >= target, "{it} {target}"),
            }
        }
    }
}

pub fn cases() -> u32 {
    if std::env::var_os("BOORDTABEL_LONG").is_some() { 400 } else { 16 }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn a_line_says_what_its_years_say(all in prop::collection::vec(printed(), 1..6), on in FROM..FROM + 8) {
        let small = register(&all);
        check_series(&small, &all);
        check_budgets(&small, &all);
        check_targets(&small, &all, on);
    }
}

/// The counted work and the price of a question.
pub fn taken(small: &Small, query: &str) -> (u64, usize) {
    let Input::Object(variables) = Input::from_json(json!({})).unwrap() else { panic!("an object") };
    let request = GraphqlRequest { query: query.into(), operation_name: None, variables };
    let register = small.ledger.register();
    let prepared = small.api.prepare(&register, request);
    let context = small.api.context(&Identity::anonymous());
    let answer = small.api.execute_on(register, prepared, &context, AllowedOperations::Queries);
    assert!(answer.errors.is_empty(), "{query}");
    (context.work.steps(), answer.cost.unwrap_or_default())
}

#[test]
fn a_series_of_ten_years_costs_at_most_ten_times_that_of_one() {
    let year = |continues| Printed {
        value: Some(1),
        again: None,
        continues,
        initial: Some(2),
        adjusted: Some(3),
        realised: Some(4),
        target: Some((0, 1)),
    };
    let of = |count: usize| register(&vec![year(true); count]);
    let (one, ten) = (of(1), of(10));
    for query in [
        "{ measure(key: \"m-2011\") { series { points { period figure { value } } } } }",
        "{ indicator(key: \"i-2011\") { series { points { period figure { value } plan { year } } } trend { absolute { value } } } }",
        "{ indicator(key: \"i-2011\") { targetAttainments { judgement } } }",
        "{ measure(key: \"m-2011\") { budget(year: 2011) { vak { execution { value } } } } }",
    ] {
        let (few, many) = (taken(&one, query), taken(&ten, query));
        assert!(few.0 > 0 && many.0 >= few.0, "{query}: {few:?} {many:?}");
        assert!(many.0 <= 10 * few.0, "{query}: one year takes {} steps, ten take {}", few.0, many.0);
        assert!(many.1 <= 10 * few.1, "{query}: one year costs {}, ten cost {}", few.1, many.1);
    }
}
