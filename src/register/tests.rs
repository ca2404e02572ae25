use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;

use super::relation::Relation;
use super::*;
use crate::model::{AsRecord as _, BudgetArticle, Key, Kind, Link, Organisation, Plan, Record};

fn organisation(key: &str) -> Record {
    Organisation {
        key: Key::parse(key).unwrap(),
        name: key.to_uppercase(),
        abbreviation: None,
        printed: None,
        namespace: None,
        parent_key: None,
        year_start: None,
    }
    .into()
}

fn plan(key: &str, organisation: &str, year: i32) -> Record {
    Plan {
        key: Key::parse(key).unwrap(),
        organisation_key: Link::new(Key::parse(organisation).unwrap()),
        year,
        evaluated_year: None,
        title: "Plan".into(),
        document_key: None,
        closing_date: None,
        met_from: None,
        nearly_met_from: None,
        partly_met_from: None,
    }
    .into()
}

fn change(before: Option<Record>, after: Option<Record>) -> Change {
    let node = |record: Record| Arc::new(Node::new(record, 1));
    let any = before.as_ref().or(after.as_ref()).unwrap();
    Change {
        kind: any.kind(),
        key: any.key(),
        deleted_at: None,
        before: before.clone().map(node),
        after: after.clone().map(node),
    }
}

#[test]
fn the_old_register_stays_as_it_was() {
    let first = Register::empty().with(&[change(None, Some(organisation("a")))], 1, 0);
    let second = first.with(&[change(Some(organisation("a")), None), change(None, Some(organisation("b")))], 2, 0);
    let keys =
        |register: &Register| register.all(Kind::Organisation).map(|node| node.key.to_string()).collect::<Vec<_>>();
    assert_eq!((keys(&first), keys(&second)), (vec!["a".to_owned()], vec!["b".to_owned()]));
    assert_eq!((first.revision(), second.revision()), (1, 2));
}

#[test]
fn a_range_that_ends_before_it_begins_is_empty() {
    let register =
        Register::empty().with(&[change(None, Some(organisation("a"))), change(None, Some(organisation("b")))], 1, 0);
    let place = |key: &str| Some((0, Key::parse(key).unwrap()));
    assert_eq!(register.between(Kind::Organisation, place("b"), place("a")).count(), 0);
    assert_eq!(register.between(Kind::Organisation, place("a"), place("a")).count(), 0);
    assert_eq!(register.between(Kind::Organisation, place("a"), None).count(), 1);
}

proptest! {
    /// Random changes against a plain map: records, order and relations agree after every step.
    #[test]
    fn agrees_with_a_plain_map(steps in prop::collection::vec((0..12u8, 0..4u8, any::<bool>()), 1..60)) {
        let mut register = Register::empty();
        let mut model: BTreeMap<String, Record> = BTreeMap::new();
        let relation = Relation::to(Kind::Organisation).find(|relation| relation.source == Kind::Plan).unwrap();
        for (revision, (plan_number, organisation_number, delete)) in steps.into_iter().enumerate() {
            let key = format!("plan-{plan_number}");
            let before = model.get(&key).cloned();
            let after = (!delete).then(|| plan(&key, &format!("org-{organisation_number}"), 2020));
            if before.is_none() && after.is_none() {
                continue;
            }
            match &after {
                Some(record) => model.insert(key, record.clone()),
                None => model.remove(&key),
            };
            let changes = [change(before, after)];
            let next = register.with(&changes, revision as u64 + 1, 0);
            let back = next.without(&changes, register.revision(), 0);
            prop_assert_eq!(keys_of(&back), keys_of(&register));
            prop_assert_eq!(words_of(&back), words_of(&register));
            register = next;
            // Sometimes only, so that an index has several commits to make up for.
            if revision % 3 == 0 {
                let nodes = register.all(Kind::Plan).map(|node| Node::new(node.record.clone(), 1));
                let anew = Register::load(nodes, [], register.revision(), 0);
                prop_assert_eq!(words_of(&register), words_of(&anew));
            }

            let mut expected: Vec<Key> = model.values().map(Record::key).collect();
            expected.sort();
            prop_assert_eq!(register.all(Kind::Plan).map(|node| node.key.clone()).collect::<Vec<_>>(), expected.clone());
            prop_assert_eq!(register.count(Kind::Plan), expected.len());
            for number in 0..4 {
                let organisation = Key::parse(&format!("org-{number}")).unwrap();
                let mut expected: Vec<Key> = model
                    .values()
                    .filter(|record| Plan::of(record).unwrap().organisation_key.key() == &organisation)
                    .map(Record::key)
                    .collect();
                expected.sort();
                let found: Vec<Key> = register.sources(relation, &organisation).iter().map(|node| node.key.clone()).collect();
                prop_assert_eq!(found, expected);
            }
        }
    }
}

