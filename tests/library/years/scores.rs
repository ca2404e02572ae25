//! Scoreboards: how an indicator adds up decides the figure of a year, and parts of a year are compared with the same ones of the year before.

use serde_json::{Value as Json, json};

use super::{Small, indicator, measure, observation, plans};

/// An indicator whose values come together in that way, with the values of 2023 and 2024, quarter by quarter.
fn small(aggregation: Option<&str>, quarters: [i32; 8]) -> Small {
    let mut rows = plans(&[2025]);
    let mut of = indicator("i", "m");
    if let Some(word) = aggregation {
        of["indicator"]["aggregation"] = word.into();
    }
    rows.extend([measure("m", "b-2025"), of]);
    for (at, value) in quarters.into_iter().enumerate().filter(|(_, value)| *value > 0) {
        rows.push(observation("i", &format!("{}-Q{}", 2023 + at / 4, at % 4 + 1), &value.to_string()));
    }
    Small::of(rows.into())
}

fn board(small: &Small) -> Json {
    let board = small.ask(
        "{ scoreboard(measure: \"m\", year: 2024) { indicators { basis aggregation period { code } figure { value status }
           computed { value coverage { known unknown } computed { rule expression missing { code } } } known { value coverage { basis known unknown } } agrees
           trend { from { code } to { code } comparable absolute { value coverage { known unknown } } relative { value } } } } }",
    );
    board["scoreboard"]["indicators"][0].clone()
}

/// Basis, period, value, and what it changed by since when.
fn told(small: &Small) -> Json {
    let board = board(small);
    let trend = &board["trend"];
    json!([
        board["basis"],
        board["period"]["code"],
        board["figure"]["value"],
        trend["from"]["code"],
        trend["to"]["code"],
        trend["absolute"]["value"]
    ])
}

const QUARTERS: [i32; 8] = [100, 200, 300, 400, 110, 220, 330, 440];

#[test]
fn a_year_is_what_its_quarters_come_to_as_the_indicator_says() {
    let sum = small(Some("SUM"), QUARTERS);
    assert_eq!(told(&sum), json!(["AGGREGATED", "2024", "1100", "2023", "2024", "100"]));
    let of = board(&sum);
    assert_eq!(of["computed"]["computed"]["expression"], "110 + 220 + 330 + 440");
    assert_eq!(of["trend"]["relative"]["value"], "0.1");
    let average = small(Some("AVERAGE"), [0, 0, 0, 0, 2, 4, 6, 8]);
    assert_eq!(told(&average), json!(["AGGREGATED", "2024", "5", null, "2024", null]));
    assert_eq!(told(&small(Some("LAST"), QUARTERS)), json!(["LAST", "2024-Q4", "440", "2023-Q4", "2024-Q4", "40"]));
    for (word, aggregation) in [(None, Json::Null), (Some("NONE"), "NONE".into())] {
        let small = small(word, QUARTERS);
        assert_eq!(told(&small), json!(["PERIOD", "2024-Q4", "440", "2023-Q4", "2024-Q4", "40"]));
        assert_eq!(board(&small)["aggregation"], aggregation);
    }
}

#[test]
fn of_a_year_that_is_not_all_known_is_told_what_is() {
    let small = small(Some("SUM"), [60, 10, 80, 20, 70, 0, 90, 0]);
    let of = board(&small);
    assert_eq!((&of["figure"]["value"], &of["figure"]["status"]), (&Json::Null, &"NOT_COMPUTABLE".into()));
    assert_eq!(of["computed"]["coverage"], json!({ "known": 2, "unknown": 2 }));
    assert_eq!(of["known"], json!({ "value": "160", "coverage": { "basis": "KNOWN", "known": 2, "unknown": 2 } }));
    assert_eq!(of["trend"]["absolute"], json!({ "value": "20", "coverage": { "known": 2, "unknown": 2 } }));
}

#[test]
fn a_printed_year_stands_beside_what_its_quarters_come_to() {
    let small = small(Some("SUM"), QUARTERS);
    small.import(json!([observation("i", "2024", "1101")]));
    let of = board(&small);
    assert_eq!(told(&small), json!(["YEAR", "2024", "1101", "2023", "2024", "101"]));
    assert_eq!((&of["computed"]["value"], &of["agrees"]), (&"1100".into(), &false.into()));
    small.import(json!([observation("i", "2023", "900")]));
    assert_eq!(told(&small), json!(["YEAR", "2024", "1101", "2023", "2024", "201"]));
}

