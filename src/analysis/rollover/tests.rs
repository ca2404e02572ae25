use std::sync::Arc;

use super::*;
use crate::analysis::comparison::compare;
use crate::model::goal::Scope;
use crate::model::{Citation, FigureStatus, Unit};

fn key(text: &str) -> Key {
    Key::parse(text).unwrap()
}

fn link<T: RecordType>(text: &str) -> Link<T> {
    Link::new(key(text))
}

fn citation() -> Option<Citation> {
    Some(Citation {
        document_key: link("doc"),
        section: Some("1".into()),
        table: None,
        row: None,
        column: None,
        text: None,
        page: None,
        note: None,
        checked_by: None,
        checks: None,
        scale: None,
        last_page: None,
        place: None,
    })
}

fn plan(text: &str, body: &str, year: i32) -> Plan {
    Plan {
        key: key(text),
        organisation_key: link(body),
        year,
        evaluated_year: Some(year - 1),
        title: format!("Plan {year} of {body}"),
        document_key: Some(link("doc")),
        closing_date: None,
        met_from: None,
        nearly_met_from: None,
        partly_met_from: None,
    }
}

fn field(text: &str, plan: &str) -> Record {
    let (key, plan_key) = (key(text), link(plan));
    PolicyField { description: None, key, plan_key, code: "I".into(), name: "Field".into(), printed: citation() }.into()
}

fn goal(text: &str, plan: &str) -> Record {
    let (key, plan_key) = (key(text), link(plan));
    let (code, title) = (text.to_uppercase(), format!("Goal {text}"));
    StrategicGoal {
        scope_word: None,
        key,
        plan_key,
        code,
        scope: Scope::Policy,
        title,
        printed: citation(),
        owner: None,
    }
    .into()
}

fn project(text: &str, goals: &[&str]) -> Record {
    Project {
        scope_word: None,
        key: key(text),
        plan_key: link("b-2021"),
        scope: Scope::Policy,
        number: 1,
        title: text.into(),
        operational_goal_key: None,
        strategic_goal_keys: goals.iter().map(|goal| link(goal)).collect(),
        description: None,
        printed: citation(),
        owner: None,
    }
    .into()
}

fn year(project: &str, year: i32, running: Option<Running>) -> Record {
    ProjectYear {
        project_key: link(project),
        year,
        running,
        running_printed: None,
        progress: None,
        progress_printed: None,
        stakeholders: None,
        evaluation: None,
    }
    .into()
}

fn measure(text: &str, plan: &str, lifecycle: Option<Lifecycle>) -> Record {
    Measure {
        description: None,
        lifecycle_word: None,
        key: key(text),
        plan_key: link(plan),
        name: format!("Measure {text}"),
        operational_goal_key: None,
        operator: None,
        lifecycle,
        position: None,
        printed: citation(),
        lifecycle_printed: citation(),
        owner: None,
        process_type: None,
    }
    .into()
}

fn norm(text: &str, measure: &str) -> Record {
    let printed = citation().map(Box::new);
    let target = Figure {
        value: Some("0.9".parse().unwrap()),
        status: FigureStatus::Reported,
        unit: Unit::Ratio,
        printed,
        unit_code: None,
    };
    Norm {
        basis_word: None,
        key: key(text),
        measure_key: Some(link(measure)),
        position: 1,
        label: "90% in time".into(),
        basis: crate::model::norm::NormBasis::Legal,
        basis_printed: citation(),
        target: Some(target),
        printed: citation(),
        overview_printed: citation(),
        limit: None,
        aim: None,
        upper: None,
        explanation: None,
        method: None,
        owner: None,
        subject_key: None,
        subject_kind: None,
        target_words: None,
    }
    .into()
}

fn lineage(kind: CarriedKind, predecessor: &str, successor: &str, relation: Succession) -> Record {
    let link = |text| CarriedLink(key(text));
    Lineage { kind, predecessor_key: link(predecessor), successor_key: link(successor), relation }.into()
}

/// A register of these records; of two with one key, the later counts.
fn register(records: impl IntoIterator<Item = Record>) -> Register {
    let by_key: HashMap<(Kind, Key), Record> =
        records.into_iter().map(|record| ((record.kind(), record.key()), record)).collect();
    Register::load(by_key.into_values().map(|record| Node::new(record, 1)), [], 1, 0)
}

fn all(register: &Register) -> Vec<Record> {
    Kind::ALL.iter().flat_map(|kind| register.all(*kind)).map(|node| node.record.clone()).collect()
}

