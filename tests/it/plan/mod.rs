//! The whole printed plan through the API: places read in the document by eye, against what the API says.
//!
//! What is expected here was taken from the text of the document, never from the fixtures. In the tables below a value is a
//! number or the status that stands for none, and the last cell is the text as printed, empty for a blank cell.

mod money;
mod text;

use std::sync::OnceLock;

use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

use crate::support::shared;

/// The rows of a table.
fn rows<const N: usize>(table: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    table.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        cells.try_into().unwrap_or_else(|cells| panic!("{N} cells wanted: {cells:?}"))
    })
}

/// All records of a list, with their citations and figures in full.
fn all(field: &str, selection: &str) -> Vec<Json> {
    // The cost of a request goes by the size of its pages: a list of deep records takes a small one.
    let size = if field == "measures" { 100 } else { 1000 };
    let mut query = format!("{{ {field}(first: {size}) {{ totalCount nodes {{ {selection} }} }} }}");
    if query.contains("...F") {
        query += " fragment F on Figure { value status unit printed { ...C } }";
    }
    if query.contains("...C") {
        query += " fragment C on Citation { section table row column text document { key } }";
    }
    let page = shared().ask(&query)[field].take();
    let nodes = page["nodes"].as_array().expect("nodes is a list").clone();
    assert_eq!(page["totalCount"], nodes.len(), "{field} fits on one page");
    nodes
}

/// The items of a list.
fn items(list: &Json) -> &Vec<Json> {
    list.as_array().unwrap_or_else(|| panic!("{list} is no list"))
}

/// The one of a list that has these texts at these places.
fn only<'a>(list: impl IntoIterator<Item = &'a Json>, wanted: &[(&str, &str)]) -> &'a Json {
    let list: Vec<&Json> = list.into_iter().collect();
    let is = |item: &Json, place: &str, text: &str| match item.pointer(place) {
        Some(Json::String(found)) => squeeze(found) == squeeze(text),
        Some(other) => text.parse::<Json>().is_ok_and(|text| *other == text),
        None => false,
    };
    let mut found = list.iter().filter(|item| wanted.iter().all(|(place, text)| is(item, place, text)));
    match (found.next(), found.next()) {
        (Some(one), None) => one,
        (first, _) => panic!("{} with {wanted:?}: {list:#?}", if first.is_none() { "none" } else { "several" }),
    }
}

/// White space and line wraps do not count in what is printed.
fn squeeze(text: &str) -> String {
    text.split_whitespace().collect()
}

fn decimal(value: &Json) -> Decimal {
    let text = value.as_str().unwrap_or_else(|| panic!("{value} is no string, so it need not be exact"));
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// A figure with its status, unit, printed text and section.
fn assert_figure(place: &str, figure: &Json, value: &str, unit: &str, text: &str, section: &str) {
    let status = if value.starts_with("NOT_") { value } else { "REPORTED" };
    assert_eq!((&figure["status"], &figure["unit"]), (&json!(status), &json!(unit)), "{place}: {figure}");
    match value.parse::<Decimal>() {
        Ok(value) => assert_eq!(decimal(&figure["value"]), value, "{place}: {figure}"),
        Err(_) => assert_eq!(figure["value"], Json::Null, "{place}: {figure}"),
    }
    assert_printed(place, &figure["printed"], text, section);
}

fn assert_printed(place: &str, citation: &Json, text: &str, section: &str) {
    assert_eq!(squeeze(citation["text"].as_str().unwrap_or_default()), squeeze(text), "{place}: {citation}");
    assert_eq!((&citation["section"], &citation["document"]["key"]), (&json!(section), &json!("op-2021")), "{place}");
}

/// A measure by its name.
fn measure(name: &str) -> &'static Json {
    static MEASURES: OnceLock<Vec<Json>> = OnceLock::new();
    let measures = MEASURES.get_or_init(|| {
        all(
            "measures",
            "name operator lifecycle operationalGoal { code }
             indicators { label kind observations { period { code } figure { ...F } change { ...F } } }
             norms { label basis target { ...F } results { period { code } source figure { ...F } change { ...F } ratio { ...F } } }
             budgetLines { name operationalGoal { code } } claims { key }",
        )
    });
    only(measures, &[("/name", name)])
}

