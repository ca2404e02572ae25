use proptest::prelude::*;

use super::*;
use crate::model::{Citation, Key, Link, Observation, Period, Record};

fn printed(value: Option<&str>, unit: Unit, text: &str) -> Figure {
    let citation = Citation {
        document_key: Link::new(Key::parse("doc").unwrap()),
        section: None,
        table: None,
        row: None,
        column: None,
        text: Some(text.into()),
        page: None,
        note: None,
        checked_by: None,
        checks: None,
        scale: None,
        last_page: None,
        place: None,
    };
    let status = if value.is_some() { FigureStatus::Reported } else { FigureStatus::NotAvailable };
    Figure {
        value: value.map(|it| it.parse().unwrap()),
        status,
        unit,
        printed: Some(Box::new(citation)),
        unit_code: None,
    }
}

fn share(text: &str) -> Figure {
    let value = crate::model::printed::parse(text).unwrap().value.map(|it| it.to_string());
    printed(value.as_deref(), Unit::Ratio, text)
}

fn count(value: Option<i64>) -> Figure {
    let text = value.map(|it| it.to_string());
    printed(text.as_deref(), Unit::Count, text.as_deref().unwrap_or("n.b."))
}

fn node(figure: &Figure) -> Node {
    let observation = Observation {
        indicator_key: Link::new(Key::parse("files").unwrap()),
        period: Period::parse("2020").unwrap(),
        figure: figure.clone(),
        change: None,
        change_from: None,
        period_written: None,
        category_keys: Vec::new(),
        delivered: None,
        explanation: None,
        state: None,
        year_to_date: None,
    };
    Node::new(Record::from(observation), 1)
}

fn inputs<'r>(node: &'r Node, figures: &'r [(&'static str, Figure)]) -> Vec<Input<'r>> {
    figures.iter().map(|(name, figure)| Input::recorded(name, node, "figure", figure)).collect()
}

#[test]
fn every_rule_has_a_formula_and_an_explanation() {
    for rule in Rule::ALL {
        assert!(Formula::parse(rule.formula()).is_some(), "{rule}: {}", rule.formula());
        assert!(rule.doc().ends_with('.'), "{rule}: {}", rule.doc());
    }
}

#[test]
fn a_missing_input_is_named() {
    let figures = [("to", count(Some(1))), ("from", count(None))];
    let node = node(&figures[0].1);
    let change = Computed::new(Rule::Change, Unit::Count, inputs(&node, &figures));
    let missing = change.value.clone().unwrap_err();
    assert_eq!(missing.code, MissingCode::InputMissing);
    assert_eq!(missing.text, "`from`, figure of Observation `files/2020`, is NOT_AVAILABLE");
    assert_eq!((change.expression().as_str(), change.status()), ("1 - ?", FigureStatus::NotComputable));
}

#[test]
fn nothing_is_divided_by_zero_and_nothing_is_summed_from_nothing() {
    let figures = [("to", count(Some(5))), ("from", count(Some(0)))];
    let node = node(&figures[0].1);
    let change = Computed::new(Rule::ChangeRelative, Unit::Ratio, inputs(&node, &figures));
    assert_eq!(change.value.unwrap_err().code, MissingCode::ZeroDivisor);
    assert_eq!(Computed::sum(Unit::Euro, Vec::new()).value.unwrap_err().code, MissingCode::NoInput);
    assert_eq!(Computed::count([]).value, Ok(Decimal::ZERO), "how many there are is known, also when there are none");
}

#[test]
fn a_sum_is_unknown_when_a_part_is_and_says_what_is_known() {
    let not_applicable = Figure { status: FigureStatus::NotApplicable, ..count(None) };
    let figures = [("part", count(Some(2))), ("part", count(None)), ("part", count(Some(3))), ("part", not_applicable)];
    let node = node(&figures[0].1);
    let sum = Computed::sum(Unit::Count, inputs(&node, &figures));
    let missing = sum.value.unwrap_err();
    assert_eq!(missing.code, MissingCode::InputMissing);
    assert!(missing.text.starts_with("1 of 3 parts have no value"), "{}", missing.text);
    assert_eq!(Computed::sum_of_known(Unit::Count, inputs(&node, &figures)).value, Ok(Decimal::from(5)));
    assert_eq!(
        Computed::sum(Unit::Euro, inputs(&node, &figures[..1])).value.unwrap_err().code,
        MissingCode::UnitsDiffer
    );
}

