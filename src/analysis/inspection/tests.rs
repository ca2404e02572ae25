use rust_decimal::Decimal;

use super::*;
use crate::analysis::askable::inspection::RATES;
use crate::analysis::computed::MissingCode;
use crate::analysis::coverage::Coverage;
use crate::model::lineage::{CarriedKind, CarriedLink, Succession};
use crate::model::{Lineage, Link, Record};

fn key(text: &str) -> Key {
    Key::parse(text).unwrap()
}

/// A row of a table: a process `plan/name`, and its controls in a year; none for a blank place, negative for what does not apply.
fn register(rows: &[(&str, i32, Option<i64>)], processes: &[&str], lines: &[(&str, &str)]) -> Register {
    let figure = |value: Option<i64>, unit| {
        let status = match value {
            Some(..=-1) => FigureStatus::NotApplicable,
            Some(_) => FigureStatus::Reported,
            None => FigureStatus::NotReported,
        };
        let value = value.filter(|value| *value >= 0).map(Decimal::from);
        Figure { value, status, unit, printed: None, unit_code: None }
    };
    let mut records: Vec<Record> = Vec::new();
    for year in [2021, 2022] {
        let plan = Plan {
            key: key(&year.to_string()),
            organisation_key: Link::new(key("body")),
            year,
            evaluated_year: Some(year - 1),
            title: "Plan".into(),
            document_key: None,
            closing_date: None,
            met_from: None,
            nearly_met_from: None,
            partly_met_from: None,
        };
        records.push(plan.into());
    }
    for process in processes {
        let process = InspectedProcess {
            key: key(process),
            plan_key: Link::new(key(&process[..4])),
            position: 1,
            name: "process".into(),
            measure_keys: Vec::new(),
            printed: None,
        };
        records.push(process.into());
    }
    for (process, year, controls) in rows {
        let row = Inspection {
            process_key: Link::new(key(process)),
            year: *year,
            controls: figure(*controls, Unit::Count),
            sanctions: figure(*controls, Unit::Count),
            proposed_recovery: figure(None, Unit::Euro),
            controls_change: None,
            sanctions_change: None,
            proposed_recovery_change: None,
        };
        records.push(row.into());
    }
    for (before, after) in lines {
        let lineage = Lineage {
            kind: CarriedKind::InspectedProcess,
            predecessor_key: CarriedLink(key(before)),
            successor_key: CarriedLink(key(after)),
            relation: Succession::Continues,
        };
        records.push(lineage.into());
    }
    Register::load(records.into_iter().map(|record| Node::new(record, 1)), [], 1, 0)
}

fn of<'r>(register: &'r Register, place: &str, year: i32) -> Inspected<'r> {
    let kind = if place.contains('/') { Kind::InspectedProcess } else { Kind::Plan };
    inspected(register, &processes(register, register.get(kind, &key(place)).unwrap()), year)
}

fn told(figure: &Computed<'_>) -> (Option<Decimal>, Coverage) {
    (figure.value.as_ref().ok().copied(), figure.coverage)
}

#[test]
fn a_year_that_an_earlier_plan_tells_is_known_to_the_later_one() {
    let rows = [("2021/a", 2020, Some(120)), ("2022/a", 2021, Some(60))];
    let register = register(&rows, &["2021/a", "2022/a"], &[("2021/a", "2022/a")]);
    let half = Some(Decimal::new(-5, 1));
    let coverage = Coverage { known: 1, unknown: 0 };
    for place in ["2022/a", "2022", "2021/a", "2021"] {
        assert_eq!(told(&of(&register, place, 2021).controls_change.relative), (half, coverage), "{place}");
        assert_eq!(told(&of(&register, place, 2020).controls.sum), (Some(120.into()), coverage), "{place}");
    }
    let rates: Vec<_> =
        RATES.of(&register).iter().map(|it| (it.inspection_key.key().as_str(), it.controls_change)).collect();
    assert_eq!(rates, [("2021/a/2020", None), ("2022/a/2021", half)]);
    // Both plans together have one process, and not two.
    let both: Vec<_> = walk::all::<InspectedProcess>(&register).collect();
    let both = inspected(&register, &last_of_each(&register, both), 2021);
    assert_eq!(told(&both.processes).0, Some(1.into()));
    assert_eq!(told(&both.share_of_controls).0, Some(1.into()));
}

#[test]
fn a_blank_is_looked_up_along_the_line_and_what_does_not_apply_is_not() {
    let rows =
        [("2021/a", 2020, Some(7)), ("2022/a", 2020, None), ("2021/b", 2020, Some(9)), ("2022/b", 2020, Some(-1))];
    let processes = ["2021/a", "2021/b", "2022/a", "2022/b"];
    let register = register(&rows, &processes, &[("2021/a", "2022/a"), ("2021/b", "2022/b")]);
    assert_eq!(told(&of(&register, "2022", 2020).controls.sum), (Some(7.into()), Coverage { known: 1, unknown: 0 }));
    let again: Vec<_> = RATES.of(&register).iter().filter_map(|it| it.again_key.clone()).collect();
    assert_eq!(again, [key("2022/a/2020"), key("2022/b/2020")]);
}

#[test]
fn a_process_without_a_row_is_as_unknown_as_one_with_a_blank() {
    let row = ("2021/a", 2020, Some(10));
    let processes = ["2021/a", "2021/b"];
    for rows in [vec![row], vec![row, ("2021/b", 2020, None)]] {
        let register = register(&rows, &processes, &[]);
        let of = of(&register, "2021", 2020);
        let coverage = Coverage { known: 1, unknown: 1 };
        assert_eq!(told(&of.controls.sum), (None, coverage), "{rows:?}");
        assert_eq!(told(&of.controls.known), (Some(10.into()), coverage), "{rows:?}");
        assert_eq!(told(&of.share_of_controls), (Some(1.into()), coverage), "{rows:?}");
        assert_eq!(told(&of.sanction_rate), (Some(1.into()), coverage), "{rows:?}");
    }
    // Where nobody tells the year, none has a value, and it is said that there is none.
    let register = register(&[], &processes, &[]);
    let controls = of(&register, "2021", 1990).controls.known;
    assert_eq!(told(&controls), (None, Coverage { known: 0, unknown: 2 }));
    assert_eq!(controls.value.as_ref().unwrap_err().code, MissingCode::NoInput);
}