/// Measure, goal, section, row of its fact table, period, value, unit, text.
const FACTS: &str = "
    Vlaamse ondersteuningspremie | OD VI 1.1 | 9.1.1.1 | Aantal ontvangen dossiers | 2019 | 6946 | COUNT | 6 946
    Vlaamse ondersteuningspremie | OD VI 1.1 | 9.1.1.1 | Aantal ontvangen dossiers | 2020 | 5840 | COUNT | 5 840
    Vlaamse ondersteuningspremie | OD VI 1.1 | 9.1.1.1 | % online | 2020 | 0.999 | RATIO | 99,9%
    Vlaamse ondersteuningspremie | OD VI 1.1 | 9.1.1.1 | Aantal controles | 2020 | 0 | COUNT | 0
    Vlaamse ondersteuningspremie | OD VI 1.1 | 9.1.1.1 | VEK – gerealiseerd | 2020 | 85935785.35 | EUR | € 85 935 785,35
    Vlaamse ondersteuningspremie | OD VI 1.1 | 9.1.1.1 | VEK – gerealiseerd | 2019 | NOT_REPORTED | EUR |
    Transitiepremie | OD VI 1.1 | 9.1.1.2 | Aantal betaalde dossiers | 2020 | 6923 | COUNT | 6 923
    Derde Arbeidscircuit | OD VI 1.1 | 9.1.1.7 | Aantal betaalde dossiers | 2019 | 3676 | COUNT | 3 676
    Derde Arbeidscircuit | OD VI 1.1 | 9.1.1.7 | Aantal controles | 2020 | 8 | COUNT | 8
    Jongerenbonus | OD VI 1.1 | 9.1.1.9 | VAK – gerealiseerd | 2020 | 1192842.83 | EUR | € 1 192 842,83
    Arbeidskaarten | OD VI 1.5 | 9.1.2.1 | Aantal ontvangen dossiers | 2019 | 12706 | COUNT | 12 706
    Arbeidskaarten | OD VI 1.5 | 9.1.2.1 | VEK – gerealiseerd | 2020 | NOT_APPLICABLE | EUR | n.v.t.
    Dienstencheques | OD VI 2.1 | 9.1.3.1 | Aantal uitgegeven dienstencheques | 2019 | 87727426 | COUNT | 87 727 426
    Dienstencheques | OD VI 2.1 | 9.1.3.1 | Voorgestelde terugvordering | 2020 | 2320915 | EUR | € 2 320 915
    Dienstencheques | OD VI 2.1 | 9.1.3.1 | VAK – gerealiseerd | 2020 | 1167934513.66 | EUR | € 1 167 934 513,66
    AMIF & ESF | OD VI 4.2 | 9.1.5.1 | Aantal gelanceerde oproepen | 2020 | 28 | COUNT | 28
    AMIF & ESF | OD VI 4.2 | 9.1.5.1 | VEK – gerealiseerd | 2020 | 24403899.06 | EUR | € 24 403 899,06
    Betaald educatief verlof | OD VII 1.1 | 9.1.7.1 | Aantal afgehandelde dossiers | 2017-2018 | 6940 | COUNT | 6 940
    Betaald educatief verlof | OD VII 1.1 | 9.1.7.1 | Aantal afgehandelde dossiers | 2018-2019 | 7095 | COUNT | 7 095
    Opleidingsdatabank (erkennen van opleidingen) | OD VII 1.1 | 9.1.7.3 | Aantal ontvangen dossiers | 2019-05/2019-12 | 1102 | COUNT | 1 102
    Opleidingscheques | OD VII 1.1 | 9.1.7.4 | Aantal ontvangen dossiers | 2019 | NOT_APPLICABLE | COUNT | n.v.t.
    Opleidingscheques | OD VII 1.1 | 9.1.7.4 | Aantal ontvangen dossiers | 2020 | 7752 | COUNT | 7 752
    Lokale diensteneconomie | OD VIII 1.2 | 9.1.9.2 | Aantal berekening herverdeling | 2019 | 0 | COUNT | 0
    Lokale diensteneconomie | OD VIII 1.2 | 9.1.9.2 | Aantal goedgekeurde voorschotten | 2020 | 1911 | COUNT | 1911
    Invoeg | OD VIII 1.2 | 9.1.9.5 | Aantal prestatiestaten | 2019 | 175 | COUNT | 175
    Invoeg | OD VIII 1.2 | 9.1.9.5 | VEK – gerealiseerd | 2020 | 1645.90 | EUR | € 1.645,90
    Activiteitencoöperaties | OD VIII 2.1 | 9.1.10.3 | VAK – gerealiseerd | 2020 | 747525 | EUR | € 747.525
