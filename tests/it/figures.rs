//! Computed figures over the real server: against a naive recomputation from the CSV files, and the document's own headline figures.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use crate::support::shared;

/// The rows of a file of the demonstration data, as named cells.
pub fn rows(file: &str) -> Vec<BTreeMap<String, String>> {
    let path = format!("{}/fixtures/dwse-2021/{file}.csv", env!("CARGO_MANIFEST_DIR"));
    let mut reader = csv::Reader::from_path(path).unwrap();
    let rows: Vec<BTreeMap<String, String>> = reader.deserialize().map(Result::unwrap).collect();
    assert!(!rows.is_empty(), "{file} has rows");
    rows
}

/// A decimal as ten-thousandths: exact for all that is printed.
pub fn exact(text: &str) -> Option<i128> {
    if text.is_empty() {
        return None;
    }
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    assert!(fraction.len() <= 4, "{text}");
    Some(sign * format!("{whole}{fraction:0<4}").parse::<i128>().unwrap())
}

/// The value of a figure, in ten-thousandths.
pub fn value(figure: &Json) -> Option<i128> {
    exact(figure["value"].as_str().unwrap_or_default())
}

/// The value of a figure, about.
pub fn float(figure: &Json) -> Option<f64> {
    figure["value"].as_str().map(|text| text.parse().unwrap())
}

/// Every missing value says why, and every value has a rule.
pub fn explained(figure: &Json) {
    let computed = &figure["computed"];
    assert_eq!(figure["value"].is_null(), !computed["missing"].is_null(), "{figure}");
    assert_eq!(figure["status"], if figure["value"].is_null() { "NOT_COMPUTABLE" } else { "COMPUTED" });
    assert!(!computed["rule"].is_null(), "{figure}");
}

/// What a figure is asked for.
pub const ALL: &str = "{ value status unit coverage { basis known unknown } computed { rule expression missing { code text } inputCount } }";

#[test]
fn trends_are_what_the_cells_give() {
    let data = shared().ask(&format!(
        "{{ indicators(first: 1000) {{ nodes {{ key trend {{ from {{ code }} to {{ code }} comparable agrees printed {{ value }}
           absolute {ALL} relative {ALL} }} }} }} }}"
    ));
    let mut values: BTreeMap<String, BTreeMap<String, BTreeMap<String, String>>> = BTreeMap::new();
    for row in rows("observations") {
        values.entry(row["indicatorKey"].clone()).or_default().insert(row["period"].clone(), row);
    }
    let nodes = data["indicators"]["nodes"].as_array().unwrap();
    assert_eq!(nodes.len(), values.len());
    let (mut computed, mut missing, mut agree, mut differ) = (0, 0, 0, 0);
    for node in nodes {
        let trend = &node["trend"];
        let both: Vec<(&String, &BTreeMap<String, String>)> = values[node["key"].as_str().unwrap()].iter().collect();
        let [(from, before), (to, after)] = both.try_into().unwrap();
        assert_eq!((trend["from"]["code"].as_str(), trend["to"]["code"].as_str()), (Some(&**from), Some(&**to)));
        explained(&trend["absolute"]);
        explained(&trend["relative"]);
        let expected = exact(&after["figure.value"]).zip(exact(&before["figure.value"]));
        assert_eq!(value(&trend["absolute"]), expected.map(|(to, from)| to - from), "{node}");
        match expected.filter(|(_, from)| *from > 0) {
            Some((to, from)) => {
                computed += 1;
                let relative = (to - from) as f64 / from as f64;
                assert!((float(&trend["relative"]).unwrap() - relative).abs() < 1e-9, "{node}");
            }
            None => {
                missing += 1;
                assert!(trend["relative"]["value"].is_null(), "{node}");
            }
        }
        assert_eq!(trend["printed"]["value"].as_str().unwrap_or_default(), after["change.value"], "{node}");
        match trend["agrees"].as_bool() {
            Some(true) => agree += 1,
            Some(false) => differ += 1,
            None => {}
        }
    }
    assert_eq!((computed, missing), (145, 181));
    assert!(agree > 100 && differ > 0, "{agree} printed trends agree, {differ} do not");
}