fn keys_of(register: &Register) -> Vec<String> {
    register.all(Kind::Plan).map(|node| format!("{:?}", node.record)).collect()
}

/// What a few searches find.
fn words_of(register: &Register) -> Vec<String> {
    let asked = ["plan", "plan 1", "plan-11", "pla", "plna 3"].map(crate::search::Asked::read);
    asked.iter().map(|asked| format!("{:?}", register.words().search(asked, &[], 100).hits)).collect()
}

#[test]
fn the_words_of_an_earlier_register_stay_as_they_were() {
    let count = |register: &Register, text| register.words().search(&crate::search::Asked::read(text), &[], 9).total;
    let first = Register::empty().with(&[change(None, Some(organisation("anker")))], 1, 0);
    let second = first.with(&[change(None, Some(organisation("boot")))], 2, 0);
    assert_eq!((count(&first, "anker"), count(&first, "boot")), (1, 0));
    // The first has an index by now, the second none yet, the third comes from the first's.
    let changes = [change(Some(organisation("anker")), None), change(None, Some(organisation("dek")))];
    let third = second.with(&changes, 3, 0);
    assert_eq!((count(&third, "anker"), count(&third, "boot"), count(&third, "dek")), (0, 1, 1));
    let back = third.without(&changes, 2, 0);
    assert_eq!((count(&back, "anker"), count(&back, "boot"), count(&back, "dek")), (1, 1, 0));
    assert_eq!((count(&second, "anker"), count(&second, "dek")), (1, 0));
    // More than is made up for.
    let many: Vec<Change> = (0..2_000).map(|number| change(None, Some(organisation(&format!("o-{number}"))))).collect();
    assert_eq!(count(&third.with(&many, 4, 0), "o"), 2_000);
}

#[test]
fn articles_without_lines_have_no_sources() {
    let article: Record =
        BudgetArticle { code: Key::parse("X").unwrap(), name: None, organisation_key: None, printed_code: None }.into();
    let register = Register::empty().with(&[change(None, Some(article))], 1, 0);
    let relation = Relation::to(Kind::BudgetArticle).next().unwrap();
    assert!(register.sources(relation, &Key::parse("X").unwrap()).is_empty());
}

#[test]
fn namespaces_are_those_of_the_bodies_that_are_there() {
    let of = |key: &str, namespace: Option<&str>| {
        let Record::Organisation(mut body) = organisation(key) else { unreachable!() };
        Arc::make_mut(&mut body).namespace = namespace.map(str::to_owned);
        Record::Organisation(body)
    };
    let told = |register: &Register| {
        let mut all: Vec<_> = register.namespaces().by_body().iter().map(|(key, it)| format!("{key}={it}")).collect();
        all.sort();
        all.join(" ")
    };
    let first =
        Register::empty().with(&[change(None, Some(of("a", Some("x")))), change(None, Some(of("b", None)))], 1, 0);
    let changes = [
        change(Some(of("a", Some("x"))), Some(of("a", None))),
        change(Some(of("b", None)), Some(of("b", Some("y")))),
        change(None, Some(of("c", Some("z")))),
    ];
    let second = first.with(&changes, 2, 0);
    let third = second.with(&[change(Some(of("c", Some("z"))), None)], 3, 0);
    assert_eq!([&first, &second, &third].map(told), ["a=x", "b=y c=z", "b=y"]);
    assert_eq!(told(&second.without(&changes, 1, 0)), "a=x");
}