";

#[test]
fn fact_tables() {
    for [name, goal, section, label, period, value, unit, text] in rows(FACTS) {
        let place = format!("{section} {name}, {label}, {period}");
        assert_eq!(measure(name)["operationalGoal"]["code"], goal, "{place}");
        let indicator = only(items(&measure(name)["indicators"]), &[("/label", label)]);
        let observation = only(items(&indicator["observations"]), &[("/period/code", period)]);
        assert_figure(&place, &observation["figure"], value, unit, text, section);
    }
}

/// Measure, section, row of its fact table, value, unit, text.
const TRENDS: &str = "
    Vlaamse ondersteuningspremie | 9.1.1.1 | Aantal ontvangen dossiers | -0.16 | RATIO | -16%
    Vlaamse ondersteuningspremie | 9.1.1.1 | % online | 0.003 | RATIO | +0,3%
    Transitiepremie | 9.1.1.2 | Aantal betaalde dossiers | 0.92 | RATIO | +92%
    Opleidingsdatabank (erkennen van opleidingen) | 9.1.7.3 | bevestiging weigering % | 0.42 | RATIO_POINTS | +42 ppt.
    Opleidingsdatabank (erkennen van opleidingen) | 9.1.7.3 | Aantal afgehandelde dossiers in beroep | 9.5 | RATIO | +950%
    Invoeg | 9.1.9.5 | Aantal goedgekeurde fiches | -1 | RATIO | -100%
";

#[test]
fn trends_stay_as_printed() {
    for [name, section, label, value, unit, text] in rows(TRENDS) {
        let indicator = only(items(&measure(name)["indicators"]), &[("/label", label)]);
        let observation = only(items(&indicator["observations"]), &[("/period/code", "2020")]);
        assert_figure(&format!("{section} {name}, {label}"), &observation["change"], value, unit, text, section);
    }
    // None is printed after the 0 and 0 warnings of the Derde Arbeidscircuit.
    let warnings = only(items(&measure("Derde Arbeidscircuit")["indicators"]), &[("/kind", "SANCTIONS")]);
    assert_eq!(only(items(&warnings["observations"]), &[("/period/code", "2020")])["change"], Json::Null);
}

/// Measure, section, norm, legal rule or internal norm as the prose says, period, result, text.
const NORMS: &str = "
    Vlaamse ondersteuningspremie | 9.1.1.1 | 75% aanvragen binnen 7 dagen ontvankelijk papier | INTERNAL | 2019 | 0.53 | 53%
    Vlaamse ondersteuningspremie | 9.1.1.1 | 100% dossiers betaald na 1 kwartaal afrekening | INTERNAL | 2020 | 0.996 | 99,6%
    Transitiepremie | 9.1.1.2 | 100% dossiers binnen 30 dagen behandeld | LEGAL | 2019 | 0.99 | 99%
    Dienstencheques | 9.1.3.1 | 100% 1ste aanvragen binnen 20 dagen behandeld (intern) | INTERNAL | 2020 | 0.74 | 74%
    Activiteitencoöperaties | 9.1.10.3 | 100% behandeling WSE <= 120 dagen | UNKNOWN | 2019 | NOT_AVAILABLE | n.b.
