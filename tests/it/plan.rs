//! The whole printed plan through the API: places read in the document by eye, against what the API says.
//!
//! What is expected here was taken from the text of the document, never from the fixtures. In the tables below a value is a
//! number or the status that stands for none, and the last cell is the text as printed, empty for a blank cell.

use std::collections::{BTreeMap, BTreeSet};
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

/// Line as printed, goal, articles, VAK and VEK of 2020, VAK and VEK of 2021, each followed by its text.
const BUDGET: &str = "
    Doelgroepkorting | OD VI 1.1 | JB0-1JDB2CA-WT | 531128723 | 531.128.723 | 531128723 | 531.128.723 | 410969000 | 410.969.000 | 410969000 | 410.969.000
    GESCO | OD VI 1.1 | JB0-1JDB2CH-WT JB0-JDB2CH-IS | 1168439 | 1.168.439 | 1426838 | 1.426.838 | 1277000 | 1.277.000 | 1277000 | 1.277.000
    Regionale toetsing | OD VI 1.1 | | NOT_APPLICABLE | Nvt | NOT_APPLICABLE | Nvt | NOT_APPLICABLE | nvt | NOT_APPLICABLE | Nvt
    Beroepskaarten (ontvangsten!) | OD VI 1.5 | JB0-9JDBACI-OW | 225167 | 225.167 | NOT_REPORTED | | 155000 | 155.000 | NOT_REPORTED |
    ESF | OD VI 4.2 | JB0-1JDB2AD-IS JB0-1JDB2AD-WT JB0-1JDB4AD-WT | 58192368 | 58.192.368 | 23423398 | 23.423.398 | 27690000 | 27.690.000 | 29873000 | 29.873.000
    Studies en onderzoek in het kader van levenslang leren | OD VII 1.3 | JB0-1JFB2FC-WT | NOT_APPLICABLE | nvt | NOT_APPLICABLE | nvt | 714000 | 714.000 | 714000 | 714.000
    Lonen | null | JB0-1JAB2ZZ-LO JB0-1JAB4ZZ-LO | 19328783 | 19.328.783 | 18872008 | 18.872.008 | 22851000 | 22.851.000 | 22851000 | 22.851.000
    Competitiviteitsprovisie | null | JB0-1JBB2AC-PR | 0 | 0 | 0 | 0 | 1615000 | 1.615.000 | 333000 | 333.000
";

#[test]
fn budget_lines_with_articles_and_amounts() {
    let lines = all(
        "budgetLines",
        "name section direction operationalGoal { code } measures { name } articles { key }
         amounts { year phase credit figure { ...F } }",
    );
    let line = |name: &str| only(&lines, &[("/name", name)]);
    for [name, goal, articles, cells @ ..] in rows::<11>(BUDGET) {
        let line = line(name);
        assert_eq!(line["operationalGoal"]["code"].as_str().unwrap_or("null"), goal, "{name}");
        let mut found: Vec<&str> = items(&line["articles"]).iter().map(|it| it["key"].as_str().unwrap()).collect();
        found.sort_unstable();
        assert_eq!(found.join(" "), articles, "{name}");
        let columns = [
            ("2020", "REALISED", "VAK"),
            ("2020", "REALISED", "VEK"),
            ("2021", "BUDGETED", "VAK"),
            ("2021", "BUDGETED", "VEK"),
        ];
        for ((year, phase, credit), cell) in columns.into_iter().zip(cells.chunks(2)) {
            let amount = only(items(&line["amounts"]), &[("/year", year), ("/phase", phase), ("/credit", credit)]);
            assert_figure(&format!("9.2 {name} {year} {credit}"), &amount["figure"], cell[0], "EUR", cell[1], "9.2");
        }
    }
    for (name, section, direction) in [
        ("Lonen", "APPARATUS", "EXPENDITURE"),
        ("Competitiviteitsprovisie", "PROVISION", "EXPENDITURE"),
        ("Beroepskaarten (ontvangsten!)", "MEASURE", "REVENUE"),
    ] {
        assert_eq!((&line(name)["section"], &line(name)["direction"]), (&json!(section), &json!(direction)), "{name}");
    }
    assert_eq!(items(&line("Arbeidszorg")["measures"]).len(), 2, "structural and experimental share a line");
}

