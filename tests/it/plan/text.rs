//! What the text says: goals, projects, milestones, claims; and how many there are of everything.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

use super::{all, assert_printed, decimal, items, only, rows, squeeze};
use crate::support::shared;

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
    1.1 1.1.1 1.1.2 1.2 1.3 2 2.1.1 2.1.2 2.2.1 2.2.2 2.3 3 3.1 3.1.1 3.1.1.1 3.1.1.2 3.1.1.3 3.1.2 3.1.2.1 3.1.2.2 3.1.2.3 3.1.3 3.1.3.1
    3.1.3.2 3.1.3.3 3.2 3.2.1 3.2.1.1 3.2.1.2 3.2.1.3 3.2.2 3.2.2.1 3.2.2.2 3.2.2.3 3.3 3.3.1 3.3.1.1 3.3.1.2 3.3.1.3 3.3.2 3.3.2.1
    3.3.2.2 3.3.2.3 3.4 3.4.1 3.4.1.1 3.4.1.2 3.4.1.3 3.4.2 3.4.2.1 3.4.2.2 3.4.2.3 3.4.3 3.4.3.1 3.4.3.2 3.4.3.3 4 4.1 4.1.1 4.1.1.1
    4.1.1.2 4.1.1.3 4.1.2 4.1.2.1 4.1.2.2 4.1.2.3 5 5.1 5.1.1 5.1.1.1 5.1.1.2 5.1.1.3 5.1.2 5.1.2.1 5.1.2.2 5.1.2.3 5.2 5.2.1 5.2.1.1
    5.2.1.2 5.2.1.3 6.1.1 6.1.1.1 6.1.2 6.1.2.1 6.1.2.2 6.1.3.1 6.1.3.2 6.1.4.1 6.1.5.1 6.1.5.2 6.1.6.1 6.1.6.2 6.1.7 6.1.7.1 6.1.7.2 6.1.8.1 6.1.8.2
    6.1.8.3 6.1.9.1 6.1.9.2 7.1 7.2 7.5 8.1.1 8.1.2 8.2 9.1 9.1.1.1 9.1.1.2 9.1.1.3 9.1.1.4 9.1.1.5 9.1.1.6 9.1.1.7 9.1.1.8 9.1.1.9
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
