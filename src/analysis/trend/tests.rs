use rust_decimal::Decimal;

use super::*;
use crate::model::{FigureStatus, Link, Record};

fn figure(value: Option<&str>, unit: Unit) -> Figure {
    let status = if value.is_some() { FigureStatus::Reported } else { FigureStatus::NotApplicable };
    Figure { value: value.map(|it| it.parse().unwrap()), status, unit, printed: None, unit_code: None }
}

/// A register with the values of one indicator; the last one has a printed change since the one before.
fn register(values: &[(&str, Option<&str>)], unit: Unit, change: Option<Figure>) -> Register {
    let nodes = values.iter().enumerate().map(|(index, (period, value))| {
        let last = index + 1 == values.len();
        let observation = Observation {
            indicator_key: Link::new(Key::parse("files").unwrap()),
            period: Period::parse(period).unwrap(),
            figure: figure(*value, unit),
            change: change.clone().filter(|_| last).map(Box::new),
            change_from: last.then(|| Period::parse(values[index - 1].0).unwrap()),
            period_written: None,
            category_keys: Vec::new(),
            delivered: None,
            explanation: None,
            state: None,
            year_to_date: None,
        };
        Node::new(Record::from(observation), 1)
    });
    Register::load(nodes, [], 1, 0)
}

fn of(register: &Register) -> Trend<'_> {
    trend(&observations(register, &Key::parse("files").unwrap()), None, None)
}

fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[test]
fn volumes_change_absolutely_and_relatively() {
    let change = figure(Some("-0.16"), Unit::Ratio);
    let register =
        register(&[("2018", Some("1")), ("2019", Some("6946")), ("2020", Some("5840"))], Unit::Count, Some(change));
    let trend = of(&register);
    assert_eq!(trend.absolute.value, Ok(number("-1106")));
    assert_eq!(trend.relative.value.as_ref().unwrap().round_dp(3), number("-0.159"));
    assert_eq!(trend.relative.expression(), "(5840 - 6946) / 6946");
    assert_eq!((trend.comparable, trend.agrees), (true, Some(true)));
    let back =
        super::trend(&observations(&register, &Key::parse("files").unwrap()), Some(&Period::year(2018).unwrap()), None);
    assert_eq!((back.absolute.value, back.printed), (Ok(number("5839")), None), "no change is printed since 2018");
}

#[test]
fn shares_change_in_points() {
    let change = figure(Some("0.013"), Unit::RatioPoints);
    let register = register(&[("2019-05/2019-12", Some("0.963")), ("2020", Some("0.976"))], Unit::Ratio, Some(change));
    let trend = of(&register);
    assert_eq!((trend.absolute.unit, &trend.absolute.value), (Unit::RatioPoints, &Ok(number("0.013"))));
    assert_eq!((trend.comparable, trend.agrees), (true, Some(true)), "shares compare whatever the lengths");
}

#[test]
fn volumes_of_unequal_periods_are_not_comparable() {
    let values = [("2018", Some("900")), ("2019-05/2019-12", Some("1102")), ("2020", Some("1671"))];
    let long = register(&values, Unit::Count, None);
    assert_eq!(of(&long).from.unwrap().period.code().as_str(), "2018", "the last that is comparable");
    let short = register(&values[1..], Unit::Count, None);
    let trend = of(&short);
    assert_eq!(
        (trend.comparable, trend.absolute.value),
        (false, Ok(number("569"))),
        "what there is, said to be unequal"
    );
}

#[test]
fn a_part_of_a_year_is_compared_with_the_same_one_of_the_year_before_and_no_other() {
    let values = [("2019-Q3", Some("7")), ("2019", Some("100")), ("2020-Q2", Some("20")), ("2020-Q3", Some("30"))];
    assert_eq!(of(&register(&values, Unit::Count, None)).absolute.value, Ok(number("23")));
    let unknown = register(&values[1..], Unit::Count, Some(figure(Some("0.5"), Unit::Ratio)));
    let trend = of(&unknown);
    let missing = trend.absolute.value.unwrap_err();
    assert_eq!(missing.code, MissingCode::NoInput);
    assert_eq!(missing.text, "the register has no value of 2019-Q3 to compare it with");
    assert_eq!((trend.comparable, trend.from.is_none()), (false, true));
    assert!(trend.printed.is_some(), "what is printed stands all the same");
    // Shares too; and whatever the part, at the end of February too.
    for (before, after) in [("2020-02", "2021-02"), ("2019-07/2019-12", "2020-07/2020-12"), ("2019-02", "2020-02")] {
        let [before, after] = [before, after].map(|it| Period::parse(it).unwrap());
        assert_eq!(after.year_before(), Some(before));
        let next =
            register(&[(&before.to_string(), Some("0.5")), (&after.to_string(), Some("0.7"))], Unit::Ratio, None);
        assert_eq!(of(&next).absolute.value, Ok(number("0.2")));
    }
    let quarters = register(&[("2020-Q1", Some("0.5")), ("2020-Q2", Some("0.7"))], Unit::Ratio, None);
    assert!(of(&quarters).absolute.value.is_err());
}

#[test]
fn what_is_missing_has_a_reason() {
    let code = |figure: &Computed<'_>| figure.value.clone().unwrap_err().code;
    let gone = register(&[("2019", None), ("2020", Some("1"))], Unit::Count, None);
    assert_eq!(code(&of(&gone).absolute), MissingCode::InputMissing);
    let zero = register(&[("2019", Some("0")), ("2020", Some("1"))], Unit::Count, None);
    assert_eq!(of(&zero).absolute.value, Ok(number("1")));
    assert_eq!(code(&of(&zero).relative), MissingCode::ZeroDivisor);
    let negative = register(&[("2019", Some("-5")), ("2020", Some("1"))], Unit::Euro, None);
    assert_eq!(code(&of(&negative).relative), MissingCode::NegativeBase);
    let nothing = Register::empty();
    assert_eq!(code(&of(&nothing).absolute), MissingCode::NoInput);
}