";

/// Measure, norm, and of its row in overview table 1: target, result, change, ratio of result to target; each as printed.
const OVERVIEW: &str = "
    Vlaamse ondersteuningspremie | 85% aanvragen binnen 7 dagen ontvankelijk online | 0.85 | 85% | 0.98 | 98% | 0.01 | +1 ppt. | 1.15 | 115%
    Vlaamse ondersteuningspremie | 75% aanvragen binnen 7 dagen ontvankelijk papier | 0.75 | 75% | 0.86 | 86% | 0.32 | +32 ppt. | 1.15 | 115%
    Beroepskaarten | 80% binnen 80 dagen behandeld (totale tijd) | 0.8 | 80% | 0.69 | 69% | 0.33 | +33 ppt. | 0.86 | 86%
    AMIF & ESF | 100% eerste beoordeling <= 90 dagen | 1 | 100% | 0.56 | 56% | -0.27 | -27 ppt. | 0.56 | 56%
    Startbaanovereenkomsten/globale projecten | 100% aanvragen <= 30 dagen | 1 | 100% | 1 | 100% | 0 | +0 ppt. | 1 | 100%
    Collectief maatwerk | 100% (on)ontvankelijke dossiers <= 7 dagen | 1 | 100% | 0.79 | 79% | -0.07 | -7 ppt. | 0.79 | 79%
";

#[test]
fn norms_of_fact_tables_and_overview() {
    for [name, section, label, basis, period, value, text] in rows(NORMS) {
        let place = format!("{section} {name}, {label}, {period}");
        let norm = only(items(&measure(name)["norms"]), &[("/label", label)]);
        assert_eq!(norm["basis"], basis, "{place}");
        let result = only(items(&norm["results"]), &[("/source", "FACT_TABLE"), ("/period/code", period)]);
        assert_figure(&place, &result["figure"], value, "RATIO", text, section);
    }
    for [name, label, target, target_text, result, result_text, change, change_text, ratio, ratio_text] in
        rows(OVERVIEW)
    {
        let place = format!("9.1 {name}, {label}");
        let norm = only(items(&measure(name)["norms"]), &[("/label", label)]);
        let row = only(items(&norm["results"]), &[("/source", "OVERVIEW")]);
        assert_figure(&place, &norm["target"], target, "RATIO", target_text, "9.1");
        assert_figure(&place, &row["figure"], result, "RATIO", result_text, "9.1");
        assert_figure(&place, &row["change"], change, "RATIO_POINTS", change_text, "9.1");
        assert_figure(&place, &row["ratio"], ratio, "RATIO", ratio_text, "9.1");
    }
}

#[test]
fn measures_with_their_place_and_state() {
    for (name, goal, operator, lifecycle) in [
        ("GESCO veralgemeend stelsel", "OD VI 1.1", "OWN", "PHASING_OUT"),
        ("Regie werkplekcomponent alternerende opleidingen", "OD VII 1.3", "OWN", "NEW"),
        ("Werkhervattingstoeslag", "OD VI 1.1", "THIRD_PARTY", "null"),
        ("Trividend", "OD VIII 2.1", "OWN", "ACTIVE"),
    ] {
        let measure = measure(name);
        let found = [&measure["operationalGoal"]["code"], &measure["operator"], &measure["lifecycle"]];
        assert_eq!(found.map(|it| it.as_str().unwrap_or("null")), [goal, operator, lifecycle], "{name}");
    }
    // One measure stands under two goals of the budget table.
    let lines = items(&measure("Focus op talent")["budgetLines"]);
    let goals: Vec<&Json> = lines.iter().map(|line| &line["operationalGoal"]["code"]).collect();
    assert_eq!(goals, ["OD VI 3.1", "OD VI 3.2"]);
}
