//! Periods of several lengths, blanks, and a body's own words: right answers, told by hand.

use serde_json::{Value as Json, json};

use super::{Small, figure, indicator, measure, observation, plans};

fn with(rows: &[Json]) -> Small {
    let mut all = plans(&[2022, 2023]);
    all.extend([measure("m", "b-2022"), measure("n", "b-2023")]);
    all.extend_from_slice(rows);
    Small::of(all.into())
}

fn adding_up(key: &str, way: &str) -> Json {
    let mut of = indicator(key, "m");
    of["indicator"]["aggregation"] = way.into();
    of
}

fn blank(mut row: Json) -> Json {
    row["observation"]["figure"] = json!({ "status": "NOT_REPORTED", "unit": "COUNT" });
    row
}

#[test]
fn a_mean_counts_a_half_year_as_two_quarters() {
    let parts = [("2021-Q1/2021-Q2", "10"), ("2021-Q3", "20"), ("2021-Q4", "30")];
    let rows = parts.map(|(period, value)| observation("i", period, value));
    let small = with(&[&[adding_up("i", "AVERAGE")][..], &rows].concat());
    let board = small.ask(
        "{ scoreboard(measure: \"m\", year: 2021) { indicators { figure { value } computed { computed { expression } } } } }",
    );
    let of = &board["scoreboard"]["indicators"][0];
    assert_eq!(of["figure"]["value"], "17.5");
    assert_eq!(of["computed"]["computed"]["expression"], "(10 + 10 + 20 + 30) / 4");
    // The same year in quarters is no change, and one of which a part is missing is compared like for like.
    small.import(json!([
        observation("i", "2020-Q1", "10"),
        observation("i", "2020-Q2", "10"),
        observation("i", "2020-Q3", "20"),
        observation("i", "2020-Q4", "30")
    ]));
    let asked = "{ trends(where: {span: {eq: YEAR}}) { nodes { to { code } absolute leftOut } } }";
    let year = json!([{ "to": { "code": "2021" }, "absolute": "0", "leftOut": 0 }]);
    assert_eq!(small.ask(asked)["trends"]["nodes"], year);
    let sums = [("2020-Q1", "2"), ("2020-Q2", "9"), ("2020-Q3", "5"), ("2021-Q1", "3"), ("2021-Q3", "9")];
    let rows = sums.map(|(period, value)| observation("i", period, value));
    let partly = with(&[&[adding_up("i", "SUM")][..], &rows].concat());
    let year = json!([{ "to": { "code": "2021" }, "absolute": "5", "leftOut": 2 }]);
    assert_eq!(partly.ask(asked)["trends"]["nodes"], year);
}

