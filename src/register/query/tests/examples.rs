//! Cases of their own, beside what is random.

use super::*;

fn register_of(values: &[&str]) -> Register {
    let observed = values
        .iter()
        .enumerate()
        .map(|(number, value)| observation(number, "2020", Some(value.parse().unwrap()), Unit::Euro));
    Register::load(observed.map(|record| Node::new(record, 1)), [], 1, 0)
}

#[test]
fn long_numbers_are_exact_or_refused() {
    let of = Groupable::of(Kind::Observation);
    for (values, sum) in [
        (vec!["79228162514264337593543950335"], Ok("79228162514264337593543950335")),
        (vec!["79228162514264337593543950335", "1"], Err(TooLong)),
        (vec!["9223372036854775807", "9223372036854775807"], Ok("18446744073709551614")),
        (vec!["9223372036854775807.1", "-9223372036854775807.05"], Ok("0.05")),
        (vec!["10000000000000000000000000000", "0.0000000000000000000000000001"], Err(TooLong)),
        (
            vec!["0.0000000000000000000000000001", "-0.0000000000000000000000000003"],
            Ok("-0.0000000000000000000000000002"),
        ),
    ] {
        let register = register_of(&values);
        let selection = Selection::new(&register, Kind::Observation, None, None, &Order(Vec::new()));
        let groups = Groups::new(&register, &selection, of, &[]);
        let told = groups.totals(&register, 0, 0);
        assert_eq!(told[0].sum.map(|sum| sum.unwrap().to_string()), sum.map(str::to_owned), "{values:?}");
        assert_eq!(told[0].max.unwrap().to_string(), values[0], "{values:?}");
    }
}

#[test]
fn a_line_on_two_articles_counts_once() {
    let article = |code: &str| {
        Record::from(BudgetArticle { code: key(code), name: None, organisation_key: None, printed_code: None })
    };
    let line = |number: i32, articles: &[&str]| {
        Record::from(BudgetLine {
            policy_field_key: None,
            structural_element_key: None,
            section_word: None,
            key: key(&format!("l-{number}")),
            plan_key: Link::new(key("p")),
            position: number,
            name: "L".into(),
            section: crate::model::budget::BudgetSection::Measure,
            direction: crate::model::budget::Direction::Expenditure,
            operational_goal_key: None,
            measure_keys: Vec::new(),
            article_keys: articles.iter().map(|code| Link::new(key(code))).collect(),
            printed: None,
            articles_printed: None,
        })
    };
    let records = [
        article("A"),
        article("B"),
        line(1, &["A"]),
        line(2, &["B", "A"]),
        line(3, &[]),
        line(4, &["A", "B"]),
        line(5, &["B"]),
    ];
    let register = Register::load(records.into_iter().map(|record| Node::new(record, 1)), [], 1, 0);
    let of = Groupable::of(Kind::BudgetLine);
    let dimension = of.dimensions.iter().find(|it| it.name == "articles").unwrap();
    let selection = Selection::new(&register, Kind::BudgetLine, None, None, &Order(Vec::new()));
    let groups = Groups::new(&register, &selection, of, &[dimension]);
    let sets: Vec<(Vec<u32>, u32)> = (0..groups.counts.len())
        .map(|at| match groups.key(at, 0) {
            GroupKey::Records(Kind::BudgetArticle, rows) => (rows, groups.counts[at]),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(sets, [(vec![0], 1), (vec![0, 1], 2), (vec![1], 1), (vec![], 1)]);
}

#[test]
fn names_of_what_can_be_asked_are_different() {
    for kind in Kind::ALL {
        let schema = FilterSchema::of(kind.info());
        let terms: std::collections::BTreeSet<&str> = schema.terms.iter().map(|term| term.name).collect();
        assert_eq!(terms.len(), schema.terms.len(), "{kind}");
        assert!(["and", "or", "not", "isNull"].iter().all(|name| !terms.contains(name)), "{kind}");
        let words: std::collections::BTreeSet<&str> = schema.order.words.iter().map(|(word, _)| *word).collect();
        assert_eq!((words.len(), words.len()), (schema.order.words.len(), schema.places.len()), "{kind}");
        let of = Groupable::of(*kind);
        let words: std::collections::BTreeSet<&str> = of.words.words.iter().map(|(word, _)| *word).collect();
        assert_eq!(words.len(), of.dimensions.len(), "{kind}");
    }
}

#[test]
fn what_is_kept_belongs_to_its_table() {
    let world = World {
        measures: vec![0],
        indicators: vec![(0, 0)],
        observations: vec![Plain { indicator: 0, period: 0, value: Some((5, 0)), unit: 0 }],
    };
    let first = world.register();
    let asked = filter(&Asked::Value("gt", 100).tree(), Kind::Observation);
    let count = |register: &Register| select(&asked, Table::new(register, Kind::Observation)).len();
    assert_eq!(count(&first), 1);
    let after: Record = observation(0, "2020", Some(7.into()), Unit::Count);
    let change = crate::register::Change {
        kind: Kind::Observation,
        key: after.key(),
        before: None,
        deleted_at: None,
        after: Some(std::sync::Arc::new(Node::new(after, 2))),
    };
    let second = first.with(std::slice::from_ref(&change), 2, 0);
    assert_eq!((count(&second), count(&first)), (2, 1));
    first.superseded_by(&second);
    assert_eq!((count(&second), count(&first)), (2, 1));
    assert_eq!(count(&second.without(&[change], 1, 0)), 1);
}
