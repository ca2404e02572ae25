//! Inspections, staff, milestones, the scoreboard and the report of a plan over the real server, against the CSV files.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::figures::{ALL, exact, explained, float, rows, value};
use crate::support::shared;

fn ask(query: &str) -> Json {
    shared().ask(&format!("{query} fragment All on Figure {ALL}"))
}

fn code(figure: &Json) -> &str {
    figure["computed"]["missing"]["code"].as_str().unwrap_or_default()
}

fn array(json: &Json) -> &[Json] {
    json.as_array().unwrap()
}

const INSPECTED: &str = "{ processes { value } controls { sum { ...All } known { ...All } knownCount unknownCount } sanctions { known { ...All } }
    proposedRecovery { sum { ...All } known { ...All } } controlsChange { absolute { ...All } relative { ...All } }
    sanctionRate { ...All } recoveryPerControl { ...All } shareOfControls { ...All } }";

/// The sum of a column of the inspectorate's table over the rows that fit, and over how many.
fn inspections(column: &str, fits: &dyn Fn(&BTreeMap<String, String>) -> bool) -> (i128, usize) {
    let all = rows("inspections");
    let values: Vec<i128> =
        all.iter().filter(|row| fits(row)).filter_map(|row| exact(&row[&format!("{column}.value")])).collect();
    (values.iter().sum(), values.len())
}

#[test]
fn the_inspectorates_headline_figures() {
    let data = ask(&format!(
        "{{ plan(key: \"dwse-2021\") {{ now: inspected(year: 2020) {INSPECTED} before: inspected(year: 2019) {INSPECTED} }} }}"
    ));
    let (now, before) = (&data["plan"]["now"], &data["plan"]["before"]);
    // "3 268 controles". The document counts a blank of 2019 as zero and so comes to 63% more; like for like it is 27.7%.
    assert_eq!(value(&now["controls"]["sum"]), exact("3268"));
    let change = &now["controlsChange"]["relative"];
    assert_eq!(float(change).map(|it| (it * 1000.0).round()), Some(277.0));
    assert_eq!(change["computed"]["expression"], "(2552 - 1999) / 1999");
    assert_eq!(change["coverage"], serde_json::json!({ "basis": "KNOWN", "known": 15, "unknown": 1 }));
    assert_eq!(now["controls"]["sum"]["coverage"], serde_json::json!({ "basis": "ALL", "known": 16, "unknown": 0 }));
    assert_eq!(before["controls"]["sum"]["coverage"], serde_json::json!({ "basis": null, "known": 15, "unknown": 1 }));
    // A rate is of those processes that have both numbers, and says how many.
    assert_eq!(
        now["recoveryPerControl"]["coverage"],
        serde_json::json!({ "basis": "KNOWN", "known": 2, "unknown": 14 })
    );
    // The place of one process is blank in 2019: the whole is not known, and no blank counts as zero.
    assert_eq!(
        (code(&before["controls"]["sum"]), value(&before["controls"]["known"])),
        ("INPUT_MISSING", exact("1999"))
    );
    assert_eq!(
        (before["controls"]["knownCount"].as_i64(), before["controls"]["unknownCount"].as_i64()),
        (Some(15), Some(1))
    );
    let (sanctions, _) = inspections("sanctions", &|row| row["year"] == "2020");
    assert_eq!(value(&now["sanctions"]["known"]), Some(sanctions));
    assert!((float(&now["sanctionRate"]).unwrap() - sanctions as f64 / 32_680_000.0).abs() < 1e-9);
    // Recovery per control takes only the two processes that have both.
    let both = |row: &BTreeMap<String, String>| row["year"] == "2020" && !row["proposedRecovery.value"].is_empty();
    let (recovery, count) = inspections("proposedRecovery", &both);
    let (controls, _) = inspections("controls", &both);
    assert_eq!(count, 2);
    assert!((float(&now["recoveryPerControl"]).unwrap() - recovery as f64 / controls as f64).abs() < 1e-6);
    assert_eq!(value(&now["shareOfControls"]), exact("1"));
}