/// Process as printed, year, what, value, unit, text.
const INSPECTIONS: &str = "
    Dienstencheques | 2020 | controls | 508 | COUNT | 508
    Dienstencheques | 2020 | sanctionsChange | -0.25 | RATIO | -25%
    Dienstencheques | 2019 | proposedRecovery | 1441763 | EUR | €1 441 763
    Arbeidskaarten | 2020 | controls | 1080 | COUNT | 1080
    Arbeidskaarten | 2020 | controlsChange | 0.36 | RATIO | +36%
    Arbeidskaarten | 2020 | proposedRecovery | NOT_REPORTED | EUR |
    Doelgroepkorting | 2019 | controls | NOT_REPORTED | COUNT |
    Doelgroepkorting | 2020 | controls | 716 | COUNT | 716
    Doelgroepkorting | 2020 | proposedRecovery | 1245044 | EUR | € 1 245 044
    Sociale interventie | 2020 | controlsChange | -1 | RATIO | -100%
";

#[test]
fn inspections() {
    let processes = all(
        "inspectedProcesses",
        "name measures { name } inspections { year controls { ...F } sanctions { ...F } proposedRecovery { ...F }
         controlsChange { ...F } sanctionsChange { ...F } proposedRecoveryChange { ...F } }",
    );
    for [name, year, field, value, unit, text] in rows(INSPECTIONS) {
        let process = only(&processes, &[("/name", name)]);
        let inspection = only(items(&process["inspections"]), &[("/year", year)]);
        assert_figure(&format!("9.1.11 {name} {year} {field}"), &inspection[field], value, unit, text, "9.1.11");
    }
    let measures = |name: &str| only(&processes, &[("/name", name)])["measures"].clone();
    assert_eq!(measures("DAC"), json!([{ "name": "Derde Arbeidscircuit" }]));
    assert_eq!(measures("Sociale interventie"), json!([]));
    // The rows give the totals of 2020 that the table prints.
    for (field, total) in [("controls", 3268), ("sanctions", 428)] {
        let year = |process: &Json| only(items(&process["inspections"]), &[("/year", "2020")])[field]["value"].clone();
        let sum: Decimal =
            processes.iter().map(year).filter(|value| !value.is_null()).map(|value| decimal(&value)).sum();
        assert_eq!(sum, Decimal::from(total), "{field}");
    }
}

/// Level, rank, contract, value, text.
const STAFF: &str = "
    Niveau A | A1 | STATUTORY | 122 | 122
    Niveau A | A1 | CONTRACTUAL | 23 | 23
    Niveau A | A2A | CONTRACTUAL | NOT_REPORTED |
    Niveau C | C1 | STATUTORY | 53 | 53
    Niveau D | D3 | STATUTORY | 2 | 2
";

#[test]
fn staff() {
    let figures = all("staffFigures", "date level rank contract organisation { abbreviation } figure { ...F }");
    for [level, rank, contract, value, text] in rows(STAFF) {
        let row = only(&figures, &[("/rank", rank), ("/contract", contract), ("/date", "2020-12-31")]);
        assert_eq!((&row["level"], &row["organisation"]["abbreviation"]), (&json!(level), &json!("DWSE")), "{row}");
        assert_figure(&format!("8.2 {rank} {contract}"), &row["figure"], value, "PERSONS", text, "8.2");
    }
    let heads = figures.iter().map(|row| &row["figure"]["value"]).filter(|value| !value.is_null());
    assert_eq!(heads.map(decimal).sum::<Decimal>(), Decimal::from(304), "8.2 Eindtotaal");
    let targets = all("staffTargets", "key due target { ...F } achieved { ...F } achievedAt");
    let savings = only(&targets, &[("/key", "dwse/koppenbesparing")]);
    let (target, achieved) = (decimal(&savings["target"]["value"]), decimal(&savings["achieved"]["value"]));
    assert_eq!((target, achieved), (Decimal::from(22), Decimal::from(7)), "7.2");
    assert_eq!((&savings["due"], &savings["achievedAt"]), (&json!("2024-12-31"), &json!("2020-12-31")), "7.2");
}

