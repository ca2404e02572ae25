//! One stretch of time is one period, and years are those of the body.

use boordtabel::commit::Edit;
use boordtabel::model::{Figure, FigureStatus, Key, Link, Observation, Period, Unit};
use serde_json::{Value as Json, json};

use super::{Small, indicator, measure, observation, plans};

fn one_indicator() -> Small {
    let mut rows = plans(&[2024]);
    rows.extend([measure("m", "b-2024"), indicator("i", "m")]);
    Small::of(rows.into())
}

/// An observation as it could be stored before periods had one form.
fn stored(period: &str, value: i64) -> Edit {
    let observation = Observation {
        indicator_key: Link::new(Key::parse("i").unwrap()),
        period: Period::parse(period).unwrap(),
        figure: Figure {
            value: Some(value.into()),
            status: FigureStatus::Reported,
            unit: Unit::Count,
            printed: None,
            unit_code: None,
        },
        change: None,
        change_from: None,
        period_written: None,
        category_keys: Vec::new(),
        delivered: None,
        explanation: None,
        state: None,
        year_to_date: None,
    };
    Edit::put(observation.into())
}

#[test]
fn what_was_stored_in_two_forms_stays_and_is_told_until_it_is_merged() {
    let small = one_indicator();
    small.put(vec![stored("2024-01/2024-12", 5)]);
    let keys = |small: &Small| -> Vec<String> {
        let data = small.ask("{ observations { nodes { key } } }");
        data["observations"]["nodes"].as_array().unwrap().iter().map(|it| it["key"].as_str().unwrap().into()).collect()
    };
    // A row in that form means that record; in another one it would be a second record.
    small.import(json!([observation("i", "2024-01/2024-12", "6")]));
    assert_eq!(keys(&small), ["i/2024-01/2024-12"]);
    assert_eq!(small.refused(json!([observation("i", "2024", "6")])), ["SAME_SPAN"]);
    // As a folder of before may have them: both, which is a contradiction.
    let told = "{ discrepancies(where: {rule: {eq: SAME_SPAN}}) { nodes { recordKey severity stated { value } found { value } } } }";
    assert_eq!(small.ask(told)["discrepancies"]["nodes"], json!([]));
    let both = Small::empty();
    let mut rows = plans(&[2024]);
    rows.extend([measure("m", "b-2024"), indicator("i", "m"), observation("i", "2024", "60")]);
    both.import(rows.into());
    let restored = Edit::Put {
        record: match stored("2024-Q1/2024-Q4", 7) {
            Edit::Put { record, .. } => record,
            _ => unreachable!("it is one"),
        },
        mode: boordtabel::commit::PutMode::Restore,
        at: boordtabel::commit::Source::default(),
    };
    both.put(vec![restored]);
    assert_eq!(
        both.ask(told)["discrepancies"]["nodes"],
        json!([{ "recordKey": "i/2024-Q1/2024-Q4", "severity": "ERROR", "stated": { "value": "7" }, "found": { "value": "60" } }])
    );
    both.write("deleteRecords", json!({ "records": [{ "kind": "OBSERVATION", "key": "i/2024-Q1/2024-Q4" }] }));
    assert_eq!(both.ask(told)["discrepancies"]["nodes"], json!([]));
}

#[test]
fn a_group_by_year_does_not_add_a_year_to_its_quarters() {
    let small = one_indicator();
    small.import(json!([
        observation("i", "2024", "100"),
        observation("i", "2024-Q1", "20"),
        observation("i", "2024-Q2", "30"),
        observation("i", "2024-03-31", "7"),
    ]));
    let groups = small.ask(
        "{ observations { groupBy(by: [PERIOD_YEAR]) { count keys { periodYear } figure { span unit sum valued } } } }",
    );
    assert_eq!(
        groups["observations"]["groupBy"],
        json!([{ "count": 4, "keys": { "periodYear": 2024 }, "figure": [
            { "span": "YEAR", "unit": "COUNT", "sum": "100", "valued": 1 },
            { "span": "QUARTER", "unit": "COUNT", "sum": "50", "valued": 2 },
            { "span": "DAY", "unit": "COUNT", "sum": "7", "valued": 1 },
        ] }])
    );
}