#[test]
fn a_quarter_is_compared_with_no_other_than_the_same_of_the_year_before() {
    let small = small(None, [0, 0, 0, 0, 10, 20, 30, 0]);
    let of = board(&small);
    assert_eq!(told(&small), json!(["PERIOD", "2024-Q3", "30", null, "2024-Q3", null]));
    assert_eq!(of["trend"]["comparable"], false);
    let others = small.ask(
        "{ trends { nodes { to { code } from { code } relative reason comparable } }
           indicator(key: \"i\") { trend { from { code } absolute { computed { missing { text } } } } } }",
    );
    let reason = "the register has no value of 2023-Q3 to compare it with";
    let node =
        json!({ "to": { "code": "2024-Q3" }, "from": null, "relative": null, "reason": reason, "comparable": false });
    assert_eq!(others["trends"]["nodes"], json!([node]));
    assert_eq!(others["indicator"]["trend"]["absolute"]["computed"]["missing"]["text"], reason);
    // Whoever names the periods gets them.
    let named = small.ask("{ indicator(key: \"i\") { trend(from: \"2024-Q2\") { absolute { value } comparable } } }");
    assert_eq!(named["indicator"]["trend"], json!({ "absolute": { "value": "10" }, "comparable": true }));
}

/// The trends, each by its key: whether of the last period, kind and months of the period, from, to, and the difference.
fn trends(small: &Small) -> Json {
    let found = small.ask(
        "{ trends { nodes { key latest span months from { code } to { code } absolute trend { to { code } absolute { value } } } } }",
    );
    let nodes = found["trends"]["nodes"].as_array().unwrap().iter();
    let told = nodes.map(|it| {
        let whole = &it["trend"];
        assert_eq!((&whole["to"], &whole["absolute"]["value"]), (&it["to"], &it["absolute"]), "{it}");
        json!([it["key"], it["latest"], it["span"], it["months"], it["from"]["code"], it["to"]["code"], it["absolute"]])
    });
    told.collect()
}

#[test]
fn years_stay_in_the_list_beside_quarters() {
    let small = small(None, [0, 0, 0, 0, 10, 20, 30, 0]);
    small.import(json!([observation("i", "2022", "2030"), observation("i", "2023", "1224")]));
    small.import(json!([
        observation("i", "2021-2022", "7"),
        observation("i", "2022-2023", "9"),
        observation("i", "2023-12-31", "5")
    ]));
    let latest = json!(["i", true, "QUARTER", 3, null, "2024-Q3", null]);
    let school = json!(["i/SCHOOL_YEAR", false, "SCHOOL_YEAR", 12, "2021-2022", "2022-2023", "2"]);
    assert_eq!(trends(&small), json!([latest, ["i/YEAR", false, "YEAR", 12, "2022", "2023", "-806"], school]));
    let first = "{ trends(where: {indicator: {kind: {eq: RECEIVED}}, span: {eq: YEAR}}, orderBy: [{field: ABSOLUTE}], first: 1) { nodes { absolute } } }";
    assert_eq!(small.ask(first)["trends"]["nodes"][0]["absolute"], "-806");
    let years = small.ask("{ trends(where: {months: {eq: 12}}) { totalCount } latest: trends(where: {latest: {eq: true}}) { totalCount } }");
    assert_eq!(years, json!({ "trends": { "totalCount": 2 }, "latest": { "totalCount": 1 } }));
    // Halves beside years of a body that begin in April: both are ranges, and not compared with each other.
    small.import(json!([{ "organisation": { "key": "b", "name": "Body", "yearStart": 4 } }, indicator("j", "m"),
        observation("j", "2022-04/2023-03", "9"), observation("j", "2023-04/2024-03", "5"),
        observation("j", "2022-10/2023-03", "4"), observation("j", "2023-10/2024-03", "3")]));
    let found = trends(&small);
    let of_j: Vec<&Json> =
        found.as_array().unwrap().iter().filter(|it| it[0].as_str().unwrap().starts_with('j')).collect();
    // Of what ends on one day the year is the last.
    let half = json!(["j/RANGE-6", false, "RANGE", 6, "2022-10/2023-03", "2023-10/2024-03", "-1"]);
    assert_eq!(of_j, [&json!(["j", true, "RANGE", 12, "2022-04/2023-03", "2023-04/2024-03", "-4"]), &half]);
}

#[test]
fn a_year_of_known_quarters_is_in_the_list_and_one_that_is_not_all_known_is_not() {
    let whole = small(Some("SUM"), QUARTERS);
    let latest = json!(["i", true, "QUARTER", 3, "2023-Q4", "2024-Q4", "40"]);
    assert_eq!(trends(&whole), json!([latest, ["i/YEAR", false, "YEAR", 12, "2023", "2024", "100"]]));
    // A blank that is printed for the year takes nothing away.
    let mut blank = observation("i", "2024", "0");
    blank["observation"]["figure"] = json!({ "status": "NOT_REPORTED", "unit": "COUNT" });
    whole.import(json!([blank]));
    let told = trends(&whole);
    assert_eq!(told[1], json!(["i/YEAR", false, "YEAR", 12, "2023", "2024", "100"]));
    let running = small(Some("SUM"), [1, 2, 3, 4, 5, 6, 7, 0]);
    running.import(json!([observation("i", "2022", "8")]));
    let latest = json!(["i", true, "QUARTER", 3, "2023-Q3", "2024-Q3", "4"]);
    assert_eq!(trends(&running), json!([latest, ["i/YEAR", false, "YEAR", 12, "2022", "2023", "2"]]));
}

#[test]
fn what_is_not_comparable_is_in_no_sum() {
    let mut rows = plans(&[2021]);
    rows.extend([measure("m", "b-2021"), indicator("i", "m"), indicator("j", "m")]);
    rows.extend(
        [("i", "2019-05/2019-12", "1102"), ("i", "2020", "1671"), ("j", "2019", "5"), ("j", "2020", "3")]
            .map(|(indicator, period, value)| observation(indicator, period, value)),
    );
    let small = Small::of(rows.into());
    let groups = small.ask(
        "{ trends(where: {span: {eq: YEAR}}) { nodes { comparable absolute } groupBy(by: [SPAN]) { count absolute { sum avg valued missing } } } }",
    );
    let nodes = json!([{ "comparable": false, "absolute": "569" }, { "comparable": true, "absolute": "-2" }]);
    assert_eq!(groups["trends"]["nodes"], nodes);
    let absolute = json!([{ "sum": "-2", "avg": "-2", "valued": 1, "missing": 1 }]);
    assert_eq!(groups["trends"]["groupBy"], json!([{ "count": 2, "absolute": absolute }]));
}
