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