#[test]
fn half_a_year_is_not_added_to_its_year_where_both_are_ranges() {
    let small = one_indicator();
    small.import(json!([{ "organisation": { "key": "b", "name": "Body", "yearStart": 4 } }, observation("i", "2023-04/2024-03", "9"),
        observation("i", "2023-04/2023-09", "4"), observation("i", "2023-10/2024-03", "5")]));
    let groups =
        small.ask("{ observations { groupBy(by: [PERIOD_FISCAL_YEAR]) { count figure { span months sum } } } }");
    let figure = json!([{ "span": "RANGE", "months": 12, "sum": "9" }, { "span": "RANGE", "months": 6, "sum": "9" }]);
    assert_eq!(groups["observations"]["groupBy"], json!([{ "count": 3, "figure": figure }]));
}

#[test]
fn what_lies_in_several_years_is_not_added_up_as_one() {
    let small = one_indicator();
    small.import(json!([
        observation("i", "2022-2023", "8761"),
        observation("i", "2023-2024", "5287"),
        observation("i", "2024", "1")
    ]));
    let by = |words: &str| {
        let query = format!(
            "{{ observations {{ groupBy(by: [{words}]) {{ keys {{ periodYear }} count figure {{ span sum avg reason }} }} }} }}"
        );
        small.ask(&query)["observations"]["groupBy"].clone()
    };
    let groups = by("PERIOD_YEAR");
    let none = groups.as_array().unwrap().iter().find(|it| it["keys"]["periodYear"].is_null()).unwrap();
    let figure = &none["figure"][0];
    assert_eq!((&none["count"], &figure["sum"], &figure["avg"]), (&json!(2), &Json::Null, &json!("7024")));
    let reason = figure["reason"].as_str().unwrap();
    assert!(reason.contains("PERIOD_FISCAL_YEAR"), "{reason}");
    // Two measures of one school year are of one period, and so are the groups of its years.
    small.import(json!([indicator("j", "m"), observation("j", "2023-2024", "3")]));
    small.write("deleteRecords", json!({ "records": [{ "kind": "OBSERVATION", "key": "i/2022-2023" }] }));
    let groups = by("PERIOD_YEAR");
    let none = groups.as_array().unwrap().iter().find(|it| it["keys"]["periodYear"].is_null()).unwrap();
    assert_eq!(none["figure"], json!([{ "span": "SCHOOL_YEAR", "sum": "5290", "avg": "2645", "reason": null }]));
    let ends = by("PERIOD_END_YEAR");
    assert_eq!(ends[0]["figure"][1]["sum"], "5290", "{ends}");
}

#[test]
fn a_period_counts_in_the_year_of_its_body_in_which_it_begins() {
    let small = one_indicator();
    small.import(json!([{ "organisation": { "key": "b", "name": "Body", "yearStart": 4 } },
        observation("i", "2023-04/2024-03", "1"), observation("i", "2024-Q1", "2"), observation("i", "2024-Q2", "4"),
        observation("i", "2022-2023", "8")]));
    let groups =
        small.ask("{ observations { groupBy(by: [PERIOD_FISCAL_YEAR]) { keys { periodFiscalYear } count } } }");
    let of = |year: i32, count: i32| json!({ "keys": { "periodFiscalYear": year }, "count": count });
    // A school year stays that of the calendar year in which it ends.
    assert_eq!(groups["observations"]["groupBy"], json!([of(2023, 3), of(2024, 1)]));
    let board: Json = small.ask("{ scoreboard(measure: \"m\", year: 2023) { indicators { period { code } } } }");
    assert_eq!(board["scoreboard"]["indicators"][0]["period"]["code"], "2023-04/2024-03");
    assert_eq!(
        small.refused(json!([{ "organisation": { "key": "b", "name": "Body", "yearStart": 13 } }])),
        ["OUT_OF_RANGE"]
    );
}
