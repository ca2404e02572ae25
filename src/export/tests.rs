mod dutch;

use std::collections::HashSet;
use std::sync::Arc;

use proptest::prelude::*;

use super::csv::Dialect;
use super::*;
use crate::import::options::Options;
use crate::import::tests::{Dice, records};
use crate::import::to_json::row_json;
use crate::model::Kind;
use crate::model::{Key, Record};
use crate::register::{Node, Register};

fn register(records: &[Record]) -> Arc<Register> {
    let nodes = records.iter().map(|record| Node::new(record.clone(), 1));
    Arc::new(Register::load(nodes, [], 1, 1_600_000_000_000))
}

fn export(register: &Arc<Register>, kinds: &[Kind], form: Form, dialect: Dialect) -> Export {
    let choice = Choice {
        whole: kinds.len() > 1,
        kinds: kinds.to_vec(),
        form,
        dialect,
        listing: None,
        sources: true,
        names: false,
    };
    Export { register: Arc::clone(register), choice, listed: None, computed: None }
}

fn bytes(export: &Export) -> Vec<u8> {
    export.pieces().unwrap().flat_map(Result::unwrap).collect()
}

/// What comes in again, by kind and key.
fn back(export: &Export) -> Vec<Record> {
    records(&export.choice.file_name(), &bytes(export), &Options::default()).0
}

/// Records as they stand in the register.
fn all(register: &Register, kinds: &[Kind]) -> Vec<Record> {
    kinds.iter().flat_map(|kind| register.all(*kind).map(|node| node.record.clone())).collect()
}

/// Records with every digit that they have: equal numbers may differ in the zeros at their end.
fn digits(records: &[Record]) -> Vec<String> {
    records.iter().map(|record| row_json(record).to_string()).collect()
}

fn demo() -> Arc<Register> {
    let files = crate::embedded::demo();
    let all: Vec<Record> = files.iter().flat_map(|(name, bytes)| records(name, bytes, &Options::default()).0).collect();
    assert!(all.len() > 3_000, "{}", all.len());
    register(&all)
}

#[test]
fn the_plan_comes_back_the_same() {
    let register = demo();
    let originals = all(&register, Kind::ALL);
    for form in [Form::JsonLines, Form::Xlsx] {
        let found = back(&export(&register, Kind::ALL, form, Dialect::Standard));
        assert!(found == originals, "{form}");
        assert!(form == Form::Xlsx || digits(&found) == digits(&originals), "{form}");
    }
    for kind in Kind::ALL {
        let originals = all(&register, &[*kind]);
        for dialect in [Dialect::Standard, Dialect::ExcelBe] {
            let found = back(&export(&register, &[*kind], Form::Csv, dialect));
            assert_eq!(digits(&found), digits(&originals), "{kind} {dialect}");
        }
        assert!(back(&export(&register, &[*kind], Form::Xlsx, Dialect::Standard)) == originals, "{kind}");
    }
}

#[test]
fn the_same_revision_gives_the_same_bytes() {
    let register = demo();
    for form in [Form::Xlsx, Form::Package, Form::JsonLines] {
        let export = export(&register, Kind::ALL, form, Dialect::Standard);
        assert!(bytes(&export) == bytes(&export), "{form}");
    }
}

#[test]
fn a_number_that_could_be_two_is_written_so_that_it_is_one() {
    let observation = |period: &str, value: &str| {
        let line = serde_json::json!({"observation": {"indicatorKey": "i", "period": period,
            "figure": {"value": value, "status": "REPORTED", "unit": "COUNT"}}});
        records("x.jsonl", line.to_string().as_bytes(), &Options::default()).0.remove(0)
    };
    let text = |values: &[&str], dialect| {
        let years = (2000..).map(|year: u32| year.to_string());
        let all: Vec<Record> = years.zip(values).map(|(year, value)| observation(&year, value)).collect();
        let export = export(&register(&all), &[Kind::Observation], Form::Csv, dialect);
        assert_eq!(digits(&back(&export)), digits(&all), "{values:?}");
        String::from_utf8(bytes(&export)).unwrap()
    };
    let one = text(&["12.345", "-1.234"], Dialect::Standard);
    assert!(one.contains(",012.345,") && one.contains(",-1.234,"), "only the first needs it: {one}");
    assert!(text(&["-12.345"], Dialect::ExcelBe).contains(";-012,345;"));
    assert!(text(&["12.345", "0.5"], Dialect::Standard).contains(",12.345,"), "another number tells");
    assert!(text(&["12.345", "17"], Dialect::Standard).contains(",012.345,"));
}

