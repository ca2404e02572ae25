//! Pages of several years: every one is there, targets stand with what became of them, and rounds of reporting with who is late.

use serde_json::Value as Json;

use super::{addresses, encoded, keys, links, page, plain};
use crate::support::Server;

#[test]
fn every_page_of_three_years_is_there() {
    let server = Server::start(&["--demo", "years"]);
    let plans = &keys(&server)["plans"];
    assert_eq!(plans.len(), 3);
    for path in addresses(&server, 3) {
        let answer = page(&server, &path, "en");
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    }
    for plan in plans {
        for path in ["norms", "budget", "milestones", "trends", "inspections", "staff", "contradictions", "round"] {
            let path = format!("/{path}?plan={}", encoded(plan));
            let answer = page(&server, &path, "nl");
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        }
    }
    let targets = server
        .ask("{ targets(first: 20) { nodes { of { ... on Indicator { measureKey } ... on Norm { measureKey } } } } }");
    let mut measures: Vec<&str> = targets["targets"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["of"]["measureKey"].as_str().unwrap())
        .collect();
    measures.dedup();
    for measure in measures {
        for day in ["2022-06-30", "2023-02-15", "2026-01-01"] {
            targets_are_told(&server, measure, day);
        }
    }
    rounds_are_told(&server);
    changes_are_told_by_name(&server);
    budgets_say_which_prints_they_are_read_from(&server);
}

/// A later plan tells again of most lines only: the sum is of two prints of the budget, and the page says of which.
fn budgets_say_which_prints_they_are_read_from(server: &Server) {
    let told = |year: i32| plain(&page(server, &format!("/budget?plan=dwse-2021&year={year}"), "en").text());
    let several = told(2021);
    let prints = server.ask(
        "{ plan(key: \"dwse-2021\") { budget(year: 2021) { vek { budgetedPrints { plan { title } amounts { value } } } } } }",
    );
    let prints = prints["plan"]["budget"]["vek"]["budgetedPrints"].as_array().unwrap();
    assert_eq!(prints.len(), 2, "{prints:?}");
    let says = several.split("amounts from").collect::<Vec<_>>();
    assert_eq!(says.len(), 3);
    for (at, print) in prints.iter().enumerate() {
        let amounts = format!(">{}<", print["amounts"]["value"].as_str().unwrap());
        assert!(says[at].contains(&amounts), "{print}");
        assert!(
            says[at + 1].split("</a>").next().unwrap().contains(print["plan"]["title"].as_str().unwrap()),
            "{print}"
        );
    }
    assert!(!told(2020).contains("amounts from"), "of one print nothing is said");
}

fn changes_are_told_by_name(server: &Server) {
    let last = server.ask("{ register { revision } }")["register"]["revision"].as_u64().unwrap();
    for to in 4..=last {
        let from = to - 1;
        let html = plain(&page(server, &format!("/change?from={from}&to={to}"), "en").text());
        let query = format!(
            "{{ compare(from: {{revision: {from}}}, to: {{revision: {to}}}, first: 100) {{ changes {{ node {{ __typename key }} }} }} }}"
        );
        for change in server.ask(&query)["compare"]["changes"].as_array().unwrap() {
            let key = change["node"]["key"].as_str().unwrap();
            assert!(!html.contains(&format!("<br>{key}</th>")), "revision {to} tells of {change} by its key");
        }
    }
}

/// The rows of the table that a heading names.
fn rows(html: &str, heading: &str) -> Vec<String> {
    let table = html.split(&format!("aria-labelledby=\"{heading}\"")).nth(1).expect("there is such a table");
    let body = table.split("<tbody>").nth(1).unwrap().split("</tbody>").next().unwrap();
    body.split("<tr").skip(1).map(plain).collect()
}

fn targets_are_told(server: &Server, measure: &str, day: &str) {
    let asked = format!(
        "{{ measure(key: {}) {{ operationalGoalKey targetAttainments(on: \"{day}\") {{ inForce judgement target {{
            figure {{ value }} of {{ ... on Indicator {{ label }} ... on Norm {{ label }} }} }} }} }} }}",
        Json::from(measure)
    );
    let told = server.ask(&asked)["measure"].clone();
    let targets = told["targetAttainments"].as_array().unwrap();
    let path = format!("/measures/{}?day={day}", encoded(measure));
    let html = page(server, &path, "en").text();
    let shown = rows(&html, "targets");
    assert_eq!(shown.len(), targets.len(), "{path}");
    for (row, target) in shown.iter().zip(targets) {
        let word = match (target["inForce"].as_bool(), target["judgement"].as_str()) {
            (Some(false), _) => "set anew",
            (_, None) => "no result yet",
            (_, Some("NOT_YET")) => "not due yet",
            (_, Some("MET")) => "✓ met",
            (_, Some("NEARLY_MET")) => "nearly met",
            (_, Some("PARTLY_MET")) => "partly met",
            (_, Some(_)) => "✗ missed",
        };
        let label = target["target"]["of"]["label"].as_str().unwrap();
        let value = format!("<data value=\"{}\">", target["target"]["figure"]["value"].as_str().unwrap());
        assert!(row.contains(word) && row.contains(label) && row.contains(&value), "{path}: {target} is told as {row}");
        for figure in links(&path, row).into_iter().filter(|link| link.is_figure) {
            let source = plain(&page(server, &figure.to, "en").text());
            let heading = source.split("<h1>").nth(1).unwrap().split("</h1>").next().unwrap();
            assert!(heading.contains(label), "{}: {heading}", figure.to);
        }
    }
    // The goal has them too, each with its measure.
    let goal = format!("/goals/{}?day={day}", encoded(told["operationalGoalKey"].as_str().unwrap()));
    let below = rows(&page(server, &goal, "en").text(), "targets");
    for target in targets {
        let label = target["target"]["of"]["label"].as_str().unwrap();
        assert!(below.iter().any(|row| row.contains(label) && row.contains(&encoded(measure))), "{goal}: {label}");
    }
}

fn rounds_are_told(server: &Server) {
    let day = "2023-10-20";
    let asked = format!(
        "{{ rounds(first: 10) {{ nodes {{ key label editionKey reporting(on: \"{day}\") {{ expected delivered late }} }} }} }}"
    );
    let rounds = server.ask(&asked)["rounds"]["nodes"].clone();
    let told: Vec<[u64; 3]> = rounds
        .as_array()
        .unwrap()
        .iter()
        .map(|round| ["expected", "delivered", "late"].map(|name| round["reporting"][name].as_u64().unwrap()))
        .collect();
    assert_eq!(told, [[10, 10, 0], [10, 10, 1], [10, 8, 2], [10, 0, 0]], "the fourth is still ahead");
    let closed = rounds.as_array().unwrap().iter().filter(|round| round["editionKey"].is_string()).count();
    assert_eq!(closed, 2);
    let path = format!("/round?plan=dwse-2023&round=dwse-2023%2Fq2&day={day}");
    let html = page(server, &path, "en").text();
    let figures = rows(&html, "figures");
    assert_eq!(figures.iter().filter(|row| row.contains("! late")).count(), 1, "{figures:?}");
    assert_eq!(rows(&html, "reports").len(), 4);
    assert!(!html.contains("This can be said of a round when"), "the round before is closed: what moved is told");
}
