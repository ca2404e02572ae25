//! Generated bodies with the same bare keys, each in a namespace of its own: what they come to side by side and together is what each says
//! by itself, and no key of one meets another's.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::{Small, figure};

/// What the plan of a body says.
#[derive(Clone, Debug)]
struct Body {
    /// The body above it, of those before it.
    parent: Option<prop::sample::Index>,
    /// Whether its plan looks back on 2020, plans it only, or there is none.
    plan: Option<bool>,
    /// Budgeted and realised, of each line.
    lines: Vec<(u32, Option<u32>)>,
    /// Results of norms of 80%, in percent.
    results: Vec<Option<u32>>,
    heads: Vec<u32>,
    /// Whether a second year follows.
    goes_on: bool,
}

fn body() -> impl Strategy<Value = Body> {
    (
        prop::option::of(any::<prop::sample::Index>()),
        prop::option::weighted(0.8, any::<bool>()),
        prop::collection::vec((0u32..100, prop::option::of(0u32..100)), 0..3),
        prop::collection::vec(prop::option::weighted(0.8, 60u32..100), 0..3),
        prop::collection::vec(0u32..50, 0..3),
        any::<bool>(),
    )
        .prop_map(|(parent, plan, lines, results, heads, goes_on)| Body {
            parent,
            plan,
            lines,
            results,
            heads,
            goes_on,
        })
}

/// The rows of a body, all keys bare.
fn rows(number: usize, body: &Body, parent: Option<usize>) -> Vec<Json> {
    let name = format!("body-{number}");
    let parent = parent.map(|parent| format!("body-{parent}"));
    let namespace = (number > 0).then(|| format!("n{number}"));
    let mut rows =
        vec![json!({ "organisation": { "key": name, "name": name, "parentKey": parent, "namespace": namespace } })];
    for (at, heads) in body.heads.iter().enumerate() {
        rows.push(json!({ "staffFigure": { "organisationKey": name, "date": "2020-12-31", "level": "A", "rank": format!("A{at}"),
            "contract": "STATUTORY", "figure": figure(&heads.to_string(), "PERSONS") } }));
    }
    let Some(looks_back) = body.plan else { return rows };
    let (year, evaluated) = if looks_back { (2021, Some(2020)) } else { (2020, None) };
    rows.push(json!({ "plan": { "key": "p", "organisationKey": name, "year": year, "evaluatedYear": evaluated, "title": "Plan" } }));
    rows.push(json!({ "measure": { "key": "m", "planKey": "p", "name": "Measure" } }));
    for (at, (budgeted, realised)) in body.lines.iter().enumerate() {
        let line = format!("l{at}");
        rows.push(
            json!({ "budgetLine": { "key": line, "planKey": "p", "position": at + 1, "name": line, "section": "MEASURE",
            "direction": "EXPENDITURE", "measureKeys": ["m"] } }),
        );
        for (phase, value) in [("BUDGETED", Some(budgeted)), ("REALISED", realised.as_ref())] {
            rows.extend(value.map(|value| {
                json!({ "budgetAmount": { "budgetLineKey": line, "year": 2020, "phase": phase, "credit": "VEK",
                    "figure": figure(&value.to_string(), "EUR") } })
            }));
        }
    }
    for (at, result) in body.results.iter().enumerate() {
        let norm = format!("n{at}");
        rows.push(
            json!({ "norm": { "key": norm, "measureKey": "m", "position": at + 1, "label": norm, "basis": "LEGAL",
            "target": figure("0.8", "RATIO") } }),
        );
        rows.extend(result.map(|result| {
            json!({ "normResult": { "normKey": norm, "period": "2020", "source": "OVERVIEW", "figure": figure(&format!("0.{result:02}"), "RATIO") } })
        }));
    }
    rows
}

/// What is asked of a body's plan, and of several together.
const ASKED: &str = "attainment { norms { value } met { value } } budget { vek { budgeted { known { value } } realised { known { value } } } }";

