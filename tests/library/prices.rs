//! Cost is work: what everything that can be asked is priced at, beside the steps of work that it takes, on registers of three sizes.
//! Steps are counted, not seconds: so it is right on a busy machine. `cargo bench --bench prices` compares with the time.

use std::collections::BTreeMap;

#[path = "../prices/mod.rs"]
mod asked;

use std::sync::Arc;

use asked::{Question, World, questions, worlds};
use boordtabel::commit::access::Identity;
use boordtabel::graphql::core::prices;
use boordtabel::graphql::{AllowedOperations, GraphqlRequest};
use boordtabel::model::{Key, Kind, Link, Record};

/// The dearest step costs no more than so many times the cheapest.
const APART_MAX: f64 = 10.0;
/// What takes and costs less is as good as nothing.
const LITTLE: u64 = 200;

/// Steps for each unit of cost.
struct Rate {
    steps: f64,
    told: String,
}

#[test]
fn cost_is_work() {
    let long = std::env::var_os("BOORDTABEL_LONG").is_some();
    let sizes = if long { [1, 4, 16] } else { [1, 2, 4] };
    let plan = worlds::plan();
    let mut rates: BTreeMap<String, Vec<Rate>> = BTreeMap::new();
    let mut note = |world: &World, size: usize, question: &Question| {
        let taken = world.ask(question, 1);
        if taken.shows && (taken.cost > LITTLE || taken.steps > LITTLE) {
            let about = question.about.split(": ").next().unwrap_or_default().to_owned();
            let told = format!("{size}× {} steps, cost {}: {}", taken.steps, taken.cost, question.text);
            rates.entry(about).or_default().push(Rate { steps: taken.steps as f64 / taken.cost as f64, told });
        }
    };
    for size in sizes {
        let world = World::of(&plan, size);
        questions(&world.api, &world.register, long).iter().for_each(|question| note(&world, size, question));
        let world = World::with_history(&plan, size * 20);
        questions::of_history().iter().for_each(|question| note(&world, size, question));
    }
    for rates in rates.values_mut() {
        rates.sort_by(|one, other| one.steps.total_cmp(&other.steps));
    }
    for (about, rates) in &rates {
        let (least, most) = (&rates[0], &rates[rates.len() - 1]);
        println!("{about:<40}{:>8.2}{:>8.2}  {}", least.steps, most.steps, most.told);
        println!("{:58}{}", "", least.told);
    }
    let mut every: Vec<Rate> = rates.into_values().flatten().collect();
    every.sort_by(|one, other| one.steps.total_cmp(&other.steps));
    // Of a large register many a condition is decided long before it met all that it might: only what takes more than it costs is
    // a danger there.
    let (least, most) = (&every[if long { every.len() / 2 } else { 0 }], &every[every.len() - 1]);
    assert!(
        most.steps <= least.steps * APART_MAX,
        "a unit of cost is from {:.2} steps ({}) to {:.2} ({})",
        least.steps,
        least.told,
        most.steps,
        most.told
    );
}

#[test]
fn strategic_goals_are_priced_by_what_hangs_on_them() {
    let plan = worlds::plan();
    let goals: Vec<Key> = plan.iter().filter(|it| it.kind() == Kind::StrategicGoal).map(Record::key).collect();
    // Another body, whose operational goals each name a strategic one: in the demonstration none does.
    let mut next = goals.iter().cycle();
    let linked = plan.iter().cloned().map(|mut record| {
        if let Record::OperationalGoal(goal) = &mut record {
            Arc::make_mut(goal).strategic_goal_keys =
                next.next().map(|key| Link::new(key.clone())).into_iter().collect();
        }
        record
    });
    let linked: Vec<Record> = linked.collect();
    let text = "{ strategicGoals(first: 8) { nodes { attainment { shareMet { value } } hanging { count } } } }";
    let asked = Question { about: String::new(), text: text.into() };
    let [few, many] = [&plan, &linked].map(|records| World::of(records, 1).ask(&asked, 1));
    assert!(many.steps > few.steps * 2, "{few:?}, {many:?}");
    assert!(many.cost > few.cost * 2, "{few:?}, {many:?}");
}