#[test]
fn agreement_knows_how_exactly_each_cell_is_printed() {
    for (from, to, change, agrees) in [
        // 1,3 points between 96,3% and 97,6%, each within half a tenth.
        ("96,3%", "97,6%", "+1,3 ppt.", true),
        ("96,3%", "97,6%", "+1,4 ppt.", true),
        ("96,3%", "97,6%", "+1,5 ppt.", false),
        ("96%", "98%", "+1 ppt.", true),
        ("96%", "98%", "+0,9 ppt.", false),
        ("96,0%", "98,0%", "+1 ppt.", false),
    ] {
        let figures = [("to", share(to)), ("from", share(from))];
        let node = node(&figures[0].1);
        let computed = Computed::new(Rule::Change, Unit::RatioPoints, inputs(&node, &figures));
        let value = crate::model::printed::parse(change).unwrap().value.unwrap().to_string();
        let change = printed(Some(&value), Unit::RatioPoints, change);
        assert_eq!(computed.agrees(&change), Some(agrees), "{from} to {to}: {change:?}");
    }
    // Files are counted, not rounded.
    let figures = [("to", count(Some(5840))), ("from", count(Some(6946)))];
    let node = node(&figures[0].1);
    let computed = Computed::new(Rule::ChangeRelative, Unit::Ratio, inputs(&node, &figures));
    for (text, agrees) in [("-16%", true), ("-15,9%", true), ("-15%", false), ("-16,0%", false), ("16%", false)] {
        assert_eq!(computed.agrees(&share(text)), Some(agrees), "{text}");
    }
    assert_eq!(computed.agrees(&printed(Some("-0.16"), Unit::RatioPoints, "-16 ppt.")), None, "another unit");
}

proptest! {
    #[test]
    fn change_is_what_integers_give(to in -1_000_000i64..1_000_000, from in -1_000_000i64..1_000_000) {
        let figures = [("to", count(Some(to))), ("from", count(Some(from)))];
        let node = node(&figures[0].1);
        let change = Computed::new(Rule::Change, Unit::Count, inputs(&node, &figures));
        prop_assert_eq!(change.value, Ok(Decimal::from(to - from)));
        let relative = Computed::new(Rule::ChangeRelative, Unit::Ratio, inputs(&node, &figures)).value;
        if from == 0 {
            prop_assert_eq!(relative.unwrap_err().code, MissingCode::ZeroDivisor);
        } else {
            // Rounded to 12 decimals, so within half a unit of the twelfth of the exact fraction.
            let scaled = i128::from(to - from) * 1_000_000_000_000_000;
            let exact = scaled / i128::from(from);
            let found = relative.unwrap() * Decimal::from(1_000_000_000_000_000i64);
            prop_assert!((found - Decimal::from(exact)).abs() <= Decimal::from(501), "{} / {}", to - from, from);
        }
    }

    #[test]
    fn sum_is_what_integers_give(parts in prop::collection::vec(prop::option::weighted(0.9, -1_000_000i64..1_000_000), 1..20)) {
        let figures: Vec<_> = parts.iter().map(|part| ("part", count(*part))).collect();
        let node = node(&figures[0].1);
        let sum = Computed::sum(Unit::Count, inputs(&node, &figures)).value;
        let known = Computed::sum_of_known(Unit::Count, inputs(&node, &figures)).value;
        match parts.iter().copied().collect::<Option<Vec<i64>>>() {
            Some(all) => prop_assert_eq!(sum, Ok(Decimal::from(all.iter().sum::<i64>()))),
            None => prop_assert_eq!(sum.unwrap_err().code, MissingCode::InputMissing),
        }
        if parts.iter().any(Option::is_some) {
            prop_assert_eq!(known, Ok(Decimal::from(parts.iter().flatten().sum::<i64>())));
        } else {
            prop_assert_eq!(known.unwrap_err().code, MissingCode::NoInput);
        }
    }

    #[test]
    fn the_value_lies_in_its_range(to in 0i64..1000, from in 1i64..1000) {
        let share = |permille: i64| printed(Some(&Decimal::new(permille, 3).to_string()), Unit::Ratio, "");
        let figures = [("to", share(to)), ("from", share(from))];
        let node = node(&figures[0].1);
        let change = Computed::new(Rule::Change, Unit::RatioPoints, inputs(&node, &figures));
        let (low, high) = change.range().unwrap();
        prop_assert_eq!(high - low, Decimal::new(2, 3), "a thousandth of each");
        prop_assert!(low <= change.value.clone().unwrap() && change.value.unwrap() <= high);
    }

    #[test]
    fn a_number_of_more_than_28_digits_is_refused(factor in 1u8..=7) {
        let huge = printed(Some(&format!("{factor}{}", "0".repeat(28))), Unit::Euro, "");
        let figures: Vec<_> = (0..9).map(|_| ("part", huge.clone())).collect();
        let node = node(&huge);
        let sum = Computed::sum(Unit::Euro, inputs(&node, &figures)).value;
        prop_assert_eq!(sum.unwrap_err().code, MissingCode::Overflow);
    }
}