#[test]
fn a_stock_has_changed_over_a_year_by_what_it_is_at_its_end() {
    let asked = "{ trends(where: {span: {eq: YEAR}}) { nodes { from { code } to { code } absolute latest missing
        trend { absolute { computed { expression } } } } } }";
    let year = |absolute: &str, expression: &str| {
        json!([{ "from": { "code": "2020" }, "to": { "code": "2021" }, "absolute": absolute, "latest": false, "missing": null,
            "trend": { "absolute": { "computed": { "expression": expression } } } }])
    };
    // By quarters, of which others say nothing; the year before may be told as a whole, or on its last day.
    for before in ["2020-Q4", "2020-12", "2020", "2020-12-31"] {
        let rows = [("2020-Q3", "50"), (before, "10"), ("2021-Q1", "99"), ("2021-Q4", "14"), ("2022-Q1", "3")];
        let rows = rows.map(|(period, value)| observation("i", period, value));
        let small = with(&[&[adding_up("i", "LAST")][..], &rows].concat());
        assert_eq!(small.ask(asked)["trends"]["nodes"], year("4", "14 - 10"), "{before}");
    }
    // A year that is printed itself is the last one, and the year before what it was at its end.
    for until in ["2022-Q1", "2021-Q2"] {
        let rows = [("2019-Q4", "6"), ("2020-Q4", "10"), ("2021", "14"), (until, "3")];
        let rows = rows.map(|(period, value)| observation("i", period, value));
        let small = with(&[&[adding_up("i", "LAST")][..], &rows].concat());
        let asked = asked.replace("latest ", "");
        let found = json!([{ "from": { "code": "2020" }, "to": { "code": "2021" }, "absolute": "4", "missing": null,
            "trend": { "absolute": { "computed": { "expression": "14 - 10" } } } }]);
        assert_eq!(small.ask(&asked)["trends"]["nodes"], found, "{until}");
    }
    // Months at both ends rather than a quarter and a month.
    let rows = [("2020-12", "11"), ("2021-12", "15"), ("2021-Q4", "14")]
        .map(|(period, value)| observation("i", period, value));
    let small = with(&[&[adding_up("i", "LAST")][..], &rows].concat());
    assert_eq!(small.ask(asked)["trends"]["nodes"][0]["absolute"], "4");
    // Counted on a day, and judged so: by a target of the year too.
    let target = json!({ "target": { "key": "t", "kind": "INDICATOR", "ofKey": "i", "period": "2021", "aim": "AT_MOST",
        "figure": figure("13", "COUNT") } });
    let days = [("2020-12-31", "10"), ("2021-06-30", "99"), ("2021-12-31", "12"), ("2022-06-30", "1")];
    let rows = days.map(|(period, value)| observation("i", period, value));
    let blanks = ["2021", "2021-Q4"].map(|period| blank(observation("i", period, "0")));
    let small = with(&[&[adding_up("i", "LAST"), target][..], &rows, &blanks].concat());
    assert_eq!(small.ask(asked)["trends"]["nodes"], year("2", "12 - 10"));
    let judged = small.ask("{ indicator(key: \"i\") { targetAttainments { result { value } judgement } } }");
    let met = json!([{ "result": { "value": "12" }, "judgement": "MET" }]);
    assert_eq!(judged["indicator"]["targetAttainments"], met);
    // A year of which the end is not known is none.
    let rows = [("2020-Q4", "10"), ("2021-Q3", "12")].map(|(period, value)| observation("i", period, value));
    let small = with(&[&[adding_up("i", "LAST")][..], &rows].concat());
    assert_eq!(small.ask(asked)["trends"]["nodes"], json!([]));
}

#[test]
fn a_norm_of_quarters_is_compared_with_the_same_quarter_and_its_year_is_no_quarter() {
    let norm = json!({ "norm": { "key": "o", "measureKey": "m", "position": 1, "label": "o", "basis": "LEGAL",
        "aim": "AT_LEAST", "target": figure("0.9", "RATIO") } });
    let result = |period: &str, value: &str| json!({ "normResult": { "normKey": "o", "period": period, "source": "OVERVIEW", "figure": figure(value, "RATIO") } });
    let small = with(&[norm, result("2020-Q4", "0.80"), result("2021-Q3", "0.95"), result("2021-Q4", "0.85")]);
    let asked = "{ attainments { nodes { period { code } points change level } } }";
    let told = |small: &Small| small.ask(asked)["attainments"]["nodes"][0].clone();
    let quarter =
        json!({ "period": { "code": "2021-Q4" }, "points": "0.05", "change": "IMPROVED", "level": "NEARLY_MET" });
    assert_eq!(told(&small), quarter);
    // The year ends with the quarter, and is what the year came to.
    small.import(json!([result("2021", "0.75")]));
    let year = json!({ "period": { "code": "2021" }, "points": null, "change": null, "level": "PARTLY_MET" });
    let found = told(&small);
    assert_eq!((&found["period"], &found["level"]), (&year["period"], &year["level"]), "{found}");
}

#[test]
fn a_norm_without_a_target_has_its_own_aim() {
    let norm = json!({ "norm": { "key": "o", "measureKey": "m", "position": 1, "label": "o", "basis": "LEGAL", "aim": "AT_MOST" } });
    let result = |period: &str, value: &str| {
        json!({ "normResult": { "normKey": "o", "period": period, "source": "OVERVIEW",
        "figure": figure(value, "RATIO"), "ratio": figure("0.7", "RATIO") } })
    };
    let small = with(&[norm, result("2020", "0.60"), result("2021", "0.70")]);
    let told = small.ask("{ norm(key: \"o\") { attainment { aim level change } } }");
    assert_eq!(told["norm"]["attainment"], json!({ "aim": "AT_MOST", "level": "MET", "change": "DECLINED" }));
}

