//! What it costs, what was inspected, who does it.

use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

use super::{all, assert_figure, decimal, items, only, rows};

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
