//! Budgets over the real server, against a naive recomputation from the CSV files.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::figures::{ALL, exact, explained, float, rows, value};
use crate::support::shared;

/// Lines by key; amounts by line, year, phase and credit, in ten-thousandths: none when the place is blank or does not apply.
struct Plain {
    lines: BTreeMap<String, BTreeMap<String, String>>,
    amounts: BTreeMap<(String, i32, String, String), Amount>,
}

/// A value in ten-thousandths and a status.
type Amount = (Option<i128>, String);

impl Plain {
    fn read() -> Self {
        let amounts = rows("budget-amounts").into_iter().map(|row| {
            let key = (
                row["budgetLineKey"].clone(),
                row["year"].parse().unwrap(),
                row["phase"].clone(),
                row["credit"].clone(),
            );
            (key, (exact(&row["figure.value"]), row["figure.status"].clone()))
        });
        let lines = rows("budget-lines").into_iter().map(|row| (row["key"].clone(), row));
        Self { lines: lines.collect(), amounts: amounts.collect() }
    }

    /// Whole and known sum of the lines that fit; the whole one is none when an amount is unknown, or there is none at all.
    fn sum(
        &self,
        fits: &dyn Fn(&BTreeMap<String, String>) -> bool,
        (year, phase, credit): (i32, &str, &str),
    ) -> (Option<i128>, Option<i128>) {
        let lines = self.lines.values().filter(|line| fits(line));
        let key = |line: &BTreeMap<String, String>| (line["key"].clone(), year, phase.to_owned(), credit.to_owned());
        let amounts: Vec<&Amount> =
            lines.filter_map(|line| self.amounts.get(&key(line))).filter(|it| it.1 != "NOT_APPLICABLE").collect();
        let known: Vec<i128> = amounts.iter().filter_map(|it| it.0).collect();
        let sum = known.iter().sum();
        let whole = (!amounts.is_empty() && known.len() == amounts.len()).then_some(sum);
        (whole, (!known.is_empty()).then_some(sum))
    }
}

impl Plain {
    /// Both sums of two amounts over the lines that have both, how many these are, and how many lack one; lines of which neither applies
    /// are none.
    fn both(
        &self,
        fits: &dyn Fn(&BTreeMap<String, String>) -> bool,
        first: (i32, &str, &str),
        second: (i32, &str, &str),
    ) -> (Option<(i128, i128)>, u64, u64) {
        let (mut sums, mut known, mut unknown) = ((0, 0), 0, 0);
        for line in self.lines.values().filter(|line| fits(line)) {
            let of = |(year, phase, credit): (i32, &str, &str)| {
                self.amounts.get(&(line["key"].clone(), year, phase.to_owned(), credit.to_owned()))
            };
            let pair = [of(first), of(second)];
            match pair.map(|it| it.and_then(|it| it.0)) {
                [Some(a), Some(b)] => (sums, known) = ((sums.0 + a, sums.1 + b), known + 1),
                _ if pair.iter().all(|it| it.is_some_and(|it| it.1 == "NOT_APPLICABLE")) => {}
                _ => unknown += 1,
            }
        }
        ((known > 0).then_some(sums), known, unknown)
    }
}

const BUDGET: &str = "{ lines { value } sharedLines { value }
    vak { realised { sum { ...All } known { ...All } knownCount unknownCount } budgeted { sum { ...All } known { ...All } } execution { ...All }
          budgetedSinceRealised { absolute { ...All } relative { ...All } } }
    vek { realised { sum { ...All } known { ...All } } budgeted { sum { ...All } known { ...All } } execution { ...All }
          budgetedSinceRealised { absolute { ...All } } }
    vekPerVakRealised { ...All } commitmentsGrowth { ...All } openCommitments { ...All } }";

fn ask(query: &str) -> Json {
    shared().ask(&format!("{query} fragment All on Figure {ALL}"))
}

/// Checks every sum of a budget, and what follows from sums.
fn check(budget: &Json, year: i32, plain: &Plain, fits: &dyn Fn(&BTreeMap<String, String>) -> bool) {
    for credit in ["VAK", "VEK"] {
        let of = &budget[credit.to_lowercase()];
        for phase in ["REALISED", "BUDGETED"] {
            let found = &of[phase.to_lowercase()];
            let (whole, known) = plain.sum(fits, (year, phase, credit));
            assert_eq!(
                (value(&found["sum"]), value(&found["known"])),
                (whole, known),
                "{credit} {phase} {year}: {found}"
            );
            explained(&found["sum"]);
            explained(&found["known"]);
        }
        explained(&of["execution"]);
    }
    for name in ["vekPerVakRealised", "commitmentsGrowth", "openCommitments"] {
        explained(&budget[name]);
    }
    let realised = |credit| (year, "REALISED", credit);
    let (growth, known, unknown) = plain.both(fits, realised("VAK"), realised("VEK"));
    assert_eq!(value(&budget["commitmentsGrowth"]), growth.map(|(vak, vek)| vak - vek));
    let coverage = &budget["commitmentsGrowth"]["coverage"];
    assert_eq!((coverage["known"].as_u64(), coverage["unknown"].as_u64()), (Some(known), Some(unknown)), "{coverage}");
    for credit in ["VAK", "VEK"] {
        let since = &budget[credit.to_lowercase()]["budgetedSinceRealised"]["absolute"];
        let (both, ..) = plain.both(fits, (year - 1, "REALISED", credit), (year, "BUDGETED", credit));
        assert_eq!(value(since), both.map(|(before, now)| now - before), "{since}");
    }
    assert!(budget["openCommitments"]["value"].is_null(), "the register has no opening balance");
}