/// The same, counted over bodies.
fn counted<'b>(bodies: impl Iterator<Item = &'b Body> + Clone) -> Json {
    let norms: usize = bodies.clone().map(|it| it.results.len()).sum();
    let met = bodies.clone().flat_map(|it| &it.results).filter(|it| it.is_some_and(|result| result >= 80)).count();
    // Nothing known is nothing, not zero.
    let sum =
        |values: Vec<u32>| if values.is_empty() { Json::Null } else { values.iter().sum::<u32>().to_string().into() };
    let lines = bodies.flat_map(|it| &it.lines);
    let budgeted = sum(lines.clone().map(|(budgeted, _)| *budgeted).collect());
    let realised = sum(lines.filter_map(|(_, realised)| *realised).collect());
    json!({ "attainment": { "norms": { "value": norms.to_string() }, "met": { "value": met.to_string() } },
        "budget": { "vek": { "budgeted": { "known": { "value": budgeted } }, "realised": { "known": { "value": realised } } } } })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: super::generated::cases(), max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn bodies_side_by_side_and_together(all in prop::collection::vec(body(), 1..5), chosen: prop::sample::Index, with_children: bool) {
        let small = Small::empty();
        let parents: Vec<Option<usize>> =
            all.iter().enumerate().map(|(at, it)| it.parent.filter(|_| at > 0).map(|parent| parent.index(at))).collect();
        // In one file, or each in a file of its own: bare keys are those of the body that a row leads to, or that the import names.
        for (number, body) in all.iter().enumerate() {
            let input = json!({ "rows": rows(number, body, parents[number]), "organisationKey": format!("body-{number}") });
            let done = small.write("importRows", input);
            prop_assert_eq!(&done["status"], "COMMITTED", "{}", done);
        }
        let key = |number: usize, bare: &str| if number == 0 { bare.to_owned() } else { format!("n{number}:{bare}") };
        // All, and one with or without those below it.
        let chosen = chosen.index(all.len());
        let is_below = |mut number: usize| loop {
            if number == chosen {
                break true;
            }
            match parents[number] {
                Some(parent) if with_children => number = parent,
                _ => break false,
            }
        };
        let one = format!(", organisations: [\"body-{chosen}\"], withChildren: {with_children}");
        for (arguments, wanted) in [(String::new(), (0..all.len()).collect::<Vec<_>>()), (one, (0..all.len()).filter(|it| is_below(*it)).collect())] {
            let query = format!("{{ bodiesReport(year: 2020{arguments}) {{ sideBySide {{ plan {{ key }} total {{ {ASKED} }} }}
                together {{ plans {{ key }} {ASKED} staff {{ heads {{ known {{ value }} }} }} }} withoutPlan {{ key }} }} }}");
            let report = small.ask(&query)["bodiesReport"].clone();
            let with_plan: Vec<usize> = wanted.iter().copied().filter(|it| all[*it].plan.is_some()).collect();
            let sides = report["sideBySide"].as_array().unwrap();
            prop_assert_eq!(sides.len(), with_plan.len());
            for number in &with_plan {
                let plan = json!({ "key": key(*number, "p") });
                let side = sides.iter().find(|side| side["plan"] == plan).unwrap();
                prop_assert_eq!(&side["total"], &counted(std::iter::once(&all[*number])), "body {}", number);
            }
            let mut together = report["together"].clone();
            let plans = together.as_object_mut().unwrap().remove("plans").unwrap();
            let staff = together.as_object_mut().unwrap().remove("staff").unwrap();
            prop_assert_eq!(plans.as_array().unwrap().len(), with_plan.len());
            prop_assert_eq!(&together, &counted(with_plan.iter().map(|it| &all[*it])));
            let heads: BTreeSet<String> = staff.as_array().unwrap().iter().map(|it| it["heads"]["known"]["value"].as_str().unwrap().to_owned()).collect();
            let counted: BTreeSet<String> = with_plan.iter().filter(|it| !all[**it].heads.is_empty())
                .map(|it| all[*it].heads.iter().sum::<u32>().to_string()).collect();
            prop_assert_eq!(heads, counted);
            prop_assert_eq!(report["withoutPlan"].as_array().unwrap().len(), wanted.len() - with_plan.len());
        }
        // A second year of one body leads back to its own first, and to no other's.
        for (number, body) in all.iter().enumerate().filter(|(_, it)| it.goes_on && it.plan.is_some()) {
            let year = if body.plan == Some(true) { 2021 } else { 2020 };
            let input = json!({ "organisationKey": format!("body-{number}"), "fromYear": year, "toYear": year + 1 });
            let done = small.write("rollOver", input);
            prop_assert_eq!(&done["status"], "COMMITTED", "{}", done);
            let of = small.ask(&format!("{{ measure(key: \"{}\") {{ successors {{ successor {{ key }} }} }} }}", key(number, "m")));
            let successors = of["measure"]["successors"].as_array().unwrap();
            prop_assert_eq!(successors.len(), 1);
            let next = successors[0]["successor"]["key"].as_str().unwrap();
            prop_assert_eq!(next.split_once(':').map(|(namespace, _)| namespace.to_owned()), (number > 0).then(|| format!("n{number}")));
        }
    }
}