#[test]
fn what_takes_long_is_left_to_others() {
    let world = World::of(&worlds::plan(), 1);
    let context = world.api.context(&Identity::anonymous());
    let quickly = |text: &str| {
        let request = GraphqlRequest { query: text.to_owned(), ..GraphqlRequest::default() };
        let prepared = world.api.prepare(&world.register, request);
        world.api.execute_if_quick(Arc::clone(&world.register), prepared, &context, AllowedOperations::Queries).is_ok()
    };
    assert!(quickly("{ measures { nodes { name } } }"));
    // What is computed once for all is never made, nor waited for, where others wait.
    let discrepancies = "{ discrepancies(first: 1) { totalCount } }";
    assert!(!quickly(discrepancies));
    world.ask(&Question { about: String::new(), text: discrepancies.into() }, 0);
    assert!(quickly(discrepancies));
    // Nor what costs much.
    let many: String = (0..250)
        .map(|it| {
            format!("a{it}: observations(first: 0) {{ groupBy(by: [PERIOD, INDICATOR], first: 1) {{ count }} }} ")
        })
        .collect();
    assert!(!quickly(&format!("{{ {many} }}")));
}

#[test]
fn what_took_long_is_not_begun_in_vain_a_second_time() {
    let world = World::of(&worlds::plan(), 1);
    let part = "indicators(first: 60) { nodes { label kind observations { period { code } figure { value } } } }";
    let text = |parts: usize| {
        let parts: Vec<String> = (0..parts).map(|at| format!("a{at}: {part}")).collect();
        format!("{{ {} }}", parts.join(" "))
    };
    let request = |text: String| GraphqlRequest { query: text, ..GraphqlRequest::default() };
    let cost = |parts: usize| world.api.prepare(&world.register, request(text(parts))).unwrap().cost;
    // The most that still looks quick.
    let parts = (1..200).take_while(|parts| cost(*parts) <= 25_000).last().unwrap();
    let prepared = || world.api.prepare(&world.register, request(text(parts)));
    let is_known = || prepared().is_ok_and(|bound| bound.operation.experience.is_long(bound.cost));
    let context = world.api.context(&Identity::anonymous());
    assert!(!is_known());
    assert!(
        world
            .api
            .execute_if_quick(Arc::clone(&world.register), prepared(), &context, AllowedOperations::Queries)
            .is_err()
    );
    assert!(is_known());
    // Over a small register it is quick, and that is learnt too.
    let none = World::of(&[], 1).register;
    world.api.execute_on(none, prepared(), &world.api.context(&Identity::anonymous()), AllowedOperations::Queries);
    assert!(!is_known());
}

#[test]
fn the_price_list_names_fields_that_there_are() {
    let world = World::of(&[], 1);
    let mut rows: Vec<(&str, &str)> = prices::PRICES.iter().map(|(object, field, _)| (*object, *field)).collect();
    for (object, field) in &rows {
        if *object == "*" {
            continue;
        }
        let fields = world.api.graph().object(object).map_or(&[][..], |object| &object.fields);
        assert!(fields.iter().any(|it| it.name == *field), "there is no {object}.{field}");
    }
    // What is computed anew for an entry of a list costs there what it costs elsewhere.
    for list in [
        "trends",
        "attainments",
        "executions",
        "inspectionRates",
        "projectProgress",
        "milestoneStandings",
        "deliveries",
    ] {
        let graph = world.api.graph();
        let connection = graph.object("Query").unwrap().fields.iter().find(|it| it.name == *list).unwrap();
        let entry = connection.ty.name().strip_suffix("Connection").unwrap();
        let computed = graph.object(entry).unwrap().fields.iter();
        let computed =
            computed.filter(|it| it.is_computed() && graph.object(it.ty.name()).is_some_and(|object| !object.is_node));
        for field in computed {
            assert!(rows.contains(&(entry, &*field.name)), "{entry}.{} has no price", field.name);
        }
    }
    let count = rows.len();
    rows.sort_unstable();
    rows.dedup();
    assert_eq!(rows.len(), count, "a field has two prices");
}