#[test]
fn inspections_of_processes_and_measures() {
    let data = ask(&format!(
        "{{ plan(key: \"dwse-2021\") {{ inspectedProcesses(first: 100) {{ nodes {{ key inspected(year: 2020) {INSPECTED} }} }} }}
           covered: measure(key: \"dienstencheques\") {{ inspected(year: 2020) {INSPECTED} }}
           uncovered: measure(key: \"transitiepremie\") {{ inspected(year: 2020) {INSPECTED} }} }}"
    ));
    let nodes = array(&data["plan"]["inspectedProcesses"]["nodes"]);
    let mut shares = 0.0;
    for node in nodes {
        let fits = |row: &BTreeMap<String, String>| {
            row["year"] == "2020" && row["processKey"] == node["key"].as_str().unwrap()
        };
        let (of, (controls, _), (sanctions, _)) =
            (&node["inspected"], inspections("controls", &fits), inspections("sanctions", &fits));
        assert_eq!(
            (value(&of["controls"]["known"]), value(&of["sanctions"]["known"])),
            (Some(controls), Some(sanctions))
        );
        explained(&of["sanctionRate"]);
        explained(&of["recoveryPerControl"]);
        match controls {
            0 => assert_eq!(code(&of["sanctionRate"]), "ZERO_DIVISOR", "{node}"),
            _ => assert!((float(&of["sanctionRate"]).unwrap() - sanctions as f64 / controls as f64).abs() < 1e-9),
        }
        shares += float(&of["shareOfControls"]).unwrap();
    }
    assert_eq!(nodes.len(), 16);
    assert!((shares - 1.0).abs() < 1e-9, "the shares of all processes are the whole: {shares}");
    assert!(value(&data["covered"]["inspected"]["controls"]["known"]) > Some(0));
    assert_eq!(code(&data["uncovered"]["inspected"]["controls"]["sum"]), "NO_INPUT", "no process covers it");
}

#[test]
fn staff_and_its_targets() {
    let data = ask(
        "{ organisation(key: \"dwse\") { all: staff { ...Staff } level: staff(by: [LEVEL]) { ...Staff } contract: staff(by: [CONTRACT]) { ...Staff }
           finest: staff(date: \"2020-12-31\", by: [LEVEL, RANK, CONTRACT]) { ...Staff } never: staff(date: \"1999-12-31\", by: [LEVEL]) { ...Staff }
           staffTargets(first: 100) { nodes { key target { value } progress { share { ...All } left { ...All } } } } } }
         fragment Staff on Staff { date heads { sum { ...All } known { ...All } } groups { level rank contract heads { known { ...All } sum { ...All } } share { ...All } } }",
    );
    let body = &data["organisation"];
    // "Eindtotaal 304", of which 272 statutory. Nine places of the table are blank: the printed totals of their rows show that these are
    // nobody, so the whole is known.
    let heads = &body["all"]["heads"];
    assert_eq!((value(&heads["known"]), value(&heads["sum"])), (exact("304"), exact("304")));
    assert_eq!(heads["sum"]["computed"]["rule"], "SUM_BY_TOTAL");
    assert_eq!(heads["sum"]["coverage"], serde_json::json!({ "basis": "ALL", "known": 28, "unknown": 0 }));
    for group in array(&body["level"]["groups"]).iter().chain(array(&body["contract"]["groups"])) {
        assert!(value(&group["heads"]["sum"]).is_some() && group["share"]["coverage"]["basis"] == "ALL", "{group}");
    }
    let plain = rows("staff-figures");
    for (name, columns) in
        [("level", vec!["level"]), ("contract", vec!["contract"]), ("finest", vec!["level", "rank", "contract"])]
    {
        let mut expected: BTreeMap<Vec<&str>, i128> = BTreeMap::new();
        for row in &plain {
            *expected.entry(columns.iter().map(|column| row[*column].as_str()).collect()).or_default() +=
                exact(&row["figure.value"]).unwrap_or_default();
        }
        let groups = array(&body[name]["groups"]);
        assert_eq!(groups.len(), expected.len(), "{name}");
        for group in groups {
            let of: Vec<&str> = columns.iter().map(|column| group[*column].as_str().unwrap()).collect();
            let heads = expected[&of];
            match value(&group["heads"]["known"]) {
                Some(known) => {
                    assert_eq!(known, heads, "{group}");
                    assert!((float(&group["share"]).unwrap() - heads as f64 / 3_040_000.0).abs() < 1e-9);
                }
                None => assert_eq!(
                    (heads, code(&group["heads"]["sum"])),
                    (0, "INPUT_MISSING"),
                    "a blank is unknown: {group}"
                ),
            }
        }
    }
    let statutory = array(&body["contract"]["groups"]).iter().find(|group| group["contract"] == "STATUTORY").unwrap();
    assert_eq!(value(&statutory["heads"]["known"]), exact("272"));
    assert!(
        body["never"]["groups"].as_array().unwrap().is_empty() && code(&body["never"]["heads"]["sum"]) == "NO_INPUT"
    );

    let targets = array(&body["staffTargets"]["nodes"]);
    let of = |key: &str| targets.iter().find(|target| target["key"] == key).unwrap();
    let heads = |key: &str| value(&of(key)["target"]).unwrap();
    // 22 heads to save, 5 more because of the staff taken over, 27 together; 7 are saved.
    assert_eq!(
        heads("dwse/koppenbesparing") + heads("dwse/koppenbesparing-extra"),
        heads("dwse/koppenbesparing-totaal")
    );
    let progress = &of("dwse/koppenbesparing")["progress"];
    assert_eq!(progress["share"]["computed"]["expression"], "7 / 22");
    assert_eq!((progress["share"]["unit"].as_str(), value(&progress["left"])), (Some("RATIO"), exact("15")));
    let unknown = &of("dwse/koppenbesparing-totaal")["progress"]["share"];
    assert_eq!(code(unknown), "INPUT_MISSING", "what is saved of the 27 is not printed: {unknown}");
}

#[test]
fn milestones_by_status_project_goal_and_table() {
    let plain = rows("milestones");
    let data = ask(
        "{ plan(key: \"dwse-2021\") { all: milestoneCounts { ...Counts } covid: milestoneCounts(year: 2020, table: COVID_19) { ...Counts }
           withParts: milestoneCounts(parts: true) { ...Counts } next: milestoneCounts(year: 2021) { ...Counts }
           projects(first: 100) { nodes { key milestoneCounts(year: 2020) { ...Counts } } } }
           operationalGoal(key: \"od-vi-1.1\") { milestoneCounts(year: 2020) { ...Counts } } }
         fragment Counts on MilestoneCounts { count { ...All } byStatus { status count { ...All } share { ...All } amended { value } }
           withSeveral { value } overdue { value } }",
    );
    let every = |counts: &Json, fits: &dyn Fn(&BTreeMap<String, String>) -> bool| {
        // How many stand so, and how many of them have a footnote that changes it. A row with two statuses counts at both.
        let mut expected: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
        let (mut all, mut several) = (0, 0);
        for row in plain.iter().filter(|row| fits(row)) {
            let statuses = if row["statuses"].is_empty() { &row["status"] } else { &row["statuses"] };
            all += 1;
            several += i64::from(!row["statuses"].is_empty());
            for status in statuses.split(" | ") {
                let count = expected.entry(status).or_default();
                *count = (count.0 + 1, count.1 + i64::from(!row["amendment.change"].is_empty()));
            }
        }
        assert_eq!(counts["count"]["value"], all.to_string());
        assert_eq!(counts["count"]["computed"]["inputCount"], all);
        assert_eq!(counts["withSeveral"]["value"], several.to_string());
        let found: BTreeMap<&str, (i64, i64)> = array(&counts["byStatus"])
            .iter()
            .map(|of| {
                let number = |name: &str| of[name]["value"].as_str().unwrap().parse::<i64>().unwrap();
                // Of which nothing is said is not known not to stand so.
                let silent = expected.get("").map_or(0, |of| of.0);
                let whole = if of["status"].is_null() { all } else { all - silent };
                assert!((float(&of["share"]).unwrap() - number("count") as f64 / whole as f64).abs() < 1e-9);
                (of["status"].as_str().unwrap_or_default(), (number("count"), number("amended")))
            })
            .collect();
        assert_eq!(found, expected);
        assert!(counts["overdue"].is_null(), "no day was named");
    };
    let check = |counts: &Json, fits: &dyn Fn(&BTreeMap<String, String>) -> bool| {
        every(counts, &|row| row["partOfKey"].is_empty() && fits(row));
    };
    let plan = &data["plan"];
    every(&plan["withParts"], &|_| true);
    check(&plan["all"], &|_| true);
    check(&plan["next"], &|row| row["year"] == "2021");
    assert_eq!(plan["next"]["count"]["value"], "225", "22 points of two projects are parts of other milestones");
    assert_eq!(plan["withParts"]["withSeveral"]["value"], "1");
    check(&plan["covid"], &|row| row["year"] == "2020" && row["table"] == "COVID_19");
    for project in array(&plan["projects"]["nodes"]) {
        check(&project["milestoneCounts"], &|row| {
            row["year"] == "2020" && row["projectKey"] == project["key"].as_str().unwrap()
        });
    }
    check(&data["operationalGoal"]["milestoneCounts"], &|row| {
        row["year"] == "2020" && row["projectKey"] == "beleidsproject-1"
    });
}

/// The last day of a period of whole quarters, months or years, as text that sorts.
fn last_day(period: &str) -> String {
    let last = period.rsplit('/').next().unwrap();
    match last.split_once('-') {
        None => format!("{last}-12-31"),
        Some((year, quarter)) if quarter.starts_with('Q') => {
            format!("{year}-{}", ["03-31", "06-30", "09-30", "12-31"][quarter[1..].parse::<usize>().unwrap() - 1])
        }
        Some((year, month)) if month.len() == 2 => format!("{year}-{month}-31"),
        Some(_) => last.to_owned(),
    }
}

#[test]
fn what_is_overdue_depends_on_the_day_that_is_named() {
    let plain = rows("milestones");
    let mut counts = Vec::new();
    for day in ["2021-01-01", "2021-04-01", "2021-07-01", "2021-10-01", "2022-01-01"] {
        let data = ask(&format!(
            "{{ plan(key: \"dwse-2021\") {{ milestoneCounts(overdueAt: \"{day}\") {{ overdue {{ ...All }} withoutDue {{ value }} }} }} }}"
        ));
        let overdue = &data["plan"]["milestoneCounts"]["overdue"];
        explained(overdue);
        let late = |row: &&BTreeMap<String, String>| {
            let open = !["REALISED", "STOPPED", "REORIENTED"].contains(&row["status"].as_str());
            let due = if row["amendment.due"].is_empty() { &row["due"] } else { &row["amendment.due"] };
            row["partOfKey"].is_empty() && open && !due.is_empty() && last_day(due).as_str() < day
        };
        let expected = plain.iter().filter(late).count();
        assert_eq!(value(overdue), exact(&expected.to_string()), "{day}");
        counts.push(expected);
    }
    assert!(counts[0] == 0 && counts.is_sorted() && counts[4] > 100, "{counts:?}");
}

#[test]
fn parts_statuses_and_footnotes_of_milestones_can_be_asked() {
    let data = shared().ask(
        "{ milestones(where: { year: { eq: 2021 }, partOfKey: { isNull: true } }) { totalCount }
           two: milestone(key: \"beleidsproject-12/2020/planned/4\") { status statuses amendment { change part due { code } } }
           half: milestone(key: \"beleidsproject-12/2020/planned/3\") { status statuses amendment { change part due { code } } }
           parent: milestone(key: \"organisatieproject-9/2021/planned/8\") { parts { number partOf { number } } }
           delayed: milestones(where: { statuses: { some: { eq: DELAYED } } }) { nodes { key } }
           notRetained: milestones(where: { status: { eq: REALISED }, amendment: { change: { eq: NOT_RETAINED } } }) { totalCount }
           covid: milestones(where: { amendment: { cause: { eq: COVID_19 } } }) { nodes { key footnote } } }",
    );
    assert_eq!(data["milestones"]["totalCount"], 225);
    assert_eq!(data["two"]["statuses"], serde_json::json!(["ON_SCHEDULE", "DELAYED"]));
    assert!(data["two"]["status"].is_null() && data["two"]["amendment"]["change"] == "POSTPONED");
    let half = serde_json::json!({ "change": "POSTPONED", "part": "HO", "due": { "code": "2021-09" } });
    assert_eq!((&data["half"]["status"], &data["half"]["amendment"]), (&Json::from("REALISED"), &half));
    let parts: Vec<i64> = array(&data["parent"]["parts"]).iter().map(|it| it["number"].as_i64().unwrap()).collect();
    assert_eq!(parts, [9, 10, 11, 12]);
    assert_eq!(array(&data["delayed"]["nodes"]).len(), 1);
    assert_eq!(data["notRetained"]["totalCount"], 5, "three by a footnote, two by their titles");
    assert_eq!(array(&data["covid"]["nodes"]).len(), 2);
}

#[test]
fn a_scoreboard_says_what_the_records_say() {
    let data = ask(
        "{ scoreboard(measure: \"arbeidszorg-structureel\") { measure { key } year goal { key } policyField { key }
             indicators { indicator { key } period { code } figure { value } trend { relative { ...All } } }
             norms { norm { key } level ratio { ...All } } attainment { norms { value } } budgetLines { key }
             budget { vak { realised { sum { ...All } } } sharedLines { value } } revenue { lines { value } }
             inspected { controls { sum { ...All } } } claims { key } }
           measure(key: \"arbeidszorg-structureel\") { indicators { key } norms { key } claims { key } budgetLines { key }
             budget(year: 2020) { vak { realised { sum { ...All } } } } operationalGoalKey } }",
    );
    let (board, measure) = (&data["scoreboard"], &data["measure"]);
    assert_eq!((board["year"].as_i64(), board["policyField"]["key"].as_str()), (Some(2020), Some("viii")));
    assert_eq!(board["goal"]["key"], measure["operationalGoalKey"]);
    let keys = |list: &Json, inner: &str| {
        let key = |it: &Json| if inner.is_empty() { it["key"].clone() } else { it[inner]["key"].clone() };
        array(list).iter().map(key).collect::<Vec<_>>()
    };
    assert_eq!(keys(&board["indicators"], "indicator"), keys(&measure["indicators"], ""));
    assert_eq!(keys(&board["norms"], "norm"), keys(&measure["norms"], ""));
    assert_eq!(keys(&board["claims"], ""), keys(&measure["claims"], ""));
    assert_eq!(keys(&board["budgetLines"], ""), keys(&measure["budgetLines"], ""));
    assert_eq!(board["budget"]["vak"], measure["budget"]["vak"]);
    assert_eq!(board["budget"]["sharedLines"]["value"], "1");
    for indicator in array(&board["indicators"]) {
        assert_eq!(indicator["period"]["code"], "2020");
    }
    // A year before there were any figures: nothing is made up.
    let before = ask(
        "{ scoreboard(measure: \"arbeidszorg-structureel\", year: 1999) { indicators { period { code } figure { value } trend { absolute { ...All } } }
           norms { level ratio { ...All } } } }",
    );
    for indicator in array(&before["scoreboard"]["indicators"]) {
        assert!(indicator["figure"].is_null() && code(&indicator["trend"]["absolute"]) == "NO_INPUT", "{indicator}");
    }
    assert!(array(&before["scoreboard"]["norms"]).iter().all(|norm| norm["level"].is_null()));
}