#[test]
fn a_computed_figure_leads_to_its_printed_cells() {
    let data = shared().ask(
        "{ indicator(key: \"vlaamse-ondersteuningspremie/ontvangen-dossiers\") { trend { relative { value unit status printed { text }
           computed { rule explanation formula expression missing { code } inputCount
                      inputs { name path record { key __typename } figure { value computed { rule } printed { section row column text } } } } } } } }",
    );
    let relative = &data["indicator"]["trend"]["relative"];
    assert_eq!(relative["value"], "-0.159228332853");
    let computed = &relative["computed"];
    assert_eq!(computed["expression"], "(5840 - 6946) / 6946");
    assert_eq!(computed["formula"], "(to - from) / from");
    assert_eq!((computed["inputCount"].as_i64(), computed["missing"].is_null()), (Some(2), true));
    let cell = &computed["inputs"][0]["figure"]["printed"];
    assert_eq!((cell["text"].as_str(), cell["column"].as_str()), (Some("5 840"), Some("2020")));
    assert_eq!(computed["inputs"][1]["record"]["key"], "vlaamse-ondersteuningspremie/ontvangen-dossiers/2019");
    assert!(relative["printed"].is_null() && computed["inputs"][0]["figure"]["computed"].is_null());
}

#[test]
fn arguments_that_name_no_period_are_refused_and_unknown_periods_have_no_figure() {
    let ask = |to: &str| {
        let query = format!(
            "{{ indicator(key: \"vlaamse-ondersteuningspremie/ontvangen-dossiers\") {{ trend(to: \"{to}\") {{ absolute {ALL} }} }} }}"
        );
        shared().post(&serde_json::json!({ "query": query })).json()
    };
    assert_eq!(ask("last year")["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    let absolute = &ask("1999")["data"]["indicator"]["trend"]["absolute"];
    assert_eq!(absolute["computed"]["missing"]["code"], "NO_INPUT", "{absolute}");
}

/// Counts of a summary by name.
fn counts(summary: &Json) -> BTreeMap<String, i64> {
    let figures = summary.as_object().unwrap().iter();
    figures.map(|(name, figure)| (name.clone(), figure["value"].as_str().unwrap().parse().unwrap())).collect()
}

fn pairs(counts: &BTreeMap<String, i64>, names: &[&str]) -> Vec<i64> {
    names.iter().map(|name| counts[*name]).collect()
}

const LEVELS: [&str; 5] = ["met", "nearlyMet", "partlyMet", "missed", "unknown"];
const COUNTS: &str = "{ norms { value } measures { value } met { value } nearlyMet { value } partlyMet { value } missed { value }
    unknown { value } improved { value } unchanged { value } declined { value } metInBoth { value } metUnchanged { value } }";

#[test]
fn the_documents_headline_counts_of_norms() {
    let data = shared().ask(&format!(
        "{{ plan(key: \"dwse-2021\") {{ printed: attainment(table: OVERVIEW) {COUNTS} strict: attainment(table: OVERVIEW, reading: STRICT) {COUNTS}
           all: attainment {COUNTS} legal: attainment(basis: LEGAL) {COUNTS} internal: attainment(basis: INTERNAL) {COUNTS}
           unknown: attainment(basis: UNKNOWN) {COUNTS} }} }}"
    ));
    let of = |name: &str| counts(&data["plan"][name]);
    let printed = of("printed");
    // "In totaal betreft het 69 streefnormen […] op 34 maatregelen"; 47 met, 12 at 90% or more, 5 below 80%.
    assert_eq!(pairs(&printed, &["norms", "measures"]), [69, 34]);
    assert_eq!(pairs(&printed, &LEVELS), [47, 12, 5, 5, 0]);
    // "bij 24 […] een verbetering", "nog eens 33 […] zowel in 2019 als in 2020", "bij 10 […] een achteruitgang".
    assert_eq!(pairs(&printed, &["improved", "declined"]), [24, 10]);
    // The 33 are those met for which the overview prints no change; of one more it prints none that is not met, and of one that a change
    // does not apply. By the overview alone 36 were met in both years. The fact tables do not bear that out: of four of the 33 there is
    // no result of 2019, and one rose from 14% to 100%.
    assert_eq!(pairs(&printed, &["metUnchanged", "unchanged", "metInBoth"]), [33, 34, 36]);
    // By the values themselves two fewer are met: 99.6% is not 100%.
    assert_eq!(pairs(&of("strict"), &LEVELS), [45, 14, 5, 5, 0]);
    // Three norms stand in fact tables only, without a target.
    assert_eq!(pairs(&of("all"), &["norms", "unknown"]), [72, 3]);
    let sum: i64 = ["legal", "internal", "unknown"].iter().map(|basis| of(basis)["norms"]).sum();
    assert_eq!(sum, 72);
}