fn keys(records: &[Record]) -> Vec<String> {
    let carried = records.iter().filter(|record| record.kind() != Kind::Lineage);
    carried.map(|record| format!("{} {}", record.kind().one(), record.key())).collect()
}

fn base() -> Vec<Record> {
    vec![
        plan("b-2021", "b", 2021).into(),
        field("vi", "b-2021"),
        goal("sg", "b-2021"),
        goal("elsewhere", "c-2021"),
        project("p-1", &["sg", "elsewhere"]),
        measure("m", "b-2021", None),
        norm("m/n", "m"),
        measure("b-2021/old", "b-2021", Some(Lifecycle::PhasingOut)),
        norm("b-2021/old/n", "b-2021/old"),
        measure("b-2021/kept", "b-2021", Some(Lifecycle::Reform)),
    ]
}

fn roll(register: &Register) -> Vec<Record> {
    roll_over(register, &plan("b-2021", "b", 2021), 2022).unwrap()
}

#[test]
fn what_goes_on_is_carried_with_its_links_and_without_citations() {
    let records = roll(&register(base()));
    assert_eq!(
        keys(&records),
        [
            "plan b-2022",
            "policyField b-2022/vi",
            "strategicGoal b-2022/sg",
            "project b-2022/p-1",
            "measure b-2022/kept",
            "measure b-2022/m",
            "norm b-2022/m/n"
        ]
    );
    let Record::Plan(next) = &records[0] else { panic!("the plan comes first") };
    assert_eq!((next.year, next.evaluated_year, next.title.as_str()), (2022, Some(2021), "Plan 2022 of b"));
    assert_eq!(next.document_key, None);
    for record in &records {
        let mut cited = Vec::new();
        crate::analysis::citations::of_record(record, &mut cited);
        assert_eq!(cited, [], "{}", record.key());
    }
    let project = records.iter().find_map(Project::of).unwrap();
    let goals: Vec<&str> = project.strategic_goal_keys.iter().map(Link::as_str).collect();
    assert_eq!(goals, ["b-2022/sg", "elsewhere"], "a goal of another plan stays");
    let norm = records.iter().find_map(Norm::of).unwrap();
    assert_eq!(
        (norm.measure_key.as_ref().unwrap().as_str(), norm.target.as_ref().unwrap().value),
        ("b-2022/m", "0.9".parse().ok())
    );
    let lineages: Vec<&Lineage> = records.iter().filter_map(Lineage::of).collect();
    assert_eq!(lineages.len(), records.len() / 2);
    assert!(lineages.iter().all(|it| it.relation == Succession::Continues));
    assert!(lineages.iter().any(|it| it.key().as_str() == "norm/m/n/b-2022/m/n"));
}

#[test]
fn a_project_runs_on_as_the_deciding_year_says() {
    let carried = |years: &[Record]| {
        let projects = ["p-1", "p-2", "p-3"].map(|name| project(name, &[]));
        let register = register(base().into_iter().chain(projects).chain(years.iter().cloned()));
        let carried = roll(&register);
        carried.iter().filter_map(Project::of).map(|it| it.title.clone()).collect::<Vec<_>>()
    };
    assert_eq!(carried(&[]), ["p-1", "p-2", "p-3"]);
    let own_year = [
        year("p-1", 2021, Some(Running::Yes)),
        year("p-2", 2021, Some(Running::No)),
        year("p-3", 2020, Some(Running::Yes)),
    ];
    assert_eq!(carried(&own_year), ["p-1"]);
    let [a, b, c] = own_year;
    assert_eq!(carried(&[a.clone(), b.clone(), c.clone(), year("p-2", 2022, None)]), ["p-1"], "a blank says nothing");
    assert_eq!(carried(&[a, b, c, year("p-2", 2022, Some(Running::Partly))]), ["p-2"]);
}