#[test]
fn a_plan_report_is_one_request_whose_parts_make_up_the_whole() {
    const ROLL_UP: &str = "{ record { key } attainment { norms { value } met { value } missed { value } }
        budget { lines { value } vak { realised { known { value } } } vek { realised { known { value } } } } revenue { lines { value } }
        milestones(overdueAt: \"2021-01-01\") { count { value } overdue { value } } inspected { controls { known { value } } } measures { key } }";
    let data = shared().ask(&format!(
        "{{ planReport(year: 2020) {{ plan {{ key }} year total {ROLL_UP} policyFields {{ ...Field goals {ROLL_UP} }}
           withoutGoal {{ lines {{ value }} vak {{ realised {{ known {{ value }} }} }} vek {{ realised {{ known {{ value }} }} }} }}
           staff(by: [LEVEL]) {{ date heads {{ known {{ value }} }} groups {{ level }} }} staffTargets {{ key }} }} }}
         fragment Field on RollUp {ROLL_UP}"
    ));
    let report = &data["planReport"];
    assert_eq!((report["plan"]["key"].as_str(), report["year"].as_i64()), (Some("dwse-2021"), Some(2020)));
    let number = |json: &Json, path: &str| {
        let found = json.pointer(path).unwrap_or_else(|| panic!("{path} in {json}"));
        found.as_str().map_or(0, |text| text.parse::<i64>().unwrap())
    };
    let fields = array(&report["policyFields"]);
    let goals: Vec<&Json> = fields.iter().flat_map(|field| array(&field["goals"])).collect();
    assert_eq!((fields.len(), goals.len()), (3, 15));
    let vak = "/budget/vak/realised/known/value";
    let vek = "/budget/vek/realised/known/value";
    for path in
        [vak, vek, "/budget/lines/value", "/revenue/lines/value", "/attainment/norms/value", "/attainment/met/value"]
    {
        let of_goals: i64 = goals.iter().map(|goal| number(goal, path)).sum();
        let of_fields: i64 = fields.iter().map(|field| number(field, path)).sum();
        assert_eq!(of_goals, of_fields, "{path}");
        if path.starts_with("/budget") {
            let rest = number(&report["withoutGoal"], path.trim_start_matches("/budget"));
            assert_eq!(of_fields + rest, number(&report["total"], path), "{path}");
        }
    }
    // Projects of the organisation serve no operational goal, so their milestones stand in the total only.
    let of_fields: i64 = fields.iter().map(|field| number(field, "/milestones/count/value")).sum();
    assert!(of_fields < number(&report["total"], "/milestones/count/value"));
    assert_eq!(number(&report["total"], "/inspected/controls/known/value"), 3268);
    assert_eq!((number(report, "/staff/heads/known/value"), array(&report["staff"]["groups"]).len()), (304, 4));

    let refused =
        |query: &str| shared().post(&serde_json::json!({ "query": query })).json()["errors"][0]["extensions"].clone();
    assert_eq!(refused("{ planReport(year: 1999) { year } }")["hint"], "name one as `plan`: dwse-2021");
    assert_eq!(refused("{ scoreboard(measure: \"dienstencheque\") { year } }")["hint"], "near are dienstencheques");
}
