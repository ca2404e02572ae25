//! Seeded faults: mistakes of all kinds among a thousand good rows of the real plan, and exactly those are told.

use std::collections::{BTreeMap, HashSet};

use boordtabel::commit::Edit;
use boordtabel::import;
use boordtabel::model::{Key, Kind};
use boordtabel::register::relation::Relation;
use serde_json::{Value as Json, json};

use super::small::{Small, text};
use crate::server::{Dice, journal, row};

const ROWS: usize = 1_000;

/// How many records of each kind take part: all that others refer to, and some of the rest.
const SHARES: [(Kind, usize); 17] = [
    (Kind::Organisation, 1),
    (Kind::Document, 1),
    (Kind::Plan, 1),
    (Kind::PolicyField, 3),
    (Kind::StructuralElement, 7),
    (Kind::StrategicGoal, 8),
    (Kind::OperationalGoal, 15),
    (Kind::Project, 24),
    (Kind::Measure, 56),
    (Kind::Indicator, 150),
    (Kind::Norm, 40),
    (Kind::BudgetArticle, 41),
    (Kind::BudgetLine, 60),
    (Kind::Milestone, 105),
    (Kind::BudgetAmount, 120),
    (Kind::NormResult, 90),
    (Kind::Observation, 278),
];

/// A thousand rows that refer to nothing outside of them, in an order that means nothing.
fn good_rows() -> Vec<Json> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/dwse-2021");
    let edits = import::read_files(&import::read_folder(folder.as_ref()).unwrap()).unwrap();
    let mut there: HashSet<(Kind, Key)> = HashSet::new();
    let mut rows = Vec::new();
    for (kind, share) in SHARES {
        let records = edits.iter().filter_map(|edit| match edit {
            Edit::Put { record, .. } if record.kind() == kind => Some(record),
            _ => None,
        });
        let whole = records.filter(|record| {
            let mut whole = true;
            for relation in Relation::of(kind) {
                relation.for_each_target(record, |key| whole &= there.contains(&(relation.target, key)));
            }
            whole
        });
        let taken: Vec<_> = whole.take(share).collect();
        assert_eq!(taken.len(), share, "{kind}");
        rows.extend(taken.iter().map(|record| row(record)));
        there.extend(taken.iter().map(|record| (kind, record.key())));
    }
    Dice(20_210_215).shuffle(&mut rows);
    rows
}

/// A mistake: in which kind of row, how it is made, and what is to be told of it.
struct Fault {
    kind: &'static str,
    code: &'static str,
    /// Last step of the problem's path; the row itself when it is empty.
    step: &'static str,
    make: Box<dyn Fn(&mut Json)>,
}

/// Sets the field at that path of the record to a value.
fn set(kind: &'static str, path: &'static str, value: Json, code: &'static str, step: &'static str) -> Fault {
    let make = move |row: &mut Json| {
        let (parents, name) =
            path.rsplit_once('.').map_or((Vec::new(), path), |(parents, name)| (parents.split('.').collect(), name));
        let place = parents.iter().fold(&mut row[kind], |place, step| &mut place[*step]);
        place[name] = value.clone();
    };
    Fault { kind, code, step, make: Box::new(make) }
}