#[test]
fn as_printed_is_as_the_table_prints() {
    let one = "level change strictChange printedRatio { value } trend { from { code } printed { value status printed { text } } absolute { value } }";
    let data = shared().ask(&format!(
        "{{ globale: norm(key: \"globale-projecten/100-aanvragen-30-dagen\") {{
             overview: attainment(table: OVERVIEW) {{ {one} }} fact: attainment(table: FACT_TABLE) {{ {one} }}
             none: trend(table: FACT_TABLE) {{ to {{ code }} printed {{ value }} }} }}
           saldi: norm(key: \"collectief-maatwerk/100-berekening-saldi-10de-werkdag\") {{
             overview: attainment(table: OVERVIEW) {{ {one} }} fact: attainment(table: FACT_TABLE) {{ {one} }} }} }}"
    ));
    // The overview prints "+0 ppt." though the register has no result of 2019; the fact table has no such norm.
    let of = &data["globale"]["overview"];
    assert_eq!((of["level"].as_str(), of["change"].as_str()), (Some("MET"), Some("UNCHANGED")), "{of}");
    assert_eq!(of["trend"]["printed"]["printed"]["text"], "+0 ppt.");
    assert_eq!((&of["trend"]["from"]["code"], &of["trend"]["absolute"]["value"]), (&Json::from("2019"), &Json::Null));
    assert!(of["strictChange"].is_null(), "no values, no change by values: {of}");
    let fact = &data["globale"]["fact"];
    assert!(fact["level"].is_null() && fact["trend"]["printed"].is_null(), "no other table stands in: {fact}");
    assert!(data["globale"]["none"]["to"].is_null() && data["globale"]["none"]["printed"].is_null());
    // The overview says that a change does not apply, the fact table prints one.
    let (of, fact) = (&data["saldi"]["overview"], &data["saldi"]["fact"]);
    assert_eq!((of["level"].as_str(), of["change"].as_str()), (Some("MET"), None), "{of}");
    assert_eq!(of["trend"]["printed"]["status"], "NOT_APPLICABLE");
    assert_eq!(of["trend"]["printed"]["printed"]["text"], "n.v.t.");
    assert_eq!((fact["change"].as_str(), fact["printedRatio"].as_str()), (Some("UNCHANGED"), None));
}

#[test]
fn roll_ups_of_norms_add_up() {
    let data = shared().ask(&format!(
        "{{ plan(key: \"dwse-2021\") {{ attainment {COUNTS} policyFields(first: 10) {{ nodes {{ attainment {COUNTS}
           structuralElements {{ attainment {COUNTS} operationalGoals {{ attainment {COUNTS} measures {{ attainment {COUNTS} }} }} }} }} }}
           measures(first: 100) {{ nodes {{ operationalGoalKey attainment {COUNTS} }} }} }} }}"
    ));
    let plan = &data["plan"];
    let sum = |parts: &[&Json]| {
        let mut total: BTreeMap<String, i64> = BTreeMap::new();
        for part in parts {
            counts(&part["attainment"]).into_iter().for_each(|(name, count)| *total.entry(name).or_default() += count);
        }
        total
    };
    fn below<'j>(parents: &[&'j Json], name: &str) -> Vec<&'j Json> {
        parents.iter().flat_map(|parent| parent[name].as_array().unwrap()).collect()
    }
    let fields: Vec<&Json> = plan["policyFields"]["nodes"].as_array().unwrap().iter().collect();
    let elements = below(&fields, "structuralElements");
    let goals = below(&elements, "operationalGoals");
    let measures = below(&goals, "measures");
    assert_eq!(sum(&fields), sum(&elements));
    assert_eq!(sum(&elements), sum(&goals));
    assert_eq!(sum(&goals), sum(&measures));
    let all: Vec<&Json> = plan["measures"]["nodes"].as_array().unwrap().iter().collect();
    assert_eq!(sum(&all), counts(&plan["attainment"]));
}