#[test]
fn sums_of_goals_fields_and_the_plan_are_what_the_cells_give() {
    let plain = Plain::read();
    for (year, direction) in [(2020, "EXPENDITURE"), (2021, "EXPENDITURE"), (2020, "REVENUE"), (2021, "REVENUE")] {
        let data = ask(&format!(
            "{{ plan(key: \"dwse-2021\") {{ budget(year: {year}, direction: {direction}) {BUDGET}
               policyFields(first: 10) {{ nodes {{ code budget(year: {year}, direction: {direction}) {BUDGET}
               structuralElements {{ operationalGoals {{ key budget(year: {year}, direction: {direction}) {BUDGET} }} }} }} }} }} }}"
        ));
        let plan = &data["plan"];
        let flows = |line: &BTreeMap<String, String>| line["direction"] == direction;
        check(&plan["budget"], year, &plain, &flows);
        let mut goals = 0;
        for field in plan["policyFields"]["nodes"].as_array().unwrap() {
            let prefix = format!("od-{}-", field["code"].as_str().unwrap().to_lowercase());
            check(&field["budget"], year, &plain, &|line| {
                flows(line) && line["operationalGoalKey"].starts_with(&prefix)
            });
            for element in field["structuralElements"].as_array().unwrap() {
                for goal in element["operationalGoals"].as_array().unwrap() {
                    let key = goal["key"].as_str().unwrap();
                    check(&goal["budget"], year, &plain, &|line| flows(line) && line["operationalGoalKey"] == key);
                    goals += 1;
                }
            }
        }
        assert_eq!(goals, 15);
    }
}

#[test]
fn lines_that_are_shared_count_once_in_a_goal_and_say_so_in_a_measure() {
    let data = ask(&format!(
        "{{ operationalGoal(key: \"od-viii-1.2\") {{ budget(year: 2020) {BUDGET} measures {{ key all: budget(year: 2020) {BUDGET}
           own: budget(year: 2020, only: OWN) {BUDGET} shared: budget(year: 2020, only: SHARED) {BUDGET} }} }} }}"
    ));
    let goal = &data["operationalGoal"];
    let of = |budget: &Json| value(&budget["vak"]["realised"]["known"]).unwrap_or_default();
    let measures = goal["measures"].as_array().unwrap();
    let sum = |name: &str| measures.iter().map(|measure| of(&measure[name])).sum::<i128>();
    // Two measures share one line of 4 060 283 euro: adding up measures counts it twice, the goal once.
    assert_eq!(sum("all") - of(&goal["budget"]), 40_602_830_000);
    assert_eq!(sum("all"), sum("own") + sum("shared"));
    let sharing = measures.iter().filter(|measure| measure["all"]["sharedLines"]["value"] == "1");
    let keys: BTreeSet<&str> = sharing.map(|measure| measure["key"].as_str().unwrap()).collect();
    assert_eq!(keys, BTreeSet::from(["arbeidszorg-experimenteel-activerend", "arbeidszorg-structureel"]));
}