#[test]
fn what_two_plans_of_a_body_print_counts_once_together() {
    let plan = |key: &str, year: i32| json!({ "plan": { "key": key, "organisationKey": "b", "year": year, "evaluatedYear": 2020, "title": key } });
    let line = |key: &str, plan: &str| json!({ "budgetLine": { "key": key, "planKey": plan, "position": 1, "name": key, "section": "MEASURE", "direction": "EXPENDITURE" } });
    let spent = |line: &str| json!({ "budgetAmount": { "budgetLineKey": line, "year": 2020, "phase": "REALISED", "credit": "VEK", "figure": figure("7", "EUR") } });
    let goes_on = |kind: &str, from: &str, to: &str| json!({ "lineage": { "kind": kind, "predecessorKey": from, "successorKey": to, "relation": "CONTINUES" } });
    let project = |key: &str, plan: &str| json!({ "project": { "key": key, "planKey": plan, "title": key, "number": 1, "scope": "POLICY" } });
    let done = |project: &str, number: i32| json!({ "milestone": { "projectKey": project, "year": 2020, "table": "PLANNED", "number": number, "title": "x", "status": "REALISED" } });
    let norm = |key: &str, measure: &str| json!({ "norm": { "key": key, "measureKey": measure, "position": 1, "label": key, "basis": "LEGAL", "aim": "AT_LEAST", "target": figure("5", "COUNT") } });
    let result = |norm: &str| json!({ "normResult": { "normKey": norm, "period": "2020", "source": "OVERVIEW", "figure": figure("6", "COUNT") } });
    let small = Small::of(json!([
        { "organisation": { "key": "b", "name": "Body" } },
        plan("report", 2020), plan("plan", 2021), line("l1", "report"), line("l2", "plan"), line("own", "plan"), spent("l1"), spent("l2"), spent("own"),
        goes_on("BUDGET_LINE", "l1", "l2"),
        // One project is told again, one has ended, and one that goes on has nothing of the year in the plan.
        project("p1", "report"), project("p2", "plan"), project("ended", "report"), project("q1", "report"), project("q2", "plan"),
        goes_on("PROJECT", "p1", "p2"), goes_on("PROJECT", "q1", "q2"),
        done("p1", 1), done("p1", 2), done("p1", 3), done("p2", 1), done("p2", 2), done("p2", 4), done("ended", 1), done("q1", 1),
        { "measure": { "key": "m1", "planKey": "report", "name": "m" } }, { "measure": { "key": "m2", "planKey": "plan", "name": "m" } },
        norm("n1", "m1"), norm("n2", "m2"), goes_on("NORM", "n1", "n2"), result("n1"), result("n2"),
        // What the plan has no result of was judged by the report.
        norm("n3", "m1"), norm("n4", "m2"), goes_on("NORM", "n3", "n4"), result("n3"),
    ]));
    let vek = "budget { vek { realised { sum { value } } } } milestones { count { value } } attainment { norms { value } met { value } }
        milestoneParts { whole { count { value } } withoutGoal { count { value } } }";
    let data =
        small.ask(&format!("{{ bodiesReport {{ year sideBySide {{ total {{ {vek} }} }} together {{ {vek} }} }} }}"));
    let value = |path: &str| data["bodiesReport"].pointer(path).cloned().unwrap();
    assert_eq!(value("/year"), 2020);
    let sides = [0, 1].map(|side| value(&format!("/sideBySide/{side}/total/budget/vek/realised/sum/value")));
    // In the order of their keys.
    assert_eq!(sides, ["14", "7"]);
    assert_eq!(value("/together/budget/vek/realised/sum/value"), "14");
    let told = [
        "milestones/count",
        "milestoneParts/whole/count",
        "milestoneParts/withoutGoal/count",
        "attainment/norms",
        "attainment/met",
    ];
    assert_eq!(told.map(|it| value(&format!("/together/{it}/value"))), ["6", "6", "6", "2", "2"]);
}
