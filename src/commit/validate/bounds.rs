//! How large and how fine the numbers are that a commit may bring: what is stored can be computed with. Numbers that the register
//! has already stay as they are.

use rust_decimal::Decimal;

use crate::model::{ProblemCode, Problems, Record, View};

/// Digits before the decimal point at most.
pub const WHOLE_DIGITS: u32 = 18;
/// Digits after the decimal point at most.
pub const DECIMALS: u32 = 20;

/// Adds a problem for each number of a record that is out of bounds and was not there before.
pub fn check(record: &Record, before: Option<&Record>, problems: &mut Problems) {
    for (index, field) in record.info().fields.iter().enumerate() {
        let before = before.map_or(View::Null, |before| before.get(index));
        number(&field.name, &record.get(index), &before, problems);
    }
}

fn number(name: &'static str, view: &View<'_>, before: &View<'_>, problems: &mut Problems) {
    match view {
        View::Decimal(value) => {
            // Equal numbers may be written with more decimals or fewer.
            let is_new = !matches!(before, View::Decimal(known) if (known, known.scale()) == (value, value.scale()));
            if let Some(found) = too_much(*value).filter(|_| is_new) {
                problems.within(name, |problems| {
                    let message = format!("{value} has {found}");
                    problems.push(ProblemCode::OutOfRange, message, "round it, or give it in a larger unit");
                });
            }
        }
        View::Composite(value) => {
            for (index, field) in value.describe().fields.iter().enumerate() {
                let before = match before {
                    View::Composite(before) => before.field(index),
                    _ => View::Null,
                };
                problems.within(name, |problems| number(&field.name, &value.field(index), &before, problems));
            }
        }
        _ => {}
    }
}

fn too_much(value: Decimal) -> Option<String> {
    let whole = 10_i128.pow(WHOLE_DIGITS);
    if value.scale() > DECIMALS {
        return Some(format!("{} decimals, at most {DECIMALS} are allowed", value.scale()));
    }
    let digits = || value.trunc().mantissa().unsigned_abs().to_string().len();
    (value.trunc().mantissa().abs() >= whole)
        .then(|| format!("{} digits before the point, at most {WHOLE_DIGITS} are allowed", digits()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commit::validate::edit::{Edit, PutMode, Source};
    use crate::commit::validate::{Atomicity, validate};
    use crate::model::indicator::IndicatorKind;
    use crate::model::{Figure, FigureStatus, Indicator, Key, Link, Observation, Period, Problem, Unit};
    use crate::register::{Node, Register};

    fn observation(value: &str) -> Record {
        let figure = |value: &str| {
            let value = Some(value.parse().unwrap());
            Figure { value, status: FigureStatus::Reported, unit: Unit::Other, printed: None, unit_code: None }
        };
        Record::from(Observation {
            indicator_key: Link::new(Key::parse("i").unwrap()),
            period: Period::parse("2020").unwrap(),
            figure: figure("1"),
            change: Some(Box::new(figure(value))),
            change_from: None,
            period_written: None,
            category_keys: Vec::new(),
            delivered: None,
            explanation: None,
            state: None,
            year_to_date: None,
        })
    }

    fn found(record: &Record, before: Option<&Record>) -> Vec<Problem> {
        let mut problems = Problems::default();
        check(record, before, &mut problems);
        problems.into_vec()
    }

    #[test]
    fn a_number_is_refused_where_it_stands_unless_it_was_there() {
        for (value, part) in [
            ("0.0000000000000000000000000001", "28 decimals"),
            ("0.000000000000000000001", "21 decimals"),
            ("-1000000000000000000.5", "19 digits"),
            ("79228162514264337593543950335", "29 digits"),
        ] {
            let record = observation(value);
            let told = found(&record, None);
            assert_eq!(told.len(), 1, "{value}");
            assert_eq!(told[0].path, ["change", "value"], "{value}");
            assert!(told[0].message.contains(part), "{}", told[0].message);
            assert_eq!(found(&record, Some(&observation("1"))).len(), 1, "{value}");
            assert_eq!(found(&record, Some(&record)), [], "{value}");
        }
        for value in ["999999999999999999.99", "0.00000000000000000001", "-999999999999999999", "0"] {
            assert_eq!(found(&observation(value), None), [], "{value}");
        }
    }

    #[test]
    fn what_an_old_folder_holds_may_be_sent_again_and_restored() {
        let key = |text| Key::parse(text).unwrap();
        let indicator = Record::from(Indicator {
            kind_word: None,
            key: key("i"),
            measure_key: Some(Link::new(key("m"))),
            position: 1,
            label: "I".into(),
            kind: IndicatorKind::Other,
            unit: Unit::Other,
            printed: None,
            aim: None,
            aggregation: None,
            definition: None,
            domain: None,
            frequency: None,
            method: None,
            owner: None,
            source: None,
            subject_key: None,
            subject_kind: None,
        });
        let old = observation("0.0000000000000000000000000001");
        let put = |record: &Record, mode| Edit::Put { record: record.clone(), mode, at: Source::default() };
        let with = |records: &[&Record]| {
            Register::load(records.iter().map(|record| Node::new((*record).clone(), 1)), [], 1, 0)
        };
        let problems =
            |register: &Register, edit| validate(register, &[edit], None, Atomicity::All, false, None).problems;
        let (before, after) = (with(&[&indicator, &old]), with(&[&indicator]));
        assert_eq!(problems(&before, put(&old, PutMode::Upsert)), []);
        assert_eq!(problems(&after, put(&old, PutMode::Restore)), []);
        assert_eq!(problems(&after, put(&old, PutMode::Upsert)).len(), 1);
    }
}