#[test]
fn what_is_left_out_is_no_file_for_an_import() {
    let register = demo();
    let whole = export(&register, &[Kind::Observation], Form::Csv, Dialect::Standard);
    let mut reading = whole.clone();
    reading.choice.sources = false;
    assert_eq!(
        (whole.choice.file_name(), reading.choice.file_name()),
        ("observations.csv".into(), "observations-without-sources.csv".into())
    );
    assert!(
        bytes(&whole).starts_with(b"key,indicatorKey,period,figure.value,figure.status,figure.unit,figure.printed.")
    );
    assert!(
        bytes(&reading).starts_with(
            b"key,indicatorKey,period,figure.value,figure.status,figure.unit,figure.unitCode,change.value"
        )
    );
    let mut refused = Vec::new();
    for form in [Form::Csv, Form::Xlsx] {
        let mut export = reading.clone();
        export.choice.form = form;
        crate::import::read::read(&export.choice.file_name(), &bytes(&export), &Options::default(), &mut |row| {
            refused.push(row.unwrap_err().problems[0].to_string());
        });
    }
    assert_eq!(refused.len(), 2, "{refused:?}");
    // What has no sources has none to leave out.
    let mut plans = export(&register, &[Kind::Plan], Form::Csv, Dialect::Standard);
    plans.choice.sources = false;
    assert_eq!(plans.choice.file_name(), "plans.csv");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_records_come_back_the_same(seed: u64, which in 0..Kind::ALL.len(), count in 1usize..5) {
        let kind = Kind::ALL[which];
        let mut dice = Dice(seed);
        let mut keys: HashSet<Key> = HashSet::new();
        let drawn: Vec<Record> =
            (0..count).map(|_| dice.record(kind)).filter(|record| keys.insert(record.key())).collect();
        let register = register(&drawn);
        let originals = all(&register, &[kind]);
        for (form, dialect) in
            [(Form::Csv, Dialect::Standard), (Form::Csv, Dialect::ExcelBe), (Form::JsonLines, Dialect::Standard)]
        {
            let found = back(&export(&register, &[kind], form, dialect));
            prop_assert_eq!(digits(&found), digits(&originals), "{} {}", form, dialect);
        }
        prop_assert_eq!(back(&export(&register, &[kind], Form::Xlsx, Dialect::Standard)), originals);
    }
}

#[test]
fn names_stand_beside_the_keys_of_a_workbook_that_no_import_takes() {
    let register = demo();
    let columns = joined::joined(Kind::Observation);
    let named = |node: &Arc<Node>| {
        let cells = columns.iter().map(|column| (column.column().path, column.cell(&register, node)));
        cells.collect::<std::collections::BTreeMap<_, _>>()
    };
    let Some(node) = register.all(Kind::Observation).next() else { panic!("there are observations") };
    let Record::Observation(it) = &node.record else { panic!("it is one") };
    let indicator = register.follow(&it.indicator_key).unwrap();
    let measure = register.follow(indicator.measure_key.as_ref().unwrap()).unwrap();
    let found = named(node);
    let text = |text: &str| cell::Cell::Text(text.to_owned().into());
    assert_eq!(found["indicator"], text(&indicator.label));
    assert_eq!(found["indicator.measure"], text(&measure.name));
    assert!(found.iter().any(|(path, cell)| path.contains("oal") && *cell != cell::Cell::Empty), "{found:?}");
    // Every kind has room for them, and all of it is a workbook of its own.
    let mut all = export(&register, Kind::ALL, Form::Xlsx, Dialect::Standard);
    all.choice.names = true;
    assert_eq!(all.choice.file_name(), "plan-with-names.xlsx");
    assert!(Kind::ALL.iter().all(|kind| kind.file().len() + " (names)".len() <= 31));
    let (mut rows, mut refused) = (0, 0);
    crate::import::read::read("plan-with-names.xlsx", &bytes(&all), &Options::default(), &mut |row| match row {
        Ok(_) => rows += 1,
        Err(_) => refused += 1,
    });
    assert!(rows == 0 && refused > 10, "{rows} rows were taken, {refused} sheets refused");
}