#[test]
fn attainment_is_what_the_cells_give() {
    let data = shared().ask(&format!(
        "{{ norms(first: 1000) {{ nodes {{ key attainment(table: OVERVIEW) {{ level strictLevel ratioAgrees printedRatio {{ value }} period {{ code }}
           ratio {ALL} trend {{ from {{ code }} }} }} }} }} }}"
    ));
    let targets: BTreeMap<String, String> =
        rows("norms").into_iter().map(|row| (row["key"].clone(), row["target.value"].clone())).collect();
    let overview: BTreeMap<String, BTreeMap<String, String>> = rows("norm-results")
        .into_iter()
        .filter(|row| row["source"] == "OVERVIEW")
        .map(|row| (row["normKey"].clone(), row))
        .collect();
    let level = |ratio: f64| match ratio {
        _ if ratio >= 1.0 => "MET",
        _ if ratio >= 0.9 => "NEARLY_MET",
        _ if ratio >= 0.8 => "PARTLY_MET",
        _ => "MISSED",
    };
    let mut periods = BTreeSet::new();
    for node in data["norms"]["nodes"].as_array().unwrap() {
        let (key, of) = (node["key"].as_str().unwrap(), &node["attainment"]);
        explained(&of["ratio"]);
        let Some(row) = overview.get(key) else {
            assert!(of["level"].is_null() && of["period"].is_null(), "{node}");
            continue;
        };
        let ratio = row["figure.value"].parse::<f64>().unwrap() / targets[key].parse::<f64>().unwrap();
        assert!((float(&of["ratio"]).unwrap() - ratio).abs() < 1e-9, "{node}");
        assert_eq!(of["strictLevel"], level(ratio), "{node}");
        assert_eq!(of["level"], level(row["ratio.value"].parse().unwrap()), "{node}");
        periods.insert(of["period"]["code"].as_str().unwrap());
    }
    assert_eq!(periods, BTreeSet::from(["2018-2019", "2020"]));
}

/// A milestone with two statuses is one group, and stands at each of them; parts of milestones have no entry.
#[test]
fn milestones_stand_at_each_of_their_statuses() {
    let found = shared().ask(
        r#"{
          milestones: milestoneStandings(first: 0) { totalCount groupBy(by: [STATUS_WORDS]) { keys { statusWords } count } }
          delayed: milestoneStandings(where: {statusWords: {some: {eq: "DELAYED"}}}, first: 0) { totalCount }
          parts: milestones(where: {partOfKey: {isNull: false}}, first: 0) { totalCount }
          all: milestones(first: 0) { totalCount }
        }"#,
    );
    let (mut delayed, mut several) = (0, 0);
    for group in found["milestones"]["groupBy"].as_array().unwrap() {
        let words = group["keys"]["statusWords"].as_array().unwrap();
        let count = group["count"].as_i64().unwrap();
        delayed += if words.contains(&json!("DELAYED")) { count } else { 0 };
        several += if words.len() > 1 { count } else { 0 };
    }
    assert_eq!((json!(delayed), several), (found["delayed"]["totalCount"].clone(), 1));
    let count = |list: &str| found[list]["totalCount"].as_i64().unwrap();
    assert!(count("parts") > 0);
    assert_eq!(count("milestones"), count("all") - count("parts"));
}
