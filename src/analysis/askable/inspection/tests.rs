use super::*;
use crate::model::{Figure, FigureStatus, Record, Unit};
use crate::register::Node;
use crate::work::Work;

fn key(text: &str) -> Key {
    Key::parse(text).unwrap()
}

fn count(value: Option<usize>) -> Figure {
    let status = if value.is_some() { FigureStatus::Reported } else { FigureStatus::NotReported };
    Figure { value: value.map(Decimal::from), status, unit: Unit::Count, printed: None, unit_code: None }
}

/// Two plans of so many processes, each inspected in two years; every tenth does not say how many controls there were.
fn register(processes: usize) -> Register {
    let mut records: Vec<Record> = Vec::new();
    for (plan, number) in ["one", "two"].into_iter().flat_map(|plan| (0..processes).map(move |number| (plan, number))) {
        let process = key(&format!("{plan}-{number}"));
        records.push(
            InspectedProcess {
                key: process.clone(),
                plan_key: Link::new(key(plan)),
                position: 1,
                name: "process".into(),
                measure_keys: Vec::new(),
                printed: None,
            }
            .into(),
        );
        for year in [2020, 2021] {
            records.push(
                Inspection {
                    process_key: Link::new(process.clone()),
                    year,
                    controls: count((number % 10 > 0).then_some(number + 1)),
                    sanctions: count(Some(number % 3)),
                    proposed_recovery: Figure { unit: Unit::Euro, ..count(None) },
                    controls_change: None,
                    sanctions_change: None,
                    proposed_recovery_change: None,
                }
                .into(),
            );
        }
    }
    Register::load(records.into_iter().map(|record| Node::new(record, 1)), [], 1, 0)
}

#[test]
fn what_is_listed_is_what_each_process_gives_alone() {
    let register = register(23);
    let rates = RATES.of(&register);
    assert_eq!(rates.len(), 2 * 23 * 2);
    for rate in rates.iter() {
        let (_, inspection) = walk::follow(&register, &rate.inspection_key).unwrap();
        let alone = inspected_of(&register, inspection);
        assert_eq!(rate.share_of_controls, known(&alone.share_of_controls), "{rate:?}");
        assert_eq!(rate.sanction_rate, known(&alone.sanction_rate), "{rate:?}");
        assert_eq!(rate.share_of_controls.is_some(), rate.controls.is_some(), "{rate:?}");
    }
}

#[test]
fn ten_times_the_processes_take_ten_times_the_work() {
    let steps = |processes: usize| {
        let (register, work) = (register(processes), Work::default());
        work.run(|| RATES.of(&register).len()).unwrap();
        work.steps()
    };
    let (few, many) = (steps(30), steps(300));
    assert!(many < 12 * few, "{few} steps for 30 processes of a plan, {many} for 300");
}