#[test]
fn goals_and_projects() {
    let goals = all("strategicGoals", "code scope title printed { ...C } projects { title }");
    let first = only(&goals, &[("/code", "SBD 1")]);
    assert_eq!((&first["title"], &first["scope"]), (&json!("Meer mensen aan het werk"), &json!("POLICY")));
    assert_printed("2.1.1", &first["printed"], "Meer mensen aan het werk;", "2.1.1");
    let projects_of = |code: &str| only(&goals, &[("/code", code)])["projects"].to_string();
    assert_eq!(projects_of("SOD 3"), r#"[{"title":"Leiderschap"}]"#, "Tabel 2");
    assert!(
        projects_of("SOD 2").contains("Klant Centraal") && projects_of("SOD 4").contains("Klant Centraal"),
        "Tabel 2"
    );

    let selection = "code title structuralElement { name policyField { code name } } projects { number scope }";
    let operational = all("operationalGoals", selection);
    let goal = only(&operational, &[("/code", "OD VIII 1.2")]);
    assert_eq!(goal["title"], "Collectief maatwerk versterken");
    let place = json!({ "name": "Activering", "policyField": { "code": "VIII", "name": "Sociale Economie" } });
    assert_eq!(goal["structuralElement"], place);
    assert_eq!(goal["projects"], json!([{ "number": 14, "scope": "POLICY" }]), "Tabel 1");

    let projects = all("projects", "title years { year running progress progressPrinted { ...C } }");
    let year = |title: &str, year: &str| {
        only(items(&only(&projects, &[("/title", title)])["years"]), &[("/year", year)]).clone()
    };
    assert_eq!(year("PTOW en werkplekken", "2020")["running"], "PARTLY", "Tabel 2 prints (X)");
    assert_eq!(year("Integratie Syntra Vlaanderen", "2021")["running"], "NO", "Tabel 2 leaves it blank");
    assert_eq!(year("Leiderschap", "2021")["running"], "YES", "Tabel 2 prints X");
    let ended = year("Sociaal ondernemerschap ondersteunen", "2020");
    let progress = "De doelstelling werd gedeeltelijk gerealiseerd.";
    assert_eq!(ended["progress"], progress);
    assert_printed("5.2.1.1", &ended["progressPrinted"], progress, "5.2.1.1");
}

/// Project, year and table, title, status or timing, period when due, section, footnote, text.
const MILESTONES: &str = "
    POLICY 1 | 2020 PLANNED | Inwerkingtreding doelgroepenbeleid | REALISED | | 3.1.1.1 | | Gerealiseerd
    POLICY 1 | 2020 PLANNED | Conceptnota individuele korting/premie, ter bespreking met sociale partners (jun 2020*) | ON_SCHEDULE | | 3.1.1.1 | * timing verschoven naar 2021 | Loopt op schema*
    POLICY 1 | 2020 PLANNED | Definitieve goedkeuring VR jobbonus | NOT_STARTED | | 3.1.1.1 | * timing verschoven naar 2021 | Nog niet gestart
    POLICY 1 | 2020 ADDITIONAL | Ministerieel besluit tot benoeming van de leden en secretaris van de Commissie Transitiepremie | REALISED | | 3.1.1.1 | | Gerealiseerd
    POLICY 15 | 2020 ADDITIONAL | Haalbaarheidsstudie Transparantiebenchmark | REALISED | | 5.2.1.1 | | Gerealiseerd
    ORGANISATION 6 | 2020 PLANNED | Uitwerken van een gedragen format van dashboard | IN_PREPARATION | | 6.1.6.2 | | In voorbereiding
    POLICY 1 | 2021 PLANNED | ─ Conceptnota individuele doelgroepvermindering, ter bespreking met sociale partners | WITHIN | 2021-Q1 | 3.1.1.2 | | 2021/Q1
    POLICY 1 | 2021 PLANNED | ─ Operationalisering (aanvraag, verwerking, berekening, uitbetaling, controle), met machtigingen, opzetten stromen | WITHIN | 2021-Q1/2021-Q4 | 3.1.1.2 | | 2021/Q1-Q4
    POLICY 1 | 2021 PLANNED | ─ Verdere uitrol projecten Vlaams Actieplan armoedebestrijding (looptijd 2020-25) | CONTINUOUS | | 3.1.1.2 | | doorlopend in 2021
    POLICY 1 | 2021 PLANNED | ─ Overleg i.k.v. armoedebestrijding met de stakeholders op niveau van het beleidsdomein | RECURRING | | 3.1.1.2 | | min. 2x/jaar
";

#[test]
fn milestones() {
    let selection = "title year table status timing due { code } footnote outcome { ...C } project { number scope }";
    let milestones = all("milestones", selection);
    for [project, table, title, state, due, section, footnote, text] in rows(MILESTONES) {
        let (scope, number) = project.split_once(' ').unwrap();
        let (year, table) = table.split_once(' ').unwrap();
        let place = [("/project/scope", scope), ("/project/number", number), ("/year", year), ("/table", table)];
        let milestone = only(&milestones, &[&place[..], &[("/title", title)]].concat());
        let state_field = if year == "2020" { "status" } else { "timing" };
        assert_eq!(milestone[state_field], state, "{milestone}");
        assert_eq!(milestone["due"]["code"].as_str().unwrap_or_default(), due, "{milestone}");
        assert_eq!(milestone["footnote"].as_str().unwrap_or_default(), footnote, "{milestone}");
        assert_printed(title, &milestone["outcome"], text, section);
    }
}

/// Section, phrase within the printed text, value, kind, how exact.
const CLAIMS: &str = "
    1.1.2 | circa 134.500 dossiers | 134500 | SUM | ABOUT
    1.1.2 | 469.000 betalingen ingezet | 469000 | SUM | EXACT
    9.1 | 47 van de 69 streefnormen | 47 | NORM_COUNT | EXACT
    8.2 | 304 medewerkers | 304 | SUM | EXACT
    9.1.11 | in totaal 3 268 controles | 3268 | SUM | EXACT
";

#[test]
fn claims_of_the_prose() {
    let claims = all("claims", "kind qualifier figure { ...F }");
    for [section, phrase, value, kind, qualifier] in rows(CLAIMS) {
        let value: Decimal = value.parse().unwrap();
        let is_it = |claim: &&Json| {
            let printed = &claim["figure"]["printed"];
            printed["section"] == section
                && squeeze(printed["text"].as_str().unwrap_or_default()).contains(&squeeze(phrase))
                && !claim["figure"]["value"].is_null()
                && decimal(&claim["figure"]["value"]) == value
        };
        let claim = claims.iter().find(is_it).unwrap_or_else(|| panic!("{section}: {phrase}"));
        assert_eq!((&claim["kind"], &claim["qualifier"]), (&json!(kind), &json!(qualifier)), "{section}: {phrase}");
    }
}

#[test]
fn counts_of_the_document() {
    let milestones = all("milestones", "year table project { key }");
    assert_eq!(milestones.len(), 659);
    let tables: BTreeSet<[String; 3]> =
        milestones.iter().map(|it| [&it["year"], &it["table"], &it["project"]["key"]].map(Json::to_string)).collect();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for [year, table, _] in &tables {
        *counts.entry(format!("{year} {table}")).or_default() += 1;
    }
    let expected =
        [("2020 \"PLANNED\"", 24), ("2020 \"ADDITIONAL\"", 13), ("2020 \"COVID_19\"", 17), ("2021 \"PLANNED\"", 22)];
    assert_eq!(counts, expected.map(|(table, count)| (table.to_owned(), count)).into());
    assert_eq!(tables.len(), 76, "tables of milestones");

    let mut fact_tables = all("indicators", "printed { section }");
    fact_tables.extend(all("norms", "printed { section }"));
    let fact_tables: BTreeSet<&str> = fact_tables.iter().filter_map(|it| it["printed"]["section"].as_str()).collect();
    assert_eq!(fact_tables.len(), 41, "{fact_tables:?}");

    let results = all("normResults", "source norm { measure { key } }");
    let overview: Vec<&Json> = results.iter().filter(|it| it["source"] == "OVERVIEW").collect();
    let measures: BTreeSet<String> = overview.iter().map(|it| it["norm"]["measure"]["key"].to_string()).collect();
    assert_eq!((overview.len(), measures.len()), (69, 34), "norms and measures in the overview");

    for (list, count) in [
        ("policyFields", 3),
        ("structuralElements", 7),
        ("strategicGoals", 8),
        ("operationalGoals", 15),
        ("projects", 24),
        ("budgetLines", 60),
        ("budgetAmounts", 240),
        ("inspectedProcesses", 16),
        ("staffFigures", 28),
    ] {
        assert_eq!(all(list, "key").len(), count, "{list}");
    }
}

/// Every section of the document that gives structure or figures, in its order. The others have headings or prose only.
const SECTIONS: &str = "
    1.1 1.1.1 1.1.2 1.2 2 2.1.1 2.1.2 2.2.1 2.2.2 3 3.1 3.1.1 3.1.1.1 3.1.1.2 3.1.1.3 3.1.2 3.1.2.1 3.1.2.2 3.1.2.3 3.1.3 3.1.3.1
    3.1.3.2 3.1.3.3 3.2 3.2.1 3.2.1.1 3.2.1.2 3.2.1.3 3.2.2 3.2.2.1 3.2.2.2 3.2.2.3 3.3 3.3.1 3.3.1.1 3.3.1.2 3.3.1.3 3.3.2 3.3.2.1
    3.3.2.2 3.3.2.3 3.4 3.4.1 3.4.1.1 3.4.1.2 3.4.1.3 3.4.2 3.4.2.1 3.4.2.2 3.4.2.3 3.4.3 3.4.3.1 3.4.3.2 3.4.3.3 4 4.1 4.1.1 4.1.1.1
    4.1.1.2 4.1.1.3 4.1.2 4.1.2.1 4.1.2.2 4.1.2.3 5 5.1 5.1.1 5.1.1.1 5.1.1.2 5.1.1.3 5.1.2 5.1.2.1 5.1.2.2 5.1.2.3 5.2 5.2.1 5.2.1.1
    5.2.1.2 5.2.1.3 6.1.1.1 6.1.2 6.1.2.1 6.1.2.2 6.1.3.1 6.1.3.2 6.1.4.1 6.1.5.1 6.1.5.2 6.1.6.1 6.1.6.2 6.1.7 6.1.7.1 6.1.7.2 6.1.8.1 6.1.8.2
    6.1.8.3 6.1.9.1 6.1.9.2 7.2 7.5 8.1.1 8.1.2 8.2 9.1 9.1.1.1 9.1.1.2 9.1.1.3 9.1.1.4 9.1.1.5 9.1.1.6 9.1.1.7 9.1.1.8 9.1.1.9
    9.1.2.1 9.1.2.2 9.1.3.1 9.1.3.2 9.1.3.3 9.1.3.4 9.1.4.1 9.1.4.2 9.1.4.3 9.1.5.1 9.1.6 9.1.6.1 9.1.7.1 9.1.7.2 9.1.7.3 9.1.7.4
    9.1.8.1 9.1.8.2 9.1.8.3 9.1.8.4 9.1.9.1 9.1.9.2 9.1.9.3 9.1.9.4 9.1.9.4.1 9.1.9.4.2 9.1.9.5 9.1.9.6 9.1.10.1 9.1.10.2 9.1.10.3
    9.1.10.4 9.1.10.5 9.1.10.6 9.1.11 9.2";

#[test]
fn every_section_is_found_again() {
    // Ask every kind for every citation that it has, as the schema tells them.
    let schema = shared().ask("{ __schema { types { name fields { name type { name ofType { name } } } } } }");
    let fields = |name: &str| items(&only(items(&schema["__schema"]["types"]), &[("/name", name)])["fields"]).clone();
    let named = |field: &Json| {
        let ty = &field["type"];
        ty["name"].as_str().or(ty["ofType"]["name"].as_str()).unwrap_or_default().to_owned()
    };
    let cited = |field: &Json| match named(field).as_str() {
        "Citation" => Some(format!("{} {{ section }} ", field["name"].as_str()?)),
        "Figure" => Some(format!("{} {{ printed {{ section }} }} ", field["name"].as_str()?)),
        _ => None,
    };
    let mut found = BTreeSet::new();
    for list in fields("Query") {
        let Some(kind) = named(&list).strip_suffix("Connection").map(str::to_owned) else { continue };
        let selection: String = fields(&kind).iter().filter_map(cited).collect();
        if !selection.is_empty() {
            add_sections(&json!(all(list["name"].as_str().unwrap(), &selection)), &mut found);
        }
    }
    let expected: BTreeSet<String> = SECTIONS.split_whitespace().map(str::to_owned).collect();
    let missing: Vec<&String> = expected.difference(&found).collect();
    let unknown: Vec<&String> = found.difference(&expected).collect();
    assert!(missing.is_empty() && unknown.is_empty(), "not found again: {missing:?}; not in the document: {unknown:?}");
}

fn add_sections(json: &Json, found: &mut BTreeSet<String>) {
    match json {
        Json::Object(fields) => {
            found.extend(fields.get("section").and_then(Json::as_str).map(str::to_owned));
            fields.values().for_each(|value| add_sections(value, found));
        }
        Json::Array(values) => values.iter().for_each(|value| add_sections(value, found)),
        _ => {}
    }
}