/// Leaves the field at that path out.
fn without(kind: &'static str, path: &'static [&'static str], code: &'static str, step: &'static str) -> Fault {
    let make = move |row: &mut Json| {
        let (name, parents) = path.split_last().unwrap();
        let place = parents.iter().fold(&mut row[kind], |place, step| &mut place[*step]);
        place.as_object_mut().unwrap().remove(*name).expect("the field is there");
    };
    Fault { kind, code, step, make: Box::new(make) }
}

/// Changes the row itself.
fn whole(kind: &'static str, code: &'static str, step: &'static str, make: impl Fn(&mut Json) + 'static) -> Fault {
    Fault { kind, code, step, make: Box::new(make) }
}

fn figure(value: Json, status: &str, unit: &str) -> Json {
    json!({ "value": value, "status": status, "unit": unit })
}

fn faults() -> Vec<Fault> {
    let (observation, amount) = ("observation", "budgetAmount");
    let (result, milestone) = ("normResult", "milestone");
    let count = |value: Json| figure(value, "REPORTED", "COUNT");
    let ratio = |value: Json| figure(value, "REPORTED", "RATIO");
    vec![
        without(observation, &["period"], "MISSING", "period"),
        without(observation, &["figure", "status"], "MISSING", "status"),
        // Others refer to this measure: that it does not read is no mistake of theirs.
        without("measure", &["name"], "MISSING", "name"),
        set("norm", "label", Json::Null, "MISSING", "label"),
        set("budgetLine", "articleKeys", json!([null]), "MISSING", "0"),
        set(observation, "chnge", json!("1"), "UNKNOWN_FIELD", "chnge"),
        set(amount, "figure.valeu", json!("1"), "UNKNOWN_FIELD", "valeu"),
        whole(observation, "UNKNOWN_FIELD", "observaton", move |row| {
            let record = row[observation].take();
            *row = json!({ "observaton": record });
        }),
        set("budgetLine", "measureKeys", json!("a | b"), "WRONG_TYPE", "measureKeys"),
        set("indicator", "position", json!("3"), "WRONG_TYPE", "position"),
        set(observation, "figure", json!("12"), "WRONG_TYPE", "figure"),
        set(milestone, "title", json!(5), "WRONG_TYPE", "title"),
        whole(observation, "WRONG_TYPE", "", move |row| row["norm"] = json!({})),
        whole(observation, "WRONG_TYPE", "", |row| *row = json!({})),
        whole(observation, "WRONG_TYPE", "", |row| *row = json!("2020;5")),
        set(amount, "figure.value", json!("1.234,5"), "NOT_A_NUMBER", "value"),
        set(observation, "figure", count(json!("1e3")), "NOT_A_NUMBER", "value"),
        set(observation, "figure", ratio(json!(0.5)), "NOT_A_NUMBER", "value"),
        set(observation, "figure", count(json!("")), "NOT_A_NUMBER", "value"),
        set(result, "figure", ratio(json!("97,6%")), "NOT_A_NUMBER", "value"),
        set(result, "figure", ratio(json!("0.33333333333333333333333333333")), "NOT_A_NUMBER", "value"),
        set(milestone, "number", json!(99_999_999_999_u64), "NOT_A_NUMBER", "number"),
        set("document", "date", json!("15/02/2021"), "NOT_A_DATE", "date"),
        set(observation, "period", json!("20x0"), "NOT_A_PERIOD", "period"),
        set(amount, "phase", json!("PLANNED"), "UNKNOWN_VALUE", "phase"),
        set(observation, "figure.status", json!("reported"), "UNKNOWN_VALUE", "status"),
        set(observation, "indicatorKey", json!("a b"), "BAD_KEY", "indicatorKey"),
        // A good key each, but together too long for one.
        set(milestone, "projectKey", json!("x".repeat(240)), "BAD_KEY", "milestone"),
        set(observation, "key", json!("another/2020"), "KEY_MISMATCH", "key"),
        set(milestone, "title", json!("x".repeat(20_000)), "TOO_LONG", "title"),
        set(milestone, "groups", json!(vec!["x"; 1_001]), "TOO_LONG", "groups"),
        set(result, "figure", ratio(json!("97.6")), "OUT_OF_RANGE", "value"),
        set(milestone, "year", json!(1066), "OUT_OF_RANGE", "year"),
        set(milestone, "title", json!("a\u{7}b"), "OUT_OF_RANGE", "title"),
        set(amount, "figure.unit", json!("COUNT"), "OUT_OF_RANGE", "unit"),
        set(observation, "figure", figure(Json::Null, "REPORTED", "COUNT"), "INCONSISTENT", "figure"),
        set(observation, "figure", figure(json!("1"), "NOT_AVAILABLE", "COUNT"), "INCONSISTENT", "figure"),
        set(observation, "changeFrom", json!("2099"), "INCONSISTENT", "changeFrom"),
        set(observation, "indicatorKey", json!("no/such-indicator"), "UNKNOWN_REFERENCE", "indicatorKey"),
    ]
}

#[test]
fn forty_mistakes_among_a_thousand_rows_are_told_and_nothing_else() {
    let good = good_rows();
    assert_eq!(good.len(), ROWS);
    let mut bad = good.clone();
    let mut expected: Vec<(usize, String, String)> = Vec::new();
    // Each mistake goes into a row of its own, the next one of its kind.
    let mut used: BTreeMap<&str, usize> = BTreeMap::new();
    let mut next = |kind: &'static str| {
        let from = used.get(kind).copied().unwrap_or(0);
        let at = from + good[from..].iter().position(|row| row.get(kind).is_some()).expect("a row is left");
        used.insert(kind, at + 1);
        at
    };
    for Fault { kind, code, step, make } in faults() {
        let at = next(kind);
        make(&mut bad[at]);
        assert_ne!(bad[at], good[at], "{code} {step} is no change");
        let step = if step.is_empty() { at.to_string() } else { step.to_owned() };
        expected.push((at, code.to_owned(), step));
    }
    // The same record twice: told of the later row.
    let (first, second) = (next("observation"), next("observation"));
    bad[second] = bad[first].clone();
    expected.push((second, "DUPLICATE_KEY".into(), "observation".into()));
    expected.sort();
    assert_eq!(expected.len(), 40);

    let small = Small::empty();
    small.import(json!({ "rows": [{ "organisation": { "key": "other", "name": "Other" } }] }));
    let before = journal(small.data());
    for dry_run in [true, false] {
        let done = small.import(json!({ "rows": bad, "dryRun": dry_run }));
        assert_eq!(done["status"], "REJECTED");
        let mut found: Vec<(usize, String, String)> = Vec::new();
        for problem in done["problems"].as_array().unwrap() {
            let at = usize::try_from(problem["row"].as_u64().unwrap()).unwrap();
            let path = problem["path"].as_array().unwrap();
            assert_eq!((&path[0], &path[1]), (&"rows".into(), &at.to_string().into()));
            assert!(!text(&problem["message"]).is_empty() && !text(&problem["hint"]).is_empty(), "{problem}");
            found.push((at, text(&problem["code"]), text(path.last().unwrap())));
        }
        // In the order of the rows, as a person reads them.
        assert!(found.is_sorted_by_key(|problem| problem.0));
        found.sort();
        assert_eq!(found, expected);
        assert_eq!((&done["counts"]["received"], &done["counts"]["rejected"]), (&ROWS.into(), &expected.len().into()));
        assert!(before == journal(small.data()), "refused rows left something behind");
    }

    // As a stream of lines: the same mistakes, told with line and field.
    let answer = small.server.lines(Some(&small.token), "idempotencyKey=l", &bad);
    assert_eq!(answer.json["status"], "REJECTED");
    let problems = answer.json["problems"].as_array().unwrap();
    let mut found: Vec<(usize, String, String)> = problems
        .iter()
        .map(|problem| {
            let path = problem["path"].as_array().unwrap();
            let at = text(&path[1]).strip_prefix("line ").unwrap().parse::<usize>().unwrap() - 1;
            let step = text(path.last().unwrap());
            (at, text(&problem["code"]), if path.len() == 2 { at.to_string() } else { step })
        })
        .collect();
    found.sort();
    // A line with two records is told as one that should be two, and the first of them is read.
    let two = |at: usize| bad[at].as_object().is_some_and(|row| row.len() == 2);
    assert!(found.iter().any(|(at, code, _)| two(*at) && code == "BAD_FILE"));
    found.retain(|(at, ..)| !two(*at));
    assert_eq!(found, expected.iter().filter(|(at, ..)| !two(*at)).cloned().collect::<Vec<_>>());
    assert!(before == journal(small.data()), "refused lines left something behind");

    // Repaired at exactly those places they go in, every one.
    for (at, ..) in &expected {
        bad[*at] = good[*at].clone();
    }
    let done = small.import(json!({ "rows": bad }));
    assert_eq!(
        (&done["status"], &done["counts"]["created"]),
        (&"COMMITTED".into(), &ROWS.into()),
        "{}",
        done["problems"]
    );
}