#[test]
fn a_budget_that_is_not_there_is_no_zero() {
    let data = ask(&format!(
        "{{ budgetLine(key: \"od-vi-1.1/aanwervingsincentive\") {{ now: budget(year: 2020) {BUDGET} next: budget(year: 2021) {BUDGET}
           never: budget(year: 1999) {BUDGET} }}
           none: budgetLine(key: \"od-vi-1.1/regionale-toetsing\") {{ budget(year: 2020) {BUDGET} }}
           zero: budgetLine(key: \"od-vi-1.1/activeringsuitkeringen\") {{ budget(year: 2020) {BUDGET} }}
           revenue: budgetLine(key: \"od-vi-1.5/beroepskaarten\") {{ budget(year: 2020) {BUDGET} }} }}"
    ));
    let line = &data["budgetLine"];
    let code = |figure: &Json| figure["computed"]["missing"]["code"].as_str().map(str::to_owned);
    // The plan prints what was realised in 2020 and what is budgeted for 2021: no year has both, so no execution rate can be had.
    for name in ["now", "next"] {
        assert_eq!(code(&line[name]["vak"]["execution"]).as_deref(), Some("INPUT_MISSING"), "{}", line[name]);
    }
    assert_eq!(code(&line["never"]["vek"]["realised"]["sum"]).as_deref(), Some("NO_INPUT"));
    let since = &line["next"]["vak"]["budgetedSinceRealised"];
    assert_eq!(since["absolute"]["computed"]["expression"], "22503000 - 1980600");
    assert!((float(&since["relative"]).unwrap() - (22_503_000.0 - 1_980_600.0) / 1_980_600.0).abs() < 1e-9);
    assert!((float(&line["now"]["vekPerVakRealised"]).unwrap() - 2_046_279.0 / 1_980_600.0).abs() < 1e-9);
    let none = &data["none"]["budget"]["vak"]["realised"]["sum"];
    assert_eq!(code(none).as_deref(), Some("NO_INPUT"), "{none}");
    assert!(none["computed"]["missing"]["text"].as_str().unwrap().contains("does not apply"), "{none}");
    let zero = &data["zero"]["budget"];
    assert_eq!(value(&zero["vak"]["realised"]["sum"]), Some(0), "what is printed as 0 is 0");
    assert_eq!(code(&zero["vekPerVakRealised"]).as_deref(), Some("ZERO_DIVISOR"));
    let revenue = &data["revenue"]["budget"];
    assert_eq!(value(&revenue["vak"]["realised"]["sum"]), exact("225167"), "a line's budget flows as the line does");
    assert_eq!(code(&revenue["vek"]["realised"]["sum"]).as_deref(), Some("INPUT_MISSING"), "the place is blank");
}

#[test]
fn codes_of_articles_are_taken_apart_by_the_registers_own_data() {
    let data = shared().ask(
        "{ budgetArticles(first: 100) { nodes { code key codeParts { part { name } code term { meaning } known } } } }",
    );
    let parts = |code: &str| {
        let nodes = data["budgetArticles"]["nodes"].as_array().unwrap();
        let found = nodes.iter().find(|node| node["key"] == code).unwrap();
        let part = |part: &Json| {
            let text = |json: &Json| json.as_str().unwrap_or("?").to_owned();
            assert_eq!(part["known"].as_bool(), Some(!part["term"].is_null()));
            (text(&part["part"]["name"]), text(&part["code"]), text(&part["term"]["meaning"]))
        };
        found["codeParts"].as_array().unwrap().iter().map(part).collect::<Vec<_>>()
    };
    let expected = [
        ("beleidsdomein", "J", "Werk en Sociale Economie"),
        ("organisatievorm", "B", "departement"),
        ("begroting", "0", "algemene begroting"),
        ("uitgaven of ontvangsten", "1", "uitgaven"),
        ("programma", "JD", "Werk"),
        ("bevoegde minister", "B", "?"),
        ("kredietsoort", "2", "gesplitste kredieten"),
        ("inhoud", "CA", "?"),
        ("ESR-aggregaat", "WT", "werking en toelagen"),
    ];
    assert_eq!(parts("JB0-1JDB2CA-WT"), expected.map(|(name, code, term)| (name.into(), code.into(), term.into())));
    // A misprint that lacks a character has no parts, and says so.
    assert!(parts("JB0-JDB2CH-IS").iter().all(|(_, code, term)| code == "?" && term == "?"));
    for node in data["budgetArticles"]["nodes"].as_array().unwrap().iter().filter(|node| node["key"] != "JB0-JDB2CH-IS")
    {
        let joined: String =
            node["codeParts"].as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap()).collect();
        assert_eq!(joined, node["key"].as_str().unwrap().replace('-', ""), "every character belongs to one part");
    }
}

#[test]
fn sums_of_programmes_come_from_the_codes() {
    let plain = Plain::read();
    let data = ask(&format!(
        "{{ articlePart(key: \"article/programme\") {{ terms {{ code articles {{ key }} budget(year: 2021) {BUDGET} }} }} }}"
    ));
    let mut seen = 0;
    for term in data["articlePart"]["terms"].as_array().unwrap() {
        let code = term["code"].as_str().unwrap();
        let of_programme = |article: &str| article.len() == 14 && &article[5..7] == code;
        let fits = |line: &BTreeMap<String, String>| {
            line["direction"] == "EXPENDITURE" && line["articleKeys"].split('|').any(|key| of_programme(key.trim()))
        };
        check(&term["budget"], 2021, &plain, &fits);
        seen += term["articles"].as_array().unwrap().len();
    }
    assert_eq!(seen, 40, "all articles but the misprint");
}
