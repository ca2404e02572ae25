use proptest::prelude::*;

use super::*;
use crate::model::norm::ResultSource;
use crate::model::{FigureStatus, Key, Link, Record};

fn share(value: Option<Decimal>) -> Figure {
    let status = if value.is_some() { FigureStatus::Reported } else { FigureStatus::NotAvailable };
    Figure { value, status, unit: Unit::Ratio, printed: None, unit_code: None }
}

/// A register of one norm with results of the fact table, the last of them with what is printed beside it.
fn register(
    target: Option<Decimal>,
    results: &[Option<Decimal>],
    ratio: Option<Decimal>,
    change: Option<Decimal>,
) -> Register {
    let key = |text: &str| Key::parse(text).unwrap();
    let period = |index: usize| Period::parse(&(2018 + index).to_string()).unwrap();
    let norm = Norm {
        basis_word: None,
        key: key("norm"),
        measure_key: Some(Link::new(key("measure"))),
        position: 1,
        label: "100% in time".into(),
        basis: NormBasis::Legal,
        basis_printed: None,
        target: target.map(|target| share(Some(target))),
        printed: None,
        overview_printed: None,
        limit: None,
        aim: None,
        upper: None,
        explanation: None,
        method: None,
        owner: None,
        subject_key: None,
        subject_kind: None,
        target_words: None,
    };
    let mut records: Vec<Record> = vec![norm.into()];
    for (index, value) in results.iter().enumerate() {
        let last = index + 1 == results.len();
        let result = NormResult {
            source_word: None,
            norm_key: Link::new(key("norm")),
            period: period(index),
            source: ResultSource::FactTable,
            figure: share(*value),
            change: change.filter(|_| last).map(|it| Box::new(Figure { unit: Unit::RatioPoints, ..share(Some(it)) })),
            change_from: (last && index > 0).then(|| period(index - 1)),
            ratio: ratio.filter(|_| last).map(|it| share(Some(it))),
            period_written: None,
            explanation: None,
            status_words: None,
            words: None,
        };
        records.push(result.into());
    }
    Register::load(records.into_iter().map(|record| Node::new(record, 1)), [], 1, 0)
}

fn of(register: &Register) -> Attainment<'_> {
    let norm = walk::get::<Norm>(register, &Key::parse("norm").unwrap()).unwrap();
    attainment(register, norm, None, None, None, None)
}

fn permille(value: i64) -> Decimal {
    Decimal::new(value, 3)
}

#[test]
fn what_prints_as_met_is_met_as_printed_and_not_strictly() {
    use AttainmentReading::{Printed, Strict};
    let printed = register(Some(Decimal::ONE), &[Some(permille(996))], Some(Decimal::ONE), None);
    assert_eq!(of(&printed).level(Printed), Some(AttainmentLevel::Met));
    assert_eq!(of(&printed).level(Strict), Some(AttainmentLevel::NearlyMet));
    let rounded = register(Some(Decimal::ONE), &[Some(permille(996))], None, None);
    assert_eq!(
        of(&rounded).level(Printed),
        Some(AttainmentLevel::Met),
        "where no ratio is printed, it is rounded as one"
    );
    let below = register(Some(Decimal::ONE), &[Some(permille(994))], None, None);
    assert_eq!(of(&below).level(Printed), Some(AttainmentLevel::NearlyMet));
}

#[test]
fn a_printed_change_counts_as_printed() {
    let results = [Some(permille(140)), Some(permille(1000))];
    let register = register(Some(Decimal::ONE), &results, None, Some(Decimal::ZERO));
    assert_eq!(of(&register).change(AttainmentReading::Printed), Some(NormChange::Unchanged));
    assert_eq!(of(&register).change(AttainmentReading::Strict), Some(NormChange::Improved));
}

#[test]
fn without_result_or_target_nothing_is_judged() {
    for (target, results) in
        [(None, vec![Some(permille(900))]), (Some(Decimal::ONE), vec![None]), (Some(Decimal::ONE), vec![])]
    {
        let register = register(target, &results, None, None);
        for reading in [AttainmentReading::Printed, AttainmentReading::Strict] {
            assert_eq!(of(&register).level(reading), None, "{target:?} {results:?}");
        }
        assert!(of(&register).ratio.value.is_err(), "{target:?} {results:?}");
    }
}

#[test]
fn a_target_of_nothing_has_no_ratio_and_still_an_answer() {
    for (result, level) in [(900, AttainmentLevel::Met), (0, AttainmentLevel::Met), (-1, AttainmentLevel::Missed)] {
        let register = register(Some(Decimal::ZERO), &[Some(permille(result))], None, None);
        for reading in [AttainmentReading::Printed, AttainmentReading::Strict] {
            assert_eq!(of(&register).level(reading), Some(level), "{result}");
        }
        assert!(of(&register).ratio.value.is_err());
    }
}

proptest! {
    #[test]
    fn levels_are_what_whole_numbers_give(result in 0i64..=1000, before in 0i64..=1000, target in 1i64..=1000) {
        let register = register(Some(permille(target)), &[Some(permille(before)), Some(permille(result))], None, None);
        let level = |result: i64| match result * 10 {
            tenfold if tenfold >= target * 10 => AttainmentLevel::Met,
            tenfold if tenfold >= target * 9 => AttainmentLevel::NearlyMet,
            tenfold if tenfold >= target * 8 => AttainmentLevel::PartlyMet,
            _ => AttainmentLevel::Missed,
        };
        let found = of(&register);
        prop_assert_eq!(found.level(AttainmentReading::Strict), Some(level(result)));
        prop_assert_eq!(found.level_before(AttainmentReading::Strict), Some(level(before)));
        // Whole percents, halves up: the ratio is at least a bound when 200 times it is at least 200 times the bound, less one.
        let percent = (200 * result + target) / (2 * target);
        let rounded = match percent {
            100.. => AttainmentLevel::Met,
            90.. => AttainmentLevel::NearlyMet,
            80.. => AttainmentLevel::PartlyMet,
            _ => AttainmentLevel::Missed,
        };
        prop_assert_eq!(found.level(AttainmentReading::Printed), Some(rounded));
        let change = match result.cmp(&before) {
            std::cmp::Ordering::Greater => NormChange::Improved,
            std::cmp::Ordering::Equal => NormChange::Unchanged,
            std::cmp::Ordering::Less => NormChange::Declined,
        };
        prop_assert_eq!(found.change(AttainmentReading::Strict), Some(change));
    }
}