#[test]
fn doing_it_twice_takes_nothing_back() {
    let first = register(base().into_iter().chain(roll(&register(base()))));
    let before = all(&first);
    assert_eq!(all(&register(before.iter().cloned().chain(roll(&first)))), before);

    // In the new plan: a measure renamed, and given another key; another split, its norm gone.
    let old = key("b-2022/kept");
    let renamed = before.iter().filter(|record| record.key() != old && !record.key().as_str().contains("b-2022/m"));
    let renamed = renamed.filter(|record| Lineage::of(record).is_none_or(|it| it.successor_key.0 != old)).cloned();
    let renamed = renamed.chain([
        measure("reformed", "b-2022", None),
        lineage(CarriedKind::Measure, "b-2021/kept", "reformed", Succession::Continues),
        measure("half-1", "b-2022", None),
        measure("half-2", "b-2022", None),
        lineage(CarriedKind::Measure, "m", "half-1", Succession::SplitFrom),
        lineage(CarriedKind::Measure, "m", "half-2", Succession::SplitFrom),
    ]);
    let second = register(renamed);
    let before = all(&second);
    let again = roll(&second);
    assert_eq!(keys(&again).last().unwrap(), "measure reformed");
    assert_eq!(all(&register(before.iter().cloned().chain(again))), before);

    let (from, to) = (key("b-2021"), key("b-2022"));
    let of_kind = |wanted| compare(&second, &from, &to).into_iter().find(|it| it.kind == wanted).unwrap();
    let measures = of_kind(CarriedKind::Measure);
    assert_eq!((measures.earlier, measures.later, measures.continued, measures.split), (3, 3, 1, 1));
    assert_eq!(measures.dropped.iter().map(|node| node.key.as_str()).collect::<Vec<_>>(), ["b-2021/old"]);
    let fields: Vec<&str> = measures.changed[0].fields.iter().map(|it| it.path.as_str()).collect();
    assert_eq!(fields, ["name", "lifecycle"], "neither key nor plan nor citation counts");
    assert_eq!((of_kind(CarriedKind::Norm).dropped.len(), of_kind(CarriedKind::PolicyField).dropped.len()), (2, 0));
}

#[test]
fn a_link_counts_as_changed_when_it_leads_elsewhere() {
    let first = register(base().into_iter().chain(roll(&register(base()))));
    let (from, to) = (key("b-2021"), key("b-2022"));
    assert!(compare(&first, &from, &to).iter().all(|it| it.changed.is_empty() && it.new.is_empty()));
    let mut moved = first.get(Kind::Project, &key("b-2022/p-1")).unwrap().record.clone();
    if let Record::Project(project) = &mut moved {
        Arc::make_mut(project).strategic_goal_keys.pop();
    }
    let second = register(all(&first).into_iter().chain([moved]));
    let projects = compare(&second, &from, &to).into_iter().find(|it| it.kind == CarriedKind::Project).unwrap();
    let difference = &projects.changed[0].fields[0];
    assert_eq!(
        (difference.path.as_str(), difference.before.as_deref(), difference.after.as_deref()),
        ("strategicGoalKeys", Some("b-2022/sg | elsewhere"), Some("b-2022/sg"))
    );
}

#[test]
fn the_new_plan_is_the_one_that_is_there_or_gets_a_key_of_its_own() {
    let next = |records: Vec<Record>, from: &Plan, to_year| {
        let register = register(records.into_iter().chain([from.clone().into()]));
        roll_over(&register, from, to_year).map(|records| records[0].key().to_string()).map_err(|problems| {
            assert_eq!((problems.len(), problems[0].path[0].as_str()), (1, "toYear"));
            problems[0].code
        })
    };
    let from = plan("b-2021", "b", 2021);
    assert_eq!(next(vec![], &from, 2023).unwrap(), "b-2023");
    assert_eq!(next(vec![], &plan("b", "b", 2021), 2022).unwrap(), "b-2022");
    assert_eq!(next(vec![plan("other", "b", 2022).into()], &from, 2022).unwrap(), "other");
    assert_eq!(next(vec![], &from, 2021), Err(ProblemCode::OutOfRange));
    assert_eq!(next(vec![], &from, 2101), Err(ProblemCode::OutOfRange));
    assert_eq!(next(vec![plan("b-2022", "c", 2022).into()], &from, 2022), Err(ProblemCode::AlreadyExists));
    let two = vec![plan("x", "b", 2022).into(), plan("y", "b", 2022).into()];
    assert_eq!(next(two, &from, 2022), Err(ProblemCode::Inconsistent));
    assert_eq!(next(vec![], &plan(&"k".repeat(250), "b", 2021), 2022), Err(ProblemCode::BadKey));
}

#[test]
fn a_key_takes_the_new_plan_in_place_of_the_old_one() {
    for (old, new) in [("m", "b-2022/m"), ("b-2021/m", "b-2022/m"), ("b-2021", "b-2022"), ("b-20210", "b-2022/b-20210")]
    {
        assert_eq!(new_key(&key(old), &key("b-2021"), &key("b-2022")).as_str(), new);
    }
}

#[test]
fn every_carried_kind_has_a_home() {
    for carried in CarriedKind::all() {
        let before: Vec<Kind> =
            CarriedKind::all().take_while(|other| *other != carried).map(CarriedKind::kind).collect();
        let is_home = |target| target == Kind::Plan || before.contains(&target);
        assert!(homes(carried.kind()).iter().any(|home| is_home(home.target)), "{carried}");
    }
}