#[test]
fn a_target_is_judged_by_its_own_period() {
    let target = |of: &str, period: &str, value: &str| {
        json!({ "target": { "key": format!("{of}-{period}"), "kind": "INDICATOR", "ofKey": of, "period": period,
            "figure": figure(value, "COUNT") } })
    };
    let quarters = [1, 2, 3, 4].map(|at| observation("i", &format!("2021-Q{at}"), &at.to_string()));
    let rows = [
        indicator("y", "m"),
        observation("y", "2021", "12"),
        target("y", "2021-Q4", "3"),
        adding_up("i", "SUM"),
        target("i", "2021", "9"),
    ];
    let small = with(&[&rows[..], &quarters].concat());
    let judged = |key: &str| {
        let asked =
            format!("{{ indicator(key: \"{key}\") {{ targetAttainments {{ result {{ value }} judgement }} }} }}");
        small.ask(&asked)["indicator"]["targetAttainments"][0].clone()
    };
    assert_eq!(judged("y"), json!({ "result": null, "judgement": null }), "a year is no quarter");
    assert_eq!(judged("i"), json!({ "result": { "value": "10" }, "judgement": "MET" }), "what its quarters come to");
}

#[test]
fn a_blank_hides_nothing_and_has_not_come() {
    let mut later = indicator("j", "n");
    later["indicator"]["frequency"] = "YEARLY".into();
    let line = json!({ "lineage": { "kind": "INDICATOR", "predecessorKey": "i", "successorKey": "j", "relation": "CONTINUES" } });
    let round = json!({ "round": { "key": "r", "planKey": "b-2023", "label": "r", "referenceDate": "2023-12-31", "deadline": "2024-02-01" } });
    let rows = [
        indicator("i", "m"),
        observation("i", "2020", "90"),
        later,
        line,
        round,
        blank(observation("j", "2020", "0")),
        observation("j", "2021", "99"),
        blank(observation("j", "2023", "0")),
    ];
    let small = with(&rows);
    let trend = "{ indicator(key: \"j\") { trend(from: \"2020\", to: \"2021\") { relative { value } } series { points { period figure { value } } } } }";
    let of = &small.ask(trend)["indicator"];
    assert_eq!(of["trend"]["relative"]["value"], "0.1");
    assert_eq!(of["series"]["points"][0]["figure"]["value"], "90");
    let asked = "{ deliveries { nodes { period { code } delivered inTime } } round(key: \"r\") { reporting { expected delivered } } }";
    let missing = json!({ "period": { "code": "2023" }, "delivered": 0, "inTime": 0 });
    let found = small.ask(asked);
    assert_eq!(found["deliveries"]["nodes"], json!([missing]));
    assert_eq!(found["round"]["reporting"], json!({ "expected": 1, "delivered": 0 }));
}

#[test]
fn what_is_done_in_a_bodys_own_word_is_done() {
    let milestone = |number: i32, word: &str, common: Json| {
        json!({ "milestone": { "projectKey": "p", "year": 2022, "tableWord": "Steps", "number": number, "title": word,
            "statusWord": word, "commonStatus": common } })
    };
    let project =
        json!({ "project": { "key": "p", "planKey": "b-2023", "title": "p", "number": 1, "scope": "POLICY" } });
    let steps = [
        milestone(1, "Achieved", "MET".into()),
        milestone(2, "Dropped", "STOPPED".into()),
        milestone(3, "Late", "AMBER".into()),
        milestone(4, "Whatever", Json::Null),
    ];
    let small = with(&[&[project][..], &steps].concat());
    let asked = "{ projectProgress { nodes { milestones realised withoutStatus realisedShare }
        groupBy(by: []) { realisedShare { ofAll } } } }";
    let found = small.ask(asked);
    let told = json!({ "milestones": 4, "realised": 1, "withoutStatus": 1, "realisedShare": "0.333333333333" });
    assert_eq!(found["projectProgress"]["nodes"], json!([told]));
    assert_eq!(found["projectProgress"]["groupBy"][0]["realisedShare"][0]["ofAll"], "0.333333333333");
}
